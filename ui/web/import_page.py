"""The import page: drop an export, watch it being read, read its report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr

from agent.settings import Settings
from store.errors import UserError
from store.importers import IMPORTERS
from store.manifest import MANIFEST, read_manifest
from ui.gate import person_in
from ui.web.importing import MAX_UPLOAD, Imports, Job
from ui.web.reports import failed_html, format_title, job_html, report_html
from ui.web.shop import Shops

LOOKS = 0.2  # seconds between two looks at a running import
REPLACE, APPEND = "Replace what is there", "Add to what is there"
WARNING = (
    "Replacing puts this export in place of the store's present data; the version before is kept. "
    "Adding merges by the rows' own keys: newer rows win, nothing is lost. Conversations stay either way."
)
MEGABYTES = MAX_UPLOAD >> 20
HEAD = (
    '<div class="page-head"><button type="button" class="quiet" data-view="chat">← Back to the chat</button>'
    "<h1>Import data</h1><p>Bring in an export of your orders. It is read on this machine and goes nowhere else; "
    f"your files are left as they are. Up to {MEGABYTES} MB here; for more, use "
    "<code>./storewise import</code>.</p></div>"
    f'<p id="too-large" role="alert" data-limit="{MAX_UPLOAD}"></p>'
)


def import_page(settings: Settings, imports: Imports, bridge: gr.HTML) -> None:
    """The bridge's event "look" says that somebody has come here."""
    desk = ImportDesk(settings, imports)
    _html(HEAD)
    with gr.Column(elem_id="import-form"):
        files = gr.File(label="Export files: CSV, XLSX or Parquet", file_count="multiple", elem_id="drop", height=180)
        format = gr.Radio(formats(), value=next(iter(IMPORTERS)), label="What it is", elem_id="format")
        name = gr.Textbox(
            label="Store name", info="Letters, digits, - and _.", max_lines=1, elem_id="store-name", max_length=64
        )
        mode = gr.Radio([REPLACE, APPEND], label="If the store is already there", info=WARNING)
        with gr.Row():
            go = gr.Button("Import", variant="primary", elem_id="import-go")
            stop = gr.Button("Stop the import", variant="stop", elem_id="import-stop", visible="hidden")
    outcome = _html(elem_id="outcome")

    quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
    shown_store = gr.State("")
    outputs = [outcome, go, stop, files, shown_store]
    begun = go.click(desk.start, [files, format, name, mode], outputs, **quiet)
    begun.then(None, js="() => window.storewise.imported()")
    looked = bridge.look(desk.arrived, None, outputs, **quiet)
    looked.then(None, js="() => window.storewise.open()")  # there may be a store more to choose
    stop.click(desk.stop, shown_store, None, queue=False, **quiet)


def formats() -> list[tuple[str, str]]:
    """(what people know it by, its name): each format with the columns that an export of it begins with."""
    heads = {name: ", ".join(wanted.spellings[0] for wanted in each.columns[:4]) for name, each in IMPORTERS.items()}
    return [(f"{format_title(name)}: {columns}, …", name) for name, columns in heads.items()]


def _html(value: str | None = None, **more: Any) -> gr.HTML:
    return gr.HTML(value, apply_default_css=False, js_on_load=None, **more)


class ImportDesk:
    def __init__(self, settings: Settings, imports: Imports) -> None:
        self._settings, self._imports = settings, imports

    def _shops(self, request: gr.Request) -> Shops:
        return Shops(person_in(request.request.scope), self._settings)

    async def start(
        self, files: list[str] | None, format: str, name: str, mode: str | None, request: gr.Request
    ) -> AsyncIterator[Any]:
        """Imports what was dropped; a page that goes away does not stop it."""
        shops = self._shops(request)
        try:
            _check_choice(shops, name.strip(), mode)
            job = self._imports.start(shops.person, name, format, [Path(f) for f in files or []], mode == APPEND)
        except UserError as error:
            yield failed_html(str(error)), *[gr.skip()] * 4
            return
        files_taken: Any = None
        async for shown in _followed(job):
            yield *shown[:3], files_taken, shown[-1]
            files_taken = gr.skip()  # what is dropped from now on is for the next import

    def stop(self, store: str, request: gr.Request) -> None:
        self._imports.stop(self._shops(request).person, store)

    async def arrived(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Any]:
        async for shown in self.look(self._shops(request), str(event._data.get("store", ""))):
            yield shown

    async def look(self, shops: Shops, store: str) -> AsyncIterator[Any]:
        """What there is to see on coming here: an import under way, or the last report."""
        job = self._imports.latest(shops.person)
        if job is None:
            yield _last_report(shops, shops.chosen(store)), *_buttons(False), gr.skip(), ""
            return
        async for shown in _followed(job):
            yield shown


def _check_choice(shops: Shops, name: str, mode: str | None) -> None:
    """Nobody replaces a store without having said so."""
    if not name:
        raise UserError("Give the store a name first, for example: shop.")
    if mode is None and name in shops.names():
        raise UserError(f"Store {name} is already there: choose whether to replace what is there or to add to it.")


def _last_report(shops: Shops, store: str) -> str:
    if store not in shops.names():
        return ""
    try:
        report = read_manifest(shops.person.home.store(store) / MANIFEST).report
    except UserError:
        return ""
    return report_html(report) if "rows_read" in report else ""


async def _followed(job: Job) -> AsyncIterator[tuple[Any, ...]]:
    while not job.done:
        yield job_html(job), *_buttons(True), gr.skip(), job.store
        await asyncio.sleep(LOOKS)
    yield job_html(job), *_buttons(False), gr.skip(), ""


def _buttons(running: bool) -> tuple[Any, Any]:
    go = gr.Button(interactive=not running)
    return go, gr.Button(visible=True if running else "hidden")
