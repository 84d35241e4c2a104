"""What a capable model would say to questions of the development suite, written by hand, and whether it is right.

`data/llm_door.jsonl` names questions by their ids alone; their words are found where the suite is. A line is
{"id": …, "turns": [[reply, …], …]}: for each turn of the question the model's replies, one of {"calls": [{"tool", "args"},
…]}, {"answer": prose with references}, {"clarify": …, "options": […]} and {"decline": …, "suggestions": […]}. Whoever
plays the model (`prove` here, or a scripted server before the real loop) gives them in turn; a call that fails makes no
receipt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.answer import Draft, answer_object
from agent.receipts import check
from agent.toolbox import TOOLS
from agent.work import Work
from evals.results import judge
from evals.suites import Answer, Asked, Question, read_lines
from store.connect import Store
from store.errors import UserError
from store.paths import Home
from tools.contract import StorewiseError

FILE = Path(__file__).parent / "data" / "llm_door.jsonl"
STATUS = {"answer": "answered", "clarify": "clarify", "decline": "declined"}
CHOICES = {"clarify": "options", "decline": "suggestions"}


@dataclass(frozen=True)
class ToolCall:
    tool: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One reply of the model: tool calls to run side by side, or the turn's `outcome` ("answer", "clarify", "decline")."""

    calls: tuple[ToolCall, ...] = ()
    outcome: str | None = None
    text: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """The replies to each turn of one question."""

    id: str
    turns: tuple[tuple[Reply, ...], ...]


def load(path: Path = FILE) -> list[Case]:
    """UserError naming the line and what is wrong with it."""
    cases: dict[str, Case] = {}
    for where, entry in read_lines(path):
        try:
            case = _case(entry)
            if case.id in cases:
                raise ValueError(f"id {case.id!r} is taken")
        except ValueError as error:
            raise UserError(f"{where}: {error}.") from error
        cases[case.id] = case
    return list(cases.values())


def prove(store: Store, question: Question, case: Case) -> list[Answer]:
    """An answer object for each turn: the calls run, the prose checked. Raises Unproven for prose that isn't right."""
    return [_answer(store, question.turns[:turn], replies) for turn, replies in enumerate(case.turns, 1)]


def faults(question: Question, answers: Sequence[Answer], home: Home, store: str) -> list[str]:
    """Why the last answer fails its grading, and all that the auditor finds in any; empty where all is well."""
    result = judge(Asked(question, list(answers), []), home, store)
    found = [] if result.graded else [result.why]
    for number, failures in enumerate(result.failures, 1):
        found += [f"turn {number}: {f.kind}: {f.text}: {f.why}" for f in failures]
    return found


def _answer(store: Store, questions: Sequence[str], replies: Sequence[Reply]) -> Answer:
    work = Work(store, store.today)
    for call in (c for reply in replies for c in reply.calls):
        with suppress(StorewiseError):  # the model is told why, and goes on
            work.call(call.tool, call.args)
    said, locale = replies[-1], "zh" if re.search("[\u4e00-\u9fff]", questions[-1]) else "en"
    checked = check(said.text, work.receipts, locale=locale, question=" ".join(questions), plain_digits=True)
    status = STATUS[said.outcome or ""]
    draft = Draft(status, checked, work.receipts, said.options, work.steps, locale=locale)
    return answer_object(draft, "llm-door", store, store.today) | {"turn": len(questions)}


def _case(entry: dict[str, Any]) -> Case:
    _only(entry, "a line", "id", "turns")
    turns = _list(entry.get("turns"), "turns")
    return Case(_text(entry.get("id"), "id"), tuple(_turn(t, f"turn {n}") for n, t in enumerate(turns, 1)))


def _turn(given: Any, where: str) -> tuple[Reply, ...]:
    replies = tuple(_reply(r, where) for r in _list(given, where))
    if [bool(r.outcome) for r in replies] != [False] * (len(replies) - 1) + [True]:
        raise ValueError(f"{where} should end with its only answer, clarify or decline")
    return replies


def _reply(given: Any, where: str) -> Reply:
    kinds = [k for k in ("calls", *STATUS) if isinstance(given, dict) and k in given]
    if len(kinds) != 1:
        raise ValueError(f"a reply of {where} should have one of calls, {', '.join(STATUS)}")
    kind = kinds[0]
    if kind == "calls":
        _only(given, where, "calls")
        return Reply(tuple(_call(c, where) for c in _list(given["calls"], f"calls of {where}")))
    choices = CHOICES.get(kind, "")
    _only(given, where, kind, choices)
    options = tuple(_text(o, choices) for o in _list(given[choices], choices)) if choices in given else ()
    return Reply((), kind, _text(given[kind], kind), options)


def _call(given: Any, where: str) -> ToolCall:
    if not isinstance(given, dict) or given.get("tool") not in TOOLS or not isinstance(given.get("args"), dict):
        raise ValueError(f"a call of {where} should have a tool ({', '.join(TOOLS)}) and args")
    _only(given, where, "tool", "args")
    return ToolCall(given["tool"], given["args"])


def _only(entry: dict[str, Any], where: str, *fields: str) -> None:
    if strange := sorted(set(entry) - set(fields)):
        raise ValueError(f"{where} has no {', '.join(strange)}")


def _list(given: Any, name: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise ValueError(f"{name} should be a list with something in it")
    return given


def _text(given: Any, name: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"{name} should be a text")
    return given
