"""What a question about suspicious orders asks: of which days, which orders, how many, for score_fraud.

Both readings of a message only say that suspicious orders are to be found; the arguments are filled here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Decline, Outcome, Plan, Turn
from agent.planner.frame import spoken_period
from agent.planner.lexer import lex
from agent.planner.numbers import number_in
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.understood import periods, unread_period
from agent.texts import text as words
from tools.metrics.periods import Period, Span

TOOL = "score_fraud"
ORDER = re.compile(  # an id that is said to be one, or digits too long for a number of orders
    r"(?:\b(?:orders?|invoices?|transactions?)|订单号?|单号)\s*(?:no\.?|nr\.?|number|id|#|号)?\s*([A-Za-z]{0,3}-?[0-9]{3,})"
    r"|(?<![\w.,/£$€¥-])([0-9]{5,})(?![\w.,/%-])|\b(?:order|invoice|transaction)\s+#?([0-9]+)\b(?!\s*(?:worst|most))",
    re.I,
)
MOST = 100
COUNT = re.compile(
    r"(?:\b(?:top|worst|first|only|just|review|check)\s+)(\w+)|(\w+)\s+(?:worst|most|likeliest|a day)\b", re.I
)


def filled(outcome: Outcome, reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """A plan to look for suspicious orders with its arguments; any other outcome as it is."""
    if not isinstance(outcome, Plan) or outcome.calls[0].tool != TOOL or "text" not in outcome.calls[0].args:
        return outcome
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    when = periods(reading, lexed)
    orders = [found[1] or found[2] or found[3] for found in ORDER.finditer(reading.text) if not _is_time(found, when)]
    if not orders and (unread := unread_period(reading, lexed)):
        thing = reading.text[unread.start : unread.end]
        return Decline(words("unknown", outcome.locale, thing=thing), (), outcome.locale, unread=True)
    args: dict[str, Any] = {"order_ids": orders} if orders else {}
    spans = [s.value for s in when if isinstance(s.value, Period)]
    if spans and not orders:
        args["period"] = spoken_period(spans[0])
    if limit := _limit(reading):
        args["limit"] = limit
    return replace(outcome, calls=(replace(outcome.calls[0], args=args), *outcome.calls[1:]))


def _is_time(found: re.Match[str], when: Sequence[Span]) -> bool:
    """'Orders 2011' are those of a year."""
    return any(s.start < found.end() and found.start(found.lastindex or 0) < s.end for s in when)


def _limit(reading: Reading) -> int | None:
    """How many are wanted: '10 worst', 'top five'."""
    said = [reading.text[s.start : s.end] for s in reading.spans if s.kind == "limit"]
    said += [found[1] or found[2] for found in COUNT.finditer(reading.text)]
    found = next((int(n) for n in map(number_in, said) if n and n >= 1), None)
    return min(found, MOST) if found else None
