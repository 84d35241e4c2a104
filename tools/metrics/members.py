"""Conditions on what a group comes to: customers with more than ten orders, products that sold nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from tools.metrics.compile import select_of
from tools.metrics.definitions import MONEY
from tools.metrics.expressions import number, sql, to_the_cent
from tools.metrics.keys import key_names
from tools.metrics.query import Query
from tools.metrics.sources import Member

# How each comparison is tested, its opposite in SQL, and whether a number meets it.
COMPARISONS: dict[str, tuple[str, str, Callable[[float, float], bool]]] = {
    "=": ("=", "<>", operator.eq),
    "!=": ("<>", "=", operator.ne),
    "<": ("<", ">=", operator.lt),
    "<=": ("<=", ">", operator.le),
    ">": (">", "<=", operator.gt),
    ">=": (">=", "<", operator.ge),
}


def member_of(q: Query, op: str, value: float, *, part: bool) -> Member:
    """The groups (the query's one dimension) whose one measure meets the condition.

    A group without any row has a sum of zero and stands in no GROUP BY, so '= 0' and '< n' are asked as the complement
    of '<> 0' and '>= n'. A ratio without rows is nothing and meets no condition.
    """
    (group,), (measure,) = q.dims, q.measures
    grouped = select_of(replace(q, limit=None, rank=None))
    grouped.set("order", None)
    key = exp.column(key_names(q.dims)[0])
    compared = to_the_cent(measure.name, money=measure.unit == MONEY)
    if op == "top_percent":
        return Member(group, _top_percent(grouped, key, compared, value), part=part)
    sign, opposite, meets = COMPARISONS[op]
    negated = meets(0, value) and not measure.is_ratio
    test = f"{compared.sql('duckdb')} {opposite if negated else sign} {number(value)}"
    kept = exp.select(key).from_(grouped.subquery("grouped")).where(sql(test))
    return Member(group, kept, negated, part)


def _top_percent(grouped: exp.Select, key: exp.Column, ranked: exp.Expr, percent: float) -> exp.Select:
    """The best `percent` of the groups, their number rounded up; ties break by key."""
    order = exp.Order(expressions=[exp.Ordered(this=ranked, desc=True, nulls_first=False), key])
    place = exp.alias_(exp.Window(this=exp.RowNumber(), order=order), "place")
    placed = exp.select(key, place, sql("COUNT(*) OVER () AS n")).from_(grouped.subquery("grouped"))
    return exp.select(key).from_(placed.subquery("placed")).where(f"place <= CEIL({number(percent)} * n / 100)")
