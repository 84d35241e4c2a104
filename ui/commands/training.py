"""./storewise train WHAT and backtest WHAT: a store's own models, made, and how far off they were."""

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import UserError
from ui.commands.common import home_of, one_thread_each, print_json, say, store_name
from ui.commands.progress import Report, shown_progress

if TYPE_CHECKING:
    from store.connect import Store
    from tools.forecast.levels import Shop

THERE = ("forecast", "fraud")
LATER = ("customers", "recommend", "search", "planner")
GENTLE = 10  # how far whoever trains in the background stands back for others

What = Annotated[str | None, typer.Argument(help="What to train: forecast (unless said) or fraud.")]
StoreName = Annotated[
    str | None, typer.Option(help="The store; the only one unless said.", callback=store_name, metavar="NAME")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def train_command(
    context: typer.Context,
    what: What = None,
    store: StoreName = None,
    as_json: AsJson = False,
    background: Annotated[bool, typer.Option("--background", hidden=True)] = False,
) -> None:
    """Train a store's own models on what it has sold. It can be interrupted, and goes on the next time."""
    _check(what)
    one_thread_each(os.environ)
    if what == "fraud":
        _train_fraud(_opened(context, store), as_json)
        return
    from tools.forecast.upkeep import train_store

    opened = _opened(context, store)

    def waiting() -> None:
        say(f"Another process is training the forecast of store {opened.name}: waiting for it to end.")

    try:
        if background:
            os.nice(GENTLE)
            card = train_store(opened, _lines(), waiting=waiting)
        else:
            with shown_progress() as progress:
                card = train_store(opened, progress, waiting=waiting)
    except KeyboardInterrupt:
        raise UserError(
            f"Interrupted. ./storewise train forecast --store {opened.name} goes on where it stopped."
        ) from None
    found = {"store": opened.name, "model": "forecast", "version": card.version, "first": card.first.isoformat(),
             "last": card.last.isoformat(), "data_version": card.data_version}  # fmt: skip
    if as_json:
        print_json({"status": "done", **found})
    elif not background:
        print(f"Store {opened.name}: forecast {card.version}, trained on {card.first} to {card.last}.")


def _train_fraud(opened: "Store", as_json: bool) -> None:
    from tools.fraud.upkeep import train_store

    try:
        with shown_progress() as progress:
            found = train_store(opened, progress)
    except KeyboardInterrupt:
        raise UserError(
            f"Interrupted. ./storewise train fraud --store {opened.name} goes on where it stopped."
        ) from None
    checked = found.model.checked
    if as_json:
        print_json({"status": "done", "store": opened.name, "model": "fraud", "version": found.version,
                    "data_version": found.data_version, "average_precision": asdict(checked)})  # fmt: skip
        return
    print(
        f"Store {opened.name}: fraud {found.version}. On its last {checked.rows:,} labelled orders, {checked.frauds} "
        f"of them frauds, average precision {checked.storewise:.3f}; LightGBM alone {checked.trees:.3f}."
    )


def backtest_command(
    context: typer.Context, what: What = None, store: StoreName = None, as_json: AsJson = False
) -> None:
    """How far off a store's forecasts would have been in the last weeks, beside simpler ways to forecast."""
    _check(what)
    if what == "fraud":
        raise UserError("How a store's model of fraud did is said when it is trained: ./storewise train fraud.")
    from tools.forecast.upkeep import looked_back

    opened = _opened(context, store)
    found = {m: _errors(shop) for m, shop in looked_back(opened).items()}
    if as_json:
        print_json({"status": "done", "store": opened.name, "errors": found})
        return
    _print(opened.name, found)


def _print(name: str, found: dict[str, dict[str, dict[str, float]]]) -> None:
    """A table a measure: what answers ("storewise") and every way by itself, by level."""
    from rich.console import Console
    from rich.table import Table

    for measure, levels in found.items():
        table = Table("", *levels, title=f"Store {name}, {measure}: Σ|error| ÷ Σ sold, weeks near and far, in %")
        for method in next(iter(levels.values())):
            table.add_row(method, *(f"{100 * errors[method]:.1f}" for errors in levels.values()))
        Console(file=sys.stdout).print(table)


def _errors(shop: "Shop") -> dict[str, dict[str, float]]:
    from tools.forecast.levels import error_of
    from tools.forecast.rows import ANSWER, NAMES

    return {
        name: {ANSWER: error_of(level.y, level.mean, shop.origins)}
        | {NAMES[method]: error_of(level.y, said, shop.origins) for method, said in level.methods.items()}
        for name, level in shop.level.items()
    }


def _check(what: str | None) -> None:
    if what in (None, *THERE):
        return
    why = "is not built yet" if what in LATER else "is nothing that is trained"
    say(f"{what!r} {why}. There is: {', '.join(THERE)}.")
    raise typer.Exit(2)


def _opened(context: typer.Context, name: str | None) -> "Store":
    from store.connect import only_store, open_store

    home = home_of(context)
    return open_store(home, name or only_store(home))


def _lines() -> Report:
    """Progress for the process that began it: a line a per cent."""
    last = [-1]

    def report(what: str, part: float) -> None:
        if int(part * 100) != last[0]:
            last[0] = int(part * 100)
            print(f"{part:.2f} {what}", flush=True)

    return report
