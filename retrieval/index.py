"""The vectors of a store's products, kept in Chroma: made once for each text, and never those of another text.

Every record carries the hash of the text that its vector was made from; a vector counts only where the product says
that text still. So whatever a crash leaves behind, a vector is right or is made again. Ranking reads all vectors
(20,000 × 384 numbers are compared in 4 ms): exact, under any filter, and also for what only the words found.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import Document
from store.errors import UserError

if TYPE_CHECKING:
    from chromadb import Collection

    from retrieval.encoder import Encoder, Vectors

COLLECTION = "products"
BATCH = 256  # texts between two writes
Progress = Callable[[str, float], None]


class IndexDamaged(UserError):
    """The index can't be read or written. What else there is works without it."""


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
    if not (folder / "chroma.sqlite3").exists():
        return None
    with _opened(folder) as collection:
        found = collection.get(include=["embeddings", "metadatas"])
        ids, hashes = found["ids"], tuple(str(m.get("text")) for m in found["metadatas"] or ())
        vectors = np.asarray(found["embeddings"], np.float32).reshape(len(ids), -1)
        if len(hashes) != len(ids) or not np.isfinite(vectors).all():
            raise IndexDamaged(_damaged(folder, "its records are not whole"))
        return Kept(str((collection.metadata or {}).get("encoder")), dict(zip(ids, range(len(ids)), strict=True)),
                    hashes, vectors)  # fmt: skip


def sync(
    folder: Path,
    documents: Sequence[Document],
    encoder: Encoder,
    progress: Progress = lambda what, part: None,
    stop: Callable[[], bool] = lambda: False,
) -> Synced:
    """Brings the index up to date: new and changed texts embedded, products that are gone removed.

    What is embedded is kept batch by batch, so that whoever stops or kills it goes on there the next time. An index of
    another encoder, or one that can't be read, is made anew. InterruptedError on `stop`; UserError: the disk's.
    """
    rebuilt = ""
    try:
        held = _held(folder)
        if held is not None and held[0] != encoder.version:
            rebuilt = "the index was another encoder's"
    except IndexDamaged:
        rebuilt, held = "the index could not be read", None
    if rebuilt:
        discard(folder)
    texts = held[1] if held is not None and not rebuilt else {}
    try:
        return _synced(folder, documents, encoder, texts, rebuilt, progress, stop)
    except OSError as error:
        raise UserError(f"The index in {folder} could not be written: {error.strerror or error}.") from error


def _synced(
    folder: Path, documents: Sequence[Document], encoder: Encoder, texts: dict[str, str], rebuilt: str,
    progress: Progress, stop: Callable[[], bool],
) -> Synced:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {d.product_id: d.hash for d in documents}
    gone = [i for i in texts if i not in wanted]
    new = sorted((d for d in documents if texts.get(d.product_id) != d.hash), key=lambda d: len(d.text))
    with _opened(folder, encoder.version) as collection:
        for start in range(0, len(gone), BATCH):
            collection.delete(ids=gone[start : start + BATCH])
        for start in range(0, len(new), BATCH):
            progress("embedding product texts", start / len(new))
            _write(collection, new[start : start + BATCH], encoder, stop)
    progress("embedding product texts", 1.0)
    return Synced(len(new), len(documents) - len(new), len(gone), rebuilt)


def _write(collection: Collection, batch: Sequence[Document], encoder: Encoder, stop: Callable[[], bool]) -> None:
    vectors = encoder.encode([d.text for d in batch], stop)
    collection.upsert(
        ids=[d.product_id for d in batch], embeddings=vectors, metadatas=[{"text": d.hash} for d in batch]
    )


def discard(folder: Path) -> None:
    """Removes the index. UserError where that can't be done."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UserError(f"The index in {folder} could not be removed: {error.strerror}.") from error


def _held(folder: Path) -> tuple[str, dict[str, str]] | None:
    """Whose vectors the index holds, and the hash of each product's text. A vector is read on the way, as a probe."""
    if not (folder / "chroma.sqlite3").exists():
        return None
    with _opened(folder) as collection:
        found = collection.get(include=["embeddings", "metadatas"])
        metadatas = found["metadatas"] or []
        hashes = {i: str(m.get("text")) for i, m in zip(found["ids"], metadatas, strict=True)}
        return str((collection.metadata or {}).get("encoder")), hashes


@contextmanager
def _opened(folder: Path, encoder: str | None = None) -> Iterator[Collection]:
    """The collection; made for the encoder's vectors where it isn't there. Whatever Chroma raises is IndexDamaged."""
    import chromadb
    from chromadb.config import Settings

    client = None
    try:
        client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
        if encoder is None:
            yield client.get_collection(COLLECTION, embedding_function=None)
        else:
            yield client.get_or_create_collection(
                COLLECTION, embedding_function=None, metadata={"encoder": encoder},
                configuration={"hnsw": {"space": "cosine"}},
            )  # fmt: skip
    except (UserError, InterruptedError, KeyboardInterrupt):
        raise
    except BaseException as error:  # Chroma's engine panics with an exception of no class of Python's own
        raise IndexDamaged(
            _damaged(folder, str(error).splitlines()[0] if str(error) else type(error).__name__)
        ) from error
    finally:
        if client is not None:
            client.close()


def _damaged(folder: Path, what: str) -> str:
    return f"The index in {folder} can't be used: {what}. ./storewise index --store {folder.parent.name} mends it."
