"""Figures of a measurement, on the terminal and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import Progress
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """Over the cases, in `unit`. `goal` is what p95 should stay under, None where nothing is asked."""

    name: str
    p50: float
    p95: float
    goal: float | None = None
    unit: str = "ms"

    @property
    def held(self) -> bool | None:
        return None if self.goal is None else self.p95 <= self.goal


@dataclass(frozen=True)
class Grid:
    """Figures of several models, a row each, as they are shown."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Measured:
    """A bench's figures, and how they came about; for a model's bench, all that the models predicted, too."""

    bench: str
    figures: Sequence[Figure]
    notes: Sequence[str]
    grids: Sequence[Grid] = ()
    columns: Sequence[str] = ()
    predictions: Sequence[Sequence[Any]] = ()


def figure(name: str, values: Sequence[float], goal: float | None = None, unit: str = "ms") -> Figure:
    """p50 and p95 of some values."""
    ordered = sorted(values)
    at = [ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.95)]
    return Figure(name, round(at[0], 2), round(at[1], 2), goal, unit)


@contextmanager
def telling() -> Iterator[Callable[[str, float], None]]:
    """A bar on the terminal's error stream, with what is being done."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("reading", total=1.0)
        yield lambda what, part: progress.update(bar, description=what, completed=part)


def print_measured(found: Measured, console: Console) -> None:
    table = Table(found.bench, box=None, pad_edge=False)
    for name in ("unit", "p50", "p95", "goal p95", "held"):
        table.add_column(name, justify="right")
    for f in found.figures:
        goal = "" if f.goal is None else f"<= {f.goal:g}"
        table.add_row(
            f.name, f.unit, f"{f.p50:.1f}", f"{f.p95:.1f}", goal, {None: "", True: "yes", False: "no"}[f.held]
        )
    console.print(table)
    for grid in found.grids:
        console.print(_as_table(grid))
    for note in found.notes:
        console.print(note, highlight=False)


def _as_table(grid: Grid) -> Table:
    table = Table(*grid.columns, title=grid.name, box=None, pad_edge=False)
    for row in grid.rows:
        table.add_row(*row)
    return table


def write_predictions(found: Measured, out: Path) -> None:
    """What every model predicted, as Parquet: so that anyone can score it."""
    import pandas

    out.parent.mkdir(parents=True, exist_ok=True)
    frame = pandas.DataFrame(list(found.predictions), columns=list(found.columns))
    with duckdb.connect(":memory:") as con:
        con.register("predictions", frame)
        con.execute(f"COPY predictions TO '{str(out).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)")


def write_measured(found: Measured, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = [{**asdict(f), "held": f.held} for f in found.figures]
    said = {
        "bench": found.bench, "about": _about(), "figures": figures,
        "grids": [asdict(g) for g in found.grids], "notes": list(found.notes),
    }  # fmt: skip
    out.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _about() -> dict[str, str | int | None]:
    versions = {name: version(name) for name in ("duckdb", "sqlglot")}
    return {"python": platform.python_version(), "cores": os.cpu_count(), **versions}
