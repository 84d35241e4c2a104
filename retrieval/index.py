"""The vectors of a store's products, kept in Chroma: made once for each text, and never those of another text.

Every record carries the hash of the text that its vector was made from; a vector counts only where the product says
that text still. So whatever a crash leaves behind, a vector is right or is made again. Ranking reads all vectors
(20,000 × 384 numbers are compared in 4 ms): exact, under any filter, and also for what only the words found. It reads
them from a plain copy beside Chroma's files, sealed with them: opening Chroma takes seconds, in which one would wait.
"""

from __future__ import annotations

import io
import json
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

COLLECTION, TEXTS, VECTORS = "products", "texts.json", "vectors.npy"
EMBEDDING = "embedding product texts"  # what progress is reported of
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
    ids: tuple[str, ...]
    hashes: tuple[str, ...]
    vectors: Vectors

    def texts(self) -> dict[str, str]:
        """The hash of the text of each product."""
        return dict(zip(self.ids, self.hashes, strict=True))

    def of(self, documents: Sequence[Document]) -> tuple[Vectors, Any]:
        """(N, D) in the order of the documents, zero where there is none; and which there are, (N,) of bool."""
        places = {product: row for row, product in enumerate(self.ids)}
        rows = [places.get(d.product_id, -1) for d in documents]
        there = np.array([r >= 0 and self.hashes[r] == d.hash for r, d in zip(rows, documents, strict=True)], bool)
        found = np.zeros((len(documents), self.vectors.shape[1]), np.float32)
        found[there] = self.vectors[[r for r, here in zip(rows, there, strict=True) if here]]
        return found, there

    def changed(self, documents: Sequence[Document], vectors: Vectors, gone: Sequence[str]) -> Kept:
        """With other documents (N,) and their vectors (N, D), and without those that are gone."""
        out = {*gone, *(d.product_id for d in documents)}
        left = [row for row, product in enumerate(self.ids) if product not in out]
        ids = (*(self.ids[row] for row in left), *(d.product_id for d in documents))
        hashes = (*(self.hashes[row] for row in left), *(d.hash for d in documents))
        before = self.vectors[left] if left else vectors[:0]
        return Kept(self.encoder, ids, hashes, np.concatenate([before, vectors]))


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
    texts, vectors = (io.BytesIO(sealed.content(version, name)) for name in (TEXTS, VECTORS))
    kept = json.load(texts)
    return Kept(kept["encoder"], tuple(kept["ids"]), tuple(kept["hashes"]), np.load(vectors, allow_pickle=False))


def _keep(kept: Kept, place: Path) -> None:
    said = {"encoder": kept.encoder, "ids": kept.ids, "hashes": kept.hashes}
    (place / TEXTS).write_text(json.dumps(said), encoding="utf-8")
    np.save(place / VECTORS, kept.vectors, allow_pickle=False)


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
        kept, rebuilt = _present(folder, encoder)
        if rebuilt:
            sealed.discard(folder)
        done = _synced(folder, documents, encoder, kept, progress, stop)
    except InterruptedError:
        raise
    except (OSError, IndexDamaged) as error:
        raise UserError(f"The index in {folder} could not be written: {error}") from error
    return Synced(done.embedded, done.kept, done.removed, rebuilt)


def _present(folder: Path, encoder: Encodes) -> tuple[Kept, str]:
    """What the index holds of this encoder's; and why it must be made anew, if it must."""
    nothing = Kept(encoder.version, (), (), np.zeros((0, 0), np.float32))
    version = sealed.newest(folder)
    if version is None:
        return nothing, ""
    try:
        sealed.check(version)
        kept = _read(version)
    except IndexDamaged:
        return nothing, "the index was damaged"
    return (kept, "") if kept.encoder == encoder.version else (nothing, "the index was another encoder's")


def _synced(
    folder: Path, documents: Sequence[Document], encoder: Encodes, kept: Kept,
    progress: Progress, stop: Callable[[], bool],
) -> Synced:  # fmt: skip
    wanted, texts = {d.product_id for d in documents}, kept.texts()
    gone = [i for i in texts if i not in wanted]
    new = sorted((d for d in documents if texts.get(d.product_id) != d.hash), key=lambda d: len(d.text))
    for start in range(0, max(len(new), len(gone), 1), BATCH):
        progress(EMBEDDING, min(1.0, start / (len(new) or 1)))
        batch, left = new[start : start + BATCH], gone[start : start + BATCH]
        if batch or left or sealed.newest(folder) is None:
            vectors = encoder.encode([d.text for d in batch], stop)
            kept = kept.changed(batch, vectors, left)
            _write(folder, kept, batch, vectors, left)
    progress(EMBEDDING, 1.0)
    return Synced(len(new), len(documents) - len(new), len(gone))


def _write(folder: Path, kept: Kept, batch: Sequence[Document], vectors: Vectors, gone: Sequence[str]) -> None:
    """The next version of the index."""
    with sealed.work_on(folder, sealed.newest(folder)) as work:
        with _opened(work, kept.encoder) as collection:
            if gone:
                collection.delete(ids=list(gone))
            if batch:
                hashes: Any = [{"text": d.hash} for d in batch]
                collection.upsert(ids=[d.product_id for d in batch], embeddings=vectors, metadatas=hashes)
        _keep(kept, work)


@contextmanager
def _opened(place: Path, encoder: str) -> Iterator[Collection]:
    """The collection, made where it isn't there. Whatever Chroma raises is IndexDamaged."""
    import chromadb
    from chromadb.config import Settings

    client = None
    try:
        client = chromadb.PersistentClient(place, settings=Settings(anonymized_telemetry=False))
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
