"""POST /v1/chat/completions: a message in OpenAI's form becomes a question, and the proven answer a reply.

Nothing of an answer is sent before it was checked against its receipts. While it is worked on, a stream carries events
of its own: chunks whose choices are empty of content, with the key `storewise_step`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from agent.principal import Person, Principal
from agent.watch import Step
from store.errors import UserError
from store.state import Key
from ui.api.context import dialog_of, without_a_name
from ui.api.forms import ChatRequest
from ui.api.refused import OF_DESK, Refused
from ui.desk import LOOKS, Asked, Desk, Running

MODEL = "storewise"
QUIET = 10.0  # seconds after which a stream says that it is still there
LONGEST_NAME = 256


@dataclass(frozen=True)
class Named:
    """What the headers say: the conversation's name, and the key under which the message is answered once."""

    thread: str | None = None
    key: str | None = None


def put(desk: Desk, person: Person, request: ChatRequest, named: Named) -> Running:
    """The question on its way. Refused where it can't be asked."""
    principal, dialog = asker(person, request.model), dialog_of(request)
    thread = _printable(named.thread or request.user, "X-Thread-Id")
    asked = Asked(principal, thread, dialog.question) if thread else without_a_name(principal, dialog)
    if key := _printable(named.key, "Idempotency-Key"):
        mark = hashlib.sha256(json.dumps([request.model, thread, dialog.said]).encode()).hexdigest()
        asked = replace(asked, key=Key(f"{principal.who}:{key}", mark))
    try:
        return desk.put(replace(asked, door="http"))
    except UserError as error:
        raise Refused(OF_DESK.get(type(error), "overloaded"), str(error), wait=1.0) from error


def asker(person: Person, model: str) -> Principal:
    """Who asks which store. Refused for a store that isn't there for them."""
    base, _, name = model.partition("/")
    names = person.names()
    if base != MODEL:
        raise Refused("model_not_found", f"There is no model {model!r}: there are {_models(names)}.", param="model")
    if not name and len(names) == 1:
        name = names[0]
    if not name:
        raise Refused("model_not_found", f"Say which store is meant: {_models(names)}.", param="model")
    try:
        return person.at(name)
    except UserError as error:
        raise Refused("model_not_found", str(error), param="model") from error


def _models(names: list[str]) -> str:
    return ", ".join(f"{MODEL}/{name}" for name in names) or "none yet"


def _printable(text: str | None, what: str) -> str | None:
    if text and (len(text) > LONGEST_NAME or not text.isprintable()):
        raise Refused("invalid_request", f"{what} has at most {LONGEST_NAME} printable characters.", param=what)
    return text or None


async def finished(running: Running, seconds: float) -> dict[str, Any]:
    """The answer object. Refused where it takes longer, or where there is none; what takes longer is still finished."""
    try:
        async with asyncio.timeout(seconds):
            async for now in running.follow():
                if now.answer is not None:
                    return _answered(now.answer)
    except TimeoutError:
        raise _late(seconds) from None
    raise AssertionError("following ends with the answer")


def _answered(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["status"] == "error":
        raise Refused("overloaded", str(answer["error"]), answer=answer)
    return answer


def _late(seconds: float) -> Refused:
    said = f"Not answered within {seconds:g} s. It is still worked on: ask again with the same Idempotency-Key."
    return Refused("deadline", said)


def reply(answer: Mapping[str, Any], model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer["answer"]}
    return {
        **_head(answer, model), "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _usage(answer), "storewise": answer,
    }  # fmt: skip


def _head(answer: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The same for the same turn, however often it is sent."""
    named = f"{answer['store']}/{answer['thread_id']}/{answer['turn']}"
    id = f"chatcmpl-{hashlib.sha256(named.encode('utf-8', 'replace')).hexdigest()[:24]}"
    return {"id": id, "created": int(time.time()), "model": model}


def _usage(answer: Mapping[str, Any]) -> dict[str, int]:
    read, written = answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


async def streamed(running: Running, request: ChatRequest, seconds: float) -> AsyncIterator[str]:
    """Server-sent events: the steps as they happen, then the answer, and the answer object with the last chunk."""
    head = {"id": f"chatcmpl-{uuid4().hex[:24]}", "created": int(time.time()), "model": request.model}
    head["object"] = "chat.completion.chunk"
    yield _event({**head, **_choice({"role": "assistant", "content": ""})})
    told: dict[int, Step] = {}
    try:
        async for step in _steps(running, told, seconds):
            yield _event({**head, **_choice({}), "storewise_step": _step(step)}) if step else ": still at it\n\n"
        answer = _answered(running.answer or {})
    except Refused as refused:
        yield _event(refused.body)
        yield "data: [DONE]\n\n"
        return
    yield _event({**head, **_choice({"content": answer["answer"]})})
    last = {**head, **_choice({}, "stop")}
    if request.stream_options and request.stream_options.include_usage:
        yield _event(last)
        last = {**head, "choices": [], "usage": _usage(answer)}
    yield _event({**last, "storewise": answer})
    yield "data: [DONE]\n\n"


async def _steps(running: Running, told: dict[int, Step], seconds: float) -> AsyncIterator[Step | None]:
    """Each step as it begins and as it ends, until the answer is there; None after a while of nothing.

    Refused where it takes too long.
    """
    spoken = time.monotonic()
    until, done = spoken + seconds, False
    while not done:
        done = running.answer is not None
        for step in list(running.steps.values()):
            if told.get(step.id) != step:
                told[step.id], spoken = step, time.monotonic()
                yield step
        now = time.monotonic()
        if now > until and not done:
            raise _late(seconds)
        if now - spoken > QUIET:
            spoken = now
            yield None
        await asyncio.sleep(0 if done else LOOKS)


def _step(step: Step) -> dict[str, Any]:
    shown = asdict(step)
    return {key: shown[key] for key in ("id", "tool", "said", "status", "ms")}


def _choice(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish}]}


def _event(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=True)}\n\n"
