"""One model's forecasts against what came: the bench's figures, and whether the goals are met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.metrics import above, below, bias, mase, scaled_quantile_loss, seasonal_error, skill, terciles
from ml.metrics import weighted_quantile_loss as wql
from tools.forecast.blend import Q10, Q90, Said
from tools.forecast.table import Floats, Ints, Panel
from tools.forecast.trees import LEVELS

SCORED = slice(Q10, Q90 + 1)  # levels 0.1 … 0.9
AT = np.array(LEVELS)[SCORED]
MIDDLE = LEVELS.index(0.5)
THIRDS = ("small", "middle", "large")
GOALS = (
    "WQL 3 % below lightgbm's; above q90 at most 12 % overall and in each third by volume, and at least 8 % where "
    "q90 ≥ 1; below q10 at most 12 %; bias of totals within ± 5 %."
)


@dataclass(frozen=True)
class Scored:
    """`sql` and `mase`: of each series, the mean over its windows. `tails`: above q90, above q90 where q90 ≥ 1, below
    q10; overall and by volume third, small to large."""

    wql: float
    sql: Floats
    mase: Floats
    bias: float
    tails: tuple[tuple[float, float, float], ...]

    def said(self, naive: Scored) -> tuple[str, ...]:
        skills = (skill(self.sql, naive.sql), skill(self.mase, naive.mase))
        means = (f"{float(np.nanmean(values)):.3f}" for values in (self.sql, self.mase))
        high = " ".join(f"{100 * a:.1f}" for a, _, _ in self.tails)
        low = " ".join(f"{100 * b:.1f}" for _, _, b in self.tails)
        return (
            f"{self.wql:.4f}", *means, *(f"{100 * s:.1f}" for s in skills), high, f"{100 * self.tails[0][1]:.1f}",
            low, f"{100 * self.bias:+.1f}",
        )  # fmt: skip


def columns() -> tuple[str, ...]:
    return (
        "WQL", "SQL", "MASE", "skill SQL %", "skill MASE %", "above q90 %: all small middle large",
        "where q90≥1", "below q10 %: all small middle large", "bias %", "seconds",
    )  # fmt: skip


def score(panel: Panel, horizon: int, told: Sequence[tuple[int, Ints, Said]]) -> Scored:
    """Scales are of what was known before the first origin that a series is forecast at."""
    y = np.concatenate([panel.y[i, origin : origin + horizon] for origin, i, _ in told])
    q = np.concatenate([said.q for _, _, said in told])
    mean = np.concatenate([said.mean for _, _, said in told])
    series = np.concatenate([i for _, i, _ in told])
    thirds = np.concatenate([terciles(_volume(panel, i, origin)) for origin, i, _ in told])
    flat = q.reshape(-1, q.shape[-1])
    sql, scaled = _by_series(panel, y, q, series, told)
    group = np.repeat(thirds, horizon)
    tails = [_tails(y.ravel(), flat)]
    tails += [_tails(y.ravel()[group == third], flat[group == third]) for third in range(len(THIRDS))]
    return Scored(wql(y.ravel(), flat[:, SCORED], AT), sql, scaled, bias(y.ravel(), mean.ravel()), tuple(tails))


def _volume(panel: Panel, i: Ints, origin: int) -> Any:
    return np.nanmean(panel.y[i, :origin], axis=1)


def _tails(y: Floats, q: Floats) -> tuple[float, float, float]:
    counted = q[:, Q90] >= 1
    return above(y, q[:, Q90]), above(y[counted], q[counted, Q90]), below(y, q[:, Q10])


def _by_series(
    panel: Panel, y: Floats, q: Floats, series: Ints, told: Sequence[tuple[int, Ints, Said]]
) -> tuple[Floats, Floats]:
    """(S,) each, NaN where a series wasn't forecast, or has no scale. The scale is that of its past at each origin."""
    found = np.full((2, len(panel.series)), np.nan)
    total, count = np.zeros_like(found), np.zeros(len(panel.series))
    origins = np.concatenate([np.full(len(i), origin) for origin, i, _ in told])
    for row, (s, origin) in enumerate(zip(series, origins, strict=True)):
        scale = seasonal_error(panel.y[s, panel.first[s] : origin], panel.season)
        if np.isfinite(scale):
            total[0, s] += scaled_quantile_loss(y[row], q[row][:, SCORED], AT, scale)
            total[1, s] += mase(y[row], q[row][:, MIDDLE], scale)
            count[s] += 1
    held = count > 0
    found[:, held] = total[:, held] / count[held]
    return found[0], found[1]


def verdicts(ours: Scored, trees: Scored) -> Iterator[str]:
    """Each goal, and whether it is met."""
    gain = 1 - ours.wql / trees.wql
    yield f"WQL against lightgbm: {-100 * gain:+.1f} % (goal: -3 or less): {_held(gain >= 0.03)}."
    high = [a for a, _, _ in ours.tails]
    yield f"Above q90: {_listed(high)} (goal: at most 12 %): {_held(max(high) <= 0.12)}."
    counted = ours.tails[0][1]
    yield f"Above q90 where q90 ≥ 1: {100 * counted:.1f} % (goal: at least 8 %): {_held(not counted < 0.08)}."
    low = [b for _, _, b in ours.tails]
    yield f"Below q10: {_listed(low)} (goal: at most 12 %): {_held(max(low) <= 0.12)}."
    yield f"Bias of totals: {100 * ours.bias:+.1f} % (goal: within ± 5 %): {_held(abs(ours.bias) <= 0.05)}."


def _held(met: bool) -> str:
    return "met" if met else "NOT met"


def _listed(parts: Sequence[float]) -> str:
    return "all {:.1f} %, small {:.1f} %, middle {:.1f} %, large {:.1f} %".format(*(100 * p for p in parts))
