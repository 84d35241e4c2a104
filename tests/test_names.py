"""Names of an invented garden and kitchen shop: what matches and what does not."""

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.countries import world
from retrieval.names import FIELDS, NOT_COUNTRIES, Names
from retrieval.titles import Product
from retrieval.wordforms import forms, minimal, phrase_forms
from retrieval.words import SPACE_RUN_SQL, fold, squeezed_with_offsets, words
from tests.garden import CHANNELS, COUNTRIES, PRODUCTS, shop


@pytest.fixture(scope="module")
def names() -> Names:
    return shop(PRODUCTS, COUNTRIES)


PRODUCT_MATCHES = [
    ("g100", "code", ["G100"]),
    (" G100 ", "code", ["G100"]),
    ("5012345678900", "code", ["G100"]),
    ("G100-B", "code", ["K202"]),
    ("copper watering can", "title", ["G100"]),
    ("“Copper  Watering Can”", "title", ["G100"]),
    ("watering can rose", "title", ["G101"]),
    ("herb pot", "title", ["D1", "D2"]),
    ("herb pots", "contains", ["D1", "D2", "D3"]),
    ("watering can", "contains", ["G100", "G101"]),
    ("watering cans", "contains", ["G100", "G101"]),
    ("plant boxes", "contains", ["G102", "G103"]),
    ("Plant Box", "contains", ["G102", "G103"]),
    ("knives", "contains", ["G104", "K200", "K201"]),
    ("knife", "contains", ["G104", "K200", "K201"]),
    ("steak knife", "contains", ["K200"]),
    ("baby", "contains", ["X1", "X2"]),
    ("babies", "contains", ["X1", "X2"]),
    ("bus", "contains", ["K202"]),
    ("christmas", "contains", ["K203"]),
    ("candle", "contains", ["K206"]),
    ("100%", "contains", ["X1"]),
    ("雨伞", "contains", ["Z1", "Z2"]),
    ("红色雨伞", "title", ["Z1"]),
]


@pytest.mark.parametrize(("text", "how", "ids"), PRODUCT_MATCHES)
def test_product_is_code_else_whole_title_else_contained(names: Names, text: str, how: str, ids: list[str]) -> None:
    match = names.match(text, "product")
    assert match is not None
    assert (match.how, sorted(match.ids)) == (how, sorted(ids))


@pytest.mark.parametrize("text", ["can watering", "wattering can", "lampshade", "", "  ", "''", "%", "_", "…"])
def test_typos_reordered_and_empty_names_do_not_match(names: Names, text: str) -> None:
    assert names.match(text, "product") is None


@pytest.mark.parametrize(
    ("text", "values", "squeeze"),
    [
        ("watering cans", ("watering can",), True),
        ("copper watering", ("copper watering",), False),
        ("knives", ("knives", "knife"), False),
        ("plant boxes", ("plant box",), False),
        ("babies", ("babies", "baby"), False),
        ("steak knife", ("steak knives",), False),
    ],
)
def test_contained_forms_are_few_and_say_when_spaces_matter(
    names: Names, text: str, values: tuple[str, ...], squeeze: bool
) -> None:
    match = names.match(text, "product")
    assert match is not None
    assert (match.values, match.squeeze) == (values, squeeze)


COUNTRY_MATCHES = [
    ("germany", ("Germany",), "name"),
    ("EIRE", ("EIRE",), "name"),
    ("Ireland", ("EIRE",), "translated"),
    ("Irlande", ("EIRE",), "translated"),
    ("South Africa", ("RSA",), "translated"),
    ("america", ("USA",), "translated"),
    ("the United States", ("USA",), "translated"),
    ("the US", ("USA",), "translated"),
    ("the States", ("USA",), "translated"),
    ("UK", ("United Kingdom",), "translated"),
    ("uk", ("United Kingdom",), "translated"),
    ("Great Britain", ("United Kingdom",), "translated"),
    ("Britain", ("United Kingdom",), "translated"),
    ("GB", ("United Kingdom",), "translated"),
    ("gbr", ("United Kingdom",), "translated"),
    ("Holland", ("Netherlands",), "translated"),
    ("the Dutch", ("Netherlands",), "translated"),
    ("Deutschland", ("Germany",), "translated"),
    ("Allemagne", ("Germany",), "translated"),
    ("Alemania", ("Germany",), "translated"),
    ("德国", ("Germany",), "translated"),
    ("德國", ("Germany",), "translated"),
    ("ドイツ", ("Germany",), "translated"),
    ("독일", ("Germany",), "translated"),
    ("Германия", ("Germany",), "translated"),
    ("Γερμανία", ("Germany",), "translated"),
    ("ألمانيا", ("Germany",), "translated"),
    ("Germans", ("Germany",), "translated"),
    ("French", ("France",), "translated"),
    ("it", ("Italy",), "translated"),
    ("unspecified", ("Unspecified",), "name"),
    ("European community", ("European Community",), "name"),
]


@pytest.mark.parametrize(("text", "values", "how"), COUNTRY_MATCHES)
def test_country_in_any_language(names: Names, text: str, values: tuple[str, ...], how: str) -> None:
    match = names.match(text, "country")
    assert match is not None
    assert (match.values, match.how) == (values, how)


@pytest.mark.parametrize("text", ["England", "China", "Northern Ireland", "New England", "Narnia", "", "South America"])
def test_country_that_the_shop_never_had_does_not_match(names: Names, text: str) -> None:
    assert names.match(text, "country") is None


@pytest.mark.parametrize(
    ("spelled", "asked"),
    [
        ("United States", "USA"),
        ("US", "America"),
        ("United States of America", "US"),
        ("DE", "Germany"),
        ("Deutschland", "德国"),
        ("Czech Republic", "Czechia"),
        ("Czechia", "Czech Republic"),
        ("Türkiye", "Turkey"),
        ("South Korea", "Republic of Korea"),
        ("Holland", "the Netherlands"),
        ("Ireland", "Eire"),
        ("South Africa", "RSA"),
        ("UK", "United Kingdom"),
        ("Côte d'Ivoire", "Ivory Coast"),
        ("Bosnia and Herzegovina", "Bosnia & Herzegovina"),
        ("Hong Kong", "香港"),
        ("Viet Nam", "Vietnam"),
    ],
)
def test_shops_spell_countries_in_their_own_way(spelled: str, asked: str) -> None:
    match = Names([], [], [], [spelled], {}).match(asked, "country")
    assert match is not None
    assert match.values == (spelled,)


def test_two_spellings_of_one_country_are_both_meant() -> None:
    match = Names([], [], [], ["USA", "United States"], {}).match("America", "country")
    assert match is not None
    assert sorted(match.values) == ["USA", "United States"]


@pytest.mark.parametrize(
    ("text", "english"),
    [("China", "China"), ("中国", "China"), ("CN", "China"), ("Norwegen", "Norway"), ("England", None), ("", None)],
)
def test_any_country_of_the_world_is_known(names: Names, text: str, english: str | None) -> None:
    assert names.known_country(text) == english


def test_every_english_country_name_leads_back_to_itself() -> None:
    for territory in set(world().names.values()):
        assert world().territory(world().english(territory), strict=True) == territory


VALUE_MATCHES = [
    ("garden", "category", ("Garden",)),
    ("kitchenware", "category", ("Kitchen Ware",)),
    ("gift", "category", ("Gifts",)),
    ("oak and ash", "brand", ("Oak & Ash",)),
    ("ONLINE", "channel", ("Online",)),
    ("online shops", "channel", ("online shop",)),
    ("Credit card", "payment_method", ("credit_card",)),
    ("cork", "city", ("Cork",)),
    ("trade", "segment", ("Trade",)),
    ("5", "region", ("5",)),
    ("C-12", "customer", ("c-12",)),
    ("777", "customer", ("777",)),
    ("SO-1003", "order", ("SO-1003",)),
    ("so-1003", "order", ("SO-1003",)),
    ("SO-10", "order", ()),
    ("77", "customer", ()),
    ("paypal", "payment_method", ()),
]


@pytest.mark.parametrize(("text", "field", "values"), VALUE_MATCHES)
def test_ids_and_values_match_exactly(names: Names, text: str, field: str, values: tuple[str, ...]) -> None:
    match = names.match(text, field)
    assert (match.values if match else ()) == values


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("777", ["product", "customer"]),
        ("garden", ["product", "category"]),
        ("Germany", ["country"]),
        ("at", ["product"]),
    ],
)
def test_match_any_tells_all_readings(names: Names, text: str, fields: list[str]) -> None:
    assert [match.field for match in names.match_any(text)] == fields


@pytest.mark.parametrize(
    ("text", "field", "locale", "sentence"),
    [
        (
            "watering cans",
            "product",
            "en",
            "“watering cans” read as the 2 products whose title contains “watering can”",
        ),
        (
            "candle",
            "product",
            "en",
            "“candle” read as the one product whose title contains “candle”: “Candleholder Brass”",
        ),
        ("knives", "product", "zh", "“knives”按标题包含“knives”或“knife”的 3 个商品理解"),
        ("herb pot", "product", "en", "“herb pot” read as the 2 products with the title “Herb Pot”"),
        ("G104", "product", "en", "“G104” read as the product “Garden Knife” (G104)"),
        ("德国", "country", "zh", "“德国”按国家 Germany 理解"),
        ("credit card", "payment_method", "en", "“credit card” read as the payment method credit_card"),
    ],
)
def test_said_tells_how_a_name_was_read(names: Names, text: str, field: str, locale: str, sentence: str) -> None:
    match = names.match(text, field)
    assert match is not None
    assert match.said(locale) == sentence


def test_values_are_as_stored(names: Names) -> None:
    assert len(names.values("product")) == len({title for _, title, *_ in PRODUCTS})
    assert set(names.values("country")) == {*COUNTRIES, "Netherlands", "Unspecified"}
    assert set(names.values("country")) >= NOT_COUNTRIES
    assert list(names.values("channel")) == sorted(CHANNELS)
    assert all(list(names.values(field)) for field in FIELDS)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("doormats", "doormat"),
        ("boxes", "box"),
        ("knives", "knife"),
        ("babies", "baby"),
        ("cookies", "cookie"),
        ("dishes", "dish"),
        ("glasses", "glass"),
        ("mice", "mouse"),
        ("children", "child"),
    ],
)
def test_singular_and_plural_both_ways(word: str, other: str) -> None:
    assert other in forms(word)
    assert word in forms(other)


@pytest.mark.parametrize("word", ["glass", "news", "goods", "christmas", "bus", "gas"])
def test_a_word_in_s_is_not_cut(word: str) -> None:
    assert word[:-1] not in forms(word)


LETTERS = st.text(alphabet="abeknifsvxyAEÉéßΣİ '-%_\u00a0\u3000\t红雨", max_size=12)


def by_definition(con: duckdb.DuckDBPyConnection, text: str, titles: Sequence[str]) -> set[str]:
    """The products of every form of the text that some title has, by ILIKE on titles with single spaces."""
    vocabulary = {word for title in titles for word in words(fold(title))}
    alternatives = phrase_forms(" ".join(fold(text).split()), vocabulary)
    patterns = ["%" + form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for form in alternatives]
    rows = con.execute(
        f"SELECT DISTINCT product_id FROM (SELECT unnest(range(len($titles)))::VARCHAR AS product_id,"
        f" unnest($titles) AS title), (SELECT unnest($patterns) AS pattern)"
        f" WHERE trim(regexp_replace(title, '{SPACE_RUN_SQL}', ' ', 'g')) ILIKE pattern ESCAPE '\\'",
        {"titles": list(titles), "patterns": patterns},
    ).fetchall()
    return {product_id for (product_id,) in rows}


@settings(max_examples=150, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=6), LETTERS)
def test_contained_is_ilike_over_all_forms(titles: list[str], text: str) -> None:
    shop_names = Names([Product(str(row), title) for row, title in enumerate(titles)], [], [], [], {})
    found = shop_names.titles.contained(text)
    if not any(char.isalnum() for char in text):
        assert found is None
        return
    with duckdb.connect() as con:
        assert {str(row) for row in (found.rows if found else ())} == by_definition(con, text, titles)
    if found:
        raw = {row for row, title in enumerate(titles) if any(form in fold(title) for form in found.forms)}
        assert found.squeeze == (raw != set(found.rows))


@given(st.text(max_size=60))
def test_folding_keeps_positions(text: str) -> None:
    assert len(fold(text)) == len(text)
    squeezed, offsets = squeezed_with_offsets(text)
    assert len(offsets) == len(squeezed) + 1
    assert all(squeezed[at] in (fold(text)[offsets[at]], " ") for at in range(len(squeezed)))


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=6, unique=True))
def test_minimal_keeps_one_part_of_each(phrases: list[str]) -> None:
    kept = minimal(phrases)
    assert all(any(part in phrase for part in kept) for phrase in phrases)
    assert not any(one != other and one in other for one in kept for other in kept)
