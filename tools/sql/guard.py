"""What a model's SQL must be before it runs: one SELECT made of allowed parts, over the shop's tables, with a limit.

Each layer looks at the query by itself and gives one reason for which it is refused, phrased so that a model can repair
it. The text that runs is the one that the checked tree is printed as; it is read and checked again, must print as
itself, and DuckDB's own parser must find the same in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from tools.contract import ToolError
from tools.sql.forms import DIALECT, ONE_SELECT, TOO_DEEP, strange_syntax
from tools.sql.grammar import DEEPEST, FUNCTION_NODES, FUNCTIONS, LONGEST, MOST_BRACKETS
from tools.sql.opinion import opinion
from tools.sql.scope import base_tables, unknown_column, unreadable_table
from tools.sql.settled import made_up, settle
from tools.sql.shape import Shape, folded

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = 1_000


class Refused(ToolError):
    """A query that is not run. `layer` is which of LAYERS refused it."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(reason)
        self.layer = layer


@dataclass(frozen=True)
class Guarded:
    """The text to run. `limited`: the number of rows was bounded here, not by the query itself."""

    sql: str
    limited: bool


def guard(
    sql: str,
    shape: Shape,
    con: DuckDBPyConnection,
    *,
    rows: int = MOST_ROWS,
    settled: bool = False,
    skip: frozenset[str] = frozenset(),
) -> Guarded:
    """The query as it may run on the shape, and no more than `rows` rows of it. Raises Refused.

    `settled` is for receipts: no number may be the query's own, every column gets a name, and the rows get an order
    that leaves nothing to chance.
    `skip` leaves layers out, to measure what each is worth.
    """
    try:
        return _guarded(sql, shape, con, rows, settled, skip)
    except RecursionError:
        raise Refused("parse", TOO_DEEP) from None


def _guarded(
    sql: str, shape: Shape, con: DuckDBPyConnection, rows: int, settled: bool, skip: frozenset[str]
) -> Guarded:
    tree = _checked(sql, shape, skip)
    if settled and (reason := made_up(tree)):
        raise Refused("columns", reason)
    if settled:
        settle(tree)
    limited = _limit(tree, rows)
    text = _printed(_sealed(tree, shape), skip)
    again = _parsed(text)[0] if "print" in skip else _sealed(_checked(text, shape, skip), shape)
    if "print" not in skip and _printed(again, skip) != text:
        raise Refused("print", "The query changes its meaning when it is written out again. Put it more simply.")
    tables = frozenset(folded(t.name) for t in base_tables(again))
    if "duckdb" not in skip and (reason := opinion(sql, text, shape, con, tables)):
        raise Refused("duckdb", reason)
    return Guarded(text, limited)


def _checked(sql: str, shape: Shape, skip: frozenset[str]) -> exp.Expr:
    if "text" not in skip and (reason := _unreadable(sql)):
        raise Refused("text", reason)
    trees = _parsed(sql)
    if len(trees) != 1 and "statement" not in skip:
        raise Refused("statement", f"There are {len(trees)} statements here. {ONE_SELECT}")
    tree = _bare(trees[0])
    for layer, check in TREE_LAYERS.items():
        if layer not in skip and (reason := check(tree, shape)):
            raise Refused(layer, reason)
    return tree


def _unreadable(sql: str) -> str | None:
    if len(sql) > LONGEST:
        return f"The query has {len(sql):,} characters; {LONGEST:,} are the most."
    for c in sql:
        if c not in " \t\r\n\u3000" and unicodedata.category(c) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}:
            return f"The character U+{ord(c):04X} is not allowed in a query: use plain spaces and visible characters."
    deepest = depth = 0
    for c in sql:
        depth += (c in "([{") - (c in ")]}")
        deepest = max(deepest, depth)
    words = sql.upper().split()
    if deepest > MOST_BRACKETS or max(words.count("CASE"), words.count("NOT")) > DEEPEST:
        return TOO_DEEP
    return None


def _parsed(sql: str) -> list[exp.Expr]:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=DIALECT) if tree]
    except SqlglotError as error:
        raise Refused("parse", f"This is no DuckDB SQL: {_first_line(error)}") from error
    if not trees:
        raise Refused("parse", f"There is no query. {ONE_SELECT}")
    return trees


def _first_line(error: Exception) -> str:
    """Without sqlglot's underlining."""
    return str(error).splitlines()[0].replace("\x1b[4m", "").replace("\x1b[0m", "")[:200]


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without brackets around the whole."""
    while isinstance(tree, exp.Subquery) and set(tree.args) - {"this"} <= {k for k, v in tree.args.items() if not v}:
        tree = tree.this
    return tree


def _no_select(tree: exp.Expr, _: Shape) -> str | None:
    return None if isinstance(tree, exp.Select | exp.SetOperation) else ONE_SELECT


def _strange_function(tree: exp.Expr, _: Shape) -> str | None:
    for node in tree.find_all(exp.Func):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if not (name in FUNCTIONS if name else type(node).__name__ in FUNCTION_NODES):
            return f"The function {name or node.sql_name().lower()} can't be used."
    return None


def _cross_join(tree: exp.Expr, _: Shape) -> str | None:
    """Two tables of the file side by side, with nothing that ties their rows together."""
    base = {id(t) for t in base_tables(tree)}
    for select in tree.find_all(exp.Select):
        first = select.args["from_"].this if select.args.get("from_") else None
        for join in select.args.get("joins") or ():
            if id(first) in base and id(join.this) in base and not _is_tied(select, join):
                name = join.this.alias_or_name
                return f"{name} is joined without a condition: say which of its rows belong to which others."
    return None


def _is_tied(select: exp.Select, join: exp.Join) -> bool:
    if join.args.get("on") or join.args.get("using"):
        return True
    where, name = select.args.get("where"), folded(join.this.alias_or_name)
    return any(_ties(equal, name) for equal in (where.find_all(exp.EQ) if where else ()))


def _ties(equal: exp.EQ, name: str) -> bool:
    """Whether columns of this table and of another one are compared; one without a table may be either's."""
    sides = [{folded(c.table) for c in side.find_all(exp.Column)} for side in (equal.left, equal.right)]
    return all(sides) and any(side & {name, ""} for side in sides)


def _strange_limit(tree: exp.Expr, _: Shape) -> str | None:
    for limit in tree.find_all(exp.Limit, exp.Offset):
        number = limit.expression
        if limit.args.get("limit_options") or not (isinstance(number, exp.Literal) and number.is_int):
            return "LIMIT and OFFSET take a plain whole number."
    return None


TREE_LAYERS: dict[str, Callable[[exp.Expr, Shape], str | None]] = {
    "statement": _no_select,
    "syntax": strange_syntax,
    "functions": _strange_function,
    "tables": unreadable_table,
    "columns": unknown_column,
    "joins": _cross_join,
    "limits": _strange_limit,
}
LAYERS = ("text", "parse", *TREE_LAYERS, "print", "duckdb")


def _limit(tree: exp.Expr, rows: int) -> bool:
    """Puts a limit in where there is none, or a higher one."""
    limit = tree.args.get("limit")
    if limit and int(limit.expression.name) <= rows:
        return False
    tree.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
    return True


def _sealed(tree: exp.Expr, shape: Shape) -> exp.Expr:
    """Each partly readable table behind a query of its readable columns: what isn't in it, no name can reach."""
    for table in list(base_tables(tree)):
        name = folded(table.name)
        if name in shape.partial and not _is_seal(table, shape.tables[name]):
            read = exp.select(*shape.tables[name]).from_(exp.table_(name, db="main"))
            seal = read.subquery(table.alias_or_name, copy=False)
            seal.set("joins", table.args.get("joins"))  # those within the same brackets
            table.replace(seal)
    return tree


def _is_seal(table: exp.Table, columns: tuple[str, ...]) -> bool:
    select = table.parent_select
    if select is None or not isinstance(table.parent, exp.From):
        return False
    given = {k for k, v in select.args.items() if v}
    return given <= {"expressions", "from_"} and tuple(e.sql(DIALECT) for e in select.expressions) == columns


def _printed(tree: exp.Expr, skip: frozenset[str]) -> str:
    """Raises Refused where something of the tree would be left out."""
    level = ErrorLevel.IGNORE if "print" in skip else ErrorLevel.RAISE
    try:
        return str(tree.sql(DIALECT, comments=False, unsupported_level=level))
    except SqlglotError as error:
        raise Refused("print", f"This can't be written for DuckDB: {_first_line(error)}") from error
