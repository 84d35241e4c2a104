"""Which questions look for products, which ask for figures, and what a name is read as that no title contains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from agent.ask import ask
from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import wished
from agent.planner.corpus import Meaning
from agent.planner.parser import Reading
from agent.planner.planner import plan
from agent.planner.shop import Shop
from agent.principal import Principal
from retrieval.names import Names
from store.connect import Store
from store.paths import Home
from tools.metrics.tool import names_of
from tools.search.suggest import nearest_titles
from tools.search.upkeep import Meanings, Upkeep

SEARCHES = """
something like a red retro lamp?
cheaper than P-108
anything cheaper than the oak chopping board?
dearer than P-101
products similar to P-108
similar to P-108, in stock
show me products like the ceramic mug
something for a child's birthday under £5
do we sell anything for brollies?
looking for christmas decorations under £2
anything to keep hands warm in winter?
we need a gift for a gardener between 5 and 10 pounds
any wooden toys?
有没有红色的复古台灯
比P-108便宜的有哪些
5英镑以下适合小孩生日的礼物
想找一个厨房用的钟
类似P-108的产品
""".strip().splitlines()
FIGURES = """
revenue last month
orders under £5
how many customers bought candles?
how many products do we have under £5?
average order value for orders over £100
do we have more customers in france than in germany
was march cheaper than april?
how much did products like the oak board make last month?
which customers are like C-012?
do we sell more on mondays?
list price of P-108
我们有没有比去年卖得好
五月有多少订单低于5英镑
""".strip().splitlines()
ELSE = """
he left me for a woman who does pilates
what is brown and sticky
Draw a logo with a whale and a teacup.
give me a Dockerfile for a Flask app
心里堵得慌，不想说话
""".strip().splitlines()

EMPTY = Shop(Names([], [], [], [], {}), date(2025, 2, 12), date(2024, 1, 1), "GBP")


@pytest.fixture(scope="module")
def shop(tiny: Store) -> Shop:
    def nearest(name: str) -> tuple[str, ...]:
        return nearest_titles(tiny, name)

    return Shop(names_of(tiny), tiny.today, tiny.first_day, tiny.currency, nearest)


def tool(outcome: Outcome) -> str:
    return outcome.calls[0].tool if isinstance(outcome, Plan) else ""


@pytest.mark.parametrize("text", SEARCHES)
def test_a_search_is_told_by_how_it_is_put(shop: Shop, text: str) -> None:
    outcome = plan(text, (), shop)
    assert isinstance(outcome, Plan) and outcome.calls == (Call("search_products", {"text": text}),)


@pytest.mark.parametrize("text", [*FIGURES, *ELSE])
def test_other_messages_are_no_searches(shop: Shop, text: str) -> None:
    assert tool(plan(text, (), shop)) != "search_products"


def test_a_search_goes_on_from_the_one_before() -> None:
    said = {"text": "candle", "like": "", "conditions": ["under £9"]}
    answer = {"receipts": [{"input": {"reading": said}}]}
    before = Turn("a candle under £9?", Plan((Call("search_products", {"text": "a candle under £9?"}),)), answer)
    leaning = Reading("in red", Meaning(tool="search_products", flags=frozenset({"lean"})), (), {"kind": 0.9})
    assert isinstance(searched := wished.plan(leaning, Decline("?", unread=True), (before,), EMPTY), Plan)
    assert wished.filled(searched, leaning, (before,)) == Plan(
        (Call("search_products", {"text": "in red under £9 candle"}),)
    )
    assert wished.plan(leaning, Decline("?", unread=True), (), EMPTY) is None
    whole = replace(leaning, text="blue enamel kettle, what is there?")
    assert wished.filled(searched, whole, (before,)) == searched


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("towel tea linen", ("Linen Tea Towel",)),
        ("holders candle", ("Candle  Holder Brass", "Candle Holder Glass")),
        ("beeswax candel", ("Beeswax Candle",)),
        ("unicorn saddle", ()),
        ("", ()),
        ("the", ()),
    ],
)
def test_titles_that_a_name_may_mean(tiny: Store, name: str, titles: tuple[str, ...]) -> None:
    assert set(nearest_titles(tiny, name)) == set(titles)


def test_a_name_that_no_title_contains_is_asked_back(
    tiny_home: Home, monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    monkeypatch.setattr(Upkeep, "meanings", lambda self, store, documents: Meanings())
    outcome = plan("how many holder candles did we sell in 2024?", (), shop)
    assert isinstance(outcome, Clarify) and len(outcome.options) == 2
    answer = ask(Principal(tiny_home, "tiny"), "wished", "how many holder candles did we sell in 2024?")
    assert answer["status"] == "clarify" and len(answer["options"]) == 2
    again = ask(Principal(tiny_home, "tiny"), "wished", answer["options"][0])
    assert again["status"] == "answered"
