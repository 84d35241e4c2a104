"""Several questions in one message: 'How many orders last week? And what were they worth?'"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.plan import Plan

END = re.compile(
    r"[?？]+\s*"
    r"|[,;，；]\s*(?:and|also|plus)\s+(?=(?:then\s+|also\s+)?(?:how|what|which|who|when|where|was|were|did|is|are|remind|tell|show|give)\b)"
    r"|[;；]\s*"
    r"|[，,。]\s*(?:另外|还有|以及|再|顺便)(?=.*(?:多少|几|哪|什么|谁))",
    re.I,
)
ROWS = re.compile(  # how many of what is asked before
    r"(?:give me |show me |list |name |just |only |the )*(?:top|first|bottom) "
    r"(?:\d+|two|three|four|five|six|ten|few|products?|items?|one)\b(?![^?？]*\b(?:in|for|last|this|during)\b)[^?？]*$",
    re.I,
)
TO_COME_AND_GONE = re.compile(  # 'how many will we sell and how many did we sell': two questions without a comma
    r"(\b(?:will|'ll|going to|gonna|expect|predict|forecast|likely)\b[^?？,;]*?)\s+and\s+"
    r"(?=(?:how (?:many|much)|what) (?:did|have|was|were)\b)",
    re.I,
)
SOLD = re.compile(r"\b(?:sell|sold)\b|[卖賣]", re.I)
OF_ALL = re.compile(r"\b(?:total|overall|altogether|everything|in all|whole shop|as a shop)\b|[总總]|全店", re.I)
POINTING = re.compile(r"\b(?:they|them|their|theirs|it|its|that|those|he|she|his|her)\b|[它他她这那]", re.I)
IN_MONEY = re.compile(r"\b(?:revenue|sales|turnover|takings|money|worth|take|earn|make)\b|钱|錢|额|額", re.I)
GOODS = {"product", "category", "brand"}
FEWEST = 2  # words, or Chinese signs, of what can be a question


def several(text: str) -> list[str]:
    """The questions of a message, each on its own; the message itself where it asks one thing."""
    text = TO_COME_AND_GONE.sub(r"\1? ", text)
    parts = [p.strip() for p in END.split(text) if p and p.strip()]
    asked = [p for p in parts if len(re.findall(r"[A-Za-z0-9']+|[\u3400-\u9fff]", p)) >= FEWEST]
    whole = len(asked) != len(parts) or any(ROWS.match(part) for part in parts[1:])
    return asked if len(asked) > 1 and not whole else [text]


def is_of_all(part: str) -> bool:
    """'And what was our total revenue?' is not of what was asked about before; 'and theirs in total' is."""
    return OF_ALL.search(part) is not None and POINTING.search(part) is None


def of_the_same(part: str, outcome: Plan, before: Plan | None) -> Plan:
    """'What will we sell of X? And what did we sell in May?': of X, unless it says that it is of all."""
    call = outcome.calls[outcome.main]
    plain = call.tool == "query_metrics" and not {"where", "by", "grain"} & set(call.args)
    goods = before is not None and {w.get("field") for w in before.calls[0].args.get("where", [])} <= GOODS
    if before is None or not (plain and goods and SOLD.search(part)) or is_of_all(part):
        return outcome
    named = before.calls[0].args
    metrics = call.args["metrics"] if IN_MONEY.search(part) else named["metrics"]
    args = {**call.args, "metrics": metrics, **({"where": named["where"]} if "where" in named else {})}
    calls = [replace(c, args=args) if c is call else c for c in outcome.calls]
    return replace(outcome, calls=tuple(calls))
