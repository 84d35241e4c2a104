"""./storewise slack: the Slack app, and which team asks which store."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import UserError
from store.paths import Home
from ui.commands.common import home_of, one_thread_each, print_json, say, store_name
from ui.commands.users import AsJson, RoleName, chosen_role

if TYPE_CHECKING:
    from agent.settings import Settings
    from ui.slack.keys import Keys

app = typer.Typer(
    help="Serve Slack until Ctrl-C, with SLACK_BOT_TOKEN and SLACK_APP_TOKEN (--http: SLACK_SIGNING_SECRET); and say"
    " which team asks which store."
)
TeamId = Annotated[str, typer.Argument(metavar="TEAM", help="A workspace's id: T…")]
MANIFEST = Path(__file__).parents[1] / "slack" / "manifest.json"


@app.callback(invoke_without_command=True)
def serve_slack(
    context: typer.Context,
    http: Annotated[
        bool, typer.Option("--http", help="Be called by Slack at /slack/events, beside the chat; else Socket Mode.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --http.")] = 7860,
    host: Annotated[str, typer.Option(help="With --http.")] = "127.0.0.1",
    model: Annotated[
        str | None, typer.Option(help="Who answers: local, or a model's name; else STOREWISE_MODEL says.")
    ] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Refuse models that aren't here; else STOREWISE_LOCAL_ONLY says.")
    ] = False,
) -> None:
    """Answer in Slack until Ctrl-C. SLACK_BOT_TOKEN and SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET) are its keys."""
    if context.invoked_subcommand:
        return
    from agent.settings import settings_from
    from ui.slack.keys import keys_from

    one_thread_each(os.environ)
    home = home_of(context)
    settings, keys = settings_from(os.environ, model, local_only=local_only), keys_from(os.environ, http=http)
    os.environ.setdefault("MPLCONFIGDIR", str(home.root / "fonts"))  # what drawing charts keeps for itself
    with _alone(home):
        _over_http(home, settings, keys, host, port) if http else _over_socket(home, settings, keys)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One process answers for a home. UserError where another one does."""
    from store.locks import locked

    def taken() -> None:
        raise UserError("Another ./storewise slack is answering from this home already. Stop that one first.")

    with locked(home.root / ".slack.lock", waiting=taken):
        yield


def _over_socket(home: Home, settings: "Settings", keys: "Keys") -> None:
    from ui.answering import answerer
    from ui.desk import Desk
    from ui.slack.door import SlackDoor

    over, why = threading.Event(), list[str]()
    desk = Desk(answerer(home, settings))
    door = SlackDoor(home, keys, desk, _closing(over, why))
    for ends in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ends, lambda *_: over.set())
    try:
        door.start()
        door.connect()
        say("Storewise is in Slack  (Ctrl-C ends it)")
        over.wait()
    finally:
        door.stop()
        desk.stop_all()
    if why:
        raise UserError(why[0])
    print("Storewise has ended.", file=sys.stderr)


def _closing(over: threading.Event, why: list[str]) -> Callable[[str], None]:
    def closed(reason: str) -> None:
        why.append(reason)
        over.set()

    return closed


def _over_http(home: Home, settings: "Settings", keys: "Keys", host: str, port: int) -> None:
    """The chat's own server, where everybody signs in, with Slack's address beside it."""
    from ui.commands.chat import bound, serve
    from ui.slack.door import SlackDoor
    from ui.slack.routes import ADDRESS
    from ui.web.app import prepare, web_app

    listening = bound(host, port)
    taken = listening.getsockname()[1]
    prepare(os.environ, home)
    app = web_app(
        home,
        settings,
        host,
        sign_in=True,
        slack=lambda desk: SlackDoor(home, keys, desk),
    )
    say(f"Slack's address is {ADDRESS} on port {taken}.")
    serve(app, listening, f"http://{host}:{taken}")


@app.command("add-team")
def add_team_command(
    context: typer.Context,
    team: TeamId,
    store: Annotated[str, typer.Option(help="The store that its people ask.", callback=store_name, metavar="NAME")],
    role: RoleName = "analyst",
) -> None:
    """Give a Slack team a store, or another one."""
    from store.connect import require_store
    from store.teams import add_team

    home = home_of(context)
    require_store(home, store)
    added = add_team(home, team, store, chosen_role(role))
    say(f"Everybody of {added.id} may ask {added.store}, as {added.role}.")


@app.command("teams")
def list_teams(context: typer.Context, as_json: AsJson = False) -> None:
    """List the teams: id, store, role, digest."""
    from dataclasses import asdict

    from store.teams import teams

    found = teams(home_of(context))
    if as_json:
        print_json({"teams": [asdict(team) for team in found]})
        return
    for t in found:
        told = f", digest every {t.digest.every} from {t.digest.at} in {t.digest.channel}" if t.digest else ""
        print(f"{t.id}  {t.role} of {t.store}{told}")
    if not found:
        say("There are no teams yet. Add one: ./storewise slack add-team TEAM --store STORE")


@app.command("remove-team")
def remove_team_command(context: typer.Context, team: TeamId) -> None:
    """Take a team's store away. What it asked stays in the store."""
    from store.teams import remove_team

    remove_team(home_of(context), team)
    say(f"{team} can no longer ask.")


@app.command("digest")
def digest_command(
    context: typer.Context,
    team: TeamId,
    channel: Annotated[str | None, typer.Option(help="The channel's id: C…", metavar="ID")] = None,
    every: Annotated[str, typer.Option(help="day, or week (Mondays).")] = "day",
    at: Annotated[str, typer.Option(help="From this time of this machine's day on.", metavar="HH:MM")] = "08:00",
    off: Annotated[bool, typer.Option("--off", help="No digest any more.")] = False,
) -> None:
    """Tell a channel yesterday's or last week's figures, where there is new data and something stands out."""
    from store.teams import EVERY, Digest, set_digest

    known = next((each for each in EVERY if each == every), None)
    if known is None:
        raise typer.BadParameter(f"{every!r}: there are {' and '.join(EVERY)}.", param_hint="--every")
    if (channel is None) != off:
        raise typer.BadParameter("Say which: --channel ID, or --off.", param_hint="--channel")
    set_digest(home_of(context), team, Digest(channel, known, at) if channel else None)
    say(f"{team} gets no digest." if off else f"{team} gets a digest every {known} from {at} on, in {channel}.")


@app.command("manifest")
def manifest_command() -> None:
    """Print the manifest that a Slack app is made from."""
    print(MANIFEST.read_text(encoding="utf-8").rstrip())
