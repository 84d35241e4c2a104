"""The data-quality checks: each finds the fault planted for it in the tiny shop, and nothing where there is none."""

import json
from collections.abc import Iterator

import duckdb
import pytest

from store.quality import CHECKS, ERROR, WARNING, check_quality, run_check
from store.schema import TABLES, create_tables
from tests.conftest import build_tiny

# Faults: the statement that plants it, the table, what is said of it.
KEYS = {t.name: t.key for t in TABLES}
ONE = {  # a row of each table, by a condition
    "products": "product_id = 'P-101'",
    "customers": "customer_id = 'C01'",
    "orders": "order_id = '5001'",
    "order_items": "order_id = '5001' AND line = 1",
    "returns": "return_id = (SELECT min(return_id) FROM returns WHERE order_id IS NOT NULL)",
    "reviews": "review_id = 'V1'",
    "events": "event_id = 'E1'",
    "promotions": "promotion_id = 'M1'",
}
MORE = """
INSERT INTO reviews VALUES ('V1', 'P-101', 'C01', 5, 'Good', 'Solid oak', '2024-01-10 10:00:00');
INSERT INTO events VALUES ('E1', 'S1', 'C01', 'P-101', 'view', '2024-01-10 10:00:00');
INSERT INTO promotions VALUES ('M1', 'P-101', 'January', 10, '2024-01-01 00:00:00', '2024-01-31 23:59:59');
"""
# The tiny shop's own oddities: its barcodes have no true check digits, and C03 signed up at noon after buying at midnight.
SOUND = """
UPDATE products SET barcode = CASE WHEN product_id = 'P-101' THEN '5012345000015' END;
UPDATE customers SET created_at = '2023-12-01 00:00:00' WHERE customer_id = 'C03';
"""


def changed(table: str, column: str, value: str, what: str) -> tuple[str, str, str]:
    return f"UPDATE {table} SET {column} = {value} WHERE {ONE[table]}", table, what


def orphaned(table: str, column: str, parent: str) -> tuple[str, str, str]:
    return changed(table, column, "'nowhere'", f"{column} that is not in {parent}")


FAULTS = [
    *((f"INSERT INTO {t} SELECT * FROM {t} WHERE {ONE[t]}", t, "the same key on several rows") for t in ONE),
    *(changed(t, column, "' '", f"no {column}") for t in ONE for column in KEYS[t] if column != "line"),
    changed("products", "title", "''", "no title"),
    changed("products", "title", "NULL", "no title"),
    orphaned("order_items", "order_id", "orders"),
    orphaned("order_items", "product_id", "products"),
    orphaned("orders", "customer_id", "customers"),
    orphaned("returns", "order_id", "orders"),
    *(orphaned(t, "product_id", "products") for t in ("returns", "reviews", "events", "promotions")),
    *(orphaned(t, "customer_id", "customers") for t in ("returns", "reviews", "events")),
    changed("orders", "status", "'paid'", "status other than completed, pending, cancelled"),
    changed("events", "kind", "'click'", "kind other than view, cart, wishlist, purchase"),
    changed("orders", "currency", "'POUND'", "currency that is no code of ISO 4217"),
    changed("orders", "currency", "'EUR'", "more than one currency"),
    changed("order_items", "quantity", "0", "quantity not above 0"),
    changed("order_items", "unit_price", "-1", "unit_price below 0"),
    changed("order_items", "unit_price", "'nan'::DOUBLE", "unit_price below 0"),
    changed("order_items", "discount", "-0.5", "discount below 0"),
    changed("order_items", "unit_cost", "-2", "unit_cost below 0"),
    changed("order_items", "discount", "quantity * unit_price + 0.01", "discount above the line's value"),
    *(changed("orders", column, "-0.01", f"{column} below 0") for column in ("shipping", "tax", "discount")),
    *(changed("products", column, "-1", f"{column} below 0") for column in ("list_price", "unit_cost", "stock")),
    changed("returns", "quantity", "0", "quantity not above 0"),
    changed("returns", "amount", "-1", "amount below 0"),
    changed("returns", "returned_at", "'2023-11-01 00:00:00'", "returned before it was ordered"),
    changed("returns", "product_id", "'P-111'", "a product that its order does not have"),
    changed("returns", "quantity", "1000", "more units than were bought"),
    changed("returns", "amount", "99999", "more money than was paid"),
    changed("reviews", "rating", "6", "rating outside 1 to 5"),
    changed("reviews", "rating", "0", "rating outside 1 to 5"),
    changed("promotions", "ends_at", "'2023-12-31 00:00:00'", "ends before it starts"),
    changed("promotions", "percent_off", "101", "percent_off outside 0 to 100"),
    changed("promotions", "percent_off", "-1", "percent_off outside 0 to 100"),
    changed("products", "attributes", "'[1]'", "attributes that are no JSON object"),
    changed("products", "attributes", "'oak'", "attributes that are no JSON object"),
    changed("orders", "ordered_at", "'1970-01-01 00:00:00'", "ordered_at before 1990-01-01"),
    *(
        changed(table, column, f"'{day}'", f"{column} {said}")
        for table, column in (("products", "created_at"), ("customers", "created_at"), ("returns", "returned_at"), ("reviews", "created_at"), ("events", "occurred_at"))
        for day, said in (("1900-01-01", "before 1990-01-01"), ("2999-01-01", "after the last day with an order"))
    ),
    ("DELETE FROM order_items WHERE order_id = '5001'", "orders", "no line"),
    changed("order_items", "unit_price", "0", "unit_price 0"),
    changed("products", "unit_cost", "list_price + 1", "unit_cost above list_price"),
    changed("products", "barcode", "'5012345000018'", "barcode without the check digit of an EAN, UPC or GTIN"),
    changed("products", "barcode", "'12'", "barcode without the check digit of an EAN, UPC or GTIN"),
    changed("customers", "created_at", "'2023-11-20 00:00:01'", "signed up after the first order"),
]  # fmt: skip


@pytest.fixture(scope="module")
def loose() -> duckdb.DuckDBPyConnection:
    """The tiny shop with a review, a visit and a promotion, in tables that let anything in."""
    con = duckdb.connect()
    create_tables(con)
    build_tiny(con)
    con.execute("DELETE FROM reviews; DELETE FROM events; DELETE FROM promotions")
    con.execute(MORE)
    con.execute("CREATE SCHEMA loose")
    for table in TABLES:
        con.execute(f"CREATE TABLE loose.{table.name} AS SELECT * FROM main.{table.name}")
    con.execute("USE loose")
    con.execute(SOUND)
    return con


@pytest.fixture
def con(loose: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Whatever a test does to it is taken back."""
    loose.begin()
    yield loose
    loose.rollback()


def test_a_sound_shop_has_no_findings(con: duckdb.DuckDBPyConnection) -> None:
    quality = check_quality(con)
    assert not quality.errors, quality.to_text()
    assert not quality.warnings, quality.to_text()
    assert quality.rows["orders"] == con.execute("SELECT count(*) FROM orders").fetchall()[0][0]


@pytest.mark.parametrize(
    ("fault", "table", "what"), FAULTS, ids=[f"{t}: {w} ({i})" for i, (_, t, w) in enumerate(FAULTS)]
)
def test_a_fault_is_found(con: duckdb.DuckDBPyConnection, fault: str, table: str, what: str) -> None:
    (check,) = (check for check in CHECKS if (check.table, check.what) == (table, what))
    assert run_check(con, check) is None
    con.execute(fault)
    finding = run_check(con, check)
    assert finding is not None, f"{what} was not found"
    assert finding.rows == 1 and len(finding.examples) == 1


def test_every_check_has_a_fault() -> None:
    assert {(check.table, check.what) for check in CHECKS} == {(table, what) for _, table, what in FAULTS}


def test_what_is_possible_but_odd_is_a_warning(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE products SET unit_cost = 1000, title = ' ', list_price = 10 WHERE product_id IN ('P-101', 'P-102', 'P-104', 'P-105')"
    )
    quality = check_quality(con)
    assert [(f.what, f.level, f.rows) for f in quality.findings] == [
        ("no title", ERROR, 4),
        ("unit_cost above list_price", WARNING, 4),
    ]
    assert quality.findings[0].examples == ("P-101", "P-102", "P-104")


def test_the_report_says_which_rows(con: duckdb.DuckDBPyConnection) -> None:
    assert "Errors: none\nWarnings: none" in check_quality(con).to_text()
    con.execute("UPDATE reviews SET rating = 6")
    quality = check_quality(con)
    assert "        1 reviews: rating outside 1 to 5\n            such as V1: 6\n" in quality.to_text()
    body = json.loads(json.dumps(quality.to_json()))
    assert body["sound"] is False and body["findings"][0]["examples"] == ["V1: 6"]


def test_the_analytics_file_can_be_checked(tiny_con: duckdb.DuckDBPyConnection) -> None:
    assert not check_quality(tiny_con).errors
