"""From words to periods: single expressions first, longest first, then ranges, "since", "before" and the like."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tools.metrics import period_chinese, period_english, period_lengths, period_weekdays, period_weeks
from tools.metrics import period_neighbours as neighbours
from tools.metrics import period_ranges as ranges
from tools.metrics.dates import Span
from tools.metrics.period_atoms import LOOK, Atom, Context, Reading, Step, Text, each, pairs
from tools.metrics.period_patterns import Builder
from tools.metrics.period_words import Normal


def spans(normal: Normal, today: date, first_day: date | None) -> list[Span]:
    """All time expressions of a normalised text, left to right, without overlaps."""
    ctx = Context(today, first_day, lambda words: _single(words, today, first_day))
    text = Text(normal.text, ctx)
    atoms = find_atoms(normal.text, ctx)
    for step in STEPS:
        atoms = step(text, atoms)
    return [_span(normal, a) for a in atoms]


Found = tuple[int, int, Reading, re.Pattern[str], Builder]


def find_atoms(text: str, ctx: Context) -> list[Atom]:
    """The longest expressions of the rule tables; of equal ones the first."""
    found = [
        f
        for pattern, build in (*period_english.rules(), *period_chinese.rules())
        for m in pattern.finditer(text)
        if (f := _found(m, build, ctx))
    ]
    taken = bytearray(len(text))
    atoms, beaten = _choose(found, taken)
    again = [f for b in beaten if (f := _within(text, b, taken, ctx))]
    return sorted(atoms + _choose(again, taken)[0], key=lambda a: a.start)


def _found(m: re.Match[str], build: Builder, ctx: Context) -> Found | None:
    reading = build(m, ctx) if m.end() > m.start() else None
    return (m.start(), m.end(), reading, m.re, build) if reading else None


def _choose(found: list[Found], taken: bytearray) -> tuple[list[Atom], list[Found]]:
    """The longest first, without overlaps; and those that lost only some of their characters to others."""
    atoms, beaten = [], []
    for f in sorted(found, key=lambda f: f[0] - f[1]):
        start, end, reading = f[:3]
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            atoms.append(Atom(start, end, reading))
        elif not all(taken[start:end]):
            beaten.append(f)
    return atoms, beaten


def _within(text: str, f: Found, taken: bytearray, ctx: Context) -> Found | None:
    """What the same rule finds in the characters that are left: "November" of "of last year, November"."""
    start, end, _, pattern, build = f
    free = next((i for i in range(start, end) if not taken[i] and (i == start or taken[i - 1])), end)
    m = pattern.search(text, free, end + LOOK)
    return _found(m, build, ctx) if m and m.end() <= end else None


def _single(words: str, today: date, first_day: date | None) -> Reading | None:
    """What `words` mean as a whole: an expression within an expression ("the last week of …")."""
    words = re.sub(r"^(?:the )?(?=(?:year|quarter|month|week)$)", "this ", words)
    ctx = Context(today, first_day, lambda _: None)
    atoms = find_atoms(words, ctx)
    return atoms[0].reading if len(atoms) == 1 and atoms[0].end - atoms[0].start == len(words) else None


STEPS: tuple[Step, ...] = (
    each(ranges.so_far),
    pairs(neighbours.apart),
    neighbours.told_apart,
    period_weeks.more_weeks,
    period_weekdays.same_day_before,
    each(period_weeks.around),
    pairs(neighbours.shift_before),
    pairs(neighbours.shift_after),
    pairs(period_lengths.last_to),
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
