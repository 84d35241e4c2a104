"""The local planner: two readings of a message, which of them counts, and what is never answered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.ask import LONGEST
from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn, from_json, to_json
from agent.planner import planner
from agent.planner.choices import described, which_reading
from agent.planner.corpus import Conversation, Marked, Meaning, Said, conversations, read
from agent.planner.heard import heard_in
from agent.planner.learned import plan as learned_plan
from agent.planner.numbers import number_in, ordinal_in
from agent.planner.parser import COPIES, WEIGHTS, Reading, Trust, copies, trained
from agent.planner.planner import plan, settled
from agent.planner.questions import several
from agent.planner.rules import plan as rules_plan
from agent.planner.shop import Shop
from agent.planner.spans import tidy
from agent.planner.train import VALIDATION, data_version
from agent.planner.trust import FACTS, FEATURES, chance, features, fitted
from agent.planner.validation import judge, shop_of
from evals.cases.nasty import nasty, random_strings
from evals.voices.report import UNSEEN, shares
from ml.checkpoint import load

CASES = Path(__file__).parent.parent / "evals" / "cases"
REVENUE, ORDERS = (Plan((Call("query_metrics", {"metrics": [m]}),)) for m in ("revenue", "orders"))


@pytest.fixture(scope="module")
def shop() -> Shop:
    said = "red teapots and lunch bags in Norway and Sweden through the bazaar, paid by card"
    named = (("red teapots", "product"), ("lunch bags", "product"), ("Norway", "country"), ("Sweden", "country"))
    spans = tuple(Marked(said.index(n), said.index(n) + len(n), k) for n, k in (*named, ("bazaar", "channel")))
    return shop_of(Conversation("test", "test", (Said(said, spans, Meaning()),)))


def args(outcome: Outcome) -> dict[str, object]:
    assert isinstance(outcome, Plan), outcome
    return outcome.calls[0].args


# ---- what is shipped


def test_the_weights_are_small_and_whole() -> None:
    it = trained()
    assert sum(f.stat().st_size for f in WEIGHTS.iterdir()) <= 25 * 2**20
    assert all(len(weights) == len(FEATURES) and any(weights) for weights in it.trust)
    assert {"revenue", "sold"} <= it.heard


def test_the_weights_are_of_the_voices_that_are_here() -> None:
    learned = [c for c in conversations() if c.voice not in VALIDATION]
    assert load(WEIGHTS).about.data_version == data_version(learned)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_voices_that_it_never_heard_are_mostly_understood_and_seldom_misunderstood(every: int) -> None:
    said = [c for path in UNSEEN for c in read(path)]
    found = shares(judge(said[::every], plan))
    assert found["right"] >= RIGHT and found["wrong"] <= WRONG


RIGHT, WRONG = 0.65, 0.07  # floors under what evals voices measures


# ---- which reading counts


def reading(meaning: Meaning, sure: float, text: str = "revenue") -> Reading:
    return Reading(text, meaning, (), {"kind": sure, "metrics": sure})


@pytest.mark.parametrize(
    ("sure", "by_rules", "by_parser", "counts"),
    [
        (0.2, REVENUE, REVENUE, REVENUE),
        (0.99999, Decline("?", unread=True), ORDERS, ORDERS),
        (0.2, Decline("?", unread=True), ORDERS, Decline("?", unread=True)),
        (0.99999, REVENUE, ORDERS, ORDERS),
    ],
)
def test_of_two_readings_the_sure_one_counts(
    shop: Shop, sure: float, by_rules: Outcome, by_parser: Outcome, counts: Outcome
) -> None:
    assert settled(reading(Meaning(["orders"]), sure), by_rules, by_parser, shop) == counts


def test_a_parser_that_is_certain_that_no_figures_are_asked_for_counts(shop: Shop) -> None:
    no_figures = Decline("I only read.")
    assert settled(reading(Meaning(decline="action"), 0.99), REVENUE, no_figures, shop) == no_figures


def test_of_two_plans_that_cannot_be_trusted_the_one_with_all_figures_counts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = Trust((0.0,) * len(FEATURES), (0.0,) * len(FEATURES))
    monkeypatch.setattr(planner, "trained", lambda: replace(trained(), trust=even))
    more = Plan((Call("query_metrics", {"metrics": ["orders", "revenue"]}), *ORDERS.calls))
    heard = replace(reading(Meaning(["orders"]), 0.2), text="orders and revenue")
    assert settled(heard, REVENUE, more, shop) == settled(heard, more, REVENUE, shop) == more


def test_two_plans_of_which_neither_can_be_trusted_are_asked_about(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    even = Trust((0.0,) * len(FEATURES), (0.0,) * len(FEATURES))
    monkeypatch.setattr(planner, "trained", lambda: replace(trained(), trust=even))
    asked = settled(reading(Meaning(["orders"]), 0.2), REVENUE, ORDERS, shop)
    assert isinstance(asked, Clarify) and asked.options == ("Revenue", "Orders")
    kept = from_json(json.loads(json.dumps(to_json(asked))))
    assert kept == asked
    assert plan("orders", [Turn("takings", kept)], shop) == ORDERS
    assert plan("REVENUE", [Turn("takings", kept)], shop) == REVENUE


@pytest.mark.parametrize(
    ("args", "locale", "said"),
    [
        ({"metrics": ["revenue"], "by": ["country"], "order_by": "revenue desc", "limit": 5}, "en",
         "Revenue · by country · highest first · the first 5"),
        ({"metrics": ["orders"], "grain": "month", "period": {"start": "2025-01-01", "end": "2025-03-31"},
          "compare_to": "year_earlier"}, "zh", "订单数 · 按月 · 2025年第一季度 · 对比 去年同期"),
        ({"metrics": ["units"], "where": [{"field": "country", "op": "not in", "value": "Norway"}]}, "en",
         "Units sold · without country Norway"),
    ],
)  # fmt: skip
def test_a_reading_is_told_in_a_few_words(args: dict[str, object], locale: str, said: str) -> None:
    assert described(Plan((Call("query_metrics", args),), locale)) == said


def test_readings_that_words_do_not_tell_apart_are_no_options() -> None:
    tool = Plan((Call("forecast_sales", {}),))
    assert which_reading(REVENUE, tool).options == () == which_reading(REVENUE, REVENUE).options


def test_a_message_of_many_words_that_nobody_has_heard_is_not_read(shop: Shop) -> None:
    text = "zzorpq blintzx quaxelm frombvk yitchkk revenue snorgleb vwxqzz"
    assert isinstance(settled(reading(Meaning(["revenue"]), 0.99, text), REVENUE, REVENUE, shop), Decline)


def test_trust_learns_what_goes_with_being_right() -> None:
    rows = [[1.0, x, 0.0, 0.0, 0.0, 0.0, 0.0] for x in (-2.0, -1.0, 1.0, 2.0)] * 20
    weights = fitted(rows, [r[1] > 0 for r in rows])
    assert chance(weights, rows[0]) < 0.2 and chance(weights, rows[3]) > 0.8


@pytest.mark.parametrize(
    ("by_parser", "differing"),
    [
        (Plan((Call("query_metrics", {"metrics": ["orders"], "by": ["country"]}),)), {"figures", "rows"}),
        (Plan((Call("query_metrics", {"metrics": ["revenue"], "period": {"start": "2025-01-01"}}),)), {"times"}),
        (Plan((Call("forecast_sales", {}),)), set()),
        (Decline("?"), {"no_parser"}),
    ],
)
def test_features_say_where_two_readings_differ(shop: Shop, by_parser: Outcome, differing: set[str]) -> None:
    heard = reading(Meaning(), 0.5)
    told = dict(zip(FEATURES, features(heard, [heard], REVENUE, by_parser, shop, {"revenue"}), strict=True))
    assert {name for name in FACTS if told[name]} == differing


def test_features_say_what_copies_do_not_agree_on(shop: Shop) -> None:
    heard = reading(Meaning(["revenue"]), 0.9)
    others = [heard, heard, heard, reading(Meaning(["orders"]), 0.9)]
    told = dict(zip(FEATURES, features(heard, others, REVENUE, ORDERS, shop, set()), strict=True))
    assert told["copies kind"] == told["copies spans"] > told["copies metrics"] == told["copies all"] > 0
    assert told["copies differing"] == 0.5


def test_thinned_copies_read_the_same_each_time() -> None:
    text = "takings of the tall green one, by shop, then by month"
    once = copies(text)
    assert once == copies(text) and len(once) == COPIES
    assert any(c.sure != once[0].sure for c in once)


@pytest.mark.parametrize(
    ("before", "heard", "metric"),
    [
        ("gross_profit", "average_order_value", "gross_profit / orders"),
        ("gross_profit", "shipping_income / orders", "gross_profit / orders"),
        ("revenue", "shipping_income / orders", "average_order_value"),
        ("orders", "revenue / days", "orders / days"),
    ],
)
def test_how_much_per_order_is_asked_of_the_figure_before(shop: Shop, before: str, heard: str, metric: str) -> None:
    turns = [Turn("?", Plan((Call("query_metrics", {"metrics": [before]}),)))]
    meaning = Meaning([heard], flags=frozenset({"lean"}))
    assert args(learned_plan(Reading("and per one?", meaning, (), {"kind": 1.0}), turns, shop))["metrics"] == [metric]


def test_rows_and_figures_come_in_the_order_in_which_they_are_said(shop: Shop) -> None:
    meaning = Meaning(["revenue", "orders"], ["country", "product"])
    got = args(learned_plan(Reading("orders and revenue by product and country", meaning, (), {"kind": 1.0}), [], shop))
    assert got["metrics"] == ["orders", "revenue"] and got["by"] == ["product", "country"]


def test_a_follow_up_that_changes_nothing_was_not_understood(shop: Shop) -> None:
    meaning = Meaning(["revenue"], flags=frozenset({"lean"}))
    got = learned_plan(Reading("as a slice of it", meaning, (), {"kind": 1.0}), [Turn("revenue?", REVENUE)], shop)
    assert isinstance(got, Clarify)


# ---- names and spans


def test_names_of_the_shop_count_though_the_parser_marks_none(shop: Shop) -> None:
    got = learned_plan(Reading("revenue in Norway", Meaning(["revenue"]), (), {"kind": 1.0}), [], shop)
    assert args(got)["where"] == [{"field": "country", "op": "in", "value": "Norway"}]


def test_a_name_that_the_shop_does_not_have_is_not_dropped(shop: Shop) -> None:
    text = "revenue of unicorn saddles"
    marked = (Marked(text.index("unicorn"), len(text), "product"),)
    assert isinstance(learned_plan(Reading(text, Meaning(["revenue"]), marked, {"kind": 1.0}), [], shop), Decline)


def test_a_period_that_cannot_be_read_is_not_dropped(shop: Shop) -> None:
    text = "revenue since the great flood"
    marked = (Marked(text.index("since"), len(text), "period"),)
    assert isinstance(learned_plan(Reading(text, Meaning(["revenue"]), marked, {"kind": 1.0}), [], shop), Decline)


@pytest.mark.parametrize(("text", "said"), [("dec revenue", "dec"), ("sold, may", "may")])
def test_a_period_counts_that_only_the_parser_takes_for_one(shop: Shop, text: str, said: str) -> None:
    marked = (Marked(text.index(said), text.index(said) + len(said), "period"),)
    got = args(learned_plan(Reading(text, Meaning(["revenue"]), marked, {"kind": 1.0}), [], shop))
    period = got["period"]
    assert isinstance(period, dict) and period["start"][5:7] == {"dec": "12", "may": "05"}[said]


def test_a_period_that_can_be_read_in_two_ways_is_asked_back(shop: Shop) -> None:
    got = learned_plan(Reading("revenue in FY2024", Meaning(["revenue"]), (), {"kind": 1.0}), [], shop)
    assert isinstance(got, Clarify) and got.options


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("second", 2),
        ("3rd", 3),
        ("第二", 2),
        ("twice", 2),
        ("£1,500", 1500),
        ("5k", 5000),
        ("两", 2),
        ("兩", 2),
        ("五百", 500),
        ("一千二百", 1200),
        ("1.5万", 15000),
        ("a dozen", 12),
        ("mug", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(said: str, number: int | None) -> None:
    assert number_in(said) == number


@pytest.mark.parametrize(
    ("said", "place"),
    [("second", 2), ("3rd", 3), ("第二", 2), ("Fourth", 4), ("3", None), ("three", None), ("mug", None)],
)
def test_a_place_is_no_number_of_things(said: str, place: int | None) -> None:
    assert ordinal_in(said) == place


@pytest.mark.parametrize("text", ["which country had the second highest revenue?", "the 2nd best country by revenue"])
def test_the_second_best_is_one_row(shop: Shop, text: str) -> None:
    by_rules = args(rules_plan(text, [], shop))
    said = [Marked(text.index(w), text.index(w) + len(w), "limit") for w in ("second", "2nd") if w in text]
    meaning = Meaning(["revenue"], ["country"], flags=frozenset({"top", "one"}))
    by_parser = args(learned_plan(Reading(text, meaning, tuple(said), {"kind": 1.0}), [], shop))
    assert by_rules == by_parser and (by_rules["limit"], by_rules["offset"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "spans", "tidied"),
    [
        ("in october", [(0, 2, "period"), (3, 10, "period")], ["in october"]),
        ("'lunch box' sales", [(0, 11, "product")], ["lunch box"]),
        ("the order 12", [(4, 9, "order"), (10, 12, "order")], ["12"]),
        ("mugs, bags", [(0, 4, "product"), (6, 10, "product")], ["mugs", "bags"]),
    ],
)
def test_spans_are_tidied(text: str, spans: list[tuple[int, int, str]], tidied: list[str]) -> None:
    assert [text[s.start : s.end] for s in tidy(text, [Marked(*s) for s in spans])] == tidied


@pytest.mark.parametrize(("said", "op", "value"), [("after 5pm", "<", 17), ("before 9am", ">=", 9)])
def test_hours_that_are_left_out_are_left_out(shop: Shop, said: str, op: str, value: int) -> None:
    text = f"revenue omitting what was sold {said}"
    marked = (Marked(text.index(said), len(text), "hour", excluded=True),)
    got = learned_plan(Reading(text, Meaning(["revenue"]), marked, {"kind": 1.0}), [], shop)
    where = args(got)["where"]
    assert isinstance(where, list) and [(w["op"], w["value"]) for w in where] == [(op, value)]


def test_words_of_refused_questions_are_not_heard() -> None:
    figures, refused = (
        Said("how many umbrellas", (), Meaning(["units"])),
        Said("salaries?", (), Meaning(decline="nodata")),
    )
    assert heard_in([Conversation("v", "w", (figures, refused))]) == {"how", "many", "umbrellas"}


# ---- several questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What was revenue in May? And in June?", ["What was revenue in May", "And in June"]),
        ("revenue last week, and which product sold best", ["revenue last week", "which product sold best"]),
        ("五月卖了多少？六月呢", ["五月卖了多少", "六月呢"]),
        ("revenue and orders in May?", ["revenue and orders in May?"]),
        ("Really??", ["Really??"]),
    ],
)
def test_questions_are_told_apart(text: str, parts: list[str]) -> None:
    assert several(text) == parts


def test_each_of_several_questions_is_planned_and_may_lean_on_the_one_before(shop: Shop) -> None:
    outcome = plan("What was revenue in May 2025? And in Norway?", [], shop)
    assert isinstance(outcome, Plan)
    first, second = (c.args for c in outcome.calls if c.tool == "query_metrics")
    assert "where" not in first and second["where"] == [{"field": "country", "op": "in", "value": "Norway"}]
    assert first["period"] == second["period"]
    then = args(plan("by month", [Turn("", outcome)], shop))
    assert then["grain"] == "month" and then["where"] == second["where"]


def test_growth_between_two_turns_goes_from_the_earlier_to_the_later(shop: Shop) -> None:
    turns: list[Turn] = []
    for text in ("revenue in May 2025", "and in April 2025?", "by how much did it grow?"):
        outcome = plan(text, turns, shop)
        turns.append(Turn(text, outcome))
    last = args(turns[-1].outcome)
    assert last["period"] == args(turns[0].outcome)["period"] and last["compare_to"] == args(turns[1].outcome)["period"]


# ---- what no metric answers


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("customers by number of orders in Norway", "o.country IN ('Norway')"),
        ("when did we first sell the red teapots?", "MIN(o.ordered_at)"),
        ("show me monthly cohorts", "AS cohort"),
        ("which products are most often bought together in May 2025", "DATE '2025-05-01'"),
        ("最后一次下单是什么时候", "MAX(o.ordered_at)"),
    ],
)
def test_templates_answer_what_no_metric_does(shop: Shop, text: str, has: str) -> None:
    outcome = plan(text, [], shop)
    assert isinstance(outcome, Plan) and outcome.calls[0].tool == "run_sql" and outcome.title
    assert has in str(outcome.calls[0].args["sql"])


def test_a_template_leaves_what_it_cannot_say_to_others(shop: Shop) -> None:
    outcome = plan("what is most often bought together with red teapots?", [], shop)
    assert not (isinstance(outcome, Plan) and outcome.calls[0].tool == "run_sql")


# ---- what is never answered


def answered(texts: Iterable[str], shop: Shop) -> list[str]:
    return [t for t in texts if isinstance(plan(t, [], shop), Plan)]


@pytest.mark.parametrize("text", ["which customers come back soonest?", "how many units are in a mole?"])
def test_a_word_that_is_unknown_is_not_mended_into_another(shop: Shop, text: str) -> None:
    assert answered([text], shop) == []


@pytest.mark.parametrize(
    "text",
    [
        "What does AOV stand for?",
        "difference between margin and profit",
        "客单价是什么意思",
        "how do you work out the margin?",
    ],
)
def test_what_a_word_means_is_no_question_for_figures(shop: Shop, text: str) -> None:
    assert answered([text], shop) == []


def test_a_period_makes_it_one(shop: Shop) -> None:
    text = "what is the difference between revenue in May 2025 and June 2025?"
    assert answered([text], shop) == [text]


@pytest.mark.parametrize("every", [32, pytest.param(1, marks=pytest.mark.slow)])
def test_nasty_messages_are_not_answered(shop: Shop, every: int) -> None:
    said = [t for t in nasty() if len(t) <= LONGEST]
    assert len(said) >= 500
    assert len(answered(said[::every], shop)) <= len(said[::every]) // 100


@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.slow)])
def test_random_strings_are_not_answered(shop: Shop, count: int) -> None:
    assert len(answered(random_strings(count, 7), shop)) <= count // 100


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_what_no_shop_can_know_is_not_answered(shop: Shop, every: int) -> None:
    said = (CASES / "out_of_scope.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(said)) >= 1_000
    assert len(answered(said[::every], shop)) <= len(said[::every]) * LEAKS


LEAKS = 0.025  # of plans; 1.6 % are seen, of which a shop answers fewer: see the model card
