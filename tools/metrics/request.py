"""A call of query_metrics, read and checked: names become definitions, words become the shop's own values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.names import Match, Names
from tools.contract import NotThere, ToolError
from tools.metrics.definitions import ALIASES, DIMENSIONS, METRICS, MONEY, PERIOD_LENGTHS, TIME_GRAINS, WEEKDAYS

OPERATORS = frozenset({"=", "!=", "in", "not in", "<", "<=", ">", ">=", "contains", "is known", "is unknown"})
NAMED = frozenset(
    {"product", "country", "customer", "category", "brand", "region", "city", "channel", "segment", "payment_method"}
)
GROUPS = frozenset(DIMENSIONS) - frozenset(TIME_GRAINS) - {"weekday", "hour"}
# Counts of which the first are a part of the second: their quotient is a share, not a ratio.
PART_OF = {"customers": {"new_customers", "returning_customers"}, "orders": {"guest_orders"}, "days": {"trading_days"}}


@dataclass(frozen=True)
class Measure:
    """One column asked for: a metric, a quotient `over` another measure, or its share of the total."""

    name: str
    formula: str
    unit: str
    label: str
    label_zh: str
    over: str | None = None  # the denominator's formula, or one of PERIOD_LENGTHS
    share: bool = False


@dataclass(frozen=True)
class Filter:
    """A condition on a dimension. For named fields `matches` holds what the words were read as."""

    field: str
    op: str
    values: tuple[Any, ...]
    matches: tuple[Match, ...] = ()
    part: bool = False


@dataclass(frozen=True)
class GroupFilter:
    """Keeps the groups (customers, orders, products) whose measure meets the condition, e.g. orders > 10."""

    group: str
    measure: Measure
    op: str
    value: float
    period: Any = None
    part: bool = False
    filters: tuple[Filter, ...] | None = None  # its own conditions instead of the call's


def read_measure(text: str) -> Measure:
    """'revenue', 'shipping_income / orders', 'revenue / days', 'share(revenue)'. Raises ToolError for other words."""
    share = re.fullmatch(r"\s*share\((.+)\)\s*", text)
    if share:
        inner = read_measure(share.group(1))
        label, label_zh = f"share of {inner.label}", f"{inner.label_zh}占比"
        return Measure(f"{inner.name}_share", inner.formula, "%", label, label_zh, inner.over, share=True)
    top, _, bottom = text.partition("/")
    return _quotient(top.strip(), bottom.strip()) if bottom else _metric(text)


def _metric(text: str) -> Measure:
    name = re.sub(r"[\s-]+", "_", text.strip().lower())
    name = ALIASES.get(name, name)
    if name not in METRICS:
        raise ToolError(f"There is no metric {text!r}. Metrics: {', '.join(METRICS)}.")
    m = METRICS[name]
    return Measure(name, m.formula, m.unit, m.label, m.label_zh)


def _quotient(top: str, bottom: str) -> Measure:
    a = _metric(top)
    if bottom in PERIOD_LENGTHS:
        unit = bottom.removesuffix("s")
        zh = {"days": "日均", "weeks": "周均", "months": "月均"}[bottom]
        name, label = f"{a.name}_per_{unit}", f"{a.label} per {unit}"
        return Measure(name, a.formula, "ratio" if a.unit == "count" else a.unit, label, zh + a.label_zh, bottom)
    b = _metric(bottom)
    part = a.unit == b.unit and (a.unit == MONEY or a.name in PART_OF.get(b.name, ()))
    if part:
        label, label_zh = f"{a.label} as a share of {b.label}", f"{a.label_zh}占{b.label_zh}"
        return Measure(f"{a.name}_share_of_{b.name}", a.formula, "%", label, label_zh, b.formula)
    single = b.label.removesuffix("s")
    unit = MONEY if a.unit == MONEY else "ratio"
    name = f"{a.name}_per_{single.replace(' ', '_')}"
    return Measure(name, a.formula, unit, f"{a.label} per {single}", f"每{b.label_zh}{a.label_zh}", b.formula)


def read_dimensions(by: Sequence[str], grain: str | None) -> tuple[str, ...]:
    """The dimensions in order, the time grain first. Raises ToolError for unknown ones."""
    names = [_dimension(d) for d in ([grain, *by] if grain else by)]
    if grain and names[0] not in TIME_GRAINS:
        raise ToolError(f"grain is one of {', '.join(TIME_GRAINS)}, not {grain!r}.")
    return tuple(dict.fromkeys(names))


def _dimension(text: str) -> str:
    name = re.sub(r"[\s-]+", "_", text.strip().lower())
    name = {"day_of_week": "weekday", "hour_of_day": "hour", "date": "day", "title": "product"}.get(name, name)
    if name not in DIMENSIONS:
        raise ToolError(f"There is no dimension {text!r}. Dimensions: {', '.join(DIMENSIONS)}.")
    return name


def read_conditions(
    where: Sequence[Mapping[str, Any]], names: Names
) -> tuple[tuple[Filter, ...], tuple[GroupFilter, ...]]:
    """Splits conditions into those on rows and those on groups, with names matched. Raises ToolError, NotThere."""
    filters, groups = [], []
    for condition in where:
        if "group" in condition:
            groups.append(_group(condition, names))
        else:
            filters.append(_filter(condition, names))
    return tuple(filters), tuple(groups)


def _group(c: Mapping[str, Any], names: Names) -> GroupFilter:
    group, op = str(c["group"]), str(c.get("op", ">"))
    if group not in GROUPS:
        raise ToolError(f"A condition on groups is per {', '.join(sorted(GROUPS))}, not {group!r}.")
    if op not in {"=", "!=", "<", "<=", ">", ">=", "top_percent"}:
        raise ToolError(f"{op!r} is no comparison for a group; use =, !=, <, <=, >, >= or top_percent.")
    try:
        value = float(c["value"])
    except (KeyError, TypeError, ValueError):
        raise ToolError(f"A condition on groups needs a number as value: {dict(c)!r}.") from None
    own = tuple(_filter(w, names) for w in c["where"]) if "where" in c else None
    measure = read_measure(str(c.get("metric", "")))
    return GroupFilter(group, measure, op, value, c.get("period"), bool(c.get("part")), own)


def _filter(c: Mapping[str, Any], names: Names) -> Filter:
    field, op = _dimension(str(c.get("field", ""))), str(c.get("op", "="))
    if op not in OPERATORS:
        raise ToolError(f"{op!r} is no operator. Operators: {', '.join(sorted(OPERATORS))}.")
    part = bool(c.get("part"))
    if op in ("is known", "is unknown"):
        return Filter(field, op, (), part=part)
    value = c.get("value")
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not values or any(v is None or v == "" for v in values):
        raise ToolError(f"The condition on {field} lacks a value.")
    if field in NAMED:
        return Filter(field, _set_operator(op), values, tuple(match(names, str(v), field) for v in values), part)
    return Filter(field, op, tuple(_time_value(field, v) for v in values), part=part)


def _set_operator(op: str) -> str:
    if op in ("=", "in", "contains"):
        return "in"
    if op in ("!=", "not in"):
        return "not in"
    raise ToolError(f"Names can't be compared with {op!r}; use =, !=, in or not in.")


def match(names: Names, text: str, field: str) -> Match:
    """What the words are in this shop; NotThere with the nearest names if nothing matches."""
    found = names.match(text, field)
    if found is None:
        nearest = tuple(s.value for s in names.suggest(text, field, k=3) if s.score >= 0.6)
        hint = f" The nearest: {', '.join(nearest)}." if nearest else ""
        raise NotThere(f"This shop has no {DIMENSIONS[field].label} '{text}'.{hint}", nearest)
    return found


def _time_value(field: str, value: Any) -> Any:
    if field == "weekday":
        day = next((d for d in WEEKDAYS if str(value).lower()[:3] == d.lower()[:3]), None)
        if day is None:
            raise ToolError(f"{value!r} is no day of the week; use {', '.join(WEEKDAYS)}.")
        return day
    if field == "hour":
        if not str(value).isdigit() or not 0 <= int(value) <= 24:
            raise ToolError(f"{value!r} is no hour; use 0 to 23.")
        return int(value)
    if field in TIME_GRAINS and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise ToolError(f"A {field} is given as the date of its first day (YYYY-MM-DD), not {value!r}.")
    return str(value)
