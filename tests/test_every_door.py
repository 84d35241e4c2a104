"""One answer, every door: equal answers and receipts, follow-ups included, whichever way a question comes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from agent.ask import ask
from agent.principal import Principal
from agent.settings import Settings
from agent.watch import Watch
from evals.again import tools_of
from evals.audit import audit
from store.paths import Home
from store.users import create_token
from tests.ways import WAYS, Answer, Served, mcp_stdio, same, served
from ui.serving import announced, asked_there

TINY = (
    ("how many orders in 2024", "and in 2023?", "and revenue?"),
    ("revenue by month in 2024", "only the top 3"),
    ("what is the weather like?",),
    ("top 5", "by revenue"),
    ("今年每个月的订单数",),
)


def opened(home: Home, store: str) -> Iterator[Served]:
    with served(home, store, create_token(home, "every", "analyst", [store], timedelta(days=1))[1]) as at:
        yield at


@pytest.fixture(scope="module")
def tiny_door(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("doors") / "home"
    shutil.copytree(tiny_home.root, root)
    yield from opened(Home(root), "tiny")


@pytest.fixture(scope="module")
def reference_door(reference_home: Home) -> Iterator[Served]:
    yield from opened(reference_home, "reference")


def straight(at: Served, questions: Sequence[str]) -> list[Answer]:
    thread = uuid4().hex
    return [ask(Principal(at.home, at.store), thread, question) for question in questions]


@pytest.mark.parametrize("way", WAYS)
def test_the_tiny_shops_answers(tiny_door: Served, way: str) -> None:
    for questions in TINY:
        expected = [same(a) for a in straight(tiny_door, questions)]
        assert [same(a) for a in WAYS[way](tiny_door, questions)] == expected


def test_the_command_line_asks_the_server_that_runs(tiny_door: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_here(*_: object, **__: object) -> None:
        raise AssertionError("the command line answered by itself")

    monkeypatch.setattr("agent.ask.ask", ask_here)
    answers = WAYS["command line, beside a server"](tiny_door, TINY[0])
    assert [answer["status"] for answer in answers] == ["answered"] * 3
    assert not tiny_door.home.serving.exists()


def test_a_server_that_is_gone_or_answers_otherwise_is_not_asked(tiny_door: Served) -> None:
    put = partial(asked_there, tiny_door.home, store="tiny", thread="t", question="how many orders?", watch=Watch())
    assert put(Settings()) is None
    with announced(tiny_door.home, Settings(), "127.0.0.1", 9, tiny_door.owner):  # nobody listens there
        assert put(Settings()) is None
    with announced(tiny_door.home, Settings(), "127.0.0.1", tiny_door.port, "wrong"):
        assert put(Settings()) is None
    with announced(tiny_door.home, Settings(model="other"), "127.0.0.1", tiny_door.port, tiny_door.owner):
        assert put(Settings()) is None
        assert tiny_door.home.serving.stat().st_mode & 0o077 == 0
    tiny_door.home.serving.write_text("{not json")
    assert put(Settings()) is None


@pytest.mark.slow
def test_mcp_over_stdio(tiny_door: Served) -> None:
    found = mcp_stdio(tiny_door, TINY)
    assert [[same(a) for a in each] for each in found] == [
        [same(a) for a in straight(tiny_door, each)] for each in TINY
    ]


def dev_questions(shared: Path, count: int = 20) -> list[list[str]]:
    """As many with follow-ups as without, spread over the suite."""
    lines = (shared / "questions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [json.loads(line)["turns"] for line in lines]
    kinds = [[t for t in turns if len(t) > 1], [t for t in turns if len(t) == 1]]
    return [kind[i * len(kind) // (count // 2)] for kind in kinds for i in range(count // 2)]


@pytest.mark.slow
def test_dev_questions_through_every_door(reference_door: Served, shared: Path) -> None:
    conversations = dev_questions(shared)
    assert len(conversations) == 20
    expected = [straight(reference_door, questions) for questions in conversations]
    rerun = tools_of(reference_door.home, "reference")
    for questions, answers in zip(conversations, expected, strict=True):
        asked = "\n".join(questions)
        assert audit(answers[-1], reference_door.home, "reference", question=asked, rerun=rerun) == []
    wanted = [[same(a) for a in answers] for answers in expected]
    for name, way in WAYS.items():
        for questions, expected_of in zip(conversations, wanted, strict=True):
            assert [same(a) for a in way(reference_door, questions)] == expected_of, (name, questions)
    assert [[same(a) for a in answers] for answers in mcp_stdio(reference_door, conversations)] == wanted
