"""A question back that offers the readings of a message to choose from, each in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from agent.plan import Clarify, Plan
from agent.read_as import SEPARATOR, read_as
from agent.texts import text
from tools.contract import ToolError
from tools.metrics.periods import Period, label

COMPARED = {"previous": ("the period before", "上期"), "year_earlier": ("a year earlier", "去年同期")}


def which_reading(*plans: Plan) -> Clarify:
    """Which of the plans is meant; without options where they can't be told apart in words."""
    locale = plans[0].locale
    options = tuple(described(p) for p in plans)
    if not all(options) or len(set(options)) < len(options):
        return Clarify(text("unsure", locale), (), locale)
    return Clarify(text("readings", locale), options, locale, readings=plans)


def described(plan: Plan) -> str:
    """What a plan asks of the metrics, in a few words; empty for a plan of another tool, or one that has no answer."""
    call = plan.calls[0]
    if call.tool != "query_metrics":
        return ""
    period, compared = (_period(call.args.get(k), plan.locale) for k in ("period", "compare_to"))
    try:
        said = read_as(call.args, period, compared, plan.locale)
    except ToolError:  # the share of a ratio
        return ""
    if limit := call.args.get("limit"):
        said += f"{SEPARATOR}前 {limit} 行" if plan.locale == "zh" else f"{SEPARATOR}the first {limit}"
    return said[:1].upper() + said[1:]


def _period(given: Mapping[str, Any] | str | None, locale: str) -> str:
    if isinstance(given, str):
        return COMPARED[given][locale == "zh"]
    if not given:
        return ""
    start, end = (date.fromisoformat(given[k]) for k in ("start", "end"))
    return label(Period(start, end), locale)
