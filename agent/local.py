"""The local path: the planner's outcome carried out and put into proven prose. No key, no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from agent.answer import Draft
from agent.compose import compose, matched
from agent.factors import factors_call
from agent.in_chinese import said_in
from agent.plan import Clarify, Decline, Outcome, Plan, Turn
from agent.planner.planner import plan
from agent.planner.shop import Shop
from agent.proof.number_words import find_numbers
from agent.receipts import Checked, Unproven, check, table_alone
from agent.texts import text as words
from agent.weighed import beside_calls as weighing_calls
from agent.work import Work
from tools.contract import Ambiguous, NotThere, ToolError
from tools.metrics.available import kept
from tools.metrics.tool import names_of
from tools.search.suggest import nearest_titles


def answer(text: str, turns: Sequence[Turn], work: Work) -> tuple[Outcome, Draft]:
    """The planner's outcome for one message of a conversation, and what it comes to. Raises Stopped."""
    store = work.store
    nearest = partial(nearest_titles, store)
    shop = Shop(names_of(store), work.today, store.first_day, store.currency, nearest, kept(store))
    outcome = plan(text.strip(), turns, shop)
    questions = [*(t.question for t in turns), text]
    if isinstance(outcome, Clarify):
        return outcome, without_figures("clarify", outcome.question, work, questions, outcome.options, outcome.locale)
    if isinstance(outcome, Decline):
        return outcome, without_figures(
            "declined", outcome.reason, work, questions, outcome.suggestions, outcome.locale
        )
    return outcome, _carried_out(outcome, work, questions)


def _carried_out(outcome: Plan, work: Work, questions: list[str]) -> Draft:
    locale = outcome.locale
    try:
        for c in outcome.calls:
            told = work.call(c.tool, c.args)
            for beside in (factors_call(told.result), *weighing_calls(told.result)):
                if beside:
                    work.call(beside.tool, beside.args)
    except Ambiguous as e:
        return without_figures("clarify", said_in(locale, str(e)), work, questions, e.options, locale)
    except ToolError as e:
        nearest = e.suggestions if isinstance(e, NotThere) else ()
        return without_figures("declined", said_in(locale, str(e)), work, questions, nearest, locale)
    return Draft("answered", _proven(outcome, work, questions), work.receipts, steps=work.steps, locale=locale)


def _proven(outcome: Plan, work: Work, questions: list[str]) -> Checked:
    """The prose, checked; where it can't be proven, the table alone."""
    receipts = work.receipts
    said = [str(v) for r in receipts for w in r.result.input.get("where") or [] for v in _values(w)]
    prose = compose(outcome, receipts, questions[-1])
    matches = matched(receipts, outcome.locale)
    if matches:
        body, _, reading = prose.rpartition("\n\n")
        prose = f"{body}\n\n_{matches}_\n\n{reading}"
    try:
        return check(prose, receipts, locale=outcome.locale, question=" ".join([*questions, *said]))
    except Unproven:
        return table_alone(receipts, outcome.locale)


def _values(w: dict[str, Any]) -> list[Any]:
    value = w.get("value", [])
    return value if isinstance(value, list) else [value]


OF_THE_QUESTION = re.compile(  # digits, and months in what is quoted
    r"\d|“[^”]*\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b[^“]*”", re.I
)


SENTENCE = re.compile(r"(?<=\.) (?=[A-Z][^']*$)|(?<=。)")  # none that begins within a quoted name


def _without_numbers(reason: str) -> str:
    """The sentences of a refusal that hold no number, where others do."""
    return "".join(s for s in SENTENCE.split(reason) if s and not find_numbers(s) and s.count("“") == s.count("”"))


def without_figures(
    status: str, reason: str, work: Work, questions: Sequence[str], options: Sequence[str], locale: str
) -> Draft:
    """A refusal or a question back: it is checked too, so no number stands in it without a receipt."""
    asked = " ".join(questions)
    draft = Draft(status, options=tuple(options), steps=work.steps, locale=locale)
    restated = f"_{reason}_"  # in which numbers of the question may stand
    forms = (restated,) if OF_THE_QUESTION.search(reason) else (reason, restated)
    for prose in filter(None, (*forms, _without_numbers(reason))):
        try:
            draft.checked = check(prose, [], locale=locale, question=asked)
            return draft
        except Unproven:
            continue
    if status == "clarify":
        draft.checked = check(words("which", locale), [], locale=locale)
        return draft
    work.receipts.clear()
    receipt = work.call("data_coverage", {})
    prose = words("outside", locale, first="{r1.0.first_day}", last="{r1.0.last_day}")
    draft.checked, draft.receipts = check(prose, [receipt], locale=locale), [receipt]
    return draft
