"""Periods and their arithmetic: what a stretch of days is, what lies before it, and how it is cut into buckets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = timedelta(days=1)
SATURDAY = 5
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
COMES_EVERY = {"season": "year", "weekend": "week"}  # units with gaps between them
GRAINS = ("day", "week", "month", "quarter", "year")
EPOCH = date(1970, 1, 1)  # stands for "from the beginning" where the first day isn't known
FIRST_YEAR, LAST_YEAR = 1900, 2200  # arithmetic stops here instead of overflowing


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included.

    A period with today in it ends today; `natural` is then its calendar end. `unit` × `count` is what it was said in
    ("the last 30 days" is day × 30 also where it happens to be a whole month); empty where it was given by its dates.
    """

    start: date
    end: date
    relative: bool = False  # its dates depend on today
    asked: str = ""  # the words
    natural: date | None = None  # the calendar end, where that is after `end`
    future: bool = False  # begins after today
    whole: bool = False  # the whole history
    unit: str = ""
    count: int = 0

    @property
    def natural_end(self) -> date:
        return self.natural or self.end

    @property
    def unfinished(self) -> bool:
        """Today lies in it, before its last day."""
        return self.natural is not None and self.natural > self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Shift:
    """A period told from another one: the `n` units next to it, or (`same`) the same dates moved by `n` units.

    `n` is negative for earlier. `unit` may be "period": the whole length of the other one.
    """

    unit: str
    n: int
    same: bool = False
    asked: str = ""


@dataclass(frozen=True)
class Unclear:
    """Words that can be read in several ways; `options` are texts that can be parsed."""

    asked: str
    options: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Span:
    """Where in the text (character offsets, end exclusive) a time expression stands and what it means."""

    start: int
    end: int
    value: Period | Unclear | Shift


def add_months(d: date, n: int) -> date:
    """The same day `n` months later (earlier); the month's last day where it has no such day."""
    months = d.year * 12 + d.month - 1 + n
    year = min(max(months // 12, FIRST_YEAR), LAST_YEAR)
    month = months % 12 + 1
    return date(year, month, min(d.day, days_in_month(year, month)))


def days_in_month(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - DAY).day


def add_units(d: date, unit: str, n: int) -> date:
    if unit in MONTHS_IN:
        return add_months(d, n * MONTHS_IN[unit])
    days = n * (7 if unit == "week" else 1)
    low, high = (date(FIRST_YEAR, 1, 1) - d).days, (date(LAST_YEAR, 12, 31) - d).days
    return d + min(max(days, low), high) * DAY


def unit_start(d: date, unit: str) -> date:
    """First day of the calendar unit that holds `d`; weeks start on Monday."""
    if unit == "day":
        return d
    if unit == "week":
        return d - d.weekday() * DAY
    size = MONTHS_IN[unit]
    return date(d.year, (d.month - 1) // size * size + 1, 1)


def bucket_end(start: date, grain: str) -> date:
    """Last day of the bucket that begins on `start`."""
    return add_units(start, grain, 1) - DAY


def bucket_starts(p: Period, grain: str) -> list[date]:
    """First days of the calendar buckets that `p` touches, in order; the first may begin before `p` does."""
    return list(_starts(unit_start(p.start, grain), p.end, grain))


def _starts(start: date, last: date, grain: str) -> Iterator[date]:
    while start <= last:
        yield start
        start = add_units(start, grain, 1)


def fully_covered(start: date, grain: str, first_day: date, today: date) -> bool:
    """Whether the bucket that begins on `start` lies wholly within the data, so that it may be ranked."""
    return first_day <= start and bucket_end(start, grain) <= today


def make(start: date, end: date, today: date, **kw: object) -> Period:
    """A period of calendar dates as seen today: cut at today where it isn't over, marked where it hasn't begun."""
    end = max(start, end)
    unfinished = start <= today < end
    p = Period(start, today if unfinished else end, natural=end if unfinished else None, future=start > today)
    return replace(p, **kw) if kw else p  # type: ignore[arg-type]


def calendar(d: date, unit: str, today: date, n: int = 0, **kw: object) -> Period:
    """The calendar unit that holds `d`, or the one `n` units later."""
    start = add_units(unit_start(d, unit), unit, n)
    return make(start, bucket_end(start, unit), today, unit=unit, count=1, **kw)


def is_whole(p: Period, unit: str) -> bool:
    """Whether the period is made of whole calendar units, to its natural end."""
    return unit_start(p.start, unit) == p.start and unit_start(p.natural_end + DAY, unit) == p.natural_end + DAY


def size(p: Period) -> tuple[str, int]:
    """What the period is made of, (unit, count): as it was said, else whole months, a weekend, days."""
    if p.unit:
        return p.unit, p.count
    if is_whole(p, "month"):
        after = p.natural_end + DAY
        return "month", (after.year - p.start.year) * 12 + after.month - p.start.month
    days = (p.natural_end - p.start).days + 1
    return ("weekend", 1) if days == 2 and p.start.weekday() == SATURDAY else ("day", days)


def year_moved(d: date, n: int) -> date:
    return add_months(d, 12 * n)


def end_moved(end: date, unit: str, n: int) -> date:
    """The last day of a period moved by `n` units: moves the day after it, so that whole months stay whole."""
    after = end + DAY
    moved = add_units(after, unit, n)
    clamped = unit in MONTHS_IN and moved.day < after.day  # 29 Feb has no such day in other years: keep the 28th in
    return moved if clamped else moved - DAY


def before(p: Period) -> Period:
    """The period before, as long as this one, to its natural end. A season's is that of a year earlier."""
    unit, count = size(p)
    if unit in COMES_EVERY:
        return _moved(replace(p, end=p.natural_end), COMES_EVERY[unit], -1)
    start = add_units(p.start, unit, -count)
    return replace(Period(start, p.start - DAY), unit=unit, count=count)


def year_earlier(p: Period) -> Period:
    """The same dates one year earlier."""
    return _moved(p, "year", -1)


def _moved(p: Period, unit: str, n: int) -> Period:
    start = add_units(p.start, unit, n)
    return replace(Period(start, max(start, end_moved(p.end, unit, n))), unit=p.unit, count=p.count)


def shift(p: Period, by: Shift) -> Period:
    """The period that `by` tells from `p`: the same dates moved, or the units next to `p`.

    A unit longer than `p` means the calendar unit beside the one that `p` lies in ("the month before", of a day).
    """
    if by.unit == "period":
        return before(p) if by.n < 0 else _beside(p, *size(p))
    if by.unit == "weekend":
        return _weekend_beside(p, by.n)
    if by.same:
        return _moved(p, by.unit, by.n)
    if abs(by.n) == 1 and _length(by.unit) > (p.natural_end - p.start).days + 1:
        start = add_units(unit_start(p.start, by.unit), by.unit, by.n)
        return Period(start, bucket_end(start, by.unit), unit=by.unit, count=1)
    return _beside(p, by.unit, by.n)


def _weekend_beside(p: Period, n: int) -> Period:
    """The last Saturday and Sunday before a period, the first after it."""
    if n < 0:
        saturday = p.start - ((p.start.weekday() + 1) % 7 or 7) * DAY - DAY
    else:
        after = p.natural_end + DAY
        saturday = after + (5 - after.weekday()) % 7 * DAY
    return Period(saturday, saturday + DAY, unit="weekend", count=1)


def _length(unit: str) -> int:
    """The least number of days of a unit."""
    return {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}[unit]


def _beside(p: Period, unit: str, n: int) -> Period:
    if unit in COMES_EVERY:
        return _moved(replace(p, end=p.natural_end), COMES_EVERY[unit], n)
    if n < 0:
        return Period(add_units(p.start, unit, n), p.start - DAY, unit=unit, count=-n)
    after = p.natural_end + DAY
    return Period(after, add_units(after, unit, n) - DAY, unit=unit, count=n)
