"""Questions being answered: in threads of the server, whether or not anybody still looks on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from agent.plan import Turn
from agent.principal import Principal
from agent.watch import Step, Watch
from store.errors import UserError
from store.state import Key, answered_before

WORKERS = 4  # questions answered at a time
WAITING = 60  # more of them, waiting
LOOKS = 0.05  # seconds between two looks at a running question


@dataclass(frozen=True)
class Asked:
    """One message: who asks which store, in which conversation.

    `turns` gives what was said before, where the conversation's own record doesn't; under a `key` the message is
    answered once, however often it comes.
    """

    principal: Principal
    thread: str
    text: str
    turns: Callable[[], Sequence[Turn]] | None = None
    key: Key | None = None
    door: str = "web"


Answerer = Callable[[Asked, Watch], dict[str, Any]]  # → answer object


class Busy(UserError):
    """The conversation is busy with another question."""


class Full(UserError):
    """The server is busy with too many questions."""


class OtherMessage(UserError):
    """The key was used for another message."""


@dataclass
class Running:
    """One question on its way; `answer` is there once it is done."""

    store: str
    thread: str
    question: str
    key: Key | None = None
    started: float = field(default_factory=time.monotonic)
    steps: dict[int, Step] = field(default_factory=dict)
    answer: dict[str, Any] | None = None
    changes: int = 0
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = Watch(self._on_step)

    def _on_step(self, step: Step) -> None:
        self.steps[step.id] = step
        self.changes += 1

    def stop(self) -> None:
        self.watch.stop()
        self.changes += 1

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked."""
        return time.monotonic() - self.started

    async def follow(self) -> AsyncIterator[Running]:
        """Itself at once, after each change, and once it is done. Anybody may follow."""
        seen = -1
        while True:
            done = self.answer is not None
            if done or self.changes != seen:
                seen = self.changes
                yield self
            if done:
                return
            await asyncio.sleep(LOOKS)


Place = tuple[str, str]  # a store, and what the conversation is kept as in it


class Desk:
    """Takes questions, one at a time a conversation; the answers are written down by ask() itself."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._lock = threading.Lock()
        self._running: dict[Place, Running] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answer")

    def __len__(self) -> int:
        return len(self._running)

    def running(self, principal: Principal, thread: str) -> Running | None:
        return self._running.get(_place(principal, thread))

    def put(self, asked: Asked) -> Running:
        """The question on its way, or answered already under its key. Raises Busy, Full, OtherMessage."""
        place = _place(asked.principal, asked.thread)
        with self._lock:
            if asked.key and (known := self._known(asked, asked.key)):
                return known
            if present := self._running.get(place):
                raise Busy(_busy_with(present))
            if len(self._running) >= WORKERS + WAITING:
                raise Full("Storewise is busy with other questions. Nothing was asked: try again in a moment.")
            running = Running(asked.principal.store, asked.thread, asked.text, asked.key)
            self._running[place] = running
        self._pool.submit(self._work, place, asked, running)
        return running

    def _known(self, asked: Asked, key: Key) -> Running | None:
        """What was asked under the key before: it is on its way, or answered and written down."""
        for running in self._running.values():
            if running.key and running.key.name == key.name and running.store == asked.principal.store:
                _check_same(running.key.mark, key)
                return running
        path = asked.principal.home.store(asked.principal.store) / "state.sqlite"
        before = answered_before(path, key.name)
        if before is None:
            return None
        _check_same(before[0], key)
        return Running(asked.principal.store, asked.thread, asked.text, key, answer=before[1].answer)

    def _work(self, place: Place, asked: Asked, running: Running) -> None:
        try:
            answer = self._answerer(asked, running.watch)
        finally:
            with self._lock:  # gone before its answer is seen, so that the next question finds the place free
                del self._running[place]
        running.answer = answer
        running.changes += 1

    def stop_all(self) -> None:
        """For the end of the server: nothing new is begun. What is answered once under a key is finished, as whoever
        asks again under it would be told for ever that it was stopped."""
        for running in list(self._running.values()):
            if running.key is None:
                running.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _place(principal: Principal, thread: str) -> Place:
    return principal.store, principal.kept_as(thread)


def _check_same(mark: str, key: Key) -> None:
    if mark != key.mark:
        raise OtherMessage("This idempotency key was used for another message: every message needs a key of its own.")


def _busy_with(running: Running) -> str:
    if running.watch.stopped:
        return "The question before is just being stopped: try again in a moment."
    return f"“{running.question}” is still being answered in this conversation. Wait for it, or stop it."
