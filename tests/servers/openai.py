"""A scripted OpenAI-compatible server: chat completions, streaming and not, driven by a list of replies.

`with Server(replies) as server:` in tests; `python -m tests.servers.openai --script FILE --port N` by itself, where
FILE holds a JSON list of replies. `server.requests` are the bodies that it was sent, `server.wire` all of their bytes.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.servers.replies import Reply, deltas, finish, message, whole

USAGE = (100, 20)
FOR_EVER = 3600.0
OVER: Reply = {"fault": "status", "code": 500, "type": "the script is over"}


class Server:
    """Gives its replies in turn, the last one again and again if `repeat`, the whole list again if `loop`."""

    def __init__(
        self, replies: Sequence[Reply] = (), *, repeat: bool = False, loop: bool = False, port: int = 0
    ) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.wire: list[bytes] = []
        self.paths: list[str] = []  # of every request, whatever it was for
        self.open = 0  # answers being written
        self.stopping = threading.Event()
        self._repeat, self._loop, self._next = repeat, loop, 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def script(self, replies: Sequence[Reply], *, repeat: bool = False) -> None:
        """Begins anew with other replies."""
        with self._lock:
            self.replies, self._next, self._repeat = list(replies), 0, repeat
            self.requests, self.headers, self.wire = [], [], []

    def taken(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            if self._next >= len(self.replies):
                if self._repeat and self.replies:
                    return self.replies[-1]
                if not self._loop or not self.replies:
                    return OVER
                self._next = 0
            self._next += 1
            return self.replies[self._next - 1]

    def wait(self, seconds: float) -> None:
        """Until then, or until the server stops."""
        self.stopping.wait(seconds)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        scripted = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    scripted: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.scripted.paths.append(self.path)
        self._json(404, {"error": {"message": f"there is no {self.path}"}})

    def do_POST(self) -> None:
        self.scripted.paths.append(self.path)
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.scripted.wire.append(f"{self.requestline}\n{self.headers}".encode("latin-1") + sent)
        body = json.loads(sent)
        if not self.path.endswith("/chat/completions"):
            return self._json(404, {"error": {"message": f"there is no {self.path}"}})
        reply = self.scripted.taken(body, {name.lower(): value for name, value in self.headers.items()})
        self.scripted.open += 1
        try:
            return self._answer(reply, body)
        except OSError:  # the client hung up
            self.close_connection = True
        finally:
            self.scripted.open -= 1

    def _answer(self, reply: Reply, body: dict[str, Any]) -> None:
        if "fault" in reply:
            return WAYS[reply["fault"]](self, reply)
        said = message(reply)
        reason = reply.get("finish", finish(said))
        used = dict(zip(("prompt_tokens", "completion_tokens"), reply.get("usage", USAGE), strict=True))
        used["total_tokens"] = sum(used.values())
        if not body.get("stream"):
            choice = {"index": 0, "message": whole(said), "finish_reason": reason}
            return self._json(200, {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"],
                                    "choices": [choice], "usage": used})  # fmt: skip
        self._stream()
        for delta in deltas(said):
            self._event(_chunk(delta))
        self._event(_chunk({}, reason))
        if body.get("stream_options", {}).get("include_usage"):
            self._event(_chunk(None) | {"usage": used})
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _json(self, code: int, body: dict[str, Any], **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _event(self, data: dict[str, Any]) -> None:
        self._send(f"data: {json.dumps(data)}\n\n".encode())

    def _send(self, data: bytes) -> None:
        """A chunk of the body; an empty one ends it."""
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _half(self) -> None:
        self._stream()
        for delta in deltas({"content": None, "tool_calls": [("query_metrics", '{"metrics": ["rev')]}):
            self._event(_chunk(delta))

    def _cut(self) -> None:
        """Resets the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _say_nothing(self, seconds: float) -> None:
        """Until then. OSError where the client hangs up, or the server stops."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            heard = select.select([self.connection], [], [], 0.02)[0]
            if self.scripted.stopping.is_set() or (heard and not self.connection.recv(1, socket.MSG_PEEK)):
                raise ConnectionAbortedError

    def _letters(self, pause: float, size: int) -> Iterator[None]:
        self._stream()
        end = time.monotonic() + FOR_EVER
        while time.monotonic() < end and not self.scripted.stopping.is_set():
            self._event(_chunk({"content": "a" * size}))
            self.scripted.wait(pause)
            yield


def _chunk(delta: dict[str, Any] | None, reason: str | None = None) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": choices}


def _status(h: _Handler, reply: Reply) -> None:
    headers = {name: str(reply[name]) for name in ("retry_after", "location") if name in reply}
    kind = reply.get("type", "error")
    h._json(reply["code"], {"error": {"message": kind, "type": kind, "code": kind}}, **headers)


def _reset(h: _Handler, reply: Reply) -> None:
    h._cut()


def _half(h: _Handler, reply: Reply) -> None:
    h._half()
    h._cut()


def _ends(h: _Handler, reply: Reply) -> None:
    h._half()
    h._send(b"")


def _stalls(h: _Handler, reply: Reply) -> None:
    h._half()
    h._say_nothing(FOR_EVER)


def _silent(h: _Handler, reply: Reply) -> None:
    h._say_nothing(reply.get("seconds", FOR_EVER))
    h._answer({"text": "too late"}, {"stream": True})


def _drip(h: _Handler, reply: Reply) -> None:
    list(h._letters(0.05, 1))


def _flood(h: _Handler, reply: Reply) -> None:
    list(h._letters(0.0, 10_000))


def _garbage(h: _Handler, reply: Reply) -> None:
    h.send_response(200)
    h.send_header("Content-Type", "application/json")
    h.send_header("Content-Length", "16")
    h.end_headers()
    h.wfile.write(b"<html>oops</html"[:16])


def _events(*bodies: bytes) -> Callable[[_Handler, Reply], None]:
    def send(h: _Handler, reply: Reply) -> None:
        h._stream()
        for body in bodies:
            h._send(b"data: " + body + b"\n\n")
        h._send(b"")

    return send


WAYS: dict[str, Callable[[_Handler, Reply], None]] = {
    "status": _status,
    "reset": _reset,
    "half": _half,
    "ends": _ends,
    "stalls": _stalls,
    "silent": _silent,
    "drip": _drip,
    "flood": _flood,
    "garbage": _garbage,
    "no json": _events(b'{"choices": [', b"[DONE]"),
    "null": _events(b'{"id": "x", "choices": null}', b'{"choices": [{}]}', b"[DONE]"),
    "error": _events(b'{"error": {"message": "out of memory", "type": "server_error"}}'),
    "nothing": _events(b"[DONE]"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--script", type=Path, required=True, help="a JSON list of replies")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--once", action="store_true", help="give the list once, not again and again")
    asked = parser.parse_args()
    replies = json.loads(asked.script.read_text(encoding="utf-8"))
    with Server(replies, loop=not asked.once, port=asked.port) as server:
        print(server.base_url, flush=True)
        with suppress(KeyboardInterrupt):
            server.wait(FOR_EVER * 24)


if __name__ == "__main__":
    main()
