"""The walls at run time, each by itself: the locked-down connection, and the bounds of a process."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from evals.attack.ground import Ground
from evals.attack.judge import Trial, harm
from evals.attack.outcome import Outcome, as_text
from evals.attack.statements import Attack
from evals.attack.throwaway import SECONDS, Ended, call
from tools.sql.child import bound, config_of, error_text
from tools.sql.worker import LIMITS, stop

PHASES = {"InterruptException": "killed", "MemoryError": "killed", "OutOfMemoryException": "killed", "_Cut": "killed"}
MOST_TEXT = 20_000_000  # characters that come back from a statement that nothing bounds


@dataclass(frozen=True)
class Wall:
    """`locked`: the connection is read-only and locked down; `bounded`: the process has the worker's bounds."""

    locked: bool
    bounded: bool


WALLS: Mapping[str, Wall] = {
    "none": Wall(False, False),
    "connection": Wall(True, False),
    "process": Wall(False, True),
    "both": Wall(True, True),
}


class _Cut(Exception):
    """More rows or bytes than a result may have."""


def harm_behind(ground: Ground, attack: Attack, sql: str, wall: str) -> str | None:
    """The harm that a text does behind a wall alone, on the file as it is; the playground is put back after it."""
    stands = WALLS[wall]
    stop()  # an idle worker's lock on the file would be one more wall
    before = ground.state()
    seconds = LIMITS.hard if stands.bounded else SECONDS
    outcome = _outcome(call(_run, str(ground.whole.path), sql, stands, cwd=ground.root, seconds=seconds))
    after = ground.state()
    found = harm(ground, Trial(attack, ground.whole, outcome, before, after))
    if before != after:
        ground.restore()
    return found


def _outcome(ended: Ended) -> Outcome:
    if ended.error:
        verdict = PHASES.get(ended.error[0], "error")
        reason = "" if verdict == "killed" else error_text(ended.error[1])  # as the worker does
        return Outcome(verdict, reason, ms=ended.ms, mb=ended.mb)
    if ended.killed:
        return Outcome("killed", ms=ended.ms, mb=ended.mb)
    columns, rows = ended.value
    return Outcome("pass", "", columns, rows, ended.ms, ended.mb)


def _run(path: str, sql: str, wall: Wall) -> tuple[list[str], list[Any]]:
    limits: dict[str, Any] = asdict(LIMITS)
    if wall.bounded:
        bound(limits["memory"])
        signal.setitimer(signal.ITIMER_REAL, limits["hard"])
    config = config_of(limits) if wall.locked else {}
    with duckdb.connect(path, read_only=wall.locked, config=config) as con:
        done = con.execute(sql)
        rows = done.fetchmany(LIMITS.rows + 1) if done.description else []
        text = as_text(rows)
        if wall.bounded and (len(rows) > LIMITS.rows or len(text.encode()) > LIMITS.bytes):
            raise _Cut("more rows or bytes than may come back")
        return [d[0] for d in done.description or ()], rows if len(text) <= MOST_TEXT else [[text[:MOST_TEXT]]]
