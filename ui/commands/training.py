"""./storewise train WHAT and backtest WHAT: a store's own models, made, and how far off they were."""

import os
import sys
from collections.abc import Callable
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

NOW_A_REASON = (
    "How far an order is from that is now among the reasons for which it is unusual; no probability of fraud."
)
NO_REASON = "That brings nothing here: its orders are judged by rules alone."

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
    opened, kind = _opened(context, store), what or THERE[0]
    try:
        if background:
            os.nice(GENTLE)
            found, told = TRAIN[kind](opened, _lines())
        else:
            with shown_progress() as progress:
                found, told = TRAIN[kind](opened, progress)
    except KeyboardInterrupt:
        raise UserError(
            f"Interrupted. ./storewise train {kind} --store {opened.name} goes on where it stopped."
        ) from None
    if as_json:
        print_json({"status": "done", "store": opened.name, "model": kind, **found})
    elif not background:
        print(f"Store {opened.name}: {kind} {found['version']}{told}")


def _train_forecast(opened: "Store", report: Report) -> tuple[dict[str, object], str]:
    from tools.forecast.upkeep import train_store

    card = train_store(opened, report, waiting=_waiting(opened, "forecast"))
    found: dict[str, object] = {"version": card.version, "first": card.first.isoformat(),
                                "last": card.last.isoformat(), "data_version": card.data_version}  # fmt: skip
    return found, f", trained on {card.first} to {card.last}."


def _train_fraud(opened: "Store", report: Report) -> tuple[dict[str, object], str]:
    from tools.fraud.costs import costs_of
    from tools.fraud.unequal import ratio_of, verdict
    from tools.fraud.upkeep import TooFewFrauds, train_store

    try:
        made = train_store(opened, report, waiting=_waiting(opened, "fraud"))
    except TooFewFrauds as few:
        return _train_without_labels(opened, report, str(few))
    checked, tested, costs = made.model.checked, made.model.tested, costs_of(None, opened.currency)
    verdicts = {kind: verdict(tested, kind, costs) for kind in tested.groups}
    ratios = {kind: ratio_of(found.rates) for kind, found in verdicts.items()}
    uneven = "".join(f" {found.said(kind)}" for kind, found in verdicts.items() if found.is_uneven)
    found: dict[str, object] = {"version": made.version, "data_version": made.data_version,
                                "average_precision": asdict(checked), "fairness": ratios}  # fmt: skip
    return found, (
        f". On its last {checked.rows:,} labelled orders, {checked.frauds} of them frauds, average precision "
        f"{checked.storewise:.3f}; LightGBM alone {checked.trees:.3f}.{uneven}"
    )


def _train_without_labels(opened: "Store", report: Report, lacking: str) -> tuple[dict[str, object], str]:
    from tools.fraud.upkeep import train_foreteller

    try:
        made = train_foreteller(opened, report, waiting=_waiting(opened, "fraud"))
    except UserError as error:
        raise UserError(f"{lacking} {error}") from None
    it, orders = made.foreteller, len(made.said.p)
    found: dict[str, object] = {"version": made.version, "labels": False, "orders": orders, "nats": it.nats,
                                "nats_by_frequency": it.marginal}  # fmt: skip
    return found, (
        f" foretells orders, without labels. {lacking}\nOf {orders:,} orders it learned what to expect of each "
        f"customer, device and address: {it.nats:.1f} nats an order on the last tenth, {it.marginal:.1f} by how "
        f"frequent each thing is. {NOW_A_REASON if made.counts else NO_REASON}"
    )


def _waiting(opened: "Store", kind: str) -> Callable[[], None]:
    return lambda: say(f"Another process is training the {kind} model of store {opened.name}: waiting for it to end.")


TRAIN: dict[str, Callable[["Store", Report], tuple[dict[str, object], str]]] = {
    "forecast": _train_forecast,
    "fraud": _train_fraud,
}


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
