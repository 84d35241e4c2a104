"""A shop of a handful of orders, and answers about it built by hand for the auditor to judge."""

from __future__ import annotations

from typing import Any

import duckdb

from store.connect import Store

COUNTRIES = "SELECT country, sum(quantity * unit_price - i.discount) AS revenue, count(DISTINCT order_id) AS orders"
FROM = " FROM orders o JOIN order_items i USING (order_id) WHERE status = 'completed'"
BY_COUNTRY = f"{COUNTRIES}{FROM} GROUP BY country ORDER BY revenue DESC"
NOVEMBER = " AND ordered_at >= DATE '2011-11-01' AND ordered_at < DATE '2011-12-01'"
BY_MONTH = (
    "SELECT CAST(date_trunc('month', ordered_at) AS DATE) AS month, sum(quantity * unit_price - i.discount) AS revenue"
    f"{FROM} GROUP BY month ORDER BY month"
)
BY_PRODUCT = f"SELECT product_id, title AS product, sum(quantity) AS units{FROM.replace(' WHERE', ' JOIN products USING (product_id) WHERE')} GROUP BY ALL ORDER BY product_id"
BY_HOUR = f"SELECT hour(ordered_at) AS hour, count(DISTINCT order_id) AS orders{FROM} GROUP BY hour ORDER BY hour"
GROWTH = "SELECT 1200.0 AS revenue, 1500.0 AS revenue_before, -300.0 AS revenue_change, -0.2 AS revenue_growth"
NOTHING = f"SELECT coalesce(sum(quantity), 0) AS units{FROM} AND country = 'Spain'"

# order, country, when, product, quantity, price
LINES = (
    ("o1", "Germany", "2011-10-03 10:15:00", "85123A", 100, 3.0),
    ("o2", "Germany", "2011-11-14 10:40:00", "22423", 80, 12.5),
    ("o3", "France", "2011-11-21 12:05:00", "22423", 20, 12.5),
    ("o4", "France", "2011-11-30 23:59:00", "85123A", 50, 3.0),
    ("o5", "EIRE", "2011-12-05 09:00:00", "20685", 3, 7.33),
)
TITLES = {"85123A": "SET OF 4 TINS", "22423": "CAKESTAND 3 TIER", "20685": "GLASS DROP EARRINGS"}


def build_shop(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    for product, title in TITLES.items():
        con.execute("INSERT INTO products (product_id, title) VALUES (?, ?)", [product, title])
    for order, country, when, product, quantity, price in LINES:
        con.execute(
            "INSERT INTO orders (order_id, ordered_at, status, country, currency) VALUES (?, ?, 'completed', ?, 'GBP')",
            [order, when, country],
        )
        con.execute(
            "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) VALUES (?, 1, ?, ?, ?)",
            [order, product, quantity, price],
        )
    return {}


def receipt(store: Store, sql: str, /, name: str = "r1", **over: Any) -> dict[str, Any]:
    """A true receipt: the SQL's own columns and rows."""
    with store.connect() as con:
        cursor = con.execute(sql)
        columns = [d[0] for d in cursor.description or ()]
        rows = [[_plain(v) for v in row] for row in cursor.fetchall()]
    made = {
        "id": name,
        "tool": "query_metrics",
        "input": {},
        "sql": sql,
        "columns": columns,
        "rows": rows,
        "row_count": len(rows),
        "truncated": False,
        "elapsed_ms": 1,
        "data_version": store.data_version,
        "notes": [],
    }
    return made | over


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    return float(value) if type(value).__name__ == "Decimal" else value.isoformat()


def number(text: str, value: float, unit: str, at: tuple[int, str], how: str = "cell", **over: Any) -> dict[str, Any]:
    """An entry of `numbers`; `at` is its (row, column) in r1, further cells come as `operands`."""
    cells = [{"receipt": "r1", "row": row, "column": column} for row, column in over.pop("operands", [])]
    entry = {"text": text, "value": value, "unit": unit, "receipt": "r1", "row": at[0], "column": at[1], "how": how}
    return entry | {"operands": cells} | over


def answer(text: str, numbers: list[dict[str, Any]], *receipts: dict[str, Any], **over: Any) -> dict[str, Any]:
    made = {
        "thread_id": "t",
        "turn": 1,
        "store": "shop",
        "as_of": "2011-12-05",
        "status": "answered",
        "answer": text,
        "numbers": numbers,
        "receipts": list(receipts),
        "charts": [],
        "options": [],
        "steps": [{"tool": "query_metrics", "ms": 1, "ok": True}],
        "usage": {"model": "local", "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"},
        "error": None,
    }
    return made | over
