"""Workbooks, read in a process of their own: one that takes too much memory or breaks the parser ends that alone."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from store.errors import UserError
from store.importers.caps import Caps, over
from store.importers.sheet import Progress, Sheet, shown

CHILD = Path(__file__).with_name("workbook_child.py")
LONGEST = 1 << 26  # bytes of a message
_FAULTS = {
    "password": "is protected with a password: save it without one and import it again.",
    "document": "is a text document, not a table: a CSV, XLSX or Parquet file was expected.",
    "archive": "is a zip archive ({said}): unpack it first, then import the files in it.",
    "broken": "is no spreadsheet, or a broken one: {said}. Save or export it again.",
}
_ENDED = {signal.SIGABRT: "memory", signal.SIGKILL: "memory", signal.SIGXCPU: "seconds"}


def sheets(path: Path, caps: Caps, progress: Progress) -> Generator[Sheet]:
    """The sheets that have cells. UserError: what keeps the workbook from being read, or the cap that it is over."""
    with _child(path, caps) as messages:
        for (name, count), of_sheet in groupby(messages, key=lambda message: (message["name"], message["sheets"])):
            label = path.name if count == 1 else f"{path.name}, sheet {name!r}"
            yield Sheet(label, "workbook", enumerate(_rows(of_sheet, path, progress), 1))


def _rows(messages: Iterable[dict[str, Any]], path: Path, progress: Progress) -> Iterator[list[str | None]]:
    for message in messages:
        yield from message["rows"]
        progress(f"reading {path.name}", message["part"])


@contextmanager
def _child(path: Path, caps: Caps) -> Iterator[Iterator[dict[str, Any]]]:
    asked = [str(path.absolute()), json.dumps(asdict(caps))]
    ours, theirs = Pipe(duplex=False)
    with ours, tempfile.TemporaryFile() as errors:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", str(CHILD), str(theirs.fileno()), *asked],
                pass_fds=[theirs.fileno()], cwd="/", env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip
        try:
            yield _messages(path, caps, ours, process, errors)
        finally:
            process.kill()
            process.wait()


def _messages(
    path: Path, caps: Caps, line: Connection, process: subprocess.Popen[bytes], errors: IO[bytes]
) -> Iterator[dict[str, Any]]:
    while True:
        try:
            message = json.loads(line.recv_bytes(LONGEST))
        except EOFError:
            raise _ended(path, caps, process.wait(), errors) from None
        if "end" in message:
            return
        if "over" in message:
            raise over(f"{path.name}, {message['place']}" if message["place"] else str(path), message["over"], caps)
        if "fault" in message:
            raise UserError(f"{path} {_FAULTS[message['fault']].format(said=shown(message['said']))}")
        yield message


def _ended(path: Path, caps: Caps, code: int, errors: IO[bytes]) -> Exception:
    """What an end without a word means: the kernel's, for memory or time; anything else is a bug."""
    if code < 0 and -code in _ENDED:
        return over(str(path), _ENDED[signal.Signals(-code)], caps)
    if code == -signal.SIGSEGV:
        return UserError(f"{path} {_FAULTS['broken'].format(said='its parser failed')}")
    errors.seek(0)
    return RuntimeError(f"reading {path} ended with {code}: {errors.read()[-2000:].decode(errors='replace')}")
