"""./storewise mcp: the shop for other agents, over MCP on stdin and stdout."""

import os
from typing import Annotated

import typer

from ui.commands.common import home_of, one_thread_each, store_name


def mcp_command(
    context: typer.Context,
    store: Annotated[
        str | None, typer.Option(help="May be left out when there is one store.", callback=store_name, metavar="NAME")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Who answers: local, or a model's name; else STOREWISE_MODEL says.")
    ] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Refuse models that aren't here; else STOREWISE_LOCAL_ONLY says.")
    ] = False,
) -> None:
    """Serve the tools and `ask` to another agent (Claude, ChatGPT, an IDE) that starts this as its MCP server."""
    import asyncio

    from agent.principal import Person
    from agent.settings import settings_from
    from ui.answering import answerer
    from ui.desk import Desk
    from ui.mcp import over_stdio

    one_thread_each(os.environ)
    home, settings = home_of(context), settings_from(os.environ, model, local_only=local_only)
    desk = Desk(answerer(home, settings))
    try:
        asyncio.run(over_stdio(Person(home), store, desk))
    except KeyboardInterrupt:
        pass
    finally:
        desk.stop_all()
