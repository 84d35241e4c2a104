"""plan_stock: when stock runs out and how much to order, its terms, what it refuses, and how people ask for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from agent.ask import ask
from agent.planner import restock
from agent.principal import Principal
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_weekly
from tools.contract import NotThere, Result, ToolError
from tools.forecast.outlook import outlook
from tools.forecast.reorder import ASSUMED, ONLY_SOONEST, OUT, SOME_UNKNOWN, plan_stock
from tools.forecast.sold import UNITS
from tools.forecast.tool import forecast_sales
from tools.forecast.totals import Target, total

STOCKS = {"A1": 60, "A2": 900, "A3": 0, "B1": 120, "B2": 30, "B4": 40}  # nobody knows of the others


def _stocked(con: Any) -> dict[str, Any]:
    build_weekly(con)
    con.executemany("UPDATE products SET stock = ? WHERE product_id = ?", [(n, i) for i, n in STOCKS.items()])
    return {}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("stocked"))
    publish(home, "stocked", _stocked, format="tests")
    publish(home, "weekly", build_weekly, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    return open_store(home, "stocked")


@pytest.fixture(scope="module")
def bare(home: Home) -> Store:
    """Without a word on stock."""
    return open_store(home, "weekly")


def cell(result: Result, column: str, row: int = 0) -> Any:
    return result.cell(row, column)


def test_it_runs_out_when_so_many_are_expected_to_have_been_sold(shop: Store) -> None:
    result = plan_stock(shop, "Ball")
    out = date.fromisoformat(cell(result, "runs_out"))
    until, before = (
        forecast_sales(shop, "Ball", f"2025-06-01..{day}").rows[0][3] for day in (out, out - timedelta(days=1))
    )
    assert before < 120 <= until + 1
    assert cell(result, "runs_out_earliest") <= cell(result, "runs_out") <= cell(result, "runs_out_latest")
    assert cell(result, "stock") == 120 and (cell(result, "times_inside"), cell(result, "times_in_all")) == (8, 10)
    assert set(ASSUMED.values()) <= set(result.notes)
    assert plan_stock(shop, **result.input).rows == result.rows


def test_what_is_ordered_fills_up_to_the_quantile_of_the_total(shop: Store) -> None:
    result = plan_stock(shop, "Ball", lead_days=21, review_days=7, service=0.9)
    look = outlook(shop, shop.today, UNITS, 13)
    own = Target("product", np.array([look.sold.titles.index("Ball")]))
    quantile = total(look.shop, look.opening, own, 0, 28, {("low", "high"): 0.8}).bounds["high"]
    assert cell(result, "order_up_to") == pytest.approx(quantile, abs=1)
    assert cell(result, "to_order") == cell(result, "order_up_to") - 120
    assert cell(result, "demand") < cell(result, "order_up_to")
    surer = plan_stock(shop, "Ball", lead_days=21, review_days=7, service=0.98)
    longer = plan_stock(shop, "Ball", lead_days=42, review_days=7, service=0.9)
    assert min(cell(surer, "to_order"), cell(longer, "to_order")) > cell(result, "to_order")
    assert not set(ASSUMED.values()) & set(result.notes)


def test_an_order_in_time_is_one_lead_time_before_it_may_run_out(shop: Store) -> None:
    result = plan_stock(shop, "Rug", lead_days=7)
    assert cell(result, "to_order") == 0 and cell(result, "runs_out") is None
    early, late = (plan_stock(shop, "Rug", stock=150, lead_days=n) for n in (10, 3))
    days = [date.fromisoformat(cell(r, "order_by")) for r in (early, late)]
    assert days[1] - days[0] == timedelta(days=7)
    assert cell(plan_stock(shop, "Ball", stock=1), "order_by") == "2025-06-01"


def test_what_is_said_to_be_left_counts_of_all_that_is_named(shop: Store, bare: Store) -> None:
    assert cell(plan_stock(shop, "Ball", stock=12), "stock") == 12
    both, ball = plan_stock(bare, ["Ball", "Red Drum"], stock=100), plan_stock(bare, "Ball", stock=100)
    assert len(both.rows) == 1 and cell(both, "runs_out") < cell(ball, "runs_out")
    assert cell(plan_stock(bare, "Play", stock=100), "what") == "Play"


def test_of_many_those_that_run_out_first_and_those_that_are_out(shop: Store) -> None:
    result = plan_stock(shop)
    assert [row[0] for row in result.rows] == ["Red Drum", "Lamp", "Ball", "Rug", "Vase"]
    assert {SOME_UNKNOWN, OUT, ONLY_SOONEST} <= set(result.notes)  # nothing more is expected to be sold of Kite
    assert cell(result, "to_order", 4) == cell(result, "order_up_to", 4) and cell(result, "runs_out", 4) is None
    assert [row[0] for row in plan_stock(shop, "Play").rows] == ["Red Drum", "Ball"]


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ({"what": "Clock"}, NotThere, "doesn't say how much of Clock is on hand"),
        ({"what": "France"}, NotThere, "not of countries"),
        ({"what": "Unicorn"}, NotThere, "no product, category or country"),
        ({"what": "Bell", "stock": 3}, NotThere, "never sold"),
        ({"what": "Ball", "today": date(2025, 3, 1)}, NotThere, "on an earlier day"),
        ({"what": "Ball", "lead_days": 300}, ToolError, "too far ahead"),
        ({"what": "Ball", "lead_days": "soon"}, ToolError, "lead_days is a number of days"),
        ({"what": "Ball", "lead_days": 0, "review_days": 0}, ToolError, "at least a day"),
        ({"what": "Ball", "service": 95}, ToolError, "such as 0.95"),
        ({"what": "Ball", "stock": -4}, ToolError, "how many are on hand"),
    ],
)
def test_bad_input_is_refused_in_words(shop: Store, asked: dict[str, Any], kind: type[ToolError], said: str) -> None:
    with pytest.raises(kind, match=said):
        plan_stock(shop, **asked)


def test_a_shop_that_says_nothing_of_stock_is_told_what_to_say(bare: Store) -> None:
    with pytest.raises(NotThere, match="Say how many are left"):
        plan_stock(bare, "Ball")


# As people ask


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("lead time is 3 weeks, 95 % service", {"lead_days": 21, "service": 0.95}),
        ("a six-week lead time", {"lead_days": 42}),
        ("it takes 10 days to arrive and we order every two weeks", {"lead_days": 10, "review_days": 14}),
        ("we order once a month; the supplier needs a fortnight", {"review_days": 30}),
        ("we have 120 left", {"stock": 120}),
        ("there are only 15 on hand", {"stock": 15}),
        ("1,200 in stock, I want to be 99% sure", {"stock": 1200, "service": 0.99}),
        ("交货期3周，服务水平95%", {"lead_days": 21, "service": 0.95}),
        ("还剩120个，每两周订一次货", {"stock": 120, "review_days": 14}),
        ("we have 3 weeks", {}),
    ],
)
def test_terms_are_read(said: str, told: dict[str, Any]) -> None:
    assert restock._told(said)[0] == told


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("when will we run out of lamps", True),
        ("is the heather going to run out before Christmas", True),
        ("how many lamps should I reorder?", True),
        ("what do we need to restock", True),
        ("how long will the rugs last?", True),
        ("灯什么时候会断货", True),
        ("该补多少货", True),
        ("I have to reorder lamps, how many are we likely to sell next month?", False),
        ("i always run out of chlorine, how many will we sell in July", False),
        ("what share of our customers reorder?", False),
        ("how many orders should we expect next month", False),
        ("when did we run out of lamps", False),
        ("how many customers buy lamps", False),
        ("哪些商品缺货", False),
        ("reorder two dozen of them", False),
    ],
)
def test_only_questions_on_stock_are_taken_for_them(question: str, is_one: bool) -> None:
    assert restock._is_asked(question) == is_one


def _talk(home: Home, store: str, thread: str, *said: str) -> dict[str, Any]:
    """The last answer of a conversation, audited."""
    for question in said:
        answer = ask(Principal(home, store), thread, question)
    assert not audit(answer, home, store, question=question, rerun=tools_of(home, store))
    return answer


def test_a_conversation_on_stock(home: Home) -> None:
    asked = "How many balls should I reorder? Lead time is 3 weeks."
    first = _talk(home, "stocked", "talk", asked)
    told = first["receipts"][0]["input"]
    assert (told["lead_days"], told["where"][0]["value"]) == (21, "balls")
    assert "Order **" in first["answer"] and "how often you order" in first["answer"]
    surer = _talk(home, "stocked", "talk2", asked, "and with 99 % service?")["receipts"][0]["input"]
    assert (surer["lead_days"], surer["service"]) == (21, 0.99)
    other = _talk(home, "stocked", "talk3", asked, "we have 7 left", "and the vases?")["receipts"][0]
    assert (other["rows"][0][0], other["input"]["stock"], other["input"]["lead_days"]) == ("Vase", None, 21)


def test_a_forecast_before_tells_what_is_to_be_ordered(home: Home) -> None:
    said = ("How many balls will we sell next month?", "and how many should I order?")
    assert _talk(home, "stocked", "lean", *said)["receipts"][0]["rows"][0][0] == "Ball"


def test_chinese_lists_and_refusals(home: Home) -> None:
    chinese = _talk(home, "stocked", "zh", "Ball什么时候卖完？交货期3周")
    assert "预计在" in chinese["answer"] and chinese["receipts"][0]["input"]["lead_days"] == 21
    listed = _talk(home, "stocked", "list", "what should I reorder?")
    assert "Out of stock already" in listed["answer"] and "| Red Drum | 40 |" in listed["answer"]
    refused = _talk(home, "weekly", "none", "when will we run out of balls?")
    assert refused["status"] == "declined" and "Say how many are left" in refused["answer"]
    mended = _talk(home, "weekly", "none2", "when will we run out of balls?", "we have 80 left")
    assert mended["status"] == "answered" and mended["receipts"][0]["input"]["stock"] == 80
    assert ask(Principal(home, "weekly"), "what", "We have 120 left; when will we run out?")["status"] == "clarify"
