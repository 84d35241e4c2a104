"""A promotion that is supposed of days to come, or none: 'with the promotion again', 'if we run the same promotion next
month as in November', 'without any promotion', for forecast_sales. With another price beside it, both are supposed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Turn
from agent.planner import priced
from agent.planner.corpus import Marked
from agent.planner.parser import Reading
from tools.metrics.periods import Period, Span, label

TOOL = "forecast_sales"
NOUN = re.compile(
    r"\b(?:promotion|promo|campaign)s?\b|\bpromotional\b|促[销銷]|[优優]惠|(?:[搞做办辦有次场場个個的])活[动動]", re.I
)
PROMOTION = re.compile(rf"{NOUN.pattern}|打?{priced.TENTHS.pattern}", re.I)
SUPPOSED = re.compile(
    r"\b(?:if|suppos(?:e|ing)|assum(?:e|ing)|will|would|'ll|going to|gonna|forecast|expect|predict)\b"
    r"|如果|假如|假[设設]|要是|若|[将將会會]|[预預][计計测測]|再(?:做|搞|来|來|办|辦)",
    re.I,
)
CONDITIONAL = re.compile(
    r"(?<!wonder )(?<!know )(?<!see )(?<!me )(?<!check )\bif\b|\bsuppos(?:e|ing)\b|如果|假如|假[设設]|要是", re.I
)
WERE = re.compile(r"\b(?:were|had)\b", re.I)  # of what is only supposed
OVER = re.compile(
    r"\b(?:did|was|were|during|have|has|raised|brought)\b|当时|當時|[过過]|了多少"
    r"|\b(?:after|before|since|until) (?:the|our|this|that|last)(?: \w+)? (?:promo|campaign)",
    re.I,
)
NONE = re.compile(
    r"\b(?:without|no|skip(?:ping)?|drop(?:ping)?|cancel(?:l?ing)?|stop(?:ping)?|don't|do not|never)\b"
    r"(?:\W+\w+){0,4}?\W+(?:promo|campaign)|(?:没有?|沒有?|不[做搞打办辦]|取消|停止?|[无無])(?:任何)?.{0,3}(?:促[销銷]|[优優]惠)",
    re.I,
)
WITH = re.compile(r"\b(?:with|and)\b|再|呢|[没沒不有]", re.I)
ALSO = re.compile(r"\b(?:also|too|as well|on top|in addition|besides|plus)\b|再|也|同[时時]|加上", re.I)
TAKEN_OFF = re.compile(
    r"(?:%|per ?cent)\s+off\s+(?:of\s+)?(?:the\s+|our\s+|all\s+)*$", re.I
)  # 'take 10 % off the mugs'
AS_IN = re.compile(
    r"(?:\b(?:as|like|from|of)\b(?:\W+(?:in|the|one|that|we|had|ran|did|of))*\W+|[和跟像同与與按如照]\s*)$", re.I
)
OF_THEN = re.compile(
    r"^\W{0,2}(?:s\b)?\W{0,2}(?:(?:month|week)?的?\s*(?:promo|campaign|促[销銷]|[优優]惠)|一[样樣]|那[样樣]|相同)", re.I
)


def is_supposed(text: str, turns: Sequence[Turn] = ()) -> bool:
    """Whether sales to come are asked for with a promotion or without; also where it leans on a forecast before it."""
    return speaks_of_one(text) and (bool(SUPPOSED.search(text)) or leans(text, turns))


def speaks_of_one(text: str) -> bool:
    """Whether there is a word of promotions, and none that it is over."""
    told = WERE.sub("", text) if CONDITIONAL.search(text) else text
    return PROMOTION.search(text) is not None and OVER.search(told) is None


def leans(text: str, turns: Sequence[Turn]) -> bool:
    """'And without the promotion?' after a forecast."""
    call = turns[-1].call if turns else None
    after = call is not None and call.tool == TOOL and not SUPPOSED.search(text)
    return after and bool(PROMOTION.search(text) and (WITH.search(text) or NONE.search(text)))


def scenario_of(text: str, spans: Sequence[Span], today: Any) -> tuple[dict[str, Any] | None, Span | None]:
    """What is supposed, and the period, if any, that only tells which promotion is meant. None: another price is, but
    not by how much."""
    change, untold = priced.beside(text, NOUN) if NOUN.search(text) else (None, False)
    if untold:
        return None, None
    price = {} if change is None else {"price_change": change}
    if NONE.search(text):
        return price | {"promotion": False}, None
    if like := next((s for s in spans if _is_like(text, s, today)), None):
        assert isinstance(like.value, Period)
        start, end = like.value.start, like.value.natural_end
        return price | {
            "promotion": {"start": start.isoformat(), "end": end.isoformat(), "label": label(like.value)}
        }, like
    return price | {"promotion": _depth(text, change)}, None


def _depth(text: str, change: float | None) -> float | bool:
    """The part that a promotion takes off, other than the price's change; True where it isn't said."""
    said = [priced.part_of(m) for m in priced.parts_in(text)]
    if change is not None:
        said.remove(abs(change))
    return said[0] if said else True


def gone_on(before: dict[str, Any], args: dict[str, Any], text: str) -> dict[str, Any]:
    """What was asked before, with what is said now; 'and with the promotion as well' keeps its price."""
    kept = (before.get("scenario") or {}) if ALSO.search(text) else {}
    return {**before, **args, "scenario": {**kept, **args["scenario"]}}


def without_the_supposed(reading: Reading) -> Reading:
    """The words of what is supposed are no name and no limit, whatever the parser takes them for."""
    said = [(m.start(), m.end()) for of in (PROMOTION, NONE, *priced.PARTS) for m in of.finditer(reading.text)]
    spans = (_behind_the_if(s, reading.text) for s in reading.spans)
    kept = (s for s in spans if s.start < s.end and not any(s.start < end and start < s.end for start, end in said))
    meant = (replace(s, excluded=False) if TAKEN_OFF.search(reading.text[: s.start]) else s for s in kept)
    return replace(reading, spans=tuple(meant), meaning=replace(reading.meaning, having=None))


def _behind_the_if(span: Marked, text: str) -> Marked:
    """'如果午餐袋' without the 如果; nothing is left of a name that is but a part of it."""
    inside = [m.end() for m in CONDITIONAL.finditer(text) if m.start() <= span.start < m.end()]
    return replace(span, start=min(inside[0], span.end)) if inside else span


def _is_like(text: str, span: Span, today: Any) -> bool:
    assert isinstance(span.value, Period)
    if span.value.start > today:
        return False
    return bool(AS_IN.search(text[: span.start]) or OF_THEN.search(text[span.end :]))
