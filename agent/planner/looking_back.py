"""What is asked of answers before: several together, the change or the share between two, who of them came again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from agent.plan import Turn
from agent.planner.frame import Frame, spoken_period
from agent.planner.lexer import Lexed
from tools.metrics.dates import DAY, EPOCH
from tools.metrics.periods import Period, Span

POINTS_BACK = re.compile(  # the periods just asked about
    r"(?:these|those|the|both|all)(?: last)?(?: two| three| 2| 3)? (?:days|weeks|months|quarters|years)"
    r"|[这那](?:两|三|几|2|3)个?(?:天|周|星期|月|季度|年)",
    re.I,
)


ALSO = re.compile(r"\b(?:as well|too|also)\b|[也又]", re.I)


def all_together(turns: Sequence[Turn], before: Frame) -> Frame:
    """'the three of them together': the values that the last turns named one after the other."""
    values: dict[str, list[Any]] = {}
    if _in_a_row(turns, before):
        return before
    for t in turns:
        for w in t.call.args.get("where", []) if t.call else []:
            if w.get("op") == "in" and "field" in w:
                got = w["value"] if isinstance(w["value"], list) else [w["value"]]
                values[w["field"]] = list(dict.fromkeys([*values.get(w["field"], []), *got]))
    for w in before.where:
        if w.get("field") in values and w.get("op") == "in":
            w["value"] = values[w["field"]]
    before.dims = [d for d in before.dims if d not in values]
    return before


def _in_a_row(turns: Sequence[Turn], before: Frame) -> bool:
    """'Both months together': the periods of the last questions, alike but for these, where one follows on another."""
    asked: list[dict[str, Any]] = []
    for args in (t.call.args for t in reversed(turns) if t.call and t.call.tool == "query_metrics"):
        if asked and any(args.get(key) != asked[0].get(key) for key in ("metrics", "where", "by", "grain")):
            break
        asked.append(args)
    periods = sorted((a["period"] for a in asked if a.get("period")), key=lambda p: str(p["start"]))
    if len(periods) < 2 or not all(_next_to(a, b) for a, b in pairwise(periods)):
        return False
    before.period, before.compare_to = {"start": periods[0]["start"], "end": periods[-1]["end"]}, None
    return True


def _next_to(one: dict[str, str], other: dict[str, str]) -> bool:
    return (date.fromisoformat(other["start"]) - date.fromisoformat(one["end"])).days == 1


def wants_change(lexed: Lexed, frame: Frame, spans: list[Span]) -> bool:
    return bool(frame.asks & {"growth", "compare", "versus"}) and not (
        spans or frame.metrics or frame.where or frame.ranked
    )


def change_between(turns: Sequence[Turn], before: Frame, frame: Frame) -> Frame:
    """'how much is the rise?': of the last two answers of the same metric, the later period against the earlier one."""
    earlier = [t.call.args for t in turns[:-1] if t.call and t.call.tool == "query_metrics"]
    other = next(
        (a for a in reversed(earlier) if a.get("metrics") == before.metrics and a.get("period") != before.period), None
    )
    if before.compare_to is None:
        before.compare_to = frame.compare_to if isinstance(frame.compare_to, str) else "previous"
        if other and other.get("period") and not isinstance(frame.compare_to, str):
            earlier_first = sorted((other["period"], before.period or other["period"]), key=lambda p: p["start"])
            before.compare_to, before.period = earlier_first
    before.growth, before.asks = True, frame.asks
    return before


def share_of(turns: Sequence[Turn], before: Frame, metrics: Sequence[str]) -> Frame | None:
    """'which part is it?': the last figure as a part of the one before, or of the one that is named."""
    if len(before.metrics) != 1:
        return None
    top = before.metrics[0]
    if metrics and list(metrics) != before.metrics:
        bottom = metrics[0]
    else:
        earlier = [t.call.args["metrics"] for t in turns[:-1] if t.call and t.call.tool == "query_metrics"]
        bottom = earlier[-1][0] if earlier else ""
    if not bottom or bottom == top or "/" in top + bottom:
        return None
    known = {("refunds", "revenue"): "refund_rate", ("guest_orders", "orders"): "guest_share"}
    before.metrics = [known.get((top, bottom), f"{top} / {bottom}")]
    before.share = False
    return before


def came_again(lexed: Lexed, spans: list[Span], before: Frame) -> Frame | None:
    """'How many of these ordered again in May?', after a count of customers: the same ones, counted there."""
    periods = [s for s in spans if isinstance(s.value, Period)]
    counted = before.metrics[:1] in (["customers"], ["new_customers"]) and before.period and not before.dims
    repeated = lexed.has("known", "again") or ALSO.search(lexed.text) is not None
    if not (counted and len(periods) == 1 and repeated and _points(lexed)):
        return None
    assert before.period is not None and isinstance(periods[0].value, Period)
    ordered = {"group": "customer", "metric": "orders", "op": ">=", "value": 1}
    then = [{**ordered, "period": before.period, "said": "1"}]
    if before.metrics[0] == "new_customers":
        earlier = {"start": EPOCH.isoformat(), "end": (date.fromisoformat(before.period["start"]) - DAY).isoformat()}
        then.append({**ordered, "op": "=", "value": 0, "period": earlier, "said": "new"})
    said = lexed.text[periods[0].start : periods[0].end]
    again = {**ordered, "period": spoken_period(periods[0].value), "said": said}
    before.metrics, before.where = ["customers"], [*before.where, *then, again]
    before.period, before.whole_history = None, True
    return before


def _points(lexed: Lexed) -> bool:
    """'Of these' opens a message that goes on, and points back too."""
    return lexed.has("pronoun") or any(t.text in ("these", "those", "them") for t in lexed.tokens)
