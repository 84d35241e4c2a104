"""./storewise ask: one question, one answer object."""

import os
import sys
from datetime import date
from typing import Annotated, Any
from uuid import uuid4

import typer

from agent.labels import seen
from agent.links import unlinked
from store.errors import UserError
from store.paths import Home
from ui.commands.common import home_of, print_json, say, store_name


def ask_command(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words, English or Chinese.")],
    store: Annotated[
        str | None, typer.Option(help="May be left out when there is one store.", callback=store_name, metavar="NAME")
    ] = None,
    thread: Annotated[str | None, typer.Option(help="The conversation to go on with.", metavar="ID")] = None,
    model: Annotated[
        str | None, typer.Option(help="Who answers: local, or a model's name; else STOREWISE_MODEL says.")
    ] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Refuse models that aren't here; else STOREWISE_LOCAL_ONLY says.")
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="The day that counts as today.", metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask a question about a store."""
    today = _day(as_of)
    thread = thread or uuid4().hex[:12]
    try:
        answer = _asked(home_of(context), store, thread, question, model, today, local_only)
    except Exception:  # a bug: whoever reads the object gets one all the same
        if as_json:
            print_json(_failed("An internal error, recorded in errors.log.", thread, store, model, today))
        raise
    print_json(answer) if as_json else _show(answer)
    raise typer.Exit(1 if answer["status"] == "error" else 0)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it as 2011-12-09.", param_hint="--as-of") from None


def _asked(
    home: Home,
    store: str | None,
    thread: str,
    question: str,
    model: str | None,
    as_of: date | None,
    local_only: bool,
) -> dict[str, Any]:
    """The answer object; one with status "error" where the question could not be put at all."""
    from agent.ask import ask
    from agent.principal import Principal
    from agent.settings import settings_from
    from store.connect import only_store

    name = store
    try:
        name = store or only_store(home)
        settings = settings_from(os.environ, model, local_only=local_only)
        return ask(Principal(home=home, store=name), thread, question, settings=settings, as_of=as_of)
    except UserError as error:
        return _failed(str(error), thread, name, model, as_of)


def _failed(error: str, thread: str, store: str | None, model: str | None, as_of: date | None) -> dict[str, Any]:
    from agent.answer import failed_answer

    return failed_answer(error, thread, store, model or "local", as_of)


def _show(answer: dict[str, Any]) -> None:
    if answer["status"] == "error":
        say(f"storewise: {answer['error']}")
    else:
        choices = answer["options"] if answer["status"] != "answered" else ()  # what one may ask next is for buttons
        _print_markdown(seen("\n".join([answer["answer"], *(f"- {unlinked(option)}" for option in choices)])))
    say(f"thread {answer['thread_id']} (go on with --thread {answer['thread_id']})")


def _print_markdown(text: str) -> None:
    """Laid out for people; as it is for a pipe."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text, hyperlinks=False))
