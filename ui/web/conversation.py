"""Stored turns as HTML: question, answer, chart, table, receipts, quick replies. All text of the shop is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from agent.toolbox import said as tool_said
from store.contacts import Contact
from store.state import Turn, Unanswered
from ui.people import contact_text
from ui.render import asked_of, cell_text, column_heading, shown_text
from ui.web.prose import Prose
from ui.web.words import language_of, rows_of, usage_of, word

SHOWN_ROWS = 200  # of a receipt; the CSV has all of them
NOTED = ("declined", "error")


def turn_html(turn: Turn, people: Sequence[Contact] = ()) -> str:
    """What was asked, and all of the answer; `people` are its customers, for those who may know them."""
    answer, lang = turn.answer, language_of(turn.answer)
    note = f'<p class="note">{word(answer["status"], lang)}</p>' if answer["status"] in NOTED else ""
    body = [
        note,
        _steps(answer, lang),
        _answer(answer, lang),
        _options(answer, lang),
        _people(people, lang),
        *_receipts(turn, lang),
    ]
    return (
        asked_html(turn.question)
        + f'<div class="answer {escape(answer["status"])}" lang="{lang}">{"".join(body)}</div>'
    )


def asked_html(question: str) -> str:
    return f'<h2 class="question"><span class="sr">You asked: </span>{escape(question)}</h2>'


def unanswered_html(lost: Unanswered) -> str:
    """A question whose answer never came."""
    if lost.running:
        return asked_html(lost.question) + '<div class="answer waiting"><p>This is being answered elsewhere.</p></div>'
    again = f'<button type="button" class="chip" data-ask="{escape(lost.question)}">Ask it again</button>'
    said = '<p class="note">This was interrupted before its answer.</p>'
    return f'{asked_html(lost.question)}<div class="answer interrupted">{said}<div class="options">{again}</div></div>'


def _steps(answer: Mapping[str, Any], lang: str) -> str:
    """What was done for it, and what a model of somebody else's was sent and paid for."""
    steps, usage = answer["steps"], usage_of(answer["usage"], lang)
    if not steps and not usage:
        return ""
    total = sum(s["ms"] for s in steps)
    lines = "".join(
        f'<li class="{"done" if s["ok"] else "failed"}">{escape(tool_said(s["tool"], lang))}'
        f'<span class="meta">{seconds(s["ms"])}</span></li>'
        for s in steps
    )
    count = word("step", lang) if len(steps) == 1 else word("steps", lang, n=len(steps))
    return (
        f'<details class="worked" data-key="steps"><summary>{count}<span class="meta">{seconds(total)}</span></summary>'
        f'<ol class="steps">{lines}</ol>{f"<p class=meta>{escape(usage)}</p>" if usage else ""}</details>'
    )


def seconds(ms: int) -> str:
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _answer(answer: Mapping[str, Any], lang: str) -> str:
    prose = Prose({**answer, "answer": shown_text(answer)})
    charts = "".join(chart_html(c, prose.has_table, lang) for c in answer["charts"])
    return f'<div class="words">{prose.before}{charts}{prose.rest}</div>'


def chart_html(chart: Mapping[str, Any], beside_table: bool, lang: str) -> str:
    """A place for the page's script to draw in; whoever can't see it is sent to the same figures as a table."""
    kind = word(f"chart_{chart['kind']}", lang)
    label = word("beside_table" if beside_table else "beside_receipt", lang, chart=kind)
    spec = escape(json.dumps(chart["spec"], ensure_ascii=False))
    figure = f'<figure class="chart" role="img" aria-label="{escape(label)}" data-chart="{spec}"></figure>'
    part = word(f"part_{chart['kind']}", lang, shown=chart["shown"], of=chart["of"]) if "shown" in chart else ""
    return figure + (f'<p class="meta">{part}</p>' if part else "")


def _options(answer: Mapping[str, Any], lang: str) -> str:
    if not answer["options"]:
        return ""
    label = word("choose" if answer["status"] == "clarify" else "next", lang)
    chips = "".join(
        f'<button type="button" class="chip" data-ask="{escape(o)}">{escape(o)}</button>' for o in answer["options"]
    )
    return f'<div class="options" role="group" aria-label="{label}">{chips}</div>'


def _people(people: Sequence[Contact], lang: str) -> str:
    """Who the ids stand for."""
    if not people:
        return ""
    lines = facts_html([(each.customer_id, contact_text(each)) for each in people])
    summary = f'<summary>{word("people", lang)}<span class="meta">{len(people)}</span></summary>'
    return f'<details class="worked people" data-key="people">{summary}{lines}</details>'


def _receipts(turn: Turn, lang: str) -> Iterator[str]:
    place = f"stores/{quote(turn.answer['store'] or '')}/threads/{quote(turn.thread_id)}/turns/{turn.turn}/receipts"
    for receipt in turn.answer["receipts"]:
        yield receipt_html(receipt, f"{place}/{receipt['id']}", lang)


def receipt_html(receipt: Mapping[str, Any], place: str, lang: str) -> str:
    """What was asked of the tool, its SQL, the rows, and the two buttons: run again, CSV."""
    rows, took = rows_of(receipt["row_count"], lang), seconds(receipt["elapsed_ms"])
    version = receipt["data_version"].removeprefix("sha256:")[:12]
    facts = [(word("the_rows", lang), rows), (word("took", lang), took), (word("version", lang), version)]
    sections = [
        facts_html([(word("tool", lang), tool_said(receipt["tool"], lang)), *asked_of(receipt["input"], lang), *facts]),
        _notes_of(receipt["notes"]),
        sql_html(receipt["sql"], lang) if receipt["sql"] else "",
        f'<details class="rows" data-key="{escape(receipt["id"])}-rows"><summary>{word("the_rows", lang)}</summary>'
        f"{rows_html(receipt, lang)}</details>",
        f'<div class="actions"><button type="button" data-again="{place}/again">{word("again", lang)}</button>'
        f'<a class="button" href="{place}.csv" download>CSV</a><span class="outcome" role="status"></span></div>',
    ]
    summary = f"{word('receipt', lang)}<span class='meta'>{rows} · {took}</span>"
    head = f'<details class="receipt" data-key="{escape(receipt["id"])}" data-place="{place}" '
    head += f'data-rows="{receipt["row_count"]}"><summary>{summary}'
    return f'{head}</summary><div class="inside">{"".join(sections)}</div></details>'


def facts_html(pairs: Iterable[tuple[str, str]]) -> str:
    return (
        "<dl>" + "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in pairs) + "</dl>"
    )


def _notes_of(notes: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<ul class="notes">{lines}</ul>' if lines else ""


def sql_html(sql: str, lang: str = "en") -> str:
    copy = f'<button type="button" class="quiet" data-copy>{word("copy", lang)}</button>'
    code = f'<pre tabindex="0" role="group" aria-label="SQL"><code>{escape(sql)}</code></pre>'
    return f'<div class="sql">{copy}{code}</div>'


def rows_html(receipt: Mapping[str, Any], lang: str) -> str:
    """The first SHOWN_ROWS rows, each cell with its raw value to sort by."""
    columns, units, rows = receipt["columns"], receipt["units"], receipt["rows"][:SHOWN_ROWS]
    if not rows:
        return f'<p class="meta">{word("no_rows", lang)}</p>'
    classes = ['class="n"' if any(isinstance(r[i], int | float) for r in rows) else "" for i in range(len(columns))]
    heads = zip(columns, classes, strict=True)
    head = "".join(f'<th scope="col" {c}>{escape(column_heading(name, lang))}</th>' for name, c in heads)
    body = "".join(f"<tr>{''.join(_cells(row, units, classes, lang))}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    if receipt["row_count"] <= len(rows):
        return table
    said = word("first_rows", lang, shown=len(rows), rows=rows_of(receipt["row_count"], lang))
    return f'{table}<p class="meta">{said}</p>'


def _cells(row: Sequence[Any], units: Sequence[str], classes: Sequence[str], lang: str) -> Iterator[str]:
    for unit, value, c in zip(units, row, classes, strict=True):
        raw = escape("" if value is None else str(value))
        yield f'<td {c} data-value="{raw}">{escape(cell_text(value, unit, lang))}</td>'
