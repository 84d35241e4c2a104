"""What is answered: the Transformer's and the trees' logits, weighed and calibrated on what neither learned from.

Among the orders that look ordinary, how the two rank them is mostly chance, and one thing is left to tell: how long an
entity has gone without a label that cleared it. N orders, E entities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ml.metrics import auc, average_precision
from tools.fraud.table import Bools, Floats

WEIGHTS = tuple(k / 20 for k in range(21))
STEPS = 50
STEEP, LOOSE = 0.05, 1e-6  # the least slope, and the ridge of what is hardly held
ORDINARY = 0.8  # of the honest orders, those with the lowest logits
WAIT = 4.0  # of the ridge that holds what waiting counts to what is expected of it
FIRM = 1.0  # of Platt's ridge towards (1, 0): what a handful of frauds can't move


@dataclass(frozen=True)
class Blend:
    """`weight` is the Transformer's; the probability is 1 / (1 + exp(−slope · logit − base)).

    Where there is a `low`, that is of logits above the floor, less the floor. What is below it counts `low` in the
    slope's stead; there, how much longer each entity has waited than `usual` (E,) counts `waits` (E,).
    """

    weight: float
    slope: float
    base: float
    floor: float = 0.0
    low: float | None = None
    waits: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)


def blend_from(
    net: Floats, trees: Floats, y: Floats, counts: Floats, weights: Sequence[float] = WEIGHTS
) -> Blend:  # fmt: skip
    """The weight, of those given, that ranks best; then Platt's two numbers. (N,) each; a row stands for `counts`."""
    gains = [_shown(mixed(net, trees, w), y, counts) for w in weights]
    near = [w for w, found in zip(weights, gains, strict=True) if found >= max(gains) - 1e-4]
    weight = near[len(near) // 2]
    return Blend(weight, *platt(mixed(net, trees, weight), y, counts))


def _shown(logit: Floats, y: Floats, counts: Floats) -> float:
    """The gain of a ranking in which ordinary orders are alike."""
    return gain(np.maximum(logit, _quantile(logit[y <= 0], counts[y <= 0], ORDINARY)), y, counts)


def bent_from(blend: Blend, net: Floats, trees: Floats, y: Floats, counts: Floats, waited: Floats,
              expected: Sequence[float]) -> Blend:  # fmt: skip
    """The blend with a slope of its own below the floor, and what waiting (N, E) counts, held near what is expected."""
    logit = mixed(net, trees, blend.weight)
    floor = _quantile(logit[y <= 0], counts[y <= 0], ORDINARY)
    usual = np.average(waited[logit <= floor], axis=0, weights=counts[logit <= floor])
    x = _bent(logit, floor, waited - usual)
    prior = np.array([1.0, 1.0, *expected, 0.0])
    firm = np.array([FIRM, FIRM, *[WAIT] * len(expected), LOOSE])
    least = np.array([STEEP, *[0.0] * (1 + len(expected)), -np.inf])
    slope, low, *waits, base = _regressed(x, y, counts, prior, firm, least)
    mine = (list(map(float, found)) for found in (waits, usual))
    return Blend(blend.weight, float(slope), float(base), floor, float(low), *mine)


def logits(net: Floats, trees: Floats, blend: Blend, waited: Floats | None = None) -> Floats:
    """(N,), of what is answered; `waited` (N, E) where the blend counts it."""
    logit = mixed(net, trees, blend.weight)
    if blend.low is None:
        return blend.slope * logit + blend.base
    usual = np.array(blend.usual)
    longer = np.zeros((len(logit), len(usual))) if waited is None else waited - usual
    return np.asarray(_bent(logit, blend.floor, longer) @ np.array([blend.slope, blend.low, *blend.waits, blend.base]))


def blended(net: Floats, trees: Floats, blend: Blend, waited: Floats | None = None) -> Floats:
    """(N,) probabilities"""
    return sigmoid(logits(net, trees, blend, waited))


def moved(net: Floats, trees: Floats, y: Floats, blend: Blend, waited: Floats | None = None) -> Blend:
    """The blend with its base set anew by labels that have come since (N,): for when fraud has become more or less
    frequent. The ranking stays."""
    logit = logits(net, trees, replace(blend, base=0.0), waited)
    return replace(blend, base=platt(logit, y, np.ones(len(y)), slope=False)[1])


def _bent(logit: Floats, floor: float, longer: Floats) -> Floats:
    """(N, 3 + E): above the floor, below it, how much longer was waited where it is below, and 1."""
    above, below = np.maximum(logit - floor, 0), np.minimum(logit - floor, 0)
    return np.column_stack([above, below, longer * (logit <= floor)[:, None], np.ones(len(logit))])


def _quantile(values: Floats, counts: Floats, part: float) -> float:
    order = np.argsort(values, kind="stable")
    summed = np.cumsum(counts[order])
    return float(values[order][np.searchsorted(summed, part * summed[-1])])


def platt(logit: Floats, y: Floats, counts: Floats, slope: bool = True) -> tuple[float, float]:
    """Slope and base of a logistic regression on the logit (Platt 1999), by Newton's steps; the base alone if asked."""
    x = np.stack([logit, np.ones_like(logit)], 1)
    firm, least = np.array([FIRM, LOOSE]), np.array([STEEP, -np.inf])
    held = np.array([not slope, False])
    found = _regressed(x, y, counts, np.array([1.0, 0.0]), firm, least, held)
    return float(found[0]), float(found[1])


def _regressed(
    x: Floats, y: Floats, counts: Floats, prior: Floats, firm: Floats, least: Floats, held: Bools | None = None
) -> Floats:
    """Coefficients (V,) of a logistic regression on x (N, V), by Newton's steps: drawn to the prior by ridges, none
    below the least, and those that are held as they were."""
    found = prior.copy()
    fixed = np.zeros(len(prior), bool) if held is None else held
    for _ in range(STEPS):
        p = sigmoid(x @ found)
        slant = x.T @ (counts * (y - p)) - firm * (found - prior)
        free = ~fixed & ~((found <= least) & (slant < 0))
        bend = (x * (counts * p * (1 - p))[:, None]).T @ x + np.diag(firm)
        step = np.zeros(len(prior))
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slant[free])
        after = np.maximum(found + np.clip(step, -2, 2), least)
        if np.abs(after - found).max() < 1e-9:
            break
        found = after
    return found


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))


def logit(p: Floats) -> Floats:
    """The inverse of `sigmoid`."""
    held = np.clip(p, 1e-17, 1 - 1e-15)
    return np.asarray(np.log(held) - np.log1p(-held))


def mixed(net: Floats, trees: Floats, weight: float) -> Floats:
    return np.asarray(weight * net + (1 - weight) * trees)


def gain(logit: Floats, y: Floats, counts: Floats) -> float:
    """What a merchant sees first counts, and so do the ones that are hard to see."""
    return average_precision(y, logit, counts) + auc(y, logit, counts)
