"""The line to an OpenAI-compatible server: the client of one turn, and what its errors mean.

Imported only where a model is asked: LangChain and the OpenAI client take seconds.
"""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx2
import openai
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from agent.settings import OPENAI, Settings

LARGEST = 4_000_000  # bytes of one response
TO_CONNECT = 10.0  # seconds
PASSING = frozenset({408, 409, 429})  # client errors that may be gone when asked again


class CutOff(Exception):
    """A reply of which only a part is there."""


@asynccontextmanager
async def model_of(settings: Settings) -> AsyncIterator[ChatOpenAI]:
    """The chat model over a connection of its own, closed with the turn: so a turn that ends hangs up.

    A server that says nothing for half the turn is given up, while there is time to ask again. Redirections are not
    followed, and a model of this machine is asked without the environment's proxies: a shop's data goes where the
    settings say, and nowhere else.
    """
    settings.refuse_elsewhere()
    patience = httpx2.Timeout(settings.seconds / 2, connect=min(TO_CONNECT, settings.seconds / 2))
    manners: dict[str, Any] = {"event_hooks": {"response": [_cap]}, "follow_redirects": False, "verify": _tls()}
    manners["trust_env"] = not settings.stays_here

    async def key() -> str:  # a key that is awaited: no second, synchronous client is made beside
        return settings.api_key or "none"

    async with openai.DefaultAsyncHttpxClient(timeout=patience, **manners) as line:
        yield _Whole(
            model=settings.model,
            base_url=settings.base_url or OPENAI,  # always said: else the environment could point it elsewhere
            api_key=key,
            timeout=patience,
            max_retries=0,  # ours know the deadline
            streaming=True,
            stream_usage=True,
            stream_chunk_timeout=None,  # the deadline sees to that
            http_async_client=line,
            openai_proxy=None,
        )


@dataclass
class _Call:
    """A tool call as far as it has come in."""

    id: str
    name: str = ""
    pieces: list[str] = field(default_factory=list)


class _Whole(ChatOpenAI):
    """ChatOpenAI whose streams give each tool call in one piece, at their end.

    LangChain closes the brackets of arguments that stop in the middle and goes on without the rest: a condition less,
    and the figure is another one. Here such a call is malformed. It also reads every piece as if it were whole, which
    takes the square of its length.
    """

    _calls: dict[int, _Call] = PrivateAttr(default_factory=dict)

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        self._calls = {}
        async for chunk in super()._astream(*args, **kwargs):
            yield chunk
        whole = [
            tool_call_chunk(name=c.name, args=_whole("".join(c.pieces)), id=c.id, index=i)
            for i, c in self._calls.items()
        ]
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=whole))

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or {}
            for piece in delta.pop("tool_calls", None) or []:
                self._add(piece)
            if isinstance(delta.get("content"), str):
                delta["content"] = _encodable(delta["content"])
        return super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)

    def _add(self, piece: dict[str, Any]) -> None:
        """Puts a piece to the call that it belongs to. Servers leave out the index or the id, or call every one 0."""
        told, named, function = piece.get("index"), piece.get("id"), piece.get("function") or {}
        index = told if isinstance(told, int) else max(0, len(self._calls) - (not function.get("name")))
        if named and index in self._calls and self._calls[index].id != named:
            index = len(self._calls)
        call = self._calls.setdefault(index, _Call(named or f"call_{index}"))
        call.name += function.get("name") or ""
        call.pieces.append(function.get("arguments") or "")


def _whole(args: str) -> str:
    """The arguments if they are a JSON object, else what can't be taken for one. Half characters are replaced: nothing
    could store or send them."""
    try:
        given = json.loads(args or "{}")
    except ValueError:
        return f"malformed: {args[:200]}"
    return _encodable(json.dumps(given if isinstance(given, dict) else {}, ensure_ascii=False))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache
def _tls() -> ssl.SSLContext:
    """Made once: the certificates take a twentieth of a second to read."""
    return httpx2.create_ssl_context()


class _Capped(httpx2.AsyncByteStream):
    """A response's bytes, of which there may not be any number."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self.stream:
            size += len(part)
            if size > LARGEST:
                raise CutOff(f"a response of more than {LARGEST} bytes")
            yield part

    async def aclose(self) -> None:
        await self.stream.aclose()


async def _cap(response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Capped(response.stream)


@dataclass(frozen=True)
class Trouble:
    """What an error of a request comes to: a key of agent/texts.py, and the wait after which to ask again, if at all.

    `wait` is the server's own (Retry-After, seconds), else None.
    """

    why: str
    passing: bool
    wait: float | None = None

    def pause(self, attempt: int, first: float) -> float:
        """Seconds until the next attempt (0 is the first retry): twice as long each time, and never in step."""
        return first * 2**attempt * random.uniform(0.5, 1.5) if self.wait is None else self.wait


def trouble(error: Exception) -> Trouble:
    """Whatever is no error of the connection or a status is a reply that can't be read."""
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError):  # a timeout is one of both
        return Trouble("unreachable", True)
    if not isinstance(error, openai.APIStatusError):
        return Trouble("broken", True)
    status, wait = error.status_code, _retry_after(error.response.headers.get("retry-after"))
    if status == 429:
        return Trouble("busy", error.code != "insufficient_quota", wait)
    if status >= 500 or status in PASSING:
        return Trouble("unreachable", True, wait)
    return Trouble("refused", False)


def _retry_after(text: str | None) -> float | None:
    """Seconds, from a number of them or a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
