"""Signing in to the chat as people do it, in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.paths import Home
from store.publish import publish
from store.users import add_user
from tests.browser import Server, opened_browser, tab
from tests.conftest import build_tiny

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tiny_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A chat that has to be signed in to: "tiny", which ann owns, and a store that she is not to know of."""
    shutil.copytree(tiny_home.root, tmp_path / "home")
    home = Home(tmp_path / "home")
    publish(home, "secretshop", build_tiny, format="tests")
    add_user(home, "ann", "correct horse", "owner", ["tiny"])
    monkeypatch.setenv("SIGN_IN", "1")
    server = Server(home.root).start()
    yield server
    server.kill()


def test_somebody_signs_in_asks_and_signs_out(server: Server) -> None:
    with opened_browser() as browser, tab(browser, server) as t:
        t.open(server.url)
        for password in ("wrong horse", "correct horse"):
            t.page.fill("input[name=name]", "ann")
            t.page.fill("input[name=password]", password)
            t.picture(f"sign in {password}")
            t.page.click("button")
            t.page.wait_for_selector("[role=alert], .examples")
        t.errors.clear()  # the browser notes the two 401s
        t.go().ask("top 3 customers by revenue")
        people = t.last.locator(".people")
        assert "Ben Okafor" in people.inner_html() and "C02" in t.last.inner_text()
        t.picture("signed in")
        assert "secretshop" not in t.page.content()
        t.go("?store=secretshop", ".empty >> text=There is no store")
        t.page.locator(".account button").click()
        t.page.wait_for_selector("input[name=password]")
        assert t.foreign == []
