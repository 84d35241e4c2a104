"""Titles that a name may mean which none of them contains: its words in another order, misspelt, or another word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retrieval.lexical import SMALL
from retrieval.rank import best
from tools.search.catalogue import catalogue_of

if TYPE_CHECKING:
    from store.connect import Store

MOST = 5
LIKE = 0.6  # of a word in the shop and the one that was said: the square of how alike they are written
EQUAL = 0.15  # how much less than the best a title may fit


def nearest_titles(store: Store, name: str) -> tuple[str, ...]:
    """At most MOST titles that say every word of the name and fit it about equally well, the likeliest first."""
    catalogue = catalogue_of(store)
    lexical = catalogue.ranker.lexical
    terms = lexical.terms(name)
    asked = {term.asked for term in terms if term.asked not in SMALL}
    if not asked or any(not term.word for term in terms):
        return ()
    every = [lexical.scores(t for t in terms if t.asked == word and t.weight >= LIKE) > 0 for word in asked]
    scores = lexical.scores(terms)
    rows = best(scores, np.logical_and.reduce(every), MOST)
    near = [row for row in rows if scores[row] >= (1 - EQUAL) * scores[rows[0]]]
    return tuple(dict.fromkeys(catalogue.documents[row].title for row in near))
