"""What is thought of each order of a store: by the model that was trained for it, where there is one, else by how
unusual each order is.

N orders, R reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.kept import Kept
from tools.contract import NotThere
from tools.fraud.features import DAY, Features, spec_from
from tools.fraud.kept import Opened, load
from tools.fraud.orders import orders_of
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.unusual import FIRST, Unusual, unusual

if TYPE_CHECKING:
    from store.connect import Store

LABELS_LATE = 21  # days until whoever pays with a stolen card is found out, as a rule
UNTRAINED = "none"
_scores: Kept[Scores] = Kept(4)


@dataclass(frozen=True)
class Scores:
    """Rows are orders by time. `trained` is the store's own model, with features by its spec; `is_new`: it was trained
    on this very data."""

    features: Features
    unusual: Unusual
    trained: Opened | None
    is_new: bool

    @property
    def table(self) -> Table:
        return self.features.table

    @property
    def model(self) -> str:
        return self.trained.version if self.trained else UNTRAINED

    def of(self, rows: Ints) -> Floats:
        """(N,) probabilities of fraud, or how unusual the orders are."""
        if self.trained is None:
            return np.round(self.unusual.score[rows], 6)
        said = self.trained.said[rows] if self.is_new else self.trained.model.score(self.features, rows).storewise
        return np.round(said, 6)


def folder_of(store: Store) -> Path:
    return store.path / "models" / "fraud"


def scores_of(store: Store) -> Scores:
    """Made once for each version of a store's data and each training. NotThere: it has no orders.

    CheckpointError: the model's files are not as they were written.
    """
    folder = folder_of(store)
    trained = load(folder) if folder.is_dir() else None
    return _scores.of(store, lambda: _made(store, trained), trained.version if trained else UNTRAINED)


def table_of(store: Store) -> Table:
    """NotThere: there are no orders."""
    with store.connect() as con:
        if not con.execute("SELECT COUNT(*) FROM orders").fetchall()[0][0]:
            raise NotThere("This shop has no orders to look at.")
        return orders_of(con)


def _made(store: Store, trained: Opened | None) -> Scores:
    table = table_of(store)
    plain = Features(table, spec_from(table, FIRST, LABELS_LATE * DAY))
    found = unusual(plain)
    if trained is None or not _fits(trained, table):
        return Scores(plain, found, None, False)
    is_new = trained.data_version == store.data_version
    return Scores(Features(table, trained.model.spec), found, trained, is_new)


def _fits(trained: Opened, table: Table) -> bool:
    """Whether the table still has the columns that the model reads."""
    spec = trained.model.spec
    return {*spec.entities} <= {*table.entities} and {*spec.numbers} <= {*table.numbers} and (
        list(spec.frequent) == list(table.categories)
    )  # fmt: skip
