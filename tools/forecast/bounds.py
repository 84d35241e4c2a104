"""Bounds of a forecast from the errors of past ones, measured in units of its spread (split-conformal)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.conformal import shift
from tools.forecast.sold import Doubles

INSIDE = {("low", "high"): 0.8, ("lowest", "highest"): 0.9}  # how often a total lies between two of its bounds
FEW = 8  # errors, fewer of which tell no tenth
LITTLE = 0.25  # of a spread: added before a root is taken, which is too steep near nothing


@dataclass(frozen=True)
class Cases:
    """Past periods (N,): what came, what was said, and its spread then."""

    y: Doubles
    q: Doubles
    width: Doubles


def bounds_of(part: float, own: Cases, others: Cases, mean: float, spread: float) -> tuple[float, float]:
    """Both sides of the mean, as far from it as that part of the past totals were.

    Measured on the scale of square roots, on which what is counted varies alike on both sides (Bartlett 1936), and by
    its size alone: past periods overlap, and may all have erred to one side by chance. The sum's own cases count as
    much as the others together. Where all are too few, as a normal distribution has it.
    """
    if spread <= 0:
        return mean, mean
    y, q, width = (np.concatenate(pair) for pair in ((own.y, others.y), (own.q, others.q), (own.width, others.width)))
    weight = np.concatenate([np.full(len(own.y), max(len(others.y), 1) / max(len(own.y), 1)), np.ones(len(others.y))])
    known = width > 0
    off = np.abs(_rooted(y, width) - _rooted(q, width))[known] / _step(q, width)[known]
    if len(off) < FEW:
        usual = float(np.sqrt(np.mean(off**2))) if len(off) else 1.0
        by = NormalDist().inv_cdf((1 + part) / 2) * max(usual, 1.0)
    else:
        by = shift(off, np.zeros(len(off)), np.ones(len(off)), part, weight[known])
    middle, step = (float(f(np.array(mean), np.array(spread))) for f in (_rooted, _step))
    low, high = (max(0.0, end) ** 2 - LITTLE * spread for end in (middle - by * step, middle + by * step))
    return max(0.0, low), high


def _rooted(value: Doubles, spread: Doubles) -> Doubles:
    return np.asarray(np.sqrt(np.maximum(value, 0) + LITTLE * spread))


def _step(mean: Doubles, spread: Doubles) -> Doubles:
    """A spread on the scale of roots (delta method)."""
    return np.asarray(spread / (2 * np.maximum(_rooted(mean, spread), 1e-9)))
