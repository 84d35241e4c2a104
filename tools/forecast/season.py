"""How sales go up and down with the time of year, by category: what an explanation tells apart from level and trend.

Poisson regression of a category's days on calendar months, days of the week and a trend, with what prices, promotions
and the products on sale that day let expect as its exposure (McCullagh and Nelder 1989, chapter 6), so that a cheap
December is no season. D days, C categories.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from store.kept import Kept
from tools.forecast.daily import Days, days_of
from tools.forecast.sold import Doubles, Sold
from tools.forecast.whatif import Learned, Members, learned, lifted

if TYPE_CHECKING:
    from store.connect import Store

LONG_ENOUGH = 78  # weeks: under one and a half years season and trend can't be told apart
LEAST_SOLD = 500  # units of a category
STEPS, MONTHS = 30, 12
Seasons = Mapping[str, Doubles]
_seasons: Kept[Seasons] = Kept(4)


def seasons(store: Store, sold: Sold) -> Seasons:
    """By category (12,) factors from January on, whose geometric mean is 1; none where the history is too short."""
    return _seasons.of(store, lambda: _read(store, sold), sold.last) if sold.weeks >= LONG_ENOUGH else {}


def _read(store: Store, sold: Sold) -> Seasons:
    effects = learned(store, sold)
    with store.connect() as con:
        days = days_of(con, sold)
    dates = np.array([(sold.first + timedelta(days=d)).month - 1 for d in range(7 * sold.weeks)])
    out = {}
    for name in sorted(set(sold.categories)):
        at = np.flatnonzero(np.array(sold.categories) == name)
        if days.units[at].sum() >= LEAST_SOLD:
            out[name] = _of_category(days, at, effects, name, dates)
    return out


def _of_category(days: Days, at: Members, effects: Learned, name: str, month: Members) -> Doubles:
    y = days.units[at].sum(0)
    exposure = _exposure(days, at, effects, name)
    time = np.linspace(-1, 1, len(y))
    x = np.column_stack([np.eye(MONTHS)[month], np.eye(7)[days.weekday][:, 1:], time])
    beta = np.zeros(x.shape[1])
    beta[:MONTHS] = np.log(y.sum() / exposure.sum())
    for _ in range(STEPS):
        mu = np.exp(np.clip(x @ beta, -20, 20)) * exposure
        beta += np.clip(np.linalg.solve((x * mu[:, None]).T @ x + 1e-6 * np.eye(len(beta)), x.T @ (y - mu)), -2, 2)
    logs = beta[:MONTHS]
    return np.asarray(np.exp(logs - logs.mean()))


def _exposure(days: Days, at: Members, effects: Learned, name: str) -> Doubles:
    """(D,) what would be sold if only prices, promotions and what is on sale mattered."""
    y = days.units[at]
    begun, over = (np.maximum.accumulate(part > 0, 1) for part in (y, y[:, ::-1]))
    factor = lifted(effects, at, name, days.price[at], days.cut[at]) * (begun & over[:, ::-1])
    size = y.sum(1) / np.maximum(factor.sum(1), 1e-9)
    return np.asarray(np.maximum((size[:, None] * factor).sum(0), 1e-9))


def season_of(found: Seasons, weights: Mapping[str, float]) -> Doubles | None:
    """(12,) of several categories together, weighed by what they sell; None where that of any is unknown."""
    if not weights or not set(weights) <= set(found) or sum(weights.values()) <= 0:
        return None
    return np.asarray(sum(found[name] * part for name, part in weights.items()) / sum(weights.values()))
