"""Who a customer's id stands for. Names and contacts lie in the canonical file alone, which no model's query sees."""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from store.connect import LOCKED_DOWN, Store


@dataclass(frozen=True)
class Contact:
    """What a shop knows of a customer; "" where it knows nothing."""

    customer_id: str
    name: str
    email: str
    phone: str


def contacts(store: Store, ids: Collection[str]) -> list[Contact]:
    """Those of the ids that the shop knows more of, by id. UserError where the file is damaged."""
    sql = """SELECT customer_id, coalesce(name, ''), coalesce(email, ''), coalesce(phone, '') FROM customers
        WHERE customer_id IN (SELECT unnest(?::VARCHAR[])) AND coalesce(name, email, phone) IS NOT NULL ORDER BY 1"""
    path = store.version_file(store.data_version, "shop")
    with duckdb.connect(path, read_only=True, config=LOCKED_DOWN) as con:
        return [Contact(*row) for row in con.execute(sql, [list(ids)]).fetchall()]
