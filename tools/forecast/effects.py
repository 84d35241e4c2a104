"""What a price does to units: a named causal estimate for "what if", which no forecaster is.

Poisson regression with effects of each product and of each week within its category (Gourieroux, Monfort and Trognon
1984; Correia, Guimarães and Zylkin 2020): a product's price is compared with its own usual one and with what its
category sells that week, so that neither dear products nor good weeks are taken for an effect. Promotions have an
effect of their own. A product's estimate leans on its category's, the more the less its price has changed (empirical
Bayes; DerSimonian and Laird 1986). N products of a category, T weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.forecast.sold import Bools, Doubles

STEPS, ROUNDS = 25, 40  # of the regression, and of taking both effects out
ENOUGH = 0.02  # deviation of the logarithm of a product's own price, from which on it tells anything
LEAST_SOLD = 60  # units
NORMAL = 1.2816  # deviations on both sides of the middle that hold 8 of 10


@dataclass(frozen=True)
class Effect:
    """An own-price elasticity with its standard error."""

    elasticity: float
    error: float

    def factor(self, change: float) -> tuple[float, float, float]:
        """What units are multiplied by when the price changes by that part: middle, low, high (8 of 10)."""
        step = np.log1p(change)
        ends = sorted(float(np.exp((self.elasticity + s * self.error) * step)) for s in (-NORMAL, 0.0, NORMAL))
        return ends[1], ends[0], ends[2]


def effects_of(y: Doubles, price: Doubles, promoted: Doubles, on_sale: Bools) -> list[Effect | None]:
    """Of each product: y units, log price against the usual, part taken off, whether it was on sale, (N, T) each.

    None where its price never changed enough, or it sold too little.
    """
    tells = on_sale & (y.sum(1, keepdims=True) > 0)
    told = [bool(t.any()) and price[i, t].std() >= ENOUGH and y[i, t].sum() >= LEAST_SOLD for i, t in enumerate(tells)]
    if not any(told):
        return [None] * len(y)
    slopes, week = _common(y, np.stack([price, promoted]), tells)
    offset = week[None, :] + slopes[1] * promoted
    single = [_own(y[i, t], price[i, t], offset[i, t]) if told[i] else None for i, t in enumerate(tells)]
    return _pooled(single)


def _common(y: Doubles, x: Doubles, held: Bools) -> tuple[Doubles, Doubles]:
    """Slopes of the columns x (2, N, T) and the weeks' effects (T,), by iterated weighted least squares."""
    mean = np.where(held, (y * held).sum(1, keepdims=True) / np.maximum(held.sum(1, keepdims=True), 1), 1.0)
    eta = np.log(np.maximum(mean, 1e-3))
    slopes, week = np.zeros(len(x)), np.zeros(y.shape[1])
    for _ in range(STEPS):
        mu = np.exp(np.clip(eta, -12, 12))
        weight = np.where(held, mu, 0.0)
        z = eta + np.where(held, (y - mu) / mu, 0.0)
        bare = [_without_effects(v, weight)[0] for v in (*x, z)]
        a = np.array([[(weight * p * q).sum() for q in bare[:-1]] for p in bare[:-1]]) + 1e-6 * np.eye(len(x))
        slopes = np.linalg.solve(a, np.array([(weight * p * bare[-1]).sum() for p in bare[:-1]]))
        fitted = np.tensordot(slopes, x, 1)
        _, own, week = _without_effects(z - fitted, weight)
        eta = fitted + own[:, None] + week[None, :]
    return slopes, week


def _without_effects(v: Doubles, weight: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """What is left of v (N, T) once the effects of products (N,) and weeks (T,) are taken out, and those."""
    own, week = np.zeros(v.shape[0]), np.zeros(v.shape[1])
    rows, columns = np.maximum(weight.sum(1), 1e-12), np.maximum(weight.sum(0), 1e-12)
    for _ in range(ROUNDS):
        own = (weight * (v - week[None, :])).sum(1) / rows
        week = (weight * (v - own[:, None])).sum(0) / columns
    return v - own[:, None] - week[None, :], own, week


def _own(y: Doubles, price: Doubles, offset: Doubles) -> Effect | None:
    """A product's own slope, the weeks' effects given; its error grows with how much more than Poisson it varies."""
    x = np.stack([np.ones_like(price), price])
    beta = np.array([np.log(max(y.mean(), 1e-3)) - np.log(np.exp(offset).mean()), 0.0])
    for _ in range(STEPS):
        mu = np.exp(np.clip(beta @ x + offset, -12, 12))
        info = (x * mu) @ x.T + 1e-9 * np.eye(2)
        beta = beta + np.clip(np.linalg.solve(info, x @ (y - mu)), -1, 1)
    mu = np.exp(np.clip(beta @ x + offset, -12, 12))
    excess = max(1.0, float((((y - mu) ** 2) / np.maximum(mu, 1e-6)).sum() / max(len(y) - 2, 1)))
    error = float(np.sqrt(excess * np.linalg.inv((x * mu) @ x.T + 1e-9 * np.eye(2))[1, 1]))
    return Effect(float(beta[1]), error) if np.isfinite(error) and error > 0 else None


def _pooled(single: list[Effect | None]) -> list[Effect | None]:
    """Each drawn towards the mean of all, by how little it tells itself."""
    known = [e for e in single if e]
    if not known:
        return single
    beta, var = np.array([e.elasticity for e in known]), np.array([e.error**2 for e in known])
    w = 1 / var
    mean = (w * beta).sum() / w.sum()
    spread = ((w * (beta - mean) ** 2).sum() - (len(known) - 1)) / max(w.sum() - (w**2).sum() / w.sum(), 1e-12)
    between = max(0.0, float(spread))
    middle = (beta / (var + between)).sum() / (1 / (var + between)).sum()
    of_middle = 1 / (1 / (var + between)).sum()

    def drawn(e: Effect | None) -> Effect | None:
        if e is None:
            return None
        part = between / (between + e.error**2)
        error = np.sqrt(part * e.error**2 + (1 - part) ** 2 * of_middle)
        return Effect(float(part * e.elasticity + (1 - part) * middle), float(max(error, 1e-6)))

    return [drawn(e) for e in single]
