"""The shorthand of offices: "Q3 FY25", "LY", "TY vs LY", "season to date", "2023/24"."""

from __future__ import annotations

import re
from datetime import date

from tools.metrics.dates import DAY, Period, Unclear, add_months, add_units, calendar, make
from tools.metrics.labels import label
from tools.metrics.period_atoms import Context, Reading, calendar_reading, either, months_at, unclear
from tools.metrics.period_patterns import REL, Builder, Match, relation, words_before

UNKNOWN = "the shop's financial year isn't known; calendar years are"
FY = r"(?:fy|fiscal(?: year)?|(?:financial|tax) year)"
FY_NUMBER = r"[ -]?'?(?P<fy>(?:19|20)?\d\d)(?!\d)"
STEP = r"(?P<rel>this|last|current|prior|previous|past|next|most recent|latest)"
_BACK = {"last": -1, "prior": -1, "previous": -1, "past": -1, "most recent": -1, "latest": -1, "next": 1}


def _century(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _asked(*periods: Period, why: str = UNKNOWN) -> Reading | None:
    return unclear(why, *periods)


def _months(ctx: Context, year: int, month: int, count: int = 12) -> Period:
    start = date(year, month, 1)
    return make(start, add_months(start, count) - DAY, ctx.today)


def fiscal_year(m: Match, ctx: Context) -> Reading | None:
    """ "FY24", "fiscal 2024": the calendar year of that number, or the one in which it began."""
    year = _century(m["fy"])
    if not 1901 < year < 2199:
        return None
    if m.group().startswith("tax"):
        tax = make(date(year, 4, 6), date(year + 1, 4, 5), ctx.today)
        return _asked(_months(ctx, year, 1), tax, why="it could be the calendar year or the one from 6 April")
    return Reading(Unclear("", (str(year), str(year - 1)), UNKNOWN))


def split_year(m: Match, ctx: Context) -> Reading | None:
    """ "2023/24", "FY23-24": a year from spring or summer on, or both years."""
    first, second = _century(m["fy"]), _century(m["fy2"])
    named = m.group()[0] in "ft"
    if second % 100 != (first + 1) % 100 or not 1901 < first < 2190 or (not named and not ctx.plausible(first)):
        return None
    if not named and (int(m["fy2"]) <= 12 or (len(m["fy2"]) == 4 and "-" in m.group())):
        return None  # "2010/11" is a month, "2010-2011" a range
    years = [_months(ctx, first, 4), _months(ctx, first, 7)]
    if not named:
        years.append(_months(ctx, first, 1, 24))
    return _asked(*years, why="it doesn't say with which month the year begins")


def fiscal_step(m: Match, ctx: Context) -> Reading | None:
    """ "this fiscal year", "prior FY", "the financial year just ended", "last fiscal quarter"."""
    n = _BACK.get(m.groupdict().get("rel") or "last", 0)
    if m.group().endswith("quarter"):
        p = calendar(ctx.today, "quarter", ctx.today, n)
        return Reading(Unclear("", (label(Period(p.start, p.natural_end)),), UNKNOWN))
    year = ctx.today.year + n
    return Reading(Unclear("", (str(year), str(year - 1)), UNKNOWN))


def fiscal_to_date(m: Match, ctx: Context) -> Reading | None:
    """ "since the start of the financial year", "FYTD": from January or from April on."""
    today = ctx.today
    starts = (date(today.year, 1, 1), date(today.year - (today.month < 4), 4, 1))
    return _asked(*(Period(start, today) for start in starts))


def fiscal_quarter(m: Match, ctx: Context) -> Reading | None:
    """ "Q3 FY25": the quarter of that calendar year, or of a year that began the April before."""
    year = _century(m["fy"])
    if not 1902 < year < 2199:
        return None
    count = 3 if m["q"] else 6
    month = (int(m["q"] or m["h"]) - 1) * count + 1
    start = add_units(date(year - 1, 4, 1), "month", month - 1)
    return _asked(_months(ctx, year, month, count), _months(ctx, start.year, start.month, count))


def year_end(m: Match, ctx: Context) -> Reading | None:
    """ "EOFY": June in Australia, March or December elsewhere."""
    ats = (months_at(ctx, 6, 1), months_at(ctx, 3, 1), months_at(ctx, 12, 1))
    return either(ctx, ats, None, relation(m), UNKNOWN)


_PLACE = re.compile(r"\b(?:in|from|to|country) $|[./*_]$")


def last_year(m: Match, ctx: Context) -> Reading | None:
    """ "LY", "PY", but not the countries."""
    return None if _PLACE.search(words_before(m)) else calendar_reading(ctx, "year", -1)


def unit_before(m: Match, ctx: Context) -> Reading | None:
    """ "vs LM", "vs LW"."""
    return calendar_reading(ctx, {"w": "week", "m": "month", "q": "quarter"}[m.group()[1]], -1)


def _this_year(m: Match, ctx: Context) -> Reading | None:
    return calendar_reading(ctx, "year", 0)


def trade_season(m: Match, ctx: Context) -> Reading | None:
    """ "last season", "season 2024": the shop's own seasons aren't known."""
    groups = m.groupdict()
    said = groups.get("y") or groups.get("py")
    if said:
        year = int(said)
        if not ctx.plausible(year):
            return None
        return _asked(_months(ctx, year, 1), _months(ctx, year - 1, 7), why="the shop's seasons aren't known")
    side = {"last": "last", "next": "next"}.get(relation(m), "this")
    options = (f"{side} quarter", f"{side} year")
    return Reading(Unclear("", options, "the shop's seasons aren't known"))


RULES: tuple[tuple[str, Builder], ...] = (
    (FY + FY_NUMBER, fiscal_year),
    (rf"(?:{FY}[ -]?'?)?(?P<fy>20\d\d)[/-](?P<fy2>20\d\d|\d\d)(?![\d/.-])", split_year),
    (rf"{FY}[ -]?'?(?P<fy>\d\d)[/-](?P<fy2>\d\d)(?![\d/.-])", split_year),
    (rf"(?:the )?{STEP}(?: completed| full| closed)? (?:fy|(?:fiscal|financial|tax) (?:year|quarter))", fiscal_step),
    (
        r"(?:the )?(?:fiscal|financial|tax) year (?:(?:that|which) )?(?:has )?(?:just )?(?:ended|gone|closed|past)",
        fiscal_step,
    ),
    (
        r"(?:since |from )(?:the )?(?:start|beginning|begin) of (?:the |this |our )?(?:fy|(?:fiscal|financial) year)",
        fiscal_to_date,
    ),
    (r"fytd|(?:the |this )?(?:fy|(?:fiscal|financial) year)(?:[ -]to[ -]date|,? so far)", fiscal_to_date),
    (rf"(?:q(?P<q>[1-4])|h(?P<h>[12])),?(?: of)? ?{FY}{FY_NUMBER}", fiscal_quarter),
    (rf"{FY}{FY_NUMBER}[ -]?(?:q(?P<q>[1-4])|h(?P<h>[12]))", fiscal_quarter),
    (rf"(?:the )?{REL}eofy(?: sales?)?", year_end),
    (
        r"(?:ly|py)(?=[^a-z0-9 _-]|$| (?:[^a-z ]"
        r"|(?:vs|versus|v|and|or|by|per|in|for|to|please|pls|was|were|only)(?![a-z])))",
        last_year,
    ),
    (r"(?:(?<=ly vs )|(?<=ly v )|(?<=py vs )|(?<=ly against ))ty", _this_year),
    (r"ty(?= ?(?:vs\.?|versus|v|against|over|to|and|&|/) ?(?:ly|py)(?![a-z]))", _this_year),
    (r"(?:(?<=vs )|(?<=vs\. )|(?<=versus )|(?<=against )|(?<=than )|(?<=over ))(?:l[wmq]|p[wq])", unit_before),
    (
        r"(?:the )?(?P<rel>last|this|current|previous|past|next) season(?:'s)?"
        r"(?! (?:stock|ticket|collection|leftover))",
        trade_season,
    ),
    (r"season(?:[ -]to[ -]date|,? so far)|so far this season", trade_season),
    (r"season (?P<y>20\d\d)(?!\d)|(?P<py>20\d\d) season", trade_season),
)
