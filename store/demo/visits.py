"""Shop visits by web and app in the last months: views, baskets, wishes, and the purchases that the orders show."""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.checkout import APP, HOURS, WEB
from store.demo.days import DAYS, day_of_month
from store.demo.draws import Floats, Ints, stream, weighted
from store.demo.orders import Lines, Orders
from store.demo.people import People
from store.demo.plan import ShopPlan

KINDS = ("view", "cart", "wishlist", "purchase")
VIEW, CART, WISHLIST, PURCHASE = range(4)
MONTHS_KEPT = 6  # visits are kept this long


@dataclass(frozen=True)
class Visits:
    """One entry an event, sorted by time. `customer`: -1 where nobody was signed in."""

    session: Ints
    customer: Ints
    product: Ints
    kind: Ints
    second: Ints


@dataclass(frozen=True)
class VisitTruth:
    first_day: int
    conversion: float  # sessions with a purchase, of all


def make_visits(
    plan: ShopPlan, goods: Catalogue, orders: Orders, lines: Lines, people: People
) -> tuple[Visits, VisitTruth]:
    rng = stream(plan.seed, "visits")
    first_day = day_of_month(24 - MONTHS_KEPT)[0]
    bought = np.flatnonzero((orders.day >= first_day) & np.isin(orders.channel, (WEB, APP)))
    conversion = float(rng.uniform(0.035, 0.07))
    looking = int(len(bought) * (1 / conversion - 1))
    parts = [
        _buying(rng, orders, lines, bought),
        _looking(rng, goods, orders, lines, people, first_day, looking, len(bought)),
    ]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Visits.__annotations__}
    return _in_time_order(Visits(**joined)), VisitTruth(first_day, len(bought) / (len(bought) + looking))


def _buying(rng: np.random.Generator, orders: Orders, lines: Lines, bought: Ints) -> Visits:
    """Each line of an order was looked at, put into the basket, and bought at the time of the order."""
    session_of = np.full(len(orders), -1)
    session_of[bought] = np.arange(len(bought))
    mine = np.flatnonzero(session_of[lines.order] >= 0)
    order, product = lines.order[mine], lines.product[mine]
    end = orders.second[order]
    cart = end - rng.integers(20, 500, len(mine))
    view = cart - rng.integers(5, 400, len(mine))
    return Visits(
        session=np.tile(session_of[order], 3),
        customer=np.tile(orders.customer[order], 3),
        product=np.tile(product, 3),
        kind=np.repeat([VIEW, CART, PURCHASE], len(mine)),
        second=np.concatenate([view, cart, end]),
    )


def _looking(
    rng: np.random.Generator,
    goods: Catalogue,
    orders: Orders,
    lines: Lines,
    people: People,
    first_day: int,
    count: int,
    numbered_from: int,
) -> Visits:
    """Visits without a purchase: as many a day as there are orders, of what sells and of what only draws looks."""
    recent = orders.day >= first_day
    busy = np.bincount(orders.day[recent], minlength=DAYS).astype(float)
    day = weighted(rng, busy, count)
    second_of_day = weighted(rng, HOURS, count) * 3600 + rng.integers(0, 3600, count)
    start = np.minimum(day * 86400 + second_of_day, DAYS * 86400 - 1500)  # the last visit ends before the data does
    views = 1 + np.minimum(rng.geometric(0.62, count) - 1, 9)
    session = np.repeat(np.arange(count), views)
    step = np.arange(len(session)) - np.repeat(np.cumsum(views) - views, views)
    sold = np.bincount(lines.product[recent[lines.order]], minlength=len(goods)).astype(float) + 1
    product = weighted(rng, _appeal(rng, sold), len(session))
    second = start[session] + step * 70 + rng.integers(0, 60, len(session))
    customer = _signed_in(rng, people, day)[session]
    return _with_wishes(rng, Visits(session + numbered_from, customer, product, np.full(len(session), VIEW), second))


def _appeal(rng: np.random.Generator, sold: Floats) -> Floats:
    return sold**0.8 * np.exp(rng.normal(0, 0.35, len(sold))) * (sold > 1)


def _signed_in(rng: np.random.Generator, people: People, day: Ints) -> Ints:
    """Some of the visitors, the busy ones more often; nobody before joining or after having gone."""
    visitor = weighted(rng, people.pace * (people.gone > day.min()), len(day))
    there = (people.joined[visitor] < day) & (people.gone[visitor] > day) & (rng.random(len(day)) < 0.3)
    return np.where(there, visitor, -1)


def _with_wishes(rng: np.random.Generator, views: Visits) -> Visits:
    chance = rng.random(len(views.kind))
    more = np.flatnonzero(chance < 0.13)
    kind = np.where(chance[more] < 0.09, CART, WISHLIST)
    columns = {
        name: np.concatenate([getattr(views, name), getattr(views, name)[more]]) for name in Visits.__annotations__
    }
    columns["kind"][len(views.kind) :] = kind
    columns["second"][len(views.kind) :] += 8
    return Visits(**columns)


def _in_time_order(visits: Visits) -> Visits:
    """Sessions numbered by when they begin."""
    by_time = np.argsort(visits.second, kind="stable")
    columns = {name: getattr(visits, name)[by_time] for name in Visits.__annotations__}
    _, begins, where = np.unique(columns["session"], return_index=True, return_inverse=True)
    rank = np.empty(len(begins), dtype=np.int64)
    rank[np.argsort(begins)] = np.arange(len(begins))
    return Visits(**{**columns, "session": rank[where]})
