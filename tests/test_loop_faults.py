"""Every fault of a model and its server has one outcome: the model's answer after all, or the local path's, in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agent.settings import Settings
from agent.texts import text as words
from agent.watch import Watch
from store.paths import Home
from tests.servers.door import Door, opened
from tests.servers.replies import Reply

QUESTION = "revenue in 2024"  # the local planner knows this one
RIDDLE = "revenue of the beeswax unicorns that never were"  # and not this one
SETTINGS = Settings("scripted", seconds=8.0, pause=0.01)
HURRY = replace(SETTINGS, seconds=2.4)
LATE = 4.0  # seconds that a turn may end after its deadline on a busy machine
SHOWN = "Revenue was £4,388.80 in 2024."


def call(tool: str = "query_metrics", **args: Any) -> Reply:
    return {"calls": [{"tool": tool, "args": args}]}


def raw(arguments: str) -> Reply:
    return {"calls": [{"tool": "query_metrics", "args": arguments}]}


def fault(name: str, **fields: Any) -> Reply:
    return {"fault": name, **fields}


def status(code: int, **fields: Any) -> Reply:
    return fault("status", code=code, **fields)


CALL = call(metrics=["revenue"], period="2024")
ANSWER: Reply = {"answer": "Revenue was {r1.0.revenue} in {r1.period}."}
MONTHS = [call(metrics=["revenue"], period=f"2024-{m:02d}") for m in range(1, 13)]
MANY: Reply = {
    "calls": [
        MONTHS[i % 12]["calls"][0] | {"args": {"metrics": ["orders"], "limit": i + 1, "by": ["day"]}} for i in range(40)
    ]
}
DEAR = {"usage": [60_000, 1_000]}


@dataclass(frozen=True)
class Case:
    """Replies that go on for ever as the last one does; `why` the model fails, after how many requests."""

    replies: tuple[Reply, ...]
    why: str
    requests: int
    settings: Settings = SETTINGS


CASES = {
    # the connection and the server
    "reset": Case((fault("reset"),), "unreachable", 3),
    "half a stream": Case((fault("half"),), "unreachable", 3),
    "half a stream, on the second step": Case((CALL, fault("half")), "unreachable", 4),
    "half a stream that ends well": Case((fault("ends"),), "broken", 3),
    "500": Case((status(500),), "unreachable", 3),
    "503": Case((status(503, retry_after=0),), "unreachable", 3),
    "503 for an hour": Case((status(503, retry_after=3600),), "unreachable", 1),
    "429": Case((status(429),), "busy", 3),
    "429 for too long": Case((status(429, retry_after=60),), "busy", 1),
    "429 until next year": Case((status(429, retry_after="Fri, 31 Dec 2100 23:59:59 GMT"),), "busy", 1),
    "429, no credit": Case((status(429, type="insufficient_quota"),), "busy", 1),
    "401": Case((status(401),), "refused", 1),
    "404": Case((status(404),), "refused", 1),
    "a redirection": Case((status(307, location="/v1/elsewhere"),), "refused", 1),
    "400": Case((status(400),), "refused", 1),
    "garbage": Case((fault("garbage"),), "broken", 3),
    "events without JSON": Case((fault("no json"),), "broken", 3),
    "events of nulls": Case((fault("null"),), "broken", 3),
    "an error in the stream": Case((fault("error"),), "broken", 3),
    "an empty stream": Case((fault("nothing"),), "broken", 3),
    "a reply cut off": Case((CALL, {"text": "Revenue was {r1.0.revenue} in", "finish": "length"}), "broken", 4),
    "a reply withheld": Case(({"text": "", "finish": "content_filter"},), "broken", 3),
    "a flood": Case((fault("flood"),), "broken", 3),
    # time
    "silence": Case((fault("silent"),), "slow", 2, HURRY),
    "half a stream, then silence": Case((fault("stalls"),), "slow", 2, HURRY),
    "a drip": Case((fault("drip"),), "slow", 1, HURRY),
    "a drip, on the second step": Case((CALL, fault("drip")), "slow", 2, HURRY),
    # the model
    "malformed arguments": Case((raw('{"metrics": ["revenue'),), "lost", 3),
    "arguments that lack their end": Case((raw('{"metrics": ["revenue"]'),), "lost", 3),
    "arguments that are a list": Case((raw("[1]"),), "lost", 3),
    "arguments nested without end": Case((raw('{"metrics": ' + "[" * 100_000),), "broken", 3),
    "arguments nested deep": Case((raw('{"metrics": ' + "[" * 900 + "]" * 900 + "}"),), "lost", 3),
    "malformed arguments of great length": Case((raw('{"metrics": ["' + "revenue " * 40_000),), "lost", 3),
    "an unknown tool": Case((call("drop_table", name="orders"),), "lost", 3),
    "a bound argument": Case((call(metrics=["revenue"], store="other"),), "lost", 3),
    "another day": Case((call(metrics=["revenue"], today="2024-01-01"),), "lost", 3),
    "wrong types": Case((call(metrics=5), call(metrics=["revenue"], limit="ten"), call(metrics=[["a"]])), "lost", 3),
    "no arguments": Case((call(),), "lost", 3),
    "an outcome of a wrong type": Case(({"answer": 5},), "lost", 3),
    "two outcomes at once": Case(({"answer": "a", "clarify": "b"},), "lost", 3),
    "nothing said": Case(({"text": ""},), "lost", 3),
    "a blank answer": Case((CALL, {"answer": "  \n"}), "lost", 4),
    "a blank question": Case(({"clarify": " ", "options": ["a"]},), "lost", 3),
    "an endless answer": Case((CALL, {"answer": "Sales were good. " * 2_000}), "lost", 4),
    "a picture": Case((CALL, {"answer": "![{r1.0.revenue}](http://127.0.0.1/x.png)"}), "lost", 4),
    "a link": Case((CALL, {"answer": "{r1.0.revenue}, see https://example.com"}), "lost", 4),
    "HTML": Case((CALL, {"text": "<b>{r1.0.revenue}</b>"}), "lost", 4),
    "sums without end": Case((CALL, {"answer": "".join("{sum(r1.*.revenue" + " " * i + ")} " for i in range(100))}), "lost", 4),
    "an answer out of the air": Case(({"answer": "Revenue did nicely."},), "lost", 3),
    "the same call again and again": Case((CALL,), "lost", 4),
    "the same call side by side": Case(({"calls": CALL["calls"] * 5},), "lost", 3),
    "calls without end": Case((*MONTHS,), "lost", 8),
    "calls without end, side by side": Case((MANY,), "lost", 1),
    "too many tokens": Case(tuple(m | DEAR for m in MONTHS), "lost", 4),
    "too dear": Case(tuple(m | DEAR for m in MONTHS), "lost", 2, replace(SETTINGS, cost=1.0, prices=(10.0, 30.0))),
}  # fmt: skip


@pytest.fixture(scope="module")
def door(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(tiny_home, "tiny", tmp_path_factory.mktemp("faults")) as door:
        door.ask(QUESTION, [CALL, ANSWER])  # what is imported here counts against nobody's deadline
        yield door


@pytest.fixture(scope="module")
def local(door: Door) -> dict[str, Any]:
    """What the local path answers by itself."""
    return door.ask(QUESTION, [], settings=Settings())


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_where_the_model_fails_the_local_path_answers_and_says_so(
    door: Door, local: dict[str, Any], case: Case
) -> None:
    answer = door.ask(QUESTION, case.replies, repeat=True, settings=case.settings, audited=False)
    assert door.seconds < case.settings.seconds + LATE
    made = len(door.server.requests)
    assert made == case.requests or (
        case.settings is HURRY and 1 <= made < case.requests
    )  # a busy machine has less time
    assert (answer["status"], answer["usage"]["model"]) == ("answered", "local")
    said = words("answered_instead", "en", why=words(case.why, "en"))
    assert answer["answer"] == f"{local['answer']}\n\n{said}"  # and that answer is audited
    assert answer["numbers"] == local["numbers"]
    assert [r["sql"] for r in answer["receipts"]] == [r["sql"] for r in local["receipts"]]


RECOVERED = {
    "reset": (fault("reset"), 3),
    "half a stream": (fault("half"), 3),
    "a stream without its end": (fault("ends"), 3),
    "500": (status(500), 3),
    "429": (status(429, retry_after=0.1), 3),
    "events without JSON": (fault("no json"), 3),
    "an error in the stream": (fault("error"), 3),
    "silence": (fault("silent"), 3),
    "malformed arguments": (raw('{"metrics": ["revenue"'), 3),
    "an unknown tool": (call("predict_churn", days=7), 3),
    "wrong types": (call(metrics="revenue", by=7), 3),
    "an unknown metric": (call(metrics=["happiness"]), 3),
    "nothing said": ({"text": " "}, 3),
    "an outcome of a wrong type": ({"answer": ["Revenue"]}, 3),
    "out of the air": ({"text": "Revenue was wonderful."}, 3),
    "a wrong number": ({"text": "Revenue was £9,999.99."}, 3),
}


@pytest.mark.parametrize(("reply", "requests"), [pytest.param(*v, id=k) for k, v in RECOVERED.items()])
def test_a_fault_that_passes_leaves_no_trace(door: Door, reply: Reply, requests: int) -> None:
    settings = replace(SETTINGS, seconds=3.0)
    answer = door.ask(QUESTION, [reply, CALL, ANSWER], settings=settings)
    assert (answer["answer"], answer["usage"]["model"]) == (SHOWN, "scripted")
    assert len(door.server.requests) == requests


def test_a_server_that_is_not_there(door: Door) -> None:
    answer = door.ask(QUESTION, [], settings=replace(SETTINGS, base_url="http://127.0.0.1:9/v1"))
    assert answer["answer"].endswith("The language model could not be reached, so the local planner answered.")


def test_retry_after_is_kept_to(door: Door) -> None:
    answer = door.ask(QUESTION, [status(429, retry_after=1), CALL, ANSWER], settings=SETTINGS)
    assert answer["answer"] == SHOWN and door.seconds >= 1.0


def test_the_sentence_is_in_the_questions_language(door: Door) -> None:
    answer = door.ask("2024年的销售额", [status(401)], settings=SETTINGS)
    assert answer["status"] == "answered" and answer["answer"].endswith("语言模型拒绝了请求，因此由本地规划器作答。")


def test_what_was_looked_up_so_far_is_shown_where_nobody_answers(door: Door) -> None:
    answer = door.ask(RIDDLE, [CALL, status(401)], settings=SETTINGS)
    assert answer["status"] == "declined"
    assert answer["answer"].startswith("The language model refused the request. This is what it had looked up so far:")
    assert "£4,388.80" in answer["answer"] and answer["usage"]["input_tokens"] == 100


def test_where_nothing_was_looked_up_the_local_path_has_its_say(door: Door) -> None:
    answer = door.ask(RIDDLE, [status(401)], settings=SETTINGS)
    assert answer["status"] in ("declined", "clarify")
    assert answer["answer"].endswith("The language model refused the request, so the local planner took over.")


def test_tokens_of_a_model_that_failed_are_counted(door: Door) -> None:
    answer = door.ask(QUESTION, [CALL, status(401)], settings=replace(SETTINGS, prices=(1.0, 10.0)))
    assert answer["usage"] == {
        "model": "local",
        "input_tokens": 100,
        "output_tokens": 20,
        "cost": 0.0003,
        "currency": "USD",
    }


@pytest.mark.parametrize(
    "replies", [[fault("drip")], [fault("silent")], [CALL, fault("stalls")], [status(429, retry_after=5)]]
)
def test_a_stopped_turn_hangs_up_at_once(door: Door, replies: list[Reply]) -> None:
    watch = Watch()
    button = threading.Timer(0.4, watch.stop)
    button.start()
    answer = door.ask(QUESTION, replies, repeat=True, settings=SETTINGS, watch=watch)
    button.join()
    assert (answer["status"], answer["answer"]) == ("declined", "Stopped, as you asked. Nothing was answered.")
    assert door.seconds < LATE  # as long as the server is waited for, and half of what the turn may take
    _hangs_up(door)


@pytest.mark.parametrize("reply", [fault("drip"), fault("silent"), fault("stalls")])
def test_a_turn_past_its_deadline_hangs_up(door: Door, reply: Reply) -> None:
    door.ask(QUESTION, [reply], repeat=True, settings=HURRY)
    _hangs_up(door)


def _hangs_up(door: Door) -> None:
    until = time.monotonic() + 2 * LATE
    while door.server.open and time.monotonic() < until:
        time.sleep(0.02)
    assert door.server.open == 0
