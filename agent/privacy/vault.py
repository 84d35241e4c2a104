"""What is masked in one turn: each value has its placeholder, which stands for it and for nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from agent.privacy.digits import BETWEEN
from agent.privacy.found import KINDS, Found, apart
from agent.privacy.known import Known
from agent.privacy.look import found_in
from agent.privacy.views import View, views_of

LOOKALIKE = re.compile(rf"\[(?:{'|'.join(KINDS)})_[1-9][0-9]{{0,5}}(?:\.[1-9][0-9]{{0,5}})?\]")
PLACEHOLDER = re.compile(rf"(?<![0-9]){LOOKALIKE.pattern}(?![0-9])")
DIGITS, NO_DIGIT = frozenset("0123456789"), re.compile("[^0-9]")


@dataclass
class Vault:
    """Every text of a request is shown to `look` before any of them is given to `mask`: so a value that only one of
    them tells to be somebody's is masked in all.

    [EMAIL_1] stands for a value, [EMAIL_1.2] for the same in its second spelling.
    """

    known: Known
    _values: dict[str, str] = field(default_factory=dict)  # placeholder → value as written
    _spellings: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # kind and key → values as written
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _read: dict[str, tuple[list[View], list[Found]]] = field(default_factory=dict)  # texts that were looked at
    _plain: dict[str, tuple[str, str]] = field(default_factory=dict)  # value as a view has it, or digits → kind and key
    _pattern: re.Pattern[str] | None = None  # of all of `_plain`, made when it is needed

    def __len__(self) -> int:
        return len(self._values)

    def look(self, text: str) -> str:
        """Takes note of what the text holds; the text."""
        for found in self._looked(text)[1]:
            value = text[found.start : found.end]
            self._placeholder(found, value)
            self._remember(found, value)
        return text

    def mask(self, text: str) -> str:
        """The text with a placeholder for every value."""
        out, done = "", 0
        for found in apart([*self._looked(text)[1], *self._again(text)]):
            out += text[done : found.start] + self._placeholder(found, text[found.start : found.end])
            done = found.end
        return out + text[done:]

    def restore(self, text: str, written: Callable[[str], str] = str) -> str:
        """The text with the values back in their places, each as `written`. What isn't exactly a placeholder of ours
        stays as it is."""
        return PLACEHOLDER.sub(lambda m: written(self._values[m[0]]) if m[0] in self._values else m[0], text)

    def _looked(self, text: str) -> tuple[list[View], list[Found]]:
        if text not in self._read:
            views = views_of(text)
            lookalikes = (Found(*m.span(), "TEXT", m[0]) for m in LOOKALIKE.finditer(text))
            found = (f for view in views for f in found_in(view, self.known))
            self._read[text] = views, apart(_widened(f, text) for f in (*lookalikes, *found))
        return self._read[text]

    def _again(self, text: str) -> Iterator[Found]:
        """Values that other texts told of."""
        if not self._plain:
            return
        self._pattern = self._pattern or _any_of(self._plain)
        for view in self._looked(text)[0]:
            for match in self._pattern.finditer(view.text):
                of = self._plain.get(match[0]) or self._plain[NO_DIGIT.sub("", match[0])]
                yield _widened(Found(*view.source(*match.span()), *of), text)

    def _remember(self, found: Found, value: str) -> None:
        plain = found.key if found.key.isdecimal() else views_of(value)[0].text
        if plain and plain not in self._plain and found.kind != "TEXT":
            self._plain[plain], self._pattern = (found.kind, found.key), None

    def _placeholder(self, found: Found, value: str) -> str:
        of = found.kind, found.key
        if of not in self._numbers:
            self._numbers[of] = 1 + sum(kind == found.kind for kind, _ in self._numbers)
        spellings = self._spellings.setdefault(of, [])
        if value not in spellings:
            spellings.append(value)
        which = spellings.index(value)
        name = f"[{found.kind}_{self._numbers[of]}{f'.{which + 1}' if which else ''}]"
        self._values[name] = value
        return name


def _any_of(values: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(_way, longest_first))})(?![a-z0-9])")


def _way(plain: str) -> str:
    """A pattern for a value: digits in whatever groups, all else as it stands."""
    return f"{BETWEEN}{{0,3}}".join(plain) if plain.isdecimal() else re.escape(plain)


def _widened(found: Found, text: str) -> Found:
    """With the digits that touch it: a placeholder beside digits would stand for another number."""
    start, end = found.start, found.end
    while start > 0 and text[start - 1] in DIGITS:
        start -= 1
    while end < len(text) and text[end] in DIGITS:
        end += 1
    return replace(found, start=start, end=end)
