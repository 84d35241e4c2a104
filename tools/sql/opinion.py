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
from tools.sql.shape import Shape, folded

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Node = Mapping[str, Any]
PLAIN_JOINS = frozenset({"REGULAR", "CROSS", "ASOF"})
LONG_TYPES = frozenset(
    {"int128", "timestamp with time zone", "time with time zone", "time_tz", "timestamp_s", "hugeint"}
)
TWO_WAYS = "The query can be read in two ways. Put it more simply."


def opinion(asked: str, text: str, shape: Shape, con: DuckDBPyConnection, tables: frozenset[str]) -> str | None:
    """Why DuckDB sees more in the text than it should, or something else than in what was asked.

    None where it reads the same tables in both, those that sqlglot saw, and finds only allowed parts.
    """
    original, printed = (_parsed(sql, con) for sql in (asked, text))
    for tree in (original, printed):
        if isinstance(tree, str):
            return tree
    for node in _nodes(printed):
        if reason := _strange(node):
            return reason
    read = sorted(_tables(printed, frozenset()))
    if set(read) != tables or not tables <= shape.tables.keys() or sorted(_tables(original, frozenset())) != read:
        return TWO_WAYS
    return next((KEY.format(key=key) for key in _odd_keys(original)), None)


def _parsed(sql: str, con: DuckDBPyConnection) -> Node | str:
    """DuckDB's tree of the one SELECT, or why there is none."""
    ((found,),) = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(found)
    statements = tree.get("statements") or []
    if tree.get("error") or len(statements) != 1:
        return f"DuckDB can't read this query: {str(tree.get('error_message', 'no single SELECT'))[:200]}"
    node: Node = statements[0]["node"]
    return node


KEY = "The JSON key {key!r} has signs of a path in it: write a path, such as '$.\"a.b\"'."
BY_KEY = frozenset(
    """
    -> ->> json_extract json_extract_string json_extract_path json_extract_path_text json_value json_exists json_type
    json_keys
    """.split()
)


def _odd_keys(tree: Any) -> Iterator[str]:
    """Keys of JSON that are no paths, and that sqlglot would write as one."""
    for node in _nodes(tree):
        if str(node.get("function_name", "")).lower() in BY_KEY:
            keys = [a["expression"] for a in node["arguments"][1:]]
        else:
            keys = [node["expr"]] if node.get("class") == "LAMBDA" else []
        for key in (k.get("literal") or {} for k in keys):
            text = str(key.get("text", ""))
            if key.get("kind") == "STRING" and not text.startswith(("$", "/")) and not text.replace("_", "a").isalnum():
                yield text


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
        fine = node.get("type") in DUCKDB_QUERIES and not node.get("sample")
        return None if fine else "This form of query can't be used."
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
        visible |= {folded(str(cte["key"]))}
    if node.get("type") == "BASE_TABLE" and (node.get("schema_name") or folded(str(node["table_name"])) not in visible):
        yield folded(str(node["table_name"]))
    for key, child in node.items():
        if key != "cte_map":
            yield from _tables(child, visible)
