"""How good forecasts are: pure functions of arrays. y (N,) what happened, q (N, Q) quantiles at the levels (Q,)."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def pinball(y: Array, q: Array, levels: Array) -> Array:
    """max(τ(y − q), (τ − 1)(y − q)), (N, Q), in units of y (Koenker and Bassett 1978)."""
    gap = np.asarray(y, float)[:, None] - q
    return np.asarray(np.maximum(levels * gap, (levels - 1) * gap))


def weighted_quantile_loss(y: Array, q: Array, levels: Array) -> float:
    """2 Σ pinball / Σ |y|, the mean over the levels (Gasthaus et al. 2019; GluonTS's mean_wQuantileLoss)."""
    return float(2 * pinball(y, q, levels).mean(1).sum() / np.abs(y).sum())


def seasonal_error(history: Array, season: int) -> float:
    """Mean |y_t − y_{t−season}| of a series' past, the scale of MASE (Hyndman and Koehler 2006).

    Of a past not longer than a season: with season 1. NaN where it is 0 or there is no past to speak of.
    """
    lag = season if len(history) > season else 1
    if len(history) <= lag:
        return float("nan")
    found = float(np.abs(history[lag:] - history[:-lag]).mean())
    return found if found > 0 else float("nan")


def scaled_quantile_loss(y: Array, q: Array, levels: Array, scale: float) -> float:
    """2 · mean pinball / seasonal error of the past (fev-bench's SQL; Shchur et al. 2025)."""
    return float(2 * pinball(y, q, levels).mean() / scale)


def mase(y: Array, median: Array, scale: float) -> float:
    """mean |y − median| / seasonal error of the past (Hyndman and Koehler 2006)."""
    return float(np.abs(y - median).mean() / scale)


def skill(loss: Array, naive: Array, bounds: tuple[float, float] = (1e-2, 1e2)) -> float:
    """1 − geometric mean of loss / naive over the series (fev-bench's skill score, ratios within the bounds).

    Series without a loss (NaN) are left out, and those where both are 0 count 1.
    """
    held = np.isfinite(loss) & np.isfinite(naive)
    a, b = loss[held], naive[held]
    ratio = np.where((a == 0) & (b == 0), 1.0, a / np.maximum(b, 1e-12))
    return float(1 - np.exp(np.log(np.clip(ratio, *bounds)).mean())) if held.any() else float("nan")


def above(y: Array, q: Array) -> float:
    """The part of y above the quantile q (N,): 1 − τ where it is calibrated and y has no ties."""
    return float((y > q).mean()) if len(y) else float("nan")


def below(y: Array, q: Array) -> float:
    """The part of y below the quantile q (N,): at most τ where it is calibrated."""
    return float((y < q).mean()) if len(y) else float("nan")


def bias(y: Array, mean: Array) -> float:
    """Σ mean / Σ y − 1: how far the total is off."""
    return float(mean.sum() / y.sum() - 1)


def terciles(volume: Array) -> Array:
    """0, 1 or 2 for each: the third that its volume is in, small to large; ties by place."""
    rank = np.argsort(np.argsort(volume, kind="stable"), kind="stable")
    return np.asarray(rank * 3 // max(1, len(volume)))
