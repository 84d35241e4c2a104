"""The machine-readable answer (answer.md): what a turn has come to, as the one object that every front end renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from agent.charts import charts
from agent.quick_replies import quick_replies
from agent.receipts import Checked, Receipt

if TYPE_CHECKING:
    from store.connect import Store


@dataclass(frozen=True)
class Usage:
    """What a turn cost: the model that answered, its tokens, and their price in USD."""

    model: str = "local"
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0


@dataclass
class Draft:
    """What a turn has come to so far."""

    status: str = "answered"
    checked: Checked = field(default_factory=lambda: Checked("", ()))
    receipts: Sequence[Receipt] = ()
    options: tuple[str, ...] = ()
    steps: Sequence[dict[str, Any]] = ()
    usage: Usage = Usage()
    locale: str = "en"


def answer_object(draft: Draft, thread: str, store: Store, today: date) -> dict[str, Any]:
    """The answer, its turn still to be numbered."""
    answered = draft.status == "answered"
    options = draft.options or (quick_replies(draft.receipts, store, draft.locale) if answered else ())
    return {
        "thread_id": thread, "turn": 0, "store": store.name, "as_of": today.isoformat(),
        "status": draft.status, "answer": draft.checked.text,
        "numbers": [c.as_dict() for c in draft.checked.claims],
        "receipts": [receipt_object(r) for r in draft.receipts],
        "charts": charts(draft.receipts, draft.locale, (store.first_day, today)) if answered else [],
        "options": list(options), "steps": list(draft.steps),
        "usage": _usage(draft.usage), "error": None,
    }  # fmt: skip


def failed_answer(error: str, thread: str, store: str | None, model: str, as_of: date | None) -> dict[str, Any]:
    """An answer object that says why there is no answer."""
    return {
        "thread_id": thread, "turn": 0, "store": store, "as_of": as_of.isoformat() if as_of else None,
        "status": "error", "answer": "",
        **{part: [] for part in ("numbers", "receipts", "charts", "options", "steps")},
        "usage": _usage(Usage(model)), "error": error,
    }  # fmt: skip


def _usage(usage: Usage) -> dict[str, Any]:
    return {"model": usage.model, "input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens,
            "cost": usage.cost, "currency": "USD"}  # fmt: skip


def receipt_object(r: Receipt) -> dict[str, Any]:
    x = r.result
    return {"id": r.id, "tool": x.tool, "input": x.input, "sql": x.sql,
            "columns": [c.name for c in x.columns], "units": [c.unit for c in x.columns],
            "rows": x.rows, "row_count": x.row_count, "truncated": x.truncated, "elapsed_ms": x.elapsed_ms,
            "data_version": x.data_version, "notes": list(x.notes)}  # fmt: skip
