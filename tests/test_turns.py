"""A turn as it happens: watched, stopped, cut off, drawn, and its receipts run again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from agent.ask import ask
from agent.charts import charts
from agent.examples import example_questions
from agent.principal import Principal
from agent.proof.claims import Receipt
from agent.rerun import run_again
from agent.watch import Step, Watch
from store import state
from store.connect import Store, open_store
from store.paths import Home
from tools.metrics.tool import query_metrics

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def home(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the tiny shop: conversations are written down in the store they are about."""
    copy = tmp_path_factory.mktemp("turns") / "home"
    shutil.copytree(tiny_home.root, copy)
    return Home(copy)


@pytest.fixture
def shop(home: Home) -> Store:
    return open_store(home, "tiny")


def put(home: Home, thread: str, text: str, watch: Watch | None = None) -> dict[str, Any]:
    return ask(Principal(home, "tiny"), thread, text, watch=watch)


# Watched and stopped


def test_each_step_is_told_as_it_begins_and_as_it_ends(home: Home) -> None:
    seen: list[Step] = []
    answer = put(home, "watched", "revenue by country in 2024", Watch(seen.append))
    assert [s.status for s in seen] == ["running", "done"] * len(answer["steps"])
    assert seen[0].id == seen[1].id == 1 and seen[1].sql == answer["receipts"][0]["sql"]
    assert seen[0].said == "Calculating figures" and seen[0].args["metrics"] == ["revenue"]


def test_a_step_that_fails_is_told_with_its_reason(home: Home) -> None:
    seen: list[Step] = []
    answer = put(home, "failing", "revenue in March 1999", Watch(seen.append))
    assert answer["status"] == "declined"
    assert [s.status for s in seen if s.tool == "query_metrics"] == ["running", "failed"] and seen[1].error
    assert answer["steps"][0]["ok"] is False


def test_a_stopped_turn_answers_nothing_and_is_on_record(home: Home) -> None:
    watch = Watch(lambda step: watch.stop())
    asked = "revenue in Germany and France in 2024"
    answer = put(home, "stopped", asked, watch)
    assert [s["ok"] for s in answer["steps"]] == [True]
    assert answer["status"] == "declined" and "Stopped" in answer["answer"]
    assert answer["numbers"] == answer["receipts"] == []
    assert [t.question for t in state.all_turns(open_store(home, "tiny").state_path, "stopped")] == [asked]
    assert put(home, "stopped", "orders in 2024")["status"] == "answered"


# Cut off in the middle


def test_a_question_is_unanswered_while_it_is_answered(home: Home, shop: Store) -> None:
    seen: list[list[state.Unanswered]] = []
    put(home, "open", "orders in 2024", Watch(lambda step: seen.append(state.unanswered(shop.state_path, "open"))))
    assert [(u.question, u.running) for u in seen[0]] == [("orders in 2024", True)]
    assert state.unanswered(shop.state_path, "open") == []


def test_a_process_that_dies_in_the_middle_leaves_its_question(home: Home, shop: Store) -> None:
    put(home, "killed", "units in 2024")
    code = (
        "import os, sys; from pathlib import Path; from agent.ask import ask; from agent.principal import Principal\n"
        "from agent.watch import Watch; from store.paths import Home\n"
        "ask(Principal(Home(Path(sys.argv[1])), 'tiny'), 'killed', 'and orders?', watch=Watch(lambda s: os._exit(9)))"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(home.root)], cwd=CHECKOUT, check=False)
    assert ended.returncode == 9
    left = state.unanswered(shop.state_path, "killed")
    assert [(u.question, u.running) for u in left] == [("and orders?", False)]
    assert [t.question for t in state.all_turns(shop.state_path, "killed")] == ["units in 2024"]
    assert [(t.turns, t.first_question) for t in state.threads(shop.state_path) if t.thread_id == "killed"] == [
        (1, "units in 2024")
    ]
    put(home, "killed", "and orders?")
    assert state.unanswered(shop.state_path, "killed") == []
    state.begin_question(shop.state_path, "killed", "and again?")
    state.delete_thread(shop.state_path, "killed")
    assert state.unanswered(shop.state_path, "killed") == []


def test_a_question_of_an_earlier_process_with_our_number_is_not_running(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    number = state.begin_question(path, "t", "how many?")
    assert [u.running for u in state.unanswered(path, "t")] == [True]
    assert [(t.thread_id, t.turns, t.first_question) for t in state.threads(path)] == [("t", 0, "how many?")]
    state._mine.clear()
    assert [u.running for u in state.unanswered(path, "t")] == [False]
    state.append_turn(path, "t", "how many?", None, {}, ends=number)
    assert state.unanswered(path, "t") == []


def test_a_question_of_another_process_that_lives_is_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.sqlite"
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", os.getppid)
        state.begin_question(path, "t", "how many?")
    assert [u.running for u in state.unanswered(path, "t")] == [True]


# Charts


def drawn(shop: Store, **call: Any) -> tuple[str, dict[str, Any]] | None:
    receipt = Receipt("r1", query_metrics(shop, **call))
    found = charts([receipt], "en", (shop.first_day, shop.today))
    if not found:
        return None
    go.Figure(found[0]["spec"])  # raises where it is no Plotly figure
    return found[0]["kind"], found[0]["spec"]


def points(spec: dict[str, Any], axis: str) -> list[Any]:
    return [value for trace in spec["data"] for value in trace[axis]]


def test_a_trend_is_a_line_over_dates_with_the_unfinished_month_dotted(shop: Store) -> None:
    kind, spec = drawn(shop, metrics=["revenue"], grain="month") or ("", {})
    rows = query_metrics(shop, ["revenue"], grain="month").rows
    assert kind == "line" and spec["layout"]["xaxis"]["type"] == "date"
    whole, head, tail = spec["data"]
    assert head["x"] == [rows[0][0], rows[1][0]] and head["line"] == tail["line"]  # the data begins on 20 November
    assert (
        tail["line"] == {"dash": "dot"}
        and tail["x"] == [rows[-2][0], rows[-1][0]]
        and "part of it" in tail["customdata"][1]
    )
    assert [head["x"][0], *whole["x"], tail["x"][1]] == [row[0] for row in rows]
    assert [head["y"][0], *whole["y"], tail["y"][1]] == [row[1] for row in rows]


def test_a_whole_last_month_is_not_dotted(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["revenue"], grain="month", period="2024") or ("", {})
    assert len(spec["data"]) == 1 and "line" not in spec["data"][0]


def test_a_week_that_the_period_cuts_is_dotted_too(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["orders"], grain="week", period="2024-05-01..2024-08-04") or ("", {})
    whole, head = spec["data"]
    assert head["x"][0] == "2024-04-29" and whole["x"][0] == head["x"][1] == "2024-05-06"


def test_ranked_months_are_bars_in_the_order_of_their_rank(shop: Store) -> None:
    call: dict[str, Any] = {"metrics": ["revenue"], "by": ["month"], "order_by": "revenue desc", "limit": 5}
    kind, spec = drawn(shop, **call) or ("", {})
    assert kind == "bar" and spec["layout"]["xaxis"]["type"] == "category"
    assert points(spec, "y") == [row[1] for row in query_metrics(shop, **call).rows]


def test_hours_by_another_name_are_bars(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["orders"], by=["weekday", "country"]) or ("", {})
    assert spec["data"][0]["orientation"] == "h"


def test_hours_without_orders_have_their_place(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["orders"], by=["hour"]) or ("", {})
    assert len(spec["layout"]["xaxis"]["categoryarray"]) == 24 > len(points(spec, "x"))
    assert set(points(spec, "x")) <= set(spec["layout"]["xaxis"]["categoryarray"])


def test_it_is_said_how_much_is_drawn(shop: Store) -> None:
    result = query_metrics(shop, ["revenue"], by=["order"])
    found = charts([Receipt("r1", result)], "en", (shop.first_day, shop.today))[0]
    assert (found["shown"], found["of"]) == (20, len(result.rows)) and len(found["spec"]["data"][0]["y"]) == 20


def test_a_ranking_is_bars_in_its_order_with_the_figures_as_written(shop: Store) -> None:
    call: dict[str, Any] = {"metrics": ["revenue"], "by": ["country"], "order_by": "revenue desc"}
    kind, spec = drawn(shop, **call) or ("", {})
    rows = query_metrics(shop, **call).rows
    assert (
        kind == "bar" and spec["data"][0]["orientation"] == "h" and spec["layout"]["yaxis"]["autorange"] == "reversed"
    )
    assert points(spec, "x") == [row[1] for row in rows] and points(spec, "y") == [row[0] for row in rows]
    assert spec["data"][0]["customdata"][0] == f"{rows[0][0]}<br>£{rows[0][1]:,.2f}"


def test_two_products_of_one_title_have_two_bars(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["units"], by=["product"]) or ("", {})
    labels = points(spec, "y")
    assert len(set(labels)) == len(labels)
    assert len({label.rstrip("\u200b") for label in labels}) < len(labels)


def test_this_and_the_period_before_stand_side_by_side(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["orders"], by=["country"], period="2024-12", compare_to="previous") or ("", {})
    assert [t["name"] for t in spec["data"]] == ["Dec 2024", "Nov 2024"] and spec["layout"]["barmode"] == "group"


def test_only_measures_of_one_unit_share_a_scale(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["revenue", "orders"], by=["country"]) or ("", {})
    assert [t["name"] for t in spec["data"]] == ["Revenue"]


def test_percentages_have_their_axis(shop: Store) -> None:
    _, spec = drawn(shop, metrics=["repeat_rate"], by=["country"]) or ("", {})
    assert "%" in spec["layout"]["xaxis"]["tickformat"]


@pytest.mark.parametrize(
    "call",
    [
        {"metrics": ["revenue"]},
        {"metrics": ["revenue"], "by": ["country"], "order_by": "revenue desc", "limit": 1},
        {"metrics": ["revenue"], "period": "2024-12", "compare_to": "previous"},
    ],
)
def test_one_figure_needs_no_picture(shop: Store, call: dict[str, Any]) -> None:
    assert drawn(shop, **call) is None


def test_an_answer_carries_its_chart(home: Home) -> None:
    answer = put(home, "drawn", "revenue by month in 2024")
    assert [(c["receipt"], c["kind"]) for c in answer["charts"]] == [("r1", "line")]
    assert put(home, "drawn", "how many orders in 2024?")["charts"] == []


# Receipts run again


def test_a_receipt_runs_again_to_the_same_rows(home: Home, shop: Store) -> None:
    receipt = put(home, "again", "revenue by country in 2024")["receipts"][0]
    again = run_again(shop, receipt)
    assert again.same and "every row is the same" in again.said and len(again.rows) == receipt["row_count"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sql": "SELECT 1"}, "differ"),
        ({"sql": "SELECT nothing FROM orders"}, "could not be run"),
        ({"sql": "SELECT * FROM read_csv('/etc/passwd')"}, "could not be run"),
        ({"data_version": "sha256:0"}, "no longer has data version"),
    ],
)
def test_a_receipt_that_does_not_hold_says_why(home: Home, shop: Store, change: dict[str, Any], said: str) -> None:
    receipt = put(home, "again", "revenue by country in 2024")["receipts"][0]
    again = run_again(shop, {**receipt, **change})
    assert not again.same and said in again.said


def test_a_row_altered_in_the_answer_is_noticed(home: Home, shop: Store) -> None:
    receipt = put(home, "again", "revenue by country in 2024")["receipts"][0]
    receipt["rows"][0][1] += 0.01
    assert not run_again(shop, receipt).same


def test_a_receipt_without_sql_runs_its_tool_again(shop: Store) -> None:
    result = query_metrics(shop, ["orders"], period="2024")
    receipt = {"tool": "query_metrics", "input": {"metrics": ["orders"], "period": "2024"}, "sql": None,
               "rows": result.rows, "row_count": 1, "data_version": shop.data_version}  # fmt: skip
    assert run_again(shop, receipt).same


# Examples


def test_every_example_question_has_an_answer(home: Home, shop: Store) -> None:
    questions = example_questions(shop)
    assert 4 <= len(questions) <= 6 and len(set(questions)) == len(questions)
    for question in questions:
        answer = put(home, "examples-" + question[:12], question)
        assert answer["status"] == "answered" and answer["receipts"][0]["rows"]
