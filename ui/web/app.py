"""The web app: our routes, the chat page, and what every reply says about where a page may reach out to (nowhere)."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.settings import Settings
from store.errors import UserError
from store.paths import Home
from ui.answering import answerer
from ui.api.counted import Counted, CountRequests
from ui.api.routes import ABOUT, TITLE, USUAL, Limits, add_api
from ui.desk import Answerer, Desk
from ui.gate import HERE, Gate, is_loopback
from ui.mcp import McpDoor, mcp_routes
from ui.slack.routes import ADDRESS, slack_routes
from ui.web.importing import MAX_UPLOAD, Imports
from ui.web.indexing import prepared
from ui.web.routes import SCRIPTS, routes
from ui.web.theme import theme
from ui.web.training import Trainings

if TYPE_CHECKING:
    import gradio as gr

    from ui.slack.door import SlackDoor

A_DAY = 86_400  # seconds
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # as Gradio's page needs it
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ICON = (
    "<link rel='icon' href=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='7' fill='%230f6b57'/><path d='M9 21V15m7 6V10m7 11v-8' stroke='white' "
    "stroke-width='3.2' stroke-linecap='round'/></svg>\">"
)
HEAD = (
    f"{ICON}<link rel='stylesheet' href='own/style.css'>"
    + "".join(f"<script src='own/{name}'></script>" for name in SCRIPTS)
    + "<meta name='color-scheme' content='light dark'>"
)


def prepare(environ: dict[str, str] | os._Environ[str], home: Home) -> None:
    """Before gradio is imported: nothing is reported to anybody, and uploads stay in our own folder.

    UserError: nothing can be written there.
    """
    uploads = home.root / "uploads"
    try:
        uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(uploads)
    except OSError as error:
        said = f"Storewise keeps its data in {home.root}, and can't write there ({error.strerror})."
        raise UserError(f"{said} Point STOREWISE_HOME to a folder that can be written to.") from None
    environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    environ["HF_HUB_OFFLINE"] = "1"
    environ["GRADIO_TEMP_DIR"] = str(uploads)


def _sweep(uploads: Path) -> None:
    """What servers that were killed have left there; another one may be using what is younger."""
    for left in uploads.iterdir():
        if time.time() - left.stat().st_mtime > A_DAY:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def web_app(
    home: Home,
    settings: Settings,
    host: str = "127.0.0.1",
    answering: Answerer | None = None,
    *,
    sign_in: bool = False,
    limits: Limits = USUAL,
    owner: str = "",
    slack: Callable[[Desk], SlackDoor] | None = None,
    trains: bool = False,
) -> FastAPI:
    """Everything that `./storewise chat` serves; `answering` stands in for ask(). Call `prepare` first.

    Whoever comes must sign in where that is wished for, and wherever others than this machine's own can come: with
    `slack` they do, through whatever brings Slack's requests here. Its own command line brings the secret `owner`.
    With `trains`, stores' own models are trained beside it, also once enough of their orders were labelled.
    """
    import gradio as gr

    from ui.web.page import page

    counted = Counted()
    desk = Desk(counted.answering(answering or answerer(home, settings)))
    counted.watch(lambda: len(desk))
    door = slack(desk) if slack else None
    trainings, mcp = Trainings(home), McpDoor(desk)

    def ready(*stores: str) -> None:
        prepared(home, *stores)
        if trains:
            trainings.begin(*stores)

    imports = Imports(home, ready)
    ends = (*([door.stop] if door else []), desk.stop_all, imports.stop_all, trainings.end)
    begins = (lambda: ready(*home.names()), *([trainings.watch] if trains else []), *([door.start] if door else []))
    lifespan = _lifespan(begins, ends, mcp)
    app = FastAPI(title=TITLE, description=ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan)
    add_api(app, desk, counted, limits)
    app.router.routes += mcp_routes(mcp)
    if door:
        app.router.routes += slack_routes(door)
    required = sign_in or not is_loopback(host)
    app.add_middleware(Gate, home=home, required=required, owner=owner, open_paths=(ADDRESS,) if door else ())
    if is_loopback(host) and not door:  # a page elsewhere can't reach us by giving its own name our address
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*HERE, host])
    app.add_middleware(WithHeaders)
    app.add_middleware(CountRequests, counted=counted)
    app.include_router(routes())
    blocks: gr.Blocks = page(settings, desk, imports, trainings)
    mounted: FastAPI = gr.mount_gradio_app(
        app, blocks, path="/", theme=theme(), head=HEAD, footer_links=[], run_history=False,
        max_file_size=MAX_UPLOAD, show_error=False, ssr_mode=False, enable_monitoring=False,
    )  # fmt: skip
    return mounted


class WithHeaders:
    """Adds HEADERS to every reply; streams pass through as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def _lifespan(
    begins: Sequence[Callable[[], None]], ends: Sequence[Callable[[], None]], mcp: McpDoor
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for begin in begins:
            begin()
        async with mcp.run():
            yield
        for end in ends:
            end()

    return lifespan
