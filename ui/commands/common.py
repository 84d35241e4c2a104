"""What commands share: the home folder, the --store option, how things are said."""

import json
import sys
from typing import Any

import typer

from store.errors import UserError
from store.paths import Home, checked_name


def store_name(name: str | None) -> str | None:
    """Callback of --store: a name that no store can have is misuse, not a missing store."""
    try:
        return checked_name(name) if name is not None else None
    except UserError as error:
        raise typer.BadParameter(str(error)) from error


def home_of(context: typer.Context) -> Home:
    home: Home = context.obj
    return home


def say(text: str) -> None:
    """A line of progress or log, on stderr."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
