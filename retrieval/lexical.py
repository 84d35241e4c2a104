"""Words: BM25 over all that products say of themselves, with what is misspelt, run together or in another number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.bm25 import Bm25
from retrieval.documents import Document
from retrieval.synonyms import same_as
from retrieval.wordforms import plurals, singulars
from retrieval.words import plain, words

if TYPE_CHECKING:
    from retrieval.bm25 import Scores

# How often a field's words count: as if they were written so many times (Robertson, Zaragoza and Taylor 2004).
WEIGHTS = {"title": 4, "description": 4, "category": 2, "brand": 1, "attributes": 1, "reviews": 1}
# The part of a score that the field gives which says most of a text by itself: a long description elsewhere takes
# nothing from it. From the validation half of judged searches (evals/bench/search.py), as is its k1.
ONE_FIELD, FIELD_K1 = 0.3, 1.2
MOST_WORDS = 64  # of a query
ALIKE = 0.72  # of a misspelt word and the one that is meant
SHORTEST_MISSPELT = 4
SHORT = 5  # letters of a word, of which one more or less makes another word as easily as a slip
POSSESSIVE = re.compile(r"(?<=\w)['’`]s\b")
SAME = 0.8  # of a word that the shop never says and another one that means the same
ALSO = 0.3  # of a word that the shop says, and another one that means the same and is said by more of its products
LITTLE = 0.1  # of a small word
SMALL = frozenset(
    "a an and any as at by can for from get i in into is it its me my of off on or our out some so that the their them "
    "they this those to up us very we which who with you your".split()
)
NEAREST = 3  # words that a misspelt one may have meant


@dataclass(frozen=True)
class Term:
    """A word looked for, as the shop has it (`word`), and as it was asked for; `weight` is 1 where it is sure.

    Of several terms for one `slot` of the text the best counts. A `word` may be two, which must both be said; it is ""
    where the shop has none.
    """

    word: str
    asked: str
    weight: float = 1.0
    slot: str = ""


class Lexical:
    """BM25 over the documents of a shop: over all that they say, and over the field that says most of a text."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.size = len(documents)
        fields = {name: [spoken(getattr(document, name)) for document in documents] for name in WEIGHTS}
        self._known = Counter(word for name, texts in fields.items() for text in texts for word in WEIGHTS[name] * text)
        self._stems = {word: self._stem(word) for word in self._known}
        fields = {name: [[self._stems[w] for w in text] for text in texts] for name, texts in fields.items()}
        whole = [_run_together(texts) for texts in zip(*fields.values(), strict=True)]
        self._holding = Counter(stem for text in whole for stem in set(text))
        self._whole = Bm25(whole)
        self._fields = [Bm25(texts, FIELD_K1) for texts in fields.values() if any(texts)]

    def _stem(self, word: str) -> str:
        """The singular, where the shop says it too: 'battery', though somewhere 'batterie' is written."""
        return max((form for form in singulars(word) if form in self._known), key=self._known.__getitem__, default=word)

    def stem_of(self, word: str) -> str:
        """The form under which a word is kept."""
        return self._stems.get(word, word)

    def words(self, text: str) -> list[str]:
        """The words of a text that are looked for."""
        return spoken(text)[:MOST_WORDS]

    def terms(self, text: str) -> list[Term]:
        """What to look for: words as they stand, in their other number, two as one; others that mean the same where
        the shop says those more often, and for those that it never says; else those most like them."""
        asked = self.words(text)
        found = [term for word in asked for term in self._terms(word)]
        for pair in pairwise(asked):
            if (joined := "".join(pair)) in self._known:
                found.append(Term(self._stems[joined], " ".join(pair), slot=joined))
            if not all(map(self._form, pair)):
                found += self._meaning_the_same(" ".join(pair))
        found = list(dict.fromkeys(found))
        return found if all(t.asked in SMALL for t in found) else [_lighter(t) for t in found]

    def _terms(self, word: str) -> list[Term]:
        if here := self._form(word):
            return [Term(here, word, slot=word), *self._said_more(here, word)]
        found = self._meaning_the_same(word) or self._parted(word) or self._misspelt(word)
        return found or [Term("", word, slot=word)]

    def _said_more(self, here: str, word: str) -> list[Term]:
        """Where the shop says 'laptop' now and then, and calls the thing a notebook."""
        same = self._meaning_the_same(word) if word not in SMALL else []
        least = {term: min(self._holding[part] for part in term.word.split(" ")) for term in same}
        return [replace(term, weight=ALSO) for term in same if least[term] > self._holding[here]]

    def _meaning_the_same(self, name: str) -> list[Term]:
        *before, last = name.split(" ")
        forms = (" ".join((*before, form)) for form in (last, *singulars(last)))
        names = next((same_as()[form] for form in forms if form in same_as()), ())
        said = [[self._form(word) for word in other.split(" ")] for other in names]
        return [Term(" ".join(parts), name, SAME, slot=name) for parts in said if all(parts)]

    def _form(self, word: str) -> str:
        """The form under which the shop has a word, "" where it hasn't."""
        here = next((form for form in (word, *singulars(word), *plurals(word)) if form in self._known), "")
        return self._stems[here] if here else ""

    def _parted(self, word: str) -> list[Term]:
        """'cakestand', where the shop says 'cake stand'."""
        for at in range(3, len(word) - 2):
            if word[:at] in self._known and word[at:] in self._known:
                return [Term(self._stems[part], word, slot=part) for part in (word[:at], word[at:])]
        return []

    def _misspelt(self, word: str) -> list[Term]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if len(word) < SHORTEST_MISSPELT or word.isdecimal():
            return []
        near = process.extract(word, self._vocabulary, scorer=OSA.normalized_similarity, limit=None, score_cutoff=ALIKE)
        meant = [(other, alike) for other, alike, _ in near if not _another(word, other)]
        return [Term(self._stems[other], word, alike**2, slot=word) for other, alike in meant[:NEAREST]]

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(word for word in self._known if len(word) >= SHORTEST_MISSPELT - 1 and not word.isdecimal())

    def scores(self, terms: Iterable[Term]) -> Scores:
        """Of every document, (N,), on the scale of BM25 over all that it says."""
        terms = list(terms)
        whole, fields = self._scores(self._whole, terms), [self._scores(field, terms) for field in self._fields]
        field = np.maximum.reduce(fields) if fields else whole
        most = float(field.max(initial=0))
        return whole + ONE_FIELD * (field * (float(whole.max()) / most) - whole) if most > 0 else whole

    def _scores(self, bm25: Bm25, terms: Iterable[Term]) -> Scores:
        """(N,): the best of each slot's terms, each by its weight."""
        slots: dict[str, Scores] = {}
        for term in terms:
            found = term.weight * bm25.score_of_all(term.word.split(" "))
            slots[term.slot] = np.maximum(slots[term.slot], found) if term.slot in slots else found
        return sum(slots.values(), np.zeros(self.size, np.float32))

    def reach(self, terms: Iterable[Term]) -> float:
        """What a document would come to at most that says all of the text, the words that the shop lacks included."""
        slots: dict[str, float] = {}
        for term in terms:
            if " " not in term.asked:
                rarest = max(map(self._rarity, term.word.split(" ")))
                slots[term.slot] = max(slots.get(term.slot, 0.0), term.weight * rarest)
        return sum(slots.values())

    def _rarity(self, word: str) -> float:
        """BM25's inverse document frequency: what a word brings at most."""
        holding = self._holding[word]
        return math.log(1 + (self.size - holding + 0.5) / (holding + 0.5))

    def says(self, text: str) -> bool:
        """Whether the shop has every word of a text somewhere."""
        return all(map(self._form, spoken(text)))

    def having(self, word: str) -> Any:
        """Which documents say the word, in either number: (N,) of bool."""
        return self._whole.score(self._form(word)) > 0


def spoken(text: str) -> list[str]:
    """The words of a text as they are compared; "child's" is said of a child."""
    return words(POSSESSIVE.sub("", plain(text)))


def _another(word: str, other: str) -> bool:
    """Whether two short words are simply two words, as 'lamp' and 'damp' or 'chair' and 'hair': fingers slip within a
    word, not at its first letter (Yannakoudakis and Fawthrop 1983), and drop, double or swap letters of a short one."""
    shorter = min(len(word), len(other))
    swapped = Counter(word) == Counter(other)
    if shorter > SHORT or swapped:
        return False
    return word[0] != other[0] or (len(word) == len(other) <= SHORTEST_MISSPELT)


def _lighter(term: Term) -> Term:
    """Small words tell products apart only where nothing else does."""
    return replace(term, weight=term.weight * LITTLE) if term.asked in SMALL else term


def _run_together(texts: Sequence[list[str]]) -> list[str]:
    """The words of all fields of a document, each as often as its field counts."""
    return [word for times, text in zip(WEIGHTS.values(), texts, strict=True) for word in times * text]
