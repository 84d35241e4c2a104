"""Dates that a model wrote in digits, accepted as periods where a receipt has the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from agent.labels import MONTHS, first_day, last_day
from agent.proof.claims import Fault, Receipt
from agent.proof.draft import Draft, Mark

_MONTH = "(?P<{0}>" + "|".join(f"{m.lower()}|{m[:3].lower()}" for m in MONTHS) + "|sept)"
_DASH = r" ?(?:–|—|-|to|until|and) ?"
_EDGE = r"(?<![0-9a-z£$€¥₹.,])"
_END = r"(?![0-9a-z%]|[.,:][0-9]| ?%)"
FORMS = tuple(
    re.compile(_EDGE + form + _END, re.IGNORECASE)
    for form in (
        rf"(?P<d1>[0-9]{{1,2}}){_DASH}(?P<d2>[0-9]{{1,2}}) {_MONTH.format('m')} (?P<y>[0-9]{{4}})",
        rf"(?P<d1>[0-9]{{1,2}})(?:st|nd|rd|th)? {_MONTH.format('m')},? (?P<y>[0-9]{{4}})",
        rf"{_MONTH.format('m')} (?P<d1>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y>[0-9]{{4}})",
        rf"{_MONTH.format('m')},? (?P<y>[0-9]{{4}})",
        r"(?P<y>[0-9]{4})-(?P<n>[0-9]{2})-(?P<d1>[0-9]{2})",
        r"(?P<y>[0-9]{4})-(?P<n>[0-9]{2})",
        r"q(?P<q>[1-4]) ?(?P<y>[0-9]{4})",
        r"(?P<y>[0-9]{4})-?q(?P<q>[1-4])",
        r"(?P<y>[0-9]{4})年(?P<n>[0-9]{1,2})月(?P<d1>[0-9]{1,2})[日号]",
        r"(?P<y>[0-9]{4})年(?P<n>[0-9]{1,2})月(?:份)?",
        r"(?P<y>[0-9]{4})年",
        rf"(?P<d1>[0-9]{{1,2}}) {_MONTH.format('m')}(?! [0-9]{{4}})",
        rf"{_MONTH.format('m')} (?P<d1>[0-9]{{1,2}})",
    )
)
# A bare year may be a count in disguise: it needs a word of time before it, and no noun that is counted behind it.
_TIME_WORD = "in|of|since|for|year|during|from|to|until|till|through|versus|vs\\.?|than|early|late|mid|all|and"
COUNTED_NOUNS = "orders?|units?|items?|pieces?|customers?|buyers?|products?|sessions?|days?|sales|visits?|returns?"
YEAR = re.compile(
    rf"(?:\b(?:{_TIME_WORD})|^|[(|*_]|[–-])[ *_]{{0,4}}(?<![0-9])(?P<y>[0-9]{{4}})"
    rf"(?!\w|[.,][0-9]| ?%| (?:{COUNTED_NOUNS})\b)",
    re.IGNORECASE | re.MULTILINE,
)
_SURE = "January|February|April|June|July|August|September|October|November|December"
MONTH_NAME = re.compile(
    rf"\b(?:(?P<sure>{_SURE})|(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Tt]his) (?P<verb>March|May))\b(?! [0-9])"
)


@dataclass
class Covered:
    """The periods of some receipts: whole ones as (first, last), and their first and last days."""

    spans: set[tuple[date, date]] = field(default_factory=set)
    ends: set[date] = field(default_factory=set)

    def add(self, first: date | None, last: date | None) -> None:
        if first and last:
            self.spans.add((first, last))
            self.ends |= {first, last}

    def has(self, first: date, last: date) -> bool:
        """One of the periods, or a day, month, quarter or year in which one of them begins or ends."""
        return (first, last) in self.spans or any(first <= end <= last for end in self.ends)


def period_marks(draft: Draft, receipts: Sequence[Receipt]) -> Iterator[Mark]:
    """The dates in a model's own words that are those of a receipt."""
    covered = _covered(receipts)
    text = draft.skeleton
    for form in (*FORMS, YEAR):
        for match in form.finditer(text):
            span = _span(match.groupdict(), covered)
            if span and covered.has(*span):
                yield Mark(match.start("y") if form is YEAR else match.start(), match.end(), "period")


def unknown_months(draft: Draft, receipts: Sequence[Receipt]) -> Iterator[Fault]:
    """Months in the writer's own words in which no period of a receipt begins or ends."""
    known = {end.month for end in _covered(receipts).ends}
    spans = list(draft.restatements())
    for match in MONTH_NAME.finditer(draft.skeleton):
        month = match["sure"] or match["verb"]
        if draft.text.startswith("|", draft.text.rfind("\n", 0, match.start()) + 1):
            continue  # a table's headings are its columns' names
        if MONTHS.index(month) + 1 not in known and not any(a <= match.start() < b for a, b in spans):
            yield Fault("period", month, "no receipt has this month: write {r1.period} or a cell of a month")


def _covered(receipts: Sequence[Receipt]) -> Covered:
    covered = Covered()
    for receipt in receipts:
        for which in ("period", "compare_to"):
            period = receipt.result.input.get(which)
            if isinstance(period, dict):
                covered.add(first_day(str(period.get("start"))), first_day(str(period.get("end"))))
        for position, column in enumerate(receipt.result.columns):
            if column.unit in {"day", "week", "month", "quarter", "year"}:
                for value in {str(row[position]) for row in receipt.result.rows}:
                    first = first_day(value)
                    covered.add(first, first and last_day(first, column.unit))
    return covered


def _span(parts: dict[str, str | None], covered: Covered) -> tuple[date, date] | None:
    """First and last day of a date as matched; a day without its year takes the one that a period has it in."""
    month = _month(parts)
    unit = "day" if parts.get("d1") else "month" if month else "quarter" if parts.get("q") else "year"
    days = (parts.get("d1") or "1", parts.get("d2"))
    if not parts.get("y"):
        return next(((e, e) for e in sorted(covered.ends) if (e.month, e.day) == (month, int(days[0]))), None)
    begin = int(parts["q"] or 1) * 3 - 2 if parts.get("q") else month or 1
    first = first_day(f"{parts['y']}-{begin:02d}-{int(days[0]):02d}")
    last = first_day(f"{parts['y']}-{begin:02d}-{int(days[1]):02d}") if days[1] else None
    if first is None or (days[1] and last is None):
        return None
    return first, last or last_day(first, unit)


def _month(parts: dict[str, str | None]) -> int | None:
    if number := parts.get("n"):
        return int(number)
    name = (parts.get("m") or "").lower()[:3]
    return next((i for i, m in enumerate(MONTHS, 1) if m[:3].lower() == name), None)
