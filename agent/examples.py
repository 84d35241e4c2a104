"""Questions to begin with, made from the shop itself: its own names and dates, and only what it can answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from agent import local
from agent.work import Work
from store.kept import Kept
from tools.contract import ToolError
from tools.metrics.labels import label
from tools.metrics.periods import parse_period
from tools.metrics.tool import query_metrics

if TYPE_CHECKING:
    from store.connect import Store

_known: Kept[tuple[str, ...]] = Kept()


def example_questions(store: Store, most: int = 6) -> Sequence[str]:
    """At most `most` questions, each tried and answered on this version of the data; once a version."""
    return _known.of(store, lambda: tuple(islice(_tried(store), most)), most)


def _tried(store: Store) -> Iterator[str]:
    return (q for q in _candidates(store) if _is_answered(store, q))


def _candidates(store: Store) -> Iterator[str]:
    """From the usual to the special: with a shop that has more to tell, the special ones come in too."""
    month = label(parse_period("last month", store.today))
    yield f"How did {month} do against the month before?"
    yield "Which products sold best last month?"
    yield "How much will we sell next month?"
    yield from (f"Revenue in {name} by month" for name in _largest(store, "country")[1:2])
    yield "Which category has the highest refund rate?"
    yield from (f"What is bought together with “{title}”?" for title in _largest(store, "product")[:1])
    yield "Margin by brand this year"
    yield "How many customers came back this year?"
    yield "Conversion rate by month"
    yield "Which weekday is busiest?"
    yield "Revenue by country this year"
    yield "Average order value by month"


def _largest(store: Store, dimension: str) -> list[str]:
    """The dimension's values by revenue, the largest first."""
    try:
        result = query_metrics(store, ["revenue"], by=[dimension], order_by="revenue desc", limit=2)
    except ToolError:
        return []
    return [str(row[result.index(dimension)]) for row in result.rows if row[result.index(dimension)]]


def _is_answered(store: Store, question: str) -> bool:
    work = Work(store, store.today)
    _, draft = local.answer(question, (), work)
    return draft.status == "answered" and any(r.result.rows for r in work.receipts)
