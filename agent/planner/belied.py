"""What the parser's reading says against the words of the message: such a reading doesn't count."""

from __future__ import annotations

from typing import Any

from agent.plan import Outcome, Plan
from agent.planner.lexer import Lexed
from agent.planner.measures import AVERAGE
from tools.metrics.definitions import METRICS, TIME_GRAINS

SPELLED = {  # how a unit of time is said
    "day": ("day", "daily", "date", "天", "日"), "week": ("week", "周", "星期"), "month": ("month", "月"),
    "quarter": ("quarter", "q1", "q2", "q3", "q4", "季"), "year": ("year", "annual", "annum", "年"),
}  # fmt: skip
MEAN = (*AVERAGE, "typical", "typically", "usual", "usually")
OF_CUSTOMERS = ("new_customers", "returning_customers", "repeat", "retention", "orders")


def belied(lexed: Lexed, by_parser: Plan, by_rules: Outcome) -> bool:
    """Whether the parser passes over which customers are meant, takes a share of what is a quotient already, or goes by
    a unit of time that nobody said, where the rules go by one that was."""
    call = by_parser.calls[0]
    if call.tool != "query_metrics":
        return False
    if isinstance(by_rules, Plan) and _breakdown_passed_over(lexed, call.args, by_rules.calls[0].args):
        return True
    return (
        _kind_passed_over(lexed, call.args)
        or any(map(_share_of_quotient, call.args["metrics"]))
        or (isinstance(by_rules, Plan) and _other_unit(lexed, call.args, by_rules.calls[0].args))
    )


def _share_of_quotient(metric: str) -> bool:
    inner = METRICS.get(metric.removeprefix("share(").removesuffix(")"))
    return metric.startswith("share(") and inner is not None and "/" in inner.formula


def _kind_passed_over(lexed: Lexed, args: dict[str, Any]) -> bool:
    """'How many of them were not new?'"""
    said = repr(args)
    return lexed.has("known", "back") and not any(name in said for name in OF_CUSTOMERS)


EACH = ("each", "every", "by", "per", "各", "每", "按", "分别")


def _breakdown_passed_over(lexed: Lexed, args: dict[str, Any], of_rules: dict[str, Any]) -> bool:
    """'Irish regions: customers in each' has a row for each, of what else both read alike."""
    alike = all(args.get(key) == of_rules.get(key) for key in ("metrics", "where", "period", "compare_to"))
    said = any(t.text in EACH for t in lexed.tokens)
    return alike and said and bool(of_rules.get("by")) and not (args.get("by") or args.get("grain"))


def _other_unit(lexed: Lexed, args: dict[str, Any], of_rules: dict[str, Any]) -> bool:
    """'For each of the last six months' by quarter, and 'sales per week' as a mean of the weeks."""
    rules = _units(of_rules)
    if not rules:
        return False
    text = lexed.text.lower()
    mean = any(" / " in m and f"{unit}s" in m for m in args["metrics"] for unit in rules)
    if mean:
        return not any(t.text in MEAN for t in lexed.tokens)
    unsaid = [u for u in _units(args) - rules if not any(word in text for word in SPELLED.get(u, (u,)))]
    return bool(unsaid) and all(any(word in text for word in SPELLED.get(u, (u,))) for u in rules)


def _units(args: dict[str, Any]) -> set[str]:
    return {str(unit) for unit in (args.get("grain"), *args.get("by", [])) if unit in TIME_GRAINS}
