"""Digits that a model wrote itself, read back: to the one cell they can come from, or to a period of a receipt."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.figures import CODES, SYMBOLS, is_finite, is_money
from agent.proof.claims import Claim, Fault, Operand, Receipt
from agent.proof.direction_words import FALLING
from agent.proof.draft import Draft, Mark
from agent.proof.evaluate import SIGNED
from agent.proof.folding import Folded, fold
from agent.proof.headings import names_metric
from agent.proof.names import Names, Naming, named, rows_named
from agent.proof.written_dates import COUNTED_NOUNS, period_marks

TIMES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9, "万": 4, "亿": 8}
_CODES = "|".join(CODES)
_SCALES = "|".join(TIMES)
NUMBER = re.compile(
    rf"(?<![0-9a-z.,/:\x01])(?P<sign>[-−+])?(?P<mark>(?:[a-z]{{1,2}})?[£$€¥₹₩₪₺₫]|(?:{_CODES}) )?(?P<late>[-−+])?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<decimals>\.[0-9]+)?"
    rf"(?P<tail> ?(?:%|percent\b|per cent\b)| ?(?:{_SCALES})(?![a-z]))?(?![0-9a-z\x01/⁄]|[.,:][0-9])"
)
# A bare id as the subject of its sentence or in a table cell, with nothing behind it that it could count.
LEADING_ID = re.compile(
    r"(?:^|[.!?|。！？])[ \t>*_`#-]{0,12}(?P<id>[0-9]{3,18})"
    rf"(?![0-9]|[.,][0-9]| ?%|[*_` ]*(?:{COUNTED_NOUNS})\b| ?[个位件名笔张单条项])",
    re.IGNORECASE | re.MULTILINE,
)
MOST_DIGITS = 18


@dataclass(frozen=True)
class Written:
    """A number as a model wrote it: `low` to `high` are the values it may stand for."""

    start: int
    end: int
    value: float
    half: float  # of the last place shown
    significant: int
    sign: int | None
    unit: str  # currency symbol or code, "%" or ""


@dataclass(frozen=True)
class Measured:
    """A cell with a number in it; `size` is what prose shows of it: no sign, percentages times 100."""

    size: float
    value: float
    unit: str
    at: Operand


def read_plain_digits(draft: Draft, receipts: Sequence[Receipt], names: Names) -> Draft:
    """Marks what the receipts prove, and says of the rest why not. The caller refuses the digits that stay unmarked."""
    draft = draft.marked(list(period_marks(draft, receipts)))
    leading = (m for m in LEADING_ID.finditer(draft.skeleton) if m["id"] in names.free)
    draft = draft.marked([Mark(*m.span("id"), "free") for m in leading])
    cells = sorted(_cells(receipts), key=lambda c: c.size)
    sizes = [c.size for c in cells]
    namings = named(draft, names)
    marks, faults = [], []
    for written in _numbers(fold(draft.skeleton)):
        found = _candidates(written, cells, sizes)
        why = _doubt(draft, written, found, receipts, namings)
        if why:
            faults.append(Fault("plain digits", draft.text[written.start : written.end], why))
        else:
            marks.append(_mark(draft, written, found[0]))
    return draft.blamed(faults).marked(marks)


def _numbers(folded: Folded) -> Iterator[Written]:
    for match in NUMBER.finditer(folded.text):
        digits = match["digits"].replace(",", "")
        decimals = (match["decimals"] or "")[1:]
        if len(digits + decimals) > MOST_DIGITS:
            continue
        tail = (match["tail"] or "").strip()
        scale = 10.0 ** TIMES.get(tail, 0)
        sign = match["sign"] or match["late"]
        yield Written(
            *folded.source(*match.span()),
            value=float(f"{digits}.{decimals or 0}") * scale,
            half=0.5 * scale * 10.0 ** -len(decimals),
            significant=len((digits + decimals).lstrip("0")),
            sign=None if sign is None else 1 if sign == "+" else -1,
            unit="%" if tail and tail not in TIMES else (match["mark"] or "").strip(),
        )


def _cells(receipts: Sequence[Receipt]) -> Iterator[Measured]:
    for receipt in receipts:
        for position, column in enumerate(receipt.result.columns):
            for row, cells in enumerate(receipt.result.rows):
                value = cells[position]
                if column.is_key or isinstance(value, str | None) or not is_finite(value):
                    continue
                size = abs(float(value)) * (100 if column.unit == "%" else 1)
                yield Measured(size, float(value), column.unit, Operand(receipt.id, row, column.name))


def _candidates(written: Written, cells: Sequence[Measured], sizes: Sequence[float]) -> list[Measured]:
    """The cells that show as this number; two are enough to know that it isn't one."""
    slack = written.half * (1 + 1e-9) + written.value * 1e-12
    found: list[Measured] = []
    for at in range(bisect_left(sizes, written.value - slack), len(cells)):
        if cells[at].size > written.value + slack or len(found) > 1:
            break
        if _fits(written.unit, cells[at].unit):
            found.append(cells[at])
    return found


def _fits(mark: str, unit: str) -> bool:
    """Whether a currency mark, % or nothing may stand at a number of this unit. Money and percentages need theirs."""
    if mark == "%" or unit == "%":
        return mark == unit
    return mark in {unit.lower(), SYMBOLS.get(unit, "").lower()} if mark else not is_money(unit)


def _doubt(
    draft: Draft, written: Written, found: Sequence[Measured], receipts: Sequence[Receipt], namings: Sequence[Naming]
) -> str | None:
    if written.significant < 3:
        return "so few digits prove nothing: write a reference instead"
    if len(found) != 1:
        return f"{'more than one' if found else 'no'} cell of the receipts shows as this: write a reference instead"
    sentence = next((s for s in draft.sentences if s[0] <= written.start < s[1]), (0, len(draft.text)))
    if not _names_row(draft, sentence, found[0], receipts, namings):
        return "the sentence doesn't name the row that this number comes from"
    return None if _agrees(draft, sentence, written, found[0]) else "its direction isn't that of the receipt"


def _names_row(
    draft: Draft, sentence: tuple[int, int], cell: Measured, receipts: Sequence[Receipt], namings: Sequence[Naming]
) -> bool:
    rows = rows_named([n for n in namings if sentence[0] <= n.start < sentence[1]], cell.at.receipt)
    if rows is not None:
        return cell.at.row in rows
    result = next(r.result for r in receipts if r.id == cell.at.receipt)
    alone = len(result.rows) == 1 and not any(c.is_key for c in result.columns)
    return alone and names_metric(draft.skeleton[sentence[0] : sentence[1]], cell.at.column)


def _agrees(draft: Draft, sentence: tuple[int, int], written: Written, cell: Measured) -> bool:
    """A sign must be the cell's; without one, a value below zero needs a word for it before the number."""
    if written.sign is not None and (written.sign < 0 or cell.at.column.endswith(SIGNED)):
        return written.sign == (1 if cell.value >= 0 else -1)
    return (
        cell.value >= 0 or FALLING.search(draft.skeleton, max(sentence[0], written.start - 60), sentence[1]) is not None
    )


def _mark(draft: Draft, written: Written, cell: Measured) -> Mark:
    at = cell.at
    text = draft.text[written.start : written.end]
    claim = Claim(text, cell.value, cell.unit, at.receipt, at.row, at.column, "cell")
    signed = at.column.endswith(SIGNED) and written.sign is None
    sign = (cell.value > 0) - (cell.value < 0) if signed else None
    return Mark(written.start, written.end, "number", claim, (at,), sign)
