"""Who may come in: users, API tokens, sessions and Slack teams, in one SQLite file that nobody else may read.

Passwords are kept as argon2id hashes; tokens and sessions, which are random and long, as SHA-256 of themselves.
"""

import hashlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from store.errors import UserError
from store.paths import Home, checked_name

Role = Literal["owner", "analyst"]
ROLES: tuple[Role, ...] = ("owner", "analyst")
SHORTEST = 8  # characters of a password
LONGEST = 256
SESSION = timedelta(days=7)
TOKEN = "sw_"  # what our tokens begin with
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_TABLES = (
    """CREATE TABLE IF NOT EXISTS users (id TEXT NOT NULL, name TEXT PRIMARY KEY, password TEXT NOT NULL,
    role TEXT NOT NULL, stores TEXT, created_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL, stores TEXT, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT)""",
    "CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires_at TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS teams (id TEXT PRIMARY KEY, store TEXT NOT NULL, role TEXT NOT NULL, digest TEXT,
    created_at TEXT NOT NULL)""",
)


class NotSignedIn(UserError):
    """A name, password, token or session that lets nobody in."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in. `id` is never given again; `stores` is None for all there are, now and later."""

    id: str
    name: str
    role: Role
    stores: tuple[str, ...] | None


@dataclass(frozen=True)
class Token:
    """An API token as listed: moments are ISO in UTC, and None where it never expires or is still good."""

    account: Account
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if _is_over(self.expires_at) else "good"


# Users


def add_user(
    home: Home, name: str, password: str, role: Role, stores: Sequence[str] | None, *, replace: bool = False
) -> Account:
    """UserError: a name that is none or is taken, a password that is too short. `replace` also ends the sessions."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no user name: use 1 to 64 letters, digits and _ . @ -")
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(f"A password has {SHORTEST} to {LONGEST} characters.")
    hashed = _hasher().hash(password)
    with opened(home) as con:
        con.execute("BEGIN IMMEDIATE")
        known = con.execute("SELECT id FROM users WHERE name = ?", [name]).fetchone()
        if known and not replace:
            raise UserError(f"There is a user {name} already: use --replace to change password, role or stores.")
        account = Account(known[0] if known else _new_id("u"), name, role, _checked(stores))
        row = [account.id, name, hashed, role, _dumped(account.stores), now()]
        con.execute("INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?, ?)", row)
        con.execute("DELETE FROM sessions WHERE user = ?", [account.id])
        con.execute("COMMIT")
    return account


def users(home: Home) -> list[Account]:
    with opened(home) as con:
        rows = con.execute("SELECT id, name, role, stores FROM users ORDER BY name").fetchall()
    return [_account(row) for row in rows]


def remove_user(home: Home, name: str) -> None:
    """Ends the user's sessions too. UserError where there is no such user."""
    with opened(home) as con:
        con.execute("BEGIN IMMEDIATE")
        con.execute("DELETE FROM sessions WHERE user IN (SELECT id FROM users WHERE name = ?)", [name])
        if not con.execute("DELETE FROM users WHERE name = ?", [name]).rowcount:
            raise UserError(f"There is no user {name!r}. ./storewise users list shows those there are.")
        con.execute("COMMIT")


# Signing in


def sign_in(home: Home, name: str, password: str) -> str:
    """A new session's secret. NotSignedIn, which takes as long for a name that isn't there."""
    from argon2.exceptions import VerificationError

    with opened(home) as con:
        row = con.execute("SELECT id, password FROM users WHERE name = ?", [name]).fetchone()
    try:
        _hasher().verify(row[1] if row else _nobodys(), password[: LONGEST + 1])
    except VerificationError:
        row = None
    if row is None:
        raise NotSignedIn("That name and password don't belong together.")
    secret = secrets.token_urlsafe(32)
    with opened(home) as con:
        con.execute("DELETE FROM sessions WHERE expires_at < ?", [now()])
        con.execute("INSERT INTO sessions VALUES (?, ?, ?)", [_hash(secret), row[0], _after(SESSION)])
    return secret


def by_session(home: Home, secret: str) -> Account:
    """NotSignedIn where it has ended, or never was."""
    sql = """SELECT u.id, u.name, u.role, u.stores, s.expires_at FROM sessions s JOIN users u ON u.id = s.user
        WHERE s.hash = ?"""
    with opened(home) as con:
        row = con.execute(sql, [_hash(secret)]).fetchone()
    if row is None or _is_over(row[4]):
        raise NotSignedIn("This session has ended: sign in again.")
    return _account(row)


def sign_out(home: Home, secret: str) -> None:
    with opened(home) as con:
        con.execute("DELETE FROM sessions WHERE hash = ?", [_hash(secret)])


# Tokens


def create_token(
    home: Home, name: str, role: Role, stores: Sequence[str] | None, lasts: timedelta | None
) -> tuple[Token, str]:
    """The token and its secret, which is nowhere kept. UserError for a name that is none."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name for a token: use 1 to 64 letters, digits and _ . @ -")
    secret = TOKEN + secrets.token_urlsafe(32)
    account = Account(_new_id("t"), name, role, _checked(stores))
    token = Token(account, now(), _after(lasts) if lasts else None, None)
    row = [account.id, name, _hash(secret), role, _dumped(account.stores), token.created_at, token.expires_at, None]
    with opened(home) as con:
        con.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return token, secret


def tokens(home: Home) -> list[Token]:
    sql = "SELECT id, name, role, stores, created_at, expires_at, revoked_at FROM tokens ORDER BY created_at, id"
    with opened(home) as con:
        return [Token(_account(row), *row[4:]) for row in con.execute(sql)]


def revoke_token(home: Home, id: str) -> None:
    """UserError where there is no such token that is still good."""
    with opened(home) as con:
        sql = "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
        if not con.execute(sql, [now(), id]).rowcount:
            raise UserError(f"There is no token {id!r} to revoke. ./storewise tokens list shows those there are.")


def by_token(home: Home, secret: str) -> Account:
    """NotSignedIn for a token that is not known, has expired or was revoked, and says which."""
    sql = "SELECT id, name, role, stores, created_at, expires_at, revoked_at FROM tokens WHERE hash = ?"
    with opened(home) as con:
        row = con.execute(sql, [_hash(secret)]).fetchone()
    if row is None:
        raise NotSignedIn("This token is not known.")
    token = Token(_account(row), *row[4:])
    if token.state != "good":
        said = {"revoked": "was revoked", "expired": f"has expired ({token.expires_at})"}[token.state]
        raise NotSignedIn(f"This token {said}.")
    return token.account


# What is shared


@lru_cache
def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache
def _nobodys() -> str:
    """What a password is held against where there is no such user."""
    return str(_hasher().hash(secrets.token_urlsafe(32)))


def _checked(stores: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if stores is None else tuple(sorted({checked_name(name) for name in stores}))


def _account(row: Sequence[Any]) -> Account:
    stores = json.loads(row[3]) if row[3] is not None else None
    return Account(row[0], row[1], row[2], None if stores is None else tuple(stores))


def _dumped(stores: tuple[str, ...] | None) -> str | None:
    return None if stores is None else json.dumps(stores)


def _new_id(kind: str) -> str:
    return kind + secrets.token_hex(4)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _after(lasts: timedelta) -> str:
    return (datetime.now(UTC) + lasts).isoformat(timespec="seconds")


def _is_over(moment: str | None) -> bool:
    return moment is not None and datetime.fromisoformat(moment) <= datetime.now(UTC)


@contextmanager
def opened(home: Home) -> Iterator[sqlite3.Connection]:
    """UserError where the file is damaged, or can't be had."""
    path = home.users
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # before anybody can look at it
        os.chmod(path, 0o600)
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as con:
            for table in _TABLES:
                con.execute(table)
            yield con
    except (sqlite3.DatabaseError, OSError) as error:
        said = f"Users and tokens in {path} cannot be used ({error})."
        raise UserError(f"{said} Nobody can sign in until that is mended, or the file moved away.") from error
