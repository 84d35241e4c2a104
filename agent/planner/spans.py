"""Marks as people would set them: whole names and times, without quotes around them and without mere small words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from agent.planner.corpus import TIMES, Marked
from agent.planner.words import STOPWORDS

JOINED = frozenset({*TIMES, "weekday", "hour"})  # kinds of which a piece makes no sense without its neighbour
BETWEEN = re.compile(r"[\s,]*(?:in|of|the|on|and|at)?[\s,]*", re.I)
EDGE = " \t\n'\"“”‘’「」『』.,;:!?，。？！"
WORD = re.compile(r"[^\W_]+")


def tidy(text: str, spans: Iterable[Marked]) -> tuple[Marked, ...]:
    """The spans, trimmed; neighbours of one kind of time are one."""
    out: list[Marked] = []
    for span in filter(None, (_trimmed(text, s) for s in spans)):
        last = out[-1] if out else None
        if last and last.kind == span.kind in JOINED and BETWEEN.fullmatch(text[last.end : span.start]):
            out[-1] = replace(last, end=span.end)
        else:
            out.append(span)
    return tuple(s for s in out if not _small(text[s.start : s.end]))


def _trimmed(text: str, span: Marked) -> Marked | None:
    said = text[span.start : span.end]
    start = span.start + len(said) - len(said.lstrip(EDGE))
    end = start + len(said.strip(EDGE))
    return replace(span, start=start, end=end) if end > start else None


def _small(said: str) -> bool:
    """'in', 'the', 'order': no name and no time; numbers and single letters may be."""
    found = WORD.findall(said.lower())
    return len(found) == 1 and len(found[0]) > 1 and found[0] in STOPWORDS and found[0] not in TODAY


TODAY = frozenset({"today", "yesterday", "tomorrow", "now", "second", "first", "last", "previous"})
