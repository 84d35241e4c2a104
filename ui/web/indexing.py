"""What searches need, got ready beside the server: at its start for every store, and for one that was imported."""

from __future__ import annotations

import logging
import threading

from store.connect import Store, open_store
from store.errors import UserError
from store.paths import Home

log = logging.getLogger(__name__)


def prepared(home: Home, *names: str) -> threading.Thread:
    """The thread that gets the stores ready one after the other; one that can't be is left to its first question."""

    def run() -> None:
        from tools.search.upkeep import prepare

        for name in names:
            try:
                prepare(open_store(home, name))
            except UserError as error:
                log.warning("%s", error)

    thread = threading.Thread(target=run, name="prepare searches", daemon=True)
    thread.start()
    return thread


def indexing(store: Store | None) -> float | None:
    """How far the store's product index is, from 0 to 1; None where none is being built."""
    from tools.search.upkeep import upkeep_of

    return upkeep_of(store).part if store else None
