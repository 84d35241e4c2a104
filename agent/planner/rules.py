"""Questions read by rules: a grammar over the planner's words and the shop's own names.

Every content word of the question must be accounted for; where one isn't, it declines or asks back rather than guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.plan import Decline, Outcome, Plan, Turn, repeats
from agent.planner import followups, refusals
from agent.planner.compares import read_compare, read_share
from agent.planner.conditions import bought_together, members, read_conditions
from agent.planner.coverage import uncovered
from agent.planner.finish import finish
from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, lex
from agent.planner.measures import read_measures
from agent.planner.named import one_named, read_names
from agent.planner.shop import Shop
from agent.planner.slots import read_dims, read_periods, read_rank, read_weekdays_and_hours

SHORTEST = 12  # signs of a sentence that may be the question
STATEMENT = re.compile(  # what somebody is doing, before asking
    r"\W*(?:(?:hi|hello|hey|so|ok|okay|well|right|morning)\b\W*)?"
    r"(?:i'?m|we'?re|i'?ve|we'?ve|it'?s|this is|that'?s|there'?s"
    r"|(?:i|we) (?!want|need|would|wish|wonder|ask|sold|made|took|earned|had|got|was|were)[a-z]+)\b"
    r"[^?]*[.!;:]\s*",
    re.I,
)
SENTENCE_END = re.compile(r"[.!?。！？;；]\s*|,\s+(?:so|but|anyway)\s+")  # a long story comes before its question


def plan(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """How the question would be answered: tool calls, a question back, or what is missing."""
    outcome = _whole(text, turns, shop)
    unread = isinstance(outcome, Decline) and outcome.unread
    passed = unread or (not isinstance(outcome, Plan) and STATEMENT.match(text) is not None)
    return _one_sentence(text, turns, shop) or outcome if passed else outcome


def _one_sentence(text: str, turns: Sequence[Turn], shop: Shop) -> Plan | None:
    """The question in a long story, if it stands alone: with a period, and no name or period said outside it."""
    story = STATEMENT.match(text)
    told, rest = (story.group(), text[story.end() :]) if story else ("", text)
    pieces = [s for s in (told, *SENTENCE_END.split(rest.strip())) if s]
    sentences = [s for s in pieces if len(s) >= SHORTEST]
    plans = {s: p for s in sentences if (p := _dated(s, turns, shop))} if len(pieces) > 1 else {}
    if len(plans) != 1:
        return None
    ((said, plan),) = plans.items()
    outside = lex(text.replace(said, " . "), shop.names, shop.today, shop.first_day)
    return None if outside.found or outside.periods else plan


def _dated(sentence: str, turns: Sequence[Turn], shop: Shop) -> Plan | None:
    outcome = _whole(sentence, turns, shop)
    return outcome if isinstance(outcome, Plan) and outcome.calls[0].args.get("period") else None


def _whole(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    lexed = lex(text, shop.names, shop.today, shop.first_day)
    locale = "zh" if lexed.chinese else "en"
    return refusals.early(lexed, locale, turns) or _plan(lexed, turns, shop, locale)


def _plan(lexed: Lexed, turns: Sequence[Turn], shop: Shop, locale: str) -> Outcome:
    frame = Frame()
    ambiguous = read_names(lexed, frame, shop.names)
    if ambiguous:
        return refusals.which_field(lexed, ambiguous[0], locale)
    spans = read_periods(lexed, frame)
    read_slots(lexed, frame)
    frame.dims = [d for d in frame.dims if not one_named(d, frame, shop.names)]
    missing = uncovered(lexed, frame, shop.names, locale)
    if missing:
        return missing
    if not bought_together(lexed, frame) and lexed.has("known", "bought_together") and not lexed.has("pronoun"):
        return refusals.which_ones(locale)
    settled = followups.merge(lexed, frame, spans, turns, shop) if turns else followups.first(lexed, frame, spans, shop)
    outcome = finish(lexed, settled, locale)
    # A follow-up that changes nothing was not understood.
    unchanged = turns and repeats(outcome, turns[-1].outcome) and lexed.text.casefold() != turns[-1].question.casefold()
    unchanged = unchanged and "total" not in frame.asks  # 'what do both make together?'
    return refusals.which_ones(locale) if unchanged else outcome


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
