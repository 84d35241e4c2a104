"""explain_change: why a figure moved from one period to another."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, NotThere, Result, ToolError
from tools.explain.drivers import Driver, drivers_of
from tools.explain.formula import bottom_rows, formula_of, top_rows
from tools.explain.parts import Figure
from tools.explain.rows import Facts, Vocabulary
from tools.explain.search import ORDER, RETURN, Found, stand_out
from tools.explain.table import Table, rows_of_table
from tools.explain.windows import THAT, THIS, Span, windows_of
from tools.metrics.arguments import Arguments
from tools.metrics.available import counts
from tools.metrics.compare import default_comparison
from tools.metrics.definitions import MONEY
from tools.metrics.query import Query
from tools.metrics.reading import Reading, spoken
from tools.metrics.request import Measure, read_measure
from tools.metrics.sources import Scope, Window
from tools.metrics.tool import names_of

if TYPE_CHECKING:
    from store.connect import Store

NOTHING = "Nothing stands out: no single part of the shop moved unlike the rest by more than it usually does."


@dataclass(frozen=True)
class Explained:
    """What there is to tell of a change; `found` is empty where nothing stands out."""

    figure: Figure
    drivers: list[Driver]
    found: list[Found]
    vocabulary: Vocabulary


@READ
def explain_change(
    store: Store,
    metric: str,
    period: Any = None,
    compare_to: Any = None,
    where: Sequence[Mapping[str, Any]] = (),
    *,
    today: date | None = None,
) -> Result:
    """Why a figure rose or fell between two periods: its drivers, and which part of the shop stands out.

    Use it for "why", "what caused", "what is behind". Row 0 is the change itself. Rows of split "driver" (orders a
    day, units per order, product mix, prices, refunds, trading days) add up to the change, and so do those by each
    dimension. Rows with a rank are what moved unlike the rest of the shop, enormous single orders and returns among
    them, the first one first; where no row has one, nothing stands out: say so, and name no cause.

    metric: one figure that is a sum or a ratio, such as "revenue" or "average_order_value".
    period: "last month", "2011-11" or {"start", "end"}, the end included; none is the last whole month.
    compare_to: "previous" (unless given), "year_earlier" or a period.
    where: conditions as in query_metrics.
    today: the day that "last month" counts from, the last of the data unless given.
    Raises NotThere (no such data, nothing to compare), Ambiguous (two readings), ToolError (a call to be repaired).
    """
    if not isinstance(metric, str) or not metric.strip():
        raise ToolError("explain_change takes one metric, such as 'revenue'.")
    started = time.perf_counter()
    measure = read_measure(metric)
    formula_of(measure)  # refused before anything is read
    day = today or store.today
    period, compare_to = _compared(period, compare_to, day)
    asked = Arguments.read(metrics=[metric], where=where, period=period, compare_to=compare_to, today=today)
    with store.connect() as con:
        reading = Reading(store, con, names_of(store), day)
        query, said = reading.query(asked)
        have = [d for d, n in counts(store, con).items() if n]
        facts = _facts(query, Facts(con, query.scope, _windows(query, reading), have))
        found = explained(measure, facts)
    unit = store.currency if measure.unit == MONEY else measure.unit
    columns, rows = rows_of_table(Table(measure.name, unit, found.figure, found.drivers, found.found, found.vocabulary))
    kept = {"metric": metric, "period": said["period"], "compare_to": said["compare_to"], "where": said["where"]}
    notes = (*reading.notes, *(() if found.found else (NOTHING,)))
    ms = round((time.perf_counter() - started) * 1000)
    return Result("explain_change", kept, None, columns, rows, len(rows), False, ms, store.data_version, notes)


def explained(measure: Measure, facts: Facts) -> Explained:
    """The change of a measure over the facts' first two windows, taken apart. NotThere where a side is undefined."""
    formula = formula_of(measure)
    figure = Figure(top_rows(formula, facts), bottom_rows(formula, facts), len(facts.windows.spans))
    this, that = figure.values[THIS], figure.values[THAT]
    if not (this == this and that == that):
        raise NotThere(f"There is no {measure.label} in one of the periods, so there is no change to explain.")
    drivers = drivers_of(measure.name, formula, facts, float(this - that))
    found = [_named(f, facts) for f in stand_out(figure, facts.windows)]
    return Explained(figure, drivers, found, facts.vocabulary)


def _named(f: Found, facts: Facts) -> Found:
    """A single order or return with a value of the vocabulary, as other parts have."""
    if f.dims not in (ORDER, RETURN):
        return f
    name = np.array([facts.single_named(f.key[0])], dtype=object)
    return replace(f, key=(int(facts.vocabulary.encode(f.dims[0], name)[0]),))


def _compared(period: Any, compare_to: Any, today: date) -> tuple[Any, Any]:
    """The defaults: the last whole month against the one before; year on year, this month so far."""
    if period is None or period == "":
        kind = "yoy" if compare_to == "year_earlier" else "growth"
        month, usual = default_comparison(kind, today)
        return spoken(month) if kind == "growth" else month, compare_to or usual
    return period, compare_to or "previous"


def _windows(q: Query, reading: Reading) -> Any:
    assert q.before is not None
    this, that = (Span(*_ends(w)) for w in (q.window, q.before))
    # The whole data whatever day counts as today, so that a receipt runs again to the same.
    return windows_of(this, that, reading.store.first_day, reading.store.today)


def _ends(w: Window) -> tuple[date, date]:
    assert w.start is not None and w.end is not None
    return w.start, w.end


def _facts(q: Query, facts: Facts) -> Facts:
    """Under the query's conditions, over all windows."""
    facts.scope = Scope((), q.filters, q.members, Window(facts.windows.first, facts.windows.last))
    return facts
