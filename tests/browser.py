"""What the browser tests need: a chat server in a process of its own, and headless Chromium looking at it.

Run as a program it is that server, with answers slowed down: `python tests/browser.py HOME PORT SECONDS_PER_STEP`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHECKOUT = Path(__file__).parent.parent
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
LEAVING = ("AbortError", "Connection errored out")
DESK, PHONE = (1280, 860), (390, 800)


@dataclass
class Server:
    """A chat server on a home; `seconds` slow down each step of an answer."""

    home: Path
    seconds: float = 0.0
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> Server:
        self.port = self.port or free_port()
        command = [sys.executable, str(Path(__file__)), str(self.home), str(self.port), str(self.seconds)]
        log = (self.home.parent / f"server-{self.port}.log").open("ab")
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "STOREWISE_HOME": str(self.home)}
        self.process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        log.close()
        wait_until(self.serves, 180)
        return self

    def serves(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "own/page.js", timeout=1) as reply:
                return bool(reply.status == 200)
        except urllib.error.HTTPError as error:
            return error.code == 401  # it wants somebody to sign in
        except OSError:
            assert self.process is not None and self.process.poll() is None, "the server ended"
            return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.1)


def chromium() -> str:
    """Its path; the test is skipped where there is none, or no playwright."""
    pytest.importorskip("playwright.sync_api", reason="playwright isn't installed (pip install playwright)")
    found = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if not found:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page that notes what no page of ours may do: errors in the console, requests to anybody else."""

    page: Page
    server: Server
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def go(self, query: str = "", wait_for: str = ".examples, .turn") -> Tab:
        self.open(self.server.url + query)
        self.page.wait_for_selector(wait_for)
        self.page.wait_for_selector("#question", state="attached")
        return self

    def open(self, address: str) -> None:
        with self.leaving():
            self.page.goto(address)

    def reload(self) -> None:
        with self.leaving():
            self.page.reload()

    def come_back(self) -> None:
        """Starts the server again, and waits until the page has seen it and loaded itself anew, as it does."""
        with self.leaving(), self.page.expect_event("domcontentloaded"):
            self.server.start()
        self.page.wait_for_load_state()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Around what leads to another page: the one left may say that its connections end, which is no error."""
        before = len(self.errors)
        yield
        self.errors[before:] = [e for e in self.errors[before:] if not any(words in e for words in LEAVING)]

    def ask(self, question: str) -> Tab:
        """As somebody types it; returns once the answer stands there."""
        before = self.page.locator(".turn").count()
        self.page.fill("#question", question)
        self.page.keyboard.press("Enter")
        return self.answered(before + 1)

    def answered(self, turns: int) -> Tab:
        self.page.wait_for_function(
            "n => document.querySelectorAll('.turn').length >= n && !document.body.hasAttribute('data-working')",
            arg=turns,
        )
        return self

    @property
    def last(self) -> Any:
        return self.page.locator(".turn").last

    def picture(self, name: str) -> None:
        """A screenshot, where STOREWISE_SCREENSHOTS names a folder for them."""
        if folder := os.environ.get("STOREWISE_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(700)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def noted(self) -> str:
        """What a test that failed here needs to tell."""
        answer = self.last.inner_text() if self.page.locator(".turn").count() else "none yet"
        return f"console: {self.errors}\nforeign requests: {self.foreign}\nthe last answer: {answer}"

    def clean(self) -> None:
        assert self.errors == [] and self.foreign == []


@contextmanager
def tab(browser: Browser, server: Server, size: tuple[int, int] = DESK, scheme: Any = "light") -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(180_000)
    seen = Tab(page, server)
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.errors.append(str(e)))
    page.on("request", lambda r: None if _ours(r.url, server) else seen.foreign.append(r.url))
    try:
        yield seen
    except Exception as error:
        error.add_note(seen.noted())
        raise
    finally:
        context.close()


def _ours(url: str, server: Server) -> bool:
    return url.startswith((server.url, "data:", "blob:"))


def main() -> None:
    """The slowed server: the answers are real, each step takes longer."""
    home_path, port, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    from agent.settings import Settings
    from agent.watch import Step, Watch
    from store.paths import Home
    from ui.answering import answerer
    from ui.commands.chat import bound, serve
    from ui.desk import Asked
    from ui.web.app import prepare, web_app

    home = Home(home_path)
    prepare(os.environ, home)
    answer = answerer(home, Settings())

    def slowly(asked: Asked, watch: Watch) -> dict[str, Any]:
        told = watch.on_step

        def on_step(step: Step) -> None:
            told(step)
            until = time.monotonic() + seconds
            while time.monotonic() < until and not watch.stopped:
                time.sleep(0.05)

        watch.on_step = on_step
        return answer(asked, watch)

    app = web_app(home, Settings(), answering=slowly, sign_in=bool(os.environ.get("SIGN_IN")))
    serve(app, bound("127.0.0.1", port), f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    main()
