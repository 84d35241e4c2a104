"""./storewise users: who may sign in, with which rights."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import UserError
from ui.commands.common import home_of, print_json, say, store_name

if TYPE_CHECKING:
    from store.users import Account, Role

app = typer.Typer(help="Who may sign in to the chat: add, list and remove.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME")]
Stores = Annotated[
    list[str] | None, typer.Option("--store", help="A store to be seen; may be given often.", metavar="STORE")
]
AllStores = Annotated[bool, typer.Option("--all-stores", help="Every store, also those that are yet to come.")]
RoleName = Annotated[
    str, typer.Option("--role", help="owner (imports, sees customers' names and contacts) or analyst (doesn't).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    store: Stores = None,
    all_stores: AllStores = False,
    role: RoleName = "analyst",
    replace: Annotated[
        bool, typer.Option("--replace", help="Change a user's password, role and stores, and sign them out.")
    ] = False,
) -> None:
    """Add a user. The password is asked for, or read as one line from a pipe."""
    from store.users import add_user

    stores, known_role = chosen_stores(store, all_stores), chosen_role(role)
    account = add_user(home_of(context), name, _password(), known_role, stores, replace=replace)
    say(f"{account.name} may sign in: {said_rights(account)}.")


@app.command("list")
def list_users(context: typer.Context, as_json: AsJson = False) -> None:
    """List the users: name, role, stores."""
    from store.users import users

    found = users(home_of(context))
    if as_json:
        print_json({"users": [{"name": a.name, "role": a.role, "stores": a.stores} for a in found]})
    elif found:
        print("\n".join(f"{a.name}  {said_rights(a)}" for a in found))
    else:
        say("There are no users yet. Make one: ./storewise users add NAME --store STORE")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Remove a user, and sign them out. What they asked stays in the stores."""
    from store.users import remove_user

    remove_user(home_of(context), name)
    say(f"{name} can no longer sign in.")


def chosen_stores(stores: list[str] | None, all_stores: bool) -> list[str] | None:
    """Those named, None for all; nobody gets all of them by leaving something out."""
    if bool(stores) == all_stores:
        raise typer.BadParameter("Say which: --store STORE, as often as needed, or --all-stores.", param_hint="--store")
    return None if all_stores else [name for each in stores or [] if (name := store_name(each))]


def chosen_role(role: str) -> "Role":
    from store.users import ROLES

    for known in ROLES:
        if known == role:
            return known
    raise typer.BadParameter(f"{role!r} is no role: there are {' and '.join(ROLES)}.", param_hint="--role")


def said_rights(account: "Account") -> str:
    return f"{account.role} of {'all stores' if account.stores is None else ', '.join(account.stores)}"


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = str(typer.prompt("Password", hide_input=True, err=True))
    if first != typer.prompt("Again", hide_input=True, err=True):
        raise UserError("The two passwords differ. Nothing was changed.")
    return first
