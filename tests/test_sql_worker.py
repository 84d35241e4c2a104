"""The process that a model's SQL runs in: bounded, replaced when it was killed, and without anything worth stealing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from tests.sql_shop import SHAPE, build
from tools.sql import worker
from tools.sql.child import config_of
from tools.sql.worker import LIMITS, Limits, QueryFailed, Source, Worker, run, stop

CHECKOUT = Path(__file__).parent.parent
SLOW_CALL = "SELECT levenshtein(lpad('a', 200000, 'b'), lpad('b', 200000, 'c'))"
MANY_ROWS = "SELECT COUNT(*) FROM order_items a JOIN order_items b ON a.line <= b.line JOIN order_items c ON b.line <= c.line JOIN order_items d ON c.line <= d.line"
HUGE_LIST = "SELECT len(list_sort(list_transform(range(60000000), lambda x: hash(x))))"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    path = build(tmp_path_factory.mktemp("worker") / "shop.duckdb")
    yield Source(path, SHAPE, "tests")
    stop()


def failure(source: Source, sql: str, limits: Limits = LIMITS) -> QueryFailed:
    with pytest.raises(QueryFailed) as failed:
        run(source, sql, limits)
    return failed.value


# ---- rows


def test_rows_come_as_the_database_has_them(source: Source) -> None:
    sql = "SELECT order_id, ordered_at, shipping, is_fraud, customer_id, [1, 2] AS l, 1.50 AS d FROM orders ORDER BY order_id"
    found = run(source, sql)
    with duckdb.connect(source.path, read_only=True) as con:
        assert found.rows == [list(row) for row in con.execute(sql).fetchall()]
    assert found.columns == ["order_id", "ordered_at", "shipping", "is_fraud", "customer_id", "l", "d"]


def test_no_rows_have_columns_all_the_same(source: Source) -> None:
    found = run(source, "SELECT country, shipping FROM orders WHERE 1 = 0")
    assert (found.columns, found.rows) == (["country", "shipping"], [])


def test_one_process_answers_one_query_after_another(source: Source) -> None:
    stop()
    for _ in range(3):
        run(source, "SELECT 1")
    assert len(worker._waiting) == 1


def test_another_version_of_the_data_has_a_process_of_its_own(source: Source) -> None:
    stop()
    run(source, "SELECT 1")
    run(Source(source.path, SHAPE, "another"), "SELECT 1")
    assert {w.key[0] for w in worker._waiting} == {"tests", "another"}


def test_no_more_processes_wait_than_are_worth_it(source: Source) -> None:
    stop()
    for i in range(worker.KEPT + 2):
        run(Source(source.path, SHAPE, f"version {i}"), "SELECT 1")
    assert [w.key[0] for w in worker._waiting] == [f"version {i}" for i in range(2, worker.KEPT + 2)]
    stop()


# ---- bounds


def test_a_query_that_takes_too_long_is_stopped_and_its_process_goes_on(source: Source) -> None:
    failed = failure(source, MANY_ROWS, Limits(soft=0.3))
    assert failed.phase == "time" and "took too long" in str(failed) and "Ask for less" in str(failed)


def test_a_call_that_cannot_be_stopped_is_killed_with_its_process(source: Source) -> None:
    limits = Limits(soft=0.3, hard=1.0)
    run(source, "SELECT 1", limits)
    started = time.monotonic()
    failed = failure(source, SLOW_CALL, limits)
    assert failed.phase == "killed" and "longer than 1 seconds" in str(failed)
    assert time.monotonic() - started < 60, "levenshtein takes minutes"
    assert run(source, "SELECT 1 AS one", limits).rows == [[1]]


def test_a_query_cannot_take_more_memory_than_there_is_for_one(source: Source) -> None:
    failed = failure(source, HUGE_LIST, Limits(soft=20, hard=30, memory=1_000_000_000, duckdb="300MB"))
    assert failed.phase in ("memory", "killed") and "more memory" in str(failed)
    assert failed.peak_mb < 1_000
    assert run(source, "SELECT 1 AS one").rows == [[1]]


def test_a_result_has_a_size(source: Source) -> None:
    failed = failure(source, "SELECT lpad('x', 3000000, 'y')")
    assert failed.phase == "size" and "larger than 1,000,000 bytes" in str(failed)
    failed = failure(source, "SELECT lpad('x', 9000, 'y') AS a FROM orders a")
    assert failed.phase == "size"


def test_a_result_has_so_many_rows(source: Source) -> None:
    found = run(source, "SELECT i.line FROM order_items i JOIN orders o ON o.status = 'completed'")
    assert len(found.rows) == LIMITS.rows and found.limited


# ---- failures


def test_what_the_guard_refuses_says_so(source: Source) -> None:
    failed = failure(source, "SELECT email FROM customers")
    assert (failed.phase, failed.layer) == ("guard", "columns")
    assert "There is no column 'email'" in str(failed)


def test_what_the_database_refuses_says_why(source: Source) -> None:
    failed = failure(source, "SELECT SUM(country) FROM orders")
    assert failed.phase == "query" and "No function matches" in str(failed) and "LINE" not in str(failed)


def test_a_process_that_died_while_it_waited_is_replaced(source: Source) -> None:
    stop()
    run(source, "SELECT 1")
    worker._waiting[0]._process.kill()
    worker._waiting[0]._process.wait()
    assert run(source, "SELECT 2 AS two").rows == [[2]]


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "not.duckdb").write_text("no database")
    failed = failure(Source(tmp_path / "not.duckdb", SHAPE, "bad"), "SELECT 1")
    assert failed.phase == "killed" and "did not start" in str(failed)


def test_many_at_once_get_each_their_own(source: Source) -> None:
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda i: run(source, f"SELECT {i} AS i, COUNT(*) AS n FROM orders").rows, range(36)))
    assert [rows[0][0] for rows in found] == list(range(36))
    assert len(worker._waiting) <= worker.KEPT


def test_beyond_the_places_there_are_one_waits_and_is_told(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TO_WAIT", 0.05)
    for _ in range(worker.AT_ONCE):
        assert worker._PLACES.acquire(blocking=False)
    try:
        assert failure(source, "SELECT 1").phase == "busy"
    finally:
        for _ in range(worker.AT_ONCE):
            worker._PLACES.release()


# ---- what the process is


def test_it_holds_no_secret(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-the-child")
    child = Worker(source, LIMITS)
    try:
        environment = Path(f"/proc/{child._process.pid}/environ").read_bytes()
        assert b"sk-not-for" not in environment and b"LANG" in environment
        files = [os.readlink(f) for f in Path(f"/proc/{child._process.pid}/fd").iterdir()]
        assert [f for f in files if f.startswith("/") and f not in ("/dev/null", str(source.path))] == []
    finally:
        child.kill()


def test_it_ends_with_its_parent(source: Source) -> None:
    child = Worker(source, LIMITS)
    child._line.close()
    assert child._process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("open('here', 'w', buffering=1).write('x\\n')", "File too large"),
        ("bytearray(1_200_000_000)", "MemoryError"),
        ("[open('/dev/null') for _ in range(100)]", "Too many open files"),
    ],
)
def test_the_kernel_bounds_it(tmp_path: Path, attempt: str, said: str) -> None:
    """A process bounded as the child bounds itself, with whatever code in the query's place."""
    code = f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nfrom tools.sql.child import bound\nbound(1_000_000_000)\n{attempt}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True
    )
    assert done.returncode == 1 and said in done.stderr


LOCKED_OUT = [
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.duckdb' AS other",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '10GB'",
    "SET threads = 64",
    "SET enable_external_access = true",
    "RESET max_execution_time",
    "DELETE FROM orders",
    "CREATE TABLE x AS SELECT 1",
    "SELECT * FROM python_variable",
]


@pytest.mark.parametrize("sql", LOCKED_OUT)
def test_its_connection_is_locked_down_even_for_what_the_guard_would_miss(
    source: Source, tmp_path: Path, sql: str
) -> None:
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    python_variable = duckdb.sql("SELECT 1")  # noqa: F841 (what DuckDB would find without the lock)
    with (
        duckdb.connect(source.path, read_only=True, config=config_of(asdict(LIMITS))) as con,
        pytest.raises(duckdb.Error),
    ):
        con.execute(sql.format(folder=tmp_path)).fetchall()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secret.csv"]


def test_its_connection_bounds_memory_time_and_spilling(source: Source) -> None:
    with duckdb.connect(source.path, read_only=True, config=config_of(asdict(LIMITS))) as con:
        names = "('memory_limit', 'max_execution_time', 'temp_directory', 'threads')"
        found = dict(con.execute(f"SELECT name, value FROM duckdb_settings() WHERE name IN {names}").fetchall())
    assert found == {"memory_limit": "488.2 MiB", "max_execution_time": "2000", "temp_directory": "", "threads": "2"}
