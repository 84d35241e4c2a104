"""Opening a store: verified by hash, read-only, locked down."""

import threading
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import duckdb

from store.errors import UserError
from store.locks import locked
from store.manifest import FILES, MANIFEST, Manifest, read_manifest
from store.paths import Home, checked_name
from store.publish import file_sha256, link, settle

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "lock_configuration": True,
}


@dataclass(frozen=True)
class Store:
    """One published version of a store. It stays readable while a newer one is imported, until two have been."""

    home: Home
    name: str
    manifest: Manifest

    @property
    def path(self) -> Path:
        return self.home.store(self.name)

    @property
    def state_path(self) -> Path:
        return self.path / "state.sqlite"

    @property
    def data_version(self) -> str:
        return self.manifest.data_version

    @property
    def currency(self) -> str:
        return self.manifest.currency

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.manifest.first_day)

    @property
    def today(self) -> date:
        """The day of the last completed order."""
        return date.fromisoformat(self.manifest.last_day)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A read-only, locked-down connection to this version's analytics file, for the caller to close."""
        with locked(self.home.lock(self.name, "files"), shared=True):
            return duckdb.connect(self._verified(self.manifest, "analytics"), read_only=True, config=LOCKED_DOWN)

    def version_file(self, data_version: str, which: str = "analytics") -> Path:
        """The "analytics" or "shop" file of a data version that is still kept. UserError where it is not."""
        with locked(self.home.lock(self.name, "files"), shared=True):
            for manifest in (self.manifest, self.manifest.previous, self._present()):
                if manifest and manifest.data_version == data_version:
                    return self._verified(manifest, which)
        raise UserError(_no_longer_kept(self.name, data_version))

    def _verified(self, manifest: Manifest, which: str) -> Path:
        """A path of this version's own: DuckDB gives a second connection to a path the file that the first has open."""
        path = self.path / "versions" / manifest.folder / FILES[which]
        if not path.exists():
            if manifest.data_version != self._present().data_version:
                raise UserError(_no_longer_kept(self.name, manifest.data_version))
            check_file(self.path / FILES[which], manifest, which)
            path.parent.mkdir(parents=True, exist_ok=True)
            link(self.path / FILES[which], path)
        check_file(path, manifest, which)
        return path

    def _present(self) -> Manifest:
        """What is published now, which an import may have made newer than this object."""
        return read_manifest(self.path / MANIFEST)


def open_store(home: Home, name: str) -> Store:
    """The store's present version, its files verified.

    UserError: no such store, or one that is damaged.
    """
    require_store(home, name)
    settle(home, name)
    with locked(home.lock(name, "files"), shared=True):
        return Store(home, name, _verified_manifest(home.store(name)))


def require_store(home: Home, name: str) -> None:
    """UserError where there is no such store, damaged or not."""
    if checked_name(name) not in home.names():
        raise UserError(f"There is no store {name!r}. ./storewise stores lists those there are. {_HOW_TO_MAKE_ONE}")


def only_store(home: Home) -> str:
    """The name of the one store there is. UserError where there are none or several."""
    names = home.names()
    if len(names) == 1:
        return names[0]
    if names:
        raise UserError(f"There are several stores: say which with --store NAME ({', '.join(names)}).")
    raise UserError(f"There is no store yet. {_HOW_TO_MAKE_ONE}")


_HOW_TO_MAKE_ONE = "Make one: ./storewise import online-retail FILE --store NAME, or ./storewise demo."


def _no_longer_kept(name: str, data_version: str) -> str:
    return f"Store {name} no longer has data version {data_version}: only the last two are kept. Ask again."


def _verified_manifest(folder: Path) -> Manifest:
    try:
        manifest = read_manifest(folder / MANIFEST)
    except UserError as error:
        raise UserError(f"Store {folder.name} is damaged: {error} {_how_to_repair(folder, None)}") from error
    for which, file in FILES.items():
        check_file(folder / file, manifest, which)
    return manifest


def check_file(path: Path, manifest: Manifest, which: str) -> None:
    """UserError where a file is not the one that the manifest describes."""
    wrong = _what_is_wrong(path, manifest, which)
    if wrong:
        folder = path.parent if path.parent.name == manifest.store else path.parent.parent.parent
        raise UserError(f"Store {manifest.store} is damaged: {path} {wrong}. {_how_to_repair(folder, manifest)}")


def _what_is_wrong(path: Path, manifest: Manifest, which: str) -> str | None:
    mark = manifest.files[which]
    if not path.is_file():
        return "is missing"
    size = path.stat().st_size
    if size != mark.bytes:
        return f"has {size:,} bytes instead of {mark.bytes:,}"
    return None if _cached_sha256(path) == mark.sha256 else "was altered (its sha256 differs from the manifest's)"


_HASHING = threading.Lock()


def _cached_sha256(path: Path) -> str:
    found = path.stat()
    with _HASHING:  # twenty chats that start together hash the file once
        return _sha256_of(str(path), found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: str, device: int, inode: int, size: int, mtime_ns: int) -> str:
    return file_sha256(Path(path))


def _how_to_repair(folder: Path, manifest: Manifest | None) -> str:
    again = f"Import it again (./storewise import FORMAT FILE… --store {folder.name})"
    kept = manifest.previous if manifest else None
    earlier = folder / "versions" / kept.folder if kept else None
    if earlier and earlier.is_dir():
        return f"{again}, or go back to the version before: copy {earlier}/* to {folder}/."
    return f"{again}, or put back a backup."
