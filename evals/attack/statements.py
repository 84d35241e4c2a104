"""The statements: hostile ones, each with how its harm would show, and legitimate ones that must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.suites import read_lines
from store.errors import UserError

CASES = Path(__file__).parent.parent / "cases"
ATTACKS, LEGITIMATE = CASES / "sql_attacks.jsonl", CASES / "sql_legit.jsonl"

ORACLES = ("exec", "secret_or_exec", "pii", "meta", "resource", "roundtrip")
EXPECTED = ("refuse", "refuse_or_bound", "inert_or_bound", "refuse_or_inert", "refuse_or_equal")


@dataclass(frozen=True)
class Attack:
    """`oracle` says how harm shows; `expect` is "refuse", or what else is allowed besides a refusal."""

    id: str
    category: str
    oracle: str
    sql: str
    expect: str
    why: str


@dataclass(frozen=True)
class Legitimate:
    id: str
    question: str
    sql: str
    expect: str = "pass"


@dataclass(frozen=True)
class Field:
    """What a field of a line must be."""

    fits: Callable[[Any], bool]
    wanted: str
    needed: bool = True


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _one_of(names: tuple[str, ...]) -> Field:
    return Field(lambda v: isinstance(v, str) and v in names, "one of " + ", ".join(names))


TEXT = Field(_filled, "a text")
ATTACK_FIELDS = {
    "id": TEXT,
    "category": TEXT,
    "oracle": _one_of(ORACLES),
    "sql": TEXT,
    "expect": _one_of(EXPECTED),
    "why": TEXT,
}
LEGITIMATE_FIELDS = {"id": TEXT, "question": TEXT, "sql": TEXT, "expect": Field(lambda v: v == "pass", "pass", False)}


def attacks_in(path: Path) -> list[Attack]:
    """UserError naming the line and the field at fault."""
    return [Attack(**entry) for entry in _checked(path, ATTACK_FIELDS)]


def legitimate_in(path: Path) -> list[Legitimate]:
    """UserError naming the line and the field at fault."""
    return [Legitimate(**entry) for entry in _checked(path, LEGITIMATE_FIELDS)]


def _checked(path: Path, wanted: Mapping[str, Field]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    places: dict[str, str] = {}
    for where, entry in read_lines(path):
        if reason := _wrong(entry, wanted):
            raise UserError(f"{where}: {reason}")
        if entry["id"] in places:
            raise UserError(f"{where}: id {entry['id']!r} is taken by {places[entry['id']]}.")
        places[entry["id"]] = where
        entries.append(entry)
    if not entries:
        raise UserError(f"{path} holds no statement.")
    return entries


def _wrong(entry: Mapping[str, Any], wanted: Mapping[str, Field]) -> str | None:
    for name in entry:
        if name not in wanted:
            return f"there is no field {name!r}; there are {', '.join(wanted)}."
    for name, field in wanted.items():
        if name not in entry and field.needed:
            return f"the field {name!r} is missing."
        if name in entry and not field.fits(entry[name]):
            return f"the field {name!r} must be {field.wanted}."
    return None


def all_differ(attacks: Iterable[Attack], legitimate: Iterable[Legitimate]) -> None:
    """UserError where an attack and a legitimate query have one id: each id gets one line of results."""
    taken = {a.id for a in attacks} & {one.id for one in legitimate}
    if taken:
        raise UserError(f"id {min(taken)!r} stands for an attack and for a legitimate query: give one another id.")
