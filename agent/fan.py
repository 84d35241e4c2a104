"""A fan chart for a forecast: what was sold, what is expected, and the bounds on both sides of it."""

from __future__ import annotations

from typing import Any

from agent.figures import SYMBOLS, figure, is_money
from agent.labels import first_day, key_text, last_day
from agent.proof.headings import heading
from tools.contract import Result
from tools.forecast.rows import FORECAST, HISTORY, UNTIL

NAMES = {
    "sold": ("Sold", "已售"),
    "expected": ("Expected", "预计"),
    "range": ("Likely range", "可能范围"),
    "wide": ("Wider range", "更宽的范围"),
}
AHEAD = "ahead"  # what is drawn in one colour
FADED, FAINT = 0.28, 0.14  # opacity of the inner and the outer band


def fan(result: Result, lang: str, ticks: str) -> dict[str, Any] | None:
    """{"kind", "spec"} in Plotly's form; every point is a cell of the receipt. None with fewer than two ahead."""
    grain = result.columns[1].name
    past, ahead = (
        [row for row in result.rows if row[0] in {part.format(grain) for part in of}]
        for of in ((HISTORY,), (UNTIL, FORECAST))
    )
    ahead = [row for row in ahead if _is_whole(result, str(row[1]))]
    if len(ahead) < 2 or not past:
        return None
    m, zh = str(result.input["metric"]), lang == "zh"
    joint = [*past[-1:], *ahead]  # the fan opens at the last thing known
    traces = [
        _line(result, past, m, NAMES["sold"][zh], lang),
        *_band(result, joint, ("lowest", "highest"), NAMES["wide"][zh], FAINT),
        *_band(result, joint, ("low", "high"), NAMES["range"][zh], FADED),
        {**_line(result, joint, m, NAMES["expected"][zh], lang), "line": {"dash": "dash"}, "legendgroup": AHEAD},
    ]
    axis = {"type": "date", "tickformat": ticks}
    layout = {"xaxis": axis, "yaxis": _scale(result, m, lang), "showlegend": True, "hovermode": "closest"}
    return {"kind": "fan", "spec": {"data": traces, "layout": layout}}


def _is_whole(result: Result, start: str) -> bool:
    """Whether a bucket lies in the period whole: of what is cut off at its end a line would seem to fall."""
    first, end = first_day(start), first_day(str(result.input["period"]["end"]))
    assert first is not None and end is not None
    return last_day(first, result.columns[1].unit) <= end


def _line(result: Result, rows: list[list[Any]], column: str, name: str, lang: str) -> dict[str, Any]:
    unit, grain = result.columns[result.index(column)].unit, result.columns[1]
    values = [row[result.index(column)] for row in rows]
    days = [key_text(row[1], grain.unit, lang) for row in rows]
    hover = [f"{day}<br>{figure(v, unit, lang)}" for day, v in zip(days, values, strict=True)]
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": [row[1] for row in rows], "y": values,
        "customdata": hover, "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _band(
    result: Result, rows: list[list[Any]], ends: tuple[str, str], name: str, opacity: float
) -> list[dict[str, Any]]:
    """Two edges without a line; what lies between them is filled. Where nothing is forecast yet, they meet."""
    m = str(result.input["metric"])
    own = result.index(m)
    edges = [[row[own] if row[result.index(f"{m}_{end}")] is None else row[result.index(f"{m}_{end}")] for row in rows]
             for end in ends]  # fmt: skip
    base = {
        "type": "scatter", "mode": "lines", "x": [row[1] for row in rows], "hoverinfo": "skip", "legendgroup": AHEAD,
        "line": {"width": 0},
    }  # fmt: skip
    return [
        {**base, "y": edges[0], "showlegend": False, "name": name},
        {**base, "y": edges[1], "name": name, "fill": "tonexty", "opacity": opacity},
    ]


def _scale(result: Result, metric: str, lang: str) -> dict[str, Any]:
    column = result.columns[result.index(metric)]
    axis: dict[str, Any] = {"rangemode": "tozero", "title": {"text": heading(column, lang)}, "tickformat": ",.3~s"}
    return {**axis, "tickprefix": SYMBOLS.get(column.unit, f"{column.unit} ")} if is_money(column.unit) else axis
