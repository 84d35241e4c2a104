"""A checked request compiled to one SELECT that an analyst would be glad to read.

Facts of each source are aggregated on their own (sources.py), joined by key, laid on a complete time axis where there
is one, compared side by side, then ranked. Whatever a request does not need is left out of its SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlglot import exp

from tools.contract import Column, ToolError
from tools.metrics.definitions import COMPONENTS, DIMENSIONS, MONEY, PERIOD_LENGTHS, TIME_GRAINS, WEEKDAYS
from tools.metrics.request import Filter, Measure
from tools.metrics.sources import Scope, Window, aggregate, choose_source, key_names, literal, sql

WHOLE = Window()
ADDITIVE_BY_ORDER = frozenset({"orders", "guest_orders"})
COLUMNS = frozenset({"list_price", "stock"})  # measures named as a column of a table: told apart by a CTE
AVERAGES = frozenset({"list_price", "gap_days"})
LENGTHS = {"days": "", "weeks": " / 7.0", "months": " / (365.25 / 12)"}  # a mean month has 365.25 / 12 days
EVERYTHING_ELSE = "Everything else"
Expand = Callable[[str], exp.Expression]


@dataclass(frozen=True)
class Query:
    """All that the SQL depends on. `members` are sub-queries of group conditions; `parts` those of the numerator."""

    measures: tuple[Measure, ...]
    dims: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    members: tuple[tuple[str, exp.Expression, bool], ...] = ()
    window: Window = WHOLE
    before: Window | None = None
    axis: tuple[date, date, int] | None = None  # first and last bucket, and by how many buckets `before` is shifted
    whole_buckets: tuple[date, date] | None = None  # in rankings of periods, only buckets from … to
    order: tuple[str, bool] | None = None  # column, descending
    limit: int | None = None
    rest: bool = False
    covered: tuple[date, date] | None = None  # first and last day of the data
    length_days: int = 0
    length_days_before: int = 0


def compile_sql(q: Query, currency: str) -> tuple[str, tuple[Column, ...]]:
    """The SQL text (DuckDB) and its columns with units."""
    text = (_simple(q) if _is_simple(q) else _layered(q)).sql("duckdb", pretty=True, max_text_width=100)
    text = re.sub(r"CAST\('(\d{4}-\d\d-\d\d)' AS DATE\)", r"DATE '\1'", text)
    return text, columns_of(q, currency)


def columns_of(q: Query, currency: str) -> tuple[Column, ...]:
    out = [Column(k, "id" if k == "product_id" else DIMENSIONS[k].unit) for k in key_names(q.dims)]
    for m in q.measures:
        unit = currency if m.unit == MONEY else m.unit
        out.append(Column(m.name, unit))
        if q.before:
            out += [Column(f"{m.name}_before", unit), Column(f"{m.name}_change", unit), Column(f"{m.name}_growth", "%")]
    return tuple(out)


def needed(measures: Sequence[Measure]) -> list[str]:
    """The components that the formulas name, in order."""
    formulas = [f for m in measures for f in (m.formula, m.over) if f and f not in PERIOD_LENGTHS]
    names = [c.name for f in formulas for c in sql(f).find_all(exp.Column)]
    return list(dict.fromkeys(names))


def by_source(q: Query) -> dict[str, list[str]]:
    scope, names = _scope(q), needed(q.measures)
    out: dict[str, list[str]] = {}
    for c in names:
        out.setdefault(choose_source(c, scope, names), []).append(c)
    return out


def _scope(q: Query, *, part: bool = True, window: Window | None = None, dims: tuple[str, ...] | None = None) -> Scope:
    filters = tuple(f for f in q.filters if part or not f.part)
    members = tuple((g, s) for g, s, is_part in q.members if part or not is_part)
    return Scope(q.dims if dims is None else dims, filters, members, window or q.window)


def _is_simple(q: Query) -> bool:
    plain = not any(m.share or m.name in COLUMNS or _is_per_bucket(q, m) for m in q.measures)
    return plain and len(by_source(q)) == 1 and not (q.before or q.axis or q.rest)


def _is_per_bucket(q: Query, m: Measure) -> bool:
    """Is the length that it is divided by another one in each row?"""
    if m.over not in PERIOD_LENGTHS:
        return False
    if {"weekday", "hour"} & set(q.dims):
        raise ToolError("A mean per day, week or month can't be split by day of week or hour; ask for the total.")
    return any(d in TIME_GRAINS for d in q.dims)


# ---- one source, nothing laid over it


def _simple(q: Query) -> exp.Select:
    source, components = next(iter(by_source(q).items()))
    select = aggregate(source, components, _scope(q))
    n = len(key_names(q.dims))
    kept, aggregates = select.expressions[:n], {e.alias: e.this for e in select.expressions[n:]}

    def component(name: str) -> exp.Expression:
        value = aggregates[name].copy()
        return value if q.dims or name in AVERAGES else _or_zero(value, aggregates[name])

    measures = [exp.alias_(_measure(m, component, q.length_days), m.name) for m in q.measures]
    select.set("expressions", [*kept, *measures])
    return _finish(select, q)


def _or_zero(value: exp.Expression, aggregate_: exp.Expression) -> exp.Expression:
    """A sum over no rows is zero, not nothing."""
    return sql(f"COALESCE({value.sql('duckdb')}, 0)") if isinstance(aggregate_, exp.Sum) else value


def _measure(m: Measure, component: Expand, days: int | str) -> exp.Expression:
    top = _formula(m.formula, component)
    if m.over is None:
        return top
    if m.over in PERIOD_LENGTHS:
        return exp.Div(this=_wrapped(top), expression=_wrapped(sql(f"{days}{LENGTHS[m.over]}")))
    return exp.Div(this=_wrapped(top), expression=_not_zero(_formula(m.over, component)))


def _wrapped(value: exp.Expression) -> exp.Expression:
    return exp.paren(value) if isinstance(value, exp.Binary) else value


def _formula(text: str, component: Expand) -> exp.Expression:
    """The formula with its components put in and its divisors guarded against zero."""
    return _guarded(sql(text), component)


def _guarded(tree: exp.Expression, component: Expand) -> exp.Expression:
    if isinstance(tree, exp.Column):
        return component(tree.name)
    if isinstance(tree, exp.Paren):
        return exp.paren(_guarded(tree.this, component))
    if isinstance(tree, exp.Div):
        return exp.Div(this=_guarded(tree.this, component), expression=_not_zero(_guarded(tree.expression, component)))
    return type(tree)(this=_guarded(tree.this, component), expression=_guarded(tree.expression, component))


def _not_zero(value: exp.Expression) -> exp.Expression:
    return exp.Nullif(this=value.unnest(), expression=literal(0))


# ---- several layers


def _layered(q: Query) -> exp.Select:
    """WITH the facts of this period, of the one before and of the total; then one SELECT over them."""
    ctes: list[tuple[str, exp.Expression]] = []
    this = _facts(q, _scope(q), "", ctes)
    before = _facts(q, _scope(q, window=q.before), "_before", ctes) if q.before else None
    shares = any(m.share for m in q.measures)
    total_dims = _total_dims(q)
    total = _facts(q, _scope(q, part=False, dims=total_dims), "_total", ctes) if shares else None
    if q.axis:
        ctes.append(("axis", _axis(q, this, before)))
    select = _join_layers(q, this, before, total, total_dims)
    if q.before or q.rest:
        ctes.append(("compared" if q.before else "ranked", select))
        select = _outer(q, ctes)
    else:
        select = _finish(select, q)
    for name, cte in ctes:
        select = _hoist(select, name, cte)
    return select


def _hoist(select: exp.Select, name: str, cte: exp.Expression) -> exp.Select:
    """Adds a CTE, lifting the ones inside it (first_orders) to the top, once."""
    inner = cte.args.get("with_") or cte.args.get("with")
    known = {c.alias for c in select.ctes}
    for c in cte.ctes if isinstance(cte, exp.Query) else []:
        if c.alias not in known:
            select = select.with_(c.alias, as_=c.this.copy())
    if inner:
        cte = cte.copy()
        cte.set("with_", None)
        cte.set("with", None)
    return select.with_(name, as_=cte)


def _total_dims(q: Query) -> tuple[str, ...]:
    """What a share divides by: with a part condition the same split without it; else the bucket's or the whole sum."""
    if any(f.part for f in q.filters) or any(p for _, _, p in q.members):
        return q.dims
    times = tuple(d for d in q.dims if d in TIME_GRAINS)
    return times if len(times) < len(q.dims) else ()


SIDE_NAMES = {"lines": "sales", "orders": "order_totals", "buyers": "buyers_by_key", "returns": "returned",
              "events": "visits", "catalogue": "catalogue", "gaps": "gap_days", "cohort": "cohorts"}  # fmt: skip


def _facts(q: Query, scope: Scope, suffix: str, ctes: list[tuple[str, exp.Expression]]) -> str:
    """Adds one CTE per source and, for several, one that joins them by key; gives the name to read from."""
    sources = by_source(q)
    names = []
    for source, components in sources.items():
        names.append(SIDE_NAMES[source] + suffix)
        ctes.append((names[-1], aggregate(source, components, scope)))
    if len(names) == 1:
        return names[0]
    joined = f"facts{suffix}"
    ctes.append((joined, _join_sources(names, list(sources.values()), key_names(scope.dims))))
    return joined


def _join_sources(names: list[str], components: list[list[str]], keys: list[str]) -> exp.Select:
    def key(k: str) -> exp.Expression:
        parts = [exp.column(k, n, quoted=k == "order") for n in names]
        return exp.alias_(exp.Coalesce(this=parts[0], expressions=parts[1:]), k, quoted=k == "order")

    values = [_zeroed(c, n) for n, cs in zip(names, components, strict=True) for c in cs]
    select = exp.select(*(key(k) for k in keys), *values).from_(names[0])
    for other in names[1:]:
        select = select.join(
            other, on=_joined_key(keys, names[: names.index(other)], other), join_type="full" if keys else "cross"
        )
    return select


def _joined_key(keys: list[str], before: list[str], other: str) -> exp.Expression | None:
    """The key of whatever has been joined so far: each source may have keys that the ones before it lack."""
    if not keys or len(before) == 1:
        return _same_key(keys, before[0], other)
    tests = []
    for k in keys:
        parts = [exp.column(k, n, quoted=k == "order") for n in before]
        known = exp.Coalesce(this=parts[0], expressions=parts[1:])
        tests.append(exp.NullSafeEQ(this=known, expression=exp.column(k, other, quoted=k == "order")))
    return exp.and_(*tests)


def _zeroed(component: str, table: str) -> exp.Expression:
    column = exp.column(component, table)
    value = column if component in AVERAGES else exp.Coalesce(this=column, expressions=[literal(0)])
    return exp.alias_(value, component)


def _same_key(keys: list[str], a: str, b: str) -> exp.Expression | None:
    tests = [
        (exp.EQ if k in TIME_GRAINS else exp.NullSafeEQ)(
            this=exp.column(k, a, quoted=k == "order"), expression=exp.column(k, b, quoted=k == "order")
        )
        for k in keys
        if k != "product" or "product_id" not in keys
    ]
    return exp.and_(*tests) if tests else None


def _join_layers(q: Query, this: str, before: str | None, total: str | None, total_dims: tuple[str, ...]) -> exp.Select:
    keys = key_names(q.dims)
    base = "axis" if q.axis else this
    select = exp.select().from_(base)
    if q.axis:
        select = select.join(this, on=_same_key(keys, base, this), join_type="left")
    if before:
        on = _shifted_key(q, keys, base, before) if q.axis else _same_key(keys, this, before)
        kind = "left" if q.axis else ("full" if keys else "cross")
        select = select.join(before, on=on, join_type=kind)
    if total:
        shared = key_names(total_dims)
        select = select.join(total, on=_same_key(shared, base, total), join_type="left" if shared else "cross")
    key_columns = [_layer_key(k, base, None if q.axis else before) for k in keys]
    return select.select(*key_columns, *_layer_measures(q, this, before, total))


def _layer_key(k: str, base: str, before: str | None) -> exp.Expression:
    column = exp.column(k, base, quoted=k == "order")
    if before is None:
        return column
    return exp.alias_(
        exp.Coalesce(this=column, expressions=[exp.column(k, before, quoted=k == "order")]), k, quoted=k == "order"
    )


def _layer_measures(q: Query, this: str, before: str | None, total: str | None) -> list[exp.Expression]:
    out: list[exp.Expression] = []
    for m in q.measures:
        days, days_before = _lengths(q, m, "axis" if q.axis else this)
        value = _measure(m, _column_of(this), days)
        if m.share and total:
            value = exp.Div(this=exp.paren(value), expression=_not_zero(_measure(m, _column_of(total), q.length_days)))
        out.append(exp.alias_(value, m.name))
        if before:
            out.append(exp.alias_(_measure(m, _column_of(before), days_before), f"{m.name}_before"))
    if q.rest:
        out += [exp.alias_(_column_of(this)(c), f"{c}__part") for c in needed(q.measures)]
    return out


def _lengths(q: Query, m: Measure, table: str) -> tuple[int | str, int | str]:
    """Calendar days that this and the earlier period have; per bucket, those of the bucket inside the period."""
    if not _is_per_bucket(q, m):
        return q.length_days, q.length_days_before
    grain = next(d for d in q.dims if d in TIME_GRAINS)
    back = f" - INTERVAL '{q.axis[2]}' {grain}" if q.axis else ""

    def inside(start: str, window: Window) -> str:
        first, last = f"CAST({start} AS DATE)", f"CAST({start} + INTERVAL '1' {grain} AS DATE)"
        begin, end = window.start or (q.covered or (None, None))[0], window.end or (q.covered or (None, None))[1]
        first = f"GREATEST({first}, DATE '{begin}')" if begin else first
        last = f"LEAST({last}, DATE '{end + timedelta(days=1)}')" if end else last
        return f"DATE_DIFF('day', {first}, {last})"

    key = f"{table}.{grain}"
    return inside(key, q.window), inside(f"({key}{back})", q.before or q.window)


def _column_of(table: str) -> Expand:
    def component(name: str) -> exp.Expression:
        column = exp.column(name, table)
        return column if name in AVERAGES else exp.Coalesce(this=column, expressions=[literal(0)])

    return component


def _axis(q: Query, this: str, before: str | None) -> exp.Expression:
    """Every bucket of the period, crossed with every other key that occurs."""
    assert q.axis is not None
    grain = next(d for d in q.dims if d in TIME_GRAINS)
    buckets = sql(
        f"SELECT CAST(UNNEST(GENERATE_SERIES(DATE '{q.axis[0]}', DATE '{q.axis[1]}', INTERVAL '1' {grain})) AS DATE)"
        f" AS {grain}"
    )
    others = [k for k in key_names(q.dims) if k != grain]
    if others:
        columns = ", ".join(f'"{k}"' if k == "order" else k for k in others)
        occurring = f"SELECT {columns} FROM {this}" + (f" UNION SELECT {columns} FROM {before}" if before else "")
        buckets = sql(
            f"SELECT {', '.join('k.' + c if c != grain else 'b.' + c for c in key_names(q.dims))} "
            f"FROM ({buckets.sql('duckdb')}) AS b CROSS JOIN (SELECT DISTINCT * FROM ({occurring}) AS u) AS k"
        )
    return buckets


def _shifted_key(q: Query, keys: list[str], base: str, before: str) -> exp.Expression:
    """The bucket of the earlier period that stands at the same place."""
    assert q.axis is not None
    grain = next(d for d in q.dims if d in TIME_GRAINS)
    others = _same_key([k for k in keys if k != grain], base, before)
    same = sql(f"CAST({base}.{grain} - INTERVAL '{q.axis[2]}' {grain} AS DATE) = {before}.{grain}")
    return exp.and_(same, others) if others else same


def _outer(q: Query, ctes: list[tuple[str, exp.Expression]]) -> exp.Select:
    keys = [exp.column(k, quoted=k == "order") for k in key_names(q.dims)]
    if q.rest:
        return _with_rest(q, keys, ctes)
    columns: list[exp.Expression] = [*keys]
    for m in q.measures:
        a, b = m.name, f"{m.name}_before"
        columns += [exp.column(a), exp.column(b)]
        columns.append(sql(f"{a} - {b} AS {m.name}_change"))
        columns.append(sql(f"({a} - {b}) / NULLIF({b}, 0) AS {m.name}_growth"))
    return _finish(exp.select(*columns).from_("compared"), q)


def _with_rest(q: Query, keys: list[exp.Expression], ctes: list[tuple[str, exp.Expression]]) -> exp.Select:
    """The first `limit` rows, then one row for everything else, its ratios made from sums, not summed."""
    _refuse_rest(q)
    name, ranked = ctes.pop()
    order = ", ".join(o.sql("duckdb") for o in _order_terms(q))
    ctes.append((name, ranked))
    place = f"SELECT *, ROW_NUMBER() OVER (ORDER BY {order}) AS place FROM ranked"
    ctes.append(("placed", sql(place)))
    measures = [exp.column(m.name) for m in q.measures]
    top = exp.select(*keys, *measures, "place").from_("placed").where(f"place <= {q.limit}")

    def summed(c: str) -> exp.Expression:
        return sql(f"SUM({c}__part)")

    label = [
        exp.alias_(exp.Literal.string(EVERYTHING_ELSE) if k.name != "product_id" else exp.Null(), k.name) for k in keys
    ]
    parts = [exp.alias_(_measure(m, summed, q.length_days), m.name) for m in q.measures]
    others = exp.select(*label, *parts, exp.alias_(literal((q.limit or 0) + 1), "place")).from_("placed")
    others = others.where(f"place > {q.limit}").having("COUNT(*) > 0")
    both = exp.union(top, others, distinct=False).subquery("shown")
    return (
        exp.select(*(k.copy() for k in keys), *(c.copy() for c in measures))
        .from_(both)
        .order_by("place", dialect="duckdb")
    )


def _refuse_rest(q: Query) -> None:
    line_level = _scope(q).line_level
    for c in needed(q.measures):
        if not (COMPONENTS[c].additive or (c in ADDITIVE_BY_ORDER and not line_level)):
            raise ToolError(f"'Everything else' can't be added up for {c}: one of them may count in several rows.")
    if any(m.share for m in q.measures) or len(q.dims) != 1:
        raise ToolError("'Everything else' goes with one dimension and no shares.")


def _finish(select: exp.Select, q: Query) -> exp.Select:
    """Ranking, order and limit."""
    if q.whole_buckets:
        grain = next(d for d in q.dims if d in TIME_GRAINS)
        key = select.expressions[key_names(q.dims).index(grain)]
        inner = (key.this if isinstance(key, exp.Alias) else key).sql("duckdb")
        start, end = q.whole_buckets
        select = select.where(sql(f"{inner} BETWEEN DATE '{start}' AND DATE '{end}'"))
    if q.dims:
        select = select.order_by(*_order_terms(q))
    return select.limit(q.limit) if q.limit else select


def _order_terms(q: Query) -> list[exp.Expression]:
    """By the ranked column (money to the cent), then by name; unranked time axes by time, the rest by the measure."""
    keys = key_names(q.dims)
    names = [k for k in keys if k != "product_id"] + (["product_id"] if "product_id" in keys else [])
    by_key = [_key_order(k, ranked=q.order is not None) for k in names]
    if q.order is None:
        timed = [k for k in by_key if k.name in TIME_GRAINS or "weekday" in k.sql() or k.name == "hour"]
        if timed:
            return by_key
    column, descending = q.order or (q.measures[0].name, True)
    rank = sql(f"ROUND({column}, 2)") if _is_money(q, column) else exp.column(column)
    return [exp.Ordered(this=rank, desc=descending, nulls_first=False), *by_key]


def _key_order(k: str, ranked: bool) -> exp.Expression:
    """Days of the week stand in their order; ties of a ranking break by name."""
    if k == "weekday" and not ranked:
        return sql(f"LIST_POSITION([{', '.join(repr(d) for d in WEEKDAYS)}], weekday)")
    return exp.column(k, quoted=k == "order")


def _is_money(q: Query, column: str) -> bool:
    return any(m.unit == MONEY and column in (m.name, f"{m.name}_before", f"{m.name}_change") for m in q.measures)


def member_query(q: Query, op: str, value: float) -> exp.Expression:
    """Keys of the groups that meet a condition on their measure; NOT over the opposite where zero would meet it.

    A group without any row has a measure of zero and stands in no GROUP BY, so '= 0' and '< n' are asked as the
    complement of '> 0' and '>= n'.
    """
    key, measure = exp.column(q.dims[0], quoted=q.dims[0] == "order"), q.measures[0]
    key = exp.column("product_id") if q.dims[0] == "product" else key
    groups = replace(q, limit=None, order=None)
    inner = _simple(groups) if _is_simple(groups) else _layered(groups)
    inner.set("order", None)
    if op == "top_percent":
        return _top_percent(inner, key, measure, value)
    zero_counts = {
        "=": value == 0,
        "!=": value != 0,
        "<": value > 0,
        "<=": value >= 0,
        ">": value < 0,
        ">=": value <= 0,
    }
    opposite = {"=": "<>", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    sign = opposite[op] if zero_counts[op] else op.replace("!=", "<>")
    column = sql(f"ROUND({measure.name}, 2)") if measure.unit == MONEY else exp.column(measure.name)
    test = (
        sql(f"{column.sql('duckdb')} {sign} {value:g}")
        if value < 1e6
        else sql(f"{column.sql('duckdb')} {sign} {value}")
    )
    found = exp.select(key).from_(inner.subquery("grouped")).where(test)
    return exp.Not(this=found) if zero_counts[op] else found


def _top_percent(inner: exp.Select, key: exp.Expression, m: Measure, value: float) -> exp.Select:
    name = key.sql("duckdb")
    rank = f"ROUND({m.name}, 2)" if m.unit == MONEY else m.name
    places = sql(
        f"SELECT {name}, ROW_NUMBER() OVER (ORDER BY {rank} DESC, {name}) AS place, COUNT(*) OVER () AS n FROM x"
    )
    places.set("from_", exp.From(this=inner.subquery("grouped")))
    return exp.select(key).from_(places.subquery("placed")).where(f"place <= CEIL({value / 100} * n)")
