"""What a model said of the last labelled orders before it learned from them, kept to look back at: what would have been
caught, what it would have cost, and whom it would have troubled without need.

N orders, by time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.fraud.features import DAY, Features
from tools.fraud.groups import Names, groups_of
from tools.fraud.table import Floats, Ints

COLUMNS = ("p", "y", "weight", "amount", "day")


@dataclass(frozen=True)
class Backtest:
    """Probability p (N,), label y, how many orders a row stands for, amount, day since 1970; the groups by kind."""

    p: Floats
    y: Floats
    weight: Floats
    amount: Floats
    day: Ints
    groups: Mapping[str, Names]

    def __len__(self) -> int:
        return len(self.p)


def looked_back(features: Features, rows: Ints, p: Floats, y: Floats, weight: Floats) -> Backtest:
    table = features.table
    order = np.argsort(rows, kind="stable")
    at = rows[order]
    amount, day = table.amount[at], table.time[at] // DAY
    return Backtest(p[order], y[order], weight[order], amount, day, groups_of(features, at))


def as_array(tested: Backtest) -> Floats:
    """(C, N), the columns and then each kind's groups by number."""
    codes = [np.unique(names, return_inverse=True)[1] for names in tested.groups.values()]
    return np.stack([*(getattr(tested, name) for name in COLUMNS), *codes]).astype(np.float64)


def group_names(tested: Backtest) -> list[list[Any]]:
    return [[kind, np.unique(names).tolist()] for kind, names in tested.groups.items()]


def backtest_from(array: Floats, names: list[list[Any]]) -> Backtest:
    """The inverse of `as_array` and `group_names`."""
    p, y, weight, amount, day, *codes = array
    groups = {kind: np.array(said)[code.astype(np.int64)] for (kind, said), code in zip(names, codes, strict=True)}
    return Backtest(p, y, weight, amount, day.astype(np.int64), groups)
