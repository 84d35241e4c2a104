"""What would be sold with a promotion, or without any: the forecast, moved by what past promotions did.

How sales answer is `response.py`. What the forecast has of promotions as it is, is taken out first: those planned
where the trained models answer, who see them, else those of the days that it rests on.
P products, N of them asked about, D days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tools.contract import Cell, Column, NotThere
from tools.forecast.levels import COUNTRY, MIXED, MODEL
from tools.forecast.response import Offer, Response, response_of
from tools.forecast.rows import PROMOTED, UNPROMOTED, Facts
from tools.forecast.simple import LONG, RECENT
from tools.forecast.sold import REVENUE, Doubles
from tools.forecast.weekly import promotion_days
from tools.forecast.whatif import learned, members_of, moved_row, weights_of
from tools.metrics.periods import Period

if TYPE_CHECKING:
    from store.connect import Store

Ints = npt.NDArray[np.int64]
YEAR = 364  # days, on the same weekday
RESTS_ON = {"recent": 7 * RECENT, "longer": 7 * LONG, "moved": 7 * LONG}  # the last days; by way to forecast
NOTE = (
    "What a promotion does is told from past ones in the same category, each product beside its own other days and its "
    "category that week."
)
COLUMNS = (
    Column("promotion_off", "%"), Column("promotion_days", "count"),
    *(Column(f"{name}{end}", "ratio") for name in ("lift", "uplift") for end in ("", "_low", "_high")),
)  # fmt: skip


@dataclass(frozen=True)
class Promotion:
    """Whether there is one; at which part off (None: as usual), or as in which days that are over."""

    on: bool
    cut: float | None = None
    like: Period | None = None


def promoted_row(store: Store, facts: Facts, asked: Promotion) -> list[Cell]:
    """The period's total with that promotion or without any. NotThere: nothing tells what promotions do here."""
    response, members = responding(store, facts)
    then, now, off = offers(store, facts, asked, members)
    weights, money = weights_of(facts, [int(i) for i in members]), facts.asked.metric == REVENUE
    row = moved_row(
        facts, PROMOTED if asked.on else UNPROMOTED, *(response.factors(then, now, money) @ weights).tolist()
    )
    return [*row, *promotion_cells(response, weights, asked, then, off)]


def responding(store: Store, facts: Facts) -> tuple[Response, Ints]:
    """How the products asked about answer, and which ones they are."""
    if facts.whole.level == COUNTRY:
        raise NotThere("What a promotion does is told of the shop, its products and categories, not of countries.")
    members = np.array(members_of(facts), dtype=np.int64)
    return response_of(facts, learned(store, facts.look.sold), members), members


def offers(store: Store, facts: Facts, asked: Promotion, members: Ints) -> tuple[Offer, Offer, float]:
    """What is supposed, what the forecast has in it, and the part that a promotion takes off: then, else so far."""
    with store.connect() as con:
        cuts = promotion_days(con, facts.look.sold, 7 * (facts.look.sold.weeks + facts.look.shop.horizon))[:-1]
    then = _supposed(facts, asked, cuts, members)
    shown = then if asked.on else cuts[members][:, : len(facts.days)]
    off = float(shown[shown > 0].mean()) if (shown > 0).any() else 0.0
    return Offer(then), Offer(cuts[members][:, _rests_on(facts)]), off


def promotion_cells(response: Response, weights: Doubles, asked: Promotion, then: Offer, off: float) -> list[Cell]:
    """What is taken off on how many days; what a day at that part off sells, against others, and what of it isn't the
    price's, each with its bounds."""
    same = np.full((len(weights), 1), off)
    lift = response.factors(Offer(same), Offer(np.zeros_like(same)), False) @ weights
    days = int((then.cut > 0).any(0).sum())
    return [off if asked.on else None, days, *lift.tolist(), *(response.uplifts() @ weights).tolist()]


def _supposed(facts: Facts, asked: Promotion, cuts: Doubles, members: Ints) -> Doubles:
    """(N, D) what is taken off on each day still to come of the period."""
    size = len(_coming(facts))
    if asked.like is not None:
        return _as_then(facts, asked.like, cuts[members], size)
    past = cuts[members][:, : len(facts.days)]
    if not (past > 0).any():
        kinds = {facts.look.sold.categories[i] for i in members}
        past = cuts[[kind in kinds for kind in facts.look.sold.categories], : len(facts.days)]
    usual = float(past[past > 0].mean()) if (past > 0).any() else 0.0
    cut = usual if asked.cut is None else asked.cut
    return np.full((len(members), size), cut if asked.on else 0.0)


def _as_then(facts: Facts, like: Period, cuts: Doubles, size: int) -> Doubles:
    """As many promoted days, at what was taken off then."""
    begin, stop = _day(facts, like.start), _day(facts, like.end) + 1
    then = cuts[:, max(0, begin) : max(0, min(stop, len(facts.days)))]
    if not (then > 0).any():
        raise NotThere(f"No promotion of {facts.label or 'these products'} ran from {like.start} to {like.end}.")
    out = np.zeros((len(cuts), size))
    first = -np.sort(-then, 1)[:, :size]
    out[:, : first.shape[1]] = first
    return out


def _rests_on(facts: Facts) -> Ints:
    """The days whose promotions the forecast has in it as it is."""
    best, end, coming = facts.look.shop.level[facts.whole.level].best, len(facts.days), _coming(facts)
    if best in (MODEL, MIXED):
        return coming
    if best in RESTS_ON:
        return np.arange(max(0, end - RESTS_ON[best]), end)
    return np.maximum(coming - YEAR, 0)


def _coming(facts: Facts) -> Ints:
    return np.arange(_day(facts, max(facts.asked.period.start, facts.origin)), _day(facts, facts.asked.period.end) + 1)


def _day(facts: Facts, day: date) -> int:
    return (day - facts.look.sold.first).days
