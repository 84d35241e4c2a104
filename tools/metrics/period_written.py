"""English words for dates of the calendar ("14 Nov", "Q3 2011"): what each pattern's match means."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tools.metrics.dates import DAY, Period, Unclear, add_units, calendar, make
from tools.metrics.labels import label
from tools.metrics.period_atoms import (
    Context,
    Reading,
    both_ways,
    day_at,
    days_at,
    month_edge,
    months_at,
    no_such_day,
    single_day,
    year_or_recurring,
)
from tools.metrics.period_patterns import DAYWORDS, Match, number, relation, said_year, unit_of, words_before
from tools.metrics.period_weeks import seven_or_calendar
from tools.metrics.period_words import MONTH_NAMES, WEEKDAYS


def month_of_year(m: Match, ctx: Context) -> Reading | None:
    year = said_year(m, ctx)
    short = m.groupdict().get("y2")
    if short:  # "Mar-11": a year where there was a shop then, else a day
        if not ctx.plausible(2000 + int(short)):
            return day_of_month(m, ctx, int(short))
        year = 2000 + int(short)
    return year_or_recurring(ctx, months_at(ctx, MONTH_NAMES[m["mon"]], 1), year, relation(m))


_PARTS = {"early": "start", "begin": "start", "start": "start", "late": "end", "end": "end"}


def month_part(m: Match, ctx: Context) -> Reading | None:
    """ "early November", "the end of the year"."""
    base = ctx.read(m["inner"])
    part = next((p for word, p in _PARTS.items() if word in m["part"]), "mid")
    return month_edge(ctx, base, part) if base else None


def _ordinal(word: str) -> int:
    words = {
        "first": 1,
        "second": 2,
        "third": 3,
        "fourth": 4,
        "last": 4,
        "final": 4,
        "one": 1,
        "two": 2,
        "three": 3,
        "four": 4,
    }
    return words.get(word) or int(word[0])


def quarter_of_year(m: Match, ctx: Context) -> Reading | None:
    q = _ordinal(m["q"])
    return year_or_recurring(ctx, months_at(ctx, 3 * q - 2, 3), said_year(m, ctx), relation(m))


def short_year(m: Match, ctx: Context) -> Reading | None:
    """ "Q3 24": a year where there was a shop then."""
    year = 2000 + int(m["y2"])
    if not ctx.plausible(year):
        return None
    count = 3 if m["q"] else 6
    return year_or_recurring(ctx, months_at(ctx, (int(m["q"] or m["h"]) - 1) * count + 1, count), year)


def semester(m: Match, ctx: Context) -> Reading | None:
    """Half a year, as Romance languages use the word."""
    n = {"this": 0, "next": 1}.get(relation(m), -1)
    start = add_units(date(ctx.today.year, 1 if ctx.today.month < 7 else 7, 1), "month", 6 * n)
    return Reading(make(start, add_units(start, "month", 6) - DAY, ctx.today, relative=True, unit="month", count=6))


def half_year(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, months_at(ctx, 6 * min(_ordinal(m["h"]), 2) - 5, 6), said_year(m, ctx), relation(m))


_ID_BEFORE = re.compile(
    r"(?:(?<!per )(?<!by )(?<!each )\b(?:customer|order|product|sku|code|item|invoice|no\.?|nr\.?|number|id|client"
    r"|article|ref|stockcode)|#)"
    r"(?: (?:no\.?|nr\.?|number|id|code))?[ :#]*$"
)
_AMOUNT_BEFORE = re.compile(
    r"(?:[£$€#.,:/](?! )|\d-|\b(?:over|above|under|below|exceeding|least|most|exactly|top|first|best|worst|bottom|limit"
    r"|(?:more|less|fewer|greater|bigger|larger|higher) than))\s?$"
)
_AMOUNT_AFTER = re.compile(
    r"(?:[%/£$€]|[.,:-]\d"
    r"| (?:units|pieces|pcs|items|times|pounds|gbp|eur|euros?|dollars?|usd|quid|kg|or more|products|people))"
)
_YEAR_CONTEXT = re.compile(r"\b(?:in|during|since|year|until|before|after|vs\.?|versus) $")


def bare_year(m: Match, ctx: Context) -> Reading | None:
    """Four digits: a year if it lies near the data or follows "in", and isn't an id, an amount or a count."""
    before, year = words_before(m), int(m["y"])
    rest = m.string[m.end() : m.end() + 12]
    ranged = re.search(r"(?<!\d)(?:19|20)\d\d-$", before)
    growth = re.search(r"\b(?:up|down|growth|more|less) (?:over|than)\s?$", before) and ctx.plausible(year)
    if _ID_BEFORE.search(before) or (_AMOUNT_BEFORE.search(before) and not growth and not ranged):
        return None
    if re.match(r"-(?:19|20)\d\d(?!\d)", rest) is None and _AMOUNT_AFTER.match(rest):
        return None
    if not ctx.plausible(year) and not _YEAR_CONTEXT.search(before):
        return None
    return Reading(make(date(year, 1, 1), date(year, 12, 31), ctx.today, unit="year", count=1))


def day_of_month(m: Match, ctx: Context, day: int | None = None) -> Reading | None:
    """A day of a month, with or without year and weekday."""
    day = day or DAYWORDS.get(m["d"]) or int(re.sub(r"\D", "", m["d"]))
    if re.search(r"(?:[£$€#] ?|\d[.,]|\b(?:top|best|bottom|worst|biggest|largest) )$", words_before(m)):
        return None
    month, year = MONTH_NAMES[m["mon"]], said_year(m, ctx)
    if m.groupdict().get("y2"):
        year = 2000 + int(m["y2"]) if "d" in m.groupdict() else None
    got = year_or_recurring(ctx, day_at(ctx, month, day), year)
    got = got or no_such_day(ctx, month, day, year)
    weekday = m.groupdict().get("wd")
    return _checked_weekday(got, WEEKDAYS[weekday], ctx) if got and weekday else got


def _checked_weekday(got: Reading, weekday: int, ctx: Context) -> Reading:
    """The day, where it falls on the weekday said: in the latest such year if no year was said, else asked back."""
    p = got.value
    if not isinstance(p, Period) or p.start.weekday() == weekday:
        return got
    for year in range(p.start.year - 1, p.start.year - 7, -1) if got.at else ():
        other = got.at(year) if got.at else None
        if other and other.start.weekday() == weekday and (ctx.first is None or other.start >= ctx.first):
            return Reading(other)
    nearest = p.start + timedelta((weekday - p.start.weekday() + 3) % 7 - 3)
    return Reading(
        Unclear("", (label(p), label(Period(nearest, nearest))), "the weekday and the date don't fit together")
    )


def day_range(m: Match, ctx: Context) -> Reading | None:
    first, last = (int(re.sub(r"\D", "", m[g])) for g in ("d", "d2"))
    return year_or_recurring(ctx, days_at(ctx, MONTH_NAMES[m["mon"]], first, last), said_year(m, ctx))


def iso_day(m: Match, ctx: Context) -> Reading | None:
    try:
        return single_day(ctx, date(int(m["y"]), int(m["m"]), int(m["d"])))
    except ValueError:
        return None


def iso_month(m: Match, ctx: Context) -> Reading | None:
    if "-" not in m.group() and not ctx.plausible(int(m["y"])):
        return None
    return year_or_recurring(ctx, months_at(ctx, int(m["m"]), 1), int(m["y"]))


_FRACTION_AFTER = re.compile(r" ?(?:of\b|stars?\b|customers?\b|orders?\b|people\b|times\b|%|products?\b|\")")
_FRACTION_BEFORE = re.compile(r"(?:rated|scored?|rating|reviews?|gave|size|[£$€]|ratio) ?(?:of )?$")


def numeric_day(m: Match, ctx: Context) -> Reading | None:
    """ "14/11/2011", "5/6"."""
    a, b, y = int(m["a"]), int(m["b"]), m["y"]
    if not y:
        idiom = (a, b) in ((24, 7), (50, 50)) or _FRACTION_AFTER.match(m.string[m.end() :][:12])
        if idiom or _FRACTION_BEFORE.search(words_before(m)):
            return None
    year = (int(y) + 2000 if len(y) == 2 else int(y)) if y else None
    order = _order_beside(m) if max(a, b) <= 12 and a != b else None
    if order:  # another date beside it shows which number is the day
        month, day = (b, a) if order == "day first" else (a, b)
        return year_or_recurring(ctx, day_at(ctx, month, day), year)
    return both_ways(ctx, a, b, year)


_DATE_BEFORE = re.compile(
    r"\b(?:on|since|until|till|before|after|by|of)(?: the)? $"
    r"|\d\d?\. ?\d\d?\.(?:\d{2,4})? ?(?:to|until|till|and|&|,|-) ?$"
)
_DATE_AFTER = re.compile(r"(?: ?- ?| (?:to|until|till|and) (?:the )?)\d\d?\. ?\d\d?\.")


def dotted_day(m: Match, ctx: Context) -> Reading | None:
    """ "on 24.12.", "from 1.7. to 31.7.2024": with a full stop behind both, the day comes first."""
    if not (_DATE_BEFORE.search(words_before(m)) or _DATE_AFTER.match(m.string[m.end() : m.end() + 20])):
        return None
    day, month = int(m["a"]), int(m["b"])
    return year_or_recurring(ctx, day_at(ctx, month, day), None) if 1 <= month <= 12 and 1 <= day <= 31 else None


_NUMERIC = re.compile(r"(?<!\d)(\d\d?)([/.-])(\d\d?)(?:\2(?:\d\d){1,2})?(?!\d)")


def _order_beside(m: Match) -> str | None:
    """ "day first" or "month first" where a neighbouring date can be read only so."""
    window = m.string[max(0, m.start() - 32) : m.start()] + " " + m.string[m.end() : m.end() + 32]
    for a, _, b in _NUMERIC.findall(window):
        if int(a) > 12 >= int(b) > 0:
            return "day first"
        if int(b) > 12 >= int(a) > 0 and int(b) <= 31:
            return "month first"
    return None


def part_of(m: Match, ctx: Context) -> Reading | None:
    """ "the first ten days of December", "the last quarter of 2011", "the second half of November"."""
    inner = ctx.read(m["inner"])
    if not inner or not isinstance(inner.value, Period):
        return None
    p, last = inner.value, m["side"] in ("last", "final")
    end = p.natural_end
    if m["u"] == "half":
        middle = p.start + timedelta(15 if 28 <= (end - p.start).days + 1 <= 31 else ((end - p.start).days + 1) // 2)
        last = last or m["side"] in ("second", "2nd")
        return Reading(make(middle, end, ctx.today) if last else make(p.start, middle - DAY, ctx.today))
    unit, count = unit_of(m["u"])
    n = (number(m["n"]) if m["n"] else 1) * count
    if n > 1000:
        return None
    start = add_units(end + DAY, unit, -n) if last else p.start
    stop = end if last else add_units(p.start, unit, n) - DAY
    got = make(max(start, p.start), min(stop, end), ctx.today)
    if unit != "week" or n > 1:
        return Reading(got)
    return seven_or_calendar(got, calendar(got.natural_end if last else got.start, "week", ctx.today))
