"""An order as numbers, from what was known when it came: its own, its entities' earlier orders and known labels.

The trees and the Transformer get the same. Nothing of a later order enters, nor of a label younger than the delay.
N rows asked for, F features, E entities, K earlier orders, C what is told of each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from tools.fraud.history import History, Span
from tools.fraud.table import Floats, Ints, Table

HOUR, DAY = 3_600, 86_400
WINDOWS = {"1 hour": HOUR, "1 day": DAY, "7 days": 7 * DAY, "30 days": 30 * DAY}
RISKS = {"1 day": DAY, "3 days": 3 * DAY, "7 days": 7 * DAY, "14 days": 14 * DAY, "30 days": 30 * DAY}
ODD = 2.0  # of its own spreads above what is usual for the entity: an order that is out of the way
HABIT = 3  # orders from which on there is a habit
WILD = 8.0  # spreads: what is further off counts no more
WAITED = 30  # days: whoever has waited longer for a label has waited long
PARTNERS = {"7 days": 7 * DAY, "30 days": 30 * DAY}
ALL = "shop"  # the one entity of a table that has none: the shop's own last orders
FREQUENT = 15  # values of a category that get a feature each
MOST_PAIRS = 6
ALIKE = 0.5  # of their values two categories share, if they are to be compared
LITTLE = 0.1  # added to a spread of logarithms, so that a habit of one amount is no infinity
CENT, FINE = 0.01, 1e-4  # what amounts and their logarithms are summed in
ENORMOUS = 1e9  # an amount counts no more in a sum
CLEARED = "since a known honest order"
TOGETHER = " together before"
TOLD = 9  # what is told of each earlier order


@dataclass(frozen=True)
class Spec:
    """What was settled when a model was trained: the label's delay in seconds, the columns, frequent values of the
    categories, and the categories that are compared."""

    delay: int
    entities: tuple[str, ...]
    numbers: tuple[str, ...]
    frequent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    alike: tuple[tuple[str, str], ...] = ()


def spec_from(table: Table, until: int, delay: int) -> Spec:
    """Judged by the rows before row `until`."""
    frequent: dict[str, tuple[str, ...]] = {}
    seen: dict[str, set[str]] = {}
    for name, values in table.categories.items():
        found, count = np.unique(values[:until].astype(str), return_counts=True)
        often = found[np.lexsort((found, -count))]
        frequent[name] = tuple(str(v) for v in often[:FREQUENT] if v)
        seen[name] = set(often) - {""}
    alike = tuple((a, b) for a, b in combinations(frequent, 2) if _shared(seen[a], seen[b]) >= ALIKE)
    return Spec(delay, tuple(table.entities), tuple(table.numbers), frequent, alike)


def _shared(a: set[str], b: set[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b and min(len(a), len(b)) > 1 else 0.0


def bent(amount: Floats) -> Floats:
    """sign · log(1 + |amount|)"""
    return np.asarray(np.sign(amount) * np.log1p(np.abs(amount)))


class Features:
    """Features of any rows of a table, by a spec."""

    def __init__(self, table: Table, spec: Spec) -> None:
        self.table, self.spec = table, spec
        codes = {name: table.entities[name] for name in spec.entities} or {ALL: np.zeros(len(table), np.int64)}
        self.histories = {name: History(c, table.time) for name, c in codes.items()}
        self.bent = np.round(bent(table.amount), 4)
        self._known = (~np.isnan(table.label)).astype(np.float64)
        self._fraud = np.nan_to_num(table.label)
        self.pairs = {(a, b): _pair(codes[a], codes[b], table.time) for a, b in _pairs(codes)}
        self._new = {pair: (h.at == h.first).astype(np.float64) for pair, h in self.pairs.items()}
        self._odd: dict[str, Floats] = {}
        for name, history in self.histories.items():
            history.add({"amount": np.clip(table.amount, -ENORMOUS, ENORMOUS)}, CENT)
            history.add({"bent": self.bent}, FINE)
            history.add({"square": self.bent**2}, FINE**2)
            history.add({"known": self._known, "fraud": self._fraud})
            history.add({partner(pair): new for pair, new in self._new.items() if name in pair})
            history.mark("fraud", self._fraud > 0)
            history.mark("honest", (self._known > 0) & (self._fraud <= 0))
            self._odd[name] = self._oddness(history)
            history.add({"odd": (self._odd[name] > ODD).astype(float)})
        self.names = tuple(name for name, _ in self._all(np.zeros(1, np.int64)))

    def matrix(self, rows: Ints) -> Floats:
        """(N, F), NaN where there is nothing to tell."""
        out = np.empty((len(rows), len(self.names)), np.float32)
        for i, (_, values) in enumerate(self._all(rows)):
            out[:, i] = values
        return out

    def waits(self, x: Floats) -> Floats:
        """(N, E): of features (N, F), how long each entity has been without a label that cleared it, log(1 + days)."""
        at = [self.names.index(f"{name}: {CLEARED}") for name in self.histories]
        return np.asarray(np.log1p(np.minimum(np.nan_to_num(x[:, at] / DAY, nan=WAITED), WAITED)), np.float64)

    def lasting(self, rows: Ints) -> tuple[float, ...]:
        """(E,) of labelled rows: how much more often an entity's order is a fraud after a fraud than else."""
        return tuple(history.lasting(self._known, self._fraud, rows) for history in self.histories.values())

    def _all(self, rows: Ints) -> Iterator[tuple[str, Floats]]:
        yield from self._own(rows)
        for name, history in self.histories.items():
            yield from self._usual(name, history, rows)
            yield from self._risk(name, history, rows)
        yield from self._together(rows)

    def _own(self, rows: Ints) -> Iterator[tuple[str, Floats]]:
        time = self.table.time[rows]
        hour = (time % DAY) / HOUR
        yield "amount", self.bent[rows]
        yield "hour", hour
        yield "night", np.cos(2 * np.pi * hour / 24)
        yield "weekday", ((time // DAY + 3) % 7).astype(float)
        for name in self.spec.numbers:
            yield name, self.table.numbers[name][rows]
        for name, values in self.spec.frequent.items():
            given = self.table.categories[name][rows]
            yield from ((f"{name} is {value}", (given == value).astype(float)) for value in values)
        for a, b in self.spec.alike:
            left, right = (self.table.categories[name][rows] for name in (a, b))
            differs = ((left != right) & (left != "") & (right != "")).astype(float)
            yield f"{a} is not {b}", differs

    def _usual(self, name: str, history: History, rows: Ints) -> Iterator[tuple[str, Floats]]:
        """How many orders, of what amounts, how this one compares."""
        ever = history.before(rows)
        yield f"{name}: orders ever", ever.count.astype(float)
        yield f"{name}: since the last", history.since(rows, ever.end - 1, ever.count > 0)
        yield f"{name}: since the first", history.since(rows, ever.begin, ever.count > 0)
        yield from self._habit(f"{name}: amount against habit", history, rows, ever)
        for window, seconds in WINDOWS.items():
            span = history.before(rows, seconds)
            yield f"{name}: orders in {window}", span.count.astype(float)
            yield f"{name}: mean amount in {window}", history.mean("amount", span)
        for pair in self.pairs:
            if name in pair:
                for window, seconds in PARTNERS.items():
                    other = pair[1 - pair.index(name)]
                    count = history.sum(partner(pair), history.before(rows, seconds))
                    yield f"{name}: new {other}s in {window}", count

    def _habit(self, name: str, history: History, rows: Ints, span: Span) -> Iterator[tuple[str, Floats]]:
        """How many of its own spreads an amount lies above the entity's usual one, in logarithms."""
        mean = history.mean("bent", span)
        spread = np.sqrt(np.maximum(history.mean("square", span) - mean**2, 0))
        yield name, (self.bent[rows] - mean) / (spread + LITTLE)

    def _oddness(self, history: History) -> Floats:
        """(M,) of every order how far its amount was above the entity's habit by then; 0 where there was none."""
        rows = np.arange(len(self.table))
        ever = history.before(rows)
        ((_, found),) = self._habit("", history, rows, ever)
        return np.where(ever.count >= HABIT, np.clip(np.nan_to_num(found), -WILD, WILD), 0.0)

    def _risk(self, name: str, history: History, rows: Ints) -> Iterator[tuple[str, Floats]]:
        """Orders out of the way, known frauds, their share of the known labels, and how long none was known."""
        delay = max(self.spec.delay, 0)
        for window, seconds in RISKS.items():
            span = history.before(rows, seconds, delay)
            frauds, known = history.sum("fraud", span), history.sum("known", span)
            yield f"{name}: known frauds in {window}", frauds
            yield f"{name}: share of fraud in {window}", np.where(known > 0, frauds / np.maximum(known, 1), np.nan)
            yield f"{name}: odd orders in {window}", history.sum("odd", history.before(rows, seconds))
        ever = history.before(rows, None, delay)
        yield f"{name}: known frauds ever", history.sum("fraud", ever)
        yield f"{name}: since a known fraud", history.since_latest("fraud", rows, ever)
        yield f"{name}: {CLEARED}", history.since_latest("honest", rows, ever)
        row = history.after_latest("honest", ever)
        frauds = history.sum("fraud", row)
        yield f"{name}: known frauds in a row", frauds
        yield f"{name}: since their beginning", history.since(rows, row.begin, frauds > 0)

    def _together(self, rows: Ints) -> Iterator[tuple[str, Floats]]:
        for pair, history in self.pairs.items():
            yield f"{' and '.join(pair)}{TOGETHER}", history.before(rows).count.astype(float)

    def events(self, rows: Ints, count: int, unseen: bool = False) -> tuple[Floats, Floats]:
        """The last K orders of each entity, (N, E, K, TOLD), and held (N, E, K): gaps, amounts, labels known by now.

        Of `unseen` rows, as the latest of the earlier orders saw them, so that nothing of a row itself shows.
        """
        told, held = zip(
            *(self._events(h, name, rows, count, unseen) for name, h in self.histories.items()), strict=True
        )
        return np.stack(told, 1), np.stack(held, 1)

    def _events(self, history: History, name: str, rows: Ints, count: int, unseen: bool) -> tuple[Floats, Floats]:
        then, held = history.last(rows, count)
        rows = then[:, 0] if unseen else rows
        gap = np.maximum(self.table.time[rows][:, None] - self.table.time[then], 0) / DAY
        known = (self._known[then] > 0) & (gap * DAY > self.spec.delay) & held
        fraud = known & (self._fraud[then] > 0)
        mine, theirs = self.bent[rows][:, None], self.bent[then]
        hour = (self.table.time[then] % DAY) / DAY
        again = self._again(name, rows, then)
        told = [
            np.log1p(gap * 24), gap / 30, theirs, theirs - mine, known, fraud, again, np.cos(2 * np.pi * hour),
            self._odd[name][then],
        ]  # fmt: skip
        return np.stack(told, -1).astype(np.float32) * held[..., None], held.astype(np.float32)

    def _again(self, name: str, rows: Ints, then: Ints) -> Floats:
        """The share of the other entities that an earlier order has in common with this one."""
        others = [h.codes for other, h in self.histories.items() if other != name]
        same = [codes[then] == codes[rows][:, None] for codes in others]
        return np.mean(same, 0) if same else np.zeros(then.shape)


def _pairs(codes: dict[str, Ints]) -> list[tuple[str, str]]:
    return list(combinations(codes, 2))[:MOST_PAIRS]


def partner(pair: tuple[str, str]) -> str:
    return " with new ".join(pair)


def _pair(a: Ints, b: Ints, time: Ints) -> History:
    return History(np.unique(a * (int(b.max()) + 1) + b, return_inverse=True)[1].astype(np.int64), time)
