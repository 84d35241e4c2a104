"""What a follow-up says of time, laid over the period of the answer before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from agent.plan import Decline, Outcome
from agent.planner.frame import Frame, spoken_period
from agent.planner.from_to import ends_of
from agent.planner.lexer import Lexed
from agent.planner.refusals import which_ones
from agent.planner.shop import Shop
from agent.planner.slots import in_order
from agent.texts import text
from tools.metrics.dates import year_moved
from tools.metrics.periods import Period, Shift, Span, parse_period, shift

MOST_YEARS = 10  # that a narrower period may lie back
NARROWS = re.compile(r"\W*(?:(?:and|ok|okay|so|now|please) )*(?:just|only)\b|\W*(?:只看|只要|就看)", re.I)
SUMMED = frozenset({"across", "over", "combined", "plus", "+", "altogether"})


def overlay_period(lexed: Lexed, frame: Frame, spans: list[Span], out: Frame, shop: Shop) -> Outcome | None:
    """Puts into `out`, the frame of the answer before, which days are asked about now; a refusal where it can't."""
    shifts = [s.value for s in spans if isinstance(s.value, Shift)]
    ordered = in_order([s for s in spans if isinstance(s.value, Period)], lexed, frame)
    now = _as_period(out.period, shop) if out.period else None
    periods = [_within(s.value, now, lexed) for s in ordered if isinstance(s.value, Period)]
    if out.metrics == ["retention"] and len(periods) == 1:
        periods = list(ends_of(lexed.text[ordered[0].start : ordered[0].end], shop)) or periods
    left_out = [_excluded_span(lexed, s) for s in ordered] if lexed.has("exclude") else []
    if any(left_out):
        meant = [p for p, out_ in zip(periods, left_out, strict=False) if not out_]
        if len(periods) == 1:
            return _without(periods[0], out, shop, "zh" if lexed.chinese else "en")
        periods = meant or periods  # 'not March, do April'
    if periods:
        compared = frame.asks & {"versus", "compare", "growth"} and now is not None and len(periods) == 1
        if compared:
            out.compare_to = spoken_period(periods[0])
        else:
            out.period, out.compare_to = spoken_period(periods[0]), None
            if len(periods) > 1 and not _sum_of(periods, lexed, frame, out):
                out.compare_to = spoken_period(periods[1])
    elif shifts and now is not None:
        compared = bool(frame.asks & {"versus", "compare", "growth"})
        moved = spoken_period(shift(now, shifts[0]))
        out.period, out.compare_to = (out.period, moved) if compared else (moved, None)
    elif shifts:
        return Decline(text("unknown", "en", thing=shifts[0].asked), (), "en")
    if frame.compare_to is not None and not periods and not shifts:
        out.compare_to = frame.compare_to
    if frame.whole_history:
        out.period = None
    return None


def _sum_of(periods: Sequence[Period], lexed: Lexed, frame: Frame, out: Frame) -> bool:
    """'June plus July?': both together, where one follows on the other."""
    first, second = sorted(periods[:2], key=lambda p: p.start)
    added = frame.asks & {"total"} or any(t.text in SUMMED for t in lexed.tokens)
    if not added or (second.start - first.natural_end).days != 1:
        return False
    out.period = {"start": first.start.isoformat(), "end": second.natural_end.isoformat()}
    return True


def _within(said: Period, now: Period | None, lexed: Lexed) -> Period:
    """'Just July to December', after an answer on 2025: those of that year."""
    if now is None or not NARROWS.match(lexed.text) or re.search(r"\d{4}", lexed.text):
        return said
    earlier = (year_moved(said.start, -years) for years in range(1, MOST_YEARS))
    inside = [(start, year_moved(said.natural_end, start.year - said.start.year)) for start in (said.start, *earlier)]
    return next((_between(*p, now) for p in inside if now.start <= p[0] and p[1] <= now.natural_end), said)


def _between(start: date, end: date, now: Period) -> Period:
    found = parse_period({"start": start.isoformat(), "end": end.isoformat()}, max(end, now.end))
    assert isinstance(found, Period)
    return found


def _excluded_span(lexed: Lexed, s: Span) -> bool:
    i = lexed.at(s.start)
    near = range(max(0, i - 3), min(len(lexed.tokens), lexed.at(s.end - 1) + 3))
    return any(t.first in near for t in lexed.of("exclude"))


def _without(gone: Period, out: Frame, shop: Shop, locale: str) -> Outcome | None:
    """'not counting May': the period ends before it, begins after it, or loses its buckets."""
    now = _as_period(out.period, shop) if out.period else Period(shop.first_day, shop.today)
    day = timedelta(days=1)
    if gone.start <= now.start and now.end <= gone.end:
        return which_ones(locale)
    if gone.end >= now.end and gone.start > now.start:
        out.period = {"start": now.start.isoformat(), "end": (gone.start - day).isoformat()}
    elif gone.start <= now.start and gone.end < now.end:
        out.period = {"start": (gone.end + day).isoformat(), "end": now.natural_end.isoformat()}
    else:
        out.where.append({"field": "month", "op": "!=", "value": gone.start.isoformat()})
    return None


def _as_period(spoken: Any, shop: Shop) -> Period:
    found = parse_period({k: spoken[k] for k in ("start", "end")}, shop.today, shop.first_day)
    assert isinstance(found, Period)
    return found
