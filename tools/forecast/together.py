"""What would be sold at another price and with a promotion, or without any: the forecast moved by both, and what each
of them brings.

Either must be told as it is alone. What each brings is its Shapley value, the mean over which of them comes first, so
the two add up to the whole difference (`tools/explain/drivers.py` has the sources). N products asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.contract import Cell
from tools.forecast import promoted, whatif
from tools.forecast.promoted import Promotion, offers, promotion_cells, responding
from tools.forecast.response import Offer
from tools.forecast.rows import BOTH, BY_PRICE, BY_PROMOTION, UNPROMOTED_AT, Facts, part_row, rounded
from tools.forecast.sold import REVENUE
from tools.forecast.whatif import moved_row, price_cells, told_of, weights_of

if TYPE_CHECKING:
    from store.connect import Store

NOTE = (
    "A promotion takes its part off the changed price. The bounds have the errors of both effects, which go together, "
    "and take the products to err alike."
)
COLUMNS = (*whatif.COLUMNS, *promoted.COLUMNS)


def together_rows(store: Store, facts: Facts, change: float, asked: Promotion) -> list[list[Cell]]:
    """The period's total with both; what of its difference from the forecast the price brings, and what the promotion.
    NotThere: either effect isn't known."""
    members, effects = told_of(store, facts)
    response, at = responding(store, facts)
    weights, money = weights_of(facts, members), facts.asked.metric == REVENUE
    then, now, off = offers(store, facts, asked, at)
    both = Offer(then.cut, change)
    ends = response.factors(both, now, money) @ weights
    row = moved_row(facts, BOTH if asked.on else UNPROMOTED_AT, *ends.tolist())
    by_price, by_promotion = (response.factors(offer, now, money)[0] for offer in (Offer(now.cut, change), then))
    price = float(weights @ ((by_price - 1) * (1 + by_promotion) / 2))
    cells = [*price_cells(change, weights, effects), *promotion_cells(response, weights, asked, then, off)]
    return [[*row, *cells], *_parts(facts, row, price)]


def _parts(facts: Facts, row: list[Cell], price: float) -> list[list[Cell]]:
    """As they are shown they add up to what is shown."""
    m, period = facts.asked.metric, facts.asked.period
    mean = facts.total(facts.whole, period.start, period.end).mean
    usual, brought = rounded(mean + (facts.done or 0.0), m), rounded(mean * price, m)
    rest = round(float(str(row[3])) - usual - brought, 2)
    parts = ((BY_PRICE, brought), (BY_PROMOTION, rest))
    return [[*part_row(facts, part, value), *[None] * len(COLUMNS)] for part, value in parts]
