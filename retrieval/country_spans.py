"""Countries inside a running question, in any language: what is one, and what only looks like one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.countries import ShopCountries, World, world
from retrieval.country_words import BEFORE_PLACE, BESIDE_PEOPLE, CODE_WORDS, EVERYDAY, NOT_INSIDE, THINGS
from retrieval.spans import LONGEST_NAME, Token, windows
from retrieval.titles import Titles
from retrieval.words import HAN_KANA, KATAKANA

_HANGUL = re.compile("[\uac00-\ud7a3]")
_SHORT = 3
CODE = re.compile(r"\b[A-Z]{2,3}\b")
CODES_IN_A_ROW = re.compile(r"\b[A-Z]{2,3}(?:\s*(?:[,/&+]|\band\b|\bor\b)\s*(?:and |or )?[A-Z]{2,3}\b)+")
# 'TELL IT TO US' in capitals is no country; 'SALES IN US' is.
SURELY_BEFORE_PLACE = frozenset({"in", "from", "outside", "the"})


@dataclass(frozen=True)
class Place:
    """A country named at [start, end) of a text; `territory` is None for a shop's own spelling that the world lacks.

    `elsewhere`: no country but a part or a group of some (England, South America).
    """

    start: int
    end: int
    territory: str | None
    elsewhere: bool = False


class CountryScanner:
    def __init__(self, shop: ShopCountries, titles: Titles):
        self._shop = shop
        self._titles = titles

    @cached_property
    def _world(self) -> World:
        return world()

    @cached_property
    def _starts(self) -> frozenset[str]:
        names = (self._world.names, self._world.demonyms, self._world.parts, self._world.elsewhere, self._shop.spelled)
        return frozenset(key.split(" ")[0] for keys in names for key in keys) | frozenset(self._world.codes)

    def scan(self, text: str, tokens: Sequence[Token]) -> list[Place]:
        """The countries in a text, left to right, none inside another."""
        shouted = _shouted(text, tokens)
        listed = frozenset[int]() if shouted else self._listed(text)
        found: list[Place] = []
        done = 0
        for index, run in windows(text, tokens, self._may_start, LONGEST_NAME):
            if run[0].start < done or "and" in (run[0].text, run[-1].text):
                continue
            key = " ".join(token.text for token in run if token.text != "and")
            for place in self._read(text, tokens, index, run, key, shouted, listed):
                done = place.end
                found.append(place)
        return found

    def _may_start(self, word: str) -> bool:
        return word in self._starts or bool(_HANGUL.match(word))

    def _read(
        self,
        text: str,
        tokens: Sequence[Token],
        index: int,
        run: Sequence[Token],
        key: str,
        shouted: bool,
        listed: frozenset[int],
    ) -> Iterator[Place]:
        start, end = run[0].start, run[-1].end
        if _HANGUL.match(key) and len(run) == 1:
            yield from self._with_particle(run[0])
            return
        said = text[start:end]
        before = tokens[index - 1].text if index else ""
        after = tokens[index + len(run)] if index + len(run) < len(tokens) else None
        if len(key) <= _SHORT and key.isascii() and key not in self._world.names:
            code = self._world.codes.get(key)
            if (code or key in self._shop.spelled) and (start in listed or _is_code(said, before, shouted)):
                yield Place(start, end, code)
            return
        territory = self._world.names.get(key) or self._world.demonyms.get(key)
        elsewhere = territory is None and key not in self._shop.spelled
        if (elsewhere and not (key in self._world.parts or key in self._world.elsewhere)) or key in EVERYDAY:
            return
        if elsewhere and before not in BEFORE_PLACE and self._titles.contained(said):
            return
        if HAN_KANA.match(said):
            if not _cut_out(text, start, end):
                yield Place(start, end, territory, elsewhere)
        elif not self._is_thing(said, key, before, after) and not self._in_title(text, tokens, index, len(run)):
            yield Place(start, end, territory, elsewhere)

    def _listed(self, text: str) -> frozenset[int]:
        """Where the codes of a list begin: in 'DE, AT and CH', beside a code that is no word, 'AT' is none either."""
        out: set[int] = set()
        for row in CODES_IN_A_ROW.finditer(text):
            codes = list(CODE.finditer(text, *row.span()))
            if any(c.group().lower() in self._world.codes and c.group().lower() not in CODE_WORDS for c in codes):
                out |= {c.start() for c in codes}
        return frozenset(out)

    def _with_particle(self, token: Token) -> Iterator[Place]:
        """Korean hangs particles on names: 독일에서 is 'in Germany'."""
        for length in range(len(token.text), 1, -1):
            if territory := self._world.names.get(token.text[:length]):
                yield Place(token.start, token.start + length, territory)
                return

    def _is_thing(self, said: str, key: str, before: str, after: Token | None) -> bool:
        """Whether 'china', 'polish'… in small letters is what is sold, or done to it."""
        if key not in THINGS or said[0].isupper() or before in BEFORE_PLACE or (after and after.text in BESIDE_PEOPLE):
            return False
        return key in self._titles.rows_of_word or key in self._world.demonyms

    def _in_title(self, text: str, tokens: Sequence[Token], index: int, count: int) -> bool:
        """Whether the country and the word beside it are part of a title: 'french blue' is a colour there."""
        first, last = tokens[index], tokens[index + count - 1]
        pairs = []
        if index + count < len(tokens):
            pairs.append((first.start, tokens[index + count].end, tokens[index + count].text))
        if index and tokens[index - 1].text not in BEFORE_PLACE:
            pairs.append((tokens[index - 1].start, last.end, tokens[index - 1].text))
        for start, end, neighbour in pairs:
            rows = self._titles.rows_of_word.get(first.text, set())
            if (
                len(neighbour) >= _SHORT
                and rows
                and self._titles.any_contains(text[start:end], rows & self._titles.rows_near(neighbour))
            ):
                return True
        return False


def _shouted(text: str, tokens: Sequence[Token]) -> bool:
    """Whether the whole text is in capitals, so that they tell nothing."""
    return text.isupper() and sum(len(token.text) > 1 for token in tokens) > 2 and not HAN_KANA.search(text)


def _is_code(said: str, before: str, shouted: bool) -> bool:
    """Codes are written in capitals, and are no unit ('16 GB') or everyday word ('IT', 'ID')."""
    if not said.isupper() or before.isdecimal():
        return False
    word = said.lower()
    if shouted and word == "us":
        return before in SURELY_BEFORE_PLACE
    return (before in BEFORE_PLACE and before != "the") or word not in CODE_WORDS  # 'the VAT return'


def _cut_out(text: str, start: int, end: int) -> bool:
    """Whether the characters belong to longer words: 今日|本店 is no Japan, タイトル no Thailand."""
    if text[start - 1 : end] in NOT_INSIDE or text[start : end + 1] in NOT_INSIDE:
        return True
    edges = ((text[start - 1 : start], text[start]), (text[end - 1], text[end : end + 1]))
    return any(outside and KATAKANA.match(outside) and KATAKANA.match(inside) for outside, inside in edges)
