"""Nothing of a person's leaves this machine: the last middleware before a request, and the first behind its reply.

What is sent to a model elsewhere has placeholders for e-mail addresses, phone numbers, cards, accounts, machines'
addresses and customers' names; in what it replies they are replaced by the values again. So whatever else there is
(tools, receipts, proof, memory) works with the shop's own values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolCall, ToolMessage

from agent.llm.talk import Talk
from agent.privacy.known import known_of
from agent.privacy.vault import Vault

Change = Callable[[str], str]
Message = TypeVar("Message", bound=BaseMessage)
ROW = re.compile(r"([0-9]+ )(\[.*\])")
NOTE = (
    "Placeholders such as [NAME_1] or [PHONE_2] stand for people's names, contacts and accounts, which are kept from "
    "you. [NAME_1.2] is [NAME_1] in another spelling. Where a call needs one, copy it exactly, brackets too. In prose "
    "leave out [EMAIL_1] and the like: addresses can't be shown."
)


class Private(AgentMiddleware):
    """Masks what is sent to a model elsewhere. A model of this machine gets everything as it is."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self._vault: Vault | None = None

    async def awrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        settings = self.talk.settings
        settings.refuse_elsewhere()
        if settings.stays_here:
            return await handler(request)
        self._vault = vault = self._vault or Vault(known_of(self.talk.work.store))
        return restored(await handler(masked(request, vault)), vault)


def masked(request: ModelRequest, vault: Vault) -> ModelRequest:
    """The same request without anything of a person's. All of it is looked at before any of it is masked."""
    system = request.system_message or SystemMessage("")
    for message in (system, *request.messages):
        _changed(message, vault.look)
    system = _changed(system, vault.mask)
    messages = [_changed(message, vault.mask) for message in request.messages]
    if len(vault):
        system = SystemMessage(f"{system.text}\n\n{NOTE}")
    return request.override(system_message=system, messages=messages)


def restored(response: ModelResponse, vault: Vault) -> ModelResponse:
    """The same reply with the values in their places again."""
    ended = response.structured_response
    if ended is not None:
        ended = replace(ended, **{f.name: _deep(getattr(ended, f.name), vault.restore) for f in fields(ended)})
    result = [_restored(message, vault) for message in response.result]
    return replace(response, result=result, structured_response=ended)


def _changed(message: Message, change: Change) -> Message:
    """A message as it is sent: its text, what it calls, and whatever else goes with it."""
    content = message.content
    if isinstance(message, ToolMessage) and isinstance(content, str):
        content = "\n".join(_line(line, change) for line in content.split("\n"))
    else:
        content = _deep(content, change)
    update: dict[str, Any] = {"content": content, "additional_kwargs": _deep(message.additional_kwargs, change)}
    if isinstance(message, AIMessage):
        update |= _calls(message, change)
    return message.model_copy(update=update)


def _calls(message: AIMessage, change: Change) -> dict[str, Any]:
    """Their ids stay: results are sent under them."""
    made = [{**c, "name": change(c["name"]), "args": _deep(c["args"], change)} for c in message.tool_calls]
    malformed = [{**_deep(c, change), "id": c["id"]} for c in message.invalid_tool_calls]
    return {"tool_calls": made, "invalid_tool_calls": malformed}


def _line(line: str, change: Change) -> str:
    """A line of a tool's message. Of a row's cells only texts are changed: numbers are figures."""
    row = ROW.fullmatch(line)
    try:
        cells = json.loads(row[2]) if row else None
    except ValueError:
        cells = None
    if row is None or cells is None:
        return change(line)
    changed = _deep(cells, change)
    return line if changed == cells else row[1] + json.dumps(changed, ensure_ascii=False)


def _restored(message: Message, vault: Vault) -> Message:
    update: dict[str, Any] = {"content": _deep(message.content, vault.restore)}
    if isinstance(message, AIMessage):
        update |= {"tool_calls": [_call(call, vault) for call in message.tool_calls]}
        update |= {"invalid_tool_calls": _deep(message.invalid_tool_calls, vault.restore)}
    return message.model_copy(update=update)


def _call(call: ToolCall, vault: Vault) -> ToolCall:
    """A call with the values in its arguments; in SQL they stand inside quotes."""
    args = _deep(call["args"], vault.restore)
    if call["name"] == "run_sql" and isinstance(args.get("sql"), str):
        args["sql"] = vault.restore(call["args"]["sql"], _quoted)
    return {**call, "args": args}


def _quoted(value: str) -> str:
    """As it stands between SQL's quotes, which it may come from."""
    return value.replace("''", "'").replace("'", "''")


def _deep(value: Any, change: Change) -> Any:
    """Every text in it changed, names of fields too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_deep(key, change): _deep(inner, change) for key, inner in value.items()}
    return [_deep(inner, change) for inner in value] if isinstance(value, list | tuple) else value
