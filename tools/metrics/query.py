"""A request once it is read: all that the SQL depends on, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from tools.contract import Column, ToolError
from tools.metrics.definitions import DIMENSIONS, MONEY, PERIOD_LENGTHS, TIME_GRAINS
from tools.metrics.expressions import sql
from tools.metrics.keys import key_names
from tools.metrics.request import Filter, Measure
from tools.metrics.sources import Member, Scope, Window, choose_source

WHOLE = Window()


@dataclass(frozen=True)
class Axis:
    """First days of the first and the last bucket; the earlier period's stand `shift` buckets before them."""

    first: date
    last: date
    shift: int = 0


@dataclass(frozen=True)
class Rank:
    """The column that rows are ordered by."""

    column: str
    descending: bool = True


@dataclass(frozen=True)
class Query:
    """One request. `days` and `days_before` are the calendar days of the two periods."""

    measures: tuple[Measure, ...]
    dims: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    members: tuple[Member, ...] = ()
    window: Window = WHOLE
    before: Window | None = None
    axis: Axis | None = None
    whole_buckets: tuple[date, date] | None = None  # in rankings of periods, only buckets from … to
    rank: Rank | None = None
    limit: int | None = None
    offset: int = 0  # rows of the ranking that are left out before the first one shown
    rest: bool = False  # one more row for everything below the limit
    covered: tuple[date, date] | None = None  # first and last day of the data
    days: int = 0
    days_before: int = 0

    @property
    def keys(self) -> list[str]:
        """Names of the key columns."""
        return key_names(self.dims)

    @property
    def grain(self) -> str | None:
        """The time dimension, of which there is at most one."""
        return next((d for d in self.dims if d in TIME_GRAINS), None)

    @property
    def has_part(self) -> bool:
        """Is there a condition that only the numerator of a share keeps?"""
        return any(f.part for f in self.filters) or any(m.part for m in self.members)

    @property
    def scope(self) -> Scope:
        """What the aggregates of this period see."""
        return Scope(self.dims, self.filters, self.members, self.window)

    def scope_of_total(self, dims: tuple[str, ...], window: Window) -> Scope:
        """What the aggregates that a share divides by see."""
        filters = tuple(f for f in self.filters if not f.part)
        members = tuple(m for m in self.members if not m.part)
        return Scope(dims, filters, members, window)


def columns_of(q: Query, currency: str) -> tuple[Column, ...]:
    """The columns of the result, in order, money in the shop's currency (ISO code)."""
    out = [Column(k, "id" if k == "product_id" else DIMENSIONS[k].unit) for k in q.keys]
    for m in q.measures:
        unit = currency if m.unit == MONEY else m.unit
        out.append(Column(m.name, unit))
        if q.before:
            out += [Column(f"{m.name}_before", unit), Column(f"{m.name}_change", unit), Column(f"{m.name}_growth", "%")]
    return tuple(out)


def needed(measures: Sequence[Measure]) -> list[str]:
    """The components that the formulas name, in order."""
    formulas = [f for m in measures for f in (m.formula, m.over) if f and f not in PERIOD_LENGTHS]
    names = [c.name for f in formulas for c in sql(f).find_all(exp.Column)]
    return list(dict.fromkeys(names))


def by_source(q: Query) -> dict[str, list[str]]:
    """The needed components by the source that serves them."""
    names = needed(q.measures)
    out: dict[str, list[str]] = {}
    for component in names:
        out.setdefault(choose_source(component, q.scope, names), []).append(component)
    return out


def is_per_bucket(q: Query, m: Measure) -> bool:
    """Is the length that it is divided by another one in each row? Raises ToolError where no row has a length."""
    if m.over not in PERIOD_LENGTHS:
        return False
    if {"weekday", "hour"} & set(q.dims):
        raise ToolError("A mean per day, week or month can't be split by day of week or hour; ask for the total.")
    return q.grain is not None
