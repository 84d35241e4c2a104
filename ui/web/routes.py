"""The plain routes beside the chat: a receipt's CSV, a receipt run again, a conversation exported, our own files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import plotly
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse

from agent.rerun import run_again
from store.connect import open_store
from store.errors import UserError
from store.state import Turn, all_turns
from ui.gate import person_in
from ui.render import as_markdown, csv_text
from ui.web.shop import state_of

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("draw.js", "tables.js", "chart.js", "colours.js", "upload.js", "page.js")  # in the order that they need
FILES = {
    **{name: STATIC / name for name in ("style.css", *SCRIPTS)},
    "plotly.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js",
}
FOR_SPREADSHEETS = "\ufeff"  # without it Excel reads UTF-8 as something else


def routes() -> APIRouter:
    """Each for the one who is signed in, and their own conversations."""
    router = APIRouter(include_in_schema=False)

    @router.get("/own/{name}")
    def own_file(name: str) -> FileResponse:
        if name not in FILES:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(FILES[name], headers={"Cache-Control": "no-cache"})

    @router.get("/stores/{store}/threads/{thread}/turns/{number}/receipts/{receipt}.csv")
    def receipt_csv(request: Request, store: str, thread: str, number: int, receipt: str) -> Response:
        text = csv_text(_receipt(_turn(request, store, thread, number), receipt))
        name = f"{store}-{thread}-{number}-{receipt}.csv"
        return _download(FOR_SPREADSHEETS + text, name, "text/csv")

    @router.post("/stores/{store}/threads/{thread}/turns/{number}/receipts/{receipt}/again")
    def receipt_again(request: Request, store: str, thread: str, number: int, receipt: str) -> dict[str, Any]:
        found = _receipt(_turn(request, store, thread, number), receipt)
        try:
            again = run_again(open_store(person_in(request.scope).home, store), found)
        except UserError as error:
            return {"same": False, "said": str(error)}
        return {"same": again.same, "said": again.said}

    @router.get("/stores/{store}/threads/{thread}/export.md")
    def export_markdown(request: Request, store: str, thread: str) -> Response:
        return _download(as_markdown(_turns(request, store, thread), store), f"{store}-{thread}.md", "text/markdown")

    @router.get("/stores/{store}/threads/{thread}/export.json")
    def export_json(request: Request, store: str, thread: str) -> Response:
        turns = [
            {"question": t.question, "asked_at": t.asked_at, "answer": t.answer} for t in _turns(request, store, thread)
        ]
        text = json.dumps({"thread_id": thread, "store": store, "turns": turns}, ensure_ascii=False, indent=1)
        return _download(text, f"{store}-{thread}.json", "application/json")

    return router


def _turns(request: Request, store: str, thread: str) -> list[Turn]:
    person = person_in(request.scope)
    asker = person.at(store) if store in person.names() else None
    turns = all_turns(state_of(asker), asker.kept_as(thread)) if asker else []
    if not turns:
        raise HTTPException(404, "There is no such conversation.")
    return turns


def _turn(request: Request, store: str, thread: str, number: int) -> Turn:
    found = next((t for t in _turns(request, store, thread) if t.turn == number), None)
    if found is None:
        raise HTTPException(404, "There is no such answer.")
    return found


def _receipt(turn: Turn, receipt: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = next((r for r in turn.answer["receipts"] if r["id"] == receipt), None)
    if found is None:
        raise HTTPException(404, "There is no such receipt.")
    return found


def _download(text: str, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(text.encode(), media_type=f"{kind}; charset=utf-8", headers=headers)
