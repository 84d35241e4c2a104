"""What commands share: the home folder, the --store option, how things are said."""

import json
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from agent.labels import seen
from store.errors import UserError
from store.paths import Home, checked_name

UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")  # a terminal may act on them


def store_name(name: str | None) -> str | None:
    """Callback of --store: a name that no store can have is misuse, not a missing store."""
    try:
        return checked_name(name) if name is not None else None
    except UserError as error:
        raise typer.BadParameter(str(error)) from error


def one_thread_each(environ: MutableMapping[str, str]) -> None:
    """For processes that answer: before torch is imported. Threads that wait for each other cost a small network more
    than they help it, ten times as much where other answers want the same cores.
    """
    environ.setdefault("OMP_NUM_THREADS", "1")


def home_of(context: typer.Context) -> Home:
    home: Home = context.obj
    return home


def say(text: str) -> None:
    """A line of progress or log, on stderr."""
    print(seen(text), file=sys.stderr, flush=True)


def record(home: Home, *about: str) -> Path:
    """Add the error being handled to the home folder's errors.log; returns its path."""
    log = home.root / "errors.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as out:
        print(datetime.now(UTC).isoformat(timespec="seconds"), *about, file=out)
        traceback.print_exc(file=out)
    return log


def print_json(value: Any) -> None:
    print(UNSEEN.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(value, ensure_ascii=False, indent=2)))
