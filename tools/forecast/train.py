"""Training a forecaster on a panel: what it learns from, what it is checked on, and how both halves are weighed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.forecast.drift import drifts
from tools.forecast.features import FAR, Batch, Windows
from tools.forecast.table import Floats, Ints
from tools.forecast.trees import LEVELS, ROUNDS, ROWS, Rows, Told, Trees, fit_trees, refit, rows_from

if TYPE_CHECKING:
    import torch

    from tools.forecast.model import Forecaster

ENOUGH = 1.5  # years of history, from which on windows that are learned from have a year behind them; before: young
SEEN = 4_000  # windows that tell the ranges of features
HURRY = 3.0  # times the rate, at most, where there is no time for all epochs
AHEAD = 8  # steps whose windows are made at once
CHECKS = 3  # horizons of the past, at most, that are left out to check on


@dataclass(frozen=True)
class Effort:
    """How long to learn. The defaults are the bench's; tests take less.

    Of few windows a net learns the dates by heart, so each is drawn some times only: `epochs`, in at most `steps`
    batches. When to stop isn't read off the checked windows, whose few dates would decide too much.
    """

    steps: int = 600
    finish: int = 200  # more steps, at most, on all that is known
    epochs: float = 3.0
    again: float = 1.0  # epochs of what is known, when it is finished or taught again
    batch: int = 64
    rate: float = 1e-3
    width: int = 64
    layers: int = 2
    every: int = 50
    rows: int = ROWS
    rounds: int = ROUNDS
    seed: int = 7
    nets: int = 3  # Transformers from different beginnings, whose forecasts are averaged


@dataclass(frozen=True)
class Picked:
    """Windows (N,), and how often each is drawn and how much it counts: both by the root of the level, so that what
    is learned weighs as the loss over totals does, while small series are still seen."""

    i: Ints
    t: Ints
    part: Floats


def picked(windows: Windows, begin: int, end: int, stride: int = 1) -> Picked:
    """Windows whose targets lie before `end` and whose origins don't lie before `begin`, of series that had begun."""
    panel = windows.panel
    origins = np.arange(begin, end - windows.horizon + 1, stride)
    i, t = (x.reshape(-1) for x in np.meshgrid(np.arange(len(panel.series)), origins, indexing="ij"))
    held = t > panel.first[i]
    i, t = i[held], t[held]
    root = np.sqrt(windows.level(i, t))
    return Picked(i, t, (root / root.mean()).astype(np.float32))


def by_origin(pick: Picked) -> Iterator[tuple[int, Ints]]:
    """Each origin with the series that are picked at it."""
    for origin in np.unique(pick.t):
        yield int(origin), pick.i[pick.t == origin]


def begin_of(windows: Windows, end: int) -> int:
    """The first origin to learn from: some history is behind it, as far as there is any; a year, if that is little of
    it."""
    if end >= windows.year * ENOUGH:
        return windows.year
    return max(1, min(windows.spans.recent, end // 8))


def least(windows: Windows) -> int:
    """The periods that must be known: a horizon to learn, one to check on, and something before them."""
    return 2 * windows.horizon + 2


def checks_of(windows: Windows, end: int) -> int:
    """How many horizons are left out to check on: at most half of what there is."""
    return max(1, min(CHECKS, (end - windows.horizon - begin_of(windows, end)) // (2 * windows.horizon)))


def checked_from(windows: Windows, end: int) -> int:
    """The first origin of those left out to check on, which are a horizon apart."""
    return end - checks_of(windows, end) * windows.horizon


def check_windows(windows: Windows, end: int) -> Picked:
    return picked(windows, checked_from(windows, end), end, windows.horizon)


def learn_windows(windows: Windows, end: int) -> Picked:
    return picked(windows, begin_of(windows, end), end)


def is_young(windows: Windows, end: int) -> bool:
    """Whether the drift of all series together is taken out of what is learned (drift.py)."""
    return end < windows.year * ENOUGH


def tensors(windows: Windows, pick: Picked, at: Ints, by: Floats) -> dict[str, torch.Tensor]:
    """Of those picked, the ones `at`; `by` is the drift that is taken out of each."""
    import torch

    from tools.forecast.model import GIVEN

    batch = windows.batch(pick.i[at], pick.t[at])
    out = {name: torch.from_numpy(getattr(batch, name)) for name in GIVEN}
    out["target"] = torch.from_numpy(np.clip(batch.target / by[:, None], 0, FAR))
    out["weight"] = torch.from_numpy(pick.part[at] * by)
    return out


def batches(windows: Windows, pick: Picked, effort: Effort, young: bool) -> Any:
    """Draws of each step, the same whenever it is made; features of some steps at once, which is faster."""
    sums = np.cumsum(pick.part, dtype=np.float64)
    by = drifts(windows, pick.t) if young else np.ones(len(pick.t), np.float32)

    def drawn(step: int) -> Ints:
        random = np.random.default_rng((effort.seed, step)).random(effort.batch)
        return np.asarray(np.minimum(np.searchsorted(sums, random * sums[-1]), len(sums) - 1))

    def since(step: int) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            at = np.concatenate([drawn(step + k) for k in range(AHEAD)])
            some = tensors(windows, pick, at, by[at])
            for k in range(AHEAD):
                yield {name: values[k * effort.batch : (k + 1) * effort.batch] for name, values in some.items()}
            step += AHEAD

    return since


def new_model(windows: Windows, effort: Effort, pick: Picked, young: bool = False) -> Forecaster:
    """Not fitted yet, but it knows the ranges of the features of the windows that it is to learn from."""
    import torch

    from tools.forecast.model import Forecaster, ForecasterConfig

    panel, some = windows.panel, slice(None, None, -(-len(pick.i) // SEEN))
    batch = windows.batch(pick.i[some], pick.t[some])
    batch.context[:, windows.common() if young else []] = 0
    sizes = (len(panel.series) + 1, *(int(panel.static[:, g].max()) + 1 for g in range(panel.static.shape[1])))
    torch.manual_seed(effort.seed)
    model = Forecaster(ForecasterConfig(
        context=windows.spans.context, patch=windows.spans.patch, channels=batch.past.shape[2],
        horizon=windows.horizon, features=batch.step.shape[2], anchors=batch.anchor.shape[2],
        window=batch.context.shape[1], statics=sizes,
        width=effort.width, layers=effort.layers, young=young,
    ))  # fmt: skip
    model.of_step.learn(torch.from_numpy(batch.step.reshape(-1, batch.step.shape[2])))
    model.of_window.learn(torch.from_numpy(batch.context))
    return model


def predict(model: Forecaster, batch: Batch, drift: float, size: int = 512) -> tuple[Floats, Floats]:
    """Quantiles (N, H, Q) and means (N, H), in the series' own units. A quantile below the chance of no sale is 0.

    `drift` is put back if the model learned without it.
    """
    import torch

    from tools.forecast.model import GIVEN

    quantiles, means = [], []
    with torch.inference_mode():
        for begin in range(0, len(batch.scale), size):
            some = slice(begin, begin + size)
            bent, mean, none = model(*(torch.from_numpy(getattr(batch, name)[some]) for name in GIVEN))
            scale = batch.scale[some, None]
            unsold = torch.sigmoid(none).numpy()[..., None] > np.array(LEVELS)
            quantiles.append(np.where(unsold, 0, np.sinh(bent.numpy())) * scale[..., None])
            means.append(np.exp(mean.numpy()) * scale)
    by = np.float32(drift if model.config.young else 1)
    return np.concatenate(quantiles) * by, np.concatenate(means) * by


def train_transformer(windows: Windows, end: int, effort: Effort, kept: Path, told: Told) -> Forecaster:
    """Learns from what was before the checked windows."""
    learn = learn_windows(windows, checked_from(windows, end))
    model = new_model(windows, effort, learn, is_young(windows, end))
    steps, hurry = steps_of(learn, effort.epochs, effort.batch, effort.steps)
    _fit(model, windows, learn, effort, steps, effort.rate * hurry, kept, told)
    return model


def finish_transformer(model: Forecaster, windows: Windows, end: int, effort: Effort, kept: Path, told: Told) -> None:
    """Goes on from where it is, a little, with all that is known before `end`."""
    learn = learn_windows(windows, end)
    steps, hurry = steps_of(learn, effort.again, effort.batch, effort.finish)
    _fit(model, windows, learn, effort, steps, effort.rate / 3 * hurry, kept, told)


def steps_of(pick: Picked, epochs: float, batch: int, most: int) -> tuple[int, float]:
    """Batches that are so many epochs of the windows, at least one and at most so many; and how many times larger the
    rate is to be where that is fewer: the root of what is missing, at most HURRY."""
    wanted = max(1, round(epochs * len(pick.i) / batch))
    steps = min(most, wanted)
    return steps, min(HURRY, (wanted / steps) ** 0.5)


def _fit(
    model: Forecaster, windows: Windows, pick: Picked, effort: Effort, steps: int, rate: float, kept: Path, told: Told
) -> None:
    from ml.checkpoint import About
    from ml.fit import Fit, fit
    from tools.forecast.model import loss

    how = Fit(steps, {"": rate}, decay=0.05, every=effort.every, seed=effort.seed)
    about = About("train forecast", effort.seed, str(windows.panel.dates[-1]))
    fit(
        model, batches(windows, pick, effort, model.config.young), loss, how, kept, about,
        lambda step, _: told("training the Transformer", step / steps),
    )  # fmt: skip


def tree_rows(windows: Windows, pick: Picked, most: int, seed: int, wide: bool = False, young: bool = False) -> Rows:
    return rows_from(windows, pick.i, pick.t, pick.part**2, most, seed, wide, young)


def train_trees(windows: Windows, end: int, effort: Effort, told: Told) -> Trees:
    """Tuned on the checked windows and fitted to what was before them."""
    pick = learn_windows(windows, checked_from(windows, end))
    learn = tree_rows(windows, pick, effort.rows, effort.seed)
    check = tree_rows(windows, check_windows(windows, end), effort.rows // 3, effort.seed)
    tuned = fit_trees(learn, check, effort.rounds, told)
    return finish_trees(tuned, windows, checked_from(windows, end), effort, told)


def finish_trees(trees: Trees, windows: Windows, end: int, effort: Effort, told: Told) -> Trees:
    """The same settings, fitted to all that is known before `end`."""
    pick, young = learn_windows(windows, end), is_young(windows, end)

    def drawn(kind: int) -> Rows:
        return tree_rows(windows, pick, effort.rows, effort.seed + kind, True, young and kind > 0)

    return refit(trees, drawn, young, told)
