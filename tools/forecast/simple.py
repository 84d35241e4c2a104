"""Simple forecasts of weeks, which the trained model is measured beside, and which answer where it loses or is missing.

All of them add up: what they say of a sum is the sum of what they say. S series, T weeks, H weeks ahead, in sales of a
usual week; weeks with closed days are brought up to it before and taken down afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.forecast.sold import Doubles

LEAST_WEIGHT = 0.3  # of a usual week: what is open less tells nothing of a usual one
YEAR, RECENT, LONG, FEW = 52, 4, 13, 8  # weeks
SPREAD_OVER = 26
Method = Callable[[Doubles, Doubles, int, int], Doubles | None]


def usual(y: Doubles, weight: Doubles) -> Doubles:
    """(S, T) sales as if each week were a usual one; a week that was hardly open is taken for the one before."""
    out = y.copy()
    for week, part in enumerate(weight):
        if part >= LEAST_WEIGHT:
            out[:, week] = y[:, week] / part
        elif week:
            out[:, week] = out[:, week - 1]
    return out


def recent(rate: Doubles, _: Doubles, origin: int, horizon: int) -> Doubles:
    """The mean of the last weeks."""
    return _level(rate, origin, RECENT, horizon)


def longer(rate: Doubles, _: Doubles, origin: int, horizon: int) -> Doubles:
    """The mean of the last quarter."""
    return _level(rate, origin, LONG, horizon)


def last_year(rate: Doubles, _: Doubles, origin: int, horizon: int) -> Doubles | None:
    """The same weeks a year ago (seasonal naive)."""
    return _year_ago(rate, origin, horizon) if origin >= YEAR and horizon <= YEAR else None


def grown(rate: Doubles, shop: Doubles, origin: int, horizon: int) -> Doubles | None:
    """The same weeks a year ago, at what the shop sells now against then."""
    if origin < YEAR + FEW or horizon > YEAR:
        return None
    now, then = shop[origin - FEW : origin].sum(), shop[origin - YEAR - FEW : origin - YEAR].sum()
    return _year_ago(rate, origin, horizon) * (now / then if then > 0 else 1.0)


def moved(rate: Doubles, shop: Doubles, origin: int, horizon: int) -> Doubles | None:
    """The mean of the last quarter, moved as the whole shop moved at this time last year."""
    if origin < YEAR + LONG or horizon > YEAR:
        return None
    then = shop[origin - YEAR - LONG : origin - YEAR].mean()
    season = shop[origin - YEAR : origin - YEAR + horizon] / then if then > 0 else np.ones(horizon)
    return np.asarray(_level(rate, origin, LONG, horizon) * season)


METHODS: dict[str, Method] = {
    "recent": recent,
    "longer": longer,
    "last_year": last_year,
    "grown": grown,
    "moved": moved,
}
NAIVE = ("last_year", "recent")  # what a forecast has to beat: the first that can be measured


def said_by(name: str, y: Doubles, weight: Doubles, origins: list[int], horizon: int) -> Doubles | None:
    """(O, S, H) forecasts of the weeks from each origin on; None where the history is too short for one of them."""
    rate = usual(y, weight[: y.shape[1]])
    shop = rate.sum(0)
    out = []
    for origin in origins:
        found = METHODS[name](rate[:, :origin], shop[:origin], origin, horizon)
        if found is None:
            return None
        out.append(found * weight[origin : origin + horizon])
    return np.stack(out)


def spread_of(y: Doubles, weight: Doubles, origins: list[int], horizon: int) -> Doubles:
    """(O, S, H) how far weeks lay from one another lately: a standard deviation."""
    rate = usual(y, weight[: y.shape[1]])
    out = [rate[:, max(0, o - SPREAD_OVER) : o].std(1)[:, None] * weight[o : o + horizon] for o in origins]
    return np.stack(out)


def _year_ago(rate: Doubles, origin: int, horizon: int) -> Doubles:
    """Nothing of what sold in these months a year ago, and sells no more; what has its season is none of it."""
    then = rate[:, max(0, origin - YEAR - LONG) : origin - YEAR].sum(1) > 0
    gone = then & (rate[:, origin - LONG : origin].sum(1) <= 0)
    return np.where(gone[:, None], 0.0, rate[:, origin - YEAR : origin - YEAR + horizon])


def _level(rate: Doubles, origin: int, weeks: int, horizon: int) -> Doubles:
    mean = rate[:, max(0, origin - weeks) : origin].mean(1)
    return np.repeat(mean[:, None], horizon, 1)
