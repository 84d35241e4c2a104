"""What it costs to guard a query and to run it in a worker: the legitimate queries, beside plain DuckDB."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from evals.attack.ground import Target, playground
from evals.attack.statements import LEGITIMATE, legitimate_in
from evals.bench.figures import Figure, Measured, figure
from store.errors import UserError
from tools.sql.guard import guard
from tools.sql.worker import LIMITS, QueryFailed, Source, run, stop

ROUNDS = 5
GUARD_GOAL = 25.0  # ms
OVERHEAD_GOAL = 15.0  # ms

Times = dict[str, float]


def measured(data: Sequence[Path]) -> Measured:
    """Milliseconds per legitimate query, each the median of five rounds, on the reduced shop of the attack set."""
    if data:
        raise UserError("bench guard takes no --data: it runs on the shop and the queries of evals/cases.")
    queries = [query.sql for query in legitimate_in(LEGITIMATE)]
    try:
        with playground() as ground:
            times = [t for sql in queries if (t := _times(ground.reduced, sql))]
    finally:
        stop()
    notes = (
        f"{len(times)} legitimate queries, each the median of {ROUNDS} rounds; {LIMITS.threads} threads; "
        f"at most {LIMITS.rows:,} rows each. Queries that are refused count nowhere: {len(queries) - len(times)}.",
    )
    return Measured("guard", _figures(times), notes)


def _figures(times: Sequence[Times]) -> list[Figure]:
    return [
        figure("plain DuckDB", [t["plain"] for t in times]),
        figure("guard alone, in process", [t["guard"] for t in times], GUARD_GOAL),
        figure("warm worker, guard included", [t["worker"] for t in times]),
        figure("worker over plain DuckDB", [t["worker"] - t["plain"] for t in times], OVERHEAD_GOAL),
        figure("of it not the guard", [t["worker"] - t["plain"] - t["guard"] for t in times]),
    ]


def _times(target: Target, sql: str) -> Times | None:
    """The three in turn, so that none has the quiet moments to itself; None where the query doesn't pass."""
    source = Source(target.path, target.shape, "bench")
    try:
        run(source, sql)
    except QueryFailed:
        return None
    with duckdb.connect(str(target.path), read_only=True, config={"threads": LIMITS.threads}) as con:
        ways: dict[str, Callable[[], Any]] = {
            "plain": lambda: con.execute(sql).fetchmany(LIMITS.rows),
            "guard": lambda: guard(sql, target.shape, con),
            "worker": lambda: run(source, sql),
        }
        rounds = [{name: _ms(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(r[name] for r in rounds) for name in ways}


def _ms(way: Callable[[], Any]) -> float:
    started = time.perf_counter()
    way()
    return (time.perf_counter() - started) * 1000
