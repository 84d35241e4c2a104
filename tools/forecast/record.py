"""forecast_record: how good its own forecasts were, of which it keeps every one that it told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from store.forecasts import Forecast, kept
from tools.contract import READ, Ambiguous, Cell, Column, NotThere, Result, ToolError
from tools.forecast.asked import USUAL, Item, read_items, read_metric
from tools.forecast.levels import SHOP
from tools.forecast.outlook import SIMPLE
from tools.forecast.rows import RANGE, TEST
from tools.forecast.sold import REVENUE, UNITS
from tools.forecast.tool import forecast_sales, until_day
from tools.metrics.arguments import Arguments
from tools.metrics.dates import DAY, Period
from tools.metrics.reading import spoken
from tools.metrics.tool import names_of, query_metrics

if TYPE_CHECKING:
    from store.connect import Store

ALL, ONE = "all of them", "one of them"
METRICS = (REVENUE, UNITS)
SHOWN = 20  # the last that have come due
NONE_DUE = "None of its forecasts has come due yet, so this is how it would have done in the past."
WAITING = "Others are still to come due."
GONE = "Forecasts of what is called otherwise by now are left out."


@dataclass(frozen=True)
class Due:
    """A forecast whose days are over, and what came."""

    said: Forecast
    item: str | None
    came: float

    @property
    def inside(self) -> bool:
        return self.said.low <= self.came <= self.said.high


@READ
def forecast_record(
    store: Store,
    what: str | Sequence[str] = "",
    metric: str | None = None,
    where: Sequence[Mapping[str, Any]] = (),
    *,
    today: date | None = None,
    period: Any = None,
    until: str | None = None,
) -> Result:
    """How good its forecasts were: "how accurate are you", "was your last forecast right".

    Every forecast that it told is kept. Of those whose days are over, rows "all of them" count by measure how many
    there are (forecasts), how many came within the bounds that hold 8 times out of 10 (inside), and how far off they
    were together (error); rows "one of them" show the last ones: made when data ended on made_on, of the days first to
    last, expected with its bounds, and what came. Where none is over yet, which a note says, rows "back-test" tell how
    far off forecasts of the next 4 weeks would have been in the past, by way of forecasting; that of method
    "storewise" is what it answers with.

    what: only those of a product, category or country, by name; where: likewise. Nothing is all of them.
    metric: "units" or "revenue"; nothing is both.
    period, until: how a receipt says which days are looked at, and the last day known; leave them out.
    today: the day up to which forecasts have come due, the last of the data unless given.
    Raises NotThere, Ambiguous, ToolError (too little history to look back at).
    """
    started = time.perf_counter()
    last = min(store.today, until_day(until) or today or store.today)
    items = read_items(what, Arguments.read(metrics=[], where=where).where, names_of(store))
    measure = read_metric(metric, items) if metric else None
    ids = _ids(items)
    asked = [f for f in kept(store.state_path) if measure in (None, f.metric)]
    due, notes = _due(store, asked, ids, last)
    rows = [*_summed(store, due), *(_one(d) for d in due[: -SHOWN - 1 : -1])]
    if not due:
        rows, more = _looked_back(store, what, where, measure, last)
        notes = [NONE_DUE, *notes, *more]
    days = [date.fromisoformat(d) for each in due for d in (each.said.first, each.said.last)]
    span = Period(min(days), max(days)) if due else Period(store.first_day, last)
    told = {
        "what": what if isinstance(what, str) else list(what), "metric": metric, "where": [dict(w) for w in where],
        "period": spoken(span), "until": last.isoformat(),
    }  # fmt: skip
    ms = round((time.perf_counter() - started) * 1000)
    columns = _columns(store.currency)
    return Result("forecast_record", told, None, columns, rows, len(rows), False, ms, store.data_version, tuple(notes))


def kept_of(result: Result) -> Forecast | None:
    """A forecast as it is kept, from the tool's result; None for one at a price that isn't asked yet."""
    if result.tool != "forecast_sales" or result.input.get("scenario"):
        return None
    told, m = result.input, str(result.input["metric"])
    mean, low, high = (result.cell(0, name) for name in (m, f"{m}_low", f"{m}_high"))
    of = json.dumps({"what": told["what"], "where": told["where"]}, ensure_ascii=False, sort_keys=True)
    if not all(isinstance(v, int | float) for v in (mean, low, high)):
        return None
    return Forecast(
        str(told["until"]), of, m, str(told["period"]["start"]), str(told["period"]["end"]), float(mean or 0),
        float(low or 0), float(high or 0), str(told["model"]), str(result.cell(0, "method")),
    )  # fmt: skip


def _ids(items: Sequence[Item]) -> frozenset[tuple[str, str]]:
    """What is meant, however it is put."""
    return frozenset((item.field, i) for item in items for i in (item.found.ids if item.found else ()))


def _due(
    store: Store, asked: Sequence[Forecast], ids: frozenset[tuple[str, str]], last: date
) -> tuple[list[Due], list[str]]:
    """Those whose days are over, with what came; and what is to be said of the others."""
    due, notes, names = list[Due](), set[str](), names_of(store)
    for each in asked:
        try:
            items = read_items(each.of["what"], Arguments.read(metrics=[], where=each.of["where"]).where, names)
        except (NotThere, Ambiguous):
            notes.add(GONE)
            continue
        if ids and _ids(items) != ids:
            continue
        if date.fromisoformat(each.last) > last:
            notes.add(WAITING)
            continue
        due.append(
            Due(
                each,
                items[0].label if len(items) == 1 else ", ".join(str(i.label) for i in items),
                _came(store, each, items),
            )
        )
    return due, sorted(notes)


def _came(store: Store, each: Forecast, items: Sequence[Item]) -> float:
    """The figure as query_metrics tells it, one-off orders and all."""
    said = [item.found.asked for item in items if item.found]
    where = [] if items[0].field == SHOP else [{"field": items[0].field, "op": "in", "value": said}]
    period = {"start": each.first, "end": each.last}
    return float(query_metrics(store, [each.metric], where=where, period=period).rows[0][0] or 0)


def _columns(currency: str) -> tuple[Column, ...]:
    units = {REVENUE: currency, UNITS: "count"}
    return (
        Column("part", "name"), Column("made_on", "day"), Column("first", "day"), Column("last", "day"),
        Column("what", "title"), Column("method", "name"), Column("model", "name"),
        *(Column(f"{m}{end}", units[m]) for m in METRICS for end in ("_expected", "_low", "_high", "")),
        Column("forecasts", "count"), Column("inside", "count"), Column("error", "%"), Column("times_inside", "count"),
        Column("times_in_all", "count"),
    )  # fmt: skip


def _row(part: str, keys: Sequence[Cell], figures: Mapping[str, Sequence[Cell]], counts: Sequence[Cell]) -> list[Cell]:
    """`figures` holds what was expected, its bounds and what came, of one measure or none."""
    cells = [cell for m in METRICS for cell in figures.get(m, [None] * 4)]
    return [part, *keys, *cells, *counts, *RANGE]


def _summed(store: Store, due: Sequence[Due]) -> Iterator[list[Cell]]:
    """A row for each measure of which forecasts have come due."""
    for m in METRICS:
        own = [d for d in due if d.said.metric == m]
        if not own:
            continue
        came = sum(d.came for d in own)
        error = sum(abs(d.came - d.said.mean) for d in own) / came if came > 0 else None
        sums = [round(sum(d.said.mean for d in own), 2), None, None, round(came, 2)]
        yield _row(ALL, [None] * 6, {m: sums}, [len(own), sum(d.inside for d in own), error])


def _one(d: Due) -> list[Cell]:
    s = d.said
    error = abs(d.came - s.mean) / d.came if d.came > 0 else None
    keys = [s.until, s.first, s.last, d.item, s.method, s.model]
    return _row(ONE, keys, {s.metric: [s.mean, s.low, s.high, d.came]}, [1, int(d.inside), error])


def _looked_back(
    store: Store, what: Any, where: Sequence[Mapping[str, Any]], metric: str | None, last: date
) -> tuple[list[list[Cell]], list[str]]:
    """What forecasts of the next weeks would have been off by at past origins."""
    days = {"start": (last + DAY).isoformat(), "end": (last + timedelta(days=USUAL)).isoformat()}
    found = forecast_sales(store, what, days, metric=metric, where=where, today=last)
    at = {name: found.index(name) for name in ("part", "method", "error", "periods_tested")}
    tested = [row for row in found.rows if row[at["part"]] == TEST]
    if not tested:
        raise ToolError("There is too little history to look back at, so nobody knows yet how good forecasts are.")
    label, model = found.cell(0, "what"), str(found.input["model"])
    rows = [
        _row(TEST, [*[None] * 3, label, r[at["method"]], model], {}, [r[at["periods_tested"]], None, r[at["error"]]])
        for r in tested
    ]
    return rows, list(found.notes[:1]) if model == SIMPLE else []
