"""Answers on fraud: the orders, what looking at them costs and saves, whether groups are treated alike."""

from __future__ import annotations

from collections.abc import Sequence

from agent.receipts import Receipt
from agent.suspected import suspected
from agent.weighed import FAIRNESS, REVIEWS, SCORES, fairness, uneven, weighed

TOOLS = frozenset({SCORES, REVIEWS, FAIRNESS})


def told(receipts: Sequence[Receipt], locale: str) -> str:
    """The answer as markdown with references; what stands beside the orders comes after them."""
    main = receipts[0]
    if main.result.tool == FAIRNESS:
        return fairness(main, locale)
    beside = {r.result.tool: r for r in receipts}
    reviews, groups = beside.get(REVIEWS), beside.get(FAIRNESS)
    said = [weighed(reviews, locale) if reviews else "", uneven(groups, locale) if groups else ""]
    if main.result.tool == REVIEWS:
        return "\n\n".join(filter(None, said))
    return suspected(main, locale, list(filter(None, said)))
