"""Names of the store's customers, in the ways that people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import pairwise

from agent.privacy.found import Found
from agent.proof.folding import fold

HAN = "\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[^\W\d_{HAN}]+(?:['’`´]{{1,2}}(?!s(?![a-z]))[^\W\d_{HAN}]+)*")
HAN_RUN = re.compile(rf"[{HAN}](?:[ ·・•]?[{HAN}])*")
GAP, ABBREVIATED = re.compile(r"[\s,_\-‐-―·・+*()\"'“”]{1,4}|\."), re.compile(r"\.? ?")
APOSTROPHE = re.compile("['’`´]")
MOST, LONGEST_HAN = 6, 12  # words of a name, and letters of a Chinese one
SHORTEST = 5  # letters of a word that is masked by itself
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
TITLED = re.compile(
    r"(?<![a-z])(?:mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|monsieur|madame|mme|mlle|signor|signora"
    r"|señora?|senora?|sra?)\.?[ \t]{1,2}$"
)
HAN_TITLED = re.compile(rf"[{HAN}](?=先生|女士|小姐|太太|老师)")
LETTERS_OF_TEXT = frozenset("aiosty")  # "a winter coat"
CALENDAR = (
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday"
)
SMALL = "an do in so to may will can he she you me my is am are be no on or us we by go at as of it long the and not"
NOBODY = frozenset(  # what stands in a name's place where there is none
    f"{CALENDAR} {SMALL} guest customer client unknown anonymous test user online offline store shop walk in na none"
    " null cash sale sales retail wholesale account default admin 顾客 客户 匿名 用户 游客 散客 会员".split()
)


@dataclass(frozen=True)
class Word:
    start: int
    end: int
    text: str


@dataclass
class Names:
    """`whole` are names as words, in every order, each with its key; `starts` the words that they begin with, and how
    many words they have at most; `last` are last names, and of these `parts` mean nothing else; `initials` are last
    names with the first letters of first ones; `han` are names without spaces, `han_first` what they begin with."""

    whole: dict[tuple[str, ...], str] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    any_part: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    initials: set[tuple[str, str]] = field(default_factory=set)
    han: set[str] = field(default_factory=set)
    han_first: set[str] = field(default_factory=set)


def read_names(names: Iterable[str], ordinary: Set[str]) -> Names:
    """The names, ready to be found. `ordinary` are words that a text may well hold: alone they are nobody's."""
    out = Names()
    for name in names:
        for spelling in _spellings(name):
            _enter(out, spelling)
    out.parts = {word for word in out.last if len(word) >= SHORTEST and word not in ordinary}
    return out


def names_in(text: str, names: Names) -> Iterator[Found]:
    """Of a view's text."""
    words = [Word(*m.span(), _plain(m[0])) for m in WORD.finditer(text)]
    at = 0
    while at < len(words):
        found, after = _name(text, words, at, names)
        if found:
            yield found
        at = after
    yield from _han_names(text, names.han)
    for match in HAN_TITLED.finditer(text):
        if match[0] in names.han_first:
            yield Found(match.start(), match.end() + 2, "NAME", f"title {match[0]}")


def _spellings(name: str) -> set[str]:
    """A name's letters without accents; its umlauts as two letters; its apostrophes as spaces."""
    low = unicodedata.normalize("NFC", name).lower()
    ways = {low, low.translate(UMLAUTS), APOSTROPHE.sub(" ", low)}
    return {way if way.isascii() else fold(way).text for way in ways}


def _enter(out: Names, name: str) -> None:
    if "@" in name or sum(map(str.isdigit, name)) > 4:
        return  # an address or a number: others find it
    for run in HAN_RUN.finditer(name):
        parts = re.split("[ ·・•]", run[0])
        if 2 <= sum(map(len, parts)) <= LONGEST_HAN and "".join(parts) not in NOBODY:
            out.han |= {"".join(parts), "".join(reversed(parts))}
            out.han_first |= {part[0] for part in parts}
    words = [_plain(m[0]) for m in WORD.finditer(name)][:MOST]
    if words and not {*words} <= NOBODY:
        first, last = (words[-1], words[0]) if "," in name else (words[0], words[-1])
        out.last.add(last)
        out.any_part |= {w for w in words if len(w) > 2}
        if len(words) > 1:
            _enter_whole(out, words, first, last)


def _enter_whole(out: Names, words: list[str], first: str, last: str) -> None:
    key = " ".join(sorted(words))
    for way in _orders(words) if len(words) > 2 or not {*words} & LETTERS_OF_TEXT else ():
        out.whole.setdefault(way, key)
        out.starts[way[0]] = max(out.starts.get(way[0], 0), len(way))
    out.initials |= {(first[0], last), (last[0], first)} if len(words) == 2 else {(first[0], last)}


def _orders(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Last name first or last; of three and more, the outer ones alone too."""
    for k in range(len(words)):
        yield (*words[k:], *words[:k])
    if len(words) > 2 and len(words[0]) > 1 and len(words[-1]) > 1:
        yield words[0], words[-1]
        yield words[-1], words[0]


def _name(text: str, words: list[Word], at: int, names: Names) -> tuple[Found | None, int]:
    """The name that begins with this word, and the word to go on with."""
    word = words[at]
    for count in range(min(names.starts.get(word.text, 0) + 1, len(words) - at), 1, -1):
        part = words[at : at + count]
        if key := _whole(text, part, names):
            return Found(word.start, part[-1].end, "NAME", key), at + count
    return _single(text, words, at, names)


def _whole(text: str, part: list[Word], names: Names) -> str | None:
    """The key of the name that these words are, initials in the middle left out."""
    if not all(_joined(text, a, b) for a, b in pairwise(part)):
        return None
    said = tuple(w.text for w in part)
    full = [w.text for w in part[1:-1] if len(w.text) > 1 or (w.text in LETTERS_OF_TEXT and text[w.end] != ".")]
    return names.whole.get(said) or names.whole.get((said[0], *full, said[-1]))


def _joined(text: str, one: Word, other: Word) -> bool:
    """Whether two words stand as in a name: a full stop ends a sentence, or shortens a word to its first letter."""
    between = text[one.end : other.start]
    return bool(GAP.fullmatch(between) or (len(one.text) == 1 and ABBREVIATED.fullmatch(between)))


def _single(text: str, words: list[Word], at: int, names: Names) -> tuple[Found | None, int]:
    """A name of which only a part is there: "Mr Thornbury", "A. Thornbury", "Thornbury"."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    if following and (key := _initial(text, word, following, names)):
        return Found(word.start, following.end, "NAME", key), at + 2
    if word.text in names.any_part and (title := TITLED.search(text, max(0, word.start - 14), word.start)):
        return Found(title.start(), word.end, "NAME", f"title {word.text}"), at + 1
    if word.text in names.parts:
        return Found(word.start, word.end, "NAME", word.text), at + 1
    return None, at + 1


def _initial(text: str, word: Word, following: Word, names: Names) -> str | None:
    between = text[word.end : following.start]
    if len(word.text) == 1 and between in {".", ". "} and (word.text, following.text) in names.initials:
        return f"{word.text} {following.text}"
    tail = text[following.end : following.end + 1]
    if len(following.text) == 1 and between in {" ", ", "} and tail == ".":
        return f"{following.text} {word.text}" if (following.text, word.text) in names.initials else None
    return None


def _han_names(text: str, known: Set[str]) -> Iterator[Found]:
    """Chinese and Japanese names stand in running text without spaces."""
    lengths = sorted({len(name) for name in known}, reverse=True)
    for run in HAN_RUN.finditer(text) if known else ():
        at = [i for i in range(*run.span()) if text[i] not in " ·・•"]
        letters = "".join(text[i] for i in at)
        place = 0
        while place < len(letters):
            left = len(letters) - place
            length = next((n for n in lengths if n <= left and letters[place : place + n] in known), 0)
            if length:
                yield Found(at[place], at[place + length - 1] + 1, "NAME", letters[place : place + length])
            place += max(length, 1)


def _plain(word: str) -> str:
    return word if word.isascii() and word.isalpha() else APOSTROPHE.sub("", word).translate(LETTERS)
