"""The points of a chart's spec, as charts.py makes it: Plotly's traces, each point with its label and its figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.labels import plain

Trace = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    """`at` is where it stands along the axis as the spec has it; `figure` is the value as it is written everywhere."""

    at: str
    label: str
    figure: str
    value: float | None


def told(spec: Mapping[str, Any]) -> list[Trace]:
    """The traces whose points are told of: the edges of a fan's bands aren't."""
    return [trace for trace in spec["data"] if "customdata" in trace]


def points(trace: Trace) -> list[Point]:
    flat = trace.get("orientation") == "h"
    along, values = (trace["y"], trace["x"]) if flat else (trace["x"], trace["y"])
    hover = (text.partition("<br>") for text in trace["customdata"])
    return [
        Point(str(at), plain(label), plain(figure), None if value is None else float(value))
        for at, (label, _, figure), value in zip(along, hover, values, strict=True)
    ]


def name_of(trace: Trace) -> str:
    return plain(str(trace.get("name", "")))


def scale_of(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The axis of the figures."""
    flat = spec["data"][0].get("orientation") == "h"
    axis: Mapping[str, Any] = spec["layout"]["xaxis" if flat else "yaxis"]
    return axis


def title_of(spec: Mapping[str, Any]) -> str:
    """What the figures are."""
    return plain(str((scale_of(spec).get("title") or {}).get("text", "")))
