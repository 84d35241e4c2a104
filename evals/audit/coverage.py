"""Where claims stand in an answer, and that nothing numeric stands outside them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from evals.audit.backing import Backing, folded, name_pattern
from evals.audit.periods import find_mentions
from evals.audit.shape import Failure, Shown
from evals.audit.text import LIST_MARK, header_cell, parts, restating
from evals.audit.words import number_words, word_value

Span = tuple[int, int]

# Months that are other words too are taken for months only after these.
BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|of|for|since|from|to|until|vs\.?|and|than|with|last|this|during|by)|[–—,(|])\s*$"
)
HOUR_HEADER = re.compile(r"\bhour|小时|小時|钟点|時段|时段|时", re.IGNORECASE)


def number_spans(text: str) -> list[Span]:
    """Every run of digits (of any script, fractions and circled ones too) and every number word."""
    digits, start = [], None
    for i, char in enumerate([*text, ""]):
        numeric = bool(char) and unicodedata.category(char) in ("Nd", "Nl", "No")
        if numeric and start is None:
            start = i
        elif not numeric and start is not None:
            digits.append((start, i))
            start = None
    return sorted([*digits, *number_words(text)])


def excused_spans(text: str, backing: Backing, question: str) -> list[Span]:
    """What may hold digits without being a claim: list marks, names, ids and periods of receipts, the restatement."""
    spans = [m.span() for m in LIST_MARK.finditer(text)]
    spans += _names(text, backing)
    spans += [(m.start, m.end) for m in find_mentions(text) if backing.holds(m)]
    spans += _hour_cells(text, backing)
    return [*spans, *_restated(text, question)]


def _names(text: str, backing: Backing) -> Iterator[Span]:
    plain = folded(text)
    for name in backing.names:
        # The quick look first: most names of a long receipt are not in the answer at all.
        if name and folded(name) in plain and number_spans(name):
            yield from (m.span() for m in name_pattern(name).finditer(text))


def _hour_cells(text: str, backing: Backing) -> Iterator[Span]:
    """Cells of a table's column of hours, where the receipt has such a column."""
    for part in (p for p in parts(text) if p.kind == "row" and backing.hour_keys):
        for cell in re.finditer(r"(?<=\|)\s*(\d{1,2})\s*(?=\|)", text[part.start : part.end]):
            at = part.start + cell.start(1)
            if int(cell[1]) in backing.hour_keys and HOUR_HEADER.search(header_cell(text, part, at)):
                yield at, part.start + cell.end(1)


def _restated(text: str, question: str) -> Iterator[Span]:
    """Numbers of the question, on the line that restates it."""
    asked = {_worth(question[a:b]) for a, b in number_spans(question)}
    for start, end in restating(text):
        for a, b in number_spans(text[start:end]):
            if _worth(text[start + a : start + b]) in asked:
                yield start + a, start + b


def _worth(token: str) -> str:
    """A number token as a plain figure, so that "five" restates "5"."""
    plain = unicodedata.normalize("NFKC", token).lower()
    value = None if plain.isdigit() else word_value(plain)
    return (plain.lstrip("0") or "0") if value is None else f"{value[0].normalize():f}"


def locate(shown: Shown, excused: Sequence[Span]) -> list[Span | None]:
    """Where each claim stands: each takes a place of its own, after the one before it.

    Places inside a name or a period are taken only where there is no other.
    """
    found: list[Span | None] = []
    at = 0
    for claim in shown.claims:
        places = list(_places(shown.text, claim.text, at))
        free = [p for p in places if not any(a <= p[0] and p[1] <= b for a, b in excused)]
        span = next(iter([*free, *places]), None)
        found.append(span)
        at = span[1] if span else at
    return found


def _places(text: str, shown: str, start: int) -> Iterator[Span]:
    """Places where a text stands whole: not within a longer number or word."""
    before = r"(?<!\d)(?<!\d[.,])" if shown[0].isdigit() else r"(?<![A-Za-z0-9])" if shown[0].isalpha() else ""
    after = r"(?!\d|[.,]\d)" if shown[-1].isdigit() else r"(?![A-Za-z0-9])" if shown[-1].isascii() else ""
    if not shown[-1].isalnum():
        after = ""
    for found in re.compile(before + re.escape(shown) + after).finditer(text, start):
        yield found.span()


def check_coverage(text: str, claimed: Sequence[Span], excused: Sequence[Span]) -> Iterator[Failure]:
    """Each digit run and number word that no claim covers and nothing excuses."""
    spans = [*claimed, *excused]
    for start, end in number_spans(text):
        if not any(a <= start and end <= b for a, b in spans):
            yield Failure("uncovered", _around(text, start, end), f"{text[start:end]!r} is no claim and in no receipt")


def _around(text: str, start: int, end: int) -> str:
    return re.sub(r"\s+", " ", text[max(0, start - 25) : end + 25]).strip()


def check_periods(text: str, backing: Backing, claimed: Sequence[Span]) -> Iterator[Failure]:
    """Periods named without a digit ("November", 上半年) that no receipt is about."""
    aside = [*restating(text), *claimed]
    aside += [span for name in _spelt(backing) for span in _spans_of(text, name)]
    for mention in find_mentions(text):
        said = text[mention.start : mention.end]
        inside = any(a < mention.end and mention.start < b for a, b in aside)
        if inside or number_spans(said) or backing.holds(mention):
            continue
        if said.rstrip(".") in ("May", "March", "Mar", "Jan") and not BEFORE_MONTH.search(text, 0, mention.start):
            continue
        yield Failure("period", said, "is a period that no receipt gives")


def _spelt(backing: Backing) -> Iterator[str]:
    """Names with a month's word in them, such as a calendar's title."""
    return (n for n in backing.names if len(n) > 3 and any(not m.is_range for m in find_mentions(n)))


def _spans_of(text: str, name: str) -> Iterator[Span]:
    return (m.span() for m in name_pattern(name).finditer(text))
