"""The LLM path: a language model plans with the same tools; every number it writes is checked all the same."""

from __future__ import annotations

from collections.abc import Sequence

from agent.answer import Draft
from agent.plan import Outcome, Turn
from agent.settings import Settings
from agent.work import Work


def answer(text: str, turns: Sequence[Turn], work: Work, settings: Settings) -> tuple[Outcome, Draft]:
    raise NotImplementedError
