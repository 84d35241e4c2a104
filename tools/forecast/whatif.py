"""What would be sold at another price: the forecast, moved by what price changes did to the same products before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import Cell, Column, NotThere, ToolError
from tools.forecast.effects import NORMAL, Effect, effects_of
from tools.forecast.levels import CATEGORY, PRODUCT, categories_of
from tools.forecast.rows import WHAT_IF, Facts, empty_row, rounded
from tools.forecast.sold import REVENUE, UNITS
from tools.forecast.weekly import prices_of, promotions_of

if TYPE_CHECKING:
    from store.connect import Store

FORM = "scenario is {'price_change': -0.1} for a price ten per cent lower."
LEAST, MOST = -0.9, 2.0
NOTE = "What a price does is told from past price changes, each beside its own product and its category that week."
COLUMNS = (Column("price_growth", "%"), *(Column(f"elasticity{end}", "ratio") for end in ("", "_low", "_high")))


def read_scenario(given: Any) -> float | None:
    """The part by which the price changes. ToolError for anything else."""
    if given in (None, "", {}):
        return None
    value = given.get("price_change") if isinstance(given, Mapping) and set(given) == {"price_change"} else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ToolError(FORM)
    if not LEAST <= value <= MOST:
        raise ToolError(f"A price_change lies between {LEAST} and {MOST}, as parts of the price: {FORM}")
    return float(value)


def whatif_row(store: Store, facts: Facts, change: float) -> list[Cell]:
    """The period's total at the changed price, and what the effect alone leaves it between. NotThere: none is known."""
    members = _products(facts)
    effects = _effects(store, facts, members)
    known = [e for e in effects.values() if e]
    if not known:
        name = facts.label or "these products"
        raise NotThere(f"The price of {name} has hardly changed so far, so what a change would do can't be told.")
    usual = Effect(float(np.mean([e.elasticity for e in known])), float(np.mean([e.error for e in known])))
    level, size = facts.look.shop.level[PRODUCT], facts.look.shop.horizon
    weights = np.array([level.mean[-1, i, :size].sum() for i in members])
    weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(members), 1 / len(members))
    factors = np.array([(effects[i] or usual).factor(change) for i in members])
    middle, low, high = (weights @ factors) * (1 + change if facts.asked.metric == REVENUE else 1)
    mean = facts.total(facts.whole, facts.asked.period.start, facts.asked.period.end).mean
    elasticity = [
        float(weights @ [getattr(effects[i] or usual, of) for i in members]) for of in ("elasticity", "error")
    ]
    row = empty_row(facts, WHAT_IF)
    row[3:6] = [rounded(mean * float(f), facts.asked.metric) for f in (middle, low, high)]
    ends = (elasticity[0] + side * NORMAL * elasticity[1] for side in (-1, 1))
    return [*row, change, elasticity[0], *ends]


def _products(facts: Facts) -> list[int]:
    if facts.whole.level == PRODUCT:
        return [int(i) for i in facts.whole.members]
    if facts.whole.level != CATEGORY:
        raise NotThere("What a price does is told of products and categories: name one.")
    names = categories_of(facts.look.sold)
    wanted = {names[i] for i in facts.whole.members}
    return [i for i, name in enumerate(facts.look.sold.categories) if name in wanted]


def _effects(store: Store, facts: Facts, members: Sequence[int]) -> dict[int, Effect | None]:
    """Each member's, told beside the other products of its category."""
    sold = facts.look.sold
    with store.connect() as con:
        price, promoted = prices_of(con, sold, sold.weeks), promotions_of(con, sold, sold.weeks)[:-1]
    out: dict[int, Effect | None] = {}
    kinds = np.array(sold.categories)
    for kind in {sold.categories[i] for i in members}:
        at = np.flatnonzero(kinds == kind)
        y = sold.product[UNITS][at]
        begun, over = (np.maximum.accumulate(part > 0, 1) for part in (y, y[:, ::-1]))
        found = effects_of(y, price[at], promoted[at], begun & over[:, ::-1])
        out |= {int(i): effect for i, effect in zip(at, found, strict=True)}
    return {i: out[i] for i in members}
