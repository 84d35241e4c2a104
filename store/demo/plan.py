"""What the seed decides first: which shop this is, and the truths of its categories, segments and channels."""

from dataclasses import dataclass

import numpy as np

from store.demo.draws import Floats, one_of, some_of, stream
from store.demo.vocabulary import Country, Theme, ThemeCategory, read_countries, read_theme, theme_names

SEGMENTS = ("household", "hobbyist", "club", "trade", "school", "workshop")
CHANNELS = ("web", "app", "marketplace", "phone")


@dataclass(frozen=True)
class CategoryPlan:
    """`season`: 12 factors of demand from January on, their geometric mean 1. `trend`: log growth a year."""

    name: str
    words: ThemeCategory
    weight: float  # of the shop's demand
    season: Floats
    trend: float
    elasticity: float  # the mean of its products' own-price elasticities
    return_rate: float  # chance that a sold line comes back
    margin: float


@dataclass(frozen=True)
class Segment:
    """`hazard`: chance to be gone for good after a month. `pace`: of orders, relative. `units`: extra ones a line."""

    name: str
    part: float
    hazard: float
    pace: float
    units: float


@dataclass(frozen=True)
class ShopPlan:
    seed: int
    shop: str
    initials: str
    theme: Theme
    home: Country
    abroad: tuple[Country, ...]
    currency: str
    places: Floats  # chance of each country: home, then those abroad
    categories: tuple[CategoryPlan, ...]
    segments: tuple[Segment, ...]
    channels: Floats  # chance of each of CHANNELS
    weekdays: Floats  # 7 factors from Monday on, their mean 1
    promotion_uplift: float  # mean factor on demand while promoted, beyond what the lower price does


def draw_plan(seed: int) -> ShopPlan:
    rng = stream(seed, "plan")
    themes = theme_names()
    theme = read_theme(themes[seed % len(themes)])
    countries = read_countries()
    home = one_of(rng, [c for c in countries.values() if c.currency])
    shop = theme.shops[seed // len(themes) % len(theme.shops)]  # the next shop of a theme has another name
    foreign = rng.uniform(0.7, 1.2, len(home.abroad)) / np.arange(1, len(home.abroad) + 1) ** 1.3
    part_abroad = rng.uniform(0.3, 0.4)
    return ShopPlan(
        seed=seed,
        shop=shop,
        initials="".join(w[0] for w in shop.replace("The ", "").split() if w[0].isalpha())[:2].upper(),
        theme=theme,
        home=home,
        abroad=tuple(countries[name] for name in home.abroad),
        currency=home.currency or "",
        places=np.concatenate([[1 - part_abroad], part_abroad * foreign / foreign.sum()]),
        categories=_categories(rng, theme),
        segments=_segments(rng),
        channels=_normalised(np.array([0.48, 0.26, 0.2, 0.06]) * rng.uniform(0.75, 1.25, 4)),
        weekdays=_weekdays(rng),
        promotion_uplift=float(rng.uniform(1.15, 1.6)),
    )


def _normalised(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def _categories(rng: np.random.Generator, theme: Theme) -> tuple[CategoryPlan, ...]:
    chosen = some_of(rng, theme.categories, int(rng.integers(7, min(11, len(theme.categories)) + 1)))
    weights = _normalised(rng.uniform(0.6, 1.8, len(chosen)))
    trends = _spread(rng, len(chosen), -0.2, 0.35)
    elasticities = _spread(rng, len(chosen), -2.7, -0.9)
    returns = _spread(rng, len(chosen), 0.015, 0.11)
    return tuple(
        CategoryPlan(
            name=words.name,
            words=words,
            weight=float(weights[i]),
            season=_season(rng, words.peak),
            trend=float(trends[i]),
            elasticity=float(elasticities[i]),
            return_rate=float(returns[i]),
            margin=float(rng.uniform(0.42, 0.62)),
        )
        for i, words in enumerate(chosen)
    )


def _spread(rng: np.random.Generator, count: int, low: float, high: float) -> Floats:
    """One value in each of `count` equal parts of the range, in random order: no two categories are alike."""
    parts = (rng.permutation(count) + rng.random(count)) / count
    return low + (high - low) * parts


def _season(rng: np.random.Generator, peak: int) -> Floats:
    """A year's wave about the peak, a part of the December rush, and what no wave explains."""
    months = np.arange(12)
    wave = rng.uniform(0.2, 0.5) * np.cos(2 * np.pi * (months - (peak - 1) - rng.uniform(-1, 1)) / 12)
    rush = rng.uniform(0.05, 0.4) * np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.6, 1])
    log = wave + rush + rng.normal(0, 0.06, 12)
    return np.asarray(np.exp(log - log.mean()))


def _segments(rng: np.random.Generator) -> tuple[Segment, ...]:
    names = some_of(rng, SEGMENTS, 4)
    parts = _normalised(np.array([0.44, 0.28, 0.18, 0.1]) * rng.uniform(0.85, 1.15, 4))
    hazards = _spread(rng, 4, 0.02, 0.13)
    paces = np.array([0.6, 1.0, 1.5, 2.2]) * rng.uniform(0.85, 1.15, 4)
    units = {"trade": 1.1, "school": 0.8, "workshop": 0.5}
    return tuple(
        Segment(name, float(parts[i]), float(hazards[i]), float(paces[i]), units.get(name, 0.0))
        for i, name in enumerate(names)
    )


def _weekdays(rng: np.random.Generator) -> Floats:
    days = np.array([1.05, 0.98, 0.95, 0.97, 0.98, 0.95, 1.12]) * rng.uniform(0.85, 1.15, 7)
    return np.asarray(days / days.mean())
