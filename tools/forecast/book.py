"""A trained forecaster's book: what it says of the weeks to come, and what it would have said of weeks that are over.

The models are trained on what came before the first of the past origins, then only told of newer weeks: that is the
back-test. Then they learn from all there is. O past origins, S series, H weeks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from store.errors import UserError
from tools.forecast.forecaster import Trained, forecast, teach, train
from tools.forecast.sold import Doubles
from tools.forecast.table import Panel
from tools.forecast.train import Effort
from tools.forecast.trees import LEVELS, Told

HORIZON = 13  # weeks: a quarter
TESTED, TESTED_LEAST = 26, 16  # weeks at the end of the history that the back-test is about
LONG_ENOUGH = 78  # weeks of history, from which on it is the longer one
LEAST = TESTED_LEAST + 2 * HORIZON + 2  # weeks of history that the models need
LOW, HIGH = LEVELS.index(0.1), LEVELS.index(0.9)
DEVIATIONS = 2.563  # between these two, of a normal distribution


@dataclass(frozen=True)
class Book:
    """`mean` and `spread` (O + 1, S, H), a standard deviation; the last origin is the end of the history."""

    series: tuple[str, ...]
    origins: tuple[int, ...]
    mean: Doubles
    spread: Doubles


def first_origin(weeks: int) -> int:
    return weeks - (TESTED if weeks >= LONG_ENOUGH else TESTED_LEAST)


def written(panel: Panel, effort: Effort, kept: Path, told: Told) -> tuple[Trained, Book]:
    """The forecaster and its book; training goes on from what is in `kept`. UserError: there is too little history."""
    weeks = panel.y.shape[1] - HORIZON
    if weeks < LEAST:
        raise UserError(f"There are {weeks} whole weeks of sales; {LEAST} are needed to train a forecast.")
    begin = first_origin(weeks)
    found = train(panel, HORIZON, begin, effort, kept, _stages(told, 0.0, 0.6, 2 * effort.nets + 4))
    pages = []
    for origin in range(begin, weeks):
        told("looking back", 0.6 + 0.1 * (origin - begin) / (weeks - begin))
        pages.append(page(found, panel, origin))
    teach(found, panel, weeks, _stages(told, 0.7, 1.0, effort.nets + 1))
    pages.append(page(found, panel, weeks))
    mean, spread = (np.stack(each) for each in zip(*pages, strict=True))
    return found, Book(panel.series, tuple(range(begin, weeks + 1)), mean, spread)


def page(found: Trained, panel: Panel, origin: int) -> tuple[Doubles, Doubles]:
    """(S, H) means and deviations from an origin on; a series that hadn't begun then is expected to sell nothing."""
    answer = forecast(found, panel, origin)
    out = np.zeros((2, len(panel.series), found.horizon))
    out[0, answer.i] = answer.storewise.mean
    out[1, answer.i] = (answer.fine.q[..., HIGH] - answer.fine.q[..., LOW]) / DEVIATIONS
    return out[0], np.maximum(out[1], 0)


def _stages(told: Told, begin: float, end: float, count: int) -> Told:
    """Progress of so many stages, each of which tells its own from 0 to 1, as one from `begin` to `end`."""
    stage, last = 0, 0.0

    def heard(what: str, part: float) -> None:
        nonlocal stage, last
        stage, last = stage + (part < last), part
        told(what, begin + (end - begin) * min(1.0, (stage + part) / count))

    return heard
