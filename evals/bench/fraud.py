"""How well fraud is told: the Transformer, the trees, what is answered, and simple peers, on a later time.

Rows before --train-from are history alone. A label is known once the delay has passed: models learn from labels known
when the test begins, and features of a row hold labels known when that row came. Nothing later than a row is read.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.bench.figures import Figure, Grid, Measured, figure, telling
from evals.bench.fraud_peers import PEERS
from evals.bench.fraud_reasons import faithful
from evals.bench.fraud_scores import (
    Truth,
    columns,
    fairness,
    false_positives,
    recalibrated,
    scores,
    shown,
    verdicts,
)
from evals.bench.fraud_trials import jumped, lost
from store.errors import UserError
from tools.forecast.table import read_table
from tools.fraud.features import DAY
from tools.fraud.scorer import Trained, train
from tools.fraud.table import LABEL, Bools, Floats, Ints, Table, table_from
from tools.fraud.train import FEWEST, Effort
from tools.fraud.trees import Told

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("transaction_id", "model", "score")
GOAL_ONE, GOAL_MANY, GOAL_TRAIN = 20.0, 0.5, 600.0  # ms one scoring; ms each of many; seconds
ONES = 100  # scorings of one order, timed
MANY = 4_096
WEEK, WEEKS = 7, 8  # days; of a longer test no week is shown by itself
BETWEEN = 100  # of the seeds of two trainings: their Transformers are numbered on from there
COMPARED = ("storewise", "transformer", "lightgbm")  # week by week


@dataclass(frozen=True)
class Protocol:
    """Times in ISO, half-open; the delay in days. `card` is the entity that cases are counted by; of it those known for
    a fraud since `known_from` are left out of the figures. `kinds` is a column that tells kinds of fraud."""

    train_from: str
    train_until: str
    test_from: str
    test_until: str
    label_delay: float = 0.0
    drop: Sequence[str] = ()
    review: int = 100
    card: str | None = None
    known_from: str | None = None
    kinds: str | None = None
    group: str | None = None  # a category whose false positives are compared
    seeds: int = 1  # trainings, each from another beginning
    lose: float = 0.0  # the part of the labels before the test that is taken away
    jump: float = 1.0  # how many times as frequent frauds are made in the test


@dataclass
class Run:
    """What every model said of the rows that were tested, once for each seed, and the seconds of a training."""

    table: Table
    rows: Ints
    said: dict[str, list[Floats]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)  # the Transformer's


def measured(data: Path, protocol: Protocol, effort: Effort | None = None) -> Measured:
    """UserError names what is wrong with the table or asked of it."""
    begin, end, first, last = _times(protocol)
    frame = read_table(data)
    kinds = _kinds(frame, protocol)
    frame = _tried(_before(frame, last), first, protocol)
    delay = round(protocol.label_delay * DAY)
    known = min(end, first - delay)
    table = table_from(frame, [*protocol.drop, *([protocol.kinds] if protocol.kinds else [])], known)
    if np.isnan(table.label).all():
        raise UserError("The table has no column is_fraud with a label in it, so there is nothing to measure by.")
    run = Run(table, np.flatnonzero(table.time >= first))
    if not len(run.rows):
        raise UserError(f"The table has no rows from {protocol.test_from} to {protocol.test_until}.")
    with tempfile.TemporaryDirectory() as kept, telling() as told:
        for n in range(protocol.seeds):
            seeded = replace(effort or Effort(), seed=(effort or Effort()).seed + BETWEEN * n)
            trained = _trained(run, begin, known, delay, seeded, Path(kept) / str(n), told)
            _score(run, trained, seeded.seed, told)
        figures = _figures(run, trained)
    return _measured(run, trained, protocol, kinds, figures)


def _times(protocol: Protocol) -> tuple[int, int, int, int]:
    begin, end, first, last = (
        _seconds(name, getattr(protocol, name)) for name in ("train_from", "train_until", "test_from", "test_until")
    )
    if begin >= end or first >= last:
        raise UserError("--train-from and --test-from must be before --train-until and --test-until.")
    if protocol.seeds < 1 or not 0 <= protocol.lose < 1 or protocol.jump < 1:
        raise UserError("--seeds and --jump are 1 or more, --lose is a part from 0 to less than 1.")
    if end > first:
        raise UserError("--train-until is after --test-from: a model may not learn from what it is tested on.")
    return begin, end, first, last


def _seconds(name: str, text: str) -> int:
    try:
        return int(np.datetime64(text).astype("datetime64[s]").astype(np.int64))
    except ValueError as error:
        raise UserError(f"--{name.replace('_', '-')} {text!r} is no ISO date such as 2018-08-08.") from error


def _kinds(frame: pd.DataFrame, protocol: Protocol) -> dict[Any, str]:
    """Of each transaction what its column of kinds says, where one is named."""
    if not protocol.kinds:
        return {}
    if protocol.kinds not in frame.columns:
        raise UserError(f"The table has no column {protocol.kinds}; it has {', '.join(map(str, frame.columns))}.")
    ids = next((c for c in frame.columns if str(c).lower() == "transaction_id"), protocol.kinds)
    return dict(zip(frame[ids], frame[protocol.kinds].astype(str), strict=True))


def _before(frame: pd.DataFrame, last: int) -> pd.DataFrame:
    """What comes after the test is not there."""
    import pandas as pd

    when = next((c for c in frame.columns if str(c).lower() == "occurred_at"), None)
    if when is None:
        return frame
    known: pd.DataFrame = frame[~(pd.to_datetime(frame[when], errors="coerce") >= pd.Timestamp(last, unit="s"))]
    return known


def _tried(frame: pd.DataFrame, first: int, protocol: Protocol) -> pd.DataFrame:
    """Labels lost and honest orders gone, where that is asked for."""
    import pandas as pd

    named = {str(c).lower(): str(c) for c in frame.columns}
    if (protocol.lose == 0 and protocol.jump == 1) or not {LABEL, "occurred_at"} <= named.keys():
        return frame
    before = np.asarray(pd.to_datetime(frame[named["occurred_at"]], errors="coerce") < pd.Timestamp(first, unit="s"))
    if protocol.jump > 1:
        kept = jumped(frame, named[LABEL], before, protocol.jump)
        frame, before = kept, before[frame.index.get_indexer(kept.index)]
    return lost(frame, named[LABEL], before, protocol.lose)


def _trained(
    run: Run, begin: int, known: int, delay: int, effort: Effort, kept: Path, told: Told
) -> Trained:  # fmt: skip
    began = time.perf_counter()
    trained = train(run.table, begin, known, delay, effort, kept, told)
    if trained is None:
        raise UserError(
            f"Too few labels are known when the test begins to learn from them: {FEWEST} frauds and as many others are "
            "needed, half of them before the rest to check on. Take a longer time from --train-from to --train-until."
        )
    run.seconds.append(time.perf_counter() - began)
    run.weights.append(trained.model.blend.weight)
    return trained


def _score(run: Run, trained: Trained, seed: int, told: Told) -> None:
    told("scoring", 0.5)
    scored = trained.model.score(trained.features, run.rows)
    said = {"storewise": scored.storewise, "transformer": scored.net, "lightgbm": scored.trees}
    x = trained.features.matrix(run.rows)
    for n, (name, peer) in enumerate(PEERS.items()):
        told(f"fitting {name}", n / len(PEERS))
        said[name] = peer(trained, seed)(x)
    for name, p in said.items():
        run.said.setdefault(name, []).append(p)


def _figures(run: Run, trained: Trained) -> list[Figure]:
    ones = []
    for row in run.rows[:ONES]:
        began = time.perf_counter()
        trained.model.score(trained.features, np.array([row]))
        ones.append((time.perf_counter() - began) * 1000)
    many = run.rows[:MANY]
    began = time.perf_counter()
    trained.model.score(trained.features, many)
    each = (time.perf_counter() - began) * 1000 / len(many)
    return [
        figure("training", run.seconds, GOAL_TRAIN, "s"),
        figure("one scoring, features and all", ones, GOAL_ONE),
        Figure("each of many", round(each, 3), round(each, 3), GOAL_MANY),
    ]


def _measured(
    run: Run, trained: Trained, protocol: Protocol, kinds: Mapping[Any, str], figures: list[Figure]
) -> Measured:  # fmt: skip
    held = ~np.isnan(run.table.label[run.rows]) & ~_known_before(run, protocol)
    if not held.any():
        raise UserError("No row of the test has a label, so there is nothing to measure by.")
    truth = _truth(run, held, protocol, kinds)
    said = {name: [p[held] for p in each] for name, each in run.said.items()}
    notes = [
        *run.table.notes,
        f"{len(trained.learned.rows):,} rows learned from, {int(trained.learned.learn.y.sum()):,} of them frauds; "
        f"{len(run.rows):,} scored, {int(held.sum()):,} measured, {int(truth.y.sum()):,} of them frauds. "
        f"{len(trained.features.names)} features.",
        f"storewise: {', '.join(f'{w:.0%}' for w in run.weights)} of the Transformer's logit, the rest of lightgbm's; "
        "orders that look ordinary by how long their entities have waited for a label.",
        *verdicts(truth, said["storewise"], said["lightgbm"]),
        _recalibration(truth, said["storewise"]),
        faithful(trained, run.rows, run.said["storewise"][-1]),
    ]
    groups, told = _groups(run, trained, truth, held, protocol)
    grids = (*_grids(truth, said), *groups)
    return Measured("fraud", figures, [*notes, *told], grids, COLUMNS, list(_predictions(run)))


def _grids(truth: Truth, said: Mapping[str, Sequence[Floats]]) -> Iterator[Grid]:
    """The mean over the seeds, how far they spread, and the same week by week."""
    found = {name: np.array([scores(truth, p) for p in each]) for name, each in said.items()}
    named = ("model", *columns(truth))
    seeds = len(said["storewise"])
    title = "fraud" if seeds == 1 else f"fraud, the mean of {seeds} seeds"
    yield Grid(title, named, [(name, *shown(each.mean(0))) for name, each in found.items()])
    if seeds > 1:
        yield Grid(
            "standard deviation over the seeds", named, [(n, *shown(e.std(0, ddof=1))) for n, e in found.items()]
        )
    week = (truth.day - truth.day.min()) // WEEK
    for w in np.unique(week) if 0 < week.max() < WEEKS else ():
        at = week == w
        told = {name: np.mean([scores(truth.at(at), p[at]) for p in said[name]], 0) for name in COMPARED}
        begins = np.datetime64(int(truth.day.min() + w * WEEK), "D")
        yield Grid(f"week from {begins}", named, [(name, *shown(each)) for name, each in told.items()])


def _recalibration(truth: Truth, said: Sequence[Floats]) -> str:
    before, after = np.mean([recalibrated(truth, p) for p in said], 0)
    return (
        f"Calibration error of the last nine tenths {before:.4f}; once the first tenth's labels are known, {after:.4f}."
    )


def _groups(
    run: Run, trained: Trained, truth: Truth, held: Bools, protocol: Protocol
) -> tuple[list[Grid], list[str]]:  # fmt: skip
    """False positives of what is answered, by a category where one is named, and of first orders beside later ones."""
    rows, grids, notes = run.rows[held], [], []
    history = next(iter(trained.features.histories.values()))
    groups = {"order": np.where(history.before(rows).count > 0, "later", "first")}
    if protocol.group:
        if protocol.group not in run.table.categories:
            raise UserError(f"There is no category {protocol.group}; there are {', '.join(run.table.categories)}.")
        groups[protocol.group] = run.table.categories[protocol.group][rows].astype(str)
    for name, group in groups.items():
        rates = false_positives(truth, run.said["storewise"][-1][held], group)
        said = [(g, f"{r.rate:.4f}", f"{r.low:.4f} to {r.high:.4f}", f"{r.honest:,}") for g, r in rates.items()]
        grids.append(Grid(f"false positives by {name}", (name, "rate", "90 %", "honest"), said))
        notes.append(
            f"False positives by {name}: the lowest rate is {fairness(rates):.2f} of the highest (even: 0.8 up)."
        )
    return grids, notes


def _truth(run: Run, held: Bools, protocol: Protocol, kinds: Mapping[Any, str]) -> Truth:
    rows = run.rows[held]
    y, day = run.table.label[rows], run.table.time[rows] // DAY
    card = run.table.entities.get(_card(run.table, protocol) or "", np.arange(len(run.table)))[rows]
    named = np.array([kinds.get(i, "") for i in run.table.ids[rows]])
    found = {kind: (named == kind) | (y == 0) for kind in sorted(set(named[y > 0])) if kind}
    return Truth(y, day, card, protocol.review, found)


def _card(table: Table, protocol: Protocol) -> str | None:
    """The entity that cases are counted by: the first one, unless another is named."""
    name = protocol.card.removeprefix("entity_") if protocol.card else next(iter(table.entities), None)
    if protocol.card and name not in table.entities:
        raise UserError(f"There is no entity {protocol.card}; there are {', '.join(table.entities) or 'none'}.")
    return name


def _known_before(run: Run, protocol: Protocol) -> Bools:
    """Rows whose card had a fraud since `known_from` that was known when the day began: nobody needs to find it."""
    card, table = _card(run.table, protocol), run.table
    if protocol.known_from is None or card is None:
        return np.zeros(len(run.rows), bool)
    codes = table.entities[card]
    frauds = np.flatnonzero((table.label == 1) & (table.time >= _seconds("known_from", protocol.known_from)))
    first = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max // 2)
    np.minimum.at(first, codes[frauds], table.time[frauds])
    day = table.time[run.rows] // DAY * DAY
    return np.asarray(first[codes[run.rows]] < day - round(protocol.label_delay * DAY))


def _predictions(run: Run) -> Iterator[tuple[Any, ...]]:
    ids = run.table.ids[run.rows].tolist()
    for name, said in run.said.items():  # of several seeds, the first
        yield from ((i, name, float(p)) for i, p in zip(ids, said[0], strict=True))
