"""The command line. Exit codes: 0 done, 1 failed, 2 misuse. Results on stdout, progress and logs on stderr."""

import io
import os
import sys
from pathlib import Path

import typer

from store.errors import UserError
from store.paths import Home, home_from
from ui.commands import slack, stores, tokens, users
from ui.commands.ask import ask_command
from ui.commands.chat import chat_command
from ui.commands.common import record, say
from ui.commands.demo import demo_command
from ui.commands.doctor import doctor_command
from ui.commands.importing import import_command
from ui.commands.indexing import index_command
from ui.commands.labelling import label_command
from ui.commands.mcp import mcp_command
from ui.commands.training import backtest_command, train_command

CHECKOUT = Path(__file__).parents[1]

app = typer.Typer(
    name="storewise",
    help="Answers about your shop, with numbers that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo_command)
app.command("import")(import_command)
app.add_typer(stores.app, name="stores")
app.command("index")(index_command)
app.command("label")(label_command)
app.command("train")(train_command)
app.command("backtest")(backtest_command)
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
app.command("ask")(ask_command)
app.command("chat")(chat_command)
app.command("mcp")(mcp_command)
app.add_typer(slack.app, name="slack")
app.command("doctor")(doctor_command)


@app.callback()
def read_settings(context: typer.Context) -> None:
    """Answers about your shop, with numbers that can be checked."""
    context.obj = home_from(os.environ, CHECKOUT)
    if context.invoked_subcommand != "doctor":  # which says itself what is wrong
        _require(context.obj)


def _require(home: Home) -> None:
    """UserError where the home folder is none and can't be made."""
    try:
        home.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"{home.root}, where everything is written, can't be used ({error.strerror})."
        raise UserError(f"{said} Set STOREWISE_HOME to another folder.") from error


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # half characters of a broken argument, or an ASCII terminal
    try:
        app(prog_name="./storewise")
    except UserError as error:
        say(f"storewise: {error}")
        raise SystemExit(1) from None
    except Exception as error:
        log = record(home_from(os.environ, CHECKOUT), *sys.argv)
        say(f"storewise: an internal error ({type(error).__name__}: {error}), recorded in {log}")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
