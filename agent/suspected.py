"""The orders that look suspicious, put into prose with references: which, why, and what the score is not."""

from __future__ import annotations

from collections.abc import Sequence

from agent.receipts import Receipt, table
from tools.fraud.asked import WHOLE_HISTORY
from tools.fraud.attributions import ORDER, ORIGIN, TIME
from tools.fraud.policy import LOOK, PASS, REFUSE
from tools.fraud.reasons import SEPARATOR, said
from tools.fraud.tool import BY_HABITS, BY_RULES, NO_PROBABILITY, PROBABILITY, UNUSABLE
from tools.fraud.unusual import ABROAD, AMOUNT, BULK, FAST, NIGHT, SHARED, UNEXPECTED, UNLIKE

SHOWN = ("order_id", "day", "amount", "unusual", "probability", "at_risk", "advice", "reasons", "linked")
T: dict[str, tuple[str, str]] = {
    "list": (
        "Of {of} orders in {period}, these stand out most, the likeliest first:",
        "{period}的 {of} 笔订单中，以下最为可疑，最可疑的在前：",
    ),
    "a_day": (
        "Of {of} orders in {period}, with {per_day} to look at each day, these have the most to lose:",
        "{period}的 {of} 笔订单中，若每天审核 {per_day} 笔，以下损失风险最大：",
    ),
    "a_day_unusual": (
        "Of {of} orders in {period}, with {per_day} to look at each day, these are the most unusual:",
        "{period}的 {of} 笔订单中，若每天审核 {per_day} 笔，以下最为异常：",
    ),
    "linked_list": (
        "Orders of the same {entity} as order {order}, of {of} in {period}, the likeliest first:",
        "{period}的 {of} 笔订单中，与订单 {order} 同一{entity}的订单，最可疑的在前：",
    ),
    "one": (
        "Order **{order}** of {day}, worth {amount}, is number {rank} of {of} in {period} by how unusual they are: "
        "{reasons}.",
        "{day}的订单 **{order}**，金额 {amount}，按异常程度在{period}的 {of} 笔订单中排第 {rank}：{reasons}。",
    ),
    "likely": (
        "Order **{order}** of {day}, worth {amount}, is fraud with a probability of {probability}, which puts "
        "{at_risk} at risk; it is number {rank} of {of} in {period}. What raised it: {reasons}.",
        "{day}的订单 **{order}**，金额 {amount}，欺诈概率 {probability}，风险金额 {at_risk}，在{period}的 {of} 笔订单中"
        "排第 {rank}。主要原因：{reasons}。",
    ),
    "nothing": ("nothing about it stands out", "没有异常之处"),
    "linked": ("Orders that share a device or address with it: {orders}.", "与其共用设备或地址的订单：{orders}。"),
    "read": ("Read as: suspicious orders · {period}", "理解为：可疑订单 · {period}"),
}
NOTES_ZH = {
    PROBABILITY: "概率来自根据已知欺诈与正常订单训练的模型。",
    NO_PROBABILITY: "这里显示的是订单根据之前的情况有多异常，并非欺诈概率。",
    BY_RULES: "仅依据规则：尚未从本店订单中学习每位顾客的习惯。",
    BY_HABITS: "除规则外，还依据从本店订单（无标记）学到的习惯。",
    UNUSABLE: "本店的欺诈模型无法使用，因此未用它，需要重新训练。",
    WHOLE_HISTORY: "未指定时期，因此为全部历史。",
}
ENTITIES = {None: ("device or address", "设备或地址"), "device": ("device", "设备"), "address": ("address", "地址"),
            "customer": ("customer", "顾客")}  # fmt: skip
ADVICE_ZH = {LOOK: "审核", PASS: "放行", REFUSE: "拒绝"}


REASONS_ZH = {
    AMOUNT: "金额异常大或含贵重商品", BULK: "同一商品数量异常多", UNLIKE: "远超该顾客平时的消费",
    ABROAD: "送往顾客所在国以外", UNEXPECTED: "下单的来源或方式与该顾客的历史不符",
    NIGHT: "在几乎无人下单的时段", f"{FAST} customer": "同一顾客短时间内订单异常多",
    f"{FAST} device": "同一设备短时间内订单异常多", f"{FAST} address": "同一网络地址短时间内订单异常多",
    ORDER: "所购商品与金额", TIME: "下单时间", ORIGIN: "来源地与支付方式", "customer": "该顾客的情况",
    "device": "该设备的情况", "address": "该网络地址的情况", f"{SHARED} device": "多个顾客共用一台设备",
    f"{SHARED} address": "多个顾客共用一个网络地址",
}  # fmt: skip


def suspected(r: Receipt, locale: str, beside: Sequence[str] = ()) -> str:
    """The answer as markdown with references: a table of the orders, or a sentence on each that was asked about; then
    what is told `beside` them."""
    chinese = locale == "zh"
    asked = r.result.input["order_ids"]
    body = [_one(r, row, chinese) for row in range(len(r.result.rows))] if asked else [_list(r, locale)]
    notes = [n for n in r.result.notes if n in NOTES_ZH]
    said_too = "".join(NOTES_ZH[n] for n in notes) if chinese else " ".join(notes)
    return "\n\n".join([*body, *beside, said_too, f"_{_say('read', chinese, period=_period(r))}_"])


def _say(key: str, chinese: bool, **parts: str) -> str:
    return T[key][chinese].format(**parts)


def _period(r: Receipt) -> str:
    return f"{{{r.id}.period}}"


def _list(r: Receipt, locale: str) -> str:
    chinese = locale == "zh"
    there = {c.name for c in r.result.columns} - ({"advice"} if r.result.input["per_day"] else set())
    columns = [name for name in SHOWN if name in there]
    shown = table(r, locale, columns, len(r.result.rows))
    for row in range(len(r.result.rows)):
        shown = shown.replace(f"{{{r.id}.{row}.reasons}}", _reasons(r, row, chinese))
        if chinese and "advice" in columns:
            shown = shown.replace(f"{{{r.id}.{row}.advice}}", ADVICE_ZH[str(r.result.cell(row, "advice"))])
    return f"{_lead(r, chinese)}\n\n{shown}"


def _lead(r: Receipt, chinese: bool) -> str:
    told = {"of": f"{{{r.id}.0.of}}", "period": _period(r)}
    asked = r.result.input
    if asked["linked_to"]:
        place = next((i for i, row in enumerate(r.result.rows) if row[0] == asked["linked_to"]), None)
        order = f"{{{r.id}.{place}.order_id}}" if place is not None else ""
        return _say("linked_list", chinese, entity=ENTITIES[asked["by"]][chinese], order=order, **told)
    if asked["per_day"]:
        is_model = any(c.name == "probability" for c in r.result.columns)
        return _say("a_day" if is_model else "a_day_unusual", chinese, per_day=f"{{{r.id}.0.per_day}}", **told)
    return _say("list", chinese, **told)


def _reasons(r: Receipt, row: int, chinese: bool) -> str:
    """By reference; in Chinese in its own words."""
    told = str(r.result.cell(row, "reasons") or "")
    if not told:
        return _say("nothing", chinese)
    known = {said(reason): text for reason, text in REASONS_ZH.items()}
    parts = [known.get(part) for part in told.split(SEPARATOR)]
    return "；".join(filter(None, parts)) if chinese and all(parts) else f"{{{r.id}.{row}.reasons}}"


def _one(r: Receipt, row: int, chinese: bool) -> str:
    is_model = any(c.name == "probability" for c in r.result.columns)
    names = ("day", "amount", "rank", "of", *(("probability", "at_risk") if is_model else ()))
    cells = {name: f"{{{r.id}.{row}.{name}}}" for name in names}
    order, reasons = f"{{{r.id}.{row}.order_id}}", _reasons(r, row, chinese)
    told = _say("likely" if is_model else "one", chinese, order=order, reasons=reasons, period=_period(r), **cells)
    if not r.result.cell(row, "linked_orders"):
        return told
    return f"{told} {_say('linked', chinese, orders=f'{{{r.id}.{row}.linked_orders}}')}"
