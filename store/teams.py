"""Which Slack team asks which store, beside the users and tokens; and where its digest goes."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from store.errors import UserError
from store.paths import Home, checked_name
from store.users import Role, now, opened

Every = Literal["day", "week"]
EVERY: tuple[Every, ...] = ("day", "week")
_ID = re.compile(r"[TE][A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Digest:
    """A digest goes to a channel, at most once a day or a week (Mondays), from a time of this machine's day on."""

    channel: str
    every: Every = "day"
    at: str = "08:00"


@dataclass(frozen=True)
class Team:
    """A Slack workspace (T…, or an organisation's E…), its store and the role of everybody in it."""

    id: str
    store: str
    role: Role
    digest: Digest | None = None


def add_team(home: Home, id: str, store: str, role: Role) -> Team:
    """A team that is there already gets the other store and role, and keeps its digest. UserError for no team's id."""
    if not _ID.fullmatch(id):
        raise UserError(
            f"{id!r} is no Slack team's id: those begin with T. Slack shows it in the address of the web app."
        )
    with opened(home) as con:
        con.execute("BEGIN IMMEDIATE")
        known = con.execute("SELECT digest FROM teams WHERE id = ?", [id]).fetchone()
        row = [id, checked_name(store), role, known[0] if known else None, now()]
        con.execute("INSERT OR REPLACE INTO teams VALUES (?, ?, ?, ?, ?)", row)
        con.execute("COMMIT")
    return _team(row[:4])


def set_digest(home: Home, id: str, digest: Digest | None) -> None:
    """UserError: no such team, or no channel or time."""
    if digest and not _CHANNEL.fullmatch(digest.channel):
        raise UserError(
            f"{digest.channel!r} is no Slack channel's id: those begin with C. A channel's details show it."
        )
    if digest and not _TIME.fullmatch(digest.at):
        raise UserError(f"{digest.at!r} is no time of day: write it as 08:00.")
    with opened(home) as con:
        kept = json.dumps(asdict(digest)) if digest else None
        if not con.execute("UPDATE teams SET digest = ? WHERE id = ?", [kept, id]).rowcount:
            raise UserError(_not_there(id))


def remove_team(home: Home, id: str) -> None:
    """UserError where there is no such team."""
    with opened(home) as con:
        if not con.execute("DELETE FROM teams WHERE id = ?", [id]).rowcount:
            raise UserError(_not_there(id))


def teams(home: Home) -> list[Team]:
    with opened(home) as con:
        return [_team(row) for row in con.execute("SELECT id, store, role, digest FROM teams ORDER BY id")]


def team_of(home: Home, id: str) -> Team | None:
    with opened(home) as con:
        row = con.execute("SELECT id, store, role, digest FROM teams WHERE id = ?", [id]).fetchone()
    return _team(row) if row else None


def _team(row: Sequence[Any]) -> Team:
    return Team(row[0], row[1], row[2], Digest(**json.loads(row[3])) if row[3] else None)


def _not_there(id: str) -> str:
    return f"There is no team {id!r}. ./storewise slack teams lists those there are."
