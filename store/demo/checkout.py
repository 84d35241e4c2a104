"""Orders as they come in: time, channel, place, device, payment, status; and their lines with prices and discounts."""

import numpy as np

from store.demo.badmonth import BadMonth
from store.demo.baskets import Baskets
from store.demo.catalogue import Catalogue
from store.demo.days import DAYS, week_of_day
from store.demo.draws import Bools, Floats, Ints, stream, weighted
from store.demo.orders import CANCELLED, COMPLETED, INVOICE, PENDING, TRANSFER, Lines, Orders
from store.demo.people import People, places_of
from store.demo.plan import CHANNELS, ShopPlan
from store.demo.prices import PriceBook
from store.demo.promotions import Promotions

WEB, APP, MARKETPLACE, PHONE = range(len(CHANNELS))
HOURS = np.array([9, 7, 5, 4, 4, 5, 8, 14, 22, 30, 36, 38, 40, 38, 34, 32, 33, 36, 42, 50, 56, 50, 32, 14], dtype=float)
OFFICE = np.where((np.arange(24) >= 9) & (np.arange(24) < 18), 1.0, 0.0)
FAITHFUL_TO_CHANNEL = 0.8
SENT_ELSEWHERE = 0.05  # of the customers' orders go to another country: presents
OTHER_ADDRESS = 0.12  # of the orders are placed away from home
VOUCHERS = 0.05  # of the orders have a 10 % code, spread over their lines
PAYS = np.array([0.52, 0.3, 0.07, 0.07, 0.04])
CANCELLED_PART = 0.035
GUEST_DEVICE = 1_000_000  # guests' devices are numbered from here


def make_orders(plan: ShopPlan, baskets: Baskets, buyer: Ints, people: People) -> Orders:
    rng = stream(plan.seed, "orders")
    count = baskets.count
    day = baskets.day[baskets.first_lines()]
    guest = buyer < 0
    channel = _channels(rng, plan, buyer, people)
    online = (channel == WEB) | (channel == APP)
    device = np.where(guest, GUEST_DEVICE + np.arange(count), people.device[buyer])
    away = guest | (rng.random(count) < OTHER_ADDRESS)
    address = np.where(away, rng.integers(0, 2**17, count), people.address[buyer])
    payment = _payments(rng, plan, buyer, people)
    return Orders(
        second=day * 86400 + _time_of_day(rng, channel),
        customer=buyer,
        channel=channel,
        place=_places(rng, plan, buyer, people),
        device=np.where(online, device, -1),
        address=np.where(online, address, -1),
        payment=payment,
        status=_statuses(rng, day, payment),
        fraud=np.zeros(count, dtype=bool),
    )


def _channels(rng: np.random.Generator, plan: ShopPlan, buyer: Ints, people: People) -> Ints:
    """Customers have a favourite; the app needs an account, so guests have the other channels."""
    anywhere = weighted(rng, plan.channels, len(buyer))
    own = np.where(rng.random(len(buyer)) < FAITHFUL_TO_CHANNEL, people.channel[buyer], anywhere)
    guests = weighted(rng, np.where(np.arange(len(CHANNELS)) == APP, 0.0, plan.channels), len(buyer))
    return np.where(buyer < 0, guests, own)


def _places(rng: np.random.Generator, plan: ShopPlan, buyer: Ints, people: People) -> Ints:
    _, chances = places_of(plan)
    anywhere = weighted(rng, chances, len(buyer))
    elsewhere = (buyer < 0) | (rng.random(len(buyer)) < SENT_ELSEWHERE)
    return np.where(elsewhere, anywhere, people.place[buyer])


def _time_of_day(rng: np.random.Generator, channel: Ints) -> Ints:
    hours = np.where(channel == PHONE, weighted(rng, HOURS * OFFICE, len(channel)), weighted(rng, HOURS, len(channel)))
    return hours * 3600 + rng.integers(0, 3600, len(channel))


def _payments(rng: np.random.Generator, plan: ShopPlan, buyer: Ints, people: People) -> Ints:
    """Each customer mostly pays the same way; business customers often by invoice."""
    habit = weighted(rng, PAYS, len(people))
    business = np.array([s.units > 0 for s in plan.segments])[people.segment]
    habit = np.where(business & (rng.random(len(people)) < 0.6), INVOICE, habit)
    anyhow = weighted(rng, PAYS, len(buyer))
    return np.where((buyer < 0) | (rng.random(len(buyer)) < 0.15), anyhow, habit[buyer])


def _statuses(rng: np.random.Generator, day: Ints, payment: Ints) -> Ints:
    """Only the last days have orders that are still open: those paid later more often."""
    late = np.isin(payment, (TRANSFER, INVOICE))
    open_part = np.where(late, 0.6, 0.25) * np.clip((day - (DAYS - 5)) / 4, 0, 1)
    chance = rng.random(len(day))
    return np.where(chance < open_part, PENDING, np.where(chance > 1 - CANCELLED_PART, CANCELLED, COMPLETED))


def orders_lost(plan: ShopPlan, orders: Orders, bad: BadMonth) -> Bools:
    """The orders that a channel's outage or a country's shipping trouble prevents."""
    rng = stream(plan.seed, "lost orders")
    during = (orders.day >= bad.first) & (orders.day < bad.after) & (rng.random(len(orders)) >= bad.keeps)
    if bad.dimension == "channel":
        return np.asarray(during & (orders.channel == CHANNELS.index(bad.value)))
    if bad.dimension == "country":
        there = np.array([place.country == bad.value for place in places_of(plan)[0]])
        return np.asarray(during & there[orders.place])
    return np.zeros(len(orders), dtype=bool)


def make_lines(
    plan: ShopPlan,
    goods: Catalogue,
    book: PriceBook,
    promotions: Promotions,
    baskets: Baskets,
    orders: Orders,
    people: People,
) -> Lines:
    """A product is on one line of an order; a voucher's discount is spread over the lines by their value."""
    rng = stream(plan.seed, "lines")
    key, quantity = _merged(rng, plan, goods, baskets, orders, people)
    order, product = np.divmod(key, len(goods))
    day = orders.day[order]
    week = week_of_day()[day]
    price = book.price[product, week]
    value = price * quantity
    discount = value * promotions.cut[product, day]
    voucher = (rng.random(len(orders)) < VOUCHERS)[order]
    discount = np.round(discount + np.where(voucher, 0.1 * (value - discount), 0), 2)
    return Lines(order, product, quantity, price, discount, book.cost[product, week])


def _merged(
    rng: np.random.Generator, plan: ShopPlan, goods: Catalogue, baskets: Baskets, orders: Orders, people: People
) -> tuple[Ints, Ints]:
    """Order and product in one number, and the units; dear things are bought one at a time, some segments buy more."""
    buyer = orders.customer[baskets.order]
    extra = np.where(buyer < 0, 0.0, np.array([s.units for s in plan.segments])[people.segment[buyer]])
    more = (0.22 + extra) * np.minimum(1, 22 / goods.price[baskets.product])
    units = 1 + np.minimum(rng.poisson(more), 11)
    key, where = np.unique(baskets.order * len(goods) + baskets.product, return_inverse=True)
    return key, np.bincount(where, units).astype(np.int64)


def order_values(orders: Orders, lines: Lines) -> Floats:
    """(orders,) what the lines come to."""
    values = lines.quantity * lines.price - lines.discount
    return np.bincount(lines.order, values, len(orders)).astype(float)


def shipping_and_tax(plan: ShopPlan, orders: Orders, lines: Lines) -> tuple[Floats, Floats]:
    """Free above 50 at home; prices include tax, in North America it comes on top."""
    value = order_values(orders, lines)
    home = np.array([place.country == plan.home.name for place in places_of(plan)[0]])[orders.place]
    shipping = np.where(home, np.where(value >= 50, 0, 3.95), np.where(value >= 120, 0, 9.9))
    rate = plan.home.vat if plan.currency in ("USD", "CAD") else plan.home.vat / (1 + plan.home.vat)
    return shipping, np.round((value + shipping) * rate, 2)
