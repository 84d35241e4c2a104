"""Writing a store: all or nothing, however the process ends.

A new version is built aside (`.NAME.work/`), moved whole to `versions/HASH/`, and exists from the moment its journal
`manifest.json.new` does. Then the links `shop.duckdb`, `analytics.duckdb` and `manifest.json` are swung to it; whoever
opens the store after a crash in between swings the rest. The versions before it stay as they are, one of them kept.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from store.errors import UserError
from store.locks import locked
from store.manifest import ANALYTICS, FILES, JOURNAL, MANIFEST, SHOP, FileMark, Manifest, read_manifest, to_json
from store.paths import Home
from store.schema import TABLES, create_reduced_tables, create_tables, reduced_columns

Build = Callable[[duckdb.DuckDBPyConnection], Mapping[str, Any] | None]


def publish(
    home: Home,
    name: str,
    build: Build,
    *,
    format: str,
    waiting: Callable[[], None] | None = None,
) -> Manifest:
    """Replace the store by what `build` puts into the empty canonical tables of the connection it is given.

    `build` returns the data-quality report. Other writers of the store wait (`waiting` is called once then); readers
    go on with the present version. Whatever `build` raises leaves the store as it was.
    UserError: no completed order, more than one currency, a disk that is full or cannot be written.
    """
    with _disk_errors_said(name), locked(home.lock(name, "import"), waiting=waiting), _work_folder(home, name) as work:
        settle(home, name)
        report = _write_shop(work, build)
        folder = home.store(name)
        for each in (folder, folder / "versions"):
            each.mkdir(exist_ok=True, mode=0o700)
        _write_analytics(work, store_key(folder))
        manifest = _describe(work, name, format, report, _present(folder))
        _commit(home, folder, work, manifest)
    return manifest


def settle(home: Home, name: str) -> None:
    """Finish what a crashed writer had committed. Does nothing otherwise."""
    folder = home.store(name)
    if (folder / JOURNAL).exists():
        with locked(home.lock(name, "files")):
            roll_forward(folder)


# what DuckDB raises when a file cannot grow, depending on what it was writing
_WRITING_FAILED = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)


@contextmanager
def _disk_errors_said(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"Store {name} could not be written, and is as it was: {error}.") from error
    except _WRITING_FAILED as error:
        raise UserError(f"Store {name} could not be written, and is as it was: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


@contextmanager
def _work_folder(home: Home, name: str) -> Iterator[Path]:
    """An empty folder to build in; what an import that was killed left there goes first."""
    work = home.work(name)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def quoted(text: str | Path) -> str:
    """A string literal of SQL, for the statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def _open_for_writing(path: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "700MB",
        "threads": min(4, os.cpu_count() or 1),
        "temp_directory": str(path.parent / "spill"),
    }
    con = duckdb.connect(path, config=config)
    con.execute("SET enable_progress_bar = false")  # in a process without a main file it would go to stdout
    return con


def _write_shop(work: Path, build: Build) -> Mapping[str, Any]:
    with _open_for_writing(work / SHOP) as con:
        create_tables(con)
        report = build(con) or {}
        con.execute("CHECKPOINT")
    return report


def store_key(folder: Path) -> str:
    """The store's secret for keyed hashes: made once, readable by its owner only, kept across imports."""
    path = folder / "key"
    if not path.exists():
        fresh = folder / "key.new"
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32))
        fresh.replace(path)
    return path.read_text().strip()


def _write_analytics(work: Path, key: str) -> None:
    with _open_for_writing(work / ANALYTICS) as con:
        con.execute(f"ATTACH {quoted(work / SHOP)} AS shop (READ_ONLY)")
        create_reduced_tables(con)
        for spec in TABLES:
            names = [c.name for c in reduced_columns(spec)]
            read = ", ".join("sha256(? || ip_address)" if n == "ip_key" else n for n in names)
            insert = f"INSERT INTO {spec.name} ({', '.join(names)}) SELECT {read} FROM shop.{spec.name}"
            con.execute(insert, [key] if "ip_key" in names else [])
        con.execute("DETACH shop")
        con.execute("CHECKPOINT")


def _present(folder: Path) -> Manifest | None:
    """The version now published; a damaged one is as good as none when it is about to be replaced."""
    try:
        return read_manifest(folder / MANIFEST)
    except UserError:
        return None


def _describe(work: Path, name: str, format: str, report: Mapping[str, Any], present: Manifest | None) -> Manifest:
    files = {which: _mark(work / file) for which, file in FILES.items()}
    with duckdb.connect(work / ANALYTICS, read_only=True) as con:
        rows = {t.name: _value(con, f"SELECT count(*) FROM {t.name}") for t in TABLES}
        first, last = _days(con, name)
        currency = _currency(con, name)
    return Manifest(
        store=name,
        format=format,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        data_version="sha256:" + files["shop"].sha256,
        currency=currency,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        rows=rows,
        files=files,
        report=dict(report),
        previous=present.bare() if present else None,
    )


def _value(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    return row[0] if row else None


def _days(con: duckdb.DuckDBPyConnection, name: str) -> tuple[date, date]:
    sql = "SELECT min(ordered_at)::DATE, max(ordered_at)::DATE FROM orders WHERE status = 'completed'"
    first, last = con.execute(sql).fetchall()[0]
    if first is None:
        raise UserError(f"Store {name} would have no completed order, and is as it was: there is nothing to count.")
    return first, last


def _currency(con: duckdb.DuckDBPyConnection, name: str) -> str:
    found = con.execute("SELECT currency, count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
    if len(found) > 1:
        said = ", ".join(f"{code} ({count} orders)" for code, count in found)
        raise UserError(f"Store {name} would have orders in several currencies, and is as it was: {said}.")
    return str(found[0][0])


def file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _mark(path: Path) -> FileMark:
    _sync(path)
    return FileMark(file_sha256(path), path.stat().st_size)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _commit(home: Home, folder: Path, work: Path, manifest: Manifest) -> None:
    _write_synced(work / MANIFEST, to_json(manifest))
    shutil.rmtree(work / "spill", ignore_errors=True)
    with locked(home.lock(manifest.store, "files")):
        os.rename(work, folder / "versions" / manifest.folder)
        _sync(folder / "versions")
        link(folder / "versions" / manifest.folder / MANIFEST, folder / JOURNAL)
        _sync(folder)
        roll_forward(folder)


def roll_forward(folder: Path) -> None:
    """Swing the store's files to the version its journal names; any part of that may have been done before.

    Call it with the store's lock "files" held. UserError: the journal or its version is damaged.
    """
    journal = folder / JOURNAL
    if not journal.exists():
        return
    manifest = read_manifest(journal)
    version = folder / "versions" / manifest.folder
    for file in FILES.values():
        link(version / file, folder / file)
    os.replace(journal, folder / MANIFEST)
    _sync(folder)
    _prune(folder, manifest)


def link(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`, in one step for whoever looks; a copy where links do not exist."""
    aside = target.with_name(target.name + ".tmp")
    aside.unlink(missing_ok=True)
    try:
        os.link(source, aside)
    except OSError:
        shutil.copy2(source, aside)
        _sync(aside)
    os.replace(aside, target)
    aside.unlink(missing_ok=True)  # rename leaves it there when both already were the same file


def _prune(folder: Path, manifest: Manifest) -> None:
    kept = {manifest.folder, manifest.previous.folder if manifest.previous else ""}
    for version in (folder / "versions").iterdir():
        if version.name not in kept:
            shutil.rmtree(version)
