"""What is found to be a person's, what is not, and that masking is undone without a trace."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.privacy.known import Known, known_of, language
from agent.privacy.names import read_names
from agent.privacy.vault import PLACEHOLDER, Vault
from store.connect import Store
from store.paths import Home
from store.publish import publish
from tests.pii import CHINESE, ENGLISH, PEOPLE, Draw, seeded
from tests.pii_forms import ELSEWHERE, HELD_OUT, USUAL

STRANGERS = Known()
SHOP = Known(read_names(PEOPLE, language()))
FAMILIES = {"usual": USUAL, "held out": HELD_OUT, "elsewhere": ELSEWHERE}


def masked(text: str, known: Known = STRANGERS) -> str:
    """Masked, and seen to be what it was when it is restored."""
    vault = Vault(known)
    out = vault.mask(vault.look(text))
    assert vault.restore(out) == text
    return out


# ---- each kind


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("write to ada@example.com.", "write to [EMAIL_1]."),
        ("请联系ada@example.com谢谢", "请联系[EMAIL_1]谢谢"),
        ("a@b.example, A@B.example and c@b.example", "[EMAIL_1], [EMAIL_1.2] and [EMAIL_2]"),
        (r"An earlier answer said ada\@example\.com", "An earlier answer said [EMAIL_1]"),
        ("ada.l (at) mail (dot) example (dot) org, thanks", "[EMAIL_1], thanks"),
        ("my e-mail is ada at example.org", "my e-mail is [EMAIL_1]"),
        ("ＡＤＡ＠ＥＸＡＭＰＬＥ．ＣＯＭ", "[EMAIL_1]"),
        ('"ada lovelace"@example.com', "[EMAIL_1]"),
    ],
)
def test_emails(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("+44 1632 960001 bought 12 mugs", "[PHONE_1] bought 12 mugs"),
        ("(01632) 960001", "[PHONE_1]"),
        ("call (+44) 1632 960001, ext. 12!", "call [PHONE_1]!"),
        ("who is 1３8００１３８０００?", "who is [PHONE_1]?"),
        ("phone 555 0123 or 555-0123", "phone [PHONE_1] or [PHONE_1.2]"),
        ("一三八零零一三八零零零", "[PHONE_1]"),
        ("from 01632 960001 to 01632 960002", "from [PHONE_1] to [PHONE_2]"),
        ("order 5501 of 13800138000", "order 5501 of [PHONE_1]"),
    ],
)
def test_phones(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("4111 1111 1111 1111 12/27 123", "[CARD_1] 12/27 123"),
        ("paid with 378282246310005.", "paid with [CARD_1]."),
        ("card no. 4222222222222", "card no. [CARD_1]"),
        ("5 mugs, 5555-5555-5555-4444", "5 mugs, [CARD_1]"),
        ("DE89 3704 0044 0532 0130 00 thanks", "[IBAN_1] thanks"),
        ("iban:gb82west12345698765432。", "iban:[IBAN_1]。"),
        ("from 192.0.2.7:8080 and 2001:db8::7", "from [IP_1]:8080 and [IP_2]"),
        ("::ffff:192.0.2.7 is 192[.]0[.]2[.]7", "[IP_1] is [IP_2]"),
    ],
)
def test_cards_accounts_and_machines(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ada Thornbury's orders", "[NAME_1]'s orders"),
        ("ada thornbury, THORNBURY ADA", "[NAME_1], [NAME_1.2]"),
        ("A. Thornbury and Mrs Baker", "[NAME_1] and [NAME_2]"),
        ("what did Thornbury buy?", "what did [NAME_1] buy?"),
        ("Ada  Mary M. Thornbury", "Ada  Mary M. [NAME_1]"),
        ("Soren Kjaer is Søren Kjær", "[NAME_1] is [NAME_1.2]"),
        ("O''Rourke: 'Sean O''Rourke'", "[NAME_1]: '[NAME_2]'"),
        ("张伟强和李娜买了什么？李小姐呢", "[NAME_1]和[NAME_2]买了什么？[NAME_3]呢"),
    ],
)
def test_names_of_the_store(text: str, left: str) -> None:
    assert masked(text, SHOP) == left


@pytest.mark.parametrize(
    "text",
    [
        "Lily Vase, Rose Candle, Holly Wreath and Martin's Mug",
        "sales in May, of summers past, by the baker; a chen is no customer",
        "Revenue was £4,388.80 in 2024, 1205307.11 in all, up 5.1 % on 4388801",
        "order 300001, order number 4111111111111112, barcode 5012345000017, EAN 4006381333931",
        "SELECT * FROM orders WHERE ordered_at >= '2024-01-01 00:00:00' AND order_id = '501234567'",
        "2023-11-20..2024-11-20, 01.02.2024 10:30:00, 12/11/2024 - 15/11/2024, 1999-2008",
        "sizes 36 38 40 42, 135 x 200 cm, 5000/6000/5100/6100, 800/1066/1333, 0.4111111111111111",
        "2019 2020 2021 2022, 20241101-20241130, 1700000000, 10:30:45, x[1::2], ordered_at::date",
        "mug@2x.png, gradio@6.31.0, we sell at example dot com, look at example.com, @ada, 5 @ 3.50",
        "v1.2.3.4, version 10.0.0.1, 120.0.6099.71, 256.1.1.1, 1.2.3",
        "NL91ABNA0417164301, GB82WEST12345698765433, 4111 1111 1111 1112, P-101, 85123A, SO-1000",
        "ip_key a3f9c2b17e4d5a60, device d-f0f487db, V00012, PK-10201, $415 555 2671, 1,2,3,4,5,6,7,8,9,10,11",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert masked(text, SHOP) == text


def test_the_systems_own_words_stay() -> None:
    """Even where a customer has an ordinary word for a name."""
    shop = Known(read_names([*PEOPLE, "April May", "Guest Customer", "Will Long", "Rose", "Mark Case"], language()))
    for file in (Path(__file__).parent.parent / "agent" / "prompts").glob("*.md"):
        text = file.read_text(encoding="utf-8")
        assert masked(text, shop) == text


# ---- how much is found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", USUAL)
def test_at_least_95_percent_of_each_kind_are_masked(family: str, kind: str) -> None:
    drawn = [
        seeded(draw, sentence, random.Random(f"{number} {sentence}"))
        for number, draw in enumerate(FAMILIES[family][kind])
        for sentence in (*ENGLISH, *CHINESE)
    ]
    missed = [s.text for s in drawn if s.survives(masked(s.text, SHOP))]
    assert len(drawn) > 60 and len(missed) <= len(drawn) * 0.05, missed[:10]


# ---- masking and restoring

ALL_FORMS: list[Draw] = [draw for family in FAMILIES.values() for draws in family.values() for draw in draws]
PIECES = st.one_of(
    st.text(st.sampled_from("0123456789 +-.()/:@_[]%&;#\\*'\"aeixé\u200b\u0301１张,\n"), max_size=12),
    st.sampled_from(["[EMAIL_1]", "[NAME_1.2]", "[TEXT_1]", "&#64;", "%40", "%2", "\\u0040", "]", "[PHONE_", "1]"]),
    st.builds(lambda draw, seed: draw(random.Random(seed)), st.sampled_from(ALL_FORMS), st.integers(0, 99)),
)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(PIECES, max_size=4).map("".join))
@settings(deadline=None, max_examples=400)
def test_masking_is_undone_without_a_trace(one: str, other: str) -> None:
    vault = Vault(SHOP)
    vault.look(one), vault.look(other)
    texts = [vault.mask(text) for text in (one, other)]
    assert [vault.restore(text) for text in texts] == [one, other]
    assert [vault.mask(vault.look(text)) for text in (one, other)] == texts


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=300)
def test_any_text_is_undone_without_a_trace(text: str) -> None:
    masked(text, SHOP)


SURE: list[Draw] = [
    *USUAL["EMAIL"][:4], *USUAL["PHONE"][:16], *USUAL["CARD"][:7], *USUAL["IBAN"], *USUAL["IP"], *USUAL["NAME"][:6]
]  # fmt: skip
AROUND = st.text(st.sampled_from("abcdefgh ,.;!?\n()“”*张的了"), max_size=30)


@given(AROUND, AROUND, st.sampled_from(SURE), st.integers())
@settings(deadline=None, max_examples=400)
def test_nothing_seeded_survives_whatever_is_around_it(before: str, after: str, draw: Draw, seed: int) -> None:
    one = seeded(draw, "{}", random.Random(seed))
    text = f"{before} {one.text} {after}"
    assert one.value not in masked(text, SHOP) and PLACEHOLDER.search(masked(text, SHOP))


def test_one_value_has_one_placeholder_in_all_texts_of_a_turn() -> None:
    vault = Vault(SHOP)
    texts = ["phone 555 0123 of Mr Baker", '[null, "555 0123"]', "a MR BAKER, 555 0123 times"]
    for text in texts:
        vault.look(text)
    assert [vault.mask(t) for t in texts] == [
        "phone [PHONE_1] of [NAME_1]", '[null, "[PHONE_1]"]', "a [NAME_1.2], [PHONE_1] times",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said",
    ["[EMAIL_2]", "[EMAIL_1.2]", "[EMAIL_01]", "[email_1]", "EMAIL_1", "[EMAIL 1]", "[ EMAIL_1 ]", "[EMAIL_1", "【EMAIL_1】",
     "[PHONE_1]", "[EMAIL_1]0", "7[EMAIL_1]", "[EMAIL_1.]", "[EMAIL_-1]"],
)  # fmt: skip
def test_what_is_not_exactly_a_placeholder_stays_as_it_is(said: str) -> None:
    vault = Vault(STRANGERS)
    assert vault.mask(vault.look("ada@example.com")) == "[EMAIL_1]"
    assert vault.restore(said) == said and vault.restore("so [EMAIL_1], yes") == "so ada@example.com, yes"


def test_text_that_looks_like_a_placeholder_is_masked_itself() -> None:
    assert masked("[EMAIL_1] is ada@example.com") == "[TEXT_1] is [EMAIL_1]"


# ---- what a store knows


def test_a_store_knows_its_customers_phones_and_codes(tmp_path: Path) -> None:
    home = Home(tmp_path)

    def build(con: object) -> dict[str, object]:
        con.execute(  # type: ignore[attr-defined]
            "INSERT INTO customers (customer_id, name, phone) VALUES ('C1', 'Ida Quillfeather', '5557-8812'), ('C2', NULL, '');"
            "INSERT INTO products (product_id, title) VALUES ('01632960001', 'Quillfeather Pen'), ('P2', 'Ida');"
            "INSERT INTO orders (order_id, ordered_at, status, currency, customer_id) VALUES"
            " ('4111111111111111', '2024-05-01', 'completed', 'GBP', 'C1');"
            "INSERT INTO order_items (order_id, line, product_id, quantity, unit_price) VALUES ('4111111111111111', 1, 'P2', 1, 2)"
        )
        return {}

    publish(home, "shop", build, format="tests")
    from store.connect import open_store

    known = known_of(open_store(home, "shop"))
    assert masked("Ida Quillfeather, 5557 8812 or 55578812", known) == "[NAME_1], [PHONE_1] or [PHONE_1.2]"
    told = "orders of product 01632960001, order 4111111111111111: a Quillfeather Pen by Ida"
    assert masked(told, known) == told


def test_names_are_read_once_a_version_and_stand_in_no_file_of_ours(tiny: Store) -> None:
    assert known_of(tiny) is known_of(tiny)
    assert masked("Ada Thornbury", known_of(tiny)) == "[NAME_1]"
    assert b"Thornbury" not in (tiny.path / "analytics.duckdb").read_bytes()
