"""./storewise chat: the web app, on this machine."""

import logging
import os
import socket
import sys
from typing import Annotated

import typer

from store.demo import SEED
from store.errors import UserError
from store.paths import Home
from ui.commands.common import home_of, one_thread_each, say
from ui.commands.progress import shown_progress

NEXT = 20  # ports tried after the one wanted


def chat_command(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The next free one is taken where it isn't free.")] = 7860,
    host: Annotated[str, typer.Option(help="Others can reach it only where this isn't 127.0.0.1.")] = "127.0.0.1",
    model: Annotated[str | None, typer.Option(help="Who plans the answer; the local planner unless said.")] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Refuse models that aren't here; else STOREWISE_LOCAL_ONLY says.")
    ] = False,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="Let in only users and tokens, as always where the host isn't 127.0.0.1.")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=1, help="Requests a minute that each user or token may send to the API.")
    ] = 120,
    demo: Annotated[
        bool, typer.Option("--demo", help="Build the demo shop first where there is no store yet.")
    ] = False,
) -> None:
    """Open the web chat and the HTTP doors, and serve until Ctrl-C."""
    from agent.settings import settings_from
    from ui.gate import is_loopback

    one_thread_each(os.environ)
    home, settings = home_of(context), settings_from(os.environ, model, local_only=local_only)
    if demo and not home.names():
        _build_demo(home)
    required = sign_in or not is_loopback(host)
    if required:
        _check_somebody(home)
    listening = bound(host, port)
    taken = listening.getsockname()[1]
    if taken != port:
        say(f"Port {port} is in use: taking {taken} instead.")
    from ui.api.routes import Limits
    from ui.serving import announced, new_secret
    from ui.web.app import prepare, web_app

    prepare(os.environ, home)
    limits = Limits(per_minute=rate, burst=max(1, rate / 2))
    secret = new_secret()
    app = web_app(home, settings, host, sign_in=required, limits=limits, owner=secret, trains=True)
    with announced(home, settings, host, taken, secret):
        serve(app, listening, f"http://{host}:{taken}")


def _check_somebody(home: Home) -> None:
    """UserError where nobody could sign in."""
    from store.users import tokens, users

    if not users(home) and all(token.state != "good" for token in tokens(home)):
        raise UserError(
            "Whoever comes there has to sign in, and there is nobody who could. Make a user first: "
            "./storewise users add NAME --store STORE --role owner"
        )


def _build_demo(home: Home) -> None:
    from store.demo.build import build_demo

    say("There is no store yet: building the demo shop.")
    with shown_progress() as progress:
        build_demo(home, "demo", SEED, progress)


def bound(host: str, port: int) -> socket.socket:
    """A socket on the port, or on the next that is free. UserError where none is, or the host can't be served on."""
    problem: OSError | None = None
    for candidate in range(port, min(port + NEXT, 65535) + 1):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(128)
        except OSError as error:
            listening.close()
            problem = error
            continue
        return listening
    raise UserError(f"No port from {port} to {candidate} on {host} can be had ({problem}). Choose another with --port.")


def serve(app: object, listening: socket.socket, address: str) -> None:
    """Until Ctrl-C; the address is said once it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            say(f"Storewise is at {address}  (Ctrl-C ends it)")

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # pages still open are cut off, which uvicorn would report as errors, with their traces
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)  # type: ignore[arg-type]
    try:
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
        print("Storewise has ended.", file=sys.stderr)
