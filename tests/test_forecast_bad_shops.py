"""forecast_sales on shops whose history is odd: gaps, nothing but zeros, enormous or negative rows, duplicates, names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_weekly
from tools.contract import NotThere, Result, ToolError
from tools.forecast import rows as parts
from tools.forecast.tool import BULK, forecast_sales
from tools.forecast.totals import _surer

Made = Callable[..., Store]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The weekly shop, after some SQL."""

    def shop(*statements: str) -> Store:
        def build(con: Any) -> dict[str, Any]:
            build_weekly(con)
            for each in statements:
                con.execute(each)
            return {}

        publish(Home(tmp_path), "odd", build, format="tests")
        return open_store(Home(tmp_path), "odd")

    return shop


def bounds(result: Result) -> tuple[float, float, float]:
    m = result.input["metric"]
    low, mean, high = (float(str(result.cell(0, f"{m}{end}"))) for end in ("_low", "", "_high"))
    assert all(np.isfinite(v) and v >= 0 for v in (low, mean, high)) and low <= mean <= high
    return low, mean, high


def test_too_little_history_says_how_much_is_needed(made: Made) -> None:
    late = "SELECT order_id FROM orders WHERE ordered_at >= '2024-01-20'"
    store = made(
        f"DELETE FROM order_items WHERE order_id IN ({late})", "DELETE FROM orders WHERE ordered_at >= '2024-01-20'"
    )
    with pytest.raises(ToolError, match=r"2 whole weeks of sales .* 4 are needed for a simple forecast"):
        forecast_sales(store)


def test_a_gap_of_months_gives_bounds_all_the_same(made: Made) -> None:
    gap = "o.ordered_at >= '2024-08-01' AND o.ordered_at < '2024-12-01'"
    store = made(f"DELETE FROM order_items WHERE order_id IN (SELECT o.order_id FROM orders AS o WHERE {gap})")
    whole = bounds(forecast_sales(store, "", "next 4 weeks", metric="units"))
    assert whole[1] > 500  # what is sold now, not the gap


def test_constant_zeros_are_refused_and_what_sold_no_more_is_nothing(made: Made) -> None:
    store = made("DELETE FROM order_items WHERE product_id = 'A2'")
    with pytest.raises(NotThere, match="Rug was never sold"):
        forecast_sales(store, "Rug")
    assert bounds(forecast_sales(store, "Kite", "next 4 weeks")) == (0, 0, 0)


def test_one_enormous_order_is_told_and_hardly_counts(made: Made) -> None:
    result = forecast_sales(made(), "Lamp", "next 4 weeks")
    assert BULK in result.notes and any("50,000" in note for note in result.notes)
    without = made("DELETE FROM order_items WHERE order_id = 'BIG'")
    assert bounds(result)[1] < 50_000 / 10 and BULK not in forecast_sales(without, "Lamp").notes


def test_more_returned_than_sold_and_lines_told_twice(made: Made) -> None:
    """Returns are rows of their own, so units can't be negative; an order told twice counts as it is in the store."""
    store = made(
        "INSERT INTO returns (return_id, product_id, quantity, amount, returned_at) "
        "VALUES ('R1', 'B1', 90000, 900000, '2025-05-20')",
        "INSERT INTO order_items SELECT order_id, line + 1000, product_id, quantity, unit_price, discount, unit_cost "
        "FROM order_items WHERE product_id = 'A3'",
    )
    assert bounds(forecast_sales(store, "Ball", "next 4 weeks"))[1] > 100
    twice = bounds(forecast_sales(store, "Vase", "next 4 weeks"))[1]
    assert twice == pytest.approx(2 * bounds(forecast_sales(made(), "Vase", "next 4 weeks"))[1], rel=0.05)


def test_a_name_that_fits_two_products_is_both_and_says_so(made: Made) -> None:
    store = made("UPDATE products SET title = 'Blue Drum' WHERE product_id = 'B1'")
    both = forecast_sales(store, "Drum", "next 4 weeks")
    each = [bounds(forecast_sales(store, name, "next 4 weeks"))[1] for name in ("Red Drum", "Blue Drum")]
    assert bounds(both)[1] == pytest.approx(sum(each), abs=2) and any("2" in note for note in both.notes)
    assert both.rows[0][0] == parts.TOTAL
    with pytest.raises(NotThere, match="no product, category or country 'Drumm'") as found:
        forecast_sales(store, "Drumm")
    assert found.value.suggestions


def test_a_horizon_beyond_sense_says_how_far_is_possible(made: Made) -> None:
    with pytest.raises(ToolError, match=r"no more than 36 can be forecast"):
        forecast_sales(made(), "", "2027")


def test_few_periods_apart_make_bounds_surer() -> None:
    assert _surer(0.8, 10_000) == pytest.approx(0.8, abs=1e-3)
    assert 0.8 < _surer(0.8, 8) < _surer(0.8, 3) <= 0.98 and _surer(0.998, 2) == 0.998
