"""The attack round: each oracle tells harm from none, and what is in our own sets does none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from evals.__main__ import app
from evals.attack import layers, walls
from evals.attack.equal import difference
from evals.attack.ground import Ground, Target, playground
from evals.attack.outcome import Outcome, Run, guarded
from evals.attack.running import asked, attacked
from evals.attack.statements import ATTACKS, LEGITIMATE, Attack, Legitimate, attacks_in, legitimate_in
from tools.sql.guard import LAYERS
from tools.sql.worker import stop

SHOP = """
CREATE TABLE sales AS SELECT i AS id, 'B' || i AS buyer, 'b' || i || '@example.org' AS email, i * 1.5 AS amount FROM range(1, 2001) AS t(i);
CREATE TABLE vault AS SELECT 'SESAME-OPEN' AS word, 'bearer' AS kind_of_key;
"""
ALLOWED = {"tables": {"sales": ["id", "buyer", "amount"]}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "shop.sql").write_text(SHOP, encoding="utf-8")
    (folder / "allow.json").write_text(json.dumps(ALLOWED), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ground(files: Path) -> Iterator[Ground]:
    with playground(files / "shop.sql", files / "allow.json") as ground:
        yield ground
    stop()


def hostile(sql: str, oracle: str = "resource", expect: str = "refuse_or_bound") -> Attack:
    return Attack("a", "any", oracle, sql, expect, "…")


def gives(**over: Any) -> Run:
    """What runs nothing, and comes back with an outcome of our making."""
    return lambda target, sql: replace(Outcome("pass", columns=["x"], rows=[[1]]), **over)


def unguarded(target: Target, sql: str) -> Outcome:
    """Plain DuckDB, with nothing in the way."""
    with duckdb.connect(str(target.path), read_only=True) as con:
        done = con.execute(sql)
        return Outcome("pass", "", [d[0] for d in done.description or ()], [list(row) for row in done.fetchall()])


def harm(ground: Ground, attack: Attack, run: Run, target: Target | None = None) -> str | None:
    return attacked(ground, target or ground.whole, attack, run).wrong


@pytest.mark.parametrize(
    ("oracle", "over"),
    [
        ("secret", {"rows": [["xx SESAME-OPEN xx"]]}),
        ("secret", {"columns": ["SESAME-OPEN"]}),
        ("secret", {"verdict": "error", "reason": "Could not convert 'SESAME-OPEN'"}),
        ("secret", {"rows": [[{"k": ["SESAME-OPEN"]}]]}),
        ("pii", {"rows": [[["b17@example.org"]]]}),
        ("pii", {"verdict": "error", "reason": "no date: b17@example.org"}),
        ("meta", {"rows": [["kind_of_key"]]}),
        ("meta", {"verdict": "error", "reason": "use SET memory_limit='8GB'"}),
        ("resource", {"ms": 6_001}),
        ("resource", {"mb": 1_501.0}),
        ("resource", {"rows": [[1]] * 1_001}),
        ("resource", {"rows": [["x" * 1_000_001]]}),
        ("crash", {"verdict": "error", "reason": "OverflowError: date", "crashed": True}),
    ],
)
def test_each_oracle_sees_its_harm(ground: Ground, oracle: str, over: dict[str, Any]) -> None:
    found = harm(ground, hostile("SELECT 1"), gives(**over))
    assert found and found.startswith(oracle), found


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"ms": 5_999, "mb": 1_499.0, "rows": [[1]] * 1_000},
        {"rows": [["x" * 999_000]]},
        {"rows": [["B17", 25.5]], "columns": ["buyer", "amount"]},
        {"verdict": "refused", "reason": "There is no table 'vault'. There are: sales."},
    ],
)
def test_no_oracle_sees_harm_where_there_is_none(ground: Ground, over: dict[str, Any]) -> None:
    assert harm(ground, hostile("SELECT * FROM vault"), gives(**over)) is None


def test_what_the_statement_says_itself_is_no_leak(ground: Ground) -> None:
    assert harm(ground, hostile("SELECT 'SESAME-OPEN'"), gives(rows=[["SESAME-OPEN"]])) is None


def test_the_environment_and_planted_files_are_secrets(ground: Ground) -> None:
    for sql in ("SELECT * FROM 'play/secret.csv'", "SELECT content FROM read_text('play/notes.txt')"):
        found = walls.harm_behind(ground, hostile(sql, expect="refuse_or_inert"), sql, "none")
        assert found and found.startswith("secret"), found
    assert harm(ground, hostile("SELECT 1"), gives(rows=[[ground.markers.token]])) is not None
    assert walls.harm_behind(ground, hostile(sql, expect="refuse_or_inert"), sql, "connection") is None


@pytest.mark.parametrize("what", ["made", "altered", "removed"])
def test_exec_sees_files_that_change_and_puts_them_back(ground: Ground, what: str) -> None:
    def touches(target: Target, sql: str) -> Outcome:
        notes = ground.root / "play" / "notes.txt"
        if what == "made":
            (ground.root / "home" / "left").write_text("x")
        elif what == "altered":
            notes.write_text(notes.read_text().upper())
        else:
            notes.unlink()
        return Outcome("refused")

    before = ground.state()
    found = harm(ground, hostile("SELECT 1"), touches)
    assert found and found.startswith("exec") and found.endswith(what), found
    assert ground.state() == before


def test_exec_sees_a_write_to_the_file_itself(ground: Ground) -> None:
    attack = hostile("DELETE FROM sales", "exec", "refuse_or_inert")
    assert (walls.harm_behind(ground, attack, attack.sql, "none") or "").startswith("exec: whole.duckdb was altered")
    assert walls.harm_behind(ground, attack, attack.sql, "connection") is None
    assert harm(ground, attack, guarded) is None


def test_what_must_be_refused_may_not_run_on_the_whole_file(ground: Ground) -> None:
    attack = hostile("SELECT id FROM sales ORDER BY email LIMIT 3", "pii", "refuse")
    assert harm(ground, attack, unguarded) == "it ran, though it must be refused"
    assert harm(ground, attack, guarded) is None
    assert harm(ground, attack, gives(), ground.reduced) is None


def test_a_round_trip_may_be_refused_or_equal(ground: Ground) -> None:
    attack = hostile("SELECT max(id) AS n FROM sales", "roundtrip", "refuse_or_equal")
    assert harm(ground, attack, guarded) is None
    assert harm(ground, attack, gives(verdict="refused", reason="no")) is None
    assert (harm(ground, attack, gives(rows=[[1999]])) or "").startswith("roundtrip")
    broken = hostile("SELECT 1 AS", "roundtrip", "refuse_or_equal")
    assert (harm(ground, broken, gives()) or "").startswith("roundtrip: it ran, which plain DuckDB refuses")


def test_the_guard_holds_where_plain_duckdb_leaks(ground: Ground) -> None:
    for sql, oracle in (("SELECT word FROM vault", "secret"), ("SELECT email FROM sales", "pii")):
        attack = hostile(sql, expect="refuse")
        assert (harm(ground, attack, unguarded) or "").startswith(oracle)
        assert harm(ground, attack, guarded) is None


def query(sql: str) -> Legitimate:
    return Legitimate("q", "?", sql)


def test_a_legitimate_query_must_pass_and_be_equal(ground: Ground) -> None:
    good = query("SELECT buyer, sum(amount) AS s FROM sales GROUP BY buyer")
    assert asked(ground, ground.whole, good).wrong is None
    assert asked(ground, ground.reduced, good).wrong is None
    assert "no" in str(asked(ground, ground.whole, good, gives(verdict="refused", reason="no")).wrong)
    assert "instead of 2000" in str(asked(ground, ground.whole, good, gives()).wrong)
    assert "plain DuckDB can't run it" in str(asked(ground, ground.whole, query("SELECT nothing"), gives()).wrong)


@pytest.mark.parametrize(
    ("sql", "found", "wanted", "most", "same"),
    [
        ("SELECT x FROM t", [[1], [2]], [(2,), (1,)], None, True),
        ("SELECT x FROM t ORDER BY x", [[1], [2]], [(2,), (1,)], None, False),
        ("SELECT x FROM t", [[1], [1]], [(1,), (2,)], None, False),
        ("SELECT x FROM t", [[1.0 + 1e-12]], [(1.0,)], None, True),
        ("SELECT x FROM t", [[1.0 + 1e-7]], [(1.0,)], None, False),
        ("SELECT x FROM t", [[Decimal("2.50")], [None]], [(None,), (2.5,)], None, True),
        ("SELECT x FROM t", [[None]], [(0,)], None, False),
        ("SELECT x FROM t", [[True]], [("true",)], None, False),
        ("SELECT x FROM t", [[[1, [2]]]], [([1, [2]],)], None, True),
        ("SELECT x FROM t", [[(1, 2, 3000)]], [(timedelta(days=32, microseconds=3),)], None, True),
        ("SELECT x FROM t", [[(0, 2, 0)]], [(timedelta(days=3),)], None, False),
        ("SELECT x FROM t", [[1]], [(1,), (2,)], None, False),
        ("SELECT x FROM t", [[2]], [(1,), (2,)], 1, True),
        ("SELECT x FROM t", [[1], [2]], [(1,), (2,), (3,)], 1, False),
        ("SELECT x, y FROM t ORDER BY y", [["b", 1], ["a", 1]], [("a", 1), ("b", 1)], None, True),
        ("SELECT x, y FROM t ORDER BY y", [["a", 1], ["a", 1]], [("a", 1), ("b", 1)], None, False),
        ("SELECT x, y FROM t ORDER BY y, x", [["b", 1], ["a", 1]], [("a", 1), ("b", 1)], None, False),
        ("SELECT x, y FROM t ORDER BY y LIMIT 1", [["b", 1]], [("a", 1)], None, True),
        ("SELECT x, y FROM t ORDER BY y LIMIT 2", [["b", 1], ["z", 2]], [("a", 1), ("c", 2)], None, False),
        ("SELECT x, y FROM t ORDER BY z", [["b", 1], ["a", 1]], [("a", 1), ("b", 1)], None, False),
    ],
)
def test_rows_are_the_same_or_not(sql: str, found: list[Any], wanted: list[Any], most: int | None, same: bool) -> None:
    assert (difference(sql, found, wanted, most) is None) is same


def test_layers_are_weighed_one_by_one(ground: Ground) -> None:
    attacks = [hostile("SELECT word FROM vault", expect="refuse"), hostile("SELECT 1; SELECT 2", expect="refuse")]
    found = {one.layer: one for one in layers.worth_of_layers(ground, attacks, lambda: None)}
    assert set(found) == set(LAYERS)
    assert {name for name, one in found.items() if one.stopped.total()} >= {"statement", "tables", "duckdb"}
    assert found["text"].stopped.total() == 0 and found["text"].through == []


def test_walls_are_weighed_by_what_does_harm(ground: Ground) -> None:
    attacks = [hostile("DELETE FROM sales", "exec", "refuse"), hostile("SELECT 1"), hostile("SELECT word FROM vault")]
    found = {one.layer: one for one in layers.worth_of_walls(ground, attacks, lambda: None)}
    connection = found["connection (no guard)"]
    assert (connection.stopped.total(), connection.all.total()) == (1, 2)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["attack", *map(str, arguments)])


def lines(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")
    return path


ATTACK = {
    "id": "a1",
    "category": "table",
    "oracle": "secret_or_exec",
    "sql": "SELECT word FROM vault",
    "expect": "refuse",
    "why": "…",
}
QUERY = {"id": "q1", "question": "?", "sql": "SELECT count(*) AS n FROM sales"}


def test_the_command_writes_a_line_per_statement(files: Path, tmp_path: Path) -> None:
    shop = ("--fixture", files / "shop.sql", "--allow", files / "allow.json")
    statements = ("--file", lines(tmp_path / "a", ATTACK), "--legit", lines(tmp_path / "l", QUERY))
    done = run(*shop, *statements, "--out", tmp_path / "o.jsonl")
    assert done.exit_code == 0, done.output
    first, second = (json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines())
    assert (first["id"], first["file"], first["verdict"], first["rows"]) == ("a1", "whole", "refused", [])
    assert "vault" in first["reason"] and first["reduced"]["verdict"] == "refused"
    assert (second["id"], second["verdict"], second["columns"], second["rows"]) == ("q1", "pass", ["n"], [[2000]])
    assert {"ms", "mb", "wrong", "kind"} <= second.keys()
    assert "0 of 1 attacks did harm; 0 of 1 queries failed or differed." in done.stdout


def test_the_command_fails_where_a_query_is_refused(files: Path, tmp_path: Path) -> None:
    shop = ("--fixture", files / "shop.sql", "--allow", files / "allow.json")
    refused = lines(tmp_path / "l", {**QUERY, "sql": "SELECT email FROM sales"})
    assert run(*shop, "--legit", refused).exit_code == 1


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({**ATTACK, "oracle": "smell"}, "line 1: the field 'oracle' must be one of exec"),
        ({**ATTACK, "expect": "pass"}, "line 1: the field 'expect' must be one of refuse"),
        ({**ATTACK, "sql": " "}, "line 1: the field 'sql' must be a text"),
        ({k: v for k, v in ATTACK.items() if k != "why"}, "line 1: the field 'why' is missing"),
        ({**ATTACK, "more": 1}, "line 1: there is no field 'more'"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    done = run("--file", lines(tmp_path / "a", entry))
    assert done.exit_code == 2 and said in done.stderr


def test_misuse_is_told(files: Path, tmp_path: Path) -> None:
    shop = ("--fixture", files / "shop.sql", "--allow", files / "allow.json")
    good, bad = lines(tmp_path / "a", ATTACK), tmp_path / "bad"
    for arguments, said in (
        (shop[:2], "--fixture and --allow go together"),
        (shop, "--file, --legit or both"),
        (("--file", lines(tmp_path / "twice", ATTACK, ATTACK)), "id 'a1' is taken by"),
        (("--file", good, "--legit", lines(tmp_path / "l", {**QUERY, "id": "a1"})), "give one another id"),
        (("--file", tmp_path / "none"), "can't be read"),
        (("--file", lines(tmp_path / "empty")), "holds no statement"),
        ((*shop[:3], bad, "--file", good), "can't be read"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2 and said in done.stderr, done.output


@pytest.mark.parametrize(
    ("fixture", "allowed", "said"),
    [
        ("SELECT 1; CREATE TABEL x", ALLOWED, "shop.sql, "),
        ("CREATE TABLE sales (id INT); SELECT nothing", ALLOWED, "shop.sql, statement 2"),
        (SHOP, {"tables": {"shelves": ["id"]}}, "the table 'shelves', which the fixture has not"),
        (SHOP, {"tables": {"sales": ["colour"]}}, "the column sales.colour, which the fixture has not"),
        (SHOP, {"tables": {}}, "allows no table"),
        (SHOP, {"tables": ["sales"]}, "must be"),
    ],
)
def test_bad_fixtures_are_told(tmp_path: Path, fixture: str, allowed: Any, said: str) -> None:
    (tmp_path / "shop.sql").write_text(fixture, encoding="utf-8")
    (tmp_path / "allow.json").write_text(json.dumps(allowed), encoding="utf-8")
    shop = ("--fixture", tmp_path / "shop.sql", "--allow", tmp_path / "allow.json")
    done = run(*shop, "--file", lines(tmp_path / "a", ATTACK))
    assert done.exit_code == 2 and said in done.stderr, done.output


@pytest.fixture(scope="module")
def own_ground() -> Iterator[Ground]:
    with playground() as ground:
        yield ground
    stop()


@pytest.mark.parametrize("oracle", ["exec", "meta", "pii", "roundtrip", "secret_or_exec"])
def test_our_attacks_do_no_harm(own_ground: Ground, oracle: str) -> None:
    attacks = [a for a in attacks_in(ATTACKS) if a.oracle == oracle]
    wrong = {a.id: found for a in attacks if (found := harm(own_ground, a, guarded))}
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize("which", ["whole", "reduced"])
def test_everything_of_ours_holds_on_both_files(own_ground: Ground, which: str) -> None:
    target = own_ground.whole if which == "whole" else own_ground.reduced
    wrong = {a.id: found for a in attacks_in(ATTACKS) if (found := harm(own_ground, a, guarded, target))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("which", "every"),
    [
        ("whole", 3),
        pytest.param("whole", 1, marks=pytest.mark.slow),
        pytest.param("reduced", 1, marks=pytest.mark.slow),
    ],
)
def test_our_legitimate_queries_pass_with_equal_rows(own_ground: Ground, which: str, every: int) -> None:
    target = own_ground.whole if which == "whole" else own_ground.reduced
    queries = legitimate_in(LEGITIMATE)[::every]
    wrong = {q.id: found for q in queries if (found := asked(own_ground, target, q).wrong)}
    assert wrong == {}


def test_our_sets_are_large_and_of_every_kind() -> None:
    attacks = attacks_in(ATTACKS)
    assert len(attacks) >= 120 and len(legitimate_in(LEGITIMATE)) >= 80
    assert {a.oracle for a in attacks} == {"exec", "meta", "pii", "resource", "roundtrip", "secret_or_exec"}
    assert any("\u212a" in a.sql for a in attacks)


def test_a_bench_prints_its_figures_beside_their_goals(tmp_path: Path) -> None:
    from evals.bench.figures import Measured, figure, write_measured

    made = Measured("any", [figure("quick", [1.0] * 99 + [9.0], 2.0), figure("slow", [1.0, 3.0], 2.0)], ["n"])
    assert [f.held for f in made.figures] == [True, False] and figure("f", [1.0]).held is None
    write_measured(made, tmp_path / "b.json")
    assert [f["p95"] for f in json.loads((tmp_path / "b.json").read_text())["figures"]] == [1.0, 3.0]
    done = CliRunner().invoke(app, ["bench", "none"])
    assert done.exit_code == 2 and "There is no bench 'none'" in done.stderr
    assert CliRunner().invoke(app, ["bench", "guard", "--data", "x"]).exit_code == 2


@pytest.mark.slow
def test_the_guard_bench_measures() -> None:
    done = CliRunner().invoke(app, ["bench", "guard"])
    assert done.exit_code == 0 and "worker over plain DuckDB" in done.stdout
