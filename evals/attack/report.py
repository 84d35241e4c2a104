"""What came of a run: tables on the terminal, and a line for each statement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.attack.layers import Worth
from evals.attack.outcome import VERDICTS
from evals.attack.running import Judged, Result
from tools.sql.guard import LAYERS

LEGITIMATE = "legitimate"
MOST_SHOWN = 160  # characters of a statement


def print_results(results: Sequence[Result], console: Console) -> None:
    """Verdicts by category for each file, which layer refused, and what went wrong."""
    console.print(_verdicts([r.whole for r in results], "The file as it is"))
    console.print(_verdicts([r.reduced for r in results], "The reduced file"))
    console.print(_refusals([r.whole for r in results]))
    for result in results:
        if result.wrong:
            sql = " ".join(result.whole.statement.sql.split())[:MOST_SHOWN]
            line = f"{result.whole.statement.id}: {result.wrong}  [{sql}]"
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(_last_line(results), highlight=False)


def _verdicts(judged: Sequence[Judged], title: str) -> Table:
    table = Table(title, box=None, pad_edge=False)
    for name in ("statements", *VERDICTS, "wrong", "slowest s", "most MB"):
        table.add_column(name, justify="right")
    for category in [*sorted({category_of(j) for j in judged} - {LEGITIMATE}), LEGITIMATE]:
        if mine := [j for j in judged if category_of(j) == category]:
            table.add_row(category, *_row(mine))
    table.add_row("all", *_row(judged))
    return table


def category_of(judged: Judged) -> str:
    return getattr(judged.statement, "category", LEGITIMATE)


def _row(judged: Sequence[Judged]) -> Iterable[str]:
    counts = Counter(j.outcome.verdict for j in judged)
    yield str(len(judged))
    yield from (str(counts[verdict]) for verdict in VERDICTS)
    yield str(sum(j.wrong is not None for j in judged))
    yield f"{max(j.outcome.ms for j in judged) / 1000:.1f}"
    yield f"{max(j.outcome.mb for j in judged):.0f}"


def _refusals(judged: Sequence[Judged]) -> Table:
    counts = Counter(j.outcome.layer for j in judged if j.outcome.verdict == "refused")
    table = Table("First to refuse", box=None, pad_edge=False)
    for layer in LAYERS:
        table.add_column(layer, justify="right")
    table.add_row("statements", *(str(counts[layer]) for layer in LAYERS))
    return table


def _last_line(results: Sequence[Result]) -> str:
    attacks = [r for r in results if r.whole.hostile]
    queries = [r for r in results if not r.whole.hostile]
    harmed, failed = (sum(r.wrong is not None for r in some) for some in (attacks, queries))
    return f"{harmed} of {len(attacks)} attacks did harm; {failed} of {len(queries)} queries failed or differed."


def print_layers(worth: Sequence[Worth], console: Console) -> None:
    """What each layer of the guard, and each wall at run time, is worth by itself, and what comes of its absence."""
    categories = sorted({category for one in worth for category in one.all})
    table = Table("By itself stops", box=None, pad_edge=False)
    for name in (*categories, "all", "skipped: let through", "of them harm"):
        table.add_column(name, justify="right")
    for one in worth:
        stopped = [f"{one.stopped[c]}/{one.all[c]}" for c in categories]
        total = f"{one.stopped.total()}/{one.all.total()}"
        without = ("", "") if one.through is None else (str(len(one.through)), _some(one.harmed))
        table.add_row(one.layer, *stopped, total, *without)
    console.print(table)


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:3])
    return f"{len(ids)} ({shown}{' …' if len(ids) > 3 else ''})" if ids else "0"


def write_lines(results: Iterable[Result], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(r.line(), ensure_ascii=False) for r in results)
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
