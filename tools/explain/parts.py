"""A figure by the values of a dimension: what each came to in every window, and what it added to the change.

Contributions add up to the change exactly. Of a sum they are differences. Of a ratio R = N / D they are

    Δ(n / D) − R̄ · Δ(d / D),   R̄ = (R0 + R1) / 2,

which is the value's own change of rate at its mean weight, plus its change of weight times how far its mean rate lies
from the shop's: the indicator of Bennet (1920), "The theory of measurement of changes in cost of living", which is the
Shapley value of rate and weight. Where the denominator can't be split so (orders by product), Δ(n / D) alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tools.explain.facts import Floats, Ints, summed
from tools.explain.rows import OF_LINES, Rows, runs
from tools.explain.windows import THAT, THIS

Dims = tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A metric's rows: its sum, or numerator and denominator. `windows` is their number."""

    top: Rows
    bottom: Rows | None
    windows: int
    _by_unit: dict[Dims, list[Rows]] = field(default_factory=dict)

    @cached_property
    def top_totals(self) -> Floats:
        return self.top.totals(self.windows)

    @cached_property
    def bottom_totals(self) -> Floats:
        """(windows,), ones for a sum"""
        return np.ones(self.windows) if self.bottom is None else self.bottom.totals(self.windows)

    @cached_property
    def values(self) -> Floats:
        """(windows,) of the figure; NaN for a ratio over nothing."""
        return _quotient(self.top_totals, self.bottom_totals)

    def rows(self, dims: Dims) -> list[Rows]:
        """Those that these dimensions split: the numerator's and, where it can be split so too, the denominator's.

        What varies as one is one row of each value.
        """
        of_lines = tuple(sorted(OF_LINES & set(dims)))
        if of_lines not in self._by_unit:
            self._by_unit[of_lines] = [
                side.by_unit(of_lines) for side in (self.top, self.bottom)
                if side is not None and all(d in side.codes for d in of_lines)
            ]  # fmt: skip
        return [rows for rows in self._by_unit[of_lines] if all(d in rows.codes for d in dims)]

    def without(self, dims: Dims, value: tuple[int, ...]) -> Figure:
        """The rest of the shop."""
        both = self.bottom is not None and all(d in self.bottom.codes for d in dims)
        bottom = _without(self.bottom, dims, value) if both and self.bottom is not None else self.bottom
        return Figure(_without(self.top, dims, value), bottom, self.windows)

    def without_units(self, units: Sequence[int]) -> Figure:
        """Without these orders or returns, in any window."""
        top, bottom = (None if s is None else s.where(~np.isin(s.unit, units)) for s in (self.top, self.bottom))
        assert top is not None
        return Figure(top, bottom, self.windows)

    def without_day(self, day: int) -> Figure:
        """The other days of this period."""
        return Figure(self.top.where((self.top.window != THIS) | (self.top.day != day)), self.bottom, self.windows)


@dataclass(frozen=True)
class Parts:
    """By one dimension or a pair: `keys` are the n values. `tops`, `bottoms` (windows,) are the totals."""

    dims: Dims
    keys: list[tuple[int, ...]]
    rows: list[tuple[Rows, Ints]]  # numerator, and denominator where it is split, each with its rows' places in keys
    tops: Floats
    bottoms: Floats

    @cached_property
    def top(self) -> Floats:
        """(windows, n)"""
        return self._summed(*self.rows[0])

    @cached_property
    def bottom(self) -> Floats | None:
        """(windows, n); None where it isn't split."""
        return self._summed(*self.rows[1]) if len(self.rows) > 1 else None

    def _summed(self, rows: Rows, at: Ints) -> Floats:
        n, windows = len(self.keys), len(self.tops)
        return summed(rows.window * n + at, rows.value, windows * n).reshape(windows, n)

    @cached_property
    def spread(self) -> Floats:
        """(windows, n) sums of squares over what varies as one: the variance of a compound Poisson sum.

        For a ratio, of its linearised rows (n − R d) / D.
        """
        n, windows = len(self.keys), len(self.tops)
        if len(self.rows) == 1:
            rows, at = self.rows[0]
            return summed(rows.window * n + at, rows.value**2, windows * n).reshape(windows, n)
        ratio = _quotient(self.tops, self.bottoms, 0.0)
        scale = _quotient(np.ones(windows), self.bottoms, 0.0)
        (top, _), (bottom, _) = self.rows
        value = np.r_[top.value * scale[top.window], -bottom.value * (ratio * scale)[bottom.window]]
        cell = np.concatenate([rows.window * n + at for rows, at in self.rows])
        order, new = runs(np.r_[top.unit, bottom.unit], cell)
        each = np.add.reduceat(value[order], new) if len(new) else value
        return summed(cell[order][new], each**2, windows * n).reshape(windows, n)

    @property
    def contributions(self) -> Floats:
        """(n,)"""
        moved = _quotient(self.top[THIS], self.bottoms[THIS], 0.0) - _quotient(self.top[THAT], self.bottoms[THAT], 0.0)
        if self.bottom is None:
            return moved
        mean = (self.tops[THIS] / self.bottoms[THIS] + self.tops[THAT] / self.bottoms[THAT]) / 2
        weights = self.bottom[THIS] / self.bottoms[THIS] - self.bottom[THAT] / self.bottoms[THAT]
        return np.asarray(moved - mean * weights)

    def values(self, window: int) -> Floats:
        """(n,) the figure of each value by itself; NaN where it is over nothing."""
        if self.bottom is None:
            return _quotient(self.top[window], self.bottoms[window])
        return _quotient(self.top[window], self.bottom[window])


def parts_of(figure: Figure, dims: Dims) -> Parts:
    """The figure split by one or two dimensions, of which the numerator's rows have both."""
    sides = figure.rows(dims)
    width = [1 + max(int(s.codes[d].max(initial=0)) for s in sides) for d in dims]
    flat = [np.ravel_multi_index([s.codes[d] for d in dims], width) for s in sides]
    there = sum((np.bincount(f, minlength=math.prod(width)) for f in flat), np.zeros(math.prod(width))) > 0
    place = np.cumsum(there) - 1
    keys = [tuple(map(int, k)) for k in np.transpose(np.unravel_index(np.flatnonzero(there), width))]
    rows = [(s, place[f]) for s, f in zip(sides, flat, strict=True)]
    return Parts(dims, keys, rows, figure.top_totals, figure.bottom_totals)


def _without(rows: Rows, dims: Dims, value: tuple[int, ...]) -> Rows:
    inside = np.ones(len(rows.value), dtype=bool)
    for d, v in zip(dims, value, strict=True):
        inside &= rows.codes[d] == v
    return rows.where(~inside)


def _quotient(a: Floats, b: Floats | float, empty: float = np.nan) -> Floats:
    b = np.broadcast_to(b, np.shape(a))
    return np.asarray(np.divide(a, b, out=np.full(np.shape(a), empty), where=b != 0))
