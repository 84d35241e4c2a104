"""The words of a call read: names become definitions, values become the shop's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from retrieval.names import Match, Names
from tools.contract import NotThere, ToolError
from tools.metrics.arguments import Condition, GroupCondition, PeriodArgument, RowCondition
from tools.metrics.definitions import (
    ALIASES,
    AVERAGES,
    DIMENSIONS,
    METRICS,
    MONEY,
    PERIOD_LENGTHS,
    TIME_GRAINS,
    WEEKDAYS,
)

NAMED = frozenset(
    {
        *("product", "category", "brand", "country", "region", "city"),
        *("channel", "segment", "customer", "payment_method", "order"),
    }
)
ONE_OF = {"=": "in", "in": "in", "contains": "in", "!=": "not in", "not in": "not in"}  # what names are tested for
ORDERED = frozenset({"<", "<=", ">", ">="})
SAME = {
    "==": "=",
    "eq": "=",
    "is": "=",
    "is null": "is unknown",
    "is not null": "is known",
    "<>": "!=",
    "not_in": "not in",
}
NAMED_BY_COLUMN = {"title": "product", "product_title": "product", "product_id": "product", "customer_id": "customer",
                   "order_id": "order"}  # fmt: skip
OPERATORS = frozenset({*ONE_OF, *ORDERED, "is known", "is unknown"})
GROUP_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "top_percent")
# Counts of which the first are a part of the second: their quotient is a share, not a ratio.
PART_OF = {"customers": {"new_customers", "returning_customers"}, "orders": {"guest_orders"}}


@dataclass(frozen=True)
class Measure:
    """One column asked for: a metric, a quotient `over` another measure, or its share of the total.

    `unit` is "money", "count", "%", "ratio" or "days".
    """

    name: str
    formula: str
    unit: str
    label: str
    label_zh: str
    over: str | None = None  # the denominator's formula, or one of PERIOD_LENGTHS
    share: bool = False

    @property
    def is_ratio(self) -> bool:
        """Without rows it is nothing; a sum would be zero."""
        divided = self.over is not None and self.over not in PERIOD_LENGTHS
        return divided or "/" in self.formula or self.formula in AVERAGES


@dataclass(frozen=True)
class Filter:
    """A condition on a dimension. For named fields `matches` holds what the words were read as."""

    field: str
    op: str
    values: tuple[str | int, ...]
    matches: tuple[Match, ...] = ()
    part: bool = False


@dataclass(frozen=True)
class GroupFilter:
    """Keeps the groups (customers, orders, products) whose measure meets the condition, e.g. orders > 10."""

    group: str
    measure: Measure
    op: str
    value: float
    period: PeriodArgument = None  # None: the call's
    part: bool = False
    filters: tuple[Filter, ...] | None = None  # its own conditions instead of the call's


def read_measure(text: str) -> Measure:
    """'revenue', 'shipping_income / orders', 'revenue / days', 'share(revenue)'. Raises ToolError for other words."""
    share = re.fullmatch(r"\s*share\((.+)\)\s*", text)
    if share:
        return _share(share.group(1))
    top, _, bottom = text.partition("/")
    return _quotient(top.strip(), bottom.strip()) if bottom.strip() else _metric(text)


def _share(text: str) -> Measure:
    if re.match(r"\s*share\(", text):
        raise ToolError(f"A share can't be of another share: ask for {text.strip()}.")
    whole = read_measure(text)
    if whole.is_ratio:
        raise ToolError(f"A share is of a sum or a count; {whole.label} is neither, so ask for it by itself.")
    # Both sides of a share have the same length in days, which therefore goes out.
    label, label_zh = f"share of {whole.label}", f"{whole.label_zh}占比"
    return Measure(f"{whole.name}_share", whole.formula, "%", label, label_zh, share=True)


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
    if len(set(names) & set(TIME_GRAINS)) > 1:
        raise ToolError(f"Only one of {', '.join(TIME_GRAINS)} at a time; ask for the finer one.")
    return tuple(dict.fromkeys(names))


def _dimension(text: str) -> str:
    name = re.sub(r"[\s-]+", "_", text.strip().lower())
    name = {"day_of_week": "weekday", "hour_of_day": "hour", "date": "day", **NAMED_BY_COLUMN}.get(name, name)
    if name not in DIMENSIONS:
        raise ToolError(f"There is no dimension {text!r}. Dimensions: {', '.join(DIMENSIONS)}.")
    return name


def read_conditions(where: Sequence[Condition], names: Names) -> tuple[tuple[Filter, ...], tuple[GroupFilter, ...]]:
    """Splits conditions into those on rows and those on groups, with names matched. Raises ToolError, NotThere."""
    filters = tuple(_filter(c, names) for c in where if isinstance(c, RowCondition))
    return filters, tuple(_group(c, names) for c in where if isinstance(c, GroupCondition))


def _group(c: GroupCondition, names: Names) -> GroupFilter:
    group = _dimension(c.group)
    if group not in NAMED:
        raise ToolError(f"A condition on groups is per {', '.join(sorted(NAMED))}, not {c.group!r}.")
    if c.op not in GROUP_OPERATORS:
        raise ToolError(f"{c.op!r} is no comparison for a group; use one of {', '.join(GROUP_OPERATORS)}.")
    if c.op == "top_percent" and not 0 < c.value <= 100:
        raise ToolError(f"top_percent is above 0 and at most 100, not {c.value:g}.")
    measure = read_measure(c.metric)
    if measure.share:
        raise ToolError(f"A condition on groups can't be on a share; put one on {measure.formula} instead.")
    own = None if c.where is None else tuple(_filter(w, names) for w in c.where)
    return GroupFilter(group, measure, c.op, c.value, c.period, c.part, own)


def _filter(c: RowCondition, names: Names) -> Filter:
    field = _dimension(c.field)
    c = replace(c, op=SAME.get(c.op.strip().lower(), c.op))
    if c.op not in OPERATORS:
        raise ToolError(f"{c.op!r} is no operator. Operators: {', '.join(sorted(OPERATORS))}.")
    if c.op in ("is known", "is unknown"):
        return Filter(field, c.op, (), part=c.part)
    if not c.values:
        raise ToolError(f"The condition on {field} lacks a value.")
    if field in NAMED:
        if c.op not in ONE_OF:
            raise ToolError(f"Names can't be compared with {c.op!r}; use =, !=, in or not in.")
        matches = tuple(match(names, str(v), field) for v in c.values)
        return Filter(field, ONE_OF[c.op], c.values, matches, c.part)
    _refuse_on_time(field, c)
    return Filter(field, c.op, tuple(_time_value(field, v) for v in c.values), part=c.part)


def _refuse_on_time(field: str, c: RowCondition) -> None:
    if c.op == "contains":
        raise ToolError(f"A {DIMENSIONS[field].label} contains nothing; use =, in or >=.")
    if c.op in ORDERED and field == "weekday":
        raise ToolError("Days of the week can't be compared; list them with in.")
    if c.op in ORDERED and len(c.values) > 1:
        raise ToolError(f"{c.op!r} takes one value, not {len(c.values)}.")


def match(names: Names, text: str, field: str) -> Match:
    """What the words are in this shop; NotThere with the nearest names if nothing matches."""
    found = names.match(text, field)
    if found is None:
        nearest = tuple(s.value for s in names.suggest(text, field, k=3) if s.score >= 0.6)
        hint = f" The nearest: {', '.join(nearest)}." if nearest else ""
        raise NotThere(f"This shop has no {DIMENSIONS[field].label} '{text}'.{hint}", nearest)
    return found


def _time_value(field: str, value: str | int) -> str | int:
    """A day of the week by its English name, an hour as a number, a bucket as the ISO date of its first day."""
    text = str(value).strip()
    if field == "weekday":
        day = next((d for d in WEEKDAYS if text.lower()[:3] == d.lower()[:3]), None)
        if day is None:
            raise ToolError(f"{value!r} is no day of the week; use {', '.join(WEEKDAYS)}.")
        return day
    if field == "hour":
        if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > 24:
            raise ToolError(f"{value!r} is no hour; use 0 to 23.")
        return int(text)
    try:
        return date.fromisoformat(text if len(text) == 10 else "").isoformat()
    except ValueError:
        raise ToolError(f"A {field} is given as the date of its first day (YYYY-MM-DD), not {value!r}.") from None
