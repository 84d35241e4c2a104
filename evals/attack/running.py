"""Running the statements, one after the other, and judging each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evals.attack.equal import difference
from evals.attack.ground import Ground, Target
from evals.attack.judge import Trial, harm
from evals.attack.outcome import Outcome, Run, guarded
from evals.attack.plain import plain_rows
from evals.attack.statements import Attack, Legitimate


@dataclass(frozen=True)
class Judged:
    """A statement's outcome on one file. `wrong`: the harm an attack did, or why a legitimate query failed."""

    statement: Attack | Legitimate
    outcome: Outcome
    wrong: str | None

    @property
    def hostile(self) -> bool:
        return isinstance(self.statement, Attack)


@dataclass(frozen=True)
class Result:
    """A statement on the whole file and on the reduced one."""

    whole: Judged
    reduced: Judged

    @property
    def wrong(self) -> str | None:
        """Of the whole file, else of the reduced one."""
        return self.whole.wrong or (f"on the reduced file: {self.reduced.wrong}" if self.reduced.wrong else None)

    def line(self) -> dict[str, Any]:
        """For the file of results."""
        return {
            "id": self.whole.statement.id,
            "kind": "attack" if self.whole.hostile else "legitimate",
            "file": "whole",
            **self.whole.outcome.fields(),
            "wrong": self.whole.wrong,
            "reduced": {**self.reduced.outcome.fields(), "wrong": self.reduced.wrong},
        }


def results(
    ground: Ground,
    attacks: Sequence[Attack],
    legitimate: Sequence[Legitimate],
    done: Callable[[], None] = lambda: None,
    run: Run = guarded,
) -> Iterator[Result]:
    """Each statement on both files; `done` is called after each."""
    for attack in attacks:
        yield Result(attacked(ground, ground.whole, attack, run), attacked(ground, ground.reduced, attack, run))
        done()
    for query in legitimate:
        yield Result(asked(ground, ground.whole, query, run), asked(ground, ground.reduced, query, run))
        done()


def attacked(ground: Ground, target: Target, attack: Attack, run: Run = guarded) -> Judged:
    """Runs an attack and judges it. What it broke is put back."""
    before = ground.state()
    outcome = run(target, attack.sql)
    after = ground.state()
    wrong = harm(ground, Trial(attack, target, outcome, before, after))
    if before != after:
        ground.restore()
    return Judged(attack, outcome, wrong)


def asked(ground: Ground, target: Target, query: Legitimate, run: Run = guarded) -> Judged:
    """Runs a legitimate query and compares its rows with plain DuckDB's."""
    outcome = run(target, query.sql)
    return Judged(query, outcome, _unlike_plain(ground, target, query, outcome))


def _unlike_plain(ground: Ground, target: Target, query: Legitimate, outcome: Outcome) -> str | None:
    if outcome.verdict != "pass":
        return f"{outcome.verdict}: {outcome.reason}"
    wanted = plain_rows(ground, target, query.sql)
    if wanted.wrong:
        return f"plain DuckDB can't run it: {wanted.wrong}"
    return difference(query.sql, outcome.rows, wanted.rows, outcome.most)
