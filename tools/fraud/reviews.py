"""plan_reviews: which orders are worth a look by what mistakes cost, what that saves, and what so many a day catch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, Cell, Column, Result
from tools.fraud.asked import kind_of, rows_of, same_model
from tools.fraud.backtest import Backtest
from tools.fraud.costs import Costs, costs_of, reviews_a_day
from tools.fraud.features import DAY
from tools.fraud.known import known
from tools.fraud.policy import Done, Outcome, outcome, threshold, treated
from tools.fraud.scores import Scores, bars, scores_of
from tools.fraud.table import Floats, Ints
from tools.fraud.train import FEWEST
from tools.fraud.unequal import as_usual, evened
from tools.metrics.reading import spoken

if TYPE_CHECKING:
    from store.connect import Store

NO_COSTS = (
    "What mistakes cost can't be weighed without probabilities, and those take orders that are known for fraud and "
    "for none."
)
BY_COST, A_DAY = "what is worth it", "the most to lose each day"
TOLD = ("orders", "reviewed", "refused", "caught", "missed", "cost", "unchecked", "saved")
MONEY = frozenset({"cost", "unchecked", "saved"})


@READ
def plan_reviews(
    store: Store,
    period: Any = None,
    costs: Mapping[str, float] | None = None,
    per_day: int | None = None,
    even_by: str | None = None,
    *,
    today: date | None = None,
    model: str | None = None,
) -> Result:
    """What looking at suspicious orders costs and saves: from which probability on it is worth it, and so many a day.

    Use it beside score_fraud, and for "a review costs us £5, a chargeback £40", "what if I only review ten a day?",
    "from which score on should we check?". The first row is what is worth it by the costs, the second, where per_day is
    given, the orders of each day with the most to lose. "caught" and "missed" are frauds to be expected by the model's
    own probabilities, "cost" is all that is paid then, "unchecked" what is lost if nothing is looked at, "threshold"
    the probability from which on an order of the "usual_amount" is worth a look. The tested_… columns are the same way
    of choosing on the last labelled orders, which the model had not learned from. Without a model of the shop's own it
    says how many orders are known for fraud, and how many of each kind are needed.

    period: "today", "last week", "2011-11" or {"start", "end"}, the end included; none is the whole history.
    costs: in the shop's currency, {"review": 3, "chargeback": 15, "refused": 30}, whichever the merchant gave: of
        looking at an order, of a chargeback beside the order's amount, of a good order that is refused.
    per_day: how many orders can be looked at each day.
    even_by: "country", "customer" (new or returning) or "age": a threshold for each such group, as in score_fraud.
    today: the day that "today" is, the last of the data unless given. model: how a receipt says which; leave it out.
    Raises NotThere (no orders in the period), Ambiguous (two readings), ToolError.
    """
    started = time.perf_counter()
    prices, most, scores = costs_of(costs, store.currency), reviews_a_day(per_day), scores_of(store)
    kind = kind_of(even_by)
    same_model(model, scores)
    span, rows = rows_of(period, today, store, scores)
    kept = {"period": spoken(span), "costs": prices.as_dict(), "per_day": most, "even_by": kind,
            "model": scores.model}  # fmt: skip
    notes: tuple[str, ...] = ()
    if scores.trained is None:
        told = known(store)
        found: list[dict[str, Cell]] = [{"known_frauds": told.frauds, "known_fine": told.fine, "needed": FEWEST}]
        notes = (NO_COSTS,)
    else:
        days = (span.end - span.start).days + 1
        found = [{**way, "days": days} for way in _ways(scores, rows, prices, most, kind)]
    columns = tuple(Column(name, _unit(name, store.currency)) for name in found[0])
    cells = [list(row.values()) for row in found]
    ms = round((time.perf_counter() - started) * 1000)
    return Result("plan_reviews", kept, None, columns, cells, len(cells), False, ms, store.data_version, notes)


def _unit(name: str, currency: str) -> str:
    if name == "way":
        return "name"
    if name == "threshold":
        return "%"
    is_money = name.removeprefix("tested_") in MONEY or name.endswith(("_cost", "_amount"))
    return currency if is_money else "count"


def _ways(scores: Scores, rows: Ints, costs: Costs, most: int | None, kind: str | None) -> list[dict[str, Cell]]:
    """What is worth it, and, where it is asked for, so many a day: to be expected, and as tested."""
    assert scores.trained is not None
    tested, table = scores.trained.model.tested, scores.table
    p, amount, one = scores.of(rows), table.amount[rows], np.ones(len(rows))
    usual = float(np.median(amount))
    given: dict[str, Cell] = {
        "threshold": threshold(usual, costs), "usual_amount": usual, "review_cost": costs.review,
        "chargeback_cost": costs.chargeback, "refused_cost": costs.refused, "per_day": most,
    }  # fmt: skip
    out = []
    for way in (BY_COST, A_DAY) if most else (BY_COST,):
        per_day = most if way == A_DAY else None
        bar = bars(scores, rows, kind, costs, per_day)
        done = treated(p, amount, table.time[rows] // DAY, costs, per_day, one, bar)
        then = evened(tested, tested.groups[kind], costs, per_day) if kind else as_usual(tested, costs, per_day)
        expected = outcome(done, p, amount, costs)
        out.append({"way": way, **_told(expected, one), **_looking_back(tested, then, costs), **given})
    return out


def _looking_back(tested: Backtest, done: Done, costs: Costs) -> dict[str, Cell]:
    found = outcome(done, tested.y, tested.amount, costs, tested.weight)
    told = {f"tested_{name}": value for name, value in _told(found, tested.weight).items()}
    return told | {"tested_frauds": round(float((tested.y * tested.weight).sum()))}


def _told(found: Outcome, weight: Floats) -> dict[str, Cell]:
    """Orders whole, frauds to be expected to a tenth."""
    values = {"orders": float(weight.sum()), **{name: float(getattr(found, name)) for name in TOLD[1:]}}
    digits = {"orders": None, "reviewed": None, "refused": None, "caught": 1, "missed": 1}
    return {name: round(value, digits.get(name, 6)) for name, value in values.items()}
