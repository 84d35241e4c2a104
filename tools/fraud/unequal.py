"""Whether good orders of some groups are troubled more often than those of others, and what evening that out costs.

N tested orders, by time; what is known of them is in `Backtest`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.fraud.backtest import Backtest
from tools.fraud.costs import Costs
from tools.fraud.groups import Names
from tools.fraud.policy import Done, Outcome, outcome, treated
from tools.fraud.table import Bools, Floats

ENOUGH = 200  # good orders of a group, from which on its rate is compared
EVEN = 0.8  # the lowest rate over the highest, from which on they count as even: the four-fifths rule (EEOC 1978)
Z = 1.6449  # the normal's quantile for an interval of 90 %
STEPS, FASTEST, SLOWS = 40, 0.6, 10  # in which bars are sought, how far each goes, and when they grow smaller
LITTLE = 0.5  # flagged orders that every group is taken to have besides, as many good ones beside them as usual


@dataclass(frozen=True)
class Rate:
    """Of a group's good orders the part that is flagged, its 90 % interval (Wilson 1927), and how many there are."""

    rate: float
    low: float
    high: float
    good: int


def wilson(hits: float, count: float) -> Rate:
    if count <= 0:
        return Rate(0.0, 0.0, 1.0, 0)
    rate = hits / count
    middle = (rate + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * float(np.sqrt(rate * (1 - rate) / count + Z**2 / (4 * count**2)))
    return Rate(rate, max(0.0, middle - half), min(1.0, middle + half), round(count))


def rates_of(tested: Backtest, flagged: Bools, groups: Names) -> dict[str, Rate]:
    """By group, the largest first. Orders that stand for others count as few as they are (Kish 1965)."""
    good = tested.weight * (tested.y == 0)
    names = sorted(np.unique(groups), key=lambda name: (-good[groups == name].sum(), name))
    return {str(name): _rate(good[groups == name], flagged[groups == name]) for name in names}


def _rate(weight: Floats, flagged: Bools) -> Rate:
    count = float(weight.sum() ** 2 / max((weight**2).sum(), 1e-9))
    return wilson(count * float(weight[flagged].sum() / max(weight.sum(), 1e-9)), count)


def compared(rates: dict[str, Rate]) -> dict[str, Rate]:
    """The groups with good orders enough to be compared."""
    return {name: rate for name, rate in rates.items() if rate.good >= ENOUGH}


def ratio_of(rates: dict[str, Rate]) -> float | None:
    """The lowest rate over the highest; None where there are no two groups to compare, or nobody is troubled."""
    found = [rate.rate for rate in compared(rates).values()]
    return min(found) / max(found) if len(found) > 1 and max(found) > 0 else None


def is_beyond_chance(rates: dict[str, Rate]) -> bool:
    """Whether the intervals of the lowest and the highest rate are apart."""
    found = sorted(compared(rates).values(), key=lambda rate: rate.rate)
    return len(found) > 1 and found[0].high < found[-1].low


def as_usual(backtest: Backtest, costs: Costs, most: int | None, bar: Floats | float = 1.0) -> Done:
    it = backtest
    return treated(it.p, it.amount, it.day, costs, most, it.weight, bar)


def evened(backtest: Backtest, groups: Names, costs: Costs, most: int | None) -> Done:
    """Each group with a bar of its own, so that as large a part of its good orders is flagged as of all. A half of the
    tested time gets the bars that the other half needs: what comes of it is not what it was chosen by."""
    first = backtest.day < np.median(backtest.day)
    looked_at, refused = np.zeros(len(backtest), bool), np.zeros(len(backtest), bool)
    for learn, use in ((first, ~first), (~first, first)):
        done = as_usual(backtest, costs, most, bars_of(backtest, groups, learn, costs, most))
        looked_at[use], refused[use] = done.looked_at[use], done.refused[use]
    return Done(looked_at, refused)


def bars_of(backtest: Backtest, groups: Names, learn: Bools, costs: Costs, most: int | None) -> Floats:
    """(N,) bars, one for each group, at which the part of its good orders that is flagged is near that of all orders:
    a group that is flagged too often has its bar raised, step by step. Small groups keep the usual bar."""
    code = np.unique(groups, return_inverse=True)[1]
    good = backtest.weight * (backtest.y == 0) * learn
    count = np.bincount(code, good)
    aim = float(good[as_usual(backtest, costs, most).flagged].sum() / max(good.sum(), 1e-9))
    bar = np.ones(len(count))
    for step in range(STEPS):
        flagged = as_usual(backtest, costs, most, bar[code]).flagged
        part = (np.bincount(code, good * flagged) + LITTLE) / (count + LITTLE / max(aim, 1e-6))
        bar *= np.where(count >= ENOUGH / 2, (part / max(aim, 1e-6)) ** (FASTEST / (1 + step / SLOWS)), 1.0)
    return np.asarray(bar[code])


def bar_of(backtest: Backtest, kind: str, costs: Costs, most: int | None, groups: Names) -> Floats:
    """(N,) the bar of each order of these groups, by all that was tested; a group that wasn't has the usual one."""
    names = backtest.groups[kind]
    bars = bars_of(backtest, names, np.ones(len(backtest), bool), costs, most)
    by_name = dict(zip(names.tolist(), bars.tolist(), strict=True))
    return np.array([by_name.get(str(name), 1.0) for name in groups])


@dataclass(frozen=True)
class Verdict:
    """Of one kind of groups: the rates as orders are treated now and once evened out, and what comes of each with the
    labels as they turned out."""

    rates: dict[str, Rate]
    after: dict[str, Rate]
    now: Outcome
    then: Outcome

    @property
    def is_uneven(self) -> bool:
        ratio = ratio_of(self.rates)
        return ratio is not None and ratio < EVEN

    def said(self, kind: str) -> str:
        """In a sentence."""
        found = sorted(compared(self.rates).items(), key=lambda item: item[1].rate)
        (low, least), (high, most) = found[0], found[-1]
        chance = "" if is_beyond_chance(self.rates) else ", which may be chance"
        return (
            f"Good orders are flagged unevenly by {kind}: {least.rate:.2%} of those of {low}, {most.rate:.2%} of those "
            f"of {high}, a ratio of {ratio_of(self.rates) or 0:.2f}{chance}; with a threshold for each group "
            f"{ratio_of(self.after) or 0:.2f}, and {self.then.caught:.0f} frauds are caught instead of "
            f"{self.now.caught:.0f}."
        )


def verdict(tested: Backtest, kind: str, costs: Costs, most: int | None = None) -> Verdict:
    groups = tested.groups[kind]
    done = as_usual(tested, costs, most), evened(tested, groups, costs, most)
    rates, after = (rates_of(tested, d.flagged, groups) for d in done)
    now, then = (outcome(d, tested.y, tested.amount, costs, tested.weight) for d in done)
    return Verdict(rates, after, now, then)
