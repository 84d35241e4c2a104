"""Small facts that answers lean on, each with its own receipt: which products a name fits, which days the data covers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from tools.contract import READ, Column, NotThere, Result
from tools.metrics.request import Filter, match
from tools.metrics.sources import predicate
from tools.metrics.tool import names_of, plain

if TYPE_CHECKING:
    from store.connect import Store


@READ
def match_products(store: Store, text: str) -> Result:
    """How many products a name fits, and the title where all that fit share one. Raises NotThere if none does."""
    found = match(names_of(store), text, "product")
    test = predicate(Filter("product", "in", (text,), (found,)), "catalogue")
    select = (
        exp.select("COUNT(*) AS products", "MIN(p.title) AS product").from_("products AS p").where(test)
        if found.title
        else exp.select("COUNT(*) AS products").from_("products AS p").where(test)
    )
    columns = [Column("products", "count")] + ([Column("product", "title")] if found.title else [])
    return _run(store, "match_products", {"text": text}, select.sql("duckdb", pretty=True), columns, (found.said(),))


@READ
def data_coverage(store: Store) -> Result:
    """The first and the last day with a completed order. Raises NotThere if there is none."""
    text = (
        "SELECT CAST(MIN(ordered_at) AS DATE) AS first_day, CAST(MAX(ordered_at) AS DATE) AS last_day\n"
        "FROM orders\nWHERE status = 'completed'"
    )
    result = _run(store, "data_coverage", {}, text, [Column("first_day", "day"), Column("last_day", "day")], ())
    if result.rows[0][0] is None:
        raise NotThere("This shop has no completed orders yet.")
    return result


def _run(
    store: Store, tool: str, said: dict[str, Any], sql: str, columns: list[Column], notes: tuple[str, ...]
) -> Result:
    started = time.perf_counter()
    with store.connect() as con:
        rows = [[plain(v) for v in row] for row in con.execute(sql).fetchall()]
    elapsed = round((time.perf_counter() - started) * 1000)
    return Result(tool, said, sql, tuple(columns), rows, len(rows), False, elapsed, store.data_version, notes)
