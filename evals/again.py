"""Tools run again for the auditor, where a receipt has no SQL that it could run itself."""

from __future__ import annotations

from typing import Any

from agent import toolbox
from evals.audit.rerun import Rerun, Table
from store.connect import open_store
from store.paths import Home


def tools_of(home: Home, name: str) -> Rerun:
    """Runs a tool with a receipt's input on the store's present data. UserError: there is no such store."""
    store = open_store(home, name)

    def again(tool: str, args: dict[str, Any]) -> Table:
        result = toolbox.call(store, tool, args, store.today)
        return [c.name for c in result.columns], result.rows

    return again
