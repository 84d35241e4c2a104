"""Products by description: how a search is read, what is found and why."""

from __future__ import annotations

import contextlib
import random
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from agent import toolbox
from agent.answer import answer_object
from agent.local import _carried_out
from agent.plan import Call, Plan
from agent.work import Work
from evals.audit import audit
from evals.bench.ranking import judged_only, ndcg, recall
from retrieval.documents import Document, attribute_text
from retrieval.lexical import Lexical, spoken
from retrieval.rank import Meant, Ranker, best, further
from retrieval.wishes import Wish, read_wish
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tools.contract import Ambiguous, NotThere, ToolError
from tools.search.catalogue import catalogue_of
from tools.search.tool import search_products
from tools.search.upkeep import UNUSABLE, Meanings, Upkeep, folder_of

Rows = list[dict[str, Any]]


@pytest.fixture
def by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vectors, so that no index is made."""
    monkeypatch.setattr(Upkeep, "meanings", lambda self, store, documents: Meanings())


def rows(store: Store, text: str, **more: Any) -> Rows:
    found = search_products(store, text, **more)
    return [dict(zip((c.name for c in found.columns), row, strict=True)) for row in found.rows]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("something for a child's birthday under £5", Wish("child's birthday", below=5, conditions=("under £5",))),
        ("do we have anything like the oak board, up to £20, in stock?", Wish("", below=20, closed=True, stock=True, like="oak board", conditions=("up to £20", "in stock"))),
        ("cheaper than 85123A", Wish("", like="85123A", than="cheaper", conditions=("cheaper than 85123A",))),
        ("products similar to 85123A", Wish("", like="85123A")),
        ("blue teapot between £5 and £10", Wish("blue teapot", below=10, above=5, closed=True, colours=("blue",), conditions=("between £5 and £10",))),
        ("mugs under 350 ml", Wish("mugs under 350 ml", sizes=("350 ml",))),
        ("frames over 12.50 please", Wish("frames please", above=12.5, conditions=("over 12.50",))),
        ("有没有红色的杯子 40元以下", Wish("红色的杯子", below=40, closed=True, colours=("red",), conditions=("40元以下",))),
        ("有没有跟解忧杂货店差不多的", Wish("", like="解忧杂货店")),
        ("比85123A便宜的", Wish("", like="85123A", than="cheaper", conditions=("比85123A便宜",))),
        ("???", Wish("")),
    ],
)  # fmt: skip
def test_a_search_is_read(text: str, wish: Wish) -> None:
    read = read_wish(text)
    assert replace(read, text=read.text.removesuffix(" please")) == replace(
        wish, text=wish.text.removesuffix(" please")
    )


@pytest.mark.usefixtures("by_words")
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("P-108", ["P-108"]),
        ("5012345000017", ["P-101"]),
        ("beeswax candel", ["P-108"]),
        ("board chopping oak", ["P-101"]),
        ("chopping boards", ["P-101"]),
        ("teatowel", ["P-102", "P-103"]),
        ("red tea towel", ["P-103"]),
        ("linen tea towel in stock", ["P-102"]),
        ("mug under £8", ["P-110"]),
        ("slate coasters", ["P-104"]),
    ],
)
def test_the_right_product_comes_first(tiny: Store, text: str, ids: list[str]) -> None:
    assert [r["product_id"] for r in rows(tiny, text)][: len(ids)] == ids


@pytest.mark.usefixtures("by_words")
def test_hits_come_with_price_stock_sales_and_why(tiny: Store) -> None:
    [hit, *_] = rows(tiny, "rolled beeswax candels")
    assert (hit["product"], hit["list_price"], hit["stock"]) == ("Beeswax Candle", 6.4, 57)
    assert "title: beeswax" in hit["why"] and "“candels” read as candle" in hit["why"]
    last, first = "2024-02-15", "2023-11-18"
    found = search_products(tiny, "beeswax candle", today=date.fromisoformat(last))
    assert found.input["period"] == {"start": first, "end": last}
    with tiny.connect() as con:
        sold = con.execute(
            "SELECT COALESCE(SUM(quantity), 0) FROM order_items JOIN orders USING (order_id) WHERE product_id = 'P-108' AND status = 'completed' "
            f"AND CAST(ordered_at AS DATE) BETWEEN DATE '{first}' AND DATE '{last}'"
        ).fetchall()[0][0]
    assert found.cell(0, "units") == sold


@pytest.mark.usefixtures("by_words")
def test_conditions_hold_for_every_hit(tiny: Store) -> None:
    assert all(r["list_price"] < 10 for r in rows(tiny, "candle kitchen linen under 10", k=16))
    assert all(r["stock"] > 0 for r in rows(tiny, "linen towel mug candle in stock", k=16))
    assert {r["product_id"] for r in rows(tiny, "mug", filters={"price_above": 8, "brand": "harrow"})} == {"P-109"}
    cheaper = rows(tiny, "cheaper than Ceramic Mug 350 ml", k=16)
    assert cheaper and all(r["list_price"] < 11 and r["product_id"] != "P-109" for r in cheaper)


@pytest.mark.usefixtures("by_words")
def test_what_cannot_be_kept_to_is_said(tiny: Store) -> None:
    found = search_products(tiny, "purple beeswax candle")
    assert found.cell(0, "product_id") == "P-108" and any("colour" in note for note in found.notes)


@pytest.mark.usefixtures("by_words")
@pytest.mark.parametrize(
    ("said", "error", "match"),
    [
        ({"text": "zzqqxx"}, NotThere, "zzqqxx"),
        ({"text": "量子仪"}, NotThere, "“量子仪”；商品文字可能是另一种语言"),
        ({"text": "beeswax candle", "filters": {"price_below": 1}}, NotThere, "conditions"),
        ({"text": "cheaper than a unicorn"}, NotThere, "unicorn"),
        ({"text": "cheaper than candle holder"}, Ambiguous, "Several"),
        ({"text": "  "}, ToolError, "needs a text"),
        ({"text": 7}, ToolError, "takes a text"),
        ({"text": "mug", "k": 0}, ToolError, "1 to 50"),
        ({"text": "mug", "k": True}, ToolError, "1 to 50"),
        ({"text": "mug", "filters": {"weight": 3}}, ToolError, "weight"),
        ({"text": "mug", "filters": {"price_below": "cheap"}}, ToolError, "amount"),
        ({"text": "mug", "filters": {"price_below": float("nan")}}, ToolError, "amount"),
        ({"text": "mug", "filters": {"in_stock": "yes"}}, ToolError, "true or false"),
        ({"text": "mug", "filters": ["red"]}, ToolError, "object"),
    ],
)
def test_bad_input_is_named(tiny: Store, said: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        toolbox.call(tiny, "search_products", said, tiny.today)


@pytest.mark.usefixtures("by_words")
def test_options_are_messages_of_their_own(tiny: Store) -> None:
    with pytest.raises(Ambiguous) as caught:
        search_products(tiny, "cheaper than candle holder")
    assert [search_products(tiny, option).tool for option in caught.value.options[:1]] == ["search_products"]


@pytest.mark.usefixtures("by_words")
@pytest.mark.parametrize(
    "text", ["mug " * 2_500, "'; DROP TABLE products; --", "mug\0mug", "\ud800 mug", "5" * 400, "under £" * 900]
)
def test_odd_texts_do_no_harm(tiny: Store, text: str) -> None:
    began = time.thread_time()
    with contextlib.suppress(ToolError):
        search_products(tiny, text)
    assert time.thread_time() - began < 2


@pytest.mark.usefixtures("by_words")
@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("something like a mug under £10", "en"),
        ("similar to P-108", "en"),
        ("frame 30 cm gnome", "en"),
        ("有没有 mug 10元以下", "zh"),
    ],
)
def test_the_answer_is_proven(tiny_home: Home, tiny: Store, text: str, locale: str) -> None:
    plan = Plan((Call("search_products", {"text": text}),), locale)
    draft = _carried_out(plan, Work(tiny, tiny.today), [text])
    answer = answer_object(draft, "t", tiny, tiny.today)
    assert answer["status"] == "answered" and "|" in answer["answer"] and answer["charts"] == []
    assert ("Read as" in answer["answer"]) or ("理解为" in answer["answer"])
    assert audit(answer | {"turn": 1}, tiny_home, "tiny", question=text) == []


def shop_of(home: Home, name: str, *products: str) -> Store:
    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        for product in products:
            con.execute(f"INSERT INTO products (product_id, title) VALUES {product}")
        con.execute(
            "INSERT INTO orders (order_id, ordered_at, status, currency) VALUES ('1', '2024-01-01', 'completed', 'GBP')"
        )
        con.execute(
            "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) VALUES ('1', 1, 'x', 1, 1)"
        )
        return {}

    publish(home, name, build, format="tests")
    return open_store(home, name)


@pytest.mark.usefixtures("by_words")
def test_a_shop_without_products_or_texts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(NotThere, match="no products"):
        search_products(shop_of(home, "empty"), "mug")
    bare = shop_of(home, "bare", "('x', '')", "('y', '   ')")
    with pytest.raises(NotThere):
        search_products(bare, "mug")
    assert [r["product_id"] for r in rows(bare, "x")] == ["x"]


@pytest.mark.usefixtures("by_words")
def test_chinese_is_put_into_the_language_of_the_shop(tmp_path: Path) -> None:
    home = Home(tmp_path)
    store = shop_of(home, "english", "('x', 'Blue Teapot')", "('y', 'Red Teapot')", "('z', 'Wooden Photo Frame')")
    assert [r["product"] for r in rows(store, "有没有红色的茶壶？")] == ["Red Teapot"]
    assert rows(store, "木制的相框")[0]["product"] == "Wooden Photo Frame"
    assert rows(shop_of(home, "chinese", "('x', 'Teapot')", "('y', '茶壶')"), "茶壶")[0]["product"] == "茶壶"


@pytest.mark.usefixtures("by_words")
def test_where_nothing_is_at_the_price_the_nearest_are_shown(tiny: Store) -> None:
    found = search_products(tiny, "beeswax candle under £1")
    prices = [float(found.cell(i, "list_price")) for i in range(len(found.rows))]  # type: ignore[arg-type]
    assert prices == sorted(prices) and min(prices) > 1 and any("price" in note for note in found.notes)


def test_a_short_word_with_another_letter_is_another_word() -> None:
    lexical = Lexical([Document("1", "Damp trap"), Document("2", "Oak chain"), Document("3", "Heart garland")])
    found = {word: {t.word for t in lexical.terms(word)} for word in ("lamp", "hart", "haert")}
    assert found == {"lamp": {""}, "hart": {"heart"}, "haert": {"heart"}}


def test_a_colour_alone_does_not_fit(tmp_path: Path) -> None:
    store = shop_of(Home(tmp_path), "shop", "('x', 'Purple Bracelet')", "('y', 'Hot Water Bottle')")
    found = search_products(store, "purple hot water bottle", k=1)
    assert found.cell(0, "product") == "Hot Water Bottle" and any("colour" in note for note in found.notes)


def test_a_store_with_a_damaged_index_still_finds(tmp_path: Path) -> None:
    store = shop_of(Home(tmp_path), "shop", "('x', 'Blue Teapot')", "('y', 'Red Mug')")
    version = folder_of(store) / "chroma" / "v1"
    version.mkdir(parents=True)
    (version / "seal.json").write_text("{")
    found = search_products(store, "teapot")
    assert found.cell(0, "product_id") == "x" and found.notes == (UNUSABLE,)


def test_measures_of_a_ranking() -> None:
    ratings = {"a": 3.0, "b": 0.0, "c": 1.0}
    assert ndcg(["a", "c"], ratings) == 1 and ndcg([], ratings) == 0 and ndcg(["b"], {"b": 0.0}) is None
    assert ndcg(["c", "a"], ratings) == pytest.approx((1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert judged_only(["x", "a", "y", "c"], ratings) == 1
    assert recall(["a", "x"], ratings) == 0.5


def test_words_in_any_form(tiny: Store) -> None:
    lexical = Lexical([Document("1", "Blue cake stand"), Document("2", "Tea Towels"), Document("3", "Child's mug")])
    assert [t.word for t in lexical.terms("cakestand")] == ["cake", "stand"]
    assert [t.word for t in lexical.terms("towel")] == ["towels"]
    assert [t.word for t in lexical.terms("children's tealight")] == ["child", ""]
    assert best(lexical.scores(lexical.terms("child")), np.ones(3, bool), 3) == [2]
    assert Ranker([Document("1", "a")], lexical=Lexical([Document("1", "a")])).with_code("1") == []


def test_attributes_are_text() -> None:
    assert (
        attribute_text('{"colour": "red", "dishwasher_safe": true, "lid": false, "sizes": ["S", 4]}')
        == "red dishwasher safe S 4"
    )
    assert attribute_text("not json") == "not json"
    assert attribute_text(None) == ""


def half_known(titles: list[str], count: int) -> list[tuple[str, str]]:
    """(as people put it, title) by stated rules, in turn: a word left out, a letter wrong, the other number, the words in
    another order. Left out are names that would say no more than another title does, and titles of fewer than 3 words.
    """
    chance, out = random.Random(7), list[tuple[str, str]]()
    said = [set(spoken(title)) for title in titles]
    for title in chance.sample(titles, len(titles)):
        pieces = title.lower().split()
        if len(pieces) < 3 or len(out) == count:
            continue
        rule = ("partial", "misspelt", "plural", "reordered")[len(out) % 4]
        if rule == "partial":
            pieces.pop(chance.randrange(len(pieces)))
        elif rule == "misspelt":
            at = max(range(len(pieces)), key=lambda i: len(pieces[i]))
            word, i = pieces[at], chance.randrange(1, max(2, len(pieces[at]) - 1))
            pieces[at] = chance.choice(
                (
                    word[:i] + word[i + 1 :],
                    word[:i] + "x" + word[i + 1 :],
                    word[:i] + word[i : i + 2][::-1] + word[i + 2 :],
                )
            )
        elif rule == "plural":
            pieces[-1] = pieces[-1][:-1] if pieces[-1].endswith("s") else pieces[-1] + "s"
        else:
            chance.shuffle(pieces)
        name = " ".join(pieces)
        if rule == "misspelt" or sum(set(spoken(name)) <= words for words in said) <= 1:
            out.append((name, title))
    return out


@pytest.mark.slow
@pytest.mark.usefixtures("by_words")
def test_half_known_names_of_the_reference_shop(reference: Store) -> None:
    titles = sorted({d.title for d in catalogue_of(reference).documents if d.title.strip()})
    asked = half_known(titles, 200)
    places = [[r["product"] for r in rows(reference, name, k=3)] for name, _ in asked]
    first = sum(found[:1] == [title] for found, (_, title) in zip(places, asked, strict=True))
    three = sum(title in found for found, (_, title) in zip(places, asked, strict=True))
    assert len(asked) == 200 and first >= 180 and three >= 194, (first, three)


def test_what_the_shop_says_more_for_the_same_is_looked_for_too() -> None:
    titles = ("Laptop Stand", "Notebook 15 inch", "Notebook 13 inch", "Lamp")
    lexical = Lexical([Document(str(i), title) for i, title in enumerate(titles)])
    assert list(lexical.scores(lexical.terms("laptop")) > 0) == [True, True, True, False]
    assert list(lexical.scores(lexical.terms("notebook")) > 0) == [False, True, True, False]


def test_the_rest_is_like_what_leads() -> None:
    """Neither of the last two says the word or is near it; one is near what says it."""
    vectors = np.eye(4, dtype=np.float32)[[1, 1, 2]]
    words, meant = np.array([1, 0, 0], np.float32), Meant(vectors, np.eye(4, dtype=np.float32)[0])
    found = further(words, meant, np.ones(3, bool), (0.0, 0.2))
    assert found[0] > found[1] > found[2] == 0
