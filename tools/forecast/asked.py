"""What is asked of a forecast, read: whose sales, of which days to come, cut into which buckets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.names import Match, Names
from tools.contract import Ambiguous, NotThere, ToolError
from tools.forecast.levels import CATEGORY, COUNTRY, LEVELS, PRODUCT, SHOP, categories_of
from tools.forecast.sold import REVENUE, UNITS, Sold
from tools.forecast.totals import Target
from tools.metrics.arguments import RowCondition
from tools.metrics.dates import DAY, Period, add_months, bucket_end, unit_start
from tools.metrics.periods import parse_period
from tools.metrics.request import match

if TYPE_CHECKING:
    from tools.metrics.arguments import Condition

FIELDS = (PRODUCT, CATEGORY, COUNTRY)
GRAINS = ("day", "week", "month")
USUAL = 28  # days ahead, where no period is said
OTHERS = ("brand", "customer", "region", "city", "channel", "segment", "payment_method")
YEAR_SAID = re.compile(r"\d{4}|\b(?:last|past|previous|ago|yesterday|this|since)\b|[上去前今]", re.I)
DAYS_OF = {"day": 14, "week": 100}  # the longest period that is shown by day, by week


@dataclass(frozen=True)
class Item:
    """Something whose sales are asked for: how it was said, and what was found under it (None: the whole shop)."""

    label: str | None
    field: str
    found: Match | None = None

    def target(self, sold: Sold) -> Target:
        """The members of its level. NotThere: nothing of it was ever sold."""
        if self.found is None:
            return Target(SHOP, np.zeros(1, np.int64))
        known = {PRODUCT: sold.ids, CATEGORY: categories_of(sold), COUNTRY: sold.countries}[self.field]
        wanted = set(self.found.ids)
        members = np.array([n for n, name in enumerate(known) if name in wanted], dtype=np.int64)
        y = {PRODUCT: sold.product, COUNTRY: sold.country}.get(self.field)
        if not len(members) or (y is not None and y[UNITS][members].sum() <= 0):
            raise NotThere(
                f"{self.label} was never sold in the weeks that there is data for: nothing to forecast from."
            )
        return Target(self.field, members)


@dataclass(frozen=True)
class Asked:
    """`period` ends on its last day; `grain` is how it is cut, and `by_grain` whether that was asked for."""

    items: tuple[Item, ...]
    metric: str
    period: Period
    grain: str
    by_grain: bool


def read_items(what: Any, where: Sequence[Condition], names: Names) -> tuple[Item, ...]:
    """Raises NotThere, Ambiguous (two readings), ToolError."""
    said = [what] if isinstance(what, str) else list(what or ())
    if not all(isinstance(name, str) for name in said):
        raise ToolError("what is a name of the shop, such as a product's, or a list of them.")
    items = [_named(name.strip(), names) for name in said if name.strip() and name.strip().lower() not in LEVELS[:1]]
    for c in where:
        items += _conditioned(c, names)
    if len({item.field for item in items}) > 1:
        raise NotThere("Products, categories and countries are forecast each by themselves, not one within the other.")
    return tuple(items) or (Item(None, SHOP),)


def _conditioned(c: Condition, names: Names) -> list[Item]:
    if not isinstance(c, RowCondition) or c.field not in FIELDS or c.op not in ("in", "=", "contains"):
        raise NotThere(
            "Sales are forecast for the shop, for products, categories and countries, without other conditions."
        )
    return [_item(str(value), match(names, str(value), c.field)) for value in c.values]


def _named(name: str, names: Names) -> Item:
    found = [m for m in (names.match(name, field) for field in FIELDS) if m is not None]
    if len(found) > 1:
        raise Ambiguous(f"“{name}” is several things here: which?", tuple(f"{m.field} {name}" for m in found))
    if not found and (prefixed := _prefixed(name, names)):
        return prefixed
    if not found:
        if any(names.match(name, field) for field in OTHERS):
            raise NotThere(
                f"Sales are forecast for the shop, products, categories and countries; {name} is none of them."
            )
        near = tuple(s.value for s in names.suggest(name, k=3) if s.score >= 0.6)
        raise NotThere(f"This shop has no product, category or country '{name}'.", near)
    return _item(name, found[0])


def _prefixed(name: str, names: Names) -> Item | None:
    """'category Brushes': the field is said."""
    field, _, rest = name.partition(" ")
    found = names.match(rest, field.lower()) if rest and field.lower() in FIELDS else None
    return _item(rest, found) if found else None


def _item(said: str, found: Match) -> Item:
    single = found.title if found.field == PRODUCT else found.ids[0] if len(found.ids) == 1 else None
    return Item(single or said, found.field, found)


def read_metric(metric: Any, items: Sequence[Item]) -> str:
    """Units of products, revenue of whatever is larger, unless said."""
    if metric in (None, ""):
        return UNITS if items[0].field == PRODUCT else REVENUE
    name = {"sales": REVENUE, "turnover": REVENUE, "quantity": UNITS, "items": UNITS}.get(
        str(metric).lower(), str(metric).lower()
    )
    if name not in (UNITS, REVENUE):
        raise NotThere(f"Only units and revenue are forecast, not {metric!r}.")
    return name


def read_period(given: Any, today: date, last: date, first: date) -> Period:
    """The days asked for, at least one of which lies after `last`. ToolError where all of them are over."""
    if given in (None, ""):
        return Period(last + DAY, last + timedelta(days=USUAL))
    if isinstance(given, Mapping) or not isinstance(given, str):
        if not isinstance(given, Mapping):
            raise ToolError("horizon is a period such as 'next month', 'December' or {'start', 'end'}.")
        found = parse_period(given, today, first)
    else:
        found = parse_period(given, today, first)
        found = _coming(given, found, last)
    found = replace(found, end=found.natural_end, natural=None)
    if found.whole or found.end <= last:
        raise ToolError("That time is over: query_metrics tells what was sold. A forecast is of days to come.")
    return found


def _coming(said: str, found: Period, last: date) -> Period:
    """'In December', said in November, is the one to come, though the last one that has begun is a year ago."""
    if YEAR_SAID.search(said):
        return found
    years = 0
    while add_months(found.natural_end, 12 * years) <= last and years < 3:
        years += 1
    start, end = (add_months(d, 12 * years) for d in (found.start, found.natural_end))
    if found.natural_end.day >= 28 and (found.natural_end + DAY).day == 1:
        end = bucket_end(unit_start(end, "month"), "month")
    return replace(found, start=start, end=end, natural=None) if years else found


def read_grain(grain: Any, period: Period) -> tuple[str, bool]:
    """How the period is cut, and whether that was asked for."""
    if grain in (None, ""):
        days = (period.end - period.start).days + 1
        return next((name for name, most in DAYS_OF.items() if days <= most), "month"), False
    if grain not in GRAINS:
        raise ToolError(f"grain is one of {', '.join(GRAINS)}, not {grain!r}.")
    return str(grain), True


def buckets(start: date, end: date, grain: str) -> list[tuple[date, date]]:
    """First and last day of each part: calendar months, or days and weeks counted from the start."""
    out, at = [], start
    while at <= end:
        stop = {"day": at, "week": at + timedelta(days=6)}.get(grain) or bucket_end(unit_start(at, "month"), "month")
        out.append((at, min(stop, end)))
        at = out[-1][1] + DAY
    return out
