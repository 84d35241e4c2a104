"""What goes wrong between a question in Slack and its answer: each fault's outcome, nothing lost, nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.settings import Settings
from agent.watch import Watch
from store import inbox
from store.paths import Home
from store.teams import add_team, remove_team
from tests.servers.slack import BOT, BOT_ID, TEAM, Fault, Slack
from tests.servers.slack_socket import changed, deleted, direct, event, mention
from tests.slack_bot import ANN, CHANNEL, DM, Here, connected, copied, labels, running, shown, until
from ui.answering import answerer
from ui.desk import Asked

ORDERS = "how many orders in 2024"
MONTHS = "revenue by month in 2024"


class Held:
    """Answers as ever, once it may; `begun` tells what it was asked."""

    def __init__(self, home: Home) -> None:
        self._answer = answerer(home, Settings())
        self.go = threading.Event()
        self.begun: list[str] = []

    def reset(self, *, held: bool) -> None:
        self.begun.clear()
        self.go.clear() if held else self.go.set()

    def __call__(self, asked: Asked, watch: Watch) -> dict[str, Any]:
        self.begun.append(asked.text)
        while not self.go.is_set() and not watch.stopped:
            time.sleep(0.01)
        return self._answer(asked, watch)


@pytest.fixture(scope="module")
def both(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Here, Held]]:
    home = copied(tiny_home, tmp_path_factory.mktemp("faults") / "home")
    holding = Held(home)
    with connected(home, holding) as found:
        yield found, holding


@pytest.fixture
def here(both: tuple[Here, Held]) -> Here:
    """With nothing said yet, no fault, and a store for the team."""
    add_team(both[0].home, TEAM, "tiny", "analyst")
    both[0].slack.reset()
    both[1].reset(held=False)
    return both[0]


@pytest.fixture
def held(here: Here, both: tuple[Here, Held]) -> Iterator[tuple[Here, Held]]:
    """Answers come once `go` is set."""
    both[1].reset(held=True)
    yield both
    both[1].go.set()


def steps(message: dict[str, Any]) -> list[str]:
    return [step["status"] for step in message["steps"]]


# The same thing again


def test_three_deliveries_one_answer(here: Here) -> None:
    ts = here.slack.say(CHANNEL, ANN, ORDERS)
    body = mention(CHANNEL, ANN, ORDERS, ts)
    for envelope in [here.socket.deliver("events_api", body, retry) for retry in range(3)]:
        here.socket.acked(envelope)
    here.answered(ts)
    here.socket.acked(here.socket.deliver("events_api", body, 3))
    here.answered(ts)


def test_one_message_told_as_two_events_is_answered_once(here: Here) -> None:
    ts = here.slack.say(DM, ANN, ORDERS)
    for body in (mention(DM, ANN, ORDERS, ts), direct(DM, ANN, ORDERS, ts)):
        here.socket.acked(here.socket.deliver("events_api", body))
    here.answered(ts, DM)


# Edited, deleted


def test_an_edited_question_is_answered_as_it_stands(held: tuple[Here, Held]) -> None:
    here, holding = held
    ts = here.mention(ORDERS)
    until(lambda: holding.begun)
    before = {"user": ANN, "ts": ts, "text": f"<@{BOT}> {ORDERS}"}
    here.socket.acked(here.socket.deliver("events_api", changed(CHANNEL, before, f"<@{BOT}> how many orders in 2023")))
    until(lambda: len(holding.begun) == 2)
    holding.go.set()
    assert "2023" in shown(here.answered(ts)) and holding.begun == [ORDERS, "how many orders in 2023"]


def test_a_message_that_changes_but_for_its_text_is_left_alone(held: tuple[Here, Held]) -> None:
    here, holding = held
    ts = here.mention(ORDERS)
    until(lambda: holding.begun)
    before = {"user": ANN, "ts": ts, "text": f"<@{BOT}> {ORDERS}"}
    here.socket.acked(here.socket.deliver("events_api", changed(CHANNEL, before, before["text"])))
    holding.go.set()
    assert "2024" in shown(here.answered(ts)) and holding.begun == [ORDERS]


def test_an_answered_question_that_is_edited_stays_answered(here: Here) -> None:
    ts = here.mention(ORDERS)
    here.answered(ts)
    here.socket.acked(here.socket.deliver("events_api", changed(CHANNEL, {"user": ANN, "ts": ts, "text": ORDERS}, "x")))
    assert "2024" in shown(here.answered(ts))


def test_a_deleted_question_gets_no_answer(held: tuple[Here, Held]) -> None:
    here, holding = held
    ts = here.mention(ORDERS)
    until(lambda: holding.begun)
    here.slack.forget(CHANNEL, ts)
    here.socket.acked(here.socket.deliver("events_api", deleted(CHANNEL, {"user": ANN, "ts": ts, "text": ORDERS})))
    here.idle()
    assert here.slack.said(CHANNEL) == []


def test_a_question_deleted_without_our_being_told_gets_none_either(held: tuple[Here, Held]) -> None:
    here, holding = held
    ts = here.mention(ORDERS)
    here.slack.forget(CHANNEL, ts)
    holding.go.set()
    here.idle()
    assert here.slack.said(CHANNEL) == []


# Who asks


def test_a_team_without_a_store_is_told_so(here: Here) -> None:
    remove_team(here.home, TEAM)
    ts = here.mention(ORDERS)
    assert f"slack add-team {TEAM}" in shown(here.answered(ts)) and here.slack.called("chat.startStream") == []
    add_team(here.home, TEAM, "tiny", "analyst")
    ts = here.mention(ORDERS)
    assert "2024" in shown(here.answered(ts))


def test_a_store_that_is_gone_is_said(here: Here) -> None:
    add_team(here.home, TEAM, "elsewhere", "analyst")
    assert "There is no store 'elsewhere'" in shown(here.answered(here.mention(ORDERS)))


def test_somebody_of_another_company_is_told_nothing(here: Here) -> None:
    ts = here.slack.say(CHANNEL, "U9EVE", ORDERS)
    body = mention(CHANNEL, "U9EVE", ORDERS, ts)
    body["event"]["team"] = "T9999"
    here.socket.acked(here.socket.deliver("events_api", body))
    message = here.answered(ts)
    assert "another workspace (T9999)" in shown(message) and labels(message) == []


@pytest.mark.parametrize("more", [
    {"bot_id": "B9", "user": "U9"}, {"bot_id": BOT_ID, "user": BOT}, {"user": BOT}, {"subtype": "bot_message", "bot_id": "B9"},
    {"user": "USLACKBOT"}, {"subtype": "channel_join"}, {"channel_type": "channel"},
])  # fmt: skip
def test_bots_and_what_is_not_for_us_get_no_answer(here: Here, more: dict[str, Any]) -> None:
    ts = here.slack.say(DM, ANN, ORDERS)
    body = direct(DM, ANN, ORDERS, ts)
    body["event"] |= more
    here.socket.acked(here.socket.deliver("events_api", body))
    assert inbox.waiting(here.home.inbox) == 0 and not inbox.known(here.home.inbox, body["event_id"])


def test_a_bots_mention_gets_no_answer(here: Here) -> None:
    ts = here.slack.say(CHANNEL, "U9", ORDERS)
    body = mention(CHANNEL, "U9", ORDERS, ts)
    body["event"]["bot_id"] = "B9"
    here.socket.acked(here.socket.deliver("events_api", body))
    assert not inbox.known(here.home.inbox, body["event_id"])


def test_events_that_nobody_knows_are_acknowledged(here: Here) -> None:
    here.socket.acked(here.socket.deliver("events_api", event({"type": "team_join", "user": {"id": "U5"}})))


@pytest.mark.parametrize("text", ["revenue " * 625, "x" * 5_000, "<!channel> " + "&amp;" * 1_000, "", "\u202e*_~`|<>&"])
def test_texts_of_any_kind_are_answered(here: Here, text: str) -> None:
    message = here.answered(here.mention(text))
    assert len(shown(message)) < 12_000


# Slack itself


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.postMessage", "chat.startStream", "chat.appendStream"])
def test_a_pause_that_slack_asks_for_is_kept(here: Here, method: str) -> None:
    if method == "chat.postMessage":
        here.slack.fail("chat.startStream", Fault("error", error="not_allowed_token_type"))
    here.slack.fail(method, Fault("status", retry_after=1))
    ts = here.mention(ORDERS)
    assert "2024" in shown(here.answered(ts))
    calls = [c for c in here.slack.calls if c.method.startswith(method)]
    if method in ("chat.stopStream", "chat.postMessage"):
        assert calls[0].method.endswith("(status)") and calls[1].at - calls[0].at >= 1


def test_a_chart_waits_for_slack_too(here: Here) -> None:
    here.slack.fail("files.getUploadURLExternal", Fault("status", retry_after=0.2))
    here.slack.fail("files.completeUploadExternal", Fault("lose"))
    here.answered(here.mention(MONTHS))
    assert len(here.slack.files(CHANNEL)) == 1


def test_slack_down_for_a_while(here: Here) -> None:
    ts = here.slack.say(CHANNEL, ANN, ORDERS)
    here.slack.fail("*", Fault("drop", times=4))
    here.socket.acked(here.socket.deliver("events_api", mention(CHANNEL, ANN, ORDERS, ts)))
    here.answered(ts)
    down = [c for c in here.slack.calls if c.method.endswith("(drop)")]
    assert len(down) == 4 and down[-1].at - down[0].at >= 2  # ever longer pauses


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.postMessage"])
def test_an_answer_whose_confirmation_got_lost_is_not_sent_again(here: Here, method: str) -> None:
    if method == "chat.postMessage":
        here.slack.fail("chat.startStream", Fault("error", error="not_allowed_token_type"))
    here.slack.fail(method, Fault("lose"))
    here.answered(here.mention(ORDERS))
    assert len(here.slack.called(method)) == 1 and here.slack.streams == set()


def test_a_stream_whose_beginning_got_lost_becomes_the_answer(here: Here) -> None:
    here.slack.fail("chat.startStream", Fault("lose"))
    ts = here.mention(ORDERS)
    message = here.answered(ts)
    assert "2024" in shown(message) and len(here.slack.said(CHANNEL)) == 1 and here.slack.streams == set()


def test_an_expired_stream_ends_in_one_message(here: Here) -> None:
    here.slack.expire_streams = True
    message = here.answered(here.mention(ORDERS))
    assert "2024" in shown(message) and len(here.slack.said(CHANNEL)) == 1


def test_an_expired_stream_that_cannot_be_written_over_is_followed_by_one_post(here: Here) -> None:
    here.slack.expire_streams = True
    here.slack.fail("chat.update", Fault("error", error="cant_update_message"))
    ts = here.mention(ORDERS)
    here.idle()
    assert [m["metadata"]["event_payload"]["part"] for m in here.slack.said(CHANNEL) if "metadata" in m] == ["answer"]
    assert "2024" in shown(here.slack.said(CHANNEL)[-1]) and here.slack.said(CHANNEL)[-1]["thread_ts"] == ts


def test_blocks_that_slack_refuses_come_as_text(here: Here) -> None:
    here.slack.fail("chat.stopStream", Fault("error", error="invalid_blocks"))
    message = here.answered(here.mention(ORDERS))
    assert "2024" in message["steps"][-1]["text"] and "blocks" not in message


def test_a_channel_that_is_gone_is_given_up(here: Here) -> None:
    here.slack.fail("chat.startStream", Fault("error", error="channel_not_found"))
    here.slack.fail("chat.postMessage", Fault("error", error="channel_not_found"))
    here.mention(ORDERS)
    here.idle()
    assert here.slack.said(CHANNEL) == [] and here.closed == []


def test_a_revoked_token_ends_it_and_nothing_is_lost(tiny_home: Home, tmp_path: Path) -> None:
    home = copied(tiny_home, tmp_path / "home")
    with connected(home) as here:
        here.slack.fail("*", Fault("error", times=99, error="token_revoked"))
        ts = here.mention(ORDERS)
        until(lambda: here.closed)
        assert "token_revoked" in here.closed[0] and inbox.waiting(home.inbox) == 1
    with Slack() as slack:
        slack.channels = here.slack.channels
        with running(home, slack):
            until(lambda: inbox.waiting(home.inbox) == 0)
        assert [m["thread_ts"] for m in slack.answers(CHANNEL)] == [ts]


def test_a_bug_is_recorded_and_does_not_stop_the_others(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.slack.worker.TRIES", 1)
    monkeypatch.setattr("ui.slack.answers.answer_message", lambda *_, **__: 1 / 0)
    here.mention(ORDERS)
    here.idle()
    assert "ZeroDivisionError" in (here.home.root / "errors.log").read_text(encoding="utf-8")
    monkeypatch.undo()
    here.answered(here.mention(ORDERS))
