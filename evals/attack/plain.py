"""Plain DuckDB: the statement as it was written, with nothing between it and the file but a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from evals.attack.ground import Ground, Target
from evals.attack.throwaway import call
from tools.sql.worker import LIMITS

MOST_ROWS = 250_000
SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """`wrong` is why there are no rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    wrong: str = ""


def plain_rows(ground: Ground, target: Target, sql: str) -> Answer:
    """What plain DuckDB answers, in a process of its own; at most 250,000 rows."""
    ended = call(_fetched, str(target.path), sql, cwd=ground.root, seconds=SECONDS)
    if ended.error:
        return Answer([], [], ": ".join(ended.error))
    if ended.killed:
        return Answer([], [], "ended by its limits")
    return Answer(*ended.value)


def _fetched(path: str, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """As many threads as a worker has: where a query leaves rows to chance, chance is then the same."""
    with duckdb.connect(path, read_only=True, config={"threads": LIMITS.threads}) as con:
        done = con.execute(sql)
        return [d[0] for d in done.description or ()], done.fetchmany(MOST_ROWS)
