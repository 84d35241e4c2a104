"""What becomes of messages whose meaning is known: each asked of a shop that has what its conversation names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.plan import Outcome, Plan, Turn, same
from agent.planner.corpus import Conversation, Said
from agent.planner.learned import plan as plan_of
from agent.planner.parser import Reading, Trust, copies, read, trained
from agent.planner.shop import Shop
from agent.planner.trust import features, fitted
from retrieval.names import FIELDS, Names
from retrieval.titles import Product

TODAY, FIRST_DAY = date(2025, 11, 20), date(2022, 1, 3)
ELSEWHERE = {
    "product": ("Bamboo Chopping Board", "Striped Beach Towel", "Walnut Picture Frame", "Ginger Tea Tin"),
    "country": ("United Kingdom", "Germany", "France", "Netherlands", "China", "United States"),
    "category": ("Kitchen", "Outdoor"),
    "brand": ("Ostrava", "Linden & Fay"),
    "city": ("Leeds", "Utrecht"),
    "region": ("Nordwest",),
    "channel": ("web", "shop"),
    "payment_method": ("card", "cash"),
    "segment": ("trade", "private"),
}
Planner = Callable[[str, Sequence[Turn], Shop], Outcome]


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
    """Each message, asked where the conversation before it has gone right; without those whose labels are no plan."""
    out = []
    for c in conversations:
        shop, turns = shop_of(c), list[Turn]()
        for i, said in enumerate(c.messages):
            gold = meant(said, turns, shop)
            if not (said.meaning.asks_figures and not isinstance(gold, Plan)):
                out.append(Judged(f"{c.where}+{i}", said, tuple(turns), gold, planner(said.text, turns, shop), shop))
            turns.append(Turn(said.text, gold))
    return out


def trust_of(judged: Iterable[Judged], folder: Path) -> dict[str, list[float]]:
    """Of the parser in the folder and of the rules, how sure to be where they differ; `judged` has the rules' plans."""
    rows: dict[str, list[list[float]]] = {name: [] for name in Trust._fields}
    right: dict[str, list[bool]] = {name: [] for name in Trust._fields}
    for j in judged:
        reading = read(j.said.text, folder)
        plans = {"parser": plan_of(reading, j.turns, j.shop), "rules": j.got}
        if same(*plans.values()):
            continue
        others = copies(j.said.text, folder)
        told = features(reading, others, plans["rules"], plans["parser"], j.shop, trained(folder).heard)
        for name, outcome in plans.items():
            if isinstance(outcome, Plan):
                rows[name].append(told)
                right[name].append(same(j.gold, outcome))
    return {name: fitted(rows[name], right[name]) for name in rows}


def meant(said: Said, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """What the labels of a message come to."""
    return plan_of(Reading(said.text, said.meaning, said.spans), turns, shop)


def shop_of(conversation: Conversation) -> Shop:
    """All names of a conversation are names of the shop, except countries: those are countries of the world."""
    found: dict[str, list[str]] = {field: list(ELSEWHERE.get(field, ())) for field in FIELDS}
    for said in conversation.messages:
        for field, surface in _named(said):
            found[field].append(surface)
    everywhere = Names([], [], [], [], {})
    countries = [everywhere.known_country(c) for c in found["country"]]
    products = [Product(f"P{i:04}", title, None) for i, title in enumerate(dict.fromkeys(found["product"]))]
    other = [f for f in FIELDS if f not in ("product", "customer", "order", "country")]
    values: dict[str, Sequence[str]] = {f: tuple(dict.fromkeys(found[f])) for f in other}
    ids = [tuple(dict.fromkeys(found[f])) for f in ("customer", "order")]
    names = Names(products, ids[0], ids[1], tuple(dict.fromkeys(c for c in countries if c)), values)
    return Shop(names, TODAY, FIRST_DAY, "GBP")


def _named(said: Said) -> list[tuple[str, str]]:
    spans = [s for s in said.spans if s.kind in FIELDS]
    return [(s.kind, said.text[s.start : s.end].strip("“”\"'#")) for s in spans]
