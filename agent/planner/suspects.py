"""What a question about suspicious orders asks: of which days, which orders, how many, at what costs, for score_fraud
and the tools beside it.

Both readings of a message only say that suspicious orders are to be found; the arguments are filled here, from what the
message says and, for the rest, from the turns before. What nothing but fraud can be meant by is told here alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import fraud_talk
from agent.planner.frame import spoken_period
from agent.planner.lexer import CJK, lex
from agent.planner.numbers import number_in, ordinal_in
from agent.planner.parser import Reading
from agent.planner.refusals import CHANGES
from agent.planner.shop import Shop
from agent.planner.understood import periods, unread_period
from agent.texts import text as words
from tools.metrics.periods import Period, Span

TOOL, FAIRNESS = "score_fraud", "check_fairness"
TOOLS = frozenset({TOOL, "plan_reviews", FAIRNESS})
ORDER = re.compile(  # an id that is said to be one, or digits too long for a number of orders
    r"(?:\b(?:orders?|invoices?|transactions?)|订单号?|单号)\s*(?:no\.?|nr\.?|number|id|#|号)?\s*([A-Za-z]{0,3}-?[0-9]{3,})"
    r"|(?<![\w.,/£$€¥-])([0-9]{5,})(?![\w.,/%-])|\b(?:order|invoice|transaction)\s+#?([A-Za-z]{0,3}-?[0-9]+)\b(?!\s*(?:worst|most))",
    re.I,
)  # fmt: skip
CHINESE_ORDER = re.compile(r"(?:订单号?|单号)\s*([A-Za-z]{1,4}-?[0-9]+)")
MOST, OFFERED = 100, 3
COUNT = re.compile(
    r"(?:\b(?:top|worst|first|only|just|review|check)\s+)(\w+)|(\w+)\s+(?:worst|most|likeliest|a day)\b", re.I
)
PLACE = re.compile(r"\bthe (\w+) (?:one|order)\b|\bnumber (\w+)|第([一二三四五六七八九十\d]+)[个单笔]", re.I)
OF_ONE = {  # what is asked of one order, as it would be asked with its id
    "why": ("Why was order {} flagged?", "订单{}为什么被标记？"),
    "shared_device": ("Show orders from the same device as order {}", "显示与订单{}同一设备的订单"),
    "shared_address": ("Show orders from the same address as order {}", "显示与订单{}同一地址的订单"),
    "shared_customer": ("Show orders from the same customer as order {}", "显示与订单{}同一顾客的订单"),
    "shared_any": ("Show the orders linked with order {}", "显示与订单{}关联的订单"),
}
HYPOTHETICAL = ("per_day", "order_ids", "linked_to", "by")  # what was asked once, and doesn't stay


def certain(text: str, turns: Sequence[Turn]) -> Outcome | None:
    """The plan for what can mean nothing else, or, right after an answer on fraud, hardly anything else."""
    locale = "zh" if CJK.search(text) else "en"
    if fraud_talk.LABEL.search(text):
        return Decline(words("label", locale), (), locale)
    if CHANGES.search(text):
        return None
    before = _before(turns)
    for read in (_why, _even, _alike, _shared, _costs_or_a_day):
        if (found := read(text, turns, before, locale)) is not None:
            return found
    return None


def _before(turns: Sequence[Turn]) -> dict[str, Any]:
    """The arguments of the last call on fraud in the conversation."""
    calls = (t.call for t in reversed(turns) if t.call and t.call.tool in TOOLS and "text" not in t.call.args)
    return next((dict(c.args) for c in calls), {})


def _goes_on(turns: Sequence[Turn]) -> bool:
    return bool(turns) and turns[-1].call is not None and turns[-1].call.tool in TOOLS


def _why(text: str, turns: Sequence[Turn], before: dict[str, Any], locale: str) -> Outcome | None:
    """'Why was order 123 flagged?', or 'why was it flagged?' after one order was shown."""
    if not fraud_talk.WHY.search(text):
        return None
    ids = _orders(text) or _pointed_at(text, turns)
    if ids:
        return _plan({**_lasting(before), "order_ids": ids}, locale)
    return _which("why", turns, locale) if _goes_on(turns) else None


def _shared(text: str, turns: Sequence[Turn], before: dict[str, Any], locale: str) -> Outcome | None:
    """'Show orders from that device': that of the order named, or of the one shown."""
    entity = fraud_talk.entity_in(text)
    ids = _orders(text) or (_pointed_at(text, turns) if _goes_on(turns) else [])
    if entity is None or not (ids or _goes_on(turns)):
        return None
    if not ids:
        return _which(f"shared_{entity}", turns, locale)
    rest = {k: v for k, v in _lasting(before).items() if k != "period"}
    return _plan({**rest, "linked_to": ids[0], "by": None if entity == fraud_talk.ANY else entity}, locale)


def _even(text: str, turns: Sequence[Turn], before: dict[str, Any], locale: str) -> Outcome | None:
    """'Treat new customers alike', 'use a threshold for each country', after an answer on fraud."""
    whom = fraud_talk.whom_in(text) or before.get("by")
    if not (fraud_talk.EVEN.search(text) and whom in fraud_talk.WHOM and _goes_on(turns)):
        return None
    rest = _scoring(turns) | {k: before[k] for k in ("costs", "per_day") if before.get(k)}
    return _plan({**rest, "even_by": whom}, locale)


def _scoring(turns: Sequence[Turn]) -> dict[str, Any]:
    """The days and how many of the last list of orders."""
    calls = (t.call for t in reversed(turns) if t.call and t.call.tool == TOOL and "text" not in t.call.args)
    return {k: v for k, v in next((c.args for c in calls), {}).items() if k in ("period", "limit")}


def _alike(text: str, turns: Sequence[Turn], before: dict[str, Any], locale: str) -> Outcome | None:
    """'Is it fair to new customers?'"""
    whom = fraud_talk.whom_in(text)
    if not fraud_talk.FAIR.search(text) or not (whom or _goes_on(turns)):
        return None
    args = {k: before[k] for k in ("costs", "per_day") if before.get(k)} | ({"by": whom} if whom else {})
    return Plan((Call(FAIRNESS, args),), locale)


def _costs_or_a_day(text: str, turns: Sequence[Turn], before: dict[str, Any], locale: str) -> Outcome | None:
    """'A review costs us £5, a chargeback £40', 'what if I only review ten a day?'"""
    costs, a_day = fraud_talk.costs_in(text), fraud_talk.a_day_in(text)
    is_sure = (bool(costs) and fraud_talk.names_a_loss(text)) or (a_day is not None and a_day[1])
    if not (costs or a_day) or not (is_sure or _goes_on(turns)):
        return None
    if _orders(text) or _names_a_tool(text):
        return None  # a whole question, whose days and orders count too
    args = _lasting(before)
    if costs:
        args["costs"] = {**args.get("costs", {}), **costs}
    if a_day:
        args["per_day"] = a_day[0]
    return _plan(args, locale)


def _names_a_tool(text: str) -> bool:
    return re.search(r"suspicious|dodgy|fraud|scam|fishy|可疑|欺诈", text, re.I) is not None


def _lasting(before: dict[str, Any]) -> dict[str, Any]:
    """What stays of the question before: its days, its costs, how many to show."""
    return {k: v for k, v in before.items() if k not in HYPOTHETICAL}


def _plan(args: dict[str, Any], locale: str) -> Plan:
    return Plan((Call(TOOL, {k: v for k, v in args.items() if v not in (None, [], {})}),), locale)


def _orders(text: str) -> list[str]:
    found = [said[1] or said[2] or said[3] for said in ORDER.finditer(text)]
    return found or CHINESE_ORDER.findall(text)


def _shown(turns: Sequence[Turn]) -> list[str]:
    """The orders of the answer before."""
    receipt = next(iter(turns[-1].answer.get("receipts", [])), None) if turns else None
    if receipt is None or receipt.get("tool") != TOOL:
        return []
    return [str(row[receipt["columns"].index("order_id")]) for row in receipt["rows"]]


def _pointed_at(text: str, turns: Sequence[Turn]) -> list[str]:
    """'It' is the one order that was shown, 'the second one' that of the list."""
    shown, said = _shown(turns), PLACE.search(text)
    if said is None:
        return shown if len(shown) == 1 else []
    place = ordinal_in(said[1] or "") if said[1] else number_in(said[2] or said[3])
    return [shown[int(place) - 1]] if place and 1 <= place <= len(shown) else []


def _which(asked: str, turns: Sequence[Turn], locale: str) -> Clarify:
    """Asks back for the order, each of the first ones offered as a question of its own."""
    form = OF_ONE[asked][locale == "zh"]
    return Clarify(words("which_order", locale), tuple(form.format(i) for i in _shown(turns)[:OFFERED]), locale)


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
    args |= _how(reading, turns)
    return replace(outcome, calls=(replace(outcome.calls[0], args=args), *outcome.calls[1:]))


def _how(reading: Reading, turns: Sequence[Turn]) -> dict[str, Any]:
    """How many, at what costs, whether groups are treated alike: what was told before in the conversation stays."""
    before = _before(turns)
    costs = {**before.get("costs", {}), **fraud_talk.costs_in(reading.text)}
    args: dict[str, Any] = {"costs": costs} if costs else {}
    if before.get("even_by"):
        args["even_by"] = before["even_by"]
    if a_day := fraud_talk.a_day_in(reading.text):
        args["per_day"] = a_day[0]
    elif limit := _limit(reading):
        args["limit"] = limit
    return args


def _is_time(found: re.Match[str], when: Sequence[Span]) -> bool:
    """'Orders 2011' are those of a year."""
    return any(s.start < found.end() and found.start(found.lastindex or 0) < s.end for s in when)


def _limit(reading: Reading) -> int | None:
    """How many are wanted: '10 worst', 'top five'."""
    said = [reading.text[s.start : s.end] for s in reading.spans if s.kind == "limit"]
    said += [found[1] or found[2] for found in COUNT.finditer(reading.text)]
    found = next((int(n) for n in map(number_in, said) if n and n >= 1), None)
    return min(found, MOST) if found else None
