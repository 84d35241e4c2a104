"""Periods whose parts stand apart: 'March sales last year', 'Q3 of the year before', 'worst seller of the year'."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import pairwise

from tools.contract import Ambiguous, ToolError
from tools.metrics.periods import Period, Shift, Span, Unclear, parse_period

YEAR = re.compile(r"(?:in |of |for |during )?(?P<year>(?:this|last|the current|the previous) year|(?:19|20)\d\d)", re.I)
PART_OF_YEAR = re.compile(r"(?:in |for |during )?(?:q[1-4]|h[12]|[a-z]{3,9})", re.I)
SEVERAL = re.compile(  # words between two periods that keep them two
    r"\b(?:vs|versus|against|compared|than|and|or|to|from|since|with|until|till|through|like|as|beat|over)\b"
    r"|[,;.?!&+/-]",
    re.I,
)
SAME_OF = re.compile(r"\b(?:the )?(?:same )?(?:q[1-4]|h[12]|quarter|month|half|week|[a-z]{3,9}) (?:of|in|from) $", re.I)
OF_THE_YEAR = re.compile(
    r"\b(?P<rank>best|worst|most|least|top|biggest|smallest|highest|lowest|fewest|busiest|quietest|strongest|weakest)\b"
    r"[^.,;?!]{0,40}? (?P<when>of the (?P<unit>year|quarter|month|week))\b(?! (?:before|earlier|\d))",
    re.I,
)
PARTS = re.compile(r"\b(?:time|start|end|beginning|middle|rest|part|half)s? $", re.I)

MEANING = re.compile(
    r"\s*[,(:–-]?\s*(?:(?:by (?:that|which) )?(?:i|we|he|she|they)? ?mean(?:s|ing)?|i\.e\.|that is|namely)?,?\s*\(?",
    re.I,
)
A_DAY = re.compile(r"\bdays? $", re.I)  # a day of the week


def joined(spans: list[Span], text: str, today: date, first_day: date) -> list[Span]:
    """A month, quarter or half and the year behind it, with other words between, are one period: both say it."""
    out = list(spans)
    for i, (part, year) in enumerate(pairwise(spans)):
        said = YEAR.fullmatch(text[year.start : year.end])
        named = PART_OF_YEAR.fullmatch(text[part.start : part.end])
        if not (said and named and _shorter(part, year)) or SEVERAL.search(text[part.end : year.start]):
            continue
        with suppress(ToolError, Ambiguous):
            whole = parse_period(f"{text[part.start : part.end]} {said['year']}", today, first_day)
            out[i : i + 2] = [replace(part, value=whole), replace(year, value=whole)]
    return out


def bounded(spans: list[Span], today: date, first_day: date) -> list[Span]:
    """'2026 年每个季度…，到第三季度为止': an end that lies within a period said beside it is that one's."""
    out = list(spans)
    for i, pair in enumerate(pairwise(spans)):
        for whole, until in (pair, pair[::-1]):
            if dates := _bounds(whole.value, until.value, first_day):
                out[i : i + 2] = [replace(s, value=parse_period(dates, today)) for s in pair]
    return out


def _bounds(whole: object, until: object, first_day: date) -> dict[str, str] | None:
    """From the first day of a period to an end within it; None where the other one isn't all until such an end."""
    if not (isinstance(whole, Period) and isinstance(until, Period)):
        return None
    within = until.start <= first_day < whole.start < until.end < whole.natural_end
    return {"start": whole.start.isoformat(), "end": until.end.isoformat()} if within else None


def explained(spans: list[Span], text: str) -> list[Span]:
    """'This summer, by which she means June 1 to August 31': the days that are said settle what is left open."""
    out = list(spans)
    for vague, said in pairwise(spans):
        between = text[vague.end : said.start]
        if isinstance(vague.value, Unclear) and isinstance(said.value, Period) and MEANING.fullmatch(between):
            out[out.index(vague)] = replace(vague, value=said.value)
    return out


def _shorter(part: Span, year: Span) -> bool:
    both = isinstance(part.value, Period) and isinstance(year.value, Period)
    return both and 27 <= (part.value.natural_end - part.value.start).days <= 184  # type: ignore[union-attr]


def same_of(span: Span, text: str) -> tuple[int, int] | None:
    """Where 'Q3 of' stands before 'the year before': which is moved, the period before says."""
    if not (isinstance(span.value, Shift) and span.value.same):
        return None
    found = SAME_OF.search(text[: span.start])
    return (found.start(), span.start) if found else None


def of_the_year(text: str, today: date, first_day: date) -> list[Span]:
    """'The best seller of the year': this one, so far. 'The best month of the year' too."""
    found = [m for m in OF_THE_YEAR.finditer(text) if not PARTS.search(text[: m.start("when")])]
    found = [m for m in found if m["unit"].lower() != "week" or not A_DAY.search(text[: m.start("when")])]
    return [Span(*m.span("when"), parse_period(f"this {m['unit'].lower()}", today, first_day)) for m in found]
