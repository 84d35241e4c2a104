"""Gradient-boosted trees (LightGBM) on each order's features: the Transformer's peer, and half of what is answered.

N rows, F features.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.fraud.blend import gain
from tools.fraud.table import Floats

ROUNDS, PATIENCE = 400, 25
FIXED: dict[str, Any] = {
    "objective": "binary", "verbosity": -1, "bagging_freq": 1, "bagging_fraction": 0.8, "max_bin": 127,
    "deterministic": True, "force_row_wise": True, "metric": "average_precision",
}  # fmt: skip
CANDIDATES: tuple[dict[str, Any], ...] = (
    {
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.5,
        "lambda_l2": 5.0,
        "path_smooth": 300.0,
    },
    {"learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 50, "feature_fraction": 0.7},
    {"learning_rate": 0.05, "num_leaves": 7, "min_data_in_leaf": 20, "feature_fraction": 0.7, "lambda_l2": 1.0},
)
Told = Callable[[str, float], None]  # what is being done, and the part of it that is


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: x (N, F), y (N,) 1 or 0, and what each counts."""

    x: Floats
    y: Floats
    weight: Floats


@dataclass(frozen=True)
class Trees:
    settings: dict[str, Any]
    rounds: int
    booster: Any

    def predict(self, x: Floats) -> Floats:
        """(N,) logits"""
        return np.asarray(self.booster.predict(x, raw_score=True, num_threads=threads()))


def fit_trees(learn: Rows, check: Rows, told: Told, rounds: int = ROUNDS, seed: int = 7) -> Trees:
    """The settings that rank `check` best, each with as many rounds as have the best average precision there."""
    found = []
    for n, candidate in enumerate(CANDIDATES):
        told("tuning LightGBM", n / len(CANDIDATES))
        settings = {**candidate, "seed": seed}
        booster = _fitted(learn, settings, rounds, check)
        trees = Trees(settings, booster.best_iteration, booster)
        found.append((gain(trees.predict(check.x), check.y, check.weight), n, trees))
    return max(found, key=lambda f: (f[0], -f[1]))[2]


def refit(trees: Trees, learn: Rows) -> Trees:
    """The same settings on more rows."""
    return Trees(trees.settings, trees.rounds, _fitted(learn, trees.settings, trees.rounds, None))


def threads() -> int:
    """One core is left to whoever chats: threads that wait for a core cost tenfold."""
    return max(1, (os.cpu_count() or 1) - 1)


def _fitted(learn: Rows, settings: dict[str, Any], rounds: int, check: Rows | None) -> Any:
    import lightgbm

    data = [lightgbm.Dataset(r.x, r.y, weight=r.weight) for r in (learn, check) if r is not None]
    stop = [lightgbm.early_stopping(PATIENCE, verbose=False)] if check is not None else []
    return lightgbm.train(
        {**FIXED, **settings, "num_threads": threads()}, data[0], max(1, rounds),
        valid_sets=data[1:], callbacks=stop,
    )  # fmt: skip
