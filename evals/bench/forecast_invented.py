"""Tables whose truth is known: what could be said at best of each, beside which a forecast can be seen.

Of each of five kinds it is told what WQL one has who knows how much is expected of every period to come: nobody can do
better, and random walks keep everybody from doing as well.
They are made otherwise than what priors learn from (tools/forecast/invented.py). S series, T periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.metrics import weighted_quantile_loss
from tools.forecast.invented import Random, Rows, walks
from tools.forecast.table import place_in_year
from tools.forecast.table import weekday as weekdays

if TYPE_CHECKING:
    import pandas as pd

LEVELS = np.arange(1, 10) / 10
WINDOWS, DRAWS = 4, 500
BUSY_DAYS = np.array([0, -0.05, -0.05, 0, 0.1, 0.3, 0.3])


@dataclass(frozen=True)
class Made:
    """`rate` (S, T) is what is expected. `uneven` (S,): of pieces the variance is rate + uneven · rate²; of sums of
    money (`pieces` False) it is the deviation of their logarithm. Where `shut` nothing is sold, whatever is expected.
    `known` (S, T) and `static` (S,) are columns by name; a series begins at `first` (S,)."""

    freq: str
    horizon: int
    rate: Rows
    uneven: Rows
    pieces: bool
    known: dict[str, Any]
    static: dict[str, Any]
    shut: Any
    first: Any


def stores(random: Random) -> Made:
    """Takings of stores a day: opening, promotions, holidays and school holidays are known."""
    count, size = 600, 942
    day = _days(size)
    weekday, year = weekdays(day), place_in_year(day)
    promo = (np.arange(size) // 7 % 2 == 0) & (weekday < 5)
    holiday = random.random(size) < 0.02
    school = ((year > 0.5) & (year < 0.62)) | (year > 0.96)
    christmas = 0.5 * np.exp(-0.5 * ((year - 0.97) / 0.025) ** 2)
    x = random.normal(8.6, 0.35, (count, 1)) + BUSY_DAYS[weekday] + promo * random.normal(0.33, 0.1, (count, 1))
    x = x + christmas * random.normal(1, 0.4, (count, 1)) + 0.03 * school * random.normal(0, 1, (count, 1))
    shut = np.broadcast_to((weekday == 6) | holiday, x.shape).copy()
    for s in np.flatnonzero(random.random(count) < 0.15):  # rebuilt
        begin = int(random.integers(300, 600))
        shut[s, begin : begin + 180] = True
    known = {"open": ~shut, "promo": promo, "holiday": holiday, "school": school}
    rate, kind = np.exp(x + walks(random, count, size, 0.004)), random.integers(0, 4, count)
    return Made("D", 28, rate, np.full(count, 0.12), False, known, {"type": kind}, shut, np.zeros(count, np.int64))


def items(random: Random) -> Made:
    """Pieces of items a day, mostly few: prices and events are known, empty shelves aren't."""
    count, size = 1200, 1400
    day = _days(size)
    weekday, wave = weekdays(day), 2 * np.pi * place_in_year(day)
    department, event = random.integers(0, 7, count), random.random(size) < 0.08
    season = 0.15 * (np.outer(random.normal(size=7), np.sin(wave)) + np.outer(random.normal(size=7), np.cos(wave)))
    price = np.exp(random.normal(1.2, 0.6, (count, 1))) * np.ones(size)
    cut, shut = np.zeros((count, size)), np.zeros((count, size), bool)
    for s in range(count):
        for begin in random.integers(0, size, random.integers(0, 6)):
            cut[s, begin : begin + int(random.integers(7, 40))] = np.log(random.choice([0.8, 0.85, 0.9, 1.05]))
        for begin in random.integers(0, size, random.integers(0, 3)):
            shut[s, begin : begin + int(random.geometric(1 / 25))] = True
    x = random.normal(-0.1, 1.2, (count, 1)) + BUSY_DAYS[weekday] * random.normal(1, 0.3, (count, 1)) + 0.1 * event
    x = x + (season + walks(random, 7, size, 0.004))[department] + cut * random.normal(-1.5, 0.5, (count, 1))
    rate = np.exp(np.clip(x + walks(random, count, size, 0.015), -6, 6))
    first = np.where(random.random(count) < 0.5, 0, random.integers(0, size - 200, count))
    known = {"price": np.round(price * np.exp(cut), 2), "event": event}
    uneven = np.exp(-random.normal(0.3, 0.6, count))
    return Made("D", 28, rate, uneven, True, known, {"department": department}, shut, first)


def parts(random: Random) -> Made:
    """Spare parts a month, mostly none; nothing is known."""
    count, size = 1200, 51
    rate = np.exp(random.normal(-0.8, 0.9, (count, 1)) + walks(random, count, size, 0.08))
    return _plain("M", 6, rate, np.full(count, 1.25), True, {}, {})


def regions(random: Random) -> Made:
    """Takings of regions a month, with seasons that groups of them share."""
    count, size, groups = 250, 150, 6
    phase = 2 * np.pi * np.arange(size) / 12
    waves = [
        random.normal(0, 0.35 / k, (groups, 1)) * np.sin(k * phase + random.uniform(0, 6, (groups, 1)))
        for k in (1, 2, 3)
    ]
    group = random.integers(0, groups, count)
    x = random.normal(7, 1.5, (count, 1)) + np.sum(waves, 0)[group] * random.normal(1, 0.3, (count, 1))
    x = x + random.normal(0.02, 0.04, (count, 1)) * np.arange(size) / 12 + walks(random, count, size, 0.02)
    return _plain("M", 6, np.exp(x), np.full(count, 0.08), False, {}, {"region": group})


def families(random: Random) -> Made:
    """Pieces of families of products a week: how many of them are promoted, and holidays, are known."""
    count, size = 1000, 200
    family, store = random.integers(0, 20, count), random.integers(0, 30, count)
    holiday, at = random.random(size) < 0.12, np.arange(size)
    season = 0.2 * np.sin(2 * np.pi * at / 52 + random.uniform(0, 6, (20, 1)))
    season = season + 0.3 * random.random((20, 1)) * np.exp(-0.5 * (((at + 1) % 52 - 50) / 1.5) ** 2)
    promoted = random.poisson(random.uniform(0.1, 1.5, (count, 1)), (count, size)).clip(0, 7) * (
        random.random((count, 1)) < 0.7
    )
    x = random.normal(3, 1.2, (count, 1)) + season[family] + walks(random, 30, size, 0.02)[store] + 0.05 * holiday
    x = x + 0.12 * promoted * random.normal(1, 0.4, (count, 1)) + walks(random, count, size, 0.025)
    known, static = {"onpromotion": promoted, "holiday": holiday}, {"family": family, "store": store}
    return _plain("W", 8, np.exp(np.clip(x, -5, 9)), np.exp(-random.normal(2, 0.5, count)), True, known, static)


KINDS: dict[str, Callable[[Random], Made]] = {
    "stores": stores, "items": items, "parts": parts, "regions": regions, "families": families,
}  # fmt: skip


def _plain(freq: str, horizon: int, rate: Rows, uneven: Rows, pieces: bool, known: Any, static: Any) -> Made:
    """Always open, all from the beginning on."""
    first = np.zeros(len(rate), np.int64)
    return Made(freq, horizon, rate, uneven, pieces, known, static, np.zeros(rate.shape, bool), first)


def _days(size: int) -> Any:
    return np.datetime64("2013-01-01") + np.arange(size)


def sold(made: Made, random: Random, last: int = 0) -> Rows:
    """y (S, T), of the `last` periods if it is told."""
    rate, uneven = made.rate[:, -last:], made.uneven[:, None]
    if made.pieces:
        y = random.poisson(rate * random.gamma(1 / uneven, uneven, rate.shape)).astype(np.float64)
    else:
        y = np.round(rate * np.exp(random.normal(0, 1, rate.shape) * uneven), 1)
    return np.where(made.shut[:, -last:], 0, y)


def table(made: Made, y: Rows) -> pd.DataFrame:
    """Of the bench's form."""
    import pandas as pd

    count, size = y.shape
    dates = pd.date_range("2013-01-01", periods=size, freq={"D": "D", "W": "7D", "M": "MS"}[made.freq])
    at = {
        "series_id": np.repeat([f"s{s:04d}" for s in range(count)], size),
        "date": np.tile(dates, count),
        "y": y.ravel(),
    }
    known = {f"known_{k}": np.broadcast_to(np.asarray(v, np.float64), y.shape).ravel() for k, v in made.known.items()}
    static = {f"static_{k}": np.repeat(v, size) for k, v in made.static.items()}
    begun = (np.arange(size) >= made.first[:, None]).ravel()
    found: pd.DataFrame = pd.DataFrame(at | known | static)[begun]
    return found


def best(made: Made, y: Rows, random: Random) -> float:
    """The WQL over the last windows of one who knows how sales are drawn: whose quantiles are those of many draws."""
    last = WINDOWS * made.horizon
    drawn = np.stack([sold(made, random, last).astype(np.float32) for _ in range(DRAWS)])
    q = np.quantile(drawn, LEVELS, axis=0, method="inverted_cdf").reshape(len(LEVELS), -1).T
    return weighted_quantile_loss(y[:, -last:].ravel(), q, LEVELS)


def invent(out: Path, seed: int, told: Callable[[str], None]) -> None:
    """All kinds, as Parquet under `out`; `told` hears how good a forecast of each could be, and the command that
    measures it."""
    out.mkdir(parents=True, exist_ok=True)
    for name, make in KINDS.items():
        random = np.random.default_rng(seed)
        made = make(random)
        y, path = sold(made, random), out / f"{name}.parquet"
        table(made, y).to_parquet(path, index=False)
        told(
            f"{make.__doc__} At best WQL {best(made, y, random):.4f}: python -m evals bench forecast --data {path} "
            f"--freq {made.freq} --horizon {made.horizon}"
        )
