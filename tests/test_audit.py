"""The auditor: true answers pass, and each way of being wrong is found by the check that is there for it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.audit import audit
from store.connect import Store, open_store
from store.paths import Home
from store.publish import publish
from tests.audit_shop import (
    BY_COUNTRY,
    BY_HOUR,
    BY_MONTH,
    BY_PRODUCT,
    FROM,
    GROWTH,
    NOVEMBER,
    answer,
    build_shop,
    number,
    receipt,
)

THIRD = "SELECT 41 AS a, 120 AS b"

Answer = dict[str, Any]
Judge = Callable[..., set[str]]

GERMANY = number("£1,300", 1300.0, "GBP", (0, "revenue"))
FRANCE = number("£400", 400.0, "GBP", (1, "revenue"))
EIRE = number("£21.99", 21.99, "GBP", (2, "revenue"))
FALL = number("20 %", -0.2, "%", (0, "revenue_growth"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("audited"))
    publish(home, "shop", build_shop, format="tests")
    return home


@pytest.fixture(scope="module")
def shop(home: Home) -> Store:
    return open_store(home, "shop")


@pytest.fixture(scope="module")
def judge(home: Home) -> Judge:
    """The kinds of failure that an answer has."""

    def kinds(made: Answer, **more: Any) -> set[str]:
        return {failure.kind for failure in audit(made, home, "shop", **more)}

    return kinds


TRUE = [
    ("Germany took £1,300, France £400.", [GERMANY, FRANCE], BY_COUNTRY),
    ("£1,300 came from Germany and £400 from France.", [GERMANY, FRANCE], BY_COUNTRY),
    ("- Germany – £1,300\n- France - £400", [GERMANY, FRANCE], BY_COUNTRY),
    ("Germany and France took £1,300 and £400.", [GERMANY, FRANCE], BY_COUNTRY),
    ("| Country | Revenue |\n|---|---|\n| Germany | £1,300 |\n| France | £400 |", [GERMANY, FRANCE], BY_COUNTRY),
    ("1. **Germany**: £1,300\n2. **France**: £400", [GERMANY, FRANCE], BY_COUNTRY),
    ("Together £1,721.99.", [number("£1,721.99", 1721.99, "GBP", (0, "revenue"), "sum",
                                    operands=[(0, "revenue"), (1, "revenue"), (2, "revenue")])], BY_COUNTRY),
    ("Germany took £900 more than France.", [number("£900", 900.0, "GBP", (0, "revenue"), "difference",
                                                  operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("Germany took 3.25 times France's revenue.", [number("3.25", 3.25, "ratio", (0, "revenue"), "ratio",
                                                        operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("On average £574.00 a country.", [number("£574.00", 573.9966666666666, "GBP", (0, "revenue"), "mean",
                                       operands=[(i, "revenue") for i in range(3)])], BY_COUNTRY),
    ("Orders came from 3 countries.", [number("3", 3, "count", (0, "country"), "count",
                                        operands=[(i, "country") for i in range(3)])], BY_COUNTRY),
    ("Orders came from three countries.", [number("three", 3, "count", (0, "country"), "count")], BY_COUNTRY),
    ("Germany took about £1,300.", [number("about £1,300", 1300.0, "GBP", (0, "revenue"), "approx")], BY_COUNTRY),
    ("The one took about a third of the other.", [number("about a third", 41 / 120, "ratio", (0, "a"), "approx",
                                                         operands=[(0, "a"), (0, "b")])], THIRD),
    ("后者是前者的三倍。", [number("三倍", 120 / 41, "ratio", (0, "b"), "approx", operands=[(0, "b"), (0, "a")])], THIRD),
    ("销售额翻倍。", [number("翻倍", 1.02, "%", (0, "a_growth"), "approx")], "SELECT 1.02 AS a_growth"),
    ("Revenue rose by £1,100.", [number("£1,100", -1100.0, "GBP", (0, "revenue"), "difference",
                                        operands=[(0, "revenue"), (1, "revenue")])], BY_MONTH),
    ("GLASS DROP EARRINGS: 25 %", [number("25 %", 0.25, "%", (0, "units_growth"))],
     "SELECT 'GLASS DROP EARRINGS' AS product, 0.25 AS units_growth"),
    ("It fell by a third.", [number("a third", 0.66, "ratio", (0, "a"), "approx", operands=[(0, "a"), (0, "b")])],
     "SELECT 66 AS a, 100 AS b"),
    ("Revenue fell by 20 %.", [FALL], GROWTH),
    ("Revenue was £1,200, −20 %.", [number("£1,200", 1200.0, "GBP", (0, "revenue")), number("−20 %", -0.2, "%",
                                                                 (0, "revenue_growth"))], GROWTH),
    ("销售额下降20%，为1,200英镑。", [number("20%", -0.2, "%", (0, "revenue_growth")),
                                number("1,200英镑", 1200.0, "GBP", (0, "revenue"))], GROWTH),
    ("Revenue is £0.12万 (down one fifth).", [number("£0.12万", 1200.0, "GBP", (0, "revenue"))], GROWTH),
    ("Revenue in Oct 2011 was £300.", [number("£300", 300.0, "GBP", (0, "revenue"))], BY_MONTH),
    ("2011年11月的销售额为£1,400。", [number("£1,400", 1400.0, "GBP", (1, "revenue"))], BY_MONTH),
    ("十一月的销售额为£1,400。", [number("£1,400", 1400.0, "GBP", (1, "revenue"))], BY_MONTH),
    ("Between 10:00 and 11:00 there were 2 orders.", [number("2", 2, "count", (1, "orders"))], BY_HOUR),
    ("| Hour | Orders |\n|---|---|\n| 10 | 2 |\n| 12 | 1 |", [number("2", 2, "count", (1, "orders")),
                                                        number("1", 1, "count", (2, "orders"))], BY_HOUR),
    ("SET OF 4 TINS sold 150, Cakestand 3 tier (22423) 100.", [number("150", 150, "count", (2, "units")),
                                                 number("100", 100, "count", (1, "units"))], BY_PRODUCT),
    ("GLASS DROP EARRINGS sold 3.", [number("3", 3, "count", (0, "units"))], BY_PRODUCT),
    ("A third party, the second of its kind, once; 第三名，一共，十分，星期三。", [], BY_COUNTRY),
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers", "sql"), TRUE, ids=[t[0][:40] for t in TRUE])
def test_true_answers_pass(judge: Judge, shop: Store, text: str, numbers: list[Answer], sql: str) -> None:
    assert judge(answer(text, numbers, receipt(shop, sql))) == set()


FALSE = [
    # value
    ("value", "Germany took £1,301.", [number("£1,301", 1301.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("value", "In all £1,700.", [number("£1,700", 1700.0, "GBP", (0, "revenue"), "sum",
                                operands=[(0, "revenue"), (2, "revenue")])], BY_COUNTRY),
    ("value", "On average £700.", [number("£700", 700.0, "GBP", (0, "revenue"), "mean",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("value", "Germany is £800 ahead.", [number("£800", 800.0, "GBP", (0, "revenue"), "difference",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("value", "That is up 22.5 %.", [number("22.5 %", 0.225, "%", (0, "revenue"), "percent_change",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("value", "4 countries.", [number("4", 4, "count", (0, "country"), "count")], BY_COUNTRY),
    ("value", "About £1,400.", [number("£1,400", 1400.0, "GBP", (0, "revenue"), "approx")], BY_COUNTRY),
    # figure: what is shown is not the value
    ("figure", "Germany took £1,301.", [number("£1,301", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("figure", "Germany took £1.3bn.", [number("£1.3bn", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("figure", "Germany took £1,300k.", [number("£1,300", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("figure", "Germany took £1k.", [number("£1k", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("figure", "EIRE took £2e1.", [number("£2", 21.99, "GBP", (2, "revenue"))], BY_COUNTRY),
    ("figure", "France: 0.3 of Germany.", [number("0.3", 400 / 1300, "ratio", (1, "revenue"), "ratio",
                                operands=[(1, "revenue"), (0, "revenue")])], BY_COUNTRY),
    ("figure", "Germany took it all.", [number("it all", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("figure", "Germany took half of it.", [number("half", 400 / 1300, "ratio", (1, "revenue"), "approx",
                                operands=[(1, "revenue"), (0, "revenue")])], BY_COUNTRY),
    ("figure", "Germany did triple that.", [number("triple", 3.25, "ratio", (0, "revenue"), "ratio",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    ("figure", "It is twice that.", [number("twice", 2.0, "ratio", (0, "a"), "ratio", operands=[(0, "a"), (0, "b")])],
     "SELECT 120 AS a, 60 AS b"),
    ("figure", "德国是法国的两倍。", [number("两倍", 3.25, "ratio", (0, "revenue"), "approx",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    # unit
    ("unit", "Germany took 1,300.", [number("1,300", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("unit", "Germany took $1,300.", [number("$1,300", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    ("unit", "Germany took €1,300.", [number("€1,300", 1300.0, "EUR", (0, "revenue"))], BY_COUNTRY),
    ("unit", "Germany had £2.", [number("£2", 2, "count", (0, "orders"))], BY_COUNTRY),
    ("unit", "Germany had £2.", [number("2", 2, "count", (0, "orders"))], BY_COUNTRY),
    ("unit", "Germany had 2 %.", [number("2", 0.02, "count", (0, "orders"))], "SELECT 'Germany' AS country, 0.02 AS orders"),
    ("unit", "Revenue fell by 0.2.", [number("0.2", -0.2, "%", (0, "revenue_growth"))], GROWTH),
    # operand
    ("operand", "Germany took £1,300.", [GERMANY | {"row": 9}], BY_COUNTRY),
    ("operand", "Germany took £1,300.", [GERMANY | {"column": "profit"}], BY_COUNTRY),
    ("operand", "Germany took £1,300.", [GERMANY | {"receipt": "r7"}], BY_COUNTRY),
    ("operand", "Germany took £1,300.", [GERMANY | {"column": "country"}], BY_COUNTRY),
    ("operand", "£1,700.", [number("£1,700", 1700.0, "GBP", (0, "revenue"), "difference")], BY_COUNTRY),
    ("operand", "£2,600.", [number("£2,600", 2600.0, "GBP", (0, "revenue"), "sum",
                            operands=[(0, "revenue"), (0, "revenue")])], BY_COUNTRY),
    ("operand", "0 %.", [number("0 %", 0.0, "%", (0, "a"), "ratio", operands=[(0, "a"), (0, "b")])],
     "SELECT 1 AS a, 0 AS b"),
    # a claim's text, and its place
    ("missing text", "Germany took a lot.", [GERMANY], BY_COUNTRY),
    ("missing text", "France £400, Germany £1,300.", [GERMANY, FRANCE], BY_COUNTRY),
    ("missing text", "Germany took £1,300.", [GERMANY, GERMANY], BY_COUNTRY),
    ("missing text", "Germany took £1,300.", [number("300", 1300.0, "GBP", (0, "revenue"))], BY_COUNTRY),
    # digits and number words that nothing covers
    ("uncovered", "Germany took £1,300, a margin of 12 %.", [GERMANY], BY_COUNTRY),
    ("uncovered", "Germany took £1,300 in 2 orders.", [GERMANY], BY_COUNTRY),
    ("uncovered", "There are dozens of others.", [], BY_COUNTRY),
    ("uncovered", "That is half of all.", [], BY_COUNTRY),
    ("uncovered", "Sales doubled.", [], BY_COUNTRY),
    ("uncovered", "A third of it came from Germany.", [], BY_COUNTRY),
    ("uncovered", "It rose by a quarter.", [], BY_COUNTRY),
    ("uncovered", "Germany had two orders.", [], BY_COUNTRY),
    ("uncovered", "That is ½ of it.", [], BY_COUNTRY),
    ("uncovered", "That is １２ more.", [], BY_COUNTRY),
    ("uncovered", "德国有两个订单。", [], BY_COUNTRY),
    ("uncovered", "增长了一倍，翻了一番。", [], BY_COUNTRY),
    ("uncovered", "共三千多件。", [], BY_COUNTRY),
    ("uncovered", "占了一半。", [], BY_COUNTRY),
    ("uncovered", "Order 581483 is the largest.", [], BY_COUNTRY),
    ("uncovered", "SET OF 5 TINS is the best.", [], BY_PRODUCT),
    ("uncovered", "That makes £22423.", [], BY_PRODUCT),
    ("uncovered", "It grew by 22423 %.", [], BY_PRODUCT),
    ("uncovered", "Revenue was high in Nov 2010.", [], BY_MONTH),
    ("uncovered", "Revenue was high on 9 Nov 2011.", [], BY_MONTH),
    ("uncovered", "2011年9月最好。", [], BY_MONTH),
    ("uncovered", "九月最好，三季度也是。", [], BY_MONTH),
    ("uncovered", "Most came at 14:00.", [], BY_HOUR),
    ("uncovered", "The top 5 are these.", [], BY_COUNTRY),
    # periods
    ("period", "August was the best month.", [], BY_MONTH),
    ("period", "上半年最好。", [], BY_MONTH),
    # labels
    ("label", "France took £1,300.", [GERMANY], BY_COUNTRY),
    ("label", "Germany took £400, France £1,300.", [FRANCE, GERMANY], BY_COUNTRY),
    ("label", "| Country | Revenue |\n|---|---|\n| France | £1,300 |\n| Germany | £400 |", [GERMANY, FRANCE], BY_COUNTRY),
    ("label", "1. France: £1,300", [GERMANY], BY_COUNTRY),
    ("label", "October 2011 brought £1,400.", [number("£1,400", 1400.0, "GBP", (1, "revenue"))], BY_MONTH),
    ("label", "2011年10月为£1,400。", [number("£1,400", 1400.0, "GBP", (1, "revenue"))], BY_MONTH),
    ("label", "| | Oct 2011 | Nov 2011 |\n|---|---|---|\n| Revenue | £1,400 | £300 |",
     [number("£1,400", 1400.0, "GBP", (1, "revenue")), number("£300", 300.0, "GBP", (0, "revenue"))], BY_MONTH),
    ("label", "CAKESTAND 3 TIER sold 150.", [number("150", 150, "count", (2, "units"))], BY_PRODUCT),
    ("label", "EIRE is 3.25 times as large.", [number("3.25", 3.25, "ratio", (0, "revenue"), "ratio",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_COUNTRY),
    # direction
    ("direction", "Revenue rose by 20 %.", [FALL], GROWTH),
    ("direction", "Revenue changed by 20 %.", [FALL], GROWTH),
    ("direction", "Revenue: +20 %.", [number("+20 %", -0.2, "%", (0, "revenue_growth"))], GROWTH),
    ("direction", "Revenue rose by −20 %.", [number("−20 %", -0.2, "%", (0, "revenue_growth"))], GROWTH),
    ("direction", "| Revenue | Growth |\n|---|---|\n| £1,200 | 20 % |", [number("£1,200", 1200.0, "GBP", (0, "revenue")),
                                FALL], GROWTH),
    ("direction", "Revenue fell by 25 %.", [number("25 %", 0.25, "%", (0, "revenue_before"), "percent_change",
                                operands=[(0, "revenue_before"), (0, "revenue")])], GROWTH),
    ("direction", "Revenue fell by £1,100.", [number("£1,100", -1100.0, "GBP", (0, "revenue"), "difference",
                                operands=[(0, "revenue"), (1, "revenue")])], BY_MONTH),
    ("direction", "销售额增长了20%。", [FALL | {"text": "20%"}], GROWTH),
    ("direction", "Revenue fell by £1,100.", [number("£1,100", 1100.0, "GBP", (1, "revenue"), "difference",
                                operands=[(1, "revenue"), (0, "revenue")])], BY_MONTH),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "numbers", "sql"), FALSE, ids=[f"{f[0]}: {f[1][:36]}" for f in FALSE])
def test_false_answers_fail(judge: Judge, shop: Store, kind: str, text: str, numbers: list[Answer], sql: str) -> None:
    assert kind in judge(answer(text, numbers, receipt(shop, sql)))


TAMPERED = {
    "a cell": {"rows": [["Germany", 1300.01, 2], ["France", 400.0, 2], ["EIRE", 21.99, 1]]},
    "the order": {"rows": [["France", 400.0, 2], ["Germany", 1300.0, 2], ["EIRE", 21.99, 1]]},
    "a missing row": {"rows": [["Germany", 1300.0, 2], ["France", 400.0, 2]], "row_count": 2},
    "a row more": {"rows": [["Germany", 1300.0, 2], ["France", 400.0, 2], ["EIRE", 21.99, 1], ["Spain", 1.0, 1]]},
    "a column's name": {"columns": ["country", "turnover", "orders"]},
    "row_count": {"row_count": 4},
    "truncated": {"truncated": True},
    "cut without saying so": {"rows": [["Germany", 1300.0, 2]], "row_count": 3},
    "another SQL": {"sql": BY_COUNTRY + " LIMIT 1"},
    "broken SQL": {"sql": "SELECT nothing FROM nowhere"},
    "no SELECT": {"sql": "DROP TABLE orders"},
    "two statements": {"sql": f"SELECT 1; {BY_COUNTRY}"},
    "a file": {"sql": "SELECT * FROM read_text('/etc/hostname')"},
    "an unknown version": {"data_version": "sha256:" + "0" * 64},
    "no SQL and nothing to run it": {"sql": None},
}


@pytest.mark.parametrize("over", TAMPERED.values(), ids=TAMPERED)
def test_receipts_that_do_not_come_out_again(judge: Judge, shop: Store, over: Answer) -> None:
    assert judge(answer("See the receipt.", [], receipt(shop, BY_COUNTRY, **over))) == {"rerun"}


def test_a_receipt_cut_short_that_says_so(judge: Judge, shop: Store) -> None:
    whole = receipt(shop, BY_COUNTRY)
    assert judge(answer("See the receipt.", [], whole | {"rows": whole["rows"][:1], "truncated": True})) == set()


def test_a_tool_without_sql_is_run_again(judge: Judge, shop: Store) -> None:
    made = receipt(shop, BY_COUNTRY, sql=None, tool="score_fraud", input={"k": 3})
    table = (made["columns"], made["rows"])
    assert judge(answer("See it.", [], made), rerun=lambda tool, said: table) == set()
    assert judge(answer("See it.", [], made), rerun=lambda tool, said: (table[0], [])) == {"rerun"}


def test_the_version_before_is_still_audited(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "shop", build_shop, format="tests")
    made = answer("Germany took £1,300.", [GERMANY], receipt(open_store(home, "shop"), BY_COUNTRY))

    def build_more(con: Any) -> dict[str, Any]:
        build_shop(con)
        con.execute("UPDATE order_items SET unit_price = 2 * unit_price")
        return {}

    publish(home, "shop", build_more, format="tests")
    assert audit(made, home, "shop") == []
    renewed = copy.deepcopy(made)
    renewed["receipts"][0]["data_version"] = open_store(home, "shop").data_version
    assert {f.kind for f in audit(renewed, home, "shop")} == {"rerun"}


def test_the_question_may_be_restated_on_its_own_line_only(judge: Judge, shop: Store) -> None:
    made = answer(
        "Read as: more than 40 pieces, twelve weeks\nGermany took £1,300.", [GERMANY], receipt(shop, BY_COUNTRY)
    )
    assert judge(made, question="over 40 in 12 weeks") == set()
    assert judge(made) == {"uncovered"}
    moved = answer("There were more than 40 pieces.", [], receipt(shop, BY_COUNTRY))
    assert judge(moved, question="over 40") == {"uncovered"}
    italic = answer("_More than 40 pieces_\nNone.", [], receipt(shop, BY_COUNTRY))
    assert judge(italic, question="over 40") == set()
    chinese = answer("理解为：超过五十件的订单\n没有。", [], receipt(shop, BY_COUNTRY))
    assert judge(chinese, question="超过50件的订单") == set()


PERIODS = {
    "1–30 Nov 2011": True, "November 2011": True, "2011-11-01 to 2011-11-30": True, "Nov 1, 2011": True,
    "30 November": True, "2011": True, "2011年11月": True, "11月1–30日": True, "01/11/2011": True, "11/2011": False,
    "Q4 2011": False, "1 Dec 2011": False, "2 Nov 2011": False, "Nov 2012": False, "2012": False, "H2 2011": False,
    "2011年第四季度": False, "November 12": False,
}  # fmt: skip


@pytest.mark.parametrize("period", PERIODS)
def test_periods_come_from_the_sql_with_its_end_left_out(judge: Judge, shop: Store, period: str) -> None:
    sql = f"SELECT count(DISTINCT order_id) AS orders{FROM}{NOVEMBER}"
    made = answer(f"That was in {period}.", [], receipt(shop, sql))
    assert (judge(made) == set()) is PERIODS[period]


def test_periods_come_from_the_input(judge: Judge, shop: Store) -> None:
    said = {"period": {"start": "2011-07-01", "end": "2011-09-30"}, "compare_to": "2011-06"}
    made = receipt(shop, "SELECT 1 AS one", input=said)
    assert judge(answer("Q3 2011, July to September, against Jun 2011.", [], made)) == set()
    assert judge(answer("Q3 2011 against August.", [], made)) == {"period"}


def test_settings_of_an_input_are_no_ids(judge: Judge, shop: Store) -> None:
    made = receipt(shop, "SELECT 1 AS one", input={"limit": "5", "where": [{"field": "product", "value": "22423"}]})
    assert judge(answer("Product 22423.", [], made)) == set()
    assert judge(answer("The 5 best.", [], made)) == {"uncovered"}


MISSHAPEN: dict[str, Answer] = {
    "no thread": {"thread_id": None},
    "turn 0": {"turn": 0},
    "a day that is none": {"as_of": "2011-02-30"},
    "a status of its own": {"status": "done"},
    "no text": {"answer": " "},
    "numbers as an object": {"numbers": {}},
    "options that are no texts": {"options": [1]},
    "a step without ms": {"steps": [{"tool": "x", "ok": True}]},
    "usage without a cost": {"usage": {"model": "local", "input_tokens": 0, "output_tokens": 0, "currency": "USD"}},
    "an error while answered": {"error": "boom"},
    "an error that is not said": {"status": "error"},
    "a chart of nothing": {"charts": [{"receipt": "r9", "kind": "line", "spec": {}}]},
    "an answer without a receipt": {"receipts": []},
}


@pytest.mark.parametrize("over", MISSHAPEN.values(), ids=MISSHAPEN)
def test_the_object_keeps_its_form(judge: Judge, shop: Store, over: Answer) -> None:
    made = answer("See the receipt.", [], receipt(shop, BY_COUNTRY))
    assert judge(made) == set()
    assert judge(made | over) & {"broken", "schema"}


@pytest.mark.parametrize("field", ["text", "value", "unit", "receipt", "row", "column", "how", "operands"])
def test_every_field_of_a_number_is_needed(judge: Judge, shop: Store, field: str) -> None:
    entry = {name: value for name, value in GERMANY.items() if name != field}
    assert judge(answer("Germany took £1,300.", [entry], receipt(shop, BY_COUNTRY))) == {"broken"}


@pytest.mark.parametrize("field", ["id", "tool", "input", "sql", "columns", "rows", "row_count", "truncated", "elapsed_ms", "data_version", "notes"])  # fmt: skip
def test_every_field_of_a_receipt_is_needed(judge: Judge, shop: Store, field: str) -> None:
    made = {name: value for name, value in receipt(shop, BY_COUNTRY).items() if name != field}
    assert judge(answer("See it.", [], made)) == {"broken"}


@pytest.mark.parametrize("status", ["declined", "clarify"])
def test_other_outcomes_show_no_unproven_numbers_either(judge: Judge, status: str) -> None:
    assert judge(answer("The shop has no such data.", [], status=status)) == set()
    assert judge(answer("The shop had 12 of them.", [], status=status)) == {"uncovered"}


def test_two_receipts_of_one_name(judge: Judge, shop: Store) -> None:
    made = receipt(shop, BY_COUNTRY)
    assert judge(answer("See both.", [], made, made)) == {"broken"}


def test_rows_are_as_wide_as_their_columns_and_columns_have_names_of_their_own(judge: Judge, shop: Store) -> None:
    narrow = receipt(shop, BY_COUNTRY, rows=[["Germany", 1300.0]])
    assert judge(answer("See it.", [], narrow)) == {"broken"}
    twice = receipt(shop, "SELECT 'x' AS a, 'y' AS b", columns=["a", "a"])
    assert "schema" in judge(answer("See it.", [], twice))
