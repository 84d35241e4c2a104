"""The API's routes, their limits, and how they are put into the app that serves the page too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from store.upkeep import describe_store
from ui.api.chat import MODEL, Named, asker, finished, put, reply, streamed
from ui.api.counted import Counted
from ui.api.forms import ChatReply, ChatRequest, Health, Model, Models, StoreInfo, Stores
from ui.api.refused import RESPONSES, Refused, on_invalid, on_other, on_refused
from ui.desk import Desk
from ui.gate import person_in
from ui.limits import BodyCap, Limiter

LIMITED = ("/v1/", "/mcp")  # paths that have a rate and a largest body
TITLE = "Storewise"
ABOUT = (
    "Answers about a shop, in OpenAI's form: every number of an answer is a cell of a receipt, and both come under the "
    "key `storewise`. The token decides which stores there are; `model` picks one."
)
STREAM = {"text/event-stream": {"schema": {"type": "string"}}}
KEY = "A message that is sent again with the same key, within a day, gets the answer that it was given before."


@dataclass(frozen=True)
class Limits:
    """`seconds` is how long a request waits for its answer, the rest how often one may ask."""

    per_minute: float = 120
    burst: float = 60
    seconds: float = 90


USUAL = Limits()


def api_routes(desk: Desk, counted: Counted, limits: Limits) -> APIRouter:
    bearer = Depends(HTTPBearer(auto_error=False, description="An API token: ./storewise tokens create"))
    common: dict[int | str, dict[str, Any]] = {code: RESPONSES[code] for code in (401, 429)}
    router = APIRouter(dependencies=[bearer], responses=common)

    @router.post(
        "/v1/chat/completions",
        response_model=ChatReply,
        responses={**RESPONSES, 200: {"content": STREAM, "description": "The answer, or with `stream` its events."}},
    )
    async def chat(
        body: ChatRequest,
        request: Request,
        x_thread_id: Annotated[str | None, Header(description="The conversation to go on with.")] = None,
        idempotency_key: Annotated[str | None, Header(description=KEY)] = None,
    ) -> Any:
        """Ask a question."""
        named = Named(x_thread_id, idempotency_key)
        running = await asyncio.to_thread(put, desk, person_in(request.scope), body, named)
        if body.stream:
            return StreamingResponse(streamed(running, body, limits.seconds), media_type="text/event-stream")
        return _json(reply(await finished(running, limits.seconds), body.model))

    @router.get("/v1/models")
    def models(request: Request) -> Models:
        """The stores that this token may ask, as models."""
        person = person_in(request.scope)
        return Models(data=[_model(name) for name in person.names()])

    @router.get("/v1/models/{model:path}", responses={404: RESPONSES[404]})
    def model(request: Request, model: str) -> Model:
        """One of them."""
        return _model(asker(person_in(request.scope), model).store)

    @router.get("/v1/stores")
    def stores(request: Request) -> Stores:
        """The stores that this token may ask: their days, currency, rows and data version."""
        person = person_in(request.scope)
        return Stores(stores=[_store(describe_store(person.home, name)) for name in person.names()])

    @router.get("/healthz")
    def health() -> Health:
        """Whether the server is up."""
        return Health()

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics() -> Response:
        """Counts for Prometheus."""
        return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _model(store: str) -> Model:
    return Model(id=f"{MODEL}/{store}", created=0)


def _store(info: Any) -> StoreInfo:
    if info.manifest is None:
        return StoreInfo(name=info.name, problem="This store can't be used just now.")
    kept = ("currency", "first_day", "last_day", "data_version", "rows")
    return StoreInfo.model_validate({"name": info.name, **{key: getattr(info.manifest, key) for key in kept}})


def _json(value: Any) -> Response:
    """As it is: whoever made the answer object has checked it, and it is large."""
    return JSONResponse(value)


def add_api(app: FastAPI, desk: Desk, counted: Counted, limits: Limits) -> None:
    """Routes, errors in OpenAI's form, and the limits, inside the gate: call it before the gate is added."""
    app.include_router(api_routes(desk, counted, limits))
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_other)
    app.add_middleware(BodyCap, prefixes=LIMITED, too_large=_too_large)
    app.add_middleware(RateLimit, limiter=Limiter(limits.per_minute, limits.burst))


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await Refused("body_too_large", "A request has at most 1 MB.").reply()(scope, receive, send)


class RateLimit:
    """How often each person may come."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self._app, self._limiter = app, limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(LIMITED):
            who = person_in(scope).who or (scope.get("client") or ("",))[0]
            if wait := self._limiter.wait(who):
                refused = Refused("rate_limit_exceeded", "Too many requests: wait a little.", wait=wait)
                await refused.reply()(scope, receive, send)
                return
        await self._app(scope, receive, send)
