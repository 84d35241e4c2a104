"""What is thought of each order of a store, once a data version: by the model that was trained for it, where there is
one, else by how unusual each order is.

N orders, R reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from store.kept import Kept
from tools.contract import NotThere
from tools.fraud.features import DAY, Features, spec_from
from tools.fraud.orders import orders_of
from tools.fraud.table import Floats, Table
from tools.fraud.unusual import FIRST, unusual

if TYPE_CHECKING:
    from store.connect import Store

LABELS_LATE = 21  # days until whoever pays with a stolen card is found out, as a rule
_scores: Kept[Scores] = Kept(4)


@dataclass(frozen=True)
class Scores:
    """Rows are orders by time. `score` (N,) is how unusual, or a probability of fraud; `parts` (N, R) what each reason
    adds to how unusual it is."""

    features: Features
    score: Floats
    reasons: tuple[str, ...]
    parts: Floats

    @property
    def table(self) -> Table:
        return self.features.table


def scores_of(store: Store) -> Scores:
    """Made once for each version of a store's data. NotThere: it has no orders."""
    return _scores.of(store, lambda: _made(store))


def _made(store: Store) -> Scores:
    with store.connect() as con:
        if not con.execute("SELECT COUNT(*) FROM orders").fetchall()[0][0]:
            raise NotThere("This shop has no orders to look at.")
        table = orders_of(con)
    features = Features(table, spec_from(table, FIRST, LABELS_LATE * DAY))
    found = unusual(features)
    return Scores(features, np.round(found.score, 6), found.reasons, found.parts)
