"""What a figure's change is made of: trading days, orders a day, units per order, product mix, prices, returns …

A figure is a function of its drivers, and each driver has a value in this period and in that one. What a driver adds is
its Shapley value: its effect averaged over every order in which the drivers may move from that period to this one.
The parts add up exactly, no order is preferred, and a driver that doesn't move adds nothing (Shapley 1953, "A value for
n-person games"; Shorrocks 2013, "Decomposition procedures for distributional analysis").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np

from tools.explain.facts import Floats, day_number, summed
from tools.explain.formula import LENGTHS, Formula
from tools.explain.rows import Facts
from tools.explain.windows import THAT, THIS

Value = Callable[[Any], float]
Sides = tuple[Any, Any]  # in this period, in that one
BY_WEEKDAY = 28  # days that both periods need for the days of the week to be told apart


@dataclass(frozen=True)
class Driver:
    """`added`: what it adds to the change, in the figure's unit."""

    name: str
    added: float


def shapley(value: Value, factors: Mapping[str, Sides]) -> dict[str, float]:
    """Each factor's Shapley value. `value` takes a namespace of the factors, each of one side or the other."""
    names, n = list(factors), len(factors)
    worth: dict[frozenset[str], float] = {}
    for size in range(n + 1):
        for moved in combinations(names, size):
            chosen = {name: factors[name][THIS if name in moved else THAT] for name in names}
            worth[frozenset(moved)] = float(value(SimpleNamespace(**chosen)))
    out = {}
    for name in names:
        others = [m for m in worth if name not in m]
        weights = [math.factorial(len(m)) * math.factorial(n - len(m) - 1) / math.factorial(n) for m in others]
        out[name] = math.fsum(w * (worth[m | {name}] - worth[m]) for w, m in zip(weights, others, strict=True))
    return out


@dataclass
class Sources:
    """The drivers of both periods, read from the facts as far as they are asked for."""

    facts: Facts

    def total(self, component: str) -> Sides:
        totals = self.facts.rows(component).totals(len(self.facts.windows.spans))
        return float(totals[THIS]), float(totals[THAT])

    @cached_property
    def orders(self) -> Sides:
        return self.total("orders")

    @cached_property
    def _per_day(self) -> tuple[Sides, Sides]:
        """Trading days, and orders on each, by day of the week where both periods are long enough."""
        spans = self.facts.windows.spans[:2]
        if min(s.days for s in spans) < BY_WEEKDAY:
            days = tuple(np.array([float(len(t))]) for t in self.facts.trading)
            rate = tuple(np.array([_ratio(o, float(d[0]))]) for o, d in zip(self.orders, days, strict=True))
            return _known(days, rate)
        rows = self.facts.rows("orders")
        weekday = [np.bincount(rows.codes["weekday"][rows.window == w], minlength=7) for w in (THIS, THAT)]
        days = tuple(np.bincount((t + 3) % 7, minlength=7).astype(float) for t in self.facts.trading)
        rate = tuple(
            np.where(d > 0, n / np.maximum(d, 1), _ratio(float(n.sum()), float(d.sum())))
            for n, d in zip(weekday, days, strict=True)
        )
        return _known(days, rate)

    @property
    def days(self) -> Sides:
        return self._per_day[0]

    @property
    def orders_per_day(self) -> Sides:
        return self._per_day[1]

    @property
    def trading_days(self) -> Sides:
        return float(len(self.facts.trading[THIS])), float(len(self.facts.trading[THAT]))

    def per_order(self, component: str) -> Sides:
        return _per(self.total(component), self.orders)

    @cached_property
    def _by_product(self) -> dict[str, tuple[Floats, Floats]]:
        """Units, revenue and cost of both periods by product."""
        orders, lines = self.facts.orders, self.facts.lines
        n = int(lines.product.max(initial=0)) + 1
        out: dict[str, list[Floats]] = {"units": [], "revenue": [], "cost": []}
        for s in self.facts.windows.spans[:2]:
            day = orders.day[lines.order]
            inside = (day >= day_number(s.start)) & (day <= day_number(s.end))
            for name, values in out.items():
                values.append(summed(lines.product[inside], getattr(lines, name)[inside], n))
        return {name: (values[0], values[1]) for name, values in out.items()}

    @property
    def mix(self) -> Sides:
        """Each product's part of the units; of a period without any, the other's."""
        this, that = (u / u.sum() if u.sum() else None for u in self._by_product["units"])
        nothing = np.zeros(len(self._by_product["units"][0]))
        return _first(this, that, nothing), _first(that, this, nothing)

    def each(self, name: str) -> Sides:
        """Revenue or cost of a unit, by product; in a period in which it wasn't sold, as in the other."""
        units, values = self._by_product["units"], self._by_product[name]
        this, that = (np.where(u > 0, v / np.where(u > 0, u, 1), np.nan) for u, v in zip(units, values, strict=True))
        return np.nan_to_num(np.where(np.isnan(this), that, this)), np.nan_to_num(np.where(np.isnan(that), this, that))

    def less(self, whole: str, part: str) -> Sides:
        (a, b), (x, y) = self.total(whole), self.total(part)
        return a - x, b - y


def _per(top: Sides, bottom: Sides) -> Sides:
    """Two quotients; where one is over nothing, it is taken as the other, so that what is over it tells the change."""
    this, that = (_ratio(t, b) if b else None for t, b in zip(top, bottom, strict=True))
    return _first(this, that, 0.0), _first(that, this, 0.0)


def _known(days: Any, rate: Any) -> tuple[Sides, Sides]:
    """A period without any trading day has the other one's rates: then its days tell the whole change."""
    this, that = (r if d.sum() else None for d, r in zip(days, rate, strict=True))
    return (days[THIS], days[THAT]), (_first(this, that, rate[THIS]), _first(that, this, rate[THAT]))


def _first(*values: Any) -> Any:
    return next(v for v in values if v is not None)


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


Factors = Callable[[Sources], dict[str, Sides]]


def _orders(s: Sources) -> dict[str, Sides]:
    return {"calendar": s.days, "orders_per_day": s.orders_per_day}


def _units(s: Sources) -> dict[str, Sides]:
    return _orders(s) | {"units_per_order": s.per_order("units")}


def _revenue(s: Sources) -> dict[str, Sides]:
    return _units(s) | {"mix": s.mix, "price": s.each("revenue")}


def _profit(s: Sources) -> dict[str, Sides]:
    return _revenue(s) | {"unit_cost": s.each("cost")}


def _returned(each: str, component: str) -> Factors:
    """Orders, returns per order, and what a return comes to."""
    return lambda s: (
        _orders(s)
        | {"returns_per_order": s.per_order("returns")}
        | {each: _per(s.total(component), s.total("returns"))}
    )


def _of(**parts: Callable[[Sources], Sides]) -> Factors:
    return lambda s: {name: part(s) for name, part in parts.items()}


def _sold(f: Any) -> float:
    return float(f.calendar @ f.orders_per_day) * float(f.units_per_order)


def _quotient(a: float, b: float) -> float:
    return a / b if b else math.nan


METRICS: dict[str, tuple[Factors, Value]] = {
    "orders": (_orders, lambda f: f.calendar @ f.orders_per_day),
    "units": (_units, _sold),
    "revenue": (_revenue, lambda f: _sold(f) * (f.mix @ f.price)),
    "cost": (
        lambda s: _units(s) | {"mix": s.mix, "unit_cost": s.each("cost")},
        lambda f: _sold(f) * (f.mix @ f.unit_cost),
    ),
    "gross_profit": (_profit, lambda f: _sold(f) * (f.mix @ (f.price - f.unit_cost))),
    "margin": (
        _of(mix=lambda s: s.mix, price=lambda s: s.each("revenue"), unit_cost=lambda s: s.each("cost")),
        lambda f: _quotient(f.mix @ (f.price - f.unit_cost), f.mix @ f.price),
    ),
    "net_revenue": (
        lambda s: _revenue(s) | {"refunds": s.total("refunds")},
        lambda f: _sold(f) * (f.mix @ f.price) - f.refunds,
    ),
    "refund_rate": (
        lambda s: {"refunds": s.total("refunds")} | _revenue(s),
        lambda f: _quotient(f.refunds, _sold(f) * (f.mix @ f.price)),
    ),
    "average_order_value": (
        lambda s: {"units_per_order": s.per_order("units"), "mix": s.mix, "price": s.each("revenue")},
        lambda f: f.units_per_order * (f.mix @ f.price),
    ),
    "average_price": (
        lambda s: {"mix": s.mix, "price": s.each("revenue")},
        lambda f: f.mix @ f.price,
    ),
    "shipping_income": (
        lambda s: _orders(s) | {"shipping_per_order": s.per_order("shipping")},
        lambda f: (f.calendar @ f.orders_per_day) * f.shipping_per_order,
    ),
    "guest_orders": (
        lambda s: _orders(s) | {"guest_share": s.per_order("guest_orders")},
        lambda f: (f.calendar @ f.orders_per_day) * f.guest_share,
    ),
    "guest_share": (
        _of(guest_orders=lambda s: s.total("guest_orders"), known_orders=lambda s: s.less("orders", "guest_orders")),
        lambda f: _quotient(f.guest_orders, f.guest_orders + f.known_orders),
    ),
    "returns": (
        lambda s: _orders(s) | {"returns_per_order": s.per_order("returns")},
        lambda f: (f.calendar @ f.orders_per_day) * f.returns_per_order,
    ),
    "refunds": (
        _returned("refund_each", "refunds"),
        lambda f: (f.calendar @ f.orders_per_day) * f.returns_per_order * f.refund_each,
    ),
    "returned_units": (
        _returned("units_each", "returned_units"),
        lambda f: (f.calendar @ f.orders_per_day) * f.returns_per_order * f.units_each,
    ),
    "customers": (
        _of(new=lambda s: s.total("new_customers"), returning=lambda s: s.less("customers", "new_customers")),
        lambda f: f.new + f.returning,
    ),
    "repeat_rate": (
        _of(repeat=lambda s: s.total("repeat_buyers"), once=lambda s: s.less("buyers", "repeat_buyers")),
        lambda f: _quotient(f.repeat, f.repeat + f.once),
    ),
    "conversion_rate": (
        _of(
            with_purchase=lambda s: s.total("purchase_sessions"),
            without_purchase=lambda s: s.less("sessions", "purchase_sessions"),
        ),
        lambda f: _quotient(f.with_purchase, f.with_purchase + f.without_purchase),
    ),
}  # others: trading days and what each brings, or numerator and denominator


def drivers_of(name: str, formula: Formula, facts: Facts, change: float) -> list[Driver]:
    """What each driver adds to the metric `name`; what they add comes to the change.

    Where they don't (refunds in a period without any order have no "returns per order"), the formula's components are
    the drivers; none where one side is undefined.
    """
    sources = Sources(facts)
    for factors, value in filter(None, (METRICS.get(name), _plain(formula), _components(formula))):
        added = shapley(value, factors(sources))
        if math.isclose(math.fsum(added.values()), change, rel_tol=1e-9, abs_tol=1e-9):
            return [Driver(driver, v) for driver, v in added.items()]
    return []


def _components(formula: Formula) -> tuple[Factors, Value]:
    """Each component by itself."""
    names = {name: (lambda s, name=name: s.total(name)) for name, _ in (*formula.top, *formula.bottom)}

    def value(f: Any) -> float:
        top, bottom = (sum(getattr(f, n) * sign for n, sign in terms) for terms in (formula.top, formula.bottom))
        return _quotient(top, bottom) if formula.bottom else float(top)

    return _of(**names), value


def _plain(formula: Formula) -> tuple[Factors, Value]:
    """For metrics without drivers of their own."""

    def sums(s: Sources, terms: Sequence[tuple[str, int]]) -> Sides:
        totals = [(s.total(name), sign) for name, sign in terms]
        return sum(t[THIS] * sign for t, sign in totals), sum(t[THAT] * sign for t, sign in totals)

    if formula.is_ratio:
        return _of(
            numerator=lambda s: sums(s, formula.top), denominator=lambda s: sums(s, formula.bottom)
        ), lambda f: _quotient(f.numerator, f.denominator)
    if formula.per:
        each = LENGTHS[formula.per]

        def length(s: Sources) -> Sides:
            this, that = (w.days / each for w in s.facts.windows.spans[:2])
            return this, that

        return _of(amount=lambda s: sums(s, formula.top), length=length), lambda f: f.amount / f.length
    return _of(
        calendar=lambda s: s.trading_days, per_trading_day=lambda s: _per(sums(s, formula.top), s.trading_days)
    ), lambda f: f.calendar * f.per_trading_day
