"""Which days a shop sells on, and how a week's sales lie on its days: known ahead, as far as the past tells.

D days from the first day of the history on, those to come behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from tools.forecast.sold import UNITS, Bools, Doubles, Sold

RECENT = 26  # weeks that tell how a week's sales lie on its days
SELDOM = 0.02  # of the days of a weekday: the shop is closed then
DENSE = 0.9  # of the other days have sales, from which on a day without is one that was closed
YEAR = 365
NEAR = 3  # days about the same date


@dataclass(frozen=True)
class Opening:
    """`weight` (D,): the part of a usual week's sales that falls on the day, 0 where closed. `holiday` (D,)."""

    first: date
    weight: Doubles
    holiday: Bools

    def weeks(self) -> Doubles:
        """(D / 7,) 1 for a usual week."""
        return np.asarray(self.weight.reshape(-1, 7).sum(1))

    def parts(self, origin: int, begin: int, end: int, horizon: int) -> Doubles:
        """(H,) the part of each week from `origin` on that lies on the days begin … end (exclusive), from its first."""
        days = self.weight[7 * origin : 7 * (origin + horizon)].copy()
        whole = days.reshape(-1, 7).sum(1)
        days[:begin] = days[end:] = 0
        found = days.reshape(-1, 7).sum(1)
        return np.asarray(np.divide(found, whole, out=np.zeros_like(found), where=whole > 0))


def opening_of(sold: Sold, horizon: int, country: str | None = None) -> Opening:
    """The days of the history and of `horizon` weeks to come; `country` is an ISO code whose holidays count."""
    units = sold.days[UNITS]
    size = len(units) + 7 * horizon
    weekday = (np.arange(size) + sold.first.weekday()) % 7
    named = _holidays(sold.first, size, country)
    usual = np.array([_selling(units[weekday[: len(units)] == k]) for k in range(7)])
    shares = _profile(units, weekday[: len(units)]) * usual
    shares = shares / shares.sum() if shares.sum() > 0 else np.full(7, 1 / 7)
    is_open = usual[weekday] & ~_closed(units, usual[weekday], named)
    return Opening(sold.first, np.where(is_open, shares[weekday], 0.0), np.array([bool(name) for name in named]))


def _selling(units: Doubles) -> bool:
    recent = units[-RECENT:]
    return bool((recent > 0).mean() > SELDOM) if len(recent) else True


def _profile(units: Doubles, weekday: npt.NDArray[np.int64]) -> Doubles:
    recent, of = units[-7 * RECENT :], weekday[-7 * RECENT :]
    return np.asarray(np.bincount(of, recent, 7), dtype=np.float64)


def _closed(units: Doubles, usual: Bools, named: list[str]) -> Bools:
    """Days without a sale in a shop that sells on nearly all others; ahead, what was closed a year ago: by the
    holiday's name, else by its date."""
    known = len(units)
    out = np.zeros(len(usual), dtype=bool)
    if (units[usual[:known]] > 0).mean() < DENSE:
        return out
    out[:known] = usual[:known] & (units <= 0)
    by_name = {named[d]: bool(out[d]) for d in range(known) if named[d] and usual[d]}
    for d in range(known, len(usual)):
        then = d - YEAR
        out[d] = by_name.get(named[d], 0 <= then < known and (bool(out[then]) or _amid(out, then)))
    return out


def _amid(out: Bools, then: int) -> bool:
    """Within a stretch of closed days, whose weekends and usual closed days aren't marked."""
    return bool(out[max(0, then - NEAR) : then].any() and out[then + 1 : then + 1 + NEAR].any())


def _holidays(first: date, size: int, country: str | None) -> list[str]:
    if country is None:
        return [""] * size
    import holidays

    years = range(first.year, (first + timedelta(days=size)).year + 1)
    try:
        found = holidays.country_holidays(country, years=years)
    except NotImplementedError:  # a country that the package doesn't know
        return [""] * size
    return [found.get(first + timedelta(days=d), "") for d in range(size)]
