"""One aggregate query per source of facts: which rows, joined how, grouped by what.

No source is ever joined to another one's rows, so nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from tools.metrics.conditions import predicate
from tools.metrics.definitions import COMPONENTS, DIMENSIONS, LINE_DIMENSIONS, TIME_COLUMN, TIME_GRAINS
from tools.metrics.expressions import Sql, sql
from tools.metrics.keys import id_of, key, key_names, keys
from tools.metrics.request import Filter

JOINS = {
    "p": "products AS p ON p.product_id = {row}.product_id",
    "c": "customers AS c ON c.customer_id = {row}.customer_id",
    "o": "orders AS o ON o.order_id = r.order_id",
    "f": "first_orders AS f ON f.customer_id = o.customer_id",
}
FROM = {
    "orders": "orders AS o",
    "lines": "orders AS o",
    "returns": "returns AS r",
    "events": "events AS e",
    "catalogue": "products AS p",
}
# Whose product or customer it is that gets joined.
ROW_OF = {
    "lines": {"p": "i", "c": "o"},
    "orders": {"c": "o"},
    "returns": {"p": "r", "c": "r"},
    "events": {"p": "e", "c": "e"},
}
FIRST_ORDERS = (
    "SELECT customer_id, MIN(ordered_at) AS first_at FROM orders "
    "WHERE status = 'completed' AND NOT customer_id IS NULL GROUP BY customer_id"
)


@dataclass(frozen=True)
class Window:
    """Days from `start` to `end`, both included; None is open. `second` is the later period of a retention."""

    start: date | None = None
    end: date | None = None
    second: Window | None = None


@dataclass(frozen=True)
class Member:
    """A group condition: `keys` selects the values of `group` that are kept, or, `negated`, those that are not.

    `part` says that only the numerator of a share keeps the condition.
    """

    group: str
    keys: exp.Select
    negated: bool = False
    part: bool = False


@dataclass(frozen=True)
class Scope:
    """Which rows an aggregate sees: the dimensions it groups by, conditions, and the days."""

    dims: tuple[str, ...]
    filters: tuple[Filter, ...]
    members: tuple[Member, ...]
    window: Window

    @property
    def line_level(self) -> bool:
        """Do products matter, so that orders are seen through their lines?"""
        fields = {*self.dims, *(f.field for f in self.filters), *(m.group for m in self.members)}
        return bool(fields & LINE_DIMENSIONS)


def choose_source(component: str, scope: Scope, needed: Iterable[str]) -> str:
    """The source that serves a component: the lines where products matter or another one needs them anyway."""
    forms = COMPONENTS[component].forms
    if "lines" in forms and (scope.line_level or any(list(COMPONENTS[c].forms) == ["lines"] for c in needed)):
        return "lines"
    return next(iter(forms))


def aggregate(source: str, components: Sequence[str], scope: Scope) -> exp.Select:
    """SELECT keys, components FROM source WHERE … GROUP BY keys. Raises NotThere for pairs without meaning."""
    if source in ONE_ROW_EACH:
        alias, rows = ONE_ROW_EACH[source]
        return _over(rows(scope), alias, source, components, scope.dims)
    columns = [_named(name, value) for name, value in keys(scope.dims, source)]
    columns += [exp.alias_(_component(c, source, scope), c) for c in components]
    return _grouped(rows_of(source, scope, columns), len(key_names(scope.dims)))


def _named(name: str, value: Sql) -> Sql:
    return value if isinstance(value, exp.Column) and value.name == name else exp.alias_(value, name)


def _grouped(select: exp.Select, n: int) -> exp.Select:
    """GROUP BY the first n columns."""
    return select.group_by(*(exp.Literal.number(i + 1) for i in range(n))) if n else select


def _component(name: str, source: str, scope: Scope) -> Sql:
    """The aggregate's SQL; f.is_new becomes 'the first order ever lies in the period, and in the bucket'."""

    def expand(node: Sql) -> Sql:
        return _is_new(scope) if isinstance(node, exp.Column) and node.name == "is_new" else node

    return sql(COMPONENTS[name].forms[source]).transform(expand)


def _is_new(scope: Scope) -> Sql:
    parts = _between("f.first_at", scope.window)
    for time in (d for d in scope.dims if d in (*TIME_GRAINS, "weekday", "hour")):
        bucket = DIMENSIONS[time].by_source["orders"]
        parts.append(sql(f"{bucket.replace('o.ordered_at', 'f.first_at')} = {bucket}"))
    return exp.and_(*parts) if parts else sql("NOT f.first_at IS NULL")


def _between(column: str, window: Window) -> list[Sql]:
    """Half-open: from the first day to before the day after the last."""
    parts = [sql(f"{column} >= DATE '{window.start}'")] if window.start else []
    if window.end:
        parts.append(sql(f"{column} < DATE '{window.end + timedelta(days=1)}'"))
    return parts


def rows_of(source: str, scope: Scope, columns: Sequence[Sql], *also: Sql) -> exp.Select:
    """SELECT columns FROM source, joined with whatever the columns and conditions name."""
    where = [*_conditions(source, scope), *also]
    named = (c for e in [*columns, *where] for c in e.find_all(exp.Column))
    used = {c.table for c in named if c.parent_select is None}  # what stands in a sub-query is joined there
    select = exp.select(*columns).from_(FROM[source])
    if source == "lines":
        select = select.join("order_items AS i", using="order_id")
    for alias in ("o", "p", "c", "f"):
        if alias in used and not FROM[source].endswith(f" {alias}"):
            row = ROW_OF.get(source, {}).get(alias, "o")
            select = select.join(JOINS[alias].format(row=row), join_type="left", dialect="duckdb")
    if "f" in used:
        select = select.with_("first_orders", as_=sql(FIRST_ORDERS))
    return select.where(*where) if where else select


def _conditions(source: str, scope: Scope) -> list[Sql]:
    parts = [sql("o.status = 'completed'")] if source in ("orders", "lines") else []
    if source in TIME_COLUMN:
        parts += _between(TIME_COLUMN[source], scope.window)
    if "customer" in scope.dims:  # rankings of customers leave guests out
        parts.append(exp.Not(this=exp.Is(this=key("customer", source), expression=exp.Null())))
    parts += [predicate(f, source) for f in scope.filters]
    return parts + [_is_member(m, source) for m in scope.members]


def _is_member(m: Member, source: str) -> Sql:
    inside = exp.In(this=id_of(m.group, source), query=m.keys.copy().subquery())
    return exp.Not(this=inside) if m.negated else inside


def _over(rows: exp.Select, alias: str, source: str, components: Sequence[str], dims: Sequence[str]) -> exp.Select:
    """Aggregates over a sub-query of one row a customer or gap."""
    names = [exp.column(k, alias) for k in key_names(dims)]
    values = [exp.alias_(sql(COMPONENTS[c].forms[source]), c) for c in components]
    return _grouped(exp.select(*names, *values).from_(rows.subquery(alias)), len(names))


def _sales_rows(scope: Scope, kind: str, columns: Sequence[Sql]) -> exp.Select:
    """Order rows of known customers with their keys, for the sub-queries per customer."""
    source = "lines" if scope.line_level else "orders"
    named = [_named(name, value) for name, value in keys(scope.dims, kind)]
    return rows_of(source, scope, [*named, *columns], sql("NOT o.customer_id IS NULL"))


def _buyers(scope: Scope) -> exp.Select:
    """One row a customer and key: how many orders."""
    count = "COUNT(DISTINCT o.order_id)" if scope.line_level else "COUNT(*)"
    columns = [sql("o.customer_id"), exp.alias_(sql(count), "orders")]
    return _grouped(_sales_rows(scope, "buyers", columns), len(key_names(scope.dims)) + 1)


def _gaps(scope: Scope) -> exp.Select:
    """One row an order: calendar days since the same customer's order before it; NULL for the first."""
    previous = "LAG(CAST(o.ordered_at AS DATE)) OVER (PARTITION BY o.customer_id ORDER BY o.ordered_at)"
    days = exp.alias_(sql(f"DATE_DIFF('day', {previous}, CAST(o.ordered_at AS DATE))"), "days")
    if not scope.line_level:
        return _sales_rows(scope, "gaps", [days])
    # Several lines of an order are one order: without the grouping they would be orders 0 days apart.
    by = [sql(c) for c in ("o.customer_id", "o.order_id", "o.ordered_at")]
    return _sales_rows(scope, "gaps", [days]).group_by(*(value for _, value in keys(scope.dims, "gaps")), *by)


def _cohort(scope: Scope) -> exp.Select:
    """Known customers with an order in the first period, and whether they came again in the second."""
    for dim in scope.dims:
        key(dim, "cohort")
    inside, again = (
        exp.and_(*_between("o.ordered_at", w)).sql("duckdb") for w in (scope.window, scope.window.second or Window())
    )
    columns = [sql("o.customer_id"), exp.alias_(sql(f"BOOL_OR({again})"), "again")]
    of_all_time = Scope(scope.dims, scope.filters, scope.members, Window())
    return _grouped(_sales_rows(of_all_time, "buyers", columns), 1).having(f"BOOL_OR({inside})")


ONE_ROW_EACH = {"buyers": ("b", _buyers), "gaps": ("g", _gaps), "cohort": ("k", _cohort)}
