"""A small invented shop with a year and a half of sales, for forecasts: eight products, two categories, two countries.

Closed on Sundays and from 24 December to 1 January, as shops are; sales rise to a top in summer. `lamp` has one
enormous order; `kite` sold for a while and then no more; `bell` was never sold.
"""

from __future__ import annotations

from typing import Any

import duckdb

WEEKS = 74
FIRST, LAST = "2024-01-01", "2025-05-31"  # a Monday, a Saturday
PRODUCTS = {
    "A1": ("Lamp", "Home", 6.0), "A2": ("Rug", "Home", 3.0), "A3": ("Vase", "Home", 8.0), "A4": ("Clock", "Home", 1.5),
    "B1": ("Ball", "Play", 12.0), "B2": ("Kite", "Play", 4.0), "B3": ("Bell", "Play", 0.0),
    "B4": ("Red Drum", "Play", 5.0),
}  # fmt: skip
COUNTRIES = ("United Kingdom", "France")


def build_weekly(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Puts the shop into empty canonical tables; the same every time."""
    for i, (title, category, _) in PRODUCTS.items():
        con.execute(
            "INSERT INTO products (product_id, title, category, list_price, created_at) VALUES (?, ?, ?, 10, ?)",
            [i, title, category, FIRST],
        )
    con.execute(f"""
        CREATE TEMP TABLE days AS SELECT CAST(d AS DATE) AS day, DATE_DIFF('day', DATE '{FIRST}', CAST(d AS DATE)) AS n
        FROM generate_series(DATE '{FIRST}', DATE '{LAST}', INTERVAL 1 DAY) AS t(d)
        WHERE DAYOFWEEK(d) <> 0 AND NOT (MONTH(d) = 12 AND DAY(d) >= 24) AND NOT (MONTH(d) = 1 AND DAY(d) = 1)
    """)
    con.execute("CREATE TEMP TABLE wanted (product_id VARCHAR, mean DOUBLE)")
    con.executemany("INSERT INTO wanted VALUES (?, ?)", [(i, mean) for i, (_, _, mean) in PRODUCTS.items()])
    con.execute("""
        CREATE TEMP TABLE lines AS SELECT n, day, product_id, c AS country, CAST(ROUND(mean / (1 + c)
            * (1 + 0.5 * SIN((DAYOFYEAR(day) - 80) / 58.0)) * (0.4 + (HASH(n, product_id, c) % 1000) / 800.0)) AS INTEGER) AS units
        FROM days, wanted, (VALUES (0), (1)) AS t(c) WHERE NOT (product_id = 'B2' AND n > 300)
    """)
    con.execute("""
        INSERT INTO orders (order_id, ordered_at, status, country, currency)
        SELECT DISTINCT 'O' || n || '-' || country, day + INTERVAL 10 HOUR, 'completed',
            CASE country WHEN 0 THEN 'United Kingdom' ELSE 'France' END, 'GBP' FROM lines
    """)
    con.execute("""
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
        SELECT 'O' || n || '-' || country, ROW_NUMBER() OVER (PARTITION BY n, country ORDER BY product_id), product_id, units, 10
        FROM lines WHERE units > 0
    """)
    con.execute("INSERT INTO orders (order_id, ordered_at, status, country, currency) "
                "VALUES ('BIG', '2025-05-20 12:00:00', 'completed', 'France', 'GBP')")  # fmt: skip
    con.execute(
        "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) VALUES ('BIG', 1, 'A1', 50000, 10)"
    )
    return {}


def build_promoted(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Every fourth week the ball is a fifth off and sells three times as much; in the weeks after, it is only dearer or
    cheaper, and sells as its price has it."""
    build_weekly(con)
    con.execute("""UPDATE order_items AS i SET quantity = 3 * quantity FROM orders AS o
        WHERE o.order_id = i.order_id AND product_id = 'B1' AND WEEK(o.ordered_at) % 4 = 0""")
    con.execute("""UPDATE order_items AS i SET unit_price = 8, quantity = 2 * quantity FROM orders AS o
        WHERE o.order_id = i.order_id AND product_id = 'B1' AND WEEK(o.ordered_at) % 4 = 2""")
    con.execute("""INSERT INTO promotions (promotion_id, name, product_id, percent_off, starts_at, ends_at)
        SELECT 'P' || WEEK(day) || YEAR(day), 'Ball week', 'B1', 20, day, day + INTERVAL 6 DAY FROM
        (SELECT DISTINCT DATE_TRUNC('week', ordered_at) AS day FROM orders) WHERE WEEK(day) % 4 = 0""")
    return {}
