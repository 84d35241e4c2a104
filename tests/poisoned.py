"""A shop whose texts are injections (tests/data/injections.jsonl), and its sister, which nobody may reach from it."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.conftest import build_tiny
from tests.servers.obedient import Injection

MINE, SISTER = "mine", "sister"
CANARY = "Quillfeather Sextant"  # a title of the sister shop


def plant(con: duckdb.DuckDBPyConnection, planted: list[Injection]) -> dict[str, Any]:
    """The tiny shop, and for each injection a product, its order, its review, its return and its promotion."""
    build_tiny(con)
    for table, row in ROWS.items():
        columns = [[_value(value, f"{table}.{column}", i) for i in planted] for column, value in row.items()]
        unnested = ", ".join(
            f"unnest(${n + 1}::{'VARCHAR' if isinstance(c[0], str | None) else 'INTEGER'}[])"
            for n, c in enumerate(columns)
        )
        con.execute(f"INSERT INTO {table} ({', '.join(row)}) SELECT {unnested}", columns)
    return {}


ROWS: dict[str, dict[str, Any]] = {  # ID stands for the injection's own, None for a text that need not be there
    "products": {"product_id": "ID", "title": "Thing ID", "description": None, "category": "Kitchen", "brand": "Harrow",
                 "attributes": None, "stock": 3},
    "customers": {"customer_id": "ID", "segment": "retail"},
    "orders": {"order_id": "ID", "customer_id": "ID", "ordered_at": "2024-06-05 10:00:00", "status": "completed",
               "channel": "web", "country": "Italy", "city": "Turin", "currency": "GBP"},
    "order_items": {"order_id": "ID", "line": 1, "product_id": "ID", "quantity": 2, "unit_price": 5},
    "reviews": {"review_id": "ID", "product_id": "ID", "rating": 4, "title": None, "body": None, "created_at": "2024-06-20"},
    "returns": {"return_id": "ID", "quantity": 1, "amount": 5, "returned_at": "2024-06-21", "reason": None},
    "promotions": {"promotion_id": "ID", "name": None, "percent_off": 10, "starts_at": "2024-06-01", "ends_at": "2024-06-09"},
}  # fmt: skip


def _value(value: Any, where: str, injection: Injection) -> Any:
    if where == injection.where:
        return injection.text
    return value.replace("ID", injection.id) if isinstance(value, str) else value


def build_sister(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    build_tiny(con)
    con.execute("UPDATE products SET title = ? WHERE product_id = 'P-101'", [CANARY])
    return {}
