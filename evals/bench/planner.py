"""What the local planner costs: time per message, loading, memory; beside its first version, which had only rules."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.planner import planner, rules
from agent.planner.parser import read, trained
from agent.planner.validation import Judged, judge
from evals.bench.figures import Figure, Measured, figure
from evals.voices.report import UNSEEN
from store.errors import UserError

ROUNDS, SAMPLE = 3, 150
GOAL, LOAD_GOAL, MEMORY_GOAL = 120.0, 2_000.0, 300.0  # ms, ms, MiB
# In a process of its own: loading beyond the libraries' import, and what it adds to the process's resident memory.
LOAD = """
import resource, time
import numpy, tokenizers, torch, rapidfuzz
from agent.planner import planner
from agent.planner.model import Parser
from ml.checkpoint import load
from ml.transformer import Encoder
from pathlib import Path
def resident():
    return int(next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS")).split()[1])
before, began = resident(), time.perf_counter()
from agent.planner.parser import read
read("how many orders last week?")
print((time.perf_counter() - began) * 1000, (resident() - before) / 1024)
"""


def measured(data: Sequence[Path]) -> Measured:
    """Milliseconds per message of the unseen voices, each the median of three rounds, both versions in turn."""
    if data:
        raise UserError("bench planner takes no --data: it asks the messages of evals/voices.")
    from torch import get_num_threads

    from agent.planner.corpus import read as conversations_in

    asked = random.Random(7).sample(judge([c for path in UNSEEN for c in conversations_in(path)], rules.plan), SAMPLE)
    times = [_times(j) for j in asked]
    loads = [_load() for _ in range(ROUNDS)]
    figures: list[Figure] = [
        figure("first version: rules", [t[0] for t in times]),
        figure("planner", [t[1] for t in times], GOAL),
        figure("of it the net", [t[2] for t in times]),
        figure("loading", [load[0] for load in loads], LOAD_GOAL),
        figure("memory", [load[1] for load in loads], MEMORY_GOAL, "MiB"),
    ]
    net = sum(p.numel() for p in trained().net.parameters())
    note = f"{len(times)} messages, the median of {ROUNDS} rounds each; {net:,} weights, {get_num_threads()} threads."
    return Measured("planner", figures, (note,))


def _times(j: Judged) -> tuple[float, float, float]:
    """Rules, planner, net: the three in turn, so that none has the quiet moments to itself."""
    readers: tuple[Callable[[], object], ...] = (
        lambda: rules.plan(j.said.text, j.turns, j.shop),
        lambda: planner.plan(j.said.text, j.turns, j.shop),
        lambda: read(j.said.text),
    )
    rounds: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        for spent, once in zip(rounds, readers, strict=True):
            began = time.perf_counter()
            once()
            spent.append((time.perf_counter() - began) * 1000)
    first, second, third = (sorted(spent)[ROUNDS // 2] for spent in rounds)
    return first, second, third


def _load() -> tuple[float, float]:
    root = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=root, capture_output=True, text=True, check=True)
    spent, memory = map(float, done.stdout.split())
    return spent, memory
