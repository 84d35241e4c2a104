"""The right number beside the wrong name: a claim's row must be one that its line or sentence names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from evals.audit.backing import folded, name_pattern, time_kind
from evals.audit.periods import Atom, find_mentions
from evals.audit.shape import Claim, Failure, Receipt, Shown
from evals.audit.text import Part, header_cell, part_at, parts

Span = tuple[int, int]
Located = Sequence[tuple[Claim, Span]]
Named = list[tuple[int, frozenset[int]]]  # where rows are named, and which

WEEKDAYS = dict(
    zip(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], "一二三四五六日", strict=True)
)
# Of a comparison of two rows, one at least is named beside it; sums and means speak of more than is named.
OF_TWO = ("difference", "ratio", "percent_change", "approx")


def check_labels(shown: Shown, located: Located) -> Iterator[Failure]:
    """Claims of receipts with several rows, part of the answer by part and key by key."""
    found = parts(shown.text)
    grouped: dict[tuple[Part, str], list[tuple[Claim, Span]]] = defaultdict(list)
    for claim, span in located:
        part = part_at(found, span[0])
        if part is not None and claim.how in ("cell", *OF_TWO):
            for name in {ref.receipt for ref in claim.cells} & set(shown.receipts):
                grouped[part, name].append((claim, span))
    for (part, name), claims in grouped.items():
        receipt = shown.receipts[name]
        for columns in keys_of(receipt):
            yield from _check_part(shown.text, part, receipt, columns, claims)


def keys_of(receipt: Receipt) -> list[list[str]]:
    """Columns that name the rows: texts, and buckets of time. A thing's id and its title make one key.

    A receipt of a single row has none: nothing in it can be mistaken for another.
    """
    keys: dict[str, list[str]] = defaultdict(list)
    for column in receipt.columns if len(receipt.rows) > 1 else ():
        if _names_rows(column, receipt.column(column)):
            keys["product" if column == "title" else column.removesuffix("_id")].append(column)
    return list(keys.values())


def _names_rows(column: str, cells: list[Any]) -> bool:
    known = [c for c in cells if c is not None]
    if not known:
        return False
    return all(isinstance(c, str) for c in known) or time_kind(column) in ("hour", "year")


def _check_part(
    text: str, part: Part, receipt: Receipt, columns: list[str], claims: list[tuple[Claim, Span]]
) -> Iterator[Failure]:
    named = _named(text, part.start, part.end, receipt, columns)
    if named:
        yield from CHECKS[part.kind](receipt, columns, named, claims)
    elif part.kind == "row":  # the key may stand at the head of the column
        for claim, span in claims:
            above = header_cell(text, part, span[0])
            over = _named(above, 0, len(above), receipt, columns)
            yield from _check_row(receipt, columns, over, [(claim, span)]) if over else ()


def _check_row(receipt: Receipt, columns: list[str], named: Named, claims: Located) -> Iterator[Failure]:
    rows = frozenset[int]().union(*(rows for _, rows in named))
    for claim, _ in claims:
        if not rows & _rows(receipt, claim):
            yield _wrong(receipt, columns, claim, rows)


def _check_sentence(receipt: Receipt, columns: list[str], named: Named, claims: Located) -> Iterator[Failure]:
    """Names and numbers of a sentence go together in one of three ways; all its claims must fit the same one."""
    wrong = list(_check_row(receipt, columns, named, claims))
    single = [(_rows(receipt, claim), span) for claim, span in claims if claim.how == "cell"]
    if wrong or not single:
        yield from wrong
    elif not any(way(named, single) for way in (_name_first, _name_last, _in_order)):
        first = next(claim for claim, _ in claims if claim.how == "cell")
        yield _wrong(receipt, columns, first, frozenset[int]().union(*(rows for _, rows in named)))


def _name_first(named: Named, claims: list[tuple[frozenset[int], Span]]) -> bool:
    """ "Germany took £10, France £8." """
    return all((near := [rows for at, rows in named if at < span[0]]) and near[-1] & own for own, span in claims)


def _name_last(named: Named, claims: list[tuple[frozenset[int], Span]]) -> bool:
    """ "£10 came from Germany and £8 from France." """
    return all((near := [rows for at, rows in named if at >= span[1]]) and near[0] & own for own, span in claims)


def _in_order(named: Named, claims: list[tuple[frozenset[int], Span]]) -> bool:
    """ "Germany and France took £10 and £8." """
    said, meant = _runs(rows for _, rows in named), _runs(own for own, _ in claims)
    return len(meant) <= len(said) and all(a & b for a, b in zip(said, meant, strict=False))


def _runs(groups: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Neighbours that share a row, as one: "CAKESTAND (22423)"."""
    found: list[frozenset[int]] = []
    for rows in groups:
        if found and found[-1] & rows:
            found[-1] = found[-1] & rows
        else:
            found.append(rows)
    return found


def _rows(receipt: Receipt, claim: Claim) -> frozenset[int]:
    return frozenset(ref.row for ref in claim.cells if ref.receipt == receipt.id)


def _wrong(receipt: Receipt, columns: list[str], claim: Claim, named: frozenset[int]) -> Failure:
    said, meant = (
        ", ".join(sorted({str(receipt.column(columns[-1])[row]) for row in rows if row < len(receipt.rows)}))
        for rows in (named, _rows(receipt, claim))
    )
    return Failure("label", claim.text, f"stands beside {said}, and is of {meant}")


CHECKS: dict[str, Callable[[Receipt, list[str], Named, Located], Iterator[Failure]]] = {
    "row": _check_row,
    "item": _check_sentence,
    "sentence": _check_sentence,
}


def _named(text: str, start: int, end: int, receipt: Receipt, columns: list[str]) -> Named:
    """Which rows a stretch of text names, and where; of names within names, the longest."""
    found = [hit for column in columns for hit in _hits(text[start:end], column, receipt.column(column))]
    kept: list[tuple[int, int, frozenset[int]]] = []
    for a, b, rows in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if not any(a < d and c < b and (c, d) != (a, b) for c, d, _ in kept):
            kept.append((a, b, rows))
    return sorted(((start + a, rows) for a, _, rows in kept), key=lambda f: f[0])


def _hits(text: str, column: str, cells: list[Any]) -> Iterator[tuple[int, int, frozenset[int]]]:
    """The keys of one column that a text names, with the rows that have them."""
    keys = set(cells) - {None}
    for a, b, key in (_times if _is_time(column, keys) else _names)(text, column, keys):
        yield a, b, frozenset(row for row, cell in enumerate(cells) if cell == key)


def _names(text: str, column: str, cells: set[Any]) -> Iterator[tuple[int, int, Any]]:
    plain = folded(text)
    for cell in cells:
        if len(str(cell)) > 1 and folded(str(cell)) in plain:
            yield from ((*m.span(), cell) for m in name_pattern(str(cell)).finditer(text))
        if cell in WEEKDAYS and time_kind(column) == "weekday":
            day = WEEKDAYS[cell]
            pattern = rf"\b{cell[:3]}(?:{cell[3:]})?s?\b|(?:周|週|星期|礼拜){'[日天]' if day == '日' else day}"
            yield from ((*m.span(), cell) for m in re.finditer(pattern, text))


def _is_time(column: str, cells: set[Any]) -> bool:
    return time_kind(column) not in ("", "weekday") and all(_atoms(column, cell) for cell in cells)


def _times(text: str, column: str, cells: set[Any]) -> Iterator[tuple[int, int, Any]]:
    """Keys that are buckets of time, in whatever form they are written. A range names none of them."""
    wanted = {cell: _atoms(column, cell) for cell in cells}
    for mention in find_mentions(text):
        if mention.is_range and time_kind(column) != "hour":
            continue
        for cell, atoms in wanted.items():
            if any(_agree(reading[0], atom) for reading in mention.readings for atom in atoms):
                yield mention.start, mention.end, cell


def _agree(said: Atom, key: Atom) -> bool:
    return (said.kind, said.number, said.day) == (key.kind, key.number, key.day) and said.year in (None, key.year)


def _atoms(column: str, cell: Any) -> list[Atom]:
    """How a bucket may be named, from its column's kind and its first day."""
    kind = time_kind(column)
    if kind in ("hour", "year") and re.fullmatch(r"\d{1,4}", str(cell)):
        return [Atom(kind, int(cell))]
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[ T][\d:.]+)?", str(cell))
    if not found:
        said = [m for m in find_mentions(str(cell)) if (m.start, m.end) == (0, len(str(cell)))]
        return [reading[0] for m in said for reading in m.readings]
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    return BUCKETS.get(kind, _day_atoms)(year, month, day)


def _day_atoms(year: int, month: int, day: int) -> list[Atom]:
    return [Atom("day", month, year, day)]


def _week_atoms(year: int, month: int, day: int) -> list[Atom]:
    week = date(year, month, day).isocalendar()
    return [Atom("day", month, year, day), Atom("week", week.week, week.year)]


BUCKETS: dict[str, Callable[[int, int, int], list[Atom]]] = {
    "week": _week_atoms,
    "month": lambda year, month, day: [Atom("month", month, year)],
    "quarter": lambda year, month, day: [Atom("quarter", (month + 2) // 3, year)],
    "year": lambda year, month, day: [Atom("year", year)],
}
