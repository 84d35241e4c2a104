"""An import on the page: the bar while it runs, then the data-quality report, or what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from agent.figures import figure
from agent.labels import first_day, span_text
from ui.web.conversation import facts_html
from ui.web.importing import Job


def job_html(job: Job) -> str:
    if job.report is not None:
        return report_html(job.report)
    if job.error is not None:
        return failed_html(job.error)
    percent = round(job.part * 100)
    return (
        f'<div class="job" role="status"><p><b>Importing into {escape(job.store)}</b>'
        f'<span class="meta">{percent} %</span></p>'
        f'<progress max="100" value="{percent}" aria-label="Import">{percent} %</progress>'
        f'<p class="meta">{escape(job.said[:1].upper() + job.said[1:])}. '
        "You may close this page: the import goes on, and its report will be here.</p></div>"
    )


def failed_html(error: str) -> str:
    return f'<div class="failed" role="alert"><h2>Nothing was imported</h2><p>{escape(error)}</p></div>'


def report_html(report: Mapping[str, Any]) -> str:
    """The report as a page to be read: what was read, kept, left out and changed, and what the shop holds now."""
    head = (
        f"<h2>Imported into {escape(report['store'])}</h2>"
        f'<p class="meta">{escape(format_title(report["format"]))}, {escape(report["instead_of"])}</p>'
    )
    store = escape(report["store"])
    ask = f'<p><a class="button strong" href="?store={store}" data-enter="{store}">Ask about it</a></p>'
    parts = (_sum(report), ask, _totals(report["totals"]), _left_out(report), _changed(report), _files(report["files"]))
    return f'<div class="report">{head}{"".join(parts)}</div>'


def format_title(name: str) -> str:
    """ "online-retail" → "Online retail lines"."""
    return f"{name.replace('-', ' ').capitalize()} lines"


def _sum(report: Mapping[str, Any]) -> str:
    figures = [
        (report["rows_read"], "rows read", "="),
        (report["rows_kept"], "kept", "+"),
        (report["rows_left_out"], "left out", ""),
    ]
    return '<div class="sum">' + "".join(
        f'<div><b>{count:,}</b><span>{said}</span></div>{f"<i>{sign}</i>" if sign else ""}'
        for count, said, sign in figures
    ) + "</div>"  # fmt: skip


def _totals(totals: Mapping[str, Any]) -> str:
    first, last = first_day(totals["first_day"]), first_day(totals["last_day"])
    money = [
        (name.capitalize(), figure(totals[name], totals["currency"])) for name in ("revenue", "refunds", "shipping")
    ]
    rows = [(name.replace("_", " ").capitalize(), f"{count:,}") for name, count in totals["rows"].items() if count]
    days = [("Days", span_text(first, last))] if first and last else []
    pairs = [*days, *money, *rows, ("Guest orders", f"{totals['guest_orders']:,}")]
    return f"<section><h3>The shop now</h3>{facts_html(pairs)}</section>"


def _left_out(report: Mapping[str, Any]) -> str:
    reasons = "".join(_reason(r) for r in report["left_out"]) or "<p>Nothing: every row was kept.</p>"
    return f"<section><h3>Left out, and why</h3>{reasons}</section>"


def _reason(reason: Mapping[str, Any]) -> str:
    summary = f"<summary><b>{reason['rows']:,}</b><span>{escape(reason['said'])}</span></summary>"
    return f'<details class="reason">{summary}{_examples(reason["examples"])}</details>'


def _examples(examples: Sequence[Mapping[str, Any]]) -> str:
    if not examples:
        return ""
    names = list(examples[0]["cells"])
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in ("Row", *names))
    body = "".join("<tr>" + "".join(_cells(e, names)) + "</tr>" for e in examples)
    return (
        f"<div class='tablebox' tabindex='0'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(example: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    yield f"<td>{example['row']:,}</td>"
    for name in names:
        value = example["cells"].get(name)
        yield f"<td>{escape('–' if value is None else str(value))}</td>"


def _changed(report: Mapping[str, Any]) -> str:
    kept = "".join(_line(k["rows"], k["said"]) for k in report["kept"])
    changed = "".join(_line(c["rows"], c["said"]) for c in report["changed"])
    return f"<section><h3>Kept</h3><ul class='counts'>{kept}</ul></section>" + (
        f"<section><h3>Changed on the way</h3><ul class='counts'>{changed}</ul></section>" if changed else ""
    )


def _line(rows: int, said: str) -> str:
    return f"<li><b>{rows:,}</b><span>{escape(said)}</span></li>"


def _files(files: Sequence[Mapping[str, Any]]) -> str:
    lines = "".join(
        f"<li><b>{escape(f['label'])}</b><span>{f['rows']:,} rows, {escape(f['kind'])}; dates as {escape(f['dates'])}, "
        f"numbers with {escape(f['numbers'])}{'. Note: ' + escape(f['doubt']) if f['doubt'] else ''}</span></li>"
        for f in files
    )
    return f"<section><h3>Files</h3><ul class='files'>{lines}</ul></section>"
