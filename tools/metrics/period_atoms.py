"""What a rule of the period grammar makes of the words it matched, before words are combined into ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from tools.metrics.dates import DAY, Period, Shift, Unclear, add_units, bucket_end, calendar, days_in_month, make
from tools.metrics.labels import label

FIXED_DAYS = {  # month and day
    "christmas eve": (12, 24), "christmas day": (12, 25), "boxing day": (12, 26), "new year's eve": (12, 31),
    "new years eve": (12, 31), "new year's day": (1, 1), "new years day": (1, 1), "valentine's day": (2, 14),
    "valentines day": (2, 14), "singles day": (11, 11), "singles' day": (11, 11), "halloween": (10, 31),
    "平安夜": (12, 24), "圣诞节": (12, 25), "节礼日": (12, 26), "元旦": (1, 1), "情人节": (2, 14), "万圣节": (10, 31),
    "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12),
}  # fmt: skip
LOOK = 48  # characters read on either side of an expression
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "春": 3, "夏": 6, "秋": 9, "冬": 12}


@dataclass(frozen=True)
class Context:
    today: date
    first: date | None
    read: Callable[[str], Reading | None]  # what words within an expression mean

    def plausible(self, year: int) -> bool:
        """Whether a bare number may be a year: near the data."""
        first = self.first.year - 3 if self.first else self.today.year - 10
        return first <= year <= self.today.year + 2


At = Callable[[int], "Period | None"]


@dataclass(frozen=True)
class Reading:
    """What some words mean.

    `at` gives the same in another year where no year was said. `edge` ("start", "end") of `base` stands for "the
    beginning of …". `weak` words count only where nothing else is said. `beside` replaces the value where the text
    names another period too ("the previous month"). `choices` are the periods that an unclear value could be. `earlier`
    gives the same a year before: "last Easter" and "Easter last year" said beside "Easter" are the one before it.
    """

    value: Period | Unclear | Shift
    at: At | None = None
    base: Period | None = None
    edge: str = ""
    weak: bool = False
    beside: Shift | None = None
    choices: tuple[Period, ...] = ()
    earlier: Callable[[], Reading | None] | None = None


@dataclass(frozen=True)
class Atom:
    start: int  # in the normalised text
    end: int
    reading: Reading
    said: str = ""  # the words that were combined into it: "range", "since", …


def calendar_reading(ctx: Context, unit: str, n: int) -> Reading:
    return Reading(calendar(ctx.today, unit, ctx.today, n, relative=True))


def rolling(ctx: Context, unit: str, n: int) -> Reading | None:
    """The last `n` units, ending today."""
    if not 0 < n <= 10_000:
        return None
    start = add_units(ctx.today + DAY, unit, -n)
    return Reading(Period(start, ctx.today, relative=True, unit=unit, count=n))


def whole_units(ctx: Context, unit: str, n: int) -> Reading | None:
    """The `n` calendar units before the current one."""
    if not 0 < n <= 10_000:
        return None
    end = calendar(ctx.today, unit, ctx.today).start - DAY
    return Reading(Period(add_units(end + DAY, unit, -n), end, relative=True, unit=unit, count=n))


def coming(ctx: Context, unit: str, n: int) -> Reading | None:
    """The `n` units that begin tomorrow."""
    if not 0 < n <= 10_000:
        return None
    start = ctx.today + DAY
    return Reading(Period(start, add_units(start, unit, n) - DAY, relative=True, future=True, unit=unit, count=n))


def single_day(ctx: Context, day: date, relative: bool = False) -> Reading:
    return Reading(make(day, day, ctx.today, relative=relative, unit="day", count=1))


def recurring(ctx: Context, at: At, how: str = "begun") -> Reading | None:
    """What comes every year, without a year: the latest that has begun ("last": is over; "next": hasn't begun)."""
    year = ctx.today.year
    if how == "this":
        p = at(year)
        return Reading(replace(p, relative=True), earlier=partial(year_or_recurring, ctx, at, year - 1)) if p else None
    years = range(year, year + 9) if how == "next" else range(year + 1, year - 9, -1)
    tests: dict[str, Callable[[Period], bool]] = {
        "begun": lambda p: not p.future,
        "last": lambda p: p.natural_end < ctx.today and not p.future,
        "next": lambda p: p.future,
    }
    for y in years:
        p = at(y)
        if p and tests[how](p):
            earlier = partial(year_or_recurring, ctx, at, y - 1)
            return Reading(replace(p, relative=True), at=at if how == "begun" else None, earlier=earlier)
    return None


def year_or_recurring(ctx: Context, at: At, year: int | None, how: str = "begun") -> Reading | None:
    if year is None:
        return recurring(ctx, at, how)
    p = at(year)
    return Reading(p) if p else None


def unclear(why: str, *periods: Period) -> Reading | None:
    """Asked back: any of the periods could be meant. One period is no choice."""
    by_label = {label(whole): whole for p in periods for whole in (replace(p, end=p.natural_end),)}
    if len(by_label) < 2:
        return Reading(periods[0]) if periods else None
    return Reading(Unclear("", tuple(by_label), why), choices=tuple(by_label.values()))


def either(ctx: Context, ats: Iterable[At], year: int | None, how: str, why: str) -> Reading | None:
    """What comes every year and has several meanings, each the latest that has begun (or that `how` says)."""
    found = [r for at in ats if (r := year_or_recurring(ctx, at, year, how))]
    before = [r.earlier for r in found if r.earlier]

    def earlier() -> Reading | None:
        return unclear(why, *(p for e in before if (r := e()) and (p := period_of(r))))

    got = unclear(why, *(p for r in found if (p := period_of(r))))
    return replace(got, earlier=earlier) if got and before else got


def months_at(ctx: Context, first: int, count: int) -> At:
    """The `count` months from month `first` on (12 + m reaches into the next year)."""

    def at(year: int) -> Period | None:
        if not 1900 < year < 2199:
            return None
        start = date(year, first, 1)
        unit, n = ("quarter", 1) if count == 3 and first % 3 == 1 else ("month", count)
        return make(start, add_units(start, "month", count) - DAY, ctx.today, unit=unit, count=n)

    return at


def day_at(ctx: Context, month: int, day: int) -> At:
    def at(year: int) -> Period | None:
        if not 1900 < year < 2199 or day > days_in_month(year, month):
            return None
        d = date(year, month, day)
        return make(d, d, ctx.today, unit="day", count=1)

    return at


def days_at(ctx: Context, month: int, first: int, last: int) -> At:
    def at(year: int) -> Period | None:
        if not 1900 < year < 2199 or not first <= last <= days_in_month(year, month):
            return None
        return make(date(year, month, first), date(year, month, last), ctx.today)

    return at


def christmas_at(ctx: Context) -> At:
    """1 November to 24 December."""

    def at(year: int) -> Period | None:
        return make(date(year, 11, 1), date(year, 12, 24), ctx.today, unit="season", count=1)

    return at


def black_friday_at(ctx: Context, offset: int = 0, length: int = 1) -> At:
    """The day after the fourth Thursday of November, moved by `offset` days, `length` days long."""

    def at(year: int) -> Period | None:
        first = date(year, 11, 1)
        thursday = first + timedelta((3 - first.weekday()) % 7 + 21)
        start = thursday + timedelta(1 + offset)
        return make(start, start + timedelta(length - 1), ctx.today, unit="season", count=1)

    return at


def iso_week_at(ctx: Context, week: int) -> At:
    def at(year: int) -> Period | None:
        if not 1900 < year < 2199 or not 1 <= week <= date(year, 12, 28).isocalendar().week:
            return None
        start = date.fromisocalendar(year, week, 1)
        return make(start, bucket_end(start, "week"), ctx.today, unit="week", count=1)

    return at


def season(ctx: Context, name: str, year: int | None, how: str) -> Reading | None:
    """A season: asked back, with the calendar months and those that the weather bureaus use."""
    first, second = (months_at(ctx, month % 12 + 1, 3) for month in (SEASONS[name] - 1, SEASONS[name]))
    into = SEASONS[name] == 12  # the second begins in the year after
    if how == "this" and year is None:
        begun = recurring(ctx, first)
        year = begun.value.start.year if begun and isinstance(begun.value, Period) else None
    ats = (first, lambda y: second(y + into)) if year else (first, second)
    return either(ctx, ats, year, how, "a season has no fixed months")


def month_edge(ctx: Context, base: Reading, part: str) -> Reading | None:
    """ "early", "mid", "late" and the like of a period: asked back, but an edge for "since" and "until"."""
    p = base.value
    if not isinstance(p, Period):
        return None
    whole = replace(p, end=p.natural_end)
    tens = {"start": (0, 9), "mid": (10, 19), "end": (20, whole.days - 1)}[part]
    options = [label(whole)]
    if 28 <= whole.days <= 31:
        options.insert(0, label(Period(p.start + tens[0] * DAY, p.start + tens[1] * DAY)))
    unclear = Unclear("", tuple(options), "it could mean several stretches of days")
    return Reading(unclear, base=p, edge="" if part == "mid" else part)


def no_such_day(ctx: Context, month: int, day: int, year: int | None) -> Reading | None:
    """31 November: asked back with the month's last day and the month."""
    got = year_or_recurring(ctx, months_at(ctx, month, 1), year)
    if got is None or not isinstance(got.value, Period):
        return None
    p = replace(got.value, end=got.value.natural_end)
    return Reading(Unclear("", (label(Period(p.end, p.end)), label(p)), f"there is no day {day} in that month"))


def both_ways(ctx: Context, a: int, b: int, year: int | None) -> Reading | None:
    """A numeric date "a/b": day and month, asked back where it can be read both ways."""
    first = a and b and (b <= 12 and _day(ctx, b, a, year))
    second = a and b and a <= 12 and _day(ctx, a, b, year)
    if not (first and second) or a == b:
        return first or second or None
    options = tuple(label(r.value) for r in (first, second) if isinstance(r.value, Period))
    return Reading(Unclear("", options, "day and month could be either way round"))


def _day(ctx: Context, month: int, day: int, year: int | None) -> Reading | None:
    return year_or_recurring(ctx, day_at(ctx, month, day), year) if day <= 31 else None


@dataclass(frozen=True)
class Text:
    """The normalised text, as the steps that combine expressions look at it."""

    text: str
    ctx: Context

    def before(self, a: Atom) -> str:
        return self.text[max(0, a.start - LOOK) : a.start]

    def after(self, a: Atom) -> str:
        return self.text[a.end : a.end + LOOK]

    def between(self, a: Atom, b: Atom) -> str:
        return self.text[a.end : b.start] if b.start - a.end <= LOOK else "\0"


Step = Callable[[Text, list[Atom]], list[Atom]]
Pair = Callable[[Text, Atom, Atom], "Atom | None"]


def pairs(join: Pair) -> Step:
    """A step that joins neighbours where `join` gives one expression for the two."""

    def step(text: Text, atoms: list[Atom]) -> list[Atom]:
        out: list[Atom] = []
        for a in atoms:
            joined = join(text, out[-1], a) if out else None
            if joined:
                out[-1] = joined
            else:
                out.append(a)
        return out

    return step


def each(change: Callable[[Text, Atom], Atom]) -> Step:
    return lambda text, atoms: [change(text, a) for a in atoms]


def period_of(r: Reading) -> Period | None:
    return r.value if isinstance(r.value, Period) and not r.value.whole else None
