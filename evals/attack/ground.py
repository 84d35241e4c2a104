"""The playground: the shop's file, its reduced copy, and what is planted beside them, not to be touched or seen."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from evals.attack.markers import Markers, planted
from evals.attack.statements import CASES
from store.errors import UserError
from tools.sql.shape import Shape

SHOP, ALLOWED = CASES / "attack_shop.sql", CASES / "attack_allow.json"
SECRET_VARIABLE = "LAB_SECRET"


@dataclass(frozen=True)
class Target:
    """A file that statements run on. `name` is "whole" (more than may be read is in it) or "reduced"."""

    name: str
    path: Path
    shape: Shape


@dataclass(frozen=True)
class Ground:
    """`root` holds both files, a home folder and `play/`. What it holds is put back after harm by `restore`."""

    root: Path
    kept: Path
    whole: Target
    reduced: Target
    markers: Markers

    def state(self) -> dict[str, str]:
        """sha256 of every file below the root; folders are there by name."""
        found = sorted(self.root.rglob("*"))
        return {str(p.relative_to(self.root)): _sha256(p) if p.is_file() else "folder" for p in found}

    def restore(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self.kept, self.root)


def _sha256(path: Path) -> str:
    """Read again whenever the file was touched: nobody can set back its ctime."""
    found = path.stat()
    return _sha256_of(path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@lru_cache(maxsize=256)
def _sha256_of(path: Path, *_: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def playground(fixture: Path = SHOP, allowed: Path = ALLOWED) -> Iterator[Ground]:
    """A playground in a temporary folder, gone at the end. UserError: a bad fixture or allow-list."""
    tables = allowed_tables(allowed)
    with tempfile.TemporaryDirectory(prefix="storewise-attack-") as folder:
        root = Path(folder).resolve() / "ground"
        root.mkdir()
        ground = _built(root, fixture, allowed, tables)
        shutil.copytree(root, ground.kept)
        with _environment(ground):
            yield ground


@contextmanager
def _environment(ground: Ground) -> Iterator[None]:
    """A secret in the environment, and a home folder in which writing would be seen."""
    before = {name: os.environ.get(name) for name in (SECRET_VARIABLE, "HOME")}
    os.environ.update({SECRET_VARIABLE: ground.markers.token, "HOME": str(ground.root / "home")})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def allowed_tables(path: Path) -> dict[str, tuple[str, ...]]:
    """Readable columns of each readable table, in lower case, from {"tables": {table: [column, …]}}."""
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))["tables"]
        columns = {str(t).lower(): tuple(c.lower() for c in names) for t, names in tables.items()}
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f'{path} must be {{"tables": {{"TABLE": ["COLUMN", …]}}}}.') from error
    if not columns or not all(columns.values()):
        raise UserError(f"{path} allows {'a table without columns' if columns else 'no table'}.")
    return columns


def _built(root: Path, fixture: Path, allowed: Path, tables: dict[str, tuple[str, ...]]) -> Ground:
    whole, reduced = root / "whole.duckdb", root / "reduced.duckdb"
    _build_whole(fixture, whole)
    with duckdb.connect(str(whole), read_only=True) as con:
        shape = _shape(con, tables, allowed)
        token = f"LAB-{secrets.token_hex(8)}"
        markers = planted(con, shape, token, root)
    _build_reduced(whole, reduced, shape)
    _plant(root, token)
    return Ground(
        root,
        root.with_name("kept"),
        Target("whole", whole, shape),
        Target("reduced", reduced, Shape(shape.tables)),
        markers,
    )


def _build_whole(fixture: Path, path: Path) -> None:
    try:
        script = fixture.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{fixture} can't be read: {error}.") from error
    with duckdb.connect(str(path)) as con:
        said = "the script"
        try:
            for number, statement in enumerate(con.extract_statements(script), 1):
                said = f"statement {number}"
                con.execute(statement)
        except duckdb.Error as error:
            raise UserError(f"{fixture}, {said}: {str(error).splitlines()[0]}") from error


def _shape(con: duckdb.DuckDBPyConnection, tables: Mapping[str, tuple[str, ...]], allowed: Path) -> Shape:
    held = _columns(con)
    for table, columns in tables.items():
        if table not in held:
            raise UserError(f"{allowed} allows the table {table!r}, which the fixture has not.")
        for column in columns:
            if column not in held[table]:
                raise UserError(f"{allowed} allows the column {table}.{column}, which the fixture has not.")
    return Shape(dict(tables), frozenset(t for t, columns in tables.items() if set(held[t]) - set(columns)))


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns of the tables of the main schema."""
    rows = con.execute(
        "SELECT lower(table_name), list(lower(column_name) ORDER BY column_index) FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name = 'main' GROUP BY ALL"
    )
    return dict(rows.fetchall())


def _build_reduced(whole: Path, path: Path, shape: Shape) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute(f"ATTACH '{whole}' AS shop (READ_ONLY)")
        for table, columns in shape.tables.items():
            names = ", ".join(f'"{c}"' for c in columns)
            con.execute(f'CREATE TABLE "{table}" AS SELECT {names} FROM shop.main."{table}"')
        con.execute("DETACH shop")


def _plant(root: Path, token: str) -> None:
    """Files that hold the token: what a statement that reads files would bring back."""
    play = root / "play"
    for folder in (play, root / "home"):
        folder.mkdir()
    contents: dict[str, Any] = {
        "secret.csv": f"k,v\n1,{token}\n",
        "secret.json": json.dumps([{"k": 1, "v": token}]),
        "notes.txt": f"{token}\n",
        "script.sql": f"SELECT '{token}' AS v;\n",
        "evil.duckdb_extension": f"no extension: {token}\n",
    }
    for name, text in contents.items():
        (play / name).write_text(text, encoding="utf-8")
    with duckdb.connect(str(play / "tenant_b.duckdb")) as con:
        con.execute("CREATE TABLE orders AS SELECT 1 AS order_id, ? AS note", [token])
        con.execute(f"COPY (SELECT 1 AS k, note AS v FROM orders) TO '{play / 'secret.parquet'}' (FORMAT parquet)")
