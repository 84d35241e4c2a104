"""`python -m evals`: suites of questions, asked or graded again; attacks on what runs SQL; measurements."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from store.errors import StorewiseError, UserError
from store.paths import Home, home_from

if TYPE_CHECKING:
    from agent.settings import Settings
    from evals.bench.figures import Measured
    from evals.results import Result
    from evals.suites import Asked

CHECKOUT = Path(__file__).resolve().parent.parent

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def evals() -> None:
    """Evaluation of Storewise: every answer graded against gold, and every number in it proven again."""


@app.command()
def attack(
    file: Annotated[Path | None, typer.Option(help="Attacks, JSON Lines.")] = None,
    legit: Annotated[Path | None, typer.Option(help="Legitimate queries, JSON Lines.")] = None,
    fixture: Annotated[Path | None, typer.Option(help="SQL that builds the shop they run on.")] = None,
    allow: Annotated[Path | None, typer.Option(help="JSON: what of that shop may be read.")] = None,
    out: Annotated[Path | None, typer.Option(help="File for a line per statement, JSON Lines.")] = None,
    layers: Annotated[bool, typer.Option(help="Tell what each layer of the guard stops by itself.")] = True,
    walls: Annotated[bool, typer.Option(help="And what the process and its connection do: minutes.")] = False,
) -> None:
    """Run SQL attacks and legitimate queries against the guard and the worker, and judge what came of them."""
    from evals.attack.command import attack_round, chosen

    try:
        held = attack_round(chosen(file, legit, fixture, allow), out, layers, walls)
    except UserError as error:
        _stop(error, 2)
    if not held:
        raise typer.Exit(1)


@app.command()
def voices(
    unseen: Annotated[Path | None, typer.Option(help="Voices never heard before, as in agent/planner/voices.")] = None,
    out: Annotated[Path | None, typer.Option(help="File for a line per message, JSON Lines.")] = None,
) -> None:
    """Measure how well the local planner understands voices that it learned from, and others that it never heard."""
    from rich.console import Console

    from evals.voices import report

    console = Console(stderr=True)
    try:
        found = report.measured(report.sets([unseen] if unseen else report.UNSEEN), console)
    except (UserError, OSError) as error:
        _stop(error if isinstance(error, UserError) else UserError(f"{unseen}: {error.strerror}."), 2)
    Console().print(report.table(found))
    gap = [report.shares(found["planner"][name])["right"] for name in ("learned from", "unseen")]
    Console().print(f"Understood: {gap[0]:.1%} of voices learned from, {gap[1]:.1%} of unseen ones.")
    if out:
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in report.as_json(found))
        out.write_text("".join(lines), encoding="utf-8")


OF_FORECASTS = ("horizon", "origins", "season")  # options of bench
OF_FRAUD = (
    "train_from train_until test_from test_until label_delay drop review card known_from kinds group seeds lose jump"
).split()


@app.command()
def bench(
    name: Annotated[
        str, typer.Argument(help="Which measurement: doors, explain, forecast, fraud, guard, planner, search, slack.")
    ],
    data: Annotated[list[Path] | None, typer.Option(help="What to measure on, where a bench takes it.")] = None,
    docs: Annotated[Path | None, typer.Option(help="The catalogue to search (id, title, description …).")] = None,
    judgements: Annotated[Path | None, typer.Option(help="Judged searches (query, docid, rating).")] = None,
    freq: Annotated[str | None, typer.Option(help="Of a forecast: D, W or M, days, weeks or months.")] = None,
    horizon: Annotated[int | None, typer.Option(help="Of a forecast: periods ahead.")] = None,
    origins: Annotated[int | None, typer.Option(help="Of a forecast: windows, a horizon apart (4).")] = None,
    season: Annotated[
        int | None, typer.Option(help="Of a forecast: 7, 52 (1 under two years) or 12, if not told.")
    ] = None,
    prepare: Annotated[
        Path | None, typer.Option(help="Of a forecast: write tables of this folder's files to --out, measure nothing.")
    ] = None,
    invent: Annotated[
        int | None,
        typer.Option(min=0, help="Of a forecast: write tables whose truth is known, of this seed, to --out."),
    ] = None,
    train_from: Annotated[str | None, typer.Option(help="Of fraud: rows before are history, not learned from.")] = None,
    train_until: Annotated[str | None, typer.Option(help="Of fraud: rows from here on are not learned from.")] = None,
    test_from: Annotated[str | None, typer.Option(help="Of fraud: the first day that is tested, ISO.")] = None,
    test_until: Annotated[str | None, typer.Option(help="Of fraud: the day after the last one tested.")] = None,
    label_delay: Annotated[float | None, typer.Option(help="Of fraud: days until a label is known (0).")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Of fraud: a column to leave out; as often as needed.")] = None,
    review: Annotated[int | None, typer.Option(help="Of fraud: cases a day that can be reviewed (100).")] = None,
    card: Annotated[str | None, typer.Option(help="Of fraud: the entity cases are counted by (the first).")] = None,
    known_from: Annotated[
        str | None, typer.Option(help="Of fraud: leave out cards with a fraud since then, known when the day began.")
    ] = None,
    kinds: Annotated[str | None, typer.Option(help="Of fraud: a column of kinds, for figures by kind alone.")] = None,
    group: Annotated[str | None, typer.Option(help="Of fraud: a category to compare false positives by.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Of fraud: trainings from different beginnings (1).")] = None,
    lose: Annotated[float | None, typer.Option(help="Of fraud: the part of the labels to take away (0).")] = None,
    jump: Annotated[float | None, typer.Option(help="Of fraud: times as frequent as it is in the test (1).")] = None,
    soak: Annotated[float | None, typer.Option(help="Seconds to go on for, where a bench takes it.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for the figures, JSON; for what models predicted, Parquet.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--json", help="File for the figures, where --out has others.")
    ] = None,
) -> None:
    """Measure something beside its peers, and print the figures beside their goals."""
    given = locals()
    from rich.console import Console

    from evals.bench import Asked, bench_named
    from evals.bench.figures import print_measured

    try:
        if prepare or invent is not None:
            _make_tables(name, prepare, invent, out)
            return
        numbers, fraud = ({name: given[name] for name in names} for names in (OF_FORECASTS, OF_FRAUD))
        found = bench_named(name).measure(Asked(data or [], docs, judgements, freq, numbers, fraud, soak))
    except UserError as error:
        _stop(error, 2)
    print_measured(found, Console(width=None if sys.stdout.isatty() else 120))
    _write(found, out, figures)


def _write(found: Measured, out: Path | None, figures: Path | None) -> None:
    """What models predicted goes to `out`, if there is any, the figures to their own file, or beside or to `out`."""
    from evals.bench.figures import write_measured, write_predictions

    if out and found.predictions:
        write_predictions(found, out)
        typer.echo(f"Written: {out}", err=True)
        out = out.with_suffix(".json")
    if told := figures or out:
        write_measured(found, told)
        typer.echo(f"Written: {told}", err=True)


def _make_tables(name: str, folder: Path | None, seed: int | None, out: Path | None) -> None:
    """Of the files in `folder`; invented ones of a seed."""
    from evals.bench.forecast_data import prepare
    from evals.bench.forecast_invented import invent

    if name != "forecast" or out is None or out.is_file():
        raise UserError("--prepare FOLDER and --invent SEED are of bench forecast, and take --out FOLDER.")
    if folder:
        prepare(folder, out, _tell)
    if seed is not None:
        invent(out, seed, _tell)


def _tell(line: str) -> None:
    typer.echo(line, err=True)


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="The suite, JSON Lines.")],
    store: Annotated[str, typer.Option(help="The store to ask about.")],
    model: Annotated[str, typer.Option(help="Who plans the answers.")] = "local",
    as_of: Annotated[str | None, typer.Option(help="The day that counts as today, ISO.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for report.json and report.html.")] = None,
    answers: Annotated[Path | None, typer.Option(help="File for the answer objects, JSON Lines.")] = None,
    graded: Annotated[Path | None, typer.Option(help="Grade these recorded answers; ask nothing.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many questions.")] = None,
    ids: Annotated[str | None, typer.Option(help="Only these questions, ids with commas between.")] = None,
) -> None:
    """Ask a suite of questions, grade and audit the answers, and report."""
    from agent.settings import settings_from
    from evals.suites import chosen, load, recorded

    try:
        settings = settings_from(os.environ, model)
        today = _day(as_of)
        questions = chosen(load(file), [i.strip() for i in ids.split(",")] if ids else [], limit)
        taken = recorded(graded, questions) if graded else None
    except UserError as error:
        _stop(error, 2)
    home = home_from(os.environ, CHECKOUT)
    try:
        asked = taken if taken is not None else _asking(questions, home, store, settings, today, answers)
        results = _judged(asked, len(questions), home, store)
        _report(results, out, {"suite": file.name, "store": store, "model": model, "as of": as_of or ""})
    except StorewiseError as error:
        _stop(error, 1)


def _stop(error: StorewiseError, code: int) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(code) from error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError(f"--as-of {text!r} is no ISO date such as 2011-12-09.") from error


def _asking(
    questions: Any, home: Home, store: str, settings: Settings, today: date | None, answers: Path | None
) -> Iterator[Asked]:
    """Asks, and writes each question's answers down as soon as they are there."""
    from evals.suites import ask_all

    if answers:
        answers.parent.mkdir(parents=True, exist_ok=True)
        answers.write_text("", encoding="utf-8")
    for asked in ask_all(questions, home, store, settings, today):
        if answers:
            line = json.dumps({"id": asked.question.id, "answers": asked.answers}, ensure_ascii=False)
            with answers.open("a", encoding="utf-8") as handle:
                handle.write(line + "\n")
        yield asked


def _judged(asked: Iterable[Asked], count: int, home: Home, store: str) -> list[Result]:
    from evals.again import tools_of
    from evals.results import judge

    results, again = [], tools_of(home, store)
    for number, one in enumerate(asked, 1):
        results.append(judge(one, home, store, again))
        typer.echo(f"{number}/{count} {one.question.id} {results[-1].verdict}", err=True)
    return results


def _report(results: list[Result], out: Path | None, about: dict[str, Any]) -> None:
    from rich.console import Console

    from evals.report import print_report, write_report

    width = None if sys.stdout.isatty() else 160
    print_report(results, Console(width=width))
    if out:
        write_report(results, out, about)
        typer.echo(f"Written: {out / 'report.json'}, {out / 'report.html'}", err=True)


if __name__ == "__main__":
    app(prog_name="python -m evals")
