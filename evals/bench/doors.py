"""Twenty conversations at once over HTTP: how long answers take, whether any gets another's, what memory does.

The server is one of its own, signed in to with a token for each conversation; the client is OpenAI's. Each conversation
asks about a day of its own. What it must be told was asked before by itself, one question after the other.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2

from evals.bench.figures import Figure, Measured, figure
from store.errors import UserError
from store.paths import Home

CONVERSATIONS = 20
GOAL = 4_000.0  # ms, p95
GROWTH_GOAL = 5.0  # %
STORE = "bench"
TO_START = 120.0  # seconds
FOLLOW_UPS = ("and orders?", "and units sold?", "and the day before?", "and revenue?")
CHECKOUT = Path(__file__).resolve().parent.parent.parent
Told = tuple[str, str]  # an answer's text and its figures


@dataclass
class Talk:
    """One conversation: its canary (a day), its questions, and what it was told by itself."""

    day: date
    token: str
    alone: list[Told] = field(default_factory=list)

    @property
    def questions(self) -> list[str]:
        return [f"revenue on {self.day:%-d %B %Y}", *FOLLOW_UPS]

    @property
    def said(self) -> str:
        return f"{self.day:%-d %b %Y}"


@dataclass
class Load:
    """What came of it."""

    ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)


def measured(data: Sequence[Path], soak: float | None) -> Measured:
    """On the export of --data (online-retail), else on a demo shop."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        days = built(home, data)
        talks = [Talk(day, _token(home, n)) for n, day in enumerate(days)]
        with _served(home) as (url, process):
            asyncio.run(_asked_alone(url, talks))
            load = asyncio.run(_asked_at_once(url, talks, rounds=3))
            figures = [figure("answer over HTTP, 20 conversations at once", load.ms, GOAL)]
            figures += [count("errors", load.errors), count("answers of another conversation", load.crossed)]
            notes = [f"{len(load.ms)} answers, {CONVERSATIONS} conversations at once, {os.cpu_count()} cores."]
            if soak:
                figures += asyncio.run(_soaked(url, talks, soak, process.pid, notes))
    return Measured("doors", figures, [*notes, *load.errors[:3], *load.crossed[:3]])


def count(name: str, found: Sequence[str]) -> Figure:
    return Figure(name, len(found), len(found), 0.0, "count")


def built(home: Home, data: Sequence[Path]) -> list[date]:
    """The store, and the twenty last days of it that sold something."""
    from store.connect import open_store
    from store.demo.build import build_demo
    from store.importers import import_files

    if data:
        import_files(home, STORE, "online-retail", data)
    else:
        build_demo(home, STORE, 7, lambda what, part: None)
    with open_store(home, STORE).connect() as con:
        sql = "SELECT DISTINCT ordered_at::DATE FROM orders WHERE status = 'completed' ORDER BY 1 DESC"
        found = [row[0] for row in con.execute(sql).fetchmany(CONVERSATIONS * 3)]
    if len(found) < CONVERSATIONS * 3:
        raise UserError(f"The shop has too few days with orders: {len(found)} of {CONVERSATIONS * 3}.")
    return found[1::3][:CONVERSATIONS]  # none next to another one: "the day before" is nobody else's


def _token(home: Home, number: int) -> str:
    from store.users import create_token

    return create_token(home, f"bench-{number}", "analyst", [STORE], timedelta(days=1))[1]


@contextmanager
def _served(home: Home) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`./storewise chat` in a process of its own, on 127.0.0.1, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui", "chat", "--sign-in", "--port", str(port), "--rate", "100000"]
    environment = {**os.environ, "STOREWISE_HOME": str(home.root)}
    log = (home.root / "server.log").open("wb")
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"{url}/healthz", timeout=2).status_code == 401:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise UserError("The server did not start: ./storewise chat --sign-in shows why.")


async def _asked_alone(url: str, talks: Sequence[Talk]) -> None:
    for talk in talks:
        talk.alone = [told async for told in _conversation(url, talk, f"alone {talk.said}", Load())]


async def _asked_at_once(url: str, talks: Sequence[Talk], rounds: int, first: int = 0) -> Load:
    load = Load()
    for number in range(first, first + rounds):
        await asyncio.gather(*(_checked(url, talk, talks, f"{number} {talk.said}", load) for talk in talks))
    return load


async def _checked(url: str, talk: Talk, talks: Sequence[Talk], thread: str, load: Load) -> None:
    """Every answer holds its own canary and nobody else's, and is what the conversation was told by itself."""
    others = [other.said for other in talks if other is not talk]
    found = [told async for told in _conversation(url, talk, thread, load)]
    for number, told in enumerate(found):
        stray = [other for other in others if re.search(rf"(?<!\d){re.escape(other)}", told[0])]
        if stray or told != talk.alone[number]:
            load.crossed.append(f"{talk.said}, answer {number + 1}: {told[0][:200]!r}")


async def _conversation(url: str, talk: Talk, thread: str, load: Load) -> Any:
    import openai

    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=talk.token, max_retries=0, timeout=60) as client:
        for question in talk.questions:
            started = time.perf_counter()
            try:
                done = await client.chat.completions.create(
                    model=f"storewise/{STORE}", user=thread, messages=[{"role": "user", "content": question}]
                )
            except openai.OpenAIError as error:
                load.errors.append(f"{question}: {type(error).__name__}: {error}"[:300])
                continue
            load.ms.append((time.perf_counter() - started) * 1000)
            answer: dict[str, Any] = (done.model_extra or {})["storewise"]
            if answer["status"] != "answered":
                load.errors.append(f"{question}: {answer['status']}: {answer['answer']}"[:300])
            yield str(done.choices[0].message.content), _figures_of(answer)


def _figures_of(answer: dict[str, Any]) -> str:
    return " ".join(f"{n['text']} {n['receipt']} {n['column']}" for n in answer["numbers"])


async def _soaked(url: str, talks: Sequence[Talk], seconds: float, pid: int, notes: list[str]) -> list[Figure]:
    """Goes on for so long; memory after the first tenth beside memory at the end."""
    started, number, load, early = time.monotonic(), 100, Load(), 0.0
    while (passed := time.monotonic() - started) < seconds:
        if not early and passed > seconds / 10:
            early = _megabytes(pid)
        found = await _asked_at_once(url, talks, rounds=1, first=number)
        number += 1
        load.ms += found.ms
        load.errors += found.errors
        load.crossed += found.crossed
    late = _megabytes(pid)
    growth = 100 * (late / early - 1) if early else 0.0
    memory = f"{early:.0f} MB after a tenth of it, {late:.0f} MB at the end"
    notes.append(f"Soak: {len(load.ms)} answers in {seconds:g} s; {memory}.")
    return [
        figure("answer in the soak", load.ms, GOAL), count("errors in the soak", load.errors),
        count("crossed in the soak", load.crossed),
        Figure("growth of memory in the soak", round(growth, 2), round(growth, 2), GROWTH_GOAL, "%"),
    ]  # fmt: skip


def _megabytes(pid: int) -> float:
    """Resident memory of a process."""
    said = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", said)
    return int(found[1]) / 1024 if found else 0.0
