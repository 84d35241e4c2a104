"""A receipt, run again on the data that it was made from: does it still come to the same rows?"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from agent import toolbox
from store.connect import LOCKED_DOWN
from tools.contract import Cell, StorewiseError, plain

if TYPE_CHECKING:
    from store.connect import Store

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Rerun:
    """What came of it: `same` rows or not, `said` for people. `rows` is empty where it could not be run."""

    same: bool
    said: str
    rows: Rows = ()
    elapsed_ms: int = 0


def run_again(store: Store, receipt: Mapping[str, Any], today: date | None = None) -> Rerun:
    """Runs a receipt as an answer object holds it: its SQL on its data version, or its tool where it has no SQL."""
    started = time.perf_counter()
    try:
        rows = _rows(store, receipt, today or store.today)
    except StorewiseError as e:
        return Rerun(False, str(e))
    except duckdb.Error as e:
        return Rerun(False, f"It could not be run: {str(e).splitlines()[0]}")
    ms = round((time.perf_counter() - started) * 1000)
    kept = receipt["rows"]
    if not _alike(rows[: len(kept)], kept) or len(rows) != receipt["row_count"]:
        return Rerun(False, "The rows differ from those of the answer.", rows, ms)
    return Rerun(True, f"Run again in {ms:,} ms on the same data: every row is the same.", rows, ms)


def _rows(store: Store, receipt: Mapping[str, Any], today: date) -> Rows:
    if receipt["sql"] is None:
        return toolbox.call(store, receipt["tool"], receipt["input"], today).rows
    path = store.version_file(receipt["data_version"])
    with duckdb.connect(path, read_only=True, config=LOCKED_DOWN) as con:
        return [[plain(v) for v in row] for row in con.execute(receipt["sql"]).fetchall()]


def _alike(rows: Rows, kept: Rows) -> bool:
    return len(rows) == len(kept) and all(
        len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(rows, kept, strict=True)
    )


def _equal(x: Cell, y: Cell) -> bool:
    """Equal, up to the last digits of sums that were added in another order."""
    if isinstance(x, int | float) and isinstance(y, int | float):
        return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)
    return x == y
