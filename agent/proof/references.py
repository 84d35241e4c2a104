"""References inside prose: `{r1.0.revenue}`, `{pct(r1.1.revenue, r1.0.revenue)}`, `{r1.period}` → what they ask for.

reference  = cell | period | function
cell       = rN.ROW.COLUMN          ROW from 0; * for all rows, inside sum, mean and count only
period     = rN.period | rN.compare_period
function   = sum(cells) | mean(cells) | count(cells) | diff(cell, cell) | ratio(cell, cell) | pct(cell, cell)
           | pct_of(cell, cell) | approx(cell | ratio | pct | pct_of [, "word"])
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PAIRS = frozenset({"diff", "ratio", "pct", "pct_of"})
FOLDS = frozenset({"sum", "mean", "count"})
FUNCTIONS = PAIRS | FOLDS | {"approx"}
PERIODS = {"period": "period", "compare_period": "compare_to"}  # → the key of Result.input
CELL = re.compile(r"(r[0-9]{1,6})\.([0-9]{1,9}|\*)\.(.+)", re.DOTALL)
CALL = re.compile(r"([A-Za-z_]+)\s*\((.*)\)", re.DOTALL)
FORM = "write {r1.0.column}, {pct(r1.0.column, r1.1.column)} or another function over such cells"


class Unreadable(ValueError):
    """A reference that isn't one; the message says what would be."""


@dataclass(frozen=True)
class CellRef:
    receipt: str
    row: int | None  # None: all rows
    column: str


@dataclass(frozen=True)
class PeriodRef:
    receipt: str
    which: str


@dataclass(frozen=True)
class Call:
    name: str
    args: tuple[CellRef | Call, ...]
    word: str = ""  # the word of quantity that approx is asked for


Expression = CellRef | PeriodRef | Call


@dataclass(frozen=True)
class Piece:
    """A stretch of prose: literal text, or (`reference`) what stood between braces."""

    text: str
    reference: bool
    start: int = 0  # where it stands in the prose


def split(prose: str) -> Iterator[Piece]:
    """Cuts prose at its references; a brace without its partner stays in the literal text."""
    done = 0
    for match in re.finditer(r"\{([^{}]*)\}", prose):
        yield Piece(prose[done : match.start()], False, done)
        yield Piece(match[1], True, match.start())
        done = match.end()
    yield Piece(prose[done:], False, done)


def parse(text: str) -> Expression:
    """Raises Unreadable."""
    text = text.strip()
    if period := re.fullmatch(r"(r[0-9]{1,6})\.(period|compare_period)", text):
        return PeriodRef(period[1], PERIODS[period[2]])
    if CELL.fullmatch(text) or not CALL.fullmatch(text):
        cell = _cell(text)
        if cell.row is None:
            raise Unreadable("* stands for all rows and needs sum, mean or count around it")
        return cell
    return _call(text, outermost=True)


def _cell(text: str) -> CellRef:
    match = CELL.fullmatch(text.strip())
    if not match:
        raise Unreadable(f"this is no reference: {FORM}")
    return CellRef(match[1], None if match[2] == "*" else int(match[2]), match[3].strip())


def _call(text: str, *, outermost: bool) -> Call:
    match = CALL.fullmatch(text.strip())
    name = match[1].lower() if match else ""
    if not match or name not in FUNCTIONS:
        raise Unreadable(f"there is no such function; there are {', '.join(sorted(FUNCTIONS))}")
    args = list(_arguments(match[2]))
    if name == "approx":
        return _approx(args, outermost)
    cells = tuple(_cell(a) for a in args)
    if name in PAIRS and (len(cells) != 2 or any(c.row is None for c in cells)):
        raise Unreadable(f"{name} takes exactly a pair of cells, each with its row")
    return Call(name, cells)


def _approx(args: list[str], outermost: bool) -> Call:
    word = re.fullmatch(r"\s*[\"'“”‘’](.*)[\"'“”‘’]\s*", args[-1], re.DOTALL) if len(args) > 1 else None
    if not outermost or len(args) != (2 if word else 1):
        raise Unreadable(
            'approx takes a cell, ratio(…), pct(…) or pct_of(…), and may be told the word: approx(…, "half")'
        )
    inner = args[0].strip()
    cell = CELL.fullmatch(inner)
    asked: CellRef | Call = _cell(inner) if cell else _call(inner, outermost=False)
    if (isinstance(asked, Call) and asked.name not in {"ratio", "pct", "pct_of"}) or getattr(asked, "row", 0) is None:
        raise Unreadable("approx needs a share or a ratio: a cell of one, or ratio(…), pct(…), pct_of(…)")
    return Call("approx", (asked,), word[1].strip() if word else "")


def _arguments(text: str) -> Iterator[str]:
    """Cuts at the commas that stand outside brackets; column names may hold brackets of their own."""
    depth = start = 0
    for i, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            yield text[start:i]
            start = i + 1
    yield text[start:]
