"""What a message says of fraud beyond which days and orders; and that nothing else is taken for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agent.plan import Call, Clarify, Decline, Plan, Turn
from agent.planner import fraud_talk, suspects

VOICES = Path(__file__).parents[1] / "agent" / "planner" / "voices"


def shown(*ids: str, **args: Any) -> list[Turn]:
    """A conversation whose last answer showed these orders."""
    receipt = {"tool": "score_fraud", "columns": ["order_id"], "rows": [[i] for i in ids]}
    return [Turn("?", Plan((Call("score_fraud", args),)), {"receipts": [receipt]})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a review costs us £5, a chargeback £40", {"review": 5, "chargeback": 40}),
        ("reviews cost 5 and chargebacks 40", {"review": 5, "chargeback": 40}),
        ("£5 a review", {"review": 5}),
        ("checking one order costs 4 pounds", {"review": 4}),
        ("a chargeback costs us £1,200.50", {"chargeback": 1200.5}),
        ("refusing a good order costs about 50 euros", {"refused": 50}),
        ("审核一单要5元，拒付要40元", {"review": 5, "chargeback": 40}),
        ("误拒一单要80", {"refused": 80}),
        ("how likely is a chargeback on the 1,900 dollar watch order", {}),
        ("what did reviews cost us in 2024", {}),
        ("chargebacks are up 5 % and reviews cost nothing", {}),
    ],
)
def test_costs_are_heard(text: str, said: dict[str, float]) -> None:
    assert fraud_talk.costs_in(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what if I only review ten a day?", (10, True)),
        ("what if we can only check 25 orders a day", (25, True)),
        ("I can look at 5 a day", (5, False)),
        ("如果我每天只能审核十单呢？", (10, True)),
        ("每天只看5单", (5, False)),
        ("how many orders a day do we get", None),
    ],
)
def test_so_many_a_day_are_heard(text: str, said: tuple[int, bool] | None) -> None:
    assert fraud_talk.a_day_in(text) == said


LAST_WEEK = {"start": "2026-10-19", "end": "2026-10-25"}


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("a review costs us £5", {"period": LAST_WEEK, "costs": {"review": 5}}),
        ("what if I only review ten a day?", {"period": LAST_WEEK, "per_day": 10}),
        ("why was it flagged?", {"period": LAST_WEEK, "order_ids": ["R59"]}),
        ("show orders from that device", {"linked_to": "R59", "by": "device"}),
        ("who else used this address?", {"linked_to": "R59", "by": "address"}),
        ("Show the orders linked with it", {"linked_to": "R59"}),
        ("显示与它关联的订单", {"linked_to": "R59"}),
        ("显示同一顾客的订单", {"linked_to": "R59", "by": "customer"}),
        ("why was order 100200 flagged?", {"period": LAST_WEEK, "order_ids": ["100200"]}),
        ("订单R7为什么被标记？", {"period": LAST_WEEK, "order_ids": ["R7"]}),
    ],
)
def test_what_is_asked_next_leans_on_the_answer_before(text: str, args: dict[str, Any]) -> None:
    found = suspects.certain(text, shown("R59", period=LAST_WEEK))
    assert isinstance(found, Plan) and found.calls == (Call("score_fraud", args),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("treat new customers alike", "customer"),
        ("ok, make it fair to new customers", "customer"),
        ("use a threshold for each country", "country"),
        ("对新老顾客一视同仁", "customer"),
    ],
)
def test_groups_are_to_be_treated_alike(text: str, kind: str) -> None:
    found = suspects.certain(text, shown("R1", "R2", period=LAST_WEEK, costs={"review": 5}))
    args = {"period": LAST_WEEK, "costs": {"review": 5}, "even_by": kind}
    assert isinstance(found, Plan) and found.calls == (Call("score_fraud", args),)


def test_costs_stay_and_so_many_a_day_doesnt() -> None:
    turns = shown("R1", "R2", costs={"review": 5}, per_day=3)
    found = suspects.certain("a chargeback costs £40", turns)
    assert isinstance(found, Plan) and found.calls[0].args == {"costs": {"review": 5, "chargeback": 40}}
    second = suspects.certain("why was the second one flagged?", turns)
    assert isinstance(second, Plan) and second.calls[0].args["order_ids"] == ["R2"]


@pytest.mark.parametrize("text", ["why was it flagged?", "show orders from that device", "显示同一设备的订单"])
def test_of_several_orders_it_asks_which(text: str) -> None:
    found = suspects.certain(text, shown("R1", "R2", "R3", "R4"))
    assert isinstance(found, Clarify) and len(found.options) == 3
    again = suspects.certain(found.options[1], shown("R1", "R2", "R3", "R4"))
    assert isinstance(again, Plan) and "R2" in str(again.calls[0].args)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("is it fair to new customers?", "customer"),
        ("do we treat foreign customers worse?", "country"),
        ("is the model biased against older people", "age"),
        ("对新顾客公平吗？", "customer"),
    ],
)
def test_whether_groups_are_treated_alike_is_asked(text: str, by: str) -> None:
    found = suspects.certain(text, [])
    assert isinstance(found, Plan) and found.calls == (Call("check_fairness", {"by": by}),)


@pytest.mark.parametrize(
    "text",
    ["order 123 was fraud", "mark order 123 as fine", "order R30 turned out to be a chargeback", "订单123是欺诈"],
)
def test_a_label_is_not_written_in_a_chat(text: str) -> None:
    found = suspects.certain(text, [])
    assert isinstance(found, Decline) and "./storewise label" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "is order 123 fraud?",
        "order numbers are good",
        "订单都是正常的",
        "was order 123 fine",
        "why are sales down?",
        "orders by device",
        "show me that device",
    ],
)
def test_what_may_mean_something_else_is_left_to_the_two_readings(text: str) -> None:
    assert suspects.certain(text, []) is None


def test_no_voice_that_speaks_of_something_else_is_taken_for_fraud() -> None:
    taken = [text for text, means in voices() if "score_fraud" not in means and suspects.certain(text, []) is not None]
    assert not taken
    after = shown("R1", "R2")
    leaning = [text for text, means in voices() if "lean" in means and "score_fraud" not in means]
    assert len(leaning) > 500 and not [text for text in leaning if suspects.certain(text, after) is not None]


def voices() -> list[tuple[str, str]]:
    """Every message of the planner's voices, and what it is marked with."""
    out, text = [], ""
    for path in sorted(VOICES.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("> "):
                text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line[2:].strip())
            elif line.startswith("= ") and text:
                out.append((text, line))
                text = ""
    return out
