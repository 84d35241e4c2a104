"""Which tables and columns a query may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.schema import TABLES, reduced_columns


def folded(name: str) -> str:
    """A name as DuckDB compares it: A to Z are a to z, and every other letter is itself."""
    return "".join(c.lower() if c.isascii() else c for c in name)


@dataclass(frozen=True)
class Shape:
    """`tables`: the readable columns of each readable table, in lower case.

    `partial` are those of which the file holds more columns than may be read.
    """

    tables: Mapping[str, tuple[str, ...]]
    partial: frozenset[str] = field(default=frozenset())


def store_shape() -> Shape:
    """What an analytics file has: every table, without personal columns."""
    return Shape({t.name: tuple(c.name for c in reduced_columns(t)) for t in TABLES})
