"""The scorer of one table: trained on the labels known by a time, weighed and calibrated on the last of them.

N rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.fraud import trees as boosted
from tools.fraud.blend import Blend, blend_from, blended
from tools.fraud.features import Features, spec_from
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.train import (
    Drawn,
    Effort,
    drawn,
    finish_transformer,
    predict,
    split_rows,
    train_transformer,
    train_trees,
)
from tools.fraud.trees import Rows, Told, Trees

if TYPE_CHECKING:
    from tools.fraud.model import Scorer


@dataclass(frozen=True)
class Scored:
    """Of each row: the probability that is answered, and what each half alone would say (N,)."""

    storewise: Floats
    net: Floats
    trees: Floats


@dataclass
class Trained:
    """Models fitted to labelled rows; `net_alone` and `trees_alone` calibrate each half by itself."""

    features: Features
    nets: list[Scorer]
    trees: Trees
    blend: Blend
    net_alone: Blend
    trees_alone: Blend
    effort: Effort
    learned: Drawn  # what all of it was fitted to, peers too
    checked: int  # rows of it, its last, that the settings were judged by

    def score(self, rows: Ints) -> Scored:
        x = self.features.matrix(rows)
        net, trees = _nets(self.nets, self.features, rows, x, self.effort), self.trees.predict(x)
        return Scored(
            blended(net, trees, self.blend), blended(net, trees, self.net_alone), blended(net, trees, self.trees_alone)
        )


def train(table: Table, begin: int, end: int, delay: int, effort: Effort, kept: Path, told: Told) -> Trained | None:
    """On labelled rows from `begin` on and before `end` (seconds); earlier ones are history. None where too few frauds
    are known. `kept` is the folder that a stopped training goes on from."""
    split = split_rows(table, begin, end)
    if split is None:
        return None
    told("reading what was known", 0.0)
    features = Features(table, spec_from(table, int(np.searchsorted(table.time, end)), delay))
    learn = drawn(features, split.learn, effort.rows, effort.seed)
    check = drawn(features, split.check, effort.rows // 3, effort.seed)
    trees = train_trees(learn, check, effort, told)
    efforts = _efforts(effort)
    nets = [train_transformer(features, learn, check, e, kept / f"first-{e.seed}", told) for e in efforts]
    net, tree = _nets(nets, features, check.rows, check.learn.x, effort), trees.predict(check.learn.x)
    y, weight = check.learn.y, check.learn.weight
    alone = [blend_from(net, tree, y, weight, (w,)) for w in (1.0, 0.0)]
    both = _joined(learn, check)
    for model, e in zip(nets, efforts, strict=True):
        finish_transformer(model, features, both, e, kept / f"all-{e.seed}", told)
    return Trained(
        features, nets, boosted.refit(trees, both.learn), blend_from(net, tree, y, weight), alone[0], alone[1], effort,
        both, len(check.rows),
    )  # fmt: skip


def _nets(nets: Sequence[Scorer], features: Features, rows: Ints, x: Floats, effort: Effort) -> Floats:
    """(N,) logits, the mean of those of Transformers from different beginnings."""
    return np.asarray(np.mean([predict(net, features, rows, x, effort.last) for net in nets], 0))


def _efforts(effort: Effort) -> list[Effort]:
    return [replace(effort, seed=effort.seed + k) for k in range(effort.nets)]


def _joined(a: Drawn, b: Drawn) -> Drawn:
    x, y, weight = (np.concatenate([getattr(d.learn, name) for d in (a, b)]) for name in ("x", "y", "weight"))
    return Drawn(np.concatenate([a.rows, b.rows]), Rows(x, y, weight))
