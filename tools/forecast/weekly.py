"""A store's weeks as a panel for the models: a series for each product and country that sold enough, one for the rest
of each category, with what is known ahead: open days, holidays, promotions, prices.

P products, C countries, S series, T weeks of history, H to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.forecast.opening import Opening
from tools.forecast.sold import BULK, UNITS, Doubles, Sold
from tools.forecast.table import FREQS, Panel

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from store.connect import Store

ALONE = 600  # products, at most, that are a series each
SOLD_IN = 8  # weeks, at least, in which such a one was sold
COUNTRY_IN = 20
SHARED_OVER = 26  # weeks that tell a product's part of the rest of its category
DEAREST = 1.0  # a logarithm: prices beyond e times the usual are held there
KNOWN = ("open", "holidays", "promotion", "price")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """`product` (P,) and `country` (C,) tell which series each one is in; `alone` (S,) those of one member."""

    names: tuple[str, ...]
    product: Ints
    country: Ints
    category: Ints  # (S,) from 1; 0 for countries
    alone: npt.NDArray[np.bool_]


def series_of(sold: Sold) -> Series:
    kinds = {kind: n for n, kind in enumerate(dict.fromkeys(sold.categories), 1)}
    own = _enough(sold.product[UNITS], SOLD_IN, ALONE)
    theirs = _enough(sold.country[UNITS], COUNTRY_IN, ALONE)
    products = [
        (f"product {i}", kinds[kind], True) if one else (f"rest of {kind}", kinds[kind], False)
        for i, kind, one in zip(sold.ids, sold.categories, own, strict=True)
    ]
    countries = [
        (f"country {name}", 0, True) if one else ("rest of countries", 0, False)
        for name, one in zip(sold.countries, theirs, strict=True)
    ]
    found = list(dict.fromkeys([*products, *countries]))
    places = {each: n for n, each in enumerate(found)}
    names, category, alone = zip(*found, strict=True)
    product, country = (np.array([places[each] for each in of], dtype=np.int64) for of in (products, countries))
    return Series(names, product, country, np.array(category, dtype=np.int64), np.array(alone, dtype=bool))


def _enough(units: Doubles, weeks: int, most: int) -> npt.NDArray[np.bool_]:
    found = (units > 0).sum(1) >= weeks
    size = np.where(found, units.sum(1), -1.0)
    best = np.argsort(-size, kind="stable")[:most]
    out = np.zeros(len(units), dtype=bool)
    out[best] = True
    return np.asarray(out & found)


def panel_of(store: Store, sold: Sold, series: Series, opening: Opening, horizon: int) -> Panel:
    """Weeks are labelled by their first day; units to come are not known."""
    size, weeks = len(series.names), sold.weeks
    y = np.zeros((size, weeks))
    np.add.at(y, series.product, sold.product[UNITS])
    np.add.at(y, series.country, sold.country[UNITS])
    with store.connect() as con:
        promoted, price = promotions_of(con, sold, weeks + horizon), prices_of(con, sold, weeks + horizon)
    weight = opening.weeks()
    known = np.zeros((size, weeks + horizon, len(KNOWN)), np.float32)
    known[..., 0], known[..., 1] = weight, opening.holiday.reshape(-1, 7).sum(1)
    known[..., 2] = promoted[-1]
    single = series.alone[series.product]
    for column, values in ((2, promoted[:-1]), (3, price)):
        known[series.product[single], :, column] = values[single]
    first = np.where((y > 0).any(1), (y > 0).argmax(1), weeks)
    held = np.arange(weeks + horizon) >= first[:, None]
    full = np.concatenate([y, np.full((size, horizon), np.nan)], 1)
    static = np.stack([np.where(series.category > 0, np.where(series.alone, 1, 2), 3), series.category], 1)
    dates = np.datetime64(sold.first, "D") + 7 * np.arange(weeks + horizon)
    year = FREQS["W"].year
    return Panel(
        FREQS["W"], year if weeks >= 2 * year else 1, series.names, dates,
        np.where(held, full, np.nan).astype(np.float32), first, known, KNOWN,
        static.astype(np.int64), ("level", "category"), np.broadcast_to(weight > 0, full.shape).copy(), notes_of(sold),
    )  # fmt: skip


def notes_of(sold: Sold) -> tuple[str, ...]:
    """What was left out of the history, and why."""
    if not sold.bulk:
        return ()
    top = sold.bulk[0]
    said = "one-off bulk order is" if len(sold.bulk) == 1 else "one-off bulk orders are each"
    return (
        f"{len(sold.bulk)} {said} counted as {BULK} usual weeks of the product at most, the largest "
        f"{top.units:,.0f} of {sold.titles[top.product]} on {top.day}.",
    )


def promotions_of(con: DuckDBPyConnection, sold: Sold, weeks: int) -> Doubles:
    """(P + 1, weeks) the part taken off, on average of the days; the last row is what the whole shop's ones take."""
    days = promotion_days(con, sold, 7 * weeks)
    return np.asarray(days.reshape(len(days), weeks, 7).mean(2))


def promotion_days(con: DuckDBPyConnection, sold: Sold, size: int) -> Doubles:
    """(P + 1, size) the part taken off on each day, likewise."""
    asked = (
        "SELECT COALESCE(q.rowid, -1), COALESCE(m.percent_off, 0) / 100, CAST(m.starts_at AS DATE), "
        "CAST(m.ends_at AS DATE) FROM promotions AS m LEFT JOIN products AS q ON q.product_id = m.product_id "
        "WHERE m.product_id IS NULL OR q.product_id IS NOT NULL ORDER BY 3, 1"
    )
    days = np.zeros((len(sold.ids) + 1, size))
    for product, cut, start, end in con.execute(asked).fetchall():
        begin, stop = ((d - sold.first).days for d in (start, end + timedelta(days=1)))
        rows = slice(None) if product < 0 else product
        days[rows, max(0, begin) : max(0, stop)] = np.maximum(days[rows, max(0, begin) : max(0, stop)], cut)
    return days


def prices_of(con: DuckDBPyConnection, sold: Sold, weeks: int) -> Doubles:
    """(P, weeks) log of the median price of the lines against the product's usual one; the last one goes on."""
    start = date.isoformat(sold.first)
    asked = (
        f"SELECT p.rowid, DATE_DIFF('day', DATE '{start}', CAST(o.ordered_at AS DATE)) // 7 AS week, "
        "MEDIAN(i.unit_price) FROM orders AS o JOIN order_items AS i USING (order_id) JOIN products AS p "
        f"USING (product_id) WHERE o.status = 'completed' AND i.unit_price > 0 AND o.ordered_at >= DATE '{start}' "
        f"AND o.ordered_at < DATE '{sold.last}' + INTERVAL 1 DAY GROUP BY 1, 2 ORDER BY 1, 2"
    )
    out = np.full((len(sold.ids), weeks), np.nan)
    for product, week, price in con.execute(asked).fetchall():
        out[product, week] = np.log(price)
    held = ~np.isnan(out)
    last = np.maximum.accumulate(np.where(held, np.arange(weeks), -1), 1)
    at = np.where(last < 0, held.argmax(1)[:, None], last)
    filled = np.take_along_axis(out, at, 1)
    with np.errstate(all="ignore"):
        middle = np.array([np.median(row[k]) if k.any() else 0.0 for row, k in zip(out, held, strict=True)])
    return np.asarray(np.clip(np.nan_to_num(filled - middle[:, None]), -DEAREST, DEAREST))


def parts_of(sold: Sold, series: Series, origin: int) -> tuple[Doubles, Doubles]:
    """The part of its series' units that each product (P,) and country (C,) had lately, before an origin."""
    out = []
    for member, units in ((series.product, sold.product[UNITS]), (series.country, sold.country[UNITS])):
        lately = units[:, max(0, origin - SHARED_OVER) : origin].sum(1)
        whole = np.bincount(member, lately, len(series.names))[member]
        out.append(
            np.where(series.alone[member], 1.0, np.divide(lately, whole, out=np.zeros_like(lately), where=whole > 0))
        )
    return out[0], out[1]
