"""The parts of an answer: table rows with their headers, list items, sentences, and the lines that restate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

RESTATES = re.compile(r"^\s*(?:[_*]{0,3}(?:Read as\b|理解为|理解為).*|_[^_\s].*_|\*[^*\s].*\*)\s*$")
LIST_MARK = re.compile(r"^\s*(?:[-*+•]\s+)?[(（]?\d{1,3}(?:[.)）](?=\s)|、|．)", re.MULTILINE)
ITEM = re.compile(r"^\s*(?:[-*+•]\s|[(（]?\d{1,3}[.)）、．])")
RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")
# A full stop ends a sentence before a space, except after these.
STOP = re.compile(
    r"(?:(?<!\bvs)(?<!\bapprox)(?<!\bno)(?<!\bNo)(?<!e\.g)(?<!i\.e)"
    r"(?<!\bJan)(?<!\bFeb)(?<!\bMar)(?<!\bApr)(?<!\bJun)(?<!\bJul)(?<!\bAug)(?<!\bSep)(?<!\bSept)(?<!\bOct)(?<!\bNov)"
    r"(?<!\bDec)[.!?](?=[\s*_]|$)|[;；。！？])"
)


@dataclass(frozen=True)
class Part:
    """A stretch of the answer: kind "row", "item" or "sentence"."""

    kind: str
    start: int
    end: int
    header: tuple[int, int] | None = None  # of a row: the table's first line


@dataclass(frozen=True)
class Line:
    start: int
    end: int
    text: str


def lines(text: str) -> list[Line]:
    found, at = [], 0
    for piece in text.splitlines(keepends=True):
        found.append(Line(at, at + len(piece.rstrip("\r\n")), piece.rstrip("\r\n")))
        at += len(piece)
    return found


def restating(text: str) -> list[tuple[int, int]]:
    """Lines that restate the question: "Read as …", "理解为…", or wholly in italics."""
    return [(line.start, line.end) for line in lines(text) if RESTATES.match(line.text)]


def parts(text: str) -> list[Part]:
    found: list[Part] = []
    header: tuple[int, int] | None = None
    for line in lines(text):
        if line.text.lstrip().startswith("|"):
            header = header or (line.start, line.end)
            if not RULE.match(line.text):
                found.append(Part("row", line.start, line.end, header))
            continue
        header = None
        found.extend([Part("item", line.start, line.end)] if ITEM.match(line.text) else _sentences(line))
    return found


def _sentences(line: Line) -> Iterator[Part]:
    at = 0
    for stop in STOP.finditer(line.text):
        yield Part("sentence", line.start + at, line.start + stop.end())
        at = stop.end()
    if line.text[at:].strip():
        yield Part("sentence", line.start + at, line.end)


def part_at(found: list[Part], position: int) -> Part | None:
    return next((p for p in found if p.start <= position < p.end), None)


def cell_of(row: str, position: int) -> int:
    """The number of the table cell that a position in a row's line lies in."""
    return len(re.findall(r"(?<!\\)\|", row[:position]))


def header_cell(text: str, part: Part, position: int) -> str:
    """The header over a position of a table row; "" elsewhere."""
    if part.header is None:
        return ""
    cells = re.split(r"(?<!\\)\|", text[slice(*part.header)])
    at = cell_of(text[part.start : part.end], position - part.start)
    return cells[at].strip() if at < len(cells) else ""
