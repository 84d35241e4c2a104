"""How surprising a part's change is: set against the rest of the shop, its own noise, and how it moved before.

Under "nothing special" a part moves as the rest of the shop does: of what it came to in both periods together, this one
has the same share as of the rest. How far it is from that (δ, a difference of log odds) is judged by

- chance: a sum of baskets varies with the sum of their squares (a compound Poisson sum, an overdispersed binomial);
- drift: parts of its kind move against the shop anyway, by τ between two such periods, as the pairs before and after
  tell; what moved so a year before or after as well (the season) is expected, as far as seasons come back in this kind,
  or, where there are no such years, what moved so in the steps beside it;
- its own past: whether this very part is steadier or wilder than its like, by a variance shrunk to that of its kind,
  with a t distribution for what is left unsure (Smyth 2004, "Linear models and empirical Bayes methods for assessing
  differential expression").

The evidence is the signed root of the deviance, penalised by how unlikely a drift it takes:
min over δ of  deviance(δ) + (δ − season)² / τ².
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tools.explain.facts import Floats, Ints
from tools.explain.parts import Parts
from tools.explain.windows import THAT, THIS, Pair, Windows

PRIOR = 6.0  # how many pairs of periods the kind's variance counts for
DRIFT = 0.15  # where too few pairs tell
LEAST_DRIFT, MOST_DRIFT = 0.01, 2.0
ENOUGH = 8  # parts and pairs from which on they tell
MIDDLE, NORMAL_MIDDLE = 0.68, 0.989  # a quantile, and that of the chi-squared distribution of one degree of freedom
TO_DEVIATION = 1.4826  # from a median absolute deviation to a normal's standard deviation
WILDEST = 16.0  # a pair counts for no more than four times the usual movement
SETTLED = 40  # the largest parts, by which a kind's drift and seasons are told
UNSEASONAL = 8.0  # so many movements of the usual size speak against seasons before any is seen
LEAST_TREND = 4  # pairs that a trend takes
SEASONAL = 0.2  # how much of a season must come back to be counted on
STEPS = 8  # of Newton's method
WORTH_A_LOOK = 2.5  # what chance alone explains is not looked at any further
HALVINGS = 10  # in the search for the drift


class Distance(Protocol):
    """How far parts are from moving as the rest, (pairs, n) each."""

    @property
    def size(self) -> Floats:
        """The weight of each, by which the largest are told."""

    def mode(self, expected: Floats, drift: float) -> Floats: ...

    def evidence(self, expected: Floats, drift: float) -> Floats: ...

    def of(self, pairs: Sequence[int], parts: Sequence[int]) -> Distance: ...


@dataclass(frozen=True)
class OfSum:
    """`this` of `both` against the `share` that this period has of the rest; `grain`: variance by amount."""

    this: Floats
    both: Floats
    share: Floats
    grain: Floats

    @property
    def size(self) -> Floats:
        return self.both * self.share * (1 - self.share)

    def of(self, pairs: Sequence[int], parts: Sequence[int]) -> OfSum:
        at = np.ix_(pairs, parts)
        return OfSum(self.this[at], self.both[at], self.share[at], self.grain[at])

    def mode(self, expected: Floats, drift: float) -> Floats:
        """The likeliest δ, by Newton's method."""
        odds, delta = np.log(self.share / (1 - self.share)), expected + np.zeros_like(self.this)
        for _ in range(STEPS):
            p = 1 / (1 + np.exp(-(odds + delta)))
            slope = (self.both * p - self.this) / self.grain + (delta - expected) / drift**2
            delta = delta - np.clip(slope / (self.both * p * (1 - p) / self.grain + 1 / drift**2), -1.0, 1.0)
        return delta

    def evidence(self, expected: Floats, drift: float) -> Floats:
        delta = self.mode(expected, drift)
        p = 1 / (1 + np.exp(-(np.log(self.share / (1 - self.share)) + delta)))
        other = self.both - self.this
        deviance = 2 * (_xlog(self.this, self.both * p) + _xlog(other, self.both * (1 - p))) / self.grain
        usual = 1 / (1 + np.exp(-(np.log(self.share / (1 - self.share)) + expected)))
        return np.asarray(
            np.sign(self.this - self.both * usual) * np.sqrt(deviance + ((delta - expected) / drift) ** 2)
        )


@dataclass(frozen=True)
class OfRatio:
    """`off`: how much more a part lifts the ratio than before; `chance`: its variance; `size`: a drift of one."""

    off: Floats
    chance: Floats
    size: Floats

    def of(self, pairs: Sequence[int], parts: Sequence[int]) -> OfRatio:
        at = np.ix_(pairs, parts)
        return OfRatio(self.off[at], self.chance[at], self.size[at])

    def mode(self, expected: Floats, drift: float) -> Floats:
        usual = self.chance + (drift * self.size) ** 2
        return np.asarray(expected + drift**2 * self.size * (self.off - expected * self.size) / usual)

    def evidence(self, expected: Floats, drift: float) -> Floats:
        usual = self.chance + (drift * self.size) ** 2
        return np.asarray((self.off - expected * self.size) / np.sqrt(usual))


@dataclass(frozen=True)
class Surprise:
    """(n,) each: `times` its usual movement with its direction, `evidence` by the kind's variance, `p` of one look."""

    times: Floats
    evidence: Floats
    p: Floats


def off(parts: Parts) -> Floats:
    """(n,) how far each part's change is from the rest's, in the figure's unit. NaN where that can't be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if parts.bottom is None:
            b, a = parts.top[THIS], parts.top[THAT]
            rest_b, rest_a = parts.tops[THIS] - b, parts.tops[THAT] - a
            there = (rest_a > 0) & (rest_b > 0)
            mean = np.mean(parts.bottoms[[THIS, THAT]])
            return np.where(there, (b - a * rest_b / np.where(there, rest_a, 1.0)) / mean, np.nan)
        lift = _lift(parts)
        return np.asarray(lift[THIS] - lift[THAT])


def surprises(parts: Parts, windows: Windows, chosen: Sequence[int]) -> Surprise:
    """How surprising the `chosen` parts' change is, from THAT to THIS. NaN (p: 1) where that can't be told."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        whole = _distance(parts, windows.pairs)
        largest = np.argsort(-np.nan_to_num(whole.size[0]), kind="stable")[:SETTLED].tolist()
        far = whole.of(range(len(windows.pairs)), [*chosen, *largest])
        if not np.any(np.abs(whole.of([0], chosen).evidence(np.zeros(1), LEAST_DRIFT)) >= WORTH_A_LOOK):
            nothing = np.full(len(chosen), np.nan)
            return Surprise(nothing, nothing, np.ones(len(chosen)))
        expected, drift, usable = _expected(far, windows, list(range(len(chosen), len(chosen) + len(largest))))
        evidence = far.evidence(expected, drift)
        past = np.minimum(evidence[1:][usable] ** 2, WILDEST)
        pairs = np.sum(np.isfinite(past), axis=0)
        times = evidence[0] / np.sqrt((PRIOR + np.nansum(past, axis=0)) / (PRIOR + pairs))
    p = np.array([two_sided(t, PRIOR + k) for t, k in zip(times.tolist(), pairs.tolist(), strict=True)])
    n = len(chosen)
    return Surprise(times[:n], evidence[0][:n], p[:n])


def _expected(far: Distance, windows: Windows, largest: list[int]) -> tuple[Floats, float, list[int]]:
    """The δ that trend and season make each part expect, the drift that is left, and the pairs that tell of it."""
    every = list(range(1, len(windows.pairs)))
    none = np.zeros_like(far.size)
    drift = _drift(far, none, every, largest)
    if not every:
        return none, drift, []
    moved = np.nan_to_num(far.mode(none, drift))
    trend = _trend(moved[every], largest)
    partners = [windows.alike(i) for i in range(len(windows.pairs))]
    seasonal = [i for i in every if partners[i]]
    if partners[0] and seasonal:
        last = np.array([np.mean(moved[p] - trend, axis=0) if p else none[0] for p in partners])
        again, before = (moved - trend)[np.ix_(seasonal, largest)], last[np.ix_(seasonal, largest)]
        back = float(np.sum(again * before) / (np.sum(before**2) + UNSEASONAL * drift**2))
        if back > SEASONAL:
            expected = trend + min(back, 1.0) * last
            return expected, _drift(far, expected, seasonal, largest), [i - 1 for i in seasonal]
    expected = none + trend
    return expected, _drift(far, expected, every, largest), [i - 1 for i in every]


def _trend(moved: Floats, largest: list[int]) -> Floats:
    """(n,) what each part moves by in every pair, as far as the parts of its kind differ in that at all."""
    pairs = len(moved)
    if pairs < LEAST_TREND:
        return np.zeros(moved.shape[1])
    within = float(np.mean(np.var(moved[:, largest], axis=0, ddof=1)))
    between = max(float(np.var(np.mean(moved[:, largest], axis=0))) - within / pairs, 0.0)
    return np.mean(moved, axis=0) * between / (between + within / pairs) if between else np.zeros(moved.shape[1])


def _distance(parts: Parts, pairs: Sequence[Pair]) -> Distance:
    later, sooner = np.array([p.later for p in pairs]), np.array([p.sooner for p in pairs])
    return _of_sum(parts, later, sooner) if parts.bottom is None else _of_ratio(parts, later, sooner)


def _of_sum(parts: Parts, later: Ints, sooner: Ints) -> OfSum:
    rest = parts.tops[:, None] - parts.top
    rest_b, rest_a = rest[later], rest[sooner]
    b, both = (np.maximum(t, 0.0) for t in (parts.top[later], parts.top[later] + parts.top[sooner]))
    there = (rest_a > 0) & (rest_b > 0) & (both >= b) & (both > 0)
    spread, total = parts.spread[later] + parts.spread[sooner], np.sum(parts.spread, axis=1)[:, None]
    others = (total[later] + total[sooner] - spread) * (both / (rest_a + rest_b)) ** 2
    known = [np.where(there, x, np.nan) for x in (both, rest_b / (rest_a + rest_b), (spread + others) / both)]
    return OfSum(b, *known)


def _of_ratio(parts: Parts, later: Ints, sooner: Ints) -> OfRatio:
    assert parts.bottom is not None
    known = np.where(parts.bottoms > 0, parts.bottoms, np.nan)
    ratio, weight, lift = np.abs(parts.tops / known), parts.bottom / known[:, None], _lift(parts)
    size = (ratio[later] + ratio[sooner])[:, None] / 2 * (weight[later] + weight[sooner]) / 2
    return OfRatio(lift[later] - lift[sooner], parts.spread[later] + parts.spread[sooner], size)


def _lift(parts: Parts) -> Floats:
    """(windows, n) how much each part lifts the ratio: (n − R d) / D."""
    assert parts.bottom is not None
    known = np.where(parts.bottoms > 0, parts.bottoms, np.nan)
    return np.asarray((parts.top - (parts.tops / known)[:, None] * parts.bottom) / known[:, None])


def _drift(far: Distance, expected: Floats, pairs: Sequence[int], largest: Sequence[int]) -> float:
    """τ: the drift with which the largest parts were as far off in these pairs as they were, at the middle."""
    there = far.of(pairs, largest)
    if np.sum(np.isfinite(there.size)) < ENOUGH:
        return DRIFT
    season = expected[np.ix_(pairs, largest)]
    low, high = LEAST_DRIFT, MOST_DRIFT
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        spread = np.nanquantile(there.evidence(season, middle) ** 2, MIDDLE)
        low, high = (middle, high) if spread > NORMAL_MIDDLE else (low, middle)
    return math.sqrt(low * high)


def _xlog(x: Floats, y: Floats) -> Floats:
    """x ln(x / y), nothing where x is nothing."""
    return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0) / y), 0.0)


def two_sided(t: float, freedom: float) -> float:
    """The chance of a t at least as far from zero, by Wallace's normal deviate (1959), good to three digits or more."""
    if not math.isfinite(t):
        return 1.0
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return math.erfc(z / math.sqrt(2))
