"""./storewise index: the product index of a store, made or brought up to date."""

from pathlib import Path
from typing import Annotated

import typer

from store.connect import open_store
from store.errors import UserError
from ui.commands.common import home_of, print_json, say, store_name
from ui.commands.progress import shown_progress


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
    from tools.search.catalogue import catalogue_of
    from tools.search.upkeep import build, choose_encoder

    def waiting() -> None:
        say(f"Another process is building the index of store {store}: waiting for it to end.")

    opened = open_store(home_of(context), store)
    if encoder is not None:
        choose_encoder(opened, encoder)
    try:
        with shown_progress() as progress:
            done = build(opened, catalogue_of(opened).documents, progress, waiting=waiting)
    except KeyboardInterrupt:
        raise UserError(f"Interrupted. ./storewise index --store {store} goes on where it stopped.") from None
    found = {"store": store, "embedded": done.embedded, "kept": done.kept, "removed": done.removed}
    if as_json:
        print_json({"status": "done", **found, "rebuilt": done.rebuilt})
        return
    why = f" Made anew: {done.rebuilt}." if done.rebuilt else ""
    print(f"Store {store}: {done.embedded:,} texts embedded, {done.kept:,} kept, {done.removed:,} removed.{why}")
