"""An answer object as a Slack message: prose, one table, the receipts in a line each, and buttons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.toolbox import said as tool_said
from store.contacts import Contact
from ui.people import contact_text
from ui.render import asked_of, cell_text, column_heading, shown_text
from ui.slack.blocks import Block, Message, as_text, button, code, line, message, note, rich, table, text
from ui.slack.events import ASK, RECEIPT
from ui.slack.prose import Rich, Table, pieces, plain
from ui.web.words import language_of, rows_of, usage_of, word

MOST_BLOCKS = 44  # of an answer's own: Slack takes 50 with what stands around them
MOST_CHOICES, MOST_RECEIPTS = 12, 5  # buttons
SHOWN_ROWS = 20  # of a receipt
NOTED = ("declined", "error")


def answer_message(
    answer: Mapping[str, Any], *, asked_by: str = "", asked: str = "", people: Sequence[Contact] = ()
) -> Message:
    """`asked_by` pressed a button for it, or used the command: then what was `asked` stands above."""
    lang, found = language_of(answer), pieces(shown_text(answer))
    head = [line({"type": "user", "user_id": asked_by}, text(f": {asked[:300]}"))] if asked_by else []
    if answer["status"] in NOTED:
        head.append(note(word(answer["status"], lang)))
    body = [*head, *answer_blocks(answer, found, lang)][:MOST_BLOCKS]
    body += [line(text(f"{c.customer_id}: {contact_text(c)}")) for c in people[: MOST_BLOCKS - len(body)]]
    tail = [*_facts(answer, lang), *_buttons(answer, lang)]
    return message([*body, *tail], plain(found) or shown_text(answer))


def answer_blocks(answer: Mapping[str, Any], found: Sequence[Rich | Table], lang: str) -> Iterator[Block]:
    """The prose and its tables in their order."""
    figures, tables = {number["text"] for number in answer["numbers"]}, 0
    for piece in found:
        if isinstance(piece, Rich):
            yield rich(piece)
            continue
        tables += 1
        if tables > 1:
            yield as_text(piece)
            continue
        block, shown = table(piece, figures)
        yield block
        if shown < len(piece.rows) - 1:
            yield note(word("first_rows_here", lang, shown=shown, rows=rows_of(len(piece.rows) - 1, lang)))


def _facts(answer: Mapping[str, Any], lang: str) -> Iterator[Block]:
    """What proves the answer, in a line."""
    lines = [receipt_line(r, lang) for r in answer["receipts"][:MOST_RECEIPTS]]
    if used := usage_of(answer["usage"], lang):
        lines.append(used)
    if lines:
        yield note("\n".join(lines))


def receipt_line(receipt: Mapping[str, Any], lang: str) -> str:
    version = receipt["data_version"].removeprefix("sha256:")[:12]
    parts = (
        tool_said(receipt["tool"], lang),
        rows_of(receipt["row_count"], lang),
        f"{receipt['elapsed_ms']} ms",
        version,
    )
    return f"{word('receipt', lang)} {receipt['id']}: {' · '.join(parts)}"


def _buttons(answer: Mapping[str, Any], lang: str) -> Iterator[Block]:
    """What may be asked next, or is to be chosen; and the receipts, where the turn was written down."""
    options = answer["options"][:MOST_CHOICES]
    found = [button(option, f"{ASK}-{i}", option) for i, option in enumerate(options)]
    if answer["receipts"] and answer["turn"]:
        found.append(button(word("receipt", lang), RECEIPT, json.dumps({"turn": answer["turn"]})))
    if found:
        yield {"type": "actions", "elements": found}


def receipt_message(receipt: Mapping[str, Any], lang: str) -> Message:
    """What was asked of the tool, its SQL and the first rows."""
    head = receipt_line(receipt, lang)
    asked = "\n".join(f"{name}: {said}" for name, said in asked_of(receipt["input"], lang))
    blocks = [line(text(head, bold=True), *([text(f"\n{asked[:2_500]}")] if asked else []))]
    if receipt["sql"]:
        blocks.append(code(receipt["sql"]))
    blocks += _rows(receipt, lang)
    if receipt["notes"]:
        blocks.append(note("\n".join(receipt["notes"])))
    return message(blocks, head)


def _rows(receipt: Mapping[str, Any], lang: str) -> Iterator[Block]:
    if not receipt["rows"]:
        yield note(word("no_rows", lang))
        return
    units, figures = receipt["units"], set[str]()
    head = tuple(column_heading(name, lang) for name in receipt["columns"])
    rows = [head]
    for row in receipt["rows"][:SHOWN_ROWS]:
        cells = tuple(cell_text(value, unit, lang) for value, unit in zip(row, units, strict=True))
        figures |= {c for c, value in zip(cells, row, strict=True) if isinstance(value, int | float)}
        rows.append(cells)
    block, shown = table(Table(tuple(rows)), figures)
    yield block
    if shown < receipt["row_count"]:
        yield note(word("first_rows_here", lang, shown=shown, rows=rows_of(receipt["row_count"], lang)))
