"""A checked request compiled to one SELECT that an analyst would be glad to read.

Facts of each source are aggregated on their own (sources.py). What needs one source and nothing laid over it is that
aggregate itself; else the facts are joined by key, laid on a time axis and compared (layers.py), then ranked
(ranks.py). Whatever a request does not need is left out of its SQL.
"""

from __future__ import annotations

from sqlglot import exp

from tools.contract import Column
from tools.metrics.definitions import NAMED_AS_COLUMNS
from tools.metrics.expressions import Sql, or_zero, text_of
from tools.metrics.formulas import measure_sql
from tools.metrics.layers import layered
from tools.metrics.query import Query, by_source, columns_of, is_per_bucket
from tools.metrics.ranks import finish, refuse_rest
from tools.metrics.sources import aggregate


def compile_sql(q: Query, currency: str) -> tuple[str, tuple[Column, ...]]:
    """The SQL text (DuckDB) and its columns, money in `currency` (ISO code).

    Raises NotThere for pairs without meaning, ToolError for what can't be put together.
    """
    return text_of(select_of(q)), columns_of(q, currency)


def select_of(q: Query) -> exp.Select:
    """The same as a tree."""
    if q.rest:
        refuse_rest(q)
    return _simple(q) if _is_simple(q) else layered(q)


def _is_simple(q: Query) -> bool:
    plain = not any(m.share or m.name in NAMED_AS_COLUMNS or is_per_bucket(q, m) for m in q.measures)
    return plain and len(by_source(q)) == 1 and not (q.before or q.axis or q.rest)


def _simple(q: Query) -> exp.Select:
    """The aggregate of one source, with formulas in the place of their components."""
    ((source, components),) = by_source(q).items()
    select = aggregate(source, components, q.scope)
    n = len(q.keys)
    aggregates = {e.alias: e.unalias() for e in select.expressions[n:]}

    def component(name: str) -> Sql:
        value = aggregates[name].copy()
        return or_zero(value) if isinstance(value, exp.Sum) and not q.dims else value  # a sum over no rows is zero

    measures = [exp.alias_(measure_sql(m, component, q.days), m.name) for m in q.measures]
    select.set("expressions", [*select.expressions[:n], *measures])
    return finish(select, q)
