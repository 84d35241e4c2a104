"""query_metrics: the first choice for every "how much", "how many" and "which most"."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retrieval.names import Names, load_names
from tools.contract import MAX_ROWS, READ, Ambiguous, Cell, NotThere, Result, ToolError
from tools.metrics import available, periods
from tools.metrics.compare import clip, resolve_comparison
from tools.metrics.compile import Query, compile_sql, member_query, needed
from tools.metrics.definitions import LINE_DIMENSIONS, TIME_GRAINS
from tools.metrics.periods import Period
from tools.metrics.request import (
    Filter,
    GroupFilter,
    Measure,
    read_conditions,
    read_dimensions,
    read_measure,
)
from tools.metrics.sources import Window

if TYPE_CHECKING:
    from store.connect import Store

UNTIMED = frozenset({"list_price", "stock"})
_names: dict[str, Names] = {}


def names_of(store: Store) -> Names:
    """The store's vocabulary, read once per data version."""
    if store.data_version not in _names:
        with store.connect() as con:
            _names[store.data_version] = load_names(con)
    return _names[store.data_version]


@READ
def query_metrics(
    store: Store,
    metrics: Sequence[str],
    by: Sequence[str] = (),
    where: Sequence[Mapping[str, Any]] = (),
    period: Any = None,
    compare_to: Any = None,
    order_by: str | None = None,
    limit: int | None = None,
    grain: str | None = None,
    *,
    today: date | None = None,
    rest: bool = False,
) -> Result:
    """Figures of the shop: metrics × dimensions × conditions × period × comparison × rank.

    Use it first for how much, how many, which most, trends, shares and growth.

    metrics: names such as "revenue" or "average_order_value", a quotient "shipping_income / orders" or
        "revenue / days", or "share(revenue)".
    by: dimensions such as "country" or "product". grain: day, week, month, quarter or year, with a complete axis.
    where: {"field", "op", "value"} on a dimension, or {"group": "customer", "metric": "orders", "op": ">", "value": 10}
        on what a group comes to, in the call's period or its own "period", under the call's conditions or its own "where";
        "part": true marks a condition that only the numerator of share(…) keeps.
    period: "last month", "2011-11", "2011-09-05..2011-09-11" or {"start", "end"}, the end included; none is all.
    compare_to: "previous", "year_earlier" or a period: adds m_before, m_change and m_growth (a fraction).
    order_by: "orders desc". limit: number of rows. rest: one more row for everything else.

    Raises NotThere (no such data), Ambiguous (two readings), ToolError (a call to be repaired).
    """
    call = _Call(store, today or store.today)
    with store.connect() as con:
        query, said = call.read(con, metrics, by, where, period, compare_to, order_by, limit, grain, rest)
        text, columns = compile_sql(query, store.currency)
        started = time.perf_counter()
        cursor = con.execute(text)
        rows = [[plain(v) for v in row] for row in cursor.fetchmany(MAX_ROWS)]
        more = len(cursor.fetchall())
    elapsed = round((time.perf_counter() - started) * 1000)
    notes = (*call.notes, *_notes_on_rows(query, rows))
    return Result("query_metrics", said, text, columns, rows, len(rows) + more, more > 0, elapsed, store.data_version, notes)  # fmt: skip


def plain(value: Any) -> Cell:
    """A database value as a cell: dates as ISO strings, decimals as floats."""
    if isinstance(value, (datetime, date)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return str(value)


def _notes_on_rows(q: Query, rows: list[list[Cell]]) -> list[str]:
    if q.limit and len(rows) < q.limit and q.dims:
        return ["Fewer rows than asked for: there are no more."]
    return []


class _Call:
    """One call being read: collects the notes that the answer has to say."""

    def __init__(self, store: Store, today: date) -> None:
        self.store, self.today = store, today
        self.first, self.last = store.first_day, min(store.today, today)
        self.notes: list[str] = []

    def read(
        self, con: Any, metrics: Sequence[str], by: Sequence[str], where: Sequence[Mapping[str, Any]], period: Any,
        compare_to: Any, order_by: str | None, limit: int | None, grain: str | None, rest: bool,
    ) -> tuple[Query, dict[str, Any]]:  # fmt: skip
        measures = tuple(dict.fromkeys(read_measure(m) for m in metrics))
        if not measures:
            raise ToolError("query_metrics needs at least one metric.")
        dims = read_dimensions(by, grain)
        filters, groups = read_conditions(where, names_of(self.store))
        self._refuse(con, measures, dims, filters)
        dims = _with_product(dims, measures)
        self.notes += [m.said() for f in filters for m in f.matches if _worth_saying(m)]
        this, before = self._periods(period, compare_to, measures)
        members = tuple((g.group, self._members(g, filters, this, period), g.part) for g in groups)
        query = Query(
            measures, dims, _known_only(filters, groups), members, self._window(this, before, period, measures),
            None if before is None or _is_retention(measures) else Window(before.start, before.end),
            order=_order(order_by, measures, compare_to is not None), limit=_limit(limit), rest=rest and limit is not None,
            covered=(self.first, self.last), length_days=_days(this), length_days_before=_days(before) if before else 0,
        )  # fmt: skip
        if any("cost" in needed([m]) for m in measures):
            self._check_costs(con, query)
        said = self._said(metrics, dims, where, this, before, compare_to, order_by, limit, rest)
        return self._timed(query, this, before), said

    def _refuse(
        self, con: Any, measures: tuple[Measure, ...], dims: tuple[str, ...], filters: tuple[Filter, ...]
    ) -> None:
        have = available.counts(self.store, con)
        fields = [*dims, *(f.field for f in filters)]
        components = needed(measures)
        if "shipping" in components and any(f in LINE_DIMENSIONS for f in fields):
            raise NotThere("Shipping is charged on whole orders, so it has no meaning by product.")
        available.refuse_missing(have, components, fields, measures)

    # ---- time

    def _periods(self, period: Any, compare_to: Any, measures: tuple[Measure, ...]) -> tuple[Period, Period | None]:
        if all(m.name in UNTIMED for m in measures):
            if compare_to is not None:
                raise NotThere("Prices and stock are known only as they stand today, so they can't be compared.")
            return Period(self.first, self.last, whole=True), None
        this = self._period(period)
        if compare_to is None:
            this, note = clip(this, self.first, self.last)
            self.notes += [note] if note else []
            return this, None
        if _is_retention(measures):
            return this, self._period(compare_to)
        other = compare_to if compare_to in ("previous", "year_earlier") else self._period(compare_to)
        c = resolve_comparison(this, other, self.today, self.first, self.last)
        self.notes += c.notes
        return c.this, c.that

    def _period(self, period: Any) -> Period:
        if period is None:
            self.notes.append("No period was given, so this is the whole history.")
            return Period(self.first, self.last, whole=True)
        if isinstance(period, Period):
            return period
        found = periods.parse_period(period, self.today, self.first)
        if found.start > self.today:
            raise NotThere(
                f"{periods.label(found)} is still to come; the data ends on {periods.label(Period(self.last, self.last))}."
            )
        return found

    def _window(self, this: Period, before: Period | None, period: Any, measures: tuple[Measure, ...]) -> Window:
        if _is_retention(measures):
            if before is None:
                raise ToolError("retention needs a period and, as compare_to, the later period to look for orders in.")
            return Window(this.start, this.end, Window(before.start, before.end))
        if this.whole and period is None and before is None:
            return Window(None, None if self.last == self.store.today else self.last)
        return Window(this.start, this.end)

    def _timed(self, q: Query, this: Period, before: Period | None) -> Query:
        """A trend gets a complete axis; a ranking of periods leaves out those that the data covers only in part."""
        grain = next((d for d in q.dims if d in TIME_GRAINS), None)
        if grain is None:
            return q
        starts = periods.bucket_starts(this, grain)
        if q.limit is None and q.order is None:
            shift = _shift(before, this, grain) if q.before else 0
            return replace(q, axis=(starts[0], starts[-1], shift))
        whole = [s for s in starts if periods.fully_covered(s, grain, self.first, self.today)]
        if len(whole) == len(starts):
            return q
        if not whole:
            raise NotThere(f"The data covers no {grain} of that time in full, so none can be ranked.")
        left = ", ".join(
            periods.label(Period(s, min(periods.bucket_end(s, grain), self.today))) for s in starts if s not in whole
        )
        self.notes.append(f"Left out of the ranking because the data covers them only in part: {left}.")
        return replace(q, whole_buckets=(whole[0], whole[-1]))

    # ---- groups

    def _members(self, g: GroupFilter, filters: tuple[Filter, ...], this: Period, period: Any) -> Any:
        """The sub-query of a group condition: the same filters, its own period or the call's."""
        window = Window(this.start, this.end) if period is not None else Window()
        if g.period == "all":
            window = Window()
        elif g.period is not None:
            own, _ = clip(self._period(g.period), self.first, self.last)
            window = Window(own.start, own.end)
        kept = tuple(f for f in filters if not f.part) if g.filters is None else g.filters
        inner = Query((g.measure,), (g.group,), kept, window=window)
        return member_query(inner, g.op, g.value)

    # ---- costs

    def _check_costs(self, con: Any, q: Query) -> None:
        """A line's cost is its own, else the product's; where there is neither, no profit is guessed."""
        missing = Measure("lines_without_cost", "lines_without_cost", "count", "", "")
        own = Measure("lines_on_product_cost", "lines_on_product_cost", "count", "", "")
        base = replace(q, measures=(missing, own), dims=(), order=None, limit=None, rest=False, before=None, axis=None)
        text, _ = compile_sql(base, self.store.currency)
        without, on_product = con.execute(text).fetchone()
        if without:
            raise NotThere(f"{without} of the order lines have neither a cost of their own nor a product cost.")
        if on_product:
            self.notes.append("Where an order line has no cost of its own, the product's unit cost is used.")

    def _said(
        self, metrics: Sequence[str], dims: tuple[str, ...], where: Sequence[Mapping[str, Any]], this: Period,
        before: Period | None, compare_to: Any, order_by: str | None, limit: int | None, rest: bool,
    ) -> dict[str, Any]:  # fmt: skip
        said: dict[str, Any] = {
            "metrics": list(metrics), "by": list(dims), "where": [dict(w) for w in where], "period": spoken(this),
            "compare_to": spoken(before) if before else None, "order_by": order_by, "limit": limit,
            "today": self.today.isoformat(),
        }  # fmt: skip
        if compare_to is not None and isinstance(compare_to, str):
            said["compared_with"] = compare_to
        return said | ({"rest": True} if rest else {})


def spoken(p: Period) -> dict[str, str]:
    """A period as it stands in a receipt's input; can be given back as `period`."""
    return {"start": p.start.isoformat(), "end": p.end.isoformat(), "label": periods.label(p)}


def _worth_saying(match: Any) -> bool:
    return match.field == "product" or match.how == "translated"


def _days(p: Period) -> int:
    return (p.end - p.start).days + 1


def _is_retention(measures: tuple[Measure, ...]) -> bool:
    return any("cohort" in needed([m]) for m in measures)


def _with_product(dims: tuple[str, ...], measures: tuple[Measure, ...]) -> tuple[str, ...]:
    """A list price is a product's, so it comes with the product."""
    return ("product",) if not dims and any(m.name == "list_price" for m in measures) else dims


def _known_only(filters: tuple[Filter, ...], groups: tuple[GroupFilter, ...]) -> tuple[Filter, ...]:
    """The top share of customers is measured against known customers, so guests are left out of its total."""
    if any(g.op == "top_percent" and g.group == "customer" for g in groups):
        return (*filters, Filter("customer", "is known", ()))
    return filters


def _order(order_by: str | None, measures: tuple[Measure, ...], compared: bool) -> tuple[str, bool] | None:
    if order_by is None:
        return None
    words = order_by.strip().split()
    column = words[0] if words else ""
    names = [
        n
        for m in measures
        for n in ((m.name, f"{m.name}_before", f"{m.name}_change", f"{m.name}_growth") if compared else (m.name,))
    ]
    if column not in names:
        try:
            column = read_measure(" ".join(words[:-1]) if words[-1:] in (["asc"], ["desc"]) else order_by).name
        except ToolError:
            column = ""
    if column not in names:
        raise ToolError(f"order_by is one of {', '.join(names)}, then asc or desc; not {order_by!r}.")
    return column, words[-1].lower() != "asc"


def _limit(limit: int | None) -> int | None:
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise ToolError(f"limit is a whole number from 1 on, not {limit!r}.")
    return limit


def _shift(before: Period | None, this: Period, grain: str) -> int:
    """By how many buckets the earlier period lies back."""
    assert before is not None
    a, b = periods.bucket_starts(before, grain)[0], periods.bucket_starts(this, grain)[0]
    if grain == "day":
        return (b - a).days
    if grain == "week":
        return (b - a) // timedelta(weeks=1)
    months = (b.year - a.year) * 12 + b.month - a.month
    return months // {"month": 1, "quarter": 3, "year": 12}[grain]


__all__ = ["Ambiguous", "NotThere", "names_of", "query_metrics"]
