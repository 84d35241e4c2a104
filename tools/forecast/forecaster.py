"""The forecaster of one panel: trained as of a period, taught more as periods come, weighed by what it said before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.errors import UserError
from tools.forecast.blend import Blend, Past, Said, blend_from, blended, nearer
from tools.forecast.drift import expected_drift
from tools.forecast.features import Windows
from tools.forecast.longer import first_transformer
from tools.forecast.prior import prior_says, reaches
from tools.forecast.table import Ints, Panel
from tools.forecast.train import (
    Effort,
    by_origin,
    check_windows,
    finish_transformer,
    finish_trees,
    least,
    predict,
    train_transformer,
    train_trees,
)
from tools.forecast.trees import LEVELS, Told, Trees

if TYPE_CHECKING:
    from tools.forecast.model import Forecaster

AGAIN = 0.1  # taught again once so much has been added to what it has learned from
LOW, HIGH = 0.4, 0.85  # levels below which, and above which, a quantile is a low one, and a high one
RAISED = 0.3  # of a piece: high quantiles of less than 0.7 pieces above a whole number are that number
KEPT = 4  # horizons whose forecasts decide weight and calibration


@dataclass(frozen=True)
class Answer:
    """Of the series `i` at one origin: what is answered, the same before quantiles are whole (`fine`, for sums of many
    series), and what the Transformers alone would say."""

    i: Ints
    storewise: Said
    fine: Said
    net: Said


@dataclass
class Trained:
    """Models fitted to the periods before `end`, and the forecasts whose outcome is known."""

    nets: list[Forecaster]
    trees: Trees
    horizon: int
    start: int  # the period that the first training was as of: known columns are measured before it
    end: int
    effort: Effort
    kept: Path
    pasts: list[Past] = field(default_factory=list)
    open_said: list[tuple[int, Ints, tuple[Said, ...]]] = field(default_factory=list)  # said, not over yet
    fixed: Blend | None = None  # by the forecasts that are over; of one that was kept, as it was then

    def windows(self, panel: Panel, origin: int) -> Windows:
        return Windows(panel.until(origin), self.horizon, self.start)

    def blend(self) -> Blend:
        return self.fixed or blend_from(self.pasts[-KEPT:])


def train(panel: Panel, horizon: int, end: int, effort: Effort, kept: Path, told: Told) -> Trained:
    """As of period `end`, which it doesn't see; `kept` is the folder that a stopped training goes on from.

    UserError: there is too little history.
    """
    windows = Windows(panel.until(end), horizon, end)
    if end < least(windows):
        name = panel.freq.name
        raise UserError(
            f"There are {end} {name}s before the first forecast; {least(windows)} are needed for {horizon} {name}s "
            "ahead. Take fewer --origins, or a shorter --horizon."
        )
    first, effort = first_transformer(windows, end, effort, kept, told)
    nets = [first, *(train_transformer(windows, end, e, kept / f"first-{e.seed}", told) for e in _efforts(effort)[1:])]
    trees = train_trees(windows, end, effort, told)
    found = Trained(nets, trees, horizon, end, end, effort, kept)
    for origin, i in by_origin(check_windows(windows, end)):
        found.open_said.append((origin, i, _each(found, found.windows(panel, origin), i, origin)[1]))
    _settle(found, panel, end)
    _teach(found, windows, end, told)
    return found


def teach(found: Trained, panel: Panel, origin: int, told: Told) -> bool:
    """What has come since is looked at, and learned from if it is much: whether it was."""
    _settle(found, panel, origin)
    if origin < found.end * (1 + AGAIN):
        return False
    _teach(found, found.windows(panel, origin), origin, told)
    return True


def forecast(found: Trained, panel: Panel, origin: int) -> Answer:
    """All series that had begun before `origin`, the horizon from there on."""
    windows, i = found.windows(panel, origin), np.flatnonzero(panel.first < origin)
    net, each = _each(found, windows, i, origin)
    t = np.full(len(i), origin)
    said = blended(each, windows.level(i, t), windows.volume(i, t), found.blend())
    found.open_said.append((origin, i, each))
    fine = _closed(_sold_at_all(said, panel, i, origin), panel, i, origin)
    return Answer(i, _whole(fine, panel, i, origin), fine, net)


def _each(found: Trained, windows: Windows, i: Ints, origin: int) -> tuple[Said, tuple[Said, ...]]:
    """What the Transformers say, their forecasts averaged; and that, nearer to the trees' total, beside what each kind
    of trees and the one that knows no shop's data say."""
    batch = windows.batch(i, np.full(len(i), origin))
    drift = expected_drift(windows, origin)
    with ThreadPoolExecutor(1) as beside:  # trees speak while Transformers do
        coming = beside.submit(found.trees.predict, batch, found.horizon, drift if found.trees.young else 1.0)
        each = [predict(net, batch, drift) for net in found.nets]
        prior = [prior_says(windows, i, origin)] if reaches(windows) else []
    net = Said(np.mean([q for q, _ in each], 0), np.mean([mean for _, mean in each], 0), "net")
    kinds, mean = coming.result()
    return net, (nearer(net, float(mean.sum())), *(Said(q, mean, "trees") for q in kinds), *prior)


def _settle(found: Trained, panel: Panel, now: int) -> None:
    """Forecasts whose whole horizon lies before `now` can be judged."""
    over = [entry for entry in found.open_said if entry[0] + found.horizon <= now]
    found.open_said = [entry for entry in found.open_said if entry[0] + found.horizon > now]
    for origin, i, said in over:
        windows, t = found.windows(panel, now), np.full(len(i), origin)
        y = windows.target(i, t)
        found.pasts.append(Past(said, y, windows.level(i, t), windows.volume(i, t)))
    if over:
        found.fixed = blend_from(found.pasts[-KEPT:])


def _efforts(effort: Effort) -> list[Effort]:
    return [replace(effort, seed=effort.seed + k) for k in range(effort.nets)]


def _teach(found: Trained, windows: Windows, end: int, told: Told) -> None:
    found.trees = finish_trees(found.trees, windows, end, found.effort, told)
    for net, effort in zip(found.nets, _efforts(found.effort), strict=True):
        finish_transformer(net, windows, end, effort, found.kept / f"until-{end}-{effort.seed}", told)
    found.end = end


def _sold_at_all(said: Said, panel: Panel, i: Ints, origin: int) -> Said:
    """Low quantiles below half of the least that a series ever sold are no sale: nothing lies between the two."""
    past = panel.y[i, :origin]
    least = np.where(past > 0, past, np.inf).min(1)[:, None, None]
    return Said(np.where((said.q < least / 2) & (np.array(LEVELS) < LOW), 0, said.q), said.mean)


def _whole(said: Said, panel: Panel, i: Ints, origin: int) -> Said:
    """What is sold in whole pieces has whole quantiles, the nearest. High ones are rarely raised: what is sold is then
    often just as much, and they would hold more than they claim."""
    past = panel.y[i, :origin]
    pieces = (np.isnan(past) | (past == np.round(past))).all(1)[:, None, None]
    raised = np.where(np.array(LEVELS) > HIGH, RAISED, 0.5)
    whole = np.maximum.accumulate(np.floor(said.q + raised), -1)
    return Said(np.where(pieces, whole, said.q).astype(np.float32), said.mean)


def _closed(said: Said, panel: Panel, i: Ints, origin: int) -> Said:
    """On closed days nothing is sold, where nothing ever was."""
    horizon = said.mean.shape[1]
    shut = ~panel.is_open[i, origin : origin + horizon]
    before = ~panel.is_open[:, :origin]
    if not shut.any() or np.nansum(panel.y[:, :origin][before]) > 0:
        return said
    return Said(np.where(shut[..., None], 0, said.q), np.where(shut, 0, said.mean))
