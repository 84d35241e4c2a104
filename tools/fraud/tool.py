"""score_fraud: which orders to look at, and why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, Cell, Column, NotThere, Result
from tools.fraud.asked import (
    WHOLE_HISTORY,
    day_of,
    entity_of,
    ids_of,
    kind_of,
    limit_of,
    places_of,
    row_of,
    rows_of,
    same_model,
)
from tools.fraud.costs import Costs, costs_of, reviews_a_day
from tools.fraud.features import DAY
from tools.fraud.policy import by_costs, so_many_a_day
from tools.fraud.reasons import NAMES, linked, reasons_of, sharing
from tools.fraud.scores import Scores, bars, scores_of
from tools.fraud.table import Floats, Ints
from tools.metrics.reading import spoken

if TYPE_CHECKING:
    from store.connect import Store

SHOWN_LINKS = 5
NO_PROBABILITY = "This is how unusual an order is, by what came before it, and no probability of fraud."
BY_RULES = "It rests on rules alone: what to expect of each customer has not been learned from the shop's orders."
BY_HABITS = "It rests on rules and on what the shop's orders, none of them labelled, taught to expect of each customer."
PROBABILITY = "The probabilities are of a model that learned from the orders known for fraud, and not."
UNUSABLE = "The shop's own model of fraud can't be used, so this is without it: it has to be trained again."
FACTS = (("order_id", "id"), ("day", "day"), ("amount", ""))
UNUSUAL = (("unusual", "ratio"),)
EXPECTED = (("probability", "%"), ("at_risk", ""), ("advice", "name"))
PLACE = (
    ("rank", "count"), ("of", "count"), ("per_day", "count"), ("reasons", "name"), ("linked", "count"),
    ("linked_orders", "name"),
)  # fmt: skip


@READ
def score_fraud(
    store: Store,
    period: Any = None,
    order_ids: Sequence[str] = (),
    limit: int | None = None,
    costs: Mapping[str, float] | None = None,
    per_day: int | None = None,
    linked_to: str | None = None,
    by: str | None = None,
    even_by: str | None = None,
    *,
    today: date | None = None,
    model: str | None = None,
) -> Result:
    """Which orders look most like fraud and are worth a look, the likeliest first, each with its reasons.

    Use it for "suspicious", "fraud", "dodgy", "which of today's orders should I check", "is order 123 all right?", "why
    was order 123 flagged?", "what if I only review ten a day?", "show orders from that device". plan_reviews tells what
    the costs come to.
    Where the shop has no model of its own, "unusual" is a score by what was known when each order came, no probability
    of fraud: say so. Else "probability", and "at_risk", the money it stands for; "advice" is the cheapest by the costs:
    let through, review, or refuse. "rank" is the order's place among the "of" orders of the period. "linked" counts
    orders that share a device or address with it.

    period: "today", "last week", "2011-11" or {"start", "end"}, the end included; none is the whole history.
    order_ids: certain orders to judge, ranked among all those of the period.
    limit: how many to show, at most 100, none is 10.
    costs: in the shop's currency, {"review": 3, "chargeback": 15, "refused": 30}, whichever the merchant gave: of
        looking at an order, of a chargeback beside the order's amount, of a good order that is refused.
    per_day: how many orders can be looked at each day: those with the most to be lost are shown.
    linked_to: an order's id: only orders with the same device or address, itself included. by: "device", "address" or
        "customer" to say which.
    even_by: "country", "customer" (new or returning) or "age": a threshold for each such group, so that good orders of
        all are flagged equally often; check_fairness tells at what price.
    today: the day that "today" is, the last of the data unless given. model: how a receipt says which; leave it out.
    Raises NotThere (no such order, no orders in the period), Ambiguous (two readings), ToolError.
    """
    started = time.perf_counter()
    count, wanted, entity, most = limit_of(limit), ids_of(order_ids), entity_of(by), reviews_a_day(per_day)
    prices, kind, scores = costs_of(costs, store.currency), kind_of(even_by), scores_of(store)
    same_model(model, scores)
    span, rows = rows_of(period, today, store, scores)
    ranking = _ranking(scores, rows, prices, bars(scores, rows, kind, prices, most))
    shown = _shown(ranking, count, wanted, _linked(scores, linked_to, entity), most)
    cells = [_cells(ranking, int(place), most) for place in shown]
    kept = {"period": spoken(span), "order_ids": list(wanted), "limit": count, "costs": prices.as_dict(),
            "per_day": most, "linked_to": linked_to, "by": entity, "even_by": kind, "model": scores.model}  # fmt: skip
    notes = (*_notes(scores), *((WHOLE_HISTORY,) if not (period or wanted or linked_to) else ()))
    told = (*FACTS, *(EXPECTED if scores.trained else UNUSUAL), *PLACE)
    columns = tuple(Column(name, unit or store.currency) for name, unit in told)
    ms = round((time.perf_counter() - started) * 1000)
    return Result("score_fraud", kept, None, columns, cells, len(cells), False, ms, store.data_version, notes)


@dataclass(frozen=True)
class _Ranking:
    """The rows of a period and their scores, the highest first, and how many times what a look costs each must risk."""

    scores: Scores
    rows: Ints
    score: Floats
    costs: Costs
    bar: Floats

    @property
    def amount(self) -> Floats:
        return self.scores.table.amount[self.rows]


def _ranking(scores: Scores, rows: Ints, costs: Costs, bar: Floats) -> _Ranking:
    score = scores.of(rows)
    order = np.lexsort((rows, -scores.table.amount[rows], -score))
    return _Ranking(scores, rows[order], score[order], costs, bar[order])


def _shown(it: _Ranking, count: int, wanted: Sequence[str], linked_rows: Ints | None, most: int | None) -> Ints:
    """The places that are asked for."""
    if wanted:
        return places_of(it.scores, it.rows, wanted)
    if linked_rows is not None:
        found = np.flatnonzero(np.isin(it.rows, linked_rows))[:count]
        if not len(found):
            raise NotThere("None of those orders is of that time.")
        return found
    if most is None:
        return np.arange(min(count, len(it.rows)))
    return _most_to_lose(it, most)[:count]


def _most_to_lose(it: _Ranking, most: int) -> Ints:
    """So many of each day, those with the most to be lost first; without probabilities the most unusual ones."""
    day, one = it.scores.table.time[it.rows] // DAY, np.ones(len(it.rows))
    amount = it.amount if it.scores.trained else np.zeros(len(it.rows))
    chosen = np.flatnonzero(so_many_a_day(it.score, amount, day, it.costs, most, one, it.bar).looked_at)
    lost = it.score * it.costs.at_stake(amount) / it.bar
    return chosen[np.argsort(-lost[chosen], kind="stable")] if it.scores.trained else chosen


def _linked(scores: Scores, order: str | None, entity: str | None) -> Ints | None:
    """The rows that share an entity with an order, and its own."""
    if order is None:
        return None
    row = row_of(str(order).strip(), scores)
    found = sharing(scores.features, row, entity)
    if len(found) < 2:
        shared = NAMES[entity] if entity else "device or address"
        raise NotThere(f"No other order shares a {shared} with that one, as far as the shop knows.")
    return found


def _notes(scores: Scores) -> tuple[str, ...]:
    """With digits only in those that come second: prose says the first."""
    if scores.trained is None:
        return (
            NO_PROBABILITY,
            BY_HABITS if scores.expects else BY_RULES,
            *((UNUSABLE, scores.problem) if scores.problem else ()),
        )
    found = scores.trained.model.checked
    return (
        PROBABILITY,
        f"Model {scores.trained.version}, made {scores.trained.made_at}: average precision {found.storewise:.3f} on "
        f"the last {found.rows:,} labelled orders, {found.frauds} of them frauds; LightGBM alone {found.trees:.3f}. "
        f"The Transformer counts {scores.trained.model.blend.weight:.0%}, LightGBM the rest.",
    )


def _cells(it: _Ranking, place: int, most: int | None) -> list[Cell]:
    scores, row = it.scores, int(it.rows[place])
    table, others = scores.table, linked(scores.features, row)
    names = ", ".join(f"#{table.ids[other]}" for other in others[:SHOWN_LINKS])  # marked: not the row's own id
    amount, told = round(float(table.amount[row]), 6), float(it.score[place])
    facts: list[Cell] = [str(table.ids[row]), day_of(scores, row).isoformat(), amount, told]
    if scores.trained:
        facts += [round(told * amount, 6), _advice(it, place, told, amount)]
    return [*facts, place + 1, len(it.rows), most, reasons_of(scores, row), len(others), names]


def _advice(it: _Ranking, place: int, p: float, amount: float) -> str:
    return by_costs(np.array([p]), np.array([amount]), it.costs, it.bar[[place]]).advice(0)
