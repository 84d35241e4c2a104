"""The digest: sent where there is new data and something stands out, not sent otherwise, once a period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from store import inbox
from store.paths import Home
from store.publish import publish
from store.teams import Digest, set_digest, team_of, teams
from tests.conftest import build_tiny
from tests.servers.slack import TEAM, Slack
from tests.slack_bot import CHANNEL, copied, running, shown, until
from ui.slack import digest
from ui.slack.digest import Digests, letter_due, period

MONDAY, TUESDAY = datetime(2026, 11, 23, 8, 30), datetime(2026, 11, 24, 9, 0)


@pytest.fixture
def home(tiny_home: Home, tmp_path: Path) -> Home:
    found = copied(tiny_home, tmp_path / "home")
    set_digest(found, TEAM, Digest(CHANNEL))
    return found


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing looks by itself, at what day it happens to be."""
    monkeypatch.setattr(Digests, "start", lambda _: None)


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Whether something stands out, as each look finds it."""
    found = [True]
    monkeypatch.setattr(digest, "stands_out", lambda _: found[0])
    yield found


def look(home: Home, now: datetime) -> None:
    Digests(home, lambda: None, lambda: now).look()


def work(home: Home, slack: Slack) -> list[dict[str, Any]]:
    """What has been said once all is done, by a process that begins and ends."""
    with running(home, slack):
        until(lambda: inbox.waiting(home.inbox) == 0)
    return slack.answers(CHANNEL)


def import_more(home: Home) -> None:
    def more(con: Any) -> dict[str, Any]:
        build_tiny(con)
        con.execute("UPDATE orders SET city = 'Elsewhere' WHERE order_id = (SELECT min(order_id) FROM orders)")
        return {}

    publish(home, "tiny", more, format="tests")


def test_once_a_day_however_often_it_starts(home: Home, telling: Sequence[bool]) -> None:
    with Slack() as slack:
        for _ in range(3):
            look(home, MONDAY)
            assert len(work(home, slack)) == 1
        said = slack.answers(CHANNEL)[0]
        assert "Yesterday" in shown(said) and "thread_ts" not in said and slack.refused == []
        look(home, TUESDAY)
        assert len(work(home, slack)) == 1  # a new day, but no new data
        import_more(home)
        look(home, MONDAY)
        assert len(work(home, slack)) == 1  # new data, but the day's digest has been
        look(home, TUESDAY)
        assert len(work(home, slack)) == 2


def test_not_where_nothing_stands_out(home: Home, telling: list[bool]) -> None:
    telling[0] = False
    with Slack() as slack:
        look(home, MONDAY)
        assert work(home, slack) == []
        telling[0] = True
        look(home, MONDAY)
        assert work(home, slack) == []  # the same data were found dull: it isn't told later
        import_more(home)
        look(home, MONDAY)
        assert len(work(home, slack)) == 1


def test_a_process_that_dies_after_writing_it_down_tells_it_once(home: Home, telling: Sequence[bool]) -> None:
    with Slack() as slack:
        letter = letter_due(home, teams(home)[0], MONDAY)
        assert letter and inbox.put(home.inbox, letter) and not inbox.put(home.inbox, letter)
        inbox.take(home.inbox)  # and dies
        assert len(work(home, slack)) == 1
        inbox.resume(home.inbox)
        look(home, MONDAY)
        look(home, TUESDAY)
        assert len(work(home, slack)) == 1


@pytest.mark.parametrize(("every", "at", "now", "expected"), [
    ("day", "08:00", datetime(2026, 11, 24, 7, 59), None),
    ("day", "08:00", datetime(2026, 11, 24, 8, 0), "2026-11-24"),
    ("day", "08:00", datetime(2026, 11, 24, 23, 59), "2026-11-24"),
    ("week", "08:00", datetime(2026, 11, 23, 7, 0), None),
    ("week", "08:00", datetime(2026, 11, 23, 8, 0), "2026-11-23"),
    ("week", "08:00", datetime(2026, 11, 29, 3, 0), "2026-11-23"),
])  # fmt: skip
def test_periods(every: Any, at: str, now: datetime, expected: str | None) -> None:
    assert period(Digest(CHANNEL, every, at), now) == expected


def test_a_team_without_a_digest_gets_none(home: Home, telling: Sequence[bool]) -> None:
    set_digest(home, TEAM, None)
    look(home, MONDAY)
    assert inbox.waiting(home.inbox) == 0


def test_a_store_that_is_gone_is_no_digest_and_no_end(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    team = team_of(home, TEAM)
    assert team
    (home.store("tiny") / "manifest.json").unlink()
    look(home, MONDAY)
    assert inbox.waiting(home.inbox) == 0 and "can't be made" in capsys.readouterr().err
