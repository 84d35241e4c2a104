"""What is counted, for /metrics: requests, answers and how long they took. No store, person or text is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.watch import Watch
from ui.desk import Answerer, Asked

PATHS = ("/v1/chat/completions", "/v1/models", "/v1/stores", "/mcp", "/healthz", "/metrics")
SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)


class Counted:
    """The counts of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("storewise_requests", "Requests.", ("path", "status"), registry=self.registry)
        self.answers = Counter("storewise_answers", "Answers.", ("door", "status"), registry=self.registry)
        self.seconds = Histogram(
            "storewise_answer_seconds", "From being taken up to being answered.", ("door",),
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip

    def watch(self, running: Callable[[], int]) -> None:
        """The number of questions being answered or waiting, looked up when it is asked for."""
        Gauge("storewise_questions_running", "Questions on their way.", registry=self.registry).set_function(running)

    def answering(self, answer: Answerer) -> Answerer:
        def counted(asked: Asked, watch: Watch) -> dict[str, Any]:
            with self.seconds.labels(asked.door).time():
                found = answer(asked, watch)
            self.answers.labels(asked.door, found.get("status", "")).inc()
            return found

        return counted


class CountRequests:
    """Counts each request by its path, as far as it is one of PATHS, and its status."""

    def __init__(self, app: ASGIApp, counted: Counted) -> None:
        self._app, self._counted = app, counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = next((p for p in PATHS if scope["path"].startswith(p)), "page")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._counted.requests.labels(path, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, sending)
