"""A store's conversations, in SQLite: a turn is one transaction, so a process that dies in mid-turn loses only that."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from store.errors import UserError

_TABLE = """CREATE TABLE IF NOT EXISTS turns (
    thread_id TEXT NOT NULL, turn INTEGER NOT NULL, asked_at TEXT NOT NULL,
    question TEXT NOT NULL, outcome TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (thread_id, turn))"""
_ASKING = """CREATE TABLE IF NOT EXISTS asking (
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, thread_id TEXT NOT NULL, asked_at TEXT NOT NULL,
    question TEXT NOT NULL)"""
_ONCE = """CREATE TABLE IF NOT EXISTS once (
    key TEXT PRIMARY KEY, mark TEXT NOT NULL, thread_id TEXT NOT NULL, turn INTEGER NOT NULL, asked_at TEXT NOT NULL)"""
KEYS_KEPT = timedelta(days=1)
LONGEST_TURN = timedelta(minutes=10)  # a question still unanswered after that is not being answered any more
_mine: set[str] = set()  # questions that this process is answering


@dataclass(frozen=True)
class Turn:
    """One question and what came of it. `asked_at` is ISO in UTC; `turn` counts from 1 within its thread."""

    thread_id: str
    turn: int
    asked_at: str
    question: str
    outcome: Any
    answer: Any


@dataclass(frozen=True)
class Thread:
    """`turns` are those answered; a thread may have but a question that was cut off."""

    thread_id: str
    turns: int
    last_asked_at: str
    first_question: str


@dataclass(frozen=True)
class Unanswered:
    """A question without its answer: `running` while some process is at it, else cut off in the middle."""

    question: str
    asked_at: str
    running: bool


@dataclass(frozen=True)
class Key:
    """What a message is answered once under; `mark` tells whether another one under that key is the same message."""

    name: str
    mark: str


def begin_question(path: Path, thread: str, question: str) -> str:
    """Write a question down as asked and not yet answered; returns its id. One asked again is no longer cut off."""
    number = uuid4().hex
    with opened(path) as con:
        row = [number, os.getpid(), thread, now(), _storable(question)]
        con.execute("DELETE FROM asking WHERE thread_id = ? AND question = ?", [thread, _storable(question)])
        con.execute("INSERT INTO asking VALUES (?, ?, ?, ?, ?)", row)
    _mine.add(number)
    return number


def end_question(path: Path, number: str) -> None:
    """Take a question off the unanswered ones."""
    _mine.discard(number)
    with opened(path) as con:
        con.execute("DELETE FROM asking WHERE id = ?", [number])


def unanswered(path: Path, thread: str) -> list[Unanswered]:
    """The thread's questions that have no answer yet, the earliest first."""
    if not path.exists():
        return []
    sql = "SELECT id, pid, question, asked_at FROM asking WHERE thread_id = ? ORDER BY asked_at, id"
    with opened(path) as con:
        rows = con.execute(sql, [thread]).fetchall()
    return [Unanswered(question, at, _is_running(number, pid, at)) for number, pid, question, at in rows]


def _is_running(number: str, pid: int, asked_at: str) -> bool:
    if datetime.now(UTC) - datetime.fromisoformat(asked_at) > LONGEST_TURN:
        return False
    if pid == os.getpid():
        return number in _mine  # an earlier process may have had our pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def append_turn(
    path: Path,
    thread: str,
    question: str,
    outcome: Any,
    answer: Mapping[str, Any],
    *,
    ends: str | None = None,
    key: Key | None = None,
) -> int:
    """Add a turn and return its number, which the stored answer's "turn" is set to.

    In the same step `ends`, the question's id, is taken off the unanswered ones, and `key` is kept, for a day.
    """
    with opened(path) as con:
        con.execute("BEGIN IMMEDIATE")  # the number must not be taken by another process before it is written
        turn = int(
            con.execute("SELECT coalesce(max(turn), 0) + 1 FROM turns WHERE thread_id = ?", [thread]).fetchone()[0]
        )
        row = [thread, turn, now(), *map(_storable, (question, _dump(outcome), _dump({**answer, "turn": turn})))]
        con.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", row)
        con.execute("DELETE FROM asking WHERE id = ?", [ends])
        if key:
            con.execute("DELETE FROM once WHERE asked_at < ?", [_text(datetime.now(UTC) - KEYS_KEPT)])
            con.execute("INSERT OR REPLACE INTO once VALUES (?, ?, ?, ?, ?)", [key.name, key.mark, thread, turn, now()])
        con.execute("COMMIT")
    return turn


def answered_before(path: Path, key: str) -> tuple[str, Turn] | None:
    """The mark that a key was kept with, and the turn that was answered under it."""
    if not path.exists():
        return None
    sql = "SELECT o.mark, t.* FROM once o JOIN turns t USING (thread_id, turn) WHERE o.key = ?"
    with opened(path) as con:
        row = con.execute(sql, [key]).fetchone()
    return (row[0], _turn(row[1:])) if row else None


def last_turns(path: Path, thread: str, n: int) -> list[Turn]:
    """The thread's last n turns, oldest first; all of them where n is negative."""
    if not path.exists():
        return []
    with opened(path) as con:
        rows = con.execute("SELECT * FROM turns WHERE thread_id = ? ORDER BY turn DESC LIMIT ?", [thread, n]).fetchall()
    return [_turn(row) for row in reversed(rows)]


def first_turn(path: Path, begins: str) -> Turn | None:
    """The first turn of any thread whose name begins so."""
    if not path.exists():
        return None
    sql = "SELECT * FROM turns WHERE thread_id >= ? AND thread_id < ? ORDER BY asked_at LIMIT 1"
    with opened(path) as con:
        row = con.execute(sql, [begins, begins + chr(0x10FFFF)]).fetchone()
    return _turn(row) if row else None


def _turn(row: Sequence[Any]) -> Turn:
    thread, number, asked_at, question, outcome, answer = row
    return Turn(thread, number, asked_at, question, json.loads(outcome), json.loads(answer))


def all_turns(path: Path, thread: str) -> list[Turn]:
    """The whole thread, oldest first."""
    return last_turns(path, thread, -1)


def threads(path: Path, begins: str = "") -> list[Thread]:
    """The threads whose name begins so, the latest asked first."""
    if not path.exists():
        return []
    sql = """
        WITH asked AS (
            SELECT thread_id, 1 AS answered, asked_at, question FROM turns
            UNION ALL SELECT thread_id, 0, asked_at, question FROM asking)
        SELECT thread_id, sum(answered), max(asked_at),
            (SELECT question FROM asked f WHERE f.thread_id = t.thread_id ORDER BY asked_at LIMIT 1)
        FROM asked t WHERE substr(thread_id, 1, ?) = ? GROUP BY thread_id ORDER BY 3 DESC, 1"""
    with opened(path) as con:
        return [Thread(*row) for row in con.execute(sql, [len(begins), begins])]


def delete_thread(path: Path, thread: str) -> int:
    """Forget a thread; returns how many turns it had."""
    if not path.exists():
        return 0
    with opened(path) as con:
        con.execute("DELETE FROM asking WHERE thread_id = ?", [thread])
        con.execute("DELETE FROM once WHERE thread_id = ?", [thread])
        return con.execute("DELETE FROM turns WHERE thread_id = ?", [thread]).rowcount


def copy_state(path: Path, target: Path) -> None:
    """A whole copy of a state file that others may be writing to."""
    with opened(path) as con, closing(sqlite3.connect(target)) as copy:
        con.backup(copy)


def now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _storable(text: str) -> str:
    """What came in as bytes that are no UTF-8 holds half characters, which SQLite refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """UserError where the file is damaged or its disk is full."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # questions are nobody else's to read
    try:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as con:
            con.execute("PRAGMA journal_mode = WAL")
            con.execute(_TABLE)
            con.execute(_ASKING)
            con.execute(_ONCE)
            yield con
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"The conversations in {path} cannot be used ({error}). Move that file away to go on."
        ) from error
