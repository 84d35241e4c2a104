"""When stock runs out and how much to order, in plain sentences. Every number is a reference."""

from __future__ import annotations

from datetime import date, timedelta

from agent.foretold import END, GAP, KEYS, METHODS, NOTES_ZH, SIMPLE_ZH
from agent.proof.headings import heading
from agent.read_as import SEPARATOR, conditions
from agent.receipts import Receipt
from tools.forecast.reorder import ASSUMED, NOT_ORDERED, ONLY_SOONEST, OUT, SOME_UNKNOWN

SHOWN = ("what", "stock", "runs_out", "to_order", "order_by")
T: dict[str, tuple[str, str]] = {
    "runs_out": (
        "{of}{stock} on hand are expected to last until **{runs_out}**",
        "{of}现有库存 {stock}，预计在 **{runs_out}** 售罄",
    ),
    "between": (
        "; {inside} times out of {all}, they run out between {earliest} and {latest}.",
        "；{all} 次中有 {inside} 次在 {earliest} 到 {latest} 之间售罄。",
    ),
    "from": (
        "; {inside} times out of {all}, that is {earliest} at the earliest, and later than {until} at the latest.",
        "；{all} 次中有 {inside} 次不早于 {earliest}，最晚则在 {until} 之后。",
    ),
    "lasts": (
        "{of}{stock} on hand are expected to last beyond {until}, which is as far as can be looked ahead.",
        "{of}现有库存 {stock}，预计可以卖到 {until} 之后，更远无法预测。",
    ),
    "perhaps": (" They may run out from {earliest} on.", "但最早可能在 {earliest} 售罄。"),
    "gone": ("{of}nothing is left of it: it is out of stock.", "{of}已经没有库存。"),
    "order": (
        "Order **{order}**{by}: until {cover_until}, about {demand} are expected to be wanted, and with {up_to} on "
        "hand or on the way nothing is missing {service} of the time.",
        "建议订货 **{order}**{by}：到 {cover_until} 预计需要约 {demand}，备到 {up_to} 可在 {service} 的情况下不缺货。",
    ),
    "late": ("Even an order placed now comes after that.", "即使现在下单，也要在那之后才到货。"),
    "by": (" by {order_by}", "，最迟在 {order_by} 下单"),
    "enough": (
        "Nothing needs to be ordered yet: until {cover_until}, about {demand} are expected to be wanted, and {up_to} "
        "suffice {service} of the time.",
        "暂时无需订货：到 {cover_until} 预计需要约 {demand}，{up_to} 即可在 {service} 的情况下满足需求。",
    ),
    "terms": (
        "That is with a delivery {lead} days after its order, and an order every {review} days.",
        "按下单后 {lead} 天到货、每 {review} 天订一次货计算。",
    ),
    "assumed": (
        "Nobody said {what}, so that is assumed: tell me yours and it is counted anew.",
        "{what}没有说明，以上是假设值：告诉我实际情况即可重新计算。",
    ),
    "rests": ("It rests on {way}", "依据：{way}"),
    "tested": (
        "; over the last {n} such periods, its forecasts were off by {error} on average",
        "；过去 {n} 个同样长的时期里平均偏差 {error}",
    ),
    "soonest": ("These run out first:", "最先售罄的是："),
    "already": ("Out of stock already, those most wanted first:", "已经没有库存，需求最大的在前："),
    "label": ("stock", "库存"),
}  # fmt: skip
TERMS = {
    "lead_days": ("how long a delivery takes", "到货时间"),
    "review_days": ("how often you order", "订货间隔"),
    "service": ("how sure it is to be", "不缺货的把握"),
}
AND = (", ", "、")
SAID_ZH = {
    **NOTES_ZH,
    SOME_UNKNOWN: "库存未知的商品不在其中。",
    OUT: "缺货期间没有销售，因此实际需求可能更大。",
    ONLY_SOONEST: "还有其他商品，这里是最先售罄的。",
    NOT_ORDERED: "数据中没有在途订货，因此未计入。",
}


def restocked(r: Receipt, locale: str) -> str:
    """The answer as markdown with references: sentences on one thing, else a table of those that run out first."""
    chinese = locale == "zh"
    body = [_one(r, chinese)] if len(r.result.rows) == 1 else _list(r, chinese)
    return "\n\n".join(
        filter(None, [*body, _terms(r, chinese), _who(r, chinese), _notes(r, chinese), _read(r, locale)])
    )


def _say(key: str, chinese: bool, **told: str) -> str:
    return T[key][chinese].format(**told)


def _cell(r: Receipt, column: str, row: int = 0) -> str:
    return f"{{{r.id}.{row}.{column}}}"


def _one(r: Receipt, chinese: bool) -> str:
    late = GAP[chinese] + _say("late", chinese) if _is_late(r) else ""
    return "\n\n".join((_until(r, chinese) + late, _order(r, chinese)))


def _is_late(r: Receipt) -> bool:
    """Whether it is likely to be out before what is ordered now has come."""
    out, lead = r.result.cell(0, "runs_out"), r.result.cell(0, "lead_days")
    comes = date.fromisoformat(r.result.input["period"]["start"]) + timedelta(days=float(str(lead)))
    return out is not None and date.fromisoformat(str(out)) < comes


def _until(r: Receipt, chinese: bool) -> str:
    """When it runs out: a day and the days it lies between, as far as can be looked."""
    held = {name: r.result.cell(0, name) for name in ("what", "runs_out", "runs_out_earliest", "runs_out_latest")}
    of = "" if held["what"] is None else f"{_cell(r, 'what')}{'：' if chinese else ': '}"
    cells = {
        "of": of, "stock": _cell(r, "stock"), "runs_out": _cell(r, "runs_out"), "until": _cell(r, "looked_until"),
        "earliest": _cell(r, "runs_out_earliest"), "latest": _cell(r, "runs_out_latest"),
        "inside": _cell(r, "times_inside"), "all": _cell(r, "times_in_all"),
    }  # fmt: skip
    if float(r.result.cell(0, "stock") or 0) <= 0:
        return _say("gone", chinese, **cells)
    if held["runs_out"] is None:
        may = _say("perhaps", chinese, **cells) if held["runs_out_earliest"] else ""
        return _say("lasts", chinese, **cells) + may
    between = "between" if held["runs_out_latest"] else "from"
    return _say("runs_out", chinese, **cells) + _say(between, chinese, **cells)


def _order(r: Receipt, chinese: bool) -> str:
    by = _say("by", chinese, order_by=_cell(r, "order_by")) if r.result.cell(0, "order_by") else ""
    return _say(
        "order" if r.result.cell(0, "to_order") else "enough", chinese, order=_cell(r, "to_order"), by=by,
        cover_until=_cell(r, "cover_until"), demand=_cell(r, "demand"), up_to=_cell(r, "order_up_to"),
        service=_cell(r, "service"),
    )  # fmt: skip


def _list(r: Receipt, chinese: bool) -> list[str]:
    out = [float(r.result.cell(row, "stock") or 0) <= 0 for row in range(len(r.result.rows))]
    here, gone = ([row for row, is_out in enumerate(out) if is_out == which] for which in (False, True))
    lists = (("soonest", here, SHOWN), ("already", gone, ("what", "to_order")))
    return [f"{_say(key, chinese)}\n\n{_table(r, chinese, rows, names)}" for key, rows, names in lists if rows]


def _table(r: Receipt, chinese: bool, rows: list[int], names: tuple[str, ...]) -> str:
    columns = [c for name in names for c in r.result.columns if c.name == name]
    head = [heading(c, "zh" if chinese else "en") for c in columns]
    rule = ["---" if c.is_key else "---:" for c in columns]
    lines = [[_shown(r, row, c.name) for c in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def _shown(r: Receipt, row: int, column: str) -> str:
    return "–" if r.result.cell(row, column) is None else _cell(r, column, row)


def _terms(r: Receipt, chinese: bool) -> str:
    told = _say("terms", chinese, lead=_cell(r, "lead_days"), review=_cell(r, "review_days"))
    assumed = AND[chinese].join(TERMS[name][chinese] for name, note in ASSUMED.items() if note in r.result.notes)
    return told + (GAP[chinese] + _say("assumed", chinese, what=assumed) if assumed else "")


def _who(r: Receipt, chinese: bool) -> str:
    """Whose forecast it is, and how far off such ones were: of one thing."""
    simple = "".join((SIMPLE_ZH[n] if chinese else n) + GAP[chinese] for n in r.result.notes if n in SIMPLE_ZH)
    if len(r.result.rows) > 1:
        return simple.strip()
    told = _say("rests", chinese, way=METHODS[KEYS[str(r.result.cell(0, "method"))]][chinese])
    if r.result.cell(0, "error") is not None:
        told += _say("tested", chinese, n=_cell(r, "periods_tested"), error=_cell(r, "error"))
    return simple + told + END[chinese]


def _notes(r: Receipt, chinese: bool) -> str:
    notes = [n for n in r.result.notes if n in SAID_ZH]
    return "".join(SAID_ZH[n] for n in notes) if chinese else " ".join(notes)


def _read(r: Receipt, locale: str) -> str:
    what = r.result.input["what"]
    names = [name for name in ([what] if isinstance(what, str) else what) if name]
    of = conditions({"where": r.result.input["where"]}, locale) or names
    lead = "理解为：" if locale == "zh" else "Read as: "
    return f"_{lead}{SEPARATOR.join([T['label'][locale == 'zh'], *of, f'{{{r.id}.period}}'])}_"
