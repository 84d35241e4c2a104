"""How long Transformers learn: as long as is usual, or longer where that was better on the checked windows.

Of few dates a net that learns longer learns those by heart; where many are behind it, or what is known ahead decides,
the usual is too little. Which it is, a table's own past tells.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ml.metrics import pinball
from tools.forecast.drift import expected_drift
from tools.forecast.features import Windows
from tools.forecast.train import Effort, check_windows, predict, train_transformer
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
    if _loss(windows, end, other) < (1 - BETTER) * _loss(windows, end, usual):
        return other, longer
    return usual, effort


def _loss(windows: Windows, end: int, model: Forecaster) -> float:
    """Of the checked windows, in units sold: as totals weigh."""
    checked, loss = check_windows(windows, end), 0.0
    for origin in np.unique(checked.t):
        i = checked.i[checked.t == origin]
        batch = windows.batch(i, np.full(len(i), origin))
        q, _ = predict(model, batch, expected_drift(windows, int(origin)))
        y = batch.target * batch.scale[:, None]
        held = ~np.isnan(y)
        loss += float(pinball(y[held], q[held], np.array(LEVELS)).sum())
    return loss
