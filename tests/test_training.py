"""Training a store's own forecast: by the command line, and beside a server, in a process of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.settings import Settings
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_weekly
from tools.forecast.kept import load
from tools.forecast.levels import CATEGORY, COUNTRY, MIXED, MODEL, PRODUCT, SHOP
from tools.forecast.outlook import SIMPLE, folder_of
from tools.forecast.rows import NAMES
from tools.forecast.sold import UNITS
from tools.forecast.tool import forecast_sales
from tools.forecast.upkeep import is_due, looked_back
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


def build_uneven(con: Any) -> dict[str, Any]:
    """No season, and weeks that all products have good or bad by chance: neither last weeks nor last year tell much."""
    build_weekly(con)
    con.execute("""UPDATE order_items AS i SET quantity = 1 + CAST((HASH(WEEK(o.ordered_at), YEAR(o.ordered_at)) % 20) AS INTEGER)
        + CAST((HASH(i.order_id, i.product_id) % 5) AS INTEGER) FROM orders AS o WHERE o.order_id = i.order_id""")
    return {}


ASKED = {SHOP: "", CATEGORY: "Home", PRODUCT: "Lamp", COUNTRY: "France"}


def _check_that_it_answers(store: Store) -> None:
    """forecast_sales goes by the model that is kept, on each level where the back-test found it best."""
    version = load(folder_of(store))[1].version
    best = {name: level.best for name, level in looked_back(store)[UNITS].level.items()}
    assert {MODEL, MIXED} & set(best.values())
    for level, what in ASKED.items():
        found, simple = (forecast_sales(store, what, metric=UNITS, model=by) for by in (None, SIMPLE))
        assert (found.input["model"], simple.input["model"]) == (version, SIMPLE)
        assert found.cell(0, "method") == NAMES[best[level]] and any(
            n.startswith(f"Model {version}") for n in found.notes
        )
        if best[level] in (MODEL, MIXED):
            assert found.cell(0, UNITS) != simple.cell(0, UNITS), level


@pytest.mark.slow
def test_a_server_trains_beside_its_chats_backtest_tells_how_well_and_it_answers(home: Home) -> None:
    publish(home, "uneven", build_uneven, format="tests")
    store, trainings = open_store(home, "uneven"), Trainings(home)
    assert is_due(store) and forecast_sales(store).input["model"] == SIMPLE
    trainings.begin("uneven")
    parts: set[float] = set()
    until = time.monotonic() + 900
    while is_due(store) and time.monotonic() < until:
        parts.add(trainings.part(store, "forecast") or 0.0)
        time.sleep(1)
    trainings.end()
    assert (folder_of(store) / "manifest.json").is_file() and len(parts) > 5 and max(parts) <= 1
    told = CliRunner().invoke(app, ["backtest", "--store", "uneven", "--json"])
    errors = json.loads(told.stdout)["errors"]["units"]
    assert set(errors) == {"shop", "category", "product", "country"}
    assert errors["shop"]["storewise"] <= min(errors["shop"].values()) + 0.02
    _check_that_it_answers(open_store(home, "uneven"))
