"""Returns: each category's lines come back at its own rate, some weeks later, for reasons that suit the thing."""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import DAYS
from store.demo.draws import Floats, Ints, one_of, stream
from store.demo.orders import COMPLETED, Lines, Orders
from store.demo.plan import ShopPlan
from store.demo.vocabulary import read


@dataclass(frozen=True)
class Returned:
    line: Ints  # index of the line that came back
    quantity: Ints
    amount: Floats
    second: Ints
    reason: list[str]


def make_returns(plan: ShopPlan, goods: Catalogue, orders: Orders, lines: Lines) -> Returned:
    rng = stream(plan.seed, "returns")
    rate = np.array([c.return_rate for c in plan.categories])[goods.category[lines.product]]
    kept_money = (orders.status == COMPLETED) & ~orders.fraud
    back = (rng.random(len(lines)) < rate) & kept_money[lines.order]
    second = orders.second[lines.order] + (3 + rng.gamma(2.2, 4.5, len(lines))) * 86400
    line = np.flatnonzero(back & (second < DAYS * 86400))
    bought = lines.quantity[line]
    quantity = np.where(rng.random(len(line)) < 0.7, bought, 1 + rng.integers(0, bought))
    paid = lines.quantity[line] * lines.price[line] - lines.discount[line]
    reasons = [_reason(rng, goods, int(product)) for product in lines.product[line]]
    return Returned(line, quantity, np.round(paid * quantity / bought, 2), _in_office_hours(rng, second[line]), reasons)


def _reason(rng: np.random.Generator, goods: Catalogue, product: int) -> str:
    """More often one of the thing's nature than one of anything's."""
    words = read("reviews.toml")
    own: list[str] = words["nature"][goods.variants[product].kind.nature]["reasons"]
    anything: list[str] = words["reasons"]
    return one_of(rng, [*own, *own, *anything])


def _in_office_hours(rng: np.random.Generator, second: Floats) -> Ints:
    midnight = second.astype(np.int64) // 86400 * 86400
    return midnight + rng.integers(9 * 3600, 17 * 3600, len(second))
