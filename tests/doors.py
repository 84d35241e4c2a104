"""What tests of the doors share: a request as the gate lets it through, and an app with nothing else in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, FastAPI

from agent.principal import Person
from agent.settings import Settings
from store.paths import Home
from ui.answering import answerer
from ui.api.counted import Counted, CountRequests
from ui.api.routes import USUAL, Limits, add_api
from ui.desk import Answerer, Desk
from ui.gate import PERSON, Gate
from ui.mcp import McpDoor, mcp_routes


def came_from(person: Person) -> Any:
    """What Gradio hands to the page's functions for somebody's request."""
    return SimpleNamespace(request=SimpleNamespace(scope={PERSON: person}))


def gated(home: Home, router: APIRouter, required: bool = False) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    app.add_middleware(Gate, home=home, required=required)
    return app


def api_app(
    home: Home, required: bool = False, answering: Answerer | None = None, limits: Limits = USUAL, owner: str = ""
) -> FastAPI:
    """The API behind its gate, without the page."""
    counted = Counted()
    desk = Desk(counted.answering(answering or answerer(home, Settings())))
    counted.watch(lambda: len(desk))
    mcp = McpDoor(desk)
    app = FastAPI(title="Storewise", lifespan=stopping(desk, mcp))
    add_api(app, desk, counted, limits)
    app.router.routes += mcp_routes(mcp)
    app.add_middleware(Gate, home=home, required=required, owner=owner)
    app.add_middleware(CountRequests, counted=counted)
    return app


def stopping(desk: Desk, mcp: McpDoor) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.run():
            yield
        desk.stop_all()

    return lifespan
