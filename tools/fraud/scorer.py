"""A scorer: trained on the labels known by a time, weighed and calibrated on the last of them.

N rows, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ml.metrics import average_precision
from tools.fraud import trees as boosted
from tools.fraud.backtest import Backtest, looked_back
from tools.fraud.blend import Blend, bent_from, blend_from, blended, logits
from tools.fraud.features import Features, Spec, spec_from
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.train import (
    Drawn,
    Effort,
    drawn,
    finish_transformer,
    predict,
    score_on,
    split_rows,
    train_transformer,
    train_trees,
)
from tools.fraud.trees import Rows, Told, Trees

if TYPE_CHECKING:
    from tools.fraud.masked import Masked
    from tools.fraud.model import Scorer

FEW = 200  # frauds to learn from: with more, what orders without labels taught is not tried


@dataclass(frozen=True)
class Scored:
    """Of each row: the probability that is answered, and what each half alone would say (N,)."""

    storewise: Floats
    net: Floats
    trees: Floats


@dataclass(frozen=True)
class Checked:
    """How both halves and the blend did on the rows they were checked on: average precision, rows, frauds."""

    storewise: float
    net: float
    trees: float
    rows: int
    frauds: int


@dataclass(frozen=True)
class Model:
    """What is kept of a training; `net_alone` and `trees_alone` calibrate each half by itself. `usual` (F,) are the
    features of a usual order; `until` is the time of the last label that was learned from, in seconds."""

    spec: Spec
    nets: Sequence[Scorer]
    trees: Trees
    blend: Blend
    net_alone: Blend
    trees_alone: Blend
    last: int  # earlier orders of each entity that the nets see
    checked: Checked
    usual: Floats
    tested: Backtest
    until: int

    def score(self, features: Features, rows: Ints) -> Scored:
        net, trees, waited = self.halves(features, rows)
        blends = (self.blend, self.net_alone, self.trees_alone)
        return Scored(*(blended(net, trees, blend, waited) for blend in blends))

    def halves(self, features: Features, rows: Ints) -> tuple[Floats, Floats, Floats]:
        """(N,) logits of the Transformers and of the trees, and how long each entity has waited, (N, E)."""
        x = features.matrix(rows)
        net = nets_say(self.nets, features, rows, x, self.last)
        return net, self.trees.predict(x), features.waits(x)


@dataclass(frozen=True)
class Trained:
    """A model and what it was fitted to, peers too."""

    model: Model
    features: Features
    learned: Drawn

    def parts(self) -> tuple[Rows, Rows]:
        """What was learned from first, and what the settings were judged by."""
        rows, at = self.learned.learn, len(self.learned.rows) - self.model.checked.rows
        first, last = (Rows(rows.x[s], rows.y[s], rows.weight[s]) for s in (slice(at), slice(at, None)))
        return first, last


def train(
    table: Table, begin: int, end: int, delay: int, effort: Effort, kept: Path, told: Told, lent: Masked | None = None
) -> Trained | None:  # fmt: skip
    """On labelled rows from `begin` on and before `end` (seconds); earlier ones are history. None where too few frauds
    are known. `kept` is the folder that a stopped training goes on from. `lent` has learned from orders without labels,
    and is begun with where few frauds are known and that does better."""
    split = split_rows(table, begin, end)
    if split is None:
        return None
    told("reading what was known", 0.0)
    features = Features(table, spec_from(table, int(np.searchsorted(table.time, end)), delay))
    learn = drawn(features, split.learn, effort.rows, effort.seed)
    check = drawn(features, split.check, effort.rows // 3, effort.seed)
    trees = train_trees(learn, check, effort, told)
    efforts = [replace(effort, seed=effort.seed + k) for k in range(effort.nets)]
    lent = lent if float(learn.learn.y.sum()) < FEW else None
    nets = [_first(features, learn, check, e, kept, told, lent) for e in efforts]
    net, tree = nets_say(nets, features, check.rows, check.learn.x, effort.last), trees.predict(check.learn.x)
    both = _joined(learn, check)
    for one, e in zip(nets, efforts, strict=True):
        finish_transformer(one, features, both, e, kept / f"all-{e.seed}", told)
    whole = boosted.refit(trees, both.learn)
    waited = features.waits(check.learn.x), features.lasting(split.both)
    blend, alone, checked = _weighed(net, tree, check.learn, *waited)
    said = blended(net, tree, blend, waited[0])
    tested = looked_back(features, check.rows, said, check.learn.y, check.learn.weight)
    until, usual = int(table.time[split.check[-1]]), _usual(both.learn)
    model = Model(features.spec, nets, whole, blend, *alone, effort.last, checked, usual, tested, until)
    return Trained(model, features, both)


def _first(
    features: Features, learn: Drawn, check: Drawn, effort: Effort, kept: Path, told: Told, lent: Masked | None
) -> Scorer:  # fmt: skip
    """From chance, and from what is lent where there is any: the one that tells the checked rows better."""
    net = train_transformer(features, learn, check, effort, kept / f"first-{effort.seed}", told)
    if lent is None:
        return net
    other = train_transformer(features, learn, check, effort, kept / f"lent-{effort.seed}", told, lent)
    return min((net, other), key=score_on(features, check, effort))


def nets_say(nets: Sequence[Scorer], features: Features, rows: Ints, x: Floats, last: int) -> Floats:
    """(N,) logits, the mean of those of Transformers from different beginnings."""
    return np.asarray(np.mean([predict(net, features, rows, x, last) for net in nets], 0))


def _weighed(
    net: Floats, tree: Floats, check: Rows, waited: Floats, expected: Sequence[float]
) -> tuple[Blend, tuple[Blend, Blend], Checked]:
    """Both halves, weighed and calibrated by what they said of the checked rows before they learned from those."""
    y, weight = check.y, check.weight
    blend = bent_from(blend_from(net, tree, y, weight), net, tree, y, weight, waited, expected)
    alone = (blend_from(net, tree, y, weight, (1.0,)), blend_from(net, tree, y, weight, (0.0,)))
    said = (logits(net, tree, b, waited) for b in (blend, *alone))
    ours, nets, trees = (average_precision(y, logit, weight) for logit in said)
    return blend, alone, Checked(ours, nets, trees, len(y), int(y.sum()))


def _usual(rows: Rows) -> Floats:
    """The median of each feature; where most orders have none, none."""
    honest = rows.x[rows.y == 0]
    gone = np.isnan(honest).mean(0) > 0.5
    middle = np.median(np.nan_to_num(honest), 0)
    filled = np.where(np.isnan(honest), middle, honest)
    return np.where(gone, np.nan, np.median(filled, 0))


def _joined(a: Drawn, b: Drawn) -> Drawn:
    x, y, weight = (np.concatenate([getattr(d.learn, name) for d in (a, b)]) for name in ("x", "y", "weight"))
    return Drawn(np.concatenate([a.rows, b.rows]), Rows(x, y, weight))
