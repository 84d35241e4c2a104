"""Messages as a conversation: what is asked, and what was said before it.

A call that names no conversation brings all of it along. What was answered then is found again by the messages that led
to it; what isn't (another server's answers, a text that was changed) is worked out anew by the planner of this machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from agent import memory
from agent.ask import ask
from agent.plan import Turn
from agent.principal import Principal
from ui.api.forms import ChatRequest, Message
from ui.api.refused import Refused
from ui.desk import Asked

KEPT = "messages:"  # what conversations of calls that name none are called
TALKING = ("user", "assistant")


@dataclass(frozen=True)
class Dialog:
    """The texts of a conversation with who said them, the question last."""

    said: tuple[tuple[str, str], ...]

    @property
    def question(self) -> str:
        return self.said[-1][1]

    def until(self, position: int) -> Dialog:
        return Dialog(self.said[: position + 1])

    @property
    def name(self) -> str:
        return KEPT + hashlib.sha256(json.dumps(self.said).encode()).hexdigest()[:32] + ":"


def dialog_of(request: ChatRequest) -> Dialog:
    """Refused where the last message is nobody's question. What system messages say is no rule here: it is left out."""
    said = tuple((m.role, _text(m)) for m in request.messages if m.role in TALKING)
    if not said or said[-1][0] != "user":
        raise Refused("invalid_request", "The last message must be the user's: it is the question.", param="messages")
    return Dialog(said)


def _text(message: Message) -> str:
    if not isinstance(message.content, list):
        return message.content or ""
    if any(part.type != "text" for part in message.content):
        raise Refused("only_text", "Only text can be read here: leave images, audio and files out.", param="messages")
    return "\n".join(part.text or "" for part in message.content)


def without_a_name(principal: Principal, dialog: Dialog) -> Asked:
    """The question with its own messages for a context."""
    thread = dialog.name + uuid4().hex[:8]  # whoever asks the same at the same time doesn't wait for it
    return Asked(principal, thread, dialog.question, turns=lambda: turns_before(principal, dialog))


def turns_before(principal: Principal, dialog: Dialog) -> Sequence[Turn]:
    """The turns that the messages before the question stand for, as many as a conversation looks back."""
    path = principal.home.store(principal.store) / "state.sqlite"
    asked = [i for i, (role, _) in enumerate(dialog.said[:-1]) if role == "user"]
    found: list[Turn] = []
    for position in asked[-memory.KEPT :]:
        then = dialog.until(position)
        turn = memory.first(path, principal.kept_as(then.name))
        if turn is None:
            ask(principal, then.name, then.question, turns=found[:])
            turn = memory.first(path, principal.kept_as(then.name))
        if turn:
            found.append(turn)
    return found
