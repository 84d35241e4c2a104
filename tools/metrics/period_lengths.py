"""Lengths of time: "since 3 months", "six months to 30 June", "L3M", "trend, 12 months"."""

from __future__ import annotations

import re

from tools.metrics.dates import DAY, Period, add_units, make
from tools.metrics.period_atoms import Atom, Context, Reading, Text, rolling
from tools.metrics.period_patterns import DAYNO, MONTHS, UNITS, Y4, Builder, Match, N, number, unit_of, words_before

A_LENGTH = rf"(?:{N}|an?) {UNITS}"
UNTIL = (
    rf"(?P<inner>(?:the )?(?:{DAYNO}(?: of)? (?:{MONTHS})|(?:{MONTHS}) {DAYNO})(?:,? {Y4})?|(?:{MONTHS})(?: {Y4})?"
    rf"|{Y4}-\d\d-\d\d|\d\d?[./]\d\d?[./]{Y4})"
)
ENDING = r"(?:ended|ending|to|up to|until)(?: on| in)?(?: the end of)?(?: the)?"


def _count(m: Match) -> tuple[str, int]:
    unit, count = unit_of(m["u"])
    return unit, (number(m["n"]) if m.groupdict().get("n") else 1) * count


def last_length(m: Match, ctx: Context) -> Reading | None:
    """ "since 3 months", "recent 10 days"."""
    return rolling(ctx, *_count(m))


_LETTERS = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}


def short_length(m: Match, ctx: Context) -> Reading | None:
    """ "L3M", "L12W"."""
    return rolling(ctx, _LETTERS[m["u"]], int(m["n"]))


_FIGURE_BEFORE = re.compile(
    r"\b(?:trends?|chart|graph|curve|sales|revenue|turnover|orders|takings|units|profit|margin|refunds|returns|aov"
    r"|customers|daily|weekly|monthly|by (?:day|week|month|quarter)|per (?:day|week|month|quarter)),? $"
)
_ENDED = re.compile(r" ?(?:[?.!,;)]|$)")


def listed_length(m: Match, ctx: Context) -> Reading | None:
    """ "revenue trend, 12 months": a length that is all that is said of time."""
    if not _FIGURE_BEFORE.search(words_before(m)) or not _ENDED.match(m.string[m.end() :]):
        return None
    return rolling(ctx, *_count(m))


_NOT_BEFORE = re.compile(
    r"\b(?:this|last|next|previous|current|past|trailing|rolling|latest|recent|by|per|each|every|same|a) $"
)


def length_to(m: Match, ctx: Context) -> Reading | None:
    """ "six months to 30 June 2024", "the quarter ended 30 September"."""
    if _NOT_BEFORE.search(words_before(m)):
        return None
    inner = ctx.read(re.sub(r"^the ", "", m["inner"]))
    if not inner or not isinstance(inner.value, Period):
        return None
    unit, n = _count(m)
    return _ending(inner.value, unit, n, ctx) if 0 < n <= 1000 else None


def _ending(last: Period, unit: str, n: int, ctx: Context, relative: bool = False) -> Reading:
    after = last.natural_end + DAY
    start = add_units(after, unit, -n)
    return Reading(make(start, last.natural_end, ctx.today, unit=unit, count=n, relative=relative))


_LAST_SAID = re.compile(rf"(?:the )?(?:last|past|previous|trailing|rolling) {N} {UNITS}")
_LAST_ONE = re.compile(r"(?:the )?last (?P<u>week|month|quarter|year)")
_LINK = re.compile(rf",? {ENDING} ")
_ENDED_LINK = re.compile(r",? (?:ended|ending)(?: on)?(?: the)? ")


def last_to(text: Text, a: Atom, b: Atom) -> Atom | None:
    """ "the last 12 months to June 2024"."""
    last, words = b.reading.value, text.text[a.start : a.end]
    many, one = _LAST_SAID.fullmatch(words), _LAST_ONE.fullmatch(words)
    said, link = many or one, _LINK if many else _ENDED_LINK
    if not said or not isinstance(last, Period) or not link.fullmatch(text.between(a, b)):
        return None
    if last.relative and not b.reading.at:
        return None
    return Atom(a.start, b.end, _ending(last, *_count(said), text.ctx), "range")


def length_to_now(m: Match, ctx: Context) -> Reading | None:
    """ "the 3 months up to and including today", "the 30 days to yesterday"."""
    if _NOT_BEFORE.search(words_before(m)):
        return None
    unit, n = _count(m)
    last = ctx.today - DAY if m["day"] == "yesterday" else ctx.today
    if not 0 < n <= 1000:
        return None
    return _ending(make(last, last, ctx.today), unit, n, ctx, relative=True)


RULES: tuple[tuple[str, Builder], ...] = (
    (rf"since (?:the )?(?:about |around )?{A_LENGTH}(?! (?:ago|before|back|earlier))", last_length),
    (rf"(?:the )?recent {N}[ -]?{UNITS}", last_length),
    (r"(?:the )?recent (?P<u>half[ -]year)", last_length),
    (r"(?<![-/.])(?<!size )l(?P<n>[1-9]\d{0,2})(?P<u>[dwmqy])(?!-)", short_length),
    (r"[tr](?P<n>12)(?P<u>m)", short_length),
    (rf"{N} {UNITS}", listed_length),
    (rf"(?:the )?{N} {UNITS},? {ENDING} {UNTIL}", length_to),
    (rf"(?:the )?{N} {UNITS},? {ENDING}(?: and including)? (?P<day>today|yesterday|now)", length_to_now),
    (rf"(?:the )?(?P<u>week|month|quarter|half[ -]year|year),? {ENDING} {UNTIL}", length_to),
)
