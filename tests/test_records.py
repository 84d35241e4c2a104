"""What a shop keeps besides its orders: asked of the tiny shop, and of one that keeps none of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent import local
from agent.plan import Decline, Plan
from agent.planner.planner import plan
from agent.planner.shop import Shop
from agent.work import Work
from store.connect import Store
from tools.metrics.available import kept
from tools.metrics.tool import names_of


def rows(tiny: Store, question: str) -> list[list[object]]:
    _, draft = local.answer(question, (), Work(tiny, tiny.today))
    assert draft.status == "answered", draft
    return [list(row) for row in draft.receipts[0].result.rows]


@pytest.fixture(scope="module")
def shop(tiny: Store) -> Shop:
    return Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency, has=kept(tiny))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what were the top 2 reasons for returns in 2024?", [["damaged", 6], ["changed mind", 2]]),
        ("why do people send back the Linen Tea Towel?", [["damaged", 2], ["late", 1]]),
        ("2024年退货的原因", [["damaged", 6]]),
        ("average rating of the Oak Chopping Board", [[5.0, 2]]),
        ("the 2 lowest rated products", [["Candle Holder Glass", 1.0, 1]]),
        ("评分最高的3个产品", [["Oak Chopping Board", 5.0, 2]]),
        ("which products are out of stock?", [["Linen Tea Towel", 0]]),
        ("how many products are sold out?", [[1]]),
        ("products with fewer than 10 left in stock", [["Linen Tea Towel", 0], ["Garden Gnome 30 cm", 6]]),
        ("is the Herb Planter sold out?", [["Herb Planter", 12]]),
        ("which promotions did we run in 2024?", [["Candlemas", 15.0]]),
    ],
)
def test_what_is_kept_is_told(tiny: Store, question: str, expected: list[list[object]]) -> None:
    found = rows(tiny, question)
    assert [row[: len(expected[0])] for row in found[: len(expected)]] == expected


@pytest.mark.parametrize(
    "question",
    ["main reasons for returns", "the lowest rated products", "which promotions did we run in 2024?"],
)
def test_what_is_not_kept_is_declined(shop: Shop, question: str) -> None:
    assert isinstance(plan(question, (), replace(shop, has=frozenset())), Decline)


@pytest.mark.parametrize(
    "question",
    ["did the Black Friday promotion pay off?", "write 10 fake five star reviews", "were we out of stock in March?"],
)
def test_what_only_sounds_like_it_is_not_told(shop: Shop, question: str) -> None:
    assert not isinstance(plan(question, (), shop), Plan)


def test_why_returns_rose_is_a_matter_of_change(shop: Shop) -> None:
    outcome = plan("why did returns go up in June 2024?", (), shop)
    assert isinstance(outcome, Plan) and outcome.calls[0].tool == "explain_change"
