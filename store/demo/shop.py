"""The whole shop, drawn from its seed: every part in the order in which they depend on each other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from store.demo.badmonth import NOT_REPEATED, OUTAGE, BadMonth, draw_bad_month, draw_cause, draw_festival
from store.demo.baskets import Baskets, Pair, draw_pairs, expected_lift, fill_baskets
from store.demo.buyers import assign_buyers
from store.demo.catalogue import Catalogue, make_catalogue
from store.demo.checkout import make_lines, make_orders, orders_lost
from store.demo.demand import SoldOut, Substitute, draw_sold_out, draw_substitutes, expected_lines, on_sale
from store.demo.draws import Bools, Floats, Ints
from store.demo.fraud import Fraud, make_fraud
from store.demo.orders import Lines, Orders, in_time_order
from store.demo.people import People, make_people
from store.demo.plan import ShopPlan, draw_plan
from store.demo.prices import PriceBook, draw_prices
from store.demo.promotions import Promotions, draw_promotions
from store.demo.returns import Returned, make_returns
from store.demo.reviews import Reviews, make_reviews
from store.demo.visits import Visits, VisitTruth, make_visits

Progress = Callable[[str, float], None]  # what is being done, how much of it (0 to 1)


@dataclass(frozen=True)
class Market:
    """What demand comes from: prices, promotions, products that stand in for each other or go together."""

    book: PriceBook
    promotions: Promotions
    substitutes: list[Substitute]
    pairs: list[Pair]
    sold_out: list[SoldOut]
    bad: BadMonth


@dataclass(frozen=True)
class Shop:
    plan: ShopPlan
    goods: Catalogue
    market: Market
    people: People
    honest: People  # those whose accounts no fraudster opened
    orders: Orders
    lines: Lines
    lifts: list[float]  # of market.pairs
    fraud: Fraud
    fraud_orders: Ints  # the index in `orders` of each of fraud.orders

    @cached_property
    def returned(self) -> Returned:
        return make_returns(self.plan, self.goods, self.orders, self.lines)

    @cached_property
    def reviews(self) -> Reviews:
        return make_reviews(self.plan, self.goods, self.orders, self.lines, self.people)

    @property
    def visits(self) -> Visits:
        return self._visited[0]

    @property
    def visit_truth(self) -> VisitTruth:
        return self._visited[1]

    @cached_property
    def _visited(self) -> tuple[Visits, VisitTruth]:
        return make_visits(self.plan, self.goods, self.orders, self.lines, self.honest)


def draw_shop(seed: int, progress: Progress, *, planted: bool = True) -> Shop:
    """The shop of this seed; without `planted`, the same one with nothing wrong in its bad month.

    Returns, reviews and visits are drawn when they are asked for.
    """
    progress("inventing the shop", 0.02)
    plan = draw_plan(seed)
    goods = make_catalogue(plan)
    market, demand, sellable = _draw_market(plan, goods, planted)
    progress("filling baskets", 0.1)
    people = make_people(plan)
    baskets = fill_baskets(seed, demand, market.pairs)
    orders, lines = _honest_orders(plan, goods, market, baskets, people)
    fraud = make_fraud(plan, goods, market.book, market.promotions, sellable, people, len(orders))
    lines = lines.followed_by(_moved(fraud.lines, len(orders)))
    honest, orders = len(orders), orders.followed_by(fraud.orders)
    orders, lines, place = in_time_order(orders, lines)
    progress("counting what was sold", 0.3)
    return Shop(
        plan=plan,
        goods=goods,
        market=market,
        people=fraud.people,
        honest=people,
        orders=orders,
        lines=lines,
        lifts=[expected_lift(pair, baskets) for pair in market.pairs],
        fraud=fraud,
        fraud_orders=place[honest:],
    )


def _draw_market(plan: ShopPlan, goods: Catalogue, planted: bool) -> tuple[Market, Floats, Bools]:
    """The market, and (products, days) the demand that can be met and where a product can be bought."""
    cause = draw_cause(plan)
    if not planted and cause == NOT_REPEATED:
        cause = OUTAGE  # whichever it is, it takes nothing
    book = draw_prices(plan.seed, goods, len(plan.categories))
    substitutes = draw_substitutes(plan.seed, goods)
    sold_out = draw_sold_out(plan.seed, goods)
    sellable = on_sale(goods, sold_out)

    def sold(promotions: Promotions) -> tuple[Floats, Floats]:
        demand = expected_lines(plan, goods, book, promotions, substitutes) * sellable
        return demand, demand * book.by_day(book.price) * (1 - promotions.cut)

    festival, promotions = None, draw_promotions(plan, goods, None)
    demand, revenue = sold(promotions)
    if cause == NOT_REPEATED:
        festival = draw_festival(plan, goods, revenue)
        promotions = draw_promotions(plan, goods, festival)
        demand, revenue = sold(promotions)
    bad = draw_bad_month(plan, goods, revenue, cause, festival)
    bad = bad if planted else replace(bad, keeps=1.0)
    pairs = draw_pairs(plan.seed, goods)
    return Market(book, promotions, substitutes, pairs, sold_out, bad), bad.struck(demand), sellable


def _honest_orders(
    plan: ShopPlan, goods: Catalogue, market: Market, baskets: Baskets, people: People
) -> tuple[Orders, Lines]:
    first_category = goods.category[baskets.product[baskets.first_lines()]]
    buyer = assign_buyers(plan.seed, baskets, first_category, people)
    orders = make_orders(plan, baskets, buyer, people)
    lines = make_lines(plan, goods, market.book, market.promotions, baskets, orders, people)
    kept = ~orders_lost(plan, orders, market.bad)
    fresh = np.cumsum(kept) - 1
    lines = lines.rows(kept[lines.order])
    return orders.rows(kept), Lines(**{**vars(lines), "order": fresh[lines.order]})


def _moved(lines: Lines, orders_before: int) -> Lines:
    return Lines(**{**vars(lines), "order": lines.order + orders_before})
