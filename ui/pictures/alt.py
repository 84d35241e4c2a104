"""A chart in words, for whoever can't see it: the same points with the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.pictures.points import Point, Trace, name_of, points, title_of, told
from ui.web.words import word

LONGEST = 1_000  # characters that Slack takes
MOST_POINTS = 24  # said one by one, of all series together
ENDS = {
    "en": "from {first} to {last}; lowest {low}, highest {high}",
    "zh": "从{first}到{last}；最低 {low}，最高 {high}",
}


def alt_text(chart: Mapping[str, Any], lang: str) -> str:
    """Every point where there are few; else where each series begins, ends, and its lowest and highest."""
    spec = chart["spec"]
    series = _series(told(spec))
    whole = sum(len(found) for found in series.values()) <= MOST_POINTS
    said = [_said(name if len(series) > 1 else "", found, whole, lang) for name, found in series.items()]
    kind = word(f"chart_{chart['kind']}", lang)
    part = [word(f"part_{chart['kind']}", lang, shown=chart["shown"], of=chart["of"])] if "shown" in chart else []
    text = f"{kind}: {title_of(spec)}. {' '.join([*part, *said])}"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _series(traces: list[Trace]) -> dict[str, list[Point]]:
    """By name: a line that is dotted towards its end is drawn in two pieces, which share a point."""
    found: dict[str, dict[str, Point]] = {}
    for trace in traces:
        known = found.setdefault(name_of(trace), {})
        known.update({p.at: p for p in points(trace) if p.value is not None and p.at not in known})
    return {
        name: sorted(of.values(), key=lambda p: p.at) if _is_line(traces) else list(of.values())
        for name, of in found.items()
    }


def _is_line(traces: list[Trace]) -> bool:
    return bool(traces[0]["type"] == "scatter")


def _said(name: str, found: list[Point], whole: bool, lang: str) -> str:
    if not found:
        return ""
    if whole:
        said = "; ".join(f"{p.label} {p.figure}" for p in found)
    else:
        ordered = sorted(found, key=lambda p: p.value or 0.0)
        ends = {"first": found[0], "last": found[-1], "low": ordered[0], "high": ordered[-1]}
        said = ENDS[lang].format(**{key: f"{p.label} {p.figure}" for key, p in ends.items()})
    return f"{name}: {said}." if name else f"{said}."
