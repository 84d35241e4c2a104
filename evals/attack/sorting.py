"""By which of its columns a query's rows are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


@dataclass(frozen=True)
class Sorting:
    """`columns`: positions of the sort keys among the columns, None where one isn't shown; `cut`: a LIMIT follows."""

    columns: tuple[int, ...] | None
    cut: bool


def sorting(sql: str, width: int) -> Sorting | None:
    """How the root of a query sorts its rows, of so many columns; None where it doesn't."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except (SqlglotError, RecursionError):
        return None
    while isinstance(tree, exp.Subquery) and not tree.args.get("order"):
        tree = tree.this
    order = tree.args.get("order")
    if not order:
        return None
    return Sorting(_positions(order, _shown(tree), width), bool(tree.args.get("limit") or tree.args.get("offset")))


def _shown(tree: exp.Expr) -> list[exp.Expr]:
    """The root's columns; none where a star hides how many there are."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    columns = list(tree.expressions)
    return [] if any(c.is_star for c in columns) else columns


def _positions(order: exp.Order, columns: Sequence[exp.Expr], width: int) -> tuple[int, ...] | None:
    found = []
    for key in (ordered.this for ordered in order.expressions):
        if isinstance(key, exp.Var | exp.Column) and key.name.upper() == "ALL":
            return tuple(range(width))
        position = _position(key, columns)
        if position is None:
            return None
        found.append(position)
    return tuple(found)


def _position(key: exp.Expr, columns: Sequence[exp.Expr]) -> int | None:
    if isinstance(key, exp.Literal) and key.is_int:
        return int(key.name) - 1
    names = [c.alias_or_name.lower() for c in columns]
    if isinstance(key, exp.Column) and key.name.lower() in names:
        return names.index(key.name.lower())
    return next((i for i, c in enumerate(columns) if c.unalias() == key), None)
