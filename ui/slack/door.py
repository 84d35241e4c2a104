"""The door for Slack: what comes in is verified, written down and acknowledged; the worker does the rest."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agent.examples import example_questions
from store import inbox
from store.connect import open_store
from store.errors import UserError
from store.inbox import Letter
from store.paths import Home
from store.teams import teams
from ui.commands.common import say as log
from ui.desk import Desk
from ui.slack.answers import Answers
from ui.slack.digest import Digests
from ui.slack.events import ASK, RECEIPT, Change, of_command, of_event, of_press
from ui.slack.faults import Later, NoEntry, told_by
from ui.slack.keys import Keys
from ui.slack.pages import Pages
from ui.slack.post import Post
from ui.slack.words import lang_of, say
from ui.slack.worker import Worker

COMMAND = "/storewise"
SIGNATURE, STAMP = "x-slack-signature", "x-slack-request-timestamp"
SECONDS = 10  # that a call of Slack's API may take


@dataclass(frozen=True)
class Bot:
    """Who we are in Slack."""

    user: str
    id: str
    team: str


class SlackDoor:
    """`closed` is told why, once Slack no longer takes the token. Call `start`, then `connect` or `http`."""

    def __init__(self, home: Home, keys: Keys, desk: Desk, closed: Callable[[str], None] = log) -> None:
        from slack_sdk import WebClient

        self._home, self._keys = home, keys
        # no retries of the client's own: what it would send again may have arrived
        quiet = logging.getLogger("storewise.slack.web")  # what goes wrong is told by whoever asked for it
        quiet.setLevel(logging.CRITICAL)
        self._client = WebClient(keys.bot, base_url=keys.url, timeout=SECONDS, retry_handlers=[], logger=quiet)
        self._stop = threading.Event()
        self.bot = self._who_we_are()
        post = Post(self._client, home.inbox, self.bot.user)
        self._answers, pages = Answers(home, desk, post, self._stop), Pages(home, post)
        hands = {
            "ask": self._answers.ask, "receipt": self._answers.receipt,
            "home": pages.publish, "prompts": pages.prompt, "digest": pages.digest,
        }  # fmt: skip
        self.worker = Worker(home, hands, closed)
        self.digests = Digests(home, self.worker.wake)
        self._app = self._listening()
        self._socket: Any = None
        self._unsigned = False

    def start(self) -> None:
        """Goes on with what was cut off. One process at a time: whoever starts it holds the home's Slack lock."""
        self.worker.start()
        self.digests.start()
        threading.Thread(target=self._warm, name="slack-warm").start()

    def connect(self) -> None:
        """Socket Mode. UserError where Slack refuses the app's token; waits while it can't be reached."""
        from slack_bolt.adapter.socket_mode import SocketModeHandler

        self._socket = SocketModeHandler(self._app, self._keys.app, web_client=self._client)
        self._reached(self._socket.connect, "SLACK_APP_TOKEN")

    def stop(self) -> None:
        self._stop.set()
        self.worker.stop()
        self.digests.stop()
        if self._socket:
            self._socket.close()

    def http(self, body: str, headers: dict[str, str]) -> Any:
        """Bolt's response to a request: 401 where it isn't signed, is too old, or was taken before."""
        from slack_bolt import BoltRequest, BoltResponse

        sign, stamp = headers.get(SIGNATURE, ""), headers.get(STAMP, "")
        if not (stamp.isascii() and stamp.isdecimal()) or inbox.seen_before(self._home.inbox, sign):
            return BoltResponse(status=401, body={"error": "invalid request"})
        done = self._app.dispatch(BoltRequest(body=body, headers={**headers}))
        if done.status == 200:
            inbox.see(self._home.inbox, sign)
        elif done.status == 401 and not self._unsigned:
            self._unsigned = True
            log("A request for Slack's address isn't signed with SLACK_SIGNING_SECRET: it was refused.")
        return done

    def _warm(self) -> None:
        """The planner is loaded before anybody waits for it: the first question to begin with is tried by it."""
        for team in teams(self._home):
            if self._stop.is_set():
                return
            try:
                example_questions(open_store(self._home, team.store), 1)
            except UserError as error:
                log(f"The store of {team.id} can't be asked: {error}")

    # What Slack sends

    def _listening(self) -> Any:
        from slack_bolt import App

        logger = logging.getLogger("storewise.slack")
        logger.setLevel(logging.ERROR)
        app: Any = App(
            name="storewise",
            logger=logger,
            client=self._client,
            authorize=lambda enterprise_id, team_id: self._authorised(enterprise_id, team_id),  # bolt goes by the names
            signing_secret=self._keys.secret or "none: requests over HTTP are not taken",
            process_before_response=True,  # written down first, then acknowledged
        )
        app.command(COMMAND)(self._on_command)
        app.action(re.compile(f"^({ASK}|{RECEIPT})"))(self._on_press)
        app.event(re.compile(".*"))(self._on_event)
        return app

    def _authorised(self, enterprise_id: str | None, team_id: str | None) -> Any:
        """We are in one workspace, with one token; whose store a team may ask is decided when the letter is read."""
        from slack_bolt.authorization import AuthorizeResult

        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_user_id=self.bot.user, bot_id=self.bot.id,
            bot_token=self._keys.bot,
        )  # fmt: skip

    def _on_event(self, body: dict[str, Any]) -> None:
        found = of_event(body, self.bot.user)
        if isinstance(found, Change):
            if id := inbox.change(self._home.inbox, found.message, found.text):
                self._answers.changed(id)
        elif found:
            self._take(found)

    def _on_command(self, body: dict[str, Any], ack: Callable[..., Any]) -> None:
        letter = of_command(body)
        asked = str(letter.body["text"])
        if asked.casefold() in ("", "help", "帮助"):
            ack(text=say("help", lang_of(asked)))
            return
        self._take(letter)
        ack(text=say("in_dm", lang_of(asked)))

    def _on_press(self, body: dict[str, Any], ack: Callable[..., Any]) -> None:
        self._take(of_press(body))
        ack()

    def _take(self, letter: Letter) -> None:
        """Down it goes, into the conversation that its thread belongs to."""
        path, body = self._home.inbox, letter.body
        if letter.kind == "ask" and "thread" in body:
            known = inbox.place_of(path, f"{body['channel']}:{body['thread']}")
            letter = replace(letter, place=known or letter.place)
        if inbox.put(path, letter):
            self.worker.wake()

    # Who we are

    def _who_we_are(self) -> Bot:
        """UserError where Slack refuses the bot's token."""
        found: dict[str, Any] = {}
        self._reached(lambda: found.update(_data(self._client.auth_test())), "SLACK_BOT_TOKEN")
        return Bot(found["user_id"], found["bot_id"], found["team_id"])

    def _reached(self, call: Callable[[], object], variable: str) -> None:
        """Tries until Slack can be reached. UserError where it says no."""
        tries = 0
        while not self._stop.is_set():
            try:
                call()
                return
            except Exception as error:
                told = told_by(error, tries)
                if isinstance(told, NoEntry):
                    raise UserError(f"{told} Look at {variable}, or install the app again.") from error
                if not isinstance(told, Later):
                    raise UserError(f"Slack refuses to let Storewise in ({told or error}).") from error
                log(f"{told}: trying again in {told.seconds:g} s.")
                tries += 1
                self._stop.wait(told.seconds)


def _data(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = response.data
    return found
