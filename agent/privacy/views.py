"""A text as finders read it: lower case, plain letters and digits, disguises taken off, with the way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from agent.proof.folding import ENTITY, MARKUP, fold

ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+|\\u[0-9a-fA-F]{4}")
NOT_PLAIN = re.compile(r"[^\n\t\x20-\x7e]|&")


@dataclass(frozen=True)
class View:
    """`text[i]` comes from `starts[i]` to `ends[i]` of the source."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def source(self, start: int, end: int) -> tuple[int, int]:
        return self.starts[start], self.ends[end - 1]


def views_of(source: str) -> list[View]:
    """The text as it stands; without its markup (an escaped "ada\\@example.com"); and with %40 read as "@"."""
    out = [_folded(source)]
    if MARKUP.search(source):
        out.append(_folded(source, unmarked=True))
    if ESCAPES.search(source):
        out.append(_decoded(source))
    return out


def _folded(source: str, *, unmarked: bool = False) -> View:
    if not unmarked and not NOT_PLAIN.search(source):
        return View(source.lower(), range(len(source)), range(1, len(source) + 1))
    folded = fold(source, unmarked=unmarked)
    entities = {m.start(): m.end() for m in ENTITY.finditer(source)}
    return View(folded.text, folded.at, [entities.get(at, at + 1) for at in folded.at])


def _decoded(source: str) -> View:
    """Folded, after escapes are read; what comes of one has the whole of it as its source."""
    text, starts, ends = "", list[int](), list[int]()
    for start, end, piece in _pieces(source, ESCAPES, _unescaped):
        text += piece
        whole = len(piece) != end - start
        starts += [start] * len(piece) if whole else range(start, end)
        ends += [end] * len(piece) if whole else range(start + 1, end + 1)
    folded = _folded(text)
    at = [folded.source(i, i + 1)[0] for i in range(len(folded.text))]
    return View(folded.text, [starts[i] for i in at], [ends[i] for i in at])


def _pieces(source: str, pattern: re.Pattern[str], read: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    done = 0
    for match in pattern.finditer(source):
        yield done, match.start(), source[done : match.start()]
        yield match.start(), match.end(), read(match[0])
        done = match.end()
    yield done, len(source), source[done:]


def _unescaped(escape: str) -> str:
    if escape.startswith("\\"):
        return chr(int(escape[2:], 16))
    return unquote(escape, errors="replace")
