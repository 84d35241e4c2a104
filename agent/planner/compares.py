"""Comparisons and shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, Tag
from agent.planner.slots import free, take

FIRST_WORDS = 2  # before which a verb is an order
FALLING = frozenset(
    "fell fall fallen drop dropped decrease decreased down lower 降 跌".split()
)  # Chinese is read sign by sign


def read_compare(lexed: Lexed, frame: Frame) -> None:
    others = [t for t in lexed.of("compare") if _is_no_change(lexed, t)]
    take(lexed, *others)
    lexed.tags = [t for t in lexed.tags if t not in others]
    tags = free(lexed, "compare")
    for t in tags:
        if t.value in ("year_earlier", "previous"):
            frame.compare_to = t.value
        elif t.value in ("mom", "wow"):
            frame.compare_to = "previous"
        frame.asks.add(t.value)
    frame.growth = any(t.value in ("growth", "mom", "wow", "year_earlier") for t in tags) or (
        bool(tags) and any(t.text in ("%", "percent", "percentage") for t in lexed.tokens)
    )
    _read_rank_by_growth(lexed, frame, [t for t in tags if t.value == "growth"])
    take(lexed, *tags)


def _is_no_change(lexed: Lexed, t: Tag) -> bool:
    """'Drop the Sunday', 'whose first order fell in May': nothing became less."""
    if lexed.word(t.first) == "fell" and lexed.word(t.first - 1) in ("order", "purchase", "date"):
        return True
    told = lexed.word(t.last + 1) in ("the", "all", "any") or any(x.first == t.last + 1 for x in lexed.of("weekday"))
    return told and t.first <= FIRST_WORDS and lexed.word(t.first) == "drop"


def _read_rank_by_growth(lexed: Lexed, frame: Frame, growth: Sequence[Tag]) -> None:
    """'grew most', 'highest growth', 'top 5 by growth' rank by the change; 'fell most' begins with the deepest fall."""
    ranks = lexed.of("rank")
    by = {t.last + 1 for t in lexed.of("ask") if t.value == "by"}
    for g in growth:
        beside = any(0 < g.first - r.last <= 2 or 0 < r.first - g.last <= 2 for r in ranks)
        if ranks and (beside or g.first in by):
            frame.by_growth = True
            if falls(lexed, g):
                frame.asks.add("fallen")


def falls(lexed: Lexed, growth: Tag) -> bool:
    return any(lexed.word(i) in FALLING for i in range(growth.first, growth.last + 1))


def _more_than_a_period(lexed: Lexed) -> bool:
    """'more than July', 'less than last week': compares with a period, not with a number."""
    starts = {lexed.at(s.start) for s in lexed.periods}
    comparing = [t for t in lexed.of("than") if lexed.word(t.last) == "than"]
    return any(starts & {t.last + 1, t.last + 2} for t in comparing)


def _before_period(lexed: Lexed, t: Tag) -> bool:
    starts = {lexed.at(s.start) for s in lexed.periods}
    return bool(starts & {t.last + 1, t.last + 2}) and lexed.word(t.last) in ("to", "with")


def read_share(lexed: Lexed, frame: Frame) -> None:
    tags = free(lexed, "share")
    related = [t for t in tags if lexed.word(t.first) in ("relative", "in") and _before_period(lexed, t)]
    if related:  # 'October relative to September'
        frame.asks |= {"versus", "growth"}
        frame.growth = True
        take(lexed, *related)
        tags = [t for t in tags if t not in related]
    if _more_than_a_period(lexed):
        frame.asks |= {"versus", "growth"}
        frame.growth = True
    percent = [i for i, t in enumerate(lexed.tokens) if t.text in ("%", "percent") and i not in lexed.taken]
    compared = lexed.has("compare") or bool(frame.asks & {"versus"})
    if any(t.value == "share" for t in tags) and not compared:
        frame.share = True
    elif percent and not compared:
        frame.share = True
        lexed.taken.update(percent)
    if any(t.value == "total" for t in tags):
        frame.asks.add("total")
    if frame.share and not any(w.get("part") for w in frame.where):
        mark_parts(frame.where, lexed)
    take(lexed, *tags)


def mark_parts(where: Sequence[dict[str, Any]], lexed: Lexed) -> None:
    """What a share is of: all that names something. 'Of all but the UK, what share is Germany?' keeps the whole to what
    isn't left out, 'within Germany, what share is Berlin?' to Germany."""
    within = {f.text for f in lexed.found if lexed.word(lexed.at(f.start) - 1) in ("within", "inside", "among")}
    inside = {w.get("field") for w in where if w.get("op") == "in"}
    for w in where:
        base = (w.get("op") == "not in" and w.get("field") in inside) or str(w.get("value")) in within
        w["part"] = not base and (w.get("op") in ("in", "not in") or w.get("field") == "hour" or "group" in w)
