"""The one door in: who sends a request, be it to the chat, the API or MCP. Nothing behind it is reached by nobody."""

from __future__ import annotations

import asyncio
import secrets
from html import escape
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.principal import Person, person_of
from store.errors import UserError
from store.paths import Home
from store.users import SESSION, TOKEN, NotSignedIn, by_session, by_token, sign_in, sign_out
from ui.limits import Limiter, whole_body

PERSON = "storewise.person"  # where a request's scope holds who it is from
COOKIE = "storewise"
SIGN_IN = "Sign in, or send an API token as a bearer token (./storewise tokens create)."
HERE = ("127.0.0.1", "localhost", "::1")
LARGEST_FORM = 4_096  # bytes


def is_loopback(host: str) -> bool:
    """Whether only this machine's own can come to that address."""
    try:
        return host in HERE or ip_address(host).is_loopback
    except ValueError:
        return False


def person_in(scope: Scope) -> Person:
    """Who a request that came through the gate is from."""
    person: Person = scope[PERSON]
    return person


class Gate:
    """Puts a Person into every request's scope, or answers 401.

    Unless signing in is `required`, whoever reaches the machine's own address is its owner. A token of ours must be
    good all the same, and counts for what it may do. Whoever knows the secret `owner` is the machine's owner too.
    """

    def __init__(self, app: ASGIApp, home: Home, required: bool = False, owner: str = "") -> None:
        self._app, self._home, self._required, self._owner = app, home, required, owner
        self._tries = Limiter(per_minute=10, burst=10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._required and scope["type"] == "http" and scope["method"] == "POST":
            form = {"/login": self._sign_in, "/logout": self._sign_out}.get(scope["path"])
            if form:
                await (await form(scope, receive))(scope, receive, send)
                return
        try:
            scope[PERSON] = self._person(scope)
        except UserError as error:
            await _refused(scope, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _person(self, scope: Scope) -> Person:
        """NotSignedIn where it is nobody."""
        scheme, _, bearer = Headers(scope=scope).get("authorization", "").partition(" ")
        bearer = bearer.strip() if scheme.lower() == "bearer" else ""
        if self._owner and secrets.compare_digest(bearer.encode(), self._owner.encode()):
            return Person(self._home)
        if bearer and (self._required or bearer.startswith(TOKEN)):
            return person_of(self._home, by_token(self._home, bearer))
        if not self._required:
            return Person(self._home)
        if secret := _cookie(scope):
            return person_of(self._home, by_session(self._home, secret))
        raise NotSignedIn(SIGN_IN)

    async def _sign_in(self, scope: Scope, receive: Receive) -> Response:
        client = (scope.get("client") or ("",))[0]
        if self._tries.wait(client):
            return _page("Too many tries: wait a minute.", 429)
        form = parse_qs((await whole_body(receive, LARGEST_FORM) or b"").decode("utf-8", "replace"))
        name, password = (form.get(field, [""])[0] for field in ("name", "password"))
        try:
            secret = await asyncio.to_thread(sign_in, self._home, name, password)
        except UserError as error:
            return _page(_said(error), _status(error))
        reply = RedirectResponse("./", 303)
        secure = scope["scheme"] == "https"
        reply.set_cookie(COOKIE, secret, int(SESSION.total_seconds()), secure=secure, httponly=True, samesite="lax")
        return reply

    async def _sign_out(self, scope: Scope, receive: Receive) -> Response:
        if secret := _cookie(scope):
            sign_out(self._home, secret)
        reply = RedirectResponse("./", 303)
        reply.delete_cookie(COOKIE)
        return reply


def _cookie(scope: Scope) -> str:
    try:
        found = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _refused(scope: Scope, error: UserError) -> Response:
    """401 for whoever isn't signed in, 503 where nobody can be: as the sign-in page for a browser, else as JSON."""
    status = _status(error)
    if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        return _page("" if str(error) == SIGN_IN else _said(error), status)
    said = {"message": _said(error), "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    return JSONResponse({"error": said}, status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)


def _status(error: UserError) -> int:
    return 401 if isinstance(error, NotSignedIn) else 503


def _said(error: UserError) -> str:
    """What is wrong with the users' file is nothing to tell strangers."""
    if isinstance(error, NotSignedIn):
        return str(error)
    return "Nobody can sign in just now: ./storewise users list says why."


def _page(problem: str, status: int) -> HTMLResponse:
    said = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return HTMLResponse(PAGE.replace("<!-- problem -->", said), status, headers={"Cache-Control": "no-store"})


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in · Storewise</title><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
form { display: grid; gap: 1rem; width: min(20rem, 85vw); }
h1 { margin: 0; font-size: 1.4rem; }
label { display: grid; gap: .25rem; }
input { font: inherit; padding: .5rem .6rem; border: 1px solid #8888; border-radius: .5rem; }
button { font: inherit; padding: .55rem; border: 0; border-radius: .5rem; background: #0f6b57; color: #fff; }
[role=alert] { margin: 0; color: light-dark(#a12b1d, #ff9d8f); }
</style></head><body><form method="post" action="/login"><h1>Storewise</h1><!-- problem -->
<label>Name<input name="name" autocomplete="username" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form></body></html>
"""
