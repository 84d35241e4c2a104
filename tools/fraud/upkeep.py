"""A store's own model of fraud, trained on the labels that it has and kept: when that is due, where it goes on.

Where too few are labelled, what foretells its orders is learned in its stead.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from store.errors import UserError
from store.labels import labels_of, mark_of
from store.locks import locked
from store.manifest import version_folder
from tools.fraud.costs import costs_of
from tools.fraud.features import DAY
from tools.fraud.kept import Opened, load, save
from tools.fraud.known import HOW, known
from tools.fraud.pretrain import pretrain
from tools.fraud.scorer import train
from tools.fraud.scores import LABELS_LATE, folder_of, foreteller_of, opened_of, plain_features, table_of
from tools.fraud.standing import said_of
from tools.fraud.surprise import Learned, learned_from
from tools.fraud.surprise import load as load_foreteller
from tools.fraud.surprise import save as save_foreteller
from tools.fraud.train import FEWEST, Effort
from tools.fraud.trees import Told
from tools.fraud.unequal import ratio_of, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from store.connect import Store

STORE = Effort(steps=400, finish=100, last=20, rows=60_000)  # a shop trains beside its owner's chat
EXPECT = Effort(steps=400, rate=3e-3, last=12)  # without labels: a minute of a core
ORDERS = 1_000  # without labels, the fewest that are worth learning from
MORE_FRAUDS, MORE = 0.1, 0.2  # of the frauds, and of all labels or orders, that are worth learning anew for


class TooFewFrauds(UserError):
    """There is nothing to learn fraud from."""


def is_due(store: Store) -> bool:
    """Whether enough is known to learn from, and there is no model that knew nearly all of it."""
    now = known(store)
    kept, _ = opened_of(store)
    if not now.enough:
        return kept is None and foretelling_is_due(store)
    if kept is None:
        return True
    then = kept.said.label
    frauds, every = int(np.nansum(then)), int((~np.isnan(then)).sum())
    return now.frauds - frauds >= max(FEWEST / 2, MORE_FRAUDS * frauds) or now.all - every >= MORE * every


def foretelling_is_due(store: Store) -> bool:
    """Whether there are orders enough, and nothing that foretells them has learned from nearly all of them."""
    with store.connect() as con:
        count = int(con.execute("SELECT COUNT(*) FROM orders").fetchall()[0][0])
    if count < ORDERS:
        return False
    _, kept = foreteller_of(store)
    held = kept.stands(plain_features(table_of(store, {}, judged=False))) if kept else None
    return held is None or count - held >= MORE * held


def train_store(
    store: Store, told: Told, effort: Effort = STORE, waiting: Callable[[], None] | None = None
) -> Opened:  # fmt: skip
    """TooFewFrauds: too few of the orders are known for fraud. UserError: the disk's. `waiting` as in store.locks."""
    with locked(store.home.lock(store.name, "fraud"), waiting=waiting):
        labels = labels_of(store.state_path)
        table = table_of(store, labels)
        _, kept = foreteller_of(store)
        lent = kept.lent(table, effort) if kept else None
        folder = _unfinished(store, effort, mark_of(labels) + (kept.version if kept and lent else ""))
        end = int(table.time[-1]) + 1
        trained = train(table, int(table.time[0]), end, LABELS_LATE * DAY, effort, folder, told, lent)
        if trained is None:
            raise TooFewFrauds(
                f"Store {store.name} can't learn of fraud yet. {known(store).lacking()}: {FEWEST} of each are needed. "
                f"{HOW} Until then its orders are judged by how unusual they are."
            )
        told("scoring all orders", 0.0)
        p = trained.model.score(trained.features, np.arange(len(table))).storewise
        said, tested = said_of(table, trained.model.spec, p), trained.model.tested
        costs = costs_of(None, store.currency)
        fairness = {kind: ratio_of(verdict(tested, kind, costs).rates) for kind in tested.groups}
        save(folder_of(store), trained.model, said, store.data_version, effort.seed, fairness)
        shutil.rmtree(folder, ignore_errors=True)
    return load(folder_of(store))


def train_foreteller(
    store: Store, told: Told, effort: Effort = EXPECT, waiting: Callable[[], None] | None = None
) -> Learned:  # fmt: skip
    """Learns from the orders alone, unless nearly all of them are learned from. UserError: too few, or the disk's."""
    with locked(store.home.lock(store.name, "fraud"), waiting=waiting):
        kept_in, kept = foreteller_of(store)
        if kept and not foretelling_is_due(store):
            return kept
        features = plain_features(table_of(store, {}, judged=False))
        if len(features.table) < ORDERS:
            raise UserError(f"Without labels at least {ORDERS:,} orders are needed; there are {len(features.table):,}.")
        folder = _unfinished(store, effort, "expected")
        found = pretrain(features, np.arange(len(features.table)), effort, folder, told)
        told("scoring all orders", 0.0)
        save_foreteller(kept_in, learned_from(found, features), store.data_version, effort.seed)
        shutil.rmtree(folder, ignore_errors=True)
    return load_foreteller(kept_in)


def _unfinished(store: Store, effort: Effort, labels: str) -> Path:
    """The folder of this very training; those of others, which nobody goes on with, are removed."""
    mark = "-".join(str(v) for v in (*asdict(effort).values(), labels) if v != "")
    folder = store.path / "training" / f"fraud-{version_folder(store.data_version)}-{mark}"
    for other in (store.path / "training").glob("fraud-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder
