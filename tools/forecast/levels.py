"""The shop, its categories, products and countries, each forecast by whoever was best there, made to add up.

Every method's forecast of a level is the sum of what it says of products (of countries, for theirs). On each level the
one with the least error on the past origins counts. Then, from the shop down, what is below is scaled to what is above
(forecast proportions; Athanasopoulos, Ahmed and Hyndman 2009), so that levels add up. Where one method is the best of
all, that changes nothing. O origins (the last one is now), N members of a level, H weeks ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.forecast.book import Book
from tools.forecast.opening import Opening
from tools.forecast.simple import METHODS, said_by, spread_of
from tools.forecast.sold import REVENUE, UNITS, Doubles, Sold
from tools.forecast.weekly import Series, parts_of

Ints = npt.NDArray[np.int64]
SHOP, CATEGORY, PRODUCT, COUNTRY = "shop", "category", "product", "country"
LEVELS = (SHOP, CATEGORY, PRODUCT, COUNTRY)
METRICS = (UNITS, REVENUE)
MODEL, MIXED = "model", "mixed"  # the trained models, and the mean of what they and the last weeks say
NEAR = 4  # weeks: those, and the ones behind them, are judged alike
PRICED_OVER = 8  # weeks whose revenue per unit is what a unit brings


@dataclass(frozen=True)
class Level:
    """`y` (N, T) what was sold; by method (O, N, H) what each says; `mean` and `spread` (O, N, H) what is answered."""

    y: Doubles
    methods: Mapping[str, Doubles]
    best: str
    mean: Doubles
    spread: Doubles


@dataclass(frozen=True)
class Shop:
    """All levels of one measure."""

    origins: tuple[int, ...]
    horizon: int
    level: Mapping[str, Level]


@dataclass(frozen=True)
class _Raw:
    """What all methods say of the members of a level, and their spread beside the answering one's."""

    y: Doubles
    methods: dict[str, Doubles]
    spreads: dict[str, Doubles]


def shop_of(
    sold: Sold, opening: Opening, measure: str, horizon: int, origins: tuple[int, ...],
    book: Book | None = None, series: Series | None = None,
) -> Shop:  # fmt: skip
    """With a book, the models are among the methods."""
    groups = np.unique(np.array(sold.categories, dtype=object).astype(str), return_inverse=True)[1]
    raw = {
        PRODUCT: _raw(sold, opening, measure, PRODUCT, horizon, origins, book, series),
        COUNTRY: _raw(sold, opening, measure, COUNTRY, horizon, origins, book, series),
    }
    raw[CATEGORY], raw[SHOP] = _summed(raw[PRODUCT], groups), _summed(raw[PRODUCT], np.zeros_like(groups))
    best = {name: _best(raw[name], origins) for name in LEVELS}
    mean = {name: raw[name].methods[best[name]] for name in LEVELS}
    mean[CATEGORY] = _scaled(mean[CATEGORY], mean[SHOP], np.zeros(mean[CATEGORY].shape[1], np.int64))
    mean[PRODUCT] = _scaled(mean[PRODUCT], mean[CATEGORY], groups)
    mean[COUNTRY] = _scaled(mean[COUNTRY], mean[SHOP], np.zeros(mean[COUNTRY].shape[1], np.int64))
    levels = {
        name: Level(
            raw[name].y, raw[name].methods, best[name], mean[name], raw[name].spreads[_kind(best[name])]
        )
        for name in LEVELS
    }  # fmt: skip
    return Shop(origins, horizon, levels)


def categories_of(sold: Sold) -> list[str]:
    """The categories in the order of their level's members."""
    return sorted(set(sold.categories))


def _raw(
    sold: Sold, opening: Opening, measure: str, level: str, horizon: int, origins: tuple[int, ...],
    book: Book | None, series: Series | None,
) -> _Raw:  # fmt: skip
    y = (sold.product if level == PRODUCT else sold.country)[measure]
    weight = opening.weeks()
    methods: dict[str, Doubles] = {}
    spreads = {"": spread_of(y, weight, list(origins), horizon)}
    if book is not None and series is not None:
        methods[MODEL], spreads[MODEL] = _of_book(sold, measure, level, book, series)
    for name in METHODS:
        said = said_by(name, y, weight, list(origins), horizon)
        if said is not None:
            methods[name] = np.maximum(said, 0)
    if MODEL in methods:
        methods[MIXED] = (methods[MODEL] + methods["recent"]) / 2
    return _Raw(y, methods, spreads)


def _kind(method: str) -> str:
    """Whose spread belongs to a method."""
    return MODEL if method in (MODEL, MIXED) else ""


def _of_book(sold: Sold, measure: str, level: str, book: Book, series: Series) -> tuple[Doubles, Doubles]:
    """(O, N, H) means and deviations of the members: of those that share a series, its parts."""
    member = series.product if level == PRODUCT else series.country
    found = []
    for n, origin in enumerate(book.origins):
        part = parts_of(sold, series, origin)[0 if level == PRODUCT else 1]
        worth = _worth(sold, level, origin) if measure == REVENUE else np.ones(len(member))
        mean = book.mean[n][member] * (part * worth)[:, None]
        found.append((mean, book.spread[n][member] * (np.sqrt(part) * worth)[:, None]))
    return np.stack([m for m, _ in found]), np.stack([s for _, s in found])


def _worth(sold: Sold, level: str, origin: int) -> Doubles:
    """(N,) what a unit of each brought lately: else ever, else of anything."""
    of = sold.product if level == PRODUCT else sold.country
    out = np.full(len(of[UNITS]), of[REVENUE][:, :origin].sum() / max(of[UNITS][:, :origin].sum(), 1e-9))
    for begin in (0, max(0, origin - PRICED_OVER)):
        units, money = (of[name][:, begin:origin].sum(1) for name in (UNITS, REVENUE))
        out = np.where(units > 0, money / np.maximum(units, 1e-9), out)
    return out


def _summed(raw: _Raw, groups: Ints) -> _Raw:
    """The level above: sums; deviations as of parts that vary each by itself."""
    size = int(groups.max()) + 1
    methods = {name: _group(said, groups, size) for name, said in raw.methods.items()}
    spreads = {name: np.sqrt(_group(s**2, groups, size)) for name, s in raw.spreads.items()}
    y = np.zeros((size, raw.y.shape[1]))
    np.add.at(y, groups, raw.y)
    return _Raw(y, methods, spreads)


def _group(values: Doubles, groups: Ints, size: int) -> Doubles:
    out = np.zeros((size, values.shape[0], values.shape[2]))
    np.add.at(out, groups, values.transpose(1, 0, 2))
    return out.transpose(1, 0, 2)


def _best(raw: _Raw, origins: tuple[int, ...]) -> str:
    """The method with the least error of totals of weeks near and far; of equal ones the first."""
    return min(raw.methods, key=lambda name: error_of(raw.y, raw.methods[name], origins))


def error_of(y: Doubles, said: Doubles, origins: tuple[int, ...]) -> float:
    """Mean over the two spans of Σ |what came − what was said| / Σ what came."""
    horizon, weeks, out = said.shape[2], y.shape[1], []
    for begin, end in ((0, NEAR), (NEAR, horizon)):
        held = [n for n, origin in enumerate(origins) if origin + end <= weeks]
        came = (
            np.stack([y[:, origins[n] + begin : origins[n] + end].sum(1) for n in held]) if held else np.zeros((0, 1))
        )
        if came.sum() > 0:
            out.append(float(np.abs(came - said[held, :, begin:end].sum(2)).sum() / came.sum()))
    return float(np.mean(out)) if out else float("inf")


def _scaled(below: Doubles, above: Doubles, groups: Ints) -> Doubles:
    """Members scaled so that those of a group come to what is said of it; where they are all nothing, they stay so."""
    sums = _group(below, groups, above.shape[1])
    factor = np.divide(above, sums, out=np.ones_like(above), where=sums > 0)
    return below * factor[:, groups]
