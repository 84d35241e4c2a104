"""One call of query_metrics being read: words become a query, and whatever the answer has to say is noted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from retrieval.names import Match, Names
from tools.contract import NotThere, ToolError
from tools.metrics import available, periods
from tools.metrics.arguments import Arguments, PeriodArgument
from tools.metrics.compare import Kind, clip, resolve_comparison
from tools.metrics.compile import compile_sql
from tools.metrics.dates import FIRST_YEAR, LAST_YEAR
from tools.metrics.definitions import LINE_DIMENSIONS
from tools.metrics.members import member_of
from tools.metrics.periods import Period
from tools.metrics.query import Axis, Query, Rank, needed
from tools.metrics.request import Filter, GroupFilter, Measure, read_conditions, read_dimensions, read_measure
from tools.metrics.sources import Member, Window

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

OF_THE_KNOWN = frozenset({"customers", "new_customers"})
UNTIMED = frozenset({"list_price", "stock"})  # known only as they stand today
_LENGTH = "(period|day|week|month|quarter|year)"
PREVIOUS = re.compile(rf"(the )?((previous|prior|preceding)( {_LENGTH})?|{_LENGTH} before)")
YEAR_EARLIER = re.compile(
    r"yoy|(a |one )?year (earlier|ago)|((the )?same (period|dates|time) (of )?)?(the )?(last|previous) year"
)
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


# Sentences without digits, which an answer can say as they stand; the ones with the dates follow them in the receipt.
PARTLY = "The data covers only part of that time: this is the part that exists."
CUT = "Both sides are cut to the same days."
LEFT_OUT = "Periods that the data covers only in part are left out of the ranking."


@dataclass
class Reading:
    """Reads one call against one store. `notes` are sentences that the answer has to say."""

    store: Store
    con: duckdb.DuckDBPyConnection
    names: Names
    today: date
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first, self.last = self.store.first_day, min(self.store.today, self.today)

    def query(self, asked: Arguments) -> tuple[Query, dict[str, Any]]:
        """The query, and the call as it was understood (JSON). Raises ToolError, NotThere, Ambiguous."""
        measures = tuple(dict.fromkeys(map(read_measure, asked.metrics)))
        if not measures:
            raise ToolError("query_metrics needs at least one metric.")
        _refuse_growth_alone(asked)
        dims = _with_product(read_dimensions(asked.by, asked.grain), measures)
        filters, groups = read_conditions(asked.where, self.names)
        _refuse_share_of_itself(measures, dims, [c.part for c in asked.where])
        self._refuse(measures, [*dims, *(f.field for f in filters)])
        self.notes += [m.said() for f in filters for m in f.matches if _worth_saying(m)]
        this, before = self._periods(asked, measures)
        query = Query(
            measures,
            dims,
            _known_only(filters, groups, measures, dims),
            tuple(self._member(g, filters, this, asked.period) for g in groups),
            self._window(this, before, asked.period, measures),
            None if before is None or _is_retention(measures) else Window(before.start, before.end),
            rank=_rank(asked.order_by, measures, asked.compare_to is not None),
            limit=asked.limit,
            offset=asked.offset,
            rest=asked.rest and asked.limit is not None,
            covered=(self.first, self.last),
            days=this.days,
            days_before=before.days if before else 0,
        )
        self._check_costs(query)
        return self._timed(query, this, before), self._said(asked, dims, this, before)

    def _refuse(self, measures: Sequence[Measure], fields: Sequence[str]) -> None:
        """NotThere for what the shop doesn't have."""
        components = needed(measures)
        if "shipping" in components and LINE_DIMENSIONS & set(fields):
            raise NotThere("Shipping is charged on whole orders, so it has no meaning by product.")
        available.refuse_missing(available.counts(self.store, self.con), components, fields, measures)

    def _refuse_then(self, period: Period) -> None:
        if period.natural_end < self.today:
            raise NotThere("Prices and stock are known only as they stand today, not as they stood then.")

    def _periods(self, asked: Arguments, measures: Sequence[Measure]) -> tuple[Period, Period | None]:
        """The period and the one it is compared with (of a retention: the later one), cut to the data."""
        if all(m.name in UNTIMED for m in measures):
            if asked.compare_to is not None:
                raise NotThere("Prices and stock are known only as they stand today, so they can't be compared.")
            self._refuse_then(self._period(asked.period))
            return self._whole_history(), None
        this = self._period(asked.period)
        if any(m.name in UNTIMED for m in measures):
            self._refuse_then(this)
        if asked.compare_to is None:
            return self._clipped(this), None
        if _is_retention(measures):
            return self._clipped(this), self._clipped(self._period(asked.compare_to))
        other = _kind(asked.compare_to) or self._period(asked.compare_to)
        c = resolve_comparison(this, other, self.today, self.first, self.last)
        self.notes += [*c.notes, *([CUT] if c.cut else [])]
        return c.this, c.that

    def _whole_history(self) -> Period:
        return Period(self.first, self.last, whole=True)

    def _clipped(self, p: Period) -> Period:
        p, note = clip(p, self.first, self.last)
        self.notes += [note, PARTLY] if note else []
        return p

    def _period(self, given: PeriodArgument) -> Period:
        if given is None:
            self.notes.append("No period was given, so this is the whole history.")
            return self._whole_history()
        if isinstance(given, Period):
            return given
        found = _bounded(periods.parse_period(given, self.today, self.first))
        if found.start > self.today:
            last = periods.label(Period(self.last, self.last))
            raise NotThere(f"{periods.label(found)} is still to come; the data ends on {last}.")
        return found

    def _window(
        self, this: Period, before: Period | None, given: PeriodArgument, measures: Sequence[Measure]
    ) -> Window:
        if _is_retention(measures):
            if before is None:
                raise ToolError("retention needs a period and, as compare_to, the later period to look for orders in.")
            return Window(this.start, this.end, Window(before.start, before.end))
        if this.whole and given is None and before is None:
            return self._open_window()
        return Window(this.start, this.end)

    def _open_window(self) -> Window:
        """The whole history, which ends with the data or, asked as of an earlier day, on that day."""
        return Window(None, None if self.last == self.store.today else self.last)

    def _timed(self, q: Query, this: Period, before: Period | None) -> Query:
        """A trend gets a complete axis; a ranking of periods leaves out those that the data covers only in part."""
        if q.grain is None:
            return q
        starts = periods.bucket_starts(this, q.grain)
        shift = _shift(before, this, q.grain) if before and q.before else 0
        if q.limit is None and q.rank is None:
            return replace(q, axis=Axis(starts[0], starts[-1], shift))
        whole = [s for s in starts if periods.fully_covered(s, q.grain, self.first, self.today)]
        if not whole:
            raise NotThere(f"The data covers no {q.grain} of that time in full, so none can be ranked.")
        if len(whole) < len(starts):
            self._say_left_out([s for s in starts if s not in whole], q.grain)
            q = replace(q, whole_buckets=(whole[0], whole[-1]))
        # Two periods stand side by side only on an axis, which then holds nothing but whole buckets.
        return replace(q, axis=Axis(whole[0], whole[-1], shift), whole_buckets=None) if q.before else q

    def _say_left_out(self, starts: Sequence[date], grain: str) -> None:
        ends = (min(periods.bucket_end(s, grain), self.today) for s in starts)
        left = ", ".join(periods.label(Period(s, end)) for s, end in zip(starts, ends, strict=True))
        self.notes.append(LEFT_OUT)
        self.notes.append(f"Left out of the ranking because the data covers them only in part: {left}.")

    def _member(self, g: GroupFilter, filters: Sequence[Filter], this: Period, given: PeriodArgument) -> Member:
        """A group condition: under its own conditions or the call's, in its own period or the call's."""
        kept = tuple(f for f in filters if not f.part) if g.filters is None else g.filters
        self._refuse([g.measure], [g.group, *(f.field for f in kept)])
        if g.period == "all" or (g.period is None and given is None):
            window, days = self._open_window(), self._whole_history().days
        else:
            own = this if g.period is None else clip(self._period(g.period), self.first, self.last)[0]
            window, days = Window(own.start, own.end), own.days
        inner = Query((g.measure,), (g.group,), kept, window=window, days=days)
        self._check_costs(inner)
        return member_of(inner, g.op, g.value, part=g.part)

    def _check_costs(self, q: Query) -> None:
        """A line's cost is its own, else the product's; where there is neither, no profit is guessed."""
        if "cost" not in needed(q.measures):
            return
        missing = Measure("lines_without_cost", "lines_without_cost", "count", "", "")
        borrowed = Measure("lines_on_product_cost", "lines_on_product_cost", "count", "", "")
        base = Query((missing, borrowed), (), q.filters, q.members, q.window)
        text, _ = compile_sql(base, self.store.currency)
        without, on_product = self.con.execute(text).fetchone() or (0, 0)
        if without:
            raise NotThere(f"{without} of the order lines have neither a cost of their own nor a product cost.")
        said = "Where an order line has no cost of its own, the product's unit cost is used."
        if on_product and said not in self.notes:
            self.notes.append(said)

    def _said(self, asked: Arguments, dims: Sequence[str], this: Period, before: Period | None) -> dict[str, Any]:
        """The call as a receipt shows it; given back as arguments it asks the same."""
        said: dict[str, Any] = {
            "metrics": list(asked.metrics),
            "by": list(dims),
            "where": list(asked.said),
            "period": spoken(this),
            "compare_to": spoken(before) if before else None,
            "order_by": asked.order_by,
            "limit": asked.limit,
            "today": self.today.isoformat(),
        }
        if isinstance(asked.compare_to, str):
            said["compared_with"] = asked.compare_to
        return said | ({"rest": True} if asked.rest else {}) | ({"offset": asked.offset} if asked.offset else {})


def spoken(p: Period) -> dict[str, str]:
    """A period as it stands in a receipt's input; can be given back as `period`."""
    return {"start": p.start.isoformat(), "end": p.end.isoformat(), "label": periods.label(p)}


def _bounded(p: Period) -> Period:
    """A period whose neighbours have dates too: '0001-01-01..9999-12-31' has none on either side."""
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    start, end = (min(max(d, first), last) for d in (p.start, p.end))
    return replace(p, start=start, end=end, natural=p.natural and min(p.natural, last))


def _kind(compare_to: PeriodArgument) -> Kind | None:
    """What "previous", "year_earlier" and other words for them mean; None for a period by itself.

    They count from the call's period: beside "last month", "previous month" is the one before it, not last month again.
    """
    if not isinstance(compare_to, str):
        return None
    said = " ".join(compare_to.lower().replace("_", " ").split())
    if PREVIOUS.fullmatch(said):
        return "previous"
    return "year_earlier" if YEAR_EARLIER.fullmatch(said) else None


def _worth_saying(match: Match) -> bool:
    return match.field == "product" or match.how == "translated"


def _refuse_growth_alone(asked: Arguments) -> None:
    if asked.compare_to is None and any(m.strip().lower() in ("growth", "growth_rate") for m in asked.metrics):
        raise ToolError(
            "growth is a comparison: name the metric, such as revenue, and a compare_to, such as 'previous'."
        )


def _refuse_share_of_itself(measures: Sequence[Measure], dims: Sequence[str], parts: Sequence[bool]) -> None:
    """Without a breakdown and without a condition that marks the part, a share is of all in all, which is always 1."""
    if any(m.share for m in measures) and not dims and not any(parts):
        raise ToolError('A share needs its part: add by, or mark the condition that makes the part with "part": true.')


def _is_retention(measures: Sequence[Measure]) -> bool:
    return "cohort" in needed(measures)


def _with_product(dims: tuple[str, ...], measures: Sequence[Measure]) -> tuple[str, ...]:
    """A list price is a product's, so it comes with the product."""
    return ("product",) if not dims and any(m.name == "list_price" for m in measures) else dims


def _known_only(
    filters: tuple[Filter, ...], groups: Sequence[GroupFilter], measures: Sequence[Measure], dims: Sequence[str]
) -> tuple[Filter, ...]:
    """The top share of customers is measured against known customers, so guests are left out of its total; and where
    customers are counted by segment they would be a row of none."""
    counted = "segment" in dims and set(needed(measures)) <= OF_THE_KNOWN
    if counted or any(g.op == "top_percent" and g.group == "customer" for g in groups):
        return (*filters, Filter("customer", "is known", ()))
    return filters


def _rank(order_by: str | None, measures: Sequence[Measure], compared: bool) -> Rank | None:
    """'orders desc', 'revenue / days asc' or a column of a comparison; without a direction the most come first."""
    if order_by is None:
        return None
    words = order_by.split()
    direction = words.pop().lower() if words and words[-1].lower() in ("asc", "desc") else "desc"
    endings = ("", "_before", "_change", "_growth") if compared else ("",)
    columns = [f"{m.name}{ending}" for m in measures for ending in endings]
    said = " ".join(words)
    column = said if said in columns else _column_of(said)
    if column not in columns:
        raise ToolError(f"order_by is one of {', '.join(columns)}, then asc or desc; not {order_by!r}.")
    return Rank(column, direction == "desc")


def _column_of(metric: str) -> str:
    try:
        return read_measure(metric).name
    except ToolError:
        return ""


def _shift(before: Period, this: Period, grain: str) -> int:
    """By how many buckets the earlier period lies back."""
    a, b = (periods.bucket_starts(p, grain)[0] for p in (before, this))
    if grain in MONTHS_IN:
        return ((b.year - a.year) * 12 + b.month - a.month) // MONTHS_IN[grain]
    return (b - a) // timedelta(weeks=1) if grain == "week" else (b - a).days
