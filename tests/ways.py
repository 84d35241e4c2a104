"""The same questions through every door: each way takes a conversation's questions and gives its answer objects."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx2
import openai
import uvicorn
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from typer.testing import CliRunner

from agent.principal import Person
from agent.settings import Settings
from store.paths import Home
from tests.doors import api_app, came_from
from ui.answering import answerer
from ui.api.routes import Limits
from ui.commands.chat import bound
from ui.desk import Desk
from ui.serving import announced, new_secret
from ui.web.page import Answers
from ui.web.shop import Shops
from ui.web.training import Trainings

CHECKOUT = Path(__file__).parent.parent
Answer = dict[str, Any]
OFTEN = Limits(per_minute=1_000_000, burst=1_000_000)


@dataclass(frozen=True)
class Served:
    """A server of the API and MCP on 127.0.0.1, a token that lets in, and the secret of its owner's command line."""

    home: Home
    store: str
    port: int
    token: str
    owner: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(home: Home, store: str, token: str) -> Iterator[Served]:
    """A real server, in a thread."""
    listening = bound("127.0.0.1", 17860)
    owner = new_secret()
    config = uvicorn.Config(api_app(home, required=True, limits=OFTEN, owner=owner), log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(home, store, listening.getsockname()[1], token, owner)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()


def same(answer: Answer) -> Any:
    """What must be equal whichever door an answer came through: all but its conversation and what it took.

    Sums that DuckDB's threads add in another order differ in their last digits.
    """
    kept = {key: answer[key] for key in ("store", "as_of", "status", "answer", "numbers", "charts", "options", "error")}
    receipts = [{k: v for k, v in r.items() if k != "elapsed_ms"} for r in answer["receipts"]]
    return _rounded({**kept, "receipts": receipts})


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


# OpenAI's client


def openai_named(at: Served, questions: Sequence[str]) -> list[Answer]:
    """A conversation that `user` names."""
    with openai.OpenAI(base_url=f"{at.url}/v1", api_key=at.token) as client:
        user = uuid4().hex
        return [_completed(client, at, [{"role": "user", "content": q}], user=user) for q in questions]


def openai_messages(at: Served, questions: Sequence[str]) -> list[Answer]:
    """A conversation that is in its messages alone, as chat programs send it."""
    with openai.OpenAI(base_url=f"{at.url}/v1", api_key=at.token) as client:
        messages: list[Any] = []
        answers = []
        for question in questions:
            messages.append({"role": "user", "content": question})
            answers.append(_completed(client, at, messages))
            messages.append({"role": "assistant", "content": answers[-1]["answer"]})
        return answers


def _completed(client: openai.OpenAI, at: Served, messages: list[Any], **more: Any) -> Answer:
    done = client.chat.completions.create(model=f"storewise/{at.store}", messages=messages, **more)
    answer: Answer = (done.model_extra or {})["storewise"]
    assert done.choices[0].message.content == answer["answer"] and done.choices[0].finish_reason == "stop"
    return answer


def openai_streamed(at: Served, questions: Sequence[str]) -> list[Answer]:
    with openai.OpenAI(base_url=f"{at.url}/v1", api_key=at.token) as client:
        user = uuid4().hex
        return [_streamed(client, at, question, user) for question in questions]


def _streamed(client: openai.OpenAI, at: Served, question: str, user: str) -> Answer:
    message: Any = {"role": "user", "content": question}
    chunks = [
        *client.chat.completions.create(model=f"storewise/{at.store}", messages=[message], user=user, stream=True)
    ]
    answer: Answer = (chunks[-1].model_extra or {})["storewise"]
    assert "".join(c.delta.content or "" for chunk in chunks for c in chunk.choices) == answer["answer"]
    return answer


# curl


def curl(at: Served, questions: Sequence[str]) -> list[Answer]:
    thread = uuid4().hex
    return [_curled(at, question, thread) for question in questions]


def _curled(at: Served, question: str, thread: str) -> Answer:
    body = json.dumps({"model": f"storewise/{at.store}", "messages": [{"role": "user", "content": question}]})
    headers = (f"Authorization: Bearer {at.token}", "Content-Type: application/json", f"X-Thread-Id: {thread}")
    command = ["curl", "-sS", "--fail-with-body", "-d", "@-", *(part for h in headers for part in ("-H", h))]
    ran = subprocess.run(
        [*command, f"{at.url}/v1/chat/completions"], input=body, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    answer: Answer = json.loads(ran.stdout)["storewise"]
    return answer


# MCP


def mcp_http(at: Served, questions: Sequence[str]) -> list[Answer]:
    async def run() -> list[Answer]:
        line = httpx2.AsyncClient(headers={"Authorization": f"Bearer {at.token}"}, timeout=300)
        async with line, Client(streamable_http_client(f"{at.url}/mcp/{at.store}", http_client=line)) as client:
            return await _asked(client, questions)

    return asyncio.run(run())


async def _asked(client: Client, questions: Sequence[str]) -> list[Answer]:
    thread, answers = uuid4().hex, []
    for question in questions:
        told = await client.call_tool("ask", {"question": question, "conversation": thread})
        answers.append(told.structured_content)
        assert told.content[0].text.startswith(answers[-1]["answer"])  # type: ignore[union-attr]
    return answers


def mcp_stdio(at: Served, conversations: Sequence[Sequence[str]]) -> list[list[Answer]]:
    """All conversations over one process."""
    arguments = ["-m", "ui", "mcp", "--store", at.store]
    process = StdioServerParameters(
        command=sys.executable, args=arguments, env={"STOREWISE_HOME": str(at.home.root)}, cwd=str(CHECKOUT)
    )

    async def run() -> list[list[Answer]]:
        async with Client(stdio_client(process)) as client:
            return [await _asked(client, questions) for questions in conversations]

    return asyncio.run(run())


# Command line and page


def command_line(at: Served, questions: Sequence[str]) -> list[Answer]:
    from ui.__main__ import app

    thread, runner = uuid4().hex, CliRunner(env={"STOREWISE_HOME": str(at.home.root)})
    asked = ["--store", at.store, "--thread", thread, "--json"]
    return [json.loads(runner.invoke(app, ["ask", *asked, "--", question]).stdout) for question in questions]


def command_line_there(at: Served, questions: Sequence[str]) -> list[Answer]:
    """Beside a server that runs, which it asks."""
    with announced(at.home, Settings(), "127.0.0.1", at.port, at.owner):
        return command_line(at, questions)


def page(at: Served, questions: Sequence[str]) -> list[Answer]:
    """What the page's script does: the event "ask", and the conversation as it is shown ever after."""
    desk, thread, person = Desk(answerer(at.home, Settings())), uuid4().hex[:20], Person(at.home)
    answers = Answers(Settings(), desk, Trainings(at.home))

    async def ask(question: str) -> list[Any]:
        event: Any = SimpleNamespace(_data={"store": at.store, "thread": thread, "text": question})
        return [shown async for shown in answers.ask(event, came_from(person))]

    for question in questions:
        shown = json.loads(asyncio.run(ask(question))[-1][0])
    desk.stop_all()
    turns, _ = Shops(person, Settings()).turns(at.store, thread)
    assert len(shown["turns"]) == len(turns)
    return [turn.answer for turn in turns]


One = Callable[[Served, Sequence[str]], list[Answer]]
WAYS: dict[str, One] = {
    "OpenAI's client": openai_named,
    "OpenAI's client, messages alone": openai_messages,
    "OpenAI's client, streamed": openai_streamed,
    "curl": curl,
    "MCP over HTTP": mcp_http,
    "command line": command_line,
    "command line, beside a server": command_line_there,
    "page": page,
}
