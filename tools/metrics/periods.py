"""Time in questions: finds periods in English and Chinese text and reads one period by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from tools.contract import Ambiguous, ToolError
from tools.metrics.dates import (
    EPOCH,
    GRAINS,
    Period,
    Shift,
    Span,
    Unclear,
    bucket_end,
    bucket_starts,
    fully_covered,
    make,
    shift,
)
from tools.metrics.labels import label
from tools.metrics.period_grammar import spans
from tools.metrics.period_words import normalise

__all__ = [
    "GRAINS",
    "Period",
    "Shift",
    "Span",
    "Unclear",
    "bucket_end",
    "bucket_starts",
    "find_periods",
    "fully_covered",
    "label",
    "parse_period",
    "shift",
]

FORMS = (
    "Say it as 'last month', 'last 30 days', 'November 2011', '2011-11', 'Q3 2011', 'since 2011-06-01', "
    "'2011-09-05..2011-09-11', 'all time', or {'start': '2011-09-05', 'end': '2011-09-11'} (end included)."
)
_EVERYTHING = frozenset({"all", "everything", "whole", "total", "overall", "全部", "所有", "一直"})
_FILLER = re.compile(r"^(?:(?:in|during|for|on|within|over|at|by|of|the|about)\s+)+|^在|[\s?？.。!！,，]+$", re.I)


def find_periods(text: str, today: date, first_day: date | None = None) -> list[Span]:
    """Every time expression in `text` with its character offsets, left to right and without overlaps.

    `first_day` is the first day of the data: "before March" and "ever" begin there, bare numbers near it may be years.
    """
    return spans(normalise(text), today, first_day)


def parse_period(text: str | Mapping[str, str], today: date, first_day: date | None = None) -> Period:
    """The one period that `text` is, or {"start", "end"} as ISO dates with the end included.

    Raises Ambiguous where it can be read in several ways, ToolError where it is no period.
    """
    if isinstance(text, Mapping):
        return _from_dates(text, today)
    said = text.strip()
    for words in (said, _FILLER.sub("", _FILLER.sub("", said.replace("_", " ")))):
        found = spans(normalise(words, guard=False), today, first_day)
        if len(found) == 1 and (found[0].start, found[0].end) == (0, len(words)):
            return _one(found[0].value, said)
    if said.lower() in _EVERYTHING:
        return Period(min(first_day or EPOCH, today), today, relative=True, whole=True, asked=said)
    year = re.fullmatch(r"(1[89]|20|21)\d\d", said)
    if year:
        return make(date(int(said), 1, 1), date(int(said), 12, 31), today, asked=said, unit="year", count=1)
    raise ToolError(f"'{said}' is no period that can be read. {FORMS}")


def _one(value: Period | Shift | Unclear, said: str) -> Period:
    if isinstance(value, Unclear):
        raise Ambiguous(f"'{said}' can be read in several ways: {value.why}.", value.options)
    if isinstance(value, Shift):
        raise ToolError(f"'{said}' is told from another period; name the dates themselves. {FORMS}")
    return value


def _from_dates(given: Mapping[str, str], today: date) -> Period:
    if not {"start", "end"} <= set(given) <= {"start", "end", "label"}:
        raise ToolError(f"A period needs exactly 'start' and 'end', not {sorted(given)}. {FORMS}")
    try:
        start, end = (date.fromisoformat(str(given[k])[:10]) for k in ("start", "end"))
    except ValueError:
        raise ToolError(f"{dict(given)} holds no ISO dates. {FORMS}") from None
    if start > end:
        raise ToolError(f"The period starts on {start}, after its end on {end}: turn the two round.")
    return make(start, end, today, asked=f"{start}..{end}")
