"""Two shops of one home: A holds canaries in every place that a text or a figure can stand in, B holds none of them.

A canary is a bait, which somebody at B may know and ask for, and a secret, which only A's data have: to see the secret
is to have seen A.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from agent.ask import ask
from agent.principal import Principal
from store.paths import Home
from store.publish import publish
from store.schema import TABLES
from tests.conftest import build_tiny
from tools.metrics.definitions import DIMENSIONS

A, B = "alder", "birch"
THREADS = ("canaries", "default", "1")  # of A; B's may have the same names
ONLY_A = "alders-own"  # a conversation that B has none of


@dataclass(frozen=True)
class Canary:
    """`where` is the column that holds "bait secret"."""

    where: str
    bait: str
    secret: str

    @property
    def text(self) -> str:
        return f"{self.bait} {self.secret}"


CANARIES = tuple(
    Canary(*words.split())
    for words in (
        "products.title Vellumquartz Ozwick", "products.description Brindlewax Tarnhollow",
        "products.category Quillmoor Fenwraith", "products.brand Dapplecrow Ystwyth", "products.barcode Harlowmint Brexcombe",
        "products.product_id Skylarkfen Udmere", "customers.customer_id Marrowfen Zeldry", "customers.segment Thistlewick Umberlo",
        "orders.order_id Larkspindle Quorndale", "orders.channel Pennyroyal Vexford", "orders.region Saltmarrow Ivelchester",
        "orders.city Wrenhollow Gristane", "orders.payment_method Coppermint Oxendale", "orders.device_id Fernwhistle Juttering",
        "returns.reason Gloamfeather Pellworm", "returns.return_id Ambergill Kestwold", "reviews.title Hazelbrook Tintagwyn",
        "reviews.body Mothlantern Cazvane", "promotions.name Ravensallow Drummoch", "events.session_id Pebblewhin Strathgow",
    )
)  # fmt: skip
ASKED = Canary("thread", "Larchglade", "Wyverholt")  # stands in A's conversations alone
REVENUE, YEAR = "8642013", "2031"  # of A's last order
SECRETS = (*(c.secret for c in CANARIES), ASKED.secret, REVENUE, YEAR)
TEXTS = {c.where: c.text for c in CANARIES}


def seen_in(shown: Any) -> list[str]:
    """The secrets that stand in something shown, sent or kept; figures however they are written."""
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)
    plain = re.sub(r"(?<=\d)[,'](?=\d)", "", text.lower())
    figures = set(re.findall(r"(?<![\w.])[0-9]+(?![0-9a-z])", plain))
    return [secret for secret in SECRETS if secret in figures or (secret.isalpha() and secret.lower() in plain)]


def build_b(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return build_tiny(con)


def build_a(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    build_tiny(con)
    ids = {"product_id": TEXTS["products.product_id"], "customer_id": TEXTS["customers.customer_id"],
           "order_id": TEXTS["orders.order_id"]}  # fmt: skip
    rows: dict[str, dict[str, Any]] = {
        "products": {"product_id": ids["product_id"], "stock": 3, "list_price": 5},
        "customers": {"customer_id": ids["customer_id"]},
        "orders": {"order_id": ids["order_id"], "customer_id": ids["customer_id"], "ordered_at": f"{YEAR}-03-09 10:00:00",
                   "status": "completed", "country": "Italy", "currency": "GBP"},
        "order_items": {"order_id": ids["order_id"], "line": 1, "product_id": ids["product_id"], "quantity": 1, "unit_price": float(REVENUE)},
        "returns": {"order_id": ids["order_id"], "product_id": ids["product_id"], "quantity": 1, "amount": 5, "returned_at": f"{YEAR}-03-10"},
        "reviews": {"review_id": "R-canary", "product_id": ids["product_id"], "rating": 5, "created_at": f"{YEAR}-03-11"},
        "promotions": {"promotion_id": "X-canary", "percent_off": 10, "starts_at": f"{YEAR}-03-01", "ends_at": f"{YEAR}-03-31"},
        "events": {"event_id": "E-canary", "product_id": ids["product_id"], "kind": "view", "occurred_at": f"{YEAR}-03-09 09:00:00"},
    }  # fmt: skip
    for table, row in rows.items():
        full = row | {c.where.split(".")[1]: c.text for c in CANARIES if c.where.startswith(f"{table}.")}
        con.execute(f"INSERT INTO {table} ({', '.join(full)}) VALUES ({', '.join('?' * len(full))})", [*full.values()])
    return {}


def build(folder: Path) -> Home:
    """Both shops, and A's conversations."""
    home = Home(folder)
    publish(home, A, build_a, format="tests")
    publish(home, B, build_b, format="tests")
    for thread in (*THREADS, ONLY_A):
        for question in (
            f"revenue in {YEAR}",
            f"how much {ASKED.text} did we sell?",
            f"units of {TEXTS['products.title']} by month in {YEAR}",
            f"revenue by city in {YEAR}",
        ):
            ask(Principal(home, A), thread, question)
    return home


# ---- attempts

BAITS = [c.bait for c in CANARIES]
DIMS = sorted(DIMENSIONS)


def tool_calls() -> list[tuple[str, dict[str, Any]]]:
    every = [("query_metrics", {"metrics": ["orders"], "by": [d], "limit": 1000}) for d in DIMS]
    every += [("query_metrics", {"metrics": ["orders"], "where": [{"field": d, "op": "contains", "value": bait}]})
              for d, bait in zip(DIMS * 2, BAITS * 2, strict=False)]  # fmt: skip
    every += [("match_products", {"text": bait}) for bait in BAITS]
    every += [("describe_store", {"table": table.name}) for table in TABLES] + [("describe_store", {})]
    every += [
        ("describe_store", {"table": table})
        for table in (A, f"{A}.orders", f"../{A}/orders", "main.orders", "sqlite_master")
    ]
    return [*every, ("data_coverage", {}), *(("match_products", {"text": t}) for t in (A, f"../{A}", "%", "*", "_%"))]


def sql_attempts(home: Home) -> list[str]:
    file, folder = str(home.store(A) / "analytics.duckdb"), str(home.stores)
    every = [f"SELECT {c.name} FROM {t.name} WHERE CAST({c.name} AS VARCHAR) ILIKE '%{bait}%'"
             for t in TABLES for c, bait in zip([c for c in t.columns if not c.pii], BAITS, strict=False)]  # fmt: skip
    names = (f"{A}.main.orders", f"{A}.orders", "shop.main.orders", "analytics.main.orders", "memory.main.orders", f"'{file}'", f"\"{file}\"",
             f"'{folder}/{A}/shop.duckdb'", f"'../{A}/analytics.duckdb'", "temp.orders", "system.information_schema.tables",
             "information_schema.tables", "sqlite_master", "pg_catalog.pg_class", "duckdb_tables()", "duckdb_databases()", "duckdb_settings()",
             f"glob('{folder}/**')", f"read_text('{folder}/{A}/manifest.json')", f"read_blob('{file}')", f"read_csv('{folder}/{A}/manifest.json')",
             f"read_json('{folder}/{A}/manifest.json')", f"sqlite_scan('{folder}/{A}/state.sqlite', 'turns')", f"sniff_csv('{file}')",
             f"query('SELECT * FROM read_text(''{file}'')')", "query_table(['orders'])", f"parquet_scan('{folder}/{A}/*')")  # fmt: skip
    every += [f"SELECT * FROM {name}" for name in names]
    return [
        *every, f"ATTACH '{file}' AS o", f"ATTACH '{file}' AS o; SELECT title FROM o.products", f"USE '{file}'", f"IMPORT DATABASE '{folder}/{A}'",
        f"COPY products FROM '{file}'", f"WITH o AS (ATTACH '{file}') SELECT 1", "SHOW ALL TABLES", "SHOW DATABASES", "PRAGMA database_list",
        f"CREATE VIEW v AS SELECT * FROM '{file}'", f"SELECT (SELECT content FROM read_text('{folder}/{A}/manifest.json')) AS c",
        f"SELECT getvariable('{A}') AS v", "SELECT current_database() AS d", "SELECT current_setting('database_directory') AS s",
        f"SELECT title FROM products UNION ALL SELECT content FROM read_text('{file}')",
        f"SELECT * FROM products AS p, LATERAL (SELECT * FROM '{file}') AS q",
    ]  # fmt: skip


def paths() -> list[str]:
    inside = (
        "export.md",
        "export.json",
        *(f"turns/{n}/receipts/r1.csv" for n in (1, 3, 4)),
        "turns/1/receipts/r1/again",
    )
    tricks = (
        f"../../{A}", f"../{A}/threads/{ONLY_A}", "' OR '1'='1", "%", "_________n", "*", f"{ONLY_A}\0", ONLY_A.upper(), f" {ONLY_A}", f"{ONLY_A}%20",
        f"../../stores/{A}/state.sqlite", "..", ".",
    )  # fmt: skip
    found = [f"/stores/{B}/threads/{thread}/{end}" for thread in [ONLY_A] for end in inside]
    found += [f"/stores/{B}/threads/{quote(trick, safe='')}/{end}" for trick in tricks for end in inside[:3]]
    stores = (f"{B}/../{A}", f"../{A}", f"./{A}", f"{A}/", f"{A}\0", f"{A} ", A.upper(), f"..\\{A}", f"%2e%2e/{A}", f".{A}.work", "", "*", f"{B},{A}",
              f"{A}.duckdb", "．．／" + A, "~", "/etc")  # fmt: skip
    found += [f"/stores/{quote(store, safe='')}/threads/{ONLY_A}/{end}" for store in stores for end in inside[:3]]
    receipts = (
        "../r1",
        f"../../../../../{A}/threads/{ONLY_A}/turns/1/receipts/r1",
        "*",
        "r1\0",
        "R1",
        "' OR 1=1",
        "..",
    )
    return found + [f"/stores/{B}/threads/own/turns/1/receipts/{quote(r, safe='')}.csv" for r in receipts]
