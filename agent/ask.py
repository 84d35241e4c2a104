"""One question in, one proven answer out: the object of answer.md, the same for every front end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent import memory, toolbox
from agent.compose import compose, matched
from agent.plan import Clarify, Decline, Outcome, Plan, Turn
from agent.planner.planner import Shop, plan
from agent.principal import Principal
from agent.receipts import Checked, Receipt, Unproven, check, table_alone
from agent.texts import text as words
from store.connect import Store, open_store
from tools.contract import Ambiguous, NotThere, StorewiseError, ToolError, UserError
from tools.metrics.tool import names_of

LONGEST = 4_000  # characters of a question


@dataclass
class Draft:
    """What a turn has come to so far."""

    status: str = "answered"
    checked: Checked = field(default_factory=lambda: Checked("", ()))
    receipts: list[Receipt] = field(default_factory=list)
    options: tuple[str, ...] = ()
    steps: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None


def ask(
    principal: Principal, thread: str, text: str, *, model: str = "local", as_of: date | None = None
) -> dict[str, Any]:
    """Answers one message of a conversation. Errors that people can mend come back as status "error", never raised."""
    try:
        store = open_store(principal.home, principal.store)
        if model != "local":
            raise UserError(f"There is no model {model!r} here: use --model local.")
    except UserError as e:
        return answer_object(Draft("error", Checked(str(e), ()), error=str(e)), thread, 0, principal.store, "", as_of)
    today = as_of or store.today
    turns = memory.recall(store.state_path, thread)
    outcome = _outcome(store, text, turns, today)
    draft = _carry_out(store, outcome, [*(t.question for t in turns), text], today)
    answer = answer_object(draft, thread, 0, principal.store, today.isoformat(), as_of)
    answer["turn"] = memory.remember(store.state_path, thread, text, outcome, answer)
    return answer


def _outcome(store: Store, text: str, turns: Sequence[Turn], today: date) -> Outcome:
    unreadable = _unreadable(text)
    if unreadable:
        return Clarify(words(unreadable, "en"), ())
    shop = Shop(names_of(store), today, store.first_day, store.currency)
    return plan(text.strip(), turns, shop)


def _unreadable(text: str) -> str | None:
    if not text.strip():
        return "empty"
    if len(text) > LONGEST:
        return "long"
    strange = sum(1 for c in text if (ord(c) < 32 and c not in "\t\r\n") or c == "\ufffd" or 0xD800 <= ord(c) < 0xE000)
    if strange:
        return "binary"
    letters = [c for c in text if c.isalpha()]
    known = [c for c in letters if ord(c) < 0x250 or 0x3400 <= ord(c) <= 0x9FFF or 0xFF00 <= ord(c) < 0xFFF0]
    return "script" if letters and len(known) < len(letters) / 2 else None


def _carry_out(store: Store, outcome: Outcome, questions: list[str], today: date) -> Draft:
    if isinstance(outcome, Clarify):
        return _without_figures("clarify", outcome.question, store, questions, outcome.options, outcome.locale)
    if isinstance(outcome, Decline):
        return _without_figures("declined", outcome.reason, store, questions, outcome.suggestions, outcome.locale)
    draft = Draft()
    try:
        _run(store, outcome, draft, today)
    except Ambiguous as e:
        return _stopped(draft, "clarify", e, store, questions, e.options, outcome.locale)
    except NotThere as e:
        return _stopped(draft, "declined", e, store, questions, e.suggestions, outcome.locale)
    except ToolError as e:
        return _stopped(draft, "declined", e, store, questions, (), outcome.locale)
    draft.checked = _prove(outcome, draft.receipts, questions)
    return draft


def _run(store: Store, outcome: Plan, draft: Draft, today: date) -> None:
    for c in outcome.calls:
        started = time.perf_counter()
        step = {"tool": c.tool, "ms": 0, "ok": False}
        draft.steps.append(step)
        result = toolbox.call(store, c.tool, c.args, today)
        step.update(ms=round((time.perf_counter() - started) * 1000), ok=True)
        draft.receipts.append(Receipt(f"r{len(draft.receipts) + 1}", result))


def _prove(outcome: Plan, receipts: list[Receipt], questions: list[str]) -> Checked:
    """The prose, checked; where it can't be proven, the table alone."""
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


def _stopped(
    draft: Draft,
    status: str,
    e: StorewiseError,
    store: Store,
    questions: list[str],
    options: Sequence[str],
    locale: str,
) -> Draft:
    stopped = _without_figures(status, str(e), store, questions, tuple(options), locale)
    stopped.steps = draft.steps
    return stopped


def _without_figures(
    status: str, reason: str, store: Store, questions: list[str], options: Sequence[str], locale: str
) -> Draft:
    """A refusal or a question back: it is checked too, so no number stands in it without a receipt."""
    asked = " ".join(questions)
    for prose in (reason, f"_{reason}_"):
        try:
            return Draft(status, check(prose, [], locale=locale, question=asked), options=tuple(options))
        except Unproven:
            continue
    if status == "clarify":
        return Draft(status, check(words("which", locale), [], locale=locale), options=tuple(options))
    receipt = Receipt("r1", toolbox.call(store, "data_coverage", {}, store.today))
    prose = words("outside", locale, first="{r1.0.first_day}", last="{r1.0.last_day}")
    return Draft(status, check(prose, [receipt], locale=locale), [receipt], tuple(options))


def answer_object(
    draft: Draft, thread: str, turn: int, store: str, as_of_day: str, as_of: date | None
) -> dict[str, Any]:
    """The machine-readable answer of answer.md."""
    return {
        "thread_id": thread, "turn": turn, "store": store, "as_of": as_of_day or (as_of.isoformat() if as_of else ""),
        "status": draft.status, "answer": draft.checked.text,
        "numbers": [number(c) for c in draft.checked.claims],
        "receipts": [receipt_object(r) for r in draft.receipts],
        "charts": [], "options": list(draft.options), "steps": draft.steps,
        "usage": {"model": "local", "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"},
        "error": draft.error,
    }  # fmt: skip


def number(c: Any) -> dict[str, Any]:
    operands = [{"receipt": o.receipt, "row": o.row, "column": o.column} for o in c.operands]
    return {"text": c.text, "value": c.value, "unit": c.unit, "receipt": c.receipt, "row": c.row, "column": c.column,
            "how": c.how, "operands": operands}  # fmt: skip


def receipt_object(r: Receipt) -> dict[str, Any]:
    x = r.result
    return {"id": r.id, "tool": x.tool, "input": x.input, "sql": x.sql, "columns": [c.name for c in x.columns],
            "rows": x.rows, "row_count": x.row_count, "truncated": x.truncated, "elapsed_ms": x.elapsed_ms,
            "data_version": x.data_version, "notes": list(x.notes)}  # fmt: skip
