"""Who places which order: customers who are alive that day, the busy ones more often, preferring what they like."""

import numpy as np

from store.demo.baskets import Baskets
from store.demo.draws import Bools, Floats, Ints, stream, weighted
from store.demo.people import People

GUESTS = 0.13
FAITHFUL = 0.7  # chance that a customer's next order is of the category liked best


def assign_buyers(seed: int, baskets: Baskets, category: Ints, people: People) -> Ints:
    """(orders,) the customer of each order, -1 for guests. `category`: (orders,) what its first line is of."""
    rng = stream(seed, "buyers")
    day = baskets.day[baskets.first_lines()]
    known = rng.random(len(day)) >= GUESTS
    by_day = _buyers_by_day(rng, day[known], people)
    buyer = np.full(len(day), -1)
    buyer[known] = _matched(rng, day[known], category[known], by_day, people.taste)
    return buyer


def _buyers_by_day(rng: np.random.Generator, day: Ints, people: People) -> Ints:
    """(known orders,) customers, sorted by day as the orders are; who joins that day has an order on it."""
    wanted = np.bincount(day, minlength=int(day[-1]) + 1)
    found = []
    for today, count in enumerate(wanted.tolist()):
        fresh = np.flatnonzero(people.joined == today)[:count]
        rate = _rates(people, today)
        found += [fresh, weighted(rng, rate, count - len(fresh))]
    return np.concatenate(found)


def _rates(people: People, today: int) -> Floats:
    alive: Bools = (people.joined < today) & (people.gone > today)
    return np.where(alive, people.pace, 0.0)


def _matched(rng: np.random.Generator, day: Ints, category: Ints, buyers: Ints, taste: Ints) -> Ints:
    """The day's buyers given its orders: both sorted by category, a buyer's being what he or she looks for today."""
    looks_for = np.where(rng.random(len(day)) < FAITHFUL, taste[buyers], rng.permutation(category))
    orders = np.lexsort((rng.random(len(day)), category, day))
    seekers = np.lexsort((rng.random(len(day)), looks_for, day))
    matched = np.empty_like(buyers)
    matched[orders] = buyers[seekers]
    return matched
