"""Names in a query: which tables it reads, and which columns it may speak of.

A CTE is visible in the CTEs after it and in the query that it stands before, and nowhere else; a name that no visible
CTE has is a table's.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tools.sql.shape import Shape, folded

VISIBLE_SCHEMA = "main"


def base_tables(node: exp.Expr, visible: frozenset[str] = frozenset()) -> Iterator[exp.Table]:
    """The tables of the file that a tree reads, wherever they stand."""
    with_ = node.args.get("with_")
    for cte in with_.expressions if with_ else ():
        yield from base_tables(cte.this, visible)
        visible |= {folded(cte.alias)}
    if isinstance(node, exp.Table) and not (_is_bare(node) and folded(node.name) in visible):
        yield node
    for child in node.iter_expressions():
        if child is not with_:
            yield from base_tables(child, visible)


def _is_bare(table: exp.Table) -> bool:
    return not table.args.get("db") and not table.args.get("catalog")


def unreadable_table(tree: exp.Expr, shape: Shape) -> str | None:
    """Why a table may not be read; None where all may."""
    for table in base_tables(tree):
        if isinstance(table.this, exp.Func):
            return "Only UNNEST(…) may stand in place of a table, such as UNNEST(generate_series(…)) AS t(day)."
        if not isinstance(table.this, exp.Identifier) or table.args.get("catalog") or _schema(table) != VISIBLE_SCHEMA:
            return f"{table.sql('duckdb')[:80]} is no table of this shop. {_there_are(shape)}"
        if folded(table.name) not in shape.tables:
            return f"There is no table {table.name[:60]!r}. {_there_are(shape)}"
    return None


def _schema(table: exp.Table) -> str:
    return folded(table.db or VISIBLE_SCHEMA)


def _there_are(shape: Shape) -> str:
    return f"There are: {', '.join(shape.tables)}."


def unknown_column(tree: exp.Expr, shape: Shape) -> str | None:
    """Why a name can't be a readable column's; None where all can. Which table a name belongs to, the database says."""
    used = {folded(t.name) for t in base_tables(tree)}
    names = {c for t in used for c in shape.tables.get(t, ())} | set(_names_given(tree))
    sources = set(_sources(tree))
    for column in tree.find_all(exp.Column):
        if reason := _wrong(column, names, sources):
            return f"{reason} {_columns_of(used, shape)}".rstrip()
    for name in _joined_by(tree):
        if folded(name) not in names:
            return f"There is no column {name[:60]!r} to join by. {_columns_of(used, shape)}".rstrip()
    return _whole_rows(tree, shape)


def _wrong(column: exp.Column, names: set[str], sources: set[str]) -> str | None:
    if column.args.get("db") or column.args.get("catalog"):
        return f"{column.sql('duckdb')[:80]!r} has too many parts: write table.column."
    if column.table and folded(column.table) not in sources:
        return f"{column.table[:60]!r} in {column.sql('duckdb')[:80]!r} is no table or alias of this query."
    if isinstance(column.this, exp.Star) or folded(column.name) in names:
        return None
    if folded(column.name) in sources:
        return f"{column.name[:60]!r} is a whole table, not a column: name the columns you need."
    return f"There is no column {column.name[:60]!r}."


def _names_given(tree: exp.Expr) -> Iterator[str]:
    """Names that the query itself gives to columns."""
    yield from ("unnest", "generate_series", "range")
    for node in tree.find_all(exp.Alias, exp.TableAlias, exp.Lambda, exp.Unnest):
        if isinstance(node, exp.TableAlias):
            yield from (folded(c.name) for c in node.columns)
        elif isinstance(node, exp.Lambda):
            yield from (folded(e.name) for e in node.expressions)
        else:
            yield folded(node.alias)


def _sources(tree: exp.Expr) -> Iterator[str]:
    """Names by which the query can speak of a table."""
    for node in tree.find_all(exp.Table, exp.Subquery, exp.Unnest, exp.CTE, exp.Values, exp.Lateral):
        yield folded(node.alias_or_name)


def _joined_by(tree: exp.Expr) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        yield from (name.name for name in join.args.get("using") or ())


def _whole_rows(tree: exp.Expr, shape: Shape) -> str | None:
    """A star takes every column that a file has, so none may stand over a table that is only partly readable."""
    partly = [t for t in base_tables(tree) if folded(t.name) in shape.partial]
    for star in tree.find_all(exp.Star):
        select = star.find_ancestor(exp.Select)
        if isinstance(star.parent, exp.Count) or select is None:
            continue
        for table in partly:
            if table.find_ancestor(exp.Select) is select:
                return f"Not every column of {table.name} can be read: name those you need instead of *."
    return None


def _columns_of(tables: set[str], shape: Shape) -> str:
    known = sorted(tables & shape.tables.keys())
    return "; ".join(f"{t} has {', '.join(shape.tables[t])}" for t in known) + ("." if known else "")
