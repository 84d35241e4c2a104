"""Without labels: orders foretold from their entities' histories, and what an answer makes of how unexpected they are."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from agent.ask import ask
from agent.principal import Principal
from agent.suspected import NOTES_ZH, REASONS_ZH
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store, open_store
from store.errors import UserError
from store.labels import label
from store.paths import Home
from store.publish import publish
from tests.suspicious_shop import ORDERS, build_suspicious
from tools.fraud.features import DAY, Features, spec_from
from tools.fraud.masked import Masked
from tools.fraud.model import ScorerConfig
from tools.fraud.pretrain import Foreteller, pretrain
from tools.fraud.scorer import train
from tools.fraud.scores import foreteller_of, plain_features, scores_of
from tools.fraud.surprise import surprise_of
from tools.fraud.table import table_from
from tools.fraud.tool import BY_HABITS, BY_RULES, NO_PROBABILITY, score_fraud
from tools.fraud.train import ENCODER, Effort, drawn, train_transformer
from tools.fraud.traits import traits_from
from tools.fraud.unusual import UNEXPECTED, unusual
from tools.fraud.upkeep import TooFewFrauds, foretelling_is_due, is_due, train_foreteller, train_store
from ui.__main__ import app

QUICK = Effort(steps=60, rate=1e-2, batch=64, width=16, layers=1, last=4, every=30)
START = np.datetime64("2024-01-01")
SAID = "from elsewhere or otherwise than this customer's history leads one to expect"


def quiet(what: str, part: float) -> None:
    assert 0 <= part <= 1


def habits(rows: int = 2_000, seed: int = 0) -> pd.DataFrame:
    """Invented orders of forty customers, each with a device and an amount of their own; no label."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, 40, rows)
    second = np.sort(rng.integers(0, 60 * DAY, rows))
    return pd.DataFrame({
        "transaction_id": np.arange(rows), "occurred_at": START + second.astype("timedelta64[s]"),
        "amount": np.round((1 + customer) * rng.uniform(0.9, 1.1, rows), 2), "entity_customer": customer,
        "entity_device": customer + 100, "channel": np.where(customer % 2, "web", "app"),
    })  # fmt: skip


def features_of(frame: pd.DataFrame) -> Features:
    table = table_from(frame)
    return Features(table, spec_from(table, 500, 21 * DAY))


def learned(frame: pd.DataFrame, folder: Path, effort: Effort = QUICK) -> Foreteller:
    return pretrain(features_of(frame), np.arange(len(frame)), effort, folder, quiet)


@pytest.fixture(scope="module")
def foreteller(tmp_path_factory: pytest.TempPathFactory) -> Foreteller:
    return learned(habits(), tmp_path_factory.mktemp("net") / "kept")


# orders


def test_traits_by_hand() -> None:
    frame = habits(600).assign(channel=[""] + ["web"] * 500 + ["app"] * 99, units=[np.nan, *range(599)])
    features = features_of(frame)
    traits = traits_from(features, np.arange(550))
    found = dict(zip(traits.names, traits.codes(features, np.arange(600)).T, strict=True))
    assert found["channel"].tolist() == [0] + [1] * 500 + [2] * 99
    assert found["units"][0] == 0 and (np.diff(found["units"][1:]) >= 0).all()
    assert found["units"].max() == traits.sizes[traits.names.index("units")] - 1
    new = ~frame["entity_customer"].duplicated().to_numpy()
    assert ((found["customer: since the last"] == 0) == new).all()
    assert len(set(found["customer and device together before"][new])) == 1


def test_a_text_never_seen_is_one_of_the_rare_ones() -> None:
    features = features_of(habits(600).assign(channel=["web"] * 550 + ["fax"] * 50))
    traits = traits_from(features, np.arange(500))
    assert traits.values["channel"] == ("web",)
    assert traits.codes(features, np.array([599]))[0, 0] == 2


def test_what_is_likely_of_a_trait_adds_up_to_one_and_only_those_told_before_matter() -> None:
    torch.manual_seed(0)
    net = Masked(ScorerConfig(features=1, entities=2, told=3, hashes=1, width=8, layers=2, heads=2), (3, 4, 2)).eval()
    events, held, past = torch.randn(1, 2, 5, 3), torch.ones(1, 2, 5), torch.randint(2, (1, 2, 5, 3))
    one = torch.tensor([[1, 0, 0]])
    with torch.no_grad():
        each = [net(events, held, past, torch.tensor([[1, c, 0]]))[0] for c in range(4)]
        assert float(sum(torch.exp(-nats[1]) for nats in each)) == pytest.approx(1, abs=1e-5)
        assert all(float(nats[0]) == pytest.approx(float(each[0][0])) for nats in each)
        assert float(each[0][2]) != pytest.approx(float(each[1][2]))
        assert (net(events * 2, held, past, one) != net(events, held, past, one)).any()


def test_it_learns_habits_and_a_stranger_s_device_surprises(foreteller: Foreteller) -> None:
    assert foreteller.nats < foreteller.marginal - 1
    frame = habits()
    frame.loc[1_990, "entity_device"] = (frame.loc[1_990, "entity_customer"] + 1) % 40 + 100
    found = surprise_of(foreteller, features_of(frame), np.arange(len(frame)))
    assert found[1_990] > np.quantile(found, 0.99)


def test_the_order_itself_is_not_among_what_it_is_foretold_from(foreteller: Foreteller) -> None:
    """Its amount is the trait that is told last: whatever it is, the others stay as likely."""
    frame, rows = habits(), np.array([1_995])
    dear = frame.copy()
    dear.loc[1_995, "amount"] = 9_999.0
    assert foreteller.traits.names[-1] == "amount"
    one, other = (foreteller.say(features_of(f), rows)[0] for f in (frame, dear))
    np.testing.assert_allclose(one[:-1], other[:-1], atol=1e-6)
    assert other[-1] > one[-1] + 1


def test_nothing_of_the_future_is_in_what_was_expected(foreteller: Foreteller) -> None:
    frame = habits()
    past = frame[frame["occurred_at"] < "2024-02-15"]
    changed = frame.sample(frac=1, random_state=3)
    changed.loc[changed["occurred_at"] >= "2024-02-15", ["amount", "channel"]] = [77.0, "fax"]
    own, later = features_of(past), features_of(changed)
    one, other = (surprise_of(foreteller, f, np.arange(len(past))) for f in (own, later))
    np.testing.assert_allclose(one, other, atol=2e-3)
    whole = surprise_of(foreteller, later, np.arange(len(changed)))
    a, b = unusual(own, one), unusual(later, np.concatenate([one, whole[len(one) :]]))
    np.testing.assert_allclose(a.score, b.score[: len(past)], atol=1e-6)
    np.testing.assert_allclose(a.parts.sum(1), a.score)


def test_labels_are_not_read() -> None:
    frame = habits(1_200)
    frauds = frame.assign(is_fraud=np.arange(1_200) % 3 == 0)
    for each in (0, 700, 1_199):
        one, other = (plain_features(table_from(f)).events(np.array([each]), 4, True) for f in (frame, frauds))
        np.testing.assert_array_equal(one[0], other[0])


def test_killed_while_it_learns_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    def killed(what: str, part: float) -> None:
        if part > 0.6:
            raise KeyboardInterrupt

    frame, quick = habits(800), Effort(steps=20, batch=16, width=8, layers=1, last=3, every=5)
    with pytest.raises(KeyboardInterrupt):
        pretrain(features_of(frame), np.arange(800), quick, tmp_path / "a", killed)
    one, other = learned(frame, tmp_path / "a", quick), learned(frame, tmp_path / "b", quick)
    for name, tensor in one.net.state_dict().items():
        assert torch.equal(tensor, other.net.state_dict()[name]), name


def test_where_customers_alone_are_known_it_counts_where_an_order_came_from(tmp_path: Path) -> None:
    found = learned(habits().drop(columns="entity_device"), tmp_path / "kept")
    frame = habits().drop(columns="entity_device")
    frame.loc[1_990, "channel"] = "app" if frame.loc[1_990, "channel"] == "web" else "web"
    nats = surprise_of(found, features_of(frame), np.arange(len(frame)))
    assert nats[1_990] > np.quantile(nats[500:], 0.98)  # but for the first orders of their customers


def test_orders_of_nobody_are_foretold_from_the_shop_s_last_ones(tmp_path: Path) -> None:
    frame = habits(600).drop(columns=["entity_customer", "entity_device", "channel"])
    found = learned(frame, tmp_path / "kept")
    assert np.isfinite(found.say(features_of(frame), np.arange(600))).all()


def test_a_scorer_begins_with_the_encoder_that_foretold_and_ends_with_the_better_one(tmp_path: Path) -> None:
    frame = habits(1_500)
    frame["is_fraud"] = (frame["amount"] > 36) & (np.arange(1_500) % 3 > 0)
    table = table_from(frame)
    features = Features(table, spec_from(table, 500, DAY))
    net = pretrain(features, np.arange(1_500), QUICK, tmp_path / "kept", quiet).net
    learn, check = (drawn(features, rows, 1_000, 7) for rows in (np.arange(1_000), np.arange(1_000, 1_500)))
    begun = train_transformer(features, learn, check, replace(QUICK, steps=0), tmp_path / "none", quiet, net)
    other = train_transformer(features, learn, check, replace(QUICK, steps=0), tmp_path / "chance", quiet)
    for name, tensor in net.scorer.state_dict().items():
        if name.startswith(ENCODER):
            assert torch.equal(begun.state_dict()[name], tensor)
    assert torch.equal(begun.state_dict()["head.0.weight"], other.state_dict()["head.0.weight"])
    found = train(table, 0, int(table.time[-1]), DAY, QUICK, tmp_path / "fit", quiet, net)
    assert found is not None and {"first-7", "lent-7"} <= {p.name for p in (tmp_path / "fit").iterdir()}


# a store


def unlabelled(con: duckdb.DuckDBPyConnection, more: int = 0) -> dict[str, Any]:
    """T1 is an order by a customer with a device of another's; `more` orders come after it."""
    build_suspicious(con)
    con.execute("UPDATE orders SET is_fraud = NULL")
    con.execute("""
        INSERT INTO orders (order_id, customer_id, ordered_at, status, country, currency, device_id)
        VALUES ('T1', 'C5', TIMESTAMP '2024-04-09 12:00:00', 'completed', 'France', 'EUR', 'd77')
    """)
    con.execute(f"""
        INSERT INTO orders (order_id, customer_id, ordered_at, status, country, currency, device_id)
        SELECT 'M' || i, 'C' || (i % 120), TIMESTAMP '2024-04-10' + INTERVAL (i) MINUTE, 'completed', 'France', 'EUR',
            'd' || (i % 120) FROM range({more}) AS t(i)
    """)
    con.execute("""
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
        SELECT order_id, 1, 'P', 1, 10 FROM orders WHERE order_id = 'T1' OR order_id LIKE 'M%'
    """)
    return {}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("unlabelled"))
    publish(home, "shop", unlabelled, format="tests")
    return home


@pytest.fixture
def shop(home: Home) -> Store:
    return open_store(home, "shop")


def test_until_it_has_learned_rules_alone_answer_and_then_both_do(shop: Store, home: Home) -> None:
    before = score_fraud(shop, order_ids=["T1"])
    assert BY_RULES in before.notes and SAID not in str(before.cell(0, "reasons")) and is_due(shop)
    with pytest.raises(TooFewFrauds, match="No order is known"):
        train_store(shop, quiet, QUICK)
    made = train_foreteller(shop, quiet, QUICK)
    assert made.counts and not is_due(shop) and train_foreteller(shop, quiet, QUICK).version == made.version
    after = score_fraud(shop, order_ids=["T1"])
    assert {NO_PROBABILITY, BY_HABITS} <= {*after.notes} and SAID in str(after.cell(0, "reasons"))
    assert after.columns[3].name == "unusual" and after.input["model"] == made.version
    scores = scores_of(shop)
    np.testing.assert_allclose(scores.unusual.parts.sum(1), scores.unusual.score)
    assert UNEXPECTED in scores.unusual.reasons
    assert {*scores.unusual.reasons} <= {*REASONS_ZH} and {BY_HABITS, BY_RULES} <= {*NOTES_ZH}
    question = "is order T1 dodgy?"
    answer = ask(Principal(home, "shop"), question, question)
    assert SAID in answer["answer"] and BY_HABITS in answer["answer"]
    assert not audit(answer, home, "shop", question=question, rerun=tools_of(home, "shop"))


def test_a_few_orders_more_are_foretold_and_many_are_learned_from(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    publish(home, "shop", unlabelled, format="tests")
    made = train_foreteller(open_store(home, "shop"), quiet, QUICK)
    publish(home, "shop", lambda con: unlabelled(con, 200), format="tests")
    later = open_store(home, "shop")
    scores = scores_of(later)
    assert len(scores.table) == ORDERS + 262 and scores.expects == made.version and not is_due(later)
    publish(home, "shop", lambda con: unlabelled(con, 600), format="tests")
    assert is_due(open_store(home, "shop"))


def test_labels_that_come_later_train_a_model_that_begins_with_what_was_learned(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    publish(home, "shop", unlabelled, format="tests")
    store = open_store(home, "shop")
    train_foreteller(store, quiet, QUICK)
    label(store.state_path, {f"R{i}": True for i in range(60)} | {f"O{i}": False for i in range(900)})
    assert is_due(store)
    heard: list[str] = []
    train_store(store, lambda what, part: heard.append(what), replace(QUICK, steps=20, finish=5, rows=2_000, rounds=15))
    assert heard.count("training the Transformer") == 20 + 20 + 5 and not is_due(store)
    assert score_fraud(store).columns[3].name == "probability"


def test_what_is_damaged_or_of_another_past_is_not_used(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    publish(home, "shop", unlabelled, format="tests")
    store = open_store(home, "shop")
    train_foreteller(store, quiet, QUICK)

    def changed(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        unlabelled(con)
        con.execute("UPDATE orders SET device_id = NULL")
        return {}

    publish(home, "shop", changed, format="tests")
    other = open_store(home, "shop")
    assert BY_RULES in score_fraud(other).notes and foretelling_is_due(other)
    weights = foreteller_of(store)[0] / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert foreteller_of(store)[1] is None and BY_RULES in score_fraud(other).notes


def few(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    unlabelled(con)
    con.execute("DELETE FROM orders WHERE order_id NOT IN (SELECT order_id FROM orders ORDER BY ordered_at LIMIT 30)")
    return {}


def test_a_shop_with_few_orders_learns_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    publish(home, "shop", few, format="tests")
    store = open_store(home, "shop")
    assert not is_due(store) and BY_RULES in score_fraud(store).notes
    with pytest.raises(UserError, match="1,000 orders are needed; there are 30"):
        train_foreteller(store, quiet, QUICK)


def test_the_command_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tools.fraud.upkeep.train_foreteller", partial(train_foreteller, effort=QUICK))
    publish(Home(tmp_path / "home"), "shop", unlabelled, format="tests")
    told = CliRunner().invoke(app, ["train", "fraud", "--store", "shop"])
    assert told.exit_code == 0, told.output
    assert "No order is known for fraud" in told.stdout and "no probability" in told.stdout
    again = CliRunner().invoke(app, ["train", "fraud", "--store", "shop", "--json"])
    assert json.loads(again.stdout)["labels"] is False
