"""What was known of an entity when an order came: running sums over its earlier orders, and the labels known by then.

Rows are in the order of time; an order's history is what stands before it. A label is known once `delay` has passed.
N rows asked for, K earlier orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tools.fraud.table import Bools, Floats, Ints


@dataclass(frozen=True)
class Span:
    """Positions in an entity's order (N,): begin ≤ position < end."""

    begin: Ints
    end: Ints

    @property
    def count(self) -> Ints:
        return self.end - self.begin


class History:
    """One entity column. `codes` and `time` (M,) of all rows, in the order of time."""

    def __init__(self, codes: Ints, time: Ints) -> None:
        self.codes, self.time = codes, time
        self.order = np.argsort(codes, kind="stable")
        self._origin, self._wide = int(time[0]), int(time[-1] - time[0]) + 2
        held = codes[self.order]
        self._key = held * self._wide + (time[self.order] - self._origin)
        self.at = np.empty(len(codes), np.int64)
        self.at[self.order] = np.arange(len(codes))
        self.first = np.searchsorted(held, codes)  # where each row's entity begins
        self._sums: dict[str, Ints] = {}
        self._units: dict[str, float] = {}
        self._latest: dict[str, Ints] = {}

    def add(self, columns: Mapping[str, Floats], unit: float = 1.0) -> None:
        """Columns (M,) whose sums will be asked for. Summed in whole units, so that nothing else can change a sum."""
        for name, values in columns.items():
            whole = np.rint(values[self.order] / unit).astype(np.int64)
            self._sums[name], self._units[name] = np.concatenate([[0], np.cumsum(whole)]), unit

    def mark(self, name: str, marked: Bools) -> None:
        """Rows (M,) of which the latest will be asked for."""
        at = np.where(marked[self.order], np.arange(len(marked)), -1)
        self._latest[name] = np.maximum.accumulate(at)

    def before(self, rows: Ints, window: int | None = None, delay: int = 0) -> Span:
        """Earlier orders of the same entity, of the last `window` seconds, at least `delay` seconds old.

        Without a delay those of the same second count too, if they stand before.
        """
        first = self.first[rows]
        end = np.maximum(self._position(rows, delay), first) if delay else self.at[rows]
        if window is None:
            return Span(first, end)
        return Span(np.minimum(np.maximum(self._position(rows, delay + window), first), end), end)

    def sum(self, name: str, span: Span) -> Floats:
        sums = self._sums[name]
        return np.asarray((sums[span.end] - sums[span.begin]) * self._units[name])

    def mean(self, name: str, span: Span) -> Floats:
        """NaN where there is nothing."""
        count = span.count
        return np.where(count > 0, self.sum(name, span) / np.maximum(count, 1), np.nan)

    def since_latest(self, name: str, rows: Ints, span: Span) -> Floats:
        """Seconds since the latest marked order of the span, NaN where there is none."""
        at = self._latest[name][np.maximum(span.end - 1, 0)]
        held = (at >= span.begin) & (span.count > 0)
        return np.where(held, self.time[rows] - self.time[self.order[np.maximum(at, 0)]], np.nan)

    def after_latest(self, name: str, span: Span) -> Span:
        """What of the span comes after its latest marked order; all of it where there is none."""
        at = self._latest[name][np.maximum(span.end - 1, 0)]
        return Span(np.where(span.count > 0, np.maximum(span.begin, at + 1), span.begin), span.end)

    def since(self, rows: Ints, at: Ints, held: Bools) -> Floats:
        """Seconds since the orders at the positions, NaN where they aren't held."""
        return np.where(held, self.time[rows] - self.time[self.order[np.maximum(at, 0)]], np.nan)

    def last(self, rows: Ints, count: int) -> tuple[Ints, Bools]:
        """The last K orders before each, the latest first: which rows (N, K), and whether there is one."""
        at = self.at[rows][:, None] - np.arange(1, count + 1)
        held = at >= self.first[rows][:, None]
        return self.order[np.maximum(at, 0)], held

    def lasting(self, known: Floats, marked: Floats, rows: Ints) -> float:
        """Of marked rows the part whose entity's next one is marked too, less that of the others; 0 if that is less.

        Judged by pairs of which both are among the rows and known.
        """
        told = np.zeros(len(known), bool)
        told[rows] = known[rows] > 0
        now, then = self.order[:-1], self.order[1:]
        pair = told[now] & told[then] & (self.codes[now] == self.codes[then])
        first, second = marked[now[pair]] > 0, marked[then[pair]]
        if not first.any() or first.all():
            return 0.0
        return max(0.0, float(second[first].mean() - second[~first].mean()))

    def _position(self, rows: Ints, back: int) -> Ints:
        """Where the entity's orders of the last `back` seconds begin."""
        then = np.clip(self.time[rows] - self._origin - back, 0, None)
        found = np.searchsorted(self._key, self.codes[rows] * self._wide + then)
        far = self.time[rows] - self._origin < back  # before the table begins
        return np.where(far, self.first[rows], found)
