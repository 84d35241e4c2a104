"""Stores' own models, trained beside the server: one after the other, in a process that stands back for chats."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from store.connect import Store, open_store
from store.errors import UserError
from store.labels import labels_of, mark_of
from store.paths import Home

log = logging.getLogger(__name__)
CHECKOUT = Path(__file__).parents[2]
KINDS = ("forecast", "fraud")
EVERY = 30.0  # seconds between two looks at whether orders were labelled
Place = tuple[str, str]  # a store, and what of it is trained


class Trainings:
    """`part` tells how far a store's model is. What is stopped with the server goes on with the next one."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._waiting: queue.Queue[Place] = queue.Queue()
        self._one = threading.Lock()  # at a time
        self._parts: dict[Place, float] = {}
        self._process: subprocess.Popen[str] | None = None
        self._ended = threading.Event()
        self._labels: dict[str, str] = {}  # by store, those that were there when its trainings were last begun

    def begin(self, *names: str) -> None:
        """Trains what is due of these stores."""
        for name in names:
            self._labels[name] = self._labelled(name)
            for kind in KINDS:
                self._waiting.put((name, kind))
        threading.Thread(target=self._run, name="train models", daemon=True).start()

    def watch(self, every: float = EVERY) -> None:
        """Looks from now on whether a store's orders were labelled, and then begins what is due of it."""
        threading.Thread(target=self._watch, args=(every,), name="watch labels", daemon=True).start()

    def part(self, store: Store | None, kind: str) -> float | None:
        """How far the store's model of that kind is, from 0 to 1; None where none is being trained."""
        return self._parts.get((store.name, kind)) if store else None

    def end(self) -> None:
        self._ended.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def _watch(self, every: float) -> None:
        while not self._ended.wait(every):
            new = [name for name in self._home.names() if self._labelled(name) != self._labels.get(name, "")]
            if new:
                self.begin(*new)

    def _labelled(self, name: str) -> str:
        """A name for just the labels that its merchant gave; "" for none, or none that can be read."""
        try:
            return mark_of(labels_of(self._home.store(name) / "state.sqlite"))
        except (OSError, UserError):
            return ""

    def _run(self) -> None:
        with self._one:
            while not self._ended.is_set() and not self._waiting.empty():
                self._train(*self._waiting.get())

    def _train(self, name: str, kind: str) -> None:
        try:
            if not _is_due(open_store(self._home, name), kind):
                return
        except UserError as error:
            log.warning("%s", error)
            return
        self._parts[name, kind] = 0.0
        try:
            self._follow(name, kind)
        finally:
            del self._parts[name, kind]

    def _follow(self, name: str, kind: str) -> None:
        """Runs the command and hears its progress."""
        environ = {**os.environ, "STOREWISE_HOME": str(self._home.root), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "ui", "train", kind, "--background", "--store", name]
        with tempfile.TemporaryFile("w+") as errors:
            with subprocess.Popen(
                command, cwd=CHECKOUT, env=environ, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            ) as process:  # fmt: skip
                self._process = process
                assert process.stdout is not None
                for line in process.stdout:
                    self._parts[name, kind] = float(line.split(" ", 1)[0])
            if process.returncode and not self._ended.is_set():
                errors.seek(0)
                log.warning("The %s model of store %s was not trained: %s", kind, name, errors.read().strip())


def _is_due(store: Store, kind: str) -> bool:
    from tools.forecast import upkeep as forecast
    from tools.fraud import upkeep as fraud

    return {"forecast": forecast.is_due, "fraud": fraud.is_due}[kind](store)
