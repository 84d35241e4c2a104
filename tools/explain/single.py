"""Single orders and returns that are enormous: larger than the others could bring about, and heavy in the figure.

Their sizes are judged on a log scale by its median and median absolute deviation, which no single one of them can move
(Hampel 1974, "The influence curve and its role in robust estimation").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.explain.facts import summed
from tools.explain.parts import Figure
from tools.explain.rows import RETURNS_APART, Rows
from tools.explain.surprise import TO_DEVIATION, two_sided
from tools.explain.windows import THAT, THIS

Bools = npt.NDArray[np.bool_]

LEAST = 20  # orders from which on there is a usual size
HEAVY = 0.05  # of its period's figure
CHANCE = 0.01  # that any order of the period would be so large


@dataclass(frozen=True)
class Single:
    """`added`: what it adds to the change; nothing where it lies in neither of the two periods."""

    unit: int
    window: int
    value: float
    added: float
    times: float
    chance: float


def enormous(figure: Figure) -> list[Single]:
    """Those of all windows, each once for every window it stands in, the heaviest first."""
    sides = [rows.where(kind) for rows in figure.rows(()) for kind in _kinds(rows)]
    found = [s for rows in sides for s in _of_kind(figure, rows)]
    return sorted(found, key=lambda s: (-abs(s.added), s.unit, s.window))


def _kinds(rows: Rows) -> tuple[Bools, Bools]:
    """Orders and returns: each has sizes of its own."""
    returned = rows.unit >= RETURNS_APART
    return ~returned, returned


def _of_kind(figure: Figure, rows: Rows) -> Iterator[Single]:
    """Of the orders, or the returns, of the numerator or the denominator."""
    size = np.abs(rows.value)
    _, first = np.unique(rows.unit, return_index=True)
    usual = np.log(size[first][size[first] > 0])
    middle = float(np.median(usual)) if len(usual) >= LEAST else 0.0
    deviation = TO_DEVIATION * float(np.median(np.abs(usual - middle))) if len(usual) >= LEAST else 0.0
    if deviation <= 0:
        return
    whole = summed(rows.window, size, figure.windows)
    orders = np.bincount(rows.window, minlength=figure.windows)
    for i in np.flatnonzero((size > 0) & (size >= HEAVY * whole[rows.window])).tolist():
        window = int(rows.window[i])
        times = (float(np.log(size[i])) - middle) / deviation
        chance = min(two_sided(times, len(usual) - 1) / 2 * float(orders[window]), 1.0) if times > 0 else 1.0
        added = _added(figure, int(rows.unit[i]), window) if chance < CHANCE else 0.0
        if chance < CHANCE and (window not in (THIS, THAT) or abs(added) >= HEAVY * _scale(figure)):
            yield Single(int(rows.unit[i]), window, float(rows.value[i]), added, times, chance)


def _added(figure: Figure, unit: int, window: int) -> float:
    """What the figure's change would lack without it."""
    if window not in (THIS, THAT):
        return 0.0
    rest = figure.without_units([unit]).values[window]
    lacking = float(figure.values[window] - rest) if np.isfinite(rest) else 0.0
    return lacking if window == THIS else -lacking


def _scale(figure: Figure) -> float:
    return float(np.max(np.abs(figure.values[[THIS, THAT]])))
