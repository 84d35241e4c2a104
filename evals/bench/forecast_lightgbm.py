"""The peer to beat: quantile LightGBM on lags, rolling means, calendar and all known columns, a booster for each level.

Settings and rounds are tuned on the last horizons before the first origin; it is fitted when the Transformers are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.forecast.blend import Said
from tools.forecast.forecaster import Trained
from tools.forecast.table import Ints, Panel
from tools.forecast.train import learn_windows, tree_rows
from tools.forecast.trees import LEVELS, Told, fitted, rounds_at, rows_of, said


def fit_lightgbm(found: Trained, panel: Panel, told: Told) -> list[Any]:
    """Boosters at each of LEVELS and for the mean, of all that was known when the forecaster was last taught."""
    windows, tuned = found.windows(panel, found.end), found.trees
    pick = learn_windows(windows, found.end)
    known = tree_rows(windows, pick, found.effort.rows, found.effort.seed).levels()
    out: list[Any] = []
    for level in (*LEVELS, None):
        told("fitting the peer LightGBM", len(out) / (len(LEVELS) + 1))
        out.append(fitted(known, tuned.settings, level, rounds_at(tuned.rounds, level), None))
    return out


def say_lightgbm(boosters: list[Any], found: Trained, panel: Panel, i: Ints, origin: int) -> Said:
    windows = found.windows(panel, origin)
    batch = windows.batch(i, np.full(len(i), origin))
    each, scale = said(boosters, rows_of(batch, found.horizon), found.horizon), batch.scale[:, None]
    return Said(np.sort(each[..., :-1], -1) * scale[..., None], np.maximum(each[..., -1], 0) * scale)
