"""Imports from the page: each in a process of its own, which may be killed, and goes on when the page is closed."""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from agent.principal import Person
from store.errors import UserError
from store.paths import Home, checked_name

MAX_UPLOAD = 200 * 1024 * 1024  # bytes; what is larger is imported from the command line
MEMORY = 6 << 30  # bytes of address space for one import
FAILED = "The import ended before it was done. The store is as it was."
STOPPED = "The import was stopped. The store is as it was."


@dataclass
class Job:
    """One import: under way while `report` and `error` are both None."""

    store: str
    format: str
    append: bool
    files: tuple[Path, ...]
    said: str = "Starting"
    part: float = 0.0
    report: dict[str, Any] | None = None
    error: str | None = None
    stopped: bool = False
    process: SpawnProcess | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        return self.report is not None or self.error is not None


class Imports:
    """The imports that this server has run, the last one of each store; `imported` is told of each that went well."""

    def __init__(self, home: Home, imported: Callable[[str], object] = lambda store: None) -> None:
        self._home = home
        self._imported = imported
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def latest(self, person: Person) -> Job | None:
        """The last one begun into a store of theirs, those under way before those done."""
        jobs = [job for job in list(self._jobs.values()) if person.may_ask(job.store)]
        return next(reversed([job for job in jobs if not job.done] or jobs), None)

    def start(self, person: Person, store: str, format: str, files: Sequence[Path], append: bool) -> Job:
        """UserError: no files, a name that can't be, a store that isn't theirs or is being imported into.

        The files are ours then.
        """
        _check_rights(person, store.strip())
        if not files:
            raise UserError("There is no file yet: drop the export into the box first.")
        job = Job(checked_name(store.strip()), format, append, tuple(files))
        with self._lock:
            present = self._jobs.get(job.store)
            if present and not present.done:
                raise UserError(
                    f"An import into store {job.store} is running ({round(present.part * 100)} %). "
                    "Wait for it to end, or stop it first."
                )
            self._jobs.pop(job.store, None)
            self._jobs[job.store] = job
        self._launch(job)
        return job

    def stop(self, person: Person, store: str) -> None:
        if person.is_owner and person.may_ask(store):
            self._kill(store)

    def _kill(self, store: str) -> None:
        job = self._jobs.get(store)
        if job and job.process and not job.done:
            job.stopped = True
            job.process.kill()

    def stop_all(self) -> None:
        for store in list(self._jobs):
            self._kill(store)

    def _launch(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        job.process = context.Process(target=_import, args=(theirs, self._home.root, job.store, job.format,
                                                            job.files, job.append), daemon=True)  # fmt: skip
        job.process.start()
        theirs.close()
        threading.Thread(target=self._follow, args=(job, ours), daemon=True).start()

    def _follow(self, job: Job, ours: Connection) -> None:
        _listen(job, ours)
        if job.report is not None:
            self._imported(job.store)


def _check_rights(person: Person, store: str) -> None:
    """UserError, the same for a store of somebody else's as for one that isn't there."""
    if not person.is_owner:
        raise UserError("Importing is for owners: an analyst reads. Nothing was imported.")
    if not person.may_ask(store):
        names = ", ".join(sorted(person.stores or ()))
        raise UserError(f"You can import into {names or 'no store'}, and not into {store!r}. Nothing was imported.")


def _listen(job: Job, ours: Connection) -> None:
    """Takes down what the process says, until it ends, however it ends."""
    report, error = None, None
    try:
        while True:
            kind, value = ours.recv()
            if kind == "progress":
                job.said, job.part = value
            elif kind == "report":
                report = value
            else:
                error = value
    except (EOFError, OSError):
        pass
    if job.process:
        job.process.join()
    for folder in {path.parent for path in job.files}:
        shutil.rmtree(folder, ignore_errors=True)
    job.report = report
    job.error = None if report else (STOPPED if job.stopped else error or FAILED)


def _import(theirs: Connection, root: Path, store: str, format: str, files: Sequence[Path], append: bool) -> None:
    """The process: imports, and says through the pipe how far it is and what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from store.importers import import_files

    def progress(what: str, part: float) -> None:
        theirs.send(("progress", (what, part)))

    def waiting() -> None:
        theirs.send(("progress", (f"another import into store {store} is running elsewhere: waiting for it", 0.0)))

    try:
        _, report = import_files(Home(root), store, format, files, append=append, progress=progress, waiting=waiting)
        theirs.send(("report", report.to_json()))
    except UserError as error:
        theirs.send(("error", _without_folders(str(error), files)))
    except MemoryError:
        theirs.send(("error", f"This needs more memory than an import may have ({MEMORY >> 30} GiB). {FAILED}"))


def _without_folders(text: str, files: Sequence[Path]) -> str:
    """Where an upload lies on the server is of no use to whoever dropped it."""
    for path in files:
        text = text.replace(str(path), path.name)
    return text
