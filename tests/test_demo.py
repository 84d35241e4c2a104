"""The demo shop: what is in its tables, what it replaces, and its command."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agent.planner import words
from store.connect import Store, open_store
from store.demo.build import build_demo
from store.demo.catalogue import ean13
from store.demo.pricepoints import price_point
from store.demo.shop import draw_shop
from store.demo.truths import read_truths, write_truths
from store.demo.vocabulary import read_theme, theme_names
from store.errors import UserError
from store.paths import Home
from store.publish import publish
from store.schema import TABLES
from store.upkeep import remove_store
from tests.conftest import build_tiny
from tests.demo_shops import demo_home

SEED = 11
CHECKOUT = Path(__file__).parents[1]
LAUNCHER = CHECKOUT / "storewise"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return open_store(demo_home(tmp_path_factory, SEED), "demo")


@pytest.fixture(scope="module")
def truths(demo: Store) -> dict[str, Any]:
    return read_truths(demo.home, "demo")


@pytest.fixture(scope="module")
def con(demo: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """The canonical file, personal data included."""
    with duckdb.connect(demo.path / "shop.duckdb", read_only=True) as con:
        yield con


def value(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    (found,) = con.execute(sql).fetchall()[0]
    return float(found)


# What is in it


@pytest.mark.parametrize(
    ("sql", "least", "most"),
    [
        ("SELECT count(*) FROM products", 380, 420),
        ("SELECT count(*) FROM customers", 5_700, 6_300),
        ("SELECT count(*) FROM orders", 57_000, 63_000),
        ("SELECT count(*) / (SELECT count(*) FROM orders) FROM order_items", 2.0, 2.4),
        ("SELECT avg((quantity <= 3)::INT) FROM order_items", 0.95, 1),
        ("SELECT count(*) FROM reviews", 6_000, 9_000),
        ("SELECT count(*) FROM events", 250_000, 1_200_000),
        ("SELECT count(DISTINCT session_id) FILTER (kind = 'purchase') / count(DISTINCT session_id) FROM events", 0.03, 0.08),
        ("SELECT avg((regexp_matches(title, '[一-龥]'))::INT) FROM reviews", 0.15, 0.35),
        ("SELECT count(DISTINCT body) / count(body) FROM reviews", 0.7, 1),
        ("SELECT count(DISTINCT title) / count(*) FROM products", 1, 1),
        ("SELECT avg(rating) FROM reviews", 3.8, 4.5),
        ("SELECT avg((is_fraud)::INT) FROM orders", 0.0095, 0.0155),
        ("SELECT avg((customer_id IS NULL)::INT) FROM orders", 0.08, 0.2),
        ("SELECT avg((status = 'completed')::INT) FROM orders", 0.93, 0.98),
        ("SELECT avg((stock = 0)::INT) FROM products", 0.02, 0.12),
        ("SELECT count(*) FROM orders WHERE ordered_at >= '2026-10-31'", 30, 200),
        ("SELECT count(DISTINCT ordered_at::DATE) FROM orders", 730, 730),
        ("SELECT count(*) FROM returns WHERE order_id IS NULL", 0, 0),
        ("SELECT count(*) FROM orders WHERE status = 'pending' AND ordered_at < '2026-10-25'", 0, 0),
        ("SELECT count(*) FROM orders WHERE is_fraud IS NULL AND ordered_at < '2026-10-10'", 0, 0),
        ("SELECT count(*) FROM orders WHERE is_fraud IS NOT NULL AND ordered_at >= '2026-10-11'", 0, 0),
        ("SELECT count(*) FROM customers WHERE NOT regexp_matches(email, '@(example\\.(com|org|net)|(mail|post)\\.example)$')", 0, 0),
        ("SELECT count(*) FROM orders WHERE NOT regexp_matches(ip_address, '^198\\.1[89]\\.')", 0, 0),
        ("SELECT count(*) FROM products WHERE length(regexp_replace(description, '[^.]', '', 'g')) NOT BETWEEN 1 AND 3", 0, 0),
    ],
)  # fmt: skip
def test_it_reads_like_a_shop(con: duckdb.DuckDBPyConnection, sql: str, least: float, most: float) -> None:
    assert least <= value(con, sql) <= most


def test_attributes_agree_with_titles(con: duckdb.DuckDBPyConnection) -> None:
    for title, attributes in con.execute("SELECT title, attributes FROM products").fetchall():
        assert all(text in title for text in json.loads(attributes).values())


def test_visits_agree_with_orders(con: duckdb.DuckDBPyConnection) -> None:
    """Every line ordered by web or app since visits are kept is a purchase, at its time, by its customer."""
    wanted = """SELECT customer_id, product_id, ordered_at FROM orders JOIN order_items USING (order_id)
        WHERE channel IN ('web', 'app') AND ordered_at >= '2026-05-01'"""
    there = "SELECT customer_id, product_id, occurred_at FROM events WHERE kind = 'purchase'"
    assert value(con, f"SELECT count(*) FROM ({wanted})") > 5_000
    assert value(con, f"SELECT count(*) FROM ({wanted} EXCEPT ALL {there})") == 0
    assert value(con, f"SELECT count(*) FROM ({there} EXCEPT ALL {wanted})") == 0


def test_promotions_are_real_discounts(con: duckdb.DuckDBPyConnection) -> None:
    off = """SELECT avg((i.discount >= i.quantity * i.unit_price * p.percent_off / 100 - 0.01)::INT)
        FROM order_items i JOIN orders o USING (order_id) JOIN promotions p
        ON (p.product_id IS NULL OR p.product_id = i.product_id) AND o.ordered_at BETWEEN p.starts_at AND p.ends_at"""
    assert value(con, off) == 1
    assert value(con, "SELECT avg((discount > 0)::INT) FROM order_items") < 0.3


def test_products_sell_only_while_they_are_sold(con: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    sold = "FROM order_items JOIN orders USING (order_id) WHERE product_id = ? AND ordered_at"
    assert truths["launched"] and truths["discontinued"] and truths["sold_out"]
    for product, day in truths["launched"].items():
        assert con.execute(f"SELECT count(*) {sold} < ?", [product, day]).fetchall() == [(0,)]
    for product, day in (*truths["discontinued"].items(), *truths["sold_out"].items()):
        assert con.execute(f"SELECT count(*) {sold} >= ?", [product, day]).fetchall() == [(0,)]


def test_truths_name_what_is_in_the_tables(con: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    fraud = truths["fraud"]
    planted = {*fraud["isolated"], *(order for ring in fraud["rings"] for order in ring["order_ids"])}
    labelled = {order for (order,) in con.execute("SELECT order_id FROM orders WHERE is_fraud").fetchall()}
    unlabelled = {order for (order,) in con.execute("SELECT order_id FROM orders WHERE is_fraud IS NULL").fetchall()}
    assert labelled < planted and planted - labelled <= unlabelled
    assert fraud["rate"] == pytest.approx(len(planted) / value(con, "SELECT count(*) FROM orders"), rel=1e-4)
    products = {product for (product,) in con.execute("SELECT product_id FROM products").fetchall()}
    assert set(truths["own_price_elasticity"]) == products
    assert {c["cause"] for c in truths["price_changes"]["exogenous"]} == {"cost", "trial"}
    assert {c["cause"] for c in truths["price_changes"]["endogenous"]} == {"demand"}


def test_ratings_follow_quality(con: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    quality = truths["quality"]
    rated = con.execute("SELECT product_id, avg(rating) FROM reviews GROUP BY 1 HAVING count(*) >= 20").fetchall()
    best, worst = (sorted(rated, key=lambda r: sign * quality[r[0]])[: len(rated) // 4] for sign in (-1, 1))
    assert sum(r for _, r in best) / len(best) > sum(r for _, r in worst) / len(worst) + 0.4


def test_nothing_that_answers_questions_knows_of_the_truths() -> None:
    """They are an answer key: only back-tests and evaluations may open it."""
    files = [path for folder in ("agent", "tools", "retrieval") for path in (CHECKOUT / folder).rglob("*.py")]
    assert len(files) > 20
    assert not [path for path in files if re.search(r"store\.demo|truths\.json|read_truths", path.read_text("utf-8"))]


# Words


def test_no_name_is_a_word_of_the_planner() -> None:
    """A category called "Orders" or a product called "Best Basket" would make ordinary questions ambiguous."""
    taken = {w for table in (words.METRICS, words.DIMENSIONS, words.GRAINS, words.RANKS, words.SHARES) for said in table.values() for w in said.split(" | ") if w.isascii()}  # fmt: skip
    for theme in map(read_theme, theme_names()):
        names = [*(c.name for c in theme.categories), *theme.adjectives, *theme.colours]
        names += [k.noun for c in theme.categories for k in c.kinds]
        names += [word for name in names for word in name.split()]
        assert not {name.lower() for name in names} & taken, theme.name


def test_every_theme_is_whole() -> None:
    for theme in map(read_theme, theme_names()):
        assert len(theme.categories) >= 10 and len({c.name for c in theme.categories}) == len(theme.categories)
        kinds = [kind for category in theme.categories for kind in category.kinds]
        assert all(re.search("[一-龥]", kind.chinese) and len(kind.features) >= 2 for kind in kinds)
        assert all(0 < kind.cheapest < kind.dearest for kind in kinds)


@pytest.mark.parametrize(("twelve", "whole"), [("400638133393", "4006381333931"), ("590123412345", "5901234123457")])
def test_check_digits(twelve: str, whole: str) -> None:
    assert ean13(twelve) == whole


@pytest.mark.parametrize(
    ("price", "point"), [(4.1, 3.99), (7.52, 7.49), (12.4, 12.5), (19.9, 19.99), (84.3, 84), (203, 204)]
)
def test_price_points(price: float, point: float) -> None:
    assert float(price_point(price)) == pytest.approx(point)


# What it replaces, and the command


def storewise(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STOREWISE_HOME": str(home.root)}
    return subprocess.run([LAUNCHER, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_other_data_is_not_replaced_by_a_slip(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = publish(home, "demo", build_tiny, format="online-retail")
    with pytest.raises(UserError, match=r"holds online-retail data \(160 orders, .* no demo shop.*--replace"):
        build_demo(home, "demo", SEED)
    ran = storewise(home, "demo")
    assert ran.returncode == 1 and ran.stdout == "" and "--replace" in ran.stderr
    ran = storewise(home, "demo", "--json")
    assert ran.returncode == 1 and json.loads(ran.stdout)["status"] == "error"
    assert open_store(home, "demo").data_version == before.data_version
    assert not (home.store("demo") / "truths.json").exists()


def test_a_damaged_store_is_not_taken_for_a_demo(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "demo", build_tiny, format="demo")
    (home.store("demo") / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="damaged.*--replace"):
        build_demo(home, "demo", SEED)


def test_the_command_replaces_and_the_same_seed_gives_the_same_shop(demo: Store, tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "other", build_tiny, format="online-retail")
    ran = storewise(home, "demo", "--store", "other", "--seed", str(SEED), "--replace", "--json")
    assert ran.returncode == 0, ran.stderr
    done = json.loads(ran.stdout)
    assert (done["status"], done["store"], done["seed"], done["rows"]) == ("done", "other", SEED, demo.manifest.rows)
    assert (done["first_day"], done["last_day"]) == ("2024-11-01", "2026-10-31")
    assert Path(done["truths"]) == home.store("other") / "truths.json"
    assert "writing order items" in ran.stderr
    assert _same_rows(demo.path / "shop.duckdb", home.store("other") / "shop.duckdb")
    one, other = read_truths(demo.home, "demo"), read_truths(home, "other")
    assert other.pop("data_version") == done["data_version"]
    assert one.pop("data_version") and one == other
    asked = storewise(home, "ask", "revenue by category last month", "--store", "other", "--json")
    assert json.loads(asked.stdout)["status"] == "answered"


def _same_rows(one: Path, other: Path) -> bool:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{one}' AS one (READ_ONLY); ATTACH '{other}' AS other (READ_ONLY)")
        differ = (
            value(con, f"SELECT count(*) FROM (FROM {a}.{t.name} EXCEPT ALL FROM {b}.{t.name})")
            for t in TABLES
            for a, b in (("one", "other"), ("other", "one"))
        )
        return not any(differ)


def test_truths_of_other_data_are_refused(truths: dict[str, Any], tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "demo", build_tiny, format="online-retail")
    with pytest.raises(UserError, match="has no truths: it is no demo shop"):
        read_truths(home, "demo")
    (home.store("demo") / "truths.json").write_text(json.dumps(truths))  # as an earlier demo would leave them
    with pytest.raises(UserError, match=r"truths\.json tells of other data than store demo has now"):
        read_truths(home, "demo")
    remove_store(home, "demo")
    assert not home.store("demo").exists()


def test_truths_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "demo", build_tiny, format="demo")
    (home.store("demo") / "truths.json").mkdir()
    with pytest.raises(UserError, match=r"is built, but .*truths\.json could not be written"):
        write_truths(home, "demo", draw_shop(SEED, lambda what, part: None), "sha256:0")
    assert not (home.store("demo") / "truths.json.tmp").exists()


def test_misuse_and_help(tmp_path: Path) -> None:
    assert storewise(Home(tmp_path), "demo", "--seed", "-1").returncode == 2
    assert storewise(Home(tmp_path), "demo", "--store", "no/name").returncode == 2
    out = storewise(Home(tmp_path), "demo", "--help").stdout
    assert "--seed" in out and "--replace" in out and "truths.json" in out
