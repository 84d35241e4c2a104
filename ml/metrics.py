"""How good predictions are: pure functions of arrays.

Of forecasts, y (N,) is what happened, q (N, Q) quantiles at the levels (Q,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]
Labels = np.ndarray[Any, Any]


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


# How well rare cases are told apart: y (N,) is 1 or 0, score (N,) is higher where it is thought more likely, and a row
# counts `weight` (1).


def average_precision(y: Array, score: Array, weight: Array | None = None) -> float:
    """Σ (recall_k − recall_{k−1}) · precision_k over the thresholds, ties together (scikit-learn's definition).

    NaN where there is no case.
    """
    hits, misses = _steps(y, score, weight)
    if not hits[-1]:
        return float("nan")
    return float((np.diff(hits, prepend=0) / hits[-1] * hits / np.maximum(hits + misses, 1e-12)).sum())


def auc(y: Array, score: Array, weight: Array | None = None) -> float:
    """The chance that a case is scored above a non-case, ties half (Mann and Whitney 1947; Hanley and McNeil 1982).

    NaN where there is only one class.
    """
    hits, misses = _steps(y, score, weight)
    if not hits[-1] or not misses[-1]:
        return float("nan")
    height = hits - np.diff(hits, prepend=0) / 2
    return float((height * np.diff(misses, prepend=0)).sum() / (hits[-1] * misses[-1]))


def recall_at(y: Array, score: Array, rate: float = 0.01) -> float:
    """The largest part of the cases that is found while at most `rate` of the others are taken for cases."""
    hits, misses = _steps(y, score, None)
    if not hits[-1]:
        return float("nan")
    return float(hits[misses <= rate * misses[-1]].max(initial=0.0) / hits[-1])


def precision_at(y: Array, score: Array, day: Labels, card: Labels, k: int) -> float:
    """The mean over the days of what `precisions_at` finds, NaN where there are none."""
    found = precisions_at(y, score, day, card, k)
    return float(found.mean()) if len(found) else float("nan")


def precisions_at(y: Array, score: Array, day: Labels, card: Labels, k: int) -> Array:
    """Of the k cards scored highest in a day, the part with a case, (days,).

    A card counts by its highest score of the day, and once it was found with a case it is blocked: it is gone from the
    days after (CP@k; Le Borgne et al. 2022, Fraud Detection Handbook, 4.4).
    """
    found, caught = [], np.zeros(0, card.dtype)
    for today in np.unique(day):
        at = (day == today) & ~np.isin(card, caught)
        cards, where = np.unique(card[at], return_inverse=True)
        best, bad = np.full(len(cards), -np.inf), np.zeros(len(cards))
        np.maximum.at(best, where, score[at])
        np.maximum.at(bad, where, y[at])
        first = np.argsort(-best, kind="stable")[:k]
        found.append(bad[first].sum() / k)
        caught = np.append(caught, cards[first][bad[first] > 0])
    return np.array(found, float)


def calibration_error(y: Array, probability: Array, bins: int = 15) -> float:
    """Σ n_b / N · |mean y − mean probability| over bins of equal width (ECE; Guo et al. 2017)."""
    at = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(at, weights=probability - y, minlength=bins)
    return float(np.abs(gap).sum() / max(1, len(y)))


def _steps(y: Array, score: Array, weight: Array | None) -> tuple[Array, Array]:
    """Cases and others at or above each threshold, the highest first."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    w = np.ones(len(y)) if weight is None else weight
    hits, misses = (np.cumsum((part * w)[order], dtype=float)[ends] for part in (y, 1 - y))
    return hits, misses
