"""Periods in a row ('July, August and September') and the two ends of a change ('from Q2 to Q3')."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

from agent.planner.frame import Frame, spoken_period
from agent.planner.lexer import Lexed
from agent.planner.shop import Shop
from tools.contract import Ambiguous, ToolError
from tools.metrics.periods import Period, Span, parse_period

ENDS = re.compile(
    r"(?:from |between )?(?P<first>.+?)(?: to | until | till |\s?(?:→|->|[-–—到至])\s?)(?P<last>.+)", re.I
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
LEAST_DAYS = 7  # of an end: 'from 1 to 15 June' is one period


def change_of_ends(lexed: Lexed, frame: Frame, spans: Sequence[Span], shop: Shop) -> None:
    """'Orders from June to July, the percent change': July, against June. 'Retention June to July' has June's."""
    periods = [s for s in spans if isinstance(s.value, Period)]
    kept = frame.metrics == ["retention"]
    asked = kept or bool(frame.asks & {"growth", "versus", "compare"}) or lexed.has("compare", "growth")
    if len(periods) != 1 or not asked or frame.grain or isinstance(frame.compare_to, dict):
        return
    ends = ends_of(lexed.text[periods[0].start : periods[0].end], shop)
    if ends:
        first, last = map(spoken_period, ends)
        frame.period, frame.compare_to, frame.growth = (first, last, False) if kept else (last, first, True)


def ends_of(said: str, shop: Shop) -> tuple[Period, Period] | tuple[()]:
    """'September to October': both, where they are about equally long; else nothing."""
    ends = ENDS.fullmatch(said.strip())
    if ends is None:
        return ()
    with suppress(ToolError, Ambiguous):
        years = YEAR.search(ends["last"]), YEAR.search(ends["first"])
        begin = f"{ends['first']} {years[0][0]}" if years[0] and not years[1] else ends["first"]
        first, last = (parse_period(end, shop.today, shop.first_day) for end in (begin, ends["last"]))
        if isinstance(first, Period) and isinstance(last, Period) and first.end < last.start and _alike(first, last):
            return first, last
    return ()


def _alike(first: Period, last: Period) -> bool:
    days = [(p.natural_end - p.start).days + 1 for p in (first, last)]
    return min(days) >= LEAST_DAYS and max(days) - min(days) <= 3


def in_a_row(frame: Frame, spans: Sequence[Span], summed: bool) -> bool:
    """More than two periods: all of them, one for each where they are whole months or quarters and not `summed`; False
    where days lie between them."""
    periods = sorted((s.value for s in spans if isinstance(s.value, Period)), key=lambda p: p.start)
    if len(periods) < 3 or frame.metrics == ["retention"]:
        return True
    gaps = [(b.start - a.natural_end).days for a, b in pairwise(periods)]
    if gaps != [1] * len(gaps):
        return False
    frame.period = {"start": periods[0].start.isoformat(), "end": periods[-1].natural_end.isoformat()}
    frame.compare_to, frame.union, frame.growth = None, None, False
    if not frame.grain and not frame.ranked and not summed:
        frame.grain = _grain(periods)
    return True


def _grain(periods: Sequence[Period]) -> str | None:
    whole = all(p.start.day == 1 and (p.natural_end + timedelta(1)).day == 1 for p in periods)
    months = {_months(p.start, p.natural_end) for p in periods}
    return {1: "month", 3: "quarter", 12: "year"}.get(months.pop()) if whole and len(months) == 1 else None


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month + 1
