"""Conditions on what a group comes to: 'more than 10 orders', 'over £1,000', 'only once', 'the top 10 %'."""

from __future__ import annotations

import re
from typing import Any

from agent.planner.frame import Frame, spoken_period
from agent.planner.lexer import Lexed, Tag
from agent.planner.slots import CURRENCY, THOUSANDS, free, number_at, take
from tools.metrics.dates import DAY, EPOCH
from tools.metrics.periods import Period, Span

MONEY_WORDS = frozenset("pounds pound euros euro dollars dollar gbp eur usd quid bucks yuan rmb 元 块 镑".split())
FIRST_ORDER = re.compile(r"\bfirst (?:ever )?(?:order|purchase|bought|ordered)|首单|第一次(?:下单|购买|买)", re.I)
WHO = re.compile(r"\b(?:every(?:body|one)|any(?:body|one)|people|those|all|folks|persons?) who\b", re.I)
EACH_THAT = re.compile(r"\b(?:that|who|which|have|had) each\b", re.I)
NOUNS = frozenset({"product", "customer", "order"})
UNIT_WORDS = frozenset(["units", "pieces", "items", "pcs", "件", "个"])


def read_conditions(lexed: Lexed, frame: Frame) -> None:
    _top_percent(lexed, frame)
    _once(lexed, frame)
    for i in range(len(lexed.tokens)):
        n = number_at(lexed, i)
        if n is not None:
            _threshold(lexed, frame, i, n)


def _threshold(lexed: Lexed, frame: Frame, i: int, n: float) -> None:
    comparator = _comparator(lexed, i)
    if comparator is None:
        return
    sign, tags = comparator
    if (sign, n) == (">=", 1) and _unit(lexed, i) in (
        "",
        "orders",
    ):  # 'orders with at least one pen' are those with a pen
        return take(lexed, *tags, Tag("than", sign, i, i))
    group, metric = _group_and_metric(lexed, _unit(lexed, i))
    first, last = min(i, *(t.first for t in tags)), max(i, *(t.last for t in tags))
    condition = {"op": sign, "value": _whole(n), "said": _phrase(lexed, first, last)}
    if group is None or metric is None:
        frame.threshold = condition
    else:
        frame.where.append({"group": group, "metric": metric, **condition})
    take(lexed, *tags)
    _take_unit(lexed, i)


def _whole(n: float) -> float | int:
    return int(n) if n == int(n) else n


def _phrase(lexed: Lexed, first: int, last: int) -> str:
    """The words of a condition as they were asked, with the unit behind them."""
    if lexed.word(last + 1) in UNIT_WORDS | MONEY_WORDS | {
        "times",
        "time",
        "orders",
        "purchases",
        "products",
        "%",
        "次",
        "单",
    }:
        last += 1
    return lexed.text[lexed.tokens[first].start : lexed.tokens[last].end]


def _comparator(lexed: Lexed, i: int) -> tuple[str, list[Tag]] | None:
    """The comparison before the number, or ('or more') behind it."""
    for t in lexed.of("than"):
        gap = range(t.last + 1, i)
        if t.last < i <= t.last + 2 and all(lexed.word(k) in (*CURRENCY, "a", "the") for k in gap) and t.value != "=":
            return t.value, [t]
    for t in lexed.of("than"):
        if i < t.first <= i + 3 and lexed.word(t.first) in ("or", "and", "及", "以") and t.value != "=":
            return t.value, [t]
    exact = [t for t in lexed.of("than") if t.value == "=" and t.last == i - 1]
    if exact and lexed.word(i + 1) in ("times", "time", "次", "orders", "order"):
        return "=", exact
    return None


def _unit(lexed: Lexed, i: int) -> str:
    skipped = 2 if lexed.word(i + 1) in ("or", "and") and lexed.word(i + 2) in ("more", "fewer", "less") else 0
    after = {lexed.word(i + skipped + 1), lexed.word(i + skipped + 2)}
    if lexed.word(i - 1) in CURRENCY or after & (MONEY_WORDS | CURRENCY):
        return "money"
    if after & {"times", "time", "x", "次", "回"}:
        return "times"
    if after & {"orders", "order", "purchases", "单", "订"}:
        return "orders"
    if after & {"products", "product", "codes"}:
        return "products"
    return "units" if after & UNIT_WORDS else ""


def _take_unit(lexed: Lexed, i: int) -> None:
    lexed.taken.add(i)
    for k in (i - 1, i + 1):
        if lexed.word(k) in CURRENCY | MONEY_WORDS | THOUSANDS.keys() | {"times", "time", "x", "次", "purchases"}:
            lexed.taken.add(k)
    if lexed.word(i + 1) == "orders" and (lexed.has("metric", "customers") or WHO.search(lexed.text)):
        lexed.taken.add(i + 1)


def _group_and_metric(lexed: Lexed, unit: str) -> tuple[str | None, str | None]:
    """Who is counted, and by what: the subject of the question decides the group."""
    verbs = {t.value for t in lexed.of("verb")}
    place = next(
        (t.value for t in lexed.of("dim") if t.value in ("country", "category", "brand", "city", "region", "channel")),
        None,
    )
    place = place or ("country" if lexed.has("metric", "countries") else None)
    if place:
        return place, {"times": "orders", "orders": "orders", "units": "units", "products": "products"}.get(
            unit, "revenue"
        )
    customers = any(t.value == "customers" for t in lexed.of("metric")) or any(
        t.value == "customer" for t in lexed.of("dim")
    )
    orders = any(t.value == "orders" for t in lexed.of("metric")) or any(t.value == "order" for t in lexed.of("dim"))
    products = any(t.value == "product" for t in lexed.of("dim")) or lexed.has("metric", "products")
    if unit in ("times", "orders"):
        return ("customer" if customers or not products else "product"), "orders"
    if unit == "money":
        if customers:
            return "customer", "revenue"
        return ("order", "revenue") if orders else ("product", "revenue") if products else (None, None)
    if unit == "units":
        return (
            "product" if products and not orders else "order" if orders else "customer" if customers else None
        ), "units"
    if unit == "products":
        return "order", "products"
    if customers and "spend" in verbs:
        return "customer", "revenue"
    if products and "sell" in verbs:
        return "product", "units"
    return ("order", "revenue") if orders and not customers else (None, None)


def _once(lexed: Lexed, frame: Frame) -> None:
    """'ordered only once', 'bought twice', 'bought more than once'."""
    if not (lexed.has("metric", "customers") or lexed.has("dim", "customer") or WHO.search(lexed.text)):
        return
    signs = {"once": ("=", 1), "twice": ("=", 2), "repeat": (">", 1)}
    for t in free(lexed, "known"):
        if t.value in signs:
            if any(x.first in range(t.first - 4, t.first) for x in lexed.of("never")):
                take(lexed, t)  # 'have not bought once since'
                continue
            op, value = signs[t.value]
            before = next((x for x in lexed.of("than") if x.value != "=" and x.last == t.first - 1), None)
            behind = next((x for x in lexed.of("than") if x.value == ">=" and x.first == t.last + 1), None)
            take(lexed, t, *(x for x in (before, behind) if x))
            frame.where.append(
                {
                    "group": "customer",
                    "metric": "orders",
                    "op": before.value if before else ">=" if behind else op,
                    "value": value,
                    "said": _phrase(lexed, before.first if before else t.first, behind.last if behind else t.last),
                }
            )


def _top_percent(lexed: Lexed, frame: Frame) -> None:
    """'the top 10 % of customers' is a group of customers, not a ranking."""
    for rank in free(lexed, "rank"):
        i = rank.last + 1
        n = number_at(lexed, i)
        if n is None or rank.value != "top" or lexed.word(i + 1) not in ("%", "percent", "per"):
            continue
        cents = 2 if lexed.word(i + 1) == "per" else 1
        said = _phrase(lexed, rank.first, i + cents)
        condition = {"group": "customer", "metric": "revenue", "op": "top_percent", "value": _whole(n), "said": said}
        frame.where.append({**condition, "part": True})
        take(lexed, rank, Tag("than", "%", i, i + cents))
        noun = next((t for t in lexed.of("metric") if t.value == "customers" and t.first not in lexed.taken), None)
        if noun:
            take(lexed, noun)
        frame.share = frame.share or lexed.has("share", "share")


def membership(lexed: Lexed, frame: Frame, spans: list[Span]) -> bool:
    """'bought in Q1 and again in Q3', 'sold before March but never since': who is counted is told by several periods.

    Each period becomes a condition on the group; those behind a negation ask for none. True if it was such a question.
    """
    periods = [s for s in spans if isinstance(s.value, Period)]
    names = {lexed.at(f.start) for f in lexed.found}
    negations = [t.first for t in lexed.of("never") if not names & {t.last + 1, t.last + 2}]  # 'not the UK' names it
    again = lexed.has("known", "again") and len(periods) == 2
    subject = _subject(lexed, frame)
    if again and subject == "customer" and (frame.share or frame.metrics == ["retention"]) and not negations:
        frame.metrics, frame.share, frame.growth = ["retention"], False, False
        frame.period, frame.compare_to = (spoken_period(s.value) for s in periods if isinstance(s.value, Period))
        return True
    if subject != "product" and len(periods) == 2 and not negations and FIRST_ORDER.search(lexed.text):
        return _began_and_came(frame, periods)
    if subject == "product" and lexed.has("known", "new") and len(periods) == 1 and not negations:
        return _first_sold(frame, periods[0])
    if subject is None or not periods or not (again or negations):
        return False
    denials = [_denied(lexed, s, periods, negations) for s in periods]
    if not again and denials == [None] * len(periods):
        return False  # 'in June, … and not first-timers'
    for s in periods:
        assert isinstance(s.value, Period)
        denied = _denied(lexed, s, periods, negations)
        begin, end = s.start, s.end
        if denied is not None:
            begin, end = min(begin, lexed.tokens[denied].start), max(end, lexed.tokens[denied].end)
        condition = {
            "group": subject,
            "metric": "orders",
            "op": ">=" if denied is None else "=",
            "value": int(denied is None),
        }
        frame.where.append({**condition, "period": spoken_period(s.value), "said": lexed.text[begin:end].strip()})
    frame.period, frame.compare_to, frame.whole_history = None, None, True
    if not frame.metrics or frame.metrics == ["units"]:
        frame.metrics = [subject + "s"]
    return True


def _began_and_came(frame: Frame, periods: list[Span]) -> bool:
    """'Whose first order was in May, how many ordered in June?': the new customers of one period, in another one."""
    began, came = (s.value for s in periods)
    assert isinstance(began, Period) and isinstance(came, Period)
    ordered = {"group": "customer", "metric": "orders", "op": ">=", "value": 1}
    before = {"start": EPOCH.isoformat(), "end": (began.start - DAY).isoformat()}
    frame.asks -= {"growth"}  # 'whose first order fell in May'
    frame.growth = False
    frame.where += [
        {**ordered, "period": spoken_period(began), "said": began.asked},
        {**ordered, "op": "=", "value": 0, "period": before, "said": "first"},
        {**ordered, "period": spoken_period(came), "said": came.asked} | ({"part": True} if frame.share else {}),
    ]
    frame.metrics, frame.dims = ["customers"], []
    frame.period, frame.compare_to, frame.whole_history = None, None, True
    return True


def _first_sold(frame: Frame, said: Span) -> bool:
    """'Sold for the first time in October': in October, and never before. False where there is no before."""
    assert isinstance(said.value, Period)
    before = {"start": EPOCH.isoformat(), "end": (said.value.start - DAY).isoformat()}
    never = {"group": "product", "metric": "orders", "op": "=", "value": 0, "period": before, "said": "first time"}
    frame.where.append(never)
    frame.period = spoken_period(said.value)
    if not frame.metrics or frame.metrics == ["units"]:
        frame.metrics = ["products"]
    return True


def _denied(lexed: Lexed, s: Span, periods: list[Span], negations: list[int]) -> int | None:
    """The negation that a period stands under: in English any before it, in Chinese one that stands nearest to it."""
    if not lexed.chinese:
        return max((n for n in negations if n < lexed.at(s.start)), default=None)

    def gap(n: int, of: Span) -> int:
        return lexed.at(of.start) - n if n < lexed.at(of.start) else n - lexed.at(of.end - 1)

    return next((n for n in negations if min(periods, key=lambda p: gap(n, p)) is s), None)


def _subject(lexed: Lexed, frame: Frame) -> str | None:
    """Whose membership is asked about: customers or products."""
    for t in sorted(lexed.of("metric", "dim"), key=lambda t: t.first):
        if t.value in ("customers", "customer"):
            return "customer"
        if t.value in ("products", "product"):
            return "product"
    bought = {t.first - 1 for t in lexed.of("verb") if t.value in ("buy", "spend")}
    counted = any(t.last in bought for t in lexed.of("ask") if t.value == "how_many")  # 'how many bought in May'
    return "customer" if counted or any(t.text == "who" for t in lexed.tokens) else None


def bought_together(lexed: Lexed, frame: Frame) -> bool:
    """Products in the orders that contain the named one, which is itself left out. False where it isn't asked so."""
    named = next((w for w in frame.where if w.get("field") == "product" and w.get("op") == "in"), None)
    if named and _all_in_one_order(lexed, frame, named):
        return True
    if not lexed.has("known", "bought_together") or named is None:
        return False
    frame.where.remove(named)
    frame.where.append(
        {"group": "order", "metric": "units", "op": ">", "value": 0, "where": [named], "said": "together"}
    )
    frame.where.append({**named, "op": "not in"})
    frame.metrics, frame.dims = ["orders"], ["product"]
    frame.direction = frame.direction or "top"
    return True


def _all_in_one_order(lexed: Lexed, frame: Frame, named: dict[str, Any]) -> bool:
    """'How many orders contain both …': those that have each of them."""
    both = any(t.text in ("both", "同时") for t in lexed.tokens) and not lexed.has("known", "again")
    both = both or (lexed.has("known", "bought_together") and lexed.has("ask", "how_many"))
    if not both or frame.metrics != ["orders"] or not isinstance(named["value"], list):
        return False
    frame.where.remove(named)
    for value in named["value"]:
        held = {"group": "order", "metric": "units", "op": ">", "value": 0, "where": [{**named, "value": value}]}
        frame.where.append({**held, "said": "both"})
    frame.dims, frame.together = [], False
    return True


def members(lexed: Lexed, frame: Frame) -> None:
    """'how many products sold more than …' counts the products; 'list the products that …' lists them."""
    group = next((str(w["group"]) for w in frame.where if "group" in w), None)
    if (
        group not in ("product", "customer", "order", "country", "category", "brand")
        or frame.dims
        or frame.grain
        or frame.share
    ):
        return
    each = (t for t in lexed.tokens if t.text in ("each", "their", "apiece") and not lexed.is_noted(t.start, t.end))
    if any(each) and not EACH_THAT.search(lexed.text) and not lexed.has("ask", "how_much"):
        condition = next(w for w in frame.where if "group" in w)
        frame.dims, frame.metrics = [group], [str(condition["metric"])]  # '…, and how many each'
        return
    first = next((t.text.removesuffix("s") for t in lexed.tokens if t.text.removesuffix("s") in NOUNS), None)
    if any(t.text in ("list", "which") for t in lexed.tokens[:2]):
        frame.dims = [group]
    elif group == "product" and first == "product" and lexed.has("ask", "how_many"):
        frame.metrics = ["products"]
