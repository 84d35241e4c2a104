"""A store's own model of fraud, trained on the labels that it has and kept; a stopped training goes on where it was."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from store.errors import UserError
from store.locks import locked
from store.manifest import version_folder
from tools.fraud.features import DAY
from tools.fraud.kept import Opened, load, save
from tools.fraud.scorer import train
from tools.fraud.scores import LABELS_LATE, folder_of, table_of
from tools.fraud.train import FEWEST, Effort
from tools.fraud.trees import Told

if TYPE_CHECKING:
    from pathlib import Path

    from store.connect import Store

STORE = Effort(steps=400, finish=100, last=20, rows=60_000)  # a shop trains beside its owner's chat


def train_store(store: Store, told: Told, effort: Effort = STORE) -> Opened:
    """UserError: too few of the orders are known for fraud, or the disk's."""
    with locked(store.home.lock(store.name, "fraud")):
        table = table_of(store)
        folder = _unfinished(store, effort)
        end = int(table.time[-1]) + 1
        trained = train(table, int(table.time[0]), end, LABELS_LATE * DAY, effort, folder, told)
        if trained is None:
            raise UserError(
                f"Store {store.name} knows of too few frauds to learn from: {FEWEST} orders with is_fraud, and as many "
                "without, are needed. Until then its orders are judged by how unusual they are."
            )
        told("scoring all orders", 0.0)
        said = trained.model.score(trained.features, np.arange(len(table))).storewise
        save(folder_of(store), trained.model, said, store.data_version, effort.seed)
        shutil.rmtree(folder, ignore_errors=True)
    return load(folder_of(store))


def _unfinished(store: Store, effort: Effort) -> Path:
    mark = "-".join(str(v) for v in asdict(effort).values())
    return store.path / "training" / f"fraud-{version_folder(store.data_version)}-{mark}"
