"""How a call of query_metrics is read, in a few words: 'revenue · by country · November 2011 · highest first'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.metrics.definitions import DIMENSIONS
from tools.metrics.request import Measure, read_measure

SEPARATOR = " · "
AS_BEFORE = ("as asked before", "条件同前")
OPERATORS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("in", "=", "contains"), ("{l} {v}", "{l} {v}")),
    **dict.fromkeys(("not in", "!="), ("without {l} {v}", "不含{l} {v}")),
    "<": ("{l} before {v}", "{l}早于 {v}"),
    "<=": ("{l} up to {v}", "{l}至 {v}"),
    ">": ("{l} after {v}", "{l}晚于 {v}"),
    ">=": ("{l} from {v}", "{l}从 {v} 起"),
    "is known": ("{l} known", "{l}已知"),
    "is unknown": ("{l} unknown", "{l}未知"),
}
SIGNS: dict[str, tuple[str, str]] = {
    ">": ("more than", "超过"),
    ">=": ("at least", "至少"),
    "<": ("fewer than", "少于"),
    "<=": ("at most", "至多"),
    "=": ("exactly", "恰好"),
    "!=": ("other than", "不等于"),
    "top_percent": ("top percent", "前百分比"),
}


def read_as(said: Mapping[str, Any], period: str, compared: str, locale: str, question: str | None = None) -> str:
    """What a call asks for, its arguments given; `period` and `compared` are the words for the two periods, or empty.

    Numbers of a condition are said again only where the `question` has them; without one they are said.
    """
    chinese = locale == "zh"
    parts = [figure_names(measures_of(said), locale)]
    parts += [("按" if chinese else "by ") + d for d in row_names(said, locale)]
    parts += conditions(said, locale, question)
    parts += [period] if period else []
    parts += [("对比 " if chinese else "against ") + compared] if compared else []
    if order := said.get("order_by"):
        parts.append(_order(str(order), locale) + _left_out(said.get("offset", 0), locale))
    return SEPARATOR.join(parts)


def measures_of(said: Mapping[str, Any]) -> list[Measure]:
    return [read_measure(str(m)) for m in said.get("metrics", [])]


def figure_names(of: Sequence[Measure], locale: str) -> str:
    """The figures' names, each once."""
    return ("、" if locale == "zh" else ", ").join(dict.fromkeys(m.label_zh if locale == "zh" else m.label for m in of))


def row_names(said: Mapping[str, Any], locale: str) -> list[str]:
    of = dict.fromkeys([*filter(None, [said.get("grain")]), *said.get("by", [])])
    return [DIMENSIONS[d].label_zh if locale == "zh" else DIMENSIONS[d].label for d in of]


def _order(order: str, locale: str) -> str:
    low, growth = order.endswith("asc"), "_growth " in order
    if locale == "zh":
        return ("增长率" if growth else "") + ("从低到高" if low else "从高到低")
    return f"{'lowest' if low else 'highest'}{' growth' if growth else ''} first"


def _left_out(offset: int, locale: str) -> str:
    """Of a ranking whose first rows aren't shown, the place that is."""
    if not offset:
        return ""
    return f"，第 {offset + 1} 名" if locale == "zh" else f", place {offset + 1}"


def conditions(said: Mapping[str, Any], locale: str, question: str | None = None) -> list[str]:
    """The conditions of a call in words."""
    return list(dict.fromkeys(_condition(w, locale, question) for w in said.get("where") or []))


def _condition(w: dict[str, Any], locale: str, question: str | None) -> str:
    if w.get("said") and w["said"] != "together":
        dim = DIMENSIONS[str(w.get("group") or w["field"])]
        said = w["said"] if question is None or w["said"] in question else AS_BEFORE[locale == "zh"]
        return f"{dim.label_zh} {said}" if locale == "zh" else f"{dim.label}: {said}"
    if "group" in w:
        return _group(w, locale)
    found = DIMENSIONS[str(w["field"])]
    label = found.label_zh if locale == "zh" else found.label
    values = w.get("value")
    text = ", ".join(str(v) for v in values) if isinstance(values, list) else str(values)
    op = str(w.get("op", "="))
    return OPERATORS[op][1 if locale == "zh" else 0].format(l=label, v=text)


def _group(w: dict[str, Any], locale: str) -> str:
    if w.get("where"):
        inner = ", ".join(conditions(w, locale))
        return f"含{inner}的订单" if locale == "zh" else f"orders with {inner}"
    measure = read_measure(str(w["metric"]))
    sign = SIGNS[str(w["op"])][1 if locale == "zh" else 0]
    if locale == "zh":
        return f"{DIMENSIONS[str(w['group'])].label_zh}的{measure.label_zh}{sign} {w['value']}"
    return f"{DIMENSIONS[str(w['group'])].label}s with {sign} {w['value']} {measure.label}"
