"""What is planted in a demo shop can be got back out of its tables by simple means, and of no other shop."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from typing import Any

import duckdb
import pytest

from store.connect import open_store
from store.demo.truths import read_truths
from store.paths import Home
from store.quality import check_quality
from tests.demo_findings import biggest_loser, revenue_a_day
from tests.demo_scores import BOUNDS, Bound, Estimates, elasticity_error, estimate, naive_error, shuffled
from tests.demo_shops import demo_home

QUICK = [11, 24]
SLOW = [101, 202, 303, 404, 505]
SEEDS = [*QUICK, *(pytest.param(seed, marks=pytest.mark.slow) for seed in SLOW)]

Built = tuple[Home, str]
Shops = Callable[[int], Built]
Known = Callable[[int], tuple[Estimates, dict[str, Any]]]


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    """A demo shop by its seed."""
    return lambda seed: (demo_home(tmp_path_factory, seed), "demo")


@pytest.fixture(scope="session")
def known(shops: Shops) -> Known:
    """What was estimated from a shop, and its truths."""

    @cache
    def of(seed: int) -> tuple[Estimates, dict[str, Any]]:
        with open_store(*shops(seed)).connect() as con:
            return estimate(con), read_truths(*shops(seed))

    return of


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bound", BOUNDS, ids=[b.score.__name__ for b in BOUNDS])
def test_a_truth_is_recovered(known: Known, bound: Bound, seed: int) -> None:
    found, truths = known(seed)
    assert bound.least <= bound.score(found, truths) <= bound.most


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bound", BOUNDS, ids=[b.score.__name__ for b in BOUNDS])
def test_a_wrong_truth_is_told(known: Known, bound: Bound, seed: int) -> None:
    found, truths = known(seed)
    assert not bound.holds(found, shuffled(truths))


@pytest.mark.parametrize("seed", SEEDS)
def test_naive_regression_is_misled(known: Known, seed: int) -> None:
    """Prices answer demand: whoever ignores that is wrong by more than twice as much."""
    found, truths = known(seed)
    assert naive_error(found, truths) > 2 * elasticity_error(found, truths)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bad_month_shows_its_cause(shops: Shops, seed: int) -> None:
    with open_store(*shops(seed)).connect() as con:
        bad = read_truths(*shops(seed))["bad_month"]
        month, before = bad["month"], _compared_with(bad)
        now, then = (sum(revenue_a_day(con, "channel", m).values()) for m in (month, before))
        assert now < 0.95 * then
        loser = biggest_loser(con, bad["dimension"], month, before)
        assert loser in (_titles(con, bad["products"]) if bad["dimension"] == "product" else {bad["value"]})
        assert "2025-02" <= month <= "2026-07"


def _titles(con: duckdb.DuckDBPyConnection, products: list[str]) -> set[str]:
    rows = con.execute("SELECT title FROM products WHERE list_contains(?, product_id)", [products]).fetchall()
    return {title for (title,) in rows}


def _compared_with(bad: dict[str, str]) -> str:
    year, month = map(int, bad["month"].split("-"))
    if bad["against"] == "year before":
        return f"{year - 1}-{month:02}"
    return f"{year}-{month - 1:02}" if month > 1 else f"{year - 1}-12"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tables_are_sound(shops: Shops, seed: int) -> None:
    with open_store(*shops(seed)).connect() as con:
        quality = check_quality(con)
    assert not quality.findings, quality.to_text()


@pytest.mark.parametrize(("one", "other"), [tuple(QUICK), *(pytest.param(*pair, marks=pytest.mark.slow) for pair in combinations(SLOW, 2))])  # fmt: skip
def test_no_two_shops_are_alike(shops: Shops, one: int, other: int) -> None:
    assert shared(_all_titles(shops, one), _all_titles(shops, other)) < 0.02
    assert shared(_truth_values(shops, one), _truth_values(shops, other)) < 0.02
    assert shared(_truth_values(shops, one), _truth_values(shops, one)) == 1
    assert read_truths(*shops(one))["shop"]["name"] != read_truths(*shops(other))["shop"]["name"]


def shared(one: set[Any], other: set[Any]) -> float:
    return len(one & other) / len(one | other)


def _all_titles(shops: Shops, seed: int) -> set[Any]:
    with open_store(*shops(seed)).connect() as con:
        return {title for (title,) in con.execute("SELECT title FROM products").fetchall()}


def _truth_values(shops: Shops, seed: int) -> set[Any]:
    """Every number that was drawn, with its place."""
    truths = read_truths(*shops(seed))
    numbers = {("elasticity", product, value) for product, value in truths["own_price_elasticity"].items()}
    numbers |= {("hazard", name, value) for name, value in truths["churn_hazard"].items()}
    numbers |= {("season", value) for category in truths["categories"].values() for value in category["season"]}
    numbers |= {("uplift", promotion["uplift"]) for promotion in truths["promotions"]}
    return numbers | {("lift", pair["lift"]) for pair in truths["co_purchase"]}
