"""What would be sold at another price: the forecast, moved by what price changes did to the same products before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from store.kept import Kept
from tools.contract import Cell, Column, NotThere
from tools.forecast.daily import Days, days_of
from tools.forecast.effects import NORMAL, Effect, Effects, effects_of, pooled, taken_off
from tools.forecast.levels import CATEGORY, PRODUCT, SHOP, categories_of
from tools.forecast.rows import WHAT_IF, Facts, empty_row, rounded
from tools.forecast.sold import REVENUE, Doubles, Sold

if TYPE_CHECKING:
    from store.connect import Store

MOST_MEMBERS = 600  # products of a category, those that sold most, that effects are told from
NOTE = "What a price does is told from past price changes, each beside its own product and its category that week."
COLUMNS = (Column("price_growth", "%"), *(Column(f"elasticity{end}", "ratio") for end in ("", "_low", "_high")))


def whatif_row(store: Store, facts: Facts, change: float) -> list[Cell]:
    """The period's total at the changed price, and what the effect alone leaves it between. NotThere: none is known."""
    members, effects = told_of(store, facts)
    weights = weights_of(facts, members)
    factors = np.array([e.factor(change) for e in effects])
    ends = (weights @ factors) * (1 + change if facts.asked.metric == REVENUE else 1)
    row = moved_row(facts, WHAT_IF, *(float(f) for f in ends))
    return [*row, *price_cells(change, weights, effects)]


def told_of(store: Store, facts: Facts) -> tuple[list[int], list[Effect]]:
    """The products asked about and their effects, the mean of the others for one whose price tells nothing. NotThere:
    none tells anything."""
    if facts.whole.level not in (PRODUCT, CATEGORY):
        raise NotThere("What a price does is told of products and categories: name one.")
    members = members_of(facts)
    own = learned(store, facts.look.sold).own
    known = [e for i in members if (e := own[i])]
    if not known:
        name = facts.label or "these products"
        raise NotThere(f"The price of {name} has hardly changed so far, so what a change would do can't be told.")
    usual = Effect(float(np.mean([e.elasticity for e in known])), float(np.mean([e.error for e in known])))
    return members, [own[i] or usual for i in members]


def price_cells(change: float, weights: Doubles, effects: Sequence[Effect]) -> list[Cell]:
    """The change, and the elasticity with its bounds."""
    elasticity, error = (float(weights @ [getattr(e, of) for e in effects]) for of in ("elasticity", "error"))
    return [change, elasticity, *(elasticity + side * NORMAL * error for side in (-1, 1))]


def moved_row(facts: Facts, part: str, middle: float, low: float, high: float) -> list[Cell]:
    """What is still to come, multiplied; what is sold already stays."""
    mean = facts.total(facts.whole, facts.asked.period.start, facts.asked.period.end).mean
    row = empty_row(facts, part)
    row[3:6] = [rounded(mean * f + (facts.done or 0.0), facts.asked.metric) for f in (middle, low, high)]
    return row


def weights_of(facts: Facts, members: Sequence[int]) -> Doubles:
    """The part of each product in what is forecast of all of them."""
    level, size = facts.look.shop.level[PRODUCT], facts.look.shop.horizon
    weights = np.array([level.mean[-1, i, :size].sum() for i in members])
    return weights / weights.sum() if weights.sum() > 0 else np.full(len(members), 1 / len(members))


def members_of(facts: Facts) -> list[int]:
    """The products that are asked about: of a shop, a category or by name."""
    if facts.whole.level == PRODUCT:
        return [int(i) for i in facts.whole.members]
    if facts.whole.level == SHOP:
        return list(range(len(facts.look.sold.ids)))
    names = categories_of(facts.look.sold)
    wanted = {names[i] for i in facts.whole.members}
    return [i for i, name in enumerate(facts.look.sold.categories) if name in wanted]


@dataclass(frozen=True)
class Learned:
    """Of the shop's products (P,), None where a price tells nothing; `uplift` by category, of promotions beyond their
    lower price, and `uplift_error` that of their logarithms."""

    own: tuple[Effect | None, ...]
    uplift: Mapping[str, float]
    uplift_error: Mapping[str, float]


Members = npt.NDArray[np.int64]
_learned: Kept[Learned] = Kept(4)


def learned(store: Store, sold: Sold) -> Learned:
    """What prices and promotions did to units so far; once a version of the data."""
    return _learned.of(store, lambda: _read(store, sold), sold.last)


def _read(store: Store, sold: Sold) -> Learned:
    with store.connect() as con:
        days = days_of(con, sold)
    kinds, total = np.array(sold.categories), days.units.sum(1)
    names = sorted(set(sold.categories))
    members = [np.flatnonzero(kinds == name) for name in names]
    members = [at[np.argsort(-total[at], kind="stable")[:MOST_MEMBERS]] for at in members]
    found = [_of_category(days, at) for at in members]
    own: list[Effect | None] = [None] * len(sold.ids)
    for at, effects in zip(members, pooled(found), strict=True):
        for i, effect in zip(at, effects, strict=True):
            own[i] = effect
    uplifts = {name: f for name, f in zip(names, found, strict=True) if f.uplift}
    return Learned(
        tuple(own),
        {name: f.uplift for name, f in uplifts.items() if f.uplift},
        {name: f.uplift_error for name, f in uplifts.items()},
    )


def lifted(of: Learned, at: Members, category: str, price: Doubles, cut: Doubles) -> Doubles:
    """(N, D) what prices (logarithms against the usual) and promotions multiply sales of the products `at` by."""
    known = [e.elasticity for i in at if (e := of.own[i])]
    usual = float(np.mean(known)) if known else 0.0
    slope = np.array([e.elasticity if (e := of.own[i]) else usual for i in at])
    uplift = np.log(of.uplift.get(category, 1.0))
    return np.asarray(np.exp(slope[:, None] * (price + taken_off(cut)) + uplift * (cut > 0)))


def _of_category(days: Days, at: Members) -> Effects:
    """Each beside the others of its category, from its first sale to its last."""
    y = days.units[at]
    begun, over = (np.maximum.accumulate(part > 0, 1) for part in (y, y[:, ::-1]))
    return effects_of(y, days.price[at], days.cut[at], begun & over[:, ::-1], days.week, days.weekday)
