"""Promotions: whole-shop events and campaigns on some products, each with its own uplift beyond the lower price."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import DAYS, START, calendar_month, date_of, day_of_month
from store.demo.draws import Floats, Ints, one_of, some_of, stream
from store.demo.plan import ShopPlan

FESTIVAL_CUT = 0.25
UPLIFT_SPREAD = 0.12  # of the log uplifts of single promotions about the shop's mean
EVENTS = (
    ("Black Week", 11, 22, 8),
    ("Midsummer Event", 6, 12, 5),
    ("New Year Clear-out", 1, 3, 6),
    ("Spring Event", 4, 3, 4),
)
CAMPAIGNS = (
    "{season} Picks",
    "{season} Favourites",
    "Workshop Clear-out",
    "Makers' Week",
    "Fresh In {season}",
    "Little Extras",
)
SEASONS = [*["Winter"] * 2, *["Spring"] * 3, *["Summer"] * 3, *["Autumn"] * 3, "Winter"]  # by month


@dataclass(frozen=True)
class Promotion:
    """`products`: None means the whole shop. Days are inclusive. `uplift`: of demand, beyond the lower price's."""

    name: str
    products: Ints | None
    percent: int
    first: int
    last: int
    uplift: float


@dataclass(frozen=True)
class Promotions:
    """`cut`: (products, days) the part taken off; `boost`: logs of the uplifts; both 0 where nothing is on."""

    listed: list[Promotion]
    cut: Floats
    boost: Floats


@dataclass(frozen=True)
class Festival:
    """A month-long promotion of one category: its absence a year later can be a bad month's cause."""

    category: int
    month: int
    uplift: float


def draw_promotions(plan: ShopPlan, goods: Catalogue, festival: Festival | None) -> Promotions:
    rng = stream(plan.seed, "promotions")
    listed = _events(rng, plan)
    if festival:
        listed.append(_festival(plan, goods, festival))
    cut, boost = np.zeros((len(goods), DAYS)), np.zeros((len(goods), DAYS))
    for promotion in listed:
        _switch_on(promotion, cut, boost)
    day = int(rng.integers(8, 20))
    while day < DAYS - 12:
        campaign = _campaign(rng, plan, goods, cut, day, {p.name for p in listed})
        if campaign.products is not None and len(campaign.products) > 3:
            listed.append(campaign)
            _switch_on(campaign, cut, boost)
        day += int(rng.integers(9, 22))
    return Promotions(listed, cut, boost)


def _switch_on(promotion: Promotion, cut: Floats, boost: Floats) -> None:
    rows = slice(None) if promotion.products is None else promotion.products
    cut[rows, promotion.first : promotion.last + 1] = promotion.percent / 100
    boost[rows, promotion.first : promotion.last + 1] = np.log(promotion.uplift)


def _uplift(rng: np.random.Generator, plan: ShopPlan) -> float:
    return float(np.exp(np.log(plan.promotion_uplift) + rng.normal(0, UPLIFT_SPREAD)))


def _events(rng: np.random.Generator, plan: ShopPlan) -> list[Promotion]:
    """The same three events in both years, as shops do."""
    events = []
    for name, month, day, length in some_of(rng, EVENTS, 3):
        percent = int(rng.choice([10, 15, 20]))
        for year in (2024, 2025, 2026):
            first = (date(year, month, day + int(rng.integers(3))) - START).days
            if 0 <= first < DAYS - length:
                said = f"{name} {year}"
                events.append(Promotion(said, None, percent, first, first + length - 1, _uplift(rng, plan)))
    return events


def _festival(plan: ShopPlan, goods: Catalogue, festival: Festival) -> Promotion:
    first, after = day_of_month(festival.month)
    products = np.flatnonzero((goods.category == festival.category) & (goods.arrives < first))
    name = f"{plan.categories[festival.category].name} Festival"
    return Promotion(name, products, round(FESTIVAL_CUT * 100), first, after - 1, festival.uplift)


def _campaign(
    rng: np.random.Generator, plan: ShopPlan, goods: Catalogue, cut: Floats, first: int, taken: set[str]
) -> Promotion:
    """Some 10 to 24 products that are sold then and in no other promotion."""
    last = first + int(rng.integers(4, 13))
    free = (goods.arrives < first) & (goods.leaves > last) & (cut[:, first : last + 1] == 0).all(axis=1)
    products = rng.permutation(np.flatnonzero(free))[: int(rng.integers(10, 25))]
    season = SEASONS[calendar_month()[first]]
    names = (f"{campaign.format(season=season)}, {date_of(first):%B %Y}" for campaign in CAMPAIGNS)
    name = one_of(rng, [name for name in names if name not in taken])
    return Promotion(name, np.sort(products), int(rng.choice([10, 15, 20, 25, 30])), first, last, _uplift(rng, plan))
