"""A picture for a result, chosen by its shape: Plotly JSON without colours or fonts, which front ends choose.

| shape                                  | chart                                            |
|----------------------------------------|--------------------------------------------------|
| days … years                           | a line; bars where there are few, or ranked ones |
| days … years × one other key           | a line for each of the largest                   |
| days of the week, hours                | columns                                          |
| names (products, countries …)          | bars in the result's order                       |
| two names (category × country)         | bars, side by side                               |
| any of these with a period before it   | this and that, side by side                      |
| why a figure changed                   | a waterfall: before, each driver, this           |
| a forecast                             | a fan: what was sold, what is expected, bounds   |

One figure alone, or a single row, needs no picture. Every point drawn is a cell of the receipt. Where not all bars or
lines are drawn, "shown" says how many of how many ("of") are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.fan import fan
from agent.figures import SYMBOLS, figure, is_finite, is_money, language
from agent.labels import WEEKDAYS, first_day, key_text, last_day, period_text
from agent.proof.claims import Receipt
from agent.proof.headings import heading
from agent.waterfall import waterfall
from tools.contract import Cell, Column, Result

TIMES = ("day", "week", "month", "quarter", "year")
CYCLES: dict[str, tuple[str, ...]] = {"weekday": WEEKDAYS, "hour": tuple(map(str, range(24)))}
LISTS = frozenset(
    {"plan_stock", "plan_reviews", "score_fraud", "search_products"}
)  # of things beside each other, not of figures to compare
MOST_BARS, MOST_SERIES, FEW = 20, 6, 3
BAR, FRAME = 26, 90  # pixels: of each bar, and of what stands around them
TICKS = {
    "en": {"day": "%-d %b %Y", "week": "%-d %b %Y", "month": "%b %Y", "quarter": "Q%q %Y", "year": "%Y"},
    "zh": {
        "day": "%Y年%-m月%-d日",
        "week": "%Y年%-m月%-d日",
        "month": "%Y年%-m月",
        "quarter": "%Y年第%q季度",
        "year": "%Y年",
    },
}
Days = tuple[date, date]  # first and last day that there is data for
Trace = dict[str, Any]


@dataclass(frozen=True)
class _Shape:
    """What a result is: its time key, its other keys, and the measures that share a scale."""

    result: Result
    time: Column | None
    names: tuple[Column, ...]
    measures: tuple[Column, ...]
    lang: str

    def text(self, row: int) -> str:
        """The row's names in one label."""
        return " · ".join(_name(self.result.cell(row, c.name), c.unit, self.lang) for c in self.names)

    def value(self, row: int, column: Column) -> Cell:
        value = self.result.cell(row, column.name)
        return value if is_finite(value) else None

    def called(self, measure: Column) -> str:
        """A measure beside its period before is called by its period, else by its name."""
        is_before = measure.name.endswith("_before")
        compared = self.result.input.get("compare_to" if is_before else "period")
        if len(self.measures) == 2 and self.measures[1].name.endswith("_before") and isinstance(compared, dict):
            return period_text(compared, self.lang)
        return heading(measure, self.lang)

    def hover(self, rows: Sequence[int], column: Column) -> list[str]:
        """The figures as they are written everywhere else."""
        cells = [self.value(row, column) for row in rows]
        return [figure(v, column.unit, self.lang) if isinstance(v, int | float) else "–" for v in cells]


def _name(key: Cell, unit: str, lang: str) -> str:
    """A key as people read it: Plotly takes tags in its labels for links, which an invisible mark keeps it from."""
    return key_text(key, unit, lang).replace("<", "<\u200b")


def charts(receipts: Sequence[Receipt], locale: str, days: Days) -> list[dict[str, Any]]:
    """The entries of the answer's "charts": {"receipt", "kind", "spec"}, one for each result worth a picture."""
    drawn = ((r, _chart(r.result, language(locale), days)) for r in receipts)
    return [{"receipt": r.id, **found} for r, found in drawn if found]


def _chart(result: Result, lang: str, days: Days) -> dict[str, Any] | None:
    if result.tool == "explain_change":
        return waterfall(result, lang)
    if result.tool == "forecast_sales":
        return fan(result, lang, TICKS[lang][result.columns[1].name])
    shape = _shape(result, lang) if result.tool not in LISTS else None
    if shape is None:
        return None
    if shape.time:
        return _over_time(shape, shape.time, _covered(result, days))
    return _columns(shape) if len(shape.names) == 1 and shape.names[0].unit in CYCLES else _bars(shape)


def _covered(result: Result, days: Days) -> Days:
    """The days that the result counts: those of its period for which there is data."""
    period = result.input.get("period")
    bounds = [first_day(str(period.get(end))) for end in ("start", "end")] if isinstance(period, dict) else [None, None]
    return max(days[0], bounds[0] or days[0]), min(days[1], bounds[1] or days[1])


def _shape(result: Result, lang: str) -> _Shape | None:
    """None where there is nothing to see: no keys, fewer than two rows, no figure, or too many keys."""
    keys = [c for c in result.columns if c.is_key and c.name != "product_id"]
    time = next((c for c in keys if c.unit in TIMES), None)
    names = tuple(c for c in keys if c is not time)
    measures = _measures(result)
    if len(result.rows) < 2 or not keys or not measures or len(names) > (1 if time else 2):
        return None
    if not any(is_finite(row[result.index(measures[0].name)]) for row in result.rows):
        return None
    return _Shape(result, time, names, measures, lang)


def _measures(result: Result) -> tuple[Column, ...]:
    """The first measure, and those that can stand beside it on its scale: its period before, or others of its unit."""
    found = [c for c in result.columns if not c.is_key and not c.name.endswith(("_change", "_growth"))]
    return tuple(c for c in found if c.unit == found[0].unit)[:3]


def _over_time(shape: _Shape, time: Column, days: Days) -> dict[str, Any]:
    every = _series(shape)
    series = every[:MOST_SERIES]
    buckets = list(dict.fromkeys(str(row[shape.result.index(time.name)]) for row in shape.result.rows))
    few = len(buckets) <= FEW or buckets != sorted(buckets)  # the best months, in the order of their rank
    traces = []
    for column, name, rows in series:
        trace = _trace(shape, column, name, rows, time)
        partial = [_is_partial(shape.result.cell(row, time.name), time.unit, days) for row in rows]
        traces += [{**trace, "type": "bar"}] if few else _lines(trace, partial, shape.lang)
    axis = {"type": "date", "tickformat": TICKS[shape.lang][time.unit]}
    if few:
        axis = {"type": "category"}
        for trace in traces:
            trace["x"] = [_name(x, time.unit, shape.lang) for x in trace["x"]]
    spec = _spec(traces, {"xaxis": axis, "yaxis": _scale(shape)})
    return {"kind": "bar" if few else "line", "spec": spec, **_part(len(series), len(every))}


def _series(shape: _Shape) -> list[tuple[Column, str, list[int]]]:
    """(measure, name, its rows): one a measure, or one for each of the names, those that come to most in all first."""
    every = range(len(shape.result.rows))
    if not shape.names:
        return [(m, shape.called(m), list(every)) for m in shape.measures]
    rows: dict[str, list[int]] = {}
    for row in every:
        rows.setdefault(shape.text(row), []).append(row)
    measure = shape.measures[0]
    size = {
        name: sum(v for r in of if isinstance(v := shape.value(r, measure), int | float)) for name, of in rows.items()
    }
    return [(measure, name, rows[name]) for name in sorted(rows, key=lambda name: -size[name])]


def _trace(shape: _Shape, column: Column, name: str, rows: Sequence[int], along: Column) -> Trace:
    texts = [_name(shape.result.cell(r, along.name), along.unit, shape.lang) for r in rows]
    hover = [f"{text}<br>{shown}" for text, shown in zip(texts, shape.hover(rows, column), strict=True)]
    return {"x": [shape.result.cell(r, along.name) for r in rows], "y": [shape.value(r, column) for r in rows],
            "name": name, "customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}  # fmt: skip


def _is_partial(bucket: Cell, unit: str, days: Days) -> bool:
    """Whether the data covers a bucket only in part: the one that is under way, or the first one begun late."""
    start = first_day(str(bucket))
    return start is not None and (start < days[0] or last_day(start, unit) > days[1])


def _lines(trace: Trace, partial: Sequence[bool], lang: str) -> list[Trace]:
    """A line, dotted towards a first or last bucket that holds only part of its days: it is no fall."""
    line = {**trace, "type": "scatter", "mode": "lines+markers" if len(trace["x"]) <= 40 else "lines"}
    first, last = partial[0], partial[-1]
    if len(partial) < 4 or not (first or last):
        return [line]
    mark = "（不完整）" if lang == "zh" else " (part of it)"
    hover = [text + mark * part for text, part in zip(trace["customdata"], partial, strict=True)]
    line = {**line, "customdata": hover, "legendgroup": trace["name"]}
    dotted = {"line": {"dash": "dot"}, "showlegend": False}
    whole = _stretch(line, slice(1 if first else None, -1 if last else None))
    ends = [_stretch(line, s) | dotted for s, part in ((slice(0, 2), first), (slice(-2, None), last)) if part]
    return [whole, *ends]


def _stretch(trace: Trace, piece: slice) -> Trace:
    return {key: value[piece] if isinstance(value, list) else value for key, value in trace.items()}


def _columns(shape: _Shape) -> dict[str, Any]:
    rows = range(len(shape.result.rows))
    traces = [{**_trace(shape, m, shape.called(m), rows, shape.names[0]), "type": "bar"} for m in shape.measures]
    for trace in traces:
        trace["x"] = [shape.text(row) for row in rows]
    whole = [_name(key, shape.names[0].unit, shape.lang) for key in CYCLES[shape.names[0].unit]]
    axis = {"type": "category", "categoryorder": "array", "categoryarray": whole}  # gaps are seen as gaps
    return {"kind": "bar", "spec": _spec(traces, {"xaxis": axis, "yaxis": _scale(shape)})}


def _bars(shape: _Shape) -> dict[str, Any]:
    """Horizontal, so that names can be read; the result's first row on top."""
    rows = range(min(MOST_BARS, len(shape.result.rows)))
    labels = _distinct([shape.text(row) for row in rows])
    traces = []
    for m in shape.measures:
        trace = _trace(shape, m, shape.called(m), rows, shape.names[0])
        trace["customdata"] = [f"{label}<br>{shown}" for label, shown in zip(labels, shape.hover(rows, m), strict=True)]
        traces.append({**trace, "type": "bar", "orientation": "h", "x": trace["y"], "y": labels})
    axis = {"type": "category", "autorange": "reversed", "automargin": True}
    height = FRAME + BAR * len(rows) * (1 + len(traces)) // 2  # so that every name has its line
    spec = _spec(traces, {"xaxis": _scale(shape), "yaxis": axis, "height": height})
    return {"kind": "bar", "spec": spec, **_part(len(rows), len(shape.result.rows))}


def _part(shown: int, of: int) -> dict[str, int]:
    return {"shown": shown, "of": of} if shown < of else {}


def _distinct(labels: Sequence[str]) -> list[str]:
    """Two products may share a title: an invisible mark keeps their bars apart."""
    return [label + "\u200b" * labels[:i].count(label) for i, label in enumerate(labels)]


def _scale(shape: _Shape) -> dict[str, Any]:
    """The axis of the figures: from zero, with their unit."""
    column = shape.measures[0]
    axis: dict[str, Any] = {"rangemode": "tozero", "title": {"text": heading(column, shape.lang)}}
    if column.unit == "%":
        return {**axis, "tickformat": ".1~%"}
    if is_money(column.unit):
        return {
            **axis,
            "tickprefix": SYMBOLS.get(column.unit, f"{column.unit} "),
            "tickformat": ",~r" if _small(shape) else ",.3~s",
        }
    return {**axis, "tickformat": ",~r" if _small(shape) else ",.3~s"}


def _small(shape: _Shape) -> bool:
    """Whether the figures are written out: 8,500 and not 8.5k."""
    values = (shape.value(row, shape.measures[0]) for row in range(len(shape.result.rows)))
    return all(abs(value) < 10_000 for value in values if isinstance(value, int | float))


def _spec(traces: list[Trace], layout: dict[str, Any]) -> dict[str, Any]:
    legend = len({t["name"] for t in traces}) > 1
    return {"data": traces, "layout": {**layout, "showlegend": legend, "barmode": "group", "hovermode": "closest"}}
