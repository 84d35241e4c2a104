"""query_metrics: the first choice for every "how much", "how many" and "which most"."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from retrieval.names import Names, load_names
from store.kept import Kept
from tools.contract import MAX_ROWS, READ, Cell, Column, NotThere, Result, plain
from tools.metrics.arguments import Arguments
from tools.metrics.compile import compile_sql
from tools.metrics.query import Query, needed
from tools.metrics.reading import Reading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from store.connect import Store

_names: Kept[Names] = Kept()


def names_of(store: Store) -> Names:
    """The store's vocabulary, read once per data version."""
    return _names.of(store, lambda: _read_names(store))


def _read_names(store: Store) -> Names:
    with store.connect() as con:
        return load_names(con)


@READ
def query_metrics(
    store: Store,
    metrics: Sequence[str],
    by: Sequence[str] = (),
    where: Sequence[Mapping[str, Any]] = (),
    period: Any = None,
    compare_to: Any = None,
    order_by: str | None = None,
    limit: int | None = None,
    grain: str | None = None,
    *,
    today: date | None = None,
    rest: bool = False,
    offset: int = 0,
) -> Result:
    """Figures of the shop: metrics × dimensions × conditions × period × comparison × rank.

    Use it first for how much, how many, which most, trends, shares and growth.

    metrics: names such as "revenue" or "average_order_value", a quotient "shipping_income / orders" or
        "revenue / days", or "share(revenue)".
    by: dimensions such as "country" or "product". grain: day, week, month, quarter or year, with a complete axis.
    where: {"field", "op", "value"} on a dimension, or {"group": "customer", "metric": "orders", "op": ">", "value": 10}
        on what a group comes to, in the call's period or its own "period", under the call's conditions or its own
        "where"; "part": true marks a condition that only the numerator of share(…) keeps.
    period: "last month", "2011-11", "2011-09-05..2011-09-11" or {"start", "end"}, the end included; none is all.
    compare_to: "previous", "year_earlier" or a period: adds m_before, m_change and m_growth (a fraction).
    order_by: "orders desc". limit: number of rows. offset: rows left out before them; the
        third best is limit 1, offset 2. rest: one more row for everything else.
    today: the day that "last month" counts from, the last of the data unless given. One item may stand for a list.
    Raises NotThere (no such data), Ambiguous (two readings), ToolError (a call to be repaired).
    """
    asked = Arguments.read(
        metrics=metrics, by=by, where=where, period=period, compare_to=compare_to,
        order_by=order_by, limit=limit, offset=offset, grain=grain, rest=rest, today=today,
    )  # fmt: skip
    with store.connect() as con:
        reading = Reading(store, con, names_of(store), asked.today or store.today)
        query, said = reading.query(asked)
        text, columns = compile_sql(query, store.currency)
        result = run_compiled(store, con, "query_metrics", said, text, columns)
    _refuse_unvisited(query, result.rows)
    return replace(result, notes=(*reading.notes, *_notes_on_rows(query, result.rows)))


def _refuse_unvisited(q: Query, rows: list[list[Cell]]) -> None:
    """Visits that were not recorded yet are no zero. Raises NotThere."""
    visits = all({"sessions", "purchase_sessions"} & set(needed([m])) for m in q.measures)
    if visits and not q.dims and not any(rows[0]):
        raise NotThere("There are no shop visits on record for that period.")


def run_compiled(
    store: Store, con: DuckDBPyConnection, tool: str, said: dict[str, Any], sql: str, columns: Sequence[Column]
) -> Result:
    """Runs a SELECT that was compiled here and keeps its first MAX_ROWS rows.

    `said` is the call as the receipt shows it. What a model wrote goes through tools/sql/ instead.
    """
    started = time.perf_counter()
    cursor = con.execute(sql)
    rows = [[plain(v) for v in row] for row in cursor.fetchmany(MAX_ROWS)]
    more = len(cursor.fetchall())
    elapsed_ms = round((time.perf_counter() - started) * 1000)
    return Result(tool, said, sql, tuple(columns), rows, len(rows) + more, more > 0, elapsed_ms, store.data_version)


def _notes_on_rows(q: Query, rows: list[list[Cell]]) -> list[str]:
    if q.limit and len(rows) < q.limit and q.dims:
        return ["Fewer rows than asked for: there are no more."]
    return []
