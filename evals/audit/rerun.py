"""Running receipts again: the same SQL on the same file must give the same rows."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

from evals.audit.shape import Failure, Receipt, Shown
from store.connect import open_store
from store.errors import UserError
from store.paths import Home

Table = tuple[Sequence[str], Sequence[Sequence[Any]]]
Rerun = Callable[[str, dict[str, Any]], Table]

SECONDS = 120
RELATIVE, ABSOLUTE = 1e-9, 1e-6


class Versions:
    """The files of a store, by data version."""

    def __init__(self, home: Home, name: str) -> None:
        self._store = open_store(home, name)

    def file(self, data_version: str, which: str = "analytics") -> Path:
        """UserError where the version is no longer kept."""
        return self._store.version_file(data_version, which)

    @property
    def data_version(self) -> str:
        """The present one."""
        return self._store.data_version

    @property
    def currency(self) -> str:
        return self._store.currency


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked-down connection of its own: a file opened directly would have to share another's configuration."""
    with duckdb.connect(":memory:", config={"python_enable_replacements": False}) as con:
        con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {path.stem} (READ_ONLY)")
        con.execute(f"USE {path.stem}")
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            con.execute(f"SET {setting}")
        yield con


def query(path: Path, sql: str) -> tuple[list[str], list[list[Any]]]:
    """Column names and plain rows of one SELECT. duckdb.Error where it does not run, or not within two minutes."""
    statements = duckdb.extract_statements(sql)
    if [s.type for s in statements] != [duckdb.StatementType.SELECT]:
        raise duckdb.InvalidInputException("it is not one SELECT")
    with opened(path) as con:
        stop = threading.Timer(SECONDS, con.interrupt)
        stop.start()
        try:
            cursor = con.execute(sql)
            rows = [[_plain(value) for value in row] for row in cursor.fetchall()]
        finally:
            stop.cancel()
        return [d[0] for d in cursor.description or ()], rows


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)


def check_receipts(shown: Shown, versions: Versions, rerun: Rerun | None) -> Iterator[Failure]:
    """Each receipt's columns, rows, row_count and truncated, against its SQL (or its tool) run again."""
    for receipt in shown.receipts.values():
        try:
            columns, rows = _again(receipt, versions, rerun)
        except (UserError, duckdb.Error) as error:
            yield Failure("rerun", receipt.id, f"cannot be re-run: {str(error).splitlines()[0]}")
            continue
        yield from _compare(receipt, list(columns), [list(row) for row in rows])
    yield from _wrong_money(shown, versions.currency)


def _again(receipt: Receipt, versions: Versions, rerun: Rerun | None) -> Table:
    path = versions.file(receipt.data_version)
    if receipt.sql is not None:
        return query(path, receipt.sql)
    if rerun is None:
        raise UserError(f"it has no SQL, and nothing here runs {receipt.tool} again")
    return rerun(receipt.tool, receipt.input)


def _compare(receipt: Receipt, columns: list[str], rows: list[list[Any]]) -> Iterator[Failure]:
    if list(receipt.columns) != columns:
        yield Failure("rerun", receipt.id, f"has columns {list(receipt.columns)}, and gives {columns}")
        return
    yield from _compare_counts(receipt, len(rows))
    expected = rows[: len(receipt.rows)] if receipt.truncated else rows
    for i, (then, now) in enumerate(zip_longest(receipt.rows, expected)):
        if then is None or now is None or not _same_row(then, now):
            yield Failure("rerun", f"{receipt.id} row {i}", f"is {then}, and comes out as {now}")
            return


def _compare_counts(receipt: Receipt, found: int) -> Iterator[Failure]:
    held = len(receipt.rows)
    if receipt.truncated != (held < found):
        said = "is marked as truncated" if receipt.truncated else "is not marked as truncated"
        yield Failure("rerun", receipt.id, f"{said}, and holds {held} of {found} rows")
    if receipt.row_count != found:
        yield Failure("rerun", receipt.id, f"says row_count {receipt.row_count}, and there are {found}")


def _same_row(then: list[Any], now: list[Any]) -> bool:
    return len(then) == len(now) and all(_same(a, b) for a, b in zip(then, now, strict=True))


def _same(then: Any, now: Any) -> bool:
    numbers = [v for v in (then, now) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) == 2:
        return math.isclose(then, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(now, float) and not math.isfinite(now):
        return then is None  # JSON has no infinity
    if isinstance(then, str) and isinstance(now, str):
        return then == now or then.replace("T", " ") == now
    return type(then) is type(now) and bool(then == now)


def _wrong_money(shown: Shown, currency: str) -> Iterator[Failure]:
    for claim in shown.claims:
        if len(claim.unit) == 3 and claim.unit.isupper() and claim.unit != currency:
            yield Failure("unit", claim.text, f"is in {claim.unit}, and the store counts in {currency}")
