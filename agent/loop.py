"""The LLM path: a language model plans with the same tools; every number it writes is checked all the same.

What can go wrong, and what comes of it:

| fault | what is tried | what is shown where it doesn't help |
|---|---|---|
| no connection, reset, half a stream, 5xx | again, with jitter, up to `retries` times | the local path |
| 429 | again after Retry-After, where the deadline leaves time for it | the local path |
| another 4xx (key, model name), a redirection | nothing | the local path |
| a body that is no JSON, a stream without a message or its end, one too large | again, as above | the local path |
| silence, a trickle, a late first byte | again after half the deadline | the local path at the deadline |
| malformed arguments, unknown tool, wrong types | told back, up to `repairs` times | the local path |
| nothing said, or far too much, links or HTML, nothing looked up | told back, as above | the local path |
| the same call twice | not made; told back, as above | the local path |
| calls without end | up to `steps` replies, `calls` calls, `tokens`, `cost` | the local path |
| prose that isn't proven | told back once | the tables of the receipts |
| a question back or a refusal that isn't proven | told back once | the same without its figures |
| the merchant stops it | the request is hung up | as any stopped turn |

The local path says that it answered instead. Where it has no answer either, the tables of what the model had looked up
stand beside a plain sentence, else the local path's own reply does.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from agent import local
from agent.answer import Draft
from agent.llm.failed import Failed
from agent.llm.run import run
from agent.llm.talk import Talk, calls_of
from agent.plan import Outcome, Plan, Turn
from agent.receipts import Checked, check, table
from agent.settings import LOCAL, Settings
from agent.texts import text as words
from agent.work import Work

log = logging.getLogger(__name__)


def answer(text: str, turns: Sequence[Turn], work: Work, settings: Settings) -> tuple[Outcome, Draft]:
    """What the model makes of one message of a conversation, or the local path where it fails. Raises Stopped."""
    from agent.llm.conversation import converse

    talk = Talk(text.strip(), turns, work, settings)
    try:
        run(converse(talk), settings.seconds, work.watch)
    except Failed as e:
        log.warning("The language model %s failed: %s", settings.model, e)
        return _stand_in(e.why, talk)
    if talk.end is None:
        raise AssertionError("the conversation ended without an end")
    return talk.end


def _stand_in(why: str, talk: Talk) -> tuple[Outcome, Draft]:
    """The local path's reply, with a sentence that says so; what the model spent is counted all the same."""
    before = talk.work
    work = Work(before.store, before.today, before.watch, steps=before.steps)
    outcome, draft = local.answer(talk.question, talk.turns, work)
    why = words(why, talk.locale)
    draft.usage = replace(talk.usage, model=LOCAL)
    if draft.status != "answered" and before.receipts:
        return Plan(calls_of(before.receipts), talk.locale), _so_far(why, talk)
    said = words("answered_instead" if draft.status == "answered" else "took_over", talk.locale, why=why)
    draft.checked = Checked(f"{draft.checked.text}\n\n{said}", draft.checked.claims)
    return outcome, draft


def _so_far(why: str, talk: Talk) -> Draft:
    """No answer, but the results that there are."""
    receipts, locale = talk.work.receipts, talk.locale
    prose = "\n\n".join([words("so_far", locale, why=why), *(table(r, locale) for r in receipts)])
    return Draft(
        "declined", check(prose, receipts, locale=locale), receipts,
        steps=talk.work.steps, usage=talk.usage, locale=locale,
    )  # fmt: skip
