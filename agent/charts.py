"""A picture for a result, chosen by its shape: Plotly JSON without colours or fonts, which front ends choose.

| shape                                  | chart                                            |
|----------------------------------------|--------------------------------------------------|
| days … years                           | a line; bars where there are few                 |
| days … years × one other key           | a line for each of the largest                   |
| days of the week, hours                | columns                                          |
| names (products, countries …)          | bars in the result's order                       |
| two names (category × country)         | bars, side by side                               |
| any of these with a period before it   | this and that, side by side                      |

One figure alone, or a single row, needs no picture. Every point drawn is a cell of the receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.figures import SYMBOLS, figure, is_finite, is_money, language
from agent.labels import first_day, key_text, last_day
from agent.proof.claims import Receipt
from agent.proof.headings import heading
from tools.contract import Cell, Column, Result

TIMES = ("day", "week", "month", "quarter", "year")
CYCLES = ("weekday", "hour")
MOST_BARS, MOST_SERIES, FEW = 20, 6, 3
BAR, FRAME = 26, 90  # pixels: of each bar, and of what stands around them
TICKS = {"day": "%-d %b %Y", "week": "%-d %b %Y", "month": "%b %Y", "quarter": "Q%q %Y", "year": "%Y"}
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
        return " · ".join(key_text(self.result.cell(row, c.name), c.unit, self.lang) for c in self.names)

    def value(self, row: int, column: Column) -> Cell:
        value = self.result.cell(row, column.name)
        return value if is_finite(value) else None

    def hover(self, rows: Sequence[int], column: Column) -> list[str]:
        """The figures as they are written everywhere else."""
        cells = [self.value(row, column) for row in rows]
        return [figure(v, column.unit, self.lang) if isinstance(v, int | float) else "–" for v in cells]


def charts(receipts: Sequence[Receipt], locale: str, days: Days) -> list[dict[str, Any]]:
    """The entries of the answer's "charts": {"receipt", "kind", "spec"}, one for each result worth a picture."""
    drawn = ((r, _chart(r.result, language(locale), days)) for r in receipts)
    return [{"receipt": r.id, "kind": kind, "spec": spec} for r, found in drawn if found for kind, spec in [found]]


def _chart(result: Result, lang: str, days: Days) -> tuple[str, dict[str, Any]] | None:
    shape = _shape(result, lang)
    if shape is None:
        return None
    if shape.time:
        return _over_time(shape, shape.time, days)
    return _columns(shape) if shape.names[0].unit in CYCLES else _bars(shape)


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


def _over_time(shape: _Shape, time: Column, days: Days) -> tuple[str, dict[str, Any]]:
    series = _series(shape)
    few = len({row[shape.result.index(time.name)] for row in shape.result.rows}) <= FEW
    traces = []
    for column, name, rows in series:
        trace = _trace(shape, column, name, rows, time)
        partial = [_is_partial(shape.result.cell(row, time.name), time.unit, days) for row in rows]
        traces += [{**trace, "type": "bar"}] if few else _lines(trace, partial, shape.lang)
    axis = {"type": "date", "tickformat": "%Y-%m-%d" if shape.lang == "zh" else TICKS[time.unit]}
    if few:
        axis = {"type": "category"}
        for trace in traces:
            trace["x"] = [key_text(x, time.unit, shape.lang) for x in trace["x"]]
    return ("bar" if few else "line"), _spec(shape, traces, {"xaxis": axis, "yaxis": _scale(shape)})


def _series(shape: _Shape) -> list[tuple[Column, str, list[int]]]:
    """(measure, name, its rows): one a measure, or one for each of the names that come to most in all."""
    every = range(len(shape.result.rows))
    if not shape.names:
        return [(m, heading(m, shape.lang), list(every)) for m in shape.measures]
    rows: dict[str, list[int]] = {}
    for row in every:
        rows.setdefault(shape.text(row), []).append(row)
    measure = shape.measures[0]
    size = {
        name: sum(v for r in of if isinstance(v := shape.value(r, measure), int | float)) for name, of in rows.items()
    }
    largest = sorted(rows, key=lambda name: -size[name])[:MOST_SERIES]
    return [(measure, name, rows[name]) for name in largest]


def _trace(shape: _Shape, column: Column, name: str, rows: Sequence[int], along: Column) -> Trace:
    texts = [key_text(shape.result.cell(r, along.name), along.unit, shape.lang) for r in rows]
    hover = [f"{text}<br>{shown}" for text, shown in zip(texts, shape.hover(rows, column), strict=True)]
    return {"x": [shape.result.cell(r, along.name) for r in rows], "y": [shape.value(r, column) for r in rows],
            "name": name, "customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}  # fmt: skip


def _is_partial(bucket: Cell, unit: str, days: Days) -> bool:
    """Whether the data covers a bucket only in part: the one that is under way, or the first one begun late."""
    start = first_day(str(bucket))
    return start is not None and (start < days[0] or last_day(start, unit) > days[1])


def _lines(trace: Trace, partial: Sequence[bool], lang: str) -> list[Trace]:
    """A line; where the last bucket is under way, its last stretch is dotted, as it will still grow."""
    line = {**trace, "type": "scatter", "mode": "lines+markers" if len(trace["x"]) <= 40 else "lines"}
    if len(partial) < 3 or not partial[-1]:
        return [line]
    tail = {key: value[-2:] for key, value in trace.items() if isinstance(value, list)}
    tail["customdata"] = [
        trace["customdata"][-2],
        trace["customdata"][-1] + ("（未完）" if lang == "zh" else " so far"),
    ]
    head = {key: value[:-1] if isinstance(value, list) else value for key, value in line.items()}
    dotted = {**line, **tail, "line": {"dash": "dot"}, "showlegend": False, "legendgroup": trace["name"]}
    return [{**head, "legendgroup": trace["name"]}, dotted]


def _columns(shape: _Shape) -> tuple[str, dict[str, Any]]:
    rows = range(len(shape.result.rows))
    traces = [{**_trace(shape, m, heading(m, shape.lang), rows, shape.names[0]), "type": "bar"} for m in shape.measures]
    for trace in traces:
        trace["x"] = [shape.text(row) for row in rows]
    return "bar", _spec(shape, traces, {"xaxis": {"type": "category"}, "yaxis": _scale(shape)})


def _bars(shape: _Shape) -> tuple[str, dict[str, Any]]:
    """Horizontal, so that names can be read; the result's first row on top."""
    rows = range(min(MOST_BARS, len(shape.result.rows)))
    labels = _distinct([shape.text(row) for row in rows])
    traces = []
    for m in shape.measures:
        trace = _trace(shape, m, heading(m, shape.lang), rows, shape.names[0])
        trace["customdata"] = [f"{label}<br>{shown}" for label, shown in zip(labels, shape.hover(rows, m), strict=True)]
        traces.append({**trace, "type": "bar", "orientation": "h", "x": trace["y"], "y": labels})
    axis = {"type": "category", "autorange": "reversed", "automargin": True}
    height = FRAME + BAR * len(rows) * (1 + len(traces)) // 2  # so that every name has its line
    return "bar", _spec(shape, traces, {"xaxis": _scale(shape), "yaxis": axis, "height": height})


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


def _spec(shape: _Shape, traces: list[Trace], layout: dict[str, Any]) -> dict[str, Any]:
    legend = len({t["name"] for t in traces}) > 1
    return {"data": traces, "layout": {**layout, "showlegend": legend, "barmode": "group", "hovermode": "closest"}}
