"""What is said besides a question, what stands apart in it, and readings that its words belie."""

from __future__ import annotations

from typing import Any

import pytest

from agent.local import names_of
from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn, repeats
from agent.planner import rules
from agent.planner.anew import ranked_anew
from agent.planner.belied import belied
from agent.planner.lexer import lex
from agent.planner.noted import noted
from agent.planner.planner import plan
from agent.planner.questions import several
from agent.planner.shop import Shop
from store.connect import Store

YEAR, MAY = {"start": "2024-01-01", "end": "2024-12-31"}, {"start": "2024-05-01", "end": "2024-05-31"}


@pytest.fixture(scope="module")
def shop(tiny: Store) -> Shop:
    return Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency)


def ruled(shop: Shop, *messages: str) -> Outcome:
    turns: list[Turn] = []
    for message in messages:
        turns.append(Turn(message, rules.plan(message, turns, shop)))
    return turns[-1].outcome


def told(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Plan), outcome
    return outcome.calls[0].args


@pytest.mark.parametrize(
    ("message", "pieces"),
    [
        ("revenue in May, need it for the board meeting", [", need it for the board meeting"]),
        ("For the yearly audit, give me refunds in May", ["For the yearly audit"]),
        ("profit in May for my accountant", ["for my accountant"]),
        ("how many tiny orders, below £20 each, in May", ["tiny", "each"]),
        ("clients with over £300 in May, all their orders added up", ["all their orders added up"]),
        ("products sold at least once in May", ["at least once"]),
        ("buyers with exactly two orders, no more and no less", ["no more and no less"]),
        ("takings in May, mate?", [", mate"]),
        ("5月平均每天的销售额（按自然日算）", ["按自然日算"]),
        ("refunds in May, I'm doing the provisions", [", I'm doing the provisions"]),
        ("net revenue in 2024, for the tax folder", [", for the tax folder"]),
        ("profit in July, accountant is on the phone", [", accountant is on the phone"]),
        ("orders in May? I need to plan staff for Christmas", ["? I need to plan staff for Christmas"]),
        ("which weekday is quietest? thinking of closing the shop then", ["? thinking of closing the shop then"]),
        ("while you're at it, orders in May", ["while you're at it"]),
        ("老板想知道上周的订单数，快点告诉我", ["老板想知道", "快点告诉我"]),
        ("orders in May? I need to see it by country", []),
        ("orders in May? I have to leave out Germany", []),
        ("orders in May, the boss wants it by country", []),
        ("orders by phone in May", []),
        ("I have to reorder candles, how many will we sell in June?", []),
        ("orders in May? I'm thinking of candles, how many did we sell", []),
        # what may be a name, a condition or a figure is none of it
        ("revenue for our equipment in May", []),
        ("revenue in May, need it for the UK", []),
        ("big orders in May", []),
        ("units of tea, honey and jam in May", []),
        ("how many orders without shipping in May", []),
        ("orders that are waiting", []),
        ("revenue for our piggy bank", []),
        ("units for our chopping board in May", []),
        ("revenue in May, for the blue folder", []),
        ("I'm doing the candles, how many in May", []),
        ("customers who ordered at least once a month", []),
        ("what did all the Sundays add up to", []),
    ],
)
def test_what_changes_nothing(message: str, pieces: list[str]) -> None:
    assert [message[start:end] for start, end in noted(message)] == pieces


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("May orders this year", {"period": {"start": "2025-05-01", "end": "2025-05-31"}}),
        ("May orders last year", {"period": MAY}),
        ("how many orders in May 2024? I write it on a list", {"metrics": ["orders"], "period": MAY}),
        ("orders in May 2024, set out day by day", {"grain": "day"}),
        ("revenue May 2024 relative to April 2024", {"metrics": ["revenue"], "period": MAY}),
        ("refunds across April 2024, May 2024 and June 2024", {"grain": None}),
        ("what percentage of turnover did gross profit represent in 2024?", {"metrics": ["margin"]}),
        ("sales less money given back in 2024", {"metrics": ["net_revenue"]}),
        ("customers in 2024, guests don't count", {"metrics": ["customers"], "where": None}),
        ("compared with May 2024, how many units did we sell in June 2024", {"compare_to": MAY}),
        ("is June 2024 ahead of May 2024 in revenue, in percent", {"compare_to": MAY}),
        ("record month by number of orders in 2024", {"by": ["month"], "order_by": "orders desc", "limit": 1}),
        ("rank the countries by orders in 2024", {"order_by": "orders desc", "limit": None}),
        ("how many units came back in 2024?", {"metrics": ["returned_units"]}),
        ("how many orders under £50 last month", {"period": {"start": "2025-01-01", "end": "2025-01-31"}}),
        ("how many orders did we get in 2024 and how much did we take", {"metrics": ["orders", "revenue"]}),
        ("retention April 2024 to May 2024", {"metrics": ["retention"], "compare_to": MAY}),
        ("2024年每个季度的销售额，到第二季度为止", {"period": {"start": "2024-01-01", "end": "2024-06-30"}}),
        ("截至5月2024年的销售额", {"period": {"start": "2024-01-01", "end": "2024-05-31"}, "compare_to": None}),
        ("告诉我2024年5月卖了多少钱", {"metrics": ["revenue"], "period": MAY}),
        ("of everybody who bought in 2024, what share ordered at least twice?", {"metrics": ["repeat_rate"]}),
    ],
)
def test_one_message(shop: Shop, message: str, expected: dict[str, Any]) -> None:
    args = told(ruled(shop, message))
    assert {key: args.get(key) for key in expected} == expected


def test_weekdays_from_one_to_another(shop: Shop) -> None:
    (where,) = told(ruled(shop, "orders Monday to Wednesday in 2024"))["where"]
    assert set(where["value"]) == {"Monday", "Tuesday", "Wednesday"}


def test_words_that_may_be_goods_are_goods(shop: Shop) -> None:
    for goods in ("record player", "garden swing", "cake slice", "coffee filter", "advent calendar"):
        lexed = lex(f"revenue of the {goods} in 2024", shop.names, shop.today, shop.first_day)
        assert not lexed.of("rank", "compare", "share") and not lexed.noted
        assert not isinstance(ruled(shop, f"revenue of {goods} in 2024"), Plan), goods  # this shop has none


def test_a_time_that_no_period_has_is_not_passed_over(shop: Shop) -> None:
    assert not isinstance(ruled(shop, "last odd months, total revenue"), Plan)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("revenue by month in 2024", "just March to May"), {"period": {"start": "2024-03-01", "end": "2024-05-31"}}),
        (("orders in May 2024", "April 2024 plus May 2024?"), {"period": {"start": "2024-04-01", "end": "2024-05-31"}}),
        (("revenue in 2024", "now take the refunds off"), {"metrics": ["net_revenue"], "period": YEAR}),
        (("average order value in 2024", "restrict that to guest checkouts"), {"metrics": ["average_order_value"]}),
        (("revenue by country in 2024", "only the ones above £50"), {"by": ["country"], "period": YEAR}),
        (("orders by month in 2024", "revenue rather than orders"), {"metrics": ["revenue"], "compare_to": None}),
        (("units in 2024", "how many is that for each order"), {"metrics": ["units / orders"], "period": YEAR}),
        (("orders by country in 2024", "put the revenue next to it"), {"metrics": ["orders", "revenue"]}),
        (("orders in March 2024", "not March, do May 2024"), {"period": MAY, "where": None}),
        (("new customers in 2024", "in percent please"), None),
        (("customers in 2024", "of these, how many were new?", "in percent please"),
         {"metrics": ["new_customers / customers"]}),
    ],
)  # fmt: skip
def test_going_on(shop: Shop, messages: tuple[str, ...], expected: dict[str, Any] | None) -> None:
    outcome = ruled(shop, *messages)
    if expected is None:
        assert not isinstance(outcome, Plan)  # of what?
    else:
        args = told(outcome)
        assert {key: args.get(key) for key in expected} == expected


def test_hundreds_of_digits_are_no_number(shop: Shop) -> None:
    for said in ("orders in 2024, the first " + "9" * 400, "9" * 400, "9" * 400 + " will do"):
        assert not isinstance(rules.plan(said, [], shop), Plan)


def test_somebody_who_was_not_named_is_asked_about(shop: Shop) -> None:
    assert not isinstance(ruled(shop, "how many orders did she place in 2024?"), Plan)
    assert isinstance(ruled(shop, "average days between orders, when somebody comes back for his next one"), Plan)


def test_making_it_eight(shop: Shop) -> None:
    asked = Turn("top 3 countries in 2024", plan("top 3 countries in 2024", [], shop))
    least = Turn("lowest 3 countries in 2024", plan("lowest 3 countries in 2024", [], shop))
    assert ranked_anew("no, make it 8 please!", [asked]) == "the top 8"
    assert ranked_anew("make that two", [asked, least]) == "the bottom two"
    assert ranked_anew("make it 8", []) == ranked_anew("make it 8", [Turn("hi", Plan(()))]) == "make it 8"
    assert ranked_anew("make it 8 March", [asked]) == "make it 8 March"


def test_what_was_sold_of_what_is_to_be_sold(shop: Shop) -> None:
    both = plan("What will we sell of the Beeswax Candle next month, and what did we sell in May 2024?", [], shop)
    assert isinstance(both, Plan) and both.calls[0].tool == "forecast_sales"
    of_it = both.calls[both.main].args
    assert of_it["metrics"] == ["units"] and of_it["where"][0]["value"] == "Beeswax Candle" and of_it["period"] == MAY
    of_all = plan(
        "What will we sell of the Beeswax Candle next month? And what was our total revenue in May 2024?", [], shop
    )
    assert isinstance(of_all, Plan) and of_all.calls[of_all.main].args == {"metrics": ["revenue"], "period": MAY}
    assert several("how many candles will we sell in June and how many did we sell in May")[1:] == [
        "how many did we sell in May"
    ]


def test_a_country_of_small_signs_is_not_passed_over(shop: Shop) -> None:
    outcome = plan("去年日本的销售额", [], shop)
    assert isinstance(outcome, Decline) and "日本" in outcome.reason
    assert isinstance(plan("今日本店的销售额", [], shop), Plan)


@pytest.mark.parametrize(
    "message", ["what is the home address of customer C1", "card numbers of the people who paid by card yesterday"]
)
def test_contacts_are_not_there(shop: Shop, message: str) -> None:
    assert not isinstance(plan(message, [], shop), Plan)


def test_rows_of_what_was_asked_are_no_question_of_their_own() -> None:
    assert len(several("What goes into one basket with the candles? Top 3 products, with counts.")) == 1
    assert len(several("How many orders in May? Top 3 products in June?")) == 2


def test_a_plan_that_makes_no_other_call_repeats() -> None:
    by, both = (Call("query_metrics", {"metrics": ["orders"], "by": by}) for by in (["country"], []))
    assert repeats(Plan((by,)), Plan((by, both))) and not repeats(Plan((by, both)), Plan((by,)))


ALIKE = {"metrics": ["revenue"], "period": YEAR}
CUSTOMERS = {"group": "customer", "metric": "orders", "op": ">=", "value": 2}


@pytest.mark.parametrize(
    ("message", "by_parser", "by_rules", "is_belied"),
    [
        ("revenue on all Sundays of 2024", ALIKE, ALIKE, True),
        ("revenue in 2024", ALIKE, ALIKE, False),
        ("how many orders under £20 in 2024", {"metrics": ["guest_orders"]}, {"metrics": ["orders"]}, True),
        ("orders from guests in 2024", {"metrics": ["guest_orders"]}, {"metrics": ["orders"]}, False),
        ("customers with precisely two orders", {"metrics": ["customers"], "where": [CUSTOMERS]}, {}, True),
        ("customers with at least two orders", {"metrics": ["customers"], "where": [CUSTOMERS]}, {}, False),
        ("revenue less what we refunded in 2024", ALIKE, ALIKE, True),
        ("selling price per unit in 2024", {"metrics": ["average_price"], "by": ["channel"]},
         {"metrics": ["average_price"]}, True),
        ("selling price per channel in 2024", {"metrics": ["average_price"], "by": ["channel"]},
         {"metrics": ["average_price"]}, False),
        ("what share of the clients ordered in 2024", {"metrics": ["share(orders)"]}, {"metrics": ["share(customers)"]},
         True),
        ("revenue across 2024", {**ALIKE, "grain": "month"}, ALIKE, True),
        ("revenue over time in 2024", {**ALIKE, "grain": "month"}, ALIKE, False),
        ("the two worst brands in 2024", {**ALIKE, "by": ["brand"]},
         {**ALIKE, "by": ["brand"], "order_by": "revenue asc", "limit": 2}, True),
        ("the two worst brands in 2024", {**ALIKE, "by": ["brand"], "order_by": "revenue desc", "limit": 2},
         {**ALIKE, "by": ["brand"], "order_by": "revenue asc", "limit": 2}, True),
        ("2024年只下过一单的客户", {"metrics": ["customers"]}, {"metrics": ["customers"], "where": [CUSTOMERS]}, True),
    ],
)  # fmt: skip
def test_readings_that_words_belie(
    shop: Shop, message: str, by_parser: dict[str, Any], by_rules: dict[str, Any], is_belied: bool
) -> None:
    parser, other = (Plan((Call("query_metrics", a),)) for a in (by_parser, by_rules or by_parser))
    lexed = lex(message, shop.names, shop.today, shop.first_day)
    assert belied(lexed, by_parser["metrics"], parser, other) is is_belied


def test_a_figure_that_only_the_parser_hears_is_belied(shop: Shop) -> None:
    lexed = lex("in percent, please", shop.names, shop.today, shop.first_day)
    margin = Plan((Call("query_metrics", {"metrics": ["margin"]}),))
    assert belied(lexed, ["margin"], margin, margin) and not belied(lexed, [], margin, margin)


def test_a_chinese_word_for_goods_is_asked_about_in_the_shops_words(shop: Shop) -> None:
    turns = [Turn(asked := "2024年蜡烛的销量", rules.plan(asked, [], shop))]
    outcome = turns[0].outcome
    assert isinstance(outcome, Clarify) and outcome.options[0] == "candle" and len(outcome.options) > 1
    args = told(plan("candle", turns, shop))
    assert args["metrics"] == ["units"] and [w["value"] for w in args["where"]] == ["candle"]


@pytest.mark.parametrize(
    "message",
    [
        "Shorten this: orders in May were high",
        "what is the opposite of growth?",
        "如何提高销售额",
        "refund order 10001 now",
    ],
)
def test_what_is_no_question_for_figures(shop: Shop, message: str) -> None:
    outcome = plan(message, [], shop)
    assert not isinstance(outcome, Plan) and not outcome.unread
