"""What a format provides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from store.importers.reading import Progress, Source, Wanted
from store.importers.report import Changed, FileRead, Kept, LeftOut


@dataclass(frozen=True)
class Importer:
    """A format: its columns, how staged rows become the canonical tables, and what is said of the rest."""

    columns: tuple[Wanted, ...]
    fill: Callable[[duckdb.DuckDBPyConnection, Sequence[Source], Progress], list[FileRead]]
    kept: Callable[[duckdb.DuckDBPyConnection], tuple[Kept, ...]]
    left_out: Callable[[duckdb.DuckDBPyConnection, Sequence[Source]], tuple[LeftOut, ...]]
    changed: Callable[[duckdb.DuckDBPyConnection], tuple[Changed, ...]]
