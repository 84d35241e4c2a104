"""What a call asks of: the days, certain orders, how many; read strictly, so that a model can mend its call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import NotThere, ToolError
from tools.fraud.features import DAY
from tools.fraud.groups import KINDS
from tools.fraud.scores import Scores
from tools.fraud.table import Ints
from tools.metrics import periods
from tools.metrics.periods import Period, parse_period

if TYPE_CHECKING:
    from store.connect import Store

LIMIT, MOST = 10, 100
WHOLE_HISTORY = "No period was given, so this is the whole history."
ENTITIES = ("device", "address", "customer")


def limit_of(limit: Any) -> int:
    if limit is None:
        return LIMIT
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise ToolError(f"limit is a whole number from 1 to {MOST}, not {limit!r}.")
    return limit


def ids_of(order_ids: Any) -> tuple[str, ...]:
    if isinstance(order_ids, str | int):
        order_ids = [order_ids]
    if not isinstance(order_ids, list | tuple) or not all(isinstance(i, str | int) for i in order_ids):
        raise ToolError('order_ids is a list of order ids, such as ["541431"].')
    if len(order_ids) > MOST:
        raise ToolError(f"At most {MOST} orders can be judged at once.")
    return tuple(dict.fromkeys(str(i).strip() for i in order_ids))


def entity_of(by: Any) -> str | None:
    if by not in (None, *ENTITIES):
        raise ToolError(f"by is one of {', '.join(ENTITIES)}, not {by!r}.")
    return None if by is None else str(by)


def kind_of(given: Any) -> str | None:
    """A kind of groups, or None."""
    if given not in (None, *KINDS):
        raise ToolError(f"Groups are by {', '.join(KINDS)}, not by {given!r}.")
    return None if given is None else str(given)


def same_model(model: str | None, scores: Scores) -> None:
    """A receipt that is run again is of the model that it was made with."""
    if model not in (None, scores.model):
        raise ToolError("Another model has been trained, or labels were given, since: the scores are no longer those.")


def rows_of(given: Any, today: date | None, store: Store, scores: Scores) -> tuple[Period, Ints]:
    """The period, the whole history where none is given, and its orders. NotThere: it has none."""
    span = None if given in (None, "", {}) else parse_period(given, today or store.today, store.first_day)
    span = span or Period(day_of(scores, 0), day_of(scores, -1))
    begin, end = (np.datetime64(day).astype("datetime64[s]").astype(np.int64) for day in (span.start, span.end))
    rows = np.arange(*np.searchsorted(scores.table.time, [begin, end + DAY]))
    if not len(rows):
        raise NotThere(f"There are no orders in {periods.label(span)}.")
    return span, rows


def day_of(scores: Scores, row: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(scores.table.time[row]) // DAY)


def row_of(order: str, scores: Scores) -> int:
    """NotThere: the shop has no such order."""
    found = np.flatnonzero(scores.table.ids.astype(str) == order)
    if not len(found):
        raise NotThere(f"There is no order {order}.")
    return int(found[0])


def places_of(scores: Scores, ranked: Ints, wanted: Sequence[str]) -> Ints:
    """The places of certain orders, the first ranked first. NotThere: one is not among them."""
    place = {str(scores.table.ids[row]): at for at, row in enumerate(ranked)}
    missing = [i for i in wanted if i not in place]
    if missing:
        raise NotThere(f"There is no order {missing[0]} among those of that time.")
    return np.sort([place[i] for i in wanted])
