"""Words: BM25 over all that products say of themselves, with what is misspelt, run together or in another number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import Document
from retrieval.wordforms import plurals, singulars
from retrieval.words import plain, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

# How often a field's words count: as if they were written so many times (Robertson, Zaragoza and Taylor 2004).
WEIGHTS = {"title": 4, "description": 4, "category": 2, "brand": 1, "attributes": 1, "reviews": 1}
MOST_WORDS = 64  # of a query
ALIKE = 0.72  # of a misspelt word and the one that is meant
SHORTEST_MISSPELT = 4
POSSESSIVE = re.compile(r"(?<=\w)['’`]s\b")
NEAREST = 3  # words that a misspelt one may have meant


@dataclass(frozen=True)
class Term:
    """A word looked for, as the shop has it (`word`), and as it was asked for; `weight` is 1 where it is sure."""

    word: str
    asked: str
    weight: float = 1.0


class Lexical:
    """BM25 (Robertson and Zaragoza 2009; k1 1.5, b .75, by bm25s) over the documents of a shop."""

    def __init__(self, documents: Sequence[Document]) -> None:
        import bm25s

        self.size = len(documents)
        texts = [list(_tokens(document)) for document in documents]
        self._known = Counter(word for text in texts for word in text)
        self._stems = {word: self._stem(word) for word in self._known}
        stems = [[self._stems[word] for word in text] for text in texts]
        self._ids: dict[str, int] = {}
        numbered = [[self._ids.setdefault(stem, len(self._ids)) for stem in text] for text in stems]
        self._bm25: Any = bm25s.BM25()
        if self._ids:
            self._bm25.index((numbered, self._ids), show_progress=False, create_empty_token=False)

    def _stem(self, word: str) -> str:
        """The singular, where the shop says it too: 'battery', though somewhere 'batterie' is written."""
        return max((form for form in singulars(word) if form in self._known), key=self._known.__getitem__, default=word)

    def stem_of(self, word: str) -> str:
        """The form under which a word is kept."""
        return self._stems.get(word, word)

    def terms(self, text: str) -> list[Term]:
        """What to look for: words as they stand, in their other number, two as one, or those most like them."""
        asked = spoken(text)[:MOST_WORDS]
        found = [term for word in asked for term in self._terms(word)]
        for one, other in pairwise(asked):
            if one + other in self._known:
                found.append(Term(self._stems[one + other], f"{one} {other}"))
        return list(dict.fromkeys(found))

    def _terms(self, word: str) -> list[Term]:
        if word in self._known:
            return [Term(self._stems[word], word)]
        for form in (*singulars(word), *plurals(word)):
            if form in self._known:
                return [Term(self._stems[form], word)]
        return self._parted(word) or self._misspelt(word)

    def _parted(self, word: str) -> list[Term]:
        """'cakestand', where the shop says 'cake stand'."""
        for at in range(3, len(word) - 2):
            if word[:at] in self._known and word[at:] in self._known:
                return [Term(self._stems[part], word) for part in (word[:at], word[at:])]
        return []

    def _misspelt(self, word: str) -> list[Term]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if len(word) < SHORTEST_MISSPELT or word.isdecimal():
            return []
        near = process.extract(
            word, self._vocabulary, scorer=OSA.normalized_similarity, limit=NEAREST, score_cutoff=ALIKE
        )
        return [Term(self._stems[other], word, alike**2) for other, alike, _ in near]

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(word for word in self._known if len(word) >= SHORTEST_MISSPELT - 1 and not word.isdecimal())

    def scores(self, terms: Iterable[Term]) -> Scores:
        """BM25 of every document, (N,), each term by its weight."""
        found = np.zeros(self.size, np.float32)
        for term in terms:
            if (number := self._ids.get(term.word)) is not None:
                found += term.weight * self._bm25.get_scores_from_ids([number])
        return found

    def having(self, word: str) -> Any:
        """Which documents say the word, in either number: (N,) of bool."""
        return self.scores(Term(self._stems.get(form, form), word) for form in self._forms(word)) > 0

    def _forms(self, word: str) -> list[str]:
        return [form for form in (word, *singulars(word), *plurals(word)) if form in self._known][:1]


def spoken(text: str) -> list[str]:
    """The words of a text as they are compared; "child's" is said of a child."""
    return words(POSSESSIVE.sub("", plain(text)))


def _tokens(document: Document) -> Iterator[str]:
    for field, times in WEIGHTS.items():
        found = spoken(getattr(document, field))
        for _ in range(times):
            yield from found
