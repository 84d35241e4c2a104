"""The rows behind a figure, as arrays: orders, their lines, returns and visits of all windows, under its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from tools.metrics.definitions import DIMENSIONS, LINE_COST, LINE_VALUE
from tools.metrics.expressions import Sql, sql, text_of
from tools.metrics.sources import Scope, rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]

EPOCH = date(1970, 1, 1)
OF_ORDERS = ("country", "region", "city", "channel", "payment_method", "segment")
OF_PRODUCTS = ("category", "brand")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Orders:
    """One row an order, by `number`. `first_day`: of the customer's first order ever; -1 for guests."""

    number: Ints
    id: Names
    day: Ints  # since 1970-01-01
    customer: Names
    first_day: Ints
    shipping: Floats
    names: dict[str, Names]


@dataclass(frozen=True)
class Lines:
    """One row an order line. `order` is a place in Orders, `product` one in Products."""

    order: Ints
    product: Ints
    revenue: Floats
    units: Floats
    cost: Floats


@dataclass(frozen=True)
class Products:
    """By `number`; the last one stands for products that the catalogue lacks."""

    number: Ints
    names: dict[str, Names]

    def places(self, number: Ints) -> Ints:
        """Where each of these numbers stands, -1 among them being none."""
        return np.where(number >= 0, np.searchsorted(self.number, number), len(self.number))


@dataclass(frozen=True)
class Returns:
    id: Names
    day: Ints
    first_day: Ints
    amount: Floats
    units: Floats
    names: dict[str, Names]


@dataclass(frozen=True)
class Visits:
    """One row a session, day and kind of event that is or isn't a purchase."""

    session: Names
    day: Ints
    purchase: npt.NDArray[np.bool_]


def summed(at: Ints, values: Floats, n: int) -> Floats:
    """(n,) sums of the values at each place."""
    return np.asarray(np.bincount(at, values, n), dtype=np.float64)


def day_number(d: date) -> int:
    return (d - EPOCH).days


def read_orders(con: DuckDBPyConnection, scope: Scope, have: Sequence[str]) -> Orders:
    """The orders that count; under a condition on products, those with at least one matching line."""
    source = "lines" if scope.line_level else "orders"
    dims = [d for d in OF_ORDERS if d in have]
    said = {
        "number": "o.rowid", "id": "o.order_id", "day": _day("o.ordered_at"), "customer": "o.customer_id",
        "shipping": "o.shipping", "first_day": _day("f.first_at"),
        **{d: DIMENSIONS[d].by_source["orders"] for d in dims},
    }  # fmt: skip
    select = rows_of(source, scope, _named(said))
    got = _fetched(con, select.distinct() if scope.line_level else select, "number")
    first = _ints(got["first_day"], -1)
    who = _names(got["customer"])
    return Orders(got["number"], _names(got["id"]), got["day"], who, first, got["shipping"], _all(got, dims))


def read_lines(con: DuckDBPyConnection, scope: Scope, orders: Orders, products: Products) -> Lines:
    said = {"number": "o.rowid", "product": "p.rowid", "revenue": LINE_VALUE, "units": "i.quantity", "cost": LINE_COST}
    got = _fetched(con, rows_of("lines", scope, _named(said)), "number", "product", "revenue", "units", "cost")
    return Lines(
        np.searchsorted(orders.number, got["number"]), products.places(_ints(got["product"], -1)),
        _floats(got["revenue"]), _floats(got["units"]), _floats(got["cost"]),
    )  # fmt: skip


def read_products(con: DuckDBPyConnection) -> Products:
    got = con.execute(
        "SELECT rowid AS number, product_id, title, category, brand FROM products ORDER BY 1"
    ).fetchnumpy()
    titles = _names(got["title"])
    shared = {t for t, n in zip(*np.unique(titles.astype(str), return_counts=True), strict=True) if n > 1}
    told = [f"{t} ({i})" if t in shared else t for i, t in zip(got["product_id"], titles, strict=True)]
    names = {"product": np.array(told, dtype=object), **_all(got, OF_PRODUCTS)}
    return Products(np.asarray(got["number"], dtype=np.int64), {k: np.append(v, UNKNOWN) for k, v in names.items()})


def read_returns(con: DuckDBPyConnection, scope: Scope, have: Sequence[str], products: Products) -> Returns:
    dims = [d for d in (*OF_ORDERS, *OF_PRODUCTS) if d in have]
    keys = {d: DIMENSIONS[d].by_source["returns"] for d in dims}
    of_customer = "FROM orders AS x WHERE x.status = 'completed' AND x.customer_id = r.customer_id"
    first = f"(SELECT MIN({_day('x.ordered_at')}) {of_customer})"
    said = {
        "day": _day("r.returned_at"), "first_day": first, "amount": "r.amount", "units": "r.quantity",
        "customer": "r.customer_id", **keys, "id": "r.return_id", "product": "p.rowid",
    }  # fmt: skip
    got = _fetched(con, rows_of("returns", scope, _named(said)), "id")
    product = products.names["product"][products.places(_ints(got["product"], -1))]
    names = {"customer": _names(got["customer"]), "product": product, **_all(got, dims)}
    first_day, amount, units = _ints(got["first_day"], -1), _floats(got["amount"]), _floats(got["units"])
    return Returns(_names(got["id"]), got["day"], first_day, amount, units, names)


def read_visits(con: DuckDBPyConnection, scope: Scope) -> Visits:
    said = {"session": "e.session_id", "day": _day("e.occurred_at"), "purchase": "e.kind = 'purchase'"}
    got = _fetched(con, rows_of("events", scope, _named(said)).distinct(), "session", "day", "purchase")
    return Visits(_names(got["session"]), got["day"], np.asarray(got["purchase"], dtype=bool))


def trading_days(con: DuckDBPyConnection, first: date, last: date) -> Ints:
    """The days on which the whole shop had an order, whatever the conditions are."""
    asked = f"SELECT DISTINCT {_day('ordered_at')} AS day FROM orders WHERE status = 'completed' ORDER BY 1"
    days: Ints = con.execute(asked).fetchnumpy()["day"].astype(np.int64)
    return days[(days >= day_number(first)) & (days <= day_number(last))]


def _day(column: str) -> str:
    return f"DATE_DIFF('day', DATE '1970-01-01', CAST({column} AS DATE))"


def _named(said: dict[str, str]) -> list[Sql]:
    return [exp.alias_(sql(text), name) for name, text in said.items()]


def _fetched(con: DuckDBPyConnection, select: exp.Select, *order: str) -> dict[str, Any]:
    """Columns as arrays, in an order that doesn't change from one run to the next."""
    return dict(con.execute(text_of(select.order_by(*order))).fetchnumpy())


def _all(got: dict[str, Any], dims: Sequence[str]) -> dict[str, Names]:
    return {d: _names(got[d]) for d in dims}


def _names(column: Any) -> Names:
    """Text, with UNKNOWN where there is none."""
    if isinstance(column, np.ma.MaskedArray):
        column = np.where(np.ma.getmaskarray(column), UNKNOWN, column.data)
    return np.asarray(column, dtype=object)


def _ints(column: Any, missing: int) -> Ints:
    return np.asarray(np.ma.filled(column, missing), dtype=np.int64)


def _floats(column: Any) -> Floats:
    return np.asarray(np.ma.filled(np.ma.asarray(column, dtype=np.float64), 0.0))
