"""./storewise stores: list, back up, remove."""

from typing import Annotated, Any

import typer

from ui.commands.common import home_of, print_json, say, store_name

app = typer.Typer(help="List, back up and remove stores.")
_Name = Annotated[str, typer.Argument(callback=store_name, metavar="NAME")]


@app.callback(invoke_without_command=True)
def list_stores(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """List the stores: rows, dates, currency, data version, models, index."""
    if context.invoked_subcommand:
        return
    from store.upkeep import describe_stores

    infos = describe_stores(home_of(context))
    if as_json:
        print_json({"stores": [_as_json(info) for info in infos]})
    elif infos:
        print("\n".join(_as_text(info) for info in infos))
    else:
        say("There are no stores yet. Make one: ./storewise import FORMAT FILE... --store NAME, or ./storewise demo")


def _as_json(info: Any) -> dict[str, Any]:
    m = info.manifest
    kept = ("format", "created_at", "data_version", "currency", "first_day", "last_day", "rows")
    described = {key: getattr(m, key) if m else None for key in kept}
    previous = m.previous.data_version if m and m.previous else None
    found = {"models": list(info.models), "index": info.indexed, "problem": info.problem}
    return {"name": info.name, **described, "previous": previous, **found}


def _as_text(info: Any) -> str:
    m = info.manifest
    if m is None:
        return f"{info.name}\n  {info.problem}"
    rows = ", ".join(f"{count:,} {table}" for table, count in m.rows.items() if count)
    models = ", ".join(info.models) or "none"
    return (
        f"{info.name}  {m.first_day} to {m.last_day}, {m.currency}, from {m.format}\n"
        f"  {rows}\n  data version {m.data_version}, imported {m.created_at}\n"
        f"  models: {models}; index: {'yes' if info.indexed else 'no'}"
    )


@app.command()
def backup(context: typer.Context, name: _Name) -> None:
    """Write a store into one zip file and print its path."""
    from store.upkeep import backup_store

    print(backup_store(home_of(context), name))
    say("To restore it, unpack it into the store's folder.")


@app.command()
def remove(
    context: typer.Context, name: _Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a store with its conversations, models and index. Backups stay."""
    from store.connect import require_store
    from store.upkeep import remove_store

    home = home_of(context)
    require_store(home, name)
    if not yes and not typer.confirm(f"Remove store {name} with its conversations, models and index?", err=True):
        say("Nothing was removed.")
        raise typer.Exit(1)
    remove_store(home, name)
    say(f"Removed store {name}.")
