"""What a period comes to, between which bounds, and how far off such forecasts were: of the very sum that is asked for.

Bounds of a total are no sums of bounds: they are the total's own errors at the past origins, measured in units of its
spread there, pooled with those of its like (split-conformal; ml/conformal.py). O origins, N members, H weeks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from ml.conformal import shift
from tools.forecast.levels import Level, Shop
from tools.forecast.opening import Opening
from tools.forecast.simple import NAIVE
from tools.forecast.sold import Bools, Doubles

INSIDE = {("low", "high"): 0.8, ("lowest", "highest"): 0.9}  # how often a total lies between two of its bounds
ALIKE = 2.0  # members whose forecasts differ by no more than this factor are each other's like
FEW = 8  # errors, fewer of which tell no tenth
MOST_TESTED = 4  # periods, apart from each other, that an error is the mean of
LITTLE = 0.05  # of what is forecast: a spread is no less
LITTLE_SPREAD = 0.25


@dataclass(frozen=True)
class Target:
    """Which members of a level are added up."""

    level: str
    members: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Total:
    """What is forecast of a period, its bounds by name, and how many past ones they rest on."""

    mean: float
    bounds: Mapping[str, float]
    cases: int


@dataclass(frozen=True)
class Tested:
    """Errors as parts of what came, by method; "answer" is what is answered. `periods` of them were looked at."""

    periods: int
    errors: Mapping[str, float] = field(default_factory=dict)

    @property
    def naive(self) -> str | None:
        return next((name for name in NAIVE if name in self.errors), None)


def total(shop: Shop, opening: Opening, target: Target, begin: int, end: int) -> Total:
    """Of the days begin … end (exclusive), counted from the first day after the history."""
    level = shop.level[target.level]
    parts = _parts(shop, opening, begin, end)
    mean = level.mean[:, target.members].sum(1)  # (O, H)
    spread = np.sqrt((level.spread[:, target.members] ** 2).sum(1))
    m, u = _whole(mean, parts), _deviation(spread, mean, parts)
    held = _over(shop, level, end)
    came = _came(level.y[target.members].sum(0), shop, parts, held)
    own = (came, m[held], u[held])
    like = _like(shop, level, target, parts, held) if len(target.members) == 1 else tuple(a[:0] for a in own)
    y, q, width = (np.concatenate(pair) for pair in zip(own, like, strict=True))
    cases = _Cases(y, q, width, len(came))
    bounds: dict[str, float] = {}
    for names, part in INSIDE.items():
        bounds |= zip(names, _bounds(part, cases, float(m[-1]), float(u[-1])), strict=True)
    return Total(float(m[-1]), bounds, int(held.sum()))


def tested(shop: Shop, opening: Opening, target: Target, begin: int, end: int) -> Tested:
    """How far off the last few such periods were, none of them in part the same as another."""
    level = shop.level[target.level]
    held = np.flatnonzero(_over(shop, level, end))
    apart = max(1, math.ceil((end - begin) / 7))
    chosen = held[::-1][::apart][:MOST_TESTED]
    parts = _parts(shop, opening, begin, end)
    came = _came(level.y[target.members].sum(0), shop, parts, chosen)
    if came.sum() <= 0:
        return Tested(0)
    said = {"answer": level.mean, **level.methods}
    errors = {}
    for name, values in said.items():
        found = _whole(values[:, target.members].sum(1), parts)[chosen]
        errors[name] = float(np.abs(came - found).sum() / came.sum())
    return Tested(len(chosen), errors)


def _parts(shop: Shop, opening: Opening, begin: int, end: int) -> Doubles:
    """(O, H) the part of each week that lies in the period, for every origin."""
    return np.stack([opening.parts(origin, begin, end, shop.horizon) for origin in shop.origins])


def _over(shop: Shop, level: Level, end: int) -> Bools:
    """(O,) whether the period from an origin on lies in the history."""
    return np.array([origin + math.ceil(end / 7) <= level.y.shape[1] for origin in shop.origins])


def _whole(values: Doubles, parts: Doubles) -> Doubles:
    return np.asarray((values * parts).sum(-1))


def _deviation(spread: Doubles, mean: Doubles, parts: Doubles) -> Doubles:
    return np.asarray(np.sqrt(((spread * parts) ** 2).sum(-1)) + LITTLE * _whole(mean, parts))


def _came(y: Doubles, shop: Shop, parts: Doubles, which: npt.NDArray[np.generic]) -> Doubles:
    """What came of the period from each of these origins on."""
    origins = np.array(shop.origins)[which]
    return np.array(
        [(y[o : o + shop.horizon] * p[: len(y) - o]).sum() for o, p in zip(origins, parts[which], strict=True)]
    )


def _like(shop: Shop, level: Level, target: Target, parts: Doubles, held: Bools) -> tuple[Doubles, Doubles, Doubles]:
    """What came, was said, and its spread, of members of the same size at all origins that are over."""
    m, u = _whole(level.mean, parts[:, None]), _deviation(level.spread, level.mean, parts[:, None])  # (O, N)
    own = m[-1, target.members[0]]
    like = (m[-1] > 0) & (m[-1] <= own * ALIKE) & (m[-1] * ALIKE >= own)
    like[target.members[0]] = False
    came = np.array([_came(level.y[n], shop, parts, held) for n in np.flatnonzero(like)]).reshape(-1)
    return came, m[held][:, like].T.reshape(-1), u[held][:, like].T.reshape(-1)


@dataclass(frozen=True)
class _Cases:
    """Past periods: what came, was said, and its spread; the first `own` are of the very sum that is asked for."""

    y: Doubles
    q: Doubles
    width: Doubles
    own: int

    @property
    def weight(self) -> Doubles:
        """Its own count as much as those of its like together."""
        others = len(self.y) - self.own
        return np.where(np.arange(len(self.y)) < self.own, max(others, 1) / max(self.own, 1) if others else 1.0, 1.0)


def _bounds(part: float, cases: _Cases, mean: float, spread: float) -> tuple[float, float]:
    """Both sides of the mean, as far from it as that part of the past totals were.

    Measured in spreads on the scale of square roots, on which what is counted varies alike on both sides (Bartlett
    1936), and by its size alone: past periods overlap, and may all have erred to one side by chance.
    """
    if spread <= 0:
        return mean, mean
    known = cases.width > 0
    y, q, width = cases.y[known], cases.q[known], cases.width[known]
    off, nothing = np.abs(_rooted(y, width) - _rooted(q, width)) / _rooted_width(q, width), np.zeros(len(y))
    if len(y) < FEW:
        usual = float(np.sqrt(np.mean(off**2))) if len(y) else 1.0
        by = NormalDist().inv_cdf((1 + part) / 2) * max(usual, 1.0)
    else:
        by = shift(off, nothing, nothing + 1, part, cases.weight[known])
    own, step = float(_rooted(mean, spread)), by * float(_rooted_width(mean, spread))
    low, high = (max(0.0, end) ** 2 - LITTLE_SPREAD * spread for end in (own - step, own + step))
    return max(0.0, low), high


def _rooted(value: Doubles | float, spread: Doubles | float) -> Doubles:
    """The square root, of a little more than the value: near nothing it would be too steep."""
    return np.asarray(np.sqrt(np.maximum(value, 0) + LITTLE_SPREAD * np.asarray(spread)))


def _rooted_width(mean: Doubles | float, spread: Doubles | float) -> Doubles:
    """A spread on that scale (delta method)."""
    return np.asarray(np.asarray(spread) / (2 * _rooted(mean, spread)))
