"""From a plan and its receipts to prose with references. No digit is written here: receipts.py renders them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.plan import Plan
from agent.proof.number_words import find_numbers
from agent.receipts import Receipt, table
from tools.contract import Column
from tools.metrics.definitions import DIMENSIONS
from tools.metrics.request import Measure, read_measure

SHOWN_ROWS = 40
T: dict[str, tuple[str, str]] = {
    "was": ("{label}{of}, {period}: **{value}**.", "{period}{of}{label}：**{value}**。"),
    "compared": (
        "{label}{of} was **{value}** in {period}, against {before} in {that}: {growth}.",
        "{period}{of}{label}为 **{value}**，{that}为 {before}：{growth}。",
    ),
    "top": ("**{name}**{of}, {period}: {values}.", "{period}{of}：**{name}**，{values}。"),
    "top_compared": ("{value}, against {before} in {that}: {growth}", "{value}，而{that}为 {before}：{growth}"),
    "list": ("{label} by {dims}{of}, {period}:", "{period}{of}按{dims}的{label}："),
    "list_compared": (
        "{label} by {dims}{of}, {period}, against {that}:",
        "{period}{of}按{dims}的{label}，对比{that}：",
    ),
    "together": ("Together: **{value}**.", "合计：**{value}**。"),
    "matches_one": ("“{asked}” was read as the product {title}.", "“{asked}”按产品 {title} 理解。"),
    "matches": (
        "“{asked}” was read as every product whose title contains it: {n} products.",
        "“{asked}”按标题中包含它的所有产品理解：{n} 个产品。",
    ),
    "none": ("Nothing matched in {period}.", "{period}没有符合条件的记录。"),
    "no_growth": ("no percentage, as there was nothing before", "之前没有数据，无法计算百分比"),
    "read": ("Read as: ", "理解为："),
    "as_before": ("as asked before", "条件同前"),
}


WHOLE_HISTORY = "No period was given, so this is the whole history."
NOTES_ZH = {
    WHOLE_HISTORY: "未指定时期，因此为全部历史。",
    "Fewer rows than asked for: there are no more.": "没有更多记录。",
    "The data covers only part of that time: this is the part that exists.": "数据只覆盖该时期的一部分。",
    "Both sides are cut to the same days.": "双方均截取相同天数。",
    "The two periods are not of the same length.": "两个时期长短不同。",
    "Periods that the data covers only in part are left out of the ranking.": "数据不完整的时期不参与排名。",
    "Where an order line has no cost of its own, the product's unit cost is used.": "订单行没有成本时使用产品成本。",
}  # the notes that answers say; others stand in the receipt
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


def say(key: str, locale: str, **parts: str) -> str:
    return T[key][1 if locale == "zh" else 0].format(**parts)


def compose(plan: Plan, receipts: Sequence[Receipt], question: str = "") -> str:
    """The answer as markdown with references: the figure or table, what was matched, notes, and how it was read.

    Numbers of a condition are said again only where the `question` itself has them.
    """
    locale, main = plan.locale, receipts[0]
    if main.result.tool == "run_sql":
        return f"{plan.title}{'：' if locale == 'zh' else ':'}\n\n{table(main, locale, limit=SHOWN_ROWS)}"
    body = [_body(plan, main, locale)]
    for r in receipts[1:]:
        body.append(_further(plan, main, r, locale))
    asked = [main, *(r for r in receipts[1:] if _asks_else(main, r))]
    read = [_reading(r, locale, question) for r in asked]
    return "\n\n".join(p for p in [*body, _notes(main, locale), *read] if p)


def _asks_else(main: Receipt, r: Receipt) -> bool:
    """Whether a further receipt answers a question of its own, rather than add up the rows of the first one."""
    if r.result.tool != "query_metrics":
        return False
    one, other = main.result.input, r.result.input
    elsewhen = one.get("period") != other.get("period") and not one.get("compare_to")
    rows = bool(other.get("by") or other.get("grain"))
    return rows or elsewhen or any(one.get(k) != other.get(k) for k in ("metrics", "where"))


def _notes(r: Receipt, locale: str) -> str:
    """What the tool has to say, as far as it has no digits: those stand in the receipt."""
    notes = [n for n in r.result.notes if n in NOTES_ZH]
    if any("period" in w for w in r.result.input.get("where") or []):
        notes = [n for n in notes if n != WHOLE_HISTORY]
    return "".join(NOTES_ZH[n] for n in notes) if locale == "zh" else " ".join(notes)


def _body(plan: Plan, r: Receipt, locale: str) -> str:
    result = r.result
    if not result.rows:
        return say("none", locale, period=f"{{{r.id}.period}}")
    keys = [c for c in result.columns if c.is_key]
    if not keys:
        return _figure(plan, r, locale)
    if result.row_count == 1 and result.input.get("limit") == 1:
        return _top(r, keys, locale)
    dims = "、" if locale == "zh" else " and "
    lead = say(
        "list_compared" if result.input.get("compare_to") else "list", locale, label=_labels(r, locale),
        dims=dims.join(_dims(r, locale)), of=_of(r, locale), period=f"{{{r.id}.period}}",
        that=f"{{{r.id}.compare_period}}",
    )  # fmt: skip
    shown = [c.name for c in result.columns if c.name != "product_id"]
    return f"{_capital(lead)}\n\n{table(r, locale, shown, SHOWN_ROWS)}"


def _figure(plan: Plan, r: Receipt, locale: str) -> str:
    lines = []
    for m in _measures(r):
        cell = f"{{{r.id}.0.{m.name}}}"
        parts = {
            "label": _capital(_label(m, locale)),
            "of": _of(r, locale),
            "period": f"{{{r.id}.period}}",
            "value": cell,
        }
        if any(c.name == f"{m.name}_growth" for c in r.result.columns):
            growth = f"{{{r.id}.0.{m.name}_growth}}"
            if r.result.cell(0, f"{m.name}_growth") is None:
                growth = say("no_growth", locale)
            before = f"{{{r.id}.0.{m.name}_before}}"
            lines.append(
                say("compared", locale, **parts, before=before, that=f"{{{r.id}.compare_period}}", growth=growth)
            )
        else:
            lines.append(say("was", locale, **parts))
    return "\n\n".join(lines)


def _top(r: Receipt, keys: list[Column], locale: str) -> str:
    names = [k.name for k in keys if k.name != "product_id"]
    key = " · ".join(f"{{{r.id}.0.{k}}}" for k in names)
    values = [_value_of_top(r, m, locale) for m in _measures(r)]
    return say("top", locale, name=key, of=_of(r, locale), period=f"{{{r.id}.period}}", values=", ".join(values))


def _value_of_top(r: Receipt, m: Measure, locale: str) -> str:
    value = f"{_label(m, locale)} {{{r.id}.0.{m.name}}}"
    if not any(c.name == f"{m.name}_growth" for c in r.result.columns):
        return value
    growth = f"{{{r.id}.0.{m.name}_growth}}"
    if r.result.cell(0, f"{m.name}_growth") is None:
        growth = say("no_growth", locale)
    return say(
        "top_compared", locale, value=value, before=f"{{{r.id}.0.{m.name}_before}}",
        that=f"{{{r.id}.compare_period}}", growth=growth,
    )  # fmt: skip


def _further(plan: Plan, main: Receipt, r: Receipt, locale: str) -> str:
    """What a further call adds: another question's answer, the sum of rows, or how a product's name was read."""
    if r.result.tool == "match_products":
        return ""
    if _asks_else(main, r):
        return _body(plan, r, locale)
    measures = _measures(r)
    return say("together", locale, value=f"{{{r.id}.0.{measures[0].name}}}") if measures and r.result.rows else ""


def matched(receipts: Sequence[Receipt], locale: str) -> str:
    """How names of products were read, each with the number of products."""
    out = []
    for r in receipts:
        if r.result.tool != "match_products":
            continue
        asked = str(r.result.input["text"])
        if any(c.name == "product" for c in r.result.columns):
            out.append(say("matches_one", locale, asked=asked, title=f"{{{r.id}.0.product}}"))
        else:
            out.append(say("matches", locale, asked=asked, n=f"{{{r.id}.0.products}}"))
    return " ".join(out)


# ---- how it was read


def _reading(r: Receipt, locale: str, question: str) -> str:
    parts = [_labels(r, locale)]
    parts += [("按" if locale == "zh" else "by ") + d for d in _dims(r, locale)]
    parts += conditions(r.result.input, locale, question)
    parts.append(f"{{{r.id}.period}}")
    if r.result.input.get("compare_to"):
        parts.append(("对比 " if locale == "zh" else "against ") + f"{{{r.id}.compare_period}}")
    order = r.result.input.get("order_by")
    if order:
        parts.append(_order(str(order), locale) + _left_out(r.result.input.get("offset", 0), locale))
    return f"_{say('read', locale)}{' · '.join(parts)}_"


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


def conditions(said: dict[str, Any], locale: str, question: str | None = None) -> list[str]:
    """The conditions of a call in words."""
    return list(dict.fromkeys(_condition(w, locale, question) for w in said.get("where") or []))


def _condition(w: dict[str, Any], locale: str, question: str | None) -> str:
    if w.get("said") and w["said"] != "together":
        dim = DIMENSIONS[str(w.get("group") or w["field"])]
        said = w["said"] if question is None or w["said"] in question else say("as_before", locale)
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


def _of(r: Receipt, locale: str) -> str:
    """The conditions without digits, said in the sentence itself; those with digits stand in the reading only."""
    parts = [c for c in conditions(r.result.input, locale) if not find_numbers(c)]
    if not parts:
        return ""
    return f"（{'，'.join(parts)}）" if locale == "zh" else f" ({', '.join(parts)})"


def _measures(r: Receipt) -> list[Measure]:
    return [read_measure(str(m)) for m in r.result.input.get("metrics", [])]


def _label(m: Measure, locale: str) -> str:
    return m.label_zh if locale == "zh" else m.label


def _labels(r: Receipt, locale: str) -> str:
    return ("、" if locale == "zh" else ", ").join(dict.fromkeys(_label(m, locale) for m in _measures(r)))


def _dims(r: Receipt, locale: str) -> list[str]:
    return [DIMENSIONS[d].label_zh if locale == "zh" else DIMENSIONS[d].label for d in r.result.input.get("by", [])]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
