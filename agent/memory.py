"""The conversation's last turns, from and to the store's state.sqlite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.plan import Outcome, Turn, from_json, to_json
from store import state

KEPT = 8  # turns that a planner sees


def recall(path: Path, thread: str) -> list[Turn]:
    """The thread's last turns, oldest first."""
    return [Turn(t.question, from_json(t.outcome), t.answer) for t in state.last_turns(path, thread, KEPT)]


def remember(path: Path, thread: str, question: str, outcome: Outcome, answer: dict[str, Any]) -> int:
    """Writes the turn down and gives its number."""
    return state.append_turn(path, thread, question, to_json(outcome), answer)
