"""What every tool takes and gives, and the one tree of errors.

StorewiseError
├── UserError            shown to the person: names the thing and says what to do
├── ToolError            shown, and phrased so that a model can repair its call
│   ├── NotThere         the shop has no such data or name: becomes a decline
│   └── Ambiguous        two readings differ: becomes a question back
└── Unproven             prose with a number that no receipt proves (agent/receipts.py): never shown

Anything else is a bug: recorded once with its context, never swallowed.
"""

from __future__ import annotations

import functools
import inspect
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from store.errors import StorewiseError, UserError

__all__ = [
    "READ",
    "Ambiguous",
    "Cell",
    "Column",
    "NotThere",
    "Result",
    "StorewiseError",
    "ToolError",
    "UserError",
    "plain",
]

Cell = str | int | float | bool | None
KEY_UNITS = frozenset({"day", "week", "month", "quarter", "year", "weekday", "hour", "title", "id", "name"})
MAX_ROWS = 10_000

P = ParamSpec("P")
R = TypeVar("R")


class ToolError(StorewiseError):
    """A call that can't be carried out as it stands."""


class NotThere(ToolError):
    """The shop has no such data, name or period. `suggestions` are the nearest things it does have."""

    def __init__(self, message: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


class Ambiguous(ToolError):
    """Two readings differ materially. `options` are ready to be chosen."""

    def __init__(self, message: str, options: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.options = tuple(options)


@dataclass(frozen=True)
class Column:
    """A column of a result. `unit` is a currency code, count, %, ratio or days for measures, else one of KEY_UNITS."""

    name: str
    unit: str

    @property
    def is_key(self) -> bool:
        return self.unit in KEY_UNITS


@dataclass(frozen=True)
class Result:
    """A tool's full result: enough to show it, to prove it and to run it again.

    Dates in `rows` are ISO strings, money is unrounded, percentages are fractions. `row_count` counts all rows,
    `truncated` says that `rows` stops at MAX_ROWS.
    """

    tool: str
    input: dict[str, Any]
    sql: str | None
    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    row_count: int
    truncated: bool
    elapsed_ms: int
    data_version: str
    notes: tuple[str, ...] = field(default=())

    def index(self, column: str) -> int:
        """Position of a column; KeyError if there is none of that name."""
        for i, c in enumerate(self.columns):
            if c.name == column:
                return i
        raise KeyError(column)

    def cell(self, row: int, column: str) -> Cell:
        return self.rows[row][self.index(column)]


def plain(value: Any) -> Cell:
    """A database value as a cell: dates as ISO strings, decimals as numbers, lists as JSON, NaN as None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=plain, ensure_ascii=False)
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return str(value)


def READ(tool: Callable[P, R]) -> Callable[P, R]:  # noqa: N802 (a mark, not a call)
    """Marks a tool that only reads. There is no other kind: the agent changes nothing in a shop.

    A model may write arguments that the tool doesn't have, or leave out one that it needs: that is a ToolError too.
    """
    signature = inspect.signature(tool)

    @functools.wraps(tool)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as e:
            known = ", ".join(name for name in signature.parameters if name != "store")
            raise ToolError(f"{tool.__name__}: {e}. Its arguments: {known or 'none'}.") from None
        return tool(*args, **kwargs)

    checked.access = "read"  # type: ignore[attr-defined]
    return checked
