"""What a model sees of the shop: results cut short, and whatever comes from the shop inside a boundary.

Titles, reviews and the like are written by anyone. A boundary is random for every message, so no text of the shop can
hold its end; the system prompt says that what stands inside is data.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from typing import Any

from agent.labels import plain
from agent.plan import Plan, Turn
from agent.receipts import Receipt
from tools.contract import Ambiguous, Cell, Column, NotThere, ToolError

ROWS = 30
LONGEST_TEXT = 120  # characters of one cell
LONGEST_NAME = 80  # of a column
LONGEST_ANSWER = 800  # characters of an earlier answer
TURNS = 6
LOOKALIKE = re.compile(r"<(?=\s*/?\s*data-)", re.IGNORECASE)
HINTS: tuple[tuple[type[ToolError], str], ...] = (
    (NotThere, "The shop lacks this: Decline and say what is missing, unless one of the names given is surely meant."),
    (Ambiguous, "Clarify with these options, unless the question itself decides."),
    (ToolError, "Mend the arguments and call again."),
)


def fenced(lines: Sequence[str]) -> str:
    """Lines of data inside a boundary of their own. What looks like a boundary among them is none."""
    mark = f"data-{secrets.token_hex(8)}"
    inside = (LOOKALIKE.sub("‹", plain(line)) for line in lines)
    return "\n".join([f"<{mark}>", *inside, f"</{mark}>"])


def result(receipt: Receipt) -> str:
    """A tool's result as the model gets it, and how to refer to its cells."""
    columns = receipt.result.columns
    example = clipped(next((c.name for c in columns if not c.is_key), columns[0].name), LONGEST_NAME)
    return f"{facts(receipt)}\nCite its cells like {{{receipt.id}.0.{example}}}."


def facts(receipt: Receipt) -> str:
    """The receipt's name, its columns with units, the first rows, the notes."""
    r, shown = receipt.result, min(ROWS, len(receipt.result.rows))
    cut = f", the first {shown} of them here" if shown < r.row_count else ""
    head = [
        f"{receipt.id}: {r.tool}" + "".join(_period(receipt, key, name) for key, name in PERIODS),
        f"columns: {', '.join(f'{clipped(c.name, LONGEST_NAME)} ({_unit(c)})' for c in r.columns)}",
        f"rows: {r.row_count}{cut}",
    ]
    rows = [f"{i} {json.dumps([_cell(c) for c in row], ensure_ascii=False)}" for i, row in enumerate(r.rows[:shown])]
    notes = [f"note: {plain(n)}" for n in r.notes]
    return "\n".join([*head, fenced([*rows, *notes])])


PERIODS = (("period", "period"), ("compare_to", "compare_period"))


def _period(receipt: Receipt, key: str, name: str) -> str:
    period = receipt.result.input.get(key)
    return f"; {{{receipt.id}.{name}}} = {period['start']}..{period['end']}" if isinstance(period, dict) else ""


def _unit(column: Column) -> str:
    return "a fraction, shown as %" if column.unit == "%" else column.unit


def _cell(value: Cell) -> Cell:
    """Short enough to read: references show the rest."""
    if isinstance(value, str):
        return clipped(value, LONGEST_TEXT)
    return round(value, 4) if isinstance(value, float) else value


def failure(error: ToolError) -> str:
    """A call that went wrong, and what to do about it."""
    options = getattr(error, "options", ()) or getattr(error, "suggestions", ())
    lines = [clipped(str(error), 1_000), *(f"- {clipped(o, LONGEST_TEXT)}" for o in options)]
    hint = next(hint for kind, hint in HINTS if isinstance(error, kind))
    return f"That call gave no result.\n{fenced(lines)}\n{hint}"


def asked(question: str, turns: Sequence[Turn]) -> str:
    """The question, with the conversation's last turns before it for what it may lean on."""
    if not turns:
        return question
    told = [line for t in turns[-TURNS:] for line in _turn(t)]
    return (
        f"Earlier in this conversation, for reference only:\n{fenced(told)}\n\nThe message to answer now:\n{question}"
    )


def _turn(turn: Turn) -> list[str]:
    calls = turn.outcome.calls if isinstance(turn.outcome, Plan) else ()
    made = [f"called: {c.tool} {_json(c.args)}" for c in calls]
    status, text = turn.answer.get("status", "answered"), clipped(str(turn.answer.get("answer", "")), LONGEST_ANSWER)
    return [f"asked: {clipped(turn.question, LONGEST_ANSWER)}", *made, f"{status}: {text}"]


def _json(args: dict[str, Any]) -> str:
    return clipped(json.dumps(args, ensure_ascii=False), LONGEST_ANSWER)


def clipped(text: str, longest: int) -> str:
    """One line of at most so many characters."""
    line = plain(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"
