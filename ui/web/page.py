"""The page: Gradio's parts laid out, and what happens when they are used.

The page's script (static/page.js) draws conversations. What it wants of the server it says through the custom events of
the hidden `bridge`; what the server says comes back as JSON in `shown` (a whole conversation) and `live` (the question
on its way). Which store and conversation a page shows stands in its address, so nothing is lost with a session.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from agent.examples import example_questions
from agent.settings import Settings
from store.connect import Store
from store.errors import UserError
from ui.desk import Asked, Desk, Running
from ui.gate import person_in
from ui.render import shown_text
from ui.web.conversation import turn_html, unanswered_html
from ui.web.import_page import import_page
from ui.web.importing import Imports
from ui.web.indexing import indexing
from ui.web.live import live_html
from ui.web.shop import Shops, greeting_html, header_html, stores_html, threads_html
from ui.web.training import Trainings

THREAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
BRIDGE = """
const attach = () => window.storewise ? window.storewise.attach(trigger) : setTimeout(attach, 20);
attach();  // events: 'open' 'ask' 'halt' 'forget' 'look'
"""
WATCHED = """
const listen = () => window.storewise ? watch('value', () => window.storewise.%s(props.value)) : setTimeout(listen, 20);
listen();
"""
BRAND = '<a class="brand" href="?">Storewise</a>'
THEMES = (
    '<div class="themes" role="radiogroup" aria-label="Colours">'
    + "".join(
        f'<label><input type="radio" name="colours" value="{value}"><span>{said}</span></label>'
        for value, said in (("light", "Light"), ("dark", "Dark"), ("system", "System"))
    )
    + "</div>"
)
LOG = (
    '<h1 class="sr">Ask about your shop</h1><div id="log" role="log" aria-live="off" aria-label="Conversation">'
    '<div id="turns"></div><div id="live"></div><div id="greeting"></div></div>'
    '<p id="said" class="sr" aria-live="polite"></p>'
)


def page(settings: Settings, desk: Desk, imports: Imports, trainings: Trainings) -> gr.Blocks:
    answers = Answers(settings, desk, trainings)
    blocks: gr.Blocks
    with gr.Blocks(title="Storewise", analytics_enabled=False, delete_cache=(3600, 7200)) as blocks:
        bridge = _html(None, html_template="<i></i>", js_on_load=BRIDGE, visible="hidden")
        _html('<a class="skip" href="#question">Skip to the question</a>', elem_id="skip")
        with gr.Sidebar(width=300, elem_id="side"):
            _html(BRAND, elem_id="brand")
            gr.Button("New conversation", elem_id="new", variant="secondary", size="md")
            _html('<div id="stores"></div>')
            _html('<nav id="threads" aria-label="Conversations"></nav>', elem_id="threads-box")
            gr.Button("Import data", elem_id="go-import", variant="secondary")
            _html(THEMES, elem_id="themes")
        with gr.Column(elem_id="chat"):
            _html('<div id="bar"></div>', elem_id="header")
            _html(LOG, elem_id="conversation")
            with gr.Row(elem_id="composer"):
                gr.Textbox(
                    label="Your question", show_label=False, lines=1, max_lines=8, elem_id="question-box",
                    placeholder="Ask about your shop", container=False, scale=1, html_attributes=_attributes(),
                )  # fmt: skip
                gr.Button("Ask", variant="primary", elem_id="send", scale=0, min_width=72)
                gr.Button("Stop", variant="stop", elem_id="stop", scale=0, min_width=72)
        with gr.Column(elem_id="import"):
            import_page(settings, imports, bridge)
        shown = _html(None, html_template="<i></i>", js_on_load=WATCHED % "show", visible="hidden")
        live = _html(None, html_template="<i></i>", js_on_load=WATCHED % "follow", visible="hidden")

        quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
        bridge.ask(answers.ask, None, [shown, live], trigger_mode="multiple", **quiet)
        bridge.open(answers.open, None, [shown, live], trigger_mode="multiple", **quiet)
        bridge.halt(answers.halt, None, None, queue=False, **quiet)
        bridge.forget(answers.forget, None, shown, **quiet)
    return blocks


def _html(value: str | None = None, **more: Any) -> gr.HTML:
    """HTML of ours, without the look that Gradio gives to HTML."""
    return gr.HTML(value, **{"apply_default_css": False, "js_on_load": None, **more})


def _attributes() -> Any:
    return gr.InputHTMLAttributes(autocomplete="off")


@dataclass(frozen=True)
class Place:
    """What a page shows: which conversation of which store, and to whom. `asked` counts the questions put from it: the
    page gets it back with all that is said, and leaves aside what is older than its last question."""

    shops: Shops
    store: str
    thread: str
    asked: int = 0


class Answers:
    """What the page's events do. Each is told the store and the conversation by the page's address."""

    def __init__(self, settings: Settings, desk: Desk, trainings: Trainings) -> None:
        self._settings, self._desk, self._trainings = settings, desk, trainings

    async def open(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Any]:
        """The conversation as it is stored, then whatever is still being answered in it."""
        at = self._place(event, request)
        running = self._running(at)
        yield await self._conversation(at), gr.skip() if running else _said(at)
        if running:
            async for said in self._followed(running, at):
                yield gr.skip(), said
            yield await self._conversation(at), gr.skip()

    async def ask(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Any]:
        at = self._place(event, request)
        text = str(event._data.get("text", ""))
        try:
            running = self._desk.put(Asked(at.shops.person.at(at.store), at.thread, text))
        except UserError as error:
            yield gr.skip(), _said(at, refused=str(error), text=text)
            return
        async for said in self._followed(running, at):
            yield gr.skip(), said
        yield await self._conversation(at), gr.skip()

    def halt(self, event: gr.EventData, request: gr.Request) -> None:
        running = self._running(self._place(event, request))
        if running:
            running.stop()

    def forget(self, event: gr.EventData, request: gr.Request) -> Any:
        at = self._place(event, request)
        gone = str(event._data.get("gone", ""))
        if THREAD.fullmatch(gone):
            running = self._running(replace(at, thread=gone))
            if running:
                running.stop()
            at.shops.forget(at.store, gone)
        return self._shown(at)

    def _place(self, event: gr.EventData, request: gr.Request) -> Place:
        """What the page says is not trusted: a store need not be there, and what can't be a thread's name is none."""
        shops = Shops(person_in(request.request.scope), self._settings)
        thread = str(event._data.get("thread", ""))
        store = shops.chosen(str(event._data.get("store", "")))
        asked = event._data.get("asked")
        return Place(
            shops, store, thread if THREAD.fullmatch(thread) else "none", asked if isinstance(asked, int) else 0
        )

    def _running(self, at: Place) -> Running | None:
        asker = at.shops.asker(at.store)
        return self._desk.running(asker, at.thread) if asker else None

    async def _conversation(self, at: Place) -> str:
        """Put together beside the loop that streams to every page: it reads files, and tries the examples."""
        return await asyncio.to_thread(self._shown, at)

    def _shown(self, at: Place) -> str:
        """All that `shown` carries: the conversation, and what stands around it."""
        shops, store, thread = at.shops, at.store, at.thread
        turns, lost = shops.turns(store, thread)
        running = self._running(at)
        opened = shops.opened(store)
        blocks = [{"key": str(t.turn), "html": turn_html(t, shops.people(store, t))} for t in turns]
        blocks += [
            {"key": f"lost-{u.asked_at}", "html": unanswered_html(u)}
            for u in lost
            if not (running and u.running and u.question == running.question)
        ]
        return json.dumps(
            {
                "store": store,
                "thread": thread,
                "asked": at.asked,
                "turns": blocks,
                "greeting": "" if blocks or running else _greeting(shops, store),
                "bar": header_html(opened, store, shops.settings, self._underway(opened), name=shops.person.name),
                "stores": stores_html(shops.names(), store),
                "threads": threads_html(shops.threads(store), store, thread),
            }
        )

    def _underway(self, store: Store | None) -> dict[str, float | None]:
        """What is being made of a store beside its chats, and how far it is."""
        return {"indexing products": indexing(store), "training the forecast": self._trainings.part(store, "forecast"),
                "training the fraud model": self._trainings.part(store, "fraud")}  # fmt: skip

    async def _followed(self, running: Running, at: Place) -> AsyncIterator[str]:
        async for now in running.follow():
            answer = now.answer
            key = str(answer["turn"]) if answer and answer["turn"] else ""
            yield _said(
                at, html=live_html(now), key=key, working=answer is None and not now.watch.stopped,
                say=_spoken(answer) if answer else "",
            )  # fmt: skip


def _greeting(shops: Shops, store: str) -> str:
    opened = shops.opened(store)
    examples = example_questions(opened) if opened else []
    return greeting_html(opened, shops.problem(store), examples)


def _spoken(answer: dict[str, Any]) -> str:
    """What a screen reader says once: that the answer is there, and how it begins."""
    return "Answer: " + shown_text(answer).split("\n\n")[0][:300].replace("**", "")


def _said(at: Place, **more: Any) -> str:
    nothing = {"html": "", "key": "", "working": False, "say": "", "refused": "", "text": ""}
    return json.dumps({"store": at.store, "thread": at.thread, "asked": at.asked, **nothing, **more})
