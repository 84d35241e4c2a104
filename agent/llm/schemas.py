"""The tools as a model is told of them: from their signatures and docstrings, without what is bound here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints

from agent.toolbox import TOOLS

ANY = str | dict[str, str] | None  # a property without a type is refused by some servers
BOUND = frozenset({"store", "today"})  # given by the principal and the clock, never by a model


def tool_schemas() -> list[dict[str, Any]]:
    """Each tool in the form of OpenAI's function calling; made once, so nobody may change them."""
    return [_schema(name, tool) for name, (tool, *_) in TOOLS.items()]


@cache
def _schema(name: str, tool: Callable[..., Any]) -> dict[str, Any]:
    function = {"name": name, "description": _description(tool), "parameters": _parameters(tool)}
    return {"type": "function", "function": function}


def _description(tool: Callable[..., Any]) -> str:
    """The docstring without the lines on bound arguments."""
    lines = (inspect.getdoc(tool) or "").split("\n")
    return "\n".join(line for line in lines if not re.match(rf"({'|'.join(sorted(BOUND))}):", line))


def _parameters(tool: Callable[..., Any]) -> dict[str, Any]:
    from pydantic import create_model

    function = inspect.unwrap(tool)
    hints = get_type_hints(function, localns={"Store": object})
    fields: dict[str, Any] = {
        name: (ANY if hints[name] is Any else hints[name], ... if p.default is p.empty else p.default)
        for name, p in inspect.signature(function).parameters.items()
        if name not in BOUND
    }
    schema = create_model(tool.__name__, **fields).model_json_schema()
    properties = {name: {k: v for k, v in p.items() if k != "title"} for name, p in schema["properties"].items()}
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}
