"""explain_change: parts that add up, causes that are found, and nothing made up where there is nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tools.contract import NotThere, Result, ToolError
from tools.explain.drivers import shapley
from tools.explain.tool import NOTHING, explain_change
from tools.explain.windows import Span, windows_of
from tools.metrics.definitions import METRICS
from tools.metrics.tool import query_metrics

Strike = Callable[[Any], bool]
UNEXPLAINED = {"products", "countries", "list_price", "stock", "days_between_orders", "retention", "trading_days"}
EXPLAINED = sorted(set(METRICS) - UNEXPLAINED)
APART = ("by day", "by order", "by return")
ALSO = ["shipping_income / orders", "revenue / days", "orders / weeks", "revenue / customers"]


def change_of(r: Result) -> tuple[float, float, float]:
    """The figure before, now, and its change."""
    name = next(c.name.removesuffix("_change") for c in r.columns if c.name.endswith("_change"))
    before, this, change = (r.cell(0, c) for c in (f"{name}_before", name, f"{name}_change"))
    assert isinstance(before, int | float) and isinstance(this, int | float) and isinstance(change, int | float)
    return before, this, change


def sums(r: Result) -> dict[str, float]:
    """What the rows of each split come to."""
    at = next(i for i, c in enumerate(r.columns) if c.name.endswith("_change"))
    splits = [str(row[0]) for row in r.rows[1:] if "×" not in str(row[0]) and row[0] not in APART]
    return {s: math.fsum(float(row[at] or 0) for row in r.rows if row[0] == s) for s in splits}


def ranked(r: Result) -> list[tuple[str, str]]:
    found = [row for row in r.rows if row[2] is not None]
    return [(str(row[0]), str(row[1])) for row in sorted(found, key=lambda row: int(str(row[2])))]


def adds_up(r: Result) -> None:
    before, this, change = change_of(r)
    scale = max(abs(before), abs(this), 1e-9)
    assert math.isclose(this - before, change, rel_tol=1e-9, abs_tol=1e-9 * scale)
    for split, total in sums(r).items():
        assert abs(total - change) <= 1e-6 * max(abs(change), 1e-3 * scale), split


# ---- parts that add up


@pytest.mark.parametrize("metric", [*EXPLAINED, *ALSO])
def test_every_sum_and_ratio_is_what_the_metrics_say_and_its_parts_add_up(tiny: Store, metric: str) -> None:
    asked: dict[str, Any] = {"period": "2024-12", "compare_to": "2024-06"}
    told, known = explain_change(tiny, metric, **asked), query_metrics(tiny, [metric], **asked)
    before, this, _ = change_of(told)
    assert this == pytest.approx(known.rows[0][0]) and before == pytest.approx(known.rows[0][1])
    assert "driver" in sums(told)
    adds_up(told)


@pytest.mark.parametrize("metric", sorted(UNEXPLAINED))
def test_what_is_neither_a_sum_nor_a_ratio_is_refused(tiny: Store, metric: str) -> None:
    with pytest.raises(ToolError, match="neither a sum nor a ratio"):
        explain_change(tiny, metric, "2024-12", "previous")


def cases(store: Store, seed: int, n: int) -> list[tuple[str, dict[str, str], dict[str, str], list[dict[str, Any]]]]:
    """Random metrics, periods and conditions."""
    rng, days = random.Random(seed), (store.today - store.first_day).days
    conditions: list[list[dict[str, Any]]] = [
        [], [], [{"field": "country", "op": "in", "value": "United Kingdom"}],
        [{"field": "weekday", "op": "not in", "value": ["Sunday"]}], [{"field": "customer", "op": "is known"}],
    ]  # fmt: skip
    metrics = [
        m for m in EXPLAINED if m not in ("sessions", "conversion_rate", "cost", "gross_profit", "margin")
    ]  # not every shop's
    return [
        (rng.choice([*metrics, *ALSO]), _stretch(store, rng, days), _stretch(store, rng, days), rng.choice(conditions))
        for _ in range(n)
    ]


def _stretch(store: Store, rng: random.Random, days: int) -> dict[str, str]:
    first = store.first_day + timedelta(rng.randrange(days - 1))
    last = min(store.today, first + timedelta(rng.choice([0, 6, 20, 29, 60, 120])))
    return {"start": first.isoformat(), "end": last.isoformat()}


def _all_add_up(store: Store, seed: int, n: int) -> int:
    done = 0
    for metric, period, compare_to, where in cases(store, seed, n):
        try:
            adds_up(explain_change(store, metric, period, compare_to, where))
            done += 1
        except (NotThere, ToolError) as e:  # nothing in one period, or the same period twice
            assert "no change to explain" in str(e) or "compared with itself" in str(e)
    return done


def test_random_cases_add_up(tiny: Store) -> None:
    assert _all_add_up(tiny, 7, 25) > 15


@pytest.mark.slow
def test_many_random_cases_add_up(tiny: Store, reference: Store) -> None:
    assert _all_add_up(tiny, 11, 300) + _all_add_up(reference, 12, 200) > 400


def test_a_receipt_runs_again_to_the_same_rows(tiny: Store) -> None:
    first = explain_change(tiny, "revenue", "last month", "previous", today=date(2024, 12, 20))
    again = explain_change(tiny, **first.input)
    assert again.rows == first.rows and again.input == first.input


def test_a_shapley_value_by_hand() -> None:
    added = shapley(lambda f: f.a * f.b, {"a": (3.0, 2.0), "b": (7.0, 5.0)})
    assert added == pytest.approx({"a": (3 - 2) * (5 + 7) / 2, "b": (7 - 5) * (2 + 3) / 2})
    assert shapley(lambda f: f.a + f.b, {"a": (1.0, 1.0), "b": (4.0, 9.0)}) == pytest.approx({"a": 0, "b": -5})


# ---- one-sided, empty, small


def test_a_period_without_orders_is_all_a_matter_of_trading_days(tiny: Store) -> None:
    r = explain_change(tiny, "revenue", "2024-08", "2024-07")
    before, this, change = change_of(r)
    assert this == 0 and change == -before and before > 0
    drivers = {row[1]: row[5] for row in r.rows if row[0] == "driver"}
    assert drivers["trading days"] == pytest.approx(change)
    assert ranked(r) == [] and NOTHING in r.notes
    adds_up(r)
    adds_up(explain_change(tiny, "revenue", "2024-09", "2024-08"))


def test_a_ratio_over_nothing_has_no_change(tiny: Store) -> None:
    with pytest.raises(NotThere, match="no change to explain"):
        explain_change(tiny, "average_order_value", "2024-08", "2024-07")


def test_single_days_are_explained(tiny: Store) -> None:
    r = explain_change(tiny, "revenue", "2023-11-21", "2023-11-20")
    adds_up(r)
    assert ranked(r) == []


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"metric": ""}, ToolError),
        ({"metric": ["revenue", "orders"]}, ToolError),
        ({"metric": "happiness"}, ToolError),
        ({"metric": "share(revenue)", "period": "2024-12"}, ToolError),
        ({"metric": "revenue", "period": "2024-12", "compare_to": "2024-12"}, ToolError),
        ({"metric": "revenue", "period": "2031"}, NotThere),
        ({"metric": "revenue", "period": "2023-11", "compare_to": "previous"}, NotThere),
        ({"metric": "revenue", "period": "2024-12", "where": [{"field": "country", "op": "in", "value": "Atlantis"}]}, NotThere),
    ],
)  # fmt: skip
def test_bad_input_is_named(tiny: Store, args: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        explain_change(tiny, **args)


def test_without_a_period_it_is_the_last_whole_month_against_the_one_before(tiny: Store) -> None:
    said = explain_change(tiny, "revenue").input
    assert (said["period"]["label"], said["compare_to"]["label"]) == ("Jan 2025", "Dec 2024")
    yearly = explain_change(tiny, "revenue", compare_to="year_earlier").input
    assert (yearly["period"]["start"], yearly["compare_to"]["start"]) == ("2025-02-01", "2024-02-01")


def test_windows_step_back_and_on_without_the_two_periods() -> None:
    months = windows_of(
        Span(date(2024, 6, 1), date(2024, 6, 30)),
        Span(date(2024, 5, 1), date(2024, 5, 31)),
        date(2023, 1, 1),
        date(2024, 12, 31),
    )
    assert months.season == 12 and len(months.alike(0)) == 1
    assert {p.step for p in months.pairs} == {0, *range(2, 17), *range(-6, -1)}
    weeks = windows_of(
        Span(date(2024, 6, 3), date(2024, 6, 9)),
        Span(date(2024, 5, 27), date(2024, 6, 2)),
        date(2024, 5, 1),
        date(2024, 6, 30),
    )
    assert weeks.spans[weeks.pairs[1].later].end.weekday() == 6


def test_year_against_year_the_months_beside_tell_what_to_expect() -> None:
    years = windows_of(
        Span(date(2024, 6, 1), date(2024, 6, 30)),
        Span(date(2023, 6, 1), date(2023, 6, 30)),
        date(2023, 1, 1),
        date(2024, 12, 31),
    )
    assert [years.pairs[i].step for i in years.alike(0)] == [-1, 1]


# ---- planted causes


def invented(seed: int, strike: Strike = lambda o: False, keeps: float = 0.3) -> Any:
    """A shop of ten even months; in the last one (2024-10) orders that `strike` matches are mostly lost."""

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        for i in range(12):
            con.execute(
                "INSERT INTO products (product_id, title, category) VALUES (?, ?, ?)",
                [f"P{i}", f"Thing {i}", f"Shelf {i % 4}"],
            )
        n = 9_000
        day = rng.integers(0, 305, n)
        country = rng.choice(["UK", "France", "Spain", "Italy"], n, p=[0.4, 0.25, 0.2, 0.15])
        channel, product = rng.choice(["web", "app"], n), rng.integers(0, 12, n)
        lost = np.zeros(n, dtype=bool)
        for i in range(n):
            of = SimpleNamespace(
                country=country[i],
                channel=channel[i],
                product=int(product[i]),
                shelf=int(product[i]) % 4,
                day=int(day[i]),
            )
            lost[i] = day[i] >= 274 and strike(of) and rng.random() > keeps
        kept = np.flatnonzero(~lost)
        orders = [
            (f"O{i}", f"C{rng.integers(0, 900)}" if rng.random() < 0.8 else None, datetime_of(int(day[i])), str(country[i]), str(channel[i]))
            for i in kept
        ]  # fmt: skip
        lines = [(f"O{i}", f"P{product[i]}", int(rng.integers(1, 4)), float(5 + product[i])) for i in kept]
        _insert(con, orders, lines)
        return {}

    return build


def datetime_of(day: int) -> str:
    return f"{date(2024, 1, 1) + timedelta(day)} 12:00:00"


def _insert(con: duckdb.DuckDBPyConnection, orders: list[Any], lines: list[Any]) -> None:
    import pandas as pd

    o = pd.DataFrame(orders, columns=["order_id", "customer_id", "ordered_at", "country", "channel"])
    i = pd.DataFrame(lines, columns=["order_id", "product_id", "quantity", "unit_price"])
    con.register("new_orders", o)
    con.register("new_lines", i)
    con.execute(
        "INSERT INTO orders (order_id, customer_id, ordered_at, status, country, channel, currency) SELECT order_id, "
        "customer_id, CAST(ordered_at AS TIMESTAMP), 'completed', country, channel, 'GBP' FROM new_orders"
    )
    con.execute(
        "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) SELECT order_id, 1, product_id, quantity, unit_price FROM new_lines"
    )


PLANTED: dict[str, tuple[Strike, str]] = {
    "by country": (lambda o: o.country == "France", "France"),
    "by channel": (lambda o: o.channel == "app", "app"),
    "by category": (lambda o: o.shelf == 2, "Shelf 2"),
    "by product": (lambda o: o.product == 7, "Thing 7"),
    "by country × channel": (lambda o: o.country == "UK" and o.channel == "web", "UK × web"),
    "by day": (lambda o: o.day == 285, "2024-10-12"),
}


@pytest.mark.parametrize("split", PLANTED)
def test_what_was_planted_is_ranked_first(tmp_path: Any, split: str) -> None:
    strike, value = PLANTED[split]
    home = Home(tmp_path)
    publish(home, "shop", invented(3, strike, 0.0 if split == "by day" else 0.3), format="tests")
    r = explain_change(open_store(home, "shop"), "revenue", "2024-10", "2024-09")
    assert ranked(r)[:1] == [(split, value)]
    assert NOTHING not in r.notes
    adds_up(r)


def test_a_country_is_told_before_the_region_that_fell_with_it(tmp_path: Any) -> None:
    """Whichever is the larger echo: without France the region is as usual, without the region France isn't."""

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        told: dict[str, Any] = invented(3, lambda o: o.country == "France")(con)
        con.execute(
            "UPDATE orders SET region = CASE WHEN country = 'France' AND HASH(order_id) % 4 > 0 THEN 'South' ELSE 'Other' END"
        )
        return told

    home = Home(tmp_path)
    publish(home, "shop", build, format="tests")
    r = explain_change(open_store(home, "shop"), "revenue", "2024-10", "2024-09")
    assert ranked(r)[0] == ("by country", "France")


def test_nothing_stands_out_where_nothing_is(tmp_path: Any) -> None:
    home = Home(tmp_path)
    wrong = 0
    for seed in range(2):
        publish(home, f"shop{seed}", invented(20 + seed), format="tests")
        wrong += bool(ranked(explain_change(open_store(home, f"shop{seed}"), "revenue", "2024-10", "2024-09")))
    assert wrong == 0


@pytest.mark.parametrize(("day", "way"), [("2024-10-12", 1), ("2024-09-12", -1)])
def test_a_single_enormous_order_is_named_and_taken_for_nothing_else(tmp_path: Any, day: str, way: int) -> None:
    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        told: dict[str, Any] = invented(5)(con)
        _insert(con, [("G1", "C5", f"{day} 09:00:00", "Italy", "app")], [("G1", "P3", 4_000, 8.0)])
        return told

    home = Home(tmp_path)
    publish(home, "shop", build, format="tests")
    r = explain_change(open_store(home, "shop"), "revenue", "2024-10", "2024-09")
    assert ranked(r) == [("by order", "G1 · customer C5 · Thing 3")]
    row = next(row for row in r.rows if row[0] == "by order")
    assert row[5] == pytest.approx(way * 32_000) and NOTHING not in r.notes
    adds_up(r)


def test_a_single_enormous_return_is_named(tmp_path: Any) -> None:
    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        told: dict[str, Any] = invented(5)(con)
        con.execute(
            "INSERT INTO returns (return_id, order_id, customer_id, product_id, returned_at, quantity, amount) "
            "SELECT 'R' || order_id, order_id, customer_id, product_id, ordered_at + INTERVAL 2 HOUR, quantity, "
            "quantity * unit_price FROM order_items JOIN orders USING (order_id) WHERE HASH(order_id) % 10 = 0"
        )
        con.execute(
            "INSERT INTO returns (return_id, customer_id, product_id, returned_at, quantity, amount) "
            "VALUES ('RX', 'C5', 'P3', TIMESTAMP '2024-10-20 10:00:00', 900, 9000)"
        )
        return told

    home = Home(tmp_path)
    publish(home, "shop", build, format="tests")
    for metric in ("refunds", "refund_rate"):
        r = explain_change(open_store(home, "shop"), metric, "2024-10", "2024-09")
        assert ranked(r)[0] == ("by return", "RX · customer C5 · Thing 3")
        adds_up(r)


def test_a_shop_without_customers_or_categories_is_explained(tmp_path: Any) -> None:
    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        _insert(
            con,
            [("a", None, "2024-01-05 10:00:00", None, None), ("b", None, "2024-02-05 10:00:00", None, None)],
            [("a", "x", 1, 2.0), ("b", "x", 3, 2.5)],
        )
        return {}

    home = Home(tmp_path)
    publish(home, "bare", build, format="tests")
    r = explain_change(open_store(home, "bare"), "revenue", "2024-02", "2024-01-01..2024-01-31")
    adds_up(r)
    assert ranked(r) == []
