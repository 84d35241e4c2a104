"""The syntax layer: which kinds of node a query may be made of, and in which forms."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from tools.sql.grammar import DEEPEST, MOST_NODES, NODES, PARTS, TYPES, WORDS
from tools.sql.shape import Shape

DIALECT = "duckdb"
ZONED = frozenset({"timestamp with time zone", "time with time zone"})
ONE_SELECT = "Send exactly one SELECT statement (WITH, UNION and the like included)."
TOO_DEEP = "The query is nested too deeply. Put it more simply, with WITH clauses."


def strange_syntax(tree: exp.Expr, _: Shape) -> str | None:
    for count, node in enumerate(tree.walk()):
        if count > MOST_NODES or node.depth > 3 * DEEPEST:
            return "The query is too large. Put it more simply."
        if not isinstance(node, exp.Func) and type(node).__name__ not in NODES:
            return f"{_said(node)} can't be used here."
        if reason := _strange_form(node):
            return reason
    return None


def _said(node: exp.Expr) -> str:
    return f"{type(node).__name__.upper()} ({node.sql(DIALECT)[:60]})"


def _strange_form(node: exp.Expr) -> str | None:
    """Forms of allowed kinds that aren't allowed."""
    form = FORMS.get(type(node))
    return form(node) if form else None


def _with(node: exp.Expr) -> str | None:
    return "WITH RECURSIVE can't be used: name the levels you need." if node.args.get("recursive") else None


def _join(node: exp.Expr) -> str | None:
    method = str(node.args.get("method") or "").upper()
    return None if method in ("", "ASOF") else f"{method} JOIN can't be used: join ON or USING."


def _select(node: exp.Expr) -> str | None:
    strange = [k for k in ("kind", "hint", "operation_modifiers", "into", "sample", "locks") if node.args.get(k)]
    return f"SELECT with {strange[0].replace('_', ' ')} can't be used." if strange else None


def _star(node: exp.Expr) -> str | None:
    changed = [k for k in ("replace", "rename") if node.args.get(k)]
    return f"* with {changed[0].upper()} can't be used: name the columns you need." if changed else None


def _type(node: exp.Expr) -> str | None:
    """DECIMAL's numbers are printed as they are, so they must be numbers."""
    plain = node.sql(DIALECT).lower().removesuffix("[]")
    name, *numbers = re.split(r"[(), ]+", plain.rstrip(")"))
    fine = plain in ZONED or (name in TYPES and all(n.isdigit() for n in numbers))
    return None if fine else f"The type {plain[:40]!r} can't be used. There are: {', '.join(sorted(TYPES))}."


def _word(node: exp.Expr) -> str | None:
    return None if node.name.lower() in WORDS else f"The word {node.name[:40]!r} can't be used here."


def _part(node: exp.Expr) -> str | None:
    part = node.this
    fine = isinstance(part, exp.Var | exp.Column) and part.name.lower() in PARTS
    return None if fine else f"EXTRACT takes one of {', '.join(sorted(PARTS))}, without quotes."


def _alias_list(node: exp.Expr) -> str | None:
    fine = not node.args.get("columns") or isinstance(node.parent, exp.CTE | exp.Values | exp.Unnest)
    return None if fine else "A table alias can't have a list of columns here: use AS on the columns themselves."


def _sliced(node: exp.Expr) -> str | None:
    return None if not any(e.is_string for e in node.expressions) else "Brackets take positions, not names."


def _values(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, exp.From | exp.Join | exp.Subquery) else ONE_SELECT


FORMS: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.With: _with,
    exp.Join: _join,
    exp.Select: _select,
    exp.Star: _star,
    exp.DataType: _type,
    exp.Var: _word,
    exp.Extract: _part,
    exp.TableAlias: _alias_list,
    exp.Bracket: _sliced,
    exp.Values: _values,
}
