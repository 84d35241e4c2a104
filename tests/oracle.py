"""What every metric should be, written by hand as plain SQL and sharing nothing with tools/metrics.

A metric is made of scalar SELECTs. A breakdown asks them once for each key; a filter and a period are conditions
spelled out once for each kind of row: sales lines, returns, visits. No two kinds of rows are ever joined.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

Key = tuple[Any, ...]
Value = float | int | None
Filter = dict[str, Any]

SALES = """FROM orders o JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id
    LEFT JOIN customers c ON c.customer_id = o.customer_id
    LEFT JOIN (SELECT customer_id, MIN(ordered_at) AS first_at FROM orders
               WHERE status = 'completed' GROUP BY customer_id) f ON f.customer_id = o.customer_id
    WHERE o.status = 'completed' AND {sale}"""
RETURNS = """FROM returns r LEFT JOIN orders ro ON ro.order_id = r.order_id
    LEFT JOIN customers rc ON rc.customer_id = r.customer_id LEFT JOIN products rp ON rp.product_id = r.product_id
    WHERE {back}"""
VISITS = """FROM events e LEFT JOIN products ep ON ep.product_id = e.product_id
    LEFT JOIN customers ec ON ec.customer_id = e.customer_id
    WHERE {visit}"""

AMOUNT = "i.quantity * i.unit_price - i.discount"
TIMES = f"SELECT o.customer_id, COUNT(DISTINCT o.order_id) AS n {SALES} AND o.customer_id IS NOT NULL GROUP BY ALL"
BASES: dict[str, str] = {
    "revenue": f"SELECT COALESCE(SUM({AMOUNT}), 0) {SALES}",
    "orders": f"SELECT COUNT(DISTINCT o.order_id) {SALES}",
    "units": f"SELECT COALESCE(SUM(i.quantity), 0) {SALES}",
    "products": f"SELECT COUNT(DISTINCT i.product_id) {SALES}",
    "cost": f"SELECT COALESCE(SUM(i.quantity * COALESCE(i.unit_cost, p.unit_cost)), 0) {SALES}",
    "shipping": f"SELECT COALESCE(SUM(x.shipping), 0) FROM orders x WHERE x.order_id IN (SELECT o.order_id {SALES})",
    "customers": f"SELECT COUNT(DISTINCT o.customer_id) {SALES}",
    "new_customers": f"SELECT COUNT(DISTINCT o.customer_id) {SALES} AND {{first}}",
    "repeaters": f"SELECT COUNT(*) FROM ({TIMES}) WHERE n >= 2",
    "guest_orders": f"SELECT COUNT(DISTINCT o.order_id) {SALES} AND o.customer_id IS NULL",
    "trading_days": f"SELECT COUNT(DISTINCT CAST(o.ordered_at AS DATE)) {SALES}",
    "refunds": f"SELECT COALESCE(SUM(r.amount), 0) {RETURNS}",
    "returned_units": f"SELECT COALESCE(SUM(r.quantity), 0) {RETURNS}",
    "returns": f"SELECT COUNT(*) {RETURNS}",
    "sessions": f"SELECT COUNT(DISTINCT e.session_id) {VISITS}",
    "buying_sessions": f"SELECT COUNT(DISTINCT e.session_id) {VISITS} AND e.kind = 'purchase'",
    "days": "SELECT COUNT(*) FROM range(DATE '{start}', DATE '{stop}', INTERVAL 1 DAY) t(d) WHERE {day}",
}
# What is made of them.
METRICS: dict[str, str] = {
    "revenue": "revenue",
    "refunds": "refunds",
    "net_revenue": "revenue - refunds",
    "orders": "orders",
    "units": "units",
    "average_order_value": "revenue / NULLIF(orders, 0)",
    "units_per_order": "units / NULLIF(orders, 0)",
    "average_price": "revenue / NULLIF(units, 0)",
    "customers": "customers",
    "new_customers": "new_customers",
    "returning_customers": "customers - new_customers",
    "repeat_rate": "repeaters / NULLIF(customers, 0)",
    "refund_rate": "refunds / NULLIF(revenue, 0)",
    "guest_share": "guest_orders / NULLIF(orders, 0)",
    "shipping_income": "shipping",
    "cost": "cost",
    "gross_profit": "revenue - cost",
    "margin": "(revenue - cost) / NULLIF(revenue, 0)",
    "sessions": "sessions",
    "conversion_rate": "buying_sessions / NULLIF(sessions, 0)",
    "returned_units": "returned_units",
    "returns": "returns",
    "products": "products",
    "shipping_income / orders": "shipping / NULLIF(orders, 0)",
    "new_customers / customers": "new_customers / NULLIF(customers, 0)",
    "revenue / days": "revenue / days",
    "revenue / trading_days": "revenue / NULLIF(trading_days, 0)",
}
MONEY = {m for m in METRICS if any(w in m for w in ("revenue", "refunds", "average_", "shipping", "cost", "profit"))}
RATIOS = {
    *("average_order_value", "units_per_order", "average_price", "repeat_rate", "refund_rate", "guest_share", "margin"),
    *("conversion_rate", "shipping_income / orders", "new_customers / customers", "revenue / trading_days"),
}
OF_RETURNS = {"refunds", "net_revenue", "refund_rate", "returned_units", "returns"}
OF_RETURNS_ONLY = {"refunds", "returned_units", "returns"}
OF_VISITS = {"sessions", "conversion_rate"}
OF_SHIPPING = {"shipping_income", "shipping_income / orders"}
OF_PEOPLE = {
    *("customers", "new_customers", "returning_customers", "repeat_rate", "guest_share"),
    "new_customers / customers",
}
OF_COST = {"cost", "gross_profit", "margin"}
OF_DAYS = {"revenue / days"}

# A key of sales, of returns and of visits; None where the rows have no such thing.
KEYS: dict[str, tuple[str, str | None, str | None]] = {
    "product": ("i.product_id", "r.product_id", "e.product_id"),
    "category": ("p.category", "rp.category", "ep.category"),
    "brand": ("p.brand", "rp.brand", "ep.brand"),
    "country": ("o.country", "COALESCE(ro.country, rc.country, 'unknown')", None),
    "region": ("o.region", "COALESCE(ro.region, rc.region, 'unknown')", None),
    "city": ("o.city", "COALESCE(ro.city, rc.city, 'unknown')", None),
    "channel": ("o.channel", "COALESCE(ro.channel, 'unknown')", None),
    "segment": ("c.segment", "rc.segment", "ec.segment"),
    "customer": ("o.customer_id", "r.customer_id", "e.customer_id"),
    "payment_method": ("o.payment_method", "COALESCE(ro.payment_method, 'unknown')", None),
    "order": ("o.order_id", None, None),
}
# A bucket of a timestamp.
BUCKETS: dict[str, str] = {
    "day": "CAST({at} AS DATE)",
    "week": "CAST(date_trunc('week', {at}) AS DATE)",
    "month": "make_date(year({at}), month({at}), 1)",
    "quarter": "make_date(year({at}), 1 + 3 * ((month({at}) - 1) // 3), 1)",
    "year": "make_date(year({at}), 1, 1)",
    "weekday": "dayname({at})",
    "hour": "hour({at})",
}
DIMENSIONS = (*KEYS, *BUCKETS)
AXES = ("day", "week", "month", "quarter", "year")


def keys_of(dimension: str) -> tuple[str, str | None, str | None]:
    """The key of a dimension in a sale, a return and a visit."""
    if dimension in KEYS:
        return KEYS[dimension]
    return tuple(BUCKETS[dimension].format(at=at) for at in ("o.ordered_at", "r.returned_at", "e.occurred_at"))  # type: ignore[return-value]


@dataclass(frozen=True)
class Where:
    """A filter as query_metrics takes it, and by hand for sales, returns and visits (None: it has no meaning there)."""

    asked: tuple[Filter, ...] = ()
    sale: str = "TRUE"
    back: str | None = "TRUE"
    visit: str | None = None

    def __and__(self, other: Where) -> Where:
        return Where(
            self.asked + other.asked,
            f"{self.sale} AND {other.sale}",
            f"{self.back} AND {other.back}" if self.back and other.back else None,
            f"{self.visit} AND {other.visit}" if self.visit and other.visit else None,
        )


ANYTHING = Where(visit="TRUE")


@dataclass(frozen=True)
class Span:
    """A period as query_metrics takes it, and the days that count: from `start` to the day before `stop`."""

    asked: Any
    start: date
    stop: date

    def holds(self, at: str) -> str:
        if self.asked is None:
            return "TRUE"
        return f"{at} >= DATE '{self.start}' AND {at} < DATE '{self.stop}'"


def span(asked: Any, start: str, last: str) -> Span:
    """A period from `start` to `last`, both included, both ISO."""
    return Span(asked, date.fromisoformat(start), date.fromisoformat(last) + timedelta(days=1))


def bases_sql(metrics: Iterable[str], span: Span, where: Where, same: Sequence[Mapping[str, str]]) -> str:
    """The scalar SELECTs that the metrics are made of; `same` holds each dimension's conditions."""

    def all_of(place: str, at: str, condition: str | None) -> str:
        return " AND ".join([f"({span.holds(at)})", f"({condition})", *(s.get(place, "TRUE") for s in same)])

    places = {
        "sale": all_of("sale", "o.ordered_at", where.sale),
        "back": all_of("back", "r.returned_at", where.back),
        "visit": all_of("visit", "e.occurred_at", where.visit),
        "first": all_of("first", "f.first_at", "TRUE"),
        "day": " AND ".join(["TRUE", *(s.get("day", "TRUE") for s in same)]),
        "start": span.start,
        "stop": span.stop,
    }
    words = {word for m in metrics for word in re.findall(r"[a-z_]+", METRICS[m])}
    return ", ".join(f"({sql.format(**places)}) AS {name}" for name, sql in BASES.items() if name in words)


def same_key(dimension: str, column: str) -> dict[str, str]:
    """Conditions that a row's key is that of `column`, for each kind of row."""
    places = dict(zip(("sale", "back", "visit"), keys_of(dimension), strict=True))
    if dimension in BUCKETS:
        places["first"] = BUCKETS[dimension].format(at="f.first_at")
    if dimension in (*AXES, "weekday"):
        places["day"] = BUCKETS[dimension].format(at="t.d")
    return {place: f"{key} IS NOT DISTINCT FROM {column}" for place, key in places.items() if key is not None}


def rows_of(metric: str) -> list[int]:
    """The kinds of rows a metric reads: 0 sales, 1 returns, 2 visits."""
    if metric in OF_VISITS:
        return [2]
    return [0] * (metric not in OF_RETURNS_ONLY) + [1] * (metric in OF_RETURNS)


def keys_sql(metrics: Iterable[str], by: Sequence[str], span: Span, where: Where) -> str:
    """Every key that some row of the metrics has, in columns k0, k1…"""
    selects = []
    for kind in sorted({kind for m in metrics for kind in rows_of(m)}):
        keys = [keys_of(d)[kind] for d in by]
        rows, place, at, condition = (
            (SALES, "sale", "o.ordered_at", where.sale),
            (RETURNS, "back", "r.returned_at", where.back),
            (VISITS, "visit", "e.occurred_at", where.visit),
        )[kind]
        known = [f"{key} IS NOT NULL" for d, key in zip(by, keys, strict=True) if d == "customer"]
        columns = ", ".join(f"{key} AS k{n}" for n, key in enumerate(keys))
        holds = " AND ".join([f"({span.holds(at)})", f"({condition})", *known])
        selects.append(f"SELECT DISTINCT {columns} {rows.format(**{place: holds})}")
    return " UNION ".join(selects)


def expected(
    con: Any, metrics: Sequence[str], by: Sequence[str], span: Span, where: Where = ANYTHING
) -> dict[str, dict[Key, Value]]:
    """For each metric the value of each key (the empty key without dimensions)."""
    bases = bases_sql(metrics, span, where, [same_key(d, f"k.k{n}") for n, d in enumerate(by)])
    values = ", ".join(METRICS[m] for m in metrics)
    if not by:
        (row,) = con.sql(f"SELECT {values} FROM (SELECT {bases})").fetchall()
        return {m: {(): value} for m, value in zip(metrics, row, strict=True)}
    n = len(by)
    keys = ", ".join(f"k{k}" for k in range(n))
    every_key = keys_sql(metrics, by, span, where)
    rows = con.sql(f"SELECT {keys}, {values} FROM (SELECT k.*, {bases} FROM ({every_key}) k)").fetchall()
    return {m: {tuple(map(plain, row[:n])): row[n + j] for row in rows} for j, m in enumerate(metrics)}


def plain(value: Any) -> Any:
    """A key as it stands in a result: dates as ISO text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def first_day(dimension: str, value: Any) -> Any:
    """'2024', '2024-11' and '2024-Q4' are the first days of their buckets."""
    if value is None or dimension not in AXES:
        return value
    text = str(value)
    if "Q" in text:
        year, quarter = text.split("-Q")
        return f"{year}-{3 * int(quarter) - 2:02d}-01"
    return (text + "-01-01")[:10] if len(text) < 10 else text[:10]


def close(got: Value, want: Value) -> bool:
    """Equal to 1e-9, relative; sums that cancel out may leave a trace of floating point."""
    if got is None or want is None:
        return got is want
    return math.isclose(float(got), float(want), rel_tol=1e-9, abs_tol=1e-9)


def difference(metric: str, got: Mapping[Key, Value], want: Mapping[Key, Value]) -> list[str]:
    """What differs, a line for each key. A bucket that is missing counts as zero, for a ratio as null."""
    empty = None if metric in RATIOS else 0
    both = sorted(got.keys() | want.keys(), key=str)
    return [
        f"{metric} {key}: got {got.get(key, 'no row')}, want {want.get(key, 'no row')}"
        for key in both
        if not close(got.get(key, empty), want.get(key, empty))
    ]
