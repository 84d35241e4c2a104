"""Measurements: each one a row of BENCHES, printed as one table of figures beside their goals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.bench.figures import Measured
from store.errors import UserError


@dataclass(frozen=True)
class Asked:
    """What a measurement is to run on: the files of --data, a catalogue to search and judged searches; of forecasts,
    the frequency, the horizon and the like; of fraud, times, delay and the like; of doors, the seconds to go on for."""

    data: Sequence[Path] = ()
    docs: Path | None = None
    judgements: Path | None = None
    freq: str | None = None
    numbers: Mapping[str, int | None] = field(default_factory=dict)  # horizon, origins, season
    fraud: Mapping[str, Any] = field(default_factory=dict)  # the protocol's fields, None where they were not given
    soak: float | None = None


@dataclass(frozen=True)
class Bench:
    """`what` is said in the list of benches."""

    what: str
    measure: Callable[[Asked], Measured]


def _guard(asked: Asked) -> Measured:
    from evals.bench.guard import measured

    return measured(asked.data)


def _planner(asked: Asked) -> Measured:
    from evals.bench.planner import measured

    return measured(asked.data)


def _search(asked: Asked) -> Measured:
    from evals.bench.search import measured

    return measured(asked.docs, asked.judgements, asked.data)


def _explain(asked: Asked) -> Measured:
    from evals.bench.explain import measured

    return measured(asked.data)


def _forecast(asked: Asked) -> Measured:
    from evals.bench.forecast import Protocol, measured

    horizon = asked.numbers.get("horizon")
    if len(asked.data) != 1 or asked.freq is None or horizon is None:
        raise UserError(
            "bench forecast takes one --data FILE (series_id, date, y, known_*, static_*), --freq D|W|M and "
            "--horizon H."
        )
    origins = asked.numbers.get("origins")
    return measured(
        asked.data[0],
        Protocol(asked.freq, horizon, 4 if origins is None else origins, asked.numbers.get("season")),
    )


def _fraud(asked: Asked) -> Measured:
    from evals.bench.fraud import Protocol, measured

    given = {name: value for name, value in asked.fraud.items() if value is not None}
    times = ("train_from", "train_until", "test_from", "test_until")
    if len(asked.data) != 1 or any(name not in given for name in times):
        raise UserError(
            "bench fraud takes one --data FILE (transaction_id, occurred_at, amount, entity_*, other features, "
            "is_fraud) and --train-from, --train-until, --test-from, --test-until."
        )
    return measured(asked.data[0], Protocol(**given))


def _doors(asked: Asked) -> Measured:
    from evals.bench.doors import measured

    return measured(asked.data, asked.soak)


def _slack(asked: Asked) -> Measured:
    from evals.bench.slack import measured

    return measured(asked.data)


BENCHES = {
    "doors": Bench("how 20 conversations at once fare over HTTP; --soak SECONDS also watches memory", _doors),
    "explain": Bench("whether planted causes are found, and nothing where none is, beside ranking by size", _explain),
    "forecast": Bench("how good sales forecasts are, beside quantile LightGBM and simple peers", _forecast),
    "fraud": Bench("how well fraud is told, beside LightGBM, XGBoost and a logistic regression", _fraud),
    "guard": Bench("what guarding SQL and running it in a worker cost, beside plain DuckDB", _guard),
    "planner": Bench("what planning a message without a key costs, beside the planner's first version", _planner),
    "search": Bench("how well products are found, beside BM25, MiniLM and the fusion of both", _search),
    "slack": Bench("how 20 threads at once fare in Slack: acknowledged, and answered", _slack),
}


def bench_named(name: str) -> Bench:
    """UserError where there is no such bench."""
    if name not in BENCHES:
        there = "; ".join(f"{known}: {bench.what}" for known, bench in BENCHES.items())
        raise UserError(f"There is no bench {name!r}. There is {there}.")
    return BENCHES[name]
