"""./storewise label: a merchant says which orders were fraud and which were fine; the next training learns from it."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import UserError
from ui.commands.common import home_of, print_json, say, store_name

if TYPE_CHECKING:
    from store.connect import Store
    from tools.fraud.known import Known

SAID: Mapping[str, bool | None] = {"fraud": True, "fine": False, "unknown": None}
WRITTEN: Mapping[str, bool | None] = {
    **SAID, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None,
}  # fmt: skip
COLUMNS = ("order_id", "is_fraud")
LARGEST = 50_000_000  # bytes of a file


def label_command(
    context: typer.Context,
    what: Annotated[str | None, typer.Argument(help="fraud, fine, or unknown to take it back.")] = None,
    orders: Annotated[list[str] | None, typer.Argument(help="The orders' ids.", metavar="ORDER…")] = None,
    file: Annotated[Path | None, typer.Option(help="A CSV file with the columns order_id and is_fraud.")] = None,
    store: Annotated[
        str | None, typer.Option(help="The store; the only one unless said.", callback=store_name, metavar="NAME")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which orders were fraud and which were fine. It counts for more than what was imported, and outlasts it."""
    from store.connect import only_store, open_store
    from store.labels import label
    from tools.fraud.known import known

    given = _given(what, orders or [], file)
    home = home_of(context)
    opened = open_store(home, store or only_store(home))
    _require(opened, given)
    label(opened.state_path, given)
    found = known(opened)
    if as_json:
        print_json({"status": "done", "store": opened.name, "labelled": len(given), "known_frauds": found.frauds,
                    "known_fine": found.fine, "enough": found.enough})  # fmt: skip
        return
    print(f"Store {opened.name}: {len(given):,} labelled. {_told(found)}")


def _told(found: "Known") -> str:
    from tools.fraud.train import FEWEST

    counts = f"{found.frauds:,} orders are known for fraud, {found.fine:,} for none"
    if not found.enough:
        return f"{counts}; {FEWEST} of each are needed to train a model."
    return f"{counts}. ./storewise train fraud learns from them; a running chat does by itself, if enough is new."


def _given(what: str | None, orders: list[str], file: Path | None) -> dict[str, bool | None]:
    """By order, what is said of it. Misuse (exit 2) where nothing is, or two things at once."""
    if (file is None) == (what is None):
        say("Say ./storewise label fraud ORDER…, label fine ORDER…, label unknown ORDER…, or label --file FILE.")
        raise typer.Exit(2)
    if file is not None:
        return dict(_read(file))
    if what is None or what not in SAID or not orders:
        say(f"Say fraud, fine or unknown, and then the orders' ids, not {' '.join(filter(None, [what, *orders]))!r}.")
        raise typer.Exit(2)
    return {order.strip(): SAID[what] for order in orders}


def _read(file: Path) -> Iterator[tuple[str, bool | None]]:
    """UserError: names the column, or the row and value, that can't be read."""
    try:
        if file.stat().st_size > LARGEST:
            raise UserError(f"{file} has more than {LARGEST:,} bytes.")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                there = ", ".join(rows.fieldnames or ()) or "none"
                raise UserError(f"{file} has no column {missing[0]}; it has {there}.")
            yield from (_line(file, number, row) for number, row in enumerate(rows, 2))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file} can't be read: {error}.") from error


def _line(file: Path, number: int, row: Mapping[str, str | None]) -> tuple[str, bool | None]:
    order, said = ((row[name] or "").strip() for name in COLUMNS)
    if not order:
        raise UserError(f"{file}, row {number}: order_id is empty.")
    if said.lower() not in WRITTEN:
        raise UserError(f"{file}, row {number}: is_fraud is {said!r}, and should be true, false or empty.")
    return order, WRITTEN[said.lower()]


def _require(store: "Store", given: Mapping[str, object]) -> None:
    """UserError: an order isn't there; nothing is labelled then."""
    with store.connect() as con:
        there = {order for (order,) in con.execute("SELECT order_id FROM orders").fetchall()}
    missing = [order for order in given if order not in there]
    if missing:
        more = f", and {len(missing) - 1:,} others" if len(missing) > 1 else ""
        raise UserError(f"Store {store.name} has no order {missing[0]!r}{more}. Nothing was labelled.")
