"""score_fraud: which orders it names and why, with a model and without one, that receipts run again, what it refuses."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest

from agent.ask import ask
from agent.principal import Principal
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store, open_store
from store.errors import UserError
from store.labels import labels_of
from store.paths import Home
from store.publish import publish
from tests.conftest import build_tiny
from tests.suspicious_shop import build_suspicious
from tools.contract import NotThere, ToolError
from tools.fraud.attributions import attributions
from tools.fraud.fairness import check_fairness
from tools.fraud.reviews import NO_COSTS, plan_reviews
from tools.fraud.scores import scores_of
from tools.fraud.tool import NO_PROBABILITY, score_fraud
from tools.fraud.train import Effort
from tools.fraud.upkeep import train_store

QUICK = Effort(steps=60, finish=10, batch=64, width=16, layers=1, last=6, every=30, rows=3_000, rounds=30)


LATE = {"start": "2024-03-20", "end": "2024-04-09"}


def silent(what: str, part: float) -> None:
    assert 0 <= part <= 1


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("suspicious"))
    publish(home, "shop", build_suspicious, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    """Without a trained model."""
    return open_store(home, "shop")


@pytest.fixture(scope="module")
def trained(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Store:
    copy = Home(tmp_path_factory.mktemp("trained") / "home")
    shutil.copytree(home.root, copy.root)
    store = open_store(copy, "shop")
    train_store(store, silent, QUICK)
    return store


def test_without_labels_the_ring_and_the_enormous_order_stand_out(shop: Store) -> None:
    result = score_fraud(shop, limit=31)
    ids = [row[0] for row in result.rows]
    assert "HUGE" in ids[:3]
    assert sum(str(i).startswith("R") for i in ids) >= 27
    assert NO_PROBABILITY in result.notes and result.cell(0, "of") == 1_561
    ring = score_fraud(shop, order_ids=["R20"])
    assert "many customers on one device" in str(ring.cell(0, "reasons"))
    assert ring.cell(0, "linked") == 50  # of the month before and after


def test_a_model_names_those_to_come_with_money_at_risk(trained: Store) -> None:
    result = score_fraud(trained, {"start": "2024-03-20", "end": "2024-04-09"}, limit=1)
    assert str(result.cell(0, "order_id")).startswith("R")
    probability, amount = result.cell(0, "probability"), result.cell(0, "amount")
    assert isinstance(probability, float) and probability > 0.3 and amount == 400
    assert result.cell(0, "at_risk") == pytest.approx(probability * 400, abs=1e-6)
    assert result.cell(0, "advice") in ("review", "refuse") and result.cell(0, "reasons")
    assert score_fraud(trained, LATE, limit=1, costs={"refused": 1e6}).cell(0, "advice") == "review"
    dear = score_fraud(trained, LATE, limit=1, costs={"refused": 1e6, "review": 10_000})
    assert dear.cell(0, "advice") == "let through"


def test_attributions_add_up_to_the_score(trained: Store) -> None:
    scores = scores_of(trained)
    assert scores.trained is not None
    rows = np.array([5, 900, 1_500])
    found = attributions(scores.trained.model, scores.features, rows)
    np.testing.assert_allclose(found.base + found.parts.sum(1), found.logit, atol=1e-6)
    said = scores.trained.model.score(scores.features, rows).storewise
    np.testing.assert_allclose(1 / (1 + np.exp(-found.logit)), said, atol=1e-5)
    assert np.ptp(found.base) < 1e-6


@pytest.mark.parametrize("question", ["which orders look suspicious?", "is order R30 dodgy?", "有哪些可疑订单？"])
@pytest.mark.parametrize("has_model", [False, True])
def test_every_number_said_is_proven(shop: Store, trained: Store, question: str, has_model: bool) -> None:
    store = trained if has_model else shop
    answer = ask(Principal(store.home, "shop"), f"{question}-{has_model}", question)
    assert answer["status"] == "answered" and answer["receipts"][0]["tool"] == "score_fraud"
    assert not audit(answer, store.home, "shop", question=question, rerun=tools_of(store.home, "shop"))


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ({"order_ids": ["nobody"]}, NotThere, "no order nobody"),
        ({"period": "2019"}, NotThere, "no orders in 2019"),
        ({"limit": 0}, ToolError, "from 1 to 100"),
        ({"order_ids": {"a": 1}}, ToolError, "list of order ids"),
        ({"costs": {"coffee": 1}}, ToolError, "costs is an object"),
        ({"costs": {"review": -1}}, ToolError, "is an amount of money"),
        ({"model": "0123456789abcdef"}, ToolError, "Another model"),
        ({"period": "the other day"}, ToolError, "no period"),
    ],
)
def test_bad_input_is_refused_in_words(shop: Store, asked: dict[str, Any], kind: type[ToolError], said: str) -> None:
    with pytest.raises(kind, match=said):
        score_fraud(shop, **asked)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """With five frauds known."""
    home = Home(tmp_path_factory.mktemp("bare"))
    publish(home, "tiny", build_tiny, format="tests")
    return open_store(home, "tiny")


def test_a_shop_with_few_labels_trains_nothing(bare: Store) -> None:
    with pytest.raises(UserError, match="Only 5 orders are known for fraud and 133 for none"):
        train_store(bare, silent, QUICK)
    assert score_fraud(bare).rows


# costs, so many a day, links, fairness


def test_the_costs_tell_what_is_worth_a_look_and_what_that_saves(trained: Store) -> None:
    usual = plan_reviews(trained, LATE)
    assert usual.row_count == 1 and usual.cell(0, "review_cost") == 3 and usual.cell(0, "per_day") is None
    scored = score_fraud(trained, LATE, limit=100)
    flagged = [row for row in scored.rows if row[scored.index("advice")] != "let through"]
    assert sum(float(usual.cell(0, n) or 0) for n in ("reviewed", "refused")) == len(flagged)
    saved, unchecked, cost = (usual.cell(0, n) for n in ("saved", "unchecked", "cost"))
    assert saved == pytest.approx(float(unchecked or 0) - float(cost or 0)) and float(saved or 0) > 0
    assert float(usual.cell(0, "tested_caught") or 0) <= float(usual.cell(0, "tested_frauds") or 0)
    dear = plan_reviews(trained, LATE, {"review": 1e6, "refused": 1e6})
    assert dear.cell(0, "reviewed") == dear.cell(0, "refused") == 0 and dear.cell(0, "saved") == 0


def test_so_many_a_day_are_looked_at(trained: Store) -> None:
    found = plan_reviews(trained, LATE, per_day=1)
    assert [row[0] for row in found.rows] == ["what is worth it", "the most to lose each day"]
    assert found.cell(1, "reviewed") == found.cell(1, "days") == 21 and found.cell(1, "refused") == 0
    shown = score_fraud(trained, LATE, per_day=1, limit=100)
    days = [row[1] for row in shown.rows]
    assert len(days) == len(set(days)) == 21 and shown.cell(0, "per_day") == 1
    lost = [
        float(row[shown.index("probability")] or 0) * (float(row[shown.index("amount")] or 0) + 15)
        for row in shown.rows
    ]
    assert lost == sorted(lost, reverse=True)


def test_without_labels_enough_it_says_what_is_missing(bare: Store, shop: Store) -> None:
    found = plan_reviews(bare, per_day=2)
    assert found.rows == [[5, 133, 20]] and NO_COSTS in found.notes
    assert plan_reviews(shop).cell(0, "known_frauds") == 59
    assert len({row[1] for row in score_fraud(shop, LATE, per_day=1, limit=100).rows}) == 21
    answer = asked(bare, "what if I only review ten a day?")
    assert "./storewise label fraud" in answer["answer"] and not proven(
        answer, bare, "what if I only review ten a day?"
    )
    with pytest.raises(NotThere, match="before the shop has a model"):
        check_fairness(shop)


def test_orders_of_the_same_device(trained: Store) -> None:
    found = score_fraud(trained, linked_to="R30", by="device", limit=100)
    assert found.row_count == 60 and all(str(row[0]).startswith("R") for row in found.rows)
    assert score_fraud(trained, LATE, linked_to="R30").row_count == 1
    for given, said in (
        ({"linked_to": "HUGE"}, "No other order shares a device or address"),
        ({"linked_to": "X"}, "no order X"),
    ):
        with pytest.raises(NotThere, match=said):
            score_fraud(trained, **given)
    with pytest.raises(ToolError, match="by is one of"):
        score_fraud(trained, linked_to="R30", by="colour")


def test_whether_groups_are_treated_alike(trained: Store) -> None:
    found = check_fairness(trained, costs={"review": 0.01})
    assert {row[0] for row in found.rows} <= {"country", "customer"} and found.rows
    for row in range(found.row_count):
        low, rate, high = (float(found.cell(row, n) or 0) for n in ("flagged_low", "flagged", "flagged_high"))
        assert 0 <= low <= rate <= high <= 1
    with pytest.raises(NotThere, match="doesn't know the age"):
        check_fairness(trained, "age")
    with pytest.raises(ToolError, match="Groups are by"):
        check_fairness(trained, "shoe size")


def test_groups_can_be_treated_alike(trained: Store, shop: Store) -> None:
    kinds = {str(row[0]) for row in check_fairness(trained).rows}
    for kind in kinds:
        found = plan_reviews(trained, LATE, even_by=kind)
        shown = score_fraud(trained, LATE, limit=100, even_by=kind)
        flagged = [row for row in shown.rows if row[shown.index("advice")] != "let through"]
        assert sum(float(found.cell(0, n) or 0) for n in ("reviewed", "refused")) == len(flagged)
        fair = check_fairness(trained, kind)
        for name in ("caught", "saved"):
            assert found.cell(0, f"tested_{name}") == fair.cell(0, f"{name}_evened")
    with pytest.raises(NotThere, match="no model of the shop's own has looked back"):
        score_fraud(shop, even_by="customer")
    with pytest.raises(ToolError, match="Groups are by"):
        plan_reviews(trained, even_by="mood")


TALK = (
    "which orders in the last 3 weeks look suspicious?", "a review costs us €5, a chargeback €40",
    "what if I only review ten a day?", "why was order R59 flagged?", "show orders from that device",
    "is it fair to new customers?", "treat new customers alike",
)  # fmt: skip
TALK_ZH = ("过去三周有哪些可疑订单？", "审核一单要5元，拒付要40元", "如果我每天只能审核十单呢？", "为什么订单R59被标记？",
           "显示同一设备的订单", "对新顾客公平吗？", "对新老顾客一视同仁")  # fmt: skip


@pytest.mark.parametrize("talk", [TALK, TALK_ZH])
def test_a_conversation_keeps_its_costs_and_days_and_proves_each_number(trained: Store, talk: tuple[str, ...]) -> None:
    answers = [asked(trained, question, talk[0]) for question in talk]
    for question, answer in zip(talk, answers, strict=True):
        assert answer["status"] == "answered", (question, answer["answer"])
        assert not proven(answer, trained, question)
    assert [len(answer["options"]) for answer in answers] == [2, 2, 1, 1, 0, 0, 2]
    assert all(answer["answer"].rstrip().endswith("_") for answer in answers)  # prose, not the tables alone
    told = [answer["receipts"][0]["input"] for answer in answers]
    assert told[0]["period"] == told[1]["period"] == told[2]["period"]
    assert told[2]["costs"] == {"review": 5, "chargeback": 40, "refused": 30} == told[5]["costs"]
    assert told[2]["per_day"] == 10 and told[3]["order_ids"] == ["R59"] and told[4]["linked_to"] == "R59"
    assert [r["tool"] for r in answers[1]["receipts"]] == ["score_fraud", "plan_reviews", "check_fairness"]
    assert answers[5]["receipts"][0]["tool"] == "check_fairness" and told[5]["by"] == "customer"
    assert told[6]["even_by"] == "customer" and told[6]["costs"] == told[5]["costs"]
    assert [r["tool"] for r in answers[6]["receipts"]] == ["score_fraud", "plan_reviews"]


def test_after_a_list_it_asks_back_whose_device(trained: Store) -> None:
    thread = "whose"
    asked(trained, "which orders look suspicious?", thread)
    back = asked(trained, "show orders from that device", thread)
    assert back["status"] == "clarify" and len(back["options"]) == 3
    chosen = asked(trained, back["options"][0], thread)
    assert chosen["status"] == "answered" and chosen["receipts"][0]["input"]["by"] == "device"


def test_a_chat_writes_no_label_and_says_how(shop: Store) -> None:
    for said in ("order R30 was fraud", "mark order R30 as fine", "订单R30是欺诈"):
        answer = asked(shop, said, said)
        assert answer["status"] == "declined" and "./storewise label" in answer["answer"]
    assert not labels_of(shop.state_path)


def asked(store: Store, question: str, thread: str = "t") -> dict[str, Any]:
    return ask(Principal(store.home, store.name), thread, question)


def proven(answer: dict[str, Any], store: Store, question: str) -> Any:
    """What the auditor finds wrong."""
    return audit(answer, store.home, store.name, question=question, rerun=tools_of(store.home, store.name))
