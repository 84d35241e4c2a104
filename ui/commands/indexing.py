"""./storewise index: the product index of a store, made or brought up to date."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import UserError
from store.paths import Home
from ui.commands.common import home_of, print_json, say, store_name
from ui.commands.progress import shown_progress

if TYPE_CHECKING:
    from retrieval.index import Synced
    from store.connect import Store


def index_command(
    context: typer.Context,
    store: Annotated[str, typer.Option(help="The store to index.", callback=store_name, metavar="NAME")],
    encoder: Annotated[
        Path | None, typer.Option(help="Folder of another encoder of BERT's family, from now on for this store.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """(Re)build the product index of a store: texts that are new or have changed are embedded, the rest is kept.

    It can be interrupted, and goes on the next time. A corrupt index, or one of another encoder, is made anew.
    """
    from store.connect import open_store

    opened = open_store(home_of(context), store)
    if encoder is not None:
        from tools.search.upkeep import choose_encoder

        choose_encoder(opened, encoder)
    try:
        done = indexed(opened)
    except KeyboardInterrupt:
        raise UserError(f"Interrupted. ./storewise index --store {store} goes on where it stopped.") from None
    found = {"store": store, "embedded": done.embedded, "kept": done.kept, "removed": done.removed}
    if as_json:
        print_json({"status": "done", **found, "rebuilt": done.rebuilt})
        return
    why = f" Made anew: {done.rebuilt}." if done.rebuilt else ""
    print(f"Store {store}: {done.embedded:,} texts embedded, {done.kept:,} kept, {done.removed:,} removed.{why}")


def indexed(store: "Store") -> "Synced":
    """Brings the index up to date, with progress. UserError: no encoder, or the disk's."""
    from tools.search.catalogue import catalogue_of
    from tools.search.upkeep import build

    def waiting() -> None:
        say(f"Another process is building the index of store {store.name}: waiting for it to end.")

    with shown_progress() as progress:
        return build(store, catalogue_of(store).documents, progress, waiting=waiting)


def index_after(home: Home, name: str) -> None:
    """After an import, which stands whatever becomes of the index: it is made on the next occasion."""
    from store.connect import open_store

    try:
        indexed(open_store(home, name))
    except (UserError, KeyboardInterrupt) as problem:
        said = str(problem) or "Interrupted"
        say(f"The product index was not finished: {said} ./storewise index --store {name} goes on with it.")
