"""A forecast as rows: the total first, then what is sold already, each thing asked for, each bucket, the history, what
was sold at comparable times, and how far off each way of forecasting was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tools.contract import Cell, Column
from tools.forecast.asked import Asked, Item, buckets
from tools.forecast.levels import MIXED, MODEL
from tools.forecast.outlook import Outlook
from tools.forecast.simple import RECENT, usual
from tools.forecast.sold import UNITS, Doubles
from tools.forecast.totals import Target, Tested, Total, tested, total
from tools.metrics.dates import DAY, add_months, unit_start

# Words of the column `part`; no sentence about a forecast has them.
TOTAL, SO_FAR, TO_COME, ONE = "total of it", "already sold of it", "yet to come of it", "one of them"
FORECAST, UNTIL, HISTORY = "forecast by {}", "until then by {}", "history by {}"
BEFORE, YEAR_BEFORE, TEST, DRIVER = "as many days before", "same days a year before", "back-test", "made of"
WHAT_IF, PROMOTED, UNPROMOTED = "at that price", "with that promotion", "without a promotion"
BOTH, UNPROMOTED_AT = "at that price with that promotion", "at that price without a promotion"
BY_PRICE, BY_PROMOTION = "brought by the price", "brought by the promotion"
DRIVERS = ("level-of-last-weeks", "calendar-alone", "season-and-the-rest")
SEASONAL = (*DRIVERS[:2], "time-of-year", "the-rest")  # where there is history enough to tell the season apart
ANSWER = "storewise"
NAMES = {  # of the ways to forecast, as the column `method` has them
    "answer": ANSWER, MODEL: "transformer+lightgbm",
    MIXED: "transformer+lightgbm+mean-of-4-weeks", "recent": "mean-of-4-weeks", "longer": "mean-of-13-weeks",
    "last_year": "year-ago", "grown": "year-ago-grown", "moved": "13-weeks-moved-as-shop-a-year-ago",
}  # fmt: skip
SHOWN_BACK = {"day": 28, "week": 26, "month": 13}
RANGE = (8, 10)  # so many of so many times a total lies between its bounds


@dataclass(frozen=True)
class Facts:
    """All that the rows are made of. `days` is what was sold of it each day, bulk orders taken off."""

    asked: Asked
    look: Outlook
    whole: Target
    items: tuple[tuple[Item, Target], ...]
    days: Doubles
    season: Doubles | None = None  # (12,) factors of the months, where they are known

    @property
    def origin(self) -> date:
        return self.look.sold.last + DAY

    def total(self, target: Target, start: date, end: date) -> Total:
        begin, stop = ((d - self.origin).days for d in (max(start, self.origin), end + DAY))
        return total(self.look.shop, self.look.opening, target, begin, stop)

    def tested(self) -> Tested:
        start, end = self.asked.period.start, self.asked.period.end
        begin, stop = ((d - self.origin).days for d in (max(start, self.origin), end + DAY))
        return tested(self.look.shop, self.look.opening, self.whole, begin, stop)

    def sold(self, start: date, end: date) -> float | None:
        """What was sold on these days; None where the data doesn't cover them."""
        begin, stop = ((d - self.look.sold.first).days for d in (start, end + DAY))
        return float(self.days[begin:stop].sum()) if 0 <= begin < stop <= len(self.days) else None

    @property
    def done(self) -> float | None:
        """What is sold already of a period that has begun."""
        start, last = self.asked.period.start, self.look.sold.last
        return self.sold(max(start, self.look.sold.first), last) if start < self.origin else None

    @property
    def label(self) -> str | None:
        return self.asked.items[0].label if len(self.asked.items) == 1 else None


def columns_of(facts: Facts, currency: str) -> tuple[Column, ...]:
    m = facts.asked.metric
    unit = "count" if m == UNITS else currency
    bounds = (Column(f"{m}_{name}", unit) for name in ("low", "high", "lowest", "highest"))
    return (
        Column("part", "name"), Column(facts.asked.grain, facts.asked.grain), Column("what", "title"), Column(m, unit),
        *bounds, Column("method", "name"), Column("error", "%"), Column("periods_tested", "count"),
        Column("times_inside", "count"), Column("times_in_all", "count"),
    )  # fmt: skip


def rows_of(facts: Facts) -> list[list[Cell]]:
    """In the order told above. Row 0 is the total of the period asked for."""
    told = (_totals, _items, _drivers, _buckets, _history, _beside, _tests)
    return [row for part in told for row in part(facts)]


def _totals(facts: Facts) -> Iterator[list[Cell]]:
    period = facts.asked.period
    coming = facts.total(facts.whole, period.start, period.end)
    answer = facts.look.shop.level[facts.whole.level].best
    done = facts.done
    yield _row(facts, TOTAL, None, coming, more=done or 0.0, method=NAMES[answer])
    if done is not None:
        yield _row(facts, SO_FAR, None, done)
        yield _row(facts, TO_COME, None, coming)


def _items(facts: Facts) -> Iterator[list[Cell]]:
    """Where several things are asked for: each, and together they are the total."""
    period = facts.asked.period
    for item, target in facts.items if len(facts.items) > 1 else ():
        yield _row(facts, ONE, None, facts.total(target, period.start, period.end), what=item.label)


def _drivers(facts: Facts) -> Iterator[list[Cell]]:
    """What the part to come is made of, adding up to it: the level of the last weeks, what weekdays and closed days
    change of it, the time of year where it can be told, and the rest: trend, prices, promotions as the answering way
    sees them."""
    period, level = facts.asked.period, facts.look.shop.level[facts.whole.level]
    start = max(period.start, facts.origin)
    weeks = ((period.end - start).days + 1) / 7
    y = level.y[facts.whole.members].sum(0, keepdims=True)
    base = float(usual(y, facts.look.opening.weeks()[: y.shape[1]])[:, -RECENT:].mean()) * weeks
    parts = facts.look.opening.parts(y.shape[1], (start - facts.origin).days, (period.end - facts.origin).days + 1,
                                     facts.look.shop.horizon)  # fmt: skip
    repeated = float((level.methods["recent"][-1, facts.whole.members].sum(0) * parts).sum())
    mean = facts.total(facts.whole, period.start, period.end).mean
    values = [base, repeated - base, mean - repeated]
    if facts.season is not None:
        season = repeated * (_seasonal(facts.season, facts.origin, start, period.end) - 1)
        values = [*values[:2], season, mean - repeated - season]
    for name, value in zip(SEASONAL if facts.season is not None else DRIVERS, values, strict=True):
        yield _row(facts, DRIVER, None, value, method=name)


def _seasonal(season: Doubles, origin: date, start: date, end: date) -> float:
    """What the months of a period are against those of the last weeks, of which the level is."""

    def mean(first: date, days: int) -> float:
        return float(np.mean([season[(first + timedelta(days=d)).month - 1] for d in range(days)]))

    return mean(start, (end - start).days + 1) / mean(origin - timedelta(weeks=RECENT), 7 * RECENT)


def _buckets(facts: Facts) -> Iterator[list[Cell]]:
    period, grain = facts.asked.period, facts.asked.grain
    for start, end in _leading(facts):
        yield _row(facts, UNTIL.format(grain), start, facts.total(facts.whole, start, end))
    for start, end in buckets(period.start, period.end, grain):
        if end < facts.origin:
            continue
        done = (facts.sold(start, facts.look.sold.last) or 0.0) if start < facts.origin else 0.0
        yield _row(facts, FORECAST.format(grain), _key(start, grain), facts.total(facts.whole, start, end), more=done)


def _leading(facts: Facts) -> list[tuple[date, date]]:
    """Whole buckets between the history and the period asked for."""
    start, grain = facts.asked.period.start, facts.asked.grain
    if start <= facts.origin:
        return []
    if grain == "month":
        return [b for b in buckets(facts.origin, start - DAY, grain) if b[0].day == 1]
    step = 1 if grain == "day" else 7
    count = (start - facts.origin).days // step
    ends = [start - timedelta(days=step * k) for k in range(count, 0, -1)]
    return [(d, d + timedelta(days=step - 1)) for d in ends]


def _history(facts: Facts) -> Iterator[list[Cell]]:
    """Whole buckets of the same length before what is forecast."""
    grain = facts.asked.grain
    for k in range(SHOWN_BACK[grain], 0, -1):
        start, end = _back(facts, k)
        value = facts.sold(start, end)
        if value is not None and end <= facts.look.sold.last:
            yield _row(facts, HISTORY.format(grain), start, value)


def _back(facts: Facts, k: int) -> tuple[date, date]:
    grain = facts.asked.grain
    if grain == "month":
        start = add_months(unit_start(facts.origin, "month"), -k)
        return start, add_months(start, 1) - DAY
    step = 1 if grain == "day" else 7
    begin = min(facts.origin, facts.asked.period.start)
    start = begin - timedelta(days=step * k)
    return start, start + timedelta(days=step - 1)


def _beside(facts: Facts) -> Iterator[list[Cell]]:
    """What was sold on the same days a year before, and on as many days at the end of the data."""
    start, end = facts.asked.period.start, facts.asked.period.end
    size = (end - start).days
    for part, first, last in (
        (YEAR_BEFORE, add_months(start, -12), _month_end_kept(end)),
        (BEFORE, facts.look.sold.last - timedelta(days=size), facts.look.sold.last),
    ):
        value = facts.sold(first, last)
        if value is not None and not (part == BEFORE and start < facts.origin):
            yield _row(facts, part, None, value)


def _month_end_kept(end: date) -> date:
    """A year before; the last day of a month stays one."""
    then = add_months(end, -12)
    return add_months(unit_start(then, "month"), 1) - DAY if (end + DAY).day == 1 else then


def _tests(facts: Facts) -> Iterator[list[Cell]]:
    """The answer's error first, then each way's, the best first."""
    found = facts.tested()
    order = sorted(found.errors, key=lambda name: (name != "answer", found.errors[name]))
    for name in order:
        row = _row(facts, TEST, None, None, method=NAMES[name])
        row[9:11] = [found.errors[name], found.periods]
        yield row


def empty_row(facts: Facts, part: str) -> list[Cell]:
    """A row without figures, for whoever fills them in."""
    row = _row(facts, part, None, None)
    row[-2:] = RANGE
    return row


def part_row(facts: Facts, part: str, value: float) -> list[Cell]:
    """A row with one figure, as it is to be shown."""
    row = _row(facts, part, None, None)
    row[3] = value
    return row


def _key(start: date, grain: str) -> date:
    return unit_start(start, "month") if grain == "month" else start


def _row(
    facts: Facts, part: str, at: date | None, value: Total | float | None, *, more: float = 0.0,
    what: str | None = None, method: str | None = None,
) -> list[Cell]:  # fmt: skip
    """`more` is sold already, and added to a forecast and its bounds."""
    m = facts.asked.metric
    day = at.isoformat() if at else None
    label = what or facts.label
    if not isinstance(value, Total):
        shown = None if value is None else rounded(value, m)
        return [part, day, label, shown, *[None] * 4, method, None, None, None, None]
    names = ("low", "high", "lowest", "highest")
    bounds = [rounded(value.bounds[name] + more, m) for name in names]
    return [part, day, label, rounded(value.mean + more, m), *bounds, method, None, None, *RANGE]


def rounded(value: float, metric: str) -> float | int:
    """Money to the cent; units whole from ten on, else to one decimal: nobody knows more."""
    if metric == UNITS:
        return round(value) if abs(value) >= 9.95 else round(value, 1)
    return round(value, 2)
