"""A reference and the receipts → the text that stands for it, and the claim if it is a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

from agent.figures import POINTS, change, figure, is_finite, is_money
from agent.labels import NULL, key_text, period_text
from agent.proof.claims import Claim, Operand, Receipt
from agent.proof.number_words import could_be_figure
from agent.proof.quantities import quantity_word
from agent.proof.references import Call, CellRef, Expression, PeriodRef, Unreadable, parse
from tools.contract import Cell, Column
from tools.metrics.definitions import COMPONENTS

SIGNED = ("_growth", "_change")  # columns whose sign is their message
HOW = {"diff": "difference", "ratio": "ratio", "pct_of": "ratio", "pct": "percent_change"}
QUOTED = frozenset({"title", "name"})
TIME_UNITS = frozenset({"day", "week", "month", "quarter", "year"})


@dataclass(frozen=True)
class Shown:
    """What stands in the text for a reference. `cells` are those it is about; `sign` is that of a change, else None."""

    text: str
    kind: Literal["number", "key", "period", "null"]
    claim: Claim | None = None
    cells: tuple[Operand, ...] = ()
    sign: int | None = None


@dataclass(frozen=True)
class Spot:
    """One cell, found: where it is, what it holds, and whether it may be written."""

    at: Operand
    value: Cell
    column: Column


@dataclass
class Evaluator:
    """Looks references up in receipts. Results are kept: prose repeats itself, and a sum may run over many rows."""

    receipts: Sequence[Receipt]
    locale: str = "en"
    _known: dict[tuple[str, bool], Shown] = field(default_factory=dict)

    def shown(self, text: str, *, in_table: bool) -> Shown:
        """Raises Unreadable, with what to write instead."""
        if (text, in_table) not in self._known:
            self._known[text, in_table] = self._evaluate(parse(text), in_table)
        return self._known[text, in_table]

    def _evaluate(self, expression: Expression, in_table: bool) -> Shown:
        if isinstance(expression, PeriodRef):
            return self._period(expression)
        if isinstance(expression, CellRef):
            return self._cell(self._spots(expression)[0], in_table)
        if expression.name == "approx":
            return self._approx(expression)
        groups = [self._spots(a) for a in expression.args if isinstance(a, CellRef)]
        if expression.name in HOW:
            return self._pair(expression.name, groups[0][0], groups[1][0], in_table)
        return self._fold(expression.name, [spot for group in groups for spot in group])

    def _receipt(self, name: str) -> Receipt:
        for receipt in self.receipts:
            if receipt.id == name:
                return receipt
        raise Unreadable(f"there is no receipt {name}; there are {', '.join(r.id for r in self.receipts) or 'none'}")

    def _spots(self, ref: CellRef) -> list[Spot]:
        result = self._receipt(ref.receipt).result
        column = _column(result.columns, ref.column)
        position = result.columns.index(column)
        if ref.row is None:
            if result.truncated:
                raise Unreadable(f"{ref.receipt} holds only the first of its rows, so * would leave some out")
            rows: Sequence[int] = range(len(result.rows))
        elif ref.row < len(result.rows):
            rows = [ref.row]
        else:
            raise Unreadable(f"{ref.receipt} has no row {ref.row}; it has {len(result.rows)}, counted from 0")
        return [Spot(Operand(ref.receipt, row, column.name), result.rows[row][position], column) for row in rows]

    def _period(self, ref: PeriodRef) -> Shown:
        period = self._receipt(ref.receipt).result.input.get(ref.which)
        if not isinstance(period, dict):
            raise Unreadable(f"{ref.receipt} has no such period; say what it covers in words")
        return Shown(period_text(period, self.locale), "period")

    def _cell(self, spot: Spot, in_table: bool) -> Shown:
        unit, value = spot.column.unit, spot.value
        if spot.column.is_key or isinstance(value, str | bool):
            return Shown(_key(value, unit, self.locale, in_table), "key", cells=(spot.at,))
        if value is None:
            return Shown(NULL, "null", cells=(spot.at,))
        number = _number(spot)
        if not spot.at.column.endswith(SIGNED):
            return self._number(figure(number, unit, self.locale), number, unit, "cell", [spot])
        written = POINTS if unit == "%" and spot.at.column.endswith("_change") else unit
        text = change(number, written, self.locale, signed=in_table)
        return replace(self._number(text, number, unit, "cell", [spot]), sign=_sign(number))

    def _number(self, text: str, value: float, unit: str, how: str, spots: Sequence[Spot]) -> Shown:
        first = spots[0].at
        operands = () if how == "cell" else tuple(s.at for s in spots)
        claim = Claim(text, float(value), unit, first.receipt, first.row, first.column, how, operands)
        return Shown(text, "number", claim, tuple(s.at for s in spots))

    def _pair(self, name: str, a: Spot, b: Spot, in_table: bool) -> Shown:
        x, y = _number(a), _number(b)
        value, unit = _paired(name, x, y, a.column.unit, b.column.unit)
        if name == "pct":
            text = change(value, "%", self.locale, signed=in_table)
            return replace(self._number(text, value, "%", HOW[name], [a, b]), sign=_sign(value))
        text = figure(value, POINTS if name == "diff" and unit == "%" else unit, self.locale)
        shown = self._number(text, value, unit, HOW[name], [a, b])
        return replace(shown, sign=_sign(value) * self._order(a, b)) if name == "diff" else shown

    def _order(self, a: Spot, b: Spot) -> int:
        """-1 where the first cell is the earlier of the two: then a positive difference is a fall, else 1."""
        columns = (a.at.column, b.at.column)
        if columns[0] != columns[1]:
            return -1 if columns[0] == f"{columns[1]}_before" else 1
        result = self._receipt(a.at.receipt).result
        times = [i for i, c in enumerate(result.columns) if c.unit in TIME_UNITS]
        if not times or a.at.receipt != b.at.receipt:
            return 1
        return -1 if str(result.rows[a.at.row][times[0]]) < str(result.rows[b.at.row][times[0]]) else 1

    def _fold(self, name: str, spots: list[Spot]) -> Shown:
        held = [s for s in spots if s.value is not None]
        if not held:
            raise Unreadable(f"there is no value to take the {name} of")
        if name == "count":
            return self._number(figure(len(held), "count", self.locale), len(held), "count", "count", held)
        column = held[0].column
        if any(s.column.unit != column.unit for s in held):
            raise Unreadable(f"{name} takes cells of one unit")
        if name == "sum" and not _adds_up(column):
            raise Unreadable(f"{column.name} doesn't add up over rows; ask for the total instead")
        total = sum(_number(s) for s in held)
        if not is_finite(total):
            raise Unreadable("the result is too large to be written")
        value = total if name == "sum" else total / len(held)
        return self._number(figure(value, column.unit, self.locale), value, column.unit, name, held)

    def _approx(self, call: Call) -> Shown:
        """A share or ratio in a word. For pct(a, b) it is how many times b has become: a ÷ b."""
        inner = call.args[0]
        grown = isinstance(inner, Call) and inner.name == "pct"
        spots = self._spots(inner) if isinstance(inner, CellRef) else [self._spots(_as_cell(a))[0] for a in inner.args]
        if len(spots) == 2:
            (a, b), (x, y) = spots, (_number(s) for s in spots)
            value, unit = _paired("ratio", x, y, a.column.unit, b.column.unit)
        else:
            value, unit = float(_number(spots[0])), spots[0].column.unit
        if unit not in {"%", "ratio"} or spots[0].at.column.endswith(SIGNED):
            raise Unreadable("approx needs a share or a ratio of two cells of one unit, such as ratio(this, that)")
        words = quantity_word(value, call.word, self.locale, changed=grown)
        if words is None:
            told = f"“{call.word}” is not within 5 % of it" if call.word else "no word of quantity is within 5 % of it"
            raise Unreadable(f"{told}; show the number itself")
        return self._number(words, value, unit, "approx", spots)


def _key(value: Cell, unit: str, locale: str, in_table: bool) -> str:
    """A key; in prose one that could be taken for a figure stands in quotes: it is somebody's words, and no claim."""
    text = key_text(value, unit, locale)
    quoted = isinstance(value, str) and unit in QUOTED and not in_table and could_be_figure(text)
    return f"“{text}”" if quoted else text


def _column(columns: Sequence[Column], name: str) -> Column:
    """By name, else by name in any case, else by position: #0 is the first."""
    for test in (str, str.lower):
        found = [c for c in columns if test(c.name) == test(name)]
        if found:
            return found[0]
    if re.fullmatch(r"#[0-9]{1,4}", name) and int(name[1:]) < len(columns):
        return columns[int(name[1:])]
    names = [c.name for c in columns]
    near = get_close_matches(name[:100], names[:200], 3) or names[:12]
    raise Unreadable(f"there is no column {name[:100]}; there is {', '.join(near)}")


def _number(spot: Spot) -> float:
    if spot.column.is_key or isinstance(spot.value, str | bool):
        raise Unreadable(f"{spot.column.name} holds no numbers")
    if spot.value is None:
        raise Unreadable(f"{spot.column.name} is empty in row {spot.at.row}: say that it isn't known")
    if not is_finite(spot.value):
        raise Unreadable(f"{spot.column.name} holds no finite number in row {spot.at.row}")
    return spot.value


def _paired(name: str, a: float, b: float, unit_a: str, unit_b: str) -> tuple[float, str]:
    """Value and unit of diff, ratio, pct or pct_of. Money by a count is money; anything else needs equal units."""
    per = name == "ratio" and is_money(unit_a) and unit_b in {"count", "days"}
    if unit_a != unit_b and not per and not (name == "ratio" and not is_money(unit_b)):
        raise Unreadable(f"{name} takes cells of one unit, not {unit_a} and {unit_b}")
    if name == "diff":
        value, unit = a - b, unit_a
    elif b == 0 or (b < 0 and name == "pct"):
        raise Unreadable(f"{name} needs a second cell above zero: say that there is nothing to compare with")
    else:
        value = (a - b) / b if name == "pct" else a / b
        unit = "%" if name in {"pct", "pct_of"} else unit_a if per else "ratio"
    if not is_finite(value):
        raise Unreadable("the result is too large to be written")
    return value, unit


def _adds_up(column: Column) -> bool:
    averaged = column.name.startswith("average_") or "_per_" in column.name
    whole = COMPONENTS.get(column.name.removesuffix("_share"))  # 'revenue_share': nothing is in two rows
    parts = column.name.startswith("share") or (column.name.endswith("_share") and whole is not None and whole.additive)
    share = column.unit == "%" and not parts
    return not (averaged or share or column.unit == "ratio" or column.name.endswith(SIGNED[:1]))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _as_cell(ref: CellRef | Call) -> CellRef:
    if isinstance(ref, CellRef):
        return ref
    raise Unreadable("functions stand inside approx only")
