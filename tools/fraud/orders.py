"""The orders of a store as a table: of what was known when each came. What was done with an order since is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tools.fraud.table import ENTITY, LABEL, NEEDED, Table, table_from

if TYPE_CHECKING:
    import duckdb

NEVER = -(2**40)  # seconds since 1970: before any order
ORDERS = """
SELECT o.order_id AS transaction_id, o.ordered_at AS occurred_at, COALESCE(i.amount, 0) AS amount,
    o.customer_id AS entity_customer, o.device_id AS entity_device, o.ip_key AS entity_address,
    o.channel, o.payment_method, o.country, c.country AS home_country,
    epoch(o.ordered_at - c.created_at) / 3600 AS account_hours,
    i.units, i.most_of_one, i.lines, i.dearest, i.saved, o.is_fraud
FROM orders o
LEFT JOIN (
    SELECT order_id, SUM(quantity * unit_price - discount) AS amount, SUM(quantity) AS units, COUNT(*) AS lines,
        MAX(quantity) AS most_of_one, MAX(unit_price) AS dearest,
        SUM(discount) / NULLIF(SUM(quantity * unit_price), 0) AS saved
    FROM order_items GROUP BY order_id
) i ON i.order_id = o.order_id
LEFT JOIN customers c ON c.customer_id = o.customer_id
"""


def orders_of(con: duckdb.DuckDBPyConnection, labels: Mapping[str, bool] | None = None, judged: bool = True) -> Table:
    """Columns that the shop doesn't have are not there, nor, where they are `judged`, those that aren't fit to learn
    from. `labels`, by order, take the place of those of the data. UserError: there are no orders."""
    frame = con.execute(ORDERS).df()
    if labels:
        said = frame["transaction_id"].map(labels)
        frame[LABEL] = frame[LABEL].astype(object).where(said.isna(), said)
    bare = [c for c in frame.columns if c not in (*NEEDED, LABEL) and frame[c].isna().all()]
    for name in [c for c in frame.columns if str(c).startswith(ENTITY)]:
        frame[name] = frame[name].astype(object)
    return table_from(frame.drop(columns=bare), until=None if judged else NEVER)
