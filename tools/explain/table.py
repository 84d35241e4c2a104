"""What was found as rows: the change itself, its drivers, and every dimension, small parts of it as one.

Rows of the split "driver" add up to the change; so do the rows by each dimension. Rows by a pair, by day and of single
orders and returns are there only where they stand out, and add up to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from tools.contract import Cell, Column
from tools.explain.drivers import Driver
from tools.explain.facts import EPOCH
from tools.explain.parts import Figure, Parts, parts_of
from tools.explain.rows import Vocabulary
from tools.explain.search import APART, DAY, ORDER, RETURN, Found, dimensions_of
from tools.explain.windows import THAT, THIS

MOST_SHOWN = 5  # parts of a dimension
SMALL = 0.02  # of all movement in a dimension: what is less is grouped
TOTAL, DRIVER, OTHERS = "total", "driver", "everything else"
BY, PAIR = "by ", " × "  # a split is "by country" or "by country × channel": words that no sentence about it has
BY_DAY, BY_ORDER, BY_RETURN = (f"{BY}{dims[0]}" for dims in (DAY, ORDER, RETURN))
DRIVERS = {
    "calendar": "trading days",
    "orders_per_day": "orders a day",
    "units_per_order": "units per order",
    "mix": "product mix",
    "price": "prices",
    "unit_cost": "unit costs",
    "returns_per_order": "returns per order",
    "refund_each": "money a return",
    "units_each": "units a return",
    "shipping_per_order": "shipping an order",
    "guest_share": "the guests' share",
    "known_orders": "orders of known customers",
    "new": "new customers",
    "returning": "returning customers",
    "repeat": "customers who came again",
    "once": "customers who came once",
    "with_purchase": "visits with a purchase",
    "without_purchase": "visits without a purchase",
    "per_trading_day": "what a trading day brings",
    "numerator": "what is divided",
    "denominator": "what it is divided by",
    "amount": "the amount",
    "length": "the length of the period",
}


@dataclass(frozen=True)
class Table:
    metric: str
    unit: str
    figure: Figure
    drivers: Sequence[Driver]
    found: Sequence[Found]
    vocabulary: Vocabulary

    @property
    def change(self) -> float:
        return float(self.figure.values[THIS] - self.figure.values[THAT])


def rows_of_table(t: Table) -> tuple[tuple[Column, ...], list[list[Cell]]]:
    m = t.metric
    columns = (
        Column("split", "name"), Column("part", "name"), Column("rank", "count"), Column(f"{m}_before", t.unit),
        Column(m, t.unit), Column(f"{m}_change", t.unit), Column("share", "%"),
        Column("times_usual", "ratio"), Column("chance", "%"),
    )  # fmt: skip
    rows = [_row(t, TOTAL, TOTAL, float(t.figure.values[THAT]), float(t.figure.values[THIS]), t.change)]
    rows += [_row(t, DRIVER, DRIVERS.get(d.name, d.name.replace("_", " ")), None, None, d.added) for d in t.drivers]
    rows += [_found_row(t, f) for f in t.found if len(f.dims) > 1 or f.dims in APART]
    for dims in sorted(((d,) for d in dimensions_of(t.figure)), key=lambda dims: _rank(t, dims)):
        rows += _dimension(t, parts_of(t.figure, dims))
    return columns, rows


def _rank(t: Table, dims: tuple[str, ...]) -> int:
    """Dimensions in which something stands out come first."""
    return next((i for i, f in enumerate(t.found) if f.dims == dims), len(t.found))


def _dimension(t: Table, parts: Parts) -> Iterator[list[Cell]]:
    """Its largest parts and those that stand out, then everything else as one."""
    added, before, this = parts.contributions, parts.values(THAT), parts.values(THIS)
    standing = {f.key: f for f in t.found if f.dims == parts.dims}
    names = [_name(t, parts.dims, key) for key in parts.keys]
    order = sorted(range(len(names)), key=lambda i: (-round(abs(float(added[i])), 9), names[i]))
    least = SMALL * float(np.sum(np.abs(added)))
    shown = [i for i in order[:MOST_SHOWN] if abs(added[i]) >= least] if len(order) > MOST_SHOWN + 1 else order
    shown += [i for i in order if parts.keys[i] in standing and i not in shown]
    for i in shown:
        found = standing.get(parts.keys[i])
        yield _row(t, BY + parts.dims[0], names[i], float(before[i]), float(this[i]), float(added[i]), found)
    rest = [i for i in order if i not in set(shown)]
    if rest:
        was, now = (float(np.sum(side[rest])) if parts.bottom is None else None for side in (before, this))
        yield _row(t, BY + parts.dims[0], OTHERS, was, now, float(np.sum(added[rest])))


def _found_row(t: Table, f: Found) -> list[Cell]:
    return _row(t, BY + PAIR.join(f.dims), _name(t, f.dims, f.key), f.before, f.this, f.change, f)


def _name(t: Table, dims: tuple[str, ...], key: tuple[int, ...]) -> str:
    if dims == DAY:
        return (EPOCH + timedelta(days=key[0])).isoformat()
    return PAIR.join(t.vocabulary.names[d][k] for d, k in zip(dims, key, strict=True))


def _row(
    t: Table, split: str, part: str, before: float | None, this: float | None, added: float, found: Found | None = None
) -> list[Cell]:
    rank = None if found is None else 1 + list(t.found).index(found)
    said = (None, None) if found is None else (abs(found.times), found.chance)
    share = added / t.change if t.change else None
    return [split, part, rank, _known(before), _known(this), added, share, *said]


def _known(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else value
