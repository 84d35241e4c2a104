"""./storewise ask: one question, one answer object."""

import sys
from datetime import date
from typing import Annotated, Any
from uuid import uuid4

import typer

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
    model: Annotated[str, typer.Option(help="Who plans the answer.")] = "local",
    as_of: Annotated[str | None, typer.Option(help="The day that counts as today.", metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask a question about a store."""
    today = _day(as_of)
    thread = thread or uuid4().hex[:12]
    try:
        answer = _asked(home_of(context), store, thread, question, model, today)
    except Exception:  # a bug: whoever reads the object gets one all the same
        if as_json:
            print_json(failed_answer(thread, store, today, model, "An internal error, recorded in errors.log."))
        raise
    print_json(answer) if as_json else _show(answer)
    raise typer.Exit(1 if answer["status"] == "error" else 0)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write it as 2011-12-09.", param_hint="--as-of") from None


def _asked(home: Home, store: str | None, thread: str, question: str, model: str, as_of: date | None) -> dict[str, Any]:
    """The answer object; one with status "error" where the question could not be put at all."""
    from agent.ask import ask
    from agent.principal import Principal
    from store.connect import only_store

    name = store
    try:
        name = store or only_store(home)
        answer: dict[str, Any] = ask(Principal(home=home, store=name), thread, question, model=model, as_of=as_of)
    except UserError as error:
        return failed_answer(thread, name, as_of, model, str(error))
    return answer


def failed_answer(thread: str, store: str | None, as_of: date | None, model: str, error: str) -> dict[str, Any]:
    """An answer object that says why there is no answer."""
    return {
        "thread_id": thread,
        "turn": 0,
        "store": store,
        "as_of": as_of.isoformat() if as_of else None,
        "status": "error",
        "answer": "",
        **{part: [] for part in ("numbers", "receipts", "charts", "options", "steps")},
        "usage": {"model": model, "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"},
        "error": error,
    }


def _show(answer: dict[str, Any]) -> None:
    if answer["status"] == "error":
        say(f"storewise: {answer['error']}")
    else:
        _print_markdown("\n".join([answer["answer"], *(f"- {option}" for option in answer["options"])]))
    say(f"thread {answer['thread_id']} (go on with --thread {answer['thread_id']})")


def _print_markdown(text: str) -> None:
    """Laid out for people; as it is for a pipe."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
