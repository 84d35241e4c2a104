"""Single days that stand out: closed ones, and such as one big order makes, against their like in both periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.explain.facts import day_number
from tools.explain.parts import Figure
from tools.explain.surprise import TO_DEVIATION, two_sided
from tools.explain.windows import THAT, THIS, Windows

LEAST = 14  # days that both periods need


@dataclass(frozen=True)
class Day:
    """`usual`: what the day would have come to by its day of the week and its period's level."""

    day: int  # since 1970-01-01
    usual: float
    this: float
    times: float
    p: float


def unusual_days(figure: Figure, windows: Windows) -> list[Day]:
    """The days of THIS with how far each lies off; empty for ratios and short periods, which have no usual day."""
    spans = [windows.spans[w] for w in (THIS, THAT)]
    if figure.bottom is not None or min(s.days for s in spans) < LEAST:
        return []
    rows = figure.top
    first = [day_number(s.start) for s in spans]
    daily = [
        np.bincount(rows.day[rows.window == w] - first[w], rows.value[rows.window == w], spans[w].days)
        for w in (THIS, THAT)
    ]
    level = [float(np.median(d)) for d in daily]
    if min(level) <= 0:
        return []
    weekday = [(first[w] + np.arange(spans[w].days) + 3) % 7 for w in (THIS, THAT)]
    relative, of = np.concatenate([d / at for d, at in zip(daily, level, strict=True)]), np.concatenate(weekday)
    usual = np.array([np.median(relative[of == w]) if np.any(of == w) else np.nan for w in range(7)])
    off = relative - usual[of]
    deviation = TO_DEVIATION * float(np.median(np.abs(off)))
    if deviation <= 0:
        return []
    expected = usual[weekday[THIS]] * level[THIS]
    chance = np.abs(expected) * _grain(figure)  # a day of few baskets varies the more
    times = (daily[THIS] - expected) / np.sqrt(np.maximum((deviation * level[THIS]) ** 2, chance))
    return [
        Day(first[THIS] + i, float(e), float(this), t, two_sided(t, len(off) - 8))
        for i, (e, this, t) in enumerate(zip(expected, daily[THIS], times.tolist(), strict=True))
    ]


def _grain(figure: Figure) -> float:
    """Variance by amount: the size of a basket, weighted by itself."""
    rows = figure.rows(())[0]
    value = rows.value[(rows.window == THIS) | (rows.window == THAT)]
    return float(np.sum(value**2) / abs(np.sum(value)))
