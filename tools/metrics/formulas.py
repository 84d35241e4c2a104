"""The formula of a measure as SQL, its components put in and its divisors guarded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlglot import exp

from tools.metrics.definitions import AVERAGES, PERIOD_LENGTHS
from tools.metrics.expressions import Sql, not_zero, or_zero, sql, wrapped
from tools.metrics.query import Query, is_per_bucket
from tools.metrics.request import Measure
from tools.metrics.sources import Window

Expand = Callable[[str], Sql]  # a component's name → its SQL
LENGTHS = {"days": "", "weeks": " / 7.0", "months": " / (365.25 / 12)"}  # a mean month has 365.25 / 12 days


def measure_sql(m: Measure, component: Expand, days: int | str) -> Sql:
    """The measure. `days`, as a number or as SQL, is the length of its period or bucket."""
    top = _formula(m.formula, component)
    if m.over is None:
        return top
    if m.over in PERIOD_LENGTHS:
        return exp.Div(this=wrapped(top), expression=wrapped(sql(f"{days}{LENGTHS[m.over]}")))
    return exp.Div(this=wrapped(top), expression=not_zero(_formula(m.over, component)))


def _formula(text: str, component: Expand) -> Sql:
    return _filled_in(sql(text), component)


def _filled_in(tree: Sql, component: Expand) -> Sql:
    if isinstance(tree, exp.Column):
        return component(tree.name)
    if isinstance(tree, exp.Paren):
        return exp.paren(_filled_in(tree.this, component))
    top, bottom = (_filled_in(side, component) for side in (tree.this, tree.expression))
    return type(tree)(this=top, expression=not_zero(bottom) if isinstance(tree, exp.Div) else bottom)


def column_of(table: str) -> Expand:
    """Components read from a table of facts: a sum without rows is zero, an average without rows is none."""

    def component(name: str) -> Sql:
        column = exp.column(name, table)
        return column if name in AVERAGES else or_zero(column)

    return component


def days_of(q: Query, m: Measure, table: str) -> tuple[int | str, int | str]:
    """Calendar days of this and of the earlier period; per bucket, those of the bucket inside the period."""
    if q.grain is None or not is_per_bucket(q, m):
        return q.days, q.days_before
    start = f"{table}.{q.grain}"
    earlier = f"({start} - INTERVAL '{q.axis.shift}' {q.grain})" if q.axis else start
    return _days_inside(q, start, q.window), _days_inside(q, earlier, q.before or q.window)


def _days_inside(q: Query, start: str, window: Window) -> str:
    """How many days of the bucket that begins on `start` lie in the window and in the data."""
    first, last = f"CAST({start} AS DATE)", f"CAST({start} + INTERVAL '1' {q.grain} AS DATE)"
    known = q.covered or (None, None)
    begin, end = window.start or known[0], window.end or known[1]
    if begin:
        first = f"GREATEST({first}, DATE '{begin}')"
    if end:
        last = f"LEAST({last}, DATE '{end + timedelta(days=1)}')"
    return f"DATE_DIFF('day', {first}, {last})"
