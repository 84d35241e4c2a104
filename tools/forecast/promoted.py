"""What would be sold with a promotion, or without any: the forecast, moved by what past promotions did.

A promoted day sells (1 − part taken off) to the power of the price's elasticity as much, times the uplift of its
category's promotions beyond their lower price; both are those of `effects.py`. What the forecast has of promotions as
it is, is taken out first: those planned where the trained models answer, who see them, else those of the days that
it rests on.
P products, N of them asked about, D days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.contract import Cell, Column, NotThere
from tools.forecast.effects import NORMAL, Effect
from tools.forecast.levels import COUNTRY, MIXED, MODEL
from tools.forecast.rows import PROMOTED, UNPROMOTED, Facts
from tools.forecast.simple import LONG, RECENT
from tools.forecast.sold import REVENUE, Doubles
from tools.forecast.weekly import promotion_days
from tools.forecast.whatif import Learned, learned, members_of, moved_row, weights_of
from tools.metrics.periods import Period

if TYPE_CHECKING:
    from store.connect import Store

Ints = npt.NDArray[np.int64]
YEAR = 364  # days, on the same weekday
RESTS_ON = {"recent": 7 * RECENT, "longer": 7 * LONG, "moved": 7 * LONG}  # the last days; by way to forecast
NOTE = (
    "What a promotion does is told from past ones in the same category, each product beside its own other days and its "
    "category that week."
)
COLUMNS = (
    Column("promotion_off", "%"), Column("promotion_days", "count"),
    *(Column(f"{name}{end}", "ratio") for name in ("lift", "uplift") for end in ("", "_low", "_high")),
)  # fmt: skip


@dataclass(frozen=True)
class Promotion:
    """Whether there is one; at which part off (None: as usual), or as in which days that are over."""

    on: bool
    cut: float | None = None
    like: Period | None = None


@dataclass(frozen=True)
class _Known:
    """Of the products asked about (N,): elasticity and its error, logarithm of the uplift and its error."""

    slope: Doubles
    slope_error: Doubles
    uplift: Doubles
    uplift_error: Doubles

    def lift(self, cut: Doubles, money: bool, side: float = 0.0) -> Doubles:
        """(N, D) what sales are multiplied by on days at which `cut` (N, D) is taken off, so many deviations away."""
        log = np.log1p(-cut)
        error = np.sqrt(self.uplift_error[:, None] ** 2 + (self.slope_error[:, None] * log) ** 2)
        found = self.uplift[:, None] + self.slope[:, None] * log + side * NORMAL * error + (log if money else 0.0)
        return np.asarray(np.where(cut > 0, np.exp(found), 1.0))


def promoted_row(store: Store, facts: Facts, asked: Promotion) -> list[Cell]:
    """The period's total with that promotion or without any. NotThere: nothing tells what promotions do here."""
    if facts.whole.level == COUNTRY:
        raise NotThere("What a promotion does is told of the shop, its products and categories, not of countries.")
    members = np.array(members_of(facts), dtype=np.int64)
    known = _known(facts, learned(store, facts.look.sold), members)
    with store.connect() as con:
        cuts = promotion_days(con, facts.look.sold, 7 * (facts.look.sold.weeks + facts.look.shop.horizon))[:-1]
    then, now = _supposed(facts, asked, cuts, members), cuts[members][:, _rests_on(facts)]
    weights, money = weights_of(facts, [int(i) for i in members]), facts.asked.metric == REVENUE
    factors = [
        float(weights @ (known.lift(then, money, side).mean(1) / known.lift(now, money, side).mean(1)))
        for side in (0.0, -1.0, 1.0)
    ]
    row = moved_row(facts, PROMOTED if asked.on else UNPROMOTED, factors[0], *sorted(factors[1:]))
    shown = then if asked.on else cuts[members][:, : len(facts.days)]
    off = float(shown[shown > 0].mean()) if (shown > 0).any() else 0.0
    return [*row, off if asked.on else None, int((then > 0).any(0).sum()), *_effects(known, weights, off)]


def _effects(known: _Known, weights: Doubles, off: float) -> list[float]:
    """What a day at that part off sells, against others, and what of it isn't the price's; each with its bounds."""
    same = np.full((len(weights), 1), off)
    lift = [float(weights @ known.lift(same, False, side)[:, 0]) for side in (0.0, -1.0, 1.0)]
    uplift = [float(weights @ np.exp(known.uplift + side * NORMAL * known.uplift_error)) for side in (0.0, -1.0, 1.0)]
    return [*lift, *uplift]


def _known(facts: Facts, of: Learned, members: Ints) -> _Known:
    """A product whose price tells nothing has the mean elasticity of the others; a category that never had a promotion,
    beside others that had, their mean uplift."""
    kinds = [facts.look.sold.categories[i] for i in members]
    had = [kind for kind in dict.fromkeys(kinds) if kind in of.uplift]
    if not had:
        name = facts.label or ("this shop" if set(kinds) >= set(facts.look.sold.categories) else "these products")
        raise NotThere(f"There was no promotion of {name} so far, so what one would do can't be told.")
    own = [of.own[i] for i in members]
    told = [e for e in own if e] or [e for e, kind in zip(of.own, facts.look.sold.categories, strict=True)
                                     if e and kind in had]  # fmt: skip
    usual = Effect(float(np.mean([e.elasticity for e in told])), float(np.mean([e.error for e in told])))
    uplift = float(np.mean([np.log(of.uplift[kind]) for kind in had]))
    error = float(np.mean([of.uplift_error[kind] for kind in had]))
    return _Known(
        np.array([(e or usual).elasticity for e in own]),
        np.array([(e or usual).error for e in own]),
        np.array([np.log(of.uplift[kind]) if kind in of.uplift else uplift for kind in kinds]),
        np.array([of.uplift_error.get(kind, error) for kind in kinds]),
    )


def _supposed(facts: Facts, asked: Promotion, cuts: Doubles, members: Ints) -> Doubles:
    """(N, D) what is taken off on each day still to come of the period."""
    size = len(_coming(facts))
    if asked.like is not None:
        return _as_then(facts, asked.like, cuts[members], size)
    past = cuts[members][:, : len(facts.days)]
    if not (past > 0).any():
        kinds = {facts.look.sold.categories[i] for i in members}
        past = cuts[[kind in kinds for kind in facts.look.sold.categories], : len(facts.days)]
    usual = float(past[past > 0].mean()) if (past > 0).any() else 0.0
    cut = usual if asked.cut is None else asked.cut
    return np.full((len(members), size), cut if asked.on else 0.0)


def _as_then(facts: Facts, like: Period, cuts: Doubles, size: int) -> Doubles:
    """As many promoted days, at what was taken off then."""
    begin, stop = _day(facts, like.start), _day(facts, like.end) + 1
    then = cuts[:, max(0, begin) : max(0, min(stop, len(facts.days)))]
    if not (then > 0).any():
        raise NotThere(f"No promotion of {facts.label or 'these products'} ran from {like.start} to {like.end}.")
    out = np.zeros((len(cuts), size))
    first = -np.sort(-then, 1)[:, :size]
    out[:, : first.shape[1]] = first
    return out


def _rests_on(facts: Facts) -> Ints:
    """The days whose promotions the forecast has in it as it is."""
    best, end, coming = facts.look.shop.level[facts.whole.level].best, len(facts.days), _coming(facts)
    if best in (MODEL, MIXED):
        return coming
    if best in RESTS_ON:
        return np.arange(max(0, end - RESTS_ON[best]), end)
    return np.maximum(coming - YEAR, 0)


def _coming(facts: Facts) -> Ints:
    return np.arange(_day(facts, max(facts.asked.period.start, facts.origin)), _day(facts, facts.asked.period.end) + 1)


def _day(facts: Facts, day: date) -> int:
    return (day - facts.look.sold.first).days
