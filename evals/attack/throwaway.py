"""One call in a process of its own that is thrown away after it: for statements that nothing else holds back."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tools.sql.child import peak_mb

SECONDS = 8.0
MEMORY = 4_000_000_000  # bytes of address space


@dataclass(frozen=True)
class Ended:
    """What the call returned, or the class and text of what it raised; neither where the process was killed or died."""

    value: Any
    error: tuple[str, str] | None
    ms: int
    mb: float

    @property
    def killed(self) -> bool:
        return self.value is None and self.error is None


def call(function: Callable[..., Any], *args: Any, cwd: Path, seconds: float = SECONDS, memory: int = MEMORY) -> Ended:
    """The function in a process of its own, which ends after so many seconds and can't have more memory."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tools.sql.child", __name__])
    ours, theirs = context.Pipe(duplex=False)
    job = (theirs, str(cwd), dict(os.environ), memory, function, args)
    process = context.Process(target=_work, args=job, daemon=True)
    process.start()
    theirs.close()
    started = time.perf_counter()
    try:
        said = ours.recv_bytes() if ours.poll(seconds) else b""
    except EOFError:
        said = b""
    ms, mb = round((time.perf_counter() - started) * 1000), peak_mb(process.pid or 0)
    process.kill()
    process.join()
    ours.close()
    if not said:
        return Ended(None, None, ms, mb)
    value, error, peak = pickle.loads(said)
    return Ended(value, error, ms, peak)


def _work(
    line: Connection, cwd: str, environment: dict[str, str], memory: int, function: Callable[..., Any], args: Any
) -> None:
    os.chdir(cwd)
    with open(os.devnull, "w") as nowhere:
        for output in (1, 2):  # the database draws progress there, and a statement may write there
            os.dup2(nowhere.fileno(), output)
    os.environ.clear()
    os.environ.update(environment)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    value, error = None, None
    try:
        value = function(*args)
    except Exception as raised:  # the outermost boundary of this process: the caller judges it
        error = (type(raised).__name__, str(raised))
    line.send_bytes(pickle.dumps((value, error, peak_mb())))
