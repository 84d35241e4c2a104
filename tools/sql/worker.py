"""A model's SQL in processes of its own: locked down, bounded in time, memory, rows and bytes, and killed if need be.

A few processes stay warm for each version of a store's data. One that was killed is replaced when the next query comes.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from tools.contract import ToolError
from tools.sql.arrow import read
from tools.sql.child import peak_mb
from tools.sql.guard import MOST_ROWS
from tools.sql.shape import Shape

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("child.py")
AT_ONCE = 4  # queries that run side by side, of all stores
KEPT = 4  # processes that wait for the next query
TO_START = 30.0  # seconds
TO_WAIT = 15.0  # seconds for a place
SPARE = 100_000  # bytes beyond those of the rows


@dataclass(frozen=True)
class Limits:
    """Seconds (`soft` ends the query, `hard` the process), bytes of address space, rows and bytes of a result."""

    soft: float = 2.0
    hard: float = 5.0
    memory: int = 1_500_000_000
    duckdb: str = "512MB"
    threads: int = 2
    rows: int = MOST_ROWS
    bytes: int = 1_000_000


LIMITS = Limits()


@dataclass(frozen=True)
class Source:
    """A DuckDB file to be queried, and what of it. `key` names a store and a version of its data."""

    path: Path
    shape: Shape
    key: str


@dataclass(frozen=True)
class Rows:
    """`sql` is the text that ran, `limited` says that its number of rows was bounded here."""

    columns: list[str]
    rows: list[list[Any]]
    sql: str
    limited: bool
    ms: int
    peak_mb: float


class QueryFailed(ToolError):
    """A query without a result. `phase` is one of HINTS: "guard" was refused, by `layer`."""

    def __init__(self, phase: str, message: str, layer: str | None = None, ms: int = 0, peak_mb: float = 0.0) -> None:
        super().__init__(f"{message} {HINTS[phase]}".strip())
        self.phase, self.layer, self.reason, self.ms, self.peak_mb = phase, layer, message, ms, peak_mb


HINTS = {
    "guard": "",
    "query": "Mend the query: describe_store says which tables and columns there are.",
    "bug": "Put it another way.",
    "dates": "Leave them out.",
    "time": "Ask for less: fewer rows to join, a shorter period, sums instead of rows.",
    "memory": "Ask for less: fewer rows to join or sort, sums instead of rows.",
    "size": "Ask for less: fewer rows or columns, or sums instead of rows.",
    "killed": "Ask for less, or put it more simply.",
    "busy": "Try again in a moment.",
}


def run(source: Source, sql: str, limits: Limits = LIMITS, *, settled: bool = False) -> Rows:
    """Guards the query (`settled`: see there) and runs it in a child process. Raises QueryFailed."""
    with _place():
        worker = _taken(source, limits) or Worker(source, limits)
        try:
            rows = worker.ask(sql, settled=settled)
        except QueryFailed as failed:
            if failed.phase in ("killed", "memory"):
                worker.kill()
            else:
                _given_back(worker)
            raise
        except BaseException:
            worker.kill()
            raise
        _given_back(worker)
    return rows


class Worker:
    """One child process."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.key = _key(source, limits)
        self._limits = limits
        self._line, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(CHILD), str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env=_environment(), cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        shape = {"tables": dict(source.shape.tables), "partial": sorted(source.shape.partial)}
        try:
            self._send({"path": str(source.path), **shape, "limits": asdict(limits)})
            self._received(time.monotonic() + TO_START)
        except (EOFError, OSError):
            self.kill()
            raise QueryFailed("killed", "The process for queries did not start.") from None

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, sql: str, *, settled: bool = False) -> Rows:
        """Raises QueryFailed; after the phases "killed" and "memory" the process is of no more use."""
        started = time.monotonic()
        deadline = started + self._limits.hard
        try:
            self._send({"sql": sql, "settled": settled})
            said = json.loads(self._received(deadline))
            data = self._received(deadline)
        except (EOFError, OSError):
            ms = round((time.monotonic() - started) * 1000)
            peak = peak_mb(self._process.pid)
            raise QueryFailed("killed", _why_killed(ms, self._limits), ms=ms, peak_mb=peak) from None
        if said.get("phase") == "bug":
            log.error("A query could not be checked: %s\n%s", sql, said["message"])
        if "phase" in said:
            raise QueryFailed(said["phase"], _said(said), said["layer"], said["ms"], said["peak_mb"])
        names, rows = read(data)
        return Rows(names, rows, said["sql"], said["limited"], said["ms"], said["peak_mb"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._line.close()

    def _send(self, message: dict[str, Any]) -> None:
        self._line.send_bytes(json.dumps(message).encode())

    def _received(self, deadline: float) -> bytes:
        """Raises EOFError where the child ended or its time is up."""
        if not self._line.poll(max(0.0, deadline - time.monotonic())):
            raise EOFError
        return self._line.recv_bytes(self._limits.bytes + SPARE)


def _why_killed(ms: int, limits: Limits) -> str:
    if ms >= limits.hard * 1000:
        return f"The query was ended: it ran longer than {limits.hard:g} seconds."
    return "The query was ended: it asked for more memory than there is for one query."


def _said(said: dict[str, Any]) -> str:
    return {
        "guard": f"The query was refused: {said['message']}",
        "query": f"The database can't run this: {said['message']}.",
        "bug": "The query could not be checked.",
        "dates": "The result holds dates before the year 1 or after 9999, which can't be shown.",
        "time": "The query took too long and was stopped.",
        "memory": "The query needs more memory than there is for one query.",
        "size": str(said["message"]),
    }[said["phase"]]


def _environment() -> dict[str, str]:
    """No secret of ours; the time zone, since "today" depends on it, and as few memory arenas as will do."""
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {"MALLOC_ARENA_MAX": "2", "LANG": "C.UTF-8", **zone}


_PLACES = threading.BoundedSemaphore(AT_ONCE)
_WAITING = threading.Lock()
_waiting: list[Worker] = []  # idle processes, the longest idle first


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(timeout=TO_WAIT):
        raise QueryFailed("busy", "Too many queries are running at once.")
    try:
        yield
    finally:
        _PLACES.release()


def _key(source: Source, limits: Limits) -> tuple[str, str, Limits]:
    return source.key, str(source.path), limits


def _taken(source: Source, limits: Limits) -> Worker | None:
    """An idle process for this source, if there is one."""
    with _WAITING:
        mine = [w for w in _waiting if w.key == _key(source, limits)]
        for worker in mine:
            _waiting.remove(worker)
            if worker.alive:
                return worker
            worker.kill()
    return None


def _given_back(worker: Worker) -> None:
    with _WAITING:
        _waiting.append(worker)
        surplus = _waiting[:-KEPT]
        del _waiting[:-KEPT]
    for each in surplus:
        each.kill()


def stop() -> None:
    """Ends the idle processes; they would also end with this one, or when they have had nothing to do for long."""
    with _WAITING:
        idle = list(_waiting)
        _waiting.clear()
    for each in idle:
        each.kill()
