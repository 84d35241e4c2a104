"""What is thought of each order of a store: by the model that was trained for it, where there is one, else by how
unusual each order is.

N orders, R reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.errors import UserError
from store.kept import Kept
from store.labels import labels_of, mark_of
from tools.contract import NotThere
from tools.fraud import surprise as foreteller
from tools.fraud.blend import logit, sigmoid
from tools.fraud.costs import Costs
from tools.fraud.features import DAY, Features, spec_from
from tools.fraud.groups import known_groups
from tools.fraud.kept import Opened, load
from tools.fraud.orders import orders_of
from tools.fraud.recalibration import recalibrated
from tools.fraud.standing import standing
from tools.fraud.surprise import Learned
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.unequal import bar_of
from tools.fraud.unusual import FIRST, Unusual, unusual

if TYPE_CHECKING:
    from store.connect import Store

LABELS_LATE = 21  # days until whoever pays with a stolen card is found out, as a rule
UNTRAINED = "none"
OTHER_COLUMNS = "The data lacks a column that the model was trained on. Train it again."
BLOCK = 512  # orders that are scored together: always the same ones, so that a score is the same whoever asks
_scores: Kept[Scores] = Kept(4)


@dataclass(frozen=True)
class Scores:
    """Rows are orders by time. `trained` is the store's own model, with features by its spec, and `said` (N,) what it
    says of each order, NaN where it wasn't asked yet. `labels` names the merchant's own ones; `problem` says why a
    model that is there can't be used. `expects` names what learned to foretell orders, if that is among the reasons for
    which they are unusual."""

    features: Features
    unusual: Unusual
    trained: Opened | None
    said: Floats
    labels: str = ""
    problem: str = ""
    expects: str = ""

    @property
    def table(self) -> Table:
        return self.features.table

    @property
    def model(self) -> str:
        """What the scores depend on, beside the data."""
        if self.trained is None:
            return self.expects or UNTRAINED
        return f"{self.trained.version}+{self.labels}" if self.labels else self.trained.version

    def of(self, rows: Ints) -> Floats:
        """(N,) probabilities of fraud, or how unusual the orders are."""
        if self.trained is None:
            return np.round(self.unusual.score[rows], 6)
        for block in np.unique(rows[np.isnan(self.said[rows])] // BLOCK):
            at = np.arange(block * BLOCK, min((block + 1) * BLOCK, len(self.table)))
            unsaid = at[np.isnan(self.said[at])]
            self.said[unsaid] = self.trained.model.score(self.features, at).storewise[unsaid - at[0]]
        return np.round(self.said[rows], 6)


def bars(scores: Scores, rows: Ints, kind: str | None, costs: Costs, most: int | None) -> Floats:
    """(N,) how many times what a look costs must be at stake: 1, unless groups of a kind are to be treated alike.

    NotThere: there is no model of the shop's own, or nothing is known of that kind.
    """
    if kind is None:
        return np.ones(len(rows))
    tested = scores.trained.model.tested if scores.trained else None
    if tested is None or kind not in tested.groups:
        raise NotThere(f"Groups by {kind} can't be treated alike: no model of the shop's own has looked back at them.")
    return bar_of(tested, kind, costs, most, known_groups(scores.features, rows)[kind])


def folder_of(store: Store) -> Path:
    return store.path / "models" / "fraud"


def foreteller_of(store: Store) -> tuple[Path, Learned | None]:
    """Where a store keeps what foretells its orders; None where there is none, or none that can be used."""
    folder = store.path / "models" / "fraud-expected"
    try:
        return folder, (foreteller.load(folder) if folder.is_dir() else None)
    except UserError:
        return folder, None


def scores_of(store: Store) -> Scores:
    """Made once for each version of a store's data, each training and the labels given since. NotThere: no orders."""
    trained, problem = opened_of(store)
    labels = labels_of(store.state_path)
    mark = mark_of(labels) if trained else ""
    expects = None if trained else foreteller_of(store)[1]
    key = (trained.version if trained else UNTRAINED, mark, problem, expects.version if expects else "")
    return _scores.of(store, lambda: _made(store, trained, expects, labels, mark, problem), *key)


def opened_of(store: Store) -> tuple[Opened | None, str]:
    """The store's own model, and why the one that is there can't be used."""
    folder = folder_of(store)
    try:
        return (load(folder) if folder.is_dir() else None), ""
    except UserError as error:
        return None, str(error)


def table_of(store: Store, labels: Mapping[str, bool], judged: bool = True) -> Table:
    """As in `orders_of`. NotThere: there are no orders."""
    with store.connect() as con:
        if not con.execute("SELECT COUNT(*) FROM orders").fetchall()[0][0]:
            raise NotThere("This shop has no orders to look at.")
        return orders_of(con, labels, judged)


def plain_features(table: Table) -> Features:
    """Those of a store without a model of its own: no label among them."""
    table = replace(table, label=np.full(len(table), np.nan))
    return Features(table, spec_from(table, FIRST, LABELS_LATE * DAY))


def _made(
    store: Store, trained: Opened | None, expects: Learned | None, labels: Mapping[str, bool], mark: str, problem: str
) -> Scores:  # fmt: skip
    table = table_of(store, labels, judged=False)
    plain = plain_features(table)
    surprise, said = foreteller.surprise(expects, plain), np.full(len(table), np.nan)
    found, version = unusual(plain, surprise), expects.version if expects and surprise is not None else ""
    learned = _as_learned(trained, table) if trained else None
    if trained is None or learned is None:
        return Scores(plain, found, None, said, problem=problem or (OTHER_COLUMNS if trained else ""), expects=version)
    own = Features(learned, trained.model.spec)
    model = recalibrated(trained.model, own)
    held = standing(trained.said, learned, trained.model.spec)
    said[:held] = sigmoid(logit(trained.said.p[:held]) + model.blend.base - trained.model.blend.base)
    return Scores(own, found, replace(trained, model=model), said, mark)


def _as_learned(trained: Opened, table: Table) -> Table | None:
    """The table with just the columns that the model reads; None where it lacks one."""
    spec = trained.model.spec
    lacks = {*spec.entities} - {*table.entities} | {*spec.numbers} - {*table.numbers} | (
        {*spec.frequent} - {*table.categories}
    )  # fmt: skip
    if lacks:
        return None
    numbers = {name: table.numbers[name] for name in spec.numbers}
    return replace(table, numbers=numbers, categories={name: table.categories[name] for name in spec.frequent})
