"""The data-quality report: what an import read, kept, left out and changed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FileRead:
    """A file, or a sheet of a workbook, and how its texts were read."""

    label: str
    kind: str
    rows: int
    dates: str
    numbers: str
    doubt: str = ""


@dataclass(frozen=True)
class Kept:
    said: str
    rows: int


@dataclass(frozen=True)
class Example:
    """A row left out or changed: its number as a spreadsheet shows it, and its cells as they were."""

    file: str
    row: int
    cells: dict[str, str | None]


@dataclass(frozen=True)
class LeftOut:
    reason: str
    said: str
    rows: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Changed:
    said: str
    rows: int


@dataclass(frozen=True)
class Totals:
    """What the store holds afterwards, an appended import's earlier rows included. Money is in `currency`."""

    rows: dict[str, int]
    first_day: str
    last_day: str
    currency: str
    revenue: float
    refunds: float
    shipping: float
    guest_orders: int


@dataclass(frozen=True)
class QualityReport:
    """rows_read = rows_kept + rows_left_out, always."""

    format: str
    store: str
    instead_of: str
    files: tuple[FileRead, ...]
    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]
    changed: tuple[Changed, ...]
    totals: Totals

    @property
    def rows_read(self) -> int:
        return sum(f.rows for f in self.files)

    @property
    def rows_kept(self) -> int:
        return sum(k.rows for k in self.kept)

    @property
    def rows_left_out(self) -> int:
        return sum(r.rows for r in self.left_out)

    def to_json(self) -> dict[str, Any]:
        counts = {"rows_read": self.rows_read, "rows_kept": self.rows_kept, "rows_left_out": self.rows_left_out}
        return {**counts, **asdict(self)}

    def to_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Imported {self.format} into store {self.store} ({self.instead_of})."
        yield f"{self.rows_read:,} rows read = {self.rows_kept:,} kept + {self.rows_left_out:,} left out"
        for file in self.files:
            yield f"  {file.label}: {file.rows:,} rows, {file.kind}; dates as {file.dates}, numbers with {file.numbers}"
            if file.doubt:
                yield f"    note: {file.doubt}"
        yield "Kept"
        yield from (_counted(k.rows, k.said) for k in self.kept)
        yield from self._left_out()
        if self.changed:
            yield "Changed on the way"
            yield from (_counted(c.rows, c.said) for c in self.changed)
        yield from self._totals()

    def _left_out(self) -> Iterator[str]:
        yield "Left out" if self.left_out else "Left out: none"
        for reason in self.left_out:
            yield _counted(reason.rows, reason.said)
            yield from (f"            {_example(e)}" for e in reason.examples)

    def _totals(self) -> Iterator[str]:
        t = self.totals
        yield f"The store now, {t.first_day} to {t.last_day}"
        yield "  " + " · ".join(f"{name} {count:,}" for name, count in t.rows.items() if count)
        money = {"revenue": t.revenue, "refunds": t.refunds, "shipping": t.shipping}
        said = " · ".join(f"{name} {t.currency} {value:,.2f}" for name, value in money.items())
        yield f"  {said} · guest orders {t.guest_orders:,}"


def _counted(rows: int, said: str) -> str:
    return f"  {rows:>9,} {said}"


def _example(example: Example) -> str:
    cells = ", ".join("–" if value is None else value for value in example.cells.values())
    return f"{example.file} row {example.row}: {cells}"
