"""What Slack takes: each method's fields, and what may stand in them. `wrong` says what a real Slack would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, HeaderBlock, SectionBlock
from slack_sdk.models.messages.chunk import Chunk, TaskUpdateChunk
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View

BLOCKS, HOME_BLOCKS, ROWS, CELLS, TABLE_CHARS, APPEND, ALT = 50, 100, 100, 20, 10_000, 12_000, 1_000
IN_RICH_TEXT = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
TEXTS = {"plain_text", "mrkdwn"}
STATUSES = {"pending", "in_progress", "complete", "error"}
MRKDWN = re.compile(r"<(?!(?:@[UW][A-Z0-9]+|!date\^)[^<>]*>)|&(?!(?:amp|lt|gt);)")  # what isn't escaped, people aside


@dataclass(frozen=True)
class Form:
    """The fields that a method must have, and those it may."""

    must: str
    may: str = ""

    @property
    def known(self) -> set[str]:
        return {*self.must.split(), *self.may.split()}


FORMS: dict[str, Form] = {
    "auth.test": Form(""),
    "apps.connections.open": Form(""),
    "chat.postMessage": Form("channel", "text blocks thread_ts unfurl_links unfurl_media metadata mrkdwn"),
    "chat.update": Form("channel ts", "text blocks metadata"),
    "chat.delete": Form("channel ts"),
    "chat.startStream": Form(
        "channel thread_ts", "recipient_team_id recipient_user_id task_display_mode chunks markdown_text"
    ),
    "chat.appendStream": Form("channel ts", "chunks markdown_text"),
    "chat.stopStream": Form("channel ts", "chunks markdown_text blocks metadata"),
    "views.publish": Form("user_id view", "hash"),
    "assistant.threads.setStatus": Form("channel_id thread_ts status", "loading_messages"),
    "assistant.threads.setTitle": Form("channel_id thread_ts title"),
    "assistant.threads.setSuggestedPrompts": Form("channel_id prompts", "thread_ts title"),
    "files.getUploadURLExternal": Form("filename length", "alt_txt snippet_type"),
    "files.completeUploadExternal": Form("files", "channel_id thread_ts initial_comment"),
    "conversations.open": Form("users", "return_im"),
    "conversations.history": Form("channel", "oldest latest limit cursor inclusive include_all_metadata"),
    "conversations.replies": Form("channel ts", "oldest latest limit cursor inclusive include_all_metadata"),
}


def wrong(method: str, sent: Mapping[str, Any]) -> str | None:
    """Slack's error for a call, and why; None where it is as it must be."""
    form = FORMS.get(method)
    if form is None:
        return f"unknown_method: {method}"
    if strange := set(sent) - form.known - {"token"}:
        return f"invalid_arguments: {sorted(strange)}"
    if missing := set(form.must.split()) - set(sent):
        return f"invalid_arguments: without {sorted(missing)}"
    return next(_wrong_fields(method, sent), None)


def _wrong_fields(method: str, sent: Mapping[str, Any]) -> Iterator[str]:
    if method == "chat.postMessage":
        if sent.get("unfurl_links") is not False or sent.get("unfurl_media") is not False:
            yield "unfurls: a message may show what it links to"
        if not sent.get("text"):
            yield "no_text: nothing for notifications and screen readers"
    if text := sent.get("text"):
        yield from _mrkdwn(text)
    yield from _wrong_chunks(sent.get("chunks") or [])
    yield from _wrong_blocks(sent.get("blocks") or [], BLOCKS)
    if view := sent.get("view"):
        yield from _formed(lambda: View(**view).to_dict(), "invalid_view")
        yield from _wrong_blocks(view["blocks"], HOME_BLOCKS)
    if metadata := sent.get("metadata"):
        yield from _formed(lambda: Metadata(**metadata).to_dict(), "invalid_metadata")
    yield from _wrong_prompts(sent.get("prompts"))
    if len(sent.get("alt_txt") or "") > ALT:
        yield "invalid_arguments: alt_txt is too long"


def _wrong_prompts(prompts: Any) -> Iterator[str]:
    if prompts is not None and (not 1 <= len(prompts) <= 4 or any(set(p) != {"title", "message"} for p in prompts)):
        yield f"invalid_arguments: prompts {prompts}"


def _wrong_chunks(chunks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if sum(len(json.dumps(c)) for c in chunks) > APPEND:
        yield "msg_too_long: chunks"
    for chunk in chunks:
        parsed = Chunk.parse(dict(chunk))
        if parsed is None or (isinstance(parsed, TaskUpdateChunk) and parsed.status not in STATUSES):
            yield f"invalid_chunks: {chunk}"
        if "text" in chunk:
            yield from _mrkdwn(chunk["text"])


def _wrong_blocks(blocks: Sequence[Mapping[str, Any]], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"invalid_blocks: {len(blocks)} blocks"
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "only_one_table_allowed"
    ids = [e["action_id"] for block in blocks for e in block.get("elements", []) if "action_id" in e]
    if len(ids) != len(set(ids)):
        yield f"invalid_blocks: action ids {ids}"
    for block in blocks:
        parsed = Block.parse(dict(block))
        if parsed is None:
            yield f"invalid_blocks: {block}"
            continue
        yield from _formed(parsed.to_dict, f"invalid_blocks: {block['type']}")
        yield from WRONG.get(block["type"], _nothing)(block)
        if isinstance(parsed, SectionBlock | HeaderBlock) and not getattr(parsed.text, "text", ""):
            yield f"invalid_blocks: an empty {block['type']}"


def _formed(make: Any, error: str) -> Iterator[str]:
    try:
        make()
    except SlackObjectFormationError as problem:
        yield f"{error}: {problem}"


def _wrong_table(block: Mapping[str, Any]) -> Iterator[str]:
    rows = block["rows"]
    if not 1 <= len(rows) <= ROWS or any(not 1 <= len(row) <= CELLS for row in rows) or len({len(r) for r in rows}) > 1:
        yield "invalid_blocks: a table's rows and cells"
    cells = [cell for row in rows for cell in row]
    if any(cell["type"] not in {"raw_text", "raw_number", "rich_text"} or not cell.get("text", " ") for cell in cells):
        yield "invalid_blocks: a table's cell"
    if any(cell["type"] == "raw_number" and not isinstance(cell["value"], int | float) for cell in cells):
        yield "invalid_blocks: a number that is none"
    if sum(len(cell.get("text", "")) for cell in cells) > TABLE_CHARS:
        yield "msg_blocks_too_long: a table"
    if any(set(c) - {"align", "is_wrapped"} for c in block.get("column_settings") or [] if c):
        yield "invalid_blocks: column settings"


def _wrong_rich_text(block: Mapping[str, Any]) -> Iterator[str]:
    for element in block["elements"]:
        if element["type"] not in IN_RICH_TEXT:
            yield f"invalid_blocks: {element['type']} in rich text"
        if element["type"] == "rich_text_list":
            if element["style"] not in {"bullet", "ordered"}:
                yield "invalid_blocks: a list's style"
            yield from _wrong_rich_text({"elements": element["elements"]})
            continue
        for leaf in element["elements"]:
            if leaf["type"] == "text" and not leaf["text"]:
                yield "invalid_blocks: an empty text"
            if leaf["type"] not in {"text", "user", "emoji"} or set(leaf) - {
                "type",
                "text",
                "style",
                "user_id",
                "name",
            }:
                yield f"invalid_blocks: {leaf}"


def _wrong_texts(block: Mapping[str, Any]) -> Iterator[str]:
    for text in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
        if isinstance(text, Mapping) and text.get("type") in TEXTS and text["type"] == "mrkdwn":
            yield from _mrkdwn(text["text"])
            if not text.get("verbatim"):
                yield "links: mrkdwn that makes links of addresses by itself"


def _mrkdwn(text: str) -> Iterator[str]:
    if found := MRKDWN.search(text):
        yield f"not_escaped: {text[found.start() : found.start() + 40]!r}"


def _wrong_buttons(block: Mapping[str, Any]) -> Iterator[str]:
    for element in block["elements"]:
        if element["type"] == "button" and not (
            0 < len(element["text"]["text"]) <= 75 and len(element.get("value", "")) <= 2_000
        ):
            yield "invalid_blocks: a button's label or value"


def _nothing(_: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


WRONG = {"table": _wrong_table, "rich_text": _wrong_rich_text, "actions": _wrong_buttons,
         "section": _wrong_texts, "context": _wrong_texts}  # fmt: skip
