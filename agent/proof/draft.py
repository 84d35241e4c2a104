"""Prose with its references rendered, and what stands where in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from agent.proof.claims import Claim, Fault, Operand
from agent.proof.direction_words import without_direction
from agent.proof.evaluate import Evaluator
from agent.proof.folding import HOLE, NUMERAL, Folded, fold
from agent.proof.references import FORM, Piece, Unreadable, split

BROKEN = "…"  # stands for a reference that can't be rendered
ABBREVIATED = re.compile(r"\b(?i:vs|e\.g|i\.e|approx|incl|excl|ca|cf)\.$|(?<![A-Za-z])[A-Z]\.$")
SENTENCE_END = re.compile(r"[.!?;]{1,8}[*_)\"”’]{0,8}(?=\s|$)|[。！？；]|\n")
LIST_MARK = re.compile(r"^[ \t]*(?:>[ \t]*)*([0-9]{1,2})(?:[.)][ \t]|、)", re.MULTILINE)
RESTATED = re.compile(r"[\s>*_#-]*(?:read as|理解为)", re.IGNORECASE)
ITALIC = re.compile(r"\s*(?:>\s*)?(?:\*(?![*\s])[^*\n]+\*|_(?!_)[^_\n]+_)\s*")


@dataclass(frozen=True)
class Mark:
    """A stretch of the text that isn't the writer's own words: rendered from a receipt, or free to hold digits."""

    start: int
    end: int
    kind: Literal["number", "key", "period", "null", "free", "list", "asked", "broken"]
    claim: Claim | None = None
    cells: tuple[Operand, ...] = ()
    sign: int | None = None


@dataclass(frozen=True)
class Draft:
    """`text` as it would be shown; `marks` in order and apart."""

    text: str
    marks: tuple[Mark, ...]
    question: str = ""
    faults: tuple[Fault, ...] = field(default=())

    @cached_property
    def skeleton(self) -> str:
        """The text with every marked character as a HOLE: offsets stay, what remains is the writer's own."""
        out, done = [], 0
        for mark in self.marks:
            out += [self.text[done : mark.start], HOLE * (mark.end - mark.start)]
            done = mark.end
        return "".join([*out, self.text[done:]])

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        return tuple(
            _cut(self.skeleton, SENTENCE_END, lambda i: not ABBREVIATED.search(self.skeleton[max(0, i - 8) : i]))
        )

    @cached_property
    def seen(self) -> Folded:
        """The skeleton as a reader sees it."""
        return fold(self.skeleton, unmarked=True)

    def lines(self) -> Iterator[tuple[int, int]]:
        start = 0
        for line in self.text.split("\n"):
            yield start, start + len(line)
            start += len(line) + 1

    def restatements(self) -> Iterator[tuple[int, int]]:
        """Where the question is said again: the first sentence of each line that begins with "Read as" or is italic."""
        for start, end in self.lines():
            if RESTATED.match(self.text, start, end) or ITALIC.fullmatch(self.text, start, end):
                yield start, next((b for a, b in self.sentences if b > start), end)

    def marked(self, marks: Sequence[Mark]) -> Draft:
        """With more marks; those that overlap one already there are left out."""
        kept = list(self.marks)
        taken = bytearray(len(self.text) + 1)
        for mark in self.marks:
            taken[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        for mark in marks:
            if mark.end > mark.start and not any(taken[mark.start : mark.end]):
                kept.append(mark)
                taken[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
        return replace(self, marks=tuple(sorted(kept, key=lambda m: m.start)))

    def around(self, mark: Mark) -> str:
        """A mark with some of what stands about it, for a message."""
        return self.text[max(0, mark.start - 30) : mark.end + 20].strip()

    def blamed(self, faults: Sequence[Fault]) -> Draft:
        return replace(self, faults=(*self.faults, *faults))


def render(prose: str, evaluator: Evaluator, question: str) -> Draft:
    """Puts every reference's text in its place; a reference that has none leaves a fault."""
    prose = prose.replace("\r\n", "\n").replace("\r", "\n").replace(HOLE, "").replace(NUMERAL, "")
    out: list[str] = []
    marks: list[Mark] = []
    faults: list[Fault] = []
    at = 0
    for piece in split(prose):
        text = piece.text
        if piece.reference:
            mark, text, fault = _mark(piece, prose, evaluator, at)
            marks.append(mark)
            faults += [fault] if fault else []
        else:
            lone = [text[i : i + 40] for i, char in enumerate(text) if char in "{}"]
            faults += [Fault("reference", brace, f"a brace without its partner: {FORM}") for brace in lone]
        out.append(text)
        at += len(text)
    return Draft("".join(out), tuple(marks), question, tuple(faults))


def _mark(piece: Piece, prose: str, evaluator: Evaluator, at: int) -> tuple[Mark, str, Fault | None]:
    line = prose[prose.rfind("\n", 0, piece.start) + 1 : piece.start]
    in_table = line.lstrip(" >\t").startswith("|")
    try:
        shown = evaluator.shown(piece.text, in_table=in_table)
    except Unreadable as e:
        return Mark(at, at + len(BROKEN), "broken"), BROKEN, Fault("reference", f"{{{piece.text[:200]}}}", str(e))
    text = shown.text.replace("|", "\\|") if in_table else without_direction(shown.text, shown.sign, line)
    claim = replace(shown.claim, text=text) if shown.claim and not in_table else shown.claim
    return Mark(at, at + len(text), shown.kind, claim, shown.cells, shown.sign), text, None


def list_marks(draft: Draft) -> list[Mark]:
    """The numbers of numbered lists: those that count up from 1."""
    found, last = [], 0
    for match in LIST_MARK.finditer(draft.skeleton):
        number = int(match[1])
        if number == 1 or number == last + 1:
            found.append(Mark(match.start(1), match.end(1), "list"))
            last = number
    return found


def segments(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Cuts text[start:end] at a pattern; the cuts themselves belong to no segment."""
    done = start
    for match in boundary.finditer(text, start, end):
        yield done, match.start()
        done = match.end()
    yield done, end


def _cut(text: str, boundary: re.Pattern[str], ends: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Cuts text behind each boundary; a full stop counts only where `ends` says so of the place behind it."""
    done = 0
    for match in boundary.finditer(text):
        if match[0][0] != "." or ends(match.start() + 1):
            yield done, match.end()
            done = match.end()
    if done < len(text):
        yield done, len(text)
