"""When stock runs out and how much to order: demand as it is forecast, with its bounds, held against what is on hand.

Order-up-to level of a periodic review: what is on hand after ordering must last until the delivery after the next one
has come, which is lead time and review period together, in as many cases as the service level says (Silver, Pyke and
Thomas, Inventory and Production Management in Supply Chains, 2017, chapter 7). Its quantile is that of the total of
those days, from the errors of such totals in the past, not a sum of quantiles. Days are counted from the day after the
stock was counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from tools.forecast.bounds import INSIDE
from tools.forecast.outlook import Outlook
from tools.forecast.totals import Target, Tested, Total, tested, total

HALF = 0.5001  # the least service level: below it a bound is none
SURE = ("", "served")  # the upper bound that so many totals don't exceed


@dataclass(frozen=True)
class Terms:
    """How stock is ordered: `lead` days until a delivery, `review` days between orders, `service` the chance that
    nothing is missing until the delivery after the next one."""

    lead: int
    review: int
    service: float

    @property
    def cover(self) -> int:
        return self.lead + self.review


@dataclass(frozen=True)
class Stocked:
    """Something with what is on hand of it, None where nobody knows."""

    label: str
    target: Target
    stock: float | None


@dataclass(frozen=True)
class Advice:
    """Days are dates; None where stock lasts longer than can be looked ahead, or is gone already.

    `earliest` and `latest` hold the day that it runs out on 8 times out of 10; `order_by` is the last day on which an
    order comes in time, as often as the service level says.
    """

    of: Stocked
    demand: float  # the mean of what is wanted over lead time and review period
    up_to: int
    order: int
    runs_out: date | None
    earliest: date | None
    latest: date | None
    order_by: date | None
    tested: Tested


def advised(look: Outlook, of: Stocked, terms: Terms, start: date) -> Advice:
    """What to do about one thing whose stock is known, `start` being the first day that it has to last for."""
    assert of.stock is not None
    stock, skipped = of.stock, (start - look.sold.last).days - 1
    inside, most = {**INSIDE, SURE: 2 * terms.service - 1}, 7 * look.shop.horizon - skipped

    @cache
    def over(days: int) -> Total:
        return total(look.shop, look.opening, of.target, skipped, skipped + days, inside)

    def out(reached: Callable[[Total], float]) -> date | None:
        """The day on which so much is wanted that nothing is left."""
        days = _first(lambda d: reached(over(d)) >= stock, most) if stock > 0 else None
        return None if days is None else start + timedelta(days=days - 1)

    wanted = over(terms.cover)
    up_to = math.ceil(wanted.bounds[SURE[1]] - 1e-9)
    mean, early, late, sure = out(_mean), out(_bound("high")), out(_bound("low")), out(_bound(SURE[1]))
    by = None if sure is None else max(start, sure - timedelta(days=terms.lead))
    return Advice(
        of, wanted.mean, up_to, max(0, math.ceil(up_to - stock)), mean,
        min(filter(None, (early, mean)), default=None), max(mean, late) if mean and late else None,
        start if stock <= 0 else by, tested(look.shop, look.opening, of.target, skipped, skipped + terms.cover),
    )  # fmt: skip


def _mean(of: Total) -> float:
    return of.mean


def _bound(name: str) -> Callable[[Total], float]:
    return lambda of: of.bounds[name]


def _first(holds: Callable[[int], bool], most: int) -> int | None:
    """The least number of days, up to `most`, for which it holds, which it does from some day on; None for never."""
    if not holds(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
