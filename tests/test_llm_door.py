"""The material for the LLM door: what a capable model would say is graded right and audited clean."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agent.receipts import Unproven
from evals.suites import Question
from evals.suites import load as load_suite
from store.connect import Store
from store.errors import UserError
from store.paths import Home
from tests.llm_door import Case, faults, load, prove

CASES = load()
KINDS = {"value": 12, "rows": 8, "decline": 4, "clarify": 3}  # at least so many of each
ORDERS = Question("q", ("how many orders?",), "value", "SELECT COUNT(*) FROM orders WHERE status = 'completed'")
COUNT = {"calls": [{"tool": "query_metrics", "args": {"metrics": ["orders"]}}]}
ANSWER = {"answer": "There were {r1.0.orders} orders."}


@pytest.fixture(scope="module")
def suite(shared: Path) -> dict[str, Question]:
    file = shared / "questions" / "dev.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is missing: its questions can't be asked")
    return {question.id: question for question in load_suite(file)}


@pytest.mark.slow  # tests/test_loop_suite.py puts the same through the loop
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_replies_come_to_the_right_answer(
    suite: dict[str, Question], reference: Store, reference_home: Home, case: Case
) -> None:
    question = suite[case.id]
    assert len(case.turns) == len(question.turns)
    assert faults(question, prove(reference, question, case), reference_home, "reference") == []


def test_the_material_is_varied(suite: dict[str, Question]) -> None:
    questions = [suite[case.id] for case in CASES]
    kinds = Counter(q.kind for q in questions)
    assert all(kinds[kind] >= least for kind, least in KINDS.items())
    tags = Counter(tag for q in questions for tag in q.tags)
    assert min(tags[tag] for tag in ("followup", "zh", "compare", "share", "topk", "trend", "complex", "chart")) > 0
    assert sum(len(q.turns) > 1 for q in questions) >= 4
    assert any(len(reply.calls) > 1 for case in CASES for turn in case.turns for reply in turn)
    assert any(len(turn) > 2 for case in CASES for turn in case.turns)  # a call that failed, and another one


def case_of(folder: Path, *lines: Any) -> Case:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return load(path)[-1]


def test_right_replies_pass(tmp_path: Path, tiny: Store, tiny_home: Home) -> None:
    case = case_of(tmp_path, {"id": "q", "turns": [[COUNT, ANSWER]]})
    (answer,) = prove(tiny, ORDERS, case)
    assert faults(ORDERS, [answer], tiny_home, "tiny") == []
    assert (answer["status"], answer["turn"], [s["ok"] for s in answer["steps"]]) == ("answered", 1, [True])


def test_a_failed_call_makes_no_receipt(tmp_path: Path, tiny: Store, tiny_home: Home) -> None:
    wrong = {"calls": [{"tool": "query_metrics", "args": {"metrics": ["no such metric"]}}]}
    case = case_of(tmp_path, {"id": "q", "turns": [[wrong, COUNT, ANSWER]]})
    (answer,) = prove(tiny, ORDERS, case)
    assert faults(ORDERS, [answer], tiny_home, "tiny") == []
    assert [s["ok"] for s in answer["steps"]] == [False, True]


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([{"calls": [{"tool": "query_metrics", "args": {"metrics": ["orders"], "limit": 1, "by": "country"}}]}, {"answer": "{r1.0.country}: {r1.0.orders} orders."}], "not among the numbers"),
        ([COUNT, {"clarify": "Which ones?", "options": ["All of them"]}], "status is 'clarify'"),
        ([COUNT, {"decline": "No."}], "status is 'declined'"),
    ],
)  # fmt: skip
def test_wrong_replies_do_not_pass(
    tmp_path: Path, tiny: Store, tiny_home: Home, replies: list[dict[str, Any]], said: str
) -> None:
    case = case_of(tmp_path, {"id": "q", "turns": [replies]})
    assert said in " ".join(faults(ORDERS, prove(tiny, ORDERS, case), tiny_home, "tiny"))


@pytest.mark.parametrize("prose", ["There were {r2.0.orders} orders.", "There were twelve orders.", "About 5 orders."])
def test_prose_that_proves_nothing_is_refused(tmp_path: Path, tiny: Store, prose: str) -> None:
    case = case_of(tmp_path, {"id": "q", "turns": [[COUNT, {"answer": prose}]]})
    with pytest.raises(Unproven):
        prove(tiny, ORDERS, case)


GOOD = {"id": "q", "turns": [[COUNT, ANSWER]]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"turns": [[ANSWER]]}, "id should be a text"),
        ({"id": "q"}, "turns should be a list"),
        (GOOD | {"kind": "value"}, "a line has no kind"),
        ({"id": "q", "turns": [[]]}, "turn 1 should be a list with something"),
        ({"id": "q", "turns": [[ANSWER], [COUNT]]}, "turn 2 should end with its only"),
        ({"id": "q", "turns": [[ANSWER, ANSWER]]}, "turn 1 should end with its only"),
        ({"id": "q", "turns": [[{}]]}, "a reply of turn 1 should have one of calls"),
        ({"id": "q", "turns": [[COUNT | ANSWER]]}, "a reply of turn 1 should have one of calls"),
        ({"id": "q", "turns": [[ANSWER | {"options": ["a"]}]]}, "turn 1 has no options"),
        ({"id": "q", "turns": [[{"decline": "No.", "suggestions": "more"}]]}, "suggestions should be a list"),
        ({"id": "q", "turns": [[{"answer": " "}]]}, "answer should be a text"),
        ({"id": "q", "turns": [[{"calls": [{"tool": "guess", "args": {}}]}, ANSWER]]}, "should have a tool"),
        ({"id": "q", "turns": [[{"calls": [{"tool": "data_coverage"}]}, ANSWER]]}, "and args"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, line: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=r"cases\.jsonl line 2: ") as raised:
        case_of(tmp_path, GOOD | {"id": "first"}, line)
    assert said in str(raised.value)


def test_an_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 2: id 'q' is taken"):
        case_of(tmp_path, GOOD, GOOD)
