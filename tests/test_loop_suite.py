"""Questions of the development suite through the LLM door, the model's part given by hand: right, and audited clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.suites import Question
from evals.suites import load as load_suite
from store.paths import Home
from tests.llm_door import Case, Reply, faults, load
from tests.servers.door import Door, opened

CASES = [pytest.param(c, id=c.id, marks=[pytest.mark.slow] if i % 5 > 1 else []) for i, c in enumerate(load())]


@pytest.fixture(scope="module")
def suite(shared: Path) -> dict[str, Question]:
    file = shared / "questions" / "dev.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is missing: its questions can't be asked")
    return {question.id: question for question in load_suite(file)}


@pytest.fixture(scope="module")
def door(reference_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(reference_home, "reference", tmp_path_factory.mktemp("suite")) as door:
        yield door


@pytest.mark.parametrize("case", CASES)
def test_a_capable_models_replies_are_shown_and_right(door: Door, suite: dict[str, Question], case: Case) -> None:
    question, answers = suite[case.id], []
    for said, turn in zip(question.turns, case.turns, strict=True):
        answers.append(door.ask(said, [scripted(r) for r in turn], thread=case.id, audited=False))
        assert len(door.server.requests) == len(turn), "a reply was refused, or one was left over"
        assert answers[-1]["usage"]["model"] == "scripted"
    assert faults(question, answers, door.home, "reference") == []


def scripted(reply: Reply) -> dict[str, object]:
    """A reply as the server takes it."""
    if reply.outcome is None:
        return {"calls": [{"tool": c.tool, "args": c.args} for c in reply.calls]}
    choices = {"clarify": "options", "decline": "suggestions"}.get(reply.outcome)
    return {reply.outcome: reply.text} | ({choices: list(reply.options)} if choices else {})
