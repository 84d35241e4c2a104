"""What becomes of messages whose meaning is known: right, wrong, refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.plan import Clarify, Decline, Outcome, Plan, Turn
from agent.planner.corpus import Conversation, Said
from agent.planner.learned import plan as plan_of
from agent.planner.parser import Reading
from agent.planner.planner import Shop
from evals.voices.shop import shop_of

Planner = Callable[[str, Sequence[Turn], Shop], Outcome]
VERDICTS = ("right", "refused", "wrong")
SAID = ("said",)  # how a condition was put is no part of what it is


@dataclass(frozen=True)
class Judged:
    """A message with what it should have come to and what it did come to."""

    where: str
    said: Said
    turns: tuple[Turn, ...]
    gold: Outcome
    got: Outcome
    shop: Shop

    @property
    def verdict(self) -> str:
        if same(self.gold, self.got):
            return "right"
        return "wrong" if isinstance(self.got, Plan) else "refused"

    @property
    def kind(self) -> str:
        m = self.said.meaning
        if m.tool or m.decline or m.clarify:
            return "tool" if m.tool else "decline" if m.decline else "clarify"
        return "follow-up" if "lean" in m.flags else "question"


def judge(conversations: Iterable[Conversation], planner: Planner) -> list[Judged]:
    """Each message asked where the conversation before it has gone right; those whose labels come to no plan are left out."""
    out = []
    for c in conversations:
        shop, turns = shop_of(c), list[Turn]()
        for i, said in enumerate(c.messages):
            gold = meant(said, turns, shop)
            if not (_figures(said) and not isinstance(gold, Plan)):
                out.append(Judged(f"{c.where}+{i}", said, tuple(turns), gold, planner(said.text, turns, shop), shop))
            turns.append(Turn(said.text, gold))
    return out


def _figures(said: Said) -> bool:
    m = said.meaning
    return not (m.tool or m.decline or m.clarify)


def meant(said: Said, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """What the labels of a message come to."""
    return plan_of(Reading(said.text, said.meaning, said.spans), turns, shop)


def same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes ask for the same: the same calls, or both a refusal of any kind."""
    if isinstance(a, Plan) and isinstance(b, Plan):
        return _calls(a) == _calls(b)
    return isinstance(a, Clarify | Decline) and isinstance(b, Clarify | Decline)


def _calls(plan: Plan) -> list[Any]:
    return [c.tool if c.tool != "query_metrics" else _plain(c.args) for c in plan.calls if c.tool != "match_products"]


def _plain(value: Any) -> Any:
    """Arguments without how they were put, in an order of their own."""
    if isinstance(value, dict):
        return sorted((k, repr(_plain(v))) for k, v in value.items() if k not in SAID)
    if isinstance(value, list):
        plain = [_plain(v) for v in value]
        return sorted(plain, key=repr) if value and isinstance(value[0], dict) else plain
    return value


def shares(judged: Sequence[Judged]) -> dict[str, float]:
    """Of all messages, the share of each verdict."""
    counts = Counter(j.verdict for j in judged)
    return {v: counts[v] / max(1, len(judged)) for v in VERDICTS}
