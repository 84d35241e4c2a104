"""From expected demand to the lines of orders, with products that are bought together more often than chance has it."""

from dataclasses import dataclass

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.draws import Bools, Floats, Ints, stream

ORDERS = 60_000
LINES_AN_ORDER = 2.2
PAIRS = 16


@dataclass(frozen=True)
class Pair:
    """Of the lines of `b` on a day when `a` sells too, the part `attach` joins an order with `a`."""

    a: int
    b: int
    attach: float


@dataclass(frozen=True)
class Baskets:
    """One entry a line, sorted by day and order: its product, day and order."""

    product: Ints
    day: Ints
    order: Ints

    @property
    def count(self) -> int:
        return int(self.order[-1]) + 1

    def first_lines(self) -> Ints:
        """(orders,) the index of each order's first line."""
        return np.flatnonzero(np.diff(self.order, prepend=-1))


def draw_pairs(seed: int, goods: Catalogue) -> list[Pair]:
    """Pairs of different products that sell well, none of them in two pairs."""
    rng = stream(seed, "pairs")
    lasting = np.flatnonzero(goods.lasting)
    good = lasting[np.argsort(-goods.popularity[lasting])][6:84]
    chosen = rng.permutation(good)[: 2 * PAIRS].reshape(-1, 2)
    ordered = np.where(
        (goods.popularity[chosen[:, 0]] >= goods.popularity[chosen[:, 1]])[:, None], chosen, chosen[:, ::-1]
    )
    return [Pair(a, b, float(rng.uniform(0.2, 0.6))) for a, b in ordered.tolist()]


def fill_baskets(seed: int, expected: Floats, pairs: list[Pair]) -> Baskets:
    """`expected`: (products, days) relative demand; scaled to the shop's size."""
    rng = stream(seed, "baskets")
    counts = rng.poisson(expected * (ORDERS * LINES_AN_ORDER / expected.sum()))
    product, day = (np.repeat(index, counts.ravel()) for index in np.divmod(np.arange(counts.size), counts.shape[1]))
    place = day + rng.random(len(day))
    opens = rng.random(len(day)) < _chance_to_open(counts, pairs)
    for pair in pairs:
        _join(rng, pair, counts, product, place, opens)
    by_place = np.argsort(place, kind="stable")
    product, day, opens = product[by_place], day[by_place], opens[by_place]
    opens |= np.diff(day, prepend=-1) > 0
    return Baskets(product, day, np.cumsum(opens) - 1)


def _chance_to_open(counts: Ints, pairs: list[Pair]) -> float:
    joined = sum(pair.attach * np.minimum(counts[pair.a], counts[pair.b]).sum() for pair in pairs)
    return float((ORDERS - counts.shape[1]) / (counts.sum() - joined))


def _join(rng: np.random.Generator, pair: Pair, counts: Ints, product: Ints, place: Floats, opens: Bools) -> None:
    """Put lines of b directly behind lines of a, of the same day and order."""
    mine = {p: np.flatnonzero(product == p) for p in (pair.a, pair.b)}
    starts = {p: np.concatenate([[0], np.cumsum(counts[p])]) for p in mine}
    both = np.minimum(counts[pair.a], counts[pair.b])
    joined = rng.binomial(both, pair.attach)
    for day in np.flatnonzero(joined).tolist():
        a = mine[pair.a][starts[pair.a][day] : starts[pair.a][day] + joined[day]]
        b = mine[pair.b][starts[pair.b][day] : starts[pair.b][day] + joined[day]]
        place[b] = place[a] + 1e-9
        opens[b] = False


def expected_lift(pair: Pair, baskets: Baskets) -> float:
    """Orders with both, over what chance alone would give: 1 for products that have nothing to do with each other."""
    days = int(baskets.day[-1]) + 1
    a, b = (np.bincount(baskets.day[baskets.product == p], minlength=days) for p in (pair.a, pair.b))
    orders = np.bincount(baskets.day[baskets.first_lines()], minlength=days)
    joined = pair.attach * np.minimum(a, b)
    by_chance = (a - joined) * (b - joined) / np.maximum(orders, 1)
    return float((joined + by_chance).sum() * baskets.count / (a.sum() * b.sum()))
