"""Which models are on this machine, and that with --local-only no other is sent a byte."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.settings import Settings, settings_from
from store.paths import Home
from tests.servers.door import QUICK, Door, opened
from tests.servers.openai import Server
from tests.servers.replies import Reply
from tools.contract import UserError
from ui.__main__ import main

ELSEWHERE = "http://models.example/v1"
REVENUE: Reply = {"calls": [{"tool": "query_metrics", "args": {"metrics": ["revenue"], "period": "2024"}}]}
TOLD: Reply = {"answer": "{r1.0.revenue}."}


@pytest.fixture(scope="module")
def door(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(tiny_home, "tiny", tmp_path_factory.mktemp("here")) as door:
        yield door


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000/v1", "http://localhost/v1", "https://LOCALHOST:1/", "http://127.8.9.10", "http://[::1]:8000/v1",
     "HTTP://[0:0:0:0:0:0:0:1]/v1", "http://me:secret@127.0.0.1:8000/v1"],
)  # fmt: skip
def test_addresses_of_this_machine(address: str) -> None:
    assert Settings("m", address).stays_here
    assert settings_from({"OPENAI_BASE_URL": address}, "m", local_only=True).base_url == address


@pytest.mark.parametrize(
    "address",
    ["http://localhost.evil.example/v1", "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example/v1",
     "http://127.0.0.1:80@evil.example/", "http://evil.example/127.0.0.1", "http://evil.example#@127.0.0.1/",
     "http://evil.example?@127.0.0.1/", "http://evil.example\\@127.0.0.1/", "http://127.0.0.1\\@evil.example/",
     "http://[::1].evil.example/", "http://[::1]evil.example/", "http://[::1]@evil.example/", "http://localhost./v1",
     "http://127.0.0.1./v1", "http://127.1/v1", "http://2130706433/", "http://0x7f.0.0.1/", "http://127.0.0.999/",
     "http://0.0.0.0/", "http://[::]/", "http://[fe80::1]/", "http://[::1%25eth0]/", "http://１２７.0.0.1/",
     "http://local\nhost/", "http://localhost:8000:9/", "http://localhost%00.evil.example/", "http://10.0.0.1/v1",
     "http://host.docker.internal/v1", "https://api.openai.com/v1", "//localhost/v1", "ftp://localhost/", "localhost", ""],
)  # fmt: skip
def test_addresses_elsewhere(address: str) -> None:
    assert not Settings("m", address).stays_here


def test_where_no_address_is_said_it_is_elsewhere() -> None:
    assert not Settings("m").stays_here and Settings().stays_here


@pytest.mark.parametrize(
    ("text", "only"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", False)]
)
def test_the_switch_in_the_environment(text: str, only: bool) -> None:
    assert settings_from({"STOREWISE_LOCAL_ONLY": text}).local_only is only


def test_a_switch_that_says_neither_is_an_error() -> None:
    with pytest.raises(UserError, match="STOREWISE_LOCAL_ONLY is 'maybe': set it to 1 or 0"):
        settings_from({"STOREWISE_LOCAL_ONLY": "maybe"})


@pytest.mark.parametrize("environ", [{"OPENAI_API_KEY": "k"}, {"OPENAI_BASE_URL": ELSEWHERE}])
def test_with_local_only_a_model_elsewhere_is_refused_when_it_is_named(environ: dict[str, str]) -> None:
    for settings in (lambda: settings_from(environ, "m", local_only=True),
                     lambda: settings_from(environ | {"STOREWISE_LOCAL_ONLY": "1"}, "m")):  # fmt: skip
        with pytest.raises(UserError, match="'m' is not on this machine .*use --model local"):
            settings()
    assert settings_from(environ, local_only=True).is_local


@pytest.mark.parametrize("command", [["ask", "revenue?", "--store", "tiny"], ["chat"]])
def test_the_commands_refuse_it_too(
    door: Door, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STOREWISE_HOME", str(door.home.root))
    monkeypatch.setenv("OPENAI_BASE_URL", ELSEWHERE)
    monkeypatch.setattr(sys, "argv", ["storewise", *command, "--model", "m", "--local-only"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "The model 'm' is not on this machine (models.example)" in " ".join(capsys.readouterr().err.split())


def test_with_local_only_a_model_elsewhere_is_sent_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.server.paths.clear()
    looked_up: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: looked_up.append(host))
    answer = door.ask(
        "revenue in 2024", [REVENUE], settings=replace(QUICK, base_url=ELSEWHERE, local_only=True), audited=False
    )
    assert answer["status"] == "error" and "is not on this machine (models.example)" in answer["error"]
    assert (door.server.wire, door.server.paths, looked_up) == ([], [], [])


def test_no_line_to_a_model_elsewhere_is_opened() -> None:
    from agent.llm.client import model_of

    async def opened_line() -> None:
        async with model_of(replace(QUICK, base_url=ELSEWHERE, local_only=True)):
            raise AssertionError("it was opened")

    with pytest.raises(UserError, match="not on this machine"):
        asyncio.run(opened_line())


def test_the_last_gate_holds_alone(door: Door) -> None:
    from agent.llm.private import Private
    from agent.llm.talk import Talk
    from agent.work import Work
    from store.connect import open_store

    store = open_store(door.home, "tiny")
    talk = Talk("revenue", [], Work(store, store.today), replace(QUICK, base_url=ELSEWHERE, local_only=True))

    async def handler(request: Any) -> Any:
        raise AssertionError("it was sent")

    with pytest.raises(UserError, match="not on this machine"):
        asyncio.run(Private(talk).awrap_model_call(None, handler))


def test_with_local_only_a_model_of_this_machine_answers(door: Door) -> None:
    answer = door.ask(
        "revenue in 2024", [REVENUE, {"answer": "{r1.0.revenue}."}], settings=replace(QUICK, local_only=True)
    )
    assert answer["answer"] == "£4,388.80."


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_comes_between_a_model_of_this_machine_and_us(
    door: Door, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with Server([{"decline": "I am the proxy."}], repeat=True) as proxy:
        monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
        monkeypatch.setenv("OPENAI_PROXY", proxy.base_url.removesuffix("/v1"))
        answer = door.ask("revenue in 2024", [REVENUE, {"answer": "{r1.0.revenue}."}], settings=QUICK)
        assert answer["answer"] == "£4,388.80." and proxy.paths == []
        elsewhere = door.ask("revenue in 2024", [], settings=replace(QUICK, base_url=ELSEWHERE))
        assert elsewhere["answer"] == "I am the proxy." and len(proxy.paths) == 1
