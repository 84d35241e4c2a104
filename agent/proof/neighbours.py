"""What stands right beside a figure: no unit of another kind, and nothing glued on that changes how it reads."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from agent.figures import CODES, SYMBOLS, is_money
from agent.proof.claims import Fault
from agent.proof.draft import Draft, Mark

CURRENCIES = "".join(sorted({s for s in SYMBOLS.values() if len(s) == 1})) + "¢"
_CODES = "|".join(CODES)
UNIT_BEFORE = re.compile(rf"([{CURRENCIES}%‰]|\b(?:{_CODES}))[ ]*$")
UNIT_AFTER = re.compile(
    rf" *([{CURRENCIES}%‰]|(?:{_CODES})\b|per ?cent(?:age)?\b|pct\b|pp\b|bps\b|pence\b|pounds?\b|dollars?\b|euros?\b"
    r"|cents?\b|yuan\b|美元|欧元|英镑|日元|元|个?百分点)"
)
SAME_UNIT = {
    "pound": "GBP",
    "dollar": "USD",
    "euro": "EUR",
    "yuan": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "元": "CNY",
}
GLUED_BEFORE = re.compile(r"([a-z0-9#^]|(?<![\w\x00)])[-−–+]|(?<![a-z])(?:minus|negative|plus) |负)$")
GLUED_AFTER = re.compile(r"[a-z]+| *(?:k|m|mn|mm|bn|tn|mio|mrd|grand)\b")
JOINT = re.compile(r"[.,'’ \t]?")
COUNTED = {  # what is counted → how columns of it are named
    "orders": ("order",),
    "units": ("unit", "quantity"),
    "items": ("unit", "quantity", "item"),
    "customers": ("customer", "buyer"),
    "buyers": ("customer", "buyer"),
    "days": ("day",),
    "订单": ("order",),
    "顾客": ("customer", "buyer"),
}
COUNTED_NOUN = re.compile(rf" *[个位件名笔张单条项]?({'|'.join(COUNTED)})(?![a-z])")
WINDOW = 24


@dataclass(frozen=True)
class Beside:
    """A mark with what a reader sees on both sides of it: lower case, markup and invisible characters taken off."""

    mark: Mark
    before: str
    after: str


def wrong_units(draft: Draft) -> Iterator[Fault]:
    """A currency mark, percent sign or counted noun beside a figure that has another unit or has it already."""
    for beside in _besides(draft):
        mark = beside.mark
        if mark.kind not in {"number", "null"}:
            continue
        for found in (UNIT_BEFORE.search(beside.before), UNIT_AFTER.match(beside.after)):
            if found and not _names_unit(found[1], mark):
                why = f"“{found[1]}” doesn't belong to it: a reference brings its own unit"
                yield Fault("unit", draft.around(mark), why)
        if noun := _miscounted(beside):
            yield Fault("unit", draft.around(mark), f"{mark.cells[0].column} doesn't count {noun}")


def glued(draft: Draft) -> Iterator[Fault]:
    """Letters, signs or further digits so close to a reference that they change how it reads."""
    previous: Mark | None = None
    for beside in _besides(draft):
        mark = beside.mark
        before, after = GLUED_BEFORE.search(beside.before), GLUED_AFTER.match(beside.after)
        if before and ((before[1].isascii() and before[1].isalnum()) or mark.kind == "number"):
            yield Fault("glued", draft.around(mark), f"“{before[1]}” stands too close before a reference")
        if after and not _may_follow(after[0], mark):
            yield Fault("glued", draft.around(mark), f"“{after[0].strip()}” stands too close behind a reference")
        if previous and _runs_on(draft, previous, mark):
            yield Fault("glued", draft.around(mark), "two references run into one number: put a word between them")
        previous = mark


def _besides(draft: Draft) -> Iterator[Beside]:
    seen = draft.seen
    for mark in draft.marks:
        if mark.kind in {"number", "null", "key", "period"}:
            start, end = bisect_left(seen.at, mark.start), bisect_left(seen.at, mark.end)
            yield Beside(mark, seen.text[max(0, start - WINDOW) : start], seen.text[end : end + WINDOW])


def _names_unit(word: str, mark: Mark) -> bool:
    """Whether a unit's name in words is that of the figure; a sign never is: the figure has its own."""
    unit = mark.claim.unit if mark.claim else ""
    return SAME_UNIT.get(word.lower().removesuffix("s")) == unit and bool(unit)


def _miscounted(beside: Beside) -> str | None:
    """The noun behind a figure that counts something else."""
    noun, claim = COUNTED_NOUN.match(beside.after), beside.mark.claim
    if not noun or not claim or claim.how in {"approx", "count"}:
        return None
    own, column = COUNTED[noun[1]], claim.column.lower()
    others = {stem for stems in COUNTED.values() for stem in stems} - set(own)
    is_other = any(stem in column for stem in others) and not any(stem in column for stem in own)
    return noun[1] if is_money(claim.unit) or (claim.unit == "count" and is_other) else None


def _may_follow(text: str, mark: Mark) -> bool:
    """A plural s behind a name and an x behind a ratio are no harm; a spaced magnitude harms figures only."""
    if text[0].isspace():
        return mark.kind != "number"
    if mark.kind == "number":
        return text == "x" and mark.claim is not None and mark.claim.unit == "ratio"
    return text.lower() in {"s", "es"}


def _runs_on(draft: Draft, a: Mark, b: Mark) -> bool:
    if not (draft.text[a.end - 1].isdigit() and draft.text[b.start].isdigit()):
        return False
    seen = draft.seen
    return JOINT.fullmatch(seen.text[bisect_left(seen.at, a.end) : bisect_left(seen.at, b.start)]) is not None
