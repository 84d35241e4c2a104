"""The bot in a local Slack: over the socket, on a copy of a home whose team has a store."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.settings import Settings
from store import inbox
from store.paths import Home
from store.teams import add_team
from tests.servers.slack import APP_TOKEN, BOT_TOKEN, SECRET, TEAM, Slack
from tests.servers.slack_socket import Socket, direct, mention, press
from ui.answering import answerer
from ui.desk import Answerer, Desk
from ui.slack.door import SlackDoor
from ui.slack.keys import Keys

PATIENCE = 120.0  # seconds, for a machine that is busy with other things
CHANNEL, ANN, BOB, DM = "C0001", "U0ANN", "U0BOB", "DU0ANN"


@dataclass
class Here:
    """A home, the Slack that it talks to, and the door between them."""

    home: Home
    slack: Slack
    socket: Socket
    door: SlackDoor
    closed: list[str] = field(default_factory=list)

    def mention(self, text: str, thread: str | None = None, channel: str = CHANNEL, user: str = ANN) -> str:
        """Somebody mentions the bot; the ts of the message. Acknowledged when this returns."""
        ts = self.slack.say(channel, user, f"<@U0BOT> {text}", thread)
        self.socket.acked(self.socket.deliver("events_api", mention(channel, user, text, ts, thread)))
        return ts

    def direct(self, text: str, thread: str | None = None) -> str:
        ts = self.slack.say(DM, ANN, text, thread)
        self.socket.acked(self.socket.deliver("events_api", direct(DM, ANN, text, ts, thread)))
        return ts

    def press(self, channel: str, message: dict[str, Any], label: str, user: str = ANN) -> None:
        found = next(b for b in buttons(message) if b["text"]["text"] == label)
        self.socket.acked(self.socket.deliver("interactive", press(channel, user, message, found)))

    def idle(self, seconds: float = PATIENCE) -> None:
        """Until all that came is done."""
        until(lambda: inbox.waiting(self.home.inbox) == 0, seconds)

    def answered(self, ts: str, channel: str = CHANNEL) -> dict[str, Any]:
        """The one message that answers in that thread, once all is done."""
        self.idle()
        found = [m for m in self.slack.answers(channel) if m.get("thread_ts") == ts]
        assert len(found) == 1, [shown(m) for m in found]
        return found[0]


def until(happens: Callable[[], Any], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def copied(home: Home, folder: Path, team: bool = True) -> Home:
    """The home without what others asked of it; `team`: with a team that asks its first store."""
    shutil.copytree(home.root, folder, ignore=shutil.ignore_patterns("state.sqlite*"))
    copy = Home(folder)
    if team:
        add_team(copy, TEAM, home.names()[0], "analyst")
    return copy


def keys(slack: Slack) -> Keys:
    return Keys(BOT_TOKEN, APP_TOKEN, SECRET, slack.url)


@contextmanager
def running(
    home: Home, slack: Slack, answering: Answerer | None = None, closed: list[str] | None = None
) -> Iterator[SlackDoor]:
    """The door, without anything that it is connected to."""
    desk = Desk(answering or answerer(home, Settings()))
    door = SlackDoor(home, keys(slack), desk, (closed if closed is not None else []).append)
    door.start()
    try:
        yield door
    finally:
        door.stop()
        desk.stop_all()


@contextmanager
def connected(home: Home, answering: Answerer | None = None) -> Iterator[Here]:
    closed: list[str] = []
    with Slack() as slack, Socket(slack) as socket, running(home, slack, answering, closed) as door:
        door.connect()
        until(lambda: socket.connected)
        yield Here(home, slack, socket, door, closed)
        assert slack.refused == []


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for block in message.get("blocks", []) if block["type"] == "actions" for e in block["elements"]]


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"]["text"] for b in buttons(message)]


def shown(message: dict[str, Any]) -> str:
    """All that a message shows, as text."""
    return json.dumps([message.get("blocks"), message.get("text")], ensure_ascii=False)
