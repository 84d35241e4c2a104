"""How good sales forecasts are: the Transformer, the trees, what is answered, and simple peers, on rolling origins.

Origins step by one horizon and the last window ends with the data. Models are trained before the first origin, and
taught again before a later one once a tenth more has come; what is answered is weighed and calibrated anew before each
origin by what came of earlier forecasts. A series is forecast from the first origin after it began.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench.figures import Figure, Grid, Measured, telling
from evals.bench.forecast_lightgbm import fit_lightgbm, say_lightgbm
from evals.bench.forecast_peers import PEERS, SAMPLED, taken
from evals.bench.forecast_scores import GOALS, Scored, columns, score, verdicts
from store.errors import UserError
from tools.forecast.blend import Said
from tools.forecast.forecaster import Trained, forecast, teach, train
from tools.forecast.table import Ints, Panel, freq_named, panel_from, read_table
from tools.forecast.train import Effort
from tools.forecast.trees import LEVELS

OURS = ("storewise", "transformer", "lightgbm")
COLUMNS = ("series_id", "origin", "date", "model", "mean", *(f"q{round(level * 100):02d}" for level in LEVELS))
GOAL_TRAIN, GOAL_PREDICT = 600.0, 2.0  # seconds; of 1,000 series


@dataclass(frozen=True)
class Protocol:
    """What is measured: `season` None is the frequency's own."""

    freq: str
    horizon: int
    origins: int = 4
    season: int | None = None


@dataclass
class Run:
    """What every model said at every origin, and the seconds that it took: of the clock, and of processors."""

    panel: Panel
    horizon: int
    said: dict[str, list[tuple[int, Ints, Said]]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, *names: str) -> Iterator[None]:
        began, busy = time.perf_counter(), time.process_time()
        yield
        spent = (time.perf_counter() - began, time.process_time() - busy)
        for name in names:
            held = self.seconds.setdefault(name, [0.0, 0.0])
            self.seconds[name] = [held[0] + spent[0], held[1] + spent[1]]


def measured(data: Path, protocol: Protocol, effort: Effort | None = None) -> Measured:
    """UserError names what is wrong with the table or asked of it."""
    panel = panel_from(read_table(data), freq_named(protocol.freq), _checked(protocol).season)
    origins = _origins(panel, protocol)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, as ./storewise has it
    run = Run(panel, protocol.horizon)
    with tempfile.TemporaryDirectory() as kept, telling() as told:
        _run(run, origins, effort or Effort(), Path(kept), told)
    return _measured(run, origins)


def _checked(protocol: Protocol) -> Protocol:
    for name, value in (("horizon", protocol.horizon), ("origins", protocol.origins), ("season", protocol.season)):
        if value is not None and value < 1:
            raise UserError(f"--{name} {value} is less than 1.")
    return protocol


def _origins(panel: Panel, protocol: Protocol) -> list[int]:
    """The first period of each window."""
    size = panel.y.shape[1]
    found = [size - protocol.horizon * k for k in range(protocol.origins, 0, -1)]
    if found[0] < 1:
        raise UserError(
            f"The table has {size} {panel.freq.name}s; {protocol.origins} windows of {protocol.horizon} need "
            f"{protocol.origins * protocol.horizon}, and history before them."
        )
    return found


def _run(run: Run, origins: list[int], effort: Effort, kept: Path, told: Callable[[str, float], None]) -> None:
    trained: Trained | None = None
    boosters: list[Any] = []
    for n, origin in enumerate(origins, 1):
        with run.timed("training"):
            if trained is None:
                trained, new = train(run.panel, run.horizon, origin, effort, kept, told), True
            else:
                new = teach(trained, run.panel, origin, told)
        with run.timed("lightgbm"):
            boosters = fit_lightgbm(trained, run.panel, told) if new else boosters
        _ours(run, trained, boosters, origin)
        for name, peer in PEERS.items():
            told(f"{name}, origin {n} of {len(origins)}", (n - 1) / len(origins))
            i = taken(name, np.flatnonzero(run.panel.first < origin))
            with run.timed(name):
                said = peer(run.panel.until(origin), i, origin, run.horizon)
            run.said.setdefault(name, []).append((origin, i, said))


def _ours(run: Run, trained: Trained, boosters: list[Any], origin: int) -> None:
    with run.timed("predicting"):
        answer = forecast(trained, run.panel, origin)
    with run.timed("lightgbm"):
        peer = say_lightgbm(boosters, trained, run.panel, answer.i, origin)
    for name, said in zip(OURS, (answer.storewise, answer.net, peer), strict=True):
        run.said.setdefault(name, []).append((origin, answer.i, said))


def _measured(run: Run, origins: list[int]) -> Measured:
    scored = {name: score(run.panel, run.horizon, said) for name, said in run.said.items()}
    beside = {name: _beside(run, name) for name in run.said}
    rows = [_row(name, s, scored["seasonal_naive"], beside[name]) for name, s in scored.items()]
    grid = Grid("forecast", ("model", *columns()), rows)
    count = sum(len(i) for _, i, _ in run.said["storewise"])
    busy, clock = run.seconds["training"][1], run.seconds["training"][0]
    per = run.seconds["predicting"][0] / max(1, count) * 1000
    figures = [
        Figure("training, all origins", round(clock, 1), round(clock, 1), GOAL_TRAIN, "s"),
        Figure("  of processors", round(busy, 1), round(busy, 1), None, "s"),
        Figure("forecast of 1,000 series", round(per, 2), round(per, 2), GOAL_PREDICT, "s"),
    ]
    notes = [*_notes(run, origins), *verdicts(scored["storewise"], scored["lightgbm"])]
    return Measured("forecast", figures, notes, (grid,), COLUMNS, list(_predictions(run)))


def _beside(run: Run, name: str) -> str:
    clock = run.seconds.get(name, [0.0])[0]
    return f"{clock:.1f}" if name in run.seconds else ""


def _row(name: str, scored: Scored, naive: Scored, seconds: str) -> tuple[str, ...]:
    return (name, *scored.said(naive), seconds)


def _notes(run: Run, origins: list[int]) -> Iterator[str]:
    panel = run.panel
    dates = ", ".join(str(panel.dates[at]) for at in origins)
    yield (
        f"{len(panel.series):,} series, {panel.y.shape[1]} {panel.freq.name}s, season {panel.season}, horizon "
        f"{run.horizon}, origins {dates}. Known: {', '.join(panel.known_names) or 'nothing'}."
    )
    yield from panel.notes
    for name in sorted(SAMPLED):
        used = {len(i) for _, i, _ in run.said[name]}
        if max(used) < len(panel.series):
            yield f"{name}: on {max(used)} series, evenly taken, and scored on these alone."
    yield f"Goals: {GOALS}"


def _predictions(run: Run) -> Iterator[tuple[Any, ...]]:
    dates = run.panel.dates.astype("datetime64[D]").astype(object)
    for name, told in run.said.items():
        for origin, i, said in told:
            for row, series in enumerate(i):
                for step in range(run.horizon):
                    values = (float(v) for v in (said.mean[row, step], *said.q[row, step]))
                    yield (run.panel.series[series], dates[origin], dates[origin + step], name, *values)
