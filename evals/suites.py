"""Suites of questions: reading and checking them, their gold rows, and asking them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import UserError
from store.paths import Home

if TYPE_CHECKING:
    from agent.settings import Settings

KINDS = ("value", "rows", "text", "forecast", "fraud", "churn", "price", "recommend", "search", "decline", "clarify")
WARM_UP = "How many orders were there in total?"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One line of a suite. Only the last turn's answer is graded. `tolerance` is relative."""

    id: str
    turns: tuple[str, ...]
    kind: str
    gold_sql: str | None = None
    key_columns: int = 1
    ordered: bool = False
    tolerance: float = 0.005
    must_mention: tuple[str, ...] = ()
    tool: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gold:
    columns: list[str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """A question with the answer object of each turn, and how long each took in seconds (none for recorded ones)."""

    question: Question
    answers: list[Answer]
    seconds: list[float]


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "id": (_filled, "a text"),
    "turns": (lambda v: _texts(v) and bool(v), "a list of one text or more"),
    "kind": (lambda v: isinstance(v, str) and v in KINDS, "one of " + ", ".join(KINDS)),
    "gold_sql": (_filled, "SQL"),
    "key_columns": (lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 1, "a number from 1"),
    "ordered": (lambda v: isinstance(v, bool), "true or false"),
    "tolerance": (lambda v: _number(v) and 0 <= v < 1, "a number from 0 to 1"),
    "must_mention": (_texts, "a list of texts"),
    "tool": (_filled, "a text"),
    "tags": (_texts, "a list of texts"),
}
NEEDED = {"value": ("gold_sql",), "rows": ("gold_sql",), "text": ("must_mention",)}


def load(path: Path) -> list[Question]:
    """The questions of a JSON Lines file. UserError naming the line and the field at fault."""
    seen: dict[str, int] = {}
    questions = []
    for where, entry in read_lines(path):
        question = _question(entry, where)
        if question.id in seen:
            raise UserError(f"{where}: id {question.id!r} is taken by line {seen[question.id]}.")
        seen[question.id] = int(where.rsplit(" ", 1)[1])
        questions.append(question)
    if not questions:
        raise UserError(f"{path} holds no question.")
    return questions


def read_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """("FILE line N", object) for each filled line. UserError where there is no such file, or a line is no object."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise UserError(f"{where}: is no JSON ({error.msg} at character {error.colno}).") from error
        if not isinstance(entry, dict):
            raise UserError(f"{where}: is no JSON object.")
        yield where, entry


def _question(entry: dict[str, Any], where: str) -> Question:
    for name, value in entry.items():
        if name not in CHECKS:
            raise UserError(f"{where}: field {name!r} is unknown; there are {', '.join(CHECKS)}.")
        check, wanted = CHECKS[name]
        if not check(value):
            raise UserError(f"{where}: field {name!r} should be {wanted}, and is {json.dumps(value)[:80]}.")
    for name in ("id", "turns", "kind", *NEEDED.get(entry.get("kind", ""), ())):
        if name not in entry:
            raise UserError(f"{where}: field {name!r} is missing.")
    lists = {f.name for f in fields(Question) if f.type.startswith("tuple")} & set(entry)
    return Question(**{**entry, **{name: tuple(entry[name]) for name in lists}})


def chosen(questions: Sequence[Question], ids: Sequence[str] = (), limit: int | None = None) -> list[Question]:
    """Those with the given ids (all without any), at most `limit`. UserError for an id that is not there."""
    unknown = sorted(set(ids) - {q.id for q in questions})
    if unknown:
        raise UserError(f"There is no question {', '.join(unknown)} in the suite.")
    return [q for q in questions if not ids or q.id in ids][:limit]


def gold(path: Path, question: Question) -> Gold | None:
    """The gold rows on a canonical file, opened read-only. UserError where the gold SQL does not run."""
    import duckdb

    from evals.audit.rerun import opened

    if question.gold_sql is None:
        return None
    try:
        with opened(path) as con:
            cursor = con.execute(question.gold_sql)
            return Gold([d[0] for d in cursor.description or ()], cursor.fetchall())
    except duckdb.Error as error:
        raise UserError(f"Question {question.id}: its gold_sql does not run: {error}") from error


def ask_all(
    questions: Sequence[Question], home: Home, store: str, settings: Settings, as_of: date | None
) -> Iterator[Asked]:
    """Asks every question in a conversation of its own. A throwaway one goes first, so that all are measured warm."""
    if questions:
        ask_one(Question("warm-up", (WARM_UP,), "value"), home, store, settings, as_of)
    for question in questions:
        yield ask_one(question, home, store, settings, as_of)


def ask_one(question: Question, home: Home, store: str, settings: Settings, as_of: date | None) -> Asked:
    """Asks the turns one after the other, and takes the conversation out of the store's history again."""
    from agent.ask import ask
    from agent.principal import Principal
    from store.state import delete_thread

    thread = f"eval-{uuid.uuid4()}"
    principal = Principal(home, store)
    answers, seconds = [], []
    try:
        for turn in question.turns:
            started = time.perf_counter()
            answers.append(ask(principal, thread, turn, settings=settings, as_of=as_of))
            seconds.append(time.perf_counter() - started)
    finally:
        delete_thread(home.store(store) / "state.sqlite", thread)
    return Asked(question, answers, seconds)


def recorded(path: Path, questions: Sequence[Question]) -> list[Asked]:
    """Answers recorded earlier, in the order of the questions. UserError where a question has none."""
    found: dict[str, list[Answer]] = {}
    for where, entry in read_lines(path):
        answers = entry.get("answers")
        if not _filled(entry.get("id")) or not isinstance(answers, list) or not answers:
            raise UserError(f'{where}: should be {{"id": …, "answers": [an answer object of each turn]}}.')
        found[entry["id"]] = answers
    missing = [q.id for q in questions if q.id not in found]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise UserError(f"{path} has no answers to {', '.join(missing[:5])}{more}: leave those out with --ids.")
    return [Asked(q, found[q.id], []) for q in questions]
