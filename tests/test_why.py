"""'Why?' as people ask it: what it is about, what is said, what is drawn; every number proven again."""

from __future__ import annotations

import shutil
from typing import Any

import plotly.graph_objects as go
import pytest

from agent.ask import ask
from agent.explained import explained
from agent.factors import factors_call, factors_of
from agent.plan import Call, Plan, Turn
from agent.planner import why
from agent.planner.parser import Reading, read
from agent.planner.shop import Shop
from agent.principal import Principal
from agent.receipts import Receipt, check
from agent.waterfall import waterfall
from evals.again import tools_of
from evals.audit import audit
from store.connect import Store
from store.paths import Home
from tools.explain.tool import explain_change
from tools.metrics.tool import names_of, query_metrics

JUNE, MAY = {"start": "2024-06-01", "end": "2024-06-30"}, {"start": "2024-05-01", "end": "2024-05-31"}


@pytest.fixture(scope="module")
def home(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    copy = tmp_path_factory.mktemp("why") / "home"
    shutil.copytree(tiny_home.root, copy)
    return Home(copy)


def args(tiny: Store, text: str, *turns: Turn) -> Any:
    """What explain_change would be called with."""
    shop = Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency)
    asked = Plan((Call("explain_change", {"text": text}),))
    outcome = why.filled(asked, read(text), [why.as_figures(t) for t in turns], shop)
    return outcome.calls[0].args if isinstance(outcome, Plan) else outcome


def figures(**said: Any) -> Turn:
    return Turn("?", Plan((Call("query_metrics", said),)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("why did revenue fall in June 2024?", {"metric": "revenue", "period": JUNE}),
        ("why are we down?", {"metric": "revenue"}),
        ("why was June 2024 worse than May 2024?", {"metric": "revenue", "period": JUNE, "compare_to": MAY}),
        ("why did orders change from May to June 2024?", {"metric": "orders", "period": JUNE, "compare_to": MAY}),
        ("why are orders down on last year?", {"metric": "orders", "compare_to": "year_earlier"}),
        ("2024年6月销售额为什么下降了？", {"metric": "revenue", "period": JUNE}),
        ("2024年6月销量怎么跌了", {"metric": "units", "period": JUNE}),
        (
            "why did orders from Germany fall in June 2024?",
            {"metric": "orders", "period": JUNE, "where": [{"field": "country", "op": "in", "value": "Germany"}]},
        ),
    ],
)
def test_the_message_says_what_is_explained(tiny: Store, text: str, expected: dict[str, Any]) -> None:
    assert args(tiny, text) == expected


def test_why_alone_takes_the_answer_before_it(tiny: Store) -> None:
    where = [{"field": "country", "op": "in", "value": "Germany", "part": True}]
    before = figures(metrics=["orders"], period=JUNE, compare_to="year_earlier", where=where)
    kept = {"metric": "orders", "period": JUNE, "compare_to": "year_earlier", "where": [{**where[0]}]}
    kept["where"][0].pop("part")  # type: ignore[index]
    assert args(tiny, "why?", before) == kept
    assert args(tiny, "为什么？", before) == kept
    assert args(tiny, "why?", Turn("why?", Plan((Call("explain_change", kept),)))) == kept


def test_another_period_is_compared_anew(tiny: Store) -> None:
    before = figures(metrics=["orders"], period=JUNE, compare_to="year_earlier")
    assert args(tiny, "and why in May 2024?", before) == {"metric": "orders", "period": MAY}


def test_the_worst_month_is_what_why_is_about(tiny: Store) -> None:
    asked = Plan(
        (Call("query_metrics", {"metrics": ["revenue"], "by": ["month"], "order_by": "revenue asc", "limit": 1}),)
    )
    answer = {"receipts": [{"columns": ["month", "revenue"], "rows": [["2024-06-01", 1.0]]}]}
    assert args(tiny, "why?", Turn("worst month?", asked, answer)) == {"metric": "revenue", "period": JUNE}


def test_other_plans_stay_as_they_are(tiny: Store) -> None:
    shop = Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency)
    plan = Plan((Call("forecast_sales", {"text": "?"}),))
    assert why.filled(plan, Reading("?", read("why?").meaning, ()), [], shop) is plan


def receipts_of(store: Store, metric: str) -> list[Receipt]:
    """Of the explanation and of what the figure is made of."""
    result = explain_change(store, metric, "2024-12", "2024-06")
    beside = factors_call(result)
    further = [query_metrics(store, **beside.args)] if beside else []
    return [Receipt(f"r{i}", r) for i, r in enumerate([result, *further], 1)]


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize(
    "metric",
    ["revenue", "orders", "average_order_value", "refund_rate", "customers", "net_revenue", "margin", "guest_share"],
)
def test_the_sentences_are_proven(tiny: Store, metric: str, locale: str) -> None:
    receipts = receipts_of(tiny, metric)
    said = check(explained(receipts[0], factors_of(receipts[0], receipts), locale), receipts, locale=locale)
    assert len(said.claims) >= 3


def test_why_in_a_conversation(home: Home) -> None:
    person = Principal(home, "tiny")
    first = ask(person, "t", "how much revenue in December 2024?")
    answer = ask(person, "t", "why?")
    assert answer["status"] == "answered" and answer["receipts"][0]["tool"] == "explain_change"
    assert answer["receipts"][0]["input"]["period"] == first["receipts"][0]["input"]["period"]
    assert answer["charts"][0]["kind"] == "waterfall"
    assert (
        audit(answer, home, "tiny", question="how much revenue in December 2024? why?", rerun=tools_of(home, "tiny"))
        == []
    )


def test_every_bar_of_the_waterfall_is_a_cell(tiny: Store) -> None:
    result = explain_change(tiny, "revenue", "2024-12", "2024-06")
    drawn = waterfall(result, "en")
    assert drawn is not None
    trace = drawn["spec"]["data"][0]
    cells = {c for row in result.rows for c in row if isinstance(c, float)}
    assert set(trace["y"]) <= cells | {float(c) for row in result.rows for c in row if isinstance(c, int)}
    assert sum(trace["y"][:-1]) == pytest.approx(trace["y"][-1])
    assert trace["measure"][0] == "absolute" and trace["measure"][-1] == "total"
    go.Figure(drawn["spec"])
