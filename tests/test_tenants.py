"""500 attempts to see shop A from shop B: by questions, tools, SQL, conversations, caches, routes, receipts. None sees.

Every door is a list of attempts; what an attempt shows to B, sends to a model or keeps for B is searched for secrets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fastapi.testclient import TestClient

from agent import toolbox
from agent.ask import ask
from agent.examples import example_questions
from agent.llm.schemas import BOUND
from agent.memory import recall
from agent.principal import Person, Principal
from agent.prompt import system_prompt
from agent.rerun import run_again
from agent.settings import Settings
from agent.toolbox import TOOLS
from agent.watch import Step, Watch
from store.connect import Store, open_store
from store.errors import UserError
from store.kept import Kept
from store.paths import Home
from store.publish import publish
from store.state import all_turns, threads
from tests.doors import gated
from tests.servers.door import Door
from tests.servers.openai import Server
from tests.tenants import (
    ASKED,
    BAITS,
    CANARIES,
    SECRETS,
    THREADS,
    YEAR,
    A,
    B,
    build,
    build_a,
    build_b,
    paths,
    seen_in,
    sql_attempts,
    tool_calls,
)
from tools.contract import ToolError
from tools.metrics.available import counts
from tools.metrics.tool import names_of
from tools.sql.describe import notes_of
from ui.desk import Running
from ui.render import as_markdown
from ui.web.conversation import turn_html
from ui.web.live import live_html
from ui.web.routes import routes
from ui.web.shop import Shops, header_html, threads_html


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return build(tmp_path_factory.mktemp("tenants"))


@pytest.fixture(scope="module")
def a(home: Home) -> Store:
    return open_store(home, A)


@pytest.fixture(scope="module")
def b(home: Home) -> Store:
    return open_store(home, B)


@pytest.fixture(scope="module")
def door(home: Home) -> Iterator[Door]:
    with Server() as server:
        yield Door(home, B, server)


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[TestClient]:
    with TestClient(gated(home, routes()), raise_server_exceptions=False) as client:
        yield client


def asked(home: Home, store: str, question: str, thread: str) -> list[Any]:
    """The answer, every step as it was told, and the turn as the page and the export show it."""
    steps: list[Step] = []
    answer = ask(Principal(home, store), thread, question, watch=Watch(steps.append))
    running = Running(store, thread, question, answer=answer)
    return [answer, steps, live_html(running)]


def called(store: Store, tool: str, args: dict[str, Any]) -> Any:
    try:
        return toolbox.call(store, tool, args, store.today)
    except ToolError as error:
        return [str(error), vars(error)]


# ---- questions


QUESTIONS = (
    "how many units of {} were sold?", "revenue from {} by month", "who bought {}?", "top 5 products in {}", "orders with {}",
    "is {} one of our customers?", "what do reviews say about {}?", "{}的销售额是多少？", "return reasons like {}", "{}",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_that_name_a_canary(home: Home, question: str) -> None:
    for bait in (*BAITS, ASKED.bait):
        assert seen_in(asked(home, B, question.format(bait), f"names {bait}")) == [], bait


PLAIN_QUESTIONS = (
    "revenue by product", "revenue by category this year", "units by brand", "orders by city", "orders by channel", "revenue by region",
    "customers by segment", "orders by payment method", "the best customer ever", "the largest order ever", "total revenue", "first and last day of data",
    "which products never sold?", "refunds by product", "上个月的销售额",
)  # fmt: skip


@pytest.mark.parametrize("question", PLAIN_QUESTIONS)
def test_the_same_question_after_a_asked_it(home: Home, question: str) -> None:
    asked(home, A, question, "same")
    assert seen_in(asked(home, B, question, "same")) == []


# ---- tools


@pytest.mark.parametrize("tool", ["query_metrics", "match_products", "describe_store", "data_coverage"])
def test_tool_calls(b: Store, tool: str) -> None:
    for name, args in tool_calls():
        if name == tool:
            assert seen_in(called(b, tool, args)) == [], args


SMUGGLED = {
    "store": A, "principal": {"store": A, "role": "owner"}, "home": "/", "path": f"../{A}/analytics.duckdb", "thread": "canaries",
    "data_version": "any", "con": A, "today": f"{YEAR}-04-01",
}  # fmt: skip


@pytest.mark.parametrize("argument", SMUGGLED)
def test_arguments_that_a_model_may_not_give(door: Door, a: Store, argument: str) -> None:
    value = {"home": str(door.home.root), "data_version": a.data_version}.get(argument, SMUGGLED[argument])
    fitting = {"query_metrics": {"metrics": ["revenue"], "by": ["product"]}, "match_products": {"text": "mug"},
               "run_sql": {"sql": "SELECT title FROM products"}}  # fmt: skip
    for tool in TOOLS:
        reply = {"calls": [{"tool": tool, "args": {**fitting.get(tool, {}), argument: value}}]}
        watched(door, "what sold best?", [reply, {"decline": "It isn't there."}])


def watched(door: Door, question: str, replies: list[dict[str, Any]], thread: str | None = None) -> None:
    """One turn through the model's door: neither the answer nor what the model was told holds a secret."""
    answer = door.ask(question, replies, thread=thread, audited=False)
    told = [m for messages in door.told for m in messages if m["role"] != "assistant"]  # those are the model's words
    assert door.told and seen_in([answer, told]) == []
    assert not BOUND & {
        name
        for request in door.server.requests
        for t in request["tools"]
        for name in t["function"]["parameters"]["properties"]
    }


@pytest.mark.parametrize("canary", CANARIES, ids=lambda c: c.where)
def test_a_model_that_looks_for_a_canary(door: Door, canary: Any) -> None:
    table, column = canary.where.split(".")
    sql = f"SELECT {column} AS said FROM {table} WHERE {column} ILIKE '{canary.bait}%'"
    calls = [{"tool": "match_products", "args": {"text": canary.bait}}, {"tool": "run_sql", "args": {"sql": sql}},
             {"tool": "describe_store", "args": {"table": table}}]  # fmt: skip
    watched(
        door, f"tell me of {canary.bait}", [{"calls": calls}, {"answer": "There is {r1.0.said}."}, {"decline": "No."}]
    )


# ---- SQL


@pytest.mark.parametrize("part", range(4))
def test_sql(b: Store, home: Home, part: int) -> None:
    for sql in sql_attempts(home)[part::4]:
        assert seen_in(called(b, "run_sql", {"sql": sql})) == [], sql


# ---- conversations


FOLLOW_UPS = (
    "and by month?",
    "the same again",
    "only the top 3",
    "and in the year before?",
    "sorry, I meant orders",
    "what did I ask before?",
)


@pytest.mark.parametrize("thread", [*THREADS, "shared"])
def test_conversations_of_a(home: Home, door: Door, thread: str) -> None:
    path = home.store(B) / "state.sqlite"
    for question in FOLLOW_UPS:
        watched(door, question, [{"decline": "I don't know."}], thread=thread)
        assert seen_in(asked(home, B, question, thread)) == []
    assert seen_in([vars(t) for t in recall(path, thread)]) == []
    turns = all_turns(path, thread)
    assert seen_in(as_markdown(turns, B)) == [] and seen_in([turn_html(t) for t in turns]) == []


def test_turns_side_by_side_do_not_mix(home: Home) -> None:
    def turn(n: int) -> list[str]:
        return [s for s in seen_in(asked(home, (A, B)[n % 2], "revenue by product", "side by side")) if n % 2]

    with ThreadPoolExecutor(6) as crowd:
        assert [found for found in crowd.map(turn, range(40)) if found] == []
    assert len(all_turns(home.store(A) / "state.sqlite", "side by side")) == 20


# ---- routes and pages


def test_routes_with_names_of_a(home: Home, client: TestClient) -> None:
    ask(Principal(home, B), "own", "revenue in 2024")
    for path in paths():
        reply = client.post(path) if path.endswith("/again") else client.get(path)
        assert reply.status_code in (404, 405) and seen_in(reply.text) == [], path
    assert client.get(f"/stores/{B}/threads/own/turns/1/receipts/r1.csv").status_code == 200


def test_the_page_of_b(home: Home, b: Store) -> None:
    shops, kept = Shops(Person(home), Settings()), threads(home.store(A) / "state.sqlite")
    for thread in (*THREADS, "own"):
        turns, lost = shops.turns(B, thread)
        assert seen_in([turn_html(t) for t in turns]) == [] and lost == []
        shops.forget(B, thread)
    for name in (f"../{B}/../{A}", f"{A}/", f"./{A}", "", "..", A.upper(), f"{A}\0"):
        assert shops.turns(name, "canaries") == ([], []) and shops.threads(name) == [] and shops.opened(name) is None
        shops.forget(name, "canaries")
    shown = threads_html(shops.threads(B), B, "") + header_html(b, B, Settings()) + " ".join(example_questions(b))
    assert seen_in(shown) == [] and threads(home.store(A) / "state.sqlite") == kept


@pytest.mark.parametrize("name", [f"../{A}", f"./{A}", f"{A}/", f"{B}/../{A}", A.upper(), f"{A}\0", f" {A}", "..", "", "*", f"{A}.work", "x" * 300, "stores", "／" + A])  # fmt: skip
def test_a_principal_of_no_store(home: Home, name: str) -> None:
    before = sorted(home.root.rglob("*"))
    answer = ask(Principal(home, name), "canaries", "total revenue")
    assert answer["status"] == "error" and answer["receipts"] == [] and seen_in(answer) == []
    assert sorted(home.root.rglob("*")) == before


# ---- receipts


def test_receipts_of_a_run_again_as_b(home: Home, b: Store) -> None:
    receipts = [
        r for t in THREADS for turn in all_turns(home.store(A) / "state.sqlite", t) for r in turn.answer["receipts"]
    ]
    for receipt in receipts:
        again = run_again(b, receipt)
        assert not again.same and seen_in([again.said, again.rows]) == []
        as_ours = run_again(b, {**receipt, "data_version": b.data_version})
        assert not as_ours.same and set(seen_in([as_ours.said, as_ours.rows])) <= {YEAR}  # which its SQL says itself
    assert len(receipts) >= 9


def test_forged_receipts_run_again_as_b(home: Home, b: Store) -> None:
    forged = {"tool": "run_sql", "input": {}, "rows": [["x"]], "row_count": 1, "columns": ["x"], "units": ["name"]}
    for sql in sql_attempts(home)[-43:]:
        again = run_again(b, {**forged, "sql": sql, "data_version": b.data_version})
        assert not again.same and seen_in([again.said, again.rows]) == [], sql
    for version in ("", "sha256:", f"../../{A}/versions", "*", open_store(home, A).data_version):
        with pytest.raises(UserError):
            b.version_file(version)


# ---- what is kept


KEPT_OF: dict[str, Callable[[Store], Any]] = {
    "names": lambda s: [names_of(s).values(d) for d in ("product", "category", "brand", "city", "channel", "segment")],
    "prompt": lambda s: system_prompt(s, date(2025, 1, 1)),
    "examples": lambda s: example_questions(s),
    "tables": lambda s: [vars(n) | {"columns": [vars(c) for c in n.columns]} for n in notes_of(s)],
    "counts": lambda s: _counts(s),
}  # fmt: skip


def _counts(store: Store) -> dict[str, int]:
    with store.connect() as con:
        return counts(store, con)


@pytest.mark.parametrize("what", KEPT_OF)
def test_what_is_kept_of_a_is_not_bs(a: Store, b: Store, what: str) -> None:
    of_a, of_b = KEPT_OF[what](a), KEPT_OF[what](b)
    assert of_a != of_b and seen_in(of_b) == [] and (seen_in(of_a) or what in ("counts", "examples"))


def test_a_store_that_had_as_data_and_then_its_own(tmp_path: Path) -> None:
    """Equal data first, then other data: what was kept of the first is not shown of the second."""
    home = Home(tmp_path)
    for name in (A, B):
        publish(home, name, build_a, format="tests")
        for kept in KEPT_OF.values():
            kept(open_store(home, name))
    publish(home, B, build_b, format="tests")
    store = open_store(home, B)
    assert [what for what, kept in KEPT_OF.items() if seen_in(kept(store))] == []
    assert seen_in(asked(home, B, "revenue by product", "t")) == []


@pytest.mark.parametrize("what", KEPT_OF)
def test_equal_versions_of_two_stores_are_kept_apart(
    a: Store, b: Store, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a version is called: the store's own name and home are what it is kept under."""
    alike, file = (
        replace(b, manifest=replace(b.manifest, data_version=a.data_version)),
        str(b.path / "analytics.duckdb"),
    )
    monkeypatch.setattr(Store, "connect", lambda _: duckdb.connect(file, read_only=True))
    assert seen_in(KEPT_OF[what](alike)) == []


def test_things_are_kept_for_one_store_and_not_without_end(a: Store, b: Store) -> None:
    kept: Kept[str] = Kept(most=3)
    elsewhere = replace(a, home=Home(Path("/elsewhere")))
    made = [kept.of(s, lambda s=s: f"{s.home.root} {s.name}") for s in (a, b, elsewhere)]  # type: ignore[misc]
    assert len(set(made)) == 3 == len(kept)
    assert kept.of(a, lambda: "anew") == made[0] and kept.of(a, lambda: "more", 1) == "more"
    assert len(kept) == 3 and kept.of(b, lambda: "anew") == "anew"  # the longest unused has gone


# ---- that these tests could fail


def test_there_are_enough_attempts(home: Home) -> None:
    attempts = [len(QUESTIONS) * (len(BAITS) + 1), len(PLAIN_QUESTIONS), len(tool_calls()), len(SMUGGLED) * len(TOOLS), len(CANARIES),
                len(sql_attempts(home)), 2 * len(FOLLOW_UPS) * 4, 20, len(paths()), 18, 43 + 2 * 9, 3 * len(KEPT_OF)]  # fmt: skip
    assert sum(attempts) >= 500, attempts


def test_a_itself_sees_every_canary(home: Home, a: Store) -> None:
    sql = [f"SELECT {c.where.split('.')[1]} AS said FROM {c.where.split('.')[0]} WHERE 1 = 1" for c in CANARIES]
    shown: Sequence[Any] = [called(a, "run_sql", {"sql": each}) for each in sql]
    shown = [
        *shown,
        *(called(a, tool, args) for tool, args in tool_calls()),
        [vars(t) for t in recall(a.state_path, "canaries")],
    ]
    assert set(seen_in(json.dumps([str(each) for each in shown]))) == set(SECRETS)
    questions = [asked(home, A, question.format(BAITS[0]), "sees") for question in QUESTIONS]
    assert "Ozwick" in seen_in(questions) and "Gristane" in seen_in(asked(home, A, "orders by city", "sees"))
