"""Windows of a panel as numbers for models: what was known of a series when a period began, and of the steps ahead.

A window is (series i, origin t): nothing of y at or after t enters a feature. Sales are divided by the series' own
recent level and bent by arcsinh, which is undone exactly. B windows, H steps ahead, L periods of context, K known
columns, C channels, F features of a step, E features of a window, A anchors.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.forecast.habits import could_sell, habits
from tools.forecast.table import Floats, Ints, Panel, place_in_year, weekday

EPS = 0.1  # of a series' level: added on both sides of a ratio, so that nothing sold is no infinity
YEARS = 2.5  # of history before the place in the year is a feature
BENT = 3.0  # ratios are held within ± so much, as logarithms
ENORMOUS = 20.0  # times the median sale of a series
FAR = 100.0  # levels: sales beyond are one enormous order, and teach no more than this


@dataclass(frozen=True)
class Spans:
    """Periods of context and of a patch; what "recent" and "long" are; the means that are features; the week."""

    context: int
    patch: int
    recent: int
    long: int
    means: tuple[int, ...]
    near: int  # half the width of the window around the same time last year
    week: int  # 0: there is none


SPANS = {
    "D": Spans(112, 7, 28, 112, (7, 14, 28, 56, 112, 364), 3, 7),
    "W": Spans(60, 4, 8, 26, (2, 4, 8, 13, 26, 52), 1, 0),
    "M": Spans(36, 3, 6, 12, (2, 3, 6, 12, 24), 0, 0),
}


@dataclass(frozen=True)
class Batch:
    """past (B, L, C), step (B, H, F), anchor (B, H, A), context (B, E), habit (B, 12), static (B, 1 + G), scale (B,),
    target (B, H) in levels, NaN where it isn't known."""

    past: Floats
    step: Floats
    anchor: Floats
    context: Floats
    habit: Floats
    static: Ints
    scale: Floats
    target: Floats


class Sums:
    """Running sums over time of rows (R, T), NaN where nothing was observed: the mean of any span at once."""

    def __init__(self, rows: Floats) -> None:
        self.periods = rows.shape[1]
        held = ~np.isnan(rows)
        pad = ((0, 0), (1, 0))
        self._sum = np.pad(np.cumsum(np.where(held, rows, 0.0), 1, dtype=np.float64), pad)
        self._count = np.pad(np.cumsum(held, 1, dtype=np.int32), pad)

    def mean(self, row: Ints, begin: Ints, end: Ints) -> tuple[Floats, np.ndarray[Any, Any]]:
        """Of row's values at begin ≤ period < end, 0 where there is none; and how many there are."""
        a, b = (np.clip(x, 0, self.periods) for x in (begin, end))
        count = np.maximum(self._count[row, b] - self._count[row, a], 0)
        total = np.where(count > 0, self._sum[row, b] - self._sum[row, a], 0.0)
        return (total / np.maximum(count, 1)).astype(np.float32), count


def bend(y: Floats, scale: Floats) -> Floats:
    """arcsinh(y / scale)"""
    return np.asarray(np.arcsinh(y / scale))


def unbend(x: Floats, scale: Floats) -> Floats:
    """The inverse of bend."""
    return np.sinh(x) * scale


class Windows:
    """Windows of one panel. Known columns are measured by what they were before the period `until`."""

    def __init__(self, panel: Panel, horizon: int, until: int) -> None:
        self.panel, self.horizon = panel, horizon
        self.spans, self.year = SPANS[panel.freq.code], panel.freq.year
        self.padded = -(-horizon // self.spans.patch) * self.spans.patch
        sold = np.where(panel.is_open, panel.y, np.nan)
        self._own, self._zero = Sums(sold), Sums(np.where(np.isnan(sold), np.nan, (sold <= 0)).astype(np.float32))
        self._square = Sums(np.arcsinh(np.maximum(sold, 0)))
        self.calm = calm(panel.y)
        self._calm = Sums(np.where(panel.is_open, self.calm, np.nan))
        self._groups, self._open_sales = _groups(panel, sold), could_sell(panel)
        self._floor = np.float32(max(1e-6, 1e-3 * float(np.nanmean(np.abs(panel.y[:, :until])))))
        self._known = _standardised(panel, until)
        self._known_sums = [Sums(self._known[:, :, k]) for k in range(self._known.shape[2])]
        self._calendar = _calendar(panel, until)

    def level(self, i: Ints, t: Ints) -> Floats:
        """What a series usually sold a period, in its own units, at the origins: half recent, half long."""
        return self._level(self._own, i, t)

    def calm_level(self, i: Ints, t: Ints) -> Floats:
        """The same of sales none of which is enormous."""
        return self._level(self._calm, i, t)

    def _level(self, sums: Sums, i: Ints, t: Ints) -> Floats:
        parts = [sums.mean(i, t - span, t)[0] for span in (self.spans.recent, self.spans.long)]
        ever, _ = sums.mean(i, np.zeros_like(t), t)
        found = (parts[0] + parts[1]) / 2
        return np.maximum(np.where(found > 0, found, ever), self._floor)

    def volume(self, i: Ints, t: Ints) -> Floats:
        return self._own.mean(i, t - self.spans.long, t)[0]

    def target(self, i: Ints, t: Ints) -> Floats:
        """y (B, H) of the steps ahead, NaN beyond what the panel has."""
        at = t[:, None] + np.arange(self.horizon)
        y = self.panel.y[i[:, None], np.minimum(at, self.panel.y.shape[1] - 1)]
        return np.where(at < self.panel.y.shape[1], y, np.nan).astype(np.float32)

    def batch(self, i: Ints, t: Ints) -> Batch:
        scale = self.level(i, t)
        step = np.stack(list(self.steps(i, t, scale).values()), -1).astype(np.float32)
        context = np.stack(list(self.context(i, t, scale).values()), -1).astype(np.float32)
        static = np.concatenate([i[:, None] + 1, self.panel.static[i]], 1)
        anchor = np.stack(self.anchors(i[:, None], t[:, None], scale[:, None]), -1).astype(np.float32)
        habit = habits(self._open_sales, i, t, scale, self.spans.recent, self.spans.long)
        target = self.target(i, t) / scale[:, None]
        return Batch(self.past(i, t, scale), step, anchor, context, habit, static, scale, target)

    def reaching(self, horizon: int) -> Windows:
        """The same windows with another horizon."""
        out = copy(self)
        out.horizon, out.padded = horizon, -(-horizon // self.spans.patch) * self.spans.patch
        return out

    def past(self, i: Ints, t: Ints, scale: Floats, known: bool = True) -> Floats:
        at = t[:, None] + np.arange(-self.spans.context, 0)
        held = at >= self.panel.first[i][:, None]
        at = np.maximum(at, 0)
        y = np.where(held, self.panel.y[i[:, None], at], 0.0)
        channels = [bend(y, scale[:, None]), held, self.panel.is_open[i[:, None], at] & held]
        columns = self._known.shape[2] if known else 0
        channels += [np.where(held, self._known[i[:, None], at, k], 0.0) for k in range(columns)]
        return np.stack([np.nan_to_num(c).astype(np.float32) for c in channels], -1)

    def steps(self, i: Ints, t: Ints, scale: Floats) -> dict[str, Floats]:
        """Features of each step, (B, H padded to whole patches) each."""
        ahead = np.arange(self.padded)
        at = t[:, None] + ahead
        out = self.own_steps(i, t, scale)
        out |= {name: values[np.minimum(at, len(values) - 1)] for name, values in self._calendar.items()}
        return out | self._known_ahead(i[:, None], t[:, None], at, ahead)

    def own_steps(self, i: Ints, t: Ints, scale: Floats) -> dict[str, Floats]:
        """Those that sales alone tell."""
        ahead = np.arange(self.padded)
        place = np.broadcast_to((ahead + 1) / self.horizon, (len(i), self.padded))
        out: dict[str, Floats] = {"ahead": place.astype(np.float32)}
        out |= self._same_phase(i[:, None], t[:, None], ahead, scale[:, None])
        return out | self._last_year(i[:, None], t[:, None], ahead, scale[:, None])

    def anchors(self, i: Ints, t: Ints, scale: Floats) -> list[Floats]:
        """Simple forecasts of each step, (B, H padded) each, bent: what a model weighs, and then departs from.

        Recent and long means; the same weekday's; recent sales as they moved at this time last year, of the series and
        of its groups; last year's sales themselves.
        """
        ahead = np.arange(self.padded)
        spans = (self.spans.recent, self.spans.long, self.spans.means[0])
        levels = [np.broadcast_to(self._own.mean(i, t - span, t)[0], (len(i), len(ahead))) for span in spans]
        out = [bend(level, scale) for level in levels]
        found = self._same_phase(i, t, ahead, scale)
        out += [found[name] for name in found if "mean" in name]
        year = self._last_year(i, t, ahead, scale)
        out += [bend(levels[0] * np.exp(year[name]), scale) for name in year if "ratio" in name]
        if year:
            out.append(np.where(year["a year ago is known"] > 0, year["a year ago"], out[0]))
        return out

    def _same_phase(self, i: Ints, t: Ints, ahead: Ints, scale: Floats) -> dict[str, Floats]:
        """The same weekday of the last weeks: its sales, and their means."""
        week, out = self.spans.week, {}
        if not week:
            return {}
        latest = t + ahead - week * (ahead // week + 1)
        values = [self._own.mean(i, latest - k * week, latest - k * week + 1)[0] for k in range(8)]
        for k in range(3):
            out[f"same weekday {k + 1}"] = bend(values[k], scale)
        for count in (4, 8):
            out[f"same weekday, mean of {count}"] = bend(np.mean(values[:count], 0), scale)
        return out

    def _last_year(self, i: Ints, t: Ints, ahead: Ints, scale: Floats) -> dict[str, Floats]:
        """The same time a year ago: sales, how they stood to their level then, and so for the groups."""
        out, back = {}, self.year * (ahead // self.year + 1)
        if self.panel.y.shape[1] <= self.year:
            return {}
        near, then = self.spans.near, t + ahead - back
        begin, end = then - near, np.minimum(then + near + 1, t)
        exact, count = self._own.mean(i, then, np.minimum(then + 1, t))
        out["a year ago"] = bend(exact, scale)
        out["a year ago is known"] = (count > 0).astype(np.float32)
        out["a year ago, around"] = bend(self._own.mean(i, begin, end)[0], scale)
        out["two years ago"] = bend(self._own.mean(i, then - self.year, then - self.year + 1)[0], scale)
        out["year's ratio"] = self._ratio(self._own, i, begin, end, t - back)
        for name, (sums, member) in self._groups.items():
            out[f"year's ratio of {name}"] = self._ratio(sums, member[i], begin, end, t - back)
        return out

    def _ratio(self, sums: Sums, row: Ints, begin: Ints, end: Ints, origin: Ints) -> Floats:
        """log of the mean of a span over the recent level before `origin`, 0 where either isn't known."""
        found, count = sums.mean(row, begin, end)
        level, before = sums.mean(row, origin - self.spans.recent, origin)
        more = EPS * level + self._floor
        ratio = np.log((np.maximum(found, 0) + more) / (np.maximum(level, 0) + more))
        return np.where((count > 0) & (before > 0), np.clip(ratio, -BENT, BENT), 0.0).astype(np.float32)

    def _known_ahead(self, i: Ints, t: Ints, at: Ints, ahead: Ints) -> dict[str, Floats]:
        """Known columns: at the step and around it, against the recent past and against a year ago."""
        out, last = {}, self._known.shape[1] - 1
        then = at - self.year * (ahead // self.year + 1)
        for k, name in enumerate(self.panel.known_names):
            values = self._known[:, :, k]
            now = values[i, np.minimum(at, last)]
            usual, _ = self._known_sums[k].mean(i, t - self.spans.long, t)
            out[name] = now
            out[f"{name}, before"] = values[i, np.minimum(at - 1, last)]
            out[f"{name}, after"] = values[i, np.minimum(at + 1, last)]
            out[f"{name} against usual"] = now - usual
            out[f"{name} against a year ago"] = np.where(then >= 0, now - values[i, np.maximum(then, 0)], 0.0)
        return out

    def context(self, i: Ints, t: Ints, scale: Floats) -> dict[str, Floats]:
        """Features of the series at the origin, (B,) each."""
        out = {f"last {k}": bend(self._own.mean(i, t - k, t - k + 1)[0], scale) for k in (1, 2, 3, 4)}
        for span in self.spans.means:
            out[f"mean of {span}"] = bend(self._own.mean(i, t - span, t)[0], scale)
        for span in (self.spans.recent, self.spans.long):
            out[f"none sold in {span}"] = self._zero.mean(i, t - span, t)[0]
        out["level"] = np.log(scale / self._floor)
        out["unevenness"] = np.log1p(self._square.mean(i, t - self.spans.long, t)[0])
        out["age"] = np.log1p(np.maximum(t - self.panel.first[i], 0)).astype(np.float32) / 5
        out["growth on the year"] = self._growth(self._own, i, t)
        for name, (sums, member) in self._groups.items():
            out[f"growth on the year of {name}"] = self._growth(sums, member[i], t)
            out[f"trend of {name}"] = -self._ratio(sums, member[i], t - self.spans.long, t, t)
        return out

    def common(self) -> Ints:
        """Places, among the features of a window, of what all series did together."""
        one = np.zeros(1, np.int64)
        return np.flatnonzero([name.endswith(" of all") for name in self.context(one, one, np.ones(1, np.float32))])

    def groups(self) -> tuple[str, ...]:
        """The static columns whose values are groups."""
        return tuple(name for name in self._groups if name != "all")

    def _growth(self, sums: Sums, row: Ints, t: Ints) -> Floats:
        return -self._ratio(sums, row, t - self.year - self.spans.recent, t - self.year, t)


def calm(sold: Floats) -> Floats:
    """Sales (S, T) held at ENORMOUS times the series' median sale: one order must not speak for all of a shop."""
    ranked = np.sort(np.where(sold > 0, sold, np.inf), 1)
    middle = np.maximum((sold > 0).sum(1) - 1, 0) // 2
    usual = np.take_along_axis(ranked, middle[:, None], 1)  # without a sale infinite, and nothing is to be held
    return np.asarray(np.minimum(sold, ENORMOUS * usual), np.float32)


def _groups(panel: Panel, sold: Floats) -> dict[str, tuple[Sums, Ints]]:
    """Sales of all series together, and of those that share a static value: (groups, T), and each series' group."""
    found = {"all": np.zeros(len(panel.series), np.int64)}
    for g, name in enumerate(panel.static_names):
        if 1 < panel.static[:, g].max() <= len(panel.series) / 3:
            found[name] = panel.static[:, g]
    return {name: (Sums(_summed(sold, member)), member) for name, member in found.items()}


def _summed(sold: Floats, member: Ints) -> Floats:
    """The mean of each group's members in each period, NaN where there is none."""
    order = np.argsort(member, kind="stable")
    found, begin = np.unique(member[order], return_index=True)
    held = ~np.isnan(sold[order])
    total = np.add.reduceat(np.where(held, sold[order], 0.0).astype(np.float64), begin)
    count = np.add.reduceat(held.astype(np.int64), begin)
    out = np.full((int(member.max()) + 1, sold.shape[1]), np.nan, np.float32)
    out[found] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return out


def _standardised(panel: Panel, until: int) -> Floats:
    """Known columns with mean 0 and deviation 1 before `until`, never beyond what they were then; those of one sign and
    wide range by their logarithm."""
    out = panel.known.astype(np.float32).copy()
    for k in range(out.shape[2]):
        column = out[:, :, k]
        seen = column[:, :until]
        if seen.min() > 0 or (seen.min() >= 0 and seen.max() > 100):
            column = np.log1p(np.maximum(column, 0))
        seen = column[:, :until]
        held = np.clip(column, seen.min(), seen.max())
        out[:, :, k] = (held - seen.mean()) / max(float(seen.std()), 1e-6)
    return out


def _calendar(panel: Panel, until: int) -> dict[str, Floats]:
    """Where a date stands in the year, the month and the week, (T,) each.

    The place in the year only once there are years to learn it from: before, it is but another word for time.
    """
    days = panel.dates.astype("datetime64[D]")
    year = place_in_year(days)
    out: dict[str, Any] = {}
    for k in (1, 2, 3) if until >= YEARS * panel.freq.year else ():
        out[f"year sin {k}"], out[f"year cos {k}"] = np.sin(2 * np.pi * k * year), np.cos(2 * np.pi * k * year)
    if panel.freq.code == "D":
        out |= {f"weekday {k}": (weekday(days) == k).astype(np.float64) for k in range(7)}
    if panel.freq.code != "M":
        month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.float64) / 30.44
        out["month sin"], out["month cos"] = np.sin(2 * np.pi * month), np.cos(2 * np.pi * month)
    return {name: values.astype(np.float32) for name, values in out.items()}
