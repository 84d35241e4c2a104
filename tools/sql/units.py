"""The unit of each column of a query, worked out from what it is made of: sums of money are money, counts are counts.

Where a column's parts don't agree, or say nothing, it is a plain number ("ratio"); texts, days and flags are keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import sqlglot
from sqlglot import exp

from tools.contract import Cell, Column
from tools.sql.forms import DIALECT
from tools.sql.meanings import unit_of

PLAIN, UNSAID = "ratio", ""
COUNTING = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)
WHOLE = (exp.Sum, exp.Min, exp.Max, exp.AnyValue, exp.First, exp.Last)
SHIFTED = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
SPREAD = (exp.Avg, exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.Quantile)
DEVIATION = (exp.Stddev, exp.StddevSamp, exp.StddevPop)
ROUNDED = (exp.Round, exp.Abs, exp.Floor, exp.Ceil, exp.Trunc, exp.Neg)
WRAPPED = (exp.Paren, exp.Nullif, exp.Filter, exp.Window, exp.IgnoreNulls, exp.Cast)
SILENT = (exp.Literal, exp.Null, exp.Boolean)
GRAINS = frozenset({"week", "month", "quarter", "year"})
Known = Mapping[str, str]


def columns_of(sql: str, names: Sequence[str], rows: Sequence[Sequence[Cell]], currency: str) -> tuple[Column, ...]:
    """The columns of a guarded query's result. `rows` decide what is text, a day or a number."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    known = _known(tree, currency)
    projected = list(_projected(tree, len(names)))
    return tuple(
        Column(name, _unit_shown(name, projected[i], [row[i] for row in rows], known)) for i, name in enumerate(names)
    )


def _known(tree: exp.Expr, currency: str) -> Known:
    """The units of names that the query gives, innermost first, over those of the schema."""
    known = _Schema(currency)
    for alias in reversed(list(tree.find_all(exp.Alias))):
        if alias.alias and not isinstance(alias.this, exp.Column):
            known[alias.alias.lower()] = _unit(alias.this, known)
        elif alias.alias:
            known[alias.alias.lower()] = known[alias.this.name.lower()]
    return known


class _Schema(dict[str, str]):
    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency

    def __missing__(self, name: str) -> str:
        return unit_of(name, self._currency)


def _projected(tree: exp.Expr, count: int) -> Iterator[exp.Expr | None]:
    """The expressions of the first SELECT, where their number is known."""
    select = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    found = [e.unalias() for e in select.expressions]
    starred = any(e.is_star for e in found)
    yield from (None for _ in range(count)) if starred or len(found) != count else found


def _unit_shown(name: str, made_of: exp.Expr | None, values: Sequence[Cell], known: Known) -> str:
    kinds = {type(v) for v in values if v is not None}
    if kinds and kinds <= {str}:
        return _key(name, made_of, [v for v in values if isinstance(v, str)])
    if kinds <= {bool}:
        return "name" if kinds else PLAIN
    if _is_id(name) and (made_of is None or isinstance(made_of, exp.Column)):
        return "id"
    unit = known[name.lower()] if made_of is None or isinstance(made_of, exp.Column) else _unit(made_of, known)
    if part := _part_of_date(made_of):
        return part
    return unit if unit not in (UNSAID, PLAIN) else PLAIN


def _is_id(name: str) -> bool:
    return name.lower().endswith(("_id", "_key"))


def _key(name: str, made_of: exp.Expr | None, values: Sequence[str]) -> str:
    """Texts are names, ids or titles; dates are days, or whatever they were cut to."""
    if not all(_is_day(v) for v in values):
        return "title" if name.lower() in ("title", "product") else "id" if _is_id(name) else "name"
    cut = made_of.find(exp.TimestampTrunc, exp.DateTrunc) if made_of is not None else None
    grain = str(cut.args.get("unit") or "").lower().strip("'") if cut is not None else ""
    return grain if grain in GRAINS else "day"


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= 10


def _part_of_date(made_of: exp.Expr | None) -> str:
    """A year or an hour is no amount."""
    if isinstance(made_of, exp.Cast | exp.Paren):
        return _part_of_date(made_of.this)
    if isinstance(made_of, exp.Extract):
        return "name"
    return "name" if isinstance(made_of, PARTS) else ""


PARTS = (exp.Year, exp.Month, exp.Day, exp.Week, exp.Quarter, exp.Hour, exp.DayOfWeek, exp.DayOfYear, exp.WeekOfYear)


def _unit(node: exp.Expr | None, known: Known) -> str:
    """UNSAID where it takes on any unit beside it: a literal, or a column that has none."""
    if isinstance(node, exp.Column):
        return known[node.name.lower()]
    if isinstance(node, COUNTING):
        return "count"
    if isinstance(node, (*WHOLE, *SHIFTED, *ROUNDED, *WRAPPED)):
        return _unit(node.this, known)
    if isinstance(node, (*SPREAD, *DEVIATION)):
        return _spread(_unit(node.this, known))
    if node is None or isinstance(node, SILENT):
        return UNSAID
    made = MADE.get(type(node))
    return made(node, known) if made else PLAIN


def _spread(unit: str) -> str:
    return PLAIN if unit == "count" else unit


def _agreed(units: Sequence[str]) -> str:
    said = set(units) - {UNSAID}
    return said.pop() if len(said) == 1 else PLAIN if said else UNSAID


def _sides(node: exp.Expr, known: Known) -> list[str]:
    return [_unit(node.args[side], known) for side in ("this", "expression")]


def _sum(node: exp.Expr, known: Known) -> str:
    return _agreed(_sides(node, known))


def _product(node: exp.Expr, known: Known) -> str:
    units = _sides(node, known)
    money = [u for u in units if u not in (UNSAID, PLAIN, "count", "stars")]
    if len(money) == 1:
        return money[0]
    return PLAIN if money or PLAIN in units else _agreed(units)


def _quotient(node: exp.Expr, known: Known) -> str:
    above, below = _sides(node, known)
    if below in (UNSAID, PLAIN, "count") and above not in (UNSAID, PLAIN, "count", "stars"):
        return above
    return PLAIN


def _branches(node: exp.Expr, known: Known) -> str:
    ends = [i.args.get("true") for i in node.args.get("ifs") or [node]]
    ends += [node.args.get("default"), node.args.get("false")]
    return _agreed([_unit(end, known) for end in ends if end is not None])


def _first_of(node: exp.Expr, known: Known) -> str:
    return _agreed([_unit(e, known) for e in (node.this, *node.expressions) if isinstance(e, exp.Expr)])


def _subquery(node: exp.Expr, known: Known) -> str:
    made_of = node.this.expressions if isinstance(node.this, exp.Select) else []
    return _unit(made_of[0].unalias(), known) if made_of else UNSAID


MADE: dict[type[exp.Expr], Callable[[exp.Expr, Known], str]] = {
    exp.Add: _sum,
    exp.Sub: _sum,
    exp.Mul: _product,
    exp.Div: _quotient,
    exp.Case: _branches,
    exp.If: _branches,
    exp.Coalesce: _first_of,
    exp.Greatest: _first_of,
    exp.Least: _first_of,
    exp.Subquery: _subquery,
    exp.DateDiff: lambda node, _: "days" if str(node.args.get("unit") or "").lower() == "day" else "count",
}
