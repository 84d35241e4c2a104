"""Which metric a question asks for, and whether as a share, a quotient or a change."""

from __future__ import annotations

import re

from agent.planner.frame import Frame
from agent.planner.lexer import Lexed, Tag
from agent.planner.named import excluded
from agent.planner.slots import free, take

PER = {
    **dict.fromkeys(("order", "orders", "purchase", "transaction", "basket"), "orders"),
    **dict.fromkeys(("customer", "buyer", "client", "head"), "customers"),
}
PER_LENGTH = {
    "day": "days",
    "week": "weeks",
    "month": "months",
    "天": "days",
    "日": "days",
    "周": "weeks",
    "月": "months",
}
COUNTED = {"order": "orders", "customer": "customers", "product": "products"}
PIECES = frozenset(
    {"item", "items", "goods", "件"}
)  # 'how many items' counts pieces, 'how many products' counts products
NET = re.compile(  # 'sales less money given back'
    r"\b(?:revenue|sales|turnover|takings)(?: \w+){0,6} (?:less|minus|net of|after deducting) (?:\w+ ){0,3}"
    r"(?:back|refund(?:s|ed)?|return(?:s|ed)?)\b"
    r"|\bafter (?:the |all )?(?:refunds|returns)\b(?! (?:rate|in|of|from)\b)"
    r"|\b(?:once|after|when|with) (?:the |all |any )?(?:refunds|returns) (?:are|were|have been|had been|being) "
    r"(?:deducted|taken off|subtracted|removed|taken out|off)\b(?:, what (?:was|is|'s) left)?",
    re.I,
)
GOODS_ALONE = frozenset({"revenue", "net_revenue", "average_order_value", "gross_profit", "margin"})
NO_SHIPPING = re.compile(  # of goods' money, there is none in it
    r"\b(?:excluding|without|not counting|excl\.?|leaving out) (?:any )?(?:carriage|shipping|postage|delivery)"
    r"(?: charges| costs| fees)?\b",
    re.I,
)
GUESTS_OUT = re.compile(
    r"\bguests? (?:do(?:n'?t| not)|are(?:n'?t| not)|not) (?:to be )?(?:count(?:ed)?|included|in)\b"
    r"|\b(?:do(?:n'?t| not)|not) count(?:ing)? (?:the )?guests?\b",
    re.I,
)
IN_MONEY = re.compile(
    r"\b(?:most|more|least|less) money\b|\bspen[dt] (?:the )?(?:most|more|least|less)\b"
    r"|\b(?:money|cash|value)[ -]?wise\b"
    r"|\b(?:in|by) (?:money|cash|value|pounds|euros|dollars|sterling)(?: terms)?\b",
    re.I,
)
USUAL = ("average", "typical", "normal", "usual")
AVERAGE = ("average", "avg", "mean", "均")


def read_measures(lexed: Lexed, frame: Frame) -> None:
    per = _per(lexed, frame)
    named = [t for t in free(lexed, "metric") if not _replaced(lexed, t)]
    # Where each only says which, the subject counts: first in English, last in Chinese.
    asked = [t for t in named if not _only_says_what(lexed, t)] or named[-1 if lexed.chinese else 0 :][:1]
    if not frame.metrics:
        frame.metrics = list(dict.fromkeys(t.value for t in asked))
    take(lexed, *free(lexed, "metric"))
    if not frame.metrics and IN_MONEY.search(lexed.text):
        frame.metrics = ["revenue"]
    _from_verbs(lexed, frame, bool(per))
    if not frame.metrics and frame.share and any(w.get("group") == "customer" for w in frame.where):
        frame.metrics = ["customers"]
    _settle(lexed, frame)
    frame.per = per
    if per and frame.metrics:
        frame.metrics = [f"{frame.metrics[0]} / {per}"]


def _only_says_what(lexed: Lexed, t: Tag) -> bool:
    """'customers' or 'orders' that only say whose or which, beside another metric: not counted, not in a list."""
    others = [x for x in lexed.of("metric") if x.value != t.value and x.first not in lexed.taken]
    asked = [x for x in lexed.of("ask") if x.value == "how_many"]
    counted = any(0 < t.first - x.last <= 3 or (lexed.chinese and 0 < x.first - t.last <= 2) for x in asked)
    listed = any(lexed.word(k) in ("and", ",", "&", "plus", "和", "、", "与") for k in (t.first - 1, t.last + 1))
    return t.value in ("customers", "orders", "products", "units") and bool(others) and not counted and not listed


def _replaced(lexed: Lexed, t: Tag) -> bool:
    """'orders instead of revenue': what stands behind 'instead of' is what is no longer asked for."""
    return any(x.last < t.first <= x.last + 2 and lexed.word(x.last + 1) == "of" for x in lexed.of("instead")) or (
        lexed.word(t.first - 1) == "not" or lexed.word(t.first - 2) + lexed.word(t.first - 1) == "ratherthan"
    )


def _per(lexed: Lexed, frame: Frame) -> str | None:
    """'shipping per order', 'revenue per customer', 'orders per day on average'."""
    averaged = any(t.text in AVERAGE for t in lexed.tokens)
    for i, token in enumerate(lexed.tokens):
        inside = any(t.kind == "metric" and t.first < i <= t.last for t in lexed.tags)
        if token.text not in ("per", "a", "each", "every", "每") or i in lexed.taken or inside:
            continue
        noun = lexed.word(i + 1)
        pointed = token.text == "each" and lexed.has("pronoun")  # 'how many is that for each order'
        if noun in PER and (token.text == "per" or (token.text in ("each", "每") and (averaged or pointed))):
            lexed.taken.update((i, i + 1))
            frame.dims = [d for d in frame.dims if d != {"orders": "order", "customers": "customer"}[PER[noun]]]
            return PER[noun]
        trading = noun in ("trading", "working", "business")
        length = lexed.word(i + 2) if trading or noun in ("calendar", "single", "个") else noun
        if averaged and length in PER_LENGTH:
            lexed.taken.update(range(i, i + 2 if length == noun else i + 3))
            frame.dims = [d for d in frame.dims if d != length]
            frame.grain = None if frame.grain == length else frame.grain
            return "trading_days" if trading and length == "day" else PER_LENGTH[length]
    for i, token in enumerate(lexed.tokens):  # 'on an average day'
        if token.text in USUAL and lexed.word(i + 1) in PER_LENGTH and i not in lexed.taken:
            lexed.taken.update((i, i + 1))
            frame.dims = [d for d in frame.dims if d != lexed.word(i + 1)]
            return PER_LENGTH[lexed.word(i + 1)]
    for t in lexed.of("grain"):
        adverb = {"daily": "days", "weekly": "weeks", "monthly": "months"}.get(lexed.word(t.first))
        if averaged and adverb and t.first == t.last:
            frame.grain = None
            lexed.taken.add(t.first)
            return adverb
    return None


def _from_verbs(lexed: Lexed, frame: Frame, per_only: bool) -> None:
    """Where no noun says what is measured, the verb does: 'how many … did we sell', 'how much did he spend'."""
    verbs = {t.value for t in lexed.of("verb")}
    ask = {t.value for t in lexed.of("ask")}
    if "how_many" in ask and not frame.metrics:
        nouns = [t for t in free(lexed, "dim") if t.value in COUNTED]
        frame.metrics = ["units" if lexed.word(t.first) in PIECES else COUNTED[t.value] for t in nouns][:1]
        kind = kind_of_customers(lexed)
        frame.metrics = kind if not frame.metrics and kind != ["customers"] else frame.metrics
    if not frame.metrics:
        metric = _of_verbs(verbs, ask, frame, per_only)
        frame.metrics = [metric] if metric else []
    elif {"how_many", "how_much"} <= ask and len(frame.metrics) == 1:  # 'how many orders, and how much did we take'
        paid = verbs & {"sell", "earn", "spend"}
        much = _of_verbs(paid or verbs, {"how_much"}, frame, per_only)
        frame.metrics = list(dict.fromkeys([*frame.metrics, *([much] if much else [])]))


def _of_verbs(verbs: set[str], ask: set[str], frame: Frame, per_only: bool) -> str | None:
    ranking = frame.ranked and bool(frame.dims or frame.grain)
    money = bool(verbs & {"sell", "earn", "spend"}) or "how_much" in ask
    rules = (
        ("how_often" in ask, "orders"),
        ("refund" in verbs or ("return" in verbs and "how_much" in ask), "refunds"),
        ("return" in verbs, "returned_units"),
        ("how_many" in ask and bool(verbs & {"sell", "buy"}) and not frame.dims, "units"),
        ("orders" in frame.asks, "orders"),
        (ranking or "charge" in verbs or (money and (bool(verbs) or not per_only)), "revenue"),
    )
    return next((metric for holds, metric in rules if holds), None)


def _settle(lexed: Lexed, frame: Frame) -> None:
    """Words that together mean another metric than each alone."""
    m = frame.metrics
    if m == ["retention"]:
        frame.share = False
    if (net := NET.search(lexed.text)) and set(m) <= {"revenue", "refunds", "returns"}:
        frame.metrics = m = ["net_revenue"]
        lexed.cover(*net.span())
    without, goods = NO_SHIPPING.search(lexed.text), [x for x in m if x != "shipping_income"]
    if without and goods and set(goods) <= GOODS_ALONE:
        frame.metrics = m = goods
        lexed.cover(*without.span())
    customers = lexed.has("metric", "customers") or lexed.has("dim", "customer")
    if m == ["units"] and lexed.has("verb", "return") and not customers:
        frame.metrics = m = ["returned_units"]
    if frame.asks & {"orders"} and m == ["revenue"] and not any(t.value == "revenue" for t in lexed.of("metric")):
        frame.metrics = m = ["orders"]
    _settle_guests(lexed, frame)
    if frame.share and set(m) in ({"margin", "revenue"}, {"gross_profit", "revenue"}):
        frame.metrics, frame.share = ["margin"], False
    if frame.share and set(m) == {"refunds", "revenue"}:
        frame.metrics, frame.share = ["refund_rate"], False
    parts = {"new_customers": "customers", "returning_customers": "customers"}
    if frame.share and m and m[0] in parts:
        frame.metrics, frame.share = [f"{m[0]} / {parts[m[0]]}"], False
    if len(m) > 1 and "customers" in m and set(m) & {"new_customers", "returning_customers"} and not _listed(lexed):
        frame.metrics = [x for x in m if x != "customers"]
    if "returns" in m and len(m) > 1:
        frame.metrics = [x for x in frame.metrics if x != "returns"]
    if frame.metrics == ["customers"]:
        frame.metrics = kind_of_customers(lexed)


def _settle_guests(lexed: Lexed, frame: Frame) -> None:
    m, guests = frame.metrics, [t for t in lexed.of("known") if t.value == "guest"]
    take(lexed, *guests)
    if leave_out_guests(lexed, frame):
        return
    if guests and "guest_orders" not in m and "guest_share" not in m:
        if frame.share and (not m or "orders" in m):
            frame.metrics, frame.share = ["guest_share"], False
        elif m == ["orders"]:
            frame.metrics = ["guest_orders"]
        else:
            frame.where.append({"field": "customer", "op": "is unknown"})
    if frame.share and "guest_orders" in m:
        frame.metrics, frame.share = ["guest_share"], False


def leave_out_guests(lexed: Lexed, frame: Frame) -> bool:
    """'Without guests': only known customers count, as they do anyhow where customers are counted."""
    guests = [t for t in lexed.tags if t.value in ("guest", "guest_orders")]
    said = GUESTS_OUT.search(lexed.text)
    if said:
        lexed.cover(*said.span())
    elif not any(excluded(lexed, t.first) for t in guests):
        return False
    frame.metrics = [m for m in frame.metrics if m != "guest_orders"]
    if "customers" not in frame.metrics:
        frame.where.append({"field": "customer", "op": "is known"})
    return True


def guests_alone(lexed: Lexed, frame: Frame) -> None:
    """'Average order value for guests': they only say whose, beside another figure."""
    said = lexed.has("known", "guest") and not lexed.has("metric", "guest_orders")
    if said and len(frame.metrics) > 1 and "guest_orders" in frame.metrics:
        frame.metrics = [m for m in frame.metrics if m != "guest_orders"]
        frame.where.append({"field": "customer", "op": "is unknown"})


def kind_of_customers(lexed: Lexed) -> list[str]:
    """'how many of them were new' counts the new ones."""
    if lexed.has("known", "new"):
        return ["new_customers"]
    return ["returning_customers"] if lexed.has("known", "back") else ["customers"]


def _listed(lexed: Lexed) -> bool:
    return any(t.text in ("and", ",", "&", "和", "、") for t in lexed.tokens)
