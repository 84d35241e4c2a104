"""Stored turns as HTML: question, answer, chart, table, receipts, quick replies. All text of the shop is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from agent.toolbox import said as tool_said
from store.state import Turn, Unanswered
from ui.render import asked_of, cell_text, column_heading, rows_said, shown_text
from ui.web.prose import Prose

SHOWN_ROWS = 200  # of a receipt; the CSV has all of them
NOTES = {"declined": "Not answered", "error": "Something is wrong"}


def turn_html(turn: Turn) -> str:
    """An <article>: what was asked, and all of the answer."""
    answer = turn.answer
    body = [*_notes(answer), *_steps(answer), *_answer(answer), *_options(answer), *_receipts(turn)]
    return asked_html(turn.question) + f'<div class="answer {escape(answer["status"])}">{"".join(body)}</div>'


def asked_html(question: str) -> str:
    return f'<h2 class="question"><span class="sr">You asked: </span>{escape(question)}</h2>'


def unanswered_html(lost: Unanswered) -> str:
    """A question whose answer never came."""
    if lost.running:
        return asked_html(lost.question) + '<div class="answer waiting"><p>This is being answered elsewhere.</p></div>'
    again = f'<button type="button" class="chip" data-ask="{escape(lost.question)}">Ask it again</button>'
    said = '<p class="note">This was interrupted before its answer.</p>'
    return f'{asked_html(lost.question)}<div class="answer interrupted">{said}<div class="options">{again}</div></div>'


def _notes(answer: Mapping[str, Any]) -> Iterator[str]:
    if note := NOTES.get(answer["status"]):
        yield f'<p class="note">{note}</p>'


def _steps(answer: Mapping[str, Any]) -> Iterator[str]:
    steps = answer["steps"]
    if not steps:
        return
    total = sum(s["ms"] for s in steps)
    lines = "".join(
        f'<li class="{"done" if s["ok"] else "failed"}">{escape(tool_said(s["tool"]))}'
        f'<span class="meta">{seconds(s["ms"])}</span></li>'
        for s in steps
    )
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    yield (
        f'<details class="worked" data-key="steps"><summary>{count}<span class="meta">{seconds(total)}</span></summary>'
        f'<ol class="steps">{lines}</ol></details>'
    )


def seconds(ms: int) -> str:
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _answer(answer: Mapping[str, Any]) -> Iterator[str]:
    prose = Prose({**answer, "answer": shown_text(answer)})
    charts = "".join(chart_html(chart, prose.has_table) for chart in answer["charts"])
    yield f'<div class="words">{prose.before}{charts}{prose.rest}</div>'


def chart_html(chart: Mapping[str, Any], beside_table: bool) -> str:
    """A place for the page's script to draw in; whoever can't see it is sent to the same figures as a table."""
    where = "the table below" if beside_table else "the receipt"
    label = f"A {chart['kind']} chart; {where} has the same figures."
    spec = escape(json.dumps(chart["spec"], ensure_ascii=False))
    return f'<figure class="chart" role="img" aria-label="{escape(label)}" data-chart="{spec}"></figure>'


def _options(answer: Mapping[str, Any]) -> Iterator[str]:
    if not answer["options"]:
        return
    label = "Choose one" if answer["status"] == "clarify" else "Ask next"
    chips = "".join(
        f'<button type="button" class="chip" data-ask="{escape(o)}">{escape(o)}</button>' for o in answer["options"]
    )
    yield f'<div class="options" role="group" aria-label="{label}">{chips}</div>'


def _receipts(turn: Turn) -> Iterator[str]:
    place = f"stores/{quote(turn.answer['store'] or '')}/threads/{quote(turn.thread_id)}/turns/{turn.turn}/receipts"
    for receipt in turn.answer["receipts"]:
        yield receipt_html(receipt, f"{place}/{receipt['id']}")


def receipt_html(receipt: Mapping[str, Any], place: str) -> str:
    """What was asked of the tool, its SQL, the rows, and the two buttons: run again, CSV."""
    version = receipt["data_version"].removeprefix("sha256:")
    facts = [("Rows", rows_said(receipt)), ("Took", seconds(receipt["elapsed_ms"])), ("Data version", version[:12])]
    sections = [
        _facts([("Tool", tool_said(receipt["tool"])), *asked_of(receipt["input"]), *facts]),
        _notes_of(receipt["notes"]),
        sql_html(receipt["sql"]) if receipt["sql"] else "",
        f'<details class="rows" data-key="{escape(receipt["id"])}-rows"><summary>Rows</summary>'
        f"{rows_html(receipt)}</details>",
        f'<div class="actions"><button type="button" data-again="{place}/again">Run again</button>'
        f'<a class="button" href="{place}.csv" download>CSV</a><span class="outcome" role="status"></span></div>',
    ]
    summary = f"Receipt<span class='meta'>{rows_said(receipt)} · {seconds(receipt['elapsed_ms'])}</span>"
    head = f'<details class="receipt" data-key="{escape(receipt["id"])}" data-place="{place}" '
    head += f'data-rows="{receipt["row_count"]}"><summary>{summary}'
    return f'{head}</summary><div class="inside">{"".join(sections)}</div></details>'


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return (
        "<dl>" + "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in pairs) + "</dl>"
    )


def _notes_of(notes: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<ul class="notes">{lines}</ul>' if lines else ""


def sql_html(sql: str) -> str:
    copy = '<button type="button" class="quiet" data-copy>Copy</button>'
    return f'<div class="sql">{copy}<pre tabindex="0" aria-label="SQL"><code>{escape(sql)}</code></pre></div>'


def rows_html(receipt: Mapping[str, Any]) -> str:
    """The first SHOWN_ROWS rows, each cell with its raw value to sort by."""
    columns, units, rows = receipt["columns"], receipt["units"], receipt["rows"][:SHOWN_ROWS]
    if not rows:
        return '<p class="meta">No rows.</p>'
    measures = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    classes = ['class="n"' if is_measure else "" for is_measure in measures]
    head = "".join(
        f'<th scope="col" {c}>{escape(column_heading(name))}</th>' for name, c in zip(columns, classes, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td {c} data-value="{escape(str(value if value is not None else ""))}">'
            f"{escape(cell_text(value, unit))}</td>"
            for unit, value, c in zip(units, row, classes, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    more = f'<p class="meta">The first {SHOWN_ROWS} of {rows_said(receipt)}; the CSV has them.</p>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return table + (more if receipt["row_count"] > len(rows) else "")
