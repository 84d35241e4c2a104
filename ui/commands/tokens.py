"""./storewise tokens: keys for programs that ask over HTTP or MCP."""

from datetime import timedelta
from typing import Annotated

import typer

from ui.commands.common import home_of, print_json, say
from ui.commands.users import AllStores, AsJson, Name, RoleName, Stores, chosen_role, chosen_stores, said_rights

app = typer.Typer(help="API tokens for programs: create, list and revoke.", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    name: Name,
    store: Stores = None,
    all_stores: AllStores = False,
    role: RoleName = "analyst",
    days: Annotated[int, typer.Option(min=0, max=3650, help="How long it is good for; 0 for ever.")] = 90,
) -> None:
    """Create a token and print it, this once."""
    from store.users import create_token

    lasts = timedelta(days=days) if days else None
    token, secret = create_token(home_of(context), name, chosen_role(role), chosen_stores(store, all_stores), lasts)
    print(secret)
    until = f"until {token.expires_at}" if token.expires_at else "until it is revoked"
    say(f"Token {token.account.id}, {said_rights(token.account)}, is good {until}. It is not shown again.")


@app.command("list")
def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens: id, name, role, stores, whether they are good."""
    from store.users import tokens

    found = tokens(home_of(context))
    if as_json:
        rows = [{"id": t.account.id, "name": t.account.name, "role": t.account.role, "stores": t.account.stores,
                 "state": t.state, "created_at": t.created_at, "expires_at": t.expires_at} for t in found]  # fmt: skip
        print_json({"tokens": rows})
    elif found:
        print("\n".join(f"{t.account.id}  {t.account.name}  {said_rights(t.account)}  {t.state}" for t in found))
    else:
        say("There are no tokens yet. Make one: ./storewise tokens create NAME --store STORE")


@app.command()
def revoke(context: typer.Context, token: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Revoke a token: from now on it lets nobody in."""
    from store.users import revoke_token

    revoke_token(home_of(context), token)
    say(f"Token {token} is revoked.")
