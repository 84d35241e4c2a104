"""What each product says of itself: the texts that a search looks through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from retrieval.words import plain, words

if TYPE_CHECKING:
    import duckdb

LONGEST = 1_200  # characters that the encoder is given: more than it reads
LONGEST_FIELD = 20_000  # characters of a description, attributes or reviews that are looked through
MOST_REVIEWS = 5  # of a product, the newest


@dataclass(frozen=True)
class Document:
    """The texts of one product, each "" where there is none. `codes` are its id and barcodes."""

    product_id: str
    title: str
    description: str = ""
    category: str = ""
    brand: str = ""
    attributes: str = ""
    reviews: str = ""
    codes: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """What the encoder reads: the title, then what the other texts add to it, words that were there left out."""
        said: set[str] = set()
        parts = (self.title, self.brand, self.category, self.description, self.attributes, self.reviews)
        return ". ".join(part for each in parts if (part := _added(each, said)))[:LONGEST]

    @property
    def hash(self) -> str:
        """Of `text`: the same text has the same vector."""
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:32]


def _added(part: str, said: set[str]) -> str:
    """The pieces of a text that hold a word not said yet; all their words are said then."""
    pieces = [piece for piece in part[:LONGEST].split() if any(word not in said for word in words(plain(piece)))]
    said.update(words(plain(part[:LONGEST])))
    return " ".join(pieces)


def attribute_text(attributes: str | None) -> str:
    """The values of a JSON object, and the names of what is true: '{"colour": "red", "dishwasher_safe": true}'.

    What is no JSON object is taken as it stands.
    """
    if not attributes:
        return ""
    try:
        found = json.loads(attributes)
    except (ValueError, RecursionError):
        return attributes[:LONGEST_FIELD]
    return " ".join(dict.fromkeys(_values(found, "")))[:LONGEST_FIELD]


def _values(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, name)
    elif value is True:
        yield name.replace("_", " ")
    elif value is not None and value is not False:
        yield str(value)


PRODUCTS = (
    "SELECT product_id, title, description, category, brand, barcode, attributes FROM products ORDER BY product_id"
)
REVIEWS = f"""SELECT product_id, string_agg(concat_ws(' ', title, body), ' ' ORDER BY created_at DESC, review_id)
FROM (
    SELECT *, row_number() OVER (PARTITION BY product_id ORDER BY created_at DESC, review_id) AS place FROM reviews
)
WHERE place <= {MOST_REVIEWS} AND product_id IS NOT NULL
GROUP BY product_id"""


def load_documents(con: duckdb.DuckDBPyConnection) -> list[Document]:
    """The products of an open store, by id."""
    reviews: dict[str, str] = dict(con.execute(REVIEWS).fetchall())
    return [_document(row, reviews.get(row[0]) or "") for row in con.execute(PRODUCTS).fetchall()]


def _document(row: Sequence[Any], reviews: str) -> Document:
    product_id, title, description, category, brand, barcode, attributes = row
    codes = tuple(dict.fromkeys(plain(code) for code in (product_id, barcode) if code))
    description, category, brand = ((text or "")[:LONGEST_FIELD] for text in (description, category, brand))
    told = reviews[:LONGEST_FIELD]
    return Document(product_id, title, description, category, brand, attribute_text(attributes), told, codes)
