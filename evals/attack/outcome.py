"""What became of a statement, whoever ran it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evals.attack.ground import Target
from tools.sql.worker import LIMITS, QueryFailed, Source, run

VERDICTS = ("pass", "refused", "killed", "error")
BY_PHASE = {"guard": "refused", "query": "error", "bug": "error"}  # all others: ended by a limit
SHOWN = 50  # rows
SEARCHED = 1_100_000  # characters


@dataclass(frozen=True)
class Outcome:
    """`verdict`: pass, refused (by the guard), killed (ended by a limit, soft or hard) or error (the database said no).

    `ms` is the time that the caller waited, `mb` the most that the process held, `most` the number of rows after which
    they were cut, if not by the statement itself. `crashed`: it broke what ran it, which may raise QueryFailed alone.
    """

    verdict: str
    reason: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    ms: int = 0
    mb: float = 0.0
    layer: str | None = None
    sql: str | None = None
    most: int | None = None
    crashed: bool = False

    @cached_property
    def text(self) -> str:
        """All that came out."""
        return "\n".join([self.reason, *self.columns, *(as_text(row) for row in self.rows)])

    @cached_property
    def bytes(self) -> int:
        return len(self.text.encode())

    @property
    def start(self) -> str:
        """As much of the text as is searched: more is harm anyway."""
        return self.text[:SEARCHED]

    def fields(self) -> dict[str, Any]:
        """For a line of results."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "columns": self.columns,
            "rows": json.loads(as_text(self.rows[:SHOWN])),
            "ms": self.ms,
            "mb": round(self.mb, 1),
        }


Run = Callable[[Target, str], Outcome]


def as_text(value: Any) -> str:
    """JSON; what JSON doesn't have is written as text."""
    return json.dumps(_plain(value), ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    """Without the floats that JSON hasn't, and with texts for keys."""
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value


def guarded(target: Target, sql: str) -> Outcome:
    """The statement as the product runs it: through the guard, in a worker that is there already."""
    source = Source(target.path, target.shape, f"attack {target.name}")
    run(source, "SELECT 1")
    started = time.perf_counter()
    try:
        found = run(source, sql)
    except QueryFailed as failed:
        ms, verdict = _ms_since(started), BY_PHASE.get(failed.phase, "killed")
        broken = failed.phase == "bug"
        return Outcome(verdict, str(failed), ms=ms, mb=failed.peak_mb, layer=failed.layer, crashed=broken)
    except Exception as error:  # this is what an attack is after: it is judged, not raised
        return Outcome("error", f"{type(error).__name__}: {error}", ms=_ms_since(started), crashed=True)
    ms, most = _ms_since(started), LIMITS.rows if found.limited else None
    return Outcome("pass", "", found.columns, found.rows, ms, found.peak_mb, sql=found.sql, most=most)


def _ms_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
