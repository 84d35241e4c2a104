"""Grading an answer object against a question's gold: one function a rule, one row a kind."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

from evals import keys
from evals.suites import Answer, Gold, Question

Rule = Callable[[Question, Answer, Gold | None], str | None]  # None, or why it fails

Row = list[Any]
MANY_COLUMNS = 12


@dataclass(frozen=True)
class Verdict:
    passed: bool
    why: str = ""


def grade(question: Question, answer: Answer, gold: Gold | None) -> Verdict:
    """Whether an answer (its last turn's) meets the question. The auditor's findings are no part of this."""
    for rule in RULES[question.kind]:
        why = rule(question, answer, gold)
        if why:
            return Verdict(False, why)
    return Verdict(True)


def _status(wanted: str) -> Rule:
    return lambda question, answer, gold: (
        None if answer.get("status") == wanted else f"status is {answer.get('status')!r}, not {wanted!r}"
    )


def _mentions(question: Question, answer: Answer, gold: Gold | None) -> str | None:
    text = _spaced(str(answer.get("answer", ""))).lower()
    for wanted in question.must_mention:
        if not any(_spaced(form).lower() in text for form in wanted.split("|")):
            return f"does not mention {wanted!r}"
    return None


def _spaced(text: str) -> str:
    """Every kind and run of spaces as one plain space."""
    return re.sub(r"\s+", " ", text.replace("\\", ""))


def _tool(question: Question, answer: Answer, gold: Gold | None) -> str | None:
    if question.tool is None:
        return None
    called = {s.get("tool") for s in answer.get("steps", []) if s.get("ok", True)}
    called |= {r.get("tool") for r in answer.get("receipts", [])}
    return None if called & set(question.tool.split("|")) else f"did not call {question.tool}"


def _value(question: Question, answer: Answer, gold: Gold | None) -> str | None:
    if gold is None:
        return None
    wanted = _gold_value(gold)
    if wanted is None:
        return None if _says_none(answer) else "there is none, and the answer does not say so"
    if any(_is_value(entry, wanted, question.tolerance) for entry in answer.get("numbers", [])):
        return None
    return f"{wanted:,.6g} is not among the numbers shown"


def _gold_value(gold: Gold) -> float | None:
    cells = gold.rows[0] if gold.rows else ()
    numbers = [float(c) for c in cells if isinstance(c, (int, float, Decimal)) and not isinstance(c, bool)]
    return numbers[0] if numbers and math.isfinite(numbers[0]) else None


def _is_value(entry: dict[str, Any], wanted: float, tolerance: float) -> bool:
    value = entry.get("value")
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    forms = [value, value / 100] if entry.get("unit") == "%" else [value]
    return any(close(form, wanted, tolerance) for form in forms)


def _says_none(answer: Answer) -> bool:
    """No value: a zero shown, or an empty cell shown as a dash."""
    zero = any(entry.get("value") == 0 for entry in answer.get("numbers", []))
    empty = any(cell is None for r in answer.get("receipts", []) for row in r.get("rows", []) for cell in row)
    return zero or (empty and bool(re.search(r"[–—]", str(answer.get("answer", "")))))


def close(value: float, wanted: float, tolerance: float) -> bool:
    """Within the relative tolerance; only zero is close to zero."""
    return abs(value - wanted) <= tolerance * abs(wanted) + 1e-9


def _rows(question: Question, answer: Answer, gold: Gold | None) -> str | None:
    if gold is None:
        return None
    receipts = answer.get("receipts", [])
    if any(holds(question, gold, receipt.get("rows", [])) for receipt in receipts):
        return None
    return f"no receipt holds the {len(gold.rows)} gold rows" if receipts else "there is no receipt"


def holds(question: Question, gold: Gold, rows: list[Row]) -> bool:
    """Whether rows hold the gold: some of their columns, in any position, are its keys and the others its values."""
    width = len(rows[0]) if rows else 0
    if not rows:
        return not _without_zero_buckets(question, [list(r) for r in gold.rows])
    count = min(question.key_columns, len(gold.columns))
    readers = [keys.reader_for([row[i] for row in gold.rows]) for i in range(count)]
    wanted = _without_zero_buckets(question, [_keyed(row, readers, range(len(gold.columns))) for row in gold.rows])
    for at in permutations(range(min(width, MANY_COLUMNS)), count):
        if not {tuple(row[:count]) for row in wanted} <= {tuple(_keyed(row, readers, at)) for row in rows}:
            continue
        rest = [i for i in range(width) if i not in at]
        if any(_same(question, wanted, rows, readers, [*at, *values]) for values in _value_columns(gold, count, rest)):
            return True
    return False


def _value_columns(gold: Gold, count: int, rest: list[int]) -> Iterator[tuple[int, ...]]:
    return permutations(rest[:MANY_COLUMNS], len(gold.columns) - count)


def _keyed(row: Any, readers: list[Callable[[Any], Any]], columns: Any) -> Row:
    """The chosen columns of a row, its keys in their one form."""
    cells = [row[i] for i in columns]
    return [read(cell) for read, cell in zip(readers, cells, strict=False)] + cells[len(readers) :]


def _same(
    question: Question, wanted: list[Row], rows: list[Row], readers: list[Callable[[Any], Any]], columns: list[int]
) -> bool:
    found = _without_zero_buckets(question, [_keyed(row, readers, columns) for row in rows])
    if is_top(question):
        found = found[: len(wanted)]
    if len(found) != len(wanted):
        return False
    pairs = zip(wanted, found, strict=True) if question.ordered else _paired(wanted, found, len(readers))
    return all(_same_row(a, b, len(readers), question.tolerance) for a, b in pairs)


def is_top(question: Question) -> bool:
    """A ranking cut at some place: a receipt that goes on further answers it too."""
    tail = (question.gold_sql or "").rpartition(")")[2]
    return question.ordered and bool(re.search(r"\bLIMIT\s+\d+\s*;?\s*$", tail, re.IGNORECASE))


def _paired(wanted: list[Row], found: list[Row], count: int) -> Iterator[tuple[Row, Row | None]]:
    """Rows of one key beside each other, whatever their order."""
    left = list(found)
    for row in wanted:
        match = next((f for f in left if f[:count] == row[:count]), None)
        if match is not None:
            left.remove(match)
        yield row, match


def _same_row(wanted: Row, found: Row | None, count: int, tolerance: float) -> bool:
    if found is None or wanted[:count] != found[:count]:
        return False
    return all(_same_cell(a, b, tolerance) for a, b in zip(wanted[count:], found[count:], strict=True))


def _same_cell(wanted: Any, found: Any, tolerance: float) -> bool:
    a, b = _as_number(wanted), _as_number(found)
    if a is None and wanted is not None and not isinstance(wanted, float):
        return keys.text(wanted) == keys.text(found)
    if a is None:  # nothing, such as a ratio over nothing
        return found is None or b is None
    return b is not None and close(b, a, tolerance)


def _as_number(cell: Any) -> float | None:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        return None
    return float(cell) if math.isfinite(cell) else None


def _without_zero_buckets(question: Question, rows: list[Row]) -> list[Row]:
    """Time buckets in which nothing happened count on neither side."""
    count = question.key_columns
    return [r for r in rows if not (isinstance(r[0], date) and len(r) > count and not any(r[count:]))]


MODEL: tuple[Rule, ...] = (_status("answered"), _tool, _mentions, _value)
RULES: dict[str, tuple[Rule, ...]] = {
    "value": (_status("answered"), _value, _mentions),
    "rows": (_status("answered"), _rows, _mentions),
    "decline": (_status("declined"), _mentions),
    "clarify": (_status("clarify"), _mentions),
    **{kind: MODEL for kind in ("text", "forecast", "fraud", "churn", "price", "recommend", "search")},
}
