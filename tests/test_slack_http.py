"""Slack over HTTP: signed, recent and new, or refused; behind the gate that everybody else has to pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from store import inbox
from store.errors import UserError
from store.paths import Home
from tests.servers.slack import BOT, SECRET, Fault, Slack
from tests.servers.slack_socket import command, event, mention, over_http, press, signed
from tests.slack_bot import ANN, CHANNEL, buttons, copied, running, until
from ui.gate import Gate
from ui.slack.keys import keys_from
from ui.slack.routes import ADDRESS, slack_routes

ORDERS = "how many orders in 2024"


class Web:
    """Requests as Slack sends them."""

    def __init__(self, client: TestClient, slack: Slack, home: Home) -> None:
        self.client, self.slack, self.home = client, slack, home

    def send(
        self, payload: dict[str, Any], headers: dict[str, str] | None = None, secret: str = SECRET, age: float = 0
    ) -> Any:
        body, kind = over_http(payload)
        marks = signed(body, secret, age) if headers is None else headers
        return self.client.post(ADDRESS, content=body, headers={"Content-Type": kind, **marks})

    def question(self) -> tuple[str, dict[str, Any]]:
        ts = self.slack.say(CHANNEL, ANN, f"<@{BOT}> {ORDERS}")
        return ts, mention(CHANNEL, ANN, ORDERS, ts)

    def answers(self, ts: str) -> list[dict[str, Any]]:
        until(lambda: inbox.waiting(self.home.inbox) == 0)
        return [m for m in self.slack.answers(CHANNEL) if m.get("thread_ts") == ts]


@pytest.fixture(scope="module")
def web(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    home = copied(tiny_home, tmp_path_factory.mktemp("http") / "home")
    with Slack() as slack, running(home, slack) as door:
        app = FastAPI()
        app.router.routes += slack_routes(door)
        app.add_middleware(Gate, home=home, required=True, open_paths=(ADDRESS,))
        with TestClient(app) as client:
            yield Web(client, slack, home)
        assert slack.refused == []


def test_a_signed_event_is_answered(web: Web) -> None:
    ts, body = web.question()
    assert web.send(body).status_code == 200 and len(web.answers(ts)) == 1


def test_slack_tries_an_address(web: Web) -> None:
    reply = web.send({"type": "url_verification", "challenge": "abc", "token": "x"})
    assert reply.status_code == 200 and "abc" in reply.text


def test_commands_and_buttons(web: Web) -> None:
    assert web.send(command(CHANNEL, ANN, ORDERS)).text == "I'm answering in our direct messages."
    ts, body = web.question()
    web.send(body)
    message = web.answers(ts)[0]
    receipt = next(b for b in buttons(message) if b["action_id"] == "receipt")
    assert web.send(press(CHANNEL, ANN, message, receipt)).status_code == 200
    assert len(web.answers(ts)) == 2


@pytest.mark.parametrize("headers", [
    {}, {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"}, {"X-Slack-Signature": "v0=00"},
    {"X-Slack-Request-Timestamp": "x", "X-Slack-Signature": "v0="}, {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": ""},
])  # fmt: skip
def test_what_is_not_signed_is_refused(web: Web, headers: dict[str, str]) -> None:
    ts, body = web.question()
    assert web.send(body, headers).status_code == 401 and web.answers(ts) == []


def test_what_is_signed_with_another_secret_is_refused(web: Web) -> None:
    ts, body = web.question()
    assert web.send(body, secret="another secret").status_code == 401
    assert web.send(body, secret="").status_code == 401 and web.answers(ts) == []


def test_what_was_changed_on_its_way_is_refused(web: Web) -> None:
    ts, body = web.question()
    marks = signed(json.dumps(body))
    body["event"]["text"] += " and everything else"
    assert web.send(body, marks).status_code == 401 and web.answers(ts) == []


@pytest.mark.parametrize("age", [400, -400])
def test_what_is_too_old_is_refused(web: Web, age: float) -> None:
    ts, body = web.question()
    assert web.send(body, age=age).status_code == 401 and web.answers(ts) == []


def test_a_request_that_is_played_again_is_refused(web: Web) -> None:
    ts, body = web.question()
    marks = signed(json.dumps(body))
    assert [web.send(body, marks).status_code for _ in range(3)] == [200, 401, 401]
    assert len(web.answers(ts)) == 1


def test_slacks_own_second_delivery_is_taken_and_answered_once(web: Web) -> None:
    ts, body = web.question()
    assert web.send(body).status_code == 200
    assert web.send(body, age=1).status_code == 200 and len(web.answers(ts)) == 1


def test_the_rest_of_the_house_stays_closed(web: Web) -> None:
    for path in ("/", "/slack", "/slack/events/..", "/v1/stores"):
        assert web.client.get(path).status_code == 401
    assert web.client.get(ADDRESS).status_code == 405


def test_a_body_that_is_too_large_is_refused(web: Web) -> None:
    assert web.client.post(ADDRESS, content=b"x" * 1_100_000).status_code == 413


def test_what_cannot_be_written_down_is_not_acknowledged(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bool:
        raise UserError("the disk is full")

    ts, body = web.question()
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "put", full)
        assert web.send(body).status_code == 500
    assert web.send(body, age=1).status_code == 200 and len(web.answers(ts)) == 1


def test_events_for_nobody_are_acknowledged(web: Web) -> None:
    assert web.send(event({"type": "channel_rename", "channel": {"id": "C2"}})).status_code == 200


# The keys


def test_keys_are_asked_for_by_name() -> None:
    with pytest.raises(UserError, match="SLACK_BOT_TOKEN is not set"):
        keys_from({}, http=False)
    with pytest.raises(UserError, match="SLACK_BOT_TOKEN is not what it should be: it begins with xoxb-"):
        keys_from({"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xapp-1"}, http=False)
    with pytest.raises(UserError, match="SLACK_APP_TOKEN"):
        keys_from({"SLACK_BOT_TOKEN": "xoxb-1"}, http=False)
    with pytest.raises(UserError, match="SLACK_SIGNING_SECRET"):
        keys_from({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": " "}, http=True)
    keys = keys_from({"SLACK_BOT_TOKEN": "xoxb-1 ", "SLACK_SIGNING_SECRET": "s"}, http=True)
    assert keys.bot == "xoxb-1" and "xoxb" not in repr(keys)


def test_a_bot_token_that_slack_refuses_is_said(tiny_home: Home) -> None:
    with Slack() as slack:
        slack.fail("auth.test", Fault("drop"))
        slack.fail("auth.test", Fault("error", error="invalid_auth"))
        with pytest.raises(UserError, match=r"invalid_auth.*SLACK_BOT_TOKEN"), running(tiny_home, slack):
            pass
