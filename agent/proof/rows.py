"""Whether a number is of the row that its sentence names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.proof.claims import Fault
from agent.proof.draft import Draft, Mark
from agent.proof.names import Naming, rows_named

OVER_MANY = frozenset({"sum", "mean", "count"})  # these speak of more rows than a sentence names


@dataclass(frozen=True)
class Beside:
    """A key column in one sentence: where its keys are named with their rows, and which rows' cells stand where."""

    named: tuple[tuple[int, frozenset[int]], ...]
    shown: tuple[tuple[int, int], ...]

    def before(self, at: int) -> frozenset[int]:
        place = bisect_left(self.named, at, key=lambda n: n[0])
        return self.named[place - 1][1] if place else frozenset()

    def behind(self, at: int) -> frozenset[int]:
        place = bisect_left(self.named, at, key=lambda n: n[0])
        return self.named[place][1] if place < len(self.named) else frozenset()


def wrong_rows(draft: Draft, namings: Sequence[Naming]) -> Iterator[Fault]:
    """A number of a row that its sentence doesn't name while it names others of that receipt, or names elsewhere."""
    figures = [m for m in draft.marks if m.cells and m.kind in {"number", "null"}]
    figures_at, namings_at = [m.start for m in figures], [n.start for n in namings]
    for start, end in draft.sentences:
        marks = figures[bisect_left(figures_at, start) : bisect_left(figures_at, end)]
        inside = namings[bisect_left(namings_at, start) : bisect_left(namings_at, end)]
        if marks and inside:
            yield from _strangers(draft, marks, inside)
            if not draft.text.startswith("|", start):
                yield from _out_of_step(draft, marks, inside)


def _strangers(draft: Draft, marks: Sequence[Mark], inside: Sequence[Naming]) -> Iterator[Fault]:
    rows = {name: rows_named(inside, name) for name in {cell.receipt for m in marks for cell in m.cells[:2]}}
    for mark in marks:
        asked = [(cell, named) for cell in mark.cells[:2] if (named := rows.get(cell.receipt)) is not None]
        free = mark.claim is not None and mark.claim.how in OVER_MANY
        if asked and not free and not any(cell.row in named for cell, named in asked):
            yield _fault(draft, mark, inside)


def _out_of_step(draft: Draft, marks: Sequence[Mark], inside: Sequence[Naming]) -> Iterator[Fault]:
    """Names and cells of a sentence go together in one of three ways; all cells of a receipt fit the same one."""
    cells = [m for m in marks if m.claim and m.claim.how == "cell"]
    for receipt, column in dict.fromkeys((key.receipt, key.column) for n in inside for key in n.keys):
        named = [(n.start, k.rows) for n in inside for k in n.keys if (k.receipt, k.column) == (receipt, column)]
        known = frozenset[int]().union(*(rows for _, rows in named))
        own = [m for m in cells if m.cells[0].receipt == receipt and m.cells[0].row in known]
        beside = Beside(tuple(named), tuple((m.start, m.cells[0].row) for m in own))
        if own and not any(way(beside) for way in (_name_first, _name_last, _in_order)):
            yield _fault(draft, own[0], inside)


def _name_first(beside: Beside) -> bool:
    """ "Germany took £10, France £8." """
    return all(row in beside.before(at) for at, row in beside.shown)


def _name_last(beside: Beside) -> bool:
    """ "£10 came from Germany and £8 from France." """
    return all(row in beside.behind(at) for at, row in beside.shown)


def _in_order(beside: Beside) -> bool:
    """ "Germany and France took £10 and £8." """
    holders = {row: rows for _, rows in beside.named for row in rows}
    named = _runs([rows for _, rows in beside.named])
    shown = _runs([holders[row] for _, row in beside.shown])
    return shown == named[: len(shown)]


def _runs(keys: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    return [key for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]]


def _fault(draft: Draft, mark: Mark, names: Sequence[Naming]) -> Fault:
    said = ", ".join(dict.fromkeys(draft.text[n.start : n.end] for n in names[:5]))
    where = mark.cells[0]
    why = f"it is of {where.receipt} row {where.row}, which isn't the row that stands beside it: {said}"
    return Fault("row", draft.around(mark), why)
