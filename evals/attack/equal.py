"""Whether two answers have the same rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from evals.attack.sorting import sorting

Row = Sequence[Any]
CLOSE = 1e-9  # relative


def difference(sql: str, found: Sequence[Row], wanted: Sequence[Row], most: int | None) -> str | None:
    """How rows differ from those wanted; None where they are the same.

    Rows come in an order only if the query's root says so, and rows that tie in it come in any. `most`: so many rows,
    at most, were asked for.
    """
    count = len(wanted) if most is None else min(most, len(wanted))
    if len(found) != count:
        return f"{len(found)} rows instead of {count}"
    order = sorting(sql, len(wanted[0]) if wanted else 0)
    if order is None:
        return _others(found, wanted)
    wanted = wanted[:count]
    if order.columns is None:
        return _first_other(found, wanted)
    keys = [[[row[i] for i in order.columns] for row in rows] for rows in (found, wanted)]
    if other := _first_other(*keys):
        return f"by its sort keys, {other}"
    if order.cut or most is not None:  # which of the last rows that tie are in, is left to chance
        last = keys[1][-1] if count else []
        found, wanted = (
            [row for row, key in zip(rows, of, strict=True) if not same_row(key, last)]
            for rows, of in zip((found, wanted), keys, strict=True)
        )
    return _others(found, wanted)


def _first_other(found: Sequence[Row], wanted: Sequence[Row]) -> str | None:
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        if not same_row(a, b):
            return f"row {i + 1} is {_text(a)} instead of {_text(b)}"
    return None


def _others(found: Sequence[Row], wanted: Sequence[Row]) -> str | None:
    odd = _unmatched(found, wanted)
    return f"{len(odd)} rows are others, such as {_text(odd[0])}" if odd else None


def _unmatched(found: Sequence[Row], wanted: Sequence[Row]) -> list[Row]:
    """Rows found that have no partner among those wanted. Floats that differ in the last digits still pair."""
    left = Counter(repr(_exact(row)) for row in wanted)
    odd = []
    for row in found:
        key = repr(_exact(row))
        if left[key] > 0:
            left[key] -= 1
        else:
            odd.append(row)
    spare = [row for row in wanted if _taken(left, row)] if odd else []
    return [row for row in odd if not _paired(row, spare)]


def _taken(left: Counter[str], row: Row) -> bool:
    """Takes a row off those that are left."""
    key = repr(_exact(row))
    left[key] -= 1
    return left[key] >= 0


def _paired(row: Row, spare: list[Row]) -> bool:
    """Takes a partner off the spare rows."""
    for i, other in enumerate(spare):
        if same_row(row, other):
            del spare[i]
            return True
    return False


def _exact(cell: Any) -> Any:
    """One form for values that are equal whatever type carries them."""
    if isinstance(cell, list | tuple):
        return [_exact(c) for c in cell]
    if isinstance(cell, dict):
        return {k: _exact(v) for k, v in cell.items()}
    if isinstance(cell, Decimal):
        return float(cell) if cell.is_finite() and Decimal(float(cell)) == cell else str(cell.normalize())
    if isinstance(cell, int) and not isinstance(cell, bool):
        return float(cell) if abs(cell) < 2**53 else str(cell)
    return str(cell) if isinstance(cell, datetime | date | time) else cell


def same_row(a: Row, b: Row) -> bool:
    return len(a) == len(b) and all(same_cell(x, y) for x, y in zip(a, b, strict=True))


def same_cell(a: Any, b: Any) -> bool:
    if _is_number(a) and _is_number(b):
        return a == b or math.isclose(float(a), float(b), rel_tol=CLOSE) or (a != a and b != b)
    if isinstance(a, list) and isinstance(b, list):
        return same_row(a, b)
    if isinstance(a, dict):  # a struct, to plain DuckDB a tuple where its fields have no names
        return same_row(list(a.values()), list(b.values() if isinstance(b, dict) else b or ()))
    if isinstance(b, timedelta):
        return _as_delta(a) == b
    return bool(_exact(a) == _exact(b))


def _as_delta(interval: Any) -> timedelta | None:
    """Months, days and nanoseconds as plain DuckDB gives them to Python: months have 30 days."""
    if not isinstance(interval, tuple):
        return None
    months, days, nanoseconds = interval
    return timedelta(days=30 * months + days, microseconds=nanoseconds // 1000)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _text(row: Row) -> str:
    return str(list(row))[:120]
