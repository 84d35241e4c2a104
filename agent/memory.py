"""What was said before in a conversation: (question, plan, answer) rows in the store's state.sqlite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.plan import Outcome, Turn, from_json, to_json
from store import state

KEPT = 8  # turns that a planner sees


def recall(path: Path, thread: str) -> list[Turn]:
    """The thread's last turns, oldest first."""
    return [_planned(turn) for turn in state.last_turns(path, thread, KEPT)]


def first(path: Path, begins: str) -> Turn | None:
    """The first turn of any thread whose name begins so."""
    found = state.first_turn(path, begins)
    return _planned(found) if found else None


def _planned(turn: state.Turn) -> Turn:
    return Turn(turn.question, from_json(turn.outcome), turn.answer)


def remember(
    path: Path,
    thread: str,
    question: str,
    outcome: Outcome,
    answer: dict[str, Any],
    *,
    ends: str | None = None,
    key: state.Key | None = None,
) -> int:
    """Writes the turn down and gives its number; `ends` is what `asking` gave, `key` what it is answered once under."""
    return state.append_turn(path, thread, question, to_json(outcome), answer, ends=ends, key=key)


@contextmanager
def asking(path: Path, thread: str, question: str) -> Iterator[str]:
    """The question is on record as unanswered for as long as this lasts, and after it where the process dies in it."""
    number = state.begin_question(path, thread, question)
    try:
        yield number
    finally:
        state.end_question(path, number)
