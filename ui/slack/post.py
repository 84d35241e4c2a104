"""Messages that are posted once, whatever happens between posting and writing down that it was done.

Every message carries the letter and the part of it that it is. Whatever may have been sent before (a mark says so) is
looked for in its thread first: a process killed in between, and an answer of Slack's that got lost, end in one message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.links import unlinked
from store import inbox
from store.inbox import Letter
from ui.commands.common import say
from ui.slack.blocks import Message
from ui.slack.faults import OF_STREAM, Unformed, code_of, told_by

EVENT = "storewise"  # what our messages are marked with
EARLIER = 600.0  # seconds that Slack's clock may be behind ours
Found = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """A channel, and the thread in it; None for a message of its own."""

    channel: str
    thread: str | None = None


@dataclass(frozen=True)
class Post:
    """Posts for one bot (`user` is its own), with what was done kept in the inbox at `path`."""

    client: Any
    path: Path
    user: str

    def once(self, letter: Letter, part: str, room: Room, message: Message) -> str:
        """The ts of the message, posted now or before. A stream that was begun becomes the message of part "answer"."""
        marks = inbox.read(self.path, letter.id).marks
        if part in marks:
            return str(marks[part])
        stream = marks.get("stream") if part == "answer" else None
        lost = part == "answer" and "stream?" in marks and not stream  # begun, and nobody knows where
        if f"{part}?" in marks or lost:
            before, loose = self._look(letter, part, room)
            if before:
                return self._keep(letter, part, before)
            stream = stream or (loose if part == "answer" else None)
        inbox.begin(self.path, letter.id, part)
        about = {"event_type": EVENT, "event_payload": {"letter": letter.id, "part": part}}
        try:
            ts = self._send(room, message, about, stream)
        except Exception as error:
            if not isinstance(told_by(error), Unformed) or not message.blocks:
                raise
            ts = self._send(room, message.bare, about, stream)
        return self._keep(letter, part, ts)

    def file(self, letter: Letter, part: str, room: Room, data: bytes, alt: str, title: str) -> None:
        """A PNG into the thread, once."""
        marks = inbox.read(self.path, letter.id).marks
        if part in marks:
            return
        name = f"{file_mark(letter)}-{part}.png"
        if f"{part}?" in marks and any(
            file.get("name") == name for m in self._seen(letter, room) for file in m.get("files", [])
        ):
            self._keep(letter, part, name)
            return
        inbox.begin(self.path, letter.id, part)
        self.client.files_upload_v2(
            channel=room.channel, thread_ts=room.thread, content=data, filename=name, title=title, alt_txt=alt
        )
        self._keep(letter, part, name)

    def _keep(self, letter: Letter, part: str, ts: str) -> str:
        inbox.mark(self.path, letter.id, **{part: ts})
        return ts

    def _send(self, room: Room, message: Message, about: Found, stream: str | None) -> str:
        blocks = list(message.blocks)
        if stream and self._end(room, message, about, stream):
            return stream
        done = self.client.chat_postMessage(
            channel=room.channel, thread_ts=room.thread, text=message.text, blocks=blocks or None, metadata=about,
            unfurl_links=False, unfurl_media=False,
        )  # fmt: skip
        return str(done["ts"])

    def _end(self, room: Room, message: Message, about: Found, stream: str) -> bool:
        """Whether the stream's own message could be made the answer: one that has expired is written over."""
        from slack_sdk.errors import SlackApiError

        blocks = list(message.blocks)
        said = {"blocks": blocks} if blocks else {"chunks": [{"type": "markdown_text", "text": unlinked(message.text)}]}
        try:
            self.client.chat_stopStream(channel=room.channel, ts=stream, metadata=about, **said)
            return True
        except SlackApiError as error:
            if code_of(error) not in OF_STREAM:
                raise
        try:
            self.client.chat_update(
                channel=room.channel, ts=stream, text=message.text, blocks=blocks or None, metadata=about
            )
            return True
        except SlackApiError as error:
            if code_of(error) not in OF_STREAM | {"cant_update_message", "edit_window_closed"}:
                raise
        return False

    def _look(self, letter: Letter, part: str, room: Room) -> tuple[str | None, str | None]:
        """The ts of what was posted before, and of a stream of ours that nobody has finished."""
        loose = None
        for message in self._seen(letter, room):
            about = message.get("metadata") or {}
            if about.get("event_payload") == {"letter": letter.id, "part": part}:
                return str(message["ts"]), None
            if not about and not message.get("files"):
                loose = str(message["ts"])
        return None, loose

    def _seen(self, letter: Letter, room: Room) -> list[Found]:
        """What the bot has said there since the letter came. Nothing where it wasn't given the right to read there."""
        from slack_sdk.errors import SlackApiError

        try:
            return list(self._said(letter, room))
        except SlackApiError as error:
            if code_of(error) != "missing_scope":
                raise
            say("Slack doesn't let the app read its own threads: add the scopes of ./storewise slack manifest.")
            return []

    def _said(self, letter: Letter, room: Room) -> Iterator[Found]:
        asked = {"channel": room.channel, "oldest": f"{letter.came_at - EARLIER:.6f}", "limit": 200, "inclusive": True}
        asked |= {"include_all_metadata": True} | ({"ts": room.thread} if room.thread else {})
        read = self.client.conversations_replies if room.thread else self.client.conversations_history
        cursor = ""
        while True:
            page = read(**asked, **({"cursor": cursor} if cursor else {}))
            yield from (m for m in page["messages"] if m.get("user") == self.user)
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return


def file_mark(letter: Letter) -> str:
    """A name for the letter's files that no other letter's have."""
    return f"storewise-{hashlib.sha256(letter.id.encode()).hexdigest()[:12]}"
