"""BM25 (Robertson and Zaragoza 2009), by bm25s, a word at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]


class Bm25:
    """The words of N texts, as they are given."""

    def __init__(self, texts: Sequence[Sequence[str]], k1: float = 1.5, b: float = 0.75) -> None:
        import bm25s

        self._size = len(texts)
        self._ids: dict[str, int] = {}
        numbered = [[self._ids.setdefault(word, len(self._ids)) for word in text] for text in texts]
        self._bm25: Any = bm25s.BM25(k1=k1, b=b)
        if self._ids:
            self._bm25.index((numbered, self._ids), show_progress=False, create_empty_token=False)

    def score(self, word: str) -> Scores:
        """(N,), 0 for texts without the word."""
        number = self._ids.get(word)
        found: Scores = np.zeros(self._size, np.float32) if number is None else self._bm25.get_scores_from_ids([number])
        return found

    def score_of_all(self, words: Sequence[str]) -> Scores:
        """(N,): as much as if all the words were the rarest of them, 0 where one is missing."""
        least: Scores = len(words) * np.minimum.reduce([self.score(word) for word in words])
        return least
