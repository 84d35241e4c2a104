"""Progress on stderr: a bar for people, a plain line a step for logs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ui.commands.common import say

Report = Callable[[str, float], None]


@contextmanager
def shown_progress() -> Iterator[Report]:
    """A callback (what, part done from 0 to 1) to give to what takes long."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, part: bar.update(task, description=what, completed=part)


def _plain() -> Report:
    said: set[str] = set()

    def report(what: str, part: float) -> None:
        if what not in said:
            said.add(what)
            say(what)

    return report
