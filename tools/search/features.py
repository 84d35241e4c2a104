"""The text of each product as a vector, for models that learn from it: recommendation, cold starts, cataloguing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval import index
from retrieval.encoder import version_of
from tools.contract import UserError
from tools.search.catalogue import catalogue_of
from tools.search.upkeep import build, chosen_encoder, folder_of

if TYPE_CHECKING:
    from retrieval.encoder import Vectors
    from retrieval.index import Progress
    from store.connect import Store


@dataclass(frozen=True)
class TextVectors:
    """`vectors` (N, D) of unit length, a row for each of `product_ids`. `version` names data and encoder: vectors of
    the same version are the same."""

    product_ids: tuple[str, ...]
    vectors: Vectors
    version: str


def text_vectors(store: Store, progress: Progress = lambda what, part: None) -> TextVectors:
    """All products' vectors, from the index where it has them, made where it doesn't. UserError: they can't be made."""
    documents = catalogue_of(store).documents
    build(store, documents, progress)
    kept = index.read(folder_of(store) / "chroma")
    if kept is None:
        raise UserError(f"Store {store.name} has no products to embed.")
    vectors, there = kept.of(documents)
    if not there.all():
        raise UserError(f"The index of store {store.name} is being changed; try again.")
    version = f"{store.data_version} {version_of(chosen_encoder(store))}"
    return TextVectors(tuple(d.product_id for d in documents), vectors, version)
