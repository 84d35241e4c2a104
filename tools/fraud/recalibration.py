"""Probabilities moved to how frequent fraud is now, by labels that have come since the training. The ranking stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tools.fraud.blend import moved
from tools.fraud.features import Features
from tools.fraud.scorer import Model

PART = 0.1  # of the orders since the training, whose labels must be known
FEWEST = 10  # frauds, and as many others, among them
MOST = 4_000  # labels that are looked at, the latest


def recalibrated(model: Model, features: Features) -> Model:
    """The model with its base set anew, where enough of what came after its training is known; else as it is."""
    table = features.table
    since = np.flatnonzero(table.time > model.until)
    known = since[~np.isnan(table.label[since])]
    frauds = int(table.label[known].sum())
    if len(known) < PART * len(since) or min(frauds, len(known) - frauds) < FEWEST:
        return model
    known = known[-MOST:]
    net, trees, waited = model.halves(features, known)
    return replace(model, blend=moved(net, trees, table.label[known], model.blend, waited))
