"""A store's forecaster, trained and kept: when that is due, where a stopped training goes on, who waits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from store.errors import UserError
from store.locks import locked
from store.manifest import version_folder
from tools.forecast.book import HORIZON, LEAST, written
from tools.forecast.kept import Card, load, save
from tools.forecast.levels import METRICS, shop_of
from tools.forecast.opening import opening_of
from tools.forecast.outlook import folder_of, home_country
from tools.forecast.sold import sold_until
from tools.forecast.train import Effort
from tools.forecast.weekly import panel_of, series_of

if TYPE_CHECKING:
    from pathlib import Path

    from store.connect import Store
    from tools.forecast.levels import Shop
    from tools.forecast.trees import Told

NETS, ROWS, ROUNDS = 2, 40_000, 100  # a shop trains beside its owner's chat, in minutes: less than a bench does


def usual_effort() -> Effort:
    return replace(Effort(), nets=NETS, rows=ROWS, rounds=ROUNDS)


def is_due(store: Store) -> bool:
    """Whether the store has history enough, and no forecaster of its present data."""
    if sold_until(store, store.today).weeks < LEAST:
        return False
    try:
        return load(folder_of(store))[1].data_version != store.data_version
    except UserError:
        return True


def train_store(
    store: Store, told: Told, effort: Effort | None = None, waiting: Callable[[], None] | None = None
) -> Card:
    """Trains on all that the store has sold and keeps what comes of it; `waiting` as in store.locks.

    A training that was stopped goes on where it was. UserError: too little history, or the disk's.
    """
    effort = effort or usual_effort()
    with locked(store.home.lock(store.name, "forecast"), waiting=waiting):
        sold = sold_until(store, store.today)
        opening, series = opening_of(sold, HORIZON, home_country(sold)), series_of(sold)
        panel = panel_of(store, sold, series, opening, HORIZON)
        found, book = written(panel, effort, _unfinished(store, effort), told)
        save(folder_of(store), found, book, Card(sold.first, sold.last, store.data_version))
        shutil.rmtree(_unfinished(store, effort), ignore_errors=True)
    return load(folder_of(store))[1]


def _unfinished(store: Store, effort: Effort) -> Path:
    """The folder of this very training; those of others, which nobody goes on with, are removed."""
    mark = "-".join(str(v) for v in asdict(effort).values())
    folder = store.path / "training" / f"forecast-{version_folder(store.data_version)}-{mark}"
    for other in (store.path / "training").glob("forecast-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def looked_back(store: Store) -> dict[str, Shop]:
    """By measure, every level with what each way of forecasting would have said. UserError: nothing is trained."""
    book, card = load(folder_of(store))
    if card.data_version != store.data_version:
        raise UserError(f"The forecast of store {store.name} is of other data: ./storewise train forecast.")
    sold = sold_until(store, card.last)
    opening, series = opening_of(sold, HORIZON, home_country(sold)), series_of(sold)
    return {m: shop_of(sold, opening, m, HORIZON, book.origins, book, series) for m in METRICS}
