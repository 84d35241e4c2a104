"""A price and a promotion supposed at once: what both come to, what each brings, how sure that is, and how it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.ask import ask
from agent.planner import priced
from agent.principal import Principal
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_promoted, build_weekly
from tools.contract import NotThere, Result, ToolError
from tools.forecast import rows as parts
from tools.forecast.effects import NORMAL, effects_of, pooled
from tools.forecast.response import Offer, Response
from tools.forecast.tool import forecast_sales


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("together"))
    publish(home, "promoted", build_promoted, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    return open_store(home, "promoted")


def supposed(shop: Store, scenario: dict[str, Any], **more: Any) -> Result:
    return forecast_sales(shop, "Ball", "next 4 weeks", scenario=scenario, **more)


def row(result: Result, part: str) -> list[Any]:
    return next(r for r in result.rows if r[0] == part)


def test_both_come_to_what_they_do_one_after_the_other(shop: Store) -> None:
    both = supposed(shop, {"price_change": -0.1, "promotion": 0.2})
    price = supposed(shop, {"price_change": -0.1})
    promotion = supposed(shop, {"promotion": 0.2})
    usual = row(both, parts.TOTAL)[3]
    factors = [row(price, parts.WHAT_IF)[3] / usual, row(promotion, parts.PROMOTED)[3] / usual]
    assert row(both, parts.BOTH)[3] / usual == pytest.approx(factors[0] * factors[1], rel=0.02)
    planted = 1.5 * np.exp(np.log(0.72) * np.log(2) / np.log(0.8))  # a fifth cheaper sells two times as much
    without = row(supposed(shop, {"promotion": False}), parts.UNPROMOTED)[3]
    assert row(both, parts.BOTH)[3] / without == pytest.approx(planted, rel=0.25)


@pytest.mark.parametrize("metric", ["units", "revenue"])
@pytest.mark.parametrize("scenario", [{"price_change": -0.1, "promotion": True}, {"price_change": 0.07, "promotion": False},
                                      {"price_change": 0.5, "promotion": "last month"}])  # fmt: skip
def test_what_each_brings_adds_up_to_the_difference(shop: Store, metric: str, scenario: dict[str, Any]) -> None:
    result = supposed(shop, scenario, metric=metric)
    mixed = row(result, parts.BOTH if scenario["promotion"] else parts.UNPROMOTED_AT)
    brought = sum(row(result, part)[3] for part in (parts.BY_PRICE, parts.BY_PROMOTION))
    assert row(result, parts.TOTAL)[3] + brought == pytest.approx(mixed[3], abs=1e-6)
    assert mixed[4] < mixed[3] < mixed[5]
    assert forecast_sales(shop, **result.input).rows == result.rows


def test_what_changes_nothing_brings_nothing(shop: Store) -> None:
    result = supposed(shop, {"price_change": 0.0, "promotion": 0.2})
    assert row(result, parts.BY_PRICE)[3] == 0
    assert row(result, parts.BOTH)[3:6] == row(supposed(shop, {"promotion": 0.2}), parts.PROMOTED)[3:6]


def test_either_unknown_is_declined_as_it_is_alone(shop: Store, tmp_path: Path) -> None:
    both = {"price_change": -0.1, "promotion": True}
    with pytest.raises(NotThere, match="name one"):
        forecast_sales(shop, "", "next 4 weeks", scenario=both)
    with pytest.raises(NotThere, match="products and categories"):
        forecast_sales(shop, "France", "next 4 weeks", scenario=both)
    with pytest.raises(NotThere, match="hardly changed"):
        forecast_sales(shop, "Lamp", "next 4 weeks", scenario=both)
    with pytest.raises(NotThere, match="No promotion of Ball ran"):
        supposed(shop, {"price_change": -0.1, "promotion": "yesterday"})
    for wrong in ({"price_change": -1, "promotion": True}, {"price_change": -0.1, "promotion": 2}, {**both, "rain": 1}):
        with pytest.raises(ToolError):
            supposed(shop, wrong)

    def only_priced(con: Any) -> dict[str, Any]:
        build_weekly(con)
        con.execute("""UPDATE order_items AS i SET unit_price = 8, quantity = 2 * quantity FROM orders AS o
            WHERE o.order_id = i.order_id AND product_id = 'B1' AND WEEK(o.ordered_at) % 4 = 0""")
        return {}

    publish(Home(tmp_path), "priced", only_priced, format="tests")
    with pytest.raises(NotThere, match="no promotion of"):
        supposed(open_store(Home(tmp_path), "priced"), both)


def test_the_bounds_are_those_of_many_shops_with_the_same_truths() -> None:
    """How far estimates of both effects together lie apart from shop to shop, against what each shop claims."""
    rng, found, claimed = np.random.default_rng(8), [], []
    slope, uplift = np.full(8, -1.6), 0.35
    level, week, weekday = rng.normal(1.5, 0.4, 8), np.arange(210) // 7, np.arange(210) % 7
    for _ in range(30):
        price = np.repeat(rng.choice([-0.12, 0.0, 0.12], (8, 30)), 7, axis=1)
        cut = np.where(np.repeat(rng.random((8, 30)) < 0.1, 7, axis=1), rng.choice([0.1, 0.2, 0.3], (8, 1)), 0.0)
        mean = level[:, None] + slope[:, None] * (price + np.log1p(-cut)) + uplift * (cut > 0)
        effects = effects_of(
            rng.poisson(np.exp(mean)).astype(float), price, cut, np.ones_like(cut, bool), week, weekday
        )
        own = [e for e in pooled([effects])[0] if e]
        assert len(own) == 8 and effects.uplift
        error = np.full(8, effects.uplift_error) ** 2
        response = Response(
            np.array([e.elasticity for e in own]), np.full(8, np.log(effects.uplift)), np.array([e.error for e in own]) ** 2,
            error, np.array([e.lean for e in own]) * error,
        )  # fmt: skip
        told = np.log(response.factors(Offer(np.full((8, 1), 0.2), -0.1), Offer(np.zeros((8, 1))), False))
        found.append(told[0])
        claimed.append((told[2] - told[0]) / NORMAL)
    truth = slope * np.log(0.72) + uplift
    off = np.sqrt(np.mean((np.array(found) - truth) ** 2))
    assert off == pytest.approx(np.sqrt(np.mean(np.array(claimed) ** 2)), rel=0.35)
    assert np.mean(np.abs(np.array(found) - truth) <= NORMAL * np.array(claimed)) == pytest.approx(0.8, abs=0.1)


def test_what_is_given_away_is_told_in_finite_figures() -> None:
    one = np.ones(1)
    response = Response(-1.5 * one, 0.3 * one, 0.04 * one, 0.01 * one, 0.0 * one)
    factors = response.factors(Offer(np.ones((1, 2)), -0.1), Offer(np.zeros((1, 2))), True)
    assert np.isfinite(factors).all() and factors[1] < factors[0] < factors[2]


@pytest.mark.parametrize(
    ("question", "change", "promotion"),
    [
        ("What if we cut the balls' price by 10 % and run the promotion again next month?", -0.1, True),
        ("At 20 % off with the campaign from April, how many balls will we sell next month?", -0.2, "2025-04-01"),
        ("If balls were 5% dearer with a 15% promotion, what would we sell next month?", 0.05, 0.15),
        ("Forecast Ball for next month with prices up 10% and no promotion", 0.1, False),
        ("What would balls earn next month at half price with the promotion?", -0.5, True),
        ("If I take 10% off balls and repeat the promotion, what will next month bring?", -0.1, True),
        ("如果Ball降价10%再加上促销，下个月能卖多少？", -0.1, True),
        ("Ball下个月打九折再做四月的促销，会卖多少？", -0.1, "2025-04-01"),
        ("Ball下个月涨价5%，不做促销，能卖多少？", 0.05, False),
        ("如果Ball价格提高5%，同时做八折促销，下个月销量多少？", 0.05, 0.2),
    ],
)
def test_both_are_supposed_in_words(home: Home, question: str, change: float, promotion: Any) -> None:
    answer = ask(Principal(home, "promoted"), f"t-{question}", question)
    assert answer["status"] == "answered", answer["answer"]
    said = answer["receipts"][0]["input"]
    found = said["scenario"]["promotion"]
    assert said["scenario"]["price_change"] == change and said["period"]["start"] == "2025-06-01"
    assert [w["op"] for w in said["where"]] == ["in"]
    assert (found["start"] if isinstance(found, dict) else found) == promotion
    assert ("the price brings" in answer["answer"]) or ("价格带来" in answer["answer"])
    assert not audit(answer, home, "promoted", question=question, rerun=tools_of(home, "promoted"))


def test_one_is_added_to_the_other_in_a_conversation(home: Home) -> None:
    who = Principal(home, "promoted")
    ask(who, "talk", "What if we cut the price of balls by 10% next month?")
    both = ask(who, "talk", "and with the promotion as well?")
    assert both["receipts"][0]["input"]["scenario"] == {"price_change": -0.1, "promotion": True}
    other = ask(who, "talk", "and with the price up 5 % and no promotion?")
    assert other["receipts"][0]["input"]["scenario"] == {"price_change": 0.05, "promotion": False}


def test_a_price_without_how_much_is_asked_back(home: Home) -> None:
    question = "What if we lower the price of balls and run the promotion again next month?"
    assert ask(Principal(home, "promoted"), "back", question)["status"] == "clarify"


@pytest.mark.parametrize(("said", "part"), [("八折", 0.2), ("8折", 0.2), ("八五折", 0.15), ("8.5折", 0.15), ("95折", 0.05), ("六点五折", 0.35),
                                            ("12.5 %", 0.125), ("百分之10", 0.1), ("half price", 0.5), ("半价", 0.5)])  # fmt: skip
def test_a_part_of_the_price_however_it_is_said(said: str, part: float) -> None:
    assert [priced.part_of(m) for m in priced.parts_in(f"Ball {said}")] == [part]


@pytest.mark.parametrize(
    ("question", "promotion"),
    [
        ("What will balls sell next month if we do a 25% promotion and keep prices the same?", 0.25),
        ("Will the Ball's revenue increase by 10 % with the promotion next month?", True),
    ],
)
def test_a_promotion_alone_stays_one(home: Home, question: str, promotion: Any) -> None:
    answer = ask(Principal(home, "promoted"), f"alone-{question}", question)
    assert answer["receipts"][0]["input"]["scenario"] == {"promotion": promotion}
