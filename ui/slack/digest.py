"""When a team's digest goes out: once a day or week, where there is new data, and something in it stands out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from store import inbox
from store.connect import open_store
from store.errors import UserError
from store.inbox import Letter
from store.paths import Home
from store.teams import Digest, Team, teams
from ui.commands.common import record, say
from ui.slack.askers import person_of_team
from ui.slack.brief import DIGESTS, brief, stands_out

LOOKS = 20.0  # seconds


def version_name(team: Team) -> str:
    """What the version of the data that a team's digest was last made of is kept as."""
    return f"digest {team.id}"


def period(digest: Digest, now: datetime) -> str | None:
    """The day or week that it is time for; None before the hour. A week's digest is for Monday, or later if it must."""
    began = now if digest.every == "day" else now - timedelta(days=now.weekday())
    hour, minute = map(int, digest.at.split(":"))
    if now < began.replace(hour=hour, minute=minute, second=0, microsecond=0):
        return None
    return began.date().isoformat()


def letter_due(home: Home, team: Team, now: datetime) -> Letter | None:
    """The digest that is to go out. What was looked at and not worth telling isn't looked at again."""
    digest = team.digest
    when = period(digest, now) if digest else None
    if digest is None or when is None:
        return None
    id = f"digest {team.id} {digest.every} {when}"
    if inbox.known(home.inbox, id):
        return None
    store = open_store(home, person_of_team(home, team).at(team.store).store)
    if inbox.told(home.inbox, version_name(team)) == store.data_version:
        return None
    if not stands_out(brief(store, DIGESTS[digest.every])):
        inbox.tell(home.inbox, version_name(team), store.data_version)
        return None
    about = {"channel": digest.channel, "from": team.id, "version": store.data_version}
    return Letter(id, "digest", team.id, id, about)


class Digests:
    """Looks every now and then whether one is due; `wake` is called when one was written down."""

    def __init__(self, home: Home, wake: Callable[[], None], now: Callable[[], datetime] = datetime.now) -> None:
        self._home, self._wake, self._now = home, wake, now
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slack-digests")
        self._said: set[str] = set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:  # the outermost boundary of this thread
                record(self._home, "slack", "digests")
            self._stop.wait(LOOKS)

    def look(self) -> None:
        """Writes down what is due."""
        for team in teams(self._home):
            try:
                letter = letter_due(self._home, team, self._now())
            except UserError as error:
                self._once(f"The digest of {team.id} can't be made: {error}")
                continue
            if letter and inbox.put(self._home.inbox, letter):
                self._wake()

    def _once(self, said: str) -> None:
        if said not in self._said:
            self._said.add(said)
            say(said)
