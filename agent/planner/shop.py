"""What the planner knows of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from retrieval.names import Names


@dataclass(frozen=True)
class Shop:
    names: Names
    today: date
    first_day: date
    currency: str
