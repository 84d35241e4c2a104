"""One bad month, and its cause: which the seed chooses among six, where in the shop it strikes and how hard."""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import day_of_month, month_of_day
from store.demo.draws import Floats, one_of, stream
from store.demo.plan import CHANNELS, ShopPlan
from store.demo.promotions import FESTIVAL_CUT, Festival

FESTIVAL_MISSED = 0.13  # of the revenue of its month is missing a year later, at least
FESTIVAL_SIGMAS = 4.0  # by so many of its category's usual movements from year to year
FESTIVAL_MONTHS = np.arange(2, 9)
NOT_REPEATED, OUTAGE = "festival not repeated", "channel outage"
CAUSES = {
    "competitor's prices": "category",
    "brand not delivered": "brand",
    "best sellers out of stock": "product",
    OUTAGE: "channel",
    "shipping trouble": "country",
    NOT_REPEATED: "category",
}
TOLD = {
    "competitor's prices": "A competitor cut its prices in {value} for the month.",
    "brand not delivered": "{value} delivered nothing for most of the month.",
    "best sellers out of stock": "The best seller, {value}, and the two after it were out of stock most of the month.",
    OUTAGE: "Orders by {value} hardly came through for most of the month.",
    "shipping trouble": "Parcels to {value} were held up, and few ordered from there.",
    NOT_REPEATED: "The promotion of {value} of the same month a year before was not repeated.",
}


@dataclass(frozen=True)
class BadMonth:
    """`keeps`: the part of the demand that is left on the days from `first` to before `after`, where it strikes.

    `against`: with which month it compares as bad: "month before" or "year before".
    """

    cause: str
    dimension: str
    value: str
    month: int
    first: int
    after: int
    keeps: float
    products: tuple[int, ...] = ()  # struck, where the dimension is of products
    against: str = "month before"

    def told(self) -> str:
        return TOLD[self.cause].format(value=self.value)

    def struck(self, demand: Floats) -> Floats:
        """The demand with what the cause takes from products; channels and countries lose whole orders later."""
        left = demand.copy()
        left[list(self.products), self.first : self.after] *= self.keeps
        return left


def draw_cause(plan: ShopPlan) -> str:
    """Seeds that follow each other have different causes, and every theme meets every cause."""
    return sorted(CAUSES)[(plan.seed + plan.seed // len(CAUSES)) % len(CAUSES)]


def draw_festival(plan: ShopPlan, goods: Catalogue, revenue: Floats) -> Festival:
    """The promotion whose absence a year later is the cause: of a category, in a month of the first year.

    `revenue`: (products, days) expected without it. It is so big that the year after is below it in spite of growth,
    and that no other month of its category lies so far from the year before: else nobody could tell it from chance.
    Of all such promotions it is the gentlest.
    """
    by_category = np.stack([np.bincount(goods.category, day) for day in revenue.T])
    months: Floats = np.stack([np.bincount(month_of_day(), category, 24) for category in by_category.T]).astype(float)
    lift = np.maximum(_lift_to_miss(months), _lift_to_show(months))
    category, at = np.unravel_index(np.argmin(lift[:, FESTIVAL_MONTHS]), lift[:, FESTIVAL_MONTHS].shape)
    month = int(FESTIVAL_MONTHS[at])
    by_price = (1 - FESTIVAL_CUT) ** (1 + plan.categories[category].elasticity)
    return Festival(int(category), month, max(1.4, float(lift[category, month]) / by_price))


def _lift_to_miss(months: Floats) -> Floats:
    """(categories, 12) by how much a category must sell more for FESTIVAL_MISSED to be missing a year later."""
    total = months.sum(axis=0)
    return np.asarray(1 + (total[12:] / (1 - FESTIVAL_MISSED) - total[:12]) / months[:, :12])


def _lift_to_show(months: Floats) -> Floats:
    """(categories, 12) the same, for the year after to lie FESTIVAL_SIGMAS from its category's other months."""
    odds = np.log(months / (months.sum(axis=0) - months))
    moved = odds[:, 12:] - odds[:, :12]
    others = [np.delete(moved, month, axis=1) for month in range(12)]
    usual, sigma = (np.stack([of(o, axis=1) for o in others], axis=1) for of in (np.mean, np.std))
    return np.asarray(np.exp(FESTIVAL_SIGMAS * sigma + moved - usual))


def draw_bad_month(
    plan: ShopPlan, goods: Catalogue, revenue: Floats, cause: str, festival: Festival | None
) -> BadMonth:
    """`revenue`: (products, days) expected without the cause."""
    if festival:
        name = plan.categories[festival.category].name
        first, after = day_of_month(festival.month + 12)
        return BadMonth(cause, "category", name, festival.month + 12, first, after, 1.0, against="year before")
    rng = stream(plan.seed, "bad month")
    month = _even_month(rng, revenue)
    first, after = day_of_month(month)
    before = revenue[:, slice(*day_of_month(month - 1))].sum(axis=1)
    value, products, part = _target(rng, plan, goods, before, cause)
    first += int(rng.integers(0, 3))
    days = (after - first) / (after - day_of_month(month)[0])
    keeps = (
        0.0 if CAUSES[cause] == "product" else float(np.clip(1 - rng.uniform(0.11, 0.15) / (part * days), 0.06, 0.55))
    )
    return BadMonth(cause, CAUSES[cause], value, month, first, after, keeps, products)


def _even_month(rng: np.random.Generator, revenue: Floats) -> int:
    """A month that would have been much like the one before, or a bit below: not among the first or last three."""
    months = np.bincount(month_of_day(), revenue.sum(axis=0), 24)
    days = np.bincount(month_of_day(), minlength=24)
    growth = np.diff(np.log(months / days))
    candidates = np.arange(4, 21)
    fitting = candidates[np.argsort(np.abs(growth[candidates - 1] + 0.03))]
    return int(one_of(rng, fitting[:3].tolist()))


def _target(
    rng: np.random.Generator, plan: ShopPlan, goods: Catalogue, revenue: Floats, cause: str
) -> tuple[str, tuple[int, ...], float]:
    """Where the cause strikes: the value of its dimension, its products if it is of products, its part of revenue.

    `revenue`: (products,) of the month before, which is what people compare with.
    """
    match CAUSES[cause]:
        case "channel":
            channel = 1 + int(rng.integers(2))
            return CHANNELS[channel], (), float(plan.channels[channel])
        case "country":
            return plan.abroad[0].name, (), float(plan.places[1])
        case "category":
            parts = np.bincount(goods.category, revenue)
            return _one_group(rng, [plan.categories[c].name for c in goods.category], revenue, int(np.sum(parts > 0)))
        case "brand":
            return _one_group(rng, goods.brands, revenue, 3)
    best = np.argsort(-revenue)[:3]
    return goods.variants[best[0]].title, tuple(best.tolist()), float(revenue[best].sum() / revenue.sum())


def _one_group(
    rng: np.random.Generator, names: list[str], revenue: Floats, biggest: int
) -> tuple[str, tuple[int, ...], float]:
    """One of the biggest groups of products, preferably with 14 to 30 % of the revenue."""
    parts = {
        name: float(sum(r for n, r in zip(names, revenue, strict=True) if n == name)) for name in sorted(set(names))
    }
    ranked = sorted(parts, key=lambda name: -parts[name])[:biggest]
    fitting = [name for name in ranked if 0.14 <= parts[name] / revenue.sum() <= 0.3] or ranked[:1]
    value = one_of(rng, fitting)
    products = tuple(i for i, name in enumerate(names) if name == value)
    return value, products, parts[value] / float(revenue.sum())
