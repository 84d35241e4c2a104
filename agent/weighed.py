"""What looking at suspicious orders costs and saves, and whether groups are treated alike, in prose with references."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.plan import Call
from agent.receipts import Receipt, table
from tools.contract import Result
from tools.fraud.costs import costs_of
from tools.fraud.unequal import EVEN

SCORES, REVIEWS, FAIRNESS = "score_fraud", "plan_reviews", "check_fairness"
GROUPS = ("kind", "group", "flagged", "flagged_low", "flagged_high", "good")
T: dict[str, tuple[str, str]] = {
    "taken": (
        "A review is taken to cost {review_cost}, a chargeback {chargeback_cost} beside the order's amount, and a good "
        "order that is refused {refused_cost}; say so if yours differ.",
        "按审核一单 {review_cost}、拒付在订单金额之外 {chargeback_cost}、误拒一笔正常订单 {refused_cost} 计算；"
        "如有不同请告诉我。",
    ),
    "worth": (
        "An order of the usual {usual_amount} is then worth a look from a probability of {threshold} on. In {period} "
        "that makes {reviewed} to review and {refused} to refuse, of {orders} orders.",
        "因此，对一般金额 {usual_amount} 的订单，欺诈概率达到 {threshold} 就值得审核。{period}的 {orders} 笔订单中，"
        "需审核 {reviewed} 笔，可直接拒绝 {refused} 笔。",
    ),
    "worth_even": (
        "Each group by {kind} has a threshold of its own, so that good orders of all are flagged equally often. In "
        "{period} that makes {reviewed} to review and {refused} to refuse, of {orders} orders.",
        "按{kind}各组采用各自的阈值，使各组正常订单被标记的比例相同：{period}的 {orders} 笔订单中，"
        "需审核 {reviewed} 笔，可直接拒绝 {refused} 笔。",
    ),
    "a_day": (
        "With {per_day} a day, those with the most to lose, {reviewed} of the {orders} orders in {period} are looked "
        "at.",
        "每天审核损失风险最大的 {per_day} 笔，{period}的 {orders} 笔订单中共审核 {reviewed} 笔。",
    ),
    "saves": (
        "By the model's own probabilities this catches {caught} frauds and misses {missed}. It costs {cost} in all, "
        "what is missed included, where looking at nothing would lose {unchecked}: that saves {saved}.",
        "按模型自身的概率，可发现 {caught} 起欺诈，漏掉 {missed} 起。总成本（含漏掉的损失）{cost}；"
        "若完全不审核则损失 {unchecked}，因此节省 {saved}。",
    ),
    "loses": (
        "By the model's own probabilities this catches {caught} frauds and misses {missed}. It costs {cost} in all, "
        "what is missed included, and looking at nothing would lose only {unchecked}: it isn't worth it.",
        "按模型自身的概率，可发现 {caught} 起欺诈，漏掉 {missed} 起。总成本（含漏掉的损失）{cost}，"
        "而完全不审核只损失 {unchecked}：并不划算。",
    ),
    "tested": (
        "On the last {tested_orders} labelled orders, which the model had not learned from, it would have caught "
        "{tested_caught} of {tested_frauds} frauds with {tested_reviewed} reviews and {tested_refused} refusals, and "
        "saved {tested_saved}.",
        "在模型未学习过的最近 {tested_orders} 笔有标记的订单上，审核 {tested_reviewed} 笔、拒绝 {tested_refused} "
        "笔，可发现 {tested_frauds} 起欺诈中的 {tested_caught} 起，节省 {tested_saved}。",
    ),
    "tested_loses": (
        "On the last {tested_orders} labelled orders, which the model had not learned from, it would have caught "
        "{tested_caught} of {tested_frauds} frauds with {tested_reviewed} reviews, and cost more than it saved.",
        "在模型未学习过的最近 {tested_orders} 笔有标记的订单上，审核 {tested_reviewed} 笔可发现 "
        "{tested_frauds} 起欺诈中的 {tested_caught} 起，但得不偿失。",
    ),
    "instead": (
        "Looking at all that is worth it would be {reviewed} reviews: it would catch {caught} and save {saved}.",
        "若审核所有值得审核的订单，需审核 {reviewed} 笔，可发现 {caught} 起，节省 {saved}。",
    ),
    "unknown": (
        "What mistakes cost can't be weighed without probabilities, and those take labels: {known_frauds} orders are "
        "known for fraud and {known_fine} for none, and {needed} of each are needed. Tell which were fraud and which "
        "were fine with `./storewise label fraud ORDER` and `./storewise label fine ORDER`, or many at once with "
        "`./storewise label --file FILE`; then `./storewise train fraud` learns from them.",
        "没有概率就无法权衡成本，而概率需要标记：目前已知欺诈 {known_frauds} 笔、正常 {known_fine} 笔，"
        "各需 {needed} 笔。"
        "请用 `./storewise label fraud 订单号` 和 `./storewise label fine 订单号` 标记，"
        "或用 `./storewise label --file 文件` 批量标记，然后用 `./storewise train fraud` 训练。",
    ),
    "untrained": (
        "What mistakes cost can't be weighed without probabilities, and the shop has no model of its own yet: "
        "{known_frauds} orders are known for fraud and {known_fine} for none, which is enough for "
        "`./storewise train fraud`.",
        "没有概率就无法权衡成本，而本店尚无自己的模型：已知欺诈 {known_frauds} 笔、正常 {known_fine} 笔，"
        "已足够用 `./storewise train fraud` 训练。",
    ),
    "uneven": (
        "Good orders are not treated alike by {kind}: of those of {low_group}, {low_rate} are flagged ({low_low} to "
        "{low_high}), of those of {high_group}, {high_rate} ({high_low} to {high_high}). The lower is {ratio} of the "
        "higher{chance}.",
        "按{kind}看，正常订单的待遇不一致。{low_group}：{low_rate} 被标记（{low_low} 至 {low_high}）。"
        "{high_group}：{high_rate} 被标记（{high_low} 至 {high_high}）。前者与后者之比为 {ratio}{chance}。",
    ),
    "even": (
        "By {kind} good orders are treated alike: the lowest part that is flagged is {ratio} of the highest.",
        "按{kind}看，正常订单的待遇基本一致：最低与最高标记比例之比为 {ratio}。",
    ),
    "untold": (
        "By {kind} too few good orders are known to compare, or none would be flagged.",
        "按{kind}看，可比较的正常订单太少，或都不会被标记。",
    ),
    "evened": (
        "A threshold of its own for each group would make that {ratio_evened}; it would have caught {caught_evened} "
        "frauds instead of {caught}, and saved {saved_evened} instead of {saved}.",
        "若各组采用各自的阈值，该比值为 {ratio_evened}；发现的欺诈为 {caught_evened} 起（原为 {caught} 起），"
        "节省 {saved_evened}（原为 {saved}）。",
    ),
    "fair": (
        "Of the good orders among the last labelled ones, which the model had not learned from, this part would be "
        "flagged by group, and between these bounds it most likely lies:",
        "在模型未学习过的最近有标记的订单中，各组正常订单被标记的比例及其区间：",
    ),
    "read_fair": ("Read as: false positives by group", "理解为：各组的误报比例"),
}
CHANCE = (", which may be chance", "，可能只是偶然")
KINDS = {
    "country": ("country", "国家"),
    "customer": ("whether the customer is new", "新老顾客"),
    "age": ("age", "年龄"),
}
ZH = {"new": "新顾客", "returning": "老顾客", "country": "国家", "customer": "顾客", "age": "年龄", "unknown": "未知"}


def beside_calls(scored: Result) -> tuple[Call, ...]:
    """What a list of suspicious orders is told with: what looking costs and saves, and whether groups are treated
    alike. Without probabilities the first alone, where costs or so many a day were asked for."""
    asked = scored.input
    if scored.tool != SCORES or asked["order_ids"] or asked["linked_to"]:
        return ()
    has_model = any(c.name == "probability" for c in scored.columns)
    currency = next(c.unit for c in scored.columns if c.name == "amount")
    if not has_model and not asked["per_day"] and asked["costs"] == costs_of(None, currency).as_dict():
        return ()
    how = {key: asked[key] for key in ("costs", "per_day") if asked[key]}
    even = {"even_by": asked["even_by"]} if asked["even_by"] else {}
    reviews = Call(REVIEWS, {"period": asked["period"], **how, **even})
    return (reviews, Call(FAIRNESS, how)) if has_model and not even else (reviews,)


def weighed(r: Receipt, locale: str) -> str:
    """What looking costs and saves, in a paragraph."""
    zh = locale == "zh"
    if not any(c.name == "saved" for c in r.result.columns):
        frauds, fine, needed = (int(r.result.cell(0, n) or 0) for n in ("known_frauds", "known_fine", "needed"))
        return _say("untrained" if min(frauds, fine) >= needed else "unknown", r, 0, zh)
    a_day = len(r.result.rows) - 1  # the second way, where there is one
    way = "a_day" if a_day else "worth_even" if r.result.input["even_by"] else "worth"
    first = [_say(key, r, a_day, zh) for key in (way, _by_sign("saves", "loses", r, a_day))]
    first.append(_say(_by_sign("tested", "tested_loses", r, a_day, "tested_saved"), r, a_day, zh))
    if a_day:
        first.append(_say("instead", r, 0, zh))
    return ("" if zh else " ").join([_say("taken", r, 0, zh), *first])


def uneven(r: Receipt, locale: str) -> str:
    """The kinds of groups that are not treated alike, and what evening that out would cost; "" where all are."""
    told = [text for kind in _kinds(r) if _is_uneven(r, kind) for text in [_on(r, kind, locale == "zh")]]
    return "\n\n".join(told)


def fairness(r: Receipt, locale: str) -> str:
    """The whole answer to whether groups are treated alike."""
    zh = locale == "zh"
    shown = table(r, locale, GROUPS, len(r.result.rows))
    for row in range(len(r.result.rows)) if zh else ():
        for column in ("kind", "group"):
            word = ZH.get(str(r.result.cell(row, column)))
            shown = shown.replace(f"{{{r.id}.{row}.{column}}}", word) if word else shown
    told = [_on(r, kind, zh) for kind in _kinds(r)]
    return "\n\n".join([*told, T["fair"][zh], shown, f"_{T['read_fair'][zh]}_"])


def _kinds(r: Receipt) -> dict[str, list[int]]:
    """The rows of each kind of groups."""
    found: dict[str, list[int]] = {}
    for row in range(len(r.result.rows)):
        found.setdefault(str(r.result.cell(row, "kind")), []).append(row)
    return found


def _is_uneven(r: Receipt, kind: str) -> bool:
    ratio = r.result.cell(_kinds(r)[kind][0], "ratio")
    return isinstance(ratio, float) and ratio < EVEN


def _on(r: Receipt, kind: str, zh: bool) -> str:
    rows = _kinds(r)[kind]
    named = KINDS[kind][zh]
    ratio = r.result.cell(rows[0], "ratio")
    if not isinstance(ratio, float):
        return T["untold"][zh].format(kind=named)
    if not _is_uneven(r, kind):
        return T["even"][zh].format(kind=named, ratio=f"{{{r.id}.{rows[0]}.ratio}}")
    return ("" if zh else " ").join(_unevenly(r, rows, named, zh))


def _unevenly(r: Receipt, rows: Sequence[int], kind: str, zh: bool) -> Iterator[str]:
    by_rate = sorted(rows, key=lambda row: float(r.result.cell(row, "flagged") or 0))
    ends = {"low": by_rate[0], "high": by_rate[-1]}
    told = {f"{end}_{name}": f"{{{r.id}.{row}.flagged{'_' * (name != 'rate')}{name.replace('rate', '')}}}"
            for end, row in ends.items() for name in ("rate", "low", "high")}  # fmt: skip
    groups = {f"{end}_group": _group(r, row, zh) for end, row in ends.items()}
    chance = CHANCE[zh] if r.result.cell(rows[0], "beyond_chance") == "no" else ""
    yield T["uneven"][zh].format(kind=kind, ratio=f"{{{r.id}.{rows[0]}.ratio}}", chance=chance, **told, **groups)
    if not chance and r.result.cell(rows[0], "ratio_evened") is not None:
        yield _say("evened", r, rows[0], zh)


def _group(r: Receipt, row: int, zh: bool) -> str:
    name = str(r.result.cell(row, "group"))
    if r.result.cell(row, "kind") == "customer" and not zh:
        return f"{name} customers"
    return ZH[name] if zh and name in ZH else f"{{{r.id}.{row}.group}}"


def _by_sign(gains: str, loses: str, r: Receipt, row: int, column: str = "saved") -> str:
    value = r.result.cell(row, column)
    return gains if isinstance(value, int | float) and value > 0 else loses


def _say(key: str, r: Receipt, row: int, zh: bool) -> str:
    """A sentence whose names are cells of a row."""
    cells = {c.name: f"{{{r.id}.{row}.{c.name}}}" for c in r.result.columns if c.name != "kind"}
    kind = KINDS.get(str(r.result.input.get("even_by")), ("", ""))[zh]
    return T[key][zh].format(period=f"{{{r.id}.period}}", kind=kind, **cells)
