"""Catalogues and judgements of other shops, as files: Parquet or CSV with a column for the id and one for the title."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from evals.bench.ranking import Ratings
from retrieval.documents import Document, attribute_text
from retrieval.words import plain
from store.errors import UserError

ALSO = {  # the columns that a text may stand in, the first that is there
    "title": ("title", "name"),
    "description": ("description", "short_description", "long_description", "body"),
    "category": ("category", "product_type", "type"),
    "brand": ("brand", "supplier", "manufacturer", "vendor"),
    "barcode": ("barcode", "ean", "upc", "gtin", "sku"),
}
NO_TEXT = ("img", "image", "url", "link", "date", "price", "stock")  # columns that say nothing of what a product is


@dataclass(frozen=True)
class Docs:
    """`all_text` is every column of a document, run together."""

    source: Path
    documents: list[Document]
    all_text: list[str]


def read_docs(path: Path) -> Docs:
    """UserError: no such file, or no column for id or title."""
    names, rows = _read(path)
    if "id" not in names or not any(n in names for n in ALSO["title"]):
        raise UserError(f"{path} needs the columns id and title; it has {', '.join(names)}.")
    records = [dict(zip(names, row, strict=True)) for row in rows]
    all_text = [" ".join(str(v) for v in r.values() if v is not None) for r in records]
    return Docs(path, [_document(r) for r in records], all_text)


def _document(record: dict[str, Any]) -> Document:
    columns = {field: next((n for n in also if n in record), "") for field, also in ALSO.items()}
    texts = {field: str(record.get(column) or "") for field, column in columns.items()}
    left = [n for n in record if n != "id" and n not in columns.values() and not n.lower().startswith(NO_TEXT)]
    attributes = " ".join(attribute_text(str(record[n])) for n in left if record[n] is not None)
    codes = (str(record["id"]), *_codes(texts.pop("barcode")))
    return Document(str(record["id"]), **texts, attributes=attributes, codes=tuple(dict.fromkeys(map(plain, codes))))


def _codes(text: str) -> list[str]:
    """One code, or a JSON list of them."""
    if not text.startswith("["):
        return [text] if text else []
    try:
        return [str(code) for code in json.loads(text)]
    except ValueError:
        return [text]


def read_judgements(path: Path) -> Ratings:
    """UserError: no such file, or not the columns query, docid and rating."""
    names, rows = _read(path)
    if lacks := [n for n in ("query", "docid", "rating") if n not in names]:
        raise UserError(f"{path} lacks the column {lacks[0]}; it has {', '.join(names)}.")
    at = [names.index(n) for n in ("query", "docid", "rating")]
    found: Ratings = {}
    for query, doc, rating in ([row[i] for i in at] for row in rows):
        found.setdefault(str(query), {})[str(doc)] = float(rating)
    return found


def _read(path: Path) -> tuple[list[str], Sequence[Sequence[Any]]]:
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    try:
        with duckdb.connect(":memory:") as con:
            read = "read_parquet" if path.suffix == ".parquet" else "read_csv"
            cursor = con.execute(f"SELECT * FROM {read}(?)", [str(path)])
            return [d[0] for d in cursor.description or ()], cursor.fetchall()
    except duckdb.Error as error:
        raise UserError(f"{path} can't be read: {str(error).splitlines()[0]}") from error
