"""Words of a message that nothing accounts for: in no name and no period, and never heard in a question of a kind
that is answered."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from agent.planner.corpus import NUMBERS, Conversation
from agent.planner.lexer import Token, lex, split, vocabulary
from agent.planner.parser import Reading
from agent.planner.shop import Shop


def heard_in(conversations: Iterable[Conversation]) -> frozenset[str]:
    """The words that stand outside names in questions for figures and for what models tell.

    What is only described ("something for a wet dog") may be anything, so its words say nothing.
    """
    out = set[str]()
    for said in (m for c in conversations for m in c.messages):
        if said.meaning.asks_figures or said.meaning.tool not in ("", "search_products"):
            out |= {t.text for t in split(said.text) if not _inside(t, [(s.start, s.end) for s in said.spans])}
    return frozenset(w for w in out if w[0].isalpha())


def unheard(reading: Reading, shop: Shop, heard: Collection[str]) -> list[Token]:
    """What is left of a message; one slip from a word that is known doesn't count."""
    lexed, known = lex(reading.text, shop.names, shop.today, shop.first_day), vocabulary()
    places = [(s.start, s.end) for s in reading.spans] + lexed.spans()
    return [
        t for t in split(reading.text)
        if _is_said(t.text[0]) and not _inside(t, places) and t.text not in heard and t.text not in known
        and not _nearly(t.text, heard)
    ]  # fmt: skip


def says_nothing(reading: Reading, shop: Shop) -> bool:
    """Whether a message has no figure, dimension, name or period that either reading knows of."""
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    named = any(s.kind not in NUMBERS for s in reading.spans)
    return not (named or lexed.spans() or lexed.of("metric", "dim"))


def _is_said(sign: str) -> bool:
    """A letter, or a sign that stands for nothing, as no merchant types it."""
    return sign.isalpha() or unicodedata.category(sign) in ("Cn", "Co")


def _inside(token: Token, places: Iterable[tuple[int, int]]) -> bool:
    return any(start < token.end and token.start < end for start, end in places)


def _nearly(word: str, heard: Collection[str]) -> bool:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < 4 or not word.isascii():
        return False
    return process.extractOne(word, heard, scorer=OSA.distance, score_cutoff=1 if len(word) < 7 else 2) is not None
