"""Training a fraud scorer: what it learns from, what it is checked on, and how both halves are fitted.

N rows, F features.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.fraud import trees as boosted
from tools.fraud.blend import gain
from tools.fraud.features import TOLD, Features
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.trees import Rows, Told, Trees

if TYPE_CHECKING:
    import torch

    from tools.fraud.masked import Masked
    from tools.fraud.model import Scorer

CHECKED = 0.2  # of the time to learn from, its end, is left out to check on
FEWEST = 20  # frauds that must be known to learn from, and half as many to check on
HASHES = 1024
SAMPLE = 20_000  # rows that the numbers' steps are measured on
ENCODER = ("past.", "event.", "entity.", "blocks.", "normalised.")  # of a scorer, what reads the histories
GLANCE = 6_000  # rows that are looked at while it learns


@dataclass(frozen=True)
class Effort:
    """How long to learn. The defaults are the bench's; tests take less. `share`: of a batch, frauds."""

    steps: int = 800
    finish: int = 200  # more steps, on all that is known
    batch: int = 256
    rate: float = 2e-3
    share: float = 0.15
    width: int = 32
    layers: int = 2
    last: int = 24  # earlier orders of each entity
    every: int = 200
    patience: int = 0
    rows: int = 120_000
    rounds: int = boosted.ROUNDS
    seed: int = 7
    nets: int = 1  # Transformers from different beginnings, whose logits are averaged


@dataclass(frozen=True)
class Split:
    """Rows to learn from and, after them in time, rows to check on: all of them labelled."""

    learn: Ints
    check: Ints

    @property
    def both(self) -> Ints:
        return np.concatenate([self.learn, self.check])


def split_rows(table: Table, begin: int, end: int) -> Split | None:
    """Of the labelled rows between two times (seconds); None where too few frauds are known, or nothing else."""
    rows = np.flatnonzero((table.time >= begin) & (table.time < end) & ~np.isnan(table.label))
    y = table.label[rows]
    if y.sum() < FEWEST or (1 - y).sum() < FEWEST:
        return None
    at = int(len(rows) * (1 - CHECKED))
    while y[at:].sum() < FEWEST / 2 and at > len(rows) // 2:
        at -= max(1, len(rows) // 20)
    held = y[at:]
    enough = held.sum() >= FEWEST / 2 and y[:at].sum() >= FEWEST / 2 and (1 - held).sum() > 0 and (1 - y[:at]).sum() > 0
    return Split(rows[:at], rows[at:]) if enough else None


def thinned(table: Table, rows: Ints, most: int, seed: int) -> tuple[Ints, Floats]:
    """All frauds and so many of the others that there are at most `most` rows; and what each row counts."""
    y = table.label[rows]
    keep = min(1.0, max(most - float(y.sum()), y.sum()) / max(1.0, float((1 - y).sum())))
    held = (y > 0) | (np.random.default_rng(seed).random(len(rows)) < keep)
    return rows[held], np.where(y[held] > 0, 1.0, 1 / keep)


@dataclass(frozen=True)
class Drawn:
    """Rows that were chosen to learn from (N,), their features (N, F), labels and what each counts."""

    rows: Ints
    learn: Rows


def drawn(features: Features, rows: Ints, most: int, seed: int) -> Drawn:
    chosen, weight = thinned(features.table, rows, most, seed)
    return Drawn(chosen, Rows(features.matrix(chosen), features.table.label[chosen], weight))


def hashed(table: Table, rows: Ints) -> Ints:
    """(N, G): a place in one table of HASHES for each category's value, the same whenever it is made."""
    out = np.zeros((len(rows), len(table.categories)), np.int64)
    for g, (name, values) in enumerate(table.categories.items()):
        found, back = np.unique(values[rows].astype(str), return_inverse=True)
        out[:, g] = np.array([zlib.crc32(f"{name}={v}".encode()) % HASHES for v in found], np.int64)[back]
    return out


def given(features: Features, rows: Ints, x: Floats, last: int) -> dict[str, torch.Tensor]:
    import torch

    events, held = features.events(rows, last)
    return {
        "x": torch.from_numpy(x), "hashed": torch.from_numpy(hashed(features.table, rows)),
        "events": torch.from_numpy(events), "held": torch.from_numpy(held),
    }  # fmt: skip


def batches(features: Features, draw: Drawn, effort: Effort) -> Any:
    """Draws of each step, the same whenever it is made: so many frauds, and others."""
    import torch

    y = draw.learn.y
    frauds, others = np.flatnonzero(y > 0), np.flatnonzero(y <= 0)
    count = max(1, round(effort.batch * effort.share))
    whole = float(draw.learn.weight[others].sum())
    shift = np.log(count / (effort.batch - count)) - np.log(len(frauds) / whole)

    def since(step: int) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            rng = np.random.default_rng((effort.seed, step))
            at = np.concatenate([rng.choice(frauds, count), rng.choice(others, effort.batch - count)])
            batch = given(features, draw.rows[at], draw.learn.x[at], effort.last)
            batch["y"] = torch.from_numpy(y[at].astype(np.float32))
            yield batch | {"shift": torch.tensor(float(shift))}
            step += 1

    return since


def new_model(features: Features, draw: Drawn, effort: Effort) -> Scorer:
    """Not trained yet, but with the steps of its numbers settled on what it will learn from."""
    import torch

    from tools.fraud.model import Scorer, ScorerConfig, edges_of

    torch.manual_seed(effort.seed)
    model = Scorer(ScorerConfig(
        features=draw.learn.x.shape[1], entities=len(features.histories), told=TOLD,
        hashes=HASHES, width=effort.width, layers=effort.layers,
    ))  # fmt: skip
    at = np.random.default_rng(effort.seed).permutation(len(draw.rows))[:SAMPLE]
    model.numbers.settle(edges_of(torch.from_numpy(draw.learn.x[at]), model.config.steps))
    events, held = features.events(draw.rows[at[: SAMPLE // 4]], effort.last)
    model.past.settle(edges_of(torch.from_numpy(events[held > 0]), model.config.steps))
    return model


def predict(model: Scorer, features: Features, rows: Ints, x: Floats, last: int, size: int = 1_024) -> Floats:
    """(N,) logits"""
    import torch

    from tools.fraud.model import GIVEN

    out = []
    with torch.inference_mode():
        for i in range(0, len(rows), size):
            batch = given(features, rows[i : i + size], x[i : i + size], last)
            out.append(model(*(batch[name] for name in GIVEN)).numpy())
    return np.concatenate(out).astype(np.float64) if out else np.zeros(0)


def score_on(features: Features, check: Drawn, effort: Effort) -> Any:
    """How far a model is from telling all checked rows apart, at most so many of them."""
    chosen, weight = thinned(features.table, check.rows, GLANCE, effort.seed)
    x, y = features.matrix(chosen), features.table.label[chosen]

    def scored(model: Any) -> float:
        return 2 - gain(predict(model, features, chosen, x, effort.last), y, weight)

    return scored


def train_transformer(
    features: Features, learn: Drawn, check: Drawn, effort: Effort, kept: Path, told: Told, begin: Masked | None = None
) -> Scorer:  # fmt: skip
    """Learns from what was before the checked rows, and ends where it was best on those. `begin` lends its encoder."""
    model = new_model(features, learn, effort)
    if begin is not None:
        lent = begin.scorer.state_dict().items()
        model.load_state_dict({name: t for name, t in lent if name.startswith(ENCODER)}, strict=False)
    score = score_on(features, check, effort)
    _fit(model, features, learn, effort, effort.steps, effort.rate, kept, told, score)
    return model


def finish_transformer(model: Scorer, features: Features, both: Drawn, effort: Effort, kept: Path, told: Told) -> None:
    """Goes on from where it is, a little, with all that is known."""
    _fit(model, features, both, effort, effort.finish, effort.rate / 4, kept, told, None)


def _fit(
    model: Scorer, features: Features, draw: Drawn, effort: Effort, steps: int, rate: float, kept: Path,
    told: Told, score: Any,
) -> None:  # fmt: skip
    from ml.checkpoint import About
    from ml.fit import Fit, fit
    from tools.fraud.model import loss

    how = Fit(steps, {"": rate}, decay=0.02, every=effort.every, seed=effort.seed, patience=effort.patience)
    about = About("train fraud", effort.seed, str(int(features.table.time[draw.rows[-1]])))
    fit(
        model, batches(features, draw, effort), loss, how, kept, about,
        lambda step, _: told("training the Transformer", step / max(1, steps)), score,
    )  # fmt: skip


def train_trees(learn: Drawn, check: Drawn, effort: Effort, told: Told) -> Trees:
    return boosted.fit_trees(learn.learn, check.learn, told, effort.rounds, effort.seed)
