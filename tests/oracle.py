"""What every metric should be, written by hand as plain SQL and sharing nothing with tools/metrics.

A metric is one scalar SELECT. A breakdown asks that SELECT once for each key, a filter and a period are conditions
spelled out once for each kind of row: sales lines, returns, visits. Nothing here is compiled, merged or joined twice.
"""

from __future__ import annotations

import math
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
REVENUE = f"SELECT COALESCE(SUM({AMOUNT}), 0) {SALES}"
ORDERS = f"SELECT COUNT(DISTINCT o.order_id) {SALES}"
UNITS = f"SELECT COALESCE(SUM(i.quantity), 0) {SALES}"
CUSTOMERS = f"SELECT COUNT(DISTINCT o.customer_id) {SALES}"
NEW = f"SELECT COUNT(DISTINCT o.customer_id) {SALES} AND {{first}}"
REFUNDS = f"SELECT COALESCE(SUM(r.amount), 0) {RETURNS}"
COST = f"SELECT COALESCE(SUM(i.quantity * COALESCE(i.unit_cost, p.unit_cost)), 0) {SALES}"
SHIPPING = f"SELECT COALESCE(SUM(x.shipping), 0) FROM orders x WHERE x.order_id IN (SELECT o.order_id {SALES})"
SESSIONS = f"SELECT COUNT(DISTINCT e.session_id) {VISITS}"
BUYING_SESSIONS = f"SELECT COUNT(DISTINCT e.session_id) {VISITS} AND e.kind = 'purchase'"
GUEST_ORDERS = f"SELECT COUNT(DISTINCT o.order_id) {SALES} AND o.customer_id IS NULL"
TIMES = f"SELECT o.customer_id, COUNT(DISTINCT o.order_id) AS n {SALES} AND o.customer_id IS NOT NULL GROUP BY ALL"
DAYS = "SELECT COUNT(*) FROM range(DATE '{start}', DATE '{stop}', INTERVAL 1 DAY) t(d) WHERE {day}"
TRADING_DAYS = f"SELECT COUNT(DISTINCT CAST(o.ordered_at AS DATE)) {SALES}"

METRICS: dict[str, str] = {
    "revenue": REVENUE,
    "refunds": REFUNDS,
    "net_revenue": f"SELECT ({REVENUE}) - ({REFUNDS})",
    "orders": ORDERS,
    "units": UNITS,
    "average_order_value": f"SELECT ({REVENUE}) / NULLIF(({ORDERS}), 0)",
    "units_per_order": f"SELECT ({UNITS}) / NULLIF(({ORDERS}), 0)",
    "average_price": f"SELECT ({REVENUE}) / NULLIF(({UNITS}), 0)",
    "customers": CUSTOMERS,
    "new_customers": NEW,
    "returning_customers": f"SELECT ({CUSTOMERS}) - ({NEW})",
    "repeat_rate": f"SELECT COUNT(*) FILTER (WHERE n >= 2) / NULLIF(COUNT(*), 0) FROM ({TIMES})",
    "refund_rate": f"SELECT ({REFUNDS}) / NULLIF(({REVENUE}), 0)",
    "guest_share": f"SELECT ({GUEST_ORDERS}) / NULLIF(({ORDERS}), 0)",
    "shipping_income": SHIPPING,
    "cost": COST,
    "gross_profit": f"SELECT ({REVENUE}) - ({COST})",
    "margin": f"SELECT (({REVENUE}) - ({COST})) / NULLIF(({REVENUE}), 0)",
    "sessions": SESSIONS,
    "conversion_rate": f"SELECT ({BUYING_SESSIONS}) / NULLIF(({SESSIONS}), 0)",
    "returned_units": f"SELECT COALESCE(SUM(r.quantity), 0) {RETURNS}",
    "returns": f"SELECT COUNT(*) {RETURNS}",
    "products": f"SELECT COUNT(DISTINCT i.product_id) {SALES}",
    "shipping_income / orders": f"SELECT ({SHIPPING}) / NULLIF(({ORDERS}), 0)",
    "new_customers / customers": f"SELECT ({NEW}) / NULLIF(({CUSTOMERS}), 0)",
    "revenue / days": f"SELECT ({REVENUE}) / ({DAYS})",
    "revenue / trading_days": f"SELECT ({REVENUE}) / NULLIF(({TRADING_DAYS}), 0)",
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


def scalar_sql(metric: str, span: Span, where: Where, same: Sequence[Mapping[str, str]] = ()) -> str:
    """The scalar SELECT of a metric; `same` holds further conditions, one mapping for each dimension."""

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
    return METRICS[metric].format(**places)


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
    same = [same_key(d, f"k.k{n}") for n, d in enumerate(by)]
    values = [f"({scalar_sql(m, span, where, same)})" for m in metrics]
    if not by:
        (row,) = con.sql(f"SELECT {', '.join(values)}").fetchall()
        return {m: {(): value} for m, value in zip(metrics, row, strict=True)}
    columns = ", ".join(f"k.k{n}" for n in range(len(by)))
    rows = con.sql(f"SELECT {columns}, {', '.join(values)} FROM ({keys_sql(metrics, by, span, where)}) k").fetchall()
    n = len(by)
    return {m: {tuple(map(plain, r[:n])): r[n + j] for r in rows} for j, m in enumerate(metrics)}


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
