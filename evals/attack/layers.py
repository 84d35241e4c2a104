"""What each layer is worth: what it stops by itself, and what comes through where it alone is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from evals.attack.ground import Ground
from evals.attack.statements import Attack
from evals.attack.throwaway import Ended, call
from evals.attack.walls import WALLS, harm_behind
from tools.sql.guard import LAYERS, Refused, guard
from tools.sql.shape import Shape

SECONDS = 60.0  # for a statement past all layers, one at a time

Ways = dict[str, tuple[bool, str | None]]


@dataclass
class Worth:
    """Statements by category, those that the layer stops by itself, and the ids of those that get through without it.

    `through` is None for a wall, which is not skipped. `harmed`: those that then did harm, the other walls standing.
    """

    layer: str
    all: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    through: list[str] | None = None
    harmed: list[str] = field(default_factory=list)


def worth_of_layers(ground: Ground, attacks: Sequence[Attack], done: Callable[[], None]) -> list[Worth]:
    """One row for each layer of the guard, on the file as it is; `done` is called after each attack."""
    worth = {layer: Worth(layer, through=[]) for layer in LAYERS}
    for attack in attacks:
        _weigh(ground, attack, worth)
        done()
    return list(worth.values())


def _weigh(ground: Ground, attack: Attack, worth: Mapping[str, Worth]) -> None:
    ended = call(ways, attack.sql, ground.whole.shape, cwd=ground.root, seconds=SECONDS)
    texts: dict[str, str | None] = {}
    for layer, one in worth.items():
        alone, text = _way(ended, layer)
        one.all[attack.category] += 1
        one.stopped[attack.category] += alone
        if text is None or one.through is None:
            continue
        one.through.append(attack.id)
        if text not in texts:
            texts[text] = harm_behind(ground, attack, text, "both")
        if texts[text]:
            one.harmed.append(attack.id)


def _way(ended: Ended, layer: str) -> tuple[bool, str | None]:
    """A guard that did not come to an end stopped the statement, as the worker's deadline would."""
    return ended.value[layer] if ended.value else (False, None)


def ways(sql: str, shape: Shape) -> Ways:
    """For each layer: whether it refuses the statement by itself, and the text that runs where it alone is missing."""
    with duckdb.connect() as con:
        every = frozenset(LAYERS)
        return {
            layer: (_refused_by(layer, sql, shape, con, every - {layer}), _text(sql, shape, con, frozenset({layer})))
            for layer in LAYERS
        }


def _refused_by(layer: str, sql: str, shape: Shape, con: duckdb.DuckDBPyConnection, skip: frozenset[str]) -> bool:
    try:
        guard(sql, shape, con, skip=skip)
    except Refused as refused:
        return refused.layer == layer
    except Exception:  # without the layers before it, a check may meet what it was never meant for
        return False
    return False


def _text(sql: str, shape: Shape, con: duckdb.DuckDBPyConnection, skip: frozenset[str]) -> str | None:
    try:
        return guard(sql, shape, con, skip=skip).sql
    except Exception:  # refused, or what the missing layer is there to spare the others: nothing runs
        return None


def worth_of_walls(ground: Ground, attacks: Sequence[Attack], done: Callable[[], None]) -> list[Worth]:
    """One row for each wall at run time, of the statements that do harm where nothing holds them back."""
    worth = {wall: Worth(f"{wall} (no guard)") for wall in WALLS if wall != "none"}
    for attack in attacks:
        if harm_behind(ground, attack, attack.sql, "none"):
            for wall, one in worth.items():
                one.all[attack.category] += 1
                one.stopped[attack.category] += harm_behind(ground, attack, attack.sql, wall) is None
        done()
    return list(worth.values())
