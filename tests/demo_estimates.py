"""What a careful analyst would get out of a demo shop's tables by simple means. Reads the tables, never the truths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HONEST = "status = 'completed' AND is_fraud IS NOT TRUE"


@dataclass(frozen=True)
class Panel:
    """Products x days. `price`: the week's mean unit price, carried over weeks without a sale; `cut`: by promotions."""

    products: list[str]
    category: NDArray[np.int64]
    categories: list[str]
    units: Floats
    price: Floats
    cut: Floats
    there: Bools  # between a product's first and last sale
    month: NDArray[np.int64]  # of each day, in the history
    week: NDArray[np.int64]

    @cached_property
    def relative(self) -> Floats:
        """Log price about the product's own mean."""
        log = np.log(self.price)
        return log - log.mean(axis=1, keepdims=True)

    @cached_property
    def used(self) -> Bools:
        """Where prices can be compared: sold then, and no promotion."""
        return self.there & (self.cut == 0)


def read_panel(con: duckdb.DuckDBPyConnection) -> Panel:
    goods = con.execute(
        f"""SELECT product_id, category FROM products WHERE product_id IN
        (SELECT product_id FROM order_items JOIN orders USING (order_id) WHERE {HONEST}) ORDER BY 1"""
    ).fetchall()
    first, days = con.execute(
        "SELECT min(ordered_at)::DATE, date_diff('day', min(ordered_at)::DATE, max(ordered_at)::DATE) + 1 FROM orders"
    ).fetchall()[0]
    number = {product: row for row, (product, _) in enumerate(goods)}
    categories = sorted({category for _, category in goods})
    start = np.datetime64(first, "D")
    dates = start + np.arange(days)
    week = (np.arange(days) + first.weekday()) // 7
    units, price = _sold(con, number, days, week, first)
    return Panel(
        products=[product for product, _ in goods],
        category=np.array([categories.index(category) for _, category in goods]),
        categories=categories,
        units=units,
        price=price,
        cut=_cuts(con, number, days, first),
        there=_between_sales(units),
        month=dates.astype("datetime64[M]").astype(np.int64) - int(start.astype("datetime64[M]").astype(np.int64)),
        week=week,
    )


def _sold(con, number, days, week, first):  # type: ignore[no-untyped-def]
    rows = con.execute(
        f"""SELECT product_id, date_diff('day', ?::DATE, ordered_at::DATE), sum(quantity), avg(unit_price)
        FROM order_items JOIN orders USING (order_id) WHERE {HONEST} GROUP BY 1, 2""",
        [first],
    ).fetchnumpy()
    product = np.array([number[p] for p in rows["product_id"]])
    day, sold, paid = (np.asarray(list(rows.values())[i], dtype=float) for i in (1, 2, 3))
    day = day.astype(np.int64)
    units = np.zeros((len(number), days))
    units[product, day] = sold
    weekly = np.full((len(number), int(week[-1]) + 1), np.nan)
    weekly[product, week[day]] = paid
    return units, _carried(weekly)[:, week]


def _carried(weekly: Floats) -> Floats:
    """Gaps take the value before them, a first gap the one after."""
    for row in weekly:
        known = np.flatnonzero(~np.isnan(row))
        row[:] = row[known[np.maximum(np.searchsorted(known, np.arange(len(row)), side="right") - 1, 0)]]
    return weekly


def _cuts(con, number, days, first):  # type: ignore[no-untyped-def]
    cut = np.zeros((len(number), days))
    rows = con.execute(
        "SELECT product_id, date_diff('day', $1::DATE, starts_at::DATE), date_diff('day', $1::DATE, ends_at::DATE),"
        " percent_off / 100 FROM promotions",
        [first],
    ).fetchall()
    for product, begins, ends, off in rows:
        if product is not None and product not in number:
            continue
        which = slice(None) if product is None else number[product]
        cut[which, begins : ends + 1] = off
    return cut


def _between_sales(units: Floats) -> Bools:
    sold = units > 0
    begun = np.maximum.accumulate(sold, axis=1)
    goes_on = np.maximum.accumulate(sold[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(begun & goes_on)


@dataclass(frozen=True)
class Fit:
    """Poisson regression with product and category-day effects: log demand = product + day + slope x log price."""

    level: Floats  # (products,)
    day: Floats  # (products, days) the effect of the product's category on that day
    slope: Floats  # (products,)
    error: Floats  # (products,) standard error of the slope
    pooled: Floats  # (categories,)


def fit_panel(panel: Panel, rounds: int = 60) -> Fit:
    """Prices answer demand by category and week, so products are compared within category and day."""
    count, categories = len(panel.products), len(panel.categories)
    level, slope, day = np.zeros(count), np.full(count, -1.0), np.zeros((categories, panel.units.shape[1]))
    y = panel.units * panel.used
    member = np.eye(categories)[panel.category].T  # (categories, products)
    pooled = np.zeros(categories)
    for _ in range(rounds):
        mean = _mean(panel, level, day, slope)
        level += np.log(y.sum(axis=1) / mean.sum(axis=1))
        mean = _mean(panel, level, day, slope)
        day += np.log((member @ y + 0.02) / (member @ mean + 0.02))
        mean = _mean(panel, level, day, slope)
        centred = panel.relative - ((mean * panel.relative).sum(axis=1) / mean.sum(axis=1))[:, None]
        score, information = (centred * (y - mean)).sum(axis=1), (centred**2 * mean).sum(axis=1)
        pooled = (member @ (information * slope + score)) / (member @ information)
        shrink = 8.0  # partial pooling: slopes of a category spread by about 0.35 about their mean
        slope = np.clip((information * slope + score + shrink * pooled[panel.category]) / (information + shrink), -6, 2)
    return Fit(level, day[panel.category], slope, 1 / np.sqrt(np.maximum(information, 1e-9)), pooled)


def _mean(panel: Panel, level: Floats, day: Floats, slope: Floats) -> Floats:
    log = level[:, None] + day[panel.category] + slope[:, None] * panel.relative
    return np.asarray(np.exp(log) * panel.used)


def naive_slopes(panel: Panel) -> Floats:
    """Ordinary least squares of log weekly units on log price, product by product, weeks with sales, nothing else."""
    weeks = int(panel.week[-1]) + 1
    into = np.eye(weeks)[panel.week]
    units, price = panel.units @ into, (panel.relative @ into) / into.sum(axis=0)
    slopes = np.full(len(units), np.nan)
    for row, (sold, log_price) in enumerate(zip(units, price, strict=True)):
        some = sold > 0
        x, y = log_price[some], np.log(sold[some])
        if some.sum() > 8 and x.std() > 0:
            slopes[row] = np.cov(x, y)[0, 1] / x.var(ddof=1)
    return slopes


def season_and_trend(panel: Panel, fit: Fit) -> tuple[Floats, Floats]:
    """(categories, 12) logs of season, mean 0, January first, and (categories,) trends a year, at constant prices."""
    months = np.eye(int(panel.month[-1]) + 1)[panel.month]
    base = np.exp(fit.level[:, None] + fit.slope[:, None] * panel.relative) * panel.used
    member = np.eye(len(panel.categories))[panel.category].T
    sold, expected = member @ (panel.units * panel.used) @ months, member @ base @ months
    seen = (sold > 0) & (expected > 0.3 * np.median(expected, axis=1, keepdims=True))  # not: promoted all month
    log = np.where(seen, np.log(np.where(seen, sold, 1) / np.where(seen, expected, 1)), np.nan)
    calendar = (np.arange(log.shape[1]) + 10) % 12  # the data begin in November
    trend = np.nanmedian(log[:, 12:] - log[:, :12], axis=1)
    level = log - trend[:, None] * (np.arange(log.shape[1]) / 12)
    season = np.stack([np.nanmean(level[:, calendar == month], axis=1) for month in range(12)], axis=1)
    return season - season.mean(axis=1, keepdims=True), trend


def promotion_uplift(panel: Panel, fit: Fit) -> float:
    """Demand in promotions of single products over what it would be at that price, as a factor."""
    member = np.eye(len(panel.categories))[panel.category].T
    day_known = (member @ panel.used >= 5)[panel.category]  # from products of the category that are not promoted
    promoted = panel.there & (panel.cut > 0) & day_known
    mean = np.exp(fit.level[:, None] + fit.day + fit.slope[:, None] * (panel.relative + np.log1p(-panel.cut)))
    return float((panel.units * promoted).sum() / (mean * promoted).sum())


def cross_slope(panel: Panel, fit: Fit, product: str, other: str) -> tuple[float, float]:
    """What another product's log price adds to a product's log demand, and its standard error."""
    row, of = panel.products.index(product), panel.products.index(other)
    use = panel.used[row]
    y = panel.units[row, use]
    x = np.stack([np.ones(use.sum()), panel.relative[row, use], panel.relative[of, use]], axis=1)
    beta = np.array([fit.level[row], fit.slope[row], 0.0])
    for _ in range(12):
        mean = np.exp(fit.day[row, use] + x @ beta)
        information = x.T @ (mean[:, None] * x) + 1e-6 * np.eye(3)  # also where a price never moved
        beta = beta + np.linalg.solve(information, x.T @ (y - mean))
    return float(beta[2]), float(np.sqrt(np.linalg.inv(information)[2, 2]))
