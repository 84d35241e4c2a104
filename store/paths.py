"""Where things are written: one home folder, one folder a store."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import UserError

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked_name(name: str) -> str:
    """The name, if a store may have it; else UserError."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is not a store name: use 1 to 64 letters, digits, - and _.")
    return name


@dataclass(frozen=True)
class Home:
    """The folder that holds everything written."""

    root: Path

    @property
    def stores(self) -> Path:
        return self.root / "stores"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def users(self) -> Path:
        """Who may sign in: users, tokens, sessions."""
        return self.root / "users.sqlite"

    @property
    def last_store(self) -> Path:
        """Which store the command line was told last."""
        return self.root / "last-store"

    @property
    def serving(self) -> Path:
        """Where the server is that runs, while one does."""
        return self.root / "serving.json"

    def store(self, name: str) -> Path:
        """The folder of a store, which need not exist. UserError for a name that is no plain name."""
        return self.stores / checked_name(name)

    def lock(self, name: str, what: str) -> Path:
        """A store's lock file, outside its folder so that it outlives the store: `what` is "import" or "files"."""
        self.stores.mkdir(parents=True, exist_ok=True)
        return self.stores / f".{self.store(name).name}.{what}.lock"

    def work(self, name: str) -> Path:
        """Where a new version is built: beside the store, on the same disk, so that a rename moves it in."""
        return self.stores / f".{self.store(name).name}.work"

    def names(self) -> list[str]:
        """The stores that exist, sorted: those published, also where a crash left the last renames undone."""
        if not self.stores.is_dir():
            return []
        marks = ("manifest.json", "manifest.json.new")
        found = (p for p in self.stores.iterdir() if _NAME.fullmatch(p.name))
        return sorted(p.name for p in found if any((p / mark).exists() for mark in marks))


def home_from(environ: Mapping[str, str], checkout: Path) -> Home:
    """STOREWISE_HOME, else var/ in the checkout."""
    return Home(Path(environ.get("STOREWISE_HOME") or checkout / "var").expanduser().absolute())
