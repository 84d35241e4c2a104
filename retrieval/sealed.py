"""Versions of a folder, each sealed: no byte of it is handed on before all are as they were written.

Chroma's files are not safe by themselves: one that was cut short crashes the process that opens it, and a process that
is killed while it writes leaves such files. So Chroma only ever opens copies, and what it wrote becomes the next
version when it has closed them: vN/ with seal.json, by one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import UserError

SEAL = "seal.json"
WORK = ".work-"


class IndexDamaged(UserError):
    """The index can't be read. What else there is works without it."""


def newest(folder: Path) -> Path | None:
    """The version that was published last."""
    found = [v for v in folder.glob("v*") if re.fullmatch(r"v\d+", v.name)] if folder.is_dir() else []
    return max(found, key=_number, default=None)


def _number(version: Path) -> int:
    return int(version.name[1:])


def mark(folder: Path) -> str:
    """Changes with every version that is published."""
    version = newest(folder)
    seal = version / SEAL if version else folder
    return f"{version} {seal.stat().st_mtime_ns if seal.exists() else 0}"


def content(version: Path, name: str) -> bytes:
    """A file of a version. IndexDamaged: it is missing, or not as it was written."""
    try:
        found = (version / name).read_bytes()
    except OSError as error:
        raise IndexDamaged(_damaged(version, f"{name} can't be read")) from error
    if hashlib.sha256(found).hexdigest() != _seal(version).get(name):
        raise IndexDamaged(_damaged(version, f"{name} is not as it was written"))
    return found


def check(version: Path) -> None:
    """IndexDamaged: a file of the version is missing, or not as it was written."""
    for name in _seal(version):
        content(version, name)


@contextmanager
def work_on(folder: Path, version: Path | None) -> Iterator[Path]:
    """A copy to write into, which becomes the newest version if all goes well. OSError: the disk's."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=folder))
    try:
        if version is not None:
            _copy(version, work)
        yield work
        _publish(folder, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clear_work(folder: Path) -> None:
    """Removes what writers that were killed left. Only for who holds the index's lock."""
    for left in folder.glob(f"{WORK}*") if folder.is_dir() else ():
        shutil.rmtree(left, ignore_errors=True)


def discard(folder: Path) -> None:
    """Removes every version. OSError: the disk's."""
    if folder.exists():
        shutil.rmtree(folder)


def _publish(folder: Path, work: Path) -> None:
    files = {str(p.relative_to(work)): _sha256(p) for p in sorted(work.rglob("*")) if p.is_file() and p.name != SEAL}
    (work / SEAL).write_text(json.dumps(files, indent=1), encoding="utf-8")
    before = newest(folder)
    os.rename(work, folder / f"v{_number(before) + 1 if before else 1}")
    for old in [v for v in folder.glob("v*") if before and _number(v) <= _number(before)]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(version: Path, to: Path) -> None:
    for name, sha256 in _seal(version).items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(version / name, to / name)
        except FileNotFoundError as error:
            raise IndexDamaged(_damaged(version, f"{name} is missing")) from error
        if _sha256(to / name) != sha256:
            raise IndexDamaged(_damaged(version, f"{name} is not as it was written"))


def _seal(version: Path) -> dict[str, str]:
    try:
        files = json.loads((version / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexDamaged(_damaged(version, f"{SEAL} can't be read")) from error
    names = files if isinstance(files, dict) else {"..": ""}
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in names):
        raise IndexDamaged(_damaged(version, f"{SEAL} is no seal"))
    return dict(names)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(version: Path, what: str) -> str:
    return f"The product index in {version} is damaged: {what}. ./storewise index mends it."
