"""What a metric is the sum of: signed rows in their windows, each with what it is of (country, product, group …)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.explain import facts
from tools.explain.facts import Floats, Ints, Lines, Names, Orders, Products, Returns, Visits, day_number
from tools.explain.windows import THAT, THIS, Windows
from tools.metrics.definitions import WEEKDAYS
from tools.metrics.sources import Scope

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GROUP, BASKET = "customer_group", "basket"
GUEST = 0  # the code of all guests among customers
GUESTS, NEW, RETURNING = "guests", "new customers", "returning customers"
BIG, SMALL = "big baskets", "small baskets"
BIG_FROM = 0.8  # quantile of order values from which on a basket is big
RETURNS_APART = 1 << 40  # their units are no orders
MOST_OF_ONE = 0.5  # of an order's value: the product that it is called by
BESIDE = " · "
OF_LINES = frozenset({"product", "category", "brand"})  # differ within an order


@dataclass(frozen=True)
class Rows:
    """`unit` numbers what varies as one, an order or a customer. `codes` tells of each dimension which value it is."""

    window: Ints
    day: Ints
    value: Floats
    unit: Ints
    codes: dict[str, Ints]

    def where(self, kept: npt.NDArray[np.bool_]) -> Rows:
        codes = {d: c[kept] for d, c in self.codes.items()}
        return Rows(self.window[kept], self.day[kept], self.value[kept], self.unit[kept], codes)

    def times(self, factor: Floats | float) -> Rows:
        return Rows(self.window, self.day, self.value * factor, self.unit, self.codes)

    def by_unit(self, of_lines: tuple[str, ...] = ()) -> Rows:
        """One row for each unit of a window and each value of these dimensions of lines; the others are left out."""
        codes = {d: c for d, c in self.codes.items() if d not in OF_LINES or d in of_lines}
        order, new = runs(*(self.codes[d] for d in of_lines), self.unit, self.window)
        first = order[new]
        value = np.add.reduceat(self.value[order], new) if len(new) else self.value
        codes = {d: c[first] for d, c in codes.items()}
        return Rows(self.window[first], self.day[first], value, self.unit[first], codes)

    def totals(self, windows: int) -> Floats:
        """(windows,)"""
        return facts.summed(self.window, self.value, windows)


def runs(*keys: Ints) -> tuple[Ints, Ints]:
    """An order by these keys, the last one first, and where in it each combination of them begins."""
    order = np.lexsort(keys)
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([np.diff(k[order]) != 0 for k in keys], axis=0)
    return order, np.flatnonzero(new)


def together(parts: Sequence[tuple[Rows, int]]) -> Rows:
    """Several kinds of rows as one, each with its sign; what not all of them have is no dimension of the sum."""
    dims = [d for d in parts[0][0].codes if all(d in rows.codes for rows, _ in parts)]
    return Rows(
        np.concatenate([rows.window for rows, _ in parts]),
        np.concatenate([rows.day for rows, _ in parts]),
        np.concatenate([rows.value * sign for rows, sign in parts]),
        np.concatenate([rows.unit for rows, _ in parts]),
        {d: np.concatenate([rows.codes[d] for rows, _ in parts]) for d in dims},
    )


@dataclass
class Vocabulary:
    """The values of each dimension, numbered in the order in which they are met."""

    names: dict[str, list[str]] = field(default_factory=dict)
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def encode(self, dim: str, values: Names) -> Ints:
        import pandas as pd

        numbers, names = self._numbers.setdefault(dim, {}), self.names.setdefault(dim, [])
        codes, found = pd.factorize(values)
        for name in map(str, found):
            if name not in numbers:
                numbers[name] = len(names)
                names.append(name)
        known = np.array([numbers[str(name)] for name in found], dtype=np.int64)
        return known[codes] if len(codes) else np.zeros(0, dtype=np.int64)


@dataclass
class Facts:
    """Reads what a metric's components need, once, and gives each component's rows."""

    con: DuckDBPyConnection
    scope: Scope
    windows: Windows
    have: Sequence[str]  # dimensions with any value in this shop
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    @cached_property
    def orders(self) -> Orders:
        return facts.read_orders(self.con, self.scope, self.have)

    @cached_property
    def products(self) -> Products:
        return facts.read_products(self.con)

    @cached_property
    def lines(self) -> Lines:
        return facts.read_lines(self.con, self.scope, self.orders, self.products)

    @cached_property
    def returns(self) -> Returns:
        return facts.read_returns(self.con, self.scope, self.have, self.products)

    @cached_property
    def visits(self) -> Visits:
        return facts.read_visits(self.con, self.scope)

    @cached_property
    def trading(self) -> tuple[Ints, Ints]:
        """The days with an order anywhere in the shop, of this period and of that."""
        spans = self.windows.spans
        this, that = (facts.trading_days(self.con, s.start, s.end) for s in (spans[THIS], spans[THAT]))
        return this, that

    def rows(self, component: str) -> Rows:
        return ROWS[component](self)

    @property
    def starts(self) -> Ints:
        """(windows,) first days."""
        return np.array([day_number(s.start) for s in self.windows.spans], dtype=np.int64)

    def placed(self, day: Ints) -> tuple[Ints, Ints]:
        """Which rows stand in which window; a row of two windows stands in both."""
        found = [np.flatnonzero((day >= day_number(s.start)) & (day <= day_number(s.end))) for s in self.windows.spans]
        return np.concatenate(found), np.repeat(np.arange(len(found)), [len(f) for f in found])

    @cached_property
    def _order_codes(self) -> dict[str, Ints]:
        o, v = self.orders, self.vocabulary
        v.encode("customer", np.array([GUESTS], dtype=object))
        known = np.where(o.customer == facts.UNKNOWN, GUESTS, o.customer)
        codes = {d: v.encode(d, names) for d, names in o.names.items()}
        return codes | {
            "customer": v.encode("customer", known), "weekday": self._weekday(o.day), BASKET: self._basket(),
        }  # fmt: skip

    @cached_property
    def _product_codes(self) -> dict[str, Ints]:
        names = self.products.names
        kept = {d: n for d, n in names.items() if d == "product" or d in self.have}
        return {d: self.vocabulary.encode(d, n) for d, n in kept.items()}

    def _weekday(self, day: Ints) -> Ints:
        self.vocabulary.encode("weekday", np.array(WEEKDAYS, dtype=object))
        return (day + 3) % 7  # 1970-01-01 was a Thursday

    def _basket(self) -> Ints:
        """Whether an order's value is among the upper fifth of those of that period (of this, if it had none)."""
        self.vocabulary.encode(BASKET, np.array([BIG, SMALL], dtype=object))
        value = np.bincount(self.lines.order, self.lines.revenue, len(self.orders.number))
        for window in (THAT, THIS):
            s = self.windows.spans[window]
            inside = (self.orders.day >= day_number(s.start)) & (self.orders.day <= day_number(s.end))
            if inside.any():
                return np.where(value >= np.quantile(value[inside], BIG_FROM), 0, 1)
        return np.ones(len(value), dtype=np.int64)

    def _group(self, first_day: Ints, window: Ints) -> Ints:
        self.vocabulary.encode(GROUP, np.array([GUESTS, NEW, RETURNING], dtype=object))
        return np.where(first_day < 0, 0, np.where(first_day >= self.starts[window], 1, 2))

    def of_orders(self, values: Floats | None = None) -> Rows:
        """A row an order; each counts 1 unless values are given."""
        o = self.orders
        at, window = self.placed(o.day)
        codes = {d: c[at] for d, c in self._order_codes.items()} | {GROUP: self._group(o.first_day[at], window)}
        value = np.ones(len(at)) if values is None else values[at]
        return Rows(window, o.day[at], value, at, codes)

    def of_lines(self, values: Floats) -> Rows:
        o, lines = self.orders, self.lines
        at, window = self.placed(o.day[lines.order])
        order, product = lines.order[at], lines.product[at]
        codes = {d: c[order] for d, c in self._order_codes.items()}
        codes |= {d: c[product] for d, c in self._product_codes.items()}
        codes[GROUP] = self._group(o.first_day[order], window)
        return Rows(window, o.day[order], values[at], order, codes)

    def of_customers(self, kept: Callable[[Ints, Ints], npt.NDArray[np.bool_]]) -> Rows:
        """A row a known customer and window, where their first order in it stands, if `kept`(first day, orders)."""
        rows = self.of_orders()
        rows = rows.where(self.orders.customer[rows.unit] != facts.UNKNOWN)
        key = rows.window * (1 + rows.codes["customer"].max(initial=0)) + rows.codes["customer"]
        order = np.lexsort((rows.unit, rows.day, key))
        _, first, count = np.unique(key[order], return_index=True, return_counts=True)
        one = rows.where(order[first])  # type: ignore[arg-type]
        one = one.where(kept(self.orders.first_day[one.unit] - self.starts[one.window], count))
        codes = {d: c for d, c in one.codes.items() if d != "customer"}
        return Rows(one.window, one.day, one.value, one.codes["customer"], codes)

    def of_returns(self, values: Floats) -> Rows:
        r, v = self.returns, self.vocabulary
        at, window = self.placed(r.day)
        v.encode("customer", np.array([GUESTS], dtype=object))
        names = r.names | {"customer": np.where(r.names["customer"] == facts.UNKNOWN, GUESTS, r.names["customer"])}
        codes = {d: v.encode(d, n)[at] for d, n in names.items()}
        codes |= {"weekday": self._weekday(r.day[at]), GROUP: self._group(r.first_day[at], window)}
        return Rows(window, r.day[at], values[at], RETURNS_APART + at, codes)

    def single_named(self, unit: int) -> str:
        """An order or a return, its customer and the product that is most of it: "536365 · customer 17850 · MUG"."""
        if unit >= RETURNS_APART:
            at, r = unit - RETURNS_APART, self.returns
            return _told(r.id[at], r.names["customer"][at], r.names["product"][at])
        inside = np.flatnonzero(self.lines.order == unit)
        product = self.lines.product[inside]
        worth = np.bincount(product, self.lines.revenue[inside]) if len(inside) else np.zeros(1)
        most = int(np.argmax(worth))
        name = self.products.names["product"][most] if worth[most] >= MOST_OF_ONE * worth.sum() > 0 else None
        return _told(self.orders.id[unit], self.orders.customer[unit], name)

    def of_visits(self, *, purchases: bool) -> Rows:
        """A row a session and window, on its first day in it."""
        v = self.visits
        seen = np.flatnonzero(v.purchase) if purchases else np.arange(len(v.day))
        at, window = self.placed(v.day[seen])
        at = seen[at]
        session = self.vocabulary.encode("session", v.session)[at]
        key = window * (1 + session.max(initial=0)) + session
        order = np.lexsort((v.day[at], key))
        first = order[np.unique(key[order], return_index=True)[1]]
        day = v.day[at[first]]
        return Rows(window[first], day, np.ones(len(first)), session[first], {"weekday": self._weekday(day)})


def _told(number: str, customer: str, product: str | None) -> str:
    of = None if customer == facts.UNKNOWN else f"customer {customer}"
    return BESIDE.join(str(part) for part in (number, of, product) if part and part != facts.UNKNOWN)


def _anyone(_since: Ints, orders: Ints) -> npt.NDArray[np.bool_]:
    return orders > 0


ROWS: dict[str, Callable[[Facts], Rows]] = {
    "revenue": lambda f: f.of_lines(f.lines.revenue),
    "units": lambda f: f.of_lines(f.lines.units),
    "cost": lambda f: f.of_lines(f.lines.cost),
    "orders": lambda f: f.of_orders(),
    "guest_orders": lambda f: f.of_orders((f.orders.customer == facts.UNKNOWN).astype(np.float64)),
    "shipping": lambda f: f.of_orders(f.orders.shipping),
    "customers": lambda f: f.of_customers(_anyone),
    "buyers": lambda f: f.of_customers(_anyone),
    "new_customers": lambda f: f.of_customers(lambda since, _: since >= 0),
    "repeat_buyers": lambda f: f.of_customers(lambda _, orders: orders >= 2),
    "refunds": lambda f: f.of_returns(f.returns.amount),
    "returned_units": lambda f: f.of_returns(f.returns.units),
    "returns": lambda f: f.of_returns(np.ones(len(f.returns.day))),
    "sessions": lambda f: f.of_visits(purchases=False),
    "purchase_sessions": lambda f: f.of_visits(purchases=True),
}  # what is a sum over rows; distinct products, countries and days are not, nor are means and stocks
