"""A waterfall for an explained change: the figure before, what each driver added, the figure now."""

from __future__ import annotations

from typing import Any

from agent.explained import driver_name, driver_rows, metric_of
from agent.figures import SYMBOLS, change, figure, is_finite, is_money
from agent.labels import period_text
from agent.proof.headings import heading
from tools.contract import Result


def waterfall(result: Result, lang: str) -> dict[str, Any] | None:
    """{"kind", "spec"} in Plotly's form; every bar is a cell of the receipt. None without drivers."""
    m, drivers = metric_of(result), driver_rows(result)
    if not drivers:
        return None
    ends = [(f"{m}_before", "compare_to"), (m, "period")]
    names = [period_text(result.input[period], lang) for _, period in ends]
    before, this = (_number(result, 0, column) for column, _ in ends)
    added = [_number(result, i, f"{m}_change") for i in drivers]
    labels = [names[0], *(driver_name(result, i, lang) for i in drivers), names[1]]
    unit = result.columns[result.index(m)].unit
    shown = [figure(before, unit, lang), *(change(v, unit, lang, signed=True) for v in added), figure(this, unit, lang)]
    trace = {
        "type": "waterfall", "name": heading(result.columns[result.index(m)], lang), "x": labels,
        "y": [before, *added, this], "measure": ["absolute", *("relative" for _ in added), "total"],
        "customdata": [f"{label}<br>{text}" for label, text in zip(labels, shown, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>", "text": shown, "textposition": "outside",
    }  # fmt: skip
    layout = {
        "xaxis": {"type": "category"},
        "yaxis": _scale(result, m, lang),
        "showlegend": False,
        "hovermode": "closest",
    }
    return {"kind": "waterfall", "spec": {"data": [trace], "layout": layout}}


def _number(result: Result, row: int, column: str) -> float:
    value = result.cell(row, column)
    return float(value) if isinstance(value, int | float) and is_finite(value) else 0.0


def _scale(result: Result, metric: str, lang: str) -> dict[str, Any]:
    column = result.columns[result.index(metric)]
    axis: dict[str, Any] = {"title": {"text": heading(column, lang)}, "tickformat": ",.3~s"}
    if column.unit == "%":
        return {**axis, "tickformat": ".1~%"}
    return {**axis, "tickprefix": SYMBOLS.get(column.unit, f"{column.unit} ")} if is_money(column.unit) else axis
