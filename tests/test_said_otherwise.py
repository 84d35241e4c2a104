"""What merchants say in other words than most: asked of the tiny shop, and what the planner makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.local import names_of
from agent.plan import Decline, Outcome, Plan, Turn
from agent.planner import rules
from agent.planner.planner import plan
from agent.planner.shop import Shop
from store.connect import Store
from tools.contract import NotThere
from tools.metrics.tool import query_metrics

JANUARY = {"start": "2024-01-01", "end": "2024-01-31"}
FEBRUARY = {"start": "2024-02-01", "end": "2024-02-29"}


@pytest.fixture(scope="module")
def shop(tiny: Store) -> Shop:
    return Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency)


def planned(shop: Shop, *messages: str) -> Outcome:
    turns: list[Turn] = []
    for message in messages:
        turns.append(Turn(message, plan(message, turns, shop)))
    return turns[-1].outcome


def told(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Plan), outcome
    return outcome.calls[0].args


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("orders from January to February 2024, the percent change", {"period": FEBRUARY, "compare_to": JANUARY}),
        ("revenue in January, February and March 2024", {"grain": "month", "compare_to": None}),
        ("orders with both coasters and candles", {"metrics": ["orders"], "by": None}),
        ("units / order in January 2024", {"metrics": ["units_per_order"], "period": JANUARY}),
        ("average revenue per calendar day in January 2024", {"metrics": ["revenue / days"], "period": JANUARY}),
        ("revenue per category in January 2024, biggest first", {"order_by": "revenue desc", "limit": None}),
        ("which country is number two by revenue?", {"by": ["country"], "limit": 1, "offset": 1}),
        ("break revenue in January 2024 down by country", {"by": ["country"], "compare_to": None}),
        ("worst month for orders in 2024", {"metrics": ["orders"], "by": ["month"], "order_by": "orders asc"}),
        ("what did January 2024 bring in? I mean sales, in January 2024", {"period": JANUARY, "compare_to": None}),
        ("margin on the Kitchen category", {"metrics": ["margin"], "by": None}),
        ("2024年1月的客户数，不含游客", {"metrics": ["customers"], "where": None}),
        ("units for each of the last 3 full months", {"metrics": ["units"], "grain": "month"}),
        ("our 3 highest-spending customers of 2024", {"metrics": ["revenue"], "by": ["customer"], "limit": 3}),
        ("the two biggest orders of 2024, with their values", {"metrics": ["revenue"], "by": ["order"], "limit": 2}),
        ("margin in 2024 as a percentage of revenue", {"metrics": ["margin"]}),
        ("on a typical day in January 2024, how much money came in?", {"metrics": ["revenue / days"]}),
        ("worst month for revenue, leaving out unfinished months", {"by": ["month"], "order_by": "revenue asc"}),
        ("how many clients had been with us before in January 2024, not first-timers", {"where": None}),
    ],
)
def test_one_message(shop: Shop, message: str, expected: dict[str, Any]) -> None:
    args = told(planned(shop, message))
    assert {key: args.get(key) for key in expected} == expected


def test_orders_with_at_least_one_of_a_product_have_it(shop: Shop) -> None:
    args = told(planned(shop, "How many orders had at least one tea towel in them?"))
    assert args["metrics"] == ["orders"] and [w["field"] for w in args["where"]] == ["product"]


def test_who_bought_again_is_retention(shop: Shop) -> None:
    asked = "of those who bought in January 2024, which percentage bought again in February 2024?"
    args = told(planned(shop, asked))
    assert (args["metrics"], args["period"], args["compare_to"]) == (["retention"], JANUARY, FEBRUARY)


def test_hours_told_twice_are_told_once(shop: Shop) -> None:
    where = told(planned(shop, "orders after 6pm in 2024 (18:00 onwards)"))["where"]
    assert [(w["field"], w["op"], w["value"]) for w in where] == [("hour", ">=", 18)]


def test_a_share_of_what_is_not_left_out(shop: Shop) -> None:
    where = told(planned(shop, "of our sales outside France in 2024, what share is Germany?"))["where"]
    found = {(w["op"], w["value"], bool(w.get("part"))) for w in where}
    assert found == {("not in", "France", False), ("in", "Germany", True)}


def test_bought_then_but_nothing_since(shop: Shop) -> None:
    args = told(planned(shop, "how many bought from us in January 2024 but nothing since February 2024?"))
    assert args["metrics"] == ["customers"] and [w["op"] for w in args["where"]] == [">=", "="]


def test_who_of_the_new_ones_came_again(shop: Shop) -> None:
    args = told(planned(shop, "new customers in January 2024?", "how many of those ordered again in February 2024?"))
    conditions = [(w["op"], w["value"], w["period"]["start"]) for w in args["where"]]
    assert conditions == [(">=", 1, "2024-01-01"), ("=", 0, "1970-01-01"), (">=", 1, "2024-02-01")]


def test_months_added_up(shop: Shop) -> None:
    asked = ("units in January 2024", "february 2024", "march 2024", "add these up")
    assert told(planned(shop, *asked))["period"] == {"start": "2024-01-01", "end": "2024-03-31"}


def test_cancelled_orders_are_counted(shop: Shop) -> None:
    outcome = planned(shop, "how many orders were cancelled in January 2024?")
    assert isinstance(outcome, Plan) and "o.status = 'cancelled'" in outcome.calls[0].args["sql"]
    assert not isinstance(planned(shop, "cancel all of yesterday's orders"), Plan)


def test_a_question_in_the_middle_of_a_story(shop: Shop) -> None:
    story = "Sorry, it is all a bit messy here. How many orders in January 2024? Then I will get back to the boxes."
    assert told(rules.plan(story, [], shop)) == {"metrics": ["orders"], "period": JANUARY}


def test_midnight_ends_a_day(shop: Shop) -> None:
    where = told(planned(shop, "revenue between 8pm and midnight in 2024"))["where"]
    assert [(w["field"], w["op"], w["value"]) for w in where] == [("hour", ">=", 20)]


def test_a_share_of_the_figure_before(shop: Shop) -> None:
    args = told(planned(shop, "refunds in January 2024", "as % of sales"))
    assert (args["metrics"], args["period"]) == (["refund_rate"], JANUARY)


def test_both_months_together(shop: Shop) -> None:
    args = told(planned(shop, "orders in January 2024", "orders in February 2024", "both months together"))
    assert args["period"] == {"start": "2024-01-01", "end": "2024-02-29"}


def test_back_to_an_earlier_table(shop: Shop) -> None:
    asked = ("revenue by country in January 2024", "orders in February 2024", "back to the countries, for 2024")
    args = told(planned(shop, *asked))
    assert (args["metrics"], args["by"]) == (["revenue"], ["country"])


def test_a_sound_is_no_country(shop: Shop) -> None:
    outcome = planned(shop, "orders in 2024", "hm ok")
    assert not isinstance(outcome, Decline) or "McDonald" not in outcome.reason


def test_stock_is_known_as_it_is_today_only(tiny: Store) -> None:
    assert query_metrics(tiny, ["stock"]).rows
    with pytest.raises(NotThere, match="not as they stood then"):
        query_metrics(tiny, ["stock"], period="2024-01")


def test_visits_from_before_they_were_recorded_are_no_zero(tiny: Store) -> None:
    first = tiny.first_day.isoformat()
    with pytest.raises(NotThere, match="visits"):
        query_metrics(tiny, ["conversion_rate"], period={"start": first, "end": first})
