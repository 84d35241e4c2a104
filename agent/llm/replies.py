"""The three ways in which a model may end its turn, as tools: their docstrings are what it reads."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """Ends the turn with the answer: markdown in the question's language, every number a reference such as
    {r1.0.revenue}, never digits of your own."""

    prose: str


@dataclass(frozen=True)
class Clarify:
    """Ends the turn with a question back, where two readings differ and no convention decides. `options` are two to
    five whole messages that the merchant could send next, ready to be chosen as they stand."""

    question: str
    options: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Decline:
    """Ends the turn by saying what can't be answered and what is missing. `suggestions` are questions near to it that
    this shop's data can answer."""

    reason: str
    suggestions: list[str] = field(default_factory=list)


Reply = Answer | Clarify | Decline
