"""What is supposed of the days to come: another price, a promotion or none, or both. Read here, told as rows more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.contract import Cell, Column, ToolError
from tools.forecast import promoted, together, whatif
from tools.forecast.promoted import Promotion
from tools.forecast.rows import Facts
from tools.metrics.periods import parse_period
from tools.metrics.reading import spoken

if TYPE_CHECKING:
    from store.connect import Store

FORM = (
    "scenario is {'price_change': -0.1} for a price ten per cent lower, or {'promotion': P}: true for a usual one on "
    "all days, 0.2 for one at 20 % off, a past period such as 'last November' for what ran then, false for none; or "
    "both keys."
)
LEAST, MOST = -0.9, 2.0


@dataclass(frozen=True)
class Supposed:
    """`said` is how a receipt tells it again; one of the others is there, or both."""

    said: Mapping[str, Any]
    change: float | None = None
    promotion: Promotion | None = None

    def rows(self, store: Store, facts: Facts) -> tuple[tuple[Column, ...], list[list[Cell]], list[str]]:
        """Columns more, the rows with them, and notes. NotThere: too little is known to tell."""
        if self.promotion is None:
            return whatif.COLUMNS, [whatif.whatif_row(store, facts, self.change or 0.0)], [whatif.NOTE]
        if self.change is None:
            return promoted.COLUMNS, [promoted.promoted_row(store, facts, self.promotion)], [promoted.NOTE]
        rows = together.together_rows(store, facts, self.change, self.promotion)
        return together.COLUMNS, rows, [whatif.NOTE, promoted.NOTE, together.NOTE]


def read_scenario(given: Any, today: date, first: date) -> Supposed | None:
    """None where nothing is supposed. ToolError for anything but what FORM says."""
    if given in (None, "", {}):
        return None
    if not isinstance(given, Mapping) or not set(given) <= {"price_change", "promotion"}:
        raise ToolError(FORM)
    change = _part(given["price_change"], LEAST, MOST) if "price_change" in given else None
    if "promotion" not in given:
        return Supposed(dict(given), change)
    said, promotion = _promotion(given["promotion"], today, first)
    return Supposed({**given, "promotion": said}, change, promotion)


def _promotion(value: Any, today: date, first: date) -> tuple[Any, Promotion]:
    """How a receipt tells it again, and what it means."""
    if isinstance(value, bool):
        return value, Promotion(value)
    if isinstance(value, str | Mapping):
        like = parse_period(value, today, first)
        return spoken(like), Promotion(True, like=like)
    return value, Promotion(True, cut=_part(value, 0.0, -LEAST))


def _part(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ToolError(FORM)
    if not least <= value <= most:
        raise ToolError(f"It lies between {least} and {most}, as a part of the price: {FORM}")
    return float(value)
