"""What 'why?' is about: the figure, its period, what it is compared with and its conditions, for explain_change.

Both readings of a message only say that a change is to be explained; its arguments are filled here, from what the
message names and, for the rest, from the answer before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Call, Decline, Outcome, Plan, Turn
from agent.planner import refusals
from agent.planner.finish import named_products
from agent.planner.frame import Frame, field_of
from agent.planner.lexer import Lexed, lex
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.slots import set_periods
from agent.planner.understood import fill, periods, unread_period
from agent.texts import text as words
from tools.metrics.definitions import TIME_GRAINS
from tools.metrics.periods import Period, Shift, Span, bucket_end, parse_period

TOOL = "explain_change"
USUAL = "revenue"  # what "why are we down?" is about
COMPARED = re.compile(
    r"(?:\b(?:on|than|vs\.?|versus|against|(?:compared|relative) (?:to|with))\s+(?:in\s+)?(?:the\s+)?|比)$", re.I
)
ROWS = {"product": "product_id"}  # the column that tells a row's value apart


def is_asked(outcome: Outcome) -> bool:
    """Whether an outcome explains a change."""
    return isinstance(outcome, Plan) and outcome.calls[0].tool == TOOL


def filled(outcome: Outcome, reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """A plan to explain a change with its arguments; any other outcome as it is. A refusal where a name isn't there."""
    if not isinstance(outcome, Plan) or not is_asked(outcome) or "text" not in outcome.calls[0].args:
        return outcome
    lexed, frame = lex(reading.text, shop.names, shop.today, shop.first_day), Frame()
    reading = without_the_asking(reading, lexed)
    if problem := fill(frame, reading, lexed, shop) or refusals.two_ways(lexed, outcome.locale):
        return problem
    if unread := unread_period(reading, lexed):
        thing = reading.text[unread.start : unread.end]
        return Decline(words("unknown", outcome.locale, thing=thing), (), outcome.locale, unread=True)
    said = _said(frame, reading, lexed)
    last = next((t for t in reversed(turns) if t.call and t.call.tool == "query_metrics"), None)
    args = said if last is None or {"metric", "period"} <= said.keys() else _laid_over(said, _asked_before(last, shop))
    args.setdefault("metric", USUAL)
    return replace(outcome, calls=(Call(TOOL, args), *named_products(args.get("where", []))))


def without_the_asking(reading: Reading, lexed: Lexed) -> Reading:
    """The words that ask why are no name, whatever the parser takes them for."""
    asking = [(lexed.tokens[t.first].start, lexed.tokens[t.last].end) for t in lexed.of("tool")]
    kept = (s for s in reading.spans if not any(s.start < end and start < s.end for start, end in asking))
    return replace(reading, spans=tuple(kept))


def as_figures(turn: Turn) -> Turn:
    """A turn that explained a change as one that asked for the figure, so that what follows can lean on it."""
    call = turn.call
    if call is None or call.tool != TOOL or "metric" not in call.args or not isinstance(turn.outcome, Plan):
        return turn
    rest = {k: v for k, v in call.args.items() if k != "metric"}
    plan = replace(turn.outcome, calls=(Call("query_metrics", {"metrics": [call.args["metric"]], **rest}),))
    return replace(turn, outcome=plan)


def _said(frame: Frame, reading: Reading, lexed: Lexed) -> dict[str, Any]:
    """What the message itself says."""
    metrics = [t.value for t in lexed.of("metric")] or reading.meaning.metrics
    spans = periods(reading, lexed)
    frame.growth = True  # so that "from October to November" is read as a change
    set_periods(spans, lexed, frame)
    if frame.compare_to is None and frame.period and _is_the_other(lexed, spans):
        frame.period, frame.compare_to = None, "year_earlier" if _is_year(spans[0]) else frame.period
    if frame.compare_to is None:
        shifts = [s.value for s in spans if isinstance(s.value, Shift)]
        frame.compare_to = _compared(lexed, shifts)
    args = {"metric": metrics[0] if metrics else None, "period": frame.period, "compare_to": frame.compare_to,
            "where": [w for w in frame.where if "group" not in w]}  # fmt: skip
    return {k: v for k, v in args.items() if v}


def _is_the_other(lexed: Lexed, spans: Sequence[Span]) -> bool:
    """'down on last year', '比十月低': the one period that is said is what is compared with."""
    return len(spans) == 1 and COMPARED.search(lexed.text[: spans[0].start]) is not None


def _is_year(span: Span) -> bool:
    return isinstance(span.value, Period) and span.value.unit == "year" and span.value.relative


def _compared(lexed: Lexed, shifts: Sequence[Shift]) -> str | None:
    if lexed.has("compare", "year_earlier") or any(s.unit == "year" for s in shifts):
        return "year_earlier"
    return "previous" if shifts or lexed.has("compare", "previous") else None


def _asked_before(turn: Turn, shop: Shop) -> dict[str, Any]:
    """What the answer before was about; where it is one row, such as the worst month, what that row is."""
    assert turn.call is not None
    asked = turn.call.args
    metric = str(asked["metrics"][0])
    where = [{k: v for k, v in w.items() if k != "part"} for w in asked.get("where", [])]
    args = {"metric": metric.removeprefix("share(").removesuffix(")"), "period": asked.get("period"),
            "compare_to": asked.get("compare_to"), "where": where}  # fmt: skip
    receipt = next(iter(turn.answer.get("receipts", [])), None)
    if receipt and len(receipt["rows"]) == 1:
        for dim in (d for d in (*asked.get("by", []), asked.get("grain")) if d):
            _narrow(args, dim, receipt, shop)
    return {k: v for k, v in args.items() if v}


def _narrow(args: dict[str, Any], dim: str, receipt: dict[str, Any], shop: Shop) -> None:
    value = receipt["rows"][0][receipt["columns"].index(ROWS.get(dim, dim))]
    if value is None:
        return
    if dim in TIME_GRAINS:
        start = parse_period({"start": str(value), "end": str(value)}, shop.today, shop.first_day).start
        args["period"] = {"start": start.isoformat(), "end": bucket_end(start, dim).isoformat()}
        return
    args["where"] = [*(w for w in args["where"] if field_of(w) != dim), {"field": dim, "op": "in", "value": value}]


def _laid_over(said: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What the message says replaces what was; another period is compared anew."""
    if "period" in said:
        before.pop("compare_to", None)
    fields = {field_of(w) for w in said.get("where", [])}
    where = [*(w for w in before.get("where", []) if field_of(w) not in fields), *said.get("where", [])]
    return {**before, **said, **({"where": where} if where else {})}
