"""The tool calls of one turn: each told to whoever watches, timed, and its result kept as the next receipt."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from agent import toolbox
from agent.proof.claims import Receipt
from agent.watch import Step, Watch
from tools.contract import StorewiseError

if TYPE_CHECKING:
    from store.connect import Store


@dataclass
class Work:
    """`steps` are the answer's (answer.md), `receipts` those of the calls that went well, r1 first."""

    store: Store
    today: date
    watch: Watch = field(default_factory=Watch)
    receipts: list[Receipt] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def call(self, tool: str, args: dict[str, Any]) -> Receipt:
        """Raises Stopped, and whatever the tool raises."""
        self.watch.check()
        step = Step(len(self.steps) + 1, tool, toolbox.said(tool), args)
        entry: dict[str, Any] = {"tool": tool, "ms": 0, "ok": False}
        self.steps.append(entry)
        self.watch.on_step(step)
        started = time.perf_counter()
        try:
            result = toolbox.call(self.store, tool, args, self.today)
        except StorewiseError as e:
            entry["ms"] = _ms_since(started)
            self.watch.on_step(replace(step, status="failed", ms=entry["ms"], error=str(e)))
            raise
        entry.update(ms=_ms_since(started), ok=True)
        self.receipts.append(Receipt(f"r{len(self.receipts) + 1}", result))
        self.watch.on_step(replace(step, status="done", ms=entry["ms"], sql=result.sql))
        return self.receipts[-1]


def _ms_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
