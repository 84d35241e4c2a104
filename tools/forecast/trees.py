"""Quantile regression by gradient-boosted trees (LightGBM), a model for each level, on the features of each step.

Three kinds, with the same settings, each on rows of its own drawing. Plain trees are the simple peer. Anchored ones see
the anchors, too; departing ones see them and learn how far sales, bent, are from the anchors' mean. N windows, H
steps, Q levels, F features, A anchors.
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
FEWER = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)  # levels of all but plain trees; between them by interpolation
BETWEEN = np.stack([np.interp(LEVELS, FEWER, one) for one in np.eye(len(FEWER))]).astype(np.float32)  # (fewer, Q)
BOOSTERS = len(LEVELS) + 1 + 2 * len(FEWER)
TUNED_AT = (0.1, 0.5, 0.9)  # levels that decide which settings are best
ROWS = 120_000
ROUNDS, PATIENCE = 300, 12
STEEP = 3.0  # bases beyond count as this one: some ten levels
FIXED: dict[str, Any] = {
    "verbosity": -1, "bagging_freq": 1, "bagging_fraction": 0.8, "max_bin": 63, "seed": 7,
    "deterministic": True, "force_row_wise": True, "feature_pre_filter": False,
}  # fmt: skip
CANDIDATES: tuple[dict[str, Any], ...] = (
    {"learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 60, "feature_fraction": 0.8},
    {"learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 200, "feature_fraction": 0.5},
    {"learning_rate": 0.1, "num_leaves": 63, "min_data_in_leaf": 120, "feature_fraction": 0.5},
)
Told = Callable[[str, float], None]  # what is being done, and the part of it that is


@dataclass
class Trees:
    """Boosters of plain trees at each of LEVELS and for the mean, of anchored and of departing ones at each of FEWER;
    `rounds` at each level of TUNED_AT and of the mean (None)."""

    settings: dict[str, Any]
    rounds: dict[float | None, int]
    boosters: list[Any] = field(default_factory=list)

    def predict(self, batch: Batch, horizon: int) -> tuple[Floats, Floats]:
        """Quantiles (N, H, Q) and means (N, H) of plain trees, in the series' own units."""
        found = _said(self.boosters[: len(LEVELS) + 1], rows_of(batch, horizon), horizon)
        scale = batch.scale[:, None]
        return np.sort(found[..., :-1], -1) * scale[..., None], np.maximum(found[..., -1], 0) * scale

    def others(self, batch: Batch, horizon: int) -> tuple[Floats, Floats]:
        """Quantiles (N, H, Q) likewise, of anchored and of departing trees."""
        x, begin = _with_anchors(rows_of(batch, horizon), batch, horizon), len(LEVELS) + 1
        anchored = _said(self.boosters[begin : begin + len(FEWER)], x, horizon) @ BETWEEN
        departing = _said(self.boosters[begin + len(FEWER) :], x, horizon) @ BETWEEN
        bent = departing + _base(batch, horizon).reshape(-1, horizon, 1)
        scale = batch.scale[:, None, None]
        return np.sort(anchored, -1) * scale, np.sort(np.sinh(bent), -1) * scale


def _said(boosters: Sequence[Any], x: Floats, horizon: int) -> Floats:
    """(N, H, boosters)"""
    each = [b.predict(x, num_threads=threads()) for b in boosters]
    return np.stack(each, -1).reshape(-1, horizon, len(each)).astype(np.float32)


def rows_of(batch: Batch, horizon: int) -> Floats:
    """(N·H, F): the step's features, the window's, the static codes."""
    step = batch.step[:, :horizon]
    n, h, _ = step.shape
    window = np.concatenate([batch.context, batch.static[:, 1:].astype(np.float32)], 1)
    return np.concatenate([step, np.broadcast_to(window[:, None], (n, h, window.shape[1]))], 2).reshape(n * h, -1)


def _with_anchors(x: Floats, batch: Batch, horizon: int) -> Floats:
    return np.concatenate([x, batch.anchor[:, :horizon].reshape(len(x), -1)], 1)


def _base(batch: Batch, horizon: int) -> Floats:
    """(N·H,) what a departure is from: the mean of the anchors, bent."""
    return np.asarray(batch.anchor[:, :horizon].mean(-1).reshape(-1))


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: x (N·H, F + A), the first `plain` of them for plain trees; y in levels; what each counts; and
    what a departure is from."""

    x: Floats
    plain: int
    y: Floats
    weight: Floats
    base: Floats

    def levels(self, features: int | None = None) -> tuple[Floats, Floats, Floats]:
        return self.x[:, :features], self.y, self.weight

    def departures(self) -> tuple[Floats, Floats, Floats]:
        """A departure counts by how much of a level it stands for, which is d sinh(x)/dx at its base."""
        return self.x, np.arcsinh(self.y) - self.base, self.weight * np.cosh(np.clip(self.base, 0, STEEP))


def rows_from(windows: Windows, i: Ints, t: Ints, weight: Floats, most: int, seed: int) -> Rows:
    """At most so many rows of the windows, whose targets are known."""
    keep = max(1, most // windows.horizon)
    if len(i) > keep:
        chosen = np.sort(np.random.default_rng(seed).choice(len(i), keep, replace=False))
        i, t, weight = i[chosen], t[chosen], weight[chosen]
    batch = windows.batch(i, t)
    y = batch.target.reshape(-1)
    held = ~np.isnan(y)
    counts = np.repeat(weight, windows.horizon).astype(np.float32)
    x, base = rows_of(batch, windows.horizon), _base(batch, windows.horizon)
    wide = _with_anchors(x, batch, windows.horizon)
    return Rows(wide[held], x.shape[1], np.clip(y[held], 0, FAR), counts[held], base[held])


def fit_trees(learn: Rows, check: Rows, most: int, told: Told) -> Trees:
    """The settings and rounds, at most so many, that are best on `check`. Early stopping decides the rounds."""
    found: list[tuple[float, dict[str, Any], dict[float | None, int]]] = []
    known = _dataset(*learn.levels(learn.plain))
    held_out = _dataset(*check.levels(check.plain), known)
    for n, settings in enumerate(CANDIDATES):
        loss = 0.0
        rounds: dict[float | None, int] = {}
        for k, level in enumerate(TUNED_AT):
            told("tuning LightGBM", (n * len(TUNED_AT) + k) / (len(CANDIDATES) * len(TUNED_AT)))
            booster = _fitted(known, settings, level, most, held_out)
            loss += booster.best_score["check"]["quantile"]
            rounds[level] = booster.best_iteration
        found.append((loss, settings, rounds))
    _, best, tuned = min(found, key=lambda f: f[0])
    tuned[None] = _fitted(known, best, None, most, held_out).best_iteration
    return Trees(best, tuned)


def refit(trees: Trees, drawn: Callable[[int], Rows], told: Told) -> Trees:
    """All kinds and levels with the settings that were found; `drawn` gives each kind its rows."""
    out = Trees(trees.settings, trees.rounds)
    plain = drawn(0)
    _fit_levels(out, (*LEVELS, None), _dataset(*plain.levels(plain.plain)), told)
    _fit_levels(out, FEWER, _dataset(*drawn(1).levels()), told)
    _fit_levels(out, FEWER, _dataset(*drawn(2).departures()), told)
    return out


def _fit_levels(trees: Trees, levels: Sequence[float | None], known: Any, told: Told) -> None:
    for level in levels:
        told("fitting LightGBM", len(trees.boosters) / BOOSTERS)
        trees.boosters.append(_fitted(known, trees.settings, level, _rounds(trees.rounds, level), None))


def threads() -> int:
    """One core is left to whoever chats: threads that wait for a core cost tenfold."""
    return max(1, (os.cpu_count() or 1) - 1)


def _rounds(rounds: dict[float | None, int], level: float | None) -> int:
    """Those found for a level, between two of them by interpolation."""
    if level is None:
        return rounds[None]
    return round(float(np.interp(level, TUNED_AT, [rounds[at] for at in TUNED_AT])))


def _dataset(x: Floats, y: Floats, weight: Floats, reference: Any = None) -> Any:
    """Binned once, for all the boosters that learn from it or are checked on it."""
    import lightgbm

    return lightgbm.Dataset(x, y, weight=weight, reference=reference, params=FIXED).construct()


def _fitted(learn: Any, settings: dict[str, Any], level: float | None, rounds: int, check: Any) -> Any:
    import lightgbm

    objective: dict[str, Any] = {"objective": "poisson"} if level is None else {"objective": "quantile", "alpha": level}
    stop: Sequence[Any] = [lightgbm.early_stopping(PATIENCE, verbose=False)] if check is not None else []
    return lightgbm.train(
        {**FIXED, **settings, **objective, "num_threads": threads()}, learn, rounds,
        valid_sets=[] if check is None else [check], valid_names=[] if check is None else ["check"],
        callbacks=list(stop),
    )  # fmt: skip
