"""The plan that a reading of the trained parser comes to."""

from __future__ import annotations

from collections.abc import Sequence

from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn, repeats
from agent.planner import followups, refusals
from agent.planner.conditions import bought_together
from agent.planner.finish import finish
from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, Tag, lex
from agent.planner.named import read_names
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.understood import fill, hear_periods, periods, unread_period
from agent.texts import text as words

NEXT = frozenset("and in for from to the what about how ? ! . , then of 那 呢 ？".split())
TOLD = {"add": "add", "swap": "instead", "drop": "all"}  # the parser's flags, and the rules' tags for the same


def plan(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """What a message is answered with, as the parser reads it."""
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    hear_periods(reading, lexed, shop)
    locale = "zh" if lexed.chinese else "en"
    if (refusal := _refusal(reading, lexed, locale)) and not _leans_on(reading, turns):
        return refusal
    frame = Frame()
    if problem := fill(frame, reading, lexed, shop):
        return problem
    if asked_back := refusals.two_ways(lexed, locale):
        return asked_back
    if unread := unread_period(reading, lexed):
        return Decline(words("unknown", locale, thing=reading.text[unread.start : unread.end]), (), locale, unread=True)
    spans = periods(reading, lexed)
    _tell(lexed, reading)
    bare = bool(frame.asks & {"growth", "versus"}) and not frame.metrics and any(t.call for t in turns)
    leans = "lean" in reading.meaning.flags or bare or followups.adds_up(lexed, frame, spans, turns)
    leans = bool(turns) and (leans or _leans_on(reading, turns))
    if not leans and frame.ranked and (frame.dims or frame.grain) and not frame.metrics:
        frame.metrics = ["revenue"]  # "our best month"
    bought_together(lexed, frame)
    if leans and not lexed.of("metric") and any(t.text == "per" for t in lexed.tokens):
        _divide_the_one_before(frame, turns)
    settled = followups.merge(lexed, frame, spans, turns, shop, leaning=True) if leans else None
    outcome = finish(lexed, settled or followups.first(lexed, frame, spans, shop), locale)
    # A follow-up that changes nothing was not understood.
    unchanged = (
        leans and repeats(outcome, turns[-1].outcome) and not lexed.has("share", "total")
    )  # 'what do both make together?'
    return refusals.which_ones(locale) if unchanged else outcome


def _divide_the_one_before(frame: Frame, turns: Sequence[Turn]) -> None:
    """'How much per order?' names no figure to divide: it is the one asked for before."""
    calls = (t.call for t in reversed(turns) if t.call and t.call.tool == "query_metrics")
    before = next((c.args["metrics"][0] for c in calls), "revenue")
    if len(frame.metrics) > 1:
        return
    asked = "".join(frame.metrics)
    per = "orders" if asked == "average_order_value" else asked.partition(" / ")[2]
    if not per or before == "average_order_value":
        return
    if (before, per) == ("revenue", "orders"):
        frame.metrics = ["average_order_value"]
    else:
        frame.metrics, frame.per = [], per


def _tell(lexed: Lexed, reading: Reading) -> None:
    """What the parser says of earlier conditions counts, not the words that the rules would go by."""
    lexed.tags = [t for t in lexed.tags if t.kind not in TOLD.values() or _whole_shop(lexed, t)]
    flags = reading.meaning.flags - ({"add"} if _names_only(lexed) else set())
    lexed.tags += [Tag(kind, kind, -1, -1) for flag, kind in TOLD.items() if flag in flags]


def _names_only(lexed: Lexed) -> bool:
    """'And Japan?' asks for Japan instead: no word says that it is to stand beside what was asked before."""
    named = [(f.start, f.end) for f in lexed.found]
    rest = [t.text for t in lexed.tokens if not any(start <= t.start < end for start, end in named)]
    return bool(named) and set(rest) <= NEXT


def _whole_shop(lexed: Lexed, t: Tag) -> bool:
    """'The whole shop' is that, whatever the parser makes of it."""
    said = {lexed.word(i) for i in range(t.first, t.last + 1)}
    return t.kind == "all" and bool(said & {"shop", "store", "店"})


def named(reading: Reading, shop: Shop) -> Plan | None:
    """The figure that another tool's question is about, for what is asked next: 'What will … sell? And last week?'"""
    lexed, frame = lex(reading.text, shop.names, shop.today, shop.first_day), Frame()
    if fill(frame, reading, lexed, shop):
        frame = Frame()
        read_names(lexed, frame, shop.names)
    if not (frame.metrics or frame.where):
        return None
    frame.metrics = frame.metrics or ["units"]
    return Plan((Call("query_metrics", frame.args()),))


def _leans_on(reading: Reading, turns: Sequence[Turn]) -> bool:
    """'By month?' names no figure, but the question before it does."""
    meaning = reading.meaning
    return meaning.clarify == "metric" and bool(meaning.by or meaning.grain) and any(t.call for t in turns)


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
