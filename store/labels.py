"""Which orders a merchant says were fraud, and which were not: kept beside the conversations, where no import reaches.

They count for more than what came with the data; an order that is not in the data any more keeps its label.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from store.state import now, opened

_TABLE = """CREATE TABLE IF NOT EXISTS labels (
    order_id TEXT PRIMARY KEY, is_fraud INTEGER NOT NULL, labelled_at TEXT NOT NULL)"""


def labels_of(path: Path) -> dict[str, bool]:
    """By order, what was said last. `path` is the store's state file."""
    if not path.exists():
        return {}
    with opened(path) as con:
        con.execute(_TABLE)
        return {order: bool(fraud) for order, fraud in con.execute("SELECT order_id, is_fraud FROM labels")}


def label(path: Path, said: Mapping[str, bool | None]) -> None:
    """Writes down what is said of these orders, all or nothing; None takes back what was said before."""
    gone = [[order] for order, fraud in said.items() if fraud is None]
    kept = [[order, int(fraud), now()] for order, fraud in said.items() if fraud is not None]
    with opened(path) as con:
        con.execute(_TABLE)
        con.execute("BEGIN IMMEDIATE")
        con.executemany("DELETE FROM labels WHERE order_id = ?", gone)
        con.executemany("INSERT OR REPLACE INTO labels VALUES (?, ?, ?)", kept)
        con.execute("COMMIT")


def mark_of(labels: Mapping[str, bool]) -> str:
    """A name for just these labels; "" for none."""
    told = "\n".join(f"{order}\t{int(fraud)}" for order, fraud in sorted(labels.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:8] if told else ""
