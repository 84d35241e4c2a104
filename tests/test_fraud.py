"""Fraud: metrics by hand, features by hand, nothing of the future in a score, calibration, bad tables by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evals.bench.fraud import Protocol, measured
from evals.bench.fraud_reasons import moves
from evals.bench.fraud_scores import Truth, fairness, false_positives
from evals.bench.fraud_trials import jumped, lost
from ml import metrics
from store.errors import UserError
from tools.fraud.attributions import Attributions
from tools.fraud.blend import bent_from, blend_from, blended, logits, moved, platt, sigmoid
from tools.fraud.features import DAY, Features, spec_from
from tools.fraud.scorer import train
from tools.fraud.table import Table, table_from
from tools.fraud.train import Effort, split_rows
from tools.fraud.unusual import rarity, unusual

QUICK = Effort(steps=30, finish=10, batch=64, width=16, layers=1, last=6, every=15, rows=2_000, rounds=20)
START = np.datetime64("2024-01-01")


def payments(rows: int = 3_000, days: int = 60, seed: int = 0) -> pd.DataFrame:
    """Invented payments: some terminals are bad for a week, and what is paid there then is fraud."""
    rng = np.random.default_rng(seed)
    second = np.sort(rng.integers(0, days * DAY, rows))
    customer, terminal = rng.integers(0, 60, rows), rng.integers(0, 40, rows)
    bad = (terminal % 5) == (second // (7 * DAY) % 5)
    fraud = bad & (rng.random(rows) < 0.8)
    return pd.DataFrame({
        "transaction_id": np.arange(rows), "occurred_at": START + second.astype("timedelta64[s]"),
        "amount": np.round(rng.gamma(2, 20, rows) * (1 + fraud), 2), "entity_customer": customer,
        "entity_terminal": terminal, "channel": rng.choice(["web", "app"], rows), "is_fraud": fraud.astype(int),
    })  # fmt: skip


def quiet(what: str, part: float) -> None:
    """Nobody looks on."""


def seconds(text: str) -> int:
    return int(np.datetime64(text).astype("datetime64[s]").astype(np.int64))


def features_of(table: Table, delay: int = 7 * DAY) -> Features:
    return Features(table, spec_from(table, 500, delay))


# metrics


def test_average_precision_and_auc_by_hand() -> None:
    y, score = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert metrics.average_precision(y, score) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert metrics.auc(y, score) == pytest.approx(3 / 4)
    assert metrics.auc(y, np.zeros(4)) == pytest.approx(0.5)
    assert metrics.average_precision(y, np.zeros(4)) == pytest.approx(0.5)
    assert np.isnan(metrics.auc(np.ones(3), np.arange(3.0)))


def test_metrics_agree_with_another_library() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    rng = np.random.default_rng(1)
    y, score, weight = (rng.random(500) < 0.1).astype(float), np.round(rng.random(500), 1), rng.random(500)
    assert metrics.average_precision(y, score, weight) == pytest.approx(
        average_precision_score(y, score, sample_weight=weight)
    )
    assert metrics.auc(y, score, weight) == pytest.approx(roc_auc_score(y, score, sample_weight=weight))


def test_a_card_counts_once_a_day() -> None:
    y, score = np.array([1.0, 0, 0, 1, 0]), np.array([0.9, 0.8, 0.1, 0.2, 0.6])
    day, card = np.array([1, 1, 1, 2, 2]), np.array([5, 5, 6, 7, 8])
    assert metrics.precision_at(y, score, day, card, 1) == pytest.approx(0.5)
    assert metrics.precision_at(y, score, day, card, 2) == pytest.approx(0.5)
    again = np.array([5, 5, 6, 5, 8])  # found on the first day, blocked on the second
    assert metrics.precision_at(y, score, day, again, 2) == pytest.approx(0.25)


def test_recall_at_a_rate_and_calibration_by_hand() -> None:
    y, score = np.array([1.0, 1, 0, 0]), np.array([0.9, 0.3, 0.5, 0.1])
    assert metrics.recall_at(y, score, 0.0) == pytest.approx(0.5)
    assert metrics.recall_at(y, score, 0.5) == pytest.approx(1.0)
    assert metrics.calibration_error(np.array([1.0, 0]), np.array([0.8, 0.1])) == pytest.approx((0.2 + 0.1) / 2)


# what is known when an order comes


def test_features_by_hand() -> None:
    rows = [(0, 0, 10.0, "a", "x", 1), (1, 1, 30.0, "a", "y", 0), (2, 9, 20.0, "b", "x", 0), (3, 10, 50.0, "a", "x", 0)]
    frame = pd.DataFrame(rows, columns="transaction_id day amount entity_customer entity_shop is_fraud".split())
    frame["occurred_at"] = START + frame.pop("day").to_numpy("timedelta64[D]")
    found = features_of(table_from(frame), 5 * DAY)
    x = dict(zip(found.names, found.matrix(np.array([3]))[0], strict=True))
    assert x["customer: orders ever"] == 2 and x["customer: orders in 7 days"] == 0
    assert x["customer: since the last"] == 9 * DAY and x["shop: since the last"] == DAY
    assert x["shop: mean amount in 7 days"] == 20 and x["shop: orders ever"] == 2
    assert x["customer and shop together before"] == 1
    assert x["customer: known frauds ever"] == 1 and x["customer: since a known fraud"] == 10 * DAY
    assert (
        x["shop: known frauds ever"] == 1 and x["shop: share of fraud in 7 days"] == 1
    )  # the younger label isn't known
    assert x["shop: new customers in 7 days"] == 1


def test_runs_of_known_frauds_and_the_wait_by_hand() -> None:
    at = ["2024-01-01", "2024-01-03", "2024-01-04", "2024-01-06", "2024-01-20"]
    table = table_from(
        pd.DataFrame(
            {"transaction_id": range(5), "occurred_at": pd.to_datetime(at), "amount": [9.0, 10, 11, 90, 10],
             "entity_terminal": ["t"] * 5, "is_fraud": [0, 1, 1, None, None]}
        )
    )  # fmt: skip
    features = features_of(table)
    last = dict(zip(features.names, features.matrix(np.array([4]))[0], strict=True))
    assert last["terminal: known frauds in a row"] == 2
    assert last["terminal: since a known honest order"] == 19 * DAY
    assert last["terminal: since their beginning"] == 17 * DAY
    assert last["terminal: odd orders in 30 days"] == 1 and last["terminal: odd orders in 7 days"] == 0
    np.testing.assert_allclose(features.waits(features.matrix(np.array([0, 4]))), np.log1p([[30], [19]]))
    assert features.lasting(np.arange(5)) == (0.0,)


def test_leaving_out_the_reasons_moves_a_score_more_than_leaving_out_others() -> None:
    parts = np.array([[3.0, 1, 0.5, 0]])
    worth = np.array([[sum(p for g, p in enumerate(parts[0]) if s >> g & 1) for s in range(16)]])
    found = Attributions(("a", "b", "c", "d"), parts, worth[:, -1], worth[:, 0], worth)
    top, random = moves(found)
    assert top == pytest.approx(4.0) and random == pytest.approx(parts.sum() / 2)


def test_labels_are_lost_and_fraud_jumps_where_asked() -> None:
    frame = payments()
    before = (frame["occurred_at"] < "2024-02-10").to_numpy()
    less = lost(frame, "is_fraud", before, 0.5)
    assert 0.4 < less["is_fraud"][before].isna().mean() < 0.6 and not less["is_fraud"][~before].isna().any()
    more = jumped(frame, "is_fraud", before, 3.0)
    late = more[more["occurred_at"] >= "2024-02-10"]["is_fraud"].astype(float).mean()
    assert late == pytest.approx(min(0.5, 3 * frame["is_fraud"][~before].astype(float).mean()), rel=0.1)
    assert (more["occurred_at"] < "2024-02-10").sum() == before.sum()


def test_shuffling_and_the_future_change_no_feature() -> None:
    frame = payments()
    past = frame[frame["occurred_at"] < "2024-02-15"]
    rows = np.arange(len(past))
    own = features_of(table_from(past))
    changed = frame.sample(frac=1, random_state=3)
    changed.loc[changed["occurred_at"] >= "2024-02-15", "is_fraud"] = 1
    later = features_of(table_from(changed))
    np.testing.assert_allclose(later.matrix(rows), own.matrix(rows), atol=1e-6)
    for a, b in zip(later.events(rows, 5), own.events(rows, 5), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    np.testing.assert_allclose(unusual(later).score[: len(past)], unusual(own).score, atol=1e-6)


def test_a_label_younger_than_the_delay_changes_no_feature() -> None:
    frame = payments()
    changed = frame.copy()
    changed.loc[frame["occurred_at"] >= "2024-02-08", "is_fraud"] = 1
    rows = np.flatnonzero(frame["occurred_at"] < "2024-02-15")
    one, other = (features_of(table_from(f)) for f in (frame, changed))
    np.testing.assert_array_equal(one.matrix(rows), other.matrix(rows))
    np.testing.assert_array_equal(one.events(rows, 8)[0], other.events(rows, 8)[0])


def test_an_order_without_a_customer_has_no_history() -> None:
    frame = payments().assign(entity_customer=None)
    found = features_of(table_from(frame))
    at = found.names.index("customer: orders ever")
    assert not found.matrix(np.arange(200))[:, at].any()


# tables


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": "much"}, "Column amount: 'much' (row 3) is no number"),
        ({"occurred_at": "soon"}, "Column occurred_at: 'soon' (row 3) is no date"),
        ({"is_fraud": "perhaps"}, "Column is_fraud: 'perhaps' (row 3) is neither true nor false"),
        ({"transaction_id": 0}, "stands there twice"),
    ],
)
def test_a_bad_value_is_named(change: dict[str, Any], told: str) -> None:
    frame = payments(20).astype(object)
    for column, value in change.items():
        frame.loc[2, column] = value
    with pytest.raises(UserError, match=re.escape(told)):
        table_from(frame)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserError, match="no column amount"):
        table_from(payments(20).drop(columns="amount"))
    with pytest.raises(UserError, match="no column colour to leave out"):
        table_from(payments(20), ["colour"])


def test_what_gives_the_answer_away_is_not_read() -> None:
    frame = payments()
    frame["verdict"] = np.where(frame["is_fraud"] == 1, "bad", "good")
    frame["fraud_kind"], frame["clock"] = frame["is_fraud"] * 2, np.arange(len(frame)) * 5
    table = table_from(frame)
    assert set(table.categories) == {"channel"} and not table.numbers
    assert len(table.notes) == 3


def test_odd_values_are_lived_with() -> None:
    frame = payments(400)
    frame.loc[5, "amount"] = -20.0
    frame.loc[6, "occurred_at"] = np.datetime64("2099-01-01")
    frame = frame.iloc[::-1]
    frame["is_fraud"] = frame["is_fraud"].astype(object).where(frame.index % 3 > 0, "")
    table = table_from(frame)
    assert (np.diff(table.time) >= 0).all() and np.isnan(table.label).sum() == 134
    assert np.isfinite(unusual(features_of(table)).score).all()


# models


def test_too_few_frauds_teach_nothing(tmp_path: Path) -> None:
    frame = payments(600)
    frame["is_fraud"] = 0
    table = table_from(frame)
    assert split_rows(table, 0, seconds("2030-01-01")) is None
    frame.loc[[5, 300, 500], "is_fraud"] = 1
    assert train(table_from(frame), 0, seconds("2030-01-01"), 0, QUICK, tmp_path, quiet) is None


def test_a_trained_scorer_sees_nothing_of_the_future(tmp_path: Path) -> None:
    frame, end = payments(), seconds("2024-02-10")
    one = train(table_from(frame), 0, end, 7 * DAY, QUICK, tmp_path / "a", quiet)
    changed = frame.copy()
    later = changed["occurred_at"] >= "2024-02-12"
    changed.loc[later, ["amount", "is_fraud"]] = [999.0, 1]
    other = train(table_from(changed.sample(frac=1, random_state=1)), 0, end, 7 * DAY, QUICK, tmp_path / "b", quiet)
    assert one is not None and other is not None
    rows = np.flatnonzero(frame["occurred_at"] < "2024-02-12")[-200:]
    a, b = (found.model.score(found.features, rows) for found in (one, other))
    np.testing.assert_allclose(a.storewise, b.storewise, atol=1e-6)
    np.testing.assert_allclose(a.net, b.net, atol=1e-6)
    assert ((a.storewise > 0) & (a.storewise < 1)).all()


def test_probabilities_are_calibrated_on_what_was_checked() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(-3, 2, 20_000)
    y = (rng.random(20_000) < sigmoid(0.5 * logit - 1)).astype(float)
    slope, base = platt(logit, y, np.ones(len(y)))
    assert slope == pytest.approx(0.5, abs=0.05) and base == pytest.approx(-1, abs=0.15)
    noise = rng.normal(size=20_000)
    blend = blend_from(logit, noise, y, np.ones(len(y)))
    assert blend.weight >= 0.9
    assert metrics.calibration_error(y, blended(logit, noise, blend)) < 0.01


def test_ordinary_orders_are_ranked_by_how_long_their_entity_has_waited() -> None:
    rng = np.random.default_rng(0)
    waited = rng.uniform(1, 3, (60_000, 1))
    plain = rng.random(len(waited)) < 0.9  # of these the models know nothing
    logit = np.where(plain, rng.normal(-6, 0.5, len(waited)), rng.normal(0, 1, len(waited)))
    y = (rng.random(len(waited)) < sigmoid(np.where(plain, waited[:, 0] - 6, logit))).astype(float)
    first = blend_from(logit, logit, y, np.ones(len(y)))
    bent = bent_from(first, logit, logit, y, np.ones(len(y)), waited, [0.8])
    assert bent.low is not None and bent.low < 0.3 and 0.7 < bent.waits[0] < 1.3
    assert metrics.auc(y, logits(logit, logit, bent, waited)) > metrics.auc(y, logit) + 0.02
    assert metrics.calibration_error(y, blended(logit, logit, bent, waited)) < 0.01
    above = logit > bent.floor
    np.testing.assert_allclose(logits(logit, logit, bent, waited)[above], logits(logit, logit, bent)[above])


def test_after_a_jump_of_the_base_rate_some_labels_calibrate_again() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(-4, 2, 40_000)
    blend = blend_from(logit, logit, (rng.random(len(logit)) < sigmoid(logit)).astype(float), np.ones(len(logit)))
    y = (rng.random(len(logit)) < sigmoid(logit + 2.5)).astype(float)
    assert metrics.calibration_error(y, blended(logit, logit, blend)) > 0.05
    tenth = slice(0, 4_000)
    again = moved(logit[tenth], logit[tenth], y[tenth], blend)
    assert metrics.calibration_error(y, blended(logit, logit, again)) < 0.02


def test_false_positives_by_group_by_hand() -> None:
    y, day = np.zeros(1_000), np.repeat([1, 2], 500)
    p, group = np.tile(np.arange(500) / 500, 2), np.tile(np.repeat(["a", "b"], 250), 2)
    found = false_positives(Truth(y, day, day, 100, {}), p, group)
    assert found["a"].rate == 0 and found["b"].rate == pytest.approx(100 / 250)
    assert found["b"].low < 0.4 < found["b"].high and fairness(found) == 0


def test_rarity_by_hand() -> None:
    values = np.array([1.0, 1, 1, 5, 0])
    found = rarity(values, np.zeros(5, int))
    assert found[3] == pytest.approx(np.log10(4)) and found[4] == 0
    assert found[1] == pytest.approx(0)


def test_the_bench_says_what_every_model_predicts(tmp_path: Path) -> None:
    path = tmp_path / "payments.parquet"
    frame = payments().assign(kind="scheme")
    frame.loc[frame["occurred_at"] >= "2024-02-24", "is_fraud"] = 0
    _written(frame, path)
    protocol = Protocol(
        "2024-01-05",
        "2024-02-15",
        "2024-02-15",
        "2024-02-25",
        7.0,
        ["channel"],
        5,
        known_from="2024-02-01",
        kinds="kind",
        seeds=2,
    )
    found = measured(path, protocol, QUICK)
    models = [row[0] for row in found.grids[0].rows]
    assert models == ["storewise", "transformer", "lightgbm", "xgboost", "logistic"]
    tested = ((frame["occurred_at"] >= "2024-02-15") & (frame["occurred_at"] < "2024-02-25")).sum()
    assert len(found.predictions) == tested * len(models)
    assert [g.name for g in found.grids[:3]] == [
        "fraud, the mean of 2 seeds",
        "standard deviation over the seeds",
        "week from 2024-02-15",
    ]
    assert any(note.startswith("CP@5 against lightgbm: ") for note in found.notes)
    assert all(0 <= p <= 1 for _, _, p in found.predictions)


def _written(frame: pd.DataFrame, path: Path) -> None:
    import duckdb

    with duckdb.connect(":memory:") as con:
        con.register("rows", frame)
        con.execute(f"COPY rows TO '{path}' (FORMAT parquet)")


def test_the_bench_refuses_what_it_cannot_measure(tmp_path: Path) -> None:
    path = tmp_path / "payments.parquet"
    _written(payments(300), path)
    with pytest.raises(UserError, match="may not learn from what it is tested on"):
        measured(path, Protocol("2024-01-01", "2024-02-20", "2024-02-10", "2024-02-25"))
    with pytest.raises(UserError, match="is no ISO date"):
        measured(path, Protocol("January", "2024-02-10", "2024-02-10", "2024-02-25"))
    with pytest.raises(UserError, match="Too few labels"):
        measured(path, Protocol("2024-01-01", "2024-01-03", "2024-02-10", "2024-02-25"))


def orders_abroad(rows: int = 2_000) -> pd.DataFrame:
    """Invented orders of two countries, one in twenty to the other and, of the first one's, a few to a third."""
    rng = np.random.default_rng(4)
    home = rng.choice(["A", "B"], rows)
    to = np.where(rng.random(rows) < 0.05, np.where(home == "A", "B", "A"), home)
    to[(home == "A") & (rng.random(rows) < 0.005)] = "C"
    to[-3:], home[-3:] = ["A", "B", "C"], "A"
    return pd.DataFrame({
        "transaction_id": np.arange(rows), "occurred_at": START + np.arange(rows).astype("timedelta64[h]"),
        "amount": 10.0, "country": to, "home_country": home,
    })  # fmt: skip


def test_an_order_sent_where_hardly_any_other_went_is_more_unusual() -> None:
    found = unusual(features_of(table_from(orders_abroad())))
    at_home, next_door, far = found.parts[-3:, found.reasons.index("mismatch")]
    assert at_home == 0 and 0 < next_door < far


def test_the_future_changes_nothing_about_orders_sent_abroad() -> None:
    frame = orders_abroad()
    later = pd.concat([frame, frame.assign(transaction_id=frame.transaction_id + 10_000, country="D",
                                           occurred_at=frame.occurred_at + np.timedelta64(3_000, "h"))])  # fmt: skip
    own, more = (unusual(features_of(table_from(each))) for each in (frame, later))
    np.testing.assert_allclose(more.score[: len(frame)], own.score, atol=1e-6)
