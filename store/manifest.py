"""manifest.json: what a store's files must be, sealed with its own hash."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from store.errors import UserError

SHOP, ANALYTICS, MANIFEST = "shop.duckdb", "analytics.duckdb", "manifest.json"
JOURNAL = MANIFEST + ".new"
FILES = {"shop": SHOP, "analytics": ANALYTICS}


@dataclass(frozen=True)
class FileMark:
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """A published version of a store. Days are ISO dates of completed orders; times are UTC."""

    store: str
    format: str
    created_at: str
    data_version: str  # "sha256:" and the canonical file's hash
    currency: str
    first_day: str
    last_day: str
    rows: dict[str, int]  # per table
    files: dict[str, FileMark]  # "shop", "analytics"
    report: dict[str, Any]  # the import's data-quality report
    previous: "Manifest | None" = None  # the version before, without its report and its own previous

    @property
    def folder(self) -> str:
        """The name of this version's folder under versions/."""
        return version_folder(self.data_version)

    def bare(self) -> "Manifest":
        return replace(self, previous=None, report={})


def version_folder(data_version: str) -> str:
    return data_version.removeprefix("sha256:")[:16]


def to_json(manifest: Manifest) -> str:
    body = asdict(manifest)
    return json.dumps({**body, "seal": _seal(body)}, indent=1, ensure_ascii=False)


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def read_manifest(path: Path) -> Manifest:
    """UserError where the file is missing, is no manifest, or was altered."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body.pop("seal") == _seal(body):
            return _from_json(body)
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is damaged: it cannot be read as a manifest.") from error
    raise UserError(f"{path} is damaged: it is not as it was written.")


def _from_json(body: dict[str, Any]) -> Manifest:
    files = {which: FileMark(**mark) for which, mark in body["files"].items()}
    previous = _from_json(body["previous"]) if body["previous"] else None
    return Manifest(**{**body, "files": files, "previous": previous})
