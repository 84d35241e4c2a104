"""How unusual an order is, where no label says which were fraud: how rare each thing about it was until then.

Each measure's rarity is −log10 of the part of the earlier orders that had as much of it; what one order in ten has
doesn't count. Measures of one reason count once, by the rarest; an order's score is the sum over its reasons, as if
they were independent (the idea of ECOD, Li et al. 2022, on measures that only count upwards). It is no probability.
N orders, R reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tools.fraud.features import DAY, HOUR, Features, partner
from tools.fraud.history import History
from tools.fraud.table import Floats, Ints

COMMON = 1.0  # −log10 of one in ten
FIRST = 500  # orders that are compared with those before them one by one
ENOUGH = 100  # earlier orders from which on there is a tail to speak of
TAIL = 0.1  # of them, the largest
LEAST = 0.2  # of the mean logarithm by which they are larger still: the tail is taken for no thinner
HABIT = 3  # orders from which on there is a habit
BETWEEN = "\n"  # two texts that are counted as one
AMOUNT, BULK, UNLIKE, FAST, SHARED, ABROAD, NIGHT = "amount", "bulk", "habit", "velocity", "shared", "mismatch", "night"
UNEXPECTED = "unexpected"

Texts = np.ndarray[Any, Any]
SIZES = {"dearest": AMOUNT, "most_of_one": BULK}  # numbers of an order


@dataclass(frozen=True)
class Unusual:
    """score (N,), and what each reason adds to it (N, R)."""

    score: Floats
    reasons: tuple[str, ...]
    parts: Floats


def unusual(features: Features, surprise: Floats | None = None) -> Unusual:
    """Of all rows of the table, each by what was before it. `surprise` (N,) in nats is one more thing about them."""
    rows = np.arange(len(features.table))
    blocks = _blocks(features.table.time)
    found: dict[str, Floats] = {}
    learned = [] if surprise is None else [(UNEXPECTED, surprise, False)]
    for reason, values, sizes in (*_measures(features, rows), *learned):
        rare = np.maximum(rarity(values, blocks, sizes) - COMMON, 0)
        found[reason] = np.maximum(found[reason], rare) if reason in found else rare
    parts = np.stack(list(found.values()), 1)
    return Unusual(parts.sum(1), tuple(found), parts)


def rarity(values: Floats, blocks: Ints, sizes: bool = False) -> Floats:
    """−log10 of the part of the earlier values that are as large; 0 where it is NaN or not above 0.

    Each block is compared with the blocks before it, the first ones with every value before. `sizes` go on beyond
    the largest earlier one: what is far larger is rarer than any count can tell.
    """
    given, out = np.nan_to_num(values), np.zeros(len(values))
    for i in range(1, min(FIRST, len(values))):
        out[i] = _against(given[i : i + 1], np.sort(given[:i]), sizes)[0]
    for begin, end in pairwise([*(np.flatnonzero(np.diff(blocks)) + 1), len(values)]):
        at = np.arange(max(begin, FIRST), end)
        if len(at):
            out[at] = _against(given[at], np.sort(given[:begin]), sizes)
    return out


def _against(values: Floats, past: Floats, sizes: bool) -> Floats:
    """past (M,), rising"""
    above = len(past) - np.searchsorted(past, values)
    rare = np.log10((len(past) + 1) / (above + 1))
    if sizes and len(past) >= ENOUGH:
        rare = np.maximum(rare, _beyond(values, past))
    return np.asarray(np.where(values > 0, rare, 0.0))


def _beyond(values: Floats, past: Floats) -> Floats:
    """−log10 of a power law's tail through the largest tenth, its exponent by Hill (1975)."""
    begin = float(np.quantile(past, 1 - TAIL))
    if begin <= 0:
        return np.zeros(len(values))
    excess = np.log(past[past >= begin] / begin).mean()
    return np.asarray(np.log10(1 / TAIL) + np.log10(np.maximum(values / begin, 1)) / max(float(excess), LEAST))


def _blocks(time: Ints) -> Ints:
    """Months; the first orders are a block of their own."""
    month = time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return np.where(np.arange(len(time)) < FIRST, month.min(initial=0) - 1, month)


def _measures(features: Features, rows: Ints) -> Iterator[tuple[str, Floats, bool]]:
    """What may be suspicious about an order, more of it more so; and whether it is a size."""
    table = features.table
    yield AMOUNT, table.amount, True
    yield from ((reason, table.numbers[name], True) for name, reason in SIZES.items() if name in table.numbers)
    yield NIGHT, _seldom(table.time % DAY // HOUR), False
    for a, b in features.spec.alike:
        yield ABROAD, _elsewhere(features, table.categories[a], table.categories[b], rows), False
    for name, history in features.histories.items():
        for window in (HOUR, DAY):
            yield f"{FAST} {name}", history.before(rows, window).count.astype(float), False
        for pair in features.pairs:
            if name in pair and name != pair[0]:
                yield f"{SHARED} {name}", history.sum(partner(pair), history.before(rows, 30 * DAY)), False
    yield UNLIKE, _unlike(features, rows), True


def _elsewhere(features: Features, to: Texts, of: Texts, rows: Ints) -> Floats:
    """−ln of the part of the earlier orders of the same origin that went there too; 0 where it is no other place."""
    ever, there = (_before(features, values, rows) for values in (of, of + BETWEEN + to))
    return np.where((to != of) & (to != "") & (of != ""), np.log((ever + 1) / (there + 1)), 0.0)


def _before(features: Features, values: Texts, rows: Ints) -> Ints:
    """(N,) how many earlier orders had the same value."""
    codes = np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)
    return History(codes, features.table.time).before(rows).count


def _unlike(features: Features, rows: Ints) -> Floats:
    """How many times what the first entity usually spends, where it has a habit."""
    history = next(iter(features.histories.values()))
    span = history.before(rows)
    return np.where(span.count >= HABIT, np.exp(features.bent - history.mean("bent", span)), 0.0)


def _seldom(hour: Ints) -> Floats:
    """The share of the earlier orders that came at another hour, beyond nine in ten."""
    counts = np.zeros((24, len(hour) + 1))
    for h in range(24):
        counts[h, 1:] = np.cumsum(hour == h)
    before = np.arange(len(hour))
    share = counts[hour, before] / np.maximum(before, 1)
    return np.where((share < 1 / 50) & (before >= FIRST), 1 - share, 0.0)
