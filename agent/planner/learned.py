"""The plan that a reading of the trained parser comes to."""

from __future__ import annotations

from collections.abc import Sequence

from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import followups, refusals
from agent.planner.finish import finish
from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, lex
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.understood import fill, periods, unread_period
from agent.texts import text as words


def plan(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """What a message is answered with, as the parser reads it."""
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    locale = "zh" if lexed.chinese else "en"
    if refusal := _refusal(reading, lexed, locale):
        return refusal
    frame = Frame()
    if problem := fill(frame, reading, lexed, shop):
        return problem
    if unread := unread_period(reading, lexed):
        return Decline(words("unknown", locale, thing=reading.text[unread.start : unread.end]), (), locale, unread=True)
    spans = periods(reading, lexed)
    leans = bool(turns) and "lean" in reading.meaning.flags
    settled = followups.merge(lexed, frame, spans, turns, shop, leaning=True) if leans else None
    return finish(lexed, settled or followups.first(lexed, frame, spans, shop), locale)


def _refusal(reading: Reading, lexed: Lexed, locale: str) -> Outcome | None:
    """Other tools' questions, what is declined, and what is asked back."""
    meaning = reading.meaning
    if meaning.tool:
        return Plan((Call(meaning.tool, {"text": reading.text}),), locale)
    if meaning.decline:
        thing = reading.text.strip(" ?!.。？！")
        key = {"action": "action", "nodata": "nodata"}.get(meaning.decline, "unknown")
        return Decline(words(key, locale, thing=thing), (), locale)
    if not meaning.clarify:
        return None
    if meaning.clarify == "metric":
        return refusals.no_metric(lexed, Frame(), locale)
    if meaning.clarify == "rank":
        return refusals.bare_rank(lexed, Frame(), locale)
    return Clarify(words("context" if meaning.clarify == "which" else "which", locale), (), locale)
