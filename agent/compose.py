"""From a plan and its receipts to prose with references. No digit is written here: receipts.py renders them."""

from __future__ import annotations

from collections.abc import Sequence

from agent import on_fraud
from agent.explained import explained, read_as_why
from agent.factors import factors_of
from agent.foretold import foretold, read_as_foretold
from agent.found import found
from agent.plan import Plan
from agent.proof.number_words import find_numbers
from agent.read_as import SEPARATOR, conditions, figure_names, measures_of, read_as, row_names
from agent.recalled import recalled
from agent.receipts import Receipt, table
from agent.restocked import restocked
from tools.contract import Column
from tools.metrics.definitions import COMPONENTS
from tools.metrics.request import Measure

SHOWN_ROWS = 40
T: dict[str, tuple[str, str]] = {
    "was": ("{label}{of}, {period}: **{value}**.", "{period}{of}{label}：**{value}**。"),
    "compared": (
        "{label}{of} was **{value}** in {period}, against {before} in {that}: {growth}{change}.",
        "{period}{of}{label}为 **{value}**，而{that}为 {before}，{growth}{change}。",
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
    "change": (" ({change})", "，也就是{change}"),
    "no_growth": ("no percentage, as there was nothing before", "之前没有数据，无法计算百分比"),
    "read": ("Read as: ", "理解为："),
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


def say(key: str, locale: str, **parts: str) -> str:
    return T[key][1 if locale == "zh" else 0].format(**parts)


def compose(plan: Plan, receipts: Sequence[Receipt], question: str = "") -> str:
    """The answer as markdown with references: the figure or table, what was matched, notes, and how it was read.

    Numbers of a condition are said again only where the `question` itself has them.
    """
    locale, main = plan.locale, receipts[0]
    beside = [factors_of(r, receipts) for r in receipts]
    if main.result.tool == "run_sql":
        return f"{plan.title}{'：' if locale == 'zh' else ':'}\n\n{table(main, locale, limit=SHOWN_ROWS)}"
    if main.result.tool == "search_products":
        return found(main, locale)
    if main.result.tool in on_fraud.TOOLS:
        return on_fraud.told(receipts, locale)
    if main.result.tool == "forecast_record":
        return recalled(main, locale)
    if main.result.tool == "plan_stock":
        return restocked(main, locale)
    own = [r for r in receipts if r not in beside]
    asked = [r for r in own if r is main or _asks_else(main, r)]
    why = {r.id: explained(r, f, locale, question) for r, f in zip(receipts, beside, strict=True) if _is_why(r)}
    why |= {r.id: foretold(r, locale) for r in receipts if _is_forecast(r)}
    body = [why.get(r.id) or (_body(plan, r, locale) if r in asked else _further(r, locale)) for r in own]
    read = [f"_{say('read', locale)}{_read(r, locale, question)}_" for r in asked]
    return "\n\n".join(p for p in [*body, _notes(main, locale), *read] if p)


def _asks_else(main: Receipt, r: Receipt) -> bool:
    """Whether a further receipt answers a question of its own, rather than add up the rows of the first one."""
    if _is_why(r) or _is_forecast(r):
        return True
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
        "list_compared" if result.input.get("compare_to") else "list", locale,
        label=figure_names(measures_of(result.input), locale), dims=dims.join(row_names(result.input, locale)),
        of=_of(r, locale), period=f"{{{r.id}.period}}", that=f"{{{r.id}.compare_period}}",
    )  # fmt: skip
    shown = [c.name for c in result.columns if c.name != "product_id"]
    rows = f"{_capital(lead)}\n\n{table(r, locale, shown, SHOWN_ROWS)}"
    return "\n\n".join(part for part in (rows, _shares_together(r, locale)) if part)


def _shares_together(r: Receipt, locale: str) -> str:
    """What the first few come to of the whole, where nothing is counted in two of them."""
    shares = [m for m in measures_of(r.result.input) if m.share and m.formula in COMPONENTS]
    first = next((m for m in shares if COMPONENTS[m.formula].additive), None)
    chosen = bool(r.result.input.get("limit")) and not r.result.input.get("rest") and r.result.row_count > 1
    return say("together", locale, value=f"{{sum({r.id}.*.{first.name})}}") if first and chosen else ""


def _figure(plan: Plan, r: Receipt, locale: str) -> str:
    lines = []
    for m in measures_of(r.result.input):
        cell = f"{{{r.id}.0.{m.name}}}"
        parts = {
            "label": _capital(figure_names([m], locale)),
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
                say(
                    "compared", locale, **parts, before=before, that=f"{{{r.id}.compare_period}}", growth=growth,
                    change=_change(r, m, locale),
                )
            )  # fmt: skip
        else:
            lines.append(say("was", locale, **parts))
    return "\n\n".join(lines)


def _change(r: Receipt, m: Measure, locale: str) -> str:
    """By how much; of a percentage that would be points, which aren't said."""
    unit = next(c.unit for c in r.result.columns if c.name == f"{m.name}_change")
    return "" if unit == "%" else say("change", locale, change=f"{{{r.id}.0.{m.name}_change}}")


def _top(r: Receipt, keys: list[Column], locale: str) -> str:
    names = [k.name for k in keys if k.name != "product_id"]
    key = SEPARATOR.join(f"{{{r.id}.0.{k}}}" for k in names)
    values = [_value_of_top(r, m, locale) for m in measures_of(r.result.input)]
    return say("top", locale, name=key, of=_of(r, locale), period=f"{{{r.id}.period}}", values=", ".join(values))


def _value_of_top(r: Receipt, m: Measure, locale: str) -> str:
    value = f"{figure_names([m], locale)} {{{r.id}.0.{m.name}}}"
    if not any(c.name == f"{m.name}_growth" for c in r.result.columns):
        return value
    growth = f"{{{r.id}.0.{m.name}_growth}}"
    if r.result.cell(0, f"{m.name}_growth") is None:
        growth = say("no_growth", locale)
    return say(
        "top_compared", locale, value=value, before=f"{{{r.id}.0.{m.name}_before}}",
        that=f"{{{r.id}.compare_period}}", growth=growth,
    )  # fmt: skip


def _is_why(r: Receipt) -> bool:
    return r.result.tool == "explain_change"


def _is_forecast(r: Receipt) -> bool:
    return r.result.tool == "forecast_sales"


def _further(r: Receipt, locale: str) -> str:
    """What a further call adds: the sum of rows, or how a product's name was read."""
    if r.result.tool == "match_products":
        return ""
    measures = measures_of(r.result.input)
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


def _read(r: Receipt, locale: str, question: str) -> str:
    if _is_why(r):
        return read_as_why(r, locale)
    if _is_forecast(r):
        return read_as_foretold(r, locale)
    said, period = r.result.input, f"{{{r.id}.period}}"
    return read_as(said, period, f"{{{r.id}.compare_period}}" if said.get("compare_to") else "", locale, question)


def _of(r: Receipt, locale: str) -> str:
    """The conditions without digits, said in the sentence itself; those with digits stand in the reading only."""
    parts = [c for c in conditions(r.result.input, locale) if not find_numbers(c)]
    if not parts:
        return ""
    return f"（{'，'.join(parts)}）" if locale == "zh" else f" ({', '.join(parts)})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
