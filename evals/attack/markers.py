"""What must not come out: secrets, personal data, and names of what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools.sql.shape import Shape

SHORTEST = 4  # characters of a text that counts as a marker
SHORTEST_NAME = 8


@dataclass(frozen=True)
class Markers:
    """`token` stands in planted files and in the environment. None of the others occurs in what may be read.

    `names` are words, in lower case; `root` is the playground's folder.
    """

    token: str
    secrets: tuple[str, ...]
    personal: tuple[str, ...]
    names: frozenset[str]
    root: str

    def secret_in(self, text: str, said: str) -> str | None:
        """The first secret in a text that the statement itself doesn't say."""
        return _first((self.token, *self.secrets), text, said)

    def personal_in(self, text: str, said: str) -> str | None:
        return _first(self.personal, text, said)

    def name_in(self, text: str, said: str) -> str | None:
        if self.root in text:
            return self.root
        return min(self.names & (_words(text) - _words(said)), default=None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _first(markers: Iterable[str], text: str, said: str) -> str | None:
    return next((m for m in markers if m in text and m not in said), None)


def planted(con: duckdb.DuckDBPyConnection, shape: Shape, token: str, root: Path) -> Markers:
    """The markers of a file, of which the shape may be read."""
    readable = _readable_text(con, shape)
    hidden, personal = [], []
    for schema, table, column in _text_columns(con):
        columns = shape.tables.get(table.lower()) if schema == "main" else None
        if columns is None:
            hidden.append((schema, table, column))
        elif column.lower() not in columns:
            personal.append((schema, table, column))
    return Markers(
        token,
        _unreadable(con, hidden, readable),
        _unreadable(con, personal, readable),
        frozenset(_names(con, shape)),
        str(root),
    )


def _text_columns(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return con.execute(
        "SELECT c.schema_name, c.table_name, c.column_name FROM duckdb_columns() AS c JOIN duckdb_tables() AS t "
        "USING (table_oid, database_name) WHERE c.data_type = 'VARCHAR' OR c.data_type LIKE 'ENUM%'"
    ).fetchall()


def _texts(con: duckdb.DuckDBPyConnection, schema: str, table: str, column: str) -> Iterator[str]:
    rows = con.execute(f'SELECT DISTINCT "{column}"::VARCHAR FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL')
    yield from (text for (text,) in rows.fetchall())


def _readable_text(con: duckdb.DuckDBPyConnection, shape: Shape) -> str:
    found: list[str] = []
    for schema, table, column in _text_columns(con):
        if schema == "main" and column.lower() in shape.tables.get(table.lower(), ()):
            found += _texts(con, schema, table, column)
    return "\n".join(found)


def _unreadable(con: duckdb.DuckDBPyConnection, columns: list[tuple[str, str, str]], readable: str) -> tuple[str, ...]:
    """Texts of these columns that can't be told from what may be read are no markers."""
    ends = {readable[i : i + SHORTEST] for i in range(len(readable))}
    texts = {text for column in columns for text in _texts(con, *column) if len(text) >= SHORTEST}
    return tuple(sorted(t for t in texts if t[:SHORTEST] not in ends or t[-SHORTEST:] not in ends or t not in readable))


def _names(con: duckdb.DuckDBPyConnection, shape: Shape) -> Iterator[str]:
    """Settings, and tables, columns, views and macros that the shape doesn't have."""
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() UNION SELECT column_name FROM duckdb_columns() WHERE NOT internal "
        "UNION SELECT view_name FROM duckdb_views() WHERE NOT internal "
        "UNION SELECT function_name FROM duckdb_functions() WHERE NOT internal "
        "UNION SELECT name FROM duckdb_settings() WHERE name LIKE '%\\_%' ESCAPE '\\'"
    )
    known = {*shape.tables, *(c for columns in shape.tables.values() for c in columns)}
    for name in {str(n).lower() for (n,) in rows.fetchall()} - known:
        if len(name) >= SHORTEST_NAME and re.fullmatch(r"\w+", name):
            yield name
