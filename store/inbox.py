"""What came from Slack, in one SQLite file: written down before it is acknowledged, and worked on until it is done.

A letter is `new`, then `working`, then `done`. One process works on them, so whatever is `working` when it starts was
cut off, and is taken up again where its marks say. What must outlive even a power cut (the letter itself, and that
something is about to be sent) waits for the disk; the rest can be found out again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.errors import UserError

KEPT = 40 * 86_400.0  # seconds that letters are known for, to be known again: longer than any digest's period
SEEN_KEPT = 900.0  # seconds that a request's signature is known for; it is good for five minutes
_TABLES = (
    """CREATE TABLE IF NOT EXISTS letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, message TEXT UNIQUE, kind TEXT NOT NULL,
    team TEXT NOT NULL, place TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'new',
    came_at REAL NOT NULL, next_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, marks TEXT NOT NULL DEFAULT '{}',
    deleted INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX IF NOT EXISTS open_letters ON letters (place, number) WHERE state != 'done'",
    "CREATE TABLE IF NOT EXISTS seen (mark TEXT PRIMARY KEY, at REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)
_COLUMNS = "id, kind, team, place, body, message, came_at, tries, marks, deleted"
_MARK = "UPDATE letters SET marks = json_patch(marks, ?) WHERE id = ?"
_NEXT = """SELECT number FROM letters l WHERE state = 'new' AND next_at <= ? AND NOT EXISTS (
        SELECT 1 FROM letters e WHERE e.place = l.place AND e.number < l.number AND e.state != 'done')
    ORDER BY number LIMIT 1"""


@dataclass(frozen=True)
class Letter:
    """`id` is Slack's own for the delivery, `message` names the message it is about ("channel:ts"), if any.

    Letters of one `place` (a conversation) are worked on one at a time, in the order in which they came. `marks` say
    how far it is.
    """

    id: str
    kind: str
    team: str
    place: str
    body: dict[str, Any]
    message: str | None = None
    came_at: float = field(default_factory=time.time)
    tries: int = 0
    marks: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False


def put(path: Path, letter: Letter) -> bool:
    """Write a letter down; False where it is known already, by its id or its message."""
    row = [letter.id, letter.message, letter.kind, letter.team, letter.place, _dump(letter.body), letter.came_at, 0.0]
    with _opened(path, lasting=True) as con:
        sql = """INSERT OR IGNORE INTO letters (id, message, kind, team, place, body, came_at, next_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
        return con.execute(sql, row).rowcount == 1


def take(path: Path) -> Letter | None:
    """The next letter to be worked on, if there is one that nobody else takes."""
    with _opened(path) as con:
        found = con.execute(_NEXT, [time.time()]).fetchone()
        if found is None:
            return None
        sql = f"UPDATE letters SET state = 'working' WHERE number = ? AND state = 'new' RETURNING {_COLUMNS}"
        row = con.execute(sql, found).fetchone()
    return _letter(row) if row else None


def known(path: Path, id: str) -> bool:
    """Whether there is such a letter, done or not."""
    with _opened(path) as con:
        return con.execute("SELECT 1 FROM letters WHERE id = ?", [id]).fetchone() is not None


def read(path: Path, id: str) -> Letter:
    """A letter as it stands now."""
    with _opened(path) as con:
        return _letter(con.execute(f"SELECT {_COLUMNS} FROM letters WHERE id = ?", [id]).fetchone())


def begin(path: Path, id: str, part: str) -> None:
    """That a part of the answer may have been sent from now on: the mark "part?"."""
    with _opened(path, lasting=True) as con:
        con.execute(_MARK, [_dump({f"{part}?": 1}), id])


def mark(path: Path, id: str, **marks: Any) -> None:
    """How far a letter is: None takes a mark away."""
    with _opened(path) as con:
        con.execute(_MARK, [_dump(marks), id])


def done(path: Path, id: str) -> None:
    with _opened(path) as con:
        con.execute("UPDATE letters SET state = 'done' WHERE id = ?", [id])
        con.execute("DELETE FROM letters WHERE state = 'done' AND came_at < ?", [time.time() - KEPT])


def later(path: Path, id: str, seconds: float) -> None:
    """Put a letter back, to be taken up again after so long."""
    with _opened(path) as con:
        sql = "UPDATE letters SET state = 'new', tries = tries + 1, next_at = ? WHERE id = ?"
        con.execute(sql, [time.time() + seconds, id])


def resume(path: Path) -> int:
    """What an earlier process left in the middle is new again; how many there were."""
    with _opened(path) as con:
        return con.execute("UPDATE letters SET state = 'new', next_at = 0 WHERE state = 'working'").rowcount


def waiting(path: Path) -> int:
    with _opened(path) as con:
        return int(con.execute("SELECT count(*) FROM letters WHERE state != 'done'").fetchone()[0])


def change(path: Path, message: str, text: str | None) -> str | None:
    """The message now reads so, or (None) was deleted: its letter, where that is news and there is no answer yet."""
    if text is None:
        sql, values = "SET deleted = 1 WHERE deleted = 0", list[str]()
    else:
        sql, values = (
            "SET body = json_set(body, '$.text', ?1) WHERE json_extract(body, '$.text') != ?1",
            [_storable(text)],
        )
    with _opened(path) as con:
        sql = f"UPDATE letters {sql} AND message = ? AND state != 'done' RETURNING id"
        row = con.execute(sql, [*values, message]).fetchone()
    return str(row[0]) if row else None


def name(path: Path, id: str, message: str) -> None:
    """The letter has a message of its own now: what is said in its thread belongs to its conversation."""
    with _opened(path) as con:
        con.execute("UPDATE OR IGNORE letters SET message = ? WHERE id = ?", [message, id])


def place_of(path: Path, message: str) -> str | None:
    """The conversation that a message belongs to, where it was a letter."""
    with _opened(path) as con:
        row = con.execute("SELECT place FROM letters WHERE message = ?", [message]).fetchone()
    return str(row[0]) if row else None


def seen_before(path: Path, sign: str) -> bool:
    """Whether a request was taken with this very signature in the last minutes."""
    with _opened(path) as con:
        return con.execute("SELECT 1 FROM seen WHERE mark = ?", [sign]).fetchone() is not None


def see(path: Path, sign: str) -> None:
    with _opened(path) as con:
        con.execute("DELETE FROM seen WHERE at < ?", [time.time() - SEEN_KEPT])
        con.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", [sign, time.time()])


def told(path: Path, name: str) -> str | None:
    """What was last told under a name."""
    with _opened(path) as con:
        row = con.execute("SELECT value FROM told WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row else None


def tell(path: Path, name: str, value: str) -> None:
    with _opened(path) as con:
        con.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", [name, value])


def _letter(row: Sequence[Any]) -> Letter:
    id, kind, team, place, body, message, came_at, tries, marks, deleted = row
    return Letter(id, kind, team, place, json.loads(body), message, came_at, tries, json.loads(marks), bool(deleted))


def _storable(text: str) -> str:
    """Half characters, which SQLite refuses, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value)  # ASCII: half characters too can be kept


class _Connections(threading.local):
    """This thread's, to the file that it used last: opening it for every line would cost many times the line."""

    def __init__(self) -> None:
        self.file: tuple[Path, int] | None = None  # and its inode: a file that is moved away is left alone
        self.open: dict[bool, sqlite3.Connection] = {}

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        for con in self.open.values():
            con.close()
        self.file, self.open = None, {}


_mine = _Connections()


@contextmanager
def _opened(path: Path, *, lasting: bool = False) -> Iterator[sqlite3.Connection]:
    """`lasting`: what is written is on the disk at the end. UserError where the file is damaged or its disk is full."""
    try:
        yield _connection(path, lasting)
    except sqlite3.DatabaseError as error:
        _mine.close()
        said = f"What came from Slack is kept in {path}, which cannot be used ({error})."
        raise UserError(f"{said} Move that file away to go on.") from error


def _connection(path: Path, lasting: bool) -> sqlite3.Connection:
    if _mine.file is None or not path.exists() or _mine.file != (path, path.stat().st_ino):
        _mine.close()
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # questions are nobody else's to read
        _mine.file = (path, path.stat().st_ino)
    if lasting not in _mine.open:
        con = _mine.open[lasting] = sqlite3.connect(path, timeout=10, isolation_level=None)
        con.execute("PRAGMA journal_mode = WAL")
        con.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
        for table in _TABLES:
            con.execute(table)
    return _mine.open[lasting]
