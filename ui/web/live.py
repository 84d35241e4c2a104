"""A question on its way, as HTML: each step, to be opened. The answer appears whole, when it is proven."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from agent.watch import Step
from store.state import Turn
from ui.desk import Running
from ui.render import asked_of
from ui.web.conversation import asked_html, facts_html, seconds, sql_html, turn_html


def live_html(running: Running) -> str:
    """The question and its steps so far; once it is done, the turn as it is shown ever after."""
    if running.answer is not None:
        number = int(running.answer["turn"])
        return turn_html(Turn(running.thread, number, "", running.question, None, running.answer))
    if running.watch.stopped:
        return asked_html(running.question) + '<div class="answer waiting"><p class="note">Stopped.</p></div>'
    steps = "".join(_step(step) for step in running.steps.values())
    clock = f'<span class="clock meta" data-elapsed="{running.elapsed:.1f}"></span>'
    said = f'<p class="working" aria-live="off"><span class="pulse"></span>{_doing(running)}{clock}</p>'
    return f'{asked_html(running.question)}<div class="answer waiting">{said}<ol class="steps">{steps}</ol></div>'


def _doing(running: Running) -> str:
    if not running.steps:
        return "Reading the question"
    if any(step.status == "running" for step in running.steps.values()):
        return "Working"
    return "Checking the answer against its receipts"


def _step(step: Step) -> str:
    meta = "running" if step.status == "running" else seconds(step.ms)
    summary = f'<summary>{escape(step.said)}<span class="meta">{meta}</span></summary>'
    inside = "".join(_inside(step))
    return f'<li class="{step.status}"><details data-key="step{step.id}">{summary}{inside}</details></li>'


def _inside(step: Step) -> Iterator[str]:
    asked = [*asked_of(step.args)]
    yield facts_html(asked) if asked else '<p class="meta">Nothing further was asked of it.</p>'
    if step.sql:
        yield sql_html(step.sql)
    if step.error:
        yield f'<p class="note">{escape(step.error)}</p>'
