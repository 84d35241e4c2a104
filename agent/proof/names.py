"""Which rows a text names: their keys, written out or rendered, as titles, ids, countries, months …"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agent.labels import MONTHS, first_day, key_text, plain
from agent.proof.claims import Receipt
from agent.proof.draft import Draft, Mark
from agent.proof.number_words import could_be_figure
from tools.contract import Cell, Column

LONGEST = 200
SHORT = 3  # "US" is a country, "us" is not: names this short count only in their own capitals
TITLES = frozenset({"title", "id", "name"})
VERBS = frozenset({"March", "May"})  # months that are words of their own when they stand without a year
ID_CUE = re.compile(
    r"(?:\b(?:customer|product|order|invoice|item|code|sku|id|no\.|number)|客户|顾客|订单|商品|产品|编号|货号)[\s:#*_`\"“]*$|[#(]\s*$",
    re.IGNORECASE,
)
SPEECH = frozenset("\"'“”‘’「『《")
QUOTES = SPEECH | frozenset("`*_")


@dataclass(frozen=True)
class Key:
    """A key value of a receipt: its column and the rows that hold it."""

    receipt: str
    column: str
    rows: frozenset[int]


@dataclass(frozen=True)
class Naming:
    """A place of the text that names rows."""

    start: int
    end: int
    keys: tuple[Key, ...]


@dataclass
class Names:
    """Every way to write the keys of some receipts. `whole` may be the whole of a rendered stretch; `written` may also
    stand in the writer's own words; `free` are titles and ids: they may hold digits."""

    whole: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    written: set[str] = field(default_factory=set)
    free: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # folded → as the receipts write it
    short: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # the same for those of a few letters

    def lengths(self) -> list[int]:
        return sorted({len(name) for name in self.written}, reverse=True)


def names_of(receipts: Sequence[Receipt], locale: str) -> Names:
    names = Names()
    for receipt in receipts:
        for position, column in enumerate(receipt.result.columns):
            if column.is_key:
                _add(names, receipt, position, column, locale)
    return names


def named(draft: Draft, names: Names) -> list[Naming]:
    """Every naming in the text, in order: rendered keys and periods whole, written names longest first."""
    marks = [m for m in draft.marks if m.kind in {"key", "period", "free"}]
    found = [Naming(m.start, m.end, keys) for m in marks if (keys := _keys_of(draft, m, names))]
    written = (Naming(start, end, tuple(names.whole[text])) for start, end, text in _written(draft, names))
    return sorted((*found, *written), key=lambda n: n.start)


def _keys_of(draft: Draft, mark: Mark, names: Names) -> tuple[Key, ...]:
    """What a marked stretch names. A rendered cell names its own row, whatever else of its receipt reads the same."""
    keys = names.whole.get(_folded(draft.text[mark.start : mark.end].replace("\\|", "|")), [])
    if not mark.cells:
        return tuple(keys)
    own = mark.cells[0]
    same = [k for k in keys if (k.receipt, k.column) == (own.receipt, own.column)]
    others = [k for k in keys if k.receipt != own.receipt]
    if not any(own.row in k.rows for k in same):  # no name of its own: an empty key, a text among the measures
        same.append(Key(own.receipt, own.column, frozenset({own.row})))
    return (*same, *others)


def free_marks(draft: Draft, names: Names) -> list[Mark]:
    """Titles and ids written out by hand: their digits are their own."""
    return [
        Mark(start, end, "free")
        for start, end, text in _written(draft, names)
        if text in names.free and _is_meant(draft, start, end, names.free[text])
    ]


def rows_named(namings: Sequence[Naming], receipt: str) -> frozenset[int] | None:
    """The rows of a receipt that a sentence names: those that fit every key column it names; None if it names none."""
    columns: dict[str, frozenset[int]] = {}
    for naming in namings:
        for key in naming.keys:
            if key.receipt == receipt:
                columns[key.column] = columns.get(key.column, frozenset()) | key.rows
    if not columns:
        return None
    return frozenset.intersection(*columns.values()) or frozenset.union(*columns.values())


def _add(names: Names, receipt: Receipt, position: int, column: Column, locale: str) -> None:
    rows: dict[Cell, list[int]] = defaultdict(list)
    for number, row in enumerate(receipt.result.rows):
        if row[position] is not None:
            rows[row[position]].append(number)
    for value, holders in rows.items():
        key = Key(receipt.id, column.name, frozenset(holders))
        for text in {_folded(t): t for t in _ways(value, column.unit, locale)}.items():
            _enter(names, *text, key, column.unit)


def _enter(names: Names, folded: str, text: str, key: Key, unit: str) -> None:
    if not folded or len(folded) > LONGEST:
        return
    names.whole[folded].append(key)
    if len(folded) <= SHORT:
        names.short[folded].add(text)
    digits_only = not any(c.isalpha() for c in folded)
    if unit in TITLES:
        names.free[folded].add(text)
    if len(folded) > 1 and (not digits_only or (unit == "id" and len(folded) > 2)):
        names.written.add(folded)


def _ways(value: Cell, unit: str, locale: str) -> Iterator[str]:
    yield plain(str(value))
    if unit in TITLES:
        return
    yield key_text(value, unit, locale)
    yield key_text(value, unit)
    day = first_day(str(value)) if unit in {"day", "month"} else None
    if day is None:
        return
    month = MONTHS[day.month - 1]
    if unit == "month":
        yield from (f"{month} {day.year}", f"{day:%Y-%m}", *([] if month in VERBS else [month]))
    else:
        yield from (f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{day.day} {month}")


def _written(draft: Draft, names: Names) -> Iterator[tuple[int, int, str]]:
    text = _folded(draft.skeleton, keep=True)
    lengths = names.lengths()
    at = 0
    while at < len(text):
        ends = (at + n for n in lengths if text[at : at + n] in names.written and _bounded(text, at, at + n))
        end = next((e for e in ends if e - at > SHORT or draft.text[at:e] in names.short[text[at:e]]), at)
        if end > at:
            yield at, end, text[at:end]
        at = max(end, at + 1)


def _bounded(text: str, start: int, end: int) -> bool:
    return not (_joins(text, start - 1) and _joins(text, start)) and not (_joins(text, end - 1) and _joins(text, end))


def _joins(text: str, at: int) -> bool:
    """Whether the character is part of a word that is set off by spaces."""
    return 0 <= at < len(text) and text[at].isalnum() and not "\u3040" <= text[at] <= "\u9fff"


def _is_meant(draft: Draft, start: int, end: int, as_written: set[str]) -> bool:
    """A bare number needs "customer", "order" … or a bracket before it; a title that starts with a number would read as
    a count, and so needs its own capitals or quotes; one that could be taken for a figure needs quotes."""
    text, before = draft.text[start:end], draft.text[max(0, start - 1) : start]
    if not any(c.isalpha() for c in text):
        return ID_CUE.search(draft.skeleton[max(0, start - 24) : start]) is not None
    if could_be_figure(text):
        return before != "" and before in SPEECH
    return not text[0].isnumeric() or text in as_written or (before != "" and before in QUOTES)


def _folded(text: str, *, keep: bool = False) -> str:
    """Lower case; with `keep`, as many characters as before."""
    text = text if keep else plain(text)
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
