"""run_sql and describe_store as a turn uses them: units, receipts that run again, and errors that a model can mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent import toolbox
from agent.rerun import run_again
from evals.audit import audit
from store.connect import Store, open_store
from store.paths import Home
from store.schema import TABLES, reduced_columns
from tests.servers.door import Door, opened
from tools.contract import Cell, NotThere, ToolError
from tools.sql.describe import notes_of
from tools.sql.tool import describe_store, run_sql
from tools.sql.worker import stop
from ui.render import asked_of

LINES = "orders o JOIN order_items i ON i.order_id = o.order_id"


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    stop()


@pytest.fixture(scope="module")
def door(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(tiny_home, "tiny", tmp_path_factory.mktemp("sql")) as door:
        yield door


# ---- units


@pytest.mark.parametrize(
    ("made_of", "unit"),
    [
        ("SUM(i.quantity * i.unit_price - i.discount)", "GBP"),
        ("SUM(i.quantity * i.unit_price) / COUNT(DISTINCT o.order_id)", "GBP"),
        ("SUM(i.discount) / SUM(i.quantity * i.unit_price)", "ratio"),
        ("ROUND(AVG(o.shipping), 2)", "GBP"),
        ("MEDIAN(i.unit_price)", "GBP"),
        ("COALESCE(SUM(o.tax), 0)", "GBP"),
        ("SUM(CASE WHEN o.status = 'completed' THEN o.shipping ELSE 0 END)", "GBP"),
        ("MAX(o.shipping) - MIN(o.shipping)", "GBP"),
        ("STDDEV(i.unit_price)", "GBP"),
        ("SUM(o.shipping) FILTER (WHERE o.status = 'completed')", "GBP"),
        ("(SELECT MAX(amount) FROM returns)", "GBP"),
        ("SUM(i.quantity)", "count"),
        ("COUNT(*)", "count"),
        ("COUNT(DISTINCT o.customer_id)", "count"),
        ("AVG(i.quantity)", "ratio"),
        ("COUNT(*) / COUNT(DISTINCT o.order_id)", "ratio"),
        ("CORR(i.unit_price, i.quantity)", "ratio"),
        ("DATE_DIFF('day', MIN(o.ordered_at), MAX(o.ordered_at))", "days"),
        ("MAX(o.ordered_at)", "day"),
        ("DATE_TRUNC('month', MAX(o.ordered_at))", "month"),
        ("YEAR(MAX(o.ordered_at))", "name"),
        ("MIN(o.country)", "name"),
        ("BOOL_OR(o.is_fraud)", "name"),
        ("VARIANCE(i.quantity) + SUM(o.shipping)", "ratio"),
    ],
)
def test_a_columns_unit_is_that_of_what_it_is_made_of(tiny: Store, made_of: str, unit: str) -> None:
    (column,) = run_sql(tiny, f"SELECT {made_of} AS x FROM {LINES}").columns
    assert (column.name, column.unit) == ("x", unit)


@pytest.mark.parametrize(
    ("sql", "units"),
    [
        ("WITH m AS (SELECT country, SUM(shipping) AS s, COUNT(*) AS n FROM orders GROUP BY 1) SELECT country, s, n, s / n AS per FROM m", ["name", "GBP", "count", "GBP"]),
        ("SELECT product_id, title, list_price, stock FROM products", ["id", "title", "GBP", "count"]),
        ("SELECT * FROM (SELECT order_id, shipping FROM orders)", ["id", "GBP"]),
        ("SELECT shipping AS s FROM orders UNION ALL SELECT amount FROM returns", ["GBP"]),
        ("SELECT customer_id, LAG(shipping) OVER (ORDER BY order_id) AS before FROM orders", ["id", "GBP"]),
        ("SELECT rating FROM reviews", ["stars"]),
    ],
)  # fmt: skip
def test_units_go_through_the_query(tiny: Store, sql: str, units: list[str]) -> None:
    assert [c.unit for c in run_sql(tiny, sql).columns] == units


# ---- receipts


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT country, COUNT(*) FROM orders GROUP BY country",
        "SELECT channel, payment_method, SUM(shipping) AS s, COUNT(*), COUNT(*) FROM orders GROUP BY ALL ORDER BY COUNT(*) DESC",
        "SELECT title FROM products UNION SELECT reason FROM returns",
        "SELECT title, LIST(product_id) AS ids FROM products GROUP BY title",
        "SELECT order_id, shipping / 0 AS nothing, shipping * 0.1 AS small FROM orders LIMIT 7",
        "SELECT * FROM events",
    ],
)
def test_a_receipt_comes_out_the_same_when_it_is_run_again(tiny: Store, sql: str) -> None:
    result = run_sql(tiny, sql)
    receipt = {
        "tool": result.tool, "input": result.input, "sql": result.sql, "rows": result.rows,
        "row_count": result.row_count, "data_version": result.data_version,
    }  # fmt: skip
    assert run_again(tiny, receipt).said.endswith("every row is the same.")


def test_a_receipt_says_its_sql_once_and_as_it_is(tiny: Store) -> None:
    result = run_sql(tiny, "SELECT order_id AS the_order FROM orders LIMIT 1")
    assert list(asked_of(result.input)) == [] and "the_order" in str(result.sql)


def test_rows_that_were_cut_are_said(tiny: Store) -> None:
    result = run_sql(
        tiny, f"SELECT o.order_id, i.line, b.line AS other FROM {LINES} JOIN order_items b ON b.line = i.line"
    )
    assert result.row_count == len(result.rows) == 1_000
    assert result.notes == (
        "Only the first 1,000 rows are here: the query sets no limit of its own, and there may be more.",
    )


def test_a_model_answers_with_it_and_every_number_is_audited(door: Door) -> None:
    sql = (
        "WITH g AS (SELECT date_diff('day', LAG(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at), ordered_at)"
        " AS gap FROM orders WHERE status = 'completed' AND customer_id IS NOT NULL) SELECT MEDIAN(gap) AS median_gap, COUNT(gap) AS gaps FROM g"
    )
    prose = "Half of the time **{r1.0.median_gap}** days or fewer lie between an order and the next of a customer, over {r1.0.gaps} gaps."
    replies = [
        {"calls": [{"tool": "run_sql", "args": {"sql": sql}}]},
        {"answer": prose.replace("Half of the time", "Mostly")},
    ]
    answer = door.ask("how long between two orders of a customer?", replies)
    assert answer["status"] == "answered" and answer["receipts"][0]["tool"] == "run_sql"
    assert [n["unit"] for n in answer["numbers"]] == ["days", "count"]


def test_a_model_repairs_its_query(door: Door) -> None:
    replies = [
        {"calls": [{"tool": "run_sql", "args": {"sql": "SELECT SUM(price) AS p FROM products"}}]},
        {"calls": [{"tool": "run_sql", "args": {"sql": "SELECT SUM(list_price) AS p FROM products"}}]},
        {"answer": "All prices together come to {r1.0.p}."},
    ]
    answer = door.ask("what do all list prices come to?", replies)
    assert answer["status"] == "answered"
    told = door.told[1][-1]["content"]
    assert "There is no column 'price'. products has product_id, title" in told and "Mend the arguments" in told


def test_the_same_failing_query_is_not_run_twice(door: Door) -> None:
    bad = {"calls": [{"tool": "run_sql", "args": {"sql": "SELECT nothing FROM products"}}]}
    answer = door.ask("best sellers by revenue", [bad, bad, bad, bad])
    assert answer["usage"]["model"] == "local", "the local path took over"
    assert "You made this very call before" in door.told[2][-1]["content"]


def test_a_conversation_goes_on_after_it(door: Door) -> None:
    sql = "SELECT COUNT(*) AS n FROM products WHERE stock = 0"
    door.ask(
        "how many are out of stock?",
        [{"calls": [{"tool": "run_sql", "args": {"sql": sql}}]}, {"answer": "{r1.0.n}"}],
        thread="t",
    )
    said = ["how many are out of stock?"]
    answer = door.ask("revenue by country", [{"error": 500}] * 3, thread="t", said=said)
    assert answer["status"] == "answered" and answer["usage"]["model"] == "local"


# ---- errors


@pytest.mark.parametrize("sql", ["", "   ", None, 7, ["SELECT 1"]])
def test_what_is_no_query_is_said(tiny: Store, sql: object) -> None:
    with pytest.raises(ToolError, match="takes one SELECT"):
        toolbox.call(tiny, "run_sql", {"sql": sql}, tiny.today)


def test_a_model_cannot_name_another_store(tiny: Store) -> None:
    with pytest.raises((ToolError, TypeError)):
        toolbox.call(tiny, "run_sql", {"sql": "SELECT 1", "store": "other"}, tiny.today)


# ---- what there is


def test_every_table_and_column_is_described(tiny: Store) -> None:
    found = describe_store(tiny)
    assert [row[0] for row in found.rows] == [t.name for t in TABLES]
    assert found.rows[2][2] == 160
    for spec in TABLES:
        result = describe_store(tiny, spec.name)
        (empty,) = result.notes or ("",)
        named = {str(row[0]) for row in result.rows}
        assert named | {c.name for c in reduced_columns(spec) if c.name in empty} == {
            c.name for c in reduced_columns(spec)
        }


def test_a_column_has_its_meaning_unit_range_and_examples(tiny: Store) -> None:
    rows = {row[0]: row for row in describe_store(tiny, "products").rows}
    assert rows["list_price"] == ["list_price", "double", "the catalogue's price now", "GBP", 16, 16, "2.5", "29", ""]
    assert rows["category"][8].startswith("Kitchen") and rows["description"][8] == ""


def test_no_contact_is_described(tiny: Store) -> None:
    text = repr([describe_store(tiny, t.name).rows for t in TABLES])
    assert "example.com" not in text and "01632" not in text and "198.51." not in text


def test_an_unknown_table_is_said(tiny: Store) -> None:
    with pytest.raises(NotThere) as error:
        describe_store(tiny, "sales")
    assert "no table 'sales'" in str(error.value) and "orders" in error.value.suggestions


def test_a_description_is_read_once_a_version(tiny: Store) -> None:
    assert notes_of(tiny) is notes_of(tiny)


def test_a_description_may_be_shown_and_is_run_again(door: Door) -> None:
    replies = [
        {"calls": [{"tool": "describe_store", "args": {}}]},
        {"answer": "There are {r1.2.rows} orders on record."},
    ]
    answer = door.ask("what do you know?", replies, audited=False)
    assert answer["status"] == "answered"
    store = open_store(door.home, "tiny")

    def again(tool: str, said: dict[str, Any]) -> tuple[list[str], list[list[Cell]]]:
        result = toolbox.call(store, tool, said, store.today)
        return [c.name for c in result.columns], result.rows

    assert audit(answer, door.home, "tiny", question="what do you know?", rerun=again) == []
