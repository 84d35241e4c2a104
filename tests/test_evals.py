"""Suites, grading and reports, over a shop of a handful of orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.settings import Settings
from evals.__main__ import app
from evals.keys import bucket, hour, weekday
from evals.results import Result, judge, latencies, summary
from evals.scorers import grade
from evals.suites import Asked, Gold, Question, ask_one, chosen, gold, load, recorded
from store.connect import Store, open_store
from store.errors import UserError
from store.paths import Home
from store.publish import publish
from tests.audit_shop import BY_COUNTRY, BY_MONTH, FROM, answer, build_shop, number, receipt

REVENUE = f"SELECT sum(quantity * unit_price - i.discount) AS revenue{FROM}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("evaluated"))
    publish(home, "shop", build_shop, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    return open_store(home, "shop")


def with_number(value: float, unit: str = "GBP", **over: Any) -> dict[str, Any]:
    return answer("…", [number("…", value, unit, (0, "revenue"))], **over)


def with_rows(*rows: list[Any], **over: Any) -> dict[str, Any]:
    return answer("…", [], {"tool": "query_metrics", "rows": list(rows)}, **over)


def passes(question: Question, made: dict[str, Any], wanted: Gold | None = None) -> bool:
    return grade(question, made, wanted).passed


VALUE = Question("q", ("?",), "value", gold_sql="SELECT 1")


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "passed"),
    [
        (100.4, "GBP", 100.0, True),
        (100.6, "GBP", 100.0, False),
        (0.123, "%", 0.123, True),
        (12.3, "%", 0.123, True),
        (12.3, "ratio", 0.123, False),
        (-0.017, "%", -0.017, True),
        (0.017, "%", -0.017, False),
        (0, "count", 0, True),
        (0.001, "count", 0, False),
        (0, "count", None, True),
        (7, "count", None, False),
    ],
)
def test_a_value_is_among_the_numbers(value: float, unit: str, wanted: float | None, passed: bool) -> None:
    assert passes(VALUE, with_number(value, unit), Gold(["x"], [(wanted,)])) is passed


def test_a_value_counts_only_when_answered() -> None:
    assert not passes(VALUE, with_number(100.0, status="declined"), Gold(["x"], [(100,)]))
    assert not passes(VALUE, answer("It was £100.", []), Gold(["x"], [(100,)]))


def test_no_value_may_be_a_dash() -> None:
    made = with_rows([None]) | {"answer": "AOV: –"}
    assert passes(VALUE, made, Gold(["aov"], [(None,)]))
    assert not passes(VALUE, made | {"answer": "AOV: high"}, Gold(["aov"], [(None,)]))


def test_the_tolerance_is_the_questions_own() -> None:
    loose = Question("q", ("?",), "value", gold_sql="SELECT 1", tolerance=0.02)
    assert passes(loose, with_number(101.9), Gold(["x"], [(100.0,)]))
    assert not passes(loose, with_number(102.1), Gold(["x"], [(100.0,)]))


TOP = Question("q", ("?",), "rows", gold_sql="SELECT a, b FROM t ORDER BY b DESC LIMIT 2", ordered=True)
LIST = Question("q", ("?",), "rows", gold_sql="SELECT a, b FROM (SELECT 1 LIMIT 5) t")
TREND = Question("q", ("?",), "rows", gold_sql="SELECT month, x FROM t ORDER BY month", ordered=True)
PAIR = Question("q", ("?",), "rows", gold_sql="SELECT a, b, x FROM t", key_columns=2)
AB = Gold(["a", "b"], [("A", 2.0), ("B", 1.0)])


def test_rows_in_a_receipt_pass() -> None:
    assert passes(LIST, with_rows(["A", 2.0], ["B", 1.0]), AB)
    assert passes(LIST, with_rows(["B", 1.004], ["A", 1.991]), AB), "unordered, within tolerance"
    assert passes(LIST, with_rows([9, "p1", 2.0, "A"], [8, "p2", 1.0, "B"]), AB), "columns more, in other places"


@pytest.mark.parametrize(
    "rows",
    [
        [["A", 2.0]],
        [["A", 2.0], ["B", 1.0], ["C", 0.5]],
        [["A", 2.0], ["B", 1.1]],
        [["A", 1.0], ["B", 2.0]],
        [["a", 2.0], ["B", 1.0]],
        [["A", 2.0], ["A", 2.0]],
        [["A", None], ["B", 1.0]],
        [["A", 2.0, 7], ["B", 7, 1.0]],
        [],
    ],
)
def test_rows_that_are_not_the_gold(rows: list[list[Any]]) -> None:
    assert not passes(LIST, with_rows(*rows), AB)


def test_order_where_it_matters() -> None:
    ordered = Question("q", ("?",), "rows", gold_sql="SELECT a, b FROM t ORDER BY b DESC", ordered=True)
    assert passes(ordered, with_rows(["A", 2.0], ["B", 1.0]), AB)
    assert not passes(ordered, with_rows(["B", 1.0], ["A", 2.0]), AB)


def test_a_longer_ranking_passes_a_top_k_and_nothing_else() -> None:
    longer = with_rows(["A", 2.0], ["B", 1.0], ["C", 0.5])
    assert passes(TOP, longer, AB)
    assert not passes(LIST, longer, AB)
    assert not passes(TOP, with_rows(["C", 3.0], ["A", 2.0], ["B", 1.0]), AB)


def test_two_keys_and_an_empty_ratio() -> None:
    wanted = Gold(["a", "b", "x"], [("A", None, None), ("A", "z", 1.0)])
    assert passes(PAIR, with_rows(["z", 1.0, "A"], ["unknown", None, "A"]), wanted)
    assert not passes(PAIR, with_rows(["z", 1.0, "A"], ["unknown", 3.0, "A"]), wanted)
    assert not passes(PAIR, with_rows(["z", 1.0, "A"], ["y", None, "A"]), wanted)


def test_empty_time_buckets_count_on_neither_side(shop: Store, home: Home) -> None:
    trend = Question("q", ("?",), "rows", gold_sql=BY_MONTH, ordered=True)
    wanted = gold(shop.version_file(shop.data_version, "shop"), trend)
    rows = [["2011-09", 0], ["2011-10", 300], ["2011-11-01", 1400.0], ["Dec 2011", 21.99], ["2012-01", None]]
    assert passes(trend, with_rows(*rows), wanted)
    assert not passes(trend, with_rows(*rows[:3]), wanted)
    assert not passes(trend, with_rows(*rows, ["2012-02", 5.0]), wanted)
    named = Gold(["a", "b"], [("A", 2.0)])
    assert not passes(LIST, with_rows(["A", 2.0], ["B", 0]), named), "only buckets of time are ignored"


@pytest.mark.parametrize("form", ["2011-10", "2011-10-01", "Oct 2011", "October 2011", "2011年10月", "2011-Q4", "2011-10-01 00:00:00", "1 Oct 2011", "Q4 2011", "Oct 1, 2011"])  # fmt: skip
def test_forms_of_a_time_bucket(form: str) -> None:
    day = bucket(form)
    assert day is not None and day.isoformat() == "2011-10-01"


def test_forms_of_other_keys() -> None:
    assert [weekday(d) for d in ("monday", "Mon", "周一", "星期天", "Montag")] == ["Monday"] * 3 + ["Sunday", None]
    assert [hour(h) for h in (9, "9", "09:00", "9:00–9:59", 25, "nine")] == [9, 9, 9, 9, None, None]
    assert (
        bucket("2011-W48") == bucket("week of 28 Nov 2011") and bucket("BUNTING") is None and bucket("2011-13") is None
    )


def test_ids_are_texts_and_titles_keep_their_case() -> None:
    assert passes(TOP, with_rows([14646, 2.0], ["B", 1.0]), Gold(["id", "x"], [("14646", 2.0), ("B", 1.0)]))
    assert not passes(TOP, with_rows(["tin", 2.0]), Gold(["title", "x"], [("TIN", 2.0)]))


def test_weekdays_and_hours_as_keys() -> None:
    assert passes(TOP, with_rows(["星期四", 9]), Gold(["weekday", "orders"], [("Thursday", 9)]))
    assert passes(TOP, with_rows(["12:00", 9]), Gold(["hour", "orders"], [(12, 9)]))
    assert not passes(TOP, with_rows([13, 12]), Gold(["hour", "orders"], [(12, 9)]))


TEXT = Question("q", ("?",), "text", must_mention=("orders", "37.2|37 %|37%"), tool="explain_change")
CALLED = {"steps": [{"tool": "explain_change", "ms": 1, "ok": True}]}


def test_text_must_mention() -> None:
    assert passes(TEXT, answer("Orders rose by 37\u202f%.", []) | CALLED)
    assert not passes(TEXT, answer("Orders rose by 36 %.", []) | CALLED)
    assert not passes(TEXT, answer("Orders rose by 37 %.", []))
    assert not passes(TEXT, answer("Orders rose by 37 %.", [], status="declined") | CALLED)
    assert not passes(TEXT, answer("Orders 37 %.", []) | {"steps": [{"tool": "explain_change", "ms": 1, "ok": False}]})


def test_a_model_kind_calls_its_tool_and_may_have_a_check_value() -> None:
    fraud = Question("q", ("?",), "fraud", gold_sql="SELECT 5", must_mention=("o1",), tool="score_fraud|check")
    made = answer("Order o1.", [number("5", 5, "count", (0, "n"))], {"tool": "check", "rows": []}, steps=[])
    assert passes(fraud, made, Gold(["n"], [(5,)]))
    assert not passes(fraud, made, Gold(["n"], [(6,)]))
    assert not passes(fraud, made | {"receipts": []}, Gold(["n"], [(5,)]))


@pytest.mark.parametrize(("kind", "status"), [("decline", "declined"), ("clarify", "clarify")])
def test_declines_and_questions_back(kind: str, status: str) -> None:
    question = Question("q", ("?",), kind)
    assert passes(question, answer("…", [], status=status))
    assert not passes(question, answer("…", [], status="answered"))


def test_wrong_is_answered_and_not_passed(shop: Store, home: Home) -> None:
    question = Question("q", ("revenue?",), "value", gold_sql=REVENUE)
    told = number("£1,721.99", 1721.99, "GBP", (0, "revenue"))
    right = answer("It was £1,721.99.", [told], receipt(shop, REVENUE))
    unproven = answer("It was £1,721.99, up 4 %.", [told], receipt(shop, REVENUE))
    declined = answer("I can't say.", [], status="declined")
    verdicts = [judge(Asked(question, [made], [0.1]), home, "shop").verdict for made in (right, unproven, declined)]
    assert verdicts == ["passed", "wrong", "missed"]


def test_earlier_turns_are_audited_and_do_not_count(shop: Store, home: Home) -> None:
    question = Question("q", ("how many?", "revenue?"), "value", gold_sql=REVENUE)
    right = answer("£1,721.99", [number("£1,721.99", 1721.99, "GBP", (0, "revenue"))], receipt(shop, REVENUE))
    result = judge(Asked(question, [answer("12.", []), right], [0.1, 0.3]), home, "shop")
    assert result.passed and [bool(f) for f in result.failures] == [True, False]
    assert summary([result])["audit_failures"] == 1


@pytest.mark.parametrize(
    ("tool", "right"), [("forecast_sales", 1), ("score_fraud", 0), ("score_fraud|forecast_sales", 1)]
)
def test_a_tool_that_is_not_there_yet_was_planned_all_the_same(tool: str, right: int) -> None:
    declined = {"status": "declined", "steps": [{"tool": "forecast_sales", "ms": 0, "ok": False}]}
    asked = [Asked(Question("q", ("?",), "forecast", tool=named), [declined], [0.1]) for named in (tool, None)]
    results = [Result(a, None, False, "", [[]]) for a in asked]
    assert summary(results)["planned"] == {"questions": 1, "right": right}


def test_latencies_are_per_turn() -> None:
    question = Question("q", ("?",), "decline")
    results = [Result(Asked(question, [], [float(i)]), None, True, "", [[]]) for i in range(1, 101)]
    assert latencies(results) == {"p50": 50.5, "p95": 95.0, "max": 100.0}
    assert latencies([]) == {}


GOOD = {"id": "a", "turns": ["?"], "kind": "value", "gold_sql": "SELECT 1"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "line 2: is no JSON"),
        ("[]", "line 2: is no JSON object"),
        ({"id": ""}, "field 'id'"),
        ({"turns": []}, "field 'turns'"),
        ({"turns": "?"}, "field 'turns'"),
        ({"kind": "guess"}, "field 'kind'"),
        ({"gold_sql": None}, "field 'gold_sql'"),
        ({"key_columns": 0}, "field 'key_columns'"),
        ({"ordered": "yes"}, "field 'ordered'"),
        ({"tolerance": "5 %"}, "field 'tolerance'"),
        ({"must_mention": "x"}, "field 'must_mention'"),
        ({"tool": 3}, "field 'tool'"),
        ({"tags": [1]}, "field 'tags'"),
        ({"weight": 2}, "field 'weight' is unknown"),
        ({"id": "a"}, "id 'a' is taken by line 1"),
        ({"kind": "text"}, "field 'must_mention' is missing"),
    ],
)
def test_a_bad_line_is_named_with_its_field(tmp_path: Path, line: Any, said: str) -> None:
    second = line if isinstance(line, str) else json.dumps(GOOD | {"id": "b"} | line)
    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + second + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="suite.jsonl line 2") as raised:
        load(path)
    assert said in str(raised.value)


@pytest.mark.parametrize("name", ["id", "turns", "kind", "gold_sql"])
def test_a_missing_field_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps({k: v for k, v in GOOD.items() if k != name}), encoding="utf-8")
    with pytest.raises(UserError, match=f"line 1: field '{name}' is missing"):
        load(path)


def test_choosing_questions() -> None:
    questions = [Question(i, ("?",), "decline") for i in "abc"]
    assert [q.id for q in chosen(questions, ["c", "a"])] == ["a", "c"]
    assert [q.id for q in chosen(questions, limit=2)] == ["a", "b"]
    with pytest.raises(UserError, match="no question z"):
        chosen(questions, ["z"])


def test_gold_sql_that_does_not_run_or_writes(shop: Store) -> None:
    path = shop.version_file(shop.data_version, "shop")
    for sql in ("SELECT nothing", "DELETE FROM orders", "SELECT * FROM read_text('/etc/hostname')"):
        with pytest.raises(UserError, match="Question q: its gold_sql does not run"):
            gold(path, Question("q", ("?",), "value", gold_sql=sql))


def test_recorded_answers_must_cover_the_questions(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"id": "a", "answers": [answer("…", [])]}), encoding="utf-8")
    assert len(recorded(path, [Question("a", ("?",), "decline")])) == 1
    with pytest.raises(UserError, match="no answers to b"):
        recorded(path, [Question("b", ("?",), "decline")])
    path.write_text('{"id": "a"}', encoding="utf-8")
    with pytest.raises(UserError, match=r"answers\.jsonl line 1"):
        recorded(path, [])


@pytest.fixture
def suite(tmp_path: Path, shop: Store) -> dict[str, Path]:
    """A suite of three questions, with recorded answers: one right, one wrong, one declined as it should be."""
    questions = [
        GOOD | {"id": "right", "gold_sql": REVENUE, "tags": ["time"]},
        GOOD
        | {"id": "wrong", "gold_sql": BY_COUNTRY, "kind": "rows", "tags": ["time", "zh"], "turns": ["<b>各国？</b>"]},
        {"id": "no", "turns": ["margin?"], "kind": "decline"},
    ]
    told = number("£1,721.99", 1721.99, "GBP", (0, "revenue"))
    answers = [
        answer("It was £1,721.99.", [told], receipt(shop, REVENUE)),
        answer("All 3 of them.", [], receipt(shop, BY_COUNTRY)),
        answer("There are no costs in this shop.", [], status="declined"),
    ]
    paths = {"suite": tmp_path / "suite.jsonl", "answers": tmp_path / "answers.jsonl", "out": tmp_path / "out"}
    paths["suite"].write_text("\n".join(json.dumps(q) for q in questions), encoding="utf-8")
    lines = [json.dumps({"id": q["id"], "answers": [a]}) for q, a in zip(questions, answers, strict=True)]
    paths["answers"].write_text("\n".join(lines), encoding="utf-8")
    return paths


def command(suite: dict[str, Path], home: Home, *more: str) -> Any:
    arguments = ["run", str(suite["suite"]), "--store", "shop", "--graded", str(suite["answers"]), *more]
    return CliRunner().invoke(app, arguments, env={"STOREWISE_HOME": str(home.root)})


def test_the_command_grades_recorded_answers_and_reports(suite: dict[str, Path], home: Home) -> None:
    done = command(suite, home, "--out", str(suite["out"]))
    assert done.exit_code == 0, done.output
    assert "3/3 no passed" in done.stderr and "66.7%" in done.stdout and "33.3%" in done.stdout
    report = json.loads((suite["out"] / "report.json").read_text(encoding="utf-8"))
    assert report["total"][0]["passed"] == 2 and report["total"][0]["wrong"] == 1
    assert {t["name"]: t["questions"] for t in report["by_tag"]} == {"time": 2, "zh": 1}
    assert [q["verdict"] for q in report["questions"]] == ["passed", "wrong", "passed"]
    assert report["questions"][1]["turns"][0]["audit"][0]["kind"] == "uncovered"


def test_the_page_holds_everything_and_asks_for_nothing(suite: dict[str, Path], home: Home) -> None:
    command(suite, home, "--out", str(suite["out"]))
    page = (suite["out"] / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;各国？&lt;/b&gt;" in page and "<b>各国" not in page
    assert all(outside not in page for outside in ("http://", "https://", "src=", "@import", "<link"))
    assert page.count("<details") == 3 and "no cost" in page


def test_misuse_and_failure_have_codes_of_their_own(suite: dict[str, Path], home: Home) -> None:
    assert command(suite, home, "--as-of", "yesterday").exit_code == 2
    assert command(suite, home, "--ids", "nobody").exit_code == 2
    assert command(suite, home, "--limit", "0").exit_code == 2
    assert CliRunner().invoke(app, ["run", str(suite["suite"])]).exit_code == 2
    elsewhere = {"suite": suite["suite"], "answers": suite["answers"]}
    assert command(elsewhere, Home(home.root / "empty")).exit_code == 1


def test_asking_keeps_one_thread_a_question_and_leaves_none(tiny_home: Home) -> None:
    pytest.importorskip("agent.ask")
    from store.state import threads

    state = tiny_home.store("tiny") / "state.sqlite"
    before = threads(state)
    asked = ask_one(Question("q", ("how many orders?", "and units?"), "value"), tiny_home, "tiny", Settings(), None)
    assert len(asked.answers) == len(asked.seconds) == 2
    assert asked.answers[0]["thread_id"] == asked.answers[1]["thread_id"]
    assert [a["turn"] for a in asked.answers] == [1, 2]
    assert threads(state) == before
