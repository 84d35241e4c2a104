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
from store.paths import Home
from store.publish import publish
from tests.conftest import build_tiny
from tests.suspicious_shop import build_suspicious
from tools.contract import NotThere, ToolError
from tools.fraud.attributions import attributions
from tools.fraud.scores import scores_of
from tools.fraud.tool import NO_PROBABILITY, score_fraud
from tools.fraud.train import Effort
from tools.fraud.upkeep import train_store

QUICK = Effort(steps=60, finish=10, batch=64, width=16, layers=1, last=6, every=30, rows=3_000, rounds=30)


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
    ring = score_fraud(shop, order_ids=["R59"])
    assert "many customers on one device" in str(ring.cell(0, "reasons"))
    assert ring.cell(0, "linked") == 30  # of the month before


def test_a_model_names_those_to_come_with_money_at_risk(trained: Store) -> None:
    result = score_fraud(trained, {"start": "2024-03-20", "end": "2024-04-09"}, limit=1)
    assert str(result.cell(0, "order_id")).startswith("R")
    probability, amount = result.cell(0, "probability"), result.cell(0, "amount")
    assert isinstance(probability, float) and probability > 0.3 and amount == 400
    assert result.cell(0, "at_risk") == pytest.approx(probability * 400, abs=1e-6)
    assert result.cell(0, "worth_reviewing") == "yes" and result.cell(0, "reasons")
    dear = score_fraud(trained, {"start": "2024-03-20", "end": "2024-04-09"}, limit=1, costs={"review": 10_000})
    assert dear.cell(0, "worth_reviewing") == "no"


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


def test_a_shop_without_labels_trains_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("bare"))
    publish(home, "tiny", build_tiny, format="tests")
    store = open_store(home, "tiny")
    with pytest.raises(UserError, match="too few frauds"):
        train_store(store, silent, QUICK)
    assert score_fraud(store).rows
