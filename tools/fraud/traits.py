"""What of an order is foretold from its entities' histories, in a few steps each: amount, hour, other numbers, how long
since each entity's last order, which entities met before, categories.

N rows, G traits; a code 0 is a number or text that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tools.fraud.features import DAY, HOUR, TOGETHER, Features
from tools.fraud.table import Floats, Ints

LEVELS = (0.01, 0.05, *(k / 10 for k in range(1, 10)), 0.95, 0.99, 0.999)  # quantiles between the steps of a number
HOURS = 3  # of a day together
VALUES = 24  # of a category that are told apart, the most frequent ones


@dataclass(frozen=True)
class Traits:
    """What was settled when it was learned: between which edges a number's steps are, and the values of categories."""

    edges: dict[str, tuple[float, ...]]
    values: dict[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.values, *self.edges)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Codes of each."""
        return tuple(len(found) + 2 for found in (*self.values.values(), *self.edges.values()))

    def codes(self, features: Features, rows: Ints) -> Ints:
        """(N, G)"""
        numbers = dict(_numbers(features, rows))
        texts = [_value(features.table.categories[name][rows], known) for name, known in self.values.items()]
        return np.stack([*texts, *(_step(numbers[name], edges) for name, edges in self.edges.items())], 1)


def traits_from(features: Features, rows: Ints) -> Traits:
    """Judged by the rows to learn from."""
    edges = {name: _edges(values) for name, values in _numbers(features, rows)}
    values = {name: _frequent(features.table.categories[name][rows]) for name in features.spec.frequent}
    return Traits(edges, values)


def _numbers(features: Features, rows: Ints) -> Iterator[tuple[str, Floats]]:
    for name, history in features.histories.items():
        span = history.before(rows)
        yield f"{name}: since the last", history.since(rows, span.end - 1, span.count > 0)
    for pair, history in features.pairs.items():
        yield f"{' and '.join(pair)}{TOGETHER}", (history.before(rows).count > 0).astype(float)
    yield "hour", (features.table.time[rows] % DAY // HOUR // HOURS).astype(float)
    for name in features.spec.numbers:
        yield name, features.table.numbers[name][rows]
    yield "amount", features.bent[rows]


def _edges(values: Floats) -> tuple[float, ...]:
    given = values[~np.isnan(values)]
    return tuple(np.unique(np.quantile(given, LEVELS)).tolist()) if len(given) else ()


def _step(values: Floats, edges: tuple[float, ...]) -> Ints:
    return np.where(np.isnan(values), 0, 1 + np.searchsorted(np.array(edges), values, side="right"))


def _frequent(values: np.ndarray) -> tuple[str, ...]:
    found, count = np.unique(values.astype(str), return_counts=True)
    often = found[np.lexsort((found, -count))]
    return tuple(str(v) for v in often[: VALUES + 1] if v)[:VALUES]


def _value(texts: np.ndarray, known: tuple[str, ...]) -> Ints:
    """All that are rarer have one code, the last."""
    found, back = np.unique(texts.astype(str), return_inverse=True)
    place = {"": 0} | {value: n for n, value in enumerate(known, 1)}
    return np.array([place.get(str(value), len(known) + 1) for value in found], np.int64)[back]
