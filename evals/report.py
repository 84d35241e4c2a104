"""A run's report: tables on the terminal, report.json for machines, report.html to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.results import Result, summary

PAGE = Path(__file__).with_name("page.html")
GOLD_ROWS = 12


def print_report(results: Sequence[Result], console: Console) -> None:
    """Pass rate and wrong rate by kind and by tag, latencies, and what failed."""
    said = summary(results)
    for title, name in (("Kind", "by_kind"), ("Tag", "by_tag")):
        console.print(_table(title, [*said[name], *(said["total"] if name == "by_kind" else [])]))
    console.print(_latency_line(said), highlight=False)
    console.print("Right tool planned: {right} of {questions} questions that name one".format(**said["planned"]))
    for result in results:
        if not result.passed:
            why = result.why or "; ".join(f"{f.kind}: {f.text}: {f.why}" for f in result.failures[-1][:2])
            console.print(f"{result.verdict:6}  {result.asked.question.id}  {why}", highlight=False, markup=False)
    console.print(f"Answers with failures in the audit: {said['audit_failures']}", highlight=False)


def _table(title: str, tallies: list[dict[str, Any]]) -> Table:
    table = Table(title, box=None, pad_edge=False)
    for name in ("questions", "passed", "wrong", "pass rate", "wrong rate"):
        table.add_column(name, justify="right")
    for t in tallies:
        rates = (f"{t['pass_rate']:.1%}", f"{t['wrong_rate']:.1%}")
        table.add_row(t["name"], str(t["questions"]), str(t["passed"]), str(t["wrong"]), *rates)
    return table


def _latency_line(said: dict[str, Any]) -> str:
    times = said["seconds_per_turn"]
    if not times:
        return "Latencies: none, these are recorded answers."
    figures = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
    return f"Latencies over {said['turns_measured']} turns, in-process, after one throwaway question: {figures}"


def write_report(results: Sequence[Result], folder: Path, about: dict[str, Any]) -> None:
    """Writes report.json and report.html into the folder, made if it is not there."""
    said = {"about": about, **summary(results)}
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(said, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.html").write_text(_page(said), encoding="utf-8")


def _page(said: dict[str, Any]) -> str:
    template = Template(PAGE.read_text(encoding="utf-8"))
    total = (
        said["total"][0]
        if said["total"]
        else {"questions": 0, "passed": 0, "wrong": 0, "pass_rate": 0, "wrong_rate": 0}
    )
    cards = {
        "Passed": f"{total['pass_rate']:.1%}",
        "Wrong": f"{total['wrong_rate']:.1%}",
        "Questions": str(total["questions"]),
        "Right tool planned": "{right} of {questions}".format(**said["planned"]),
        "Answers failing the audit": str(said["audit_failures"]),
        **{f"{name} a turn": f"{seconds:.2f} s" for name, seconds in said["seconds_per_turn"].items()},
    }
    return template.substitute(
        about=escape(" · ".join(f"{name}: {value}" for name, value in said["about"].items() if value)),
        latency=escape(_latency_line(said)),
        cards="".join(f"<div class=card><b>{escape(v)}</b><span>{escape(k)}</span></div>" for k, v in cards.items()),
        kinds=_rows(said["by_kind"], "kind"),
        tags=_rows(said["by_tag"], "tag"),
        questions="\n".join(_question(q) for q in said["questions"]),
    )


def _rows(tallies: list[dict[str, Any]], field: str) -> str:
    return "\n".join(
        f'<tr><td><button type=button data-{field}="{escape(t["name"])}">{escape(t["name"])}</button></td>'
        f"<td>{t['questions']}</td><td>{t['passed']}</td><td>{t['wrong']}</td>"
        f"<td>{t['pass_rate']:.1%}</td><td>{t['wrong_rate']:.1%}</td></tr>"
        for t in tallies
    )


def _question(q: dict[str, Any]) -> str:
    last = q["turns"][-1]["question"] if q["turns"] else ""
    tags = "".join(f"<i>{escape(t)}</i>" for t in q["tags"])
    why = f"<p class=why>{escape(q['why'])}</p>" if q["why"] else ""
    return (
        f'<details class="q {q["verdict"]}" data-verdict="{q["verdict"]}" data-kind="{escape(q["kind"])}" '
        f'data-tags="{escape(" ".join(q["tags"]))}"><summary><span class=mark>{q["verdict"]}</span>'
        f"<code>{escape(q['id'])}</code> {escape(last)} "
        f"<span class=tags><i>{escape(q['kind'])}</i>{tags}</span></summary>"
        f"{why}{''.join(_turn(t) for t in q['turns'])}{_numbers(q['numbers'])}{_gold(q)}</details>"
    )


def _turn(turn: dict[str, Any]) -> str:
    seconds = "" if turn["seconds"] is None else f" · {turn['seconds']:.2f} s"
    faults = "".join(
        f"<li><b>{escape(f['kind'])}</b> {escape(f['text'])}: {escape(f['why'])}</li>" for f in turn["audit"]
    )
    return (
        f"<p class=asked>{escape(turn['question'])}</p><pre>{escape(str(turn['answer']))}</pre>"
        f"<p class=meta>{escape(str(turn['status']))}{seconds}</p>{f'<ul class=audit>{faults}</ul>' if faults else ''}"
    )


def _numbers(numbers: list[dict[str, Any]]) -> str:
    if not numbers:
        return ""
    shown = ", ".join(f"{n['text']} = {n['value']}" for n in numbers[:40])
    return f"<p class=meta>Numbers: {escape(shown)}{' …' if len(numbers) > 40 else ''}</p>"


def _gold(q: dict[str, Any]) -> str:
    wants = [f"must mention {' and '.join(q['must_mention'])}"] if q["must_mention"] else []
    wants += [f"calls {q['tool']}"] if q["tool"] else []
    said = f"<p class=meta>Wanted: {escape('; '.join(wants))}</p>" if wants else ""
    if q["gold"] is None:
        return said
    head = "".join(f"<th>{escape(c)}</th>" for c in q["gold"]["columns"])
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape('–' if c is None else str(c))}</td>" for c in row) + "</tr>"
        for row in q["gold"]["rows"][:GOLD_ROWS]
    )
    more = len(q["gold"]["rows"]) - GOLD_ROWS
    tail = f"<p class=meta>and {more} rows more</p>" if more > 0 else ""
    return f"{said}<table class=gold><caption>Gold</caption><tr>{head}</tr>{rows}</table>{tail}"
