"""The process that a model's SQL runs in: started by worker.py, killed when a query goes too far.

It holds one read-only, locked-down connection, and no secret: its environment is empty. The kernel bounds its memory,
lets it write no file, and ends it when a query outlives the hard deadline, even if nobody is there to kill it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":  # run by its path, in Python's isolated mode
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import duckdb

from store.connect import LOCKED_DOWN
from tools.sql.arrow import OutOfRange, TooLarge, read, text_size, written
from tools.sql.guard import Refused, guard
from tools.sql.shape import Shape

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

IDLE = 600.0  # seconds without a query, after which it ends by itself
LONGEST_ERROR = 400  # characters of what the database says
OPEN_FILES = 64
SETTING = re.compile(r"(?:\b\w+ )?\bSET\s+\w+\s*=")
ALONE = 0.5  # seconds beyond the hard deadline, after which the parent must be gone


def main(line: Connection) -> None:
    """Answers queries until the line is closed. The first message says of what, the others are queries."""
    told = json.loads(line.recv_bytes())
    limits, shape = told["limits"], _shape(told)
    bound(limits["memory"])
    with duckdb.connect(told["path"], read_only=True, config=config_of(limits)) as con:
        line.send_bytes(b"ready")
        while line.poll(IDLE):
            try:
                query = json.loads(line.recv_bytes())
            except EOFError:
                return
            signal.setitimer(signal.ITIMER_REAL, limits["hard"] + ALONE)
            _forget_peak()
            said, rows = _answered(con, query, shape, limits)
            signal.setitimer(signal.ITIMER_REAL, 0)
            line.send_bytes(json.dumps({**said, "peak_mb": peak_mb()}).encode())
            line.send_bytes(rows)
            if said.get("phase") == "memory":
                return  # what is left of the memory is anyone's guess


def _shape(told: dict[str, Any]) -> Shape:
    tables = {name: tuple(columns) for name, columns in told["tables"].items()}
    return Shape(tables, frozenset(told["partial"]))


def bound(memory: int) -> None:
    """What the kernel allows this process from now on; `memory` is in bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel's own: it ends a call that never comes back to Python
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which hangs up
    logging.getLogger("sqlglot").setLevel(logging.ERROR)


def config_of(limits: dict[str, Any]) -> dict[str, str | bool | int | float | list[str]]:
    """The connection's: locked down, and within the limits."""
    bounds = {"memory_limit": limits["duckdb"], "threads": limits["threads"]}
    return {**LOCKED_DOWN, **bounds, "max_execution_time": str(round(limits["soft"] * 1000))}


def _answered(
    con: duckdb.DuckDBPyConnection, query: dict[str, Any], shape: Shape, limits: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    started = time.perf_counter()
    try:
        checked = guard(query["sql"], shape, con, rows=limits["rows"], settled=query["settled"])
        rows = written(con.sql(checked.sql), limits["bytes"])
        if text_size(read(rows)[1]) > limits["bytes"]:
            raise TooLarge(f"The result is larger than {limits['bytes']:,} bytes.")
        said: dict[str, Any] = {"sql": checked.sql, "limited": checked.limited}
    except Exception as error:  # the outermost boundary of this process: the parent tells people
        phase = next(phase for kind, phase in PHASES if isinstance(error, kind))
        said, rows = {"phase": phase, "layer": getattr(error, "layer", None), "message": error_text(str(error))}, b""
        if phase == "bug":
            said["message"] = traceback.format_exc()
    return {**said, "ms": round((time.perf_counter() - started) * 1000)}, rows


PHASES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (Refused, "guard"),
    (TooLarge, "size"),
    (duckdb.InterruptException, "time"),
    ((MemoryError, duckdb.OutOfMemoryException), "memory"),
    (duckdb.Error, "query"),
    (OutOfRange, "dates"),
    (Exception, "bug"),
)


def error_text(error: str) -> str:
    """An error without the query, which the database repeats, and without its advice on settings."""
    text = " ".join(error.split("\nLINE ")[0].split())
    return SETTING.split(text)[0].strip()[:LONGEST_ERROR]


def _forget_peak() -> None:
    """Sets the kernel's mark of the most memory used back to what is used now (proc(5), clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb(process: int | str = "self") -> float:
    """The most memory that a process has had, in MiB; 0 where it can't be told."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    from multiprocessing.connection import Connection

    main(Connection(int(sys.argv[1])))
