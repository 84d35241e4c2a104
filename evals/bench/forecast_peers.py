"""Simple peers of the sales forecast, fitted anew at each origin. N series, H steps, Q levels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tools.forecast.blend import Said
from tools.forecast.table import Floats, Ints, Panel
from tools.forecast.trees import LEVELS

MOST = 150  # series that AutoETS and CrostonOptimized are fitted to: seconds for each of them, at each origin
Peer = Callable[[Panel, Ints, int, int], Said]


def seasonal_naive(panel: Panel, i: Ints, origin: int, horizon: int) -> Said:
    """What was sold a season ago, with the quantiles of the series' own residuals at that distance."""
    q = np.zeros((len(i), horizon, len(LEVELS)), np.float32)
    point = np.zeros((len(i), horizon), np.float32)
    for row, series in enumerate(i):
        past = panel.y[series, panel.first[series] : origin]
        point[row] = _repeated(past, panel.season, horizon)
        for cycle in range(-(-horizon // panel.season)):
            lag = (cycle + 1) * panel.season
            steps = slice(cycle * panel.season, (cycle + 1) * panel.season)
            q[row, steps] = point[row, steps, None] + _residuals(past, lag, panel.season)
    return Said(np.maximum(q, 0), point)


def _repeated(past: Floats, season: int, horizon: int) -> Floats:
    last = past[-season:] if len(past) >= season else past[-1:]
    return np.resize(last, horizon).astype(np.float32)


def _residuals(past: Floats, lag: int, season: int) -> Floats:
    """Quantiles of y_t − y_{t−lag}; of a shorter lag where the past is too short for that."""
    for distance in (lag, season, 1):
        if len(past) > distance:
            return np.asarray(np.quantile(past[distance:] - past[:-distance], LEVELS), np.float32)
    return np.zeros(len(LEVELS), np.float32)


def auto_ets(panel: Panel, i: Ints, origin: int, horizon: int) -> Said:
    """AutoETS of statsforecast with its own intervals; without a season where that is longer than it can take (24)."""
    from statsforecast.models import AutoETS

    season = panel.season if panel.season <= 24 else 1
    levels = [round(100 * (1 - 2 * level)) for level in LEVELS if level < 0.5]

    def one(past: Floats) -> tuple[Floats, Floats]:
        found = AutoETS(season_length=season).forecast(y=past.astype(np.float64), h=horizon, level=levels)
        lower, upper = (np.stack([found[f"{side}-{lv}"] for lv in levels], -1) for side in ("lo", "hi"))
        return np.concatenate([lower, found["mean"][:, None], upper[:, ::-1]], 1), found["mean"]

    return _each(panel, i, origin, horizon, one)


def croston(panel: Panel, i: Ints, origin: int, horizon: int) -> Said:
    """CrostonOptimized of statsforecast, which gives a mean, with the quantiles of what the past was beside it."""
    from statsforecast.models import CrostonOptimized

    def one(past: Floats) -> tuple[Floats, Floats]:
        mean = CrostonOptimized().forecast(y=past.astype(np.float64), h=horizon)["mean"]
        recent = past[-8 * max(panel.season, 7) :]
        return mean[:, None] + np.quantile(recent - recent.mean(), LEVELS)[None, :], mean

    return _each(panel, i, origin, horizon, one)


def _each(panel: Panel, i: Ints, origin: int, horizon: int, one: Callable[[Floats], tuple[Any, Any]]) -> Said:
    """One series after the other; one that is too short for the model is forecast by its mean."""
    q, mean = np.zeros((len(i), horizon, len(LEVELS))), np.zeros((len(i), horizon))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row, series in enumerate(i):
            past = panel.y[series, panel.first[series] : origin]
            try:
                q[row], mean[row] = one(past)
            except (ValueError, ZeroDivisionError, IndexError, NotImplementedError):  # statsforecast: "tiny datasets"
                q[row], mean[row] = np.quantile(past, LEVELS), past.mean()
    q = np.where(np.isfinite(q), q, mean[..., None])
    return Said(np.maximum(np.sort(q, -1), 0).astype(np.float32), np.maximum(mean, 0).astype(np.float32))


PEERS: dict[str, Peer] = {"seasonal_naive": seasonal_naive, "auto_ets": auto_ets, "croston": croston}
SAMPLED = frozenset({"auto_ets", "croston"})


def taken(name: str, i: Ints) -> Ints:
    """The series that a peer is fitted to: all, or so many evenly spread that it ends."""
    return i[:: -(-len(i) // MOST)] if name in SAMPLED else i
