"""A store's days, product by product: units, prices and promotions, as the price's effect is told from them.

P products, D days from the first day of the first whole week on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.forecast.sold import Doubles, Sold
from tools.forecast.weekly import DEAREST, promotion_days

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Ints = npt.NDArray[np.int64]
MOSTLY = 0.5  # of the price changes that are known to the day: on one weekday, that is when prices change here


@dataclass(frozen=True)
class Days:
    """`units`, `price` (log of the lines' median against the product's usual) and `cut` (part that promotions take
    off) are (P, D); `week` (D,) counts calendar weeks, `weekday` (D,) days of the week from Monday."""

    units: Doubles
    price: Doubles
    cut: Doubles
    week: Ints
    weekday: Ints


def days_of(con: DuckDBPyConnection, sold: Sold) -> Days:
    size = 7 * sold.weeks
    asked = (
        f"SELECT p.rowid, DATE_DIFF('day', DATE '{sold.first}', CAST(o.ordered_at AS DATE)) AS day, SUM(i.quantity), "
        "MEDIAN(i.unit_price) FILTER (i.unit_price > 0) FROM orders AS o JOIN order_items AS i USING (order_id) "
        f"JOIN products AS p USING (product_id) WHERE o.status = 'completed' AND o.ordered_at >= DATE '{sold.first}' "
        f"AND o.ordered_at < DATE '{sold.last}' + INTERVAL 1 DAY GROUP BY 1, 2 ORDER BY 1, 2"
    )
    units, seen = np.zeros((len(sold.ids), size)), np.full((len(sold.ids), size), np.nan)
    for product, day, count, price in con.execute(asked).fetchall():
        units[product, day] = count
        seen[product, day] = np.nan if price is None else np.log(price)
    for b in sold.bulk:
        units[b.product, (b.day - sold.first).days] -= b.units * b.left_out
    at = np.arange(size) + sold.first.weekday()
    return Days(units, _prices(seen, at % 7), promotion_days(con, sold, size)[:-1], at // 7, at % 7)


def _prices(seen: Doubles, weekday: Ints) -> Doubles:
    """Prices of all days against each product's usual one: between two sales at different prices it changed on the
    shop's own day for it, else half-way. Were the last one to go on, days without a sale would all seem cheap when
    prices rise, and sell too little."""
    held = [np.flatnonzero(~np.isnan(row)) for row in seen]
    changes = [_changes(row, at) for row, at in zip(seen, held, strict=True)]
    usual = _usual_day([weekday[after] for each in changes for before, after in each if after - before == 1])
    out = np.zeros_like(seen)
    for row, at, changed, filled in zip(seen, held, changes, out, strict=True):
        if not len(at):
            continue
        last = np.maximum.accumulate(np.where(np.isnan(row), -1, np.arange(len(row))))
        filled[:] = row[np.where(last < 0, at[0], last)]
        for before, after in changed:
            days = [d for d in range(before + 1, after + 1) if weekday[d] == usual]
            filled[days[len(days) // 2] if days else (before + after + 1) // 2 : after] = row[after]
        filled -= np.median(row[at])
    return np.clip(out, -DEAREST, DEAREST)


def _changes(row: Doubles, at: Ints) -> list[tuple[int, int]]:
    """Days of neighbouring sales at different prices."""
    moved = np.flatnonzero(np.diff(row[at]) != 0)
    return [(int(at[k]), int(at[k + 1])) for k in moved]


def _usual_day(weekdays: list[int]) -> int | None:
    found = np.bincount(np.array(weekdays, dtype=np.int64), minlength=7)
    return int(found.argmax()) if found.sum() and found.max() > MOSTLY * found.sum() else None
