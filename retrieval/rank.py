"""Words and meaning together: which products a text means most likely, and which words of theirs say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import Document
from retrieval.lexical import Lexical, Term
from retrieval.words import plain, squeeze

if TYPE_CHECKING:
    from retrieval.bm25 import Scores
    from retrieval.encoder import Vectors

# The part of a score that vectors give, the rest words: of the first places, and of those behind them, where what
# words find best has been shown; where words leave more unsaid, as much as they do. Further places are looked for by
# what the LEADING first ones mean too, the k-th of them by 1/k, by LED together. From the validation half of judged
# searches (evals/bench/search.py).
MEANING, FURTHER, FIRST, LEADING, LED = 0.15, 0.2, 20, 3, 0.7
ENOUGH = 0.6  # of what a product could say of a text; where the best says less, its words count for less
ALIKE_AT_LEAST = 0.25  # cosine of a text and a product that shares no word with it
ALIKE_ALONE = 0.5  # the same, where no product has a word of the text: names that nobody knows are like anything


@dataclass(frozen=True)
class Hit:
    """A product found: its place among the documents, and the code that was named, "" for what ranking found."""

    row: int
    code: str = ""


@dataclass(frozen=True)
class Meant:
    """What a text means, `vector` (D,), among the vectors of all documents, (N, D), all of unit length."""

    vectors: Vectors
    vector: Vectors

    @cached_property
    def cosines(self) -> Scores:
        """(N,). By one thread: the threads of @ and those of the encoder wait for each other, up to 100 ms."""
        found: Scores = np.einsum("nd,d->n", self.vectors, self.vector)
        return found

    def with_leading(self, rows: Sequence[int]) -> Scores:
        """(N,) cosines where the text means as much what those rows mean (Rocchio 1971)."""
        leading = (self.vectors[list(rows)] / np.arange(1, len(rows) + 1)[:, None]).sum(0)
        length = float(np.linalg.norm(leading))
        vector = self.vector + LED * leading / length if length else self.vector
        return Meant(self.vectors, _unit(vector.astype(np.float32))).cosines


class Ranker:
    """The documents of one shop at one version, with the vectors that there are.

    `vectors` (N, D) of unit length, `there` (N,) says which of them exist; both None without an index.
    """

    def __init__(self, documents: Sequence[Document], lexical: Lexical | None = None) -> None:
        self.documents = documents
        self.lexical = lexical or Lexical(documents)

    @cached_property
    def _rows_of_code(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, document in enumerate(self.documents):
            for code in document.codes:
                found.setdefault(code, []).append(row)
        return found

    def with_code(self, text: str) -> list[int]:
        """The products that have the whole text as their id or barcode."""
        return self._rows_of_code.get(plain(text), [])

    def named(self, text: str) -> list[Hit]:
        """The products whose id or barcode is in the text, in its order."""
        found: dict[int, Hit] = {}
        for piece in [squeeze(text), *text.split()[:200]]:
            bare = piece.strip(".,;:!?\"'()[]，。；：！？“”‘’（）")
            for row in self.with_code(bare) if _is_code(bare) or bare == squeeze(text) else ():
                found.setdefault(row, Hit(row, bare))
        return list(found.values())

    def fused(self, terms: Sequence[Term], meant: Meant | None, allowed: Any = None) -> Scores:
        """Scores of all documents, (N,), 0 for what has nothing of the text. `allowed` (N,) are those to be ranked."""
        found, reach = self.lexical.scores(terms), self.lexical.reach(terms)
        most = float(found.max(initial=0))
        lexical = found / max(most, ENOUGH * reach) if most > 0 else found  # 1 is the best, if it says enough
        if meant is None:
            return lexical
        unsaid = max(0.0, 1 - most / reach) if reach > 0 else 1.0
        places = (max(MEANING, unsaid), max(FURTHER, unsaid))
        return further(lexical, meant, np.ones(len(lexical), bool) if allowed is None else allowed, places)


def further(lexical: Scores, meant: Meant, allowed: Any, places: tuple[float, float] = (MEANING, FURTHER)) -> Scores:
    """Words from 0 to 1, (N,), and meaning as one score: the first of those allowed by one weight, with 1 added, the
    rest by another, and by what leads as well."""
    first = weighted(lexical, meant.cosines, places[0])
    rows = best(first, allowed, FIRST)
    found = weighted(lexical, meant.with_leading(rows[:LEADING]), places[1])
    found[rows] = 1 + first[rows]
    return found


def weighted(lexical: Scores, cosines: Scores, meaning: float) -> Scores:
    """Words from 0 to 1 and cosines, (N,) each, as one score; `meaning` is the weight of the cosines, at most 1."""
    least = ALIKE_AT_LEAST if lexical.any() else ALIKE_ALONE
    meant = np.where((lexical > 0) | (cosines >= least), np.maximum(cosines, 0), 0)
    found: Scores = ((1 - meaning) * lexical + meaning * _to_one(meant)).astype(np.float32)
    return found


def best(scores: Scores, allowed: Any, k: int) -> list[int]:
    """The rows of the k best scores above 0 among those allowed, best first, ties in the documents' order."""
    held = np.where(allowed, scores, 0)
    k = min(k, len(held))
    first = np.argpartition(-held, k - 1)[:k] if 0 < k < len(held) else np.arange(len(held))
    kth = held[first].min() if k else 0
    rows = np.flatnonzero((held >= kth) & (held > 0))
    return [int(row) for row in rows[np.argsort(-held[rows], kind="stable")][:k]]


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _to_one(scores: Scores) -> Scores:
    most = scores.max(initial=0)
    return scores / most if most > 0 else scores


def _is_code(piece: str) -> bool:
    return any(char.isdigit() for char in piece)
