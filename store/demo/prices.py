"""Price histories. Some changes come from costs and trials, some answer demand: price and demand are confounded.

Demand has weekly shocks by category, which persist. The merchant sees last week's: after a strong one many of the
category's prices go up, after a weak one down. Whoever compares products within a category and week is free of that.
"""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import WEEKS, calendar_month, week_of_day
from store.demo.draws import Floats, Ints, stream
from store.demo.pricepoints import price_point

SHOCK_SPREAD, SHOCK_MEMORY = (
    0.26,
    0.86,
)  # of the weekly log shocks: standard deviation, correlation with the week before
REACTS_ABOVE = 0.24
LEAST_MARKUP = 1.12  # of a price on its cost
REACTIVE_PART = 0.65  # of the products


@dataclass(frozen=True)
class PriceChange:
    product: int
    week: int  # on its Monday
    before: float
    after: float
    cause: str  # cost | trial: exogenous; demand: an answer to the category's shock


@dataclass(frozen=True)
class PriceBook:
    """`price`, `cost`: (products, weeks), without promotions. `shocks`: (categories, weeks), logs of demand factors."""

    price: Floats
    cost: Floats
    shocks: Floats
    changes: list[PriceChange]

    def by_day(self, weekly: Floats) -> Floats:
        return weekly[:, week_of_day()]


def draw_prices(seed: int, goods: Catalogue, categories: int) -> PriceBook:
    rng = stream(seed, "prices")
    shocks = _shocks(rng, categories)
    levels, causes, costs = _levels(rng, len(goods))
    answers = _answers(rng, shocks, goods.category)
    cost = np.round((goods.price * (1 - goods.margin))[:, None] * np.exp(costs), 2)
    wanted = goods.price[:, None] * np.exp(levels + answers)
    price = price_point(np.maximum(wanted, LEAST_MARKUP * cost))
    return PriceBook(price, cost, shocks, _changes(goods, price, causes, answers))


def _shocks(rng: np.random.Generator, categories: int) -> Floats:
    """What season and trend do not explain, so without either of its own, but lasting for weeks."""
    fresh = rng.normal(0, SHOCK_SPREAD, (categories, WEEKS))
    shocks = fresh.copy()
    for week in range(1, WEEKS):
        shocks[:, week] = SHOCK_MEMORY * shocks[:, week - 1] + np.sqrt(1 - SHOCK_MEMORY**2) * fresh[:, week]
    explained = _season_and_trend()
    return np.asarray(shocks - shocks @ explained @ np.linalg.pinv(explained))


def _season_and_trend() -> Floats:
    """(weeks, 13) the calendar months that a week's days are in, and the time."""
    months = np.zeros((WEEKS, 12))
    np.add.at(months, (week_of_day(), calendar_month()), 1 / 7)
    return np.column_stack([months, np.arange(WEEKS) / WEEKS])


def _levels(rng: np.random.Generator, count: int) -> tuple[Floats, list[dict[int, str]], Floats]:
    """Log price levels and costs as they would be without answers to demand; and each change's week and cause."""
    levels, costs = np.zeros((count, WEEKS)), np.zeros((count, WEEKS))
    causes: list[dict[int, str]] = []
    for product in range(count):
        level, cost, week = rng.normal(0, 0.1), 0.0, int(rng.integers(3, 16))
        levels[product] = level
        causes.append({})
        while week < WEEKS:
            fresh = float(np.clip(rng.normal(0, 0.13), -0.28, 0.28))
            causes[-1][week] = "cost" if rng.random() < 0.4 else "trial"
            if causes[-1][week] == "cost":
                cost = float(np.clip(cost + 0.4 * (fresh - level) + 0.01, -0.12, 0.16))
            level = fresh
            levels[product, week:], costs[product, week:] = level, cost
            week += int(rng.integers(6, 18))
    return levels, causes, costs


def _answers(rng: np.random.Generator, shocks: Floats, category: Ints) -> Floats:
    """Log price moves that answer the category's shock of the week before, and last until it has turned."""
    state = np.zeros_like(shocks)
    for week in range(1, shocks.shape[1]):
        seen, before = shocks[:, week - 1], state[:, week - 1]
        kept = np.where(np.sign(seen) == before, before, 0.0)
        state[:, week] = np.where(np.abs(seen) > REACTS_ABOVE, np.sign(seen), kept)
    step = rng.uniform(0.1, 0.18, len(category)) * (rng.random(len(category)) < REACTIVE_PART)
    return np.asarray(step[:, None] * state[category])


def _changes(goods: Catalogue, price: Floats, causes: list[dict[int, str]], answers: Floats) -> list[PriceChange]:
    moved = np.argwhere(np.diff(price, axis=1) != 0)
    changes = []
    for product, before in moved.tolist():
        week = before + 1
        answered = answers[product, week] != answers[product, before]
        cause = "demand" if answered else causes[product].get(week, "trial")
        if goods.arrives[product] < week * 7 and before * 7 < goods.leaves[product]:
            changes.append(PriceChange(product, week, price[product, before], price[product, week], cause))
    return changes
