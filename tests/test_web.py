"""The web chat without a browser: what is rendered and escaped, routes, exports, the desk, imports, the port."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from agent.ask import ask
from agent.principal import Person, Principal
from agent.settings import Settings
from agent.watch import Step, Watch
from store.errors import UserError
from store.paths import Home
from store.state import Thread, Turn, Unanswered, all_turns, begin_question
from tests.doors import gated
from ui.answering import answerer
from ui.commands.chat import bound
from ui.desk import WAITING, WORKERS, Asked, Desk, Running
from ui.render import as_markdown, asked_of, cell_text, csv_text
from ui.web.app import prepare
from ui.web.conversation import turn_html, unanswered_html
from ui.web.live import live_html
from ui.web.prose import Prose
from ui.web.reports import failed_html
from ui.web.routes import routes
from ui.web.shop import Shops, ago, greeting_html, header_html, stores_html, threads_html

USAGE = {"model": "local", "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"}
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def home(tiny_home: Home, tmp_path: Path) -> Home:
    """A copy of the tiny shop's home, to be written to."""
    shutil.copytree(tiny_home.root, tmp_path / "home")
    return Home(tmp_path / "home")


def asked(home: Home, question: str, thread: str = "t1") -> Turn:
    ask(Principal(home, "tiny"), thread, question)
    return all_turns(home.store("tiny") / "state.sqlite", thread)[-1]


def receipt(**more: Any) -> dict[str, Any]:
    plain = {"id": "r1", "tool": "query_metrics", "input": {"metrics": ["revenue"]}, "sql": "SELECT 1", "columns": ["product", "revenue"], "units": ["title", "GBP"],
             "rows": [["Mug", 12.5]], "row_count": 1, "truncated": False, "elapsed_ms": 3, "data_version": "sha256:ab", "notes": []}  # fmt: skip
    return {**plain, **more}


def turn(question: str = "how much?", **more: Any) -> Turn:
    plain = {"thread_id": "t1", "turn": 1, "store": "tiny", "as_of": "2025-01-31", "status": "answered", "answer": "Fine.", "numbers": [],
             "receipts": [], "charts": [], "options": [], "steps": [], "usage": USAGE, "error": None}  # fmt: skip
    return Turn("t1", 1, "2025-01-31T10:00:00+00:00", question, None, {**plain, **more})


# What is rendered


def test_text_of_the_shop_and_of_people_is_escaped() -> None:
    shown = turn_html(turn(
        NASTY, answer=f"So {NASTY} and ![x](http://evil.test/a.png) and [y](javascript:alert(1))", options=[NASTY],
        receipts=[receipt(rows=[[NASTY, 1]], sql=f"SELECT '{NASTY}'", notes=[NASTY], input={"where": [{"field": NASTY, "op": "=", "value": NASTY}]})],
        charts=[{"receipt": "r1", "kind": "bar", "spec": {"data": [{"x": [NASTY + "'\""]}], "layout": {}}}],
    ))  # fmt: skip
    shown += unanswered_html(Unanswered(NASTY, "2025-01-31T10:00:00+00:00", False)) + failed_html(NASTY)
    shown += threads_html([Thread("t1", 1, "2025-01-31T10:00:00+00:00", NASTY)], "tiny", "t1")
    assert "<img" not in shown and '<a href="javascript' not in shown and 'src="http' not in shown
    assert shown.count("&lt;img") >= 9


def test_a_step_on_its_way_is_escaped_and_says_what_was_asked() -> None:
    running = Running("tiny", "t1", NASTY)
    running.steps[1] = Step(1, "query_metrics", "Calculating figures", {"metrics": ["revenue"], "by": ["month"]})
    running.steps[2] = Step(2, "match_products", "Finding", {"text": NASTY}, "failed", 1500, f"SELECT {NASTY}", NASTY)
    shown = live_html(running)
    assert "<img" not in shown and "revenue" in shown and "running" in shown and "1.5 s" in shown
    running.stop()
    assert "Stopped." in live_html(running)


def test_each_number_is_tied_to_the_cell_it_comes_from(home: Home) -> None:
    answer = asked(home, "revenue by month in 2024").answer
    prose = Prose(answer)
    assert prose.has_table and "<table" in prose.rest and "<table" not in prose.before
    cells = {n["text"]: n["value"] for n in answer["numbers"]}
    for text, value in cells.items():
        assert f'data-value="{value}"' in prose.rest and text in prose.rest
    assert 'data-value="2024-01-01"' in prose.rest  # a month sorts as the receipt has it
    assert 'data-receipt="r1"' in prose.rest


def test_a_number_inside_a_name_is_not_taken_for_the_answers_own() -> None:
    numbers = [
        {
            "text": "3",
            "value": 3,
            "unit": "count",
            "receipt": "r1",
            "row": 0,
            "column": "orders",
            "how": "cell",
            "operands": [],
        }
    ]
    prose = Prose({"answer": "CAKESTAND 3.5 TIER, model A3: 3 orders.", "numbers": numbers, "receipts": [receipt()]})
    assert 'A3: <span class="num"' in prose.before and prose.before.count("<span") == 1


def test_cells_are_written_by_their_unit() -> None:
    assert cell_text(1234.5, "GBP") == "£1,234.50"
    assert cell_text("2024-03-01", "month") == "Mar 2024"
    assert cell_text(1234567, "count") == "1,234,567"
    assert cell_text(None, "count") == "–"
    assert cell_text(0.25, "%").startswith("25")


def test_a_call_is_said_in_words() -> None:
    call = {
        "metrics": ["average_order_value"], "by": [], "limit": None,
        "period": {"start": "2024-01-01", "end": "2024-03-31"},
        "where": [{"field": "country", "op": "=", "value": ["France", "Spain"]}],
    }  # fmt: skip
    assert dict(asked_of(call)) == {
        "Figures": "average order value",
        "Period": "Q1 2024",
        "Only where": "country = France, Spain",
    }


def test_what_stands_around_an_answer_is_in_its_language() -> None:
    chinese = turn_html(turn(answer="2025年1月的销售额：", receipts=[receipt()], status="declined"))
    english = turn_html(turn(answer="Only “玻璃罐” sells.", receipts=[receipt()], status="declined"))
    assert 'lang="zh"' in chinese and "凭据" in chinese and "未作答" in chinese and "销售额</th>" in chinese
    assert 'lang="en"' in english and "Receipt" in english and "Not answered" in english
    assert "Receipt" not in chinese and dict(asked_of({"metrics": ["revenue"]}, "zh")) == {"指标": "销售额"}


def test_what_a_model_used_is_said_where_it_used_any() -> None:
    used = {**USAGE, "model": "big-one", "input_tokens": 1200, "output_tokens": 80, "cost": 0.0048}
    shown = turn_html(turn(usage=used))
    assert "big-one · 1,200 tokens read, 80 written · USD 0.0048" in shown and "tokens" not in turn_html(turn())


def test_a_chart_of_some_of_the_rows_says_so() -> None:
    def shown(kind: str, **part: int) -> str:
        chart = {"receipt": "r1", "kind": kind, "spec": {"data": [], "layout": {}}, **part}
        return turn_html(turn(receipts=[receipt()], charts=[chart]))

    assert "The first 20 of 1,392." in shown("bar", shown=20, of=1392)
    assert "The 6 largest of 8." in shown("line", shown=6, of=8)
    assert "The first" not in shown("bar") and "largest" not in shown("line")


def test_a_store_that_is_not_there_is_named_and_the_others_are_offered(home: Home) -> None:
    shops = Shops(Person(home), Settings())
    for name in ("nowhere", "../etc"):
        assert shops.chosen(name) == name and shops.opened(name) is None
        assert shops.turns(name, "t1") == ([], []) and shops.threads(name) == []
        assert "can’t be opened" in header_html(None, name, Settings())
        assert name in greeting_html(None, shops.problem(name), []) and "tiny" in stores_html(shops.names(), name)
    assert shops.chosen("") == "tiny" and stores_html(shops.names(), "tiny") == ""


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=40), "1 Apr 2025"),
    ],
)
def test_moments_are_said_as_people_do(passed: timedelta, said: str) -> None:
    now = datetime(2025, 5, 11, 12, tzinfo=UTC)
    assert ago((now - passed).isoformat(), now) == said


# What is exported


def test_no_cell_of_a_csv_is_run_as_a_formula() -> None:
    payloads = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "fine", 'with "quotes", and commas', "ünïcode 中文"]
    text = csv_text(receipt(columns=["=name", "n"], rows=[[p, -5.5] for p in payloads]))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r", "-1")) for row in rows for cell in row)
    assert [row[0].removeprefix("'") for row in rows[1:]] == payloads
    assert {row[1] for row in rows[1:]} == {"-5.5"}  # a number stays a number


def test_a_conversation_is_kept_as_markdown_with_its_receipts(home: Home) -> None:
    kept = as_markdown([asked(home, "how many orders in 2024")], "tiny")
    assert kept.startswith("# A conversation about tiny") and "## how many orders in 2024" in kept and "```sql" in kept


# Routes


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    with TestClient(gated(home, routes())) as client:
        yield client


def test_the_routes_of_a_receipt(home: Home, client: TestClient) -> None:
    kept = asked(home, "revenue by month in 2024").answer["receipts"][0]
    place = "/stores/tiny/threads/t1/turns/1/receipts/r1"
    rows = list(csv.reader(io.StringIO(client.get(f"{place}.csv").content.decode("utf-8-sig"))))
    assert rows[0] == kept["columns"] and len(rows) == kept["row_count"] + 1
    assert float(rows[1][1]) == kept["rows"][0][1]
    again = client.post(f"{place}/again").json()
    assert again["same"] and "ms" in again["said"]


def test_a_receipt_that_no_longer_holds_is_told_so(home: Home, client: TestClient) -> None:
    import sqlite3

    turn_ = asked(home, "how many orders in 2024")
    turn_.answer["receipts"][0]["rows"][0][0] += 1
    with sqlite3.connect(home.store("tiny") / "state.sqlite") as con:
        con.execute("UPDATE turns SET answer = ?", [json.dumps(turn_.answer)])
    con.close()
    again = client.post("/stores/tiny/threads/t1/turns/1/receipts/r1/again").json()
    assert again["same"] is False and "differ" in again["said"]


@pytest.mark.parametrize(
    "path",
    [
        "/stores/tiny/threads/none/export.md",
        "/stores/nowhere/threads/t1/export.json",
        "/stores/..%2f..%2fetc/threads/t1/export.json",
        "/stores/tiny/threads/t1/turns/9/receipts/r1.csv",
        "/stores/tiny/threads/t1/turns/1/receipts/r9.csv",
        "/own/..%2fapp.py",
        "/own/app.py",
    ],
)
def test_what_is_not_there_is_a_plain_404(home: Home, client: TestClient, path: str) -> None:
    asked(home, "how many orders in 2024")
    assert client.get(path).status_code == 404


def test_exports_hold_the_answer_objects(home: Home, client: TestClient) -> None:
    turn_ = asked(home, "how many orders in 2024")
    kept = client.get("/stores/tiny/threads/t1/export.json").json()
    assert kept["turns"] == [{"question": turn_.question, "asked_at": turn_.asked_at, "answer": turn_.answer}]


# The desk


async def followed(running: Running) -> list[dict[str, Any] | None]:
    return [now.answer async for now in running.follow()]


def test_an_answer_is_finished_and_stored_when_nobody_looks_on(home: Home) -> None:
    desk, begun, go_on = Desk(answerer(home, Settings())), threading.Event(), threading.Event()

    def held(step: Step) -> None:
        begun.set()
        go_on.wait(10)

    running = desk.put(Asked(Principal(home, "tiny"), "t1", "how many orders in 2024"))
    running.watch.on_step = held

    async def looks_once() -> None:
        async for _ in running.follow():
            return  # the tab is closed

    asyncio.run(looks_once())
    go_on.set()
    assert asyncio.run(followed(running))[-1] is not None
    assert [t.question for t in all_turns(home.store("tiny") / "state.sqlite", "t1")] == ["how many orders in 2024"]
    assert desk.running(Principal(home, "tiny"), "t1") is None
    desk.stop_all()


def test_a_stopped_question_is_stored_as_stopped(home: Home) -> None:
    go_on = threading.Event()

    def answering(asked: Asked, watch: Watch) -> dict[str, Any]:
        go_on.wait(10)
        return answerer(home, Settings())(asked, watch)

    desk = Desk(answering)
    running = desk.put(Asked(Principal(home, "tiny"), "t1", "how many orders in 2024"))
    running.stop()
    go_on.set()
    asyncio.run(followed(running))
    stored = all_turns(home.store("tiny") / "state.sqlite", "t1")[-1].answer
    assert stored["status"] == "declined" and stored["numbers"] == []
    desk.stop_all()


def test_one_question_at_a_time_in_a_conversation_and_a_bound_on_all_of_them(tmp_path: Path) -> None:
    go_on = threading.Event()

    def answering(asked: Asked, watch: Watch) -> dict[str, Any]:
        go_on.wait(20)
        return {"turn": 1, "thread": asked.thread}

    def one(thread: str, text: str) -> Asked:
        return Asked(Principal(Home(tmp_path), "tiny"), thread, text)

    desk = Desk(answering)
    taken = [desk.put(one(f"t{i}", "how much?")) for i in range(WORKERS + WAITING)]
    with pytest.raises(UserError, match="still being answered in this conversation"):
        desk.put(one("t0", "and now?"))
    with pytest.raises(UserError, match="busy with other questions"):
        desk.put(one("another", "how much?"))
    go_on.set()
    answers = [asyncio.run(followed(running))[-1] for running in taken]
    assert [a and a["thread"] for a in answers] == [f"t{i}" for i in range(WORKERS + WAITING)]
    assert desk.put(one("t0", "and now?")).question == "and now?"
    desk.stop_all()


def test_a_bug_is_an_answer_that_says_so_and_is_written_down(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("quite wrong")

    monkeypatch.setattr("ui.answering.ask", broken)
    answer = answerer(home, Settings())(Asked(Principal(home, "tiny"), "t1", "how much?"), Watch())
    assert answer["status"] == "error" and "quite wrong" not in answer["error"]
    assert "quite wrong" in (home.root / "errors.log").read_text()


def test_a_question_cut_off_is_shown_until_it_was_asked_again(home: Home) -> None:
    path = home.store("tiny") / "state.sqlite"
    from store import state

    state._mine.discard(begin_question(path, "t1", "how many orders in 2024"))
    shops = Shops(Person(home), Settings())
    turns, lost = shops.turns("tiny", "t1")
    assert turns == [] and "interrupted" in unanswered_html(lost[0]) and "data-ask" in unanswered_html(lost[0])
    asked(home, "how many orders in 2024")
    turns, lost = shops.turns("tiny", "t1")
    assert len(turns) == 1 and lost == []


def test_uploads_that_a_killed_server_left_are_swept_away_after_a_day(tmp_path: Path) -> None:
    left, young = tmp_path / "uploads" / "left", tmp_path / "uploads" / "young"
    for folder in (left, young):
        folder.mkdir(parents=True)
    yesterday = time.time() - 2 * 86_400
    os.utime(left, (yesterday, yesterday))
    prepare({}, Home(tmp_path))
    assert not left.exists() and young.exists()


def test_a_home_that_cannot_be_written_to_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="can't write there .* STOREWISE_HOME"):
        prepare({}, Home(tmp_path / "file"))


# The port


def test_a_port_that_is_taken_is_passed_over() -> None:
    first = bound("127.0.0.1", 0)
    port = first.getsockname()[1]
    second = bound("127.0.0.1", port)
    assert second.getsockname()[1] > port
    first.close()
    second.close()


def test_a_host_that_is_not_ours_is_a_clear_error() -> None:
    with pytest.raises(UserError, match=r"No port from 7860 to 7880 on 203\.0\.113\.7"):
        bound("203.0.113.7", 7860)
