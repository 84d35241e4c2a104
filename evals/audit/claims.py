"""Each claim against its cells: the arithmetic, the figure shown, its precision and its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from evals.audit.figures import Figure, comma_style, currencies, read_figure
from evals.audit.shape import Claim, Failure, Ref, Shown
from evals.audit.text import header_cell, part_at, parts

Span = tuple[int, int]
Located = list[tuple[Claim, Span]]

ARITHMETIC: dict[str, Callable[[list[float]], float]] = {
    "cell": lambda v: v[0],
    "sum": math.fsum,
    "difference": lambda v: v[0] - v[1],
    "ratio": lambda v: v[0] / v[1],
    "percent_change": lambda v: (v[0] - v[1]) / v[1],
    "count": lambda v: float(len(v)),
    "mean": lambda v: math.fsum(v) / len(v),
    "approx": lambda v: v[0] if len(v) == 1 else v[0] / v[1],
}
SIZES: dict[str, tuple[int, int]] = {
    "cell": (1, 1), "difference": (2, 2), "ratio": (2, 2), "percent_change": (2, 2), "approx": (1, 2),
}  # fmt: skip
OVER_MANY = ("sum", "count", "mean")
TINY = 1e-9
ABOUT = 0.05
SIGNIFICANT = 2
GROWTH = re.compile(r"growth|change", re.IGNORECASE)
CHANGED_BY = re.compile(r"(?:\bby\s|了)\s*(?:about |almost |nearly |约|近|将近)?(?:an? )?$", re.IGNORECASE)

# What stands right before or after the text in the answer and is read together with it.
# A sign touches its figure: a dash with spaces about it is punctuation.
BEFORE = re.compile(r"(?:(?<![\w.,)])(?:[-–+](?!\s)|−\s?))?(?:[A-Z]{1,3}\s?)?[£$€¥￥₹₩₺₽₫₪฿]?\s?$|[-−+]$|百分之$")
AFTER = re.compile(
    r"\s?(?:[%％]|percent\b|per ?cent\b|percentage points?\b|pp\b|个?百分[点點])"
    r"|\s?(?:thousand|million|billion|trillion)\b"
    r"|(?:[kmbKMB]|mn|bn)(?![A-Za-z])|\s?[万亿千百萬億]+(?:英镑|美元|欧元|日元|元)?|\s?(?:英镑|美元|欧元|日元|元)"
    r"|\s?(?:[€£¥]|zł|Kč|kr\b|[A-Z]{3}\b)"
)


def check_claims(shown: Shown, located: Located) -> Iterator[Failure]:
    """All claims, whether they could be found in the answer or not."""
    places = {id(claim): span for claim, span in located}
    comma = comma_style([claim.text for claim in shown.claims])
    for claim in shown.claims:
        values = _operands(shown, claim)
        if isinstance(values, str):
            yield Failure("operand", claim.text, values)
        else:
            yield from _check_value(shown, claim, values, places.get(id(claim)), comma)


def _operands(shown: Shown, claim: Claim) -> list[float] | str:
    """The numbers under a claim, or why they can't be had."""
    low, high = SIZES.get(claim.how, (1, len(claim.cells)))
    if not low <= len(claim.cells) <= high:
        return f"{claim.how} over {len(claim.cells)} cells"
    if claim.how in OVER_MANY and len(set(claim.cells)) < len(claim.cells):
        return f"{claim.how} takes one cell twice"
    for ref in claim.cells:
        if why := _unreadable(shown, ref, claim):
            return why
    if claim.whole:
        return [1.0] * shown.receipts[claim.cells[0].receipt].row_count
    numbers = [n for ref in claim.cells if (n := _number(shown, ref, claim)) is not None]
    if claim.how in ("ratio", "percent_change", "approx") and numbers[1:] == [0]:
        return f"{claim.how} divides by nothing"
    return numbers if numbers or claim.how == "count" else "there is nothing under it"


def _unreadable(shown: Shown, ref: Ref, claim: Claim) -> str | None:
    receipt = shown.receipts.get(ref.receipt)
    where = f"{ref.receipt}.{ref.row}.{ref.column}"
    if receipt is None or (not receipt.has(ref) and not claim.whole):
        return f"there is no cell {where}"
    if claim.how == "count" or (claim.how in OVER_MANY and receipt.cell(ref) is None):
        return None
    return None if _is_number(receipt.cell(ref)) else f"cell {where} is no number: {receipt.cell(ref)!r}"


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _number(shown: Shown, ref: Ref, claim: Claim) -> float | None:
    cell = shown.receipts[ref.receipt].cell(ref)
    if claim.how == "count":
        return None if cell is None else 1.0
    return float(cell) if _is_number(cell) else None


def _check_value(shown: Shown, claim: Claim, values: list[float], span: Span | None, comma: bool) -> Iterator[Failure]:
    proven = ARITHMETIC[claim.how](values)
    near = ABOUT if claim.how == "approx" else TINY
    if not math.isclose(claim.value, proven, rel_tol=near, abs_tol=TINY):
        yield Failure("value", claim.text, f"says {claim.value}, and {claim.how} gives {proven}")
        return
    whole = in_place(shown.text, span) if span else claim.text
    figure = read_figure(whole, comma)
    if figure is None:
        yield Failure("figure", claim.text, f"{whole!r} can't be read as one number")
        return
    yield from _check_unit(claim, figure, whole, _header_over(shown.text, span))
    yield from _check_figure(shown.text, claim, figure, proven, len(values), span)


def _header_over(text: str, span: Span | None) -> str:
    part = part_at(parts(text), span[0]) if span else None
    return header_cell(text, part, span[0]) if part and span else ""


def in_place(text: str, span: Span) -> str:
    """The text of a claim with the sign, currency, percent or scale that touches it in the answer."""
    start, end = span
    before = BEFORE.search(text, max(0, start - 8), start)
    after = AFTER.match(text, end)
    return text[before.start() if before else start : after.end() if after else end]


def _check_unit(claim: Claim, figure: Figure, whole: str, header: str) -> Iterator[Failure]:
    if figure.word == "none":
        return
    money, marks = _is_money(claim.unit), currencies(whole)
    if money and claim.unit not in (marks or currencies(header)):
        yield Failure("unit", claim.text, f"is {claim.unit}, and {whole!r} does not show it")
    if claim.unit == "%" and not (figure.percent or figure.word in ("part", "change") or "%" in header):
        yield Failure("unit", claim.text, f"is a percentage, and {whole!r} shows no percent sign")
    if not money and marks:
        yield Failure("unit", claim.text, f"is {claim.unit or 'no money'}, and {whole!r} shows money")
    if claim.unit != "%" and figure.percent:
        yield Failure("unit", claim.text, f"is {claim.unit or 'no percentage'}, and {whole!r} shows a percentage")


def _is_money(unit: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{3}", unit))


def _check_figure(
    text: str, claim: Claim, figure: Figure, proven: float, cells: int, span: Span | None
) -> Iterator[Failure]:
    size = abs(Decimal(repr(proven)))
    shown, step = figure.size, figure.step
    if claim.unit == "%" and not figure.percent and not figure.word:  # the percent sign stands in the header
        shown, step = shown / 100, step / 100
    if claim.how == "approx":
        if not any(_about(shown, s) for s in _approximated(text, claim, figure, size, cells, span)):
            yield Failure("figure", claim.text, f"is not within 5 % of {proven}")
        return
    if figure.word in ("part", "change"):
        yield Failure("figure", claim.text, f"a word of quantity comes from approx, not from {claim.how}")
        return
    if not _rounded(shown, step, size):
        yield Failure("figure", claim.text, f"shows {shown:f}, and the value is {proven}")
    elif figure.digits < SIGNIFICANT and not _exact(shown, size):
        yield Failure("figure", claim.text, f"keeps fewer than {SIGNIFICANT} digits of {proven}")


def _approximated(
    text: str, claim: Claim, figure: Figure, size: Decimal, cells: int, span: Span | None
) -> Sequence[Decimal]:
    """What an approximate word may stand for: the ratio; and for a change, the ratio to what was before."""
    grown = cells == 1 and bool(GROWTH.search(claim.cells[0].column))
    if figure.word == "change" and grown:
        return [1 + (size if claim.value > 0 else -size)]
    if cells == 2 and span and CHANGED_BY.search(text, 0, span[0]) and figure.word == "part":
        return [abs(size - 1)]
    return [size]


def _about(shown: Decimal, size: Decimal) -> bool:
    return abs(shown - size) <= Decimal(repr(ABOUT)) * size


def _noise(size: Decimal) -> Decimal:
    return max(size, Decimal(1)) * Decimal("1e-9")


def _rounded(shown: Decimal, step: Decimal, size: Decimal) -> bool:
    """Whether a figure is the value rounded to the figure's last digit; a five may go either way."""
    return abs(shown - size) <= step / 2 + _noise(size)


def _exact(shown: Decimal, size: Decimal) -> bool:
    return abs(shown - size) <= _noise(size)
