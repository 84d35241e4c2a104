"""Invented shops: panels of sales whose level, season, shocks and chance are drawn, for a model to learn from.

What is drawn is meant to be wide, not likely: steady and erratic trade, pieces and money, feasts, launches, ends,
empty shelves, bulk orders. S series, T periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.forecast.table import FREQS, Floats, Freq, Ints, Panel

Random = np.random.Generator
Rows = np.ndarray[Any, np.dtype[np.float64]]
LENGTH = {"D": (90, 800), "W": (26, 200), "M": (20, 84)}  # periods
SERIES = (30, 90)
A_MONTH = {"D": 1 / 30, "W": 1 / 4, "M": 1.0}  # of a period
BEGIN = np.datetime64("2015-01-01")


@dataclass(frozen=True)
class Shop:
    """What the series of one shop share: (S,) their groups of two kinds, (T,) places in the year."""

    random: Random
    freq: Freq
    groups: tuple[Ints, Ints]
    place: Ints
    calm: float  # the usual step of a level in a period, a logarithm
    season: float  # the usual height of a season

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.groups[0]), len(self.place)


def invented(code: str, random: Random) -> Panel:
    """A panel of a shop; `random` decides everything."""
    freq, size, count = FREQS[code], int(random.integers(*LENGTH[code])), int(random.integers(*SERIES))
    begin = int(random.integers(0, freq.year))
    kinds = [random.integers(0, int(random.integers(2, 10)), count) for _ in range(2)]
    shop = Shop(random, freq, (kinds[0], kinds[1]), (begin + np.arange(size)) % freq.year,
                _around(random, 0.05, 0.6) * A_MONTH[code] ** 0.5, _around(random, 0.15, 0.7))  # fmt: skip
    y, is_open = _closed(shop, _bulk(shop, _spells(shop, _sold(shop, _expected(shop)))))
    sold, first = _lives(shop, y)
    held = first < size - 1
    told = int(random.integers(0, 3))  # kinds of groups that the table has a column of
    static = (np.stack(kinds, 1)[held, :told] + 1).astype(np.int64)
    names = tuple(f"group {k + 1}" for k in range(told))
    known = np.zeros((int(held.sum()), size, 0), np.float32)
    return Panel(freq, freq.season, tuple(map(str, np.flatnonzero(held))), _dates(freq, begin, size), sold[held],
                 first[held], known, (), static, names, is_open[held])  # fmt: skip


def _around(random: Random, middle: float, spread: float) -> float:
    return float(np.exp(random.normal(np.log(middle), spread)))


def _dates(freq: Freq, begin: int, size: int) -> Any:
    if freq.code == "M":
        return (BEGIN.astype("datetime64[M]") + begin + np.arange(size)).astype("datetime64[D]")
    return BEGIN + (begin + np.arange(size)) * np.timedelta64(freq.days, "D")


def _expected(shop: Shop) -> Rows:
    """What is expected of each period (S, T), in units of a usual order or in money."""
    random, (count, size) = shop.random, shop.shape
    x = _seasons(shop) + _levels(shop) + random.normal(0, _around(random, 0.05, 0.6), size)
    growth = random.normal(0, 0.1) + random.normal(0, random.choice([0, 0.05, 0.15]), count)
    x += growth[:, None] * (np.arange(size) - size / 2) / shop.freq.year
    for s in np.flatnonzero(random.random(count) < 0.15):  # for good, from some period on
        x[s, random.integers(0, size) :] += random.normal(0, 0.8)
    if random.random() < 0.5:  # promotions that nobody has noted
        x += (random.random(x.shape) < 0.04) * random.gamma(2, 0.3, x.shape)
    usual = random.normal(
        {"D": 0, "W": 1, "M": 2}[shop.freq.code] + random.normal(0, 1.5), random.uniform(0.7, 1.6), count
    )
    return np.asarray(np.exp(np.clip(x + usual[:, None], -8, 15)))


def _seasons(shop: Shop) -> Rows:
    """Logarithms: the shop's year with a feast, its groups' and each series' own; of days, the week's."""
    random, (count, size), group = shop.random, shop.shape, shop.groups[0]
    year = _waves(shop, 3, shop.season) + _feast(shop)
    each = np.stack([_waves(shop, 3, shop.season * random.uniform(0.2, 1.2)) for _ in range(group.max() + 1)])
    apart = shop.season * random.uniform(0.1, 0.8)
    own = np.stack([_waves(shop, 2, apart * _around(random, 1, 0.5)) for _ in range(count)])
    out = (year + each[group] + own)[:, shop.place]
    if shop.freq.code == "D":
        week = random.normal(0, random.uniform(0.05, 0.5), 7) + random.normal(0, 0.15, (group.max() + 1, 7))
        out += week[group][:, np.arange(size) % 7]
    return np.asarray(out)


def _waves(shop: Shop, count: int, height: float) -> Rows:
    """A year (of periods) of `count` sines, the slow ones the highest."""
    k = np.arange(1, count + 1)
    phase = 2 * np.pi * np.outer(np.arange(shop.freq.year) / shop.freq.year, k)
    a, b = shop.random.normal(0, height / k, (2, count))
    return np.asarray(np.sin(phase) @ a + np.cos(phase) @ b)


def _feast(shop: Shop) -> Rows:
    """Some weeks of the year in which more is sold: before Christmas as often as not, or at any other time; or none."""
    random, year = shop.random, shop.freq.year
    chance = random.random()
    if chance > 0.75:
        return np.zeros(year)
    peak = random.uniform(0.92, 0.98) if chance < 0.5 else random.random()
    away = (np.arange(year) / year - peak + 0.5) % 1 - 0.5
    rise, fall = random.uniform(0.01, 0.08), random.uniform(0.005, 0.03)
    width = np.maximum(np.where(away < 0, rise, fall), 0.6 / year)
    return np.asarray(random.gamma(2, 0.25) * np.exp(-0.5 * (away / width) ** 2))


def _levels(shop: Shop) -> Rows:
    """Logarithms: random walks of the shop, of its groups and of each series; in half of the shops a series' own comes
    back to where it was."""
    random, (count, size) = shop.random, shop.shape
    out = walks(random, 1, size, shop.calm * 0.6) + np.zeros((count, 1))
    for group, part in zip(shop.groups, (0.6, 0.4), strict=True):
        out += walks(random, int(group.max()) + 1, size, shop.calm * part)[group]
    steps = (
        random.normal(0, 1, (count, size))
        * (shop.calm * _around(random, 1, 0.6) * np.exp(random.normal(0, 0.5, count)))[:, None]
    )
    if random.random() < 0.5:
        return np.asarray(out + steps.cumsum(1))
    stays = 0.5 ** (1 / max(0.5, random.uniform(0.5, 12) * shop.freq.year / 12))
    own = np.zeros(count)
    for t in range(size):
        own = stays * own + 1.5 * steps[:, t]
        out[:, t] += own
    return np.asarray(out)


def walks(random: Random, count: int, size: int, step: float) -> Rows:
    """Random ones (count, size)."""
    return np.asarray(random.normal(0, step, (count, size)).cumsum(1))


def _sold(shop: Shop, expected: Rows) -> Rows:
    """What was sold: orders in lots, pieces (Poisson's, with more spread), or money."""
    random, (count, size), kind = shop.random, shop.shape, shop.random.random()
    if kind < 0.35:
        return _in_lots(random, expected)
    if kind < 0.7:
        more = np.exp(random.normal(np.log(0.2), 1, count))[:, None]
        return np.asarray(
            random.poisson(np.minimum(expected * random.gamma(1 / more, more, (count, size)), 1e7)), np.float64
        )
    spread = np.exp(random.normal(np.log(0.15), 0.5, count))[:, None]
    return np.asarray(expected * np.exp(random.uniform(2, 5) + random.normal(0, 1, (count, size)) * spread))


def _in_lots(random: Random, expected: Rows) -> Rows:
    lot = np.exp(random.normal(random.uniform(0, 1.5), 0.6, len(expected)))[:, None]
    more, spread = random.uniform(0.05, 0.6), random.uniform(0.3, 1.3)
    orders = random.poisson(np.minimum(expected / lot * random.gamma(1 / more, more, expected.shape), 1e6))
    size = np.exp(random.normal(-(spread**2) / 2, spread, expected.shape) / np.sqrt(np.maximum(orders, 1)))
    return np.where(orders > 0, np.maximum(np.round(orders * lot * size), 1), 0)


def _spells(shop: Shop, y: Rows) -> Rows:
    """Empty shelves for a while, in half of the shops."""
    random, (count, size) = shop.random, shop.shape
    for s in np.flatnonzero(random.random(count) < (0.25 if random.random() < 0.5 else 0)):
        begin = int(random.integers(0, size))
        y[s, begin : begin + int(random.geometric(8 / shop.freq.year))] = 0
    return y


def _bulk(shop: Shop, y: Rows) -> Rows:
    random = shop.random
    some = random.random(y.shape) < _around(random, 0.002, 0.8)
    return np.where(some, y * (1 + 3 * random.pareto(1.5, y.shape)), y)


def _closed(shop: Shop, y: Rows) -> tuple[Rows, Any]:
    """A day of the week on which nothing is sold, in some shops: told of in half of them."""
    random, is_open = shop.random, np.ones(y.shape, bool)
    if shop.freq.code == "D" and random.random() < 0.4:
        shut = np.arange(y.shape[1]) % 7 == random.integers(0, 7)
        y[:, shut] = 0
        is_open[:, shut] = random.random() < 0.5
    return y, is_open


def _lives(shop: Shop, y: Rows) -> tuple[Floats, Ints]:
    """Some series begin late and some end; each begins with a sale. y (S, T), NaN before `first` (S,)."""
    random, (count, size) = shop.random, shop.shape
    first = np.where(random.random(count) < random.choice([0, 0.2, 0.5]), random.integers(0, size - 2, count), 0)
    for s in np.flatnonzero(random.random(count) < random.choice([0, 0.1, 0.3])):
        y[s, random.integers(0, size) :] *= random.choice([0, 0.1])
    sells = (y > 0) & (np.arange(size) >= first[:, None])
    first = np.where(sells.any(1), sells.argmax(1), size)
    return np.where(np.arange(size) < first[:, None], np.nan, y).astype(np.float32), first.astype(np.int64)
