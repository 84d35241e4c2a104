"""A question's way: to the desk, its steps into the thread while it is worked on, then one answer, and its charts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.principal import Principal
from store import inbox
from store.inbox import Letter
from store.paths import Home
from store.state import Key, all_turns
from ui.desk import LOOKS, Asked, Busy, Desk, Full, Running
from ui.people import people_of
from ui.pictures.alt import alt_text
from ui.pictures.draw import png
from ui.pictures.points import title_of
from ui.slack.askers import Refused, principal_of
from ui.slack.blocks import Message, line, message, text
from ui.slack.faults import Later, NoEntry, told_by
from ui.slack.live import Live
from ui.slack.post import Post, Room
from ui.slack.render import answer_message, receipt_message
from ui.slack.words import lang_of, say
from ui.web.words import language_of

TITLE, ROOT = 60, 1_000  # characters: of a conversation's title, of the question that begins it
DIRECT = "D"  # what the ids of direct messages begin with


@dataclass
class Answers:
    """`running` are the questions on their way, by their letter. Once `ending` is set nobody waits for them."""

    home: Home
    desk: Desk
    post: Post
    ending: threading.Event
    running: dict[str, Running] = field(default_factory=dict)

    def ask(self, letter: Letter) -> None:
        """Until the text that was answered is the one that stands there: it may be edited meanwhile, or deleted."""
        room, letter = self._room(letter)
        while not letter.deleted:
            asked = letter.body["text"]
            found, answer = self._found(letter, room)
            letter = inbox.read(self.home.inbox, letter.id)
            if not letter.deleted and letter.body["text"] == asked:
                self.post.once(letter, "answer", room, found)
                self._charts(letter, room, answer)
                return
            inbox.mark(self.home.inbox, letter.id, edits=letter.marks.get("edits", 0) + 1)
            letter = inbox.read(self.home.inbox, letter.id)
        self._withdraw(letter, room)

    def changed(self, id: str) -> None:
        """The question was edited or deleted: what is being worked on is of no use any more."""
        if running := self.running.get(id):
            running.stop()

    def _room(self, letter: Letter) -> tuple[Room, Letter]:
        """Where to answer; a command's answer has a thread in the direct messages, begun with the question."""
        body = letter.body
        if "channel" in body:
            return Room(body["channel"], body["thread"]), letter
        channel = str(self.post.client.conversations_open(users=body["user"])["channel"]["id"])
        said = message(
            [line({"type": "user", "user_id": body["user"]}, text(f": {body['text'][:ROOT]}"))], body["text"]
        )
        root = self.post.once(letter, "root", Room(channel), said)
        inbox.name(self.home.inbox, letter.id, f"{channel}:{root}")
        return Room(channel, root), inbox.read(self.home.inbox, letter.id)

    def _found(self, letter: Letter, room: Room) -> tuple[Message, Mapping[str, Any] | None]:
        """What to say, and the answer object where there is one."""
        try:
            principal = principal_of(self.home, letter)
        except Refused as refused:
            return plain(str(refused)), None
        answer = self._answered(letter, principal, room)
        by = str(letter.body["user"]) if letter.body.get("quote") and "channel" in letter.body else ""
        people = people_of(principal, answer) if room.channel.startswith(DIRECT) else []
        return answer_message(answer, asked_by=by, asked=letter.body["text"], people=people), answer

    def _answered(self, letter: Letter, principal: Principal, room: Room) -> Mapping[str, Any]:
        asked = letter.body["text"]
        if room.channel.startswith(DIRECT) and "answer" not in letter.marks:
            self._status(room, asked)
        key = Key(f"slack:{letter.id}:{letter.marks.get('edits', 0)}:{asked}", asked)
        live = Live(self.post, letter, room)
        try:
            running = self.desk.put(Asked(principal, letter.place, asked, key=key, door="slack"))
        except (Busy, Full) as error:
            raise Later(str(error), 1.0) from error
        self.running[letter.id] = running
        try:
            if inbox.read(self.home.inbox, letter.id).body["text"] != asked:
                running.stop()  # edited before anybody could be told of it
            while running.answer is None:
                if self.ending.is_set():
                    raise Later("Storewise is ending", 0.0)
                live.show(running.steps)
                time.sleep(LOOKS)
            live.show(running.steps)
        finally:
            self.running.pop(letter.id, None)
        return running.answer

    def _status(self, room: Room, asked: str) -> None:
        """In the assistant's pane: that it is at work, and what the conversation is about."""
        client, lang = self.post.client, lang_of(asked)
        with adorning():
            client.assistant_threads_setStatus(
                channel_id=room.channel, thread_ts=room.thread, status=say("working", lang)
            )
            client.assistant_threads_setTitle(
                channel_id=room.channel, thread_ts=room.thread, title=asked[:TITLE] or "…"
            )

    def _charts(self, letter: Letter, room: Room, answer: Mapping[str, Any] | None) -> None:
        """Into the question's own thread, nowhere else. What Slack doesn't take stays away: the table says the same."""
        for i, chart in enumerate(answer["charts"] if answer else ()):
            drawn = png(chart)
            if drawn and answer:
                alt = alt_text(chart, language_of(answer))
                with adorning(passes=(Later, NoEntry)):
                    self.post.file(letter, f"chart{i}", room, drawn, alt, title_of(chart["spec"]) or "Chart")

    def _withdraw(self, letter: Letter, room: Room) -> None:
        """The question is gone: steps that were shown for it go too."""
        stream = inbox.read(self.home.inbox, letter.id).marks.get("stream")
        if stream:
            with adorning():
                self.post.client.chat_stopStream(channel=room.channel, ts=stream)
            with adorning():
                self.post.client.chat_delete(channel=room.channel, ts=stream)

    def receipt(self, letter: Letter) -> None:
        """The receipts of a turn of the conversation in whose thread the button was pressed."""
        body = letter.body
        room, lang = Room(body["channel"], body["thread"]), "en"
        try:
            found = self._turn(letter, principal_of(self.home, letter))
            messages = [plain(say("no_receipt", lang))]
            if found:
                lang = language_of(found)
                messages = [receipt_message(receipt, lang) for receipt in found["receipts"]]
        except Refused as refused:
            messages = [plain(str(refused))]
        for i, said in enumerate(messages):
            self.post.once(letter, f"receipt{i}", room, said)

    def _turn(self, letter: Letter, principal: Principal) -> Mapping[str, Any] | None:
        place = inbox.place_of(self.home.inbox, f"{letter.body['channel']}:{letter.body['thread']}")
        thread = principal.kept_as(place or f"{letter.body['channel']}:{letter.body['thread']}")
        turns = all_turns(self.home.store(principal.store) / "state.sqlite", thread)
        return next((turn.answer for turn in turns if turn.turn == letter.body.get("turn")), None)


def plain(said: str) -> Message:
    return message([line(text(said))], said)


@contextmanager
def adorning(*, passes: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """What is no answer may be refused by Slack, or come to nothing while it is down; `passes` are not to be lost."""
    try:
        yield
    except Exception as error:
        told = told_by(error)
        if told is None or isinstance(told, passes):
            raise
