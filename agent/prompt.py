"""The system prompt: the files of agent/prompts, filled with the definitions and with what this shop holds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from agent.llm.shown import clipped
from store.kept import Kept
from tools.contract import NotThere
from tools.metrics.available import counts, refuse_missing
from tools.metrics.definitions import ALIASES, DIMENSIONS, METRICS
from tools.metrics.query import needed
from tools.metrics.request import read_measure

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

FILES = Path(__file__).parent / "prompts"
EXAMPLES = 6  # values of a column
LONGEST_VALUE = 40  # characters
MONEY = frozenset({"list_price", "unit_cost", "shipping", "tax", "discount", "unit_price", "amount"})
MEANINGS = {  # of the columns whose names don't say it
    "products.stock": "on hand at the end of the data",
    "orders.discount": "on the whole order, beyond the lines' own",
    "orders.customer_id": "empty for guests",
    "order_items.unit_price": "before the line's discount",
    "order_items.discount": "of the whole line",
    "returns.amount": "money given back",
    "promotions.percent_off": "10 means 10 %",
}
IDS = ("_id", "_key", "barcode", "image", "attributes", "description", "body", "created_at", "line", "currency")
_known: Kept[str] = Kept()


def system_prompt(store: Store, today: date) -> str:
    """Made once for a day and a version of the store's data."""
    return _known.of(store, lambda: _written(store, today), today)


def _written(store: Store, today: date) -> str:
    days = {"today": f"{today:%A} {today.isoformat()}", "first_day": store.first_day, "last_day": store.today}
    fixed = {name: _filled(name) for name in ("calls", "asking_back")}
    parts = {"definitions": definitions(), "shop": shop_note(store), "currency": store.currency}
    return _filled("system", **days, **fixed, **parts)


def definitions() -> str:
    """What the words mean: metrics and dimensions as the tools define them, the conventions as the file says."""
    metrics = "\n".join(f"- {name}: {m.definition}" for name, m in METRICS.items())
    aliases = ", ".join(f"{alias} ({name})" for alias, name in ALIASES.items() if alias.replace("_", " ") != name)
    return _filled("definitions", metrics=metrics, aliases=aliases, dimensions=", ".join(DIMENSIONS))


def _filled(name: str, **parts: Any) -> str:
    return Template((FILES / f"{name}.md").read_text(encoding="utf-8").strip()).substitute(parts)


def shop_note(store: Store) -> str:
    """The tables with their rows, and of each column that holds anything its unit, range or commonest values."""
    with store.connect() as con:
        lines = [line for table in _tables(con) for line in _table(con, table, store.currency)]
        missing = _missing(store, con)
    mark = f"data-{secrets.token_hex(4)}"
    note = "\n".join([f"<{mark}>", *lines, f"</{mark}>"])
    lacks = f"Not in this shop's data, so decline: {', '.join(missing)}." if missing else ""
    return f"The tables behind the metrics, with their commonest values:\n{note}\n{lacks}".rstrip()


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_oid").fetchall()
    return [str(row[0]) for row in rows]


def _table(con: duckdb.DuckDBPyConnection, table: str, currency: str) -> Iterator[str]:
    (rows,) = con.execute(f"SELECT COUNT(*) FROM {table}").fetchone() or (0,)
    columns = con.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall() if rows else []
    said = (_column(con, table, name, kind, currency) for name, kind in columns if not name.endswith(IDS))
    if rows:
        yield f"{table}: {rows} rows. {'; '.join(s for s in said if s)}".rstrip()


def _column(con: duckdb.DuckDBPyConnection, table: str, name: str, kind: str, currency: str) -> str:
    """Empty for a column that holds nothing."""
    found = con.execute(
        f'SELECT COUNT("{name}"), COUNT(DISTINCT "{name}"), MIN("{name}"), MAX("{name}") FROM {table}'
    ).fetchone()
    held, distinct, least, most = found or (0, 0, None, None)
    if not held:
        return ""
    label = f"{name} ({m})" if (m := MEANINGS.get(f"{table}.{name}")) else name
    if kind == "VARCHAR":
        return f"{label}: {_values(con, table, name, distinct)}"
    if kind == "TIMESTAMP":
        return f"{label} {least:%Y-%m-%d} to {most:%Y-%m-%d}"
    return f"{label} {least:g} to {most:g}{f' {currency}' if name in MONEY else ''}" if kind != "BOOLEAN" else label


def _values(con: duckdb.DuckDBPyConnection, table: str, name: str, distinct: int) -> str:
    rows = con.execute(
        f'SELECT "{name}" FROM {table} WHERE "{name}" IS NOT NULL GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT {EXAMPLES}'
    ).fetchall()
    more = f" … ({distinct} in all)" if distinct > len(rows) else ""
    return ", ".join(clipped(str(row[0]), LONGEST_VALUE) for row in rows) + more


def _missing(store: Store, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The metrics and dimensions that the tools would refuse here."""
    have = counts(store, con)
    out = [m for m in METRICS if _is_refused(have, needed([read_measure(m)]), [])]
    return out + [f"by {d.replace('_', ' ')}" for d in DIMENSIONS if _is_refused(have, [], [d])]


def _is_refused(have: dict[str, int], components: Any, dims: list[str]) -> bool:
    try:
        refuse_missing(have, list(components), dims, [])
    except NotThere:
        return True
    return False
