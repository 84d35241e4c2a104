"""Split-conformal calibration of quantiles: what held on windows that the model was not fitted to is made to hold.

One-sided conformalised quantile regression (Romano, Patterson and Candès 2019), for each level and group by itself:
the score of a case is (y − q) / width, the shift is the scores' own quantile, q + shift · width is calibrated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def shift(y: Array, q: Array, width: Array, level: float, weight: Array | None = None) -> float:
    """The least shift by which at least `level` of the cases lie at or below q + shift · width.

    The finite-sample rank ⌈level (n + 1)⌉ is taken, at most n; with `weight`, the cases count so much each.
    """
    if not len(y):
        return 0.0
    scores = (y - q) / width
    order = np.argsort(scores, kind="stable")
    held = np.ones(len(y)) if weight is None else weight
    rank = np.cumsum(held[order]) / (held.sum() * (1 + 1 / len(y)))
    at = min(int(np.searchsorted(rank, level - 1e-12)), len(y) - 1)
    return float(scores[order][at])


def shifts(
    y: Array, q: Array, width: Array, levels: Array, groups: Array, weight: Array | None = None, count: int = 3
) -> Array:
    """(count, Q): a shift for each group and level. y, width, groups (N,), q (N, Q)."""
    out = np.zeros((count, len(levels)))
    for group in range(count):
        held = groups == group
        for i, level in enumerate(levels):
            w = None if weight is None else weight[held]
            out[group, i] = shift(y[held], q[held, i], width[held], float(level), w)
    return out


def shifted(q: Array, width: Array, groups: Array, by: Array) -> Array:
    """q (N, Q) calibrated by the shifts of each case's group, sorted where they now cross."""
    return np.asarray(np.sort(q + by[groups] * width[:, None], axis=1))
