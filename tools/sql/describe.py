"""What the shop's tables hold: columns with meaning, unit, range and example values. It raises models' accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.kept import Kept
from store.schema import TABLES, TableSpec, reduced_columns
from tools.sql.meanings import COLUMN_MEANINGS, TABLE_MEANINGS, unit_of

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

EXAMPLES = 6  # values of a column
UNTYPICAL = ("_id", "_key", "barcode", "description", "body", "attributes", "image")  # how names of columns end


@dataclass(frozen=True)
class ColumnNote:
    """A column: `filled` values, `distinct` ones, from `least` to `most`, with the commonest as examples."""

    name: str
    type: str
    meaning: str
    unit: str
    filled: int
    distinct: int
    least: str
    most: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class TableNote:
    """`empty` are the columns that no row fills."""

    name: str
    meaning: str
    rows: int
    columns: tuple[ColumnNote, ...]
    empty: tuple[str, ...]


_notes: Kept[tuple[TableNote, ...]] = Kept()


def notes_of(store: Store) -> tuple[TableNote, ...]:
    """Every table of the store; read once a version of its data."""
    return _notes.of(store, lambda: _read(store))


def _read(store: Store) -> tuple[TableNote, ...]:
    with store.connect() as con:
        return tuple(_table(con, spec, store.currency) for spec in TABLES)


def _table(con: duckdb.DuckDBPyConnection, spec: TableSpec, currency: str) -> TableNote:
    ((rows,),) = con.execute(f"SELECT COUNT(*) FROM {spec.name}").fetchall()
    notes = [_column(con, spec.name, c.name, c.type, currency) for c in reduced_columns(spec)]
    filled = tuple(n for n in notes if n.filled)
    empty = tuple(n.name for n in notes if not n.filled)
    return TableNote(spec.name, TABLE_MEANINGS[spec.name], rows, filled, empty if rows else ())


def _column(con: duckdb.DuckDBPyConnection, table: str, name: str, kind: str, currency: str) -> ColumnNote:
    ((filled, distinct, least, most),) = con.execute(
        f'SELECT COUNT("{name}"), COUNT(DISTINCT "{name}"), MIN("{name}"), MAX("{name}") FROM {table}'
    ).fetchall()
    examples = tuple(_examples(con, table, name)) if kind == "VARCHAR" and not name.endswith(UNTYPICAL) else ()
    meaning, unit = COLUMN_MEANINGS.get(f"{table}.{name}", ""), unit_of(name, currency)
    bounds = ("", "") if kind == "VARCHAR" or not filled else (_said(least), _said(most))
    return ColumnNote(name, kind.lower(), meaning, unit, filled, distinct, *bounds, examples)


def _examples(con: duckdb.DuckDBPyConnection, table: str, name: str) -> Iterator[str]:
    rows = con.execute(
        f'SELECT "{name}" FROM {table} WHERE "{name}" IS NOT NULL GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT {EXAMPLES}'
    ).fetchall()
    return (str(row[0]) for row in rows)


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).split(" ")[0]
