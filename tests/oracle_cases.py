"""The periods, filters and pairs that the metric oracle is asked about; what words mean is spelled out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.oracle import (
    ANYTHING,
    BUCKETS,
    METRICS,
    OF_COST,
    OF_DAYS,
    OF_PEOPLE,
    OF_RETURNS,
    OF_SHIPPING,
    OF_VISITS,
    Filter,
    Where,
    span,
)

ALL = span(None, "2023-11-20", "2025-02-12")
TODAY = "2025-02-12"  # a Wednesday
SPANS = {
    "all": ALL,
    "month": span("2024-11", "2024-11-01", "2024-11-30"),
    "quarter": span("Q4 2024", "2024-10-01", "2024-12-31"),
    "year": span("2024", "2024-01-01", "2024-12-31"),
    "last week": span("last week", "2025-02-03", "2025-02-09"),
    "last 30 days": span("last 30 days", "2025-01-14", TODAY),
    "last 3 months": span("last 3 months", "2024-11-13", TODAY),
    "last 3 whole months": span("last 3 full months", "2024-11-01", "2025-01-31"),
    "unfinished": span("this month", "2025-02-01", TODAY),
    "unfinished, named": span("2025-02", "2025-02-01", TODAY),
    "begun late": span("2023-11", "2023-11-20", "2023-11-30"),
    "range": span({"start": "2024-03-05", "end": "2024-04-18"}, "2024-03-05", "2024-04-18"),
    "since": span("since 2024-12-31", "2024-12-31", TODAY),
    "one day": span({"start": "2024-11-29", "end": "2024-11-29"}, "2024-11-29", "2024-11-29"),
    "nothing sold": span("2024-08", "2024-08-01", "2024-08-31"),
}


def row(field: str, op: str, value: Any = None) -> tuple[Filter, ...]:
    """One condition as query_metrics takes it."""
    return ({"field": field, "op": op, **({} if value is None else {"value": value})},)


def by_place(field: str, op: str, value: Any, condition: str) -> Where:
    """A filter on the order's country, region or city; `condition` has {} for the place."""
    back = f"COALESCE(ro.{field}, rc.{field}, 'unknown')"
    return Where(row(field, op, value), condition.format(f"o.{field}"), condition.format(back))


def by_product(op: str, value: str, *ids: str) -> Where:
    """A filter on products that should mean exactly these."""
    listed = ", ".join(f"'{i}'" for i in ids)
    return Where(row("product", op, value), f"i.product_id IN ({listed})", f"r.product_id IN ({listed})")


def by_time(field: str, op: str, value: Any, condition: str) -> Where:
    """A filter on weekday or hour; `condition` has {} for the bucket."""
    at = ("o.ordered_at", "r.returned_at", "e.occurred_at")
    return Where(row(field, op, value), *(condition.format(BUCKETS[field].format(at=a)) for a in at))


MORNING = by_time("hour", ">=", 9, "{} >= 9") & by_time("hour", "<", 12, "{} < 12")
CANDLES = ("P-105", "P-106", "P-107", "P-108")
FILTERS: dict[str, Where] = {
    "country": by_place("country", "=", "Germany", "{} = 'Germany'"),
    "country by another name": by_place("country", "=", "Ireland", "{} = 'EIRE'"),
    "not that country": by_place("country", "!=", "United Kingdom", "{} <> 'United Kingdom'"),
    "one of two countries": by_place("country", "in", ["France", "Netherlands"], "{} IN ('France', 'Netherlands')"),
    "none of two countries": by_place("country", "not in", ["France", "UK"], "{} NOT IN ('France', 'United Kingdom')"),
    "region": by_place("region", "=", "Scotland", "{} = 'Scotland'"),
    "city": by_place("city", "=", "York", "{} = 'York'"),
    "title of two products": by_product("=", "Linen Tea Towel", "P-102", "P-103"),
    "title within another": by_product("=", "Mug", "P-110"),
    "part of titles, plural": by_product("contains", "candles", *CANDLES),
    "part of titles, a doubled space": by_product("contains", "candle holder", "P-105", "P-106"),
    "no whole title": by_product("=", "candle holders", "P-105", "P-106"),
    "digits in a title": by_product("=", "set of 4 coasters", "P-104"),
    "product code": by_product("=", "P-108", "P-108"),
    "product without a sale": by_product("=", "Garden Gnome 30 cm", "P-111"),
    "customer": Where(row("customer", "=", "C02"), "o.customer_id = 'C02'", "r.customer_id = 'C02'"),
    "customer without a sale": Where(row("customer", "=", "C20"), "o.customer_id = 'C20'", "r.customer_id = 'C20'"),
    "guests": Where(row("customer", "is unknown"), "o.customer_id IS NULL", "r.customer_id IS NULL"),
    "known customers": Where(row("customer", "is known"), "o.customer_id IS NOT NULL", "r.customer_id IS NOT NULL"),
    "channel": Where(row("channel", "=", "web"), "o.channel = 'web'", "COALESCE(ro.channel, 'unknown') = 'web'"),
    "payment method": Where(
        row("payment_method", "=", "paypal"),
        "o.payment_method = 'paypal'",
        "COALESCE(ro.payment_method, 'unknown') = 'paypal'",
    ),
    "segment": Where(row("segment", "=", "trade"), "c.segment = 'trade'", "rc.segment = 'trade'"),
    "category": Where(row("category", "=", "Home"), "p.category = 'Home'", "rp.category = 'Home'"),
    "no category": Where(row("category", "is unknown"), "p.category IS NULL", "rp.category IS NULL"),
    "brand": Where(row("brand", "=", "Lumen"), "p.brand = 'Lumen'", "rp.brand = 'Lumen'"),
    "weekday": by_time("weekday", "=", "Friday", "{} = 'Friday'"),
    "weekend": by_time("weekday", "in", ["Saturday", "Sunday"], "{} IN ('Saturday', 'Sunday')"),
    "hour": by_time("hour", "=", 23, "{} = 23"),
    "morning": MORNING,
    "order": Where(row("order", "=", "5126"), "o.order_id = '5126'", None),
}
FILTERS["candles on the web, abroad"] = (
    FILTERS["part of titles, plural"] & FILTERS["channel"] & FILTERS["not that country"]
)
OF_ITEMS = {"product", "category", "brand"}  # dimensions of a line, not of an order
NO_PLACE_IN_VISITS = ("country", "region", "city", "channel", "payment_method", "order")


def must_decline(metric: str, dimension: str) -> bool:
    """Pairs without meaning: an order's shipping by product, a visit by what only orders have."""
    of_visits = metric in OF_VISITS and dimension in NO_PLACE_IN_VISITS
    return of_visits or (metric in OF_SHIPPING and dimension in OF_ITEMS)


def may_decline(metric: str, dimension: str) -> bool:
    """Pairs on which metrics.md is silent or that say little: declined or right, never wrong."""
    return (
        (metric in OF_VISITS and dimension in {*OF_ITEMS, "customer", "segment"})
        or (metric in OF_PEOPLE and dimension in {"customer", "order"})
        or (metric in OF_DAYS and dimension in {"weekday", "hour"})
    )


def unsettled(metric: str, dimension: str) -> bool:
    """Pairs that have no expected value: returns by order, most of which have none."""
    return metric in OF_RETURNS and dimension == "order"


def answerable(by: Sequence[str], where: Where = ANYTHING) -> list[str]:
    """The metrics that must be answered by these dimensions under this filter."""
    fields = {f["field"] for f in where.asked}

    def answered(metric: str) -> bool:
        if (metric in OF_VISITS and where.visit is None) or (metric in OF_RETURNS and where.back is None):
            return False
        if metric in OF_SHIPPING and fields & OF_ITEMS:
            return False
        return not any(f(metric, d) for d in by for f in (must_decline, may_decline, unsettled))

    return [m for m in METRICS if answered(m)]


# The reference shop
REFERENCE_METRICS = [m for m in METRICS if m not in OF_VISITS | OF_COST]
REFERENCE_SPANS = {
    "all": span(None, "2010-12-01", "2011-12-09"),
    "month": span("2011-11", "2011-11-01", "2011-11-30"),
    "quarter": span("Q3 2011", "2011-07-01", "2011-09-30"),
    "last 30 days": span("last 30 days", "2011-11-10", "2011-12-09"),
    "unfinished": span("this month", "2011-12-01", "2011-12-09"),
    "range": span({"start": "2011-09-05", "end": "2011-09-11"}, "2011-09-05", "2011-09-11"),
    "one day": span("2011-11-14", "2011-11-14", "2011-11-14"),
}


def titled(value: str, like: str) -> Where:
    """A filter on products whose title contains `like`."""
    back = f"r.product_id IN (SELECT product_id FROM products WHERE title ILIKE '{like}')"
    return Where(row("product", "contains", value), f"p.title ILIKE '{like}'", back)


REFERENCE_FILTERS = {
    "country": by_place("country", "=", "Germany", "{} = 'Germany'"),
    "country by another name": by_place("country", "=", "Ireland", "{} = 'EIRE'"),
    "not that country": by_place("country", "!=", "UK", "{} <> 'United Kingdom'"),
    "part of titles": titled("lanterns", "%lantern%"),
    "product code": by_product("=", "22086", "22086"),
    "customer": Where(row("customer", "=", "14911"), "o.customer_id = '14911'", "r.customer_id = '14911'"),
    "guests": FILTERS["guests"],
    "weekday": FILTERS["weekday"],
    "morning": MORNING,
}
REFERENCE_MISSING = [
    *((m, []) for m in sorted(OF_COST | OF_VISITS)),
    *(("revenue", [d]) for d in ("category", "brand", "region", "city", "channel", "segment", "payment_method")),
    *(("refunds", [d]) for d in ("channel", "payment_method", "region", "category")),
    ("stock", ["product"]),
]
