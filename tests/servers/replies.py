"""What the scripted server may be told to do, as data: replies of a model, and the faults of a server.

A reply is one of
  {"calls": [{"tool", "args"}, …]}           tool calls side by side; args as a text are sent as they stand
  {"answer": prose}, {"clarify": question, "options": […]}, {"decline": reason, "suggestions": […]}
  {"text": …}                                plain text and no outcome
  {"fault": name, …}                         one of FAULTS, with the fields that it reads
and may have "usage": [tokens read, tokens written] and "finish": the reason that the model stopped for.
"""

from __future__ import annotations

import json
from typing import Any

OUTCOMES = {"answer": ("Answer", "prose", ""), "clarify": ("Clarify", "question", "options"),
            "decline": ("Decline", "reason", "suggestions")}  # fmt: skip
FAULTS = {
    "status": "an HTTP status `code`; headers `retry_after` and `location`; `type` of the error",
    "reset": "the connection is reset before an answer",
    "half": "half a stream, then a reset",
    "ends": "half a stream, then an orderly end",
    "stalls": "half a stream, then silence",
    "silent": "the request is taken, and nothing comes for `seconds`",
    "drip": "a stream of single letters that never ends",
    "flood": "a stream that never ends, as fast as it can be read",
    "garbage": "a body that is neither JSON nor a stream of events",
    "no json": "events that hold no JSON",
    "null": "events whose choices are null",
    "error": "an error inside the stream",
    "nothing": "a stream that is over at once",
}

Reply = dict[str, Any]


def message(reply: Reply) -> dict[str, Any]:
    """The assistant's message: {"content": …, "tool_calls": [(name, arguments), …]}."""
    calls = [(c["tool"], c["args"]) for c in reply.get("calls", [])]
    for kind, (tool, text, choices) in OUTCOMES.items():
        if kind in reply:
            args = {text: reply[kind]} | ({choices: reply[choices]} if choices in reply else {})
            calls.append((tool, args))
    written = [(name, args if isinstance(args, str) else json.dumps(args)) for name, args in calls]
    return {"content": reply.get("text"), "tool_calls": written}


def deltas(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The message in pieces, as a stream brings it."""
    out: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    out += [{"content": part} for part in _pieces(said["content"] or "")]
    for index, (name, arguments) in enumerate(said["tool_calls"]):
        head = {"index": index, "id": f"call_{index}_{id(said)}", "type": "function"}
        out.append({"tool_calls": [head | {"function": {"name": name, "arguments": ""}}]})
        out += [{"tool_calls": [{"index": index, "function": {"arguments": p}}]} for p in _pieces(arguments)]
    return out


def whole(said: dict[str, Any]) -> dict[str, Any]:
    """The message in one piece."""
    calls = [
        {"id": f"call_{i}_{id(said)}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for i, (name, arguments) in enumerate(said["tool_calls"])
    ]
    return {"role": "assistant", "content": said["content"]} | ({"tool_calls": calls} if calls else {})


def finish(said: dict[str, Any]) -> str:
    return "tool_calls" if said["tool_calls"] else "stop"


def _pieces(text: str) -> list[str]:
    size = max(12, len(text) // 20)
    return [text[i : i + size] for i in range(0, len(text), size)]
