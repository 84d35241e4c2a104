"""What a store has sold, by weeks of seven days that end on a given day: units and revenue of products and countries.

Read from the analytics file by SQL made of the metrics' own definitions, in Arrow batches. A week without sales is
zero; a first week begun late is left out. P products, C countries, T weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from store.kept import Kept
from tools.metrics.definitions import LINE_VALUE
from tools.metrics.expressions import sql, text_of
from tools.metrics.request import Filter
from tools.metrics.sources import Scope, Window, rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from store.connect import Store

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
WEEK = timedelta(weeks=1)
UNITS, REVENUE = "units", "revenue"
BULK, BULK_LEAST = 26, 100  # an order line is one-off from so many of the product's usual weeks on, and units
UNKNOWN = "unknown"
VALUES = {UNITS: "SUM(i.quantity)", REVENUE: f"SUM({LINE_VALUE})"}


@dataclass(frozen=True)
class Bulk:
    """An order line far beyond what its product sells: it counts as BULK usual weeks, the rest is left out."""

    product: int
    country: str
    day: date
    units: float
    left_out: float  # the part of it that is


@dataclass(frozen=True)
class Sold:
    """`product` and `country` are, by measure, (P, T) and (C, T). `days` (7 T,) is what the shop sold, by measure."""

    last: date
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]
    countries: tuple[str, ...]
    product: dict[str, Doubles]
    country: dict[str, Doubles]
    days: dict[str, Doubles]
    bulk: tuple[Bulk, ...] = field(default=())

    @property
    def weeks(self) -> int:
        return int(self.product[UNITS].shape[1])

    @property
    def first(self) -> date:
        """The first day of the first whole week."""
        return self.last - self.weeks * WEEK + timedelta(days=1)


_sold: Kept[Sold] = Kept(8)


def sold_until(store: Store, last: date) -> Sold:
    """All that was sold up to a day, read once a data version."""
    return _sold.of(store, lambda: _read(store, last), last)


def _read(store: Store, last: date) -> Sold:
    with store.connect() as con:
        names = con.execute("SELECT product_id, title, category FROM products ORDER BY rowid").fetchall()
        weeks = ((last - store.first_day).days + 1) // 7
        bulk = tuple(_bulk(con, last, weeks))
        at = _codes(con)
        product = _grid(con, "COALESCE(p.rowid, -1)", len(names) + 1, last, weeks)
        codes = {name: i for i, name in enumerate(at)}
        country = _grid(con, _country_code(at), len(at), last, weeks)
        days = daily(con, (), last - timedelta(days=7 * weeks - 1), last)
    for b in bulk:
        _take_off(product, country, days, b, codes, last)
    ids = (*(str(i) for i, _, _ in names), UNKNOWN)
    titles = (*(str(title) for _, title, _ in names), UNKNOWN)
    kinds = (*(str(kind or UNKNOWN) for _, _, kind in names), UNKNOWN)
    return Sold(last, ids, titles, kinds, at, product, country, days, bulk)


def daily(con: DuckDBPyConnection, filters: Sequence[Filter], first: date, last: date) -> dict[str, Doubles]:
    """Units and revenue of each day from first to last, under the conditions."""
    day = f"DATE_DIFF('day', DATE '{first}', CAST(o.ordered_at AS DATE))"
    size = (last - first).days + 1
    out = {name: np.zeros(size) for name in VALUES}
    for at, *values in _batches(con, [day], filters, Window(first, last)):
        for name, found in zip(VALUES, values, strict=True):
            out[name][at.astype(np.int64)] = found
    return out


def _grid(con: DuckDBPyConnection, key: str, size: int, last: date, weeks: int) -> dict[str, Doubles]:
    """Units and revenue by a code and week; code -1 is the last row."""
    back = f"DATE_DIFF('day', CAST(o.ordered_at AS DATE), DATE '{last}') // 7"
    out = {name: np.zeros((size, weeks)) for name in VALUES}
    for code, ago, *values in _batches(con, [key, back], (), Window(last - weeks * WEEK + timedelta(days=1), last)):
        at = (code.astype(np.int64), weeks - 1 - ago.astype(np.int64))
        for name, found in zip(VALUES, values, strict=True):
            out[name][at] = found
    return out


def _batches(
    con: DuckDBPyConnection, keys: Sequence[str], filters: Sequence[Filter], window: Window
) -> Iterator[list[npt.NDArray[Any]]]:
    """Columns of sums by the keys, an Arrow batch at a time."""
    import nanoarrow

    scope = Scope((), tuple(filters), (), window)
    columns = [sql(f"CAST({key} AS BIGINT) AS k{n}") for n, key in enumerate(keys)]
    columns += [sql(f"CAST({value} AS DOUBLE) AS {name}") for name, value in VALUES.items()]
    select = rows_of("lines", scope, columns).group_by(*(f"k{n}" for n in range(len(keys))))
    for batch in nanoarrow.ArrayStream(con.sql(text_of(select))).iter_chunks():
        yield [_column(child, len(batch)) for child in batch.iter_children()]


def _column(array: Any, size: int) -> npt.NDArray[Any]:
    return np.asarray(array.buffer(1))[array.offset : array.offset + size]


def _codes(con: DuckDBPyConnection) -> tuple[str, ...]:
    """The shop's countries, those that sold most first."""
    asked = "SELECT o.country FROM orders AS o WHERE o.status = 'completed' GROUP BY 1 ORDER BY COUNT(*) DESC, 1"
    return tuple(UNKNOWN if name is None else str(name) for (name,) in con.execute(asked).fetchall())


def _country_code(countries: Sequence[str]) -> str:
    cases = " ".join(f"WHEN '{name.replace(chr(39), chr(39) * 2)}' THEN {i}" for i, name in enumerate(countries))
    return f"CASE COALESCE(o.country, '{UNKNOWN}') {cases} END" if countries else "0"


def _bulk(con: DuckDBPyConnection, last: date, weeks: int) -> Iterator[Bulk]:
    """Lines of more than BULK weeks of what else the product sold in all weeks."""
    scope = Scope((), (), (), Window(last - weeks * WEEK + timedelta(days=1), last))
    texts = (
        "COALESCE(p.rowid, -1) AS product",
        f"COALESCE(o.country, '{UNKNOWN}') AS country",
        "CAST(o.ordered_at AS DATE) AS day",
        "i.quantity AS units",
    )
    lines = text_of(rows_of("lines", scope, [sql(text) for text in texts]))
    usual = f"(total - units) / {max(weeks, 1)}.0"
    asked = (
        f"WITH l AS ({lines}), t AS (SELECT product, SUM(units) AS total FROM l GROUP BY product) "
        f"SELECT product, country, day, units, {BULK} * {usual} AS kept FROM l JOIN t USING (product) "
        f"WHERE units >= {BULK_LEAST} AND units > {BULK} * {usual} ORDER BY units DESC, product, day"
    )
    for product, country, day, units, kept in con.execute(asked).fetchall():
        yield Bulk(int(product), str(country), day, float(units), 1 - float(kept) / float(units))


def _take_off(
    product: dict[str, Doubles], country: dict[str, Doubles], days: dict[str, Doubles], b: Bulk,
    codes: dict[str, int], last: date,
) -> None:  # fmt: skip
    """Units exactly; revenue in the proportion of the product's week."""
    week = -1 - (last - b.day).days // 7
    gone = b.units * b.left_out
    money = gone * product[REVENUE][b.product, week] / max(product[UNITS][b.product, week], 1e-9)
    for name, amount in ((UNITS, gone), (REVENUE, money)):
        product[name][b.product, week] -= amount
        country[name][codes[b.country], week] -= amount
        days[name][-1 - (last - b.day).days] -= amount
