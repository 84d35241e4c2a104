"""ask(), as the desk calls it: an answer object whatever happens, and a bug written down once."""

from __future__ import annotations

from typing import Any

from agent.answer import failed_answer
from agent.ask import ask
from agent.settings import Settings
from agent.watch import Watch
from store.paths import Home
from ui.commands.common import record
from ui.desk import Answerer, Asked


def answerer(home: Home, settings: Settings) -> Answerer:
    def answered(asked: Asked, watch: Watch) -> dict[str, Any]:
        try:
            turns = asked.turns() if asked.turns else None
            return ask(
                asked.principal, asked.thread, asked.text, settings=settings, watch=watch, turns=turns, key=asked.key
            )
        except Exception:  # the outermost boundary of this thread: whoever asked must be told, whatever it was
            record(home, "chat")
            said = "An internal error, recorded in errors.log. Nothing in the shop was changed: try the question again."
            return failed_answer(said, asked.thread, asked.principal.store, settings.model, None)

    return answered
