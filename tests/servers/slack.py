"""A Slack of this machine: its Web API, and its socket (`slack_socket.py`). It refuses what the real one refuses.

`with Slack() as slack:` in tests; `slack.said(channel)` are the messages as people see them, `slack.calls` what was
called with which fields, `slack.refused` what was wrong with them. Faults are told with `slack.fail`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from tests.servers.slack_forms import wrong

TEAM, BOT, BOT_ID, APP = "T0001", "U0BOT", "B0BOT", "A0001"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-here", "xapp-here", "a signing secret"
JSON_FIELDS = ("files", "metadata", "blocks", "chunks", "view", "prompts")


@dataclass
class Fault:
    """What becomes of the next `times` calls of a method ("*": any).

    "status" answers so (with Retry-After), "error" refuses with Slack's code, "drop" hangs up at once, "lose" does what
    was asked and hangs up before its answer, "wait" begins after `seconds`, "late" does it and answers after `seconds`.
    """

    kind: str
    times: int = 1
    status: int = 429
    retry_after: float | None = None
    error: str = ""
    seconds: float = 0.0


@dataclass
class Call:
    method: str
    sent: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


class Slack:
    """`channels` holds the messages by channel, `streams` those that are being written, `uploads` the files' bytes."""

    def __init__(self) -> None:
        self.channels: dict[str, list[dict[str, Any]]] = {}
        self.streams: set[str] = set()
        self.uploads: dict[str, dict[str, Any]] = {}
        self.calls: list[Call] = []
        self.refused: list[str] = []
        self.views: dict[str, dict[str, Any]] = {}
        self.prompts: list[dict[str, Any]] = []
        self.faults: dict[str, list[Fault]] = {}
        self.held: dict[str, bool] = {}  # methods that a fault has made wait
        self.expire_streams = False
        self.socket_url = ""
        self.lock = threading.RLock()
        self._numbers = count(1)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/api/"

    def __enter__(self) -> Slack:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # What tests do and see

    def reset(self) -> None:
        """As if nothing had been said, and nothing went wrong."""
        with self.lock:
            self.channels, self.streams, self.uploads, self.faults = {}, set(), {}, {}
            self.calls.clear()
            self.expire_streams = False

    def ts(self) -> str:
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def say(self, channel: str, user: str, text: str, thread: str | None = None) -> str:
        """Somebody's message; its ts."""
        message = {"type": "message", "user": user, "text": text, "ts": self.ts()}
        return self._put(channel, message | ({"thread_ts": thread} if thread else {}))

    def forget(self, channel: str, ts: str) -> None:
        with self.lock:
            self.channels[channel] = [m for m in self.channels.get(channel, []) if m["ts"] != ts]

    def said(self, channel: str) -> list[dict[str, Any]]:
        """What the bot has said there, finished or not."""
        return [m for m in self.channels.get(channel, []) if m["user"] == BOT]

    def answers(self, channel: str) -> list[dict[str, Any]]:
        """What the bot has said there for good, files aside."""
        return [m for m in self.said(channel) if m["ts"] not in self.streams and not m.get("files")]

    def files(self, channel: str) -> list[dict[str, Any]]:
        return [file for m in self.said(channel) for file in m.get("files", [])]

    def fail(self, method: str, fault: Fault) -> None:
        self.faults.setdefault(method, []).append(fault)

    def called(self, method: str) -> list[dict[str, Any]]:
        return [call.sent for call in self.calls if call.method == method]

    # What the API does

    def call(self, method: str, sent: dict[str, Any], token: str) -> dict[str, Any]:
        with self.lock:
            self.calls.append(Call(method, sent))
            if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
                return _error("invalid_auth" if token else "not_authed")
            if problem := wrong(method, sent):
                self.refused.append(f"{method}: {problem}")
                return _error(problem.partition(":")[0])
            done = DO[method](self, sent)
            if not done.get("ok", True):
                return done
            return {"ok": True, **done}

    def _put(self, channel: str, message: dict[str, Any]) -> str:
        with self.lock:
            self.channels.setdefault(channel, []).append(message)
        return str(message["ts"])

    def _find(self, channel: str, ts: str) -> dict[str, Any] | None:
        return next((m for m in self.channels.get(channel, []) if m["ts"] == ts), None)

    def auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": "https://here.slack.com/", "team": "here", "team_id": TEAM, "user": "storewise",
                "user_id": BOT, "bot_id": BOT_ID}  # fmt: skip

    def open_socket(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.socket_url}

    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        channel, thread = sent["channel"], sent.get("thread_ts")
        if thread and self._find(channel, thread) is None:
            return _error("thread_not_found")
        message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "ts": self.ts(), "steps": [], **sent}
        return {"channel": channel, "ts": self._put(channel, message), "message": message}

    def update(self, sent: dict[str, Any]) -> dict[str, Any]:
        message = self._find(sent["channel"], sent["ts"])
        if message is None or message["user"] != BOT:
            return _error("message_not_found" if message is None else "cant_update_message")
        self.streams.discard(sent["ts"])
        message.update(sent)
        return {"channel": sent["channel"], "ts": sent["ts"]}

    def delete(self, sent: dict[str, Any]) -> dict[str, Any]:
        if self._find(sent["channel"], sent["ts"]) is None:
            return _error("message_not_found")
        self.forget(sent["channel"], sent["ts"])
        return {}

    def start_stream(self, sent: dict[str, Any]) -> dict[str, Any]:
        if not sent["channel"].startswith("D"):
            for name in ("recipient_team_id", "recipient_user_id"):
                if not sent.get(name):
                    return _error(f"missing_{name}")
        if not str(sent.get("recipient_user_id", "U")).startswith(("U", "W")):
            return _error("user_not_found")
        chunks = sent.pop("chunks", [])
        done = self.post({k: v for k, v in sent.items() if k in ("channel", "thread_ts")})
        if "ts" in done:
            self.streams.add(done["ts"])
            done["message"]["steps"] += chunks
        return done

    def append_stream(self, sent: dict[str, Any]) -> dict[str, Any]:
        message = self._find(sent["channel"], sent["ts"])
        if message is None or sent["ts"] not in self.streams or self.expire_streams:
            return _error("message_not_in_streaming_state")
        message["steps"] += sent.get("chunks", [])
        return {"channel": sent["channel"], "ts": sent["ts"]}

    def stop_stream(self, sent: dict[str, Any]) -> dict[str, Any]:
        done = self.append_stream(sent)
        if "ts" in done:
            self.streams.discard(sent["ts"])
            message = self._find(sent["channel"], sent["ts"]) or {}
            message.update({key: sent[key] for key in ("blocks", "metadata") if key in sent})
        return done

    def publish(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.views[sent["user_id"]] = sent["view"]
        return {"view": {"id": "V1", **sent["view"]}}

    def prompt(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.prompts.append(sent)
        return {}

    def upload_url(self, sent: dict[str, Any]) -> dict[str, Any]:
        file = f"F{next(self._numbers):04d}"
        self.uploads[file] = {"length": int(sent["length"]), "name": sent["filename"], "alt": sent.get("alt_txt")}
        return {"file_id": file, "upload_url": self.url.replace("/api/", f"/upload/{file}")}

    def complete_upload(self, sent: dict[str, Any]) -> dict[str, Any]:
        files = [{**self.uploads[f["id"]], **f} for f in sent["files"]]
        if any("data" not in file for file in files):
            return _error("file_not_found")
        if channel := sent.get("channel_id"):
            done = self.post({"channel": channel, **({"thread_ts": sent["thread_ts"]} if "thread_ts" in sent else {})})
            if "ts" not in done:
                return done
            done["message"]["files"] = files
        return {"files": [{"id": file["id"], "title": file.get("title")} for file in files]}

    def open_im(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": "D" + sent["users"]}}

    def history(self, sent: dict[str, Any]) -> dict[str, Any]:
        oldest = float(sent.get("oldest", 0))
        thread = sent.get("ts")
        found = [
            _as_read(m, bool(sent.get("include_all_metadata")))
            for m in self.channels.get(sent["channel"], [])
            if float(m["ts"]) >= oldest and (thread is None or thread in (m["ts"], m.get("thread_ts")))
        ]
        if thread and not found and self._find(sent["channel"], thread) is None:
            return _error("thread_not_found")
        return {"messages": found, "has_more": False}

    def nothing(self, _: dict[str, Any]) -> dict[str, Any]:
        return {}


DO: dict[str, Callable[[Slack, dict[str, Any]], dict[str, Any]]] = {
    "auth.test": Slack.auth_test,
    "apps.connections.open": Slack.open_socket,
    "chat.postMessage": Slack.post,
    "chat.update": Slack.update,
    "chat.delete": Slack.delete,
    "chat.startStream": Slack.start_stream,
    "chat.appendStream": Slack.append_stream,
    "chat.stopStream": Slack.stop_stream,
    "views.publish": Slack.publish,
    "assistant.threads.setStatus": Slack.nothing,
    "assistant.threads.setTitle": Slack.nothing,
    "assistant.threads.setSuggestedPrompts": Slack.prompt,
    "files.getUploadURLExternal": Slack.upload_url,
    "files.completeUploadExternal": Slack.complete_upload,
    "conversations.open": Slack.open_im,
    "conversations.history": Slack.history,
    "conversations.replies": Slack.history,
}


def _as_read(message: dict[str, Any], metadata: bool) -> dict[str, Any]:
    read = {k: v for k, v in message.items() if k != "metadata" or metadata}
    return read | {"files": [{"id": f["id"], "name": f["name"]} for f in message.get("files", [])]}


def _error(code: str) -> dict[str, Any]:
    return {"ok": False, "error": code}


def _handler(slack: Slack) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        server_of = slack

    return Handler


class _Handler(BaseHTTPRequestHandler):
    server_of: Slack
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/upload/"):
            return self._upload(self.path.removeprefix("/upload/"), body)
        method = self.path.removeprefix("/api/")
        fault = self._fault(method)
        if fault and fault.kind in ("status", "error", "drop"):
            self.server_of.calls.append(Call(f"{method} ({fault.kind})", {}))
            return self._failed(fault)
        if fault and fault.kind == "wait":
            self.server_of.held[method] = True
            time.sleep(fault.seconds)
        done = self.server_of.call(
            method, self._sent(body), self.headers.get("Authorization", "").removeprefix("Bearer ")
        )
        if fault and fault.kind == "lose":
            return self._hang_up()
        if fault and fault.kind == "late":
            time.sleep(fault.seconds)
        return self._json(200, done)

    def _sent(self, body: bytes) -> dict[str, Any]:
        text = body.decode()
        if "json" in self.headers.get("Content-Type", ""):
            return dict(json.loads(text))
        found: dict[str, Any] = dict(parse_qsl(text, keep_blank_values=True))
        return {k: json.loads(v) if k in JSON_FIELDS else v for k, v in found.items()}

    def _fault(self, method: str) -> Fault | None:
        with self.server_of.lock:
            for name in (method, "*"):
                for fault in self.server_of.faults.get(name, []):
                    if fault.times > 0:
                        fault.times -= 1
                        return fault
        return None

    def _failed(self, fault: Fault) -> None:
        if fault.kind == "drop":
            return self._hang_up()
        if fault.kind == "error":
            return self._json(200, _error(fault.error))
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        return self._json(fault.status, _error("ratelimited"), headers)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)

    def _upload(self, file: str, body: bytes) -> None:
        upload = self.server_of.uploads[file]
        if len(body) != upload["length"]:
            return self._json(400, _error("length"))
        upload["data"] = body
        return self._json(200, {"ok": True})

    def _json(self, status: int, value: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)
