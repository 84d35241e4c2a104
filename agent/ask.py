"""One question in, one proven answer out: the object of answer.md, the same for every front end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from agent import local, loop, memory
from agent.answer import Draft, answer_object, failed_answer
from agent.plan import Clarify, Decline, Outcome, Turn
from agent.planner.lexer import CJK
from agent.principal import Principal
from agent.receipts import check
from agent.settings import Settings
from agent.texts import text as words
from agent.watch import Stopped, Watch
from agent.work import Work
from store.connect import Store, open_store
from store.forecasts import keep
from store.state import Key
from tools.contract import UserError
from tools.forecast.record import kept_of

LONGEST = 4_000  # characters of a question
ON_THIS_MACHINE = Settings()


def ask(
    principal: Principal,
    thread: str,
    text: str,
    *,
    settings: Settings = ON_THIS_MACHINE,
    as_of: date | None = None,
    watch: Watch | None = None,
    turns: Sequence[Turn] | None = None,
    key: Key | None = None,
) -> dict[str, Any]:
    """Answers one message of a conversation. Errors that people can mend come back as status "error", never raised.

    The question is written down before the work begins, so that a process that dies in between loses nothing. `turns`
    are what was said before, where the thread itself doesn't hold it; `key` is kept with the answer.
    """
    try:
        store = open_store(principal.home, principal.store)
        work = Work(store, as_of or store.today, watch or Watch())
        path, kept_as = store.state_path, principal.kept_as(thread)
        with memory.asking(path, kept_as, text) as question:
            before = memory.recall(path, kept_as) if turns is None else turns
            outcome, draft = _answered(work, before, text, settings)
            answer = answer_object(draft, thread, store, work.today)
            _keep_forecasts(store, draft)
            answer["turn"] = memory.remember(path, kept_as, text, outcome, answer, ends=question, key=key)
    except UserError as e:
        return failed_answer(str(e), thread, principal.store, settings.model, as_of)
    return answer


def _keep_forecasts(store: Store, draft: Draft) -> None:
    """What is forecast of days that nobody knows yet is kept, to be held against what comes."""
    for receipt in draft.receipts:
        forecast = kept_of(receipt.result)
        if forecast is not None and forecast.until >= store.today.isoformat():
            keep(store.state_path, forecast)


def _answered(work: Work, turns: Sequence[Turn], text: str, settings: Settings) -> tuple[Outcome, Draft]:
    unreadable = _unreadable(text)
    if unreadable:
        outcome = Clarify(words(unreadable, "en"), ())
        return outcome, local.without_figures("clarify", outcome.question, work, [text], (), "en")
    try:
        done = local.answer(text, turns, work) if settings.is_local else loop.answer(text, turns, work, settings)
        work.watch.check()  # stopped during the last step
        return done
    except Stopped:
        locale = "zh" if CJK.search(text) else "en"
        reason = words("stopped", locale)
        return Decline(reason, locale=locale), Draft("declined", check(reason, []), steps=work.steps, locale=locale)


def _unreadable(text: str) -> str | None:
    if not text.strip():
        return "empty"
    if len(text) > LONGEST:
        return "long"
    strange = sum(1 for c in text if (ord(c) < 32 and c not in "\t\r\n") or c == "\ufffd" or 0xD800 <= ord(c) < 0xE000)
    if strange:
        return "binary"
    letters = [c for c in text if c.isalpha()]
    known = [c for c in letters if ord(c) < 0x250 or 0x3400 <= ord(c) <= 0x9FFF or 0xFF00 <= ord(c) < 0xFFF0]
    return "script" if letters and len(known) < len(letters) / 2 else None
