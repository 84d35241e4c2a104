"""Who asks, as far as Slack tells: everybody of a team is one party, with the team's store and role."""

from __future__ import annotations

from agent.principal import Person, Principal
from store.errors import UserError
from store.inbox import Letter
from store.paths import Home
from store.teams import Team, team_of
from ui.slack.words import lang_of, say


class Refused(UserError):
    """Nobody who may ask here; the text is for them."""


def principal_of(home: Home, letter: Letter) -> Principal:
    """Refused: the team has no store, the store is gone, or somebody of another company asks in a shared channel."""
    lang = lang_of(str(letter.body.get("text", "")))
    team = team_of(home, letter.team)
    if team is None:
        raise Refused(say("no_store", lang, team=letter.team))
    if not _same(home, letter.body["from"], team):
        raise Refused(say("stranger", lang, team=letter.body["from"]))
    try:
        return person_of_team(home, team).at(team.store)
    except UserError as error:
        raise Refused(str(error)) from error


def _same(home: Home, own: str, team: Team) -> bool:
    """Whether somebody's own team may ask what this one may."""
    found = team if own == team.id else team_of(home, own)
    return found is not None and (found.store, found.role) == (team.store, team.role)


def person_of_team(home: Home, team: Team) -> Person:
    return Person(home, f"slack:{team.id}", team.id, team.role, frozenset({team.store}))
