"""The vectors of a store's products, kept in Chroma: made once for each text, and never those of another text.

Every record carries the hash of the text that its vector was made from; a vector counts only where the product says
that text still. So whatever a crash leaves behind, a vector is right or is made again. Ranking reads all vectors
(20,000 × 384 numbers are compared in 4 ms): exact, under any filter, and also for what only the words found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from retrieval import sealed
from retrieval.documents import Document
from retrieval.sealed import IndexDamaged
from store.errors import UserError

if TYPE_CHECKING:
    from chromadb import Collection

    from retrieval.encoder import Vectors

__all__ = ["IndexDamaged", "Kept", "Progress", "Synced", "read", "sync"]

COLLECTION = "products"
BATCH = 1_024  # texts between two versions: what a kill costs at most
Progress = Callable[[str, float], None]


class Encodes(Protocol):
    """What an index needs of an encoder."""

    @property
    def version(self) -> str: ...

    def encode(self, texts: Sequence[str], stop: Callable[[], bool]) -> Vectors: ...


@dataclass(frozen=True)
class Synced:
    """What bringing an index up to date came to. `rebuilt` says why all was made anew, "" where it wasn't."""

    embedded: int
    kept: int
    removed: int
    rebuilt: str = ""


@dataclass(frozen=True)
class Kept:
    """What the index holds: the hash of the text and the vector of each product, and whose vectors they are."""

    encoder: str
    rows: dict[str, int]
    hashes: tuple[str, ...]
    vectors: Vectors

    def of(self, documents: Sequence[Document]) -> tuple[Vectors, Any]:
        """(N, D) in the order of the documents, zero where there is none; and which there are, (N,) of bool."""
        rows = [self.rows.get(d.product_id, -1) for d in documents]
        there = np.array([r >= 0 and self.hashes[r] == d.hash for r, d in zip(rows, documents, strict=True)], bool)
        found = np.zeros((len(documents), self.vectors.shape[1]), np.float32)
        found[there] = self.vectors[[r for r, here in zip(rows, there, strict=True) if here]]
        return found, there


def read(folder: Path) -> Kept | None:
    """The whole index; None where there is none yet. IndexDamaged: it is there and can't be read."""
    while (version := sealed.newest(folder)) is not None:
        try:
            return _read(version)
        except IndexDamaged:
            if sealed.newest(folder) == version:
                raise
    return None


def _read(version: Path) -> Kept:
    with sealed.copied(version) as copy, _opened(copy) as collection:
        found = collection.get(include=["embeddings", "metadatas"])
        ids, hashes = found["ids"], tuple(str(m.get("text")) for m in found["metadatas"] or ())
        vectors = np.asarray(found["embeddings"], np.float32).reshape(len(ids), -1 if ids else 0)
        rows = {product: row for row, product in enumerate(ids)}
        return Kept(_encoder_of(collection), rows, hashes, vectors)


def sync(
    folder: Path,
    documents: Sequence[Document],
    encoder: Encodes,
    progress: Progress = lambda what, part: None,
    stop: Callable[[], bool] = lambda: False,
) -> Synced:
    """Brings the index up to date: new and changed texts embedded, products that are gone removed.

    What is embedded is published batch by batch, so that whoever stops or kills it goes on there the next time. An
    index of another encoder, or one that is damaged, is made anew. One writer at a time, which the caller sees to.
    InterruptedError on `stop`; UserError: the disk's.
    """
    try:
        sealed.clear_work(folder)
        texts, rebuilt = _texts(folder, encoder)
        if rebuilt:
            sealed.discard(folder)
        done = _synced(folder, documents, encoder, texts, progress, stop)
    except InterruptedError:
        raise
    except (OSError, IndexDamaged) as error:
        raise UserError(f"The index in {folder} could not be written: {error}") from error
    return Synced(done.embedded, done.kept, done.removed, rebuilt)


def _texts(folder: Path, encoder: Encodes) -> tuple[dict[str, str], str]:
    """The hash of the text of each product in the index; and why it must be made anew, if it must."""
    version = sealed.newest(folder)
    if version is None:
        return {}, ""
    try:
        with sealed.copied(version) as copy, _opened(copy) as collection:
            if _encoder_of(collection) != encoder.version:
                return {}, "the index was another encoder's"
            found = collection.get(include=["metadatas"])
            return {i: str(m.get("text")) for i, m in zip(found["ids"], found["metadatas"] or (), strict=True)}, ""
    except IndexDamaged:
        return {}, "the index was damaged"


def _synced(
    folder: Path, documents: Sequence[Document], encoder: Encodes, texts: dict[str, str],
    progress: Progress, stop: Callable[[], bool],
) -> Synced:  # fmt: skip
    wanted = {d.product_id: d.hash for d in documents}
    gone = [i for i in texts if i not in wanted]
    new = sorted((d for d in documents if texts.get(d.product_id) != d.hash), key=lambda d: len(d.text))
    for start in range(0, max(len(new), len(gone), 1), BATCH):
        progress("embedding product texts", min(1.0, start / (len(new) or 1)))
        batch, left = new[start : start + BATCH], gone[start : start + BATCH]
        if batch or left or sealed.newest(folder) is None:
            vectors = encoder.encode([d.text for d in batch], stop)
            _write(folder, encoder.version, batch, vectors, left)
    progress("embedding product texts", 1.0)
    return Synced(len(new), len(documents) - len(new), len(gone))


def _write(folder: Path, version: str, batch: Sequence[Document], vectors: Vectors, gone: Sequence[str]) -> None:
    """The next version of the index."""
    with sealed.work_on(folder, sealed.newest(folder)) as work, _opened(work, version) as collection:
        if gone:
            collection.delete(ids=list(gone))
        if batch:
            hashes: Any = [{"text": d.hash} for d in batch]
            collection.upsert(ids=[d.product_id for d in batch], embeddings=vectors, metadatas=hashes)


def _encoder_of(collection: Collection) -> str:
    return str((collection.metadata or {}).get("encoder"))


@contextmanager
def _opened(place: Path, encoder: str | None = None) -> Iterator[Collection]:
    """The collection; made for the encoder's vectors where it isn't there. Whatever Chroma raises is IndexDamaged."""
    import chromadb
    from chromadb.config import Settings

    client = None
    try:
        client = chromadb.PersistentClient(place, settings=Settings(anonymized_telemetry=False))
        if encoder is None:
            yield client.get_collection(COLLECTION, embedding_function=None)
        else:
            yield client.get_or_create_collection(
                COLLECTION, embedding_function=None, metadata={"encoder": encoder},
                configuration={"hnsw": {"space": "cosine"}},
            )  # fmt: skip
    except BaseException as error:
        if not _is_chromas(error):
            raise
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise IndexDamaged(f"{said}. ./storewise index mends it.") from error
    finally:
        if client is not None:
            client.close()


def _is_chromas(error: BaseException) -> bool:
    """Its own errors, those of the files under it, and the panics of its engine, which are no Exception of Python's."""
    from chromadb.errors import ChromaError

    return isinstance(error, ChromaError | sqlite3.Error | ValueError) or type(error).__name__ == "PanicException"
