"""What is done with an order by what mistakes cost, what comes of it, and whether groups are treated alike: by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.metrics import calibration_error
from tests.test_fraud import START, features_of, payments
from tools.contract import ToolError
from tools.fraud.backtest import Backtest, as_array, backtest_from, group_names
from tools.fraud.blend import Blend, blended, logit, sigmoid
from tools.fraud.costs import Costs, costs_of, reviews_a_day
from tools.fraud.groups import groups_of
from tools.fraud.policy import by_costs, outcome, so_many_a_day, threshold
from tools.fraud.recalibration import recalibrated
from tools.fraud.standing import said_of, standing
from tools.fraud.table import table_from
from tools.fraud.unequal import evened, is_beyond_chance, rates_of, ratio_of, verdict, wilson

COSTS = Costs(3, 15, 30)


def test_what_is_cheapest_is_done() -> None:
    p, amount = np.array([0.01, 0.05, 0.5, 0.95, 0.95]), np.array([100.0, 100, 100, 100, -500])
    done = by_costs(p, amount, COSTS)
    assert [done.advice(row) for row in range(5)] == ["let through", "review", "review", "refuse", "refuse"]
    dear = by_costs(p, amount, Costs(50, 15, 30))  # a look costs more than a refusal
    assert [dear.advice(row) for row in range(5)] == ["let through", "let through", "refuse", "refuse", "refuse"]


def test_what_comes_of_it_by_hand() -> None:
    p, amount = np.array([0.01, 0.5, 0.95]), np.array([100.0, 85, 85])
    found = outcome(by_costs(p, amount, COSTS), p, amount, COSTS)
    assert (found.reviewed, found.refused) == (1, 1)
    assert found.caught == pytest.approx(1.45) and found.missed == pytest.approx(0.01)
    assert found.unchecked == pytest.approx(1.15 + 50 + 95)
    assert found.cost == pytest.approx(1.15 + 3 + 0.05 * 30) and found.saved == pytest.approx(146.15 - 5.65)
    twice = outcome(by_costs(p, amount, COSTS), p, amount, COSTS, 2.0)
    assert twice.cost == pytest.approx(2 * found.cost)


def test_no_other_choice_is_cheaper() -> None:
    rng = np.random.default_rng(3)
    p, amount = rng.random(500), rng.gamma(2, 40, 500)
    best = outcome(by_costs(p, amount, COSTS), p, amount, COSTS).cost
    assert all(
        outcome(by_costs(p, amount, COSTS, bar), p, amount, COSTS).cost >= best - 1e-9 for bar in (0.5, 0.9, 1.1, 3)
    )


def test_from_the_threshold_on_an_order_is_worth_a_look() -> None:
    at = threshold(85.0, COSTS)
    assert at == pytest.approx(0.03)
    for p, flagged in ((at - 1e-6, False), (at + 1e-6, True)):
        assert by_costs(np.array([p]), np.array([85.0]), COSTS).flagged[0] == flagged
    assert threshold(0.0, Costs(100, 0, 30)) == pytest.approx(1)


def test_so_many_a_day_are_those_with_the_most_to_lose() -> None:
    p, amount = np.array([0.9, 0.1, 0.2, 0.3]), np.array([10.0, 1_000, 500, 1])
    done = so_many_a_day(p, amount, np.array([1, 1, 2, 2]), COSTS, 1, np.ones(4))
    assert done.looked_at.tolist() == [False, True, True, False] and not done.refused.any()
    thinned = so_many_a_day(p, amount, np.ones(4, int), COSTS, 2, np.array([1.0, 1, 5, 1]))
    assert thinned.looked_at.tolist() == [False, False, True, False]  # which stands for five


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"coffee": 1}, "costs is an object"),
        ([3], "costs is an object"),
        ({"review": -1}, "cost of a review"),
        ({"chargeback": "dear"}, "cost of a chargeback"),
        ({"refused": True}, "cost of a refused"),
        ({"review": float("nan")}, "cost of a review"),
    ],
)
def test_costs_that_are_none_are_named(given: Any, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        costs_of(given, "GBP")


def test_costs_that_are_not_given_are_the_usual_ones_of_the_currency() -> None:
    assert costs_of({"review": 5}, "GBP") == Costs(5, 15, 30)
    assert costs_of(None, "JPY").review == 450
    for bad in (0, -1, 2.5, True, "ten"):
        with pytest.raises(ToolError, match="per_day"):
            reviews_a_day(bad)
    assert reviews_a_day(None) is None and reviews_a_day(10) == 10


# groups


def invented(rows: int = 4_000, seed: int = 0) -> Backtest:
    """Every second customer is new; their orders are thought riskier than they are."""
    rng = np.random.default_rng(seed)
    new = np.arange(rows) % 2 == 0
    y = (rng.random(rows) < 0.02).astype(float)
    p = sigmoid(rng.normal(-5, 1, rows) + 5 * y + 1.5 * new)
    groups = {
        "customer": np.where(new, "new", "returning"),
        "country": np.where(rng.random(rows) < 0.5, "France", "Spain"),
    }
    return Backtest(p, y, np.ones(rows), np.full(rows, 85.0), np.arange(rows) // 100, groups)


def test_an_interval_by_hand() -> None:
    found = wilson(10, 100)
    assert found.rate == pytest.approx(0.1) and (found.low, found.high) == pytest.approx((0.0607, 0.1604), abs=1e-4)
    assert wilson(0, 0).good == 0 and wilson(0, 500).low == 0


def test_who_is_flagged_more_often_and_what_evening_it_out_costs() -> None:
    it = invented()
    found = verdict(it, "customer", COSTS)
    assert found.is_uneven and is_beyond_chance(found.rates)
    before, after = ratio_of(found.rates), ratio_of(found.after)
    assert before is not None and after is not None and before < 0.5 < 0.8 < after
    assert found.now.saved > 0 and abs(found.then.caught - found.now.caught) < 10
    assert "0." in found.said("customer") and "may be chance" not in found.said("customer")
    by_hand = rates_of(it, it.p > 0.03, it.groups["customer"])
    good = (it.groups["customer"] == "new") & (it.y == 0)
    assert by_hand["new"].rate == pytest.approx((it.p > 0.03)[good].mean()) and by_hand["new"].good == good.sum()


def test_orders_that_stand_for_others_make_no_interval_narrower() -> None:
    it = invented()
    thinned = replace(it, weight=np.full(len(it), 10.0))
    found, again = (rates_of(b, b.p > 0.03, b.groups["country"]) for b in (it, thinned))
    assert all(found[name].low == pytest.approx(again[name].low) for name in found)


def test_what_is_even_stays_so_and_few_are_not_compared() -> None:
    it = invented()
    assert not verdict(it, "country", COSTS).is_uneven
    few = invented(300)
    assert ratio_of(rates_of(few, few.p > 0.03, few.groups["customer"])) is None
    assert evened(few, few.groups["customer"], COSTS, 5).flagged.shape == (300,)


def test_groups_are_told_from_the_table() -> None:
    frame = payments(600).assign(country="France", age=[20, 30, 70] * 200)
    frame.loc[:100, "country"] = "Spain"
    found = groups_of(features_of(table_from(frame)), np.arange(600))
    assert set(found) == {"age", "country", "customer"} and found["customer"][0] == "new"
    assert set(found["age"]) == {"under 25", "25–34", "65 and over"}
    bare = groups_of(features_of(table_from(payments(600).drop(columns="channel"))), np.arange(600))
    assert set(bare) == {"customer"}


def test_what_was_tested_is_kept_whole() -> None:
    it = invented(50)
    again = backtest_from(as_array(it), group_names(it))
    np.testing.assert_array_equal(again.p, it.p)
    assert again.groups["country"].tolist() == it.groups["country"].tolist() and again.day.dtype == np.int64


# what still stands, and what is moved


def test_what_was_said_stands_until_the_past_changes() -> None:
    frame = payments(1_000)
    table = table_from(frame.iloc[:800])
    spec = features_of(table).spec
    said = said_of(table, spec, np.zeros(800))
    assert standing(said, table_from(frame), spec) == 800
    labelled = frame.assign(is_fraud=frame["is_fraud"].where(frame.index != 400, 1 - frame["is_fraud"]))
    then = table_from(labelled)
    assert standing(said, then, spec) == np.searchsorted(then.time, then.time[400] + spec.delay)
    dearer = frame.assign(amount=frame["amount"].where(frame.index != 3, 1.0))
    assert standing(said, table_from(dearer), spec) == 0
    assert standing(said, table_from(frame.iloc[:700]), spec) == 0


class Half:
    """A model whose two halves say what it is given."""

    def __init__(self, said: np.ndarray[Any, Any], until: int) -> None:
        self.said, self.until = said, until

    def halves(self, features: Any, rows: Any) -> tuple[Any, Any, None]:
        return self.said[rows], self.said[rows], None


def test_a_jump_of_the_base_rate_is_followed_once_a_tenth_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    n, old = 20_000, 4_000
    said = rng.normal(-4, 2, n)
    y = (rng.random(n) < sigmoid(said + 2.5 * (np.arange(n) >= old))).astype(float)
    known = (np.arange(n) < old) | (rng.random(n) < 0.1)
    frame = pd.DataFrame({
        "transaction_id": np.arange(n), "occurred_at": START + (np.arange(n) * 60).astype("timedelta64[s]"),
        "amount": 1.0, "entity_customer": np.arange(n), "is_fraud": pd.array(np.where(known, y, np.nan)).astype("Int64"),
    })  # fmt: skip
    features = features_of(table_from(frame))
    model: Any = Half(said, int(features.table.time[old - 1]))
    monkeypatch.setattr("tools.fraud.recalibration.replace", lambda m, blend: blend)
    model.blend = Blend(0.5, 1.0, 0.0)
    moved = recalibrated(model, features)
    new = slice(old, None)
    before, after = (calibration_error(y[new], blended(said, said, b)[new]) for b in (model.blend, moved))  # type: ignore[arg-type]
    assert before > 0.05 > 0.02 > after
    few = frame.assign(is_fraud=frame["is_fraud"].where(frame.index < old + 300))
    assert recalibrated(model, features_of(table_from(few))) is model


def test_a_logit_is_the_inverse_of_a_probability() -> None:
    x = np.array([-30.0, -3, 0, 4])
    np.testing.assert_allclose(logit(sigmoid(x)), x, atol=1e-6)
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()
