"""A store's products as a search needs them: texts, prices, stock, and the ranker over them; once a data version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import Document, load_documents
from retrieval.rank import Ranker
from store.kept import Kept

if TYPE_CHECKING:
    from store.connect import Store

FACTS = "SELECT list_price, stock, category, brand FROM products ORDER BY product_id"
_catalogues: Kept[Catalogue] = Kept(8)


@dataclass(frozen=True)
class Catalogue:
    """Rows are products by id. `price` and `stock` are (N,) with NaN where the shop doesn't say."""

    documents: list[Document]
    ranker: Ranker
    price: Any
    stock: Any
    category: list[str]
    brand: list[str]

    @property
    def has_prices(self) -> bool:
        return bool(np.isfinite(self.price).any())

    @property
    def has_stock(self) -> bool:
        return bool(np.isfinite(self.stock).any())


def catalogue_of(store: Store) -> Catalogue:
    """The store's catalogue, read once per data version."""
    return _catalogues.of(store, lambda: _read(store))


def _read(store: Store) -> Catalogue:
    with store.connect() as con:
        documents = load_documents(con)
        facts = con.execute(FACTS).fetchall()
    price, stock = (np.array([np.nan if f[i] is None else f[i] for f in facts], float) for i in (0, 1))
    words = ([(f[i] or "").casefold() for f in facts] for i in (2, 3))
    return Catalogue(documents, Ranker(documents), price, stock, *words)
