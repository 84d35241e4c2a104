"""The local planner, first version: a grammar over the planner's words and the shop's own names.

plan(text, turns, shop) → Plan | Clarify | Decline. Every content word of the question must be accounted for; where one
isn't, it declines or asks back rather than guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agent.plan import CHOICE, Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import followups, refusals
from agent.planner.compares import read_compare, read_share
from agent.planner.conditions import bought_together, members, read_conditions
from agent.planner.coverage import uncovered
from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, lex
from agent.planner.measures import read_measures
from agent.planner.named import read_names
from agent.planner.slots import read_dims, read_periods, read_rank, read_weekdays_and_hours
from retrieval.names import Names

SENTENCE_END = re.compile(r"[.!?。！？;；]\s*|,\s+(?:so|but|anyway)\s+")  # a long story comes before its question
MANY = 5  # "top" without a number, asking for several


@dataclass(frozen=True)
class Shop:
    """What the planner knows of the shop."""

    names: Names
    today: date
    first_day: date
    currency: str


def plan(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """How the question would be answered: tool calls, a question back, or what is missing."""
    question = _chosen(text, turns)
    if question:
        outcome = plan(question, turns[:-1], shop)
        if not isinstance(outcome, Decline):
            return outcome
    outcome = _whole(text, turns, shop)
    unread = isinstance(outcome, Decline) and outcome.unread
    return _last_sentence(text, turns, shop) or outcome if unread else outcome


def _chosen(text: str, turns: Sequence[Turn]) -> str | None:
    """The question that was asked back about, complete, if the message is one of the options offered."""
    last = turns[-1].outcome if turns else None
    if not isinstance(last, Clarify) or not last.resume:
        return None
    choice = next((o for o in last.options if o.casefold() == text.strip().casefold()), None)
    return choice and last.resume.replace(CHOICE, choice)


def _last_sentence(text: str, turns: Sequence[Turn], shop: Shop) -> Plan | None:
    """The question at the end of a long story, if it stands alone: with a period, and no name said before it."""
    last = SENTENCE_END.split(text.strip().rstrip("?!.。？！"))[-1]
    if not 12 <= len(last) < len(text) - 12 or shop.names.find(text[: text.rfind(last)]):
        return None
    outcome = _whole(last, turns, shop)
    return outcome if isinstance(outcome, Plan) and outcome.calls[0].args.get("period") else None


def _whole(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    lexed = lex(text, shop.names, shop.today, shop.first_day)
    locale = "zh" if lexed.chinese else "en"
    return refusals.early(lexed, locale, turns) or _plan(lexed, turns, shop, locale)


def _plan(lexed: Lexed, turns: Sequence[Turn], shop: Shop, locale: str) -> Outcome:
    frame = Frame()
    ambiguous = read_names(lexed, frame)
    if ambiguous:
        return refusals.which_field(lexed, ambiguous[0], locale)
    spans = read_periods(lexed, frame)
    read_slots(lexed, frame)
    missing = uncovered(lexed, frame, shop.names, locale)
    if missing:
        return missing
    if not bought_together(lexed, frame) and lexed.has("known", "bought_together") and not lexed.has("pronoun"):
        return refusals.which_ones(locale)
    settled = followups.merge(lexed, frame, spans, turns, shop) if turns else followups.first(lexed, frame, spans, shop)
    return finish(lexed, settled, locale)


def read_slots(lexed: Lexed, frame: Frame) -> None:
    """Slot by slot, each taking its words from the next: what is specific before what is general."""
    read_weekdays_and_hours(lexed, frame)
    read_conditions(lexed, frame)
    read_share(lexed, frame)
    read_compare(lexed, frame)
    read_rank(lexed, frame)
    read_dims(lexed, frame)
    read_measures(lexed, frame)
    members(lexed, frame)


def finish(lexed: Lexed, frame: Frame | Outcome, locale: str) -> Outcome:
    """A frame with all it needs becomes a plan; one without a metric or a ranking without a subject is asked back."""
    if not isinstance(frame, Frame):
        return frame
    if not frame.metrics:
        return refusals.no_metric(lexed, frame, locale)
    if frame.share and not frame.dims and not frame.grain and not any(w.get("part") for w in frame.where):
        return refusals.no_metric(lexed, frame, locale)  # the share of what? a whole of itself is no answer
    if frame.metrics == ["retention"] and (frame.period is None or not isinstance(frame.compare_to, dict)):
        return refusals.which_periods(locale)
    if frame.ranked and not frame.dims and any(w.get("field") == "product" for w in frame.where):
        frame.dims = ["product"]
    if frame.ranked and not frame.dims and not frame.grain:
        return refusals.bare_rank(lexed, frame, locale)
    if frame.ranked and frame.limit is None:
        frame.limit = MANY if _several(lexed) else 1
    if frame.ranked and frame.grain:
        frame.dims, frame.grain = [*frame.dims, frame.grain], None
    return Plan(tuple(_calls(frame)), locale)


def _several(lexed: Lexed) -> bool:
    """'top products' and 'bestsellers' ask for several; 'which product', 'who' and 'the best month' for one."""
    words = {t.text for t in lexed.tokens}
    if lexed.chinese:
        return bool(words & {"些", "前"})
    nouns = {lexed.word(t.last) for t in lexed.of("dim")} | words & {"customers", "clients", "buyers", "orders"}
    plural = {n for n in nouns if n.endswith("s")}
    if nouns - plural or "who" in words:
        return False
    return bool(plural) or lexed.word(0) == "top"


def _calls(frame: Frame) -> list[Call]:
    calls = [Call("query_metrics", frame.args())]
    if frame.together:
        whole = {**frame.args(), "by": []}
        calls.append(Call("query_metrics", {k: v for k, v in whole.items() if v != []}))
    if frame.union:
        both = {k: v for k, v in frame.args().items() if k != "compare_to"}
        calls.append(Call("query_metrics", {**both, "period": frame.union}))
    for condition in frame.where:
        if condition.get("field") == "product" and condition.get("op") == "in":
            values = condition["value"] if isinstance(condition["value"], list) else [condition["value"]]
            calls += [Call("match_products", {"text": v}) for v in values]
    return calls
