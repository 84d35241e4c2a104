"""Whoever looks on while a question is answered: told of each step, and free to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.contract import StorewiseError


class Stopped(StorewiseError):
    """The one who asked has stopped the turn."""


@dataclass(frozen=True)
class Step:
    """One tool call, as it begins and again as it ends. `id` counts from 1 within the turn, `said` is for people."""

    id: int
    tool: str
    said: str
    args: dict[str, Any] = field(default_factory=dict)
    status: Literal["running", "done", "failed"] = "running"
    ms: int = 0
    sql: str | None = None
    error: str | None = None


class Watch:
    """`on_step` is called from the thread that answers, when a step begins and when it ends."""

    def __init__(self, on_step: Callable[[Step], None] = lambda step: None) -> None:
        self.on_step = on_step
        self._stopped = threading.Event()

    def stop(self) -> None:
        """May be called from any thread; the turn ends before its next step."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def check(self) -> None:
        """Raises Stopped once the turn was stopped."""
        if self.stopped:
            raise Stopped("Stopped.")
