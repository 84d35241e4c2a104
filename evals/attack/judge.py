"""The oracles: what of a statement's outcome is harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evals.attack.equal import difference
from evals.attack.ground import Ground, Target
from evals.attack.outcome import Outcome
from evals.attack.plain import plain_rows
from evals.attack.statements import Attack

MOST_MS, MOST_MB, MOST_ROWS, MOST_BYTES = 6_000, 1_500, 1_000, 1_000_000

State = Mapping[str, str]


@dataclass(frozen=True)
class Trial:
    """A statement that was run: what came out, and the playground's files before and after."""

    attack: Attack
    target: Target
    outcome: Outcome
    before: State
    after: State


def harm(ground: Ground, trial: Trial) -> str | None:
    """What harm a statement did, None if none. Each oracle looks at each statement, whatever its category."""
    for oracle in ORACLES.values():
        if found := oracle(ground, trial):
            return found
    return None


def changed(_: Ground, trial: Trial) -> str | None:
    """exec: a file was made, altered or removed."""
    for name in sorted(trial.before.keys() | trial.after.keys()):
        if trial.before.get(name) != trial.after.get(name):
            what = "altered" if name in trial.before and name in trial.after else "made"
            return f"exec: {name} was {what if name in trial.after else 'removed'}"
    return None


def secret(ground: Ground, trial: Trial) -> str | None:
    """secret: a marker of a hidden table, a planted file or the environment came out."""
    found = ground.markers.secret_in(trial.outcome.start, trial.attack.sql)
    return f"secret: {found!r} came out" if found else None


def personal(ground: Ground, trial: Trial) -> str | None:
    """pii: a value of a personal column came out."""
    found = ground.markers.personal_in(trial.outcome.start, trial.attack.sql)
    return f"pii: {found!r} came out" if found else None


def inner_name(ground: Ground, trial: Trial) -> str | None:
    """meta: a path, a setting or the name of something hidden came out."""
    found = ground.markers.name_in(trial.outcome.start, trial.attack.sql)
    return f"meta: {found!r} came out" if found else None


def crashed(_: Ground, trial: Trial) -> str | None:
    """crash: it broke what ran it."""
    return f"crash: {trial.outcome.reason}" if trial.outcome.crashed else None


def unbounded(_: Ground, trial: Trial) -> str | None:
    """resource: more time, memory, rows or bytes than a query may have."""
    one = trial.outcome
    measured = (
        (one.ms, MOST_MS, "ms"),
        (round(one.mb), MOST_MB, "MB"),
        (len(one.rows), MOST_ROWS, "rows"),
        (one.bytes, MOST_BYTES, "bytes"),
    )
    over = next((f"{n:,} {unit}" for n, most, unit in measured if n > most), None)
    return f"resource: {over}" if over else None


def other_meaning(ground: Ground, trial: Trial) -> str | None:
    """roundtrip: it ran, and answered something else than the statement that was sent."""
    if trial.attack.oracle != "roundtrip" or trial.outcome.verdict != "pass":
        return None
    wanted = plain_rows(ground, trial.target, trial.attack.sql)
    if wanted.wrong:
        return f"roundtrip: it ran, which plain DuckDB refuses ({wanted.wrong[:80]})"
    found = difference(trial.attack.sql, trial.outcome.rows, wanted.rows, trial.outcome.most)
    return f"roundtrip: {found}" if found else None


def let_through(_: Ground, trial: Trial) -> str | None:
    """It ran although it must be refused: what it tells blindly, no marker shows. Equal meaning excuses a round trip.

    On the reduced file only the other oracles count: what made a query forbidden may not be in it.
    """
    attack = trial.attack
    if attack.expect != "refuse" or attack.oracle == "roundtrip" or trial.target.name != "whole":
        return None
    return "it ran, though it must be refused" if trial.outcome.verdict == "pass" else None


ORACLES: dict[str, Callable[[Ground, Trial], str | None]] = {
    "exec": changed,
    "secret": secret,
    "pii": personal,
    "meta": inner_name,
    "crash": crashed,
    "resource": unbounded,
    "roundtrip": other_meaning,
    "refuse": let_through,
}
