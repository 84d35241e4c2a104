"""Small facts that answers lean on, each with its own receipt: what a name fits, which days the data covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from tools.contract import READ, Column, NotThere, Result, ToolError
from tools.metrics.conditions import predicate
from tools.metrics.expressions import text_of
from tools.metrics.request import Filter, match
from tools.metrics.tool import names_of, run_compiled

if TYPE_CHECKING:
    from store.connect import Store

COVERAGE = """SELECT CAST(MIN(ordered_at) AS DATE) AS first_day, CAST(MAX(ordered_at) AS DATE) AS last_day
FROM orders
WHERE status = 'completed'"""


@READ
def match_products(store: Store, text: str) -> Result:
    """How many products a name fits, and the title where all that fit share one.

    Raises NotThere if none does, with the nearest titles; ToolError if `text` is no text.
    """
    if not isinstance(text, str):
        raise ToolError("match_products takes a product's name as text.")
    found = match(names_of(store), text, "product")
    columns = {"products": "COUNT(*)"} | ({"product": "MIN(p.title)"} if found.title else {})
    select = exp.select(*(f"{value} AS {name}" for name, value in columns.items())).from_("products AS p")
    select = select.where(predicate(Filter("product", "in", (text,), (found,)), "catalogue"))
    units = {"products": "count", "product": "title"}
    shown = [Column(name, units[name]) for name in columns]
    return replace(_run(store, "match_products", {"text": text}, text_of(select), shown), notes=(found.said(),))


@READ
def data_coverage(store: Store) -> Result:
    """The first and the last day with a completed order. Raises NotThere if there is none."""
    result = _run(store, "data_coverage", {}, COVERAGE, [Column("first_day", "day"), Column("last_day", "day")])
    if result.rows[0][0] is None:
        raise NotThere("This shop has no completed orders yet.")
    return result


def _run(store: Store, tool: str, said: dict[str, Any], sql: str, columns: Sequence[Column]) -> Result:
    with store.connect() as con:
        return run_compiled(store, con, tool, said, sql, columns)
