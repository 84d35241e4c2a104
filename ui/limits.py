"""How often somebody may ask, and how much may be sent at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000  # bytes
REMEMBERED = 10_000  # people, the last that came

Refuse = Callable[[Scope, Receive, Send], object]


@dataclass
class Limiter:
    """So many a minute each, of which `burst` may come at once."""

    per_minute: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, who: str) -> float:
        """Seconds until the next may come; 0 where it may now, which counts."""
        with self._lock:
            now, rate = self.clock(), self.per_minute / 60
            left, seen = self._left.pop(who, (self.burst, now))
            left = min(self.burst, left + (now - seen) * rate)
            self._left[who] = (left - 1 if left >= 1 else left, now)
            while len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
            return 0.0 if left >= 1 else (1 - left) / rate


async def whole_body(receive: Receive, most: int = LARGEST_BODY) -> bytes | None:
    """The request's body; None as soon as it is larger, or where whoever sent it has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


class BodyCap:
    """Takes bodies sent to `prefixes` in before anything is done about them; `too_large` answers the larger ones."""

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...], too_large: ASGIApp) -> None:
        self._app, self._prefixes, self._too_large = app, prefixes, too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        body = None if _told(scope) > LARGEST_BODY else await whole_body(receive)
        if body is None:
            await self._too_large(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)


def _told(scope: Scope) -> int:
    """What the request says of its length."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(said) if said.isdigit() else 0


def _again(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return waiting.pop() if waiting else await receive()

    return receiving
