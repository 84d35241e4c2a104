"""What is done with each order, and what comes of it: by the costs, or by how many can be looked at each day.

N orders with their probability p (N,) of fraud, or, looking back, 1 or 0. A review is taken to tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.fraud.costs import Costs
from tools.fraud.table import Bools, Floats, Ints

PASS, LOOK, REFUSE = "let through", "review", "refuse"


@dataclass(frozen=True)
class Done:
    """Which orders (N,) are looked at, and which are refused without a look; the others are let through."""

    looked_at: Bools
    refused: Bools

    @property
    def flagged(self) -> Bools:
        return np.asarray(self.looked_at | self.refused)

    def advice(self, row: int) -> str:
        return LOOK if self.looked_at[row] else REFUSE if self.refused[row] else PASS


def by_costs(p: Floats, amount: Floats, costs: Costs, bar: Floats | float = 1.0) -> Done:
    """What is cheapest of each order, by what may be expected to be lost. `bar`: how many times what a look costs must
    be at stake, 1 unless groups are to be treated alike."""
    unseen = (1 - p) * costs.refused
    flagged = p * costs.at_stake(amount) > np.minimum(costs.review, unseen) * bar
    refused = flagged & (unseen < costs.review)
    return Done(flagged & ~refused, refused)


def so_many_a_day(
    p: Floats, amount: Floats, day: Ints, costs: Costs, most: int, weight: Floats, bar: Floats | float = 1.0
) -> Done:
    """The orders of each day with the most to be lost are looked at; a row stands for `weight` orders."""
    chosen = np.zeros(len(p), bool)
    order = np.lexsort((-p * costs.at_stake(amount) / bar, day))
    before = np.cumsum(weight[order]) - weight[order]
    begins = np.maximum.accumulate(np.where(np.r_[True, np.diff(day[order]) > 0], before, 0.0))
    chosen[order] = before - begins < most - 1e-9
    return Done(chosen, np.zeros(len(p), bool))


def treated(
    p: Floats, amount: Floats, day: Ints, costs: Costs, most: int | None, weight: Floats, bar: Floats | float = 1.0
) -> Done:
    """By the costs, or so many a day where it is said how many."""
    if most:
        return so_many_a_day(p, amount, day, costs, most, weight, bar)
    return by_costs(p, amount, costs, bar)


@dataclass(frozen=True)
class Outcome:
    """How many orders are looked at and refused; frauds caught and missed; what is paid for all of it, and what would
    be lost if nothing were looked at."""

    reviewed: float
    refused: float
    caught: float
    missed: float
    cost: float
    unchecked: float

    @property
    def saved(self) -> float:
        return self.unchecked - self.cost


def outcome(done: Done, p: Floats, amount: Floats, costs: Costs, weight: Floats | float = 1.0) -> Outcome:
    lost, weight = p * costs.at_stake(amount), np.broadcast_to(weight, p.shape)
    reviewed, refused = (float(weight[which].sum()) for which in (done.looked_at, done.refused))
    good_refused = float((weight * (1 - p))[done.refused].sum())
    missed = ~done.flagged
    cost = reviewed * costs.review + good_refused * costs.refused + float((weight * lost)[missed].sum())
    caught, gone = (float((weight * p)[which].sum()) for which in (done.flagged, missed))
    return Outcome(reviewed, refused, caught, gone, cost, float((weight * lost).sum()))


def threshold(amount: float, costs: Costs) -> float:
    """The probability from which on an order of this amount is not let through: p · stake = the cheaper of a look and
    (1 − p) · a refusal."""
    stake = max(float(costs.at_stake(np.array(amount))), 1e-9)
    return min(1.0, costs.review / stake, costs.refused / (stake + costs.refused))
