"""MCP: the agent's own tools and `ask`, for other agents, with the rights of whoever connects."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from agent.llm.schemas import tool_schemas
from agent.principal import Person
from agent.settings import Settings
from evals.audit import audit
from store.paths import Home
from store.publish import publish
from store.users import create_token
from tests.conftest import build_tiny
from tests.doors import api_app
from ui.answering import answerer
from ui.api.routes import Limits
from ui.desk import Desk
from ui.mcp import ROWS, named, server

Talk = Callable[[Client], Awaitable[Any]]


@pytest.fixture(scope="module")
def home(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """ "tiny", and beside it "secretshop"."""
    root = tmp_path_factory.mktemp("mcp") / "home"
    shutil.copytree(tiny_home.root, root)
    publish(Home(root), "secretshop", build_tiny, format="tests")
    return Home(root)


def talked(home: Home, talk: Talk, store: str | None = "tiny") -> Any:
    """What comes of a talk with the server as it runs over stdio."""

    async def run() -> Any:
        desk = Desk(answerer(home, Settings()))
        try:
            async with Client(server(lambda _: named(Person(home), store, "--store"), desk)) as client:
                return await talk(client)
        finally:
            desk.stop_all()

    return asyncio.run(run())


def talked_http(home: Home, talk: Talk, secret: str, path: str = "/mcp") -> Any:
    """The same over streamable HTTP, signed in with a token."""

    async def run() -> Any:
        app = api_app(home, required=True, limits=Limits(100_000, 100_000))
        line = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), headers={"Authorization": f"Bearer {secret}"})
        ours = streamable_http_client(f"http://127.0.0.1{path}", http_client=line)
        async with app.router.lifespan_context(app), line, Client(ours) as client:
            return await talk(client)

    return asyncio.run(run())


async def asks_twice(client: Client) -> list[Any]:
    first = await client.call_tool("ask", {"question": "how many orders in 2024"})
    thread = first.structured_content["thread_id"]
    return [first, await client.call_tool("ask", {"question": "and in 2023?", "conversation": thread})]


def test_the_tools_are_those_of_the_agent_as_it_is_told_of_them(home: Home) -> None:
    tools = talked(home, lambda client: client.list_tools()).tools
    ours = {t["function"]["name"]: t["function"] for t in tool_schemas()}
    assert [t.name for t in tools] == ["ask", *ours]
    for tool in tools[1:]:
        assert (tool.description, tool.input_schema) == (ours[tool.name]["description"], ours[tool.name]["parameters"])
    assert all(t.annotations.read_only_hint for t in tools)


def test_a_question_and_the_next_one(home: Home) -> None:
    for first, second in (talked(home, asks_twice), talked_http(home, asks_twice, token(home))):
        assert not first.is_error and first.content[0].text == first.structured_content["answer"]
        assert second.structured_content["turn"] == 2 and "2023" in second.structured_content["answer"]
        assert first.structured_content["thread_id"] in first.content[1].text
        assert audit(first.structured_content, home, "tiny", question="how many orders in 2024") == []


def token(home: Home) -> str:
    return create_token(home, "agent", "analyst", ["tiny"], timedelta(days=1))[1]


def test_a_tool_gives_its_receipt_and_is_told_what_is_wrong(home: Home) -> None:
    async def talk(client: Client) -> list[Any]:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("query_metrics", {"metrics": ["revenue"], "by": ["product", "day"], "limit": 5000}),
            ("query_metrics", {"metrics": ["charm"]}), ("query_metrics", {"nonsense": 1}), ("no_such_tool", {}),
            ("query_metrics", {"metrics": ["revenue"], "store": "secretshop"}), ("query_metrics", {"metrics": ["revenue"], "today": "2031-01-01"}),
            ("run_sql", {"sql": "SELECT email FROM customers"}), ("ask", {}), ("ask", {"question": 7}), ("ask", {"question": "orders", "conversation": "x" * 65}),
        ]  # fmt: skip
        return [await client.call_tool(name, args) for name, args in calls]

    good, *bad = talked(home, talk)
    found = good.structured_content
    assert (
        not good.is_error
        and found["sql"]
        and len(found["rows"]) == min(ROWS, found["row_count"])
        and "revenue (GBP)" in good.content[0].text
    )
    assert found["truncated"] == (found["row_count"] > ROWS)
    for each in bad:
        assert each.is_error and each.structured_content is None and "Traceback" not in each.content[0].text
    assert "takes no store" in bad[3].content[0].text and "takes no today" in bad[4].content[0].text


def test_which_store_is_the_sessions_to_say(home: Home) -> None:
    async def talk(client: Client) -> Any:
        return await client.call_tool("data_coverage", {})

    several = talked(home, talk, store=None)
    assert several.is_error and "Say which store" in several.content[0].text
    assert not talked(home, talk, store="secretshop").is_error
    secret = token(home)
    assert not talked_http(home, talk, secret).is_error and not talked_http(home, talk, secret, "/mcp/tiny").is_error
    said = [talked_http(home, talk, secret, f"/mcp/{name}") for name in ("secretshop", "nowhere")]
    assert all(each.is_error for each in said) and "There are: tiny." in said[0].content[0].text
    assert said[0].content[0].text.replace("secretshop", "X") == said[1].content[0].text.replace("nowhere", "X")


def test_a_bug_in_a_tool_is_written_down_and_not_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("quite wrong")

    monkeypatch.setattr("agent.toolbox.call", broken)

    async def talk(client: Client) -> Any:
        return await client.call_tool("data_coverage", {})

    found = talked(home, talk)
    assert found.is_error and "quite wrong" not in found.content[0].text
    assert "quite wrong" in (home.root / "errors.log").read_text()
