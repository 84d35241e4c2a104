"""Requests of several layers: sources joined by key, a complete time axis, two periods side by side, shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from tools.metrics.definitions import AVERAGES, TIME_GRAINS
from tools.metrics.expressions import Sql, first_known, not_zero, or_zero, sql, wrapped
from tools.metrics.formulas import column_of, days_of, measure_sql
from tools.metrics.keys import key_names
from tools.metrics.query import Query, by_source, needed
from tools.metrics.ranks import SUMMED, finish, with_rest
from tools.metrics.request import Measure
from tools.metrics.sources import Scope, aggregate

Ctes = list[tuple[str, exp.Query]]

# What the facts of a source are called in the SQL.
FACTS = {
    "lines": "sales",
    "orders": "order_totals",
    "buyers": "buyers_by_key",
    "returns": "returned",
    "events": "visits",
    "catalogue": "catalogue",
    "gaps": "gap_days",
    "cohort": "cohorts",
}


@dataclass(frozen=True)
class Tables:
    """Where the facts stand: this period's, the earlier one's, and what the shares of each divide by."""

    this: str
    before: str | None = None
    total: str | None = None
    total_before: str | None = None
    total_keys: tuple[str, ...] = ()


def layered(q: Query) -> exp.Select:
    """WITH the facts of this period, of the one before and of the totals; then one SELECT over them."""
    ctes: Ctes = []
    tables = _tables(q, ctes)
    if q.axis:
        ctes.append(("axis", _axis(q, tables)))
    select = _side_by_side(q, tables)
    if q.before:
        ctes.append(("compared", select))
        select = finish(_with_growth(q), q)
    elif q.rest:
        placed, shown = with_rest(q)
        ctes += [("ranked", select), ("placed", placed)]
        select = shown
    else:
        select = finish(select, q)
    for name, cte in ctes:
        select = _with_cte(select, name, cte)
    return select


def _with_cte(select: exp.Select, name: str, cte: exp.Query) -> exp.Select:
    """Adds a CTE, lifting the ones inside it (first_orders) to the top, once."""
    known = {c.alias for c in select.ctes}
    for inner in cte.ctes:
        if inner.alias not in known:
            select = select.with_(inner.alias, as_=inner.this.copy())
    bare = cte.copy()
    bare.set("with_", None)
    return select.with_(name, as_=bare)


def _tables(q: Query, ctes: Ctes) -> Tables:
    """Adds the facts of every side that the request has."""
    earlier = Scope(q.dims, q.filters, q.members, q.before) if q.before else None
    this = _facts(q, q.scope, "", ctes)
    before = _facts(q, earlier, "_before", ctes) if earlier else None
    if not any(m.share for m in q.measures):
        return Tables(this, before)
    dims = _total_dims(q)
    total = _facts(q, q.scope_of_total(dims, q.window), "_total", ctes)
    total_before = _facts(q, q.scope_of_total(dims, q.before), "_total_before", ctes) if q.before else None
    return Tables(this, before, total, total_before, tuple(key_names(dims)))


def _total_dims(q: Query) -> tuple[str, ...]:
    """What a share divides by: with a part condition the same split without it; else the bucket's or the whole sum."""
    if q.has_part:
        return q.dims
    return (q.grain,) if q.grain and len(q.dims) > 1 else ()


def _facts(q: Query, scope: Scope, suffix: str, ctes: Ctes) -> str:
    """Adds one CTE per source and, for several, one that joins them by key; gives the name to read from."""
    sources = by_source(q)
    tables = {FACTS[source] + suffix: components for source, components in sources.items()}
    for source, (name, components) in zip(sources, tables.items(), strict=True):
        ctes.append((name, aggregate(source, components, scope)))
    if len(tables) == 1:
        return next(iter(tables))
    ctes.append((f"facts{suffix}", _joined(tables, key_names(scope.dims))))
    return f"facts{suffix}"


def _joined(tables: dict[str, list[str]], keys: Sequence[str]) -> exp.Select:
    """All keys that any source has, each component zero where its source lacks the key."""
    names = list(tables)
    values = [_zeroed(c, table) for table, components in tables.items() for c in components]
    select = exp.select(*(exp.alias_(_known(k, names), k) for k in keys), *values).from_(names[0])
    for i, other in enumerate(names[1:], start=1):
        select = select.join(other, on=_same_key(keys, names[:i], other), join_type="full" if keys else "cross")
    return select


def _zeroed(component: str, table: str) -> Sql:
    column = exp.column(component, table)
    return exp.alias_(column if component in AVERAGES else or_zero(column), component)


def _known(key: str, tables: Sequence[str]) -> Sql:
    """The key of a row that stands in at least one of the tables."""
    return first_known([exp.column(key, table) for table in tables])


def _same_key(keys: Sequence[str], joined: Sequence[str], other: str) -> Sql | None:
    """The row of another table that belongs to a row of those joined so far; None without keys.

    A product is told by its id alone. Only times are never NULL.
    """
    tests = [
        (exp.EQ if k in TIME_GRAINS else exp.NullSafeEQ)(this=_known(k, joined), expression=exp.column(k, other))
        for k in keys
        if k != "product" or "product_id" not in keys
    ]
    return exp.and_(*tests) if tests else None


def _axis(q: Query, tables: Tables) -> exp.Query:
    """Every bucket of the period, crossed with every other key that occurs."""
    assert q.axis is not None
    series = f"GENERATE_SERIES(DATE '{q.axis.first}', DATE '{q.axis.last}', INTERVAL '1' {q.grain})"
    buckets = exp.select(f"CAST(UNNEST({series}) AS DATE) AS {q.grain}", dialect="duckdb")
    others = [exp.column(k) for k in q.keys if k != q.grain]
    if not others:
        return buckets
    occurring: exp.Query = exp.select(*others).distinct().from_(tables.this)
    if tables.before:
        occurring = exp.union(exp.select(*others).from_(tables.this), exp.select(*others).from_(tables.before))
    columns = [exp.column(k, "b" if k == q.grain else "k") for k in q.keys]
    return exp.select(*columns).from_(buckets.subquery("b")).join(occurring.subquery("k"), join_type="cross")


def _side_by_side(q: Query, t: Tables) -> exp.Select:
    """One row a key: the measures of this period, and of the one before."""
    here = ["axis"] if q.axis else [t.this, *([t.before] if t.before else [])]
    select = exp.select().from_(here[0])
    if q.axis:
        select = _join(select, q, q.keys, here, t.this)
    if t.before:
        select = _join(select, q, q.keys, here[:1], t.before, how="left" if q.axis else "full", earlier=True)
    if t.total:
        select = _join(select, q, t.total_keys, here, t.total)
    if t.total_before:
        select = _join(select, q, t.total_keys, here, t.total_before, earlier=True)
    return select.select(*(_key_column(k, here) for k in q.keys), *_measure_columns(q, t))


def _join(
    select: exp.Select,
    q: Query,
    keys: Sequence[str],
    joined: Sequence[str],
    table: str,
    how: str = "left",
    earlier: bool = False,
) -> exp.Select:
    """Joins by key; on a time axis, a bucket of the `earlier` period goes with the one at the same place."""
    shifted = earlier and q.axis and q.grain in keys
    on = _shifted_key(q, keys, table) if shifted else _same_key(keys, joined, table)
    return select.join(table, on=on, join_type=how if keys else "cross")


def _key_column(k: str, tables: Sequence[str]) -> Sql:
    known = _known(k, tables)
    return known if isinstance(known, exp.Column) else exp.alias_(known, k)


def _shifted_key(q: Query, keys: Sequence[str], earlier: str) -> Sql:
    """The row of the earlier period that stands at the same place of the axis."""
    assert q.axis is not None
    same = sql(f"CAST(axis.{q.grain} - INTERVAL '{q.axis.shift}' {q.grain} AS DATE) = {earlier}.{q.grain}")
    others = _same_key([k for k in keys if k != q.grain], ["axis"], earlier)
    return exp.and_(same, others) if others else same


def _measure_columns(q: Query, t: Tables) -> list[Sql]:
    out: list[Sql] = []
    for m in q.measures:
        days, days_before = days_of(q, m, "axis" if q.axis else t.this)
        value = measure_sql(m, column_of(t.this), days)
        out.append(exp.alias_(_share(m, value, t.total), m.name))
        if t.before:
            earlier = measure_sql(m, column_of(t.before), days_before)
            out.append(exp.alias_(_share(m, earlier, t.total_before), f"{m.name}_before"))
    if q.rest:
        out += [exp.alias_(column_of(t.this)(c), f"{c}{SUMMED}") for c in needed(q.measures)]
    return out


def _share(m: Measure, value: Sql, total: str | None) -> Sql:
    if not (m.share and total):
        return value
    return exp.Div(this=wrapped(value), expression=not_zero(measure_sql(m, column_of(total), 0)))


def _with_growth(q: Query) -> exp.Select:
    """What has changed between the two sides of `compared`, absolutely and as a fraction of the earlier one."""
    columns: list[Sql] = [exp.column(k) for k in q.keys]
    for m in q.measures:
        now, before = m.name, f"{m.name}_before"
        columns += [exp.column(now), exp.column(before)]
        columns.append(sql(f"{now} - {before} AS {m.name}_change"))
        columns.append(sql(f"({now} - {before}) / NULLIF({before}, 0) AS {m.name}_growth"))
    return exp.select(*columns).from_("compared")
