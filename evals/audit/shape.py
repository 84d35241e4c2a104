"""The form of the answer object, and its typed reading."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

STATUSES = ("answered", "declined", "clarify", "error")
WAYS = ("cell", "sum", "difference", "ratio", "percent_change", "count", "mean", "approx")

Check = Callable[[Any], bool]
Fields = dict[str, tuple[Check, str]]


@dataclass(frozen=True)
class Failure:
    """Something that is wrong with an answer: what kind of check found it, the text at fault, and why."""

    kind: str
    text: str
    why: str


@dataclass(frozen=True)
class Ref:
    receipt: str
    row: int
    column: str


@dataclass(frozen=True)
class Claim:
    """A number shown. `cells` are all the cells it rests on, in the order of the arithmetic."""

    text: str
    value: float
    unit: str
    how: str
    cells: tuple[Ref, ...]
    whole: bool  # rests on its receipt as a whole (a count without operands)


@dataclass(frozen=True)
class Receipt:
    id: str
    tool: str
    input: dict[str, Any]
    sql: str | None
    columns: tuple[str, ...]
    rows: list[list[Any]]
    row_count: int
    truncated: bool
    data_version: str

    def has(self, ref: Ref) -> bool:
        return ref.column in self.columns and 0 <= ref.row < len(self.rows)

    def cell(self, ref: Ref) -> Any:
        return self.rows[ref.row][self.columns.index(ref.column)]

    def column(self, name: str) -> list[Any]:
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Shown:
    status: str
    text: str
    claims: tuple[Claim, ...]
    receipts: dict[str, Receipt]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _cell(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or _number(value)


def _iso_day(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and _is_date(value)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _of(kind: type) -> Check:
    return lambda value: isinstance(value, kind)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(v) for v in value)


def _one_of(allowed: tuple[str, ...]) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, list) and all(_cell(c) for c in row) for row in value)


ANSWER: Fields = {
    "thread_id": (_filled, "a text"),
    "turn": (lambda v: _whole(v) and v >= 1, "a number from 1"),
    "store": (_filled, "a text"),
    "as_of": (_iso_day, "an ISO date"),
    "status": (_one_of(STATUSES), "one of " + ", ".join(STATUSES)),
    "answer": (_filled, "a text"),
    "numbers": (_of(list), "a list"),
    "receipts": (_of(list), "a list"),
    "charts": (_of(list), "a list"),
    "options": (_texts, "a list of texts"),
    "steps": (_of(list), "a list"),
    "usage": (_of(dict), "an object"),
    "error": (lambda v: v is None or isinstance(v, (str, dict)), "null, a text or an object"),
}
NUMBER: Fields = {
    "text": (_filled, "a text"),
    "value": (_number, "a number"),
    "unit": (_text, "a text"),
    "receipt": (_filled, "a receipt's id"),
    "row": (_whole, "a row's number"),
    "column": (_filled, "a column's name"),
    "how": (_one_of(WAYS), "one of " + ", ".join(WAYS)),
    "operands": (_of(list), "a list"),
}
OPERAND: Fields = {name: NUMBER[name] for name in ("receipt", "row", "column")}
RECEIPT: Fields = {
    "id": (_filled, "a text"),
    "tool": (_filled, "a text"),
    "input": (_of(dict), "an object"),
    "sql": (lambda v: v is None or _filled(v), "null or SQL"),
    "columns": (_texts, "a list of texts"),
    "rows": (_rows, "a list of rows of plain values"),
    "row_count": (_whole, "a number"),
    "truncated": (_of(bool), "true or false"),
    "elapsed_ms": (_number, "a number"),
    "data_version": (lambda v: _text(v) and bool(re.fullmatch(r"sha256:[0-9a-f]{64}", v)), "sha256: and 64 digits"),
    "notes": (_texts, "a list of texts"),
}
CHART: Fields = {"receipt": (_filled, "a receipt's id"), "kind": (_filled, "a text"), "spec": (_of(dict), "an object")}
STEP: Fields = {"tool": (_filled, "a text"), "ms": (_number, "a number"), "ok": (_of(bool), "true or false")}
USAGE: Fields = {
    "model": (_filled, "a text"),
    "input_tokens": (_whole, "a number"),
    "output_tokens": (_whole, "a number"),
    "cost": (_number, "a number"),
    "currency": (_filled, "a currency code"),
}
LISTS: dict[str, Fields] = {"numbers": NUMBER, "receipts": RECEIPT, "charts": CHART, "steps": STEP}


def check_shape(answer: Any) -> list[Failure]:
    """Whether the object has every field of the contract, rightly typed. "broken" means that no more can be read."""
    if not isinstance(answer, dict):
        return [Failure("broken", "", "the answer is not an object")]
    broken = list(_wrong(answer, ANSWER, "", "broken"))
    if broken:
        return broken
    parts = [f for name, fields in LISTS.items() for f in _wrong_entries(answer[name], fields, name)]
    parts += _wrong(answer["usage"], USAGE, "usage.", "schema")
    if any(f.kind == "broken" for f in parts):
        return parts
    return [*parts, *_wrong_rows(answer["receipts"]), *_loose_ends(answer), *_wrong_status(answer)]


def _wrong(entry: dict[str, Any], fields: Fields, where: str, kind: str) -> Iterator[Failure]:
    for name, (check, wanted) in fields.items():
        if name not in entry:
            yield Failure(kind, where + name, "is missing")
        elif not check(entry[name]):
            yield Failure(kind, where + name, f"should be {wanted}, and is {str(entry[name])[:60]!r}")


def _wrong_entries(entries: list[Any], fields: Fields, name: str) -> Iterator[Failure]:
    for i, entry in enumerate(entries):
        where = f"{name}[{i}]."
        if not isinstance(entry, dict):
            yield Failure("broken", where, "should be an object")
            continue
        yield from _wrong(entry, fields, where, "broken")
        for j, operand in enumerate(entry.get("operands", ()) if name == "numbers" else ()):
            yield from _wrong_entries([operand], OPERAND, f"{where}operands{j}")


def _wrong_rows(receipts: list[dict[str, Any]]) -> Iterator[Failure]:
    for receipt in receipts:
        width = len(receipt["columns"])
        if any(len(row) != width for row in receipt["rows"]):
            yield Failure("broken", receipt["id"], f"has rows that are not {width} cells wide")
        if len(set(receipt["columns"])) != width:
            yield Failure("schema", receipt["id"], "has two columns of one name")


def _loose_ends(answer: dict[str, Any]) -> Iterator[Failure]:
    ids = [receipt["id"] for receipt in answer["receipts"]]
    yield from (Failure("broken", i, "names two receipts") for i in sorted({i for i in ids if ids.count(i) > 1}))
    yield from (
        Failure("schema", chart["receipt"], "is drawn in a chart and is no receipt")
        for chart in answer["charts"]
        if chart["receipt"] not in ids
    )


def _wrong_status(answer: dict[str, Any]) -> Iterator[Failure]:
    status = answer["status"]
    if status == "answered" and not answer["receipts"]:
        yield Failure("schema", "receipts", "an answer without a receipt is no answer")
    if (status == "error") != (answer["error"] is not None):
        yield Failure("schema", "error", "is set for status error and for no other")


def read(answer: dict[str, Any]) -> Shown:
    """The parts that the auditor works on, of an object whose shape has passed."""
    names = ("id", "tool", "input", "sql", "rows", "row_count", "truncated", "data_version")
    receipts = [Receipt(**{n: r[n] for n in names}, columns=tuple(r["columns"])) for r in answer["receipts"]]
    claims = tuple(_claim(n) for n in answer["numbers"])
    return Shown(answer["status"], answer["answer"], claims, {r.id: r for r in receipts})


def _claim(entry: dict[str, Any]) -> Claim:
    own, further = _ref(entry), tuple(_ref(o) for o in entry["operands"])
    if entry["how"] == "cell":
        further = ()
    # The entry's own cell is the first of the arithmetic, whether or not the operands repeat it.
    cells = further if own in further else (own, *further)
    whole = entry["how"] == "count" and not further
    return Claim(entry["text"], float(entry["value"]), entry["unit"], entry["how"], cells, whole)


def _ref(entry: dict[str, Any]) -> Ref:
    return Ref(entry["receipt"], entry["row"], entry["column"])
