"""One question in, one proven answer out: the tiny shop's cases, conversations, and input that is no question."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.ask import ask
from agent.principal import Principal
from evals.audit import audit
from store.paths import Home

CASES = Path(__file__).parent.parent / "evals" / "cases" / "tiny.jsonl"


@pytest.fixture(scope="module")
def tiny_home(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the tiny shop: conversations are written down in the store they are about."""
    copy = tmp_path_factory.mktemp("asked") / "home"
    shutil.copytree(tiny_home.root, copy)
    return Home(copy)


def asked(home: Home, *turns: str, thread: str = "t") -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for turn in turns:
        answer = ask(Principal(home, "tiny"), thread, turn)
    return answer


def values(answer: dict[str, Any]) -> list[float]:
    return [n["value"] for n in answer["numbers"]]


def test_an_answer_shows_only_what_its_receipt_holds(tiny_home: Home) -> None:
    answer = asked(tiny_home, "revenue by country in 2024", thread="a")
    assert answer["status"] == "answered" and answer["numbers"]
    assert audit(answer, tiny_home, "tiny", question="revenue by country in 2024") == []
    receipt = answer["receipts"][0]
    cells = [receipt["rows"][n["row"]][receipt["columns"].index(n["column"])] for n in answer["numbers"]]
    assert cells == values(answer)


def test_a_planted_number_is_found_by_the_auditor(tiny_home: Home) -> None:
    answer = asked(tiny_home, "how many orders in 2024", thread="b")
    answer["numbers"][0]["value"] += 1
    assert audit(answer, tiny_home, "tiny", question="how many orders in 2024")


def test_a_follow_up_keeps_what_it_does_not_replace(tiny_home: Home) -> None:
    first = asked(tiny_home, "orders in 2024", thread="c")
    second = asked(tiny_home, "and units?", thread="c")
    assert second["turn"] == first["turn"] + 1
    assert second["receipts"][0]["input"]["period"] == first["receipts"][0]["input"]["period"]
    assert second["receipts"][0]["input"]["metrics"] == ["units"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "clarify"),
        ("   ", "clarify"),
        ("revenue " * 2000, "clarify"),
        ("\x00\x01\x02 revenue", "clarify"),
        ("какая была выручка в марте", "clarify"),
        ("???", "clarify"),
        ("top 10", "clarify"),
        ("delete order 5001", "declined"),
        ("how many unicorn saddles did we sell", "declined"),
        ("revenue in 1999", "declined"),
    ],
)
def test_what_is_no_answerable_question_gets_a_clear_reply(tiny_home: Home, text: str, status: str) -> None:
    answer = asked(tiny_home, text, thread=f"bad {hash(text)}")
    assert (answer["status"], bool(answer["answer"])) == (status, True)


def test_no_store_says_how_to_make_one(tmp_path: Path) -> None:
    answer = ask(Principal(Home(tmp_path), "shop"), "t", "revenue")
    assert answer["status"] == "error" and "./storewise import" in answer["error"]


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_the_tiny_shops_cases(tiny_home: Home, every: int) -> None:
    """Questions written without the planner at hand: most are answered, few wrongly, and no audit fails."""
    from evals.suites import load

    statuses = []
    for case in load(CASES)[::every]:
        answer = asked(tiny_home, *case.turns, thread=case.id)
        assert audit(answer, tiny_home, "tiny", question=" ".join(case.turns)) == [], case.id
        statuses.append((case.kind, answer["status"]))
    figures = [s for kind, s in statuses if kind in ("value", "rows")]
    assert figures.count("answered") >= 0.6 * len(figures)


# A question back, and one of its options chosen


@pytest.mark.parametrize(
    ("question", "choice", "field", "kept"),
    [
        ("How much did the candle bring in last year?", "Beeswax Candle", "where", "Beeswax Candle"),
        ("revenue on 05/06/2024", "5 Jun 2024", "period", "2024-06-05"),
        ("by country in 2024", "Orders", "by", "country"),
    ],
)
def test_a_choice_completes_the_question_that_was_asked_back_about(
    tiny_home: Home, question: str, choice: str, field: str, kept: str
) -> None:
    back = asked(tiny_home, question, thread="choice " + question)
    assert back["status"] == "clarify" and choice in back["options"]
    answer = asked(tiny_home, choice, thread="choice " + question)
    assert answer["status"] == "answered" and kept in str(answer["receipts"][0]["input"][field])
    assert audit(answer, tiny_home, "tiny", question=choice) == []


def test_another_message_than_an_option_is_a_question_of_its_own(tiny_home: Home) -> None:
    answer = asked(tiny_home, "revenue on 05/06/2024", "how many orders in 2024?", thread="no choice")
    assert answer["status"] == "answered" and answer["receipts"][0]["input"]["metrics"] == ["orders"]


@pytest.mark.parametrize(
    ("question", "order", "by"),
    [
        ("top 3 customers by orders in 2024", "orders desc", ["customer"]),
        ("which country grew most in december 2024?", "revenue_growth desc", ["country"]),
        ("top 3 products by growth in December 2024", "revenue_growth desc", ["product"]),
        ("which country fell the most in december 2024", "revenue_growth asc", ["country"]),
        ("top 3 countries in december 2024 vs november 2024", "revenue desc", ["country"]),
        ("哪个国家2024年12月增长最多", "revenue_growth desc", ["country"]),
        ("哪个国家2024年12月下降最多", "revenue_growth asc", ["country"]),
    ],
)
def test_what_a_ranking_goes_by(tiny_home: Home, question: str, order: str, by: list[str]) -> None:
    answer = asked(tiny_home, question, thread="ranked " + question)
    called = answer["receipts"][0]["input"]
    assert (called["order_by"], called["by"]) == (order, by)
    assert audit(answer, tiny_home, "tiny", question=question) == []


# What one would ask next


@pytest.mark.parametrize(
    ("question", "replies"),
    [
        ("revenue in 2024", ["By month", "By category", "By country"]),
        ("orders in december 2024", ["By week", "Compared with the previous period", "By category"]),
        ("revenue in Germany in 2024", ["By month", "By category"]),
        ("top 3 products in december 2024", ["Compared with the previous period"]),
        ("refund rate in december 2024", ["By week", "Compared with the previous period"]),
        ("revenue by month in 2024", []),
        ("how did december 2024 do against november 2024?", ["Why?", "By category", "By country"]),
        ("2024年12月的销售额", ["按周", "与上期相比", "按品类"]),
    ],
)
def test_quick_replies_fit_the_answer_and_are_understood(tiny_home: Home, question: str, replies: list[str]) -> None:
    answer = asked(tiny_home, question, thread="next " + question)
    assert answer["options"] == replies
    for reply in replies:
        told = asked(tiny_home, question, reply, thread=f"{reply} {question}")
        assert told["status"] == "answered" and told["receipts"][0]["rows"]
        before, after = (a["receipts"][0]["input"] for a in (answer, told))
        before, after = ({"metrics": [a.get("metric")], **a} for a in (before, after))
        assert all(before[part] == after[part] for part in ("metrics", "period", "where")) and before != after
