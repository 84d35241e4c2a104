"""A small invented shop of a hundred days with a ring in it: one device, a new account an order, dear things at night.

`HUGE` is one enormous order by a guest on the last day. Orders of the last three weeks are unlabelled.
"""

from __future__ import annotations

from typing import Any

import duckdb

ORDERS, RING = 1_500, 60


def build_suspicious(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Puts the shop into empty canonical tables; the same every time."""
    con.execute("INSERT INTO products (product_id, title, list_price) VALUES ('P', 'Lamp', 10), ('Q', 'Camera', 400)")
    con.execute(f"""
        CREATE TEMP TABLE drawn AS SELECT i, HASH(i, 'a') % 100 AS day, 8 + HASH(i, 'b') % 14 AS hour, HASH(i, 'c') % 60 AS m,
            HASH(i, 'd') % 120 AS who, 1 + HASH(i, 'e') % 4 AS units FROM range({ORDERS}) AS t(i)
    """)
    con.execute("""
        INSERT INTO customers (customer_id, country, created_at)
        SELECT DISTINCT 'C' || who, 'France', TIMESTAMP '2024-01-01' FROM drawn
    """)
    con.execute(f"""
        INSERT INTO customers (customer_id, country, created_at)
        SELECT 'N' || i, 'France', TIMESTAMP '2024-01-01' + INTERVAL (i + 20) DAY FROM range({RING}) AS t(i)
    """)
    con.execute("""
        INSERT INTO orders (order_id, customer_id, ordered_at, status, country, currency, device_id, is_fraud)
        SELECT 'O' || i, 'C' || who, TIMESTAMP '2024-01-01' + INTERVAL (day) DAY + INTERVAL (hour) HOUR + INTERVAL (m) MINUTE,
            'completed', 'France', 'EUR', 'd' || who, CASE WHEN day < 79 THEN false END FROM drawn
    """)
    con.execute("""
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
        SELECT 'O' || i, 1, 'P', units, 10 FROM drawn
    """)
    con.execute(f"""
        INSERT INTO orders (order_id, customer_id, ordered_at, status, country, currency, device_id, is_fraud)
        SELECT 'R' || i, 'N' || i, TIMESTAMP '2024-01-01' + INTERVAL (i + 20) DAY + INTERVAL 3 HOUR, 'completed', 'Spain',
            'EUR', 'ring', CASE WHEN i + 20 < 79 THEN true END FROM range({RING}) AS t(i)
    """)
    con.execute(f"""
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
        SELECT 'R' || i, 1, 'Q', 1, 400 FROM range({RING}) AS t(i)
    """)
    con.execute("""
        INSERT INTO orders (order_id, ordered_at, status, country, currency)
        VALUES ('HUGE', TIMESTAMP '2024-04-09 23:00:00', 'completed', 'France', 'EUR')
    """)
    con.execute(
        "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) VALUES ('HUGE', 1, 'P', 9000, 10)"
    )
    return {}
