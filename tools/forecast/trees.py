"""Quantile regression by gradient-boosted trees (LightGBM), a model for each level, on the features of each step.

The simple peer of the Transformer, and the other half of what is answered. N windows, H steps, Q levels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.forecast.features import FAR, Batch, Windows
from tools.forecast.table import Floats, Ints

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TUNED_AT = (0.1, 0.5, 0.9)  # levels that decide which settings are best
ROWS = 60_000
ROUNDS, PATIENCE = 150, 12
FIXED: dict[str, Any] = {
    "verbosity": -1, "bagging_freq": 1, "bagging_fraction": 0.8, "max_bin": 63, "seed": 7,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
CANDIDATES: tuple[dict[str, Any], ...] = (
    {"learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 60, "feature_fraction": 0.8},
    {"learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 200, "feature_fraction": 0.5},
    {"learning_rate": 0.1, "num_leaves": 63, "min_data_in_leaf": 120, "feature_fraction": 0.5},
)
Told = Callable[[str, float], None]  # what is being done, and the part of it that is


@dataclass
class Trees:
    """A booster for each level, in order, and the mean's; `rounds` at each level of TUNED_AT and of the mean."""

    settings: dict[str, Any]
    rounds: dict[float | None, int]
    boosters: list[Any] = field(default_factory=list)

    def predict(self, batch: Batch, horizon: int) -> tuple[Floats, Floats]:
        """Quantiles (N, H, Q) and means (N, H), in the series' own units."""
        x, (n, _) = rows_of(batch, horizon), batch.target.shape
        found = (
            np.stack([b.predict(x, num_threads=threads()) for b in self.boosters], -1)
            .reshape(n, horizon, -1)
            .astype(np.float32)
        )
        scale = batch.scale[:, None]
        return np.sort(found[..., :-1], -1) * scale[..., None], np.maximum(found[..., -1], 0) * scale


def rows_of(batch: Batch, horizon: int) -> Floats:
    """A row for each window and step: the step's features, the window's, the static codes."""
    step = batch.step[:, :horizon]
    n, h, _ = step.shape
    window = np.concatenate([batch.context, batch.static[:, 1:].astype(np.float32)], 1)
    return np.concatenate([step, np.broadcast_to(window[:, None], (n, h, window.shape[1]))], 2).reshape(n * h, -1)


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: x (N·H, F), y in levels, what each counts."""

    x: Floats
    y: Floats
    weight: Floats


def rows_from(windows: Windows, i: Ints, t: Ints, weight: Floats, most: int, seed: int) -> Rows:
    """At most so many rows of the windows, whose targets are known."""
    keep = max(1, most // windows.horizon)
    if len(i) > keep:
        chosen = np.sort(np.random.default_rng(seed).choice(len(i), keep, replace=False))
        i, t, weight = i[chosen], t[chosen], weight[chosen]
    batch = windows.batch(i, t)
    y = batch.target.reshape(-1)
    held = ~np.isnan(y)
    counts = np.repeat(weight, windows.horizon)
    return Rows(rows_of(batch, windows.horizon)[held], np.minimum(y[held], FAR), counts[held].astype(np.float32))


def fit_trees(learn: Rows, check: Rows, most: int, told: Told) -> Trees:
    """The settings and rounds, at most so many, that are best on `check`. Early stopping decides the rounds."""
    found: list[tuple[float, dict[str, Any], dict[float | None, int]]] = []
    for n, settings in enumerate(CANDIDATES):
        loss = 0.0
        rounds: dict[float | None, int] = {}
        for k, level in enumerate(TUNED_AT):
            told("tuning LightGBM", (n * len(TUNED_AT) + k) / (len(CANDIDATES) * len(TUNED_AT)))
            booster = _fitted(learn, settings, level, most, check)
            loss += booster.best_score["check"]["quantile"]
            rounds[level] = booster.best_iteration
        found.append((loss, settings, rounds))
    _, best, tuned = min(found, key=lambda f: f[0])
    tuned[None] = _fitted(learn, best, None, most, check).best_iteration
    return Trees(best, tuned)


def refit(trees: Trees, learn: Rows, told: Told) -> Trees:
    """All levels with the settings that were found."""
    out = Trees(trees.settings, trees.rounds)
    for n, level in enumerate((*LEVELS, None)):
        told("fitting LightGBM", n / (len(LEVELS) + 1))
        out.boosters.append(_fitted(learn, trees.settings, level, _rounds(trees.rounds, level), None))
    return out


def threads() -> int:
    """One core is left to whoever chats: threads that wait for a core cost tenfold."""
    return max(1, (os.cpu_count() or 1) - 1)


def _rounds(rounds: dict[float | None, int], level: float | None) -> int:
    """Those found for a level, between two of them by interpolation."""
    if level is None:
        return rounds[None]
    return round(float(np.interp(level, TUNED_AT, [rounds[at] for at in TUNED_AT])))


def _fitted(learn: Rows, settings: dict[str, Any], level: float | None, rounds: int, check: Rows | None) -> Any:
    import lightgbm

    objective: dict[str, Any] = {"objective": "poisson"} if level is None else {"objective": "quantile", "alpha": level}
    floor = 0 if level is None else -np.inf
    data = [lightgbm.Dataset(r.x, np.maximum(r.y, floor), weight=r.weight) for r in (learn, check) if r is not None]
    stop: Sequence[Any] = [lightgbm.early_stopping(PATIENCE, verbose=False)] if check is not None else []
    return lightgbm.train(
        {**FIXED, **settings, **objective, "num_threads": threads()}, data[0], rounds,
        valid_sets=data[1:], valid_names=["check"][: len(data) - 1], callbacks=list(stop),
    )  # fmt: skip
