"""What plain queries over a demo shop's tables find out about its customers, its fraud and its bad month."""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests.demo_estimates import HONEST

Floats = NDArray[np.float64]

# Where each dimension of a bad month is to be found.
DIMENSIONS = {
    "category": "p.category",
    "brand": "p.brand",
    "product": "p.title",
    "channel": "o.channel",
    "country": "o.country",
}


def hazards(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The monthly chance to be gone for good, by segment: how fewer and fewer of a joining month's customers order.

    Poisson regression: orders = customers x pace of the segment x effect of the calendar month x (1 - hazard) ^ age.
    """
    rows = con.execute(
        f"""WITH suspects AS (SELECT DISTINCT customer_id FROM orders WHERE is_fraud AND customer_id IS NOT NULL),
        people AS (SELECT customer_id, segment, greatest(date_diff('month', DATE '2024-11-01', created_at::DATE), -1) AS joined
            FROM customers ANTI JOIN suspects USING (customer_id)),
        bought AS (SELECT segment, joined, date_diff('month', DATE '2024-11-01', ordered_at::DATE) AS month, count(*) AS orders
            FROM orders JOIN people USING (customer_id) WHERE {HONEST} GROUP BY ALL),
        there AS (SELECT segment, joined, count(*) AS people FROM people GROUP BY ALL)
        SELECT segment, joined, month, people, coalesce(orders, 0)
        FROM there CROSS JOIN (SELECT unnest(range(24)) AS month) LEFT JOIN bought USING (segment, joined, month)
        WHERE month > joined"""
    ).fetchall()
    segments = sorted({row[0] for row in rows})
    segment = np.array([segments.index(row[0]) for row in rows])
    joined, month, people, orders = (np.array([row[i] for row in rows], dtype=float) for i in (1, 2, 3, 4))
    age = month - np.maximum(joined, -0.5)
    return dict(zip(segments, _decay(segment, month.astype(int), age, people, orders).tolist(), strict=True))


def _decay(segment: NDArray[np.int64], month: NDArray[np.int64], age: Floats, people: Floats, orders: Floats) -> Floats:
    count = int(segment.max()) + 1
    pace, effect, slope = np.zeros(count), np.zeros(24), np.zeros(count)
    for _ in range(300):
        mean = people * np.exp(pace[segment] + effect[month] + slope[segment] * age)
        pace += np.log(np.bincount(segment, orders) / np.bincount(segment, mean))
        mean = people * np.exp(pace[segment] + effect[month] + slope[segment] * age)
        effect += np.log(np.bincount(month, orders, 24) / np.bincount(month, mean, 24))
        mean = people * np.exp(pace[segment] + effect[month] + slope[segment] * age)
        middle = (np.bincount(segment, mean * age) / np.bincount(segment, mean))[segment]
        score = np.bincount(segment, (age - middle) * (orders - mean))
        slope += score / np.bincount(segment, (age - middle) ** 2 * mean)
    return np.asarray(1 - np.exp(slope))


def lifts(con: duckdb.DuckDBPyConnection, at_least: int = 25) -> dict[frozenset[str], float]:
    """Orders with both products over what chance would give, for every pair bought together often enough."""
    rows = con.execute(
        f"""WITH lines AS (SELECT order_id, product_id FROM order_items JOIN orders USING (order_id) WHERE {HONEST}),
        alone AS (SELECT product_id, count(*) AS n FROM lines GROUP BY 1),
        both_ AS (SELECT a.product_id AS a, b.product_id AS b, count(*) AS n FROM lines a JOIN lines b USING (order_id)
            WHERE a.product_id < b.product_id GROUP BY ALL HAVING n >= {at_least})
        SELECT a, b, both_.n * (SELECT count(DISTINCT order_id) FROM lines) / (x.n * y.n)
        FROM both_ JOIN alone x ON x.product_id = a JOIN alone y ON y.product_id = b"""
    ).fetchall()
    return {frozenset((a, b)): lift for a, b, lift in rows}


def shared_devices(con: duckdb.DuckDBPyConnection, customers: int = 6) -> set[str]:
    rows = con.execute(
        "SELECT device_id FROM orders WHERE device_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT customer_id) >= ?",
        [customers],
    ).fetchall()
    return {device for (device,) in rows}


def bursts(con: duckdb.DuckDBPyConnection, orders: int = 12) -> list[set[str]]:
    """The orders of each network address that sent that many within two hours."""
    rows = con.execute(
        """WITH near AS (SELECT ip_key, order_id, count(*) OVER (PARTITION BY ip_key ORDER BY ordered_at
            RANGE BETWEEN INTERVAL 2 HOUR PRECEDING AND INTERVAL 2 HOUR FOLLOWING) AS n
            FROM orders WHERE ip_key IS NOT NULL)
        SELECT list(order_id) FROM near WHERE n >= ? GROUP BY ip_key""",
        [orders],
    ).fetchall()
    return [set(found) for (found,) in rows]


def parcels_abroad(con: duckdb.DuckDBPyConnection, accounts: int = 8) -> list[set[str]]:
    """Orders of fresh accounts sent to a country not their own, where a city gets many of them within three months."""
    rows = con.execute(
        """WITH odd AS (SELECT order_id, o.city, customer_id, ordered_at FROM orders o JOIN customers c USING (customer_id)
            WHERE o.country <> c.country AND ordered_at < c.created_at + INTERVAL 60 DAY),
        near AS (SELECT *, (SELECT count(DISTINCT customer_id) FROM odd other WHERE other.city = odd.city
            AND abs(date_diff('day', other.ordered_at, odd.ordered_at)) <= 45) AS n FROM odd)
        SELECT list(order_id) FROM near WHERE n >= ? GROUP BY city""",
        [accounts],
    ).fetchall()
    return [set(found) for (found,) in rows]


def revenue_a_day(con: duckdb.DuckDBPyConnection, dimension: str, month: str) -> dict[str, float]:
    rows = con.execute(
        f"""SELECT {DIMENSIONS[dimension]}, sum(i.quantity * i.unit_price - i.discount)
            / date_diff('day', $1::DATE, $1::DATE + INTERVAL 1 MONTH)
        FROM order_items i JOIN orders o USING (order_id) JOIN products p USING (product_id)
        WHERE status = 'completed' AND date_trunc('month', ordered_at) = $1::DATE GROUP BY 1""",
        [f"{month}-01"],
    ).fetchall()
    return dict(rows)


def biggest_loser(con: duckdb.DuckDBPyConnection, dimension: str, month: str, before: str) -> str:
    """The value that lost most beyond what it would have lost by going with the rest of the shop."""
    now, then = revenue_a_day(con, dimension, month), revenue_a_day(con, dimension, before)
    total_now, total_then = sum(now.values()), sum(then.values())

    def excess(value: str) -> float:
        mine, was = now.get(value, 0.0), then[value]
        return was * (total_now - mine) / (total_then - was) - mine

    return max(then, key=excess)


def return_rates(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The part of the lines that came back, of orders old enough for that."""
    rows = con.execute(
        f"""SELECT category, count(r.return_id) / count(*)
        FROM order_items i JOIN orders USING (order_id) JOIN products USING (product_id)
        LEFT JOIN returns r ON r.order_id = i.order_id AND r.product_id = i.product_id
        WHERE {HONEST} AND ordered_at < DATE '2026-08-15' GROUP BY 1"""
    ).fetchall()
    return dict(rows)
