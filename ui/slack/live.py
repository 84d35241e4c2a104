"""The steps of a question on its way, streamed into its thread. They adorn: where they can't be shown, the answer comes
all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.watch import Step
from store import inbox
from store.inbox import Letter
from ui.slack.faults import code_of, told_by
from ui.slack.post import Post, Room

STATUS = {"running": "in_progress", "done": "complete", "failed": "error"}


class Live:
    """`show` sends what is new of the steps; the first of them begins the stream."""

    def __init__(self, post: Post, letter: Letter, room: Room) -> None:
        self._post, self._letter, self._room = post, letter, room
        self._told: dict[int, Step] = {}
        self._stream: str | None = letter.marks.get("stream")
        self._over = "answer?" in letter.marks or "stream?" in letter.marks  # cut off before: only the answer is left

    def show(self, steps: Mapping[int, Step]) -> None:
        new = [step for step in list(steps.values()) if self._told.get(step.id) != step]
        if not new or self._over:
            return
        self._told |= {step.id: step for step in new}
        try:
            self._send([_chunk(step) for step in new])
        except Exception as error:
            if told_by(error) is None:
                raise
            self._over = True
            if self._stream is None and code_of(error):  # Slack has said no: there is no stream to be looked for
                inbox.mark(self._post.path, self._letter.id, **{"stream?": None})

    def _send(self, chunks: list[dict[str, Any]]) -> None:
        client, room = self._post.client, self._room
        if self._stream:
            client.chat_appendStream(channel=room.channel, ts=self._stream, chunks=chunks)
            return
        inbox.begin(self._post.path, self._letter.id, "stream")
        body = self._letter.body
        begun = client.chat_startStream(
            channel=room.channel, thread_ts=room.thread, chunks=chunks, task_display_mode="timeline",
            recipient_team_id=body["from"], recipient_user_id=body["user"],
        )  # fmt: skip
        self._stream = str(begun["ts"])
        inbox.mark(self._post.path, self._letter.id, stream=self._stream)


def _chunk(step: Step) -> dict[str, Any]:
    return {"type": "task_update", "id": str(step.id), "title": step.said, "status": STATUS[step.status]}
