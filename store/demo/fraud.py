"""Fraud: rings of three kinds and single cases, added to the shop's honest orders.

Fraudsters like dear things that sell on, fresh accounts, cards and the night; so do some honest customers, and some
fraudsters do as everybody does. Honest households share devices, and presents go to other countries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.checkout import APP, HOURS, WEB
from store.demo.days import DAYS, week_of_day
from store.demo.draws import Bools, Floats, Ints, some_of, stream, weighted
from store.demo.orders import CANCELLED, CARD, COMPLETED, INSTALMENTS, PAYPAL, TRANSFER, Lines, Orders
from store.demo.people import People, draw_people, places_of, together
from store.demo.plan import ShopPlan
from store.demo.prices import PriceBook
from store.demo.promotions import Promotions

SHARED_DEVICE, BURST, MISMATCH = "shared device", "burst", "mismatched countries"
KINDS = (SHARED_DEVICE, BURST, MISMATCH)
IN_RINGS = 0.55  # of the fraud
STRANGE_DEVICE = 3_000_000  # fraudsters' own devices are numbered from here, rings' from RING_DEVICE
RING_DEVICE = 4_000_000
NIGHT = np.where(np.arange(24) < 6, 1.0, 0.05)
AT_NIGHT = 0.25
ELSEWHERE = 0.2  # of the fresh accounts do not live where their parcels go
CAUGHT = 0.2  # of the orders were cancelled in time
GUEST = -1


@dataclass(frozen=True)
class Ring:
    kind: str
    number: int
    device: int | None  # the one shared
    address: int | None
    country: str | None  # where a mismatched ring has its parcels sent


@dataclass(frozen=True)
class Fraud:
    """Orders to add, with their lines; `ring`: (orders,) the number of its ring, -1 for single cases."""

    orders: Orders
    lines: Lines
    ring: Ints
    rings: list[Ring]
    people: People  # everybody, the fraudsters' accounts last
    first_account: int  # of the fraudsters'


@dataclass(frozen=True)
class _Batch:
    """Some orders of one ring, or single cases: entries an order. An account below 0 is a guest's."""

    ring: int
    second: Ints
    account: Ints
    place: Ints
    device: Ints
    address: Ints


@dataclass
class _Desk:
    """Where batches are made: chance, the shop, and the accounts opened so far with the day each was."""

    rng: np.random.Generator
    plan: ShopPlan
    people: People
    opened: list[int]
    living: list[int]  # the place each account gives as its own
    cities: list[int]  # places abroad, in the order in which rings have their parcels sent there

    def accounts(self, days: Ints, places: Ints) -> Ints:
        first = len(self.people) + len(self.opened)
        self.opened += days.tolist()
        self.living += places.tolist()
        return np.arange(first, first + len(days))

    def places(self, count: int) -> Ints:
        return weighted(self.rng, places_of(self.plan)[1], count)


def make_fraud(
    plan: ShopPlan,
    goods: Catalogue,
    book: PriceBook,
    promotions: Promotions,
    sellable: Bools,
    people: People,
    honest: int,
) -> Fraud:
    """`honest`: how many other orders there are. `sellable`: (products, days)."""
    rng = stream(plan.seed, "fraud")
    cities = [p for p, place in enumerate(places_of(plan)[0]) if place.country != plan.home.name]
    desk = _Desk(rng, plan, people, [], [], some_of(rng, cities, len(cities)))
    wanted = int(honest * rng.uniform(0.0105, 0.0145))
    rings, batches = _rings(desk, int(wanted * IN_RINGS))
    batches += _single_cases(desk, max(0, wanted - sum(len(b.second) for b in batches)))
    strangers = draw_people(rng, plan, np.array(desk.opened), len(people), np.array(desk.living))
    everybody = together(people, strangers)
    orders = _orders(rng, batches)
    ring = np.concatenate([np.full(len(b.second), b.ring) for b in batches])
    lines = _lines(rng, goods, book, promotions, sellable, orders, ring)
    return Fraud(orders, lines, ring, rings, everybody, len(people))


def _rings(desk: _Desk, wanted: int) -> tuple[list[Ring], list[_Batch]]:
    makers: dict[str, Callable[[_Desk, int, int], tuple[Ring, _Batch]]] = {
        SHARED_DEVICE: _shared_device,
        BURST: _burst,
        MISMATCH: _mismatch,
    }
    rings: list[Ring] = []
    batches: list[_Batch] = []
    while sum(len(b.second) for b in batches) < wanted:
        start = int(desk.rng.integers(15, DAYS - 60))
        ring, batch = makers[KINDS[len(rings) % 3]](desk, len(rings), start)
        rings.append(ring)
        batches.append(batch)
    return rings, batches


def _times(rng: np.random.Generator, days: Ints) -> Ints:
    night = rng.random(len(days)) < AT_NIGHT
    hours = np.where(night, weighted(rng, NIGHT, len(days)), weighted(rng, HOURS, len(days)))
    return np.asarray(days * 86400 + hours * 3600 + rng.integers(0, 3600, len(days)))


def _shared_device(desk: _Desk, number: int, start: int) -> tuple[Ring, _Batch]:
    """One device, many fresh accounts, each with a few orders, over some weeks."""
    rng = desk.rng
    living = desk.places(int(rng.integers(8, 19)))
    accounts = desk.accounts(np.full(len(living), start), living)
    account = np.repeat(accounts, rng.integers(1, 5, len(accounts)))
    days = start + np.sort(rng.integers(0, int(rng.integers(14, 50)), len(account)))
    device = RING_DEVICE + number
    addresses = rng.integers(0, 2**17, 3)
    place = living[account - accounts[0]]
    batch = _Batch(
        number, _times(rng, days), account, place, np.full(len(account), device), rng.choice(addresses, len(account))
    )
    return Ring(SHARED_DEVICE, number, device, None, None), batch


def _burst(desk: _Desk, number: int, start: int) -> tuple[Ring, _Batch]:
    """Some dozens of orders within an hour or so at night, from one address, by guests and a few accounts."""
    rng = desk.rng
    count = int(rng.integers(22, 48))
    places = desk.places(2)
    own = rng.choice(places, int(rng.integers(2, 6)))
    accounts = np.append(desk.accounts(np.full(len(own), start), own), np.full(3, GUEST))
    begin = start * 86400 + int(rng.integers(0, 5)) * 3600
    second = begin + np.sort(rng.integers(0, int(rng.integers(25, 95)) * 60, count))
    address = int(rng.integers(2**17))
    place = rng.choice(places, count)
    devices = STRANGE_DEVICE + rng.integers(0, 900_000, count)
    batch = _Batch(number, second, rng.choice(accounts, count), place, devices, np.full(count, address))
    return Ring(BURST, number, None, address, None), batch


def _mismatch(desk: _Desk, number: int, start: int) -> tuple[Ring, _Batch]:
    """Accounts of the home country whose parcels all go to one city abroad."""
    rng = desk.rng
    to = desk.cities[number // len(KINDS) % len(desk.cities)]
    at_home = np.arange(len(desk.plan.home.cities))
    living = rng.choice(at_home, int(rng.integers(14, 28)))
    accounts = desk.accounts(np.full(len(living), start), living)
    account = np.concatenate([accounts, rng.choice(accounts, len(accounts) // 2)])
    days = start + rng.integers(0, int(rng.integers(18, 55)), len(account))
    devices = STRANGE_DEVICE + account
    address = rng.choice(rng.integers(0, 2**17, 5), len(account))
    batch = _Batch(number, _times(rng, days), account, np.full(len(account), to), devices, address)
    return Ring(MISMATCH, number, None, None, places_of(desk.plan)[0][to].country), batch


def _single_cases(desk: _Desk, count: int) -> list[_Batch]:
    """Taken-over accounts, fresh ones and guests, one order each."""
    rng = desk.rng
    days = rng.integers(5, DAYS - 1, count)
    kind = rng.random(count)
    account = np.full(count, GUEST)
    place = desk.places(count)
    fresh = np.flatnonzero(kind < 0.5)
    moved = rng.random(len(fresh)) < ELSEWHERE
    account[fresh] = desk.accounts(days[fresh], np.where(moved, desk.places(len(fresh)), place[fresh]))
    for case in np.flatnonzero(kind > 0.75):
        alive = np.flatnonzero((desk.people.joined < days[case] - 30) & (desk.people.gone > days[case]))
        account[case] = rng.choice(alive)
    devices = STRANGE_DEVICE + rng.integers(0, 900_000, count)
    return [_Batch(-1, _times(rng, days), account, place, devices, rng.integers(0, 2**17, count))]


def _orders(rng: np.random.Generator, batches: list[_Batch]) -> Orders:
    def column(name: str) -> Ints:
        joined: Ints = np.concatenate([getattr(batch, name) for batch in batches])
        return joined

    count = len(column("second"))
    return Orders(
        second=column("second"),
        customer=column("account"),
        channel=rng.choice([WEB, APP], count, p=[0.72, 0.28]),
        place=column("place"),
        device=column("device"),
        address=column("address"),
        payment=rng.choice([CARD, PAYPAL, INSTALMENTS, TRANSFER], count, p=[0.74, 0.1, 0.12, 0.04]),
        status=np.where(rng.random(count) < CAUGHT, CANCELLED, COMPLETED),
        fraud=np.ones(count, dtype=bool),
    )


def _lines(
    rng: np.random.Generator,
    goods: Catalogue,
    book: PriceBook,
    promotions: Promotions,
    sellable: Bools,
    orders: Orders,
    ring: Ints,
) -> Lines:
    """One to three different products an order, dear ones preferred; a ring keeps to a few."""
    liked = rng.random((int(ring.max()) + 1, len(goods))) < 0.08
    order: list[int] = []
    product: list[int] = []
    for number, day in enumerate(orders.day.tolist()):
        preferred = liked[ring[number]] if ring[number] >= 0 else np.ones(len(goods), dtype=bool)
        wanted = _wanted(rng, goods, sellable[:, day], preferred)
        chosen = sorted({int(p) for p in weighted(rng, wanted, int(rng.choice([1, 2, 3], p=[0.6, 0.28, 0.12])))})
        order += [number] * len(chosen)
        product += chosen
    where, what = np.array(order), np.array(product)
    quantity = 1 + rng.binomial(3, 0.22, len(where))
    day = orders.day[where]
    price, cost = (weekly[what, week_of_day()[day]] for weekly in (book.price, book.cost))
    return Lines(where, what, quantity, price, np.round(price * quantity * promotions.cut[what, day], 2), cost)


def _wanted(rng: np.random.Generator, goods: Catalogue, sellable: Bools, preferred: Bools) -> Floats:
    """(products,) weights: now and then what everybody buys."""
    if rng.random() < 0.25:
        return np.where(sellable, goods.popularity, 0.0)
    dear = goods.price**1.2 * np.sqrt(goods.popularity) * sellable
    return np.where(preferred, dear, dear * 0.01)
