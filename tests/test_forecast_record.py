"""forecast_record: every forecast that was told is kept, and held against what came once its days are over."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.ask import ask
from agent.planner.recall import INTENT
from agent.principal import Principal
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store, open_store
from store.forecasts import Forecast, keep, kept
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_weekly
from tools.contract import NotThere, Result
from tools.forecast.record import ALL, NONE_DUE, ONE, WAITING, forecast_record
from tools.forecast.rows import TEST
from tools.metrics.tool import query_metrics


def _until_march(con: Any) -> dict[str, Any]:
    build_weekly(con)
    late = "SELECT order_id FROM orders WHERE ordered_at >= '2025-04-01'"
    con.execute(f"DELETE FROM order_items WHERE order_id IN ({late})")
    con.execute("DELETE FROM orders WHERE ordered_at >= '2025-04-01'")
    return {}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Forecasts were asked for when the data ended in March; now it ends in May."""
    home = Home(tmp_path_factory.mktemp("recorded"))
    publish(home, "weekly", _until_march, format="tests")
    who = Principal(home, "weekly")
    for question in (
        "How many balls will we sell next month?",
        "How many balls will we sell next month?",
        "forecast revenue for the next 4 weeks",
        "forecast revenue for the next 12 weeks",
    ):
        assert ask(who, "before", question)["status"] == "answered"
    publish(home, "weekly", build_weekly, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    return open_store(home, "weekly")


def rows_of(result: Result, part: str) -> list[dict[str, Any]]:
    names = [c.name for c in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows if row[0] == part]


def test_what_was_told_is_kept_once_and_held_against_what_came(shop: Store) -> None:
    said = kept(shop.state_path)
    assert len(said) == 3 and {f.until for f in said} == {"2025-03-31"} and {f.model for f in said} == {"simple"}
    result = forecast_record(shop)
    assert WAITING in result.notes and NONE_DUE not in result.notes  # twelve weeks aren't over
    balls, revenue = (next(r for r in rows_of(result, ONE) if r[f"{m}_expected"]) for m in ("units", "revenue"))
    period = {"start": "2025-04-01", "end": "2025-04-30"}
    where = [{"field": "product", "op": "=", "value": "Ball"}]
    assert balls["units"] == query_metrics(shop, ["units"], where=where, period=period).rows[0][0]
    assert (balls["made_on"], balls["first"], balls["last"], balls["what"]) == (
        "2025-03-31", "2025-04-01", "2025-04-30", "Ball")  # fmt: skip
    assert revenue["last"] == "2025-04-28"
    for row, m in ((balls, "units"), (revenue, "revenue")):
        assert row["error"] == pytest.approx(abs(row[m] - row[f"{m}_expected"]) / row[m])
        assert row["inside"] == (row[f"{m}_low"] <= row[m] <= row[f"{m}_high"])
    assert [row["forecasts"] for row in rows_of(result, ALL)] == [1, 1]
    assert forecast_record(shop, **result.input).rows == result.rows


def test_of_one_thing_or_measure_alone(shop: Store) -> None:
    assert [r["what"] for r in rows_of(forecast_record(shop, "Ball"), ONE)] == ["Ball"]
    assert [r["what"] for r in rows_of(forecast_record(shop, metric="revenue"), ONE)] == [None]
    with pytest.raises(NotThere):
        forecast_record(shop, "Unicorn")


def test_where_none_has_come_due_the_back_test_is_told(shop: Store) -> None:
    result = forecast_record(shop, "Vase")
    assert NONE_DUE in result.notes and not rows_of(result, ALL)
    tested = {row["method"]: row for row in rows_of(result, TEST)}
    assert tested["storewise"]["forecasts"] == 4 and 0 < tested["storewise"]["error"] < 1
    assert "year-ago" in tested


def test_forecasts_of_what_is_gone_are_left_out_and_damage_is_told(shop: Store, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(shop.home.root, home.root)
    store = open_store(home, "weekly")
    gone = Forecast(
        "2025-03-31", '{"what": "Unicorn", "where": []}', "units", "2025-04-01", "2025-04-02", 1, 0, 2, "m", "x"
    )
    keep(store.state_path, gone)
    assert len(rows_of(forecast_record(store), ONE)) == 2


def test_a_forecast_as_of_an_earlier_day_is_no_forecast_of_its_own(shop: Store, home: Home) -> None:
    from datetime import date

    before = len(kept(shop.state_path))
    ask(Principal(home, "weekly"), "past", "How many vases will we sell next month?", as_of=date(2025, 2, 3))
    assert len(kept(shop.state_path)) == before


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How good were you?", "came within their bounds"),
        ("how accurate were your forecasts of the Ball", "came within their bounds"),
        ("你之前的预测准吗？", "落在区间内"),
    ],
)
def test_questions_are_answered_and_proven(home: Home, question: str, said: str) -> None:
    answer = ask(Principal(home, "weekly"), question, question)
    assert answer["receipts"][0]["tool"] == "forecast_record" and said in answer["answer"], answer["answer"]
    assert not audit(answer, home, "weekly", question=question, rerun=tools_of(home, "weekly"))


def test_it_says_that_it_only_looked_back(home: Home) -> None:
    answer = ask(Principal(home, "weekly"), "vase", "how good are your forecasts of the Vase?")
    assert "has come due yet" in answer["answer"] and "repeating the year before" in answer["answer"]
    assert not audit(answer, home, "weekly", question="?", rerun=tools_of(home, "weekly"))


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("how did your last forecast do?", True),
        ("was your forecast for April right", True),
        ("forecast accuracy", True),
        ("预测的准确率怎么样", True),
        ("how good was October?", False),
        ("forecast sales for next month", False),
        ("how close are we to last year", False),
        ("预测下个月的销售额", False),
    ],
)
def test_only_questions_on_forecasts_are_taken_for_them(question: str, is_one: bool) -> None:
    assert (INTENT.search(question) is not None) == is_one
