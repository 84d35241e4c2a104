"""From words to periods: single expressions first, longest first, then ranges, "since", "before" and the like."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tools.metrics import period_chinese, period_english
from tools.metrics import period_neighbours as neighbours
from tools.metrics import period_ranges as ranges
from tools.metrics.dates import Span
from tools.metrics.period_atoms import Atom, Context, Reading, Step, Text, each, pairs
from tools.metrics.period_words import Normal


def spans(normal: Normal, today: date, first_day: date | None) -> list[Span]:
    """All time expressions of a normalised text, left to right, without overlaps."""
    ctx = Context(today, first_day, lambda words: _single(words, today, first_day))
    text = Text(normal.text, ctx)
    atoms = find_atoms(normal.text, ctx)
    for step in STEPS:
        atoms = step(text, atoms)
    return [_span(normal, a) for a in atoms]


def find_atoms(text: str, ctx: Context) -> list[Atom]:
    """The longest expressions of the rule tables; of equal ones the first."""
    found: list[tuple[int, int, Reading]] = []
    for pattern, build in (*period_english.rules(), *period_chinese.rules()):
        for m in pattern.finditer(text):
            reading = build(m, ctx) if m.end() > m.start() else None
            if reading is not None:
                found.append((m.start(), m.end(), reading))
    found.sort(key=lambda f: f[0] - f[1])
    taken = bytearray(len(text))
    atoms = []
    for start, end, reading in found:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            atoms.append(Atom(start, end, reading))
    return sorted(atoms, key=lambda a: a.start)


def _single(words: str, today: date, first_day: date | None) -> Reading | None:
    """What `words` mean as a whole: an expression within an expression ("the last week of …")."""
    words = re.sub(r"^the (?=year|quarter|month)", "this ", words)
    ctx = Context(today, first_day, lambda _: None)
    atoms = find_atoms(words, ctx)
    return atoms[0].reading if len(atoms) == 1 and atoms[0].end - atoms[0].start == len(words) else None


STEPS: tuple[Step, ...] = (
    each(ranges.so_far),
    pairs(neighbours.apart),
    pairs(neighbours.shift_before),
    pairs(ranges.span_range),
    neighbours.inherit_years,
    neighbours.together,
    each(ranges.open_ended),
    pairs(neighbours.apart),
    neighbours.compared_year,
    neighbours.previous,
    neighbours.strong,
)


def _span(normal: Normal, a: Atom) -> Span:
    start, end = normal.span(a.start, a.end)
    return Span(start, end, replace(a.reading.value, asked=normal.original[start:end]))
