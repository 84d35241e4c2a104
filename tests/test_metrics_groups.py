"""Conditions on what a group comes to, retention, gaps, names, and what must be declined."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.conftest import build_tiny
from tests.oracle import close
from tests.oracle_check import measured, scalar
from tools.contract import NotThere, ToolError
from tools.metrics.tool import query_metrics

TOTAL = "(SELECT order_id, SUM(quantity * unit_price - discount) AS revenue FROM order_items GROUP BY order_id)"
DONE = f"(SELECT * FROM orders JOIN {TOTAL} USING (order_id) WHERE status = 'completed')"
LINES = "(SELECT * FROM order_items JOIN (SELECT order_id, ordered_at, status FROM orders) USING (order_id))"
KNOWN = f"(SELECT * FROM {DONE} WHERE customer_id IS NOT NULL)"


def group(what: str, metric: str, op: str, value: float, **more: Any) -> dict[str, Any]:
    return {"group": what, "metric": metric, "op": op, "value": value, **more}


def buyers(having: str, period: str = "TRUE") -> str:
    return f"(SELECT customer_id FROM {KNOWN} WHERE {period} GROUP BY customer_id HAVING {having})"


def sold(having: str) -> str:
    return f"(SELECT product_id FROM {LINES} WHERE status = 'completed' GROUP BY product_id HAVING {having})"


IN_2024 = "ordered_at >= DATE '2024-01-01' AND ordered_at < DATE '2025-01-01'"
IN_JUNE = "ordered_at >= DATE '2024-06-01' AND ordered_at < DATE '2024-07-01'"
IN_Q4_23 = "ordered_at < DATE '2024-01-01'"
IN_Q4_24 = "ordered_at >= DATE '2024-10-01' AND ordered_at < DATE '2025-01-01'"
SINCE = "ordered_at >= DATE '2024-11-01'"

# metric, conditions, period, the number by hand
GROUPS: list[tuple[str, list[dict[str, Any]], str | None, str]] = [
    ("customers", [group("customer", "orders", ">", 3)], None, f"SELECT COUNT(*) FROM {buyers('COUNT(*) > 3')}"),
    (
        "customers",
        [group("customer", "orders", ">=", 5)],
        "2024",
        f"SELECT COUNT(*) FROM {buyers('COUNT(*) >= 5', IN_2024)}",
    ),
    ("customers", [group("customer", "orders", "=", 1)], None, f"SELECT COUNT(*) FROM {buyers('COUNT(*) = 1')}"),
    ("customers", [group("customer", "orders", "=", 2)], None, f"SELECT COUNT(*) FROM {buyers('COUNT(*) = 2')}"),
    (
        "customers",
        [group("customer", "revenue", ">", 100)],
        None,
        f"SELECT COUNT(*) FROM {buyers('SUM(revenue) > 100')}",
    ),
    (
        "revenue",
        [group("customer", "orders", ">", 3)],
        None,
        f"SELECT SUM(revenue) FROM {DONE} WHERE customer_id IN {buyers('COUNT(*) > 3')}",
    ),
    (
        "average_order_value",
        [group("customer", "orders", "<=", 2)],
        None,
        f"SELECT SUM(revenue) / COUNT(*) FROM {DONE} WHERE customer_id IN {buyers('COUNT(*) <= 2')}",
    ),
    (
        "orders",
        [group("order", "revenue", ">", 100)],
        None,
        f"SELECT COUNT(*) FROM {DONE} WHERE ROUND(revenue, 2) > 100",
    ),
    (
        "revenue",
        [group("order", "revenue", ">", 100)],
        "2024",
        f"SELECT SUM(revenue) FROM {DONE} WHERE revenue > 100 AND {IN_2024}",
    ),
    (
        "orders",
        [group("order", "units", ">=", 10)],
        None,
        f"SELECT COUNT(*) FROM {DONE} WHERE order_id IN"
        " (SELECT order_id FROM order_items GROUP BY order_id HAVING SUM(quantity) >= 10)",
    ),
    # both orders of 3.30 are 3.30, whatever their sums are to a computer
    ("orders", [group("order", "revenue", ">", 3.3)], "2024-06", "SELECT 5"),
    ("orders", [group("order", "revenue", ">=", 3.3)], "2024-06", "SELECT 7"),
    ("orders", [group("order", "revenue", "=", 3.3)], "2024-06", "SELECT 2"),
    ("orders", [group("order", "revenue", "<=", 3.3)], "2024-06", "SELECT 2"),
    ("customers", [group("customer", "revenue", "<=", 3.3)], "2024-06", "SELECT 2"),
    ("products", [group("product", "revenue", ">", 3.3)], "2024-06", "SELECT 5"),
    ("products", [group("product", "units", ">", 50)], None, f"SELECT COUNT(*) FROM {sold('SUM(quantity) > 50')}"),
    (
        "revenue",
        [group("product", "units", "<", 25)],
        None,
        f"SELECT SUM(quantity * unit_price - discount) FROM {LINES} WHERE status = 'completed'"
        f" AND product_id IN {sold('SUM(quantity) < 25')}",
    ),
    (
        "customers",
        [group("customer", "orders", ">", 0, period="Q4 2023"), group("customer", "orders", ">", 0, period="Q4 2024")],
        None,
        f"SELECT COUNT(*) FROM {buyers(f'BOOL_OR({IN_Q4_23}) AND BOOL_OR({IN_Q4_24})')}",
    ),
    (
        "customers",
        [
            group("customer", "orders", ">", 0, period={"start": "2023-11-20", "end": "2024-10-31"}),
            group("customer", "orders", "=", 0, period="since 2024-11-01"),
        ],
        None,
        f"SELECT COUNT(*) FROM {buyers(f'NOT BOOL_OR({SINCE})')}",
    ),
    (
        "products",
        [
            group("product", "units", ">", 0, period={"start": "2023-11-20", "end": "2024-05-31"}),
            group("product", "units", "=", 0, period="2024-06"),
        ],
        None,
        f"SELECT COUNT(*) FROM {sold(f'''BOOL_OR(ordered_at < DATE '2024-06-01') AND NOT BOOL_OR({IN_JUNE})''')}",
    ),
    (
        "revenue",
        [group("customer", "orders", ">=", 2)],
        "2024-11",
        f"SELECT COALESCE(SUM(revenue), 0) FROM {DONE} WHERE ordered_at >= DATE '2024-11-01'"
        f" AND ordered_at < DATE '2024-12-01' AND customer_id IN"
        f""" {buyers("COUNT(*) >= 2", "ordered_at >= DATE '2024-11-01' AND ordered_at < DATE '2024-12-01'")}""",
    ),
]


@pytest.mark.parametrize(("metric", "conditions", "period", "sql"), GROUPS)
def test_groups(tiny: Store, tiny_con: Any, metric: str, conditions: Any, period: str | None, sql: str) -> None:
    ((want,),) = tiny_con.sql(sql).fetchall()
    assert close(scalar(tiny, metric, where=conditions, period=period), want)


def best(percent: int, period: str) -> str:
    """Revenue of the best customers, of all known ones, and how many the best are."""
    return f"""WITH spent AS
            (SELECT customer_id, SUM(revenue) AS revenue FROM {KNOWN} WHERE {period} GROUP BY customer_id),
        placed AS (SELECT *, ROW_NUMBER() OVER (ORDER BY ROUND(revenue, 2) DESC, customer_id) AS place FROM spent),
        most AS (SELECT CAST(CEIL({percent} * COUNT(*) / 100) AS INTEGER) AS n FROM spent)
        SELECT SUM(revenue) FILTER (WHERE place <= n), SUM(revenue), ANY_VALUE(n) FROM placed, most"""


TOPS = [
    (10, None, "TRUE"),
    (25, None, "TRUE"),
    (50, "2024", IN_2024),
    (30, "2024-06", IN_JUNE),
    (20, "Q4 2024", IN_Q4_24),
]


@pytest.mark.parametrize(("percent", "period", "in_period"), TOPS)
def test_top_percent_of_customers(tiny: Store, tiny_con: Any, percent: int, period: str | None, in_period: str) -> None:
    """The share is of what known customers spent, the number of them rounded up."""
    ((top, known, n),) = tiny_con.sql(best(percent, in_period)).fetchall()
    condition = group("customer", "revenue", "top_percent", percent)
    assert close(scalar(tiny, "revenue", where=[condition], period=period), top)
    assert scalar(tiny, "customers", where=[condition], period=period) == n
    assert close(scalar(tiny, "share(revenue)", where=[{**condition, "part": True}], period=period), top / known)


def test_share_of_customers_who_ordered_once(tiny: Store, tiny_con: Any) -> None:
    ((once,),) = tiny_con.sql(f"SELECT COUNT(*) FROM {buyers('COUNT(*) = 1')}").fetchall()
    assert once == 3
    assert close(scalar(tiny, "share(customers)", where=[group("customer", "orders", "=", 1, part=True)]), once / 18)


RETENTION = [
    ("Q4 2023", "Q1 2024", ("2023-10-01", "2024-01-01"), ("2024-01-01", "2024-04-01")),
    ("Q1 2024", "Q3 2024", ("2024-01-01", "2024-04-01"), ("2024-07-01", "2024-10-01")),
    ("2024-11", "2024-12", ("2024-11-01", "2024-12-01"), ("2024-12-01", "2025-01-01")),
]


@pytest.mark.parametrize(("a", "b", "in_a", "in_b"), RETENTION)
def test_retention(tiny: Store, tiny_con: Any, a: str, b: str, in_a: tuple[str, str], in_b: tuple[str, str]) -> None:
    """Known customers with an order in both A and B, of those in A."""
    first, second = (f"ordered_at >= DATE '{s}' AND ordered_at < DATE '{e}'" for s, e in (in_a, in_b))
    both = f"SELECT COUNT(*) FROM {buyers(f'BOOL_OR({first}) AND BOOL_OR({second})')}"
    ((want,),) = tiny_con.sql(f"SELECT ({both}) / (SELECT COUNT(*) FROM {buyers('TRUE', first)})").fetchall()
    result = query_metrics(tiny, ["retention"], period=a, compare_to=b)
    assert close(measured(result, [], "retention")[()], want)


def test_days_between_orders(tiny: Store, tiny_con: Any) -> None:
    """All gaps pooled, in calendar days: two orders of one day are 0 apart, one before and one after midnight 1."""
    orders = tiny_con.sql(f"SELECT customer_id, ordered_at FROM {KNOWN} ORDER BY customer_id, ordered_at").fetchall()
    pairs = pairwise(orders)
    gaps = [(b[1].date() - a[1].date()).days for a, b in pairs if a[0] == b[0]]
    assert close(scalar(tiny, "days_between_orders"), sum(gaps) / len(gaps))


def test_list_price_and_stock(tiny: Store) -> None:
    where = [{"field": "product", "op": "=", "value": "Linen Tea Towel"}]
    result = query_metrics(tiny, ["list_price", "stock"], by=["product"], where=where)
    assert measured(result, ["product"], "list_price") == {("P-102",): 8.5, ("P-103",): 8.0}
    assert measured(result, ["product"], "stock") == {("P-102",): 64, ("P-103",): 0}


def test_what_is_known_and_has_nothing_is_zero(tiny: Store) -> None:
    gnome = [{"field": "product", "op": "=", "value": "Garden Gnome 30 cm"}]
    idle = [{"field": "customer", "op": "=", "value": "C13"}]
    usa = [{"field": "country", "op": "=", "value": "US"}]
    assert scalar(tiny, "units", where=gnome) == 0
    assert scalar(tiny, "orders", where=idle) == 0
    assert scalar(tiny, "revenue", where=usa, period="2024-03") == 0
    assert scalar(tiny, "average_order_value", where=usa, period="2024-03") is None


NEVER_THERE = [
    ("country", "China"),
    ("product", "surfboard"),
    ("product", "P-999"),
    ("customer", "C99"),
    ("channel", "fax"),
    ("category", "Bathroom"),
    ("payment_method", "cheque"),
    ("region", "Cornwall"),
]


@pytest.mark.parametrize(("field", "value"), NEVER_THERE)
def test_names_the_shop_never_had_are_declined(tiny: Store, field: str, value: str) -> None:
    with pytest.raises(NotThere):
        query_metrics(tiny, ["revenue"], where=[{"field": field, "op": "=", "value": value}])


@pytest.mark.parametrize("period", ["2022", "2023-10", {"start": "2019-01-01", "end": "2019-12-31"}], ids=str)
def test_a_period_without_data_is_declined(tiny: Store, period: Any) -> None:
    with pytest.raises(NotThere):
        query_metrics(tiny, ["revenue"], period=period)


BARE = [
    "UPDATE products SET unit_cost = NULL, category = NULL, brand = NULL, stock = NULL",
    "UPDATE order_items SET unit_cost = NULL",
    "UPDATE orders SET channel = NULL, payment_method = NULL, region = NULL, city = NULL",
    "UPDATE customers SET region = NULL, city = NULL, segment = NULL",
    "UPDATE returns SET order_id = NULL",
    "DELETE FROM events",
]
HALF_COSTED = ["UPDATE products SET unit_cost = NULL WHERE product_id = 'P-108'"]


def shop_without(folder: Path, changes: list[str]) -> Store:
    """The tiny shop with less in it."""

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        build_tiny(con)
        for change in changes:
            con.execute(change)
        return {}

    publish(Home(folder), "bare", build, format="tests")
    return open_store(Home(folder), "bare")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """No costs, no visits, no categories…, and returns without their orders."""
    return shop_without(tmp_path_factory.mktemp("bare"), BARE)


MISSING = [
    *((m, []) for m in ("cost", "gross_profit", "margin", "sessions", "conversion_rate")),
    *(("revenue", [d]) for d in ("category", "brand", "channel", "payment_method", "region", "city", "segment")),
    *(("refunds", [d]) for d in ("channel", "payment_method")),
    ("net_revenue", ["channel"]),
    ("stock", ["product"]),
]


@pytest.mark.parametrize(("metric", "by"), MISSING)
def test_data_that_the_shop_lacks_is_declined(bare: Store, metric: str, by: list[str]) -> None:
    with pytest.raises(NotThere):
        query_metrics(bare, [metric], by=by)


def test_unlinked_returns_take_the_country_of_their_customer(bare: Store) -> None:
    values = measured(query_metrics(bare, ["refunds"], by=["country"]), ["country"], "refunds")
    with bare.connect() as con:
        place = "COALESCE((SELECT c.country FROM customers c WHERE c.customer_id = r.customer_id), 'unknown')"
        sql = f"SELECT {place} AS place, SUM(r.amount) FROM returns r GROUP BY place"
        want = {(k,): v for k, v in con.sql(sql).fetchall()}
    assert values.keys() == want.keys()
    assert all(close(values[k], want[k]) for k in want)  # type: ignore[arg-type]


def test_a_line_without_cost_is_said_or_declined(tmp_path: Path) -> None:
    """Profit over lines of unknown cost is never given as if it were whole."""
    store = shop_without(tmp_path, HALF_COSTED)
    for metric in ("cost", "gross_profit", "margin"):
        try:
            result = query_metrics(store, [metric])
        except ToolError as declined:
            assert "cost" in str(declined)
            continue
        assert any("cost" in note for note in result.notes), result.notes


def test_where_a_cost_comes_from_is_said(tiny: Store) -> None:
    """Most lines have no cost of their own and take the product's."""
    assert any("cost" in note for note in query_metrics(tiny, ["gross_profit"]).notes)
