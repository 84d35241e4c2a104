"""The demand model: how many lines of each product are expected each day.

log demand = popularity + season + trend + weekday + category shock + own elasticity x log(price / usual price)
    + cross elasticity x log(other's price / its usual price) + promotion (own elasticity x log(1 - cut) + log uplift)
"""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import DAYS, calendar_month, week_of_day, weekday
from store.demo.draws import Bools, Floats, stream
from store.demo.plan import ShopPlan
from store.demo.prices import PriceBook
from store.demo.promotions import Promotions


@dataclass(frozen=True)
class Substitute:
    """Demand for `product` moves with the price of `other`, by `elasticity` per cent for one per cent."""

    product: int
    other: int
    elasticity: float


@dataclass(frozen=True)
class SoldOut:
    """A product without stock at the end of the data, since `day`."""

    product: int
    day: int


def draw_substitutes(seed: int, goods: Catalogue) -> list[Substitute]:
    """Pairs of well-selling products of one category that stand in for each other, in both directions."""
    rng = stream(seed, "substitutes")
    found = []
    for category in range(int(goods.category.max()) + 1):
        mine = np.flatnonzero((goods.category == category) & goods.lasting)
        best = rng.permutation(mine[np.argsort(-goods.popularity[mine])][:8])
        for a, b in best[:4].reshape(-1, 2).tolist():
            found += [Substitute(p, o, float(rng.uniform(0.4, 1.3))) for p, o in ((a, b), (b, a))]
    return found


def draw_sold_out(seed: int, goods: Catalogue) -> list[SoldOut]:
    rng = stream(seed, "sold out")
    chosen = np.flatnonzero(goods.lasting & (rng.random(len(goods)) < 0.045))
    return [SoldOut(int(product), DAYS - int(rng.integers(2, 16))) for product in chosen]


def on_sale(goods: Catalogue, sold_out: list[SoldOut]) -> Bools:
    """(products, days) where a product can be bought."""
    days = np.arange(DAYS)
    there = (days >= goods.arrives[:, None]) & (days < goods.leaves[:, None])
    for each in sold_out:
        there[each.product, each.day :] = False
    return there


def expected_lines(
    plan: ShopPlan, goods: Catalogue, book: PriceBook, promotions: Promotions, substitutes: list[Substitute]
) -> Floats:
    """(products, days) relative demand, as if everything were on sale."""
    log = np.log(goods.popularity)[:, None] + _calendar(plan)[goods.category]
    log += book.shocks[goods.category][:, week_of_day()]
    relative = np.log(book.by_day(book.price) / goods.price[:, None])
    elasticity = goods.elasticity[:, None]
    log += elasticity * (relative + np.log1p(-promotions.cut)) + promotions.boost
    for each in substitutes:
        log[each.product] += each.elasticity * relative[each.other]
    return np.asarray(np.exp(log))


def _calendar(plan: ShopPlan) -> Floats:
    """(categories, days) season, trend and weekday; the trend's middle is the history's."""
    season = np.log(np.array([c.season for c in plan.categories]))[:, calendar_month()]
    trend = np.array([c.trend for c in plan.categories])[:, None] * (np.arange(DAYS) - DAYS / 2) / 365
    return np.asarray(season + trend + np.log(plan.weekdays)[weekday()])
