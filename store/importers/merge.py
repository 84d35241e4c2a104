"""Merging new rows into a copy of the present store: by key, newer wins, nothing is lost.

The rows to merge stand in temporary tables `new_<table>`; the present store is attached as `old` (empty tables where
the import replaces it). The canonical tables are written once, in the order of their keys.
"""

from collections.abc import Mapping

import duckdb

from store.publish import quoted
from store.schema import TABLES, ColumnSpec, create_tables, table


def attach_old(con: duckdb.DuckDBPyConnection, path: str | None) -> None:
    """Make the present store's tables readable as old.<table>; empty ones without a path."""
    if path:
        con.execute(f"ATTACH {quoted(path)} AS old (READ_ONLY)")
    else:
        con.execute("ATTACH ':memory:' AS old")
        create_tables(con, "old.main")


def merge_table(con: duckdb.DuckDBPyConnection, name: str, rules: Mapping[str, str] | None = None) -> None:
    """Write a canonical table from old.<name> and new_<name>.

    A column is the new row's value, or the old row's where the new one has none; `rules` gives other SQL for a column,
    over the rows n (new) and o (old, all NULL where there is none).
    """
    spec = table(name)
    given = {row[0] for row in con.execute(f"DESCRIBE new_{name}").fetchall()}
    merged = ", ".join(f"{(rules or {}).get(c.name) or _newer(c, given)} AS {c.name}" for c in spec.columns)
    key = ", ".join(spec.key)
    untouched = f"SELECT {', '.join(spec.names)} FROM old.{name} o ANTI JOIN new_{name} n USING ({key})"
    newer = f"SELECT {merged} FROM new_{name} n LEFT JOIN old.{name} o USING ({key})"
    con.execute(f"INSERT INTO {name} {untouched} UNION ALL {newer} ORDER BY {key}")


def _newer(column: ColumnSpec, given: set[str]) -> str:
    sides = [f"n.{column.name}"] if column.name in given else []
    zero = ["0"] if "DEFAULT 0" in column.rule else []
    return f"coalesce({', '.join([*sides, f'o.{column.name}', *zero])}, NULL)"


def keep_others(con: duckdb.DuckDBPyConnection, written: tuple[str, ...]) -> None:
    """Copy the tables that this format has nothing for."""
    for spec in TABLES:
        if spec.name not in written:
            con.execute(f"INSERT INTO {spec.name} SELECT {', '.join(spec.names)} FROM old.{spec.name}")


def number_as_before(con: duckdb.DuckDBPyConnection, new: str, old: str) -> None:
    """Give the lines of `new` the numbers that the same lines have in `old`; others get numbers after those.

    Both are relations (parent, line, product_id, content); `new` is a table, whose `line` is changed. A line is the
    same if its product and content are, else if its product is (its newer form); so an export that holds an order
    again changes nothing, a corrected one corrects, and the second part of an order that was cut in two adds its lines.
    """
    con.execute(f"""
        CREATE TEMP TABLE renumbered AS
        WITH was AS (SELECT * FROM {old} SEMI JOIN {new} USING (parent)),
        was_twins AS ({_twins("was", "content")}), new_twins AS ({_twins(new, "content")}),
        same AS (SELECT n.parent, n.line, w.line AS old_line FROM new_twins n JOIN was_twins w
                 USING (parent, product_id, content, twin)),
        was_rest AS (SELECT * FROM was ANTI JOIN (SELECT parent, old_line AS line FROM same) USING (parent, line)),
        new_rest AS (SELECT * FROM {new} SEMI JOIN was USING (parent) ANTI JOIN same USING (parent, line)),
        was_left AS ({_twins("was_rest")}), new_left AS ({_twins("new_rest")}),
        newer AS (SELECT n.parent, n.line, w.line AS old_line FROM new_left n JOIN was_left w
                  USING (parent, product_id, twin)),
        added AS (SELECT parent, line, row_number() OVER (PARTITION BY parent ORDER BY line) AS nth
                  FROM new_rest ANTI JOIN newer USING (parent, line)),
        last AS (SELECT parent, max(line) AS line FROM was GROUP BY parent)
        FROM same UNION ALL FROM newer UNION ALL
        SELECT a.parent, a.line, last.line + a.nth FROM added a JOIN last USING (parent)""")
    con.execute(f"UPDATE {new} n SET line = r.old_line FROM renumbered r WHERE n.parent = r.parent AND n.line = r.line")
    con.execute("DROP TABLE renumbered")


def _twins(relation: str, content: str = "") -> str:
    """The relation with a number for lines that are alike."""
    alike = ", ".join(filter(None, ["parent", "product_id", content]))
    return f"SELECT *, row_number() OVER (PARTITION BY {alike} ORDER BY line) AS twin FROM {relation}"
