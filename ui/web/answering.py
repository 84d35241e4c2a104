"""ask(), as the desk calls it: an answer object whatever happens, and a bug written down once."""

from __future__ import annotations

from typing import Any

from agent.answer import failed_answer
from agent.ask import ask
from agent.principal import Principal
from agent.settings import Settings
from agent.watch import Watch
from store.paths import Home
from ui.commands.common import record
from ui.web.turns import Answerer


def answerer(home: Home, settings: Settings) -> Answerer:
    def answered(store: str, thread: str, text: str, watch: Watch) -> dict[str, Any]:
        try:
            return ask(Principal(home, store), thread, text, settings=settings, watch=watch)
        except Exception:  # the outermost boundary of this thread: the page must be told, whatever it was
            record(home, "chat")
            said = "An internal error, recorded in errors.log. Nothing in the shop was changed: try the question again."
            return failed_answer(said, thread, store, settings.model, None)

    return answered
