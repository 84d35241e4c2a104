"""How long Transformers learn: as long as is usual, or longer where that was better on the checked windows.

Of few dates a net that learns longer learns those by heart; where many are behind it, or what is known ahead decides,
the usual is too little. Which it is, a table's own past tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ml.metrics import pinball
from tools.forecast.drift import expected_drift
from tools.forecast.features import Windows
from tools.forecast.train import Effort, by_origin, check_windows, predict, train_transformer
from tools.forecast.trees import LEVELS, Told

if TYPE_CHECKING:
    from tools.forecast.model import Forecaster

TIMES = 2.5
BETTER = 0.01  # of the loss: less is chance


def first_transformer(windows: Windows, end: int, effort: Effort, kept: Path, told: Told) -> tuple[Forecaster, Effort]:
    """The first Transformer, and how long the others are to learn, too."""
    longer = replace(effort, steps=round(TIMES * effort.steps), epochs=TIMES * effort.epochs)
    usual, other = (
        train_transformer(windows, end, each, kept / f"{name}-{effort.seed}", told)
        for name, each in (("first", effort), ("longer", longer))
    )
    loss, loss_of_other = _losses(windows, end, (usual, other))
    return (other, longer) if loss_of_other < (1 - BETTER) * loss else (usual, effort)


def _losses(windows: Windows, end: int, models: Sequence[Forecaster]) -> list[float]:
    """Of each on the checked windows, in units sold: as totals weigh."""
    losses = [0.0] * len(models)
    for origin, i in by_origin(check_windows(windows, end)):
        batch, drift = windows.batch(i, np.full(len(i), origin)), expected_drift(windows, origin)
        y = batch.target * batch.scale[:, None]
        held = ~np.isnan(y)
        for m, model in enumerate(models):
            q, _ = predict(model, batch, drift)
            losses[m] += float(pinball(y[held], q[held], np.array(LEVELS)).sum())
    return losses
