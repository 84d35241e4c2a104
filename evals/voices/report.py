"""How well the local planner understands the voices that it learned from, and those that it never heard."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.planner import planner, rules
from agent.planner.corpus import Conversation, conversations, read
from agent.planner.train import VALIDATION
from agent.planner.validation import Judged, judge

UNSEEN = tuple(sorted(Path(__file__).parent.glob("*.txt")))
SAMPLE = 120  # conversations of those learned from
READERS: Mapping[str, Callable[..., object]] = {"rules alone": rules.plan, "planner": planner.plan}
VERDICTS = ("right", "refused", "wrong")


def sets(unseen: Sequence[Path] = UNSEEN) -> dict[str, list[Conversation]]:
    """A sample of the conversations learned from; those that tell how sure to be; those that nothing was fitted to."""
    said = list(conversations())
    learned = [c for c in said if c.voice not in VALIDATION]
    return {
        "learned from": random.Random(7).sample(learned, SAMPLE),
        "validation": [c for c in said if c.voice in VALIDATION],
        "unseen": [c for path in unseen for c in read(path)],
    }


def measured(of: Mapping[str, Sequence[Conversation]], console: Console) -> dict[str, dict[str, list[Judged]]]:
    """reader → set → what became of each message."""
    out: dict[str, dict[str, list[Judged]]] = {}
    for reader, plan in READERS.items():
        for name, said in of.items():
            told = track(said, f"{reader}, {name}", console=console, transient=True)
            out.setdefault(reader, {})[name] = judge(told, plan)  # type: ignore[arg-type]
    return out


def shares(judged: Iterable[Judged]) -> dict[str, float]:
    """The share of each verdict; 0 where there is no message."""
    counts = Counter(j.verdict for j in judged)
    return {v: counts[v] / max(1, counts.total()) for v in VERDICTS}


def table(found: Mapping[str, Mapping[str, Sequence[Judged]]]) -> Table:
    out = Table(box=None, pad_edge=False)
    for name in ("reader", "voices", "messages"):
        out.add_column(name)
    for name in ("messages", *VERDICTS):
        out.add_column(name, justify="right")
    for reader, by_set in found.items():
        for name, judged in by_set.items():
            for kind in ("all", *dict.fromkeys(j.kind for j in judged)):
                rows = [j for j in judged if kind in ("all", j.kind)]
                cells = [f"{s:.1%}" for s in shares(rows).values()]
                out.add_row(reader, name, kind, str(len(rows)), *cells)
    return out


def as_json(found: Mapping[str, Mapping[str, Sequence[Judged]]]) -> list[dict[str, object]]:
    """A line per reader, set and message."""
    return [
        {"reader": r, "voices": n, "where": j.where, "text": j.said.text, "kind": j.kind, "verdict": j.verdict}
        for r, by_set in found.items() for n, judged in by_set.items() for j in judged
    ]  # fmt: skip
