"""A progress bar for a training that somebody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(steps: int, what: str = "Training") -> Iterator[Callable[[int, float], None]]:
    """On standard error, with the loss of the last steps."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2) as progress:
        task = progress.add_task("", total=steps)
        smooth = 0.0

        def told(step: int, loss: float) -> None:
            nonlocal smooth
            smooth = loss if not smooth else 0.98 * smooth + 0.02 * loss
            progress.update(task, completed=step, description=f"loss {smooth:.3f}")

        yield told
