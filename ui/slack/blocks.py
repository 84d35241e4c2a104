"""Slack's blocks, within Slack's limits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agent.labels import NULL, seen
from ui.slack.prose import CUT, Element, Rich, Table

Block = dict[str, Any]
LABEL, VALUE = 75, 2_000  # characters of a button
MOST_ROWS, MOST_CELLS, TABLE_TEXT, CELL = 99, 20, 9_000, 500  # of a table: rows without the head, characters
NOTE, NOTICE = 1_900, 1_000  # characters of small print; of what a notification shows


@dataclass(frozen=True)
class Message:
    """`text` is what notifications and screen readers get."""

    blocks: tuple[Block, ...]
    text: str

    @property
    def bare(self) -> Message:
        """The text alone, for the case that Slack refuses the blocks."""
        return Message((), self.text)


def message(blocks: Sequence[Block], text: str) -> Message:
    return Message(tuple(blocks), escaped(cut(seen(text).strip(), NOTICE)) or CUT)


def escaped(text: str) -> str:
    """For mrkdwn: no mention, no link, no command can come of it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + CUT


def rich(piece: Rich) -> Block:
    return {"type": "rich_text", "elements": list(piece.elements)}


def line(*leaves: Element) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(leaves)}]}


def text(said: str, **style: bool) -> Element:
    return {"type": "text", "text": seen(said) or " "} | ({"style": style} if style else {})


def code(said: str, most: int = 2_800) -> Block:
    inside = [text(cut(said, most))]
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": inside}]}


def note(said: str) -> Block:
    """Small print. `verbatim`: nothing in it becomes a link by itself."""
    shown = cut(escaped(seen(said)), NOTE) or CUT
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": shown, "verbatim": True}]}


def header(said: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(seen(said), 150) or " ", "emoji": False}}


def button(label: str, action: str, value: str) -> Block:
    shown = {"type": "plain_text", "text": cut(seen(label), LABEL) or " ", "emoji": False}
    return {"type": "button", "text": shown, "action_id": action, "value": value[:VALUE]}


def table(found: Table, figures: Collection[str] = ()) -> tuple[Block, int]:
    """The table and how many of its rows it shows; columns of `figures` stand right."""
    rows = [[cut(seen(cell), CELL) or NULL for cell in row[:MOST_CELLS]] for row in found.rows]
    kept, left = rows[:1], TABLE_TEXT - sum(map(len, rows[0]))
    for row in rows[1 : MOST_ROWS + 1]:
        left -= sum(map(len, row))
        if left < 0:
            break
        kept.append(row)
    columns = [[row[i] for row in kept[1:]] for i in range(len(kept[0]))]
    right = [any(c != NULL for c in column) and all(c in figures or c == NULL for c in column) for column in columns]
    settings = [{"align": "right"} if is_right else {"is_wrapped": True} for is_right in right]
    cells = [[{"type": "raw_text", "text": cell} for cell in row] for row in kept]
    return {"type": "table", "rows": cells, "column_settings": settings}, len(kept) - 1


def as_text(found: Table) -> Block:
    """A table beside another one, of which a message takes but one."""
    return code("\n".join(" | ".join(row) for row in found.rows))
