"""What a question about sales to come asks: whose, of which days, in units or money, for forecast_sales.

Both readings of a message only say that something is to be forecast; its arguments are filled here, from what the
message names and, where it leans on a forecast before it, from that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import priced, promoting, refusals
from agent.planner.finish import named_products
from agent.planner.frame import Frame, field_of, spoken_period
from agent.planner.lexer import CJK, Lexed, lex
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.understood import fill, hear_periods, periods, unread_period
from agent.planner.why import without_the_asking
from agent.texts import text as words
from tools.forecast.asked import YEAR_SAID
from tools.metrics.periods import Period, Span

TOOL = "forecast_sales"
METRICS = ("units", "revenue")
PRICES = ("list_price", "average_price")  # of what is supposed, they are what changes
GRAINS = ("day", "week", "month")
SOLD = ("sell", "earn")
NAMED = ("product", "category", "country", "customer")  # what is forecast by its name
PAST = re.compile(r"\b(?:brought|did|was|were|had|made|sold|took|earned|actual(?:ly)?)\b|卖了|当时|实际", re.I)
HOW_MANY = re.compile(
    r"\bhow many (?:of (?:the|our) )?(.{2,80}?) (?:will|are|do|can|should|might) (?:we|i|you)\b", re.I
)
FUTURE = re.compile(r"\b(?:will|'ll|going to|gonna)\b|[将会]|预[计测]", re.I)
SURE = 0.9  # of the parser that it is a forecast, where words say that it is to come
MONEY = frozenset("earn make takings turnover money worth cash income".split())


def is_certain(reading: Reading, shop: Shop) -> bool:
    """Whether a message asks what will be sold on days that have not begun: no other tool tells, however it is put."""
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    heard = reading.meaning.tool == TOOL and reading.sure["kind"] >= SURE and FUTURE.search(reading.text) is not None
    ahead = [s.value for s in lexed.periods if isinstance(s.value, Period)]
    sold = any(t.value in METRICS for t in lexed.of("metric")) or any(t.value in SOLD for t in lexed.of("verb"))
    others = {t.value for t in lexed.of("tool")} - {TOOL}
    if "lean" in reading.meaning.flags or reading.meaning.decline == "action":
        return False
    if heard and sold and not others:  # 'what will … sell in July' is asked of the next one
        return True
    return bool(ahead) and all(p.start > shop.today for p in ahead) and sold and not others and not lexed.of("rank")


def is_asked(outcome: Outcome) -> bool:
    return isinstance(outcome, Plan) and outcome.calls[0].tool == TOOL


def asked(reading: Reading) -> Plan:
    """The bare plan that says only that something is to be forecast."""
    return Plan((Call(TOOL, {"text": reading.text}),), "zh" if CJK.search(reading.text) else "en")


def filled(outcome: Outcome, reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """A plan to forecast with its arguments; also for figures of days to come, and for what leans on a forecast."""
    advised = _on_prices(outcome) and bool(priced.parts_in(reading.text) and promoting.NOUN.search(reading.text))
    ahead = _is_bare(outcome) or advised
    promoted = promoting.is_supposed(reading.text, turns) or (ahead and promoting.speaks_of_one(reading.text))
    what_if = None if promoted else _at_a_price(outcome, reading.text)
    if not (_is_bare(outcome) or _is_to_come(outcome, shop) or what_if or (promoted and ahead)):
        return _gone_on(outcome, reading, turns, shop)
    lexed, frame = lex(reading.text, shop.names, shop.today, shop.first_day), Frame()
    reading = without_the_asking(reading, lexed)
    hear_periods(reading, lexed, shop)
    like = None
    if promoted or what_if:
        reading = promoting.without_the_supposed(reading)
    if promoted:
        what_if, like = promoting.scenario_of(reading.text, _dated(reading, lexed), shop.today)
        if what_if is None:
            return Clarify(words("how_much", outcome.locale), (), outcome.locale, unread=True)
    if problem := _problem(frame, reading, lexed, shop, outcome.locale):
        return problem
    if _ranks(lexed, frame):
        return Decline(words("ranked_ahead", outcome.locale), (), outcome.locale)
    if not frame.where and (counted := _counted(lexed, shop)):
        frame.where.append(counted)
    _point_back(frame, reading, lexed, turns)
    args = _said(frame, reading, lexed, shop, like)
    if what_if:
        args = {k: v for k, v in args.items() if v not in PRICES} | {"scenario": what_if}
    if promoted and promoting.leans(reading.text, turns):
        args = promoting.gone_on(_asked_before(turns), args, reading.text)
    return Plan((Call(TOOL, args), *named_products(args.get("where", []))), outcome.locale)


def _problem(frame: Frame, reading: Reading, lexed: Lexed, shop: Shop, locale: str) -> Outcome | None:
    """What is not understood while the frame is filled, or can be read in two ways."""
    if problem := fill(frame, reading, lexed, shop) or refusals.two_ways(lexed, locale):
        return problem
    if unread := unread_period(reading, lexed):
        thing = reading.text[unread.start : unread.end]
        return Decline(words("unknown", locale, thing=thing), (), locale, unread=True)
    return None


def _ranks(lexed: Lexed, frame: Frame) -> bool:
    """'Our best seller', 'the top 3 products': whatever is forecast instead is not what was asked."""
    return not frame.where and bool(lexed.of("rank")) and any(t.value in NAMED for t in lexed.of("dim"))


def _point_back(frame: Frame, reading: Reading, lexed: Lexed, turns: Sequence[Turn]) -> None:
    """'And what will it be next month?', after a figure: of the same."""
    call = turns[-1].call if turns else None
    pointing = lexed.has("pronoun") or "lean" in reading.meaning.flags
    if call is None or call.tool != "query_metrics" or frame.where or lexed.of("metric") or not pointing:
        return
    frame.where = [dict(w) for w in call.args.get("where", []) if w.get("op") == "in" and "group" not in w]
    frame.metrics = [m for m in call.args["metrics"] if m in METRICS][:1]


def _is_bare(outcome: Outcome) -> bool:
    return isinstance(outcome, Plan) and is_asked(outcome) and "text" in outcome.calls[0].args


def _on_prices(outcome: Outcome) -> bool:
    return isinstance(outcome, Plan) and outcome.calls[0].tool in (TOOL, "optimise_price")


def _at_a_price(outcome: Outcome, text: str) -> dict[str, Any] | None:
    """What a price should be is another tool's; what a given one would do is a forecast."""
    change = priced.change_of(text) if _on_prices(outcome) else None
    return None if change is None else {"price_change": change}


def _is_to_come(outcome: Outcome, shop: Shop) -> bool:
    """'Revenue next month': a figure that can be forecast, of days that have not begun."""
    if not isinstance(outcome, Plan) or outcome.calls[0].tool != "query_metrics":
        return False
    args = outcome.calls[0].args
    period, plain = args.get("period"), not (set(args) - {"metrics", "where", "period", "grain"})
    begins = str(period["start"]) > shop.today.isoformat() if isinstance(period, dict) else False
    return begins and plain and len(args["metrics"]) == 1 and args["metrics"][0] in METRICS


def _asked_before(turns: Sequence[Turn]) -> dict[str, Any]:
    call = turns[-1].call
    return dict(call.args) if call else {}


def _said(frame: Frame, reading: Reading, lexed: Lexed, shop: Shop, but: Span | None = None) -> dict[str, Any]:
    """All arguments but a scenario; `but` is a period that is none of the days to come."""
    args = {"where": [w for w in frame.where if "group" not in w], "horizon": _horizon(reading, lexed, shop, but),
            "grain": _grain(frame, lexed), "metric": _metric(frame, reading, lexed)}  # fmt: skip
    return {k: v for k, v in args.items() if v}


def _counted(lexed: Lexed, shop: Shop) -> dict[str, Any] | None:
    """'How many balls will we sell': what is counted is a product, also where no reading marks its name."""
    said = HOW_MANY.search(lexed.text)
    if said is None or any(
        said.start(1) <= lexed.tokens[t.first].start < said.end(1) for t in lexed.of("metric", "dim")
    ):
        return None
    return {"field": "product", "op": "in", "value": said[1]} if shop.names.match(said[1], "product") else None


def _metric(frame: Frame, reading: Reading, lexed: Lexed) -> str | None:
    if any(t.text in MONEY for t in lexed.tokens):
        return "revenue"
    said = [t.value for t in lexed.of("metric")]
    if not said and any(field_of(w) == "product" for w in frame.where):
        return None  # 'what will we sell of the lunch bags' asks how many
    said = said or [*frame.metrics, *reading.meaning.metrics]
    return next((m for m in said if m in METRICS), said[0] if said and not frame.where else None)


def _grain(frame: Frame, lexed: Lexed) -> str | None:
    said = [frame.grain, *(t.value for t in lexed.of("grain")), *frame.dims]
    return next((g for g in said if g in GRAINS), None)


def _dated(reading: Reading, lexed: Lexed) -> list[Span]:
    return [s for s in periods(reading, lexed) if isinstance(s.value, Period)]


def _horizon(reading: Reading, lexed: Lexed, shop: Shop, but: Span | None) -> Any:
    """The days to come: as dates where they are, else as they were said ('in December' is the next one)."""
    spans = [s for s in _dated(reading, lexed) if s != but]
    coming = [s for s in spans if _ends(s) > shop.today]
    if coming:
        value = coming[0].value
        assert isinstance(value, Period)
        return spoken_period(value)
    return reading.text[spans[0].start : spans[0].end] if spans else None


def _ends(span: Span) -> Any:
    assert isinstance(span.value, Period)
    return span.value.natural_end


def _gone_on(outcome: Outcome, reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """'And in January?', 'by week', 'and of lunch bags?' after a forecast."""
    call = turns[-1].call if turns else None
    if call is None or call.tool != TOOL or "lean" not in reading.meaning.flags or _has_tool(outcome):
        return outcome
    lexed, frame = lex(reading.text, shop.names, shop.today, shop.first_day), Frame()
    hear_periods(reading, lexed, shop)
    if fill(frame, reading, lexed, shop) or unread_period(reading, lexed):
        return outcome
    said = _said(frame, reading, lexed, shop)
    if not said or _is_over(said.get("horizon"), reading.text):
        return outcome
    fields = {field_of(w) for w in said.get("where", [])}
    where = [w for w in call.args.get("where", []) if not fields] + said.get("where", [])
    args = {**call.args, **said, **({"where": where} if where else {})}
    locale = "zh" if lexed.chinese else "en"
    if args == call.args:
        return outcome
    return Plan((Call(TOOL, args), *named_products(args.get("where", []))), locale)


def _is_over(horizon: Any, text: str) -> bool:
    """A year or a day that is over is asked of the figures, as is what a month 'brought in'; 'in July' is the next."""
    return isinstance(horizon, str) and bool(YEAR_SAID.search(horizon) or PAST.search(text))


def _has_tool(outcome: Outcome) -> bool:
    return isinstance(outcome, Plan) and outcome.calls[0].tool != "query_metrics"


def as_figures(turn: Turn) -> Turn:
    """A turn that forecast as one that asked for the figure, so that 'and last month?' can lean on it."""
    call = turn.call
    if call is None or call.tool != TOOL or not isinstance(turn.outcome, Plan) or "text" in call.args:
        return turn
    where = call.args.get("where", [])
    usual = "units" if any(field_of(w) == "product" for w in where) else "revenue"
    args = {"metrics": [call.args.get("metric") or usual], **({"where": where} if where else {})}
    return replace(turn, outcome=replace(turn.outcome, calls=(Call("query_metrics", args),), main=0))
