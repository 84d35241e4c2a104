"""Whether the words around a change say the way it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.proof.claims import Fault
from agent.proof.direction_words import FALLING, RISING
from agent.proof.draft import Draft, Mark, segments
from agent.proof.folding import HOLE, fold

NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|without|instead)\b|n['’]t\b|没有|未|并非|不是", re.IGNORECASE)
CLAUSE_END = re.compile(
    r"[,;:()!?|\n，；：、。！？（）]| [–—-] |[—.](?=\s|$)"
    r"|\b(?:and|but|while|whereas|although|though|as|which|when|because|despite|after|before|versus|vs)\b|但|而|同时|并且|和",
    re.IGNORECASE,
)
LINKING = re.compile(r"\b(?:by|of|at|that|is|was|a|an|the|or|about|change|growth)\b|[^\w\x00]|_", re.IGNORECASE)
FROM_TO = re.compile(r"\b(from|to)[^\w\x00]{1,6}(?=\x00)|([从由])(?=\x00)|([到至])(?=\x00)", re.IGNORECASE)


def wrong_directions(draft: Draft) -> Iterator[Fault]:
    """A clause with one change in it whose own words say the opposite; "rose from a to b" with b not above a."""
    for clause, marks in _clauses(draft):
        words = fold(draft.skeleton[clause[0] : clause[1]], unmarked=True).text
        up, down = RISING.search(words), FALLING.search(words)
        if bool(up) == bool(down) or NEGATED.search(words):
            continue
        said, word = (1, up) if up else (-1, down)
        changes = [m for m in marks if m.sign is not None]
        moved = changes[0].sign if len(changes) == 1 else None if changes else _from_to(draft, clause, marks)
        if word and moved is not None and moved != said:
            way = {-1: "down", 0: "nowhere", 1: "up"}[moved]
            text = draft.text[clause[0] : clause[1]].strip()
            yield Fault("direction", text, f"“{word[0]}” contradicts the figure, which goes {way}")


def _clauses(draft: Draft) -> Iterator[tuple[tuple[int, int], list[Mark]]]:
    """Each clause with its figures. One that holds little but a change belongs to the clause before it."""
    figures = [m for m in draft.marks if m.kind == "number"]
    at = 0
    for sentence in draft.sentences:
        clauses: list[tuple[int, int]] = []
        for clause in segments(draft.skeleton, *sentence, CLAUSE_END):
            words = draft.skeleton[clause[0] : clause[1]]
            if clauses and HOLE in words and not LINKING.sub("", words).strip(HOLE):
                clauses[-1] = (clauses[-1][0], clause[1])
            elif words.strip():
                clauses.append(clause)
        for start, end in clauses:
            while at < len(figures) and figures[at].start < start:
                at += 1
            first = at
            while at < len(figures) and figures[at].start < end:
                at += 1
            if at > first:
                yield (start, end), figures[first:at]


def _from_to(draft: Draft, clause: tuple[int, int], marks: Sequence[Mark]) -> int | None:
    """The sign of b - a in "from a to b"."""
    ends: dict[str, float] = {}
    starts = {m.start: m for m in marks}
    for found in FROM_TO.finditer(draft.skeleton, *clause):
        mark = starts.get(found.end())
        if mark and mark.claim and mark.claim.value is not None:
            ends["to" if (found[1] or "").lower() == "to" or found[3] else "from"] = mark.claim.value
    return (ends["to"] > ends["from"]) - (ends["to"] < ends["from"]) if len(ends) == 2 else None
