"""Any table file into one staging table of texts: `staging(source, row, …columns)`.

A row's number is the one a spreadsheet shows: the header is row 1.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from store.errors import UserError
from store.importers import delimited, parquet, workbook
from store.importers.caps import CAPS, Caps, over
from store.importers.files import PARQUET, TEXT, Kind, recognise
from store.importers.sheet import Progress, Row, Sheet, shown

__all__ = ["MissingColumns", "Progress", "Source", "Wanted", "stage"]

BATCH, BATCH_CHARACTERS = 20_000, 10_000_000


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


def stage(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    wanted: Sequence[Wanted],
    progress: Progress,
    caps: Caps = CAPS,
) -> list[Source]:
    """Read all files into the temporary table `staging`: source INTEGER, row BIGINT, each wanted column VARCHAR.

    Empty cells are NULL. UserError names the file, and the row and column where one is at fault.
    """
    texts = ", ".join(f"{w.name} VARCHAR" for w in wanted)
    con.execute(f"CREATE TEMP TABLE staging (source INTEGER, row BIGINT, {texts})")
    staging = _Staging(con, wanted, progress, caps)
    for path, kind in [(path, recognise(path, caps)) for path in files]:
        progress(f"reading {path.name}", 0)
        staging.add(path, kind)
    return staging.sources


@dataclass
class _Staging:
    con: duckdb.DuckDBPyConnection
    wanted: Sequence[Wanted]
    progress: Progress
    caps: Caps

    def __post_init__(self) -> None:
        self.sources: list[Source] = []

    def add(self, path: Path, kind: Kind) -> None:
        if kind.what == PARQUET:
            self._add_parquet(path)
        elif kind.what == TEXT:
            self._add_sheet(delimited.sheet(path, kind.encoding, self._fitting, self.caps, self.progress))
        else:
            self._add_workbook(path)

    def _fitting(self, header: Sequence[str]) -> int:
        spellings = {_plain(s) for w in self.wanted for s in w.spellings}
        return len(spellings & {_plain(cell) for cell in header})

    def _add_workbook(self, path: Path) -> None:
        before = len(self.sources)
        faults: list[MissingColumns] = []
        with closing(workbook.sheets(path, self.caps, self.progress)) as sheets:
            for sheet in sheets:
                try:
                    self._add_sheet(sheet)
                except MissingColumns as fault:
                    faults.append(fault)
        if len(self.sources) == before:
            raise faults[0] if faults else UserError(f"{path} has no sheet with cells in it.")

    def _add_sheet(self, sheet: Sheet) -> None:
        rows = _capped(sheet, self.caps)
        header = next((cells for _, cells in rows if any(cells)), ())
        places = self._locate(sheet.label, header)
        number = len(self.sources) + 1
        picked = ((number, row, *(cells[i] or None for i in places)) for row, cells in rows)
        count = sum(_insert(self.con, batch) for batch in _batches(picked))
        self._done(Source(number, sheet.label, sheet.kind, count, self._headers(header, places)))

    def _add_parquet(self, path: Path) -> None:
        columns = parquet.columns(self.con, path)
        header = [column.name for column in columns]
        places = self._locate(path.name, header)
        number = len(self.sources) + 1
        count = parquet.insert(self.con, path, [columns[i] for i in places], number, self.caps)
        self._done(Source(number, path.name, "Parquet", count, self._headers(header, places)))

    def _locate(self, label: str, header: Sequence[str | None]) -> list[int]:
        if len(header) > self.caps.columns:
            raise over(label, "columns", self.caps)
        return _located(label, header, self.wanted)

    def _headers(self, header: Sequence[str | None], places: Sequence[int]) -> dict[str, str]:
        return {w.name: str(header[i]).strip() for w, i in zip(self.wanted, places, strict=True)}

    def _done(self, source: Source) -> None:
        _refuse_nul(self.con, source)
        self.sources.append(source)


def _plain(header: str | None) -> str:
    """A header without case, spaces and punctuation: 'Customer ID', 'customer_id' and 'CustomerID' are one."""
    return re.sub(r"[\W_]+", "", (header or "").casefold())


def _located(label: str, header: Sequence[str | None], wanted: Sequence[Wanted]) -> list[int]:
    """The position of each wanted column. MissingColumns, or UserError where two headers fit one column."""
    plain = [_plain(cell) for cell in header]
    found = [[i for i, h in enumerate(plain) if h in {_plain(s) for s in w.spellings}] for w in wanted]
    missing = [w.said for w, places in zip(wanted, found, strict=True) if not places]
    if missing:
        names = ", ".join(h.strip() for h in header if h and h.strip()) or "nothing"
        columns = "column" if len(missing) == 1 else "columns"
        raise MissingColumns(f"{label} lacks the {columns} {', '.join(missing)}. Row 1 has: {shown(names)}.")
    for w, places in zip(wanted, found, strict=True):
        if len(places) > 1:
            twice = " and ".join(f"{header[i]!r} (column {i + 1})" for i in places)
            raise UserError(f"{label}, row 1: {twice} are both {w.said}. Leave one of them.")
    return [places[0] for places in found]


def _capped(sheet: Sheet, caps: Caps) -> Iterator[Row]:
    for number, cells in sheet.rows:
        if number > caps.rows + 1:
            raise over(sheet.label, "rows", caps)
        yield number, cells


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows to insert together: as many as hold little memory."""
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, filter(None, row[2:])))
        if len(batch) == BATCH or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _insert(con: duckdb.DuckDBPyConnection, batch: list[tuple[Any, ...]]) -> int:
    columns = [list(column) for column in zip(*batch, strict=True)]
    picks = ", ".join(f"unnest(${i + 1}::{kind}[])" for i, kind in enumerate(_kinds(len(columns))))
    con.execute(f"INSERT INTO staging SELECT {picks}", columns)
    return len(batch)


def _kinds(columns: int) -> list[str]:
    return ["INTEGER", "BIGINT", *["VARCHAR"] * (columns - 2)]


def _refuse_nul(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """UserError for a character of no text, which other programs take for the end of one."""
    for name, header in source.headers.items():
        sql = f"SELECT min(row) FROM staging WHERE source = ? AND contains({name}, chr(0))"
        row = con.execute(sql, [source.number]).fetchall()[0][0]
        if row is not None:
            raise UserError(
                f"{source.label}, row {row}, column {header}: the cell has a NUL character (a byte of zeros). "
                "Look whether it is damaged, and take the character out."
            )
