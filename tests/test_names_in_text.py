"""Names inside sentences: which spans are found, which only suggested. The shop is the garden and kitchen shop."""

import time
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.names import Found, Names, load_names
from retrieval.titles import Product
from tests.garden import COUNTRIES, PRODUCTS, shop


@pytest.fixture(scope="module")
def names() -> Names:
    return shop(PRODUCTS, COUNTRIES)


def said(found: Sequence[Found]) -> list[tuple[str, list[str]]]:
    return [(each.text, [value for match in each.matches for value in match.values]) for each in found]


IN_SENTENCES = [
    ("how many Copper Watering Cans did we sell", [("Copper Watering Cans", ["copper watering can"])]),
    ("sales of watering can rose and G102?", [("watering can rose", ["Watering  Can  Rose"]), ("G102", ["G102"])]),
    ("revenue of 'butter knife' in march", [("butter knife", ["Butter Knife"])]),
    ("anything with “plant box” or 'knives'", [("plant box", ["plant box"]), ("knives", ["knives", "knife"])]),
    ("our customers' orders and the shop's sales", []),
    ("what's with 'lava lamp'?", [("lava lamp", [])]),
    ("how much did 777 bring in", [("777", ["777", "777"])]),
    ("is order SO-1002 paid", [("SO-1002", ["SO-1002"])]),
    ("g100/G101", [("g100", ["G100"]), ("G101", ["G101"])]),
    ("price 7.77 or 1,777 or 2011-07-77", []),
    ("Germany vs france, and eire", [("Germany", ["Germany"]), ("france", ["France"]), ("eire", ["EIRE"])]),
    ("sales outside the UK", [("UK", ["United Kingdom"])]),
    ("did we sell it in the us or at us", []),
    ("top customers DE", [("DE", ["Germany"])]),
    ("WHAT IS IT WORTH TO US", []),
    ("sales in IT", [("IT", ["Italy"])]),
    ("our IT costs", []),
    ("十月德国和法国的销售额", [("德国", ["Germany"]), ("法国", ["France"])]),
    ("今日本店销售额", []),
    ("日本的销售额", [("日本", ["Japan"])]),
    ("G100的销量", [("G100", ["G100"])]),
    ("「红色雨伞」卖了多少", [("红色雨伞", ["红色雨伞"])]),
    ("红色雨伞卖了多少", [("红色雨伞", ["红色雨伞"])]),
    ("독일에서 매출", [("독일", ["Germany"])]),
    ("French customers", [("French", ["France"])]),
    ("french blue ones", []),
    ("jugs to match", [("jugs to match", ["Jugs to Match"])]),
    ("JUGS stock", [("JUGS", ["JUGS"])]),
    (
        "sales by online shop and the market stall",
        [("online shop", ["online shop"]), ("market stall", ["Market Stall"])],
    ),
    ("kitchen ware in region 5, top 5", [("kitchen ware", ["Kitchen Ware"]), ("5", ["5"])]),
    ("Northern Ireland and South America", []),
]


@pytest.mark.parametrize(("text", "expected"), IN_SENTENCES)
def test_names_in_a_sentence(names: Names, text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert said(names.find(text)) == expected


def test_a_quoted_span_includes_its_quotes(names: Names) -> None:
    (found,) = names.find("about 'butter knife' now")
    assert (found.start, found.end, found.quoted) == (6, 20, True)


FOREIGN = [
    ("parcels sent to China last spring", ["China"]),
    ("parcels to china", ["China"]),
    ("how many china teapots", []),
    ("norwegian orders, and Schweden", ["Norway", "Sweden"]),
    ("sales in England", ["England"]),
    ("中国的销售额", ["China"]),
    ("nail polish", []),
    ("polish customers", ["Poland"]),
    ("Germany", []),
    ("please show me the island products as of today", []),
]


@pytest.mark.parametrize(("text", "expected"), FOREIGN)
def test_countries_that_the_shop_never_had_are_seen(names: Names, text: str, expected: list[str]) -> None:
    assert [name for _, _, name in names.find_foreign(text)] == expected


STOPWORDS = frozenset({"how", "many", "of", "the", "did", "we", "sell", "products", "a", "and", "with", "多少", "卖了"})
CONTAINED = [
    ("how many watering cans did we sell", ["watering cans"]),
    ("plant boxes and steak knife", ["plant boxes", "steak knife"]),
    ("how many set of 3 products", ["set of 3"]),
    ("candle products", ["candle"]),
    ("the art of squeeze", ["squeeze"]),
    ("many 3 of 6", []),
    ("雨伞卖了多少", ["雨伞"]),
    ("lampshade", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CONTAINED)
def test_longest_runs_of_product_words(names: Names, text: str, expected: list[str]) -> None:
    assert [found.text for found in names.find_contained(text, [], STOPWORDS)] == expected


def test_taken_words_are_left_alone(names: Names) -> None:
    text = "plant box knives"
    assert [found.text for found in names.find_contained(text, [(0, 5)], STOPWORDS)] == ["box", "knives"]


@pytest.mark.parametrize(
    ("text", "field", "value", "at_least"),
    [
        ("coper watring can", "product", "Copper Watering Can", 0.85),
        ("can watering copper", "product", "Copper Watering Can", 0.95),
        ("lemonsqueezer", "product", "Lemon Squeezer", 0.95),
        ("candle holder brass", "product", "Candleholder Brass", 0.95),
        ("Germny", "country", "Germany", 0.85),
        ("Alemagne", "country", "Germany", 0.85),
        ("England", "country", "United Kingdom", 0.85),
        ("kichen ware", "category", "Kitchen Ware", 0.85),
    ],
)
def test_the_nearest_name_comes_first(names: Names, text: str, field: str, value: str, at_least: float) -> None:
    best = names.suggest(text)[0]
    assert (best.field, best.value) == (field, value)
    assert at_least <= best.score <= 1


@pytest.mark.parametrize("text", ["xylophone", "motorbike helmets", "qqq"])
def test_unrelated_words_score_low(names: Names, text: str) -> None:
    assert all(suggestion.score < 0.6 for suggestion in names.suggest(text))


def test_suggest_keeps_to_the_field_and_number_asked(names: Names) -> None:
    assert {suggestion.field for suggestion in names.suggest("garden", "category", 3)} == {"category"}
    assert len(names.suggest("garden kitchen", k=2)) == 2
    assert names.suggest("77", "customer", 1)[0].value == "777"


def test_an_empty_shop_has_no_names() -> None:
    empty = Names([], [], [], [], {})
    assert empty.find("'anything' from Germany 123") == [Found(0, 10, (), "anything", True)]
    assert empty.match_any("anything") == []
    assert empty.find_contained("anything", [], []) == []
    assert empty.suggest("anything") == []


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*"'\"“”「」 ,", *(row[1] for row in PRODUCTS), "DE", "德国"])).map("".join)
)
def test_spans_lie_in_the_text_and_do_not_overlap(names: Names, text: str) -> None:
    for found in (names.find(text), names.find_contained(text, [(2, 5)], STOPWORDS)):
        at = 0
        for each in found:
            assert at <= each.start < each.end <= len(text)
            assert each.text in text[each.start : each.end]
            at = each.end
    for start, end, _ in names.find_foreign(text):
        assert 0 <= start < end <= len(text)
    names.match_any(text)
    names.suggest(text)


def test_long_texts_and_catalogues_take_no_time() -> None:
    products = [Product(f"P{row}", f"{row % 97} Tin Lantern {row % 89} with Handle {row % 61}") for row in range(4000)]
    big = Names(products, [], [str(row) for row in range(60_000)], ["Germany"], {})
    big.find("warm up"), big.suggest("warm up"), big.find_contained("warm", [], [])
    for text in ("lanterns with handles in Germany", "tin lantern 5 with ' handle " * 360):
        started = time.process_time()
        big.find(text)
        big.find_contained(text, [], STOPWORDS)
        assert time.process_time() - started < 60  # what grows with both takes minutes


def test_codes_in_a_row_and_codes_that_are_words() -> None:
    shop = Names([], [], [], ["Germany", "Austria", "Switzerland"], {})
    assert [f.text for f in shop.find("DE, AT and CH: units in each?")] == ["DE", "AT", "CH"]
    assert shop.find("orders AT ten") == [] and shop.find_foreign("for the VAT return") == []
    assert (
        shop.known_country("VAT") is None
        and shop.known_country("fra") is None
        and shop.known_country("FRA") == "France"
    )


def test_a_region_that_is_one_city() -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE products (product_id TEXT, title TEXT, barcode TEXT, category TEXT, brand TEXT)")
    con.execute("CREATE TABLE customers (customer_id TEXT, country TEXT, region TEXT, city TEXT, segment TEXT)")
    con.execute(
        "CREATE TABLE orders (order_id TEXT, country TEXT, region TEXT, city TEXT, channel TEXT, payment_method TEXT)"
    )
    con.execute(
        "INSERT INTO customers VALUES ('1', 'Germany', 'Berlin', 'Berlin', NULL), ('2', 'Canada', 'Quebec', 'Quebec', NULL)"
    )
    con.execute("INSERT INTO orders VALUES ('1', 'Canada', 'Quebec', 'Montreal', NULL, NULL)")
    assert load_names(con).city_states == {"berlin"}
