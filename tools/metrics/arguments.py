"""The arguments of query_metrics as a model may write them, checked for their shape; what they mean is read later.

One item may stand where a list is expected, null or "" where nothing is meant. Whatever has no meaning: ToolError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from reprlib import repr as short  # what was given may be of any size
from typing import Any

from tools.contract import MAX_ROWS, ToolError
from tools.metrics.periods import Period

PeriodArgument = str | Mapping[str, str] | Period | None
MOST_VALUES = 1_000  # in one condition
LONGEST = 1_000  # characters of a text


@dataclass(frozen=True)
class RowCondition:
    """A condition on a dimension: {"field": "country", "op": "=", "value": "France"}."""

    field: str
    op: str
    values: tuple[str | int, ...]
    part: bool = False


@dataclass(frozen=True)
class GroupCondition:
    """A condition on what a group comes to: {"group": "customer", "metric": "orders", "op": ">", "value": 10}."""

    group: str
    metric: str
    op: str
    value: float
    period: PeriodArgument = None
    part: bool = False
    where: tuple[RowCondition, ...] | None = None


Condition = RowCondition | GroupCondition


@dataclass(frozen=True)
class Arguments:
    """A call of query_metrics. `said` is `where` as it was given, for the receipt."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    where: tuple[Condition, ...]
    said: tuple[dict[str, Any], ...]
    period: PeriodArgument
    compare_to: PeriodArgument
    order_by: str | None
    limit: int | None
    offset: int
    grain: str | None
    rest: bool
    today: date | None

    @classmethod
    def read(
        cls,
        *,
        metrics: object,
        by: object = None,
        where: object = None,
        period: object = None,
        compare_to: object = None,
        order_by: object = None,
        limit: object = None,
        offset: object = None,
        grain: object = None,
        rest: object = False,
        today: object = None,
    ) -> Arguments:
        """Raises ToolError for whatever isn't of the right shape."""
        conditions = [_mapping(c) for c in _items("where", where)]
        return cls(
            metrics=tuple(_text("metrics", m) for m in _items("metrics", metrics)),
            by=tuple(_text("by", d) for d in _items("by", by)),
            where=tuple(map(_condition, conditions)),
            said=tuple(conditions),
            period=_period("period", period),
            compare_to=_period("compare_to", compare_to),
            order_by=_optional_text("order_by", order_by),
            limit=_rows("limit", limit),
            offset=_rows("offset", offset) or 0,
            grain=_optional_text("grain", grain),
            rest=_flag("rest", rest),
            today=_day("today", today),
        )


def _items(name: str, given: object) -> list[Any]:
    """A list; one item by itself counts as a list of it, null as an empty one."""
    if given is None or given == "":
        return []
    if isinstance(given, (list, tuple)):
        return list(given)
    if isinstance(given, (str, Mapping)):
        return [given]
    raise ToolError(f"{name} is a list, not {short(given)}.")


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise ToolError(f"{name} takes texts, not {short(given)}.")
    if len(given) > LONGEST:
        raise ToolError(f"{name} takes texts of at most {LONGEST} characters, not {short(given)}.")
    return given


def _optional_text(name: str, given: object) -> str | None:
    return None if given is None or given == "" else _text(name, given)


def _flag(name: str, given: object) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise ToolError(f"{name} is true or false, not {short(given)}.")


def _day(name: str, given: object) -> date | None:
    if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    raise ToolError(f"{name} is a date, not {short(given)}.")


def _rows(name: str, given: object) -> int | None:
    if given is None or (given in ("", 0) and given is not False):
        return None
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MAX_ROWS:
        raise ToolError(f"{name} is a whole number from 1 to {MAX_ROWS}, not {short(given)}.")
    return given


def _period(name: str, given: object) -> PeriodArgument:
    if given is None or given == "" or isinstance(given, Period):
        return given or None
    if isinstance(given, str):
        return _text(name, given)
    if isinstance(given, Mapping) and all(isinstance(part, str) for pair in given.items() for part in pair):
        return {key: _text(name, day) for key, day in given.items()}
    raise ToolError(f"{name} is a text or {{'start': …, 'end': …}} with ISO dates, not {short(given)}.")


ROW_KEYS = frozenset({"field", "op", "value", "part", "said"})
GROUP_KEYS = frozenset({"group", "metric", "op", "value", "period", "part", "where", "said"})


def _mapping(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        forms = "{'field', 'op', 'value'} or {'group', 'metric', 'op', 'value'}"
        raise ToolError(f"A condition is {forms}, not {short(given)}.")
    known = GROUP_KEYS if "group" in given else ROW_KEYS
    strange = [k for k in given if k not in known]
    if strange:
        raise ToolError(f"A condition has no {short(strange[0])}; it may have {', '.join(sorted(known))}.")
    return dict(given)


def _condition(c: dict[str, Any]) -> Condition:
    return _group_condition(c) if "group" in c else _row_condition(c)


def _row_condition(c: dict[str, Any]) -> RowCondition:
    field, op = _text("field", c.get("field")), _text("op", c.get("op", "="))
    given = c.get("value")
    values = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(values) > MOST_VALUES:
        raise ToolError(f"A condition takes at most {MOST_VALUES} values, not {len(values)}.")
    known = tuple(_value(field, v) for v in values if v is not None)
    if known and len(known) < len(values):
        raise ToolError(f"The condition on {field} has an empty value; ask for the unknown ones with 'is unknown'.")
    return RowCondition(field, op, known, _flag("part", c.get("part")))


def _value(field: str, given: object) -> str | int:
    """A name or a whole number; JSON has no other numbers than 3.0 where 3 is meant."""
    if isinstance(given, float) and given.is_integer():
        return int(given)
    if isinstance(given, bool) or not isinstance(given, (str, int)) or given == "":
        raise ToolError(f"The condition on {field} takes names or whole numbers, not {short(given)}.")
    return given if isinstance(given, int) else _text("value", given)


def _group_condition(c: dict[str, Any]) -> GroupCondition:
    own = c.get("where")
    return GroupCondition(
        group=_text("group", c["group"]),
        metric=_text("metric", c.get("metric")),
        op=_text("op", c.get("op", ">")),
        value=_number(c.get("value")),
        period=_period("period", c.get("period")),
        part=_flag("part", c.get("part")),
        where=None if own is None else tuple(_row_condition(_mapping(w)) for w in _items("where", own)),
    )


def _number(given: object) -> float:
    """A finite number, also one written as text."""
    try:
        if isinstance(given, bool) or not isinstance(given, (int, float, str)):
            raise ValueError
        value = float(given)
    except (ValueError, OverflowError):
        raise ToolError(f"A condition on groups needs a number as value, not {short(given)}.") from None
    if not math.isfinite(value):
        raise ToolError("A condition on groups needs a finite number as value.")
    return value
