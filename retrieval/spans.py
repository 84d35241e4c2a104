"""Names of a shop inside a running question: where they stand, and what they are."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.titles import Titles
from retrieval.values import value_words
from retrieval.words import HAN_KANA, QUOTE_PAIRS, WORD, fold, squeezed_with_offsets

Span = tuple[int, int]

LONGEST_QUOTE = 80
LONGEST_NAME = 8  # words of a value or a country
_ALNUM = re.compile(r"[^\W_]")
# What may stand between the words of one name.
_JOINT = re.compile(r"[\s\-_&/.'’+]{0,3}\Z")
CODE = re.compile(rf"#?(?:(?!{HAN_KANA.pattern})[^\W_])+(?:[-_./,&+:](?:(?!{HAN_KANA.pattern})[^\W_])+)*")
_NUMERIC = re.compile(r"\d{1,4}(?:[-./,:]\d{1,4})+|\d+[.,]\d+(?:[.,]\d+)*")
# Ids and values without a tell-tale form count after the word that says what they are.
NOUNS = {
    "customer": "customer client buyer shopper user account 客户 顾客 买家 用户 会员",
    "order": "order invoice 订单",
    "product": "product item code sku article 商品 产品",
    "category": "category department 类别 分类 品类",
    "brand": "brand 品牌",
    "region": "region state area 地区",
    "city": "city town 城市",
    "channel": "channel 渠道",
    "segment": "segment 客群",
    "payment_method": "payment method 支付",
}
_NUMBER_WORDS = frozenset(("no", "nr", "number", "id", "code", "num", "编", "号", "码"))


@dataclass(frozen=True)
class Token:
    """A word of a text, folded (a single character in Chinese and Japanese)."""

    start: int
    end: int
    text: str


def tokens_of(text: str) -> list[Token]:
    return [Token(spot.start(), spot.end(), spot.group()) for spot in WORD.finditer(fold(text))]


def quoted(text: str) -> Iterator[tuple[Span, Span]]:
    """(span with quotes, span inside) of each quoted piece; an apostrophe inside a word opens and closes nothing."""
    at = 0
    while at < len(text):
        close = _closing(text, at) if text[at] in QUOTE_PAIRS else None
        if close is None:
            at += 1
            continue
        yield (at, close + 1), (at + 1, close)
        at = close + 1


def _closing(text: str, at: int) -> int | None:
    mark = text[at]
    upright = mark in "\"'`’”"
    if upright and at and _ALNUM.match(text[at - 1]) and not HAN_KANA.match(text[at - 1]):
        return None
    for end in range(at + 2, min(len(text), at + LONGEST_QUOTE + 2)):
        if text[end] not in QUOTE_PAIRS[mark]:
            continue
        after = text[end + 1 : end + 2]
        if mark not in "'’‘" or not _ALNUM.match(after) or HAN_KANA.match(after):
            return end if WORD.search(text, at + 1, end) else None
    return None


class TitleScanner:
    """Finds whole titles in a text, also with a plural ending."""

    def __init__(self, titles: Titles):
        self._by_word: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for title in titles.distinct:
            if first := WORD.search(title):
                self._by_word[first.group()].append((first.start(), title))
        for group in self._by_word.values():
            group.sort(key=lambda entry: -len(entry[1]))

    def scan(self, text: str) -> Iterator[Span]:
        """Spans of the longest titles; none begins inside another."""
        squeezed, offsets = squeezed_with_offsets(text)
        done = 0
        for spot in WORD.finditer(squeezed):
            if spot.start() < done or spot.group() not in self._by_word:
                continue
            start, end = self._longest(squeezed, spot.start(), self._by_word[spot.group()])
            if end:
                done = end
                yield offsets[start], offsets[end - 1] + 1

    @staticmethod
    def _longest(text: str, at: int, titles: list[tuple[int, str]]) -> Span:
        """Start and end of the longest title whose first word stands at `at`; (at, 0) if there is none."""
        for lead, title in titles:
            start = at - lead
            if start < 0 or not text.startswith(title, start):
                continue
            for ending in ("", "s", "es"):
                end = start + len(title) + len(ending)
                if text.startswith(ending, start + len(title)) and not _glued(text, end) and not _glued(text, start):
                    return start, end
        return at, 0


def _glued(text: str, at: int) -> bool:
    """Whether the positions before and after `at` belong to one word."""
    around = (text[max(0, at - 1) : at], text[at : at + 1])
    return all(_ALNUM.match(char) and not HAN_KANA.match(char) for char in around)


def codes(text: str) -> Iterator[tuple[Span, str]]:
    """Pieces of the text that may be an id: whole ('SO-1001'), or cut at their marks ('85123A/22423')."""
    for spot in CODE.finditer(text):
        piece = spot.group()
        yield spot.span(), piece
        if piece.startswith("#"):
            yield (spot.start() + 1, spot.end()), piece[1:]
        bare = piece.lstrip("#")
        if not bare.isalnum() and not _NUMERIC.fullmatch(bare):
            for part in re.finditer(r"[^\W_]+", piece):
                yield (spot.start() + part.start(), spot.start() + part.end()), part.group()


def said_before(tokens: Sequence[Token], at: int, field: str) -> bool:
    """Whether the words before position `at` of the text say the field: 'customer no 17', 'region 5'."""
    upto = bisect_right(tokens, at - 1, key=lambda token: token.start)
    before = [token.text for token in tokens[max(0, upto - 6) : upto]]
    while before and before[-1] in _NUMBER_WORDS:
        before.pop()
    if not before:
        return False
    nouns = NOUNS.get(field, "").split()
    if HAN_KANA.match(before[-1]):
        return "".join(before).endswith(tuple(nouns))
    return before[-1] in nouns or before[-1].removesuffix("s") in nouns


def windows(
    text: str, tokens: Sequence[Token], starts: Callable[[str], bool], longest: int
) -> Iterator[tuple[int, Sequence[Token]]]:
    """Runs of neighbouring tokens, longest first for each start, that may be one name: (position, run)."""
    for first, token in enumerate(tokens):
        if not starts(token.text):
            continue
        last = first + 1
        while last < min(len(tokens), first + longest) and _JOINT.match(
            text[tokens[last - 1].end : tokens[last].start]
        ):
            last += 1
        for end in range(last, first, -1):
            yield first, tokens[first:end]


class ValueScanner:
    """Finds the values of several fields (category, channel…) in a text."""

    def __init__(self, keys: Mapping[str, Mapping[str, tuple[str, ...]]]):
        self._keys: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for field, by_key in keys.items():
            for key, values in by_key.items():
                self._keys[key].append((field, values))

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(start for key in self._keys for start in (key[:1], key[:2]))

    def scan(self, text: str, tokens: Sequence[Token]) -> Iterator[tuple[Span, str, tuple[str, ...]]]:
        """(span, field, values); a mere number only after the field's name."""
        if not self._keys:
            return
        for _, run in windows(text, tokens, lambda word: word[:2] in self._starts, LONGEST_NAME):
            if len(run) > 1 and "and" in (run[0].text, run[-1].text):
                continue
            key = "".join(value_words([token.text for token in run]))
            for field, values in self._keys.get(key, ()):
                if not key.isdecimal() or said_before(tokens, run[0].start, field):
                    yield (run[0].start, run[-1].end), field, values
