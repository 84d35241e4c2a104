"""What is answered: the Transformer's and the trees' logits, weighed and calibrated on what neither learned from.

N orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.metrics import auc, average_precision
from tools.fraud.table import Floats

WEIGHTS = tuple(k / 20 for k in range(21))
STEPS = 50
FIRM = 1.0  # of Platt's ridge towards (1, 0): what a handful of frauds can't move


@dataclass(frozen=True)
class Blend:
    """`weight` is the Transformer's; the probability is 1 / (1 + exp(−slope · logit − base))."""

    weight: float
    slope: float
    base: float


def blend_from(
    net: Floats, trees: Floats, y: Floats, counts: Floats, weights: Sequence[float] = WEIGHTS
) -> Blend:  # fmt: skip
    """The weight, of those given, that ranks best; then Platt's two numbers. (N,) each; a row stands for `counts`."""
    gains = [gain(mixed(net, trees, w), y, counts) for w in weights]
    near = [w for w, found in zip(weights, gains, strict=True) if found >= max(gains) - 1e-4]
    weight = near[len(near) // 2]
    return Blend(weight, *platt(mixed(net, trees, weight), y, counts))


def blended(net: Floats, trees: Floats, blend: Blend) -> Floats:
    """(N,) probabilities"""
    return sigmoid(blend.slope * mixed(net, trees, blend.weight) + blend.base)


def moved(net: Floats, trees: Floats, y: Floats, blend: Blend) -> Blend:
    """The blend with its base set anew by labels that have come since (N,): for when fraud has become more or less
    frequent. The ranking stays."""
    logit = blend.slope * mixed(net, trees, blend.weight)
    return replace(blend, base=platt(logit, y, np.ones(len(y)), slope=False)[1])


def platt(logit: Floats, y: Floats, counts: Floats, slope: bool = True) -> tuple[float, float]:
    """Slope and base of a logistic regression on the logit (Platt 1999), by Newton's steps; the base alone if asked."""
    found = np.array([1.0, 0.0])
    held = np.array([slope, True])
    x = np.stack([logit, np.ones_like(logit)], 1)
    for _ in range(STEPS):
        p = sigmoid(x @ found)
        slant = x.T @ (counts * (y - p)) - FIRM * (found - [1.0, 0.0]) * [1, 0]
        bend = (x * (counts * p * (1 - p))[:, None]).T @ x + np.diag([FIRM, 1e-6])
        step = np.where(held, np.linalg.solve(np.where(np.outer(held, held), bend, np.eye(2)), slant * held), 0)
        found = found + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return max(float(found[0]), 0.05), float(found[1])


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
