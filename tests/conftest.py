"""The shops the tests run on: the tiny one of tests/data, and the reference import where its file is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from store.connect import Store, open_store
from store.importers import import_files
from store.paths import Home
from store.publish import publish

HERE = Path(__file__).parent
REFERENCE = "online_retail_2010_2011.parquet"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real data, from STOREWISE_SHARED, else ../shared beside the checkout."""
    folder = Path(os.environ.get("STOREWISE_SHARED") or HERE.parent.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}: set STOREWISE_SHARED to the folder that has it")
    return folder


def build_tiny(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Puts the tiny shop into empty canonical tables."""
    con.execute((HERE / "data" / "tiny.sql").read_text(encoding="utf-8"))
    return {}


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one store, "tiny"."""
    home = Home(tmp_path_factory.mktemp("tiny"))
    publish(home, "tiny", build_tiny, format="tests")
    return home


@pytest.fixture(scope="session")
def tiny(tiny_home: Home) -> Store:
    return open_store(tiny_home, "tiny")


@pytest.fixture(scope="session")
def tiny_con(tiny: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tiny shop's analytics file, for the oracle."""
    con = tiny.connect()
    yield con
    con.close()


@pytest.fixture(scope="session")
def reference_home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one store, "reference": the online-retail file, imported once a session."""
    source = shared / "data" / REFERENCE
    if not source.is_file():
        pytest.skip(f"{source} is missing: the reference shop can't be imported")
    home = Home(tmp_path_factory.mktemp("reference"))
    import_files(home, "reference", "online-retail", [source])
    return home


@pytest.fixture(scope="session")
def reference(reference_home: Home) -> Store:
    return open_store(reference_home, "reference")


@pytest.fixture(scope="session")
def reference_con(reference: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """The reference shop's analytics file, for the oracle."""
    con = reference.connect()
    yield con
    con.close()
