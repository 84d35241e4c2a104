"""`python -m evals attack`: loading, running with progress, reporting."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from evals.attack.ground import ALLOWED, SHOP, Ground, playground
from evals.attack.layers import Worth, worth_of_layers, worth_of_walls
from evals.attack.report import print_layers, print_results, write_lines
from evals.attack.running import Result, results
from evals.attack.statements import ATTACKS, LEGITIMATE, Attack, Legitimate, all_differ, attacks_in, legitimate_in
from store.errors import UserError
from tools.sql.worker import stop


@dataclass(frozen=True)
class Round:
    """What is run, and on which shop."""

    attacks: Sequence[Attack]
    legitimate: Sequence[Legitimate]
    fixture: Path
    allowed: Path


def chosen(file: Path | None, legit: Path | None, fixture: Path | None, allow: Path | None) -> Round:
    """Our own statements on our own shop where nothing is said. UserError: bad options or files."""
    if (fixture is None) != (allow is None):
        raise UserError("--fixture and --allow go together: a shop, and what of it may be read.")
    if file is None and legit is None:
        if fixture:
            raise UserError("--fixture needs statements to run on it: --file, --legit or both.")
        file, legit = ATTACKS, LEGITIMATE
    attacks = attacks_in(file) if file else []
    legitimate = legitimate_in(legit) if legit else []
    all_differ(attacks, legitimate)
    return Round(attacks, legitimate, fixture or SHOP, allow or ALLOWED)


def attack_round(what: Round, out: Path | None, layers: bool, walls: bool) -> bool:
    """Runs a round and reports it, with what each layer and each wall is worth; whether nothing went wrong."""
    width = None if sys.stdout.isatty() else 180
    console = Console(width=width)
    try:
        with playground(what.fixture, what.allowed) as ground:
            found = _results(ground, what)
            print_results(found, console)
            if out:
                write_lines(found, out)
            sys.stdout.flush()
            if worth := _worth(ground, what, layers, walls):
                print_layers(worth, console)
    finally:
        stop()
    return not any(result.wrong for result in found)


def _results(ground: Ground, what: Round) -> list[Result]:
    with _progress("statements", len(what.attacks) + len(what.legitimate)) as done:
        return list(results(ground, what.attacks, what.legitimate, done))


def _worth(ground: Ground, what: Round, layers: bool, walls: bool) -> list[Worth]:
    worth: list[Worth] = []
    for name, measure, wanted in (("layers", worth_of_layers, layers), ("walls", worth_of_walls, walls)):
        if wanted and what.attacks:
            with _progress(name, len(what.attacks)) as done:
                worth += measure(ground, what.attacks, done)
    return worth


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr; what it gives is called after each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
