"""One aggregate query per source of facts: which rows, joined how, grouped by what. No source is ever joined to another
one's rows, so nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlglot import exp, parse_one

from retrieval.words import SPACE_RUN_SQL
from tools.contract import NotThere
from tools.metrics.definitions import (
    COMPONENTS,
    DIMENSIONS,
    LINE_DIMENSIONS,
    PRODUCT_ID,
    TIME_COLUMN,
    TIME_GRAINS,
)
from tools.metrics.request import Filter

JOINS = {
    "i": "order_items AS i ON i.order_id = o.order_id",
    "p": "products AS p ON p.product_id = {row}.product_id",
    "c": "customers AS c ON c.customer_id = {row}.customer_id",
    "o": "orders AS o ON o.order_id = r.order_id",
    "f": "first_orders AS f ON f.customer_id = o.customer_id",
}
FROM = {"orders": "orders AS o", "lines": "orders AS o", "returns": "returns AS r", "events": "events AS e",
        "catalogue": "products AS p"}  # fmt: skip
ROW_OF = {"lines": {"p": "i", "c": "o"}, "orders": {"c": "o"}, "returns": {"p": "r", "c": "r"},
          "events": {"p": "e", "c": "e"}}  # fmt: skip
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
class Scope:
    """Which rows an aggregate sees: the dimensions it groups by, conditions, and the days."""

    dims: tuple[str, ...]
    filters: tuple[Filter, ...]
    members: tuple[tuple[str, exp.Expression], ...]  # (group, sub-query of its keys, or NOT over one)
    window: Window

    @property
    def line_level(self) -> bool:
        fields = [*self.dims, *(f.field for f in self.filters), *(g for g, _ in self.members)]
        return any(f in LINE_DIMENSIONS for f in fields)


def sql(text: str) -> exp.Expression:
    return parse_one(text, dialect="duckdb")


def literal(value: Any) -> exp.Expression:
    if isinstance(value, date):
        return sql(f"DATE '{value.isoformat()}'")
    return exp.Literal.number(value) if isinstance(value, (int, float)) else exp.Literal.string(str(value))


def key_names(dims: Sequence[str]) -> list[str]:
    """The key columns of a result: a product is its id and its title."""
    return [k for d in dims for k in (("product_id", "product") if d == "product" else (d,))]


def keys(dims: Sequence[str], source: str) -> list[tuple[str, exp.Expression]]:
    pairs: list[tuple[str, exp.Expression]] = []
    for d in dims:
        if d == "product":
            pairs.append(("product_id", sql(PRODUCT_ID.get(source, "NULL"))))
        pairs.append((d, _key(d, source)))
    return pairs


def _key(dim: str, source: str) -> exp.Expression:
    by_source = DIMENSIONS[dim].by_source
    if source not in by_source:
        raise NotThere(MEANINGLESS[source].format(dim=DIMENSIONS[dim].label))
    return sql(by_source[source])


MEANINGLESS = {
    "orders": "Orders carry this figure as a whole, so it can't be split by {dim}.",
    "lines": "Order lines can't be split by {dim}.",
    "buyers": "Customers can't be split by {dim} here.",
    "gaps": "Gaps between orders can't be split by {dim}.",
    "returns": "Returns in this shop can't be split by {dim}.",
    "events": "Shop visits carry no {dim}.",
    "catalogue": "The catalogue is as it stands today and carries no {dim}.",
    "cohort": "Retention can't be split by {dim} here.",
}


def choose_source(component: str, scope: Scope, needed: Iterable[str]) -> str:
    """The source that serves a component: the lines where products matter or another one needs them anyway."""
    forms = COMPONENTS[component].forms
    if "lines" in forms and (scope.line_level or any(list(COMPONENTS[c].forms) == ["lines"] for c in needed)):
        return "lines"
    return next(iter(forms))


def aggregate(source: str, components: Sequence[str], scope: Scope) -> exp.Select:
    """SELECT keys, components FROM source WHERE … GROUP BY keys."""
    if source == "buyers":
        return _over(_buyers(scope), "b", components, scope.dims)
    if source == "gaps":
        return _over(_gaps(scope), "g", components, scope.dims)
    if source == "cohort":
        return _over(_cohort(scope), "k", components, scope.dims)
    columns = [_named_key(name, value) for name, value in keys(scope.dims, source)]
    columns += [exp.alias_(_component(c, source, scope), c) for c in components]
    return _group_by(_rows(source, scope, columns), len(key_names(scope.dims)))


def _named_key(name: str, value: exp.Expression) -> exp.Expression:
    same = isinstance(value, exp.Column) and value.name == name
    return value if same else exp.alias_(value, name, quoted=name == "order")


def _group_by(select: exp.Select, n: int) -> exp.Select:
    return select.group_by(*(exp.Literal.number(i + 1) for i in range(n))) if n else select


def _component(name: str, source: str, scope: Scope) -> exp.Expression:
    """The aggregate's SQL; f.is_new becomes 'the first order ever lies in the period, and in the bucket'."""

    def expand(node: exp.Expression) -> exp.Expression:
        return _is_new(scope) if isinstance(node, exp.Column) and node.name == "is_new" else node

    return sql(COMPONENTS[name].forms[source]).transform(expand)


def _is_new(scope: Scope) -> exp.Expression:
    parts = _between("f.first_at", scope.window)
    for time in (d for d in scope.dims if d in (*TIME_GRAINS, "weekday", "hour")):
        bucket = DIMENSIONS[time].by_source["orders"]
        parts.append(sql(f"{bucket.replace('o.ordered_at', 'f.first_at')} = {bucket}"))
    return exp.and_(*parts) if parts else sql("NOT f.first_at IS NULL")


def _between(column: str, window: Window) -> list[exp.Expression]:
    """Half-open: from the first day to before the day after the last."""
    parts = [sql(f"{column} >= DATE '{window.start}'")] if window.start else []
    if window.end:
        parts.append(sql(f"{column} < DATE '{window.end + timedelta(days=1)}'"))
    return parts


def _rows(source: str, scope: Scope, columns: list[exp.Expression], *also: str) -> exp.Select:
    where = [*_conditions(source, scope), *map(sql, also)]
    select = exp.select(*columns).from_(FROM[source])
    if source == "lines":
        select = select.join("order_items AS i", using="order_id")
    used = {c.table for e in [*columns, *where] for c in e.find_all(exp.Column)}
    for alias in ("o", "p", "c", "f"):
        if alias in used and alias != FROM[source].rpartition(" ")[2]:
            row = ROW_OF.get(source, {}).get(alias, "o")
            select = select.join(JOINS[alias].format(row=row), join_type="left", dialect="duckdb")
    if "f" in used:
        select = select.with_("first_orders", as_=sql(FIRST_ORDERS))
    return select.where(*where) if where else select


def _conditions(source: str, scope: Scope) -> list[exp.Expression]:
    parts = [sql("o.status = 'completed'")] if source in ("orders", "lines") else []
    if source in TIME_COLUMN:
        parts += _between(TIME_COLUMN[source], scope.window)
    if "customer" in scope.dims:
        parts.append(exp.Not(this=exp.Is(this=_key("customer", source), expression=exp.Null())))
    parts += [predicate(f, source) for f in scope.filters]
    for group, subquery in scope.members:
        key = sql(PRODUCT_ID.get(source, "NULL")) if group == "product" else _key(group, source)
        negated = isinstance(subquery, exp.Not)
        inside = exp.In(this=key, query=(subquery.this if negated else subquery).copy().subquery())
        parts.append(exp.Not(this=inside) if negated else inside)
    return parts


def predicate(f: Filter, source: str) -> exp.Expression:
    """A condition as SQL on one source."""
    if f.op in ("is known", "is unknown"):
        null = exp.Is(this=_key(f.field, source), expression=exp.Null())
        return exp.Not(this=null) if f.op == "is known" else null
    if f.matches:
        test = _named(f, source)
        return exp.Not(this=exp.paren(test)) if f.op == "not in" and isinstance(test, exp.Or) else _negate(test, f.op)
    key = _key(f.field, source)
    values = [_typed(f.field, v) for v in f.values]
    if f.op in ("=", "in"):
        return _one_of(key, values)
    if f.op in ("!=", "not in"):
        return _negate(_one_of(key, values), "not in")
    kind = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}[f.op]
    return kind(this=key, expression=values[0])


def _typed(field: str, value: Any) -> exp.Expression:
    return literal(date.fromisoformat(value)) if field in TIME_GRAINS else literal(value)


def _one_of(key: exp.Expression, values: Sequence[exp.Expression]) -> exp.Expression:
    if len(values) == 1:
        return exp.EQ(this=key, expression=values[0])
    return exp.In(this=key, expressions=list(values))


def _negate(test: exp.Expression, op: str) -> exp.Expression:
    if op != "not in":
        return test
    if isinstance(test, exp.EQ):
        return exp.NEQ(this=test.this, expression=test.expression)
    return exp.Not(this=test)


def _named(f: Filter, source: str) -> exp.Expression:
    """The shop's own names: ids and exact values in one list, contained titles as patterns."""
    if f.field != "product":
        return _one_of(_key(f.field, source), [literal(v) for m in f.matches for v in m.values])
    _key("product", source)
    tests = [t for m in f.matches for t in _product_tests(m, source)]
    return exp.or_(*tests) if len(tests) > 1 else tests[0]


def _product_tests(m: Any, source: str) -> list[exp.Expression]:
    if m.how == "code":
        return [_one_of(sql(PRODUCT_ID[source]), [literal(v) for v in m.ids])]
    if m.how == "title":
        return [_one_of(sql("p.title"), [literal(v) for v in m.values])]
    title = sql("p.title")
    if m.squeeze:
        runs = [exp.Literal.string(t) for t in (SPACE_RUN_SQL, " ", "g")]
        title = exp.Anonymous(this="REGEXP_REPLACE", expressions=[title, *runs])
    return [_contains(title.copy(), v) for v in m.values]


def _contains(title: exp.Expression, text: str) -> exp.Expression:
    """ILIKE, as an analyst writes it; CONTAINS where the text has characters that a pattern would read otherwise."""
    if set(text) & set("%_\\"):
        return exp.func("CONTAINS", exp.Lower(this=title), exp.Literal.string(text))
    return exp.ILike(this=title, expression=exp.Literal.string(f"%{text}%"))


def _over(inner: exp.Select, alias: str, components: Sequence[str], dims: Sequence[str]) -> exp.Select:
    """Aggregates over a sub-query of one row a customer or gap."""
    names = [exp.column(k, alias, quoted=k == "order") for k in key_names(dims)]
    source = next(iter(COMPONENTS[components[0]].forms))
    values = [exp.alias_(sql(COMPONENTS[c].forms[source]), c) for c in components]
    return _group_by(exp.select(*names, *values).from_(inner.subquery(alias)), len(names))


def _sales_rows(scope: Scope, kind: str, columns: list[exp.Expression]) -> exp.Select:
    """Order rows of known customers with their keys, for the sub-queries per customer."""
    source = "lines" if scope.line_level else "orders"
    named = [_named_key(k, v) for k, v in keys(scope.dims, kind)]
    return _rows(source, scope, [*named, *columns], "NOT o.customer_id IS NULL")


def _buyers(scope: Scope) -> exp.Select:
    count = "COUNT(DISTINCT o.order_id)" if scope.line_level else "COUNT(*)"
    columns = [sql("o.customer_id"), exp.alias_(sql(count), "orders")]
    return _group_by(_sales_rows(scope, "buyers", columns), len(key_names(scope.dims)) + 1)


def _gaps(scope: Scope) -> exp.Select:
    previous = "LAG(CAST(o.ordered_at AS DATE)) OVER (PARTITION BY o.customer_id ORDER BY o.ordered_at)"
    days = exp.alias_(sql(f"DATE_DIFF('day', {previous}, CAST(o.ordered_at AS DATE))"), "days")
    return _sales_rows(scope, "gaps", [days])


def _cohort(scope: Scope) -> exp.Select:
    """Known customers with an order in the first period, and whether they came again in the second."""
    second = scope.window.second or Window()
    inside = exp.and_(*_between("o.ordered_at", scope.window)).sql("duckdb")
    again = exp.and_(*_between("o.ordered_at", second)).sql("duckdb")
    everything = Scope(scope.dims, scope.filters, scope.members, Window())
    columns = [sql("o.customer_id"), exp.alias_(sql(f"BOOL_OR({again})"), "again")]
    if scope.dims:
        raise NotThere(MEANINGLESS["cohort"].format(dim=DIMENSIONS[scope.dims[0]].label))
    return _sales_rows(everything, "buyers", columns).group_by(exp.Literal.number(1)).having(f"BOOL_OR({inside})")
