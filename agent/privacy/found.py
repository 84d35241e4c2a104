"""A stretch of text that belongs to a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

KINDS = ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "NAME", "TEXT")  # TEXT: what only looks like a placeholder


@dataclass(frozen=True, order=True)
class Found:
    """`key` is the value without the way in which it is written: two with one key are one value."""

    start: int
    end: int
    kind: str
    key: str


def apart(found: Iterable[Found]) -> list[Found]:
    """In order, those that overlap made one: of the longest's kind, so that no end of the others is left over."""
    out: list[Found] = []
    for one in sorted(found):
        if out and one.start < out[-1].end:
            out[-1] = _both(out[-1], one)
        else:
            out.append(one)
    return out


def _both(one: Found, other: Found) -> Found:
    longest = max(one, other, key=lambda f: (f.end - f.start, -KINDS.index(f.kind)))
    return replace(longest, start=min(one.start, other.start), end=max(one.end, other.end))
