"""Training a store's own forecast: by the command line, and beside a server, in a process of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.settings import Settings
from store.connect import open_store
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_weekly
from tools.forecast.outlook import folder_of
from tools.forecast.upkeep import is_due
from ui.__main__ import app
from ui.web.shop import header_html
from ui.web.training import Trainings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path / "home")
    publish(home, "weekly", build_weekly, format="tests")
    monkeypatch.setenv("STOREWISE_HOME", str(home.root))
    return home


def test_what_is_made_beside_the_chats_stands_in_the_header(home: Home) -> None:
    store = open_store(home, "weekly")
    shown = header_html(store, "weekly", Settings(), {"indexing products": None, "training the forecast": 0.42})
    assert "training the forecast: 42%" in shown and "indexing" not in shown.replace('class="indexing"', "")


def test_only_what_there_is_can_be_trained(home: Home) -> None:
    for command in ("train", "backtest"):
        assert CliRunner().invoke(app, [command, "nonsense", "--store", "weekly"]).exit_code == 2
        assert CliRunner().invoke(app, [command, "weather", "--store", "weekly"]).exit_code == 2


def test_what_is_not_due_is_not_trained(home: Home) -> None:
    trainings = Trainings(home)
    trainings.begin("nowhere")
    until = time.monotonic() + 20
    while not trainings._waiting.empty() and time.monotonic() < until:
        time.sleep(0.05)
    assert trainings.part(open_store(home, "weekly"), "forecast") is None


@pytest.mark.slow
def test_a_server_trains_beside_its_chats_and_backtest_tells_how_well(home: Home) -> None:
    store, trainings = open_store(home, "weekly"), Trainings(home)
    assert is_due(store)
    trainings.begin("weekly")
    parts: set[float] = set()
    until = time.monotonic() + 900
    while is_due(store) and time.monotonic() < until:
        parts.add(trainings.part(store, "forecast") or 0.0)
        time.sleep(1)
    trainings.end()
    assert (folder_of(store) / "manifest.json").is_file() and len(parts) > 5 and max(parts) <= 1
    told = CliRunner().invoke(app, ["backtest", "--store", "weekly", "--json"])
    errors = json.loads(told.stdout)["errors"]["units"]
    assert set(errors) == {"shop", "category", "product", "country"}
    assert errors["shop"]["storewise"] <= min(errors["shop"].values()) + 0.02
