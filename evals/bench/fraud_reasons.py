"""Whether reasons are the reasons: leaving out what a score is said to rest on must move it more than leaving out
anything else."""

from __future__ import annotations

import numpy as np

from tools.fraud.attributions import Attributions, attributions
from tools.fraud.scorer import Trained
from tools.fraud.table import Floats, Ints

SHOWN = 60  # orders, those that score highest
GOAL = 0.2


def faithful(trained: Trained, rows: Ints, p: Floats) -> str:
    """Of the orders that score highest."""
    first = rows[np.argsort(-p, kind="stable")[:SHOWN]]
    top, random = moves(attributions(trained.model, trained.features, first))
    more = top / random - 1
    met = "met" if more >= GOAL else "NOT met"
    return (
        f"Reasons of the {len(first)} highest scores: leaving out the upper half of them moves a score by {top:.2f} in "
        f"logits, leaving out as many at random by {random:.2f}, {more:+.0%} (goal {GOAL:+.0%}): {met}."
    )


def moves(found: Attributions) -> tuple[float, float]:
    """How far scores move, on the mean, without the half of the groups that is said to add most, and without any half:
    the mean over all of them."""
    count = len(found.groups)
    half = max(1, count // 2)
    everything = 2**count - 1
    subsets = np.array([s for s in range(2**count) if s.bit_count() == half])
    moved = np.abs(found.worth[:, [everything]] - found.worth[:, everything ^ subsets])  # (N, subsets)
    upper = np.argsort(-found.parts, axis=1, kind="stable")[:, :half]
    said = everything ^ (1 << upper).sum(1)
    top = np.abs(found.worth[:, everything] - found.worth[np.arange(len(said)), said])
    return float(top.mean()), float(moved.mean())
