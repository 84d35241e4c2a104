"""English words that count from today ("last week", "the month before"): what each pattern's match means."""

from __future__ import annotations

import re

from tools.metrics.dates import DAY, EPOCH, Period, Shift, Unclear, add_units, calendar, make
from tools.metrics.period_atoms import (
    Context,
    Reading,
    calendar_reading,
    coming,
    rolling,
    season,
    single_day,
    whole_units,
)
from tools.metrics.period_patterns import Y4, Builder, Match, number, relation, said_year, unit_of, words_before


def day_word(n: int) -> Builder:
    return lambda m, ctx: single_day(ctx, ctx.today + n * DAY, relative=True)


def one_unit(m: Match, ctx: Context) -> Reading | None:
    """ "this week", "last month", "the past year", "next quarter"."""
    rel, (unit, count) = m["rel"], unit_of(m["u"])
    if count > 1 or (rel == "past" and not m["full"]):
        return coming(ctx, unit, count) if relation(m) == "next" else rolling(ctx, unit, count)
    if m["u"] == "day" and rel in ("last", "next"):
        return None
    got = calendar_reading(ctx, unit, {"this": 0, "current": 0}.get(rel, 1 if relation(m) == "next" else -1))
    if rel in ("previous", "prior", "preceding", "foregoing"):
        return Reading(got.value, beside=Shift(unit, -1, same=unit == "year"))
    if rel == "following":
        return Reading(Shift(unit, 1))
    return got


def many_units(m: Match, ctx: Context) -> Reading | None:
    """ "the last 30 days", "past three whole months", "the next 4 weeks"; "under 50 last month" counts no months."""
    if m.start("n") < m.start("rel") and m["u"][-1] != "s" and number(m["n"]) != 1:
        return None
    unit, count = unit_of(m["u"])
    n, rel = number(m["n"]) * count, m.groupdict().get("rel") or "last"
    if rel in ("next", "coming", "upcoming", "following"):
        return coming(ctx, unit, n)
    got = (whole_units if m["full"] or m.groupdict().get("full2") else rolling)(ctx, unit, n)
    if got and rel in ("previous", "prior", "preceding"):
        return Reading(got.value, beside=Shift(unit, -n))
    return got


def vague_count(m: Match, ctx: Context) -> Reading | None:
    unit = unit_of(m["u"])[0] + "s"
    word = "next" if m["rel"] in ("next", "coming") else "last"
    options = {"days": (3, 7), "weeks": (2, 4), "months": (3, 6), "quarters": (2, 4), "years": (2, 3)}[unit]
    return Reading(Unclear("", tuple(f"{word} {n} {unit}" for n in options), f"it doesn't say how many {unit}"))


def ago(m: Match, ctx: Context) -> Reading | None:
    unit, count = unit_of(m["u"])
    one = m["n"] in ("a", "an")
    n = (1 if one else number(m["n"])) * count
    if unit == "year" and n == 1:
        return Reading(Shift("year", -1, same=True))
    return calendar_reading(ctx, unit, -n) if n <= 10_000 else None


def before_last(m: Match, ctx: Context) -> Reading | None:
    return calendar_reading(ctx, unit_of(m["u"])[0], -2)


def day_of_some_month(m: Match, ctx: Context) -> Reading | None:
    """ "on the 3rd" (the latest), "the 5th of last month"."""
    back = m.groupdict().get("rel")
    if not back and not _ON_BEFORE.search(words_before(m)):
        return None
    number_of_day = int(re.sub(r"\D", "", m["d"]))
    for n in (0, -1, -2):
        start = calendar(ctx.today, "month", ctx.today, n - 1 if back in ("last", "previous") else n).start
        day = start + (number_of_day - 1) * DAY
        if day.month == start.month and (back or day <= ctx.today):
            return single_day(ctx, day, relative=True)
        if back:
            return None
    return None


_ON_BEFORE = re.compile(r"\b(?:on|since|from|until|till|before|after) (?:the )?$")


def to_date(m: Match, ctx: Context) -> Reading | None:
    """ "month to date", "YTD", "so far this year"; "last year to date" is as much of that year."""
    groups = m.groupdict()
    unit = {"m": "month", "q": "quarter", "y": "year", "w": "week"}[(groups["u"] or groups["u2"])[0]]
    this = calendar(ctx.today, unit, ctx.today, relative=True)
    if groups.get("after"):
        unit = "year"
    elif groups.get("rel") not in ("last", "previous", "prior") and not groups.get("before"):
        return Reading(this)
    start = add_units(this.start, unit, -1)
    return Reading(make(start, start + (this.end - this.start), ctx.today, relative=True))


def rest_of(m: Match, ctx: Context) -> Reading | None:
    p = calendar(ctx.today, unit_of(m["u"])[0], ctx.today)
    return Reading(make(ctx.today + DAY, p.natural_end, ctx.today, relative=True)) if p.unfinished else None


def whole_history(weak: bool) -> Builder:
    def build(m: Match, ctx: Context) -> Reading | None:
        return Reading(Period(min(ctx.first or EPOCH, ctx.today), ctx.today, relative=True, whole=True), weak=weak)

    return build


_NOTHING_ELSE = re.compile(r"(?:(?:and|so|then|what about|how about) )?[?.! ]*")
_LATER = ("after", "later", "following", "afterwards")


def beside(m: Match, ctx: Context) -> Reading | None:
    """ "the week before", "the 30 days before that", "a year earlier", "the month after"."""
    sign = 1 if m["way"] in _LATER else -1
    if m["u"] in ("period", "one"):
        return Reading(Shift("period", sign))
    if m["u"] in ("weekend", "week-end"):
        return Reading(Shift("weekend", sign))
    unit, count = unit_of(m["u"]) if m["u"] != "weekends" else ("week", 1)
    pointed = m.group().startswith("the ") or m.group().endswith((" that", " this", " it", " then", " this one"))
    pointed = pointed or bool(_NOTHING_ELSE.fullmatch(m.string[: m.start()] + m.string[m.end() :]))
    if (not m["n"] and m["u"].endswith("s")) or (m["way"] in ("after", "following", "afterwards") and not pointed):
        return None  # "days before they order again", "a week after"
    n = (1 if m["n"] in (None, "", "a", "an") else number(m["n"])) * count
    same = m["way"] in ("earlier", "later")
    if n > 10_000:
        return None
    if n == 12 and unit == "month" and same:
        return Reading(Shift("year", sign, same=True))
    return Reading(Shift(unit, sign * n, same=same or unit == "year"))


def same_period(m: Match, ctx: Context) -> Reading | None:
    year = re.search(Y4, m["when"])
    if year:
        return Reading(Shift("year", int(year.group()) - ctx.today.year, same=True))
    unit = next((u for u in ("week", "month", "quarter") if u in m["when"]), "year")
    return Reading(Shift(unit, -1, same=True))


_SEASON_BEFORE = re.compile(
    r"\b(?:in|during|over|since|for|until|before|after|how (?:did|was)|a (?:good|bad|strong|weak|nice|busy|quiet)) $"
)
_DEED_AFTER = re.compile(r" (?:in|to|by|off|into|under|below|sale|collection|range|clean)")


_SALES_AFTER = re.compile(r" (?:sales|revenue|turnover|takings|orders|figures|numbers)(?![a-z])")


def season_of(m: Match, ctx: Context) -> Reading | None:
    """ "in spring", "last summer", "winter 2011": asked back. "Fall" alone is a deed."""
    rel, year, name = m["rel"], said_year(m, ctx), m["season"]
    if not year and _DEED_AFTER.match(m.string[m.end() : m.end() + 12]):
        return None
    placed = _SEASON_BEFORE.search(words_before(m)) or (m.start() == 0 and _SALES_AFTER.match(m.string[m.end() :]))
    if not (placed or year or rel in ("last", "past", "next") or (rel and name != "fall")):
        return None
    return season(ctx, name, year, relation(m))


def bare_last(m: Match, ctx: Context) -> Reading | None:
    """ "this month vs last?": the unit is that of the period before it."""
    before = words_before(m, 60)
    if not re.search(r"(?:vs\.?|versus|than|against|and|or|to|with|on|over) $", before):
        return None
    units = re.findall(r"\bthis (day|week|month|quarter|year)\b", before)
    if not units:
        return None
    return Reading(Shift("year", -1, same=True)) if units[-1] == "year" else calendar_reading(ctx, units[-1], -1)


_IN = re.compile(r"^(?:and )?$|\b(?:in|for|of|during) $")


def actual(m: Match, ctx: Context) -> Reading | None:
    """ "in the actual month": what "aktuell" and "actual" mean where the speaker's language has them."""
    return calendar_reading(ctx, unit_of(m["u"])[0], 0) if _IN.search(words_before(m)) else None


def last_twelve_months(m: Match, ctx: Context) -> Reading | None:
    return rolling(ctx, "month", 12)


def part_of_day(m: Match, ctx: Context) -> Reading | None:
    return Reading(Unclear("", ("today", "yesterday"), "periods are made of whole days"))
