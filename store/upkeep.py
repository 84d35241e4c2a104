"""What people do to whole stores: look at them, back them up, remove them."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from store.connect import open_store, require_store
from store.errors import UserError
from store.locks import locked
from store.manifest import FILES, MANIFEST, Manifest
from store.paths import Home
from store.state import copy_state


@dataclass(frozen=True)
class StoreInfo:
    """A store as listed; `problem` says why it cannot be used, and then `manifest` is None."""

    name: str
    manifest: Manifest | None
    models: tuple[str, ...]
    indexed: bool
    problem: str | None


def describe_stores(home: Home) -> list[StoreInfo]:
    """Every store there is, each with its files verified."""
    return [describe_store(home, name) for name in home.names()]


def describe_store(home: Home, name: str) -> StoreInfo:
    folder = home.store(name)
    models = tuple(sorted(p.name for p in (folder / "models").glob("*") if p.is_dir()))
    indexed = any((folder / "index").glob("*"))
    try:
        return StoreInfo(name, open_store(home, name).manifest, models, indexed, None)
    except UserError as error:
        return StoreInfo(name, None, models, indexed, str(error))


def backup_store(home: Home, name: str) -> Path:
    """Write the store, verified, with its conversations, models and key, into one zip file, and return its path.

    Unpacked into the store's folder it is that store again. UserError: no such store, or a damaged one.
    """
    store = open_store(home, name)
    home.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = _unused(home.backups, f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    aside = target.with_suffix(".tmp")
    try:
        handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w+b") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            with locked(home.lock(name, "files"), shared=True):
                for path in _to_back_up(store.path):
                    archive.write(path, path.relative_to(store.path))
            _add_state(archive, store.state_path, target.with_suffix(".sqlite"))
        aside.replace(target)
    except OSError as error:
        raise UserError(f"The backup of store {name} could not be written: {error}.") from error
    finally:
        aside.unlink(missing_ok=True)
    return target


def _unused(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.zip", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.zip"
    return path


def _to_back_up(folder: Path) -> Iterator[Path]:
    for name in (*FILES.values(), MANIFEST, "key"):
        if (folder / name).is_file():
            yield folder / name
    for part in ("models", "index"):
        yield from sorted(p for p in (folder / part).rglob("*") if p.is_file())


def _add_state(archive: zipfile.ZipFile, state: Path, copy: Path) -> None:
    """Conversations may be written to meanwhile: SQLite makes the copy."""
    if state.exists():
        try:
            copy_state(state, copy)
            archive.write(copy, state.name)
        finally:
            copy.unlink(missing_ok=True)


def remove_store(home: Home, name: str) -> None:
    """Delete a store with everything in its folder; its backups stay. UserError where there is none."""
    require_store(home, name)
    gone = home.stores / f".{name}.removed"
    with locked(home.lock(name, "import")), locked(home.lock(name, "files")):
        shutil.rmtree(gone, ignore_errors=True)
        home.store(name).rename(gone)  # one step: a crash leaves the store whole or gone
        shutil.rmtree(gone)
        shutil.rmtree(home.work(name), ignore_errors=True)
