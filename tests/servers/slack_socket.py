"""The other half of a local Slack: events over its socket, as Socket Mode sends them, and signed over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.servers.slack import APP, BOT, SECRET, TEAM, Slack


class Socket:
    """Envelopes to whoever has connected; `acks` holds what came back for each, and after how many seconds."""

    def __init__(self, slack: Slack) -> None:
        self.acks: dict[str, tuple[float, Any]] = {}
        self._sent: dict[str, float] = {}
        self._connections: list[ServerConnection] = []
        self._server = serve(self._talk, "127.0.0.1", 0)
        slack.socket_url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Socket:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _talk(self, connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}}))
        self._connections.append(connection)
        try:
            for message in connection:
                said = json.loads(message)
                began = self._sent[said["envelope_id"]]
                self.acks[said["envelope_id"]] = (time.monotonic() - began, said.get("payload"))
        except ConnectionClosed:
            pass
        finally:
            self._connections.remove(connection)

    @property
    def connected(self) -> int:
        return len(self._connections)

    def deliver(self, kind: str, payload: dict[str, Any], retry: int = 0) -> str:
        """Sends an envelope ("events_api", "slash_commands", "interactive"); its id."""
        envelope = str(uuid4())
        about = {"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}
        self._sent[envelope] = time.monotonic()
        self._connections[-1].send(json.dumps(
            {"type": kind, "envelope_id": envelope, "accepts_response_payload": kind != "events_api", "payload": payload, **about}
        ))  # fmt: skip
        return envelope

    def acked(self, envelope: str, seconds: float = 60.0) -> tuple[float, Any]:
        """(seconds that it took, what came with it). AssertionError where none came."""
        until = time.monotonic() + seconds
        while envelope not in self.acks:
            assert time.monotonic() < until, "no acknowledgement"
            time.sleep(0.005)
        return self.acks[envelope]


def event(inner: dict[str, Any], team: str = TEAM) -> dict[str, Any]:
    """The body of the Events API around an event."""
    return {"token": "x", "team_id": team, "api_app_id": APP, "event": inner, "type": "event_callback",
            "event_id": f"Ev{uuid4().hex[:10]}", "event_time": int(time.time()), "is_ext_shared_channel": False,
            "authorizations": [{"team_id": team, "user_id": BOT, "is_bot": True}]}  # fmt: skip


def mention(channel: str, user: str, text: str, ts: str, thread: str | None = None, team: str = TEAM) -> dict[str, Any]:
    inner = {"type": "app_mention", "user": user, "text": f"<@{BOT}> {text}", "ts": ts, "channel": channel, "event_ts": ts,
             "team": team}  # fmt: skip
    return event(inner | ({"thread_ts": thread} if thread else {}), team)


def direct(channel: str, user: str, text: str, ts: str, thread: str | None = None, **more: Any) -> dict[str, Any]:
    inner = {"type": "message", "channel_type": "im", "user": user, "text": text, "ts": ts, "channel": channel,
             "event_ts": ts, "team": TEAM, **more}  # fmt: skip
    return event(inner | ({"thread_ts": thread} if thread else {}))


def changed(channel: str, before: dict[str, Any], text: str) -> dict[str, Any]:
    """A message was edited."""
    message = {**before, "text": text, "edited": {"user": before["user"], "ts": before["ts"]}}
    return event({"type": "message", "subtype": "message_changed", "channel": channel, "channel_type": "channel",
                  "message": message, "previous_message": before, "ts": "1.1", "event_ts": "1.1"})  # fmt: skip


def deleted(channel: str, before: dict[str, Any]) -> dict[str, Any]:
    return event({"type": "message", "subtype": "message_deleted", "channel": channel, "channel_type": "channel",
                  "deleted_ts": before["ts"], "previous_message": before, "ts": "1.2", "event_ts": "1.2"})  # fmt: skip


def command(channel: str, user: str, text: str, team: str = TEAM) -> dict[str, Any]:
    return {"token": "x", "team_id": team, "team_domain": "here", "channel_id": channel, "channel_name": "sales",
            "user_id": user, "user_name": "ann", "command": "/storewise", "text": text, "api_app_id": APP,
            "is_enterprise_install": "false", "response_url": "https://hooks.slack.com/x",
            "trigger_id": f"{uuid4().int % 10**10}.1.x"}  # fmt: skip


def press(channel: str, user: str, message: dict[str, Any], button: dict[str, Any]) -> dict[str, Any]:
    """A button of a message is pressed."""
    action = {k: button[k] for k in ("type", "action_id", "value") if k in button} | {
        "block_id": "b",
        "action_ts": f"{time.time():.6f}",
    }
    return {"type": "block_actions", "team": {"id": TEAM, "domain": "here"}, "user": {"id": user, "team_id": TEAM},
            "api_app_id": APP, "token": "x", "trigger_id": f"{uuid4().int % 10**10}.2.x", "channel": {"id": channel, "name": "x"},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "message": message, "actions": [action], "response_url": "https://hooks.slack.com/y"}  # fmt: skip


def signed(body: str, secret: str = SECRET, age: float = 0.0) -> dict[str, str]:
    """The headers with which Slack would send a body, `age` seconds ago."""
    stamp = str(int(time.time() - age))
    mark = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}


def over_http(payload: dict[str, Any]) -> tuple[str, str]:
    """(body, content type) of an event, a command or a press, as Slack posts it."""
    if payload.get("type") == "block_actions":
        return urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
    if "command" in payload:
        return urlencode(payload), "application/x-www-form-urlencoded"
    return json.dumps(payload), "application/json"
