"""What is answered: the Transformer's and the trees' forecasts, weighed and calibrated by what came of earlier ones.

N windows, H steps, Q levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml import conformal
from ml.metrics import terciles, weighted_quantile_loss
from tools.forecast.table import Floats
from tools.forecast.trees import LEVELS

Q10, Q90 = LEVELS.index(0.1), LEVELS.index(0.9)
WEIGHTS = tuple(k / 10 for k in range(11))
NARROW = 0.1  # of a level: the least width that a shift is measured by
MOST = 1.25  # how far, up or down, the mean is moved for totals that were off
THIRDS = 3


@dataclass(frozen=True)
class Said:
    """q (N, H, Q) and mean (N, H), in the series' own units."""

    q: Floats
    mean: Floats


@dataclass(frozen=True)
class Past:
    """Forecasts of windows that are over, neither model fitted to them: both models', what came (NaN: isn't known),
    and each series' level and volume at the origin (N,)."""

    net: Said
    trees: Said
    y: Floats
    level: Floats
    volume: Floats


@dataclass(frozen=True)
class Blend:
    """`weight` is the Transformer's, `shifts` (3, Q) by volume tercile, `factor` of the mean."""

    weight: float
    shifts: Floats
    factor: float


def blend_from(pasts: Sequence[Past]) -> Blend:
    """The weight with the least loss over all of them; then shifts and factor that would have held."""
    y = np.concatenate([p.y.ravel() for p in pasts])
    held = ~np.isnan(y)
    losses = {w: _loss(pasts, w, y, held) for w in WEIGHTS}
    weight = min(WEIGHTS, key=lambda w: losses[w])
    mixed = [_mixed(p.net, p.trees, weight) for p in pasts]
    q = np.concatenate([m.q.reshape(-1, len(LEVELS)) for m in mixed])
    mean = np.concatenate([m.mean.ravel() for m in mixed])
    width = np.concatenate([_width(m.q, p.level).ravel() for m, p in zip(mixed, pasts, strict=True)])
    group = np.concatenate([np.repeat(terciles(p.volume), p.y.shape[1]) for p in pasts])
    shifts = conformal.shifts(y[held], q[held], width[held], np.array(LEVELS), group[held], count=THIRDS)
    factor = float(np.clip(y[held].sum() / max(float(mean[held].sum()), 1e-9), 1 / MOST, MOST))
    return Blend(weight, shifts.astype(np.float32), factor)


def blended(net: Said, trees: Said, level: Floats, volume: Floats, blend: Blend) -> Said:
    """Nothing is forecast to sell less than nothing."""
    mixed = _mixed(net, trees, blend.weight)
    n, h, levels = mixed.q.shape
    width, group = _width(mixed.q, level).ravel(), np.repeat(terciles(volume), h)
    q = conformal.shifted(mixed.q.reshape(-1, levels), width, group, blend.shifts)
    return Said(np.maximum(q, 0).reshape(n, h, levels).astype(np.float32), mixed.mean * np.float32(blend.factor))


def _loss(pasts: Sequence[Past], weight: float, y: Floats, held: Floats) -> float:
    q = np.concatenate([_mixed(p.net, p.trees, weight).q.reshape(-1, len(LEVELS)) for p in pasts])
    return weighted_quantile_loss(y[held], q[held][:, Q10 : Q90 + 1], np.array(LEVELS[Q10 : Q90 + 1]))


def _mixed(net: Said, trees: Said, weight: float) -> Said:
    """Quantiles are averaged level by level (Lichtendahl, Grushka-Cockayne and Winkler 2013)."""
    w = np.float32(weight)
    return Said(w * net.q + (1 - w) * trees.q, w * net.mean + (1 - w) * trees.mean)


def _width(q: Floats, level: Floats) -> Floats:
    """(N, H): half of what lies between a tenth and nine tenths, and a little."""
    return np.asarray(np.maximum(q[..., Q90] - q[..., Q10], 0) / 2 + NARROW * level[:, None])
