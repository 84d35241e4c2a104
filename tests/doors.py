"""What tests of the doors share: a request as the gate lets it through, and an app with nothing else in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, FastAPI

from agent.principal import Person
from store.paths import Home
from ui.gate import PERSON, Gate


def came_from(person: Person) -> Any:
    """What Gradio hands to the page's functions for somebody's request."""
    return SimpleNamespace(request=SimpleNamespace(scope={PERSON: person}))


def gated(home: Home, router: APIRouter, required: bool = False) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    app.add_middleware(Gate, home=home, required=required)
    return app
