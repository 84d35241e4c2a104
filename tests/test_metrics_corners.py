"""Where requests meet: returns by order, conditions beside conditions, the row of everything else, gaps, shares."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from store.connect import Store
from tests.oracle import close, difference, expected, span
from tests.oracle_cases import FILTERS
from tests.oracle_check import measured, scalar
from tests.test_metrics_groups import BARE, DONE, KNOWN, buyers, group, shop_without
from tools.contract import NotThere, Result, ToolError
from tools.metrics.definitions import WEEKDAYS
from tools.metrics.ranks import EVERYTHING_ELSE
from tools.metrics.tool import query_metrics

SOLD = "(SELECT * FROM order_items JOIN orders USING (order_id) JOIN products p USING (product_id) WHERE status = 'completed')"


def field(name: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"field": name, "op": op, "value": value, **more}


@pytest.mark.parametrize(
    ("metric", "sql"),
    [
        ("refunds", "SUM(amount)"),
        ("returns", "COUNT(*)"),
        ("returned_units", "COALESCE(SUM(quantity), 0)"),
    ],
)
def test_returns_by_order(tiny: Store, tiny_con: Any, metric: str, sql: str) -> None:
    """Linked returns belong to their order; what has none stands under no order, so that the rows add up."""
    want = {(k,): v for k, v in tiny_con.sql(f"SELECT order_id, {sql} FROM returns GROUP BY order_id").fetchall()}
    got = measured(query_metrics(tiny, [metric], by=["order"]), ["order"], metric)
    assert not difference(metric, got, want)
    assert (None,) in got
    assert close(sum(v for v in got.values() if v), scalar(tiny, metric))


def test_net_revenue_by_order(tiny: Store, tiny_con: Any) -> None:
    """An order that was sent back in part, one sent back whole, one cancelled and paid back."""
    rows = tiny_con.sql(
        f"""SELECT order_id, COALESCE(d.revenue, 0) - COALESCE(b.amount, 0) FROM {DONE} d
        FULL JOIN (SELECT order_id, SUM(amount) AS amount FROM returns GROUP BY 1) b USING (order_id)"""
    ).fetchall()
    got = measured(query_metrics(tiny, ["net_revenue"], by=["order"]), ["order"], "net_revenue")
    assert not difference("net_revenue", got, {(k,): v for k, v in rows})


def test_an_order_the_shop_never_had_is_declined(tiny: Store) -> None:
    assert scalar(tiny, "orders", where=[field("order", "=", "5126")]) == 1
    with pytest.raises(NotThere):
        query_metrics(tiny, ["orders"], where=[field("order", "=", "9126")])


@pytest.mark.parametrize(
    "where",
    [
        [field("product", "=", "Mug")],
        [field("category", "=", "Home")],
        [field("brand", "is unknown")],
        [group("product", "units", ">", 50)],
        [group("product", "shipping_income", ">", 1)],
        [group("customer", "shipping_income", ">", 1, where=[field("product", "=", "Mug")])],
    ],
    ids=str,
)
@pytest.mark.parametrize("metric", ["shipping_income", "shipping_income / orders"])
def test_shipping_has_no_meaning_under_a_product_filter(tiny: Store, metric: str, where: list[dict[str, Any]]) -> None:
    with pytest.raises(NotThere):
        query_metrics(tiny, [metric], where=where)


def test_shipping_under_other_filters(tiny: Store, tiny_con: Any) -> None:
    ((want,),) = tiny_con.sql(f"SELECT SUM(shipping) FROM {DONE} WHERE country = 'France'").fetchall()
    assert close(scalar(tiny, "shipping_income", where=field("country", "=", "France")), want)
    many = buyers("COUNT(*) > 3")
    ((want,),) = tiny_con.sql(f"SELECT SUM(shipping) FROM {DONE} WHERE customer_id IN {many}").fetchall()
    assert close(scalar(tiny, "shipping_income", where=group("customer", "orders", ">", 3)), want)


IN_FRANCE, ON_THE_WEB = "country = 'France'", "channel = 'web'"
IN_2024 = "ordered_at >= DATE '2024-01-01' AND ordered_at < DATE '2025-01-01'"
BESIDE: list[tuple[str, list[dict[str, Any]], str | None, str]] = [
    (
        "customers",
        [field("country", "=", "France"), group("customer", "orders", ">=", 2)],
        None,
        f"SELECT COUNT(*) FROM {buyers('COUNT(*) >= 2', IN_FRANCE)}",
    ),
    (
        "revenue",
        [field("channel", "=", "web"), group("customer", "revenue", ">", 50)],
        "2024",
        f"SELECT SUM(revenue) FROM {DONE} WHERE {ON_THE_WEB} AND {IN_2024} AND customer_id IN"
        f" {buyers('ROUND(SUM(revenue), 2) > 50', f'{ON_THE_WEB} AND {IN_2024}')}",
    ),
    (
        "revenue",  # what they bought in France, of those who ordered often anywhere
        [field("country", "=", "France"), group("customer", "orders", ">", 3, where=[])],
        None,
        f"SELECT COALESCE(SUM(revenue), 0) FROM {DONE} WHERE {IN_FRANCE} AND customer_id IN {buyers('COUNT(*) > 3')}",
    ),
    (
        "revenue",  # everything bought by those who once bought candles
        [group("customer", "units", ">", 0, where=[field("product", "contains", "candles")])],
        None,
        f"SELECT SUM(revenue) FROM {DONE} WHERE customer_id IN (SELECT customer_id FROM {SOLD} WHERE title ILIKE '%candle%')",
    ),
    (
        "units",  # candles, in orders of ten or more of them
        [field("product", "contains", "candles"), group("order", "units", ">=", 4)],
        None,
        f"SELECT SUM(n) FROM (SELECT SUM(quantity) AS n FROM {SOLD} WHERE title ILIKE '%candle%' GROUP BY order_id) WHERE n >= 4",
    ),
    (
        "orders",
        [field("weekday", "in", ["Saturday", "Sunday"]), group("order", "revenue", ">", 50)],
        None,
        f"SELECT COUNT(*) FROM {DONE} WHERE ROUND(revenue, 2) > 50 AND DAYNAME(ordered_at) IN ('Saturday', 'Sunday')",
    ),
    ("orders", [group("order", "revenue", ">", 577.9999)], None, "SELECT 1"),  # of 578.00; six digits would say 578
    (
        "customers",
        [group("customer", "revenue / days", ">", 0.1)],
        "2024",
        f"SELECT COUNT(*) FROM {buyers('SUM(revenue) / 366 > 0.1', IN_2024)}",
    ),
    (
        "customers",  # those who ordered nothing in June have no mean of June
        [group("customer", "average_order_value", "<", 10, period="2024-06")],
        None,
        f"""SELECT COUNT(*) FROM {
            buyers("SUM(revenue) / COUNT(*) < 10", "ordered_at >= DATE '2024-06-01' AND ordered_at < DATE '2024-07-01'")
        }""",
    ),
]


@pytest.mark.parametrize(("metric", "where", "period", "sql"), BESIDE)
def test_groups_beside_rows(
    tiny: Store, tiny_con: Any, metric: str, where: list[dict[str, Any]], period: str | None, sql: str
) -> None:
    ((want,),) = tiny_con.sql(sql).fetchall()
    assert want, "the case shows something"
    assert close(scalar(tiny, metric, where=where, period=period), want)


def test_groups_as_of_an_earlier_day(tiny: Store, tiny_con: Any) -> None:
    """Orders after that day make nobody a better customer."""
    until = "ordered_at < DATE '2024-07-01'"
    ((want,),) = tiny_con.sql(f"SELECT COUNT(*) FROM {buyers('COUNT(*) > 3', until)}").fetchall()
    assert scalar(tiny, "customers", where=group("customer", "orders", ">", 3), today=date(2024, 6, 30)) == want


def test_groups_by_what_the_shop_lacks_are_declined(tmp_path: Path) -> None:
    bare = shop_without(tmp_path, BARE)
    for condition in (
        group("customer", "gross_profit", ">", 10),
        group("channel", "orders", ">", 1),
        group("customer", "orders", ">", 1, where=[field("category", "is unknown")]),
    ):
        with pytest.raises(NotThere):
            query_metrics(bare, ["customers"], where=[condition])


def split(result: Result, metric: str) -> tuple[list[float], list[float]]:
    """Values of the named rows, and of the rows of everything else."""
    at = result.index(metric)
    rest = [row[at] for row in result.rows if EVERYTHING_ELSE in row]
    return [row[at] for row in result.rows if EVERYTHING_ELSE not in row], rest  # type: ignore[return-value]


ADDED_UP = [
    ("revenue", "country"),
    ("revenue", "product"),
    ("units", "category"),
    ("orders", "channel"),
    ("net_revenue", "country"),
    ("revenue", "order"),
    ("refunds", "product"),
    ("gross_profit", "brand"),
    ("shipping_income", "city"),
    ("guest_orders", "country"),
    ("revenue", "weekday"),
]


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize(("metric", "dimension"), ADDED_UP)
def test_rows_and_everything_else_are_the_total(tiny: Store, metric: str, dimension: str, limit: int) -> None:
    asked: dict[str, Any] = {"period": "2024", "where": field("country", "!=", "France")}
    top = query_metrics(tiny, [metric], by=[dimension], order_by=f"{metric} desc", limit=limit, rest=True, **asked)
    named, rest = split(top, metric)
    assert (len(named), len(rest)) == (limit, 1)
    assert close(sum([*named, *rest]), scalar(tiny, metric, **asked))


def test_customers_and_everything_else_leave_guests_out(tiny: Store, tiny_con: Any) -> None:
    top = query_metrics(tiny, ["revenue"], by=["customer"], order_by="revenue desc", limit=3, rest=True)
    ((known,),) = tiny_con.sql(f"SELECT SUM(revenue) FROM {KNOWN}").fetchall()
    named, rest = split(top, "revenue")
    assert close(sum([*named, *rest]), known)


RATIOS = [
    ("average_order_value", "country", "SUM(revenue) / COUNT(*)"),
    ("guest_share", "country", "COUNT(*) FILTER (WHERE customer_id IS NULL) / COUNT(*)"),
    ("revenue / days", "channel", "SUM(revenue) / 366"),
]


@pytest.mark.parametrize(("metric", "dimension", "sql"), RATIOS)
def test_a_ratio_of_everything_else_is_made_from_sums(
    tiny: Store, tiny_con: Any, metric: str, dimension: str, sql: str
) -> None:
    top = query_metrics(tiny, [metric], by=[dimension], period="2024", order_by=f"{metric} desc", limit=1, rest=True)
    first = top.rows[0][0]
    ((want,),) = tiny_con.execute(
        f"SELECT {sql} FROM {DONE} WHERE {IN_2024} AND {dimension} IS DISTINCT FROM ?", [first]
    ).fetchall()
    assert [row[0] for row in top.rows] == [first, EVERYTHING_ELSE]
    assert close(top.rows[1][1], want)  # type: ignore[arg-type]


def test_no_row_of_everything_else_where_nothing_is_left(tiny: Store) -> None:
    top = query_metrics(tiny, ["revenue"], by=["channel"], order_by="revenue desc", limit=50, rest=True)
    assert EVERYTHING_ELSE not in [row[0] for row in top.rows]


@pytest.mark.parametrize(
    ("metric", "by"),
    [
        ("customers", ["country"]),  # one may have ordered from two countries
        ("orders", ["product"]),  # one may hold two products
        ("average_order_value", ["category"]),
        ("products", ["country"]),
        ("days_between_orders", ["country"]),
        ("share(revenue)", ["country"]),
        ("revenue", ["month"]),
        ("revenue", ["hour"]),
        ("revenue", ["country", "channel"]),
    ],
)
def test_what_cannot_be_added_up_is_refused(tiny: Store, metric: str, by: list[str]) -> None:
    with pytest.raises(ToolError, match="Everything else"):
        query_metrics(tiny, [metric], by=by, limit=2, rest=True)


def mean_gap(con: Any, orders: str) -> float:
    """Gaps between consecutive orders (customer_id, day) of the same customer, pooled."""
    rows = con.sql(f"{orders} ORDER BY customer_id, ordered_at").fetchall()
    gaps = [(b[1].date() - a[1].date()).days for a, b in pairwise(rows) if a[0] == b[0]]
    assert len(gaps) > 3
    return sum(gaps) / len(gaps)


@pytest.mark.parametrize(
    ("period", "where", "condition"),
    [
        ("2024", [], IN_2024),
        ("Q4 2024", [], "ordered_at >= DATE '2024-10-01' AND ordered_at < DATE '2025-01-01'"),
        (None, [field("country", "=", "France")], IN_FRANCE),
        ("2024", [field("channel", "=", "web")], f"{ON_THE_WEB} AND {IN_2024}"),
    ],
)
def test_days_between_the_orders_of_a_period(
    tiny: Store, tiny_con: Any, period: str | None, where: Any, condition: str
) -> None:
    want = mean_gap(tiny_con, f"SELECT customer_id, ordered_at FROM {KNOWN} WHERE {condition}")
    assert close(scalar(tiny, "days_between_orders", period=period, where=where), want)


@pytest.mark.parametrize("value", ["candles", "Herb Planter", "tea towel"])
def test_days_between_the_orders_of_a_product(tiny: Store, tiny_con: Any, value: str) -> None:
    """An order with several lines of it is one order, not several 0 days apart."""
    of_product = f"SELECT order_id FROM {SOLD} WHERE title ILIKE '%{value.removesuffix('s')}%'"
    want = mean_gap(tiny_con, f"SELECT customer_id, ordered_at FROM {KNOWN} WHERE order_id IN ({of_product})")
    assert close(scalar(tiny, "days_between_orders", where=field("product", "contains", value)), want)


def test_a_single_order_has_no_gap(tiny: Store) -> None:
    """Customers with one order are no customers with short gaps."""
    often = scalar(tiny, "customers", where=group("customer", "days_between_orders", "<", 10_000))
    assert often == scalar(tiny, "customers", where=group("customer", "orders", ">=", 2))


Q4_23 = "ordered_at < DATE '2024-01-01'"
Q1_24 = "ordered_at >= DATE '2024-01-01' AND ordered_at < DATE '2024-04-01'"


@pytest.mark.parametrize(
    ("where", "condition"), [([field("country", "=", "UK")], "country = 'United Kingdom'"), ([field("channel", "=", "web")], ON_THE_WEB)]
)  # fmt: skip
def test_retention_under_a_filter(tiny: Store, tiny_con: Any, where: Any, condition: str) -> None:
    both = f"SELECT COUNT(*) FROM {buyers(f'BOOL_OR({Q4_23}) AND BOOL_OR({Q1_24})', condition)}"
    first = f"SELECT COUNT(*) FROM {buyers('TRUE', f'{condition} AND {Q4_23}')}"
    ((want,),) = tiny_con.sql(f"SELECT ({both}) / ({first})").fetchall()
    result = query_metrics(tiny, ["retention"], where=where, period="Q4 2023", compare_to="Q1 2024")
    assert close(measured(result, [], "retention")[()], want)


def test_retention_says_what_the_data_lacks(tiny: Store) -> None:
    result = query_metrics(tiny, ["retention"], period="Q4 2023", compare_to="Q1 2024")
    assert any("20 Nov" in note for note in result.notes)
    for period, later in (("2022", "2024"), ("2024", "2022")):
        with pytest.raises(NotThere):
            query_metrics(tiny, ["retention"], period=period, compare_to=later)
    with pytest.raises(NotThere):
        query_metrics(tiny, ["retention"], by=["country"], period="Q4 2023", compare_to="Q1 2024")


def test_a_measure_beside_its_share(tiny: Store) -> None:
    result = query_metrics(tiny, ["revenue", "share(revenue)"], by=["country"], order_by="revenue desc")
    revenue, share = (measured(result, ["country"], m) for m in ("revenue", "revenue_share"))
    total = sum(v for v in revenue.values() if v)
    assert all(close(share[k], (v or 0) / total) for k, v in revenue.items())
    assert list(revenue.values()) == sorted(revenue.values(), reverse=True)  # type: ignore[type-var]


@pytest.mark.parametrize("where", ["no filter", "country", "part of titles, plural"])
def test_shares_compared(tiny: Store, tiny_con: Any, where: str) -> None:
    """Each side's share is of its own total."""
    asked = [{**f, "part": True} for f in FILTERS[where].asked] if where != "no filter" else []
    dimension = "channel"
    sides = []
    for start, end in (("2024-10-01", "2024-12-31"), ("2024-07-01", "2024-09-30")):
        days = span("", start, end)
        whole = expected(tiny_con, ["revenue"], [dimension] if asked else [], days)["revenue"]
        some = expected(tiny_con, ["revenue"], [dimension], days, *([FILTERS[where]] if asked else []))["revenue"]
        sides.append({k: float(v or 0) / float(whole[k if asked else ()] or 0) for k, v in some.items()})
    result = query_metrics(
        tiny, ["share(revenue)"], by=[dimension], where=asked, period="Q4 2024", compare_to="previous"
    )
    assert not difference("share", measured(result, [dimension], "revenue_share"), sides[0])
    assert not difference("share", measured(result, [dimension], "revenue_share_before"), sides[1])


def test_shares_by_month_compared(tiny: Store, tiny_con: Any) -> None:
    """A country's share of its month stands beside its share of the month a quarter earlier."""
    result = query_metrics(
        tiny, ["share(revenue)"], by=["month", "country"], period="Q4 2024", compare_to={"start": "2024-04-01", "end": "2024-06-30"}
    )  # fmt: skip
    got = measured(result, ["month", "country"], "revenue_share_before")
    rows = tiny_con.sql(f"""SELECT CAST(DATE_TRUNC('month', ordered_at + INTERVAL 6 MONTH) AS DATE), country, SUM(revenue)
        FROM {DONE} WHERE ordered_at >= DATE '2024-04-01' AND ordered_at < DATE '2024-07-01' GROUP BY 1, 2""").fetchall()
    totals: dict[str, float] = {}
    for month, _, value in rows:
        totals[str(month)] = totals.get(str(month), 0) + value
    assert not difference("share", got, {(str(m), c): v / totals[str(m)] for m, c, v in rows})


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_months_ranked_by_growth_stand_beside_their_own_counterpart(tiny: Store, direction: str) -> None:
    """Not every month of either year by itself."""
    asked: dict[str, Any] = {"by": ["month"], "period": "Q4 2024", "compare_to": "previous"}
    trend = query_metrics(tiny, ["revenue"], **asked)
    growth = {k: v for k, v in measured(trend, ["month"], "revenue_growth").items() if v is not None}
    best = sorted(growth, key=lambda k: growth[k] or 0, reverse=direction == "desc")[0]
    ranked = query_metrics(tiny, ["revenue"], **asked, order_by=f"revenue_growth {direction}", limit=1)
    assert [[row[0]] for row in ranked.rows] == [list(best)]
    assert ranked.rows[0] == next(row for row in trend.rows if row[0] == best[0])


def test_days_of_the_week_in_order_beside_a_time_axis(tiny: Store) -> None:
    result = query_metrics(tiny, ["orders"], grain="month", by=["weekday"], period="2024-11")
    days = [row[result.index("weekday")] for row in result.rows]
    assert days == [d for d in WEEKDAYS if d in days]
    assert len(days) > 3


def test_the_input_of_a_result_asks_the_same_again(tiny: Store) -> None:
    result = query_metrics(tiny, ["net_revenue"], by="country", where=group("customer", "orders", ">", 1), period="last month", order_by="net_revenue asc", limit=2)  # fmt: skip
    kept = ("metrics", "by", "where", "period", "order_by", "limit")
    again = query_metrics(tiny, **{k: result.input[k] for k in kept})
    assert (again.sql, again.rows) == (result.sql, result.rows)


@pytest.mark.parametrize("metric", ["list_price", "stock", "sessions", "refunds"])
def test_a_condition_on_sales_does_not_reach_other_tables(tiny: Store, metric: str) -> None:
    unsold = {"group": "product", "metric": "revenue", "op": "=", "value": 0}
    found = query_metrics(tiny, [metric], by=["product"], where=[unsold])
    everything = query_metrics(tiny, [metric], by=["product"])
    assert 0 < len(found.rows) < len(everything.rows) or metric in ("sessions", "refunds")
    assert all(row in everything.rows for row in found.rows)
