"""./storewise demo: a demo shop to try things on."""

from pathlib import Path
from typing import Annotated, Any

import typer

from store.demo import SEED
from store.errors import UserError
from ui.commands.common import home_of, print_json, say, store_name
from ui.commands.progress import shown_progress


def demo_command(
    context: typer.Context,
    store: Annotated[str, typer.Option(help="The store to write.", callback=store_name, metavar="NAME")] = "demo",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Which shop: another seed is another shop.")] = SEED,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also replace a store that holds other data than a demo shop.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build a demo shop: two years of an invented shop with customers, orders, returns, reviews and visits.

    The same seed always gives the same shop. What was planted in it (seasons, price elasticities, fraud rings...) is
    written to truths.json beside the store, for back-tests. An earlier demo shop of that name is replaced.
    """
    try:
        result = _run(context, store, seed, replace)
    except UserError as error:
        if as_json:
            print_json({"status": "error", "store": store, "seed": seed, "error": str(error)})
        raise
    print_json(result) if as_json else print(_as_text(result))


def _run(context: typer.Context, store: str, seed: int, replace: bool) -> dict[str, Any]:
    from store.demo.build import build_demo

    def waiting() -> None:
        say(f"Another import into store {store} is running: waiting for it to end.")

    with shown_progress() as progress:
        manifest, truths = build_demo(home_of(context), store, seed, progress, replace=replace, waiting=waiting)
    return {
        "status": "done",
        "store": store,
        **manifest.report,
        "currency": manifest.currency,
        "first_day": manifest.first_day,
        "last_day": manifest.last_day,
        "rows": manifest.rows,
        "data_version": manifest.data_version,
        "truths": str(Path(truths)),
    }


def _as_text(done: dict[str, Any]) -> str:
    rows = "\n".join(f"  {count:>9,} {table.replace('_', ' ')}" for table, count in done["rows"].items())
    return (
        f"{done['shop']}, a demo shop for {done['theme']}, is in store {done['store']}:"
        f" {done['first_day']} to {done['last_day']}, {done['currency']}, seed {done['seed']}.\n"
        f"{rows}\n"
        f"What was planted in it: {done['truths']}\n"
        f'Ask it something: ./storewise ask "revenue by category last month" --store {done["store"]}'
        " (or ./storewise chat)"
    )
