"""The process that a workbook is read in, run by its path: what a file makes of its parser stays in here.

It says through the line, in JSON: {"name", "sheets", "part", "rows"} for each batch of rows of a sheet, and at last
{"end"}, {"over": a cap, "place"} or {"fault", "said"}. Where its memory or time runs out, the kernel ends it.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import python_calamine as calamine

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

BATCH_ROWS, BATCH_CHARACTERS = 20_000, 2_000_000


class Refused(Exception):
    """The file is not read on: a message for the parent."""

    def __init__(self, **said: Any) -> None:
        super().__init__(said)
        self.said = said


def main(line: Connection, path: Path, caps: dict[str, int]) -> None:
    _bound(caps)
    try:
        _look_into_archive(path, caps)
        for message in _messages(path, caps):
            line.send_bytes(json.dumps(message, ensure_ascii=False).encode())
        said: dict[str, Any] = {"end": True}
    except Refused as refused:
        said = refused.said
    except MemoryError:
        said = {"over": "memory", "place": ""}
    except calamine.PasswordError:
        said = {"fault": "password", "said": ""}
    except BaseException as error:
        if not _is_of_parser(error):
            raise
        said = {"fault": "broken", "said": str(error)[:300]}
    line.send_bytes(json.dumps(said).encode())


def _bound(caps: dict[str, int]) -> None:
    limits = {resource.RLIMIT_AS: caps["memory"], resource.RLIMIT_CPU: caps["seconds"]}
    for kind, most in {**limits, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}.items():
        hard = resource.getrlimit(kind)[1]  # ours may be lower already, and can't be raised
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which hangs up


def _is_of_parser(error: BaseException) -> bool:
    """Its own errors, and its panics, which are no Exceptions."""
    return isinstance(error, calamine.CalamineError) or type(error).__name__ == "PanicException"


def _look_into_archive(path: Path, caps: dict[str, int]) -> None:
    """Refused for what is no workbook, or a bomb; a broken archive is the parser's to name. Sizes that lie are too."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return
    names = [part.filename for part in parts]
    if any(name.startswith("word/") for name in names):
        raise Refused(fault="document", said="")
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise Refused(fault="archive", said=", ".join(names[:3]) + (" …" if len(names) > 3 else ""))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > caps["unpacked"]:
        raise Refused(over="unpacked", place="")
    if unpacked > max(caps["small"], caps["ratio"] * path.stat().st_size):
        raise Refused(over="ratio", place="")


def _messages(path: Path, caps: dict[str, int]) -> Iterator[dict[str, Any]]:
    with path.open("rb") as handle, calamine.CalamineWorkbook.from_filelike(handle) as book:
        names = [s.name for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.width > caps["columns"]:
                raise Refused(over="columns", place=f"sheet {name!r}")
            for done, rows in _batches(sheet, name, caps):
                yield {"name": name, "sheets": len(names), "part": done / max(sheet.total_height, 1), "rows": rows}


def _batches(sheet: Any, name: str, caps: dict[str, int]) -> Iterator[tuple[int, list[list[str | None]]]]:
    batch: list[list[str | None]] = []
    characters = number = 0
    for number, cells in enumerate(sheet.iter_rows() if sheet.height else (), 1):
        row = [_text(cell) for cell in cells]
        sizes = [len(text) for text in row if text]
        for cap, size in (("cell", max(sizes, default=0)), ("row", sum(sizes))):
            if size > caps[cap]:
                raise Refused(over=cap, place=f"sheet {name!r}, row {number}:")
        batch.append(row)
        characters += sum(sizes)
        if len(batch) == BATCH_ROWS or characters > BATCH_CHARACTERS:
            yield number, batch
            batch, characters = [], 0
    if batch:
        yield number, batch


def _text(cell: Any) -> str | None:
    """A cell as the text a CSV would hold: whole numbers without .0, times in ISO. None for an empty one."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):  # a day's fraction is not exact: to the millisecond
        rounded = cell + timedelta(microseconds=500)
        return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000).isoformat(" ")
    return None if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


if __name__ == "__main__":
    from multiprocessing.connection import Connection

    main(Connection(int(sys.argv[1])), Path(sys.argv[2]), json.loads(sys.argv[3]))
