"""Slack under load: twenty threads at once, from a signed event to its acknowledgement, and to its answer.

The bot is `./storewise slack --http` in a process of its own; Slack's Web API is a stub here that agrees to everything
and notes when each thread got its answer. Each thread asks about a day of its own, and then on.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx2

from evals.bench.doors import CHECKOUT, CONVERSATIONS, GOAL, built, count
from evals.bench.figures import Figure, Measured, figure
from store.errors import UserError
from store.paths import Home
from store.teams import add_team

ACK_GOAL = 200.0  # ms, p95
TEAM, SECRET, STORE = "T0BENCH", "bench", "bench"
QUESTIONS = ("revenue on {day:%-d %B %Y}", "and orders?", "and units sold?")
SECONDS = 120.0  # that an answer is waited for
DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")


@dataclass
class Stub:
    """Slack's Web API, as far as the bot needs it: what it says in each thread, and when."""

    said: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)  # ts of a message → its thread
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, method: str, sent: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            ts = f"{time.time():.6f}"
            if method == "auth.test":
                return {"user_id": "U0BOT", "bot_id": "B0BOT", "team_id": TEAM}
            if method == "chat.startStream":
                self.streams[ts] = sent["thread_ts"]
            if method in ("chat.stopStream", "chat.postMessage"):
                thread = sent.get("thread_ts") or self.streams[sent["ts"]]
                self.said.setdefault(thread, []).append((time.perf_counter(), json.dumps(sent.get("blocks"))))
            return {"ts": ts, "channel": "C0BENCH", "messages": [], "files": []}


@contextmanager
def stub() -> Iterator[tuple[Stub, str]]:
    slack = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_json = "json" in self.headers.get("Content-Type", "")
            done = slack.call(self.path.removeprefix("/api/"), json.loads(text) if is_json else dict(parse_qsl(text)))
            body = json.dumps({"ok": True, **done}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield slack, f"http://127.0.0.1:{server.server_address[1]}/api/"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Load:
    """What came of it, in ms."""

    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def measured(data: Sequence[Path]) -> Measured:
    """On the export of --data (online-retail), else on a demo shop."""
    with tempfile.TemporaryDirectory() as folder, stub() as (slack, api):
        home = Home(Path(folder))
        days = built(home, data)
        add_team(home, TEAM, STORE, "analyst")
        with _bot(home, api) as url:
            asyncio.run(_asked(url, slack, days[:1], Load()))  # the planner is loaded
            load = Load()
            asyncio.run(_asked(url, slack, days, load))
    figures: list[Figure] = [
        figure("acknowledged, 20 threads at once", load.acks, ACK_GOAL),
        figure("answered, 20 threads at once", load.answers, GOAL),
        count("errors", load.errors),
    ]
    note = f"{len(load.answers)} answers in {CONVERSATIONS} threads at once, {os.cpu_count()} cores, over HTTP."
    return Measured("slack", figures, [note, *load.errors[:3]])


@contextmanager
def _bot(home: Home, api: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {"SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": api}
    command = [sys.executable, "-m", "ui", "slack", "--http", "--port", str(port)]
    with (home.root / "server.log").open("wb") as log:
        environment = {**os.environ, "STOREWISE_HOME": str(home.root), **keys}
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        process.terminate()
        process.wait(90)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(url, timeout=2).status_code == 401:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise UserError("The bot did not start: ./storewise slack --http shows why.")


async def _asked(url: str, slack: Stub, days: Sequence[Any], load: Load) -> None:
    async with httpx2.AsyncClient(timeout=SECONDS) as client:
        await asyncio.gather(*(_thread(client, url, slack, day, load) for day in days))


async def _thread(client: httpx2.AsyncClient, url: str, slack: Stub, day: Any, load: Load) -> None:
    """Each question as soon as the one before is answered."""
    root = f"{time.time():.6f}{uuid4().int % 1000:03d}"
    for n, question in enumerate(QUESTIONS):
        began = time.perf_counter()
        body = json.dumps(_event(question.format(day=day), root if n == 0 else f"{root}{n}", root))
        reply = await client.post(url, content=body, headers=_signed(body))
        load.acks.append((time.perf_counter() - began) * 1000)
        if reply.status_code != 200:
            load.errors.append(f"{question}: status {reply.status_code}")
            return
        found = await _answer(slack, root, n, began)
        if found is None:
            load.errors.append(f"{question.format(day=day)}: not answered")
            return
        load.answers.append((found[0] - began) * 1000)
        if f"{day:%-d %b %Y}" not in DAY.findall(found[1]):
            load.errors.append(f"{question.format(day=day)}: {found[1][:200]}")


async def _answer(slack: Stub, root: str, number: int, began: float) -> tuple[float, str] | None:
    while time.perf_counter() - began < SECONDS:
        said = slack.said.get(root, [])
        if len(said) > number:
            return said[number]
        await asyncio.sleep(0.01)
    return None


def _event(text: str, ts: str, root: str) -> dict[str, Any]:
    inner = {
        "type": "app_mention",
        "user": "U0ANN",
        "text": f"<@U0BOT> {text}",
        "ts": ts,
        "channel": "C0BENCH",
        "team": TEAM,
    }
    thread = {} if ts == root else {"thread_ts": root}
    return {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{uuid4().hex}", "event": inner | thread}


def _signed(body: str) -> dict[str, str]:
    stamp = str(int(time.time()))
    mark = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}", "Content-Type": "application/json"}
