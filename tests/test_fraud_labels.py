"""Labels that a merchant gives: on the command line and from files, what is refused, and what a training makes of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from store.connect import Store, open_store
from store.errors import UserError
from store.labels import label, labels_of, mark_of
from store.paths import Home
from store.publish import publish
from tests.suspicious_shop import RING, build_suspicious
from tools.fraud.known import Known, known
from tools.fraud.scores import folder_of, scores_of, table_of
from tools.fraud.tool import UNUSABLE, score_fraud
from tools.fraud.train import Effort
from tools.fraud.upkeep import is_due, train_store
from ui.__main__ import app
from ui.web.training import Trainings

QUICK = Effort(steps=20, finish=5, batch=64, width=16, layers=1, last=4, every=20, rows=2_000, rounds=15)


def quiet(what: str, part: float) -> None:
    """Nobody looks on."""


def unlabelled(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    build_suspicious(con)
    con.execute("UPDATE orders SET is_fraud = NULL")
    return {}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    home = Home(tmp_path / "home")
    publish(home, "shop", unlabelled, format="tests")
    monkeypatch.setenv("STOREWISE_HOME", str(home.root))
    return open_store(home, "shop")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["label", *words])


def test_orders_are_labelled_and_taken_back(store: Store) -> None:
    told = run("fraud", "R1", "R2")
    assert told.exit_code == 0 and "2 orders are known for fraud, 0 for none; 20 of each are needed" in told.stdout
    assert json.loads(run("fine", "O1", "R2", "--json").stdout)["known_frauds"] == 1
    assert labels_of(store.state_path) == {"R1": True, "R2": False, "O1": False}
    assert run("unknown", "R2").exit_code == 0 and labels_of(store.state_path) == {"R1": True, "O1": False}
    assert known(store) == Known(1, 1)


def test_a_file_labels_many_at_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("order_id,is_fraud,why\n" + "".join(f"R{i},TRUE,ring\n" for i in range(30)) + "O1,no,\nR3,,\n")
    assert run("--file", str(path)).exit_code == 0
    assert labels_of(store.state_path) == {**{f"R{i}": True for i in range(30) if i != 3}, "O1": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("order,is_fraud\nR1,1\n", "no column order_id; it has order, is_fraud"),
        ("order_id,is_fraud\nR1,1\nR2,perhaps\n", "row 3: is_fraud is 'perhaps'"),
        ("order_id,is_fraud\n,1\n", "row 2: order_id is empty"),
        ("order_id,is_fraud\nR1,1\nX9,1\nX8,0\n", "has no order 'X9', and 1 others. Nothing was labelled"),
        ("", "no column order_id; it has none"),
    ],
)
def test_a_bad_file_labels_nothing(store: Store, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    told = run("--file", str(path))
    assert isinstance(told.exception, UserError) and said in str(told.exception)
    assert not labels_of(store.state_path)


@pytest.mark.parametrize("words", [(), ("maybe", "R1"), ("fraud",), ("fraud", "R1", "--file", "x.csv")])
def test_misuse_is_said(store: Store, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2 and not labels_of(store.state_path)


def test_a_missing_file_and_an_unknown_order_are_named(store: Store, tmp_path: Path) -> None:
    for words, said in ((("--file", str(tmp_path / "none.csv")), "can't be read"), (("fraud", "X1"), "no order 'X1'")):
        told = run(*words)
        assert isinstance(told.exception, UserError) and said in str(told.exception)


@pytest.mark.parametrize(
    ("frauds", "fine", "said"),
    [
        (0, 0, "No order is known for fraud or for none"),
        (25, 0, "All 25 orders that are known are fraud, and none is fine"),
        (0, 30, "All 30 orders that are known are fine, and none is fraud"),
        (3, 500, "Only 3 orders are known for fraud and 500 for none"),
    ],
)
def test_too_few_labels_teach_nothing_and_it_is_said_why(store: Store, frauds: int, fine: int, said: str) -> None:
    label(store.state_path, {f"R{i}": True for i in range(frauds)} | {f"O{i}": False for i in range(fine)})
    assert is_due(store)  # to learn without labels
    with pytest.raises(UserError, match=said):
        train_store(store, quiet, QUICK)
    assert score_fraud(store).rows


def test_labels_are_no_part_of_the_data_and_outlast_an_import(store: Store) -> None:
    label(store.state_path, {"R1": True, "GONE": True})
    publish(store.home, "shop", build_suspicious, format="tests")
    again = open_store(store.home, "shop")
    assert labels_of(again.state_path) == {"R1": True, "GONE": True}
    label(again.state_path, {"R2": False})
    table = table_of(again, labels_of(again.state_path))
    by_id = dict(zip(table.ids.tolist(), table.label.tolist(), strict=True))
    assert by_id["R2"] == 0 and by_id["R3"] == 1 and "GONE" not in by_id


def test_what_is_labelled_teaches_and_a_training_is_due_again_once_more_is_known(store: Store) -> None:
    said = {f"R{i}": True for i in range(RING) if i % 2} | {f"O{i}": False for i in range(900)}
    label(store.state_path, said)
    assert is_due(store)
    made = train_store(store, quiet, QUICK)
    assert not is_due(store) and made.model.checked.frauds > 0
    before = scores_of(store).model
    label(store.state_path, {f"R{i}": True for i in range(0, RING, 2)})
    assert scores_of(store).model == f"{before.partition('+')[0]}+{mark_of(labels_of(store.state_path))}" != before
    assert is_due(store)
    weights = folder_of(store) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    found = score_fraud(store)
    assert UNUSABLE in found.notes and found.columns[3].name == "unusual" and is_due(store)


def test_an_odd_history_is_lived_with(store: Store) -> None:
    """A timestamp in the far future, an order worth less than nothing, devices and countries nobody saw before."""

    def odd(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        build_suspicious(con)
        con.execute("UPDATE orders SET ordered_at = TIMESTAMP '2199-01-01' WHERE order_id = 'O7'")
        con.execute("UPDATE orders SET ordered_at = TIMESTAMP '1971-01-01' WHERE order_id = 'O8'")
        con.execute("UPDATE order_items SET discount = 500 WHERE order_id = 'O9'")
        con.execute("UPDATE orders SET device_id = 'never seen', country = 'Nowhere' WHERE order_id = 'O10'")
        return {}

    publish(store.home, "shop", odd, format="tests")
    there = open_store(store.home, "shop")
    train_store(there, quiet, QUICK)
    for order in ("O7", "O8", "O9", "O10"):
        found = score_fraud(there, order_ids=[order])
        assert 0 <= float(found.cell(0, "probability") or 0) <= 1
    assert float(score_fraud(there, order_ids=["O9"]).cell(0, "amount") or 0) < 0


def test_a_column_that_is_gone_is_said(store: Store) -> None:
    publish(store.home, "shop", build_suspicious, format="tests")
    train_store(open_store(store.home, "shop"), quiet, QUICK)

    def without_devices(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        build_suspicious(con)
        con.execute("UPDATE orders SET device_id = NULL")
        return {}

    publish(store.home, "shop", without_devices, format="tests")
    found = score_fraud(open_store(store.home, "shop"))
    assert found.columns[3].name == "unusual" and any("lacks a column" in note for note in found.notes)


@pytest.mark.slow
def test_a_server_trains_what_is_due_beside_its_chats(store: Store) -> None:
    publish(store.home, "shop", build_suspicious, format="tests")
    there, trainings = open_store(store.home, "shop"), Trainings(store.home)
    assert is_due(there) and trainings.part(there, "fraud") is None
    trainings.begin("shop")
    parts: set[float] = set()
    until = time.monotonic() + 600
    while is_due(there) and time.monotonic() < until:
        parts.add(trainings.part(there, "fraud") or 0.0)
        time.sleep(0.2)
    trainings.end()
    assert not is_due(there) and len(parts) > 3 and max(parts) <= 1
    assert score_fraud(there).columns[3].name == "probability"


def test_a_server_hears_of_labels_that_are_given_while_it_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    due: list[tuple[str, str, int]] = []

    def trained(self: Trainings, name: str, kind: str) -> None:
        due.append((name, kind, len(labels_of(store.state_path))))

    monkeypatch.setattr(Trainings, "_train", trained)
    label(store.state_path, {"R1": True})
    trainings = Trainings(store.home)
    trainings.begin("shop")
    trainings.watch(every=0.02)
    until = time.monotonic() + 60
    while len(due) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert due == [("shop", "forecast", 1), ("shop", "fraud", 1)]  # what was there is looked at once
    assert run("fraud", "R2", "R3").exit_code == 0
    until = time.monotonic() + 60
    while len(due) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    trainings.end()
    assert due[2:] == [("shop", "forecast", 3), ("shop", "fraud", 3)]
    label(store.state_path, {"R4": True})
    time.sleep(0.3)
    assert len(due) == 4  # a server that has ended looks no more
