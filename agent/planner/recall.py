"""'How good were you?': a question about the forecasts themselves, for forecast_record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.plan import Call, Outcome, Plan, Turn
from agent.planner.finish import named_products
from agent.planner.lexer import lex
from agent.planner.linked import names
from agent.planner.parser import Reading
from agent.planner.restock import pointed_at
from agent.planner.shop import Shop
from agent.planner.understood import conditions

TOOL = "forecast_record"
GOOD = r"(?:good|accurate|reliable|right|wrong|bad|precise|trustworthy|far off|close)"
FORECAST = r"(?:forecast(?:s|ing)?|predictions?|predict|estimates?|projections?)"
INTENT = re.compile(
    rf"\bhow {GOOD}\b[^.?!]{{0,30}}\b{FORECAST}\b|\bhow {GOOD} (?:were|are|have) you\b"
    rf"|\bhow well (?:do|did|can) you {FORECAST}\b"
    rf"|\bhow (?:did|have|do) (?:your|the|our|my|last|previous|past)\b[^.?!]{{0,30}}\b{FORECAST}\b"
    r"[^.?!]{0,12}\b(?:do|done|perform|hold up|compare)\b"
    rf"|\b{FORECAST} (?:accuracy|track record)\b"
    rf"|\baccuracy of (?:your|the|our) {FORECAST}\b|\bwere you (?:right|wrong)\b"
    rf"|\b(?:was|were|did) (?:your|the|that) (?:last |previous |past )?{FORECAST}\b"
    rf"[^.?!]{{0,20}}\b(?:right|wrong|accurate|good|off|come true)\b"
    rf"|\bcan (?:i|we) (?:trust|rely on) (?:your|the|these|those) {FORECAST}\b"
    r"|预测.{0,8}(?:准|误差|靠谱|可靠|对不对|怎么样|偏差)|(?:以前|之前|上次|过去)的?预测",
    re.I,
)
METRICS = ("units", "revenue")


def plan(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome | None:
    """The plan for a message about how good forecasts were; None where it is about something else."""
    if INTENT.search(reading.text) is None:
        return None
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    found = names(reading, lexed, shop)
    where = conditions(found, shop) if isinstance(found, list) else []
    where = where or (pointed_at(reading.text, turns) if turns else [])
    metric = next((t.value for t in lexed.of("metric") if t.value in METRICS), None)
    args = {**({"where": where} if where else {}), **({"metric": metric} if metric else {})}
    return Plan((Call(TOOL, args), *named_products(where)), "zh" if lexed.chinese else "en")
