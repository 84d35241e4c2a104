"""./storewise ask: one question, one answer object; without a question a conversation."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from store.errors import UserError
from store.paths import Home
from ui.commands.common import home_of, one_thread_each, print_json, say, store_name
from ui.commands.shown import show, step_line

if TYPE_CHECKING:
    from agent.settings import Settings

LEAVE = ("exit", "quit", "bye", "退出")


@dataclass(frozen=True)
class Conversation:
    """Where questions go and who answers them."""

    home: Home
    store: str | None
    thread: str
    model: str | None
    as_of: date | None
    local_only: bool


def ask_command(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(metavar="QUESTION", help="In plain words, English or Chinese; left out, a conversation begins."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="May be left out when there is one; else the last named.", callback=store_name, metavar="NAME"
        ),
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
    one_thread_each(os.environ)
    today = _day(as_of)
    here = Conversation(home_of(context), store, thread or uuid4().hex[:12], model, today, local_only)
    if question is None and as_json:
        raise typer.BadParameter("--json gives the answer to one question.", param_hint="QUESTION")
    if question is None:
        raise typer.Exit(_converse(here))
    try:
        answer = _asked(here, question)
    except Exception:  # a bug: whoever reads the object gets one all the same
        if as_json:
            print_json(_failed(here, "An internal error, recorded in errors.log."))
        raise
    print_json(answer) if as_json else _show(here, answer)
    if not as_json:
        say(f"thread {answer['thread_id']} (go on with --thread {answer['thread_id']})")
    raise typer.Exit(1 if answer["status"] == "error" else 0)


def _converse(here: Conversation) -> int:
    """Asks line by line until there are no more; the exit code is the last answer's."""
    code = 0
    for question in _lines():
        answer = _asked(here, question)
        _show(here, answer)
        code = 1 if answer["status"] == "error" else 0
    say(f"thread {here.thread} (go on with --thread {here.thread})")
    return code


def _lines() -> Iterator[str]:
    """What somebody types until they leave, or each line of a pipe."""
    typed = sys.stdin.isatty()
    if typed:
        import readline  # noqa: F401 (its import is what makes lines editable)

        say("Ask about your shop; an empty line, “exit” or Ctrl-D ends it.")
    while True:
        try:
            line = input("> " if typed else "").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line.lower() in LEAVE or (typed and not line):
            return
        if line:
            yield line


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it as 2011-12-09.", param_hint="--as-of") from None


def _asked(here: Conversation, question: str) -> dict[str, Any]:
    """The answer object; one with status "error" where the question could not be put at all."""
    from agent.settings import settings_from

    try:
        name = here.store or _usual_store(here.home)
        settings = settings_from(os.environ, here.model, local_only=here.local_only)
        answer = _answered(here, name, settings, question)
    except UserError as error:
        return _failed(here, str(error))
    if here.store and answer["status"] != "error":
        _remember(here.home, here.store)
    return answer


def _answered(here: Conversation, store: str, settings: "Settings", question: str) -> dict[str, Any]:
    """By the server that runs, whose models are loaded, else by this process."""
    from agent.watch import Watch
    from ui.serving import asked_there

    watch = Watch(step_line if sys.stderr.isatty() else lambda step: None)
    there = None if here.as_of else asked_there(here.home, settings, store, here.thread, question, watch)
    if there is not None:
        return there
    from agent.ask import ask
    from agent.principal import Principal

    principal = Principal(home=here.home, store=store)
    return ask(principal, here.thread, question, settings=settings, as_of=here.as_of, watch=watch)


def _show(here: Conversation, answer: dict[str, Any]) -> None:
    from agent.principal import Principal

    show(answer, Principal(home=here.home, store=answer["store"]) if answer["store"] else None)


def _usual_store(home: Home) -> str:
    """The one store there is, else the one that was named last. UserError where neither is there."""
    from store.connect import only_store

    names, last = home.names(), home.last_store
    if len(names) > 1 and last.is_file() and (name := last.read_text(encoding="utf-8").strip()) in names:
        return name
    return only_store(home)


def _remember(home: Home, store: str) -> None:
    try:
        home.last_store.write_text(store + "\n", encoding="utf-8")
    except OSError:
        say(f"{home.last_store} can't be written: --store is not remembered.")


def _failed(here: Conversation, error: str) -> dict[str, Any]:
    from agent.answer import failed_answer

    return failed_answer(error, here.thread, here.store, here.model or "local", here.as_of)
