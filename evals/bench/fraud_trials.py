"""What may go wrong in a shop, tried on purpose: labels that never come, and fraud that suddenly is more frequent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tools.fraud.table import Bools

if TYPE_CHECKING:
    import pandas as pd

SEED = 11


def lost(frame: pd.DataFrame, label: str, before: Bools, part: float) -> pd.DataFrame:
    """Of the rows before the test a part of the labels, frauds' and others' alike, is not known and never was."""
    gone = before & (np.random.default_rng(SEED).random(len(frame)) < part)
    return frame.assign(**{label: frame[label].astype(object).where(~gone, None)})


def jumped(frame: pd.DataFrame, label: str, before: Bools, factor: float) -> pd.DataFrame:
    """Of the test's orders that are no frauds so many are gone that fraud is `factor` times as frequent there."""
    fraud = frame[label].astype(float).to_numpy() > 0
    part = 1 - _kept(float(fraud[~before].mean()), factor)
    gone = ~before & ~fraud & (np.random.default_rng(SEED).random(len(frame)) < part)
    kept: pd.DataFrame = frame[~gone]
    return kept


def _kept(rate: float, factor: float) -> float:
    """The part of the honest ones that is left, so that frauds are min(factor · rate, half) of what is."""
    wanted = min(factor * rate, 0.5)
    return min(1.0, rate * (1 - wanted) / (wanted * (1 - rate))) if 0 < rate < 1 else 1.0
