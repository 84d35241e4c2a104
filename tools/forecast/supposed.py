"""What is supposed of the days to come: another price, a promotion or none. Read here, and told as one row more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.contract import Cell, Column, ToolError
from tools.forecast import promoted, whatif
from tools.forecast.promoted import Promotion
from tools.forecast.rows import Facts
from tools.metrics.periods import parse_period
from tools.metrics.reading import spoken

if TYPE_CHECKING:
    from store.connect import Store

FORM = (
    "scenario is {'price_change': -0.1} for a price ten per cent lower, or {'promotion': P}: true for a usual one on "
    "all days, 0.2 for one at 20 % off, a past period such as 'last November' for what ran then, false for none."
)
LEAST, MOST = -0.9, 2.0


@dataclass(frozen=True)
class Supposed:
    """`said` is how a receipt tells it again; one of the others is there."""

    said: Mapping[str, Any]
    change: float | None = None
    promotion: Promotion | None = None

    def row(self, store: Store, facts: Facts) -> tuple[tuple[Column, ...], list[Cell], str]:
        """Columns more, the row with them, and a note. NotThere: too little is known to tell."""
        if self.promotion is not None:
            return promoted.COLUMNS, promoted.promoted_row(store, facts, self.promotion), promoted.NOTE
        return whatif.COLUMNS, whatif.whatif_row(store, facts, self.change or 0.0), whatif.NOTE


def read_scenario(given: Any, today: date, first: date) -> Supposed | None:
    """None where nothing is supposed. ToolError for anything but what FORM says."""
    if given in (None, "", {}):
        return None
    if not isinstance(given, Mapping) or len(given) != 1:
        raise ToolError(FORM)
    ((name, value),) = given.items()
    if name == "price_change":
        return Supposed({name: value}, change=_part(value, LEAST, MOST))
    if name != "promotion":
        raise ToolError(FORM)
    if isinstance(value, bool):
        return Supposed({name: value}, promotion=Promotion(value))
    if isinstance(value, str | Mapping):
        like = parse_period(value, today, first)
        return Supposed({name: spoken(like)}, promotion=Promotion(True, like=like))
    return Supposed({name: value}, promotion=Promotion(True, cut=_part(value, 0.0, -LEAST)))


def _part(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ToolError(FORM)
    if not least <= value <= most:
        raise ToolError(f"It lies between {least} and {most}, as a part of the price: {FORM}")
    return float(value)
