"""A chart as text, for terminals: a bar a point, or a line of blocks where there are many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

from agent.labels import seen

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"
MOST_BARS = 24  # of one series
LONGEST_LABEL = 28  # cells


def text_chart(chart: Mapping[str, Any], width: int) -> str:
    """The chart of an answer object in lines of at most `width` cells; "" where there is nothing to draw."""
    drawn = (trace for trace in chart["spec"]["data"] if trace.get("hoverinfo") != "skip")  # no edges of a band
    series = [trace for trace in drawn if _points(trace)]
    several = len(series) > 1
    return "\n".join(line for trace in series for line in _series(trace, width, several))


def _series(trace: Mapping[str, Any], width: int, named: bool) -> Iterator[str]:
    points = _points(trace)
    if named:
        yield seen(str(trace.get("name", "")))
    yield from _bars(points, width) if len(points) <= MOST_BARS else _blocks(points, width)


def _points(trace: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """(label, figure as it is written everywhere else, value) of each point that has one."""
    values = trace["x"] if trace.get("orientation") == "h" else trace["y"]
    told = (seen(str(text)).partition("<br>") for text in trace["customdata"])
    pairs = zip(told, values, strict=True)
    return [(label, figure, float(value)) for (label, _, figure), value in pairs if value is not None]


def _bars(points: Sequence[tuple[str, str, float]], width: int) -> Iterator[str]:
    label_room = min(LONGEST_LABEL, max(cell_len(label) for label, *_ in points))
    figure_room = max(cell_len(figure) for _, figure, _ in points)
    room = max(8, width - label_room - figure_room - 4)
    largest = max(abs(value) for *_, value in points) or 1.0
    for label, figure, value in points:
        bar = _bar(abs(value) / largest * room)
        yield f"{set_cell_size(label, label_room)}  {bar}{' ' if bar else ''}{figure}".rstrip()


def _bar(length: float) -> str:
    whole, rest = divmod(round(length * 8), 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def _blocks(points: Sequence[tuple[str, str, float]], width: int) -> Iterator[str]:
    """The values as heights, as many to a block as it takes, and what stands at both ends."""
    each = -(-len(points) // width)
    groups = [points[i : i + each] for i in range(0, len(points), each)]
    means = [sum(value for *_, value in group) / len(group) for group in groups]
    low, high = min(0.0, *means), max(means)
    steps = (int((mean - low) / ((high - low) or 1.0) * (len(HEIGHTS) - 1) + 0.5) for mean in means)
    yield "".join(HEIGHTS[step] for step in steps)
    (first, first_figure, _), (last, last_figure, _) = points[0], points[-1]
    yield f"{first} {first_figure} … {last} {last_figure}"
