"""Forecasts as they were told, kept in the store's state so that they can be held against what came: no person's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from store.errors import UserError

_TABLE = """CREATE TABLE IF NOT EXISTS forecasts (
    until TEXT NOT NULL, asked TEXT NOT NULL, metric TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
    mean REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, model TEXT NOT NULL, method TEXT NOT NULL,
    PRIMARY KEY (until, asked, metric, first, last, model))"""


@dataclass(frozen=True)
class Forecast:
    """Made when data ended on `until`, of the days `first` … `last` (ISO): the mean and the bounds that 8 of 10 lie
    between, by which model and method. `asked` is what it was of, as JSON {"what", "where"}."""

    until: str
    asked: str
    metric: str
    first: str
    last: str
    mean: float
    low: float
    high: float
    model: str
    method: str

    @property
    def of(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.asked)
        return found


def keep(path: Path, forecast: Forecast) -> None:
    """The same one said again is kept once. UserError: the file is damaged or the disk is full."""
    with _opened(path) as con:
        con.execute(f"INSERT OR IGNORE INTO forecasts VALUES ({', '.join('?' * 10)})", astuple(forecast))


def kept(path: Path) -> list[Forecast]:
    """All of them, the earliest made first."""
    if not path.exists():
        return []
    with _opened(path) as con:
        return [Forecast(*row) for row in con.execute("SELECT * FROM forecasts ORDER BY until, first, last, asked")]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as con:
            con.execute("PRAGMA journal_mode = WAL")
            con.execute(_TABLE)
            yield con
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"The forecasts kept in {path} cannot be used ({error}). Move that file away to go on."
        ) from error
