"""Groups of digits as people write long numbers: "4111 1111-1111", "(030) 90 18 20", "+44 1632 960001"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

BETWEEN = r"[ \t.\-‐-―−/·()+]"
RUN = re.compile(rf"[0-9]+(?:{BETWEEN}{{1,4}}[0-9]+)*")
TIED_BEFORE = re.compile(r"(?:[a-z_]|[0-9][.,])\Z")
TIED_AFTER = re.compile(r"[a-z_]|[.,][0-9]")
FEWEST = 6  # digits of a number of a person's
AHEAD = 48  # characters before a number that may say what it is


@dataclass(frozen=True)
class Group:
    """`before` is what stands between this group and the one before it; of the first, what leads up to it."""

    start: int
    end: int
    digits: str
    before: str


@dataclass(frozen=True)
class Stretch:
    """Some groups that stand together in a text."""

    text: str
    groups: Sequence[Group]

    @property
    def start(self) -> int:
        return self.groups[0].start

    @property
    def end(self) -> int:
        return self.groups[-1].end

    @cached_property
    def digits(self) -> str:
        return "".join(g.digits for g in self.groups)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(g.digits) for g in self.groups)

    @cached_property
    def between(self) -> frozenset[str]:
        """What stands between the groups."""
        return frozenset(g.before for g in self.groups[1:])

    @cached_property
    def before(self) -> str:
        """What leads up to it."""
        return self.text[max(0, self.start - AHEAD) : self.start]

    @property
    def is_alone(self) -> bool:
        """Whether no letter, digit or decimal point ties it to what is around it."""
        return not (TIED_BEFORE.search(self.before[-2:]) or TIED_AFTER.match(self.text, self.end))

    @property
    def is_list(self) -> bool:
        """Whether its groups are alternatives: "5000/6000/5100/6100"."""
        return any("/" in between for between in self.between)


def stretches(
    text: str, fewest: int, most: int, pick: Callable[[Sequence[Stretch]], Stretch | None]
) -> Iterator[Stretch]:
    """Of all stretches of so many digits that begin at one place, the longest first, the one that `pick` gives."""
    for run in _runs(text):
        at = 0
        while at < len(run):
            picked = pick(_from(text, run[at : at + most], fewest, most))
            if picked:
                yield picked
            at += len(picked.groups) if picked else 1


def cues(words: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before a number that is called one of `words`: somewhere before it, and right before it."""
    said = rf"(?<![a-z])(?:{words})(?![a-z])"
    return (
        re.compile(rf"{said}[^\n0-9。！？；]{{0,24}}\Z"),
        re.compile(rf"{said} ?(?:number|no\.?|nr\.?|号码|号)?[^\na-z0-9]{{0,4}}\Z"),
    )


def is_barcode(digits: str) -> bool:
    """Whether the check digit is a GTIN's, of 12 to 14 digits: thrice every second one from the right."""
    weighed = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(reversed(digits)))
    return 12 <= len(digits) <= 14 and weighed % 10 == 0


def _runs(text: str) -> Iterator[Sequence[Group]]:
    """The groups of digits that stand together, where they are enough."""
    for match in RUN.finditer(text):
        if sum(map(str.isdigit, match[0])) < FEWEST:
            continue
        groups, done = list[Group](), match.start()
        for digits in re.finditer("[0-9]+", match[0]):
            start, end = match.start() + digits.start(), match.start() + digits.end()
            before = text[done:start] if groups else text[max(0, start - 3) : start]
            groups.append(Group(start, end, digits[0], before))
            done = end
        yield groups


def _from(text: str, groups: Sequence[Group], fewest: int, most: int) -> Sequence[Stretch]:
    found, total = [], 0
    for count, group in enumerate(groups, 1):
        total += len(group.digits)
        if total > most:
            break
        if total >= fewest:
            found.append(Stretch(text, groups[:count]))
    return found[::-1]
