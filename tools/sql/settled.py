"""A query made fit for a receipt: its numbers are the shop's, its columns have names, and its rows a fixed order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from tools.sql.scope import base_tables


def made_up(tree: exp.Expr) -> str | None:
    """Why a result would hold a number that is none of the shop's; None where each comes from some column."""
    if next(base_tables(tree), None) is None:
        return "The query reads no table, so nothing in it is the shop's: select from one."
    for e in (e for select in _selects(tree) for e in select.expressions):
        read = e.find(exp.Column, exp.Star, exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Subquery)
        number = next((n for n in e.find_all(exp.Literal) if not n.is_string), None)
        if read is None and number is not None:
            return f"The column {e.sql('duckdb')[:60]!r} reads nothing of the shop: a number of your own is no figure."
    return None


def _selects(tree: exp.Expr) -> Iterator[exp.Select]:
    """The SELECTs whose rows are the result's."""
    if isinstance(tree, exp.SetOperation | exp.Subquery):
        for side in (tree.this, tree.args.get("expression")):
            yield from _selects(side) if side is not None else ()
    elif isinstance(tree, exp.Select):
        yield tree


def settle(tree: exp.Expr) -> None:
    """Changes the tree, not what it asks for: ORDER BY keeps what it has and goes on with the remaining columns."""
    select = next(_selects(tree))  # the first one's columns give the names
    if any(e.is_star for e in select.expressions):
        _order(tree, 0)
        return
    _name(select, tree)
    _order(tree, len(select.expressions))


def _order(tree: exp.Expr, columns: int) -> None:
    """Adds each column by its position; over a star, whose columns can't be counted, only where there is no order."""
    order = tree.args.get("order")
    given = list(order.expressions) if order else []
    if any(o.this.name.upper() == "ALL" and isinstance(o.this, exp.Var) for o in given):
        return
    if columns:
        placed = {o.this.name for o in given if isinstance(o.this, exp.Literal)}
        added = [exp.Ordered(this=exp.Literal.number(i)) for i in range(1, columns + 1) if str(i) not in placed]
    else:
        added = [] if given else [exp.Ordered(this=exp.var("ALL"))]
    if added:
        tree.set("order", exp.Order(expressions=[*given, *added]))


def _name(select: exp.Select, tree: exp.Expr) -> None:
    """Gives names to columns that have none, and to the later of two that have the same."""
    taken = {i.name.lower() for i in tree.find_all(exp.Identifier)}
    used: set[str] = set()
    for e in select.expressions:
        name = e.alias_or_name if isinstance(e, exp.Alias | exp.Column) else ""
        if not name or name.lower() in used:
            fresh = next(n for n in _names_for(e.unalias()) if n not in taken | used)
            e.replace(exp.alias_(e.unalias().copy(), fresh))
            name = fresh
        used.add(name.lower())


def _names_for(e: exp.Expr) -> Iterator[str]:
    """What it does and to what: sum_amount, sum_amount_2 …"""
    what = e.sql_name() if isinstance(e, exp.Func) and not isinstance(e, exp.Anonymous) else e.name
    of = next((c.name for c in e.find_all(exp.Column) if c is not e), "")
    name = "_".join(re.findall(r"[a-z0-9]+", f"{what} {of}".lower())) or "value"
    name = name if name[0].isalpha() else f"value_{name}"
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1
