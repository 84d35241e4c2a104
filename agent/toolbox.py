"""The tools that a plan may call, bound to one store. An explicit list: a new tool is one line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.contract import NotThere, Result
from tools.metrics.lookups import data_coverage, match_products
from tools.metrics.tool import query_metrics

if TYPE_CHECKING:
    from store.connect import Store

TOOLS: dict[str, Callable[..., Result]] = {
    "query_metrics": query_metrics,
    "match_products": match_products,
    "data_coverage": data_coverage,
}
DATED = frozenset({"query_metrics"})  # tools that need to know what day it is


def call(store: Store, tool: str, args: dict[str, Any], today: date) -> Result:
    """Runs one tool on the store. Raises NotThere for a tool that isn't there yet, and whatever the tool raises."""
    if tool not in TOOLS:
        raise NotThere(f"That needs {tool.replace('_', ' ')}, which this installation can't do yet.")
    extra = {"today": today} if tool in DATED else {}
    return TOOLS[tool](store, **args, **extra)
