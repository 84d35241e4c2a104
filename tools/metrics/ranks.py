"""Which rows come first, which are shown, and what the rest of them comes to."""

from __future__ import annotations

from sqlglot import exp

from tools.contract import ToolError
from tools.metrics.definitions import COMPONENTS, MONEY, TIME_GRAINS, WEEKDAYS
from tools.metrics.expressions import Sql, literal, sql, to_the_cent
from tools.metrics.formulas import measure_sql
from tools.metrics.query import Query, needed

EVERYTHING_ELSE = "Everything else"
ADDITIVE_BY_ORDER = frozenset({"orders", "guest_orders"})  # an order has many lines, but one country and one channel
IN_ORDER_OF_TIME = frozenset({*TIME_GRAINS, "weekday", "hour"})
SUMMED = "__part"  # ends the columns that carry the components to the row of everything else


def finish(select: exp.Select, q: Query) -> exp.Select:
    """Ranking, order and limit."""
    if q.whole_buckets and q.grain:
        key = select.expressions[q.keys.index(q.grain)].unalias()
        start, end = (literal(day) for day in q.whole_buckets)
        select = select.where(exp.Between(this=key.copy(), low=start, high=end))
    if q.dims:
        select = select.order_by(*(_unambiguous(term, select, q) for term in order_terms(q)))
    select = select.limit(q.limit) if q.limit else select
    return select.offset(q.offset) if q.offset else select


def _unambiguous(term: Sql, select: exp.Select, q: Query) -> Sql:
    """Beside an axis or a total, a column that is put into a function is spelled out.

    There DuckDB looks for its name in the tables first, several of which have it.
    """
    if q.before or not (q.axis or any(m.share for m in q.measures)):
        return term
    shown = {e.alias_or_name: e.unalias() for e in select.expressions}

    def spelled_out(node: Sql) -> Sql:
        return shown[node.name].copy() if isinstance(node, exp.Column) and isinstance(node.parent, exp.Func) else node

    return term.transform(spelled_out)


def order_terms(q: Query) -> list[Sql]:
    """By the ranked column, then by name; unranked time axes by time, the rest by the first measure."""
    names = sorted(q.keys, key=lambda k: k == "product_id")  # ties break by title before they do by id
    by_key = [_key_order(k, ranked=q.rank is not None) for k in names]
    if q.rank is None and IN_ORDER_OF_TIME & set(q.dims):
        return by_key
    column, descending = (q.rank.column, q.rank.descending) if q.rank else (q.measures[0].name, True)
    place = to_the_cent(column, money=_is_money(q, column))
    return [exp.Ordered(this=place, desc=descending, nulls_first=False), *by_key]


def _key_order(k: str, *, ranked: bool) -> Sql:
    """Days of the week stand in their order; ties of a ranking break by name."""
    if k == "weekday" and not ranked:
        return sql(f"LIST_POSITION([{', '.join(map(repr, WEEKDAYS))}], weekday)")
    return exp.column(k)


def _is_money(q: Query, column: str) -> bool:
    return any(m.unit == MONEY and column in (m.name, f"{m.name}_before", f"{m.name}_change") for m in q.measures)


def refuse_rest(q: Query) -> None:
    """ToolError where the rows below the limit can't be added up to one."""
    if q.offset:
        raise ToolError("'Everything else' goes with the first rows of a ranking, so without an offset.")
    if any(m.share for m in q.measures) or q.before or len(q.dims) != 1 or q.dims[0] in {*TIME_GRAINS, "hour"}:
        raise ToolError("'Everything else' goes with one dimension of names, without shares or a comparison.")
    for c in needed(q.measures):
        if not (COMPONENTS[c].additive or (c in ADDITIVE_BY_ORDER and not q.scope.line_level)):
            raise ToolError(f"'Everything else' can't be added up for {c}: one of them may count in several rows.")


def with_rest(q: Query) -> tuple[exp.Select, exp.Select]:
    """Places the rows of `ranked`; shows the first `limit`, then one row for everything else.

    The second SELECT reads the first one as `placed`. Ratios of everything else are made from sums, not summed.
    """
    place = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=order_terms(q)))
    placed = exp.select("*", exp.alias_(place, "place")).from_("ranked")
    columns = [exp.column(name) for name in (*q.keys, *(m.name for m in q.measures))]
    top = exp.select(*columns, "place").from_("placed").where(f"place <= {q.limit}")
    both = exp.union(top, _everything_else(q), distinct=False).subquery("shown")
    return placed, exp.select(*(c.copy() for c in columns)).from_(both).order_by("place", dialect="duckdb")


def _everything_else(q: Query) -> exp.Select:
    def summed(component: str) -> Sql:
        return sql(f"SUM({component}{SUMMED})")

    labels = [exp.alias_(exp.Null() if k == "product_id" else literal(EVERYTHING_ELSE), k) for k in q.keys]
    values = [exp.alias_(measure_sql(m, summed, q.days), m.name) for m in q.measures]
    last = exp.alias_(literal((q.limit or 0) + 1), "place")
    below = exp.select(*labels, *values, last).from_("placed").where(f"place > {q.limit}")
    return below.having("COUNT(*) > 0")
