"""Questions being answered: in threads of the server, whether or not a page still looks on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from agent.watch import Step, Watch
from store.errors import UserError

WORKERS = 4  # questions answered at a time
WAITING = 12  # more of them, waiting
LOOKS = 0.08  # seconds between two looks at a running question

Answerer = Callable[[str, str, str, Watch], dict[str, Any]]  # store, thread, text, watch → answer object


@dataclass
class Running:
    """One question on its way; `answer` is there once it is done."""

    store: str
    thread: str
    question: str
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
        """Itself at once, after each change, and once it is done. Any number of pages may follow."""
        seen = -1
        while True:
            done = self.answer is not None
            if done or self.changes != seen:
                seen = self.changes
                yield self
            if done:
                return
            await asyncio.sleep(LOOKS)


class Desk:
    """Takes questions, one at a time a conversation; the answers are written down by ask() itself."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Running] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answer")

    def running(self, store: str, thread: str) -> Running | None:
        return self._running.get((store, thread))

    def put(self, store: str, thread: str, question: str) -> Running:
        """UserError: the conversation is busy with another question, or the server with too many."""
        with self._lock:
            present = self._running.get((store, thread))
            if present:
                raise UserError(_busy_with(present))
            if len(self._running) >= WORKERS + WAITING:
                raise UserError("Storewise is busy with other questions. Nothing was asked: try again in a moment.")
            running = Running(store, thread, question)
            self._running[store, thread] = running
        self._pool.submit(self._work, running)
        return running

    def _work(self, running: Running) -> None:
        try:
            answer = self._answerer(running.store, running.thread, running.question, running.watch)
        finally:
            with self._lock:  # gone before its answer is seen, so that the next question finds the place free
                del self._running[running.store, running.thread]
        running.answer = answer
        running.changes += 1

    def stop_all(self) -> None:
        """For the end of the server: nothing new is begun."""
        for running in list(self._running.values()):
            running.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _busy_with(running: Running) -> str:
    if running.watch.stopped:
        return "The question before is just being stopped: try again in a moment."
    return f"“{running.question}” is still being answered in this conversation. Wait for it, or stop it."
