"""A promotion that is supposed of days to come, or none: 'with the promotion again', 'if we run the same promotion next
month as in November', 'without any promotion', for forecast_sales.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Turn
from agent.planner.parser import Reading
from tools.metrics.periods import Period, Span, label

TOOL = "forecast_sales"
PROMOTION = re.compile(
    r"\b(?:promotion|promo|campaign)s?\b|\bpromotional\b|促[销銷]|[优優]惠|打?[1-9一二三四五六七八九]折", re.I
)
SUPPOSED = re.compile(
    r"\b(?:if|suppos(?:e|ing)|assum(?:e|ing)|will|would|'ll|going to|gonna|forecast|expect|predict)\b"
    r"|如果|假如|假[设設]|要是|若|[将將会會]|[预預][计計测測]|再(?:做|搞|来|來|办|辦)",
    re.I,
)
OVER = re.compile(r"\b(?:did|was|were|during|have|has|raised|brought)\b|当时|當時|[过過]|了多少", re.I)
NONE = re.compile(
    r"\b(?:without|no|skip(?:ping)?|drop(?:ping)?|cancel(?:l?ing)?|stop(?:ping)?|don't|do not|never)\b"
    r"(?:\W+\w+){0,4}?\W+(?:promo|campaign)|(?:没有?|沒有?|不[做搞打办辦]|取消|停止?|[无無])(?:任何)?.{0,3}(?:促[销銷]|[优優]惠)",
    re.I,
)
WITH = re.compile(r"\b(?:with|and)\b|再|呢|[没沒不有]", re.I)
OFF = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|％|per ?cent)|百分之\s*(\d+)", re.I)
TENTHS = re.compile(r"([1-9一二三四五六七八九])折")
DIGITS = "一二三四五六七八九"
AS_IN = re.compile(
    r"(?:\b(?:as|like|from|of)\b(?:\W+(?:in|the|one|that|we|had|ran|did|of))*\W+|[和跟像同与與按如照]\s*)$", re.I
)
OF_THEN = re.compile(
    r"^\W{0,2}(?:s\b)?\W{0,2}(?:(?:month|week)?的?\s*(?:promo|campaign|促[销銷]|[优優]惠)|一[样樣]|那[样樣]|相同)", re.I
)


def is_supposed(text: str, turns: Sequence[Turn] = ()) -> bool:
    """Whether sales to come are asked for with a promotion or without; also where it leans on a forecast before it."""
    if not PROMOTION.search(text) or OVER.search(text):
        return False
    return bool(SUPPOSED.search(text)) or leans(text, turns)


def leans(text: str, turns: Sequence[Turn]) -> bool:
    """'And without the promotion?' after a forecast."""
    call = turns[-1].call if turns else None
    after = call is not None and call.tool == TOOL and not SUPPOSED.search(text)
    return after and bool(PROMOTION.search(text) and (WITH.search(text) or NONE.search(text)))


def scenario_of(text: str, spans: Sequence[Span], today: Any) -> tuple[dict[str, Any], Span | None]:
    """What is supposed, and the period, if any, that only tells which promotion is meant."""
    if NONE.search(text):
        return {"promotion": False}, None
    if like := next((s for s in spans if _is_like(text, s, today)), None):
        assert isinstance(like.value, Period)
        start, end = like.value.start, like.value.natural_end
        return {"promotion": {"start": start.isoformat(), "end": end.isoformat(), "label": label(like.value)}}, like
    if said := OFF.search(text):
        return {"promotion": float(said[1] or said[2]) / 100}, None
    if tenths := TENTHS.search(text):
        left = int(tenths[1]) if tenths[1].isdigit() else DIGITS.index(tenths[1]) + 1
        return {"promotion": round(1 - left / 10, 1)}, None
    return {"promotion": True}, None


def without_the_promotion(reading: Reading) -> Reading:
    """The words of the promotion are no name and no limit, whatever the parser takes them for."""
    said = [(m.start(), m.end()) for of in (PROMOTION, NONE, OFF, TENTHS) for m in of.finditer(reading.text)]
    kept = (s for s in reading.spans if not any(s.start < end and start < s.end for start, end in said))
    return replace(reading, spans=tuple(kept))


def _is_like(text: str, span: Span, today: Any) -> bool:
    assert isinstance(span.value, Period)
    if span.value.start > today:
        return False
    return bool(AS_IN.search(text[: span.start]) or OF_THEN.search(text[span.end :]))
