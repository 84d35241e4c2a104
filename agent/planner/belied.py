"""What the parser's reading says against the words of the message: such a reading doesn't count."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from agent.plan import Outcome, Plan
from agent.planner.lexer import Lexed
from agent.planner.measures import AVERAGE, NET, USUAL
from tools.metrics.definitions import METRICS, TIME_GRAINS

SPELLED = {  # how a unit of time is said
    "day": ("day", "daily", "date", "天", "日"), "week": ("week", "周", "星期"), "month": ("month", "月"),
    "quarter": ("quarter", "q1", "q2", "q3", "q4", "季"), "year": ("year", "annual", "annum", "年"),
}  # fmt: skip
OVER_TIME = re.compile(
    r"each|every|per|by|break|split|separate|individual|respective|trend|over time|develop|curve|course|chart|graph"
    r"|plot|list|pattern|history|timeline|evol|seasonal|progress|走势|趋势|变化|各|每|按|分别|逐",
    re.I,
)
GUESTS = re.compile(
    r"guest|account|anonym|regist|log(?:ged)?[ -]in|sign|unknown|without|no name|游客|匿名|注册|账号", re.I
)
PROFITS = frozenset({"margin", "gross_profit", "cost"})
PROFIT = re.compile(
    r"margin|profit|cost|earn|mark-?up|net|keep|left|cogs|make|made|gross|bottom line|毛利|利润|利潤|成本|赚|净|本钱",
    re.I,
)
EACH = ("each", "every", "by", "per", "各", "每", "按", "分别")
FAR = 4  # words between 'share of' and what it is of
WHOSE = ("who", "whom", "whose", "where", "谁", "哪里", "哪儿")
NOT_ONCE = re.compile(r"(?:\bnot|n't|\bnever) (?:\w+ ){0,3}once\b", re.I)
NOT_AGAIN = ("never", "nothing", "none", "haven't", "hasn't", "havent", "hasnt", "没再", "再没")
SAID_OF_CUSTOMERS = {  # a word that says which customers, and what a reading of it has in its arguments
    "new": ("new_customers", "first", "new"),
    "back": ("new_customers", "returning_customers", "repeat", "retention", "orders"),
    "guest": ("guest", "unknown", "known"),
}


def belied(lexed: Lexed, heard: Collection[str], by_parser: Plan, by_rules: Outcome) -> bool:
    """Whether the parser's plan for figures goes against what stands there; `heard` are the figures that it hears in
    the message itself, `by_rules` is what the rules make of it."""
    args = by_parser.calls[0].args
    if by_parser.calls[0].tool != "query_metrics":
        return False
    if not PROFITS.isdisjoint(heard) and not PROFIT.search(lexed.text):  # 'in percent, please' is no margin
        return True
    if any(check(lexed, args) for check in ALONE) or any(map(_no_figure, args["metrics"])):
        return True
    if not isinstance(by_rules, Plan) or by_rules.calls[0].tool != "query_metrics":
        return False
    rules = by_rules.calls[0].args
    return any(check(lexed, args, rules) for check in CHECKS)


def _customers_passed_over(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'How many of them were not new?', 'revenue from guests'."""
    said = repr(args)
    kinds = (kind for kind in SAID_OF_CUSTOMERS if lexed.has("known", kind))
    return any(not any(name in said for name in SAID_OF_CUSTOMERS[kind]) for kind in kinds)


def _guests_unsaid(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'How many teeny orders, under £50' has no guests in it."""
    return any(m in ("guest_orders", "guest_share") for m in args["metrics"]) and not GUESTS.search(lexed.text)


def _weekday_passed_over(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'What did all the Sundays rake in?', read as the whole year."""
    told = "weekday" in args.get("by", []) or any(w.get("field") == "weekday" for w in args.get("where", []))
    return bool(lexed.of("weekday")) and not told


def _no_more_no_fewer(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'Precisely two orders' are not two or more."""
    exact = any(lexed.word(t.first) in ("exactly", "precisely", "恰好") for t in lexed.of("than"))
    return exact and any("group" in w and w["op"] != "=" for w in args.get("where", []))


def _not_once(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'Who have not bought once since' is no condition of one order."""
    return NOT_ONCE.search(lexed.text) is not None and any(w.get("said") == "once" for w in args.get("where", []))


def _reason_for_goods(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'Returns because of rust' are not those of a product that is called so."""
    return any(
        re.search(rf"\b(?:because of|due to|owing to) (?:the |its |their )?{re.escape(w['value'])}\b", lexed.text, re.I)
        for w in args.get("where", [])
        if w.get("field") == "product" and isinstance(w.get("value"), str)
    )


def _net_unsaid(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'Sales less money given back' are not all sales."""
    return args["metrics"] == ["revenue"] and NET.search(lexed.text) is not None


def _no_figure(metric: str) -> bool:
    """A share of a quotient, or a quotient of one."""
    figure, _, per = metric.removeprefix("share(").removesuffix(")").partition(" / ")
    return (_is_quotient(figure) or _is_quotient(per)) and (metric.startswith("share(") or bool(per))


def _is_quotient(metric: str) -> bool:
    return metric in METRICS and "/" in METRICS[metric].formula


def _other_unit(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'For each of the last six months' by quarter, 'quarter-to-date' by quarter, 'sales per week' as a mean."""
    units, own = _units(rules), _units(args)
    if any(" / " in m and f"{unit}s" in m for m in args["metrics"] for unit in units):
        return not any(t.text in (*AVERAGE, *USUAL) for t in lexed.tokens)
    text = lexed.text.lower()
    if not units:
        return any(_spelled(u, text) and not _spelled(u, _without_periods(lexed)) for u in own)
    return (
        bool(own - units) and not any(_spelled(u, text) for u in own - units) and all(_spelled(u, text) for u in units)
    )


def _condition_passed_over(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'今年只下过一单的客户' are not all customers."""
    mine, theirs = (_told("where", a.get("where")) for a in (args, rules))
    missed = [w for w in theirs if w not in mine]
    same = _same(args, rules, "metrics", "by", "period", "compare_to")
    return same and bool(missed) and all("group" in w for w in missed) and all(w in theirs for w in mine)


def _other_end(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'At the foot of the table' begins with the lowest."""
    orders = [str(a.get("order_by", "")) for a in (args, rules)]
    said = {t.value for t in lexed.of("rank")}
    same = _alike(args, rules) and _same(args, rules, "metrics", "by", "limit")
    plain = all(orders) and "_growth" not in "".join(orders)
    return same and plain and orders[0] != orders[1] and len(said) == 1


def _rank_passed_over(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Which three brands sit at the foot of the table' are three."""
    same = _alike(args, rules) and _same(args, rules, "metrics", "by")
    return same and bool(lexed.of("rank")) and "order_by" in rules and "order_by" not in args


def _counted_only(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Products that shifted over 1,000, how many of them?' counts them."""
    groups = {str(w["group"]) for w in rules.get("where", []) if "group" in w}
    counts = [f"{group}s" for group in groups]
    same = _alike(args, rules) and rules["metrics"] == counts and not _rows(rules)
    return same and set(args.get("by", [])) == groups and lexed.has("ask", "how_many")


def _other_group(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Only the ones above £5,000', of a table by country: countries, not orders."""
    groups = [{w["group"] for w in a.get("where", []) if "group" in w} for a in (args, rules)]
    rows = set(rules.get("by", []))
    same = _same(args, rules, "metrics", "by", "period", "compare_to")
    return same and len(groups[1]) == 1 and groups[1] <= rows and len(groups[0]) == 1 and not groups[0] <= rows


def _rows_of_time_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Across April, May and June?' has no row for each."""
    own = _units(args) - _units(rules)
    same = _alike(args, rules) and _same(args, rules, "metrics")
    said = any(_spelled(u, _without_periods(lexed)) for u in own) or OVER_TIME.search(lexed.text)
    return bool(own) and same and not said


def _units(args: dict[str, Any]) -> set[str]:
    return {str(unit) for unit in (args.get("grain"), *args.get("by", [])) if unit in TIME_GRAINS}


def _spelled(unit: str, text: str) -> bool:
    return any(word in text for word in SPELLED.get(unit, (unit,)))


def _without_periods(lexed: Lexed) -> str:
    chars = list(lexed.text.lower())
    for span in lexed.periods:
        chars[span.start : span.end] = " " * (span.end - span.start)
    return "".join(chars)


def _breakdown_passed_over(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Irish regions: customers in each' has a row for each, of what else both read alike; 'by product and country' has
    one for each pair."""
    said = any(t.text in EACH for t in lexed.tokens)
    if said and _alike(args, rules) and set(args.get("by", [])) < (by := set(rules.get("by", []))):
        return all(lexed.has("dim", d) for d in by)
    return said and _alike(args, rules) and _rows(rules) and not _rows(args)


def _rows(args: dict[str, Any]) -> bool:
    return bool(args.get("by") or args.get("grain"))


def _named_only(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Products with heart in the name' only says which: there is no row for each."""
    named = {t.value for t in lexed.of("dim") if any(c.first == t.last + 1 for c in lexed.of("contains"))}
    return _alike(args, rules) and bool(named) and named == set(args.get("by", [])) and not rules.get("by")


def _not_since(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'… but nothing since April' is no comparison with April."""
    denied = any(t.text in NOT_AGAIN for t in lexed.tokens)
    told = any("group" in w for w in rules.get("where", []))
    return denied and "compare_to" in args and told


def _figure_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'The conversion rate back in May' says nothing of refunds."""
    if not _alike(args, rules):
        return False
    if lexed.of("add"):  # beside the one before
        return False
    more = set(args["metrics"]) - set(rules["metrics"])
    return set(rules["metrics"]) < set(args["metrics"]) and not any(lexed.has("metric", m) for m in more)


def _rows_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Rank by units', of products, says nothing of brands; 'refunds for the States' nothing of regions."""
    own = set(args.get("by", [])) - set(rules.get("by", []))
    same = _alike(args, rules) and _same(args, rules, "metrics")
    measured = {i for t in lexed.of("metric") for i in range(t.first, t.last + 1)}  # 'price per unit'
    words = {t.text for i, t in enumerate(lexed.tokens) if i not in measured}
    said = any(lexed.has("dim", d) for d in own) or bool(words & {*EACH, *WHOSE})
    return bool(own) and same and not said


def _comparison_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'The fattest margin in Q3' is no growth, nor are those 'who had ordered before November'."""
    added = "compare_to" in args and "compare_to" not in rules
    same = _same(args, rules, "metrics", "where", "period")
    if added and same and args["metrics"] == ["returning_customers"] and lexed.has("known", "before_period"):
        return True
    return added and same and not lexed.of("compare") and len(lexed.periods) < 2


def _share_passed_over(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'What % of our orders were …' is no count."""
    parts = [any(m.startswith("share(") or " / " in m or _is_quotient(m) for m in a["metrics"]) for a in (rules, args)]
    same = _whole(args) == _whole(rules) and _same(args, rules, "period", "compare_to")
    return lexed.has("share", "share") and same and parts == [True, False]


def _other_share(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'What percentage of the October clients …' is no share of orders."""
    shares = [m for m in args["metrics"] if m.startswith("share(")]
    if not shares or _same(args, rules, "metrics") or not _same(args, rules, "period", "compare_to"):
        return False
    of = next((t.last + 1 for t in lexed.of("share") if t.value == "share" and lexed.word(t.last) in ("of", "%")), None)
    whole = next((t for t in lexed.of("metric") if of is not None and of <= t.first <= of + FAR), None)
    return whole is not None and whole.value in ("customers", "orders") and f"share({whole.value})" not in shares


def _exclusion_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'UK and Ireland side by side' leaves neither out."""
    out = [
        any(w.get("op") == "not in" and w.get("field") != "weekday" for w in a.get("where", [])) for a in (args, rules)
    ]
    return out == [True, False] and not lexed.of("exclude", "never", "rest")


def _name_passed_over(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'In how many orders was there a whetstone?', read without it."""
    fields = {w.get("field") for w in args.get("where", [])}
    missed = [w for w in rules.get("where", []) if w.get("field") == "product" and "product" not in fields]
    return bool(missed) and _same(args, rules, "metrics", "by", "period") and not fields


def _days_unsaid(lexed: Lexed, args: dict[str, Any], rules: dict[str, Any]) -> bool:
    """'Revenue per sales channel' is no mean of days."""
    means = [m for m in args["metrics"] if m.endswith((" / days", " / trading_days")) and m not in rules["metrics"]]
    return bool(means) and not _spelled("day", lexed.text.lower()) and not lexed.of("weekday", "weekend", "hour")


def _alike(args: dict[str, Any], rules: dict[str, Any]) -> bool:
    return _same(args, rules, "where", "period", "compare_to")


def _same(args: dict[str, Any], rules: dict[str, Any], *keys: str) -> bool:
    return all(_told(key, args.get(key)) == _told(key, rules.get(key)) for key in keys)


def _whole(args: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions, whichever of them is the part of a share."""
    return [{k: v for k, v in w.items() if k not in ("said", "part")} for w in args.get("where", [])]


def _told(key: str, value: Any) -> Any:
    """Without the words of a condition, of which one reading may take in more than the other, names in the singular."""
    if key != "where":
        return value or None
    return [{k: _singular(v) if k == "value" else v for k, v in w.items() if k != "said"} for w in value or []]


def _singular(value: Any) -> Any:
    return value.lower().removesuffix("s") if isinstance(value, str) else value


ALONE = (
    _customers_passed_over, _guests_unsaid, _weekday_passed_over, _no_more_no_fewer, _not_once, _reason_for_goods,
    _net_unsaid,
)  # fmt: skip
CHECKS = (
    _other_unit, _breakdown_passed_over, _named_only, _not_since, _figure_unsaid, _rows_unsaid, _comparison_unsaid,
    _rows_of_time_unsaid, _counted_only, _other_group, _condition_passed_over, _other_end, _rank_passed_over,
    _share_passed_over, _other_share, _exclusion_unsaid, _name_passed_over, _days_unsaid,
)  # fmt: skip
