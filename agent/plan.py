"""What a planner may decide, and what it is told: Plan | Clarify | Decline, from the text and the last turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One tool call, exactly as an LLM would make it."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Tool calls to make, in order, and the language to answer in; a title where no metric says what is counted.

    `main` is the call that a follow-up leans on: of several questions the last one's.
    """

    calls: tuple[Call, ...]
    locale: str = "en"
    title: str = ""
    main: int = 0


@dataclass(frozen=True)
class Clarify:
    """A question back, with options that can be chosen as they stand.

    `resume` is the question that was asked, with CHOICE where the chosen option belongs. Where the options are readings
    of the question, `readings` holds the plan of each. Else each of the options is a question of its own.
    """

    question: str
    options: tuple[str, ...] = ()
    locale: str = "en"
    resume: str = ""
    readings: tuple[Plan, ...] = ()
    unread: bool = False  # something wasn't understood or said, rather than known to have several meanings


@dataclass(frozen=True)
class Decline:
    """What can't be answered and what is missing, with the nearest things that can."""

    reason: str
    suggestions: tuple[str, ...] = ()
    locale: str = "en"
    unread: bool = False  # words that nothing accounts for, rather than data that isn't there


CHOICE = "{choice}"

Outcome = Plan | Clarify | Decline


def same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes ask for the same: the same calls, or both a refusal of any kind."""
    if isinstance(a, Plan) and isinstance(b, Plan):
        return _calls(a) == _calls(b)
    return isinstance(a, Clarify | Decline) and isinstance(b, Clarify | Decline)


def includes(a: Plan, b: Plan) -> bool:
    """Whether all that `b` asks for is asked for by `a` too, be it among other figures."""
    return all(any(_gives(one, other) for one in a.calls) for other in b.calls if other.tool != "match_products")


def repeats(a: Outcome, b: Outcome) -> bool:
    """Whether a plan makes no call that the plan before it didn't make."""
    return isinstance(a, Plan) and isinstance(b, Plan) and all(call in _calls(b) for call in _calls(a))


def _gives(one: Call, other: Call) -> bool:
    """Whether a call gives all figures of another one, of the same things."""
    figures = [set(c.args.get("metrics", [])) for c in (one, other)]
    rest = [Plan((Call(c.tool, {k: v for k, v in c.args.items() if k != "metrics"}),)) for c in (one, other)]
    return figures[0] >= figures[1] and same(*rest)


def _calls(plan: Plan) -> list[Any]:
    return [c.tool if c.tool != "query_metrics" else _plain(c.args) for c in plan.calls if c.tool != "match_products"]


def _plain(value: Any) -> Any:
    """Arguments without how they were put, lists in an order of their own, names however they are written."""
    if isinstance(value, dict):
        return sorted((k, repr(_plain(v))) for k, v in value.items() if k != "said")
    if isinstance(value, list):
        return sorted((_plain(v) for v in value), key=repr)
    return value.casefold() if isinstance(value, str) else value


@dataclass(frozen=True)
class Turn:
    """An earlier turn of the conversation: its question, what was planned and the answer object (answer.md)."""

    question: str
    outcome: Outcome
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> Call | None:
        return self.outcome.calls[self.outcome.main] if isinstance(self.outcome, Plan) and self.outcome.calls else None


def to_json(outcome: Outcome) -> dict[str, Any]:
    """For the conversation's memory; `from_json` is its inverse."""
    if isinstance(outcome, Plan):
        calls = [{"tool": c.tool, "args": c.args} for c in outcome.calls]
        about = {"locale": outcome.locale, "title": outcome.title, "main": outcome.main}
        return {"kind": "plan", "calls": calls, **about}
    if isinstance(outcome, Clarify):
        return {
            "kind": "clarify",
            "question": outcome.question,
            "options": list(outcome.options),
            "locale": outcome.locale,
            "resume": outcome.resume,
            "readings": [to_json(plan) for plan in outcome.readings],
        }
    return {
        "kind": "decline",
        "reason": outcome.reason,
        "suggestions": list(outcome.suggestions),
        "locale": outcome.locale,
    }


def from_json(data: dict[str, Any]) -> Outcome:
    if data["kind"] == "plan":
        calls = tuple(Call(c["tool"], c["args"]) for c in data["calls"])
        return Plan(calls, data["locale"], data.get("title", ""), data.get("main", 0))
    if data["kind"] == "clarify":
        readings = [from_json(plan) for plan in data.get("readings", [])]
        plans = tuple(plan for plan in readings if isinstance(plan, Plan))
        return Clarify(data["question"], tuple(data["options"]), data["locale"], data.get("resume", ""), plans)
    return Decline(data["reason"], tuple(data["suggestions"]), data["locale"])
