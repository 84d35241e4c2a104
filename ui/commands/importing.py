"""./storewise import: exports into a store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.labels import seen
from store.errors import UserError
from ui.commands.common import home_of, print_json, say, store_name
from ui.commands.indexing import index_after
from ui.commands.progress import shown_progress

LATER = ("shopify", "woocommerce", "amazon", "taobao", "table")


def import_command(
    context: typer.Context,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="online-retail", show_default=False)],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, XLSX or Parquet files, told apart by their content.")
    ],
    store: Annotated[str, typer.Option(help="The store to write.", callback=store_name, metavar="NAME")],
    append: Annotated[bool, typer.Option("--append", help="Merge into the store instead of replacing it.")] = False,
    index: Annotated[bool, typer.Option(help="Also index the products for searches, which can be done later.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Import exports into a store, all or nothing, and print a data-quality report.

    Without --append the import replaces the store. With it, rows merge by their keys: newer ones win, nothing is lost.
    """
    _refuse_unknown(format)
    try:
        result = _run(context, format, files, store, append, as_json)
    except UserError as error:
        if as_json:
            print_json({"status": "error", "store": store, "format": format, "error": str(error)})
        raise
    print_json(result) if as_json else print(seen(result["text"]), flush=True)
    if index:
        index_after(home_of(context), store)


def _refuse_unknown(format: str) -> None:
    from store.importers import IMPORTERS

    if format not in IMPORTERS:
        why = "is not built yet" if format in LATER else "is no format"
        raise typer.BadParameter(f"{format!r} {why}. Formats: {', '.join(IMPORTERS)}.", param_hint="FORMAT")


def _run(
    context: typer.Context, format: str, files: Sequence[Path], store: str, append: bool, as_json: bool
) -> dict[str, Any]:
    from store.importers import import_files

    def waiting() -> None:
        say(f"Another import into store {store} is running: waiting for it to end.")

    with shown_progress() as progress:
        manifest, report = import_files(
            home_of(context), store, format, files, append=append, progress=progress, waiting=waiting
        )
    if not as_json:
        return {"text": report.to_text()}
    identity = {"status": "done", "store": store, "format": format, "data_version": manifest.data_version}
    return {**identity, "report": report.to_json()}
