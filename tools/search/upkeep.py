"""The index of a store, found, made and kept up to date: who builds it, who waits, and what is said meanwhile."""

from __future__ import annotations

import atexit
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval import index, sealed
from retrieval.documents import Document
from retrieval.encoder import default_folder, encoder_at, version_of
from retrieval.index import Progress, Synced
from store.errors import UserError
from store.locks import locked
from tools.search.catalogue import catalogue_of

if TYPE_CHECKING:
    from retrieval.encoder import Vectors
    from store.connect import Store

log = logging.getLogger(__name__)

AT_ONCE = 256  # texts that a search embeds itself, a second or two; more are embedded beside it
ENOUGH = 0.9  # of the products with a vector, from which on vectors count
BUILDING = "Only words were compared: the index of meanings is still being built."
UNUSABLE = "Only words were compared: the index of meanings can't be used."


@dataclass(frozen=True)
class Meanings:
    """The vectors of a shop's products, (N, D) in the order of its documents, and the folder of the encoder that made
    them; or why there are none."""

    vectors: Vectors | None = None
    encoder: Path | None = None
    note: str = ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(N, D), comparable to the vectors. The encoder is loaded when it is first asked."""
        assert self.encoder is not None, "there are no vectors to compare with"
        return encoder_at(self.encoder).encode(texts)


class _Busy(Exception):
    """Somebody else is writing the index."""


def folder_of(store: Store) -> Path:
    return store.path / "index"


def chosen_encoder(store: Store) -> Path:
    """The folder of the encoder that was chosen for the store, else MiniLM's."""
    chosen = folder_of(store) / "encoder.json"
    if not chosen.is_file():
        return default_folder()
    try:
        return Path(json.loads(chosen.read_text(encoding="utf-8"))["folder"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{chosen} can't be read; choose the encoder again with ./storewise index --encoder."
        ) from error


def choose_encoder(store: Store, folder: Path) -> None:
    """Sets the store's encoder. UserError where the folder holds none."""
    encoder_at(folder.absolute())
    folder_of(store).mkdir(parents=True, exist_ok=True)
    text = json.dumps({"folder": str(folder.absolute())}, ensure_ascii=False)
    (folder_of(store) / "encoder.json").write_text(text + "\n", encoding="utf-8")


def build(
    store: Store, documents: Sequence[Document], progress: Progress,
    stop: threading.Event | None = None, waiting: Callable[[], None] | None = None,
) -> Synced:  # fmt: skip
    """Brings the store's index up to date; `waiting` is called once when somebody else is at it, and then waited for.

    InterruptedError on `stop`; UserError: no encoder, or the disk's.
    """
    encoder = encoder_at(chosen_encoder(store))
    with locked(store.home.lock(store.name, "index"), waiting=waiting):
        stopped = stop.is_set if stop else lambda: False
        return index.sync(folder_of(store) / "chroma", documents, encoder, progress, stopped)


class Upkeep:
    """One store's index as this process has it. Its vectors are read again only when somebody wrote them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._builder: threading.Thread | None = None
        self._failed = ""
        self._part = 0.0
        self._meanwhile = Meanings(note=BUILDING)
        self._read: tuple[Any, Meanings] | None = None
        self._stop = threading.Event()

    @property
    def part(self) -> float | None:
        """How far the index is that is being built here, from 0 to 1; None where none is."""
        return self._part if self._builder is not None and self._builder.is_alive() else None

    def meanings(self, store: Store, documents: Sequence[Document]) -> Meanings:
        """The vectors as far as they are there; begins to make those that lack. Never raises for a bad index."""
        with self._lock:
            if self._builder is not None and self._builder.is_alive():
                return self._meanwhile
            try:
                return self._meanings(store, documents)
            except _Busy:
                return Meanings(note=BUILDING)
            except UserError as error:
                log.warning("%s", error)
                return Meanings(note=UNUSABLE)

    def _meanings(self, store: Store, documents: Sequence[Document]) -> Meanings:
        mark = (store.data_version, *self._written(store))
        if self._read is not None and self._read[0] == mark:
            return self._read[1]
        found, lacking = self._stored(store, documents)
        if 0 < lacking <= AT_ONCE:
            build(store, documents, lambda what, part: None, waiting=_refuse)
            found, lacking = self._stored(store, documents)
        if lacking and self._failed != str(mark):
            self._meanwhile = found if found.vectors is not None else Meanings(note=BUILDING)
            self._begin(store, documents, str(mark))
            return self._meanwhile
        if lacking and found.vectors is None:
            found = Meanings(note=UNUSABLE)
        self._read = ((store.data_version, *self._written(store)), found)
        return found

    def _written(self, store: Store) -> tuple[str, str]:
        """Changes whenever somebody writes the index or chooses another encoder."""
        return sealed.mark(folder_of(store) / "chroma"), str(chosen_encoder(store))

    def _stored(self, store: Store, documents: Sequence[Document]) -> tuple[Meanings, int]:
        """The vectors that the index holds of these texts, and how many lack."""
        kept, encoder = index.read(folder_of(store) / "chroma"), chosen_encoder(store)
        if kept is None or kept.encoder != version_of(encoder):
            return Meanings(), len(documents)
        vectors, there = kept.of(documents)
        lacking = int((~there).sum())
        usable = lacking <= (1 - ENOUGH) * len(documents)
        return Meanings(vectors if usable else None, encoder if usable else None), lacking

    def _begin(self, store: Store, documents: Sequence[Document], mark: str) -> None:
        def progress(what: str, part: float) -> None:
            self._part = part

        def run() -> None:
            try:
                build(store, documents, progress, self._stop)
            except InterruptedError:
                log.info("The index of %s goes on the next time.", store.name)
            except UserError as error:
                self._failed = mark
                log.warning("%s", error)

        self._part = 0.0
        self._builder = threading.Thread(target=run, name=f"index of {store.name}", daemon=True)
        atexit.register(self._end)
        self._builder.start()

    def _end(self) -> None:
        """At the process's end: what is embedded by then is kept."""
        self._stop.set()
        if self._builder is not None:
            self._builder.join()


def _refuse() -> None:
    raise _Busy


_upkeeps: dict[tuple[Any, str], Upkeep] = {}
_making = threading.Lock()


def upkeep_of(store: Store) -> Upkeep:
    """The one of this process for the store."""
    with _making:
        return _upkeeps.setdefault((store.home, store.name), Upkeep())


def prepare(store: Store) -> None:
    """Loads what the first search would wait for, and begins to build the index where it isn't whole."""
    found = upkeep_of(store).meanings(store, catalogue_of(store).documents)
    if found.encoder is not None:
        found.encode([""])
