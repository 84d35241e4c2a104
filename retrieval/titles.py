"""The product titles of one shop: which products a text names, by metrics.md's rule (whole title, else contained)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from retrieval.wordforms import forms, minimal, phrase_forms
from retrieval.words import fold, plain, squeeze, strip_quotes, words

# Shorter words count in a running text only where a title has them as a whole word: 'ring' is no hint of 'SPRING'.
PARTIAL_WORD = 5


@dataclass(frozen=True)
class Product:
    product_id: str
    title: str
    barcode: str | None = None


@dataclass(frozen=True)
class Contained:
    """The titles that contain one of `forms` (lower case), by position; `squeeze`: only with runs of spaces as one."""

    forms: tuple[str, ...]
    rows: tuple[int, ...]
    squeeze: bool


class Titles:
    def __init__(self, products: Sequence[Product]):
        self.products = products
        self.folded = [fold(product.title) for product in products]
        self.plain = [squeeze(folded) for folded in self.folded]
        self._whole: dict[str, list[int]] = defaultdict(list)
        for row, title in enumerate(self.plain):
            self._whole[title].append(row)

    @cached_property
    def codes(self) -> dict[str, list[int]]:
        """Product rows by folded product_id or barcode."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, product in enumerate(self.products):
            for code in {product.product_id, product.barcode or product.product_id}:
                found[plain(code)].append(row)
        return dict(found)

    @cached_property
    def rows_of_word(self) -> dict[str, set[int]]:
        """Title rows by each whole word in them, folded."""
        found: dict[str, set[int]] = defaultdict(set)
        for row, title in enumerate(self.plain):
            for word in words(title):
                found[word].add(row)
        return dict(found)

    @cached_property
    def distinct(self) -> dict[str, list[int]]:
        """Rows by whole title (plain), without the empty title."""
        return {title: rows for title, rows in self._whole.items() if title}

    def by_code(self, text: str) -> list[int]:
        return self.codes.get(plain(text), [])

    def whole(self, text: str) -> list[int]:
        return self.distinct.get(plain(text), [])

    def contained(self, text: str) -> Contained | None:
        """The products whose title contains the text, in singular or plural."""
        hits = {form: self._rows_with(form) for form in self._forms(text)}
        kept = tuple(form for form in hits if hits[form])
        if not kept:
            return None
        found = tuple(sorted({row for form in kept for row in hits[form]}))
        missed = any(not any(form in self.folded[row] for form in kept) for row in found)
        return Contained(kept, found, missed)

    def _rows_with(self, part: str) -> list[int]:
        """Rows of titles that contain a text (one line, folded): one search over all of them."""
        everything, starts = self._in_one
        rows = []
        at = everything.find(part)
        while at >= 0:
            rows.append(bisect_right(starts, at) - 1)
            after = starts[rows[-1] + 1] if rows[-1] + 1 < len(starts) else len(everything)
            at = everything.find(part, after)
        return rows

    @cached_property
    def _in_one(self) -> tuple[str, list[int]]:
        """All titles, a line each, and where each begins."""
        starts = list(accumulate((len(title) + 1 for title in self.plain[:-1]), initial=0))
        return "\n".join(self.plain), starts

    def any_contains(self, text: str, among: Iterable[int]) -> bool:
        """Whether a title of these rows contains the text, in singular or plural."""
        return any(form in self.plain[row] for form in self._forms(text) for row in among)

    def _forms(self, text: str) -> list[str]:
        """What to look for, lower case; nothing for a text without letters and digits."""
        wanted = plain(text)
        return minimal(phrase_forms(wanted, self.rows_of_word)) if words(wanted) else []

    def rows_near(self, word: str) -> set[int]:
        """Rows of titles with this word (folded) or its other number; a longer word also as start or end of a word."""
        found = set(self.rows_of_word.get(word, ()))
        for form in forms(word):
            found |= self.rows_of_word.get(form, set())
        if not found and len(word) >= PARTIAL_WORD:
            for longer in self._longer_words(word):
                found |= self.rows_of_word[longer]
        return found

    def _longer_words(self, part: str) -> Iterator[str]:
        """The titles' words that begin or end with `part`."""
        yield from _beginning_with(part, self._forward)
        yield from (word[::-1] for word in _beginning_with(part[::-1], self._backward))

    @cached_property
    def _forward(self) -> list[str]:
        return sorted(self.rows_of_word)

    @cached_property
    def _backward(self) -> list[str]:
        return sorted(word[::-1] for word in self.rows_of_word)


def _beginning_with(part: str, ordered: list[str]) -> Iterator[str]:
    for at in range(bisect_left(ordered, part), len(ordered)):
        if not ordered[at].startswith(part):
            return
        yield ordered[at]


def asked_for(text: str) -> str:
    """The name inside an asked text: without quotes and the spaces around it."""
    return squeeze(strip_quotes(text))
