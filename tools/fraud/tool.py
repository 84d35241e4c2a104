"""score_fraud: which orders to look at, and why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, Cell, Column, NotThere, Result, ToolError
from tools.fraud.features import DAY
from tools.fraud.reasons import linked, reasons_of
from tools.fraud.scores import Scores, scores_of
from tools.fraud.table import Floats, Ints
from tools.metrics import periods
from tools.metrics.periods import Period, parse_period
from tools.metrics.reading import spoken

if TYPE_CHECKING:
    from store.connect import Store

LIMIT, MOST = 10, 100
SHOWN_LINKS = 5
WHOLE_HISTORY = "No period was given, so this is the whole history."
NO_PROBABILITY = "This is how unusual an order is, by what came before it, and no probability of fraud."
PROBABILITY = "The probabilities are of a model that learned from the orders known for fraud, and not."
FACTS = (("order_id", "id"), ("day", "day"), ("amount", ""))
UNUSUAL = (("unusual", "ratio"),)
EXPECTED = (("probability", "%"), ("at_risk", ""), ("worth_reviewing", "name"))
PLACE = (("rank", "count"), ("of", "count"), ("reasons", "name"), ("linked", "count"), ("linked_orders", "name"))
REVIEW, CHARGEBACK = "review", "chargeback"
COSTS = {
    REVIEW: 3.0,
    CHARGEBACK: 15.0,
}  # of looking at an order; the fee for one that is charged back, beside its amount


@READ
def score_fraud(
    store: Store,
    period: Any = None,
    order_ids: Sequence[str] = (),
    limit: int | None = None,
    costs: Mapping[str, float] | None = None,
    *,
    today: date | None = None,
    model: str | None = None,
) -> Result:
    """Which orders look most like fraud and are worth a look, the likeliest first, each with its reasons.

    Use it for "suspicious", "fraud", "dodgy", "which of today's orders should I check", "is order 123 all right?".
    Where the shop has no model of its own, "unusual" is a score by what was known when each order came, no probability
    of fraud: say so. Else "probability", and "at_risk", the money it stands for. "rank" is the order's place among the
    "of" orders of the period. "linked" counts orders that share a device or address with it.

    period: "today", "last week", "2011-11" or {"start", "end"}, the end included; none is the whole history.
    order_ids: certain orders to judge, ranked among all those of the period.
    limit: how many to show, at most 100, none is 10: as many as can be looked at.
    costs: in the shop's currency, {"review": 3, "chargeback": 15}: an order is worth reviewing where its probability
        times its amount and the chargeback's fee is more than a review costs.
    today: the day that "today" is, the last of the data unless given. model: how a receipt says which; leave it out.
    Raises NotThere (no such order, no orders in the period), Ambiguous (two readings), ToolError.
    """
    started = time.perf_counter()
    count, wanted = _limit(limit), _ids(order_ids)
    prices, scores = _costs(costs), scores_of(store)
    if model not in (None, scores.model):
        raise ToolError("Another model has been trained since: the scores are no longer those.")
    span = _period(period, today or store.today, store) or _whole(scores)
    rows = _within(scores, span)
    if not len(rows):
        raise NotThere(f"There are no orders in {periods.label(span)}.")
    score = scores.of(rows)
    order = np.lexsort((rows, -scores.table.amount[rows], -score))
    ranked, score = rows[order], score[order]
    places = _places(scores, ranked, wanted) if wanted else np.arange(min(count, len(ranked)))
    cells = [_cells(scores, ranked, score, int(place), prices) for place in places]
    kept = {"period": spoken(span), "order_ids": list(wanted), "limit": count, "costs": prices, "model": scores.model}
    notes = (*_notes(scores), *((WHOLE_HISTORY,) if not (period or wanted) else ()))
    told = (*FACTS, *(EXPECTED if scores.trained else UNUSUAL), *PLACE)
    columns = tuple(Column(name, unit or store.currency) for name, unit in told)
    ms = round((time.perf_counter() - started) * 1000)
    return Result("score_fraud", kept, None, columns, cells, len(cells), False, ms, store.data_version, notes)


def _limit(limit: Any) -> int:
    if limit is None:
        return LIMIT
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise ToolError(f"limit is a whole number from 1 to {MOST}, not {limit!r}.")
    return limit


def _ids(order_ids: Any) -> tuple[str, ...]:
    if isinstance(order_ids, str | int):
        order_ids = [order_ids]
    if not isinstance(order_ids, list | tuple) or not all(isinstance(i, str | int) for i in order_ids):
        raise ToolError('order_ids is a list of order ids, such as ["541431"].')
    if len(order_ids) > MOST:
        raise ToolError(f"At most {MOST} orders can be judged at once.")
    return tuple(dict.fromkeys(str(i).strip() for i in order_ids))


def _period(given: Any, today: date, store: Store) -> Period | None:
    if given in (None, "", {}):
        return None
    return parse_period(given, today, store.first_day)


def _whole(scores: Scores) -> Period:
    first, last = (_day(scores, row) for row in (0, -1))
    return Period(first, last)


def _day(scores: Scores, row: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(scores.table.time[row]) // DAY)


def _within(scores: Scores, span: Period) -> Ints:
    begin, end = (np.datetime64(day).astype("datetime64[s]").astype(np.int64) for day in (span.start, span.end))
    found = np.searchsorted(scores.table.time, [begin, end + DAY])
    return np.arange(*found)


def _places(scores: Scores, ranked: Ints, wanted: Sequence[str]) -> Ints:
    """The places of certain orders, the first ranked first."""
    place = {str(scores.table.ids[row]): at for at, row in enumerate(ranked)}
    missing = [i for i in wanted if i not in place]
    if missing:
        raise NotThere(f"There is no order {missing[0]} among those of that time.")
    return np.sort([place[i] for i in wanted])


def _costs(given: Any) -> dict[str, float]:
    if given is not None and not (isinstance(given, Mapping) and set(given) <= set(COSTS)):
        raise ToolError('costs is an object such as {"review": 3, "chargeback": 15}.')
    found = {**COSTS, **(given or {})}
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise ToolError(f"The cost of a {name} is an amount of money, not {value!r}.")
    return {name: float(value) for name, value in found.items()}


def _notes(scores: Scores) -> tuple[str, ...]:
    """With digits only in those that come second: prose says the first."""
    if scores.trained is None:
        return (NO_PROBABILITY,)
    found = scores.trained.model.checked
    return (
        PROBABILITY,
        f"Model {scores.trained.version}, made {scores.trained.made_at}: average precision {found.storewise:.3f} on "
        f"the last {found.rows:,} labelled orders, {found.frauds} of them frauds; LightGBM alone {found.trees:.3f}. "
        f"The Transformer counts {scores.trained.model.blend.weight:.0%}, LightGBM the rest.",
    )


def _cells(scores: Scores, ranked: Ints, score: Floats, place: int, costs: Mapping[str, float]) -> list[Cell]:
    table, row = scores.table, int(ranked[place])
    others = linked(scores.features, row)
    names = ", ".join(str(table.ids[other]) for other in others[:SHOWN_LINKS])
    amount, told = round(float(table.amount[row]), 6), float(score[place])
    facts: list[Cell] = [str(table.ids[row]), _day(scores, row).isoformat(), amount, told]
    if scores.trained:
        is_worth = told * (amount + costs[CHARGEBACK]) > costs[REVIEW]
        facts += [round(told * amount, 6), "yes" if is_worth else "no"]
    return [*facts, place + 1, len(ranked), reasons_of(scores, row), len(others), names]
