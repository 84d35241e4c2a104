"""What a store can answer: which columns hold anything. Asking for the rest is declined, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from store.kept import Kept
from tools.contract import NotThere
from tools.metrics.definitions import DIMENSIONS
from tools.metrics.request import Measure

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

COUNTED = {
    "events": "SELECT COUNT(*) FROM events",
    "returns": "SELECT COUNT(*) FROM returns",
    "linked returns": "SELECT COUNT(order_id) FROM returns",
    "returned units": "SELECT COUNT(quantity) FROM returns",
    "costs": "SELECT (SELECT COUNT(unit_cost) FROM order_items) + (SELECT COUNT(unit_cost) FROM products)",
    "stock": "SELECT COUNT(stock) FROM products",
    "list prices": "SELECT COUNT(list_price) FROM products",
    "known customers": "SELECT COUNT(customer_id) FROM orders",
    **{c: f"SELECT COUNT({c}) FROM products" for c in ("category", "brand")},
    **{c: f"SELECT COUNT({c}) FROM orders" for c in ("country", "region", "city", "channel", "payment_method")},
    "segment": "SELECT COUNT(segment) FROM customers",
    "return reasons": "SELECT COUNT(reason) FROM returns",
    "ratings": "SELECT COUNT(rating) FROM reviews",
    "promotions": "SELECT COUNT(*) FROM promotions",
}
# What a component needs of COUNTED, and what is said where there is none of it.
NEEDS = {
    "cost": ("costs", "no costs (unit_cost), so neither cost, profit nor margin can be told"),
    "sessions": ("events", "no shop visits (events), so visits and conversion can't be told"),
    "purchase_sessions": ("events", "no shop visits (events), so visits and conversion can't be told"),
    "stock": ("stock", "no stock figures"),
    "list_price": ("list prices", "no list prices"),
    "refunds": ("returns", "no returns"),
    "returns": ("returns", "no returns"),
    "returned_units": ("returned units", "no quantities on returns"),
    "customers": ("known customers", "no customer ids on its orders"),
    "new_customers": ("known customers", "no customer ids on its orders"),
    "buyers": ("known customers", "no customer ids on its orders"),
    "gap_days": ("known customers", "no customer ids on its orders"),
    "cohort": ("known customers", "no customer ids on its orders"),
}
# Dimensions that a return has only through its order.
LINKED_ONLY = frozenset({"channel", "payment_method", "order"})
OF_RETURNS = frozenset({"refunds", "returns", "returned_units"})
_counts: Kept[dict[str, int]] = Kept()


def counts(store: Store, con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many values each column that may be empty has; once per data version."""
    return _counts.of(store, lambda: _counted(con))


def kept(store: Store) -> frozenset[str]:
    """The names of COUNTED of which the store has any value."""

    def counted() -> dict[str, int]:
        with store.connect() as con:
            return _counted(con)

    return frozenset(name for name, n in _counts.of(store, counted).items() if n)


def _counted(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "SELECT " + ", ".join(f'({q}) AS "{name}"' for name, q in COUNTED.items())
    return dict(zip(COUNTED, con.execute(query).fetchone() or (), strict=True))


def refuse_missing(
    have: Mapping[str, int], components: Sequence[str], dims: Sequence[str], measures: Sequence[Measure]
) -> None:
    """NotThere if a component, a dimension or their pair needs what the store lacks (`have` is from `counts`)."""
    for c in components:
        column, message = NEEDS.get(c, ("", ""))
        if column and not have[column]:
            raise NotThere(f"This shop's data has {message}.")
    unlinked = OF_RETURNS & set(components) and not have["linked returns"]
    for d in dims:
        label = DIMENSIONS[d].label
        if d in have and not have[d]:
            raise NotThere(f"This shop's data has no {label} on any record.")
        if d in LINKED_ONLY and unlinked:
            pair = f"{measures[0].label} by {label}"
            raise NotThere(f"Returns aren't linked to their orders here, so {pair} has no meaning.")
