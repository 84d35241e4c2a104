"""forecast_sales: what it reads, what it answers, that levels add up, that receipts run again, and what it refuses."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from agent.ask import ask
from agent.principal import Principal
from evals.again import tools_of
from evals.audit import audit
from ml.errors import CheckpointError
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.conftest import build_tiny
from tests.weekly_shop import build_promoted, build_weekly
from tools.contract import Ambiguous, NotThere, Result, ToolError
from tools.forecast import rows as parts
from tools.forecast.bounds import Cases, bounds_of
from tools.forecast.effects import effects_of, pooled
from tools.forecast.kept import load, load_forecaster
from tools.forecast.levels import LEVELS, MODEL
from tools.forecast.opening import opening_of
from tools.forecast.outlook import OLD, SIMPLE, UNTRAINED, folder_of, home_country, outlook
from tools.forecast.simple import said_by
from tools.forecast.sold import REVENUE, UNITS, sold_until
from tools.forecast.tool import forecast_sales
from tools.forecast.train import Effort
from tools.forecast.upkeep import is_due, train_store
from tools.metrics.tool import query_metrics

QUICK = Effort(steps=6, finish=3, batch=8, width=16, layers=1, every=3, rows=2_000, rounds=6, nets=1)


def silent(what: str, part: float) -> None:
    assert 0 <= part <= 1


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("weekly"))
    publish(home, "weekly", build_weekly, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    """Without a trained model."""
    return open_store(home, "weekly")


@pytest.fixture(scope="module")
def trained(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Store:
    copy = Home(tmp_path_factory.mktemp("trained") / "home")
    shutil.copytree(home.root, copy.root)
    store = open_store(copy, "weekly")
    train_store(store, silent, QUICK)
    return store


def value(result: Result, part: str, column: str | None = None) -> Any:
    row = next(row for row in result.rows if row[0] == part)
    return row[result.index(column or str(result.input["metric"]))]


def mean_of(store: Store, what: Any = "", **asked: Any) -> float:
    return float(value(forecast_sales(store, what, **asked), parts.TOTAL))


# What is read


def test_weeks_hold_what_the_metrics_say_but_for_one_enormous_order(shop: Store) -> None:
    sold = sold_until(shop, shop.today)
    period = {"start": sold.first.isoformat(), "end": shop.today.isoformat()}
    told = query_metrics(shop, ["units", "revenue"], by=["product"], period=period)
    for row in told.rows:
        title, units = row[told.index("product")], float(row[told.index("units")] or 0)
        kept = sold.product[UNITS][sold.titles.index(str(title))].sum()
        assert kept == pytest.approx(units) if title != "Lamp" else kept < units - 40_000
    assert [(sold.titles[b.product], b.units) for b in sold.bulk] == [("Lamp", 50_000)]
    for name in (UNITS, REVENUE):
        total = sold.product[name].sum()
        assert sold.country[name].sum() == pytest.approx(total) == pytest.approx(sold.days[name].sum())


def test_days_that_never_sell_and_last_years_holidays_are_closed(shop: Store) -> None:
    sold = sold_until(shop, date(2024, 12, 7))
    assert sold.weeks == 48
    opening = opening_of(sold_until(shop, shop.today), 35, "GB")
    days = {opening.first + timedelta(days=n): w for n, w in enumerate(opening.weight)}
    assert all(w == 0 for d, w in days.items() if d.weekday() == 6)
    assert days[date(2025, 12, 25)] == days[date(2025, 12, 30)] == 0 < days[date(2025, 12, 22)]
    assert opening.weeks()[:40] == pytest.approx(1, abs=0.25)


def test_a_period_is_cut_into_parts_of_weeks(shop: Store) -> None:
    opening = opening_of(sold_until(shop, shop.today), 4)
    origin = sold_until(shop, shop.today).weeks
    whole, first = opening.parts(origin, 0, 28, 4), opening.parts(origin, 0, 3, 4)
    assert whole == pytest.approx(1)
    assert 0 < first[0] < 1 and not first[1:].any()
    assert first + opening.parts(origin, 3, 28, 4) == pytest.approx(whole)


def test_simple_ways_add_up_and_see_nothing_of_what_comes() -> None:
    rng = np.random.default_rng(1)
    y, weight = rng.poisson(9, (5, 80)).astype(float), np.ones(93)
    weight[[30, 85]] = 0.5
    changed = y.copy()
    changed[:, 70:] = 999
    for name in ("recent", "longer", "last_year", "grown", "moved"):
        said = said_by(name, y, weight, [70], 13)
        assert said is not None and said.shape == (1, 5, 13)
        assert said_by(name, changed, weight, [70], 13) == pytest.approx(said)
        assert said_by(name, y.sum(0, keepdims=True), weight, [70], 13) == pytest.approx(said.sum(1, keepdims=True))
    assert said_by("last_year", y, weight, [40], 13) is None


# What is answered


def test_a_simple_forecast_says_so_and_knows_its_error(shop: Store) -> None:
    result = forecast_sales(shop, "Ball", "next 4 weeks")
    assert result.notes[0] == UNTRAINED and result.input["model"] == SIMPLE
    low, mean, high = (value(result, parts.TOTAL, c) for c in ("units_low", "units", "units_high"))
    assert 0 < low < mean < high
    assert value(result, parts.TOTAL, "units_lowest") <= low and high <= value(result, parts.TOTAL, "units_highest")
    assert 0 < value(result, parts.TEST, "error") < 1 and value(result, parts.TEST, "periods_tested") == 4
    assert {str(row[result.index("method")]) for row in result.rows if row[0] == parts.TEST} >= {
        "storewise",
        "year-ago",
    }


@pytest.mark.parametrize("which", ["shop", "trained"])
@pytest.mark.parametrize("metric", [UNITS, REVENUE])
def test_levels_add_up(which: str, metric: str, request: pytest.FixtureRequest) -> None:
    store = request.getfixturevalue(which)
    look = outlook(store, store.today, metric, 5)
    total = look.shop.level["shop"].mean.sum(1)
    for name in LEVELS:
        assert look.shop.level[name].mean.sum(1) == pytest.approx(total, rel=1e-9)
    asked = {"horizon": "next 5 weeks", "metric": metric}
    whole = mean_of(store, **asked)
    for names in (("Home", "Play"), ("United Kingdom", "France")):
        assert sum(mean_of(store, name, **asked) for name in names) == pytest.approx(whole, abs=2)
    products = [name for name in ("Lamp", "Rug", "Vase", "Clock", "Ball", "Kite", "Red Drum")]
    assert sum(mean_of(store, name, **asked) for name in products) == pytest.approx(whole, abs=4)
    listed = forecast_sales(store, products, **asked)
    assert sum(row[3] for row in listed.rows if row[0] == parts.ONE) == pytest.approx(listed.rows[0][3], abs=4)


def test_buckets_add_up_and_a_period_begun_holds_what_is_sold(shop: Store) -> None:
    result = forecast_sales(shop, "", "2025-05-26..2025-06-22", "week", metric="units")
    weeks = [row for row in result.rows if row[0] == parts.FORECAST.format("week")]
    assert [row[1] for row in weeks] == ["2025-05-26", "2025-06-02", "2025-06-09", "2025-06-16"]
    assert sum(row[3] for row in weeks) == pytest.approx(result.rows[0][3], abs=3)
    sold = query_metrics(shop, ["units"], period="2025-05-26..2025-05-31").rows[0][0]
    assert value(result, parts.SO_FAR) == sold
    assert value(result, parts.SO_FAR) + value(result, parts.TO_COME) == pytest.approx(result.rows[0][3], abs=1)


def test_what_it_is_made_of_adds_up(shop: Store) -> None:
    result = forecast_sales(shop, "Home", "next 6 weeks", metric="units")
    made = [row[3] for row in result.rows if row[0] == parts.DRIVER]
    assert len(made) == 3 and sum(made) == pytest.approx(result.rows[0][3], abs=2)


def test_a_forecast_as_of_an_earlier_day_knows_nothing_later(shop: Store) -> None:
    result = forecast_sales(shop, "Lamp", "next 4 weeks", today=date(2025, 3, 1))
    assert result.input["until"] == "2025-03-01" and result.input["period"]["start"] == "2025-03-02"
    again = forecast_sales(shop, **result.input)
    assert again.rows == result.rows


def test_bounds_hold_as_often_as_they_say() -> None:
    """Counts about a forecast that is off to one side: what comes lies between the bounds 8 times out of 10."""
    rng, held, none = np.random.default_rng(5), {0.8: 0, 0.9: 0}, np.zeros(0)
    for _ in range(800):
        mean = rng.uniform(1, 60, 41)
        came = rng.poisson(mean * 1.1).astype(float)
        width = np.sqrt(mean)
        own = Cases(came[:-1], mean[:-1], width[:-1])
        for part in held:
            low, high = bounds_of(part, own, Cases(none, none, none), mean[-1], width[-1])
            assert low <= mean[-1] <= high
            held[part] += low <= came[-1] <= high
    assert held[0.8] / 800 == pytest.approx(0.8, abs=0.06) and held[0.9] / 800 == pytest.approx(0.9, abs=0.05)


# The trained one


def test_a_trained_model_answers_is_named_and_runs_again(trained: Store) -> None:
    result = forecast_sales(trained, "Ball", "next month")
    card = load(folder_of(trained))[1]
    assert result.input["model"] == card.version and UNTRAINED not in result.notes
    assert any(card.version in note and "trained" in note for note in result.notes)
    methods = {str(row[result.index("method")]) for row in result.rows if row[0] == parts.TEST}
    assert parts.NAMES[MODEL] in methods
    assert forecast_sales(trained, **result.input).rows == result.rows
    assert not is_due(trained)


def test_what_is_kept_forecasts_the_same_again(trained: Store) -> None:
    from tools.forecast.book import HORIZON, page
    from tools.forecast.weekly import panel_of, series_of

    sold = sold_until(trained, trained.today)
    series, opening = series_of(sold), opening_of(sold, HORIZON, home_country(sold))
    panel = panel_of(trained, sold, series, opening, HORIZON)
    book, _ = load(folder_of(trained))
    mean, spread = page(load_forecaster(folder_of(trained)), panel, sold.weeks)
    assert mean == pytest.approx(book.mean[-1], rel=1e-4, abs=1e-4)
    assert spread == pytest.approx(book.spread[-1], rel=1e-3, abs=1e-3)


def test_a_model_of_other_data_or_damaged_is_not_used(trained: Store, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(trained.home.root, home.root)

    def more(con: Any) -> dict[str, Any]:
        build_weekly(con)
        con.execute("UPDATE order_items SET quantity = quantity + 1 WHERE product_id = 'A2'")
        return {}

    publish(home, "weekly", more, format="tests")
    store = open_store(home, "weekly")
    assert OLD in forecast_sales(store, "Rug").notes and is_due(store)
    weights = folder_of(store) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CheckpointError):
        load(folder_of(store))
    assert forecast_sales(store, "Rug").input["model"] == SIMPLE


def test_training_that_is_stopped_goes_on_and_comes_to_the_same(trained: Store, home: Home, tmp_path: Path) -> None:
    copy = Home(tmp_path / "home")
    shutil.copytree(home.root, copy.root)
    store, heard = open_store(copy, "weekly"), 0

    def stop(what: str, part: float) -> None:
        nonlocal heard
        heard += 1
        if heard == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_store(store, stop, QUICK)
    assert list((store.path / "training").glob("forecast-*"))
    card = train_store(store, silent, QUICK)
    assert card.version == load(folder_of(trained))[1].version
    assert not list((store.path / "training").glob("forecast-*"))


# What is refused


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ({"what": "Unicorn"}, NotThere, "no product, category or country"),
        ({"what": "Bell"}, NotThere, "never sold"),
        ({"what": "Ball", "horizon": "April 2025"}, ToolError, "is over"),
        ({"horizon": "2030"}, ToolError, "too far ahead"),
        ({"horizon": "last month"}, ToolError, "is over"),
        ({"horizon": 7}, ToolError, "horizon is a period"),
        ({"grain": "hour"}, ToolError, "grain is one of"),
        ({"metric": "orders"}, NotThere, "Only units and revenue"),
        ({"what": ["Ball", "France"]}, NotThere, "each by themselves"),
        ({"where": [{"field": "channel", "value": "web"}]}, NotThere, "without other conditions"),
        ({"where": [{"field": "product", "op": "!=", "value": "Ball"}]}, NotThere, "without other conditions"),
        ({"model": "0123456789abcdef"}, ToolError, "no longer kept"),
        ({"today": date(2024, 1, 20)}, ToolError, "4 are needed"),
        ({"colour": "red"}, ToolError, "Its arguments"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(shop: Store, asked: dict[str, Any], kind: type[ToolError], said: str) -> None:
    with pytest.raises(kind, match=said):
        forecast_sales(shop, **asked)


def test_a_name_that_is_two_things_is_asked_back(tmp_path: Path) -> None:
    def build(con: Any) -> dict[str, Any]:
        build_weekly(con)
        con.execute("UPDATE products SET title = 'Home' WHERE product_id = 'A2'")
        return {}

    publish(Home(tmp_path), "two", build, format="tests")
    store = open_store(Home(tmp_path), "two")
    with pytest.raises(Ambiguous) as found:
        forecast_sales(store, "Home")
    assert found.value.options == ("product Home", "category Home")
    assert forecast_sales(store, found.value.options[1]).rows[0][2] == "Home"


def test_what_is_sold_no_more_is_forecast_as_nothing(shop: Store) -> None:
    result = forecast_sales(shop, "Kite", "next 4 weeks")
    assert value(result, parts.TOTAL) == value(result, parts.TOTAL, "units_high") == 0


def test_a_shop_with_a_few_weeks_is_forecast_simply(tiny: Store) -> None:
    result = forecast_sales(tiny, "", "next 4 weeks", today=date(2024, 1, 20))
    assert result.input["model"] == SIMPLE and result.rows[0][3] >= 0


# At another price


def test_a_price_effect_is_told_from_good_weeks_and_dear_products() -> None:
    """Prices that were raised in good weeks, of products of which the dear ones sell less: naive fits get it wrong."""
    rng = np.random.default_rng(3)
    truth = rng.normal(-1.8, 0.3, 24)
    week = rng.normal(0, 0.5, 90)
    price = 0.15 * np.sign(week)[None, :] * (rng.random((24, 90)) < 0.5) + rng.choice([-0.1, 0, 0.1], (24, 90))
    promoted = np.where(rng.random((24, 90)) < 0.1, 0.2, 0.0)
    level = rng.normal(3.0, 0.8, 24)
    y = rng.poisson(
        np.exp(level[:, None] + week[None, :] + truth[:, None] * (price + np.log1p(-promoted)) + 0.4 * (promoted > 0))
    ).astype(float)
    effects = effects_of(y, price, promoted, np.ones_like(y, dtype=bool))
    known = [(e, t) for e, t in zip(pooled([effects])[0], truth, strict=True) if e]
    assert len(known) == 24 and effects.uplift == pytest.approx(np.exp(0.4), rel=0.1)
    assert np.sqrt(np.mean([(e.elasticity - t) ** 2 for e, t in known])) < 0.25
    assert np.mean([abs(e.elasticity - t) < 1.2816 * e.error for e, t in known]) > 0.6
    still = effects_of(y, np.zeros_like(price), promoted, np.ones_like(y, dtype=bool))
    assert still.own == [None] * 24


def test_what_if_needs_prices_that_changed(shop: Store) -> None:
    with pytest.raises(NotThere, match="hardly changed"):
        forecast_sales(shop, "Ball", "next month", scenario={"price_change": -0.1})
    for wrong in ({"price_change": -1}, {"price_change": "10"}, {"weather": 1}, "cheaper", {"promotion": 2}):
        with pytest.raises(ToolError):
            forecast_sales(shop, "Ball", scenario=wrong)  # type: ignore[arg-type]


def test_what_if_moves_the_forecast_by_the_elasticity(tmp_path: Path) -> None:
    def build(con: Any) -> dict[str, Any]:
        build_weekly(con)
        con.execute("""UPDATE order_items AS i SET unit_price = 8, quantity = 2 * quantity FROM orders AS o
            WHERE o.order_id = i.order_id AND product_id = 'B1' AND WEEK(o.ordered_at) % 4 = 0""")
        return {}

    publish(Home(tmp_path), "priced", build, format="tests")
    store = open_store(Home(tmp_path), "priced")
    result = forecast_sales(store, "Ball", "next 4 weeks", scenario={"price_change": -0.2})
    usual, cheaper = value(result, parts.TOTAL), value(result, parts.WHAT_IF)
    assert cheaper == pytest.approx(2 * usual, rel=0.25)  # a fifth cheaper sold twice as many
    assert value(result, parts.WHAT_IF, "elasticity") == pytest.approx(np.log(2) / np.log(0.8), rel=0.25)
    assert forecast_sales(store, **result.input).rows == result.rows
    question = "What if we cut the price of balls by 20% next month?"
    answer = ask(Principal(Home(tmp_path), "priced"), "t", question)
    assert answer["receipts"][0]["input"]["scenario"] == {"price_change": -0.2}
    assert "down 20.0 %" in answer["answer"]
    assert not audit(answer, Home(tmp_path), "priced", question=question, rerun=tools_of(Home(tmp_path), "priced"))


def test_a_promotion_moves_the_forecast_and_none_takes_it_out(tmp_path: Path, shop: Store) -> None:
    publish(Home(tmp_path), "promoted", build_promoted, format="tests")
    store = open_store(Home(tmp_path), "promoted")
    on, off = (forecast_sales(store, "Ball", "next 4 weeks", scenario={"promotion": p}) for p in (True, False))
    assert value(on, parts.PROMOTED) / value(off, parts.UNPROMOTED) == pytest.approx(3, rel=0.25)
    assert value(off, parts.UNPROMOTED) < value(off, parts.TOTAL) < value(on, parts.PROMOTED)
    assert value(on, parts.PROMOTED, "promotion_off") == pytest.approx(0.2)
    assert value(on, parts.PROMOTED, "uplift") == pytest.approx(1.5, rel=0.25)  # a fifth cheaper alone sells two times
    again = forecast_sales(store, "Ball", "next 4 weeks", scenario={"promotion": "last month"})
    assert 7 <= value(again, parts.PROMOTED, "promotion_days") <= 10
    assert value(off, parts.UNPROMOTED) < value(again, parts.PROMOTED) < value(on, parts.PROMOTED)
    assert forecast_sales(store, **again.input).rows == again.rows
    with pytest.raises(NotThere, match="No promotion of Ball ran"):
        forecast_sales(store, "Ball", "next 4 weeks", scenario={"promotion": "yesterday"})
    with pytest.raises(NotThere, match="no promotion of"):
        forecast_sales(shop, "Ball", "next 4 weeks", scenario={"promotion": True})


@pytest.mark.parametrize(
    ("question", "scenario"),
    [
        ("How many balls will we sell next month with the promotion again?", True),
        ("What would we earn from balls in the next 4 weeks with a 15% promotion?", 0.15),
        ("If we run the same promotion on balls next month as in April, what will we sell?", "2025-04-01"),
        ("How many balls will we sell next month without any promotion?", False),
        ("如果下个月再做一次促销，球能卖多少？", True),
        ("下个月做和四月一样的促销，Ball会卖多少？", "2025-04-01"),
        ("如果下个月打八折，销售额预计多少？", 0.2),
        ("如果下个月不做促销，销售额会是多少？", False),
    ],
)
def test_promotions_are_supposed_in_words(tmp_path: Path, question: str, scenario: Any) -> None:
    publish(Home(tmp_path), "promoted", build_promoted, format="tests")
    answer = ask(Principal(Home(tmp_path), "promoted"), "t", question)
    assert answer["status"] == "answered", answer["answer"]
    found = answer["receipts"][0]["input"]["scenario"]["promotion"]
    assert (found["start"] if isinstance(found, dict) else found) == scenario
    assert ("promotion" in answer["answer"] or "促销" in answer["answer"]) and "| Part |" not in answer["answer"]
    tools = tools_of(Home(tmp_path), "promoted")
    assert not audit(answer, Home(tmp_path), "promoted", question=question, rerun=tools)


# As people ask


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many balls will we sell next month?", {"where": ["Ball"], "horizon": ("2025-06-01", "2025-06-30")}),
        ("forecast revenue for the next 4 weeks by week", {"metric": "revenue", "grain": "week"}),
        ("what will the Play category sell in July?", {"horizon": "July"}),
        ("revenue next month", {"metric": "revenue", "horizon": ("2025-06-01", "2025-06-30")}),
        ("预测下个月的销售额", {"metric": "revenue", "horizon": ("2025-06-01", "2025-06-30")}),
    ],
)
def test_questions_become_calls(trained: Store, question: str, expected: dict[str, Any]) -> None:
    answer = ask(Principal(trained.home, "weekly"), f"q-{question}", question)
    assert answer["status"] == "answered", answer["answer"]
    found = answer["receipts"][0]["input"]
    assert answer["receipts"][0]["tool"] == "forecast_sales"
    if isinstance(expected.get("horizon"), tuple):
        assert (found["period"]["start"], found["period"]["end"]) == expected["horizon"]
    if "where" in expected:
        assert [w["value"].title().removesuffix("s") for w in found["where"]] == expected["where"]
    for name in ("metric", "grain"):
        assert name not in expected or found[name] == expected[name]
    assert not audit(answer, trained.home, "weekly", question=question, rerun=tools_of(trained.home, "weekly"))
    assert go.Figure(answer["charts"][0]["spec"]).data and answer["charts"][0]["kind"] == "fan"


@pytest.mark.parametrize(
    "question",
    [
        "What will our best seller sell next month?",
        "forecast the top 2 products next month",
        "which category will sell most in July?",
        "预测下个月卖得最好的商品的销量",
    ],
)
def test_the_whole_shop_is_not_forecast_instead_of_its_best(trained: Store, question: str) -> None:
    answer = ask(Principal(trained.home, "weekly"), f"best-{question}", question)
    assert answer["status"] in ("declined", "clarify") and not answer["receipts"], answer["answer"]


def test_a_follow_up_asks_for_other_days_or_another_thing(trained: Store) -> None:
    who = Principal(trained.home, "weekly")
    ask(who, "talk", "How many balls will we sell next month?")
    later = ask(who, "talk", "and in July?")
    assert later["receipts"][0]["input"]["period"]["start"] == "2025-07-01"
    other = ask(who, "talk", "and vases?")
    assert other["receipts"][0]["rows"][0][2] == "Vase"


def test_every_point_of_the_fan_is_a_cell(trained: Store) -> None:
    answer = ask(Principal(trained.home, "weekly"), "fan", "forecast units of the Rug for the next 8 weeks")
    cells = {v for row in answer["receipts"][0]["rows"] for v in row if isinstance(v, int | float)}
    traces = answer["charts"][0]["spec"]["data"]
    assert len(traces) == 6
    assert all(v in cells for trace in traces for v in trace["y"])


def test_a_store_with_too_little_history_is_never_trained(tmp_path: Path) -> None:
    publish(Home(tmp_path), "few", _few_weeks, format="tests")
    assert not is_due(open_store(Home(tmp_path), "few"))


def _few_weeks(con: Any) -> dict[str, Any]:
    build_tiny(con)
    con.execute(
        "DELETE FROM order_items WHERE order_id IN (SELECT order_id FROM orders WHERE ordered_at > '2024-03-01')"
    )
    con.execute("DELETE FROM orders WHERE ordered_at > '2024-03-01'")
    return {}
