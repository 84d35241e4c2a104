"""Asking a shop through the LLM door, with the scripted server in the model's place."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from agent.ask import ask
from agent.principal import Principal
from agent.settings import Settings
from agent.watch import Watch
from evals.audit import audit
from store.paths import Home
from tests.servers.openai import Server
from tests.servers.replies import Reply

QUICK = Settings("scripted", seconds=20.0)


@dataclass
class Door:
    """`seconds` is how long the last turn took, `told` the messages of its requests, the last request last."""

    home: Home
    store: str
    server: Server
    seconds: float = 0.0
    thread: str = field(default_factory=lambda: uuid4().hex)

    def ask(
        self,
        question: str,
        replies: Sequence[Reply],
        *,
        thread: str | None = None,
        repeat: bool = False,
        settings: Settings = QUICK,
        watch: Watch | None = None,
        audited: bool = True,
        said: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The answer to one question, of a conversation of its own unless `thread` names one. Audited, unless told not to.

        `said` are the conversation's questions before.
        """
        self.server.script(replies, repeat=repeat)
        here = replace(settings, base_url=settings.base_url or self.server.base_url)
        started = time.monotonic()
        answer = ask(Principal(self.home, self.store), thread or uuid4().hex, question, settings=here, watch=watch)
        self.seconds = time.monotonic() - started
        if audited:
            assert audit(answer, self.home, self.store, question="\n".join([*said, question])) == []
        return answer

    @property
    def told(self) -> list[list[dict[str, Any]]]:
        return [request["messages"] for request in self.server.requests]


@contextmanager
def opened(home: Home, store: str, folder: Path) -> Iterator[Door]:
    """A door to a copy of a home: conversations are written down in the store they are about."""
    copy = folder / "home"
    shutil.copytree(home.root, copy)
    with Server() as server:
        yield Door(Home(copy), store, server)
