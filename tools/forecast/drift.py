"""What all series do together, forecast apart from what tells one from another.

Before a year and more has gone round, a table has few dates to learn from, though many series: a model learns their
common ups and downs by heart, and expects those of the past again. So the common part is taken out of what is learned
from, and what all sold lately is expected to go on (a random walk, which few dates can't improve on).
"""

from __future__ import annotations

import numpy as np

from tools.forecast.features import Windows
from tools.forecast.table import Floats, Ints

MOST = 3.0  # times, up or down, that all together may move
LATELY = (1, 2)  # times the recent span: what lately is


def drifts(windows: Windows, t: Ints) -> Floats:
    """For each origin (N,): the total to come over the sum of the levels, of the series that had begun.

    1 where it isn't known.
    """
    origins, place = np.unique(t, return_inverse=True)
    return np.array([_came(windows, int(origin)) for origin in origins], np.float32)[place]


def expected_drift(windows: Windows, origin: int) -> float:
    """What `drifts` is expected to be at an origin whose future isn't known: the geometric mean over the spans."""
    begun, y = _begun(windows, origin)
    spans = [y[:, max(0, origin - k * windows.spans.recent) : origin] for k in LATELY]
    found = [_ratio(windows, begun, origin, float(np.nansum(span)) / span.shape[1]) for span in spans]
    return float(np.exp(np.log(found).mean()))


def _came(windows: Windows, origin: int) -> float:
    begun, y = _begun(windows, origin)
    ahead = y[:, origin : origin + windows.horizon]
    if ahead.shape[1] < windows.horizon or np.isnan(ahead).any():
        return 1.0
    return _ratio(windows, begun, origin, float(ahead.sum()) / windows.horizon)


def _begun(windows: Windows, origin: int) -> tuple[Ints, Floats]:
    begun = np.flatnonzero(windows.panel.first < origin)
    return begun, windows.calm[begun]


def _ratio(windows: Windows, begun: Ints, origin: int, total: float) -> float:
    """A period's total over the sum of the levels, within bounds; no enormous sale is in either (features.calm)."""
    levels = float(windows.calm_level(begun, np.full(len(begun), origin)).sum())
    return float(np.clip(total / max(levels, 1e-9), 1 / MOST, MOST))
