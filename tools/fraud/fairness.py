"""check_fairness: whether good orders of some groups are flagged more often, and what evening that out costs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from tools.contract import READ, Cell, Column, NotThere, Result
from tools.fraud.asked import kind_of, same_model
from tools.fraud.backtest import Backtest
from tools.fraud.costs import Costs, costs_of, reviews_a_day
from tools.fraud.scores import scores_of
from tools.fraud.unequal import compared, is_beyond_chance, ratio_of, verdict

if TYPE_CHECKING:
    from store.connect import Store

UNTRAINED = "Whether groups are treated alike can't be told before the shop has a model of fraud of its own."
MOST = 8  # groups of a kind that are told where none is large enough to compare
COLUMNS = (
    ("kind", "name"), ("group", "name"), ("flagged", "%"), ("flagged_low", "%"), ("flagged_high", "%"),
    ("good", "count"), ("ratio", "ratio"), ("beyond_chance", "name"), ("flagged_evened", "%"),
    ("ratio_evened", "ratio"), ("caught", "count"), ("caught_evened", "count"), ("saved", ""), ("saved_evened", ""),
)  # fmt: skip


@READ
def check_fairness(
    store: Store,
    by: str | None = None,
    costs: Mapping[str, float] | None = None,
    per_day: int | None = None,
    *,
    today: date | None = None,
    model: str | None = None,
) -> Result:
    """Whether good orders of some groups are flagged as suspicious more often than others': false positives by group.

    Use it beside score_fraud, and for "is it fair to new customers?", "do we bother foreign customers more?". It looks
    back at the last labelled orders, which the model had not learned from. A row a group: "flagged" is the part of its
    good orders that would be reviewed or refused, with a 90 % interval; "ratio" is the lowest such part over the
    highest, of groups with at least 200 good orders: under 0.8 is uneven, and "beyond_chance" tells whether the
    intervals are apart. The _evened columns are what comes of a bar of its own for each group, and its price in frauds
    caught and money saved.

    by: "country", "customer" (new or returning) or "age"; none is all that the shop knows of.
    costs, per_day: as in score_fraud; which orders are flagged depends on them.
    today: not needed. model: how a receipt says which; leave it out.
    Raises NotThere (no model of the shop's own, or nothing known of the group), ToolError.
    """
    started = time.perf_counter()
    prices, most, scores = costs_of(costs, store.currency), reviews_a_day(per_day), scores_of(store)
    kind_asked = kind_of(by)
    same_model(model, scores)
    if scores.trained is None:
        raise NotThere(UNTRAINED)
    tested = scores.trained.model.tested
    kinds = _kinds(tested, kind_asked)
    cells = [row for kind in kinds for row in _rows(tested, kind, prices, most)]
    kept = {"by": kind_asked, "costs": prices.as_dict(), "per_day": most, "model": scores.model}
    columns = tuple(Column(name, unit or store.currency) for name, unit in COLUMNS)
    ms = round((time.perf_counter() - started) * 1000)
    return Result("check_fairness", kept, None, columns, cells, len(cells), False, ms, store.data_version, ())


def _kinds(tested: Backtest, by: str | None) -> list[str]:
    if by is None:
        return list(tested.groups)
    if by not in tested.groups:
        raise NotThere(f"The shop doesn't know the {by} of its orders, or it is the same for all.")
    return [by]


def _rows(tested: Backtest, kind: str, costs: Costs, most: int | None) -> Iterator[list[Cell]]:
    found = verdict(tested, kind, costs, most)
    beyond = "yes" if is_beyond_chance(found.rates) else "no"
    now, then = found.now, found.then
    price = [round(v, d) for v, d in ((now.caught, 1), (then.caught, 1), (now.saved, 6), (then.saved, 6))]
    for name in list(compared(found.rates)) or list(found.rates)[:MOST]:
        rate = found.rates[name]
        yield [kind, name, rate.rate, rate.low, rate.high, rate.good, ratio_of(found.rates), beyond,
               found.after[name].rate, ratio_of(found.after), *price]  # fmt: skip
