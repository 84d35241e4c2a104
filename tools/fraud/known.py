"""How many orders are known for fraud and for none, whether that is enough to learn from, and how to tell more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.labels import labels_of
from tools.fraud.train import FEWEST

if TYPE_CHECKING:
    from store.connect import Store

HOW = (
    "Say which orders were fraud and which were fine with ./storewise label fraud ORDER… and label fine ORDER…, or all "
    "at once with label --file FILE.csv (order_id, is_fraud)."
)


@dataclass(frozen=True)
class Known:
    """Orders of the present data that are known for fraud, and for none."""

    frauds: int
    fine: int

    @property
    def all(self) -> int:
        return self.frauds + self.fine

    @property
    def enough(self) -> bool:
        return min(self.frauds, self.fine) >= FEWEST

    def lacking(self) -> str:
        """What is missing before anything can be learned, in a sentence."""
        if not self.all:
            return "No order is known for fraud or for none"
        if not self.frauds or not self.fine:
            kind, other = ("fine", "fraud") if self.fine else ("fraud", "fine")
            return f"All {self.all:,} orders that are known are {kind}, and none is {other}"
        if not self.enough:
            return f"Only {self.frauds:,} orders are known for fraud and {self.fine:,} for none"
        return "The orders known for fraud came all at once, so none would be left to check the learning on"


def known(store: Store) -> Known:
    """The merchant's own labels count for more than those of the data."""
    with store.connect() as con:
        given = dict(con.execute("SELECT order_id, is_fraud FROM orders").fetchall())
    said = labels_of(store.state_path)
    labels = [said.get(order, fraud) for order, fraud in given.items()]
    return Known(labels.count(True), labels.count(False))
