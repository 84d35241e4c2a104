"""Parquet files, which DuckDB reads itself, within the memory that its connection may take."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from store.errors import UserError
from store.importers.caps import Caps, over
from store.publish import quoted


@dataclass(frozen=True)
class Column:
    name: str
    type: str

    @property
    def text(self) -> str:
        """SQL of its cells as texts; NULL for empty ones, and for the numbers that pandas writes in their place."""
        quoted_name = '"' + self.name.replace('"', '""') + '"'
        text = f"nullif(CAST({quoted_name} AS VARCHAR), '')"
        return f"nullif({text}, 'nan')" if self.type in ("DOUBLE", "FLOAT") else text


def columns(con: duckdb.DuckDBPyConnection, path: Path) -> list[Column]:
    """UserError: a file that is broken."""
    with _faults_said(path):
        found = con.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {_relation(path)}").fetchall()
    return [Column(str(row[0]), str(row[1])) for row in found]


def insert(con: duckdb.DuckDBPyConnection, path: Path, wanted: Sequence[Column], number: int, caps: Caps) -> int:
    """Put the columns, as texts, into `staging` as source `number`; returns how many rows there are.

    UserError: a file that is broken, or over a cap. It is weighed first: a small file may hold any number of cells.
    """
    names = [f"c{i}" for i in range(len(wanted))]
    picks = ", ".join(f"{column.text} AS {name}" for column, name in zip(wanted, names, strict=True))
    with _faults_said(path):
        _weigh(con, path, names, f"SELECT {picks} FROM {_relation(path)} LIMIT {caps.rows + 1}", caps)
        sql = f"INSERT INTO staging SELECT {number}, file_row_number + 2, {picks} FROM {_relation(path)}"
        return int(con.execute(sql).fetchall()[0][0])


def _weigh(con: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], cells: str, caps: Caps) -> None:
    """UserError where the cells are over a cap. Reads them, and keeps none."""
    content = " + ".join(f"coalesce(strlen({name}), 0)" for name in names)
    longest = ", ".join(f"coalesce(length({name}), 0)" for name in names)
    sql = f"SELECT count(*) AS rows, sum({content}) AS content, max(greatest({longest})) AS cell FROM ({cells})"
    try:
        found = con.execute(sql).fetchall()[0]
    except duckdb.OutOfMemoryException:
        said = "takes more memory to unpack than an import may take"
        raise UserError(f"{path} {said}. Write it in smaller row groups, or as CSV.") from None
    for cap, size in zip(("rows", "content", "cell"), found, strict=True):
        if (size or 0) > getattr(caps, cap):
            raise over(f"{path}:" if cap == "cell" else str(path), cap, caps)


@contextmanager
def _faults_said(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise UserError(f"{path} is a broken Parquet file: {str(error).splitlines()[0]}") from error


def _relation(path: Path) -> str:
    return f"read_parquet({quoted(glob.escape(str(path)))}, file_row_number = true)"
