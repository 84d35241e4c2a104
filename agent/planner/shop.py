"""What the planner knows of the shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from retrieval.names import Names


@dataclass(frozen=True)
class Shop:
    """`nearest` gives the titles that a product's name may mean which no title contains; `has` are the names of
    tools/metrics/available.py of which the shop keeps any."""

    names: Names
    today: date
    first_day: date
    currency: str
    nearest: Callable[[str], tuple[str, ...]] = lambda name: ()
    has: frozenset[str] = frozenset()
