"""Any table file into one staging table of texts: `staging(source, row, …columns)`.

A row's number is the one a spreadsheet shows: the header is row 1.
"""

import csv
import glob
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from store.errors import UserError
from store.importers.files import PARQUET, TEXT, Kind, recognise
from store.publish import quoted

Progress = Callable[[str, float], None]  # what is being done, how much of it (0 to 1)
Row = tuple[int, Sequence[Any]]  # number, cells

BATCH = 20_000
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Wanted:
    """A column of a format: the name it has in staging, and how exports spell its header."""

    name: str
    spellings: tuple[str, ...]

    @property
    def said(self) -> str:
        return " or ".join(self.spellings)


@dataclass(frozen=True)
class Source:
    """One staged table: a file, or a sheet of one. `headers` are the wanted columns as this file spells them."""

    number: int
    label: str
    kind: str
    rows: int
    headers: dict[str, str]


class MissingColumns(UserError):
    """A table without the columns wanted; in a workbook another sheet may have them."""


@dataclass
class _Sheet:
    label: str
    kind: str
    rows: Iterator[Row]


def stage(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], wanted: Sequence[Wanted], progress: Progress
) -> list[Source]:
    """Read all files into the temporary table `staging`: source INTEGER, row BIGINT, each wanted column VARCHAR.

    Empty cells are NULL. UserError names the file, and the row and column where one is at fault.
    """
    texts = ", ".join(f"{w.name} VARCHAR" for w in wanted)
    con.execute(f"CREATE TEMP TABLE staging (source INTEGER, row BIGINT, {texts})")
    sources: list[Source] = []
    for path, kind in [(path, recognise(path)) for path in files]:
        progress(f"reading {path.name}", 0)
        sources += _stage_file(con, path, kind, wanted, len(sources) + 1, progress)
    return sources


def _stage_file(
    con: duckdb.DuckDBPyConnection, path: Path, kind: Kind, wanted: Sequence[Wanted], number: int, progress: Progress
) -> list[Source]:
    if kind.what == PARQUET:
        return [_stage_parquet(con, path, wanted, number)]
    if kind.what == TEXT:
        return [_stage_sheet(con, _text_sheet(path, kind, wanted, progress), wanted, number)]
    sources: list[Source] = []
    faults: list[MissingColumns] = []
    for sheet in _workbook_sheets(path, progress):
        try:
            sources.append(_stage_sheet(con, sheet, wanted, number + len(sources)))
        except MissingColumns as fault:
            faults.append(fault)
    if not sources:
        raise faults[0] if faults else UserError(f"{path} has no sheet with cells in it.")
    return sources


# Headers


def _plain(header: Any) -> str:
    """A header without case, spaces and punctuation: 'Customer ID', 'customer_id' and 'CustomerID' are one."""
    return re.sub(r"[\W_]+", "", str(header).casefold())


def _locate(label: str, header: Sequence[Any], wanted: Sequence[Wanted]) -> list[int]:
    """The position of each wanted column. MissingColumns, or UserError where two headers fit one column."""
    plain = [_plain(cell) for cell in header]
    found = [[i for i, h in enumerate(plain) if h in {_plain(s) for s in w.spellings}] for w in wanted]
    missing = [w.said for w, places in zip(wanted, found, strict=True) if not places]
    if missing:
        names = ", ".join(str(h).strip() for h in header if str(h).strip()) or "nothing"
        columns = "column" if len(missing) == 1 else "columns"
        raise MissingColumns(f"{label} lacks the {columns} {', '.join(missing)}. Row 1 has: {_cut(names)}.")
    for w, places in zip(wanted, found, strict=True):
        if len(places) > 1:
            twice = " and ".join(f"{header[i]!r} (column {i + 1})" for i in places)
            raise UserError(f"{label}, row 1: {twice} are both {w.said}. Leave one of them.")
    return [places[0] for places in found]


def _cut(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + "…"


# Text and workbooks: rows of cells


def _stage_sheet(con: duckdb.DuckDBPyConnection, sheet: _Sheet, wanted: Sequence[Wanted], number: int) -> Source:
    header: Sequence[Any] = next((cells for _, cells in sheet.rows if any(_text(c) for c in cells)), ())
    places = _locate(sheet.label, header, wanted)
    picked = ((number, row, *(_text(cells[i]) for i in places)) for row, cells in sheet.rows)
    count = sum(_insert(con, batch) for batch in _batches(picked))
    return Source(number, sheet.label, sheet.kind, count, _headers(wanted, header, places))


def _headers(wanted: Sequence[Wanted], header: Sequence[Any], places: Sequence[int]) -> dict[str, str]:
    return {w.name: str(header[i]).strip() for w, i in zip(wanted, places, strict=True)}


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _insert(con: duckdb.DuckDBPyConnection, batch: list[tuple[Any, ...]]) -> int:
    columns = [list(column) for column in zip(*batch, strict=True)]
    picks = ", ".join(f"unnest(${i + 1}::{kind}[])" for i, kind in enumerate(_kinds(len(columns))))
    con.execute(f"INSERT INTO staging SELECT {picks}", columns)
    return len(batch)


def _kinds(columns: int) -> list[str]:
    return ["INTEGER", "BIGINT", *["VARCHAR"] * (columns - 2)]


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


def _text_sheet(path: Path, kind: Kind, wanted: Sequence[Wanted], progress: Progress) -> _Sheet:
    delimiter = max(_DELIMITERS, key=lambda d: _fitting(path, kind.encoding, d, wanted))
    said = f"CSV, {kind.encoding}, {_DELIMITERS[delimiter]}"
    return _Sheet(path.name, said, _text_rows(path, kind.encoding, delimiter, progress))


def _fitting(path: Path, encoding: str, delimiter: str, wanted: Sequence[Wanted]) -> int:
    """How many wanted columns the first line has when it is cut at this delimiter."""
    _, header = next(_records(path, encoding, delimiter, lambda *_: None), (1, []))
    spellings = {_plain(s) for w in wanted for s in w.spellings}
    return len(spellings & {_plain(cell) for cell in header})


def _text_rows(path: Path, encoding: str, delimiter: str, progress: Progress) -> Iterator[Row]:
    width = 0
    for number, cells in _records(path, encoding, delimiter, progress):
        if not any(cells):
            cells = [""] * width
        width = width or len(cells)
        if len(cells) < width or any(cells[width:]):
            raise UserError(
                f"{path.name}, row {number}: {len(cells)} cells where the header has {width} "
                f"({_cut(delimiter.join(cells), 120)!r}). Look for a line break or a quotation mark that is not closed."
            )
        yield number, cells


def _records(path: Path, encoding: str, delimiter: str, progress: Progress) -> Iterator[tuple[int, list[str]]]:
    size, number = path.stat().st_size, 0
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        try:
            for number, cells in enumerate(csv.reader(text, delimiter=delimiter), 1):
                if number % BATCH == 0:
                    progress(f"reading {path.name}", file.tell() / size)
                yield number, cells
        except csv.Error as error:
            raise UserError(f"{path.name}, row {number + 1}: {error}. Look for a quotation mark not closed.") from error


def _workbook_sheets(path: Path, progress: Progress) -> Iterator[_Sheet]:
    import python_calamine as calamine

    try:
        with path.open("rb") as handle, calamine.CalamineWorkbook.from_filelike(handle) as book:
            worksheets = [s.name for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
            for name in worksheets:
                sheet = book.get_sheet_by_name(name)
                if sheet.height:
                    label = path.name if len(worksheets) == 1 else f"{path.name}, sheet {name!r}"
                    yield _Sheet(label, "workbook", _sheet_rows(sheet, path, progress))
    except calamine.PasswordError:
        raise UserError(f"{path} is protected with a password: save it without one and import it again.") from None
    except calamine.CalamineError as error:
        raise UserError(f"{path} is no spreadsheet, or a broken one: {error}. Save or export it again.") from error


def _sheet_rows(sheet: Any, path: Path, progress: Progress) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number % BATCH == 0:
            progress(f"reading {path.name}", number / sheet.total_height)
        yield number, cells


# Parquet: DuckDB reads it itself


def _stage_parquet(con: duckdb.DuckDBPyConnection, path: Path, wanted: Sequence[Wanted], number: int) -> Source:
    relation = f"read_parquet({quoted(glob.escape(str(path)))}, file_row_number = true)"
    try:
        described = con.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
        header = [row[0] for row in described]
        places = _locate(path.name, header, wanted)
        picks = ", ".join(f"nullif(nullif(CAST({_identifier(header[i])} AS VARCHAR), ''), 'nan')" for i in places)
        con.execute(f"INSERT INTO staging SELECT {number}, file_row_number + 2, {picks} FROM {relation}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise UserError(f"{path} is a broken Parquet file: {str(error).splitlines()[0]}") from error
    counted = con.execute("SELECT count(*) FROM staging WHERE source = ?", [number]).fetchall()
    return Source(number, path.name, "Parquet", counted[0][0], _headers(wanted, header, places))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
