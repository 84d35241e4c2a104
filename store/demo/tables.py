"""The drawn shop as rows of the canonical tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from store.demo.checkout import shipping_and_tax
from store.demo.days import DAYS, EPOCH
from store.demo.draws import Bools, Ints, stream
from store.demo.fraud import STRANGE_DEVICE
from store.demo.orders import PAYMENTS, STATUSES
from store.demo.people import places_of
from store.demo.plan import CHANNELS
from store.demo.shop import Progress, Shop
from store.demo.visits import KINDS
from store.schema import ColumnSpec, table

LABELS_LATE = 21  # days: the last orders are unlabelled
_NETWORK = 198 * 2**24 + 18 * 2**16  # 198.18.0.0/15, reserved for tests


@dataclass(frozen=True)
class Names:
    """The ids that rows go by, in the order of the arrays."""

    products: list[str]
    customers: list[str]
    orders: list[str]

    @staticmethod
    def of(shop: Shop) -> "Names":
        created = np.argsort(np.argsort(customers_created(shop), kind="stable"))
        customers = [f"C{20_001 + number}" for number in created.tolist()]
        orders = [str(300_001 + number) for number in range(len(shop.orders))]
        return Names(shop.goods.ids, customers, orders)


def fill_tables(
    con: duckdb.DuckDBPyConnection, shop: Shop, progress: Progress, only: Sequence[str] | None = None
) -> None:
    """All tables, or `only` these."""
    names = Names.of(shop)
    makers: dict[str, Callable[[Shop, Names], dict[str, Any]]] = {
        "products": _products,
        "customers": _customers,
        "orders": _orders,
        "order_items": _order_items,
        "returns": _returns,
        "reviews": _reviews,
        "events": _events,
        "promotions": _promotions,
    }
    wanted = [(name, make) for name, make in makers.items() if only is None or name in only]
    for number, (name, make) in enumerate(wanted):
        progress(f"writing {name.replace('_', ' ')}", 0.4 + 0.05 * number)
        _insert(con, name, make(shop, names))


@dataclass(frozen=True)
class Numbered:
    """Ids like E0000001, made of numbers where the rows are inserted: quicker than strings for every row."""

    pattern: str  # of printf
    numbers: Ints


def _insert(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any]) -> None:
    values = {key: c.numbers if isinstance(c, Numbered) else c for key, c in columns.items()}
    con.register("rows_to_add", pd.DataFrame(values))
    wanted = [c.name for c in table(name).columns if c.name in columns]
    casts = [_cast(c, columns[c.name]) for c in table(name).columns if c.name in columns]
    con.execute(f"INSERT INTO {name} ({', '.join(wanted)}) SELECT {', '.join(casts)} FROM rows_to_add")
    con.unregister("rows_to_add")


def _cast(column: ColumnSpec, values: Any) -> str:
    if isinstance(values, Numbered):
        return f"printf('{values.pattern}', {column.name})"
    return f"CAST({column.name} AS {column.type})"


def _coded(codes: Ints, texts: Sequence[str]) -> pd.Categorical:
    """Texts by their index, -1 for NULL. The texts must differ."""
    return pd.Categorical.from_codes(codes, list(texts))


def _repeated(codes: Ints, texts: Sequence[str | None]) -> Any:
    """Texts by their index, where some are the same or NULL."""
    return np.array([*texts, None], dtype=object)[codes]


def _at(seconds: Ints) -> Any:
    return EPOCH + seconds.astype("timedelta64[s]")


def _numbered(pattern: str, count: int) -> Numbered:
    return Numbered(pattern, np.arange(1, count + 1))


def _products(shop: Shop, names: Names) -> dict[str, Any]:
    goods, book = shop.goods, shop.market.book
    rng = stream(shop.plan.seed, "product rows")
    opened = goods.arrives * 86400 + rng.integers(8, 18, len(goods)) * 3600
    return {
        "product_id": names.products,
        "title": [v.title for v in goods.variants],
        "description": [v.description for v in goods.variants],
        "category": [shop.plan.categories[v.category].name for v in goods.variants],
        "brand": goods.brands,
        "barcode": goods.barcodes,
        "attributes": [v.attributes for v in goods.variants],
        "list_price": book.price[:, -1],
        "unit_cost": book.cost[:, -1],
        "stock": _stock(rng, shop),
        "created_at": _at(opened),
    }


def _stock(rng: np.random.Generator, shop: Shop) -> Ints:
    """Some weeks' worth of what sold of late; far too much of some, next to none of what is given up or sold out."""
    recent = shop.orders.day[shop.lines.order] >= DAYS - 60
    a_day = np.bincount(shop.lines.product[recent], shop.lines.quantity[recent], len(shop.goods)) / 60
    cover = np.exp(rng.normal(np.log(32), 0.75, len(a_day))) * np.where(rng.random(len(a_day)) < 0.05, 9, 1)
    stock = np.ceil(np.maximum(a_day, 0.05) * cover).astype(np.int64)
    stock = np.where(shop.goods.leaves < DAYS, rng.integers(0, 4, len(a_day)), stock)
    stock[[each.product for each in shop.market.sold_out]] = 0
    return stock


def customers_created(shop: Shop) -> Ints:
    """(customers,) the second of sign-up: minutes before the first order for who joined in the data; days for some."""
    rng = stream(shop.plan.seed, "sign-ups")
    count = len(shop.people)
    first = np.full(count, np.iinfo(np.int64).max)
    known = shop.orders.customer >= 0
    np.minimum.at(first, shop.orders.customer[known], shop.orders.second[known])
    fraudster = np.arange(count) >= shop.fraud.first_account
    signed_up = shop.people.joined * 86400 + rng.integers(7 * 3600, 22 * 3600, count)
    ahead = np.where(fraudster, rng.exponential(40 * 3600, count), rng.uniform(60, 2400, count)).astype(np.int64)
    with_order = ((shop.people.joined >= 0) | fraudster) & (first < np.iinfo(np.int64).max)
    return np.where(with_order, first - ahead, signed_up)


def _customers(shop: Shop, names: Names) -> dict[str, Any]:
    places, _ = places_of(shop.plan)
    mine = [places[p] for p in shop.people.place]
    return {
        "customer_id": names.customers,
        "name": shop.people.names,
        "email": shop.people.emails,
        "phone": shop.people.phones,
        "country": [p.country for p in mine],
        "region": [p.region for p in mine],
        "city": [p.city for p in mine],
        "segment": _repeated(shop.people.segment, [s.name for s in shop.plan.segments]),
        "created_at": _at(customers_created(shop)),
    }


def _orders(shop: Shop, names: Names) -> dict[str, Any]:
    orders = shop.orders
    places, _ = places_of(shop.plan)
    shipping, tax = shipping_and_tax(shop.plan, orders, shop.lines)
    return {
        "order_id": names.orders,
        "customer_id": _coded(orders.customer, names.customers),
        "ordered_at": _at(orders.second),
        "status": _coded(orders.status, STATUSES),
        "channel": _coded(orders.channel, CHANNELS),
        "country": _repeated(orders.place, [p.country for p in places]),
        "region": _repeated(orders.place, [p.region for p in places]),
        "city": _repeated(orders.place, [p.city for p in places]),
        "currency": shop.plan.currency,
        "shipping": shipping,
        "tax": tax,
        "discount": 0.0,
        "payment_method": _coded(orders.payment, PAYMENTS),
        "device_id": [device_name(d) if d >= 0 else None for d in orders.device.tolist()],
        "ip_address": [address_name(a) if a >= 0 else None for a in orders.address.tolist()],
        "is_fraud": _labels(shop),
    }


def _labels(shop: Shop) -> Any:
    known: Bools = shop.orders.day < DAYS - LABELS_LATE
    labels = shop.orders.fraud.astype(object)
    labels[~known] = None
    return labels


def device_name(device: int) -> str:
    """Scrambled, so that nobody can tell by its number whose kind of device it is."""
    return f"d-{(device * 2_654_435_761 + STRANGE_DEVICE) % 2**32:08x}"


def address_name(address: int) -> str:
    number = _NETWORK + address
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _order_items(shop: Shop, names: Names) -> dict[str, Any]:
    lines = shop.lines
    first = np.flatnonzero(np.diff(lines.order, prepend=-1))
    return {
        "order_id": _coded(lines.order, names.orders),
        "line": np.arange(len(lines)) - np.repeat(first, np.diff(np.append(first, len(lines)))) + 1,
        "product_id": _coded(lines.product, names.products),
        "quantity": lines.quantity,
        "unit_price": lines.price,
        "discount": lines.discount,
        "unit_cost": lines.cost,
    }


def _returns(shop: Shop, names: Names) -> dict[str, Any]:
    found, lines = shop.returned, shop.lines
    by_time = np.argsort(found.second, kind="stable")
    line = found.line[by_time]
    return {
        "return_id": _numbered("R%05d", len(line)),
        "order_id": _coded(lines.order[line], names.orders),
        "customer_id": _coded(shop.orders.customer[lines.order[line]], names.customers),
        "product_id": _coded(lines.product[line], names.products),
        "quantity": found.quantity[by_time],
        "amount": found.amount[by_time],
        "returned_at": _at(found.second[by_time]),
        "reason": [found.reason[i] for i in by_time.tolist()],
    }


def _reviews(shop: Shop, names: Names) -> dict[str, Any]:
    found = shop.reviews
    by_time = np.argsort(found.second, kind="stable")
    return {
        "review_id": _numbered("V%05d", len(by_time)),
        "product_id": _coded(found.product[by_time], names.products),
        "customer_id": _coded(found.customer[by_time], names.customers),
        "rating": found.rating[by_time],
        "title": [found.title[i] for i in by_time.tolist()],
        "body": [found.body[i] for i in by_time.tolist()],
        "created_at": _at(found.second[by_time]),
    }


def _events(shop: Shop, names: Names) -> dict[str, Any]:
    found = shop.visits
    return {
        "event_id": _numbered("E%07d", len(found.kind)),
        "session_id": Numbered("S%06d", found.session + 1),
        "customer_id": _coded(found.customer, names.customers),
        "product_id": _coded(found.product, names.products),
        "kind": _coded(found.kind, KINDS),
        "occurred_at": _at(found.second),
    }


def promotion_rows(shop: Shop) -> list[tuple[int, int | None]]:
    """(number of the promotion, product or None for the whole shop) of each row of promotions."""
    rows: list[tuple[int, int | None]] = []
    for number, promotion in enumerate(shop.market.promotions.listed):
        products = [None] if promotion.products is None else promotion.products.tolist()
        rows += [(number, product) for product in products]
    return rows


def _promotions(shop: Shop, names: Names) -> dict[str, Any]:
    rows = promotion_rows(shop)
    listed = [shop.market.promotions.listed[number] for number, _ in rows]
    return {
        "promotion_id": _numbered("P%04d", len(rows)),
        "product_id": [None if product is None else names.products[product] for _, product in rows],
        "name": [p.name for p in listed],
        "percent_off": [float(p.percent) for p in listed],
        "starts_at": _at(np.array([p.first for p in listed]) * 86400),
        "ends_at": _at(np.array([p.last + 1 for p in listed]) * 86400 - 1),
    }
