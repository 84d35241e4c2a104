"""The second opinion: what DuckDB's own parser finds in the text that is to run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tools.sql.grammar import (
    DUCKDB_EXPRESSIONS,
    DUCKDB_MODIFIERS,
    DUCKDB_QUERIES,
    DUCKDB_SOURCES,
    FUNCTIONS,
    TYPES,
)
from tools.sql.shape import Shape

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Node = Mapping[str, Any]
PLAIN_JOINS = frozenset({"REGULAR", "CROSS", "ASOF"})
LONG_TYPES = frozenset({"timestamp with time zone", "time with time zone", "time_tz", "timestamp_s", "hugeint"})


def opinion(text: str, shape: Shape, con: DuckDBPyConnection, tables: frozenset[str]) -> str | None:
    """Why DuckDB sees more in the text than it should; None where it sees the same tables, and only allowed parts."""
    ((found,),) = con.execute("SELECT json_serialize_sql(?)", [text]).fetchall()
    tree = json.loads(found)
    statements = tree.get("statements") or []
    if tree.get("error") or len(statements) != 1:
        return f"DuckDB can't read this query: {str(tree.get('error_message', 'no single SELECT'))[:200]}"
    for node in _nodes(statements[0]["node"]):
        if reason := _strange(node):
            return reason
    read = {t for t in _tables(statements[0]["node"], frozenset())}
    if read != tables or not read <= shape.tables.keys():
        return "The query can be read in two ways. Put it more simply."
    return None


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, Mapping):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _strange(node: Node) -> str | None:
    kind = node.get("class")
    if kind is not None:
        return _strange_expression(node, str(kind))
    if "select_list" in node or "setop_type" in node or "cte_name" in node:
        return (
            None
            if node.get("type") in DUCKDB_QUERIES and not node.get("sample")
            else "This form of query can't be used."
        )
    if "query_location" in node and "type" in node:
        return _strange_source(node)
    return None


def _strange_expression(node: Node, kind: str) -> str | None:
    if node["type"] not in DUCKDB_EXPRESSIONS.get(kind, "").split():
        return f"{str(node['type']).replace('_', ' ')} can't be used."
    if kind in ("FUNCTION", "WINDOW") and not _is_allowed(node):
        return f"The function {node['function_name']} can't be used."
    if kind == "TYPE" and str(node.get("type_name", "")).lower() not in TYPES | LONG_TYPES:
        return f"The type {node.get('type_name')} can't be used."
    if kind == "STAR" and (node.get("expr") or node.get("replace_list") or node.get("rename_list")):
        return "COLUMNS, and * with anything but EXCLUDE, can't be used."
    return None


def _is_allowed(function: Node) -> bool:
    at_home = function.get("schema", "") in ("", "main") and function.get("catalog", "") in ("", "system")
    return at_home and str(function["function_name"]).lower() in FUNCTIONS


def _strange_source(node: Node) -> str | None:
    if node["type"] not in DUCKDB_SOURCES | DUCKDB_MODIFIERS:
        return f"{str(node['type']).replace('_', ' ')} can't be used."
    if node.get("sample") or node.get("at_clause"):
        return "Samples and versions of a table can't be used."
    if node["type"] == "JOIN" and node["ref_type"] not in PLAIN_JOINS:
        return f"{node['ref_type']} JOIN can't be used."
    if node["type"] == "BASE_TABLE":
        return _strange_table(node)
    if node["type"] == "TABLE_FUNCTION" and node["function"].get("function_name") != "unnest":
        return "Only UNNEST(…) may stand in place of a table."
    return None


def _strange_table(node: Node) -> str | None:
    if node.get("catalog_name") or node.get("schema_name") not in ("", None, "main"):
        return f"{node['table_name']} is no table of this shop."
    return "A table's alias can't have a list of columns." if node.get("column_name_alias") else None


def _tables(node: Any, visible: frozenset[str]) -> Iterator[str]:
    """The tables of the file that a tree reads: names that no visible CTE has."""
    if isinstance(node, list):
        for child in node:
            yield from _tables(child, visible)
        return
    if not isinstance(node, Mapping):
        return
    for cte in (node.get("cte_map") or {}).get("map", ()):
        yield from _tables(cte["value"], visible)
        visible |= {str(cte["key"]).lower()}
    if node.get("type") == "BASE_TABLE" and (node.get("schema_name") or str(node["table_name"]).lower() not in visible):
        yield str(node["table_name"]).lower()
    for key, child in node.items():
        if key != "cte_map":
            yield from _tables(child, visible)
