"""What merchants say in other words than most: asked of the tiny shop, and what the planner makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.local import names_of
from agent.plan import Decline, Outcome, Plan, Turn
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
        ("units / order in January 2024", {"metrics": ["units_per_order"], "period": JANUARY}),
        ("average revenue per calendar day in January 2024", {"metrics": ["revenue / days"], "period": JANUARY}),
        ("revenue per category in January 2024, biggest first", {"order_by": "revenue desc", "limit": None}),
        ("which country is number two by revenue?", {"by": ["country"], "limit": 1, "offset": 1}),
        ("break revenue in January 2024 down by country", {"by": ["country"], "compare_to": None}),
        ("worst month for orders in 2024", {"metrics": ["orders"], "by": ["month"], "order_by": "orders asc"}),
        ("what did January 2024 bring in? I mean sales, in January 2024", {"period": JANUARY, "compare_to": None}),
        ("margin on the Kitchen category", {"metrics": ["margin"], "by": None}),
        ("2024年1月的客户数，不含游客", {"metrics": ["customers"], "where": None}),
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
