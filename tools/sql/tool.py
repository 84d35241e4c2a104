"""run_sql and describe_store: what the metrics can't answer, asked in SQL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tools.contract import READ, Cell, Column, NotThere, Result, ToolError, plain
from tools.sql.describe import ColumnNote, TableNote, notes_of
from tools.sql.shape import store_shape
from tools.sql.units import columns_of
from tools.sql.worker import LIMITS, Source, run

if TYPE_CHECKING:
    from store.connect import Store

CUT = "Only the first {rows:,} rows are here: the query sets no limit of its own, and there may be more."
TABLES = (Column("table", "name"), Column("meaning", "name"), Column("rows", "count"), Column("columns", "name"))
COLUMNS = (
    *(Column(name, "name") for name in ("column", "type", "meaning", "unit")),
    *(Column(name, "count") for name in ("filled", "distinct")),
    *(Column(name, "name") for name in ("least", "most", "examples")),
)


@READ
def run_sql(store: Store, sql: str) -> Result:
    """The rows of one SELECT in DuckDB's SQL over the shop's tables: at most 1,000 rows, 2 seconds.

    Use it only for what query_metrics can't do: gaps between orders, medians, stock, what reviews say.

    sql: WITH, joins, windows, UNNEST and set operations are fine; other table functions and SELECT * over joins are
        not. Only completed orders are sales (orders.status = 'completed'); a line comes to
        quantity * unit_price - discount. Name each column with AS, and write an ORDER BY.
    Raises ToolError, which says what to mend.
    """
    if not isinstance(sql, str) or not sql.strip():
        raise ToolError("run_sql takes one SELECT statement as text.")
    started = time.perf_counter()
    found = run(source_of(store), sql, settled=True)
    rows = [[plain(v) for v in row] for row in found.rows]
    columns = columns_of(found.sql, found.columns, rows, store.currency)
    notes = (CUT.format(rows=len(rows)),) if found.limited and len(rows) == LIMITS.rows else ()
    ms = round((time.perf_counter() - started) * 1000)
    return Result("run_sql", {"sql": sql}, found.sql, columns, rows, len(rows), False, ms, store.data_version, notes)


def source_of(store: Store) -> Source:
    """The store's analytics file at this version of its data."""
    key = f"{store.path} {store.data_version}"
    return Source(store.version_file(store.data_version), store_shape(), key)


@READ
def describe_store(store: Store, table: str = "") -> Result:
    """What the shop's tables hold, for writing SQL: without a table all tables, with one its columns.

    table: such as "orders"; its columns come with type, meaning, unit, how many values and distinct values they have,
        the least and the most, and the commonest ones. Columns without any value are left out.
    Raises NotThere if there is no such table.
    """
    started = time.perf_counter()
    notes = {note.name: note for note in notes_of(store)}
    if table and table not in notes:
        raise NotThere(f"There is no table {str(table)[:60]!r}.", tuple(notes))
    columns = COLUMNS if table else TABLES
    rows = [_column(c) for c in notes[table].columns] if table else [_table(n) for n in notes.values()]
    ms = round((time.perf_counter() - started) * 1000)
    said, empty = {"table": table}, _empty(notes, table)
    return Result("describe_store", said, None, columns, rows, len(rows), False, ms, store.data_version, empty)


def _table(note: TableNote) -> list[Cell]:
    return [note.name, note.meaning, note.rows, ", ".join(c.name for c in note.columns)]


def _column(c: ColumnNote) -> list[Cell]:
    return [c.name, c.type, c.meaning, c.unit, c.filled, c.distinct, c.least, c.most, ", ".join(c.examples)]


def _empty(notes: dict[str, TableNote], table: str) -> tuple[str, ...]:
    if not table or not notes[table].empty:
        return ()
    return (f"Without any value in this shop: {', '.join(notes[table].empty)}.",)
