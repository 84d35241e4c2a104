"""Slack over HTTP: one address for events, commands and buttons. Its own gate is the signature."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.limits import whole_body

if TYPE_CHECKING:
    from ui.slack.door import SlackDoor

ADDRESS = "/slack/events"


def slack_routes(door: SlackDoor) -> list[Route]:
    async def taken(request: Request) -> Response:
        body = await whole_body(request.receive)
        if body is None:
            return Response(status_code=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        done = await asyncio.to_thread(door.http, body.decode("utf-8", "replace"), headers)
        return Response(done.body, done.status, done.first_headers_without_set_cookie())

    return [Route(ADDRESS, taken, methods=["POST"])]
