"""A chart of an answer object as a PNG, drawn from the spec that the web draws, without a browser."""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from agent.labels import first_day
from ui.pictures.fonts import drawn, families, readable
from ui.pictures.points import Point, Trace, name_of, points, scale_of, title_of, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0f6b57", "#d9822b", "#3b6fb6", "#9a4c95", "#7a8b1f", "#b23a48")
UP, DOWN, WHOLE, INK = "#2e8b6f", "#c0503c", "#5b6b73", "#33393d"
WIDE, HIGH, DPI = 8.0, 4.2, 144
BAR, AROUND, TALLEST = 0.3, 1.2, 11.0  # inches: a row of bars, what stands around them
MOST_TICKS, MOST_NAMES, MOST_FIGURES, LONGEST_LABEL = 8, 12, 30, 42
ROOM = 100  # signs beside one another below a chart
LINES = {"dot": ":", "dash": "--"}
STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_drawing = threading.Lock()  # matplotlib is not for several threads at once


def png(chart: Mapping[str, Any]) -> bytes | None:
    """None where no font at hand has its letters: the table beside it says the same."""
    with _drawing:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine

        spec = chart["spec"]
        if not readable(_texts(spec)):
            return None
        style = {"text.parse_math": False, "font.family": list(families()), "font.size": 9, "text.color": INK}
        with matplotlib.rc_context(style):
            layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
            figure = Figure(figsize=(WIDE, _height(spec)), dpi=DPI, layout=layout)
            FigureCanvasAgg(figure)
            draw_on(figure.add_subplot(), chart["kind"], spec)
            out = io.BytesIO()
            figure.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()


def _texts(spec: Mapping[str, Any]) -> list[str]:
    said = [text for trace in told(spec) for p in points(trace) for text in (p.label, p.figure)]
    return [*said, title_of(spec), *map(name_of, spec["data"])]


def _height(spec: Mapping[str, Any]) -> float:
    if not _is_flat(spec["data"]):
        return HIGH
    rows = len(spec["data"][0]["y"]) * (1 + len(spec["data"])) / 2
    return min(TALLEST, AROUND + BAR * rows)


def _is_flat(traces: Sequence[Trace]) -> bool:
    return traces[0].get("orientation") == "h"


def draw_on(axes: Axes, kind: str, spec: Mapping[str, Any]) -> None:
    """The chart itself, with its axes and legend."""
    DRAW[kind](axes, spec)
    axis, scale = (axes.xaxis if _is_flat(spec["data"]) else axes.yaxis), scale_of(spec)
    axis.set_major_formatter(lambda value, _: _tick(value, scale))
    axis.grid(color="#00000018", linewidth=0.8)
    axes.set_axisbelow(True)
    (axes.set_xlabel if _is_flat(spec["data"]) else axes.set_ylabel)(drawn(title_of(spec)))
    for side in ("top", "right", "left" if not _is_flat(spec["data"]) else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    if spec["layout"].get("showlegend"):
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 1.12), ncols=min(3, len(spec["data"])))


def _lines(axes: Axes, spec: Mapping[str, Any]) -> None:
    """Days stand where they are in time."""
    every = {p.at: p.label for trace in told(spec) for p in points(trace)}
    ordered = sorted(every)
    place = {at: _place(at, i) for i, at in enumerate(ordered)}
    colours = _colours(told(spec))
    for trace in told(spec):
        found, dash = points(trace), str((trace.get("line") or {}).get("dash"))
        dotted = dash == "dot"
        values = [math.nan if p.value is None else p.value for p in found]
        axes.plot(
            [place[p.at] for p in found], values, color=colours[name_of(trace)], linewidth=2,
            linestyle=LINES.get(dash, "-"), marker="o" if "markers" in trace["mode"] else "", markersize=4,
            label="_" if dotted else drawn(name_of(trace)),
        )  # fmt: skip
    ticks = _spread(ordered, max(map(len, every.values()), default=1))
    axes.set_xticks([place[at] for at in ticks], [drawn(every[at]) for at in ticks])
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]), top=max(0.0, axes.get_ylim()[1]))


def _fan(axes: Axes, spec: Mapping[str, Any]) -> None:
    """What was sold and what is expected, in bands that it lies between; a band's edges stand one after the other."""
    for lower, upper in pairwise(spec["data"]):
        if upper.get("fill") == "tonexty":
            days = [_place(str(at), i) for i, at in enumerate(upper["x"])]
            axes.fill_between(
                days, lower["y"], upper["y"], color=COLOURS[1], alpha=upper["opacity"], linewidth=0,
                label=drawn(name_of(upper)),
            )  # fmt: skip
    _lines(axes, spec)


def _place(at: str, number: int) -> float:
    day = first_day(at)
    return float(day.toordinal() if day else number)


def _spread(ordered: Sequence[str], longest: int) -> list[str]:
    """A few of them, evenly, with the first one: as many as there is room for, of labels of so many signs."""
    step = -(-len(ordered) // max(2, min(MOST_TICKS, ROOM // longest)))
    return list(ordered[::step])


def _colours(traces: Sequence[Trace]) -> dict[str, str]:
    names = list(dict.fromkeys(map(name_of, traces)))
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


def _bars(axes: Axes, spec: Mapping[str, Any]) -> None:
    """Side by side, each with its figure where there are few."""
    traces, flat = spec["data"], _is_flat(spec["data"])
    labels = _categories(spec)
    place = {at: i for i, at in enumerate(labels)}
    few = sum(len(trace["y"]) for trace in traces) <= MOST_FIGURES and (flat or len(labels) <= 12)
    size = 0.8 / len(traces)
    for i, trace in enumerate(traces):
        found = [p for p in points(trace) if p.value is not None]
        at = [place[p.at] + (i - (len(traces) - 1) / 2) * size for p in found]
        draw: Callable[..., Any] = axes.barh if flat else axes.bar
        bars = draw(
            at, [p.value for p in found], size * 0.92, color=COLOURS[i % len(COLOURS)], label=drawn(name_of(trace))
        )
        if few:
            axes.bar_label(bars, [drawn(p.figure) for p in found], padding=3, fontsize=8)
    shown = [_short(label) for label in labels.values()]
    if flat:
        axes.set_yticks(range(len(labels)), shown)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.margins(x=0.12)
    else:
        _under(axes, shown)


def _categories(spec: Mapping[str, Any]) -> dict[str, str]:
    """Where bars stand → what is written there: in the axis' own order if it has one."""
    own = {str(at): str(at) for at in spec["layout"]["xaxis"].get("categoryarray", [])}
    return own | {p.at: p.label for trace in spec["data"] for p in points(trace)}


def _under(axes: Axes, shown: Sequence[str]) -> None:
    """Names below columns: every so many where there are many, slanted where they would touch."""
    at = range(0, len(shown), -(-len(shown) // MOST_NAMES))
    slanted = sum(len(shown[i]) for i in at) > 70
    axes.set_xticks(at, [shown[i] for i in at], rotation=30 if slanted else 0, ha="right" if slanted else "center")


def _short(label: str) -> str:
    text = drawn(label)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def _waterfall(axes: Axes, spec: Mapping[str, Any]) -> None:
    """Each driver from where the one before ended."""
    trace = spec["data"][0]
    found: list[Point] = points(trace)
    level = 0.0
    for i, (point, measure) in enumerate(zip(found, trace["measure"], strict=True)):
        value = point.value or 0.0
        start = 0.0 if measure in ("absolute", "total") else level
        colour = WHOLE if measure in ("absolute", "total") else UP if value >= 0 else DOWN
        bar = axes.bar([i], [value], 0.7, bottom=[start], color=colour)
        axes.bar_label(bar, [drawn(point.figure)], padding=3, fontsize=8)
        if i:
            axes.plot([i - 1 + 0.35, i - 0.35], [level, level], color="#00000055", linewidth=0.8)
        level = start + value
    axes.axhline(0, color="#00000055", linewidth=0.8)
    _under(axes, [_short(p.label) for p in found])


DRAW: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "line": _lines, "fan": _fan, "bar": _bars, "waterfall": _waterfall,
}  # fmt: skip


def _tick(value: float, scale: Mapping[str, Any]) -> str:
    """A figure beside the axis: 350k, £1.2M, 12 %."""
    form, sign = str(scale.get("tickformat", "")), "-" if value < 0 else ""
    if "%" in form:
        return f"{value * 100:.10g} %"
    size = abs(value)
    least, letter = next((s for s in STEPS if size >= s[0] and "s" in form), (1.0, ""))
    return f"{sign}{scale.get('tickprefix', '')}{size / least:,.10g}{letter}"
