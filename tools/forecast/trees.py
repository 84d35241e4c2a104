"""Quantile regression by gradient-boosted trees (LightGBM), a model for each level, on the features of each step.

All see the anchors and the habits of a series. Anchored ones, in two drawings, learn sales; departing ones learn how
far sales, bent, are from the anchors' mean. Of a young table, the second drawing and the departing ones learn sales
without the drift of all series together (drift.py). Settings and rounds are tuned on plain trees, which see neither:
the simple peer is made of those (evals/bench). N windows, H steps, Q levels, F features, A anchors.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from tools.forecast.drift import drifts
from tools.forecast.features import FAR, Batch, Windows
from tools.forecast.table import Floats, Ints

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
FEWER = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)  # levels that are fitted; between them by interpolation
BETWEEN = np.stack([np.interp(LEVELS, FEWER, one) for one in np.eye(len(FEWER))]).astype(np.float32)  # (fewer, Q)
KINDS = 3  # anchored, anchored of another drawing, departing
BOOSTERS = KINDS * len(FEWER) + 1
TUNED_AT = (0.1, 0.5, 0.9)  # levels that decide which settings are best
ROWS = 120_000
ROUNDS, PATIENCE = 300, 12
LEAST = 40  # rounds: early stopping on few dates may end after one
SOME = 4  # steps of a window that are drawn, where a horizon has many: steps of one window are much alike
MADE = 4_000  # windows whose features are made at once
STEEP = 3.0  # bases beyond count as this one: some ten levels
FIXED: dict[str, Any] = {
    "verbosity": -1, "bagging_freq": 1, "bagging_fraction": 0.8, "max_bin": 63,
    "deterministic": True, "force_row_wise": True, "feature_pre_filter": False,
}  # fmt: skip
CANDIDATES: tuple[dict[str, Any], ...] = (
    {"learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 60, "feature_fraction": 0.8},
    {"learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 200, "feature_fraction": 0.5},
    {"learning_rate": 0.1, "num_leaves": 63, "min_data_in_leaf": 120, "feature_fraction": 0.5},
)
OWN: dict[str, Any] = {"learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 100, "feature_fraction": 0.5}
SLOW, FIXED_ROUNDS = 0.05, 80  # rate and rounds of a young table, whose dates are too few to tune by
Told = Callable[[str, float], None]  # what is being done, and the part of it that is


@dataclass
class Trees:
    """Boosters of each kind at each of FEWER, then one for the mean. `settings` and `rounds`, at each level of TUNED_AT
    and of the mean (None), are those of plain trees. `young`: the drift of all together was taken out."""

    settings: dict[str, Any]
    rounds: dict[float | None, int]
    young: bool = False
    boosters: list[Any] = field(default_factory=list)

    def predict(self, batch: Batch, horizon: int, drift: float) -> tuple[list[Floats], Floats]:
        """Quantiles (N, H, Q) of each kind and means (N, H), in the series' own units; `drift` is put back."""
        x, scale = rows_of(batch, horizon, wide=True), batch.scale[:, None]
        found = said(self.boosters, x, horizon)
        each = (found[..., k * len(FEWER) : (k + 1) * len(FEWER)] @ BETWEEN for k in range(KINDS))
        anchored, again, departing = each
        departing = np.sinh(departing + _base(batch, horizon).reshape(-1, horizon, 1))
        kinds = (anchored, again * drift, departing * drift)
        mean = np.asarray(np.maximum(found[..., -1], 0) * drift * scale, np.float32)
        return [np.sort(q, -1) * scale[..., None] for q in kinds], mean


def said(boosters: Sequence[Any], x: Floats, horizon: int) -> Floats:
    """(N, H, boosters), a booster on each core: threads that share one wait for one another."""
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        each = list(cores.map(lambda booster: booster.predict(x, num_threads=1), boosters))
    return np.stack(each, -1).reshape(-1, horizon, len(each)).astype(np.float32)


def rows_of(batch: Batch, horizon: int, wide: bool = False) -> Floats:
    """(N·H, F): the step's features, the window's, the static codes; `wide`: habits and the step's anchors, too."""
    window = [batch.context, batch.static[:, 1:].astype(np.float32), *([batch.habit] if wide else [])]
    step = [batch.step[:, :horizon], *([batch.anchor[:, :horizon]] if wide else [])]
    n, held = len(batch.scale), np.concatenate(window, 1)
    spread = np.broadcast_to(held[:, None], (n, horizon, held.shape[1]))
    return np.concatenate([*step, spread], 2).reshape(n * horizon, -1)


def _base(batch: Batch, horizon: int) -> Floats:
    """(N·H,) what a departure is from: the mean of the anchors, bent."""
    return np.asarray(batch.anchor[:, :horizon].mean(-1).reshape(-1))


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: x (N·H, F), y in levels, what each counts, and what a departure is from."""

    x: Floats
    y: Floats
    weight: Floats
    base: Floats

    def levels(self) -> Any:
        return dataset(self.x, self.y, self.weight)

    def departures(self) -> Any:
        """A departure counts by how much of a level it stands for, which is d sinh(x)/dx at its base."""
        weight = self.weight * np.cosh(np.clip(self.base, 0, STEEP))
        return dataset(self.x, np.arcsinh(self.y) - self.base, weight)


def rows_from(
    windows: Windows, i: Ints, t: Ints, weight: Floats, most: int, seed: int, wide: bool = False, drifting: bool = False
) -> Rows:
    """At most so many rows of the windows, whose targets are known; `drifting`: without the drift of all together."""
    rng, steps = np.random.default_rng(seed), min(SOME, windows.horizon)
    if len(i) * windows.horizon <= most:
        steps = windows.horizon
    chosen = np.arange(len(i))
    if len(i) * steps > most:
        chosen = np.sort(rng.choice(len(i), max(1, most // steps), replace=False))
    parts = [_made(windows, i[at], t[at], weight[at], steps, rng, wide, drifting) for at in _pieces(chosen)]
    return Rows(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _pieces(chosen: Ints) -> list[Ints]:
    return [chosen[begin : begin + MADE] for begin in range(0, len(chosen), MADE)]


def _made(
    windows: Windows, i: Ints, t: Ints, weight: Floats, steps: int, rng: np.random.Generator, wide: bool, drifting: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """x, y, weight and base of so many steps of each window, drawn at random where they aren't all."""
    batch, horizon = windows.batch(i, t), windows.horizon
    batch.context[:, windows.common() if drifting else []] = 0
    drawn = np.arange(horizon) if steps == horizon else rng.permuted(np.tile(np.arange(horizon), (len(i), 1)), axis=1)
    at = (np.arange(len(i))[:, None] * horizon + drawn[..., :steps]).ravel()
    by = np.repeat(drifts(windows, t) if drifting else np.ones(len(i), np.float32), steps)
    y = batch.target.reshape(-1)[at] / by
    held = ~np.isnan(y)
    x, counts = rows_of(batch, horizon, wide)[at], np.repeat(weight, steps) * by
    return x[held], np.clip(y[held], 0, FAR), counts[held].astype(np.float32), _base(batch, horizon)[at][held]


def fit_trees(learn: Rows, check: Rows, most: int, told: Told) -> Trees:
    """The settings and rounds, at most so many, that are best on `check`. Early stopping decides the rounds."""
    found: list[tuple[float, dict[str, Any], dict[float | None, int]]] = []
    known = learn.levels()
    held_out = dataset(check.x, check.y, check.weight, known)
    for n, settings in enumerate(CANDIDATES):
        loss = 0.0
        rounds: dict[float | None, int] = {}
        for k, level in enumerate(TUNED_AT):
            told("tuning LightGBM", (n * len(TUNED_AT) + k) / (len(CANDIDATES) * len(TUNED_AT)))
            booster = fitted(known, settings, level, most, held_out)
            loss += booster.best_score["check"]["quantile"]
            rounds[level] = booster.best_iteration
        found.append((loss, settings, rounds))
    _, best, tuned = min(found, key=lambda f: f[0])
    tuned[None] = fitted(known, best, None, most, held_out).best_iteration
    return Trees(best, tuned)


def refit(trees: Trees, drawn: Callable[[int], Rows], young: bool, told: Told) -> Trees:
    """All kinds and levels, and the mean; `drawn` gives each kind its rows."""
    out = Trees(trees.settings, trees.rounds, young)
    settings = {**OWN, "learning_rate": SLOW} if young else OWN
    known = (drawn(0).levels(), drawn(1).levels(), drawn(2).departures())
    for kind, level in (*product(range(KINDS), FEWER), (1, None)):
        told("fitting LightGBM", len(out.boosters) / BOOSTERS)
        rounds = FIXED_ROUNDS if young else max(rounds_at(trees.rounds, level), LEAST)
        out.boosters.append(fitted(known[kind], settings, level, rounds, None, kind))
    return out


def threads() -> int:
    """One core is left to whoever chats: threads that wait for a core cost tenfold."""
    return max(1, (os.cpu_count() or 1) - 1)


def rounds_at(rounds: dict[float | None, int], level: float | None) -> int:
    """Those found for a level, between two of them by interpolation."""
    if level is None:
        return rounds[None]
    return round(float(np.interp(level, TUNED_AT, [rounds[at] for at in TUNED_AT])))


def dataset(x: Floats, y: Floats, weight: Floats, reference: Any = None) -> Any:
    """Binned once, for all the boosters that learn from it or are checked on it."""
    import lightgbm

    return lightgbm.Dataset(x, y, weight=weight, reference=reference, params=FIXED).construct()


def fitted(learn: Any, settings: dict[str, Any], level: float | None, rounds: int, check: Any, seed: int = 0) -> Any:
    """A booster of one level, or (None) of the mean, which stops early where there is something to check it on."""
    import lightgbm

    objective: dict[str, Any] = {"objective": "poisson"} if level is None else {"objective": "quantile", "alpha": level}
    stop: Sequence[Any] = [lightgbm.early_stopping(PATIENCE, verbose=False)] if check is not None else []
    return lightgbm.train(
        {**FIXED, **settings, **objective, "num_threads": threads(), "seed": 7 + seed}, learn, rounds,
        valid_sets=[] if check is None else [check], valid_names=[] if check is None else ["check"],
        callbacks=list(stop),
    )  # fmt: skip
