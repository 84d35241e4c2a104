"""What a merchant wants to know without asking: yesterday, last week, and what stands out; proven as any answer is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent import local
from agent.answer import answer_object
from agent.work import Work
from store.connect import Store
from store.kept import Kept
from store.teams import Every
from ui.render import shown_text
from ui.slack.blocks import Block, header, note
from ui.slack.prose import pieces
from ui.slack.render import answer_blocks, receipt_line


@dataclass(frozen=True)
class Item:
    """A question as the planner understands it, and what stands above its answer."""

    title: str
    question: str


Told = tuple[Item, Mapping[str, Any]]  # with its answer object
YESTERDAY = Item("Yesterday", "revenue, orders and average order value yesterday against the day before")
LAST_WEEK = Item("Last week", "revenue, orders and average order value last week against the week before")
WHY_YESTERDAY = Item("What stands out", "why did revenue change yesterday?")
WHY_LAST_WEEK = Item("What stands out", "why did revenue change last week?")
HOME = (YESTERDAY, LAST_WEEK, WHY_LAST_WEEK)
DIGESTS: dict[Every, tuple[Item, ...]] = {"day": (YESTERDAY, WHY_YESTERDAY), "week": (LAST_WEEK, WHY_LAST_WEEK)}
_known: Kept[tuple[Told, ...]] = Kept()


def brief(store: Store, items: Sequence[Item]) -> tuple[Told, ...]:
    """Those of the items that the shop's data can answer; worked out once a version of the data."""
    return _known.of(store, lambda: tuple(_told(store, items)), *items)


def _told(store: Store, items: Sequence[Item]) -> Iterator[Told]:
    for item in items:
        _, draft = local.answer(item.question, (), Work(store, store.today))
        answer = answer_object(draft, "", store, store.today)
        if answer["status"] == "answered":
            yield item, answer


def stands_out(told: Sequence[Told]) -> bool:
    """Whether a part of the shop moved unlike the rest: the explanation has ranked one."""
    receipts = (r for _, answer in told for r in answer["receipts"] if r["tool"] == "explain_change")
    return any(row[r["columns"].index("rank")] is not None for r in receipts for row in r["rows"])


def brief_blocks(told: Sequence[Told]) -> Iterator[Block]:
    for item, answer in told:
        yield header(item.title)
        yield from answer_blocks(answer, pieces(shown_text(answer)), "en")
        yield note("\n".join(receipt_line(receipt, "en") for receipt in answer["receipts"]))
