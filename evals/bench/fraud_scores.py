"""How well each model ranks the orders of a time, and whether the differences could be chance. N rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.metrics import auc, average_precision, calibration_error, precision_at, precisions_at, recall_at
from tools.fraud.blend import logit, platt, sigmoid
from tools.fraud.table import Bools, Floats, Ints

TIMES = 400  # of the bootstrap
SURE, Z = 0.9, 1.6449  # of an interval, and the normal's quantile for it
ENOUGH = 200  # honest rows of a group, from which on its rate is compared
COLUMNS = ("AP", "AUC", "CP@k", "recall at 1 % FPR", "ECE")


@dataclass(frozen=True)
class Truth:
    """What came: y (N,), the day and the card of each row, cases a day that are reviewed, and kinds of fraud by name:
    the rows of each, and all honest ones."""

    y: Floats
    day: Ints
    card: Ints
    review: int
    kinds: Mapping[str, np.ndarray[Any, Any]]

    def at(self, held: Bools) -> Truth:
        """Of some rows alone."""
        kinds = {name: rows[held] for name, rows in self.kinds.items()}
        return Truth(self.y[held], self.day[held], self.card[held], self.review, kinds)


def columns(truth: Truth) -> tuple[str, ...]:
    named = tuple(f"CP@{truth.review}" if c == "CP@k" else c for c in COLUMNS)
    return (*named, *(f"AUC {name}" for name in truth.kinds))


def scores(truth: Truth, p: Floats) -> Floats:
    """(columns,)"""
    found = [
        average_precision(truth.y, p), auc(truth.y, p), precision_at(truth.y, p, truth.day, truth.card, truth.review),
        recall_at(truth.y, p), calibration_error(truth.y, p),
    ]  # fmt: skip
    return np.array([*found, *(auc(truth.y[at], p[at]) for at in truth.kinds.values())])


def shown(found: Floats) -> tuple[str, ...]:
    return tuple(f"{value:.4f}" for value in found)


def differences(
    truth: Truth, ours: Sequence[Floats], theirs: Sequence[Floats], seed: int = 7
) -> dict[str, tuple[float, float, float]]:
    """AP, AUC and CP@k of ours less theirs, the mean over the seeds of the training, and its 90 % interval.

    Rows are drawn again, alike for both and for all seeds; for CP@k, days.
    """
    rng, n = np.random.default_rng(seed), len(truth.y)
    drawn = [rng.multinomial(n, np.full(n, 1 / n)).astype(float) for _ in range(TIMES)]
    out = {}
    for name, metric in (("AP", average_precision), ("AUC", auc)):
        found = _mean(truth, ours, metric, drawn) - _mean(truth, theirs, metric, drawn)
        out[name] = (float(found[0]), *_interval(found[1:]))
    days = _days(truth, ours) - _days(truth, theirs)
    again = days[rng.integers(0, len(days), (TIMES, len(days)))].mean(1)
    return out | {f"CP@{truth.review}": (float(days.mean()), *_interval(again))}


def _mean(truth: Truth, said: Sequence[Floats], metric: Callable[..., float], drawn: Sequence[Floats]) -> Floats:
    """(1 + TIMES,) a metric's mean over the seeds, first of the rows as they are."""
    out = np.zeros(1 + len(drawn))
    for p in said:
        order = np.argsort(-p, kind="stable")  # sorted once: what is sorted already is sorted again in no time
        y, score = truth.y[order], p[order]
        out += [metric(y, score), *(metric(y, score, w[order]) for w in drawn)]
    return np.asarray(out / len(said))


def _days(truth: Truth, said: Sequence[Floats]) -> Floats:
    """(days,)"""
    return np.asarray(np.mean([precisions_at(truth.y, p, truth.day, truth.card, truth.review) for p in said], 0))


def _interval(found: Floats) -> tuple[float, float]:
    low, high = np.nanquantile(found, [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)


def recalibrated(truth: Truth, p: Floats) -> tuple[float, float]:
    """The calibration error of the last nine tenths of the rows as they were said, and once the labels of the first
    tenth, by time, have moved all probabilities alike in logits."""
    order = np.argsort(truth.day, kind="stable")
    first, rest = order[: len(order) // 10], order[len(order) // 10 :]
    slope, base = platt(logit(p[first]), truth.y[first], np.ones(len(first)), slope=False)
    moved = sigmoid(slope * logit(p[rest]) + base)
    return calibration_error(truth.y[rest], p[rest]), calibration_error(truth.y[rest], moved)


@dataclass(frozen=True)
class Rate:
    """Of a group's honest rows the part that is reviewed, with its 90 % interval (Wilson 1927), and their number."""

    rate: float
    low: float
    high: float
    honest: int


def false_positives(truth: Truth, p: Floats, group: np.ndarray[Any, Any]) -> dict[str, Rate]:
    """By group, where the rows scored highest are reviewed, so many a day."""
    reviewed = np.zeros(len(p), bool)
    for day in np.unique(truth.day):
        at = np.flatnonzero(truth.day == day)
        reviewed[at[np.argsort(-p[at], kind="stable")[: truth.review]]] = True
    honest = truth.y == 0
    return {
        str(name): _wilson(int((reviewed & honest & (group == name)).sum()), int((honest & (group == name)).sum()))
        for name in np.unique(group)
    }


def fairness(rates: dict[str, Rate]) -> float:
    """The lowest rate over the highest, of groups with enough honest rows: 1 is even, under 0.8 is not."""
    found = [r.rate for r in rates.values() if r.honest >= ENOUGH]
    return min(found) / max(found) if len(found) > 1 and max(found) > 0 else float("nan")


def _wilson(hits: int, count: int) -> Rate:
    if not count:
        return Rate(float("nan"), 0.0, 1.0, 0)
    rate, z = hits / count, Z
    middle = (rate + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2))
    return Rate(rate, max(0.0, float(middle - half)), min(1.0, float(middle + half)), count)


def verdicts(truth: Truth, ours: Sequence[Floats], theirs: Sequence[Floats]) -> Iterator[str]:
    """Against LightGBM on the same features: the goal is an interval that isn't wholly below 0."""
    for name, (found, low, high) in differences(truth, ours, theirs).items():
        met = "met" if high >= 0 else "NOT met"
        yield f"{name} against lightgbm: {found:+.4f}, 90 % interval {low:+.4f} to {high:+.4f}: {met}."
