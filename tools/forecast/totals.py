"""What a period comes to, between which bounds, and how far off such forecasts were: of the very sum that is asked for.

Bounds of a total are no sums of bounds: they are the total's own errors at the past origins, measured in units of its
spread there, pooled with those of its like (split-conformal; ml/conformal.py). O origins, N members, H weeks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tools.forecast.bounds import INSIDE, Cases, bounds_of
from tools.forecast.levels import CATEGORY, SHOP, Level, Shop
from tools.forecast.opening import Opening
from tools.forecast.simple import NAIVE
from tools.forecast.sold import Bools, Doubles

ALIKE = 2.0  # members whose forecasts differ by no more than this factor are each other's like
MOST_TESTED = 4  # periods, apart from each other, that an error is the mean of
SUREST = 0.98
LITTLE = 0.05  # of what is forecast: a spread is no less
Inside = Mapping[tuple[str, str], float]
NO_CASES = Cases(np.zeros(0), np.zeros(0), np.zeros(0))


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


def total(shop: Shop, opening: Opening, target: Target, begin: int, end: int, inside: Inside = INSIDE) -> Total:
    """Of the days begin … end (exclusive), counted from the first day after the history. `inside` names pairs of
    bounds, and how often a total lies between them."""
    level = shop.level[target.level]
    parts = _parts(shop, opening, begin, end)
    mean = level.mean[:, target.members].sum(1)  # (O, H)
    spread = np.sqrt((level.spread[:, target.members] ** 2).sum(1))
    m, u = _whole(mean, parts), _deviation(spread, mean, parts)
    held = _over(shop, level, end)
    came = _came(level.y[target.members].sum(0), np.array(shop.origins)[held], parts[held])
    own = Cases(came, m[held], u[held])
    like = _like(shop, level, target, parts, held) if len(target.members) == 1 else NO_CASES
    bounds: dict[str, float] = {}
    few = target.level in (SHOP, CATEGORY)  # a product's bounds rest on its like, and one odd error isn't its own
    apart = (len(own.y) + len(like.y)) / max(1, math.ceil(end / 7)) if few else math.inf
    for names, part in inside.items():
        bounds |= zip(names, bounds_of(_surer(part, apart), own, like, float(m[-1]), float(u[-1])), strict=True)
    return Total(float(m[-1]), bounds, int(held.sum()))


def _surer(part: float, apart: float) -> float:
    """The rank of so few cases that holds as often as claimed: past periods that overlap tell no more than the ones
    apart from each other do (the finite-sample rank of ml/conformal.py, with those counted)."""
    return max(part, min(SUREST, part * (1 + 1 / max(apart, 1.0))))


def means(shop: Shop, opening: Opening, level: str, begin: int, end: int) -> Doubles:
    """(N,) what is forecast of each member of a level, without its bounds."""
    parts = opening.parts(shop.origins[-1], begin, end, shop.horizon)
    return np.asarray((shop.level[level].mean[-1] * parts).sum(-1))


def tested(shop: Shop, opening: Opening, target: Target, begin: int, end: int) -> Tested:
    """How far off the last few such periods were, none of them in part the same as another."""
    level = shop.level[target.level]
    held = np.flatnonzero(_over(shop, level, end))
    apart = max(1, math.ceil((end - begin) / 7))
    chosen = held[::-1][::apart][:MOST_TESTED]
    parts = _parts(shop, opening, begin, end)
    came = _came(level.y[target.members].sum(0), np.array(shop.origins)[chosen], parts[chosen])
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


def _came(y: Doubles, origins: npt.NDArray[np.int64], parts: Doubles) -> Doubles:
    """What came of the period from each of these origins on: of y (..., T) that is (..., O)."""
    horizon, weeks = parts.shape[1], y.shape[-1]
    came = [(y[..., o : o + horizon] * p[: weeks - o]).sum(-1) for o, p in zip(origins, parts, strict=True)]
    return np.stack(came, -1) if came else np.zeros((*y.shape[:-1], 0))


def _like(shop: Shop, level: Level, target: Target, parts: Doubles, held: Bools) -> Cases:
    """Members of the same size, at all origins that are over."""
    m, u = _whole(level.mean, parts[:, None]), _deviation(level.spread, level.mean, parts[:, None])  # (O, N)
    own = m[-1, target.members[0]]
    like = (m[-1] > 0) & (m[-1] <= own * ALIKE) & (m[-1] * ALIKE >= own)
    like[target.members[0]] = False
    origins = np.array(shop.origins)[held]
    came = _came(level.y[like], origins, parts[held]).reshape(-1)
    return Cases(came, m[held][:, like].T.reshape(-1), u[held][:, like].T.reshape(-1))
