"""A folder of a few files, replaced as a whole and read as a whole.

A writer works in `.NAME.work`, renames it to `.NAME.new` when all of it is on the disk, and puts that in the folder's
place. Killed at any point, it leaves the old files or the new ones: where the folder is missing, `.NAME.new` is whole.
Readers need no lock: what they open is one version, whatever a writer does meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ml.errors import AGAIN, CheckpointError

TRIES = 100  # of a reader that finds the folder being replaced


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold these files and no others. CheckpointError: it can't be written, or holds something else."""
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(_aside(folder, "lock")):
            _settle(folder)
            _refuse_others(folder, files)
            _write(_aside(folder, "work"), files)
            _swap(folder)
    except OSError as error:
        shutil.rmtree(_aside(folder, "work"), ignore_errors=True)
        raise CheckpointError(f"{folder} could not be written, and is as it was: {error}.") from error


@contextmanager
def opened(folder: Path, names: Collection[str]) -> Iterator[dict[str, BinaryIO]]:
    """The folder's files, all of one version. CheckpointError: they are not plain files, or not those of `names`."""
    for _ in range(TRIES):
        with ExitStack() as stack:
            handle = _directory(folder)
            if handle is None:
                continue
            stack.callback(os.close, handle)
            fault, files = _open_all(folder, handle, names, stack)
            if not _is_still(folder, handle):
                continue
            if fault:
                raise CheckpointError(fault)
            yield files
            return
    raise CheckpointError(f"{folder} is missing. {AGAIN}")


def _aside(folder: Path, step: str) -> Path:
    return folder.with_name(f".{folder.name}.{step}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _settle(folder: Path) -> None:
    """Finish or undo what a writer that was killed had begun."""
    new = _aside(folder, "new")
    if new.exists() and not folder.exists():
        os.rename(new, folder)
    for step in ("work", "new", "old"):
        shutil.rmtree(_aside(folder, step), ignore_errors=True)


def _refuse_others(folder: Path, files: Collection[str]) -> None:
    held = sorted(set(os.listdir(folder)) - set(files)) if folder.exists() else []
    if held:
        raise CheckpointError(f"{folder} holds {_listed(held)}, which is no model's: name another folder.")


def _write(work: Path, files: Mapping[str, bytes]) -> None:
    work.mkdir(mode=0o755)
    for name, data in files.items():
        with (work / name).open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    _sync(work)


def _swap(folder: Path) -> None:
    new, old = _aside(folder, "new"), _aside(folder, "old")
    os.rename(_aside(folder, "work"), new)
    if folder.exists():
        os.rename(folder, old)
    os.rename(new, folder)
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _places(folder: Path) -> tuple[Path, Path]:
    """Where the version to be read is: the second only where the first is missing."""
    return folder, _aside(folder.resolve(), "new")


def _directory(folder: Path) -> int | None:
    for place in _places(folder):
        try:
            return os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise CheckpointError(f"{place} can't be read as a folder: {error.strerror}.") from error
    return None


def _is_still(folder: Path, handle: int) -> bool:
    """Whether what was opened is what stands there: if so, nobody was taking it away while it was read."""
    for place in _places(folder):
        try:
            if os.path.samestat(os.stat(place), os.fstat(handle)):
                return True
        except OSError:
            continue
    return False


def _open_all(
    folder: Path, handle: int, names: Collection[str], stack: ExitStack
) -> tuple[str | None, dict[str, BinaryIO]]:
    """The files, or what is wrong with them."""
    others = sorted(set(os.listdir(handle)) - set(names))
    if others:
        only = ", ".join(sorted(names))
        return f"{folder} holds {_listed(others)}. A model's files are {only} alone. {AGAIN}", {}
    files: dict[str, BinaryIO] = {}
    for name in names:
        try:
            files[name] = stack.enter_context(_open_plain(handle, name))
        except FileNotFoundError:
            return f"{folder / name} is missing. {AGAIN}", {}
        except OSError as error:
            return f"{folder / name} is no plain file that can be read ({error.strerror}). {AGAIN}", {}
    return None, files


def _open_plain(handle: int, name: str) -> BinaryIO:
    """No link is followed, and no pipe waited for."""
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "it is something else")
    return os.fdopen(file, "rb")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
