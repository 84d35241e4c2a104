"""From a frame that is full to a plan, or to what it lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agent.plan import Call, Outcome, Plan
from agent.planner import refusals
from agent.planner.frame import Frame
from agent.planner.lexer import Lexed
from agent.planner.slots import RANK_ALL
from tools.metrics.definitions import METRICS

SORTED = re.compile(  # an order of all rows, no choice of some
    r"\b(?:highest|biggest|largest|best|most|top|lowest|smallest|worst|least)(?: ones?)? first\b"
    r"|\b(?:high|highest|biggest|best|most|low|lowest|smallest|worst|least) to \w+(?:st|ow|igh)\b"
    r"|\b(?:de|a)scending\b|从高到低|从大到小|从多到少|从低到高|从小到大|从少到多|降序|升序",
    re.I,
)
COUNTS = {"orders": "order", "customers": "customer", "products": "product"}
MANY = 5  # "top" without a number, asking for several


def finish(lexed: Lexed, frame: Frame | Outcome, locale: str) -> Outcome:
    """A frame with all it needs becomes a plan; one without a metric or a ranking without a subject is asked back."""
    if not isinstance(frame, Frame):
        return frame
    if not frame.metrics:
        return refusals.no_metric(lexed, frame, locale)
    _settle(frame)
    if frame.share and not frame.dims and not frame.grain and not any(w.get("part") for w in frame.where):
        return refusals.no_metric(lexed, frame, locale)  # the share of what? a whole of itself is no answer
    if frame.metrics == ["retention"] and (frame.period is None or not isinstance(frame.compare_to, dict)):
        return refusals.which_periods(locale)
    if frame.ranked and not frame.dims and any(w.get("field") == "product" for w in frame.where):
        frame.dims = ["product"]
    if frame.ranked and not frame.dims and not frame.grain:
        return refusals.bare_rank(lexed, frame, locale)
    if frame.ranked and frame.limit is None and not (SORTED.search(lexed.text) or RANK_ALL.match(lexed.text)):
        frame.limit = MANY if _several(lexed) else 1
    if frame.ranked and frame.grain:
        frame.dims, frame.grain = [*frame.dims, frame.grain], None
    return Plan(tuple(_calls(frame)), locale)


def _settle(frame: Frame) -> None:
    """A mean of days has no row for each, a quotient no share; what is ranked by how many of itself there are is ranked
    by revenue."""
    if any(m.endswith(f" / {frame.grain}s") for m in frame.metrics):
        frame.grain = None
    _as_repeat_rate(frame)
    if all(m in METRICS and "/" in METRICS[m].formula for m in frame.metrics):
        frame.share = False
    if frame.metrics == ["countries"]:  # 'UK included' says nothing of a count of countries
        frame.where = [w for w in frame.where if (w.get("field"), w.get("op")) != ("country", "in")]
    if "weekday" in frame.dims and frame.grain == "week":  # 按星期, beside a word for the days of the week
        frame.grain = None
    if frame.ranked and any(COUNTS.get(m) in frame.dims for m in frame.metrics):
        left = [m for m in frame.metrics if COUNTS.get(m) not in frame.dims]
        frame.metrics = left or ["revenue"]


def _as_repeat_rate(frame: Frame) -> None:
    """The share of customers with two orders or more is the repeat rate."""
    parts = [w for w in frame.where if w.get("part")]
    if not (frame.share and frame.metrics == ["customers"] and len(parts) == 1 and not frame.dims):
        return
    (w,) = parts
    counted = (w.get("group"), w.get("metric")) == ("customer", "orders") and "period" not in w and "where" not in w
    if counted and (w["op"], w["value"]) in ((">=", 2), (">", 1)):
        frame.where.remove(w)
        frame.metrics, frame.share = ["repeat_rate"], False


def _several(lexed: Lexed) -> bool:
    """'top products' and 'bestsellers' ask for several; 'which product', 'who' and 'the best month' for one."""
    words = {t.text for t in lexed.tokens}
    if lexed.chinese:
        return bool(words & {"些", "前"})
    nouns = {lexed.word(t.last) for t in lexed.of("dim")} | words & {"customers", "clients", "buyers", "orders"}
    plural = {n for n in nouns if n.endswith("s")}
    if nouns - plural or "who" in words:
        return False
    return bool(plural) or lexed.word(0) == "top"


def _calls(frame: Frame) -> list[Call]:
    calls = [Call("query_metrics", frame.args())]
    if frame.together:
        whole = {**frame.args(), "by": []}
        calls.append(Call("query_metrics", {k: v for k, v in whole.items() if v != []}))
    if frame.union:
        both = {k: v for k, v in frame.args().items() if k != "compare_to"}
        calls.append(Call("query_metrics", {**both, "period": frame.union}))
    return calls + named_products(frame.where)


def named_products(where: Sequence[dict[str, Any]]) -> list[Call]:
    """Looking up what each product's name in the conditions fits, so that the answer can say it."""
    calls: list[Call] = []
    for condition in where:
        if condition.get("field") == "product" and condition.get("op") == "in":
            values = condition["value"] if isinstance(condition["value"], list) else [condition["value"]]
            calls += [Call("match_products", {"text": v}) for v in values]
    return calls
