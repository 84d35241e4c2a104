"""A file that a guard alone must hold: the tiny shop as it is, contacts included, and two tables that nobody may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from store.schema import TABLES, create_tables
from tests.conftest import build_tiny
from tools.sql.shape import Shape, store_shape

SECRET = "sk-THE-SECRET"
HIDDEN = {"customers": {"name", "email", "phone"}, "orders": {"ip_address"}}
SHAPE = Shape(
    {t: tuple(c for c in columns if c != "ip_key") for t, columns in store_shape().tables.items()},
    frozenset(HIDDEN),
)


def build(path: Path) -> Path:
    with duckdb.connect(path) as con:
        create_tables(con)
        build_tiny(con)
        con.execute(f"CREATE TABLE api_tokens AS SELECT 1 AS id, '{SECRET}' AS token, 'web' AS channel")
        con.execute(f"CREATE TABLE users AS SELECT 'admin' AS login, '{SECRET}' AS pw, 'United Kingdom' AS country")
    return path


def scans(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, set[str]]]:
    """The tables that DuckDB's plan of a query reads, and the columns that it takes from each."""
    ((_, plan),) = con.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall()
    yield from _scans(json.loads(plan))


def _scans(node: Any) -> Iterator[tuple[str, set[str]]]:
    for each in node if isinstance(node, list) else [node]:
        info = each["extra_info"]
        if "Table" in info:
            columns = info.get("Projections", [])
            yield info["Table"].split(".")[-1].strip(chr(34)), {columns} if isinstance(columns, str) else set(columns)
        yield from _scans(each["children"])


def harm(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """What a query that was let through would read that it may not."""
    found = []
    for table, columns in scans(con, sql):
        if table not in {t.name for t in TABLES}:
            found.append(f"the table {table}")
        found += [f"{table}.{c}" for c in sorted(columns & HIDDEN.get(table, set()))]
    return found
