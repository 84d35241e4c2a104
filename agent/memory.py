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
    return [Turn(t.question, from_json(t.outcome), t.answer) for t in state.last_turns(path, thread, KEPT)]


def remember(
    path: Path, thread: str, question: str, outcome: Outcome, answer: dict[str, Any], *, ends: str | None = None
) -> int:
    """Writes the turn down and gives its number; `ends` is what `asking` gave."""
    return state.append_turn(path, thread, question, to_json(outcome), answer, ends=ends)


@contextmanager
def asking(path: Path, thread: str, question: str) -> Iterator[str]:
    """The question is on record as unanswered for as long as this lasts, and after it where the process dies in it."""
    number = state.begin_question(path, thread, question)
    try:
        yield number
    finally:
        state.end_question(path, number)
