"""What is answered: the forecasts of several models, weighed and calibrated by what came of earlier ones.

N windows, H steps, Q levels, M models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ml import conformal
from ml.metrics import pinball, terciles
from tools.forecast.table import Floats
from tools.forecast.trees import LEVELS

Q10, Q90 = LEVELS.index(0.1), LEVELS.index(0.9)
GRID = 5  # parts that weights come in
ENOUGH = 20_000  # steps of windows to find weights by
FAR_OFF = 1.2  # times the least loss of a model alone: one with more takes no part
TRUSTED = 0.5  # of the weights that were best; the rest is equal shares, which are hard to beat by weights from little
OLDER = 0.7  # of what a later forecast counts for shifts: trade changes, and how far forecasts are off with it
NARROW = 0.1  # of a level: the least width that a shift is measured by
MOST = 1.25  # how far, up or down, totals that were off may be
HALF = 0.5  # of the way to a total, as a logarithm: few horizons tell chance from a habit
THIRDS = 3


@dataclass(frozen=True)
class Said:
    """q (N, H, Q) and mean (N, H), in the series' own units; and what kind of model says so."""

    q: Floats
    mean: Floats
    kind: str = ""


@dataclass(frozen=True)
class Past:
    """Forecasts of windows that are over, no model fitted to them: what each model said, what came (NaN: isn't known),
    and each series' level and volume at the origin (N,)."""

    said: tuple[Said, ...]
    y: Floats
    level: Floats
    volume: Floats


@dataclass(frozen=True)
class Blend:
    """`weight` (M,) of each model, `shifts` (3, Q) by volume tercile, `factor` of the mean."""

    weight: Sequence[float]
    shifts: Floats
    factor: float


def blend_from(pasts: Sequence[Past]) -> Blend:
    """Weights between equal ones and those with the least loss over all of them (Smith and Wallis 2009 for why), of the
    models that aren't far off; then shifts and factor that would have held. `pasts` from the earliest on: for shifts
    the later count more (Barber, Candès, Ramdas and Tibshirani 2023)."""
    y = np.concatenate([p.y.ravel() for p in pasts])
    held = ~np.isnan(y)
    weight = _weights(pasts, y, held)
    mixed = [_mixed(p.said, weight) for p in pasts]
    q = np.concatenate([m.q.reshape(-1, len(LEVELS)) for m in mixed])
    mean = np.concatenate([m.mean.ravel() for m in mixed])
    width = np.concatenate([_width(m.q, p.level).ravel() for m, p in zip(mixed, pasts, strict=True)])
    group = np.concatenate([np.repeat(terciles(p.volume), p.y.shape[1]) for p in pasts])
    counts = np.repeat(OLDER ** np.arange(len(pasts))[::-1], [p.y.size for p in pasts])
    shifts = conformal.shifts(y[held], q[held], width[held], np.array(LEVELS), group[held], counts[held], THIRDS)
    shifts *= _trust()
    factor = float(np.clip(y[held].sum() / max(float(mean[held].sum()), 1e-9), 1 / MOST, MOST)) ** HALF
    return Blend(weight, shifts.astype(np.float32), factor)


def blended(said: Sequence[Said], level: Floats, volume: Floats, blend: Blend) -> Said:
    """Nothing is forecast to sell less than nothing."""
    mixed = _mixed(said, blend.weight)
    n, h, levels = mixed.q.shape
    width, group = _width(mixed.q, level).ravel(), np.repeat(terciles(volume), h)
    q = conformal.shifted(mixed.q.reshape(-1, levels), width, group, blend.shifts)
    return Said(np.maximum(q, 0).reshape(n, h, levels).astype(np.float32), mixed.mean * np.float32(blend.factor))


def nearer(said: Said, total: float) -> Said:
    """Half-way, as a logarithm, to a total that knows better what all series do together: trees keep their feet where
    a net goes on with a trend."""
    own = float(said.mean.sum())
    by = np.float32((total / own) ** HALF if total > 0 and own > 0 else 1)
    return replace(said, q=said.q * by, mean=said.mean * by)


def _trust() -> Floats:
    """(Q,) the part of a shift that is made: all of it at a tenth, nine tenths and beyond, less towards the median,
    where it says of the few dates that it was found on whether they went well or badly: that stays as it is."""
    return np.asarray(np.minimum(1, np.abs(np.array(LEVELS) - 0.5) / 0.4), np.float32)


def _weights(pasts: Sequence[Past], y: Floats, held: Floats) -> tuple[float, ...]:
    """(M,)"""
    each = [np.concatenate([p.said[m].q.reshape(-1, len(LEVELS)) for p in pasts]) for m in range(len(pasts[0].said))]
    some = np.random.default_rng(0).permutation(np.flatnonzero(held))[:ENOUGH]  # every seventh would be one weekday
    scored = np.stack([q[some, Q10 : Q90 + 1] for q in each])
    levels = np.array(LEVELS[Q10 : Q90 + 1])

    def loss(weight: Sequence[float]) -> float:
        return float(pinball(y[some], np.tensordot(np.asarray(weight, np.float32), scored, 1), levels).sum())

    alone = np.array([loss(one) for one in np.eye(len(each)).tolist()])
    able = alone <= FAR_OFF * alone.min()
    best = np.array(min(_shares(able.tolist()), key=loss))
    return tuple((TRUSTED * best + (1 - TRUSTED) * _evenly(pasts[0].said, able)).tolist())


def _evenly(said: Sequence[Said], able: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
    """(M,) equal shares of the kinds of models, and of those of a kind."""
    kinds = [s.kind if one else None for s, one in zip(said, able, strict=True)]
    count = len({kind for kind in kinds if kind is not None})
    return np.array([0 if kind is None else 1 / count / kinds.count(kind) for kind in kinds])


def _shares(able: Sequence[bool]) -> list[tuple[float, ...]]:
    """All ways to share 1 out in GRID parts among those that are able."""
    parts = product(*(range(GRID + 1 if one else 1) for one in able))
    return [tuple(k / GRID for k in each) for each in parts if sum(each) == GRID]


def _mixed(said: Sequence[Said], weight: Sequence[float]) -> Said:
    """Quantiles are averaged level by level (Lichtendahl, Grushka-Cockayne and Winkler 2013)."""
    w = np.asarray(weight, np.float32)
    return Said(np.tensordot(w, np.stack([s.q for s in said]), 1), np.tensordot(w, np.stack([s.mean for s in said]), 1))


def _width(q: Floats, level: Floats) -> Floats:
    """(N, H): half of what lies between a tenth and nine tenths, and a little."""
    return np.asarray(np.maximum(q[..., Q90] - q[..., Q10], 0) / 2 + NARROW * level[:, None])
