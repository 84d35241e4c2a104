"""The server that runs on this machine: announced in the home folder, and asked by the command line.

It has its models loaded, and is asked only where it would answer as the command line itself: with the same settings.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.settings import Settings
from agent.watch import Step, Watch
from store.errors import UserError
from store.paths import Home

if TYPE_CHECKING:
    import httpx2

CONNECT, SILENT = 1.0, 60.0  # seconds to wait for a connection, and for a word of an answer
BUSY = 409
EVENT = "data: "
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


@dataclass(frozen=True)
class Serving:
    """`secret` lets in whoever may read the home folder, as the machine's owner."""

    url: str
    secret: str
    settings: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def marked(settings: Settings) -> str:
    """The same for settings that answer alike. The key to a model elsewhere isn't part of it."""
    return hashlib.sha256(repr(settings).encode()).hexdigest()


@contextmanager
def announced(home: Home, settings: Settings, host: str, port: int, secret: str) -> Iterator[None]:
    """Until it ends, the command line finds the server. Only the folder's owner may read where."""
    name = EVERYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
    said = json.dumps({"url": f"http://{name}:{port}", "secret": secret, "settings": marked(settings)})
    new = home.serving.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(said)
    new.replace(home.serving)
    try:
        yield
    finally:
        found = _announced(home)
        if found and found.secret == secret:  # another server may have come since
            home.serving.unlink(missing_ok=True)


def _announced(home: Home) -> Serving | None:
    try:
        return Serving(**json.loads(home.serving.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def asked_there(
    home: Home, settings: Settings, store: str, thread: str, question: str, watch: Watch
) -> dict[str, Any] | None:
    """The answer object of the server that runs; None where none does, or it can't take the question just now.

    UserError where it took it and there is no answer.
    """
    found = _announced(home)
    if found is None or found.settings != marked(settings):
        return None
    import httpx2

    body = {"model": f"storewise/{store}", "stream": True, "messages": [{"role": "user", "content": question}]}
    headers = {"Authorization": f"Bearer {found.secret}", "X-Thread-Id": thread}
    taken = False
    try:
        with (
            httpx2.Client(timeout=httpx2.Timeout(SILENT, connect=CONNECT), trust_env=False) as client,
            client.stream("POST", f"{found.url}/v1/chat/completions", json=body, headers=headers) as reply,
        ):
            if taken := reply.status_code == 200:
                return _answer(reply, watch)
            if reply.status_code == BUSY:
                raise UserError(json.loads(reply.read())["error"]["message"])
            return None
    except (httpx2.HTTPError, ValueError) as error:
        if not taken:
            return None
        raise UserError("The Storewise that runs here stopped before it had answered: ask again.") from error


def _answer(reply: httpx2.Response, watch: Watch) -> dict[str, Any]:
    for line in reply.iter_lines():
        event = json.loads(line.removeprefix(EVENT)) if line.startswith(EVENT + "{") else {}
        if step := event.get("storewise_step"):
            watch.on_step(Step(**step))
        if answer := event.get("storewise"):
            return dict(answer)
        if error := event.get("error"):
            raise UserError(error["message"])
    raise ValueError("The stream ended without an answer.")
