"""Why a figure changed, in three plain sentences: the change, what it is made of, and what stands out."""

from __future__ import annotations

from typing import Any

from agent.factors import factors_said
from agent.figures import is_finite
from agent.proof.direction_words import FALLING, RISING
from agent.proof.number_words import find_numbers
from agent.read_as import SEPARATOR, conditions, figure_names, measures_of
from agent.receipts import Receipt
from tools.contract import Cell, Result
from tools.explain.facts import UNKNOWN
from tools.explain.table import BY, BY_DAY, BY_ORDER, BY_RETURN, DRIVER, OTHERS, PAIR
from tools.metrics.definitions import DIMENSIONS

MOST_DRIVERS = 3
WORTH_SAYING = 0.1  # of the largest driver
DRIVERS_ZH = {
    "trading days": "营业天数",
    "orders a day": "日均订单数",
    "units per order": "每单件数",
    "product mix": "产品结构",
    "prices": "价格",
    "unit costs": "单位成本",
    "refunds": "退款",
    "returns per order": "每单退货笔数",
    "money a return": "每笔退款金额",
    "units a return": "每笔退货件数",
    "shipping an order": "每单运费",
    "the guests' share": "游客占比",
    "guest orders": "游客订单",
    "orders of known customers": "已知客户订单",
    "new customers": "新客户",
    "returning customers": "回头客",
    "customers who came again": "复购客户",
    "customers who came once": "单次购买客户",
    "visits with a purchase": "有购买的访问",
    "visits without a purchase": "无购买的访问",
    "what a trading day brings": "每营业日数值",
    "the amount": "数额",
    "the length of the period": "时期长度",
}
PARTS_ZH = {
    "guests": "游客", "new customers": "新客户", "returning customers": "回头客", "big baskets": "大额订单",
    "small baskets": "小额订单", "everything else": "其他", "unknown": "未知",
}  # fmt: skip
LARGEST = ("product", "customer", "country")
NAMELESS = frozenset({"guests", UNKNOWN, OTHERS})
FORMS = {BY_DAY: "day", BY_ORDER: "single", BY_RETURN: "single"}
KINDS: dict[str, tuple[str, str]] = {
    "return": ("return", "退货"),
    "customer_group": ("customer group", "客户类型"),
    "basket": ("basket size", "订单大小"),
    "weekday": ("day of week", "星期"),
}
T: dict[str, tuple[str, str]] = {
    "compared": (
        "{label}{of} went from {before} in {that} to **{value}** in {period}: {change}.",
        "{of}{label}从{that}的 {before} 变为{period}的 **{value}**：{change}。",
    ),
    "otherwise": ("That isn't what happened. ", "实际情况并非如此。"),
    "drivers": ("What moved it most: {parts}.", "主要变化来自：{parts}。"),
    "driver": ("{name} {added}", "{name}使其{added}"),
    "found": ("What stands out: {parts}.", "最突出的是：{parts}。"),
    "one": ("{kind} {name} ({this} against {before}, {added})", "{kind} {name}（{this}，之前为 {before}，{added}）"),
    "day": ("{name} ({this}, {added} on what such a day usually brings)", "{name}（{this}，比通常这样的一天{added}）"),
    "bare": ("{kind} {name} ({added})", "{kind} {name}（{added}）"),
    "single": ("the single {kind} {name} in {when} ({added})", "{when}的单笔{kind} {name}（{added}）"),
    "nothing": (
        "Nothing stands out: no single part of the shop moved unlike the rest by more than it usually does.",
        "没有特别突出的部分：没有哪一部分的变化与其他部分明显不同。",
    ),
    "largest": ("By size alone, most came from {parts}.", "仅按数额看，最大的来自：{parts}。"),
    "read": ("why {label} changed", "{label}变化的原因"),
}


def explained(r: Receipt, factors: Receipt | None, locale: str, question: str = "") -> str:
    """The sentences as markdown with references: the change, what it is made of, what stands out."""
    made_of = [_factors(factors, locale), _drivers(r, locale)]
    sentences = [
        _otherwise(r, locale, question) + _change(r, locale),
        (" " if locale == "en" else "").join(filter(None, made_of)),
        _found(r, locale),
    ]
    return "\n\n".join(filter(None, sentences))


def read_as_why(r: Receipt, locale: str) -> str:
    """How the question was read."""
    said = _said(r)
    against = ("对比 " if locale == "zh" else "against ") + f"{{{r.id}.compare_period}}"
    why = _say("read", locale, label=figure_names(measures_of(said), locale))
    return SEPARATOR.join([why, *conditions(said, locale), f"{{{r.id}.period}}", against])


def _otherwise(r: Receipt, locale: str, question: str) -> str:
    """Where it was asked why something fell that rose, or the other way round."""
    up, down = RISING.search(question), FALLING.search(question)
    way = 1 if up else -1
    return _say("otherwise", locale) if bool(up) != bool(down) and _added(r, 0) * way < 0 else ""


def _said(r: Receipt) -> dict[str, Any]:
    """The call in the form of one for figures."""
    return {"metrics": [r.result.input["metric"]], "where": r.result.input["where"]}


def _say(key: str, locale: str, **parts: str) -> str:
    return T[key][locale == "zh"].format(**parts)


def _change(r: Receipt, locale: str) -> str:
    said = _said(r)
    label = figure_names(measures_of(said), locale)
    of = [c for c in conditions(said, locale) if not find_numbers(c)]
    told = (f"（{'，'.join(of)}）" if locale == "zh" else f" ({', '.join(of)})") if of else ""
    m = metric_of(r.result)
    relative = _above_zero(r.result.cell(0, f"{m}_before")) and r.result.columns[r.result.index(m)].unit != "%"
    change = f"{{pct({r.id}.0.{m}, {r.id}.0.{m}_before)}}" if relative else f"{{{r.id}.0.{m}_change}}"
    return _say(
        "compared", locale, label=_capital(label), of=told, value=f"{{{r.id}.0.{m}}}",
        before=f"{{{r.id}.0.{m}_before}}", period=f"{{{r.id}.period}}", that=f"{{{r.id}.compare_period}}",
        change=change,
    )  # fmt: skip


def _factors(factors: Receipt | None, locale: str) -> str:
    told = factors_said(factors, locale) if factors else ""
    return told and _capital(told) + ("。" if locale == "zh" else ".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _above_zero(value: Cell) -> bool:
    return isinstance(value, int | float) and value > 0


def _drivers(r: Receipt, locale: str) -> str:
    """The largest drivers with what each of them adds."""
    rows = sorted(driver_rows(r.result), key=lambda i: (-abs(_added(r, i)), i))
    worth = [i for i in rows[:MOST_DRIVERS] if abs(_added(r, i)) > WORTH_SAYING * abs(_added(r, rows[0]))]
    parts = [_say("driver", locale, name=driver_name(r.result, i, locale), added=_change_of(r, i)) for i in worth]
    return _say("drivers", locale, parts=("，" if locale == "zh" else ", ").join(parts)) if parts else ""


def _found(r: Receipt, locale: str) -> str:
    ranks = {rank: i for i in range(len(r.result.rows)) if isinstance(rank := r.result.cell(i, "rank"), int)}
    if not ranks:
        return _say("nothing", locale) + _largest(r, locale)
    parts = [_part(r, ranks[rank], locale) for rank in sorted(ranks)]
    return _say("found", locale, parts=("；" if locale == "zh" else ", then ").join(parts))


def _largest(r: Receipt, locale: str) -> str:
    """Where nothing stands out: the product, customer and country that brought most of the change."""
    way = _added(r, 0)
    rows = [next((i for i in range(len(r.result.rows)) if _brought(r, i, BY + dim, way)), None) for dim in LARGEST]
    parts = [_part(r, i, locale) for i in rows if i is not None]
    told = _say("largest", locale, parts=("；" if locale == "zh" else ", ").join(parts)) if parts else ""
    return told if locale == "zh" else told and f" {told}"


def _brought(r: Receipt, row: int, split: str, way: float) -> bool:
    """Whether a row is a named part that went the way of the whole; the largest of a dimension stand first."""
    of, part = (r.result.cell(row, column) for column in ("split", "part"))
    return of == split and part not in NAMELESS and _added(r, row) * way > 0


def _part(r: Receipt, i: int, locale: str) -> str:
    m, split = metric_of(r.result), str(r.result.cell(i, "split"))
    whole = all(r.result.cell(i, c) is not None for c in (m, f"{m}_before"))
    form = FORMS.get(split) or ("one" if whole else "bare")
    is_new = _above_zero(r.result.cell(i, m)) if whole else False
    return _say(
        form, locale, kind=kind_name(split, locale), when=f"{{{r.id}.{'period' if is_new else 'compare_period'}}}",
        name=_part_name(r, i, locale), this=f"{{{r.id}.{i}.{m}}}", before=f"{{{r.id}.{i}.{m}_before}}",
        added=_change_of(r, i),
    )  # fmt: skip


def _part_name(r: Receipt, i: int, locale: str) -> str:
    """The shop's own names by reference; those of customer groups and baskets in Chinese too."""
    name = str(r.result.cell(i, "part"))
    return PARTS_ZH[name] if locale == "zh" and name in PARTS_ZH else f"{{{r.id}.{i}.part}}"


def driver_rows(result: Result) -> list[int]:
    return [i for i in range(len(result.rows)) if result.cell(i, "split") == DRIVER]


def driver_name(result: Result, row: int, locale: str) -> str:
    name = str(result.cell(row, "part"))
    return DRIVERS_ZH.get(name, name) if locale == "zh" else name


def kind_name(split: str, locale: str) -> str:
    """What a dimension or a pair of them is called."""
    return PAIR.join(_kind(d, locale) for d in split.removeprefix(BY).split(PAIR))


def _kind(dim: str, locale: str) -> str:
    if dim in KINDS:
        return KINDS[dim][locale == "zh"]
    return DIMENSIONS[dim].label_zh if locale == "zh" else DIMENSIONS[dim].label


def metric_of(result: Result) -> str:
    """The name of the figure's column."""
    return next(c.name.removesuffix("_change") for c in result.columns if c.name.endswith("_change"))


def _added(r: Receipt, row: int) -> float:
    value = r.result.cell(row, f"{metric_of(r.result)}_change")
    return float(value) if isinstance(value, int | float) and is_finite(value) else 0.0


def _change_of(r: Receipt, row: int) -> str:
    return f"{{{r.id}.{row}.{metric_of(r.result)}_change}}"
