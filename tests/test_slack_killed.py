"""`./storewise slack` killed between a question and its answer: started again, it answers once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store import inbox
from store.paths import Home
from store.state import all_turns
from tests.servers.slack import APP_TOKEN, BOT, BOT_TOKEN, TEAM, Fault, Slack
from tests.servers.slack_socket import Socket, mention
from tests.slack_bot import ANN, CHANNEL, copied, shown, until

CHECKOUT = Path(__file__).parent.parent
MONTHS = "revenue by month in 2024"
STARTS = 240.0  # seconds, on a busy machine


@contextmanager
def bot(home: Home, slack: Slack, socket: Socket) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ, "STOREWISE_HOME": str(home.root), "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.url,
    }  # fmt: skip
    with (home.root / "slack.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ui", "slack"], cwd=CHECKOUT, env=environment, stderr=log)
    try:
        until(lambda: socket.connected or process.poll() is not None, STARTS)
        yield process
    finally:
        process.kill()
        process.wait(30)
        until(lambda: not socket.connected)


def killed_once(home: Home, slack: Slack, socket: Socket, when: Callable[[], object]) -> str:
    """Asked of a process that is killed when `when` holds, and answered by the next one; the question's ts."""
    ts = slack.say(CHANNEL, ANN, f"<@{BOT}> {MONTHS}")
    with bot(home, slack, socket) as process:
        socket.acked(socket.deliver("events_api", mention(CHANNEL, ANN, MONTHS, ts)))
        until(when, STARTS)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    slack.faults.clear()
    with bot(home, slack, socket):
        until(lambda: inbox.waiting(home.inbox) == 0, STARTS)
    return ts


@pytest.fixture
def home(tiny_home: Home, tmp_path: Path) -> Home:
    return copied(tiny_home, tmp_path / "home")


@pytest.mark.slow
@pytest.mark.parametrize("method", [
    "chat.startStream", "chat.appendStream", "chat.stopStream", "files.getUploadURLExternal", "files.completeUploadExternal",
])  # fmt: skip
@pytest.mark.parametrize("kind", ["wait", "late"])
def test_killed_before_and_after_each_step(home: Home, method: str, kind: str) -> None:
    with Slack() as slack, Socket(slack) as socket:
        slack.fail(method, Fault(kind, seconds=3600))
        reached: Callable[[], object] = lambda: slack.called(method) if kind == "late" else slack.held.get(method)  # noqa: E731
        ts = killed_once(home, slack, socket, reached)
        answers = [m for m in slack.said(CHANNEL) if m.get("thread_ts") == ts and not m.get("files")]
        assert len(answers) == 1 and "receipt" in shown(answers[0]).lower() and slack.streams == set()
        assert len(slack.files(CHANNEL)) == 1 and slack.refused == []
        assert len(all_turns(home.store("tiny") / "state.sqlite", f"slack:{TEAM}:{CHANNEL}:{ts}")) == 1


@pytest.mark.slow
def test_only_one_answers_from_a_home(home: Home) -> None:
    with Slack() as slack, Socket(slack) as socket, bot(home, slack, socket):
        other = subprocess.run(
            [sys.executable, "-m", "ui", "slack"], cwd=CHECKOUT, capture_output=True, text=True, timeout=STARTS, check=False,
            env={**os.environ, "STOREWISE_HOME": str(home.root), "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN,
                 "SLACK_API_URL": slack.url},
        )  # fmt: skip
        assert other.returncode == 1 and "Another ./storewise slack" in other.stderr


@pytest.mark.slow
def test_it_ends_in_order_and_says_why_it_must(home: Home) -> None:
    with Slack() as slack, Socket(slack) as socket:
        with bot(home, slack, socket) as process:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STARTS) == 0
        with bot(home, slack, socket) as process:
            slack.fail("*", Fault("error", times=999, error="token_revoked"))
            ts = slack.say(CHANNEL, ANN, MONTHS)
            socket.acked(socket.deliver("events_api", mention(CHANNEL, ANN, MONTHS, ts)))
            assert process.wait(STARTS) == 1
            assert "token_revoked" in (home.root / "slack.log").read_text(encoding="utf-8")
        assert inbox.waiting(home.inbox) == 1
