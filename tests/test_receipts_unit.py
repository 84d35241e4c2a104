"""How figures, keys, words of quantity and tables are written, and that no text can break the check."""

from __future__ import annotations

import math
import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.figures import change, figure
from agent.labels import key_text, period_text
from agent.proof.number_words import find_numbers
from agent.proof.quantities import quantity_word
from agent.receipts import Checked, Receipt, Unproven, check, table, table_alone
from tools.contract import Cell, Column, Result


def receipt(columns: str, rows: list[list[Cell]], key: str = "r1", **more: object) -> Receipt:
    """`columns` as "country:name revenue:GBP"."""
    described = tuple(Column(*c.rsplit(":", 1)) for c in columns.split())
    asked = {"period": {"start": "2011-11-01", "end": "2011-11-30", "label": "Nov 2011"}, **more}
    truncated = bool(more.get("truncated"))
    return Receipt(key, Result("query_metrics", asked, None, described, rows, len(rows), truncated, 1, "sha256:0", ()))


SALES = receipt(
    "country:name revenue:GBP revenue_before:GBP revenue_change:GBP revenue_growth:% orders:count share:%",
    [
        ["Germany", 1205307.11, 1226000.0, -20692.89, -0.01687838, 4321, 0.358],
        ["France", 20125.5, 10000.0, 10125.5, 1.01255, 1234, 0.0062],
        ["EIRE", 0.0, 0.0, 0.0, None, 0, 0.0],
    ],
    compare_to={"start": "2010-11-01", "end": "2010-11-30"},
)
TITLES = receipt(
    "product_id:id product:title units:count price:GBP",
    [["22423", "REGENCY CAKESTAND 3 TIER", 5331, 10.95], ["85123A", "12 PENCILS", 2204, 1.25]],
)


def shown(prose: str, *receipts: Receipt, **more: object) -> str:
    return check(prose, receipts or (SALES,), **more).text  # type: ignore[arg-type]


def kinds(prose: str, *receipts: Receipt, **more: object) -> set[str]:
    """The kinds of fault in a text; empty if it is shown."""
    try:
        check(prose, receipts or (SALES,), **more)  # type: ignore[arg-type]
    except Unproven as e:
        assert all(f.why and f.text for f in e.faults)
        return {f.kind for f in e.faults}
    return set()


FIGURES = [
    (1205307.11, "GBP", "£1,205,307"),
    (9999.994, "GBP", "£9,999.99"),
    (9999.999, "GBP", "£10,000"),
    (12.3, "GBP", "£12.30"),
    (0.05, "GBP", "£0.05"),
    (0.1234, "GBP", "£0.123"),
    (-3210.5, "GBP", "-£3,210.50"),
    (0.0, "EUR", "€0.00"),
    (1234.5, "CHF", "CHF 1,234.50"),
    (1234, "JPY", "¥1,234"),
    (4321, "count", "4,321"),
    (12.5, "count", "12.5"),
    (12.3456, "count", "12.35"),
    (0.358, "%", "35.8 %"),
    (0.0062, "%", "0.62 %"),
    (0.000345, "%", "0.035 %"),
    (0.0, "%", "0 %"),
    (12.345, "%", "1,234.5 %"),
    (-0.017, "%", "-1.7 %"),
    (1.8, "ratio", "1.8"),
    (1.8034, "ratio", "1.80"),
    (0.012345, "ratio", "0.0123"),
    (59.87, "days", "59.9"),
    (7, "days", "7"),
    (0.04, "days", "0.040"),
]


@pytest.mark.parametrize(("value", "unit", "text"), FIGURES)
def test_figures(value: float, unit: str, text: str) -> None:
    assert figure(value, unit) == text


CHANGES = [
    (0.123, "%", "en", False, "up 12.3 %"),
    (-0.017, "%", "en", False, "down 1.7 %"),
    (0.0, "%", "en", False, "unchanged"),
    (3210.0, "GBP", "en", False, "up £3,210.00"),
    (-0.017, "%", "en", True, "-1.7 %"),
    (0.032, "%", "en", True, "+3.2 %"),
    (-0.017, "%", "zh", False, "下降1.7%"),
    (0.123, "%", "zh", False, "增长12.3%"),
    (-0.03, "points", "en", False, "down 3.0 % points"),
    (0.0, "GBP", "zh", False, "持平"),
]


@pytest.mark.parametrize(("value", "unit", "locale", "signed", "text"), CHANGES)
def test_changes(value: float, unit: str, locale: str, signed: bool, text: str) -> None:
    assert change(value, unit, locale, signed=signed) == text


@given(
    st.floats(-1e15, 1e15, allow_nan=False) | st.integers(-(10**15), 10**15),
    st.sampled_from(["GBP", "JPY", "count", "ratio", "%", "days"]),
)
@settings(max_examples=300)
def test_a_figure_is_its_value_at_the_precision_shown(value: float, unit: str) -> None:
    digits = "".join(c for c in figure(value, unit) if c.isdigit() or c in ".-")
    exact = Decimal(repr(value)) * (100 if unit == "%" else 1)
    half = Decimal(1).scaleb(int(Decimal(digits).as_tuple().exponent)) / 2
    assert abs(Decimal(digits) - exact) <= half * Decimal("1.000001") + abs(exact) * Decimal("1e-11")
    assert value == 0 or Decimal(digits) != 0
    if unit in ("GBP", "ratio") and Decimal(digits) != round(exact, 2):
        assert len(digits.replace(".", "").lstrip("-0")) >= 3


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True])
def test_what_is_no_number_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        figure(value, "GBP")
    broken = receipt("revenue:GBP", [[value]])
    assert kinds("{r1.0.revenue}", broken) == (set() if value is True else {"reference"})


KEYS: list[tuple[Cell, str, str, str]] = [
    ("2011-11", "month", "Nov 2011", "2011年11月"),
    ("2011-11-01", "month", "Nov 2011", "2011年11月"),
    ("2011-12-09", "day", "9 Dec 2011", "2011年12月9日"),
    ("2011-12-05", "week", "week of 5 Dec 2011", "2011年12月5日当周"),
    ("2011-07-01", "quarter", "Q3 2011", "2011年第3季度"),
    ("2011-Q3", "quarter", "Q3 2011", "2011年第3季度"),
    (2011, "year", "2011", "2011年"),
    (10, "hour", "10:00–10:59", "10:00–10:59"),
    ("Monday", "weekday", "Monday", "星期一"),
    ("TEA\n  TRAY\x07", "title", "TEA TRAY", "TEA TRAY"),
    ("not a day", "day", "not a day", "not a day"),
    (None, "name", "unknown", "未知"),
    ("\u200b", "title", "unknown", "未知"),
    (True, "name", "yes", "是"),
]


@pytest.mark.parametrize(("value", "unit", "english", "chinese"), KEYS)
def test_keys(value: Cell, unit: str, english: str, chinese: str) -> None:
    assert (key_text(value, unit), key_text(value, unit, "zh")) == (english, chinese)


PERIODS = [
    ("2011-11-01", "2011-11-30", "Nov 2011", "2011年11月"),
    ("2011-12-01", "2011-12-09", "1–9 Dec 2011", "2011年12月1日至12月9日"),
    ("2011-07-01", "2011-09-30", "Q3 2011", "2011年第3季度"),
    ("2011-01-01", "2011-12-31", "2011", "2011年"),
    ("2010-12-01", "2011-12-09", "1 Dec 2010 – 9 Dec 2011", "2010年12月1日至2011年12月9日"),
    ("2011-12-09", "2011-12-09", "9 Dec 2011", "2011年12月9日"),
]


@pytest.mark.parametrize(("start", "end", "english", "chinese"), PERIODS)
def test_periods(start: str, end: str, english: str, chinese: str) -> None:
    period = {"start": start, "end": end}
    assert (period_text(period), period_text(period, "zh")) == (english, chinese)


QUANTITIES = [
    (0.3167, "", "about a third"),
    (0.35, "", "about a third"),
    (0.316, "", None),
    (0.351, "", None),
    (0.5, "half", "half"),
    (0.48, "Half", "half"),
    (0.47, "half", None),
    (2.05, "doubled", "doubled"),
    (2.11, "doubled", None),
    (0.49, "nearly half", "nearly half"),
    (0.51, "nearly half", None),
    (0.5, "more than half", None),
    (0.66, "two-thirds", "two thirds"),
    (2.0, "£48", None),
    (1.0, "", None),
    (10.3, "", "about ten times"),
]


@pytest.mark.parametrize(("ratio", "asked", "words"), QUANTITIES)
def test_words_of_quantity(ratio: float, asked: str, words: str | None) -> None:
    assert quantity_word(ratio, asked) == words


RENDERED = [
    ("{r1.0.country}: {r1.0.revenue}", "Germany: £1,205,307"),
    ("Revenue of {r1.0.country} was {r1.0.revenue_growth}.", "Revenue of Germany was down 1.7 %."),
    ("{pct(r1.1.revenue, r1.1.revenue_before)} on {r1.compare_period}", "up 101.3 % on Nov 2010"),
    ("{r1.1.country}: {approx(ratio(r1.1.revenue, r1.1.revenue_before))} as much", "France: about twice as much"),
    ('It has {approx(pct(r1.1.revenue, r1.1.revenue_before), "doubled")}.', "It has doubled."),
    ("{ratio(r1.0.revenue, r1.0.orders)} each", "£278.94 each"),
    ("{pct_of(r1.1.orders, r1.0.orders)} of them", "28.6 % of them"),
    ("{diff(r1.0.share, r1.1.share)} between them", "35.2 % points between them"),
    ("{sum(r1.*.orders)} over {count(r1.*.country)}, {mean(r1.*.orders)} each", "5,555 over 3, 1,851.67 each"),
    ("{sum(r1.0.orders, r1.1.orders)} together", "5,555 together"),
    ("{ r1.0.REVENUE } in {r1.period}", "£1,205,307 in Nov 2011"),
    ("Growth: {r1.2.revenue_growth}", "Growth: –"),
    ("1. {r1.0.orders}\n2. {r1.1.orders}", "1. 4,321\n2. 1,234"),
    ("{r1.0.country} took {r1.0.revenue}, {r1.1.country} {r1.1.revenue}.", "Germany took £1,205,307, France £20,126."),
    (
        "{r1.0.country} and {r1.1.country} took {r1.0.orders} and {r1.1.orders}",
        "Germany and France took 4,321 and 1,234",
    ),
    ("It did not fall: {r1.1.revenue_growth}", "It did not fall: up 101.3 %"),
    (
        "One of the best in Q3, the second-best third-party shop.",
        "One of the best in Q3, the second-best third-party shop.",
    ),
    ("A third party, in the last quarter.", "A third party, in the last quarter."),
    ("第二名，一共，看一下，百分比，上半年，周三。", "第二名，一共，看一下，百分比，上半年，周三。"),
]


@pytest.mark.parametrize(("prose", "text"), RENDERED)
def test_prose_is_rendered(prose: str, text: str) -> None:
    assert shown(prose) == text


REFUSED = [
    ("Germany took {r1.1.revenue}.", "row"),
    ("{r1.0.country} took {r1.1.revenue} and {r1.1.country} {r1.0.revenue}.", "row"),
    ("| Germany | {r1.1.revenue} |", "row"),
    ("Revenue rose {r1.0.revenue_growth}.", "direction"),
    ("Revenue rose, {r1.0.revenue_growth}.", "direction"),
    ("Revenue f**e**ll {r1.1.revenue_growth}.", "direction"),
    ("It fell from {r1.1.revenue_before} to {r1.1.revenue}.", "direction"),
    ("It fell by {diff(r1.1.revenue, r1.1.revenue_before)}.", "direction"),
    ("收入增长{r1.0.revenue_growth}", "direction"),
    ("${r1.0.orders}", "unit"),
    ("{r1.0.revenue} %", "unit"),
    ("&pound;{r1.0.orders}", "unit"),
    ("{r1.0.orders} pounds", "unit"),
    ("{r1.0.revenue} orders", "unit"),
    ("{r1.0.revenue}k", "glued"),
    ("{r1.0.revenue} bn", "glued"),
    ("-{r1.0.orders}", "glued"),
    ("{r1.0.orders},{r1.1.orders}", "glued"),
    ("do{r1.0.country}", "glued"),
    ("Best in October: {r1.0.orders}", "period"),
    ("a couple of orders", "number word"),
    ("up a quarter", "number word"),
    ("a third of it", "number word"),
    ("t.w.e.l.v.e", "number word"),
    ("twо", "number word"),
    ("销售额翻番", "number word"),
    ("5 orders", "digits"),
    ("7. orders", "digits"),
    ("{r1.0.country", "reference"),
    ("{max(r1.*.orders)}", "reference"),
    ("{approx(r1.0.revenue)}", "reference"),
    ("{pct(r1.2.revenue, r1.2.revenue_before)}", "reference"),
    ("{diff(r1.0.revenue, r1.0.orders)}", "reference"),
    ("{sum(r1.*.revenue_growth)}", "reference"),
    ("{ratio(sum(r1.*.orders), r1.0.orders)}", "reference"),
]


@pytest.mark.parametrize(("prose", "kind"), REFUSED)
def test_prose_is_refused(prose: str, kind: str) -> None:
    assert kind in kinds(prose)


def test_all_faults_are_told_at_once() -> None:
    assert kinds("Two: {r9.0.x}, 48, ${r1.0.orders}") == {"number word", "reference", "digits", "unit"}


def test_claims_point_to_their_cells() -> None:
    claims = check("{r1.1.orders}; {pct(r1.1.revenue, r1.1.revenue_before)}; {sum(r1.*.orders)}", [SALES]).claims
    assert [(c.how, c.row, c.column) for c in claims] == [
        ("cell", 1, "orders"),
        ("percent_change", 1, "revenue"),
        ("sum", 0, "orders"),
    ]
    assert claims[1].as_dict()["operands"] == [
        {"receipt": "r1", "row": 1, "column": "revenue"},
        {"receipt": "r1", "row": 1, "column": "revenue_before"},
    ]
    assert claims[1].value == pytest.approx(1.01255)
    assert len(claims[2].operands) == 3 and not claims[0].operands


def test_all_rows_need_all_rows() -> None:
    assert kinds("{sum(r1.*.orders)}", receipt("orders:count", [[1], [2]], truncated=True)) == {"reference"}


def test_a_positive_difference_of_an_earlier_cell_is_a_fall() -> None:
    months = receipt("month:month revenue:GBP", [["2011-10", 900.5], ["2011-11", 800.5]])
    assert shown("It fell by {diff(r1.0.revenue, r1.1.revenue)}.", months) == "It fell by £100.00."
    assert kinds("It rose by {diff(r1.0.revenue, r1.1.revenue)}.", months) == {"direction"}


def test_titles_written_out_keep_their_digits() -> None:
    assert shown("Regency Cakestand 3 Tier sold {r1.0.units} units.", TITLES).startswith("Regency")
    assert shown("“12 pencils” sold {r1.1.units}; product 85123A.", TITLES)
    assert "digits" in kinds("We sold 12 pencils.", TITLES)
    assert "digits" in kinds("We sold 22423.", TITLES)
    assert "digits" in kinds("Regency Cakestand 4 Tier sold {r1.0.units} units.", TITLES)


RESTATED = [
    ("Read as: the top 5 of 2011.", "top five, 2011", set()),
    ("*The top 5 of 2011.*", "top 5 in 2011", set()),
    ("理解为：前5名。", "前5名", set()),
    ("Read as: the top 6.", "top 5", {"digits"}),
    ("Read as: the top £5.", "top 5", {"digits"}),
    ("Read as: the top 5. There are 5.", "top 5", {"digits"}),
    ("There are 5.", "top 5", {"digits"}),
    ("**The top 5.**", "top 5", {"digits"}),
]


@pytest.mark.parametrize(("prose", "question", "expected"), RESTATED)
def test_numbers_of_the_question(prose: str, question: str, expected: set[str]) -> None:
    assert kinds(prose, question=question) == expected


PLAIN = [
    ("Germany took £1,205,307.", set()),
    ("Germany took £1.205 million.", set()),
    ("Germany took £1,205,307.11 in November 2011.", set()),
    ("Germany had 4,321 orders, 35.8 % of all.", set()),
    ("Revenue in France was up 101.3 %.", set()),
    ("Germany took £1,205,308.", {"plain digits", "digits"}),
    ("Germany took $1,205,307.", {"plain digits", "digits"}),
    ("France took £1,205,307.", {"plain digits", "digits"}),
    ("Some took £1,205,307.", {"plain digits", "digits"}),
    ("Revenue in France was down 101.3 %.", {"direction"}),
    ("Germany's share fell to 1.7 %.", {"plain digits", "digits"}),
    ("Germany took £20,693 more.", {"plain digits", "digits"}),
    ("Germany took £20,693 less, a fall of £20,693.", set()),
    ("In October 2011 Germany had 4,321 orders.", {"plain digits", "digits"}),
    ("Germany had twelve orders.", {"number word"}),
]


@pytest.mark.parametrize(("prose", "expected"), PLAIN)
def test_plain_digits(prose: str, expected: set[str]) -> None:
    assert kinds(prose, plain_digits=True) == expected


def test_plain_digits_of_the_only_row_need_the_metric() -> None:
    total = receipt("average_order_value:GBP", [[345.67]])
    assert kinds("The average order value was £345.67.", total, plain_digits=True) == set()
    assert "plain digits" in kinds("It was £345.67.", total, plain_digits=True)


def test_tables() -> None:
    assert check(table(SALES, columns=["country", "revenue", "revenue_growth"]), [SALES]).text.splitlines() == [
        "| Country | Revenue | Revenue growth |",
        "| --- | ---: | ---: |",
        "| Germany | £1,205,307 | -1.7 % |",
        "| France | £20,126 | +101.3 % |",
        "| EIRE | £0.00 | – |",
    ]
    assert table(SALES, "zh").startswith("| 国家 | 销售额 | 销售额（前期） | 销售额变化 | 销售额增长率 |")
    named = receipt("october_revenue:GBP a_two_third:count", [[12.5, 3]])
    assert table_alone([named]).text.splitlines()[0] == "| October revenue | Value |"
    assert "other rows" in table(SALES, limit=1)
    assert "no rows" in table_alone([]).text


DISGUISES = [
    "twelve",
    "Twenty-Five",
    "ｔｗｏ",
    "t\u200bwo",
    "tẃo",
    "t**w**o",
    "½",
    "①",
    "٤",
    "⁴",
    "🔟",
    "两",
    "&frac12;",
]


@pytest.mark.parametrize("text", DISGUISES)
def test_numbers_in_disguise(text: str) -> None:
    assert find_numbers(f"so {text} of")


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
UNITS = [
    "GBP",
    "XYZ",
    "count",
    "%",
    "ratio",
    "days",
    "stars",
    "",
    "name",
    "title",
    "id",
    "day",
    "month",
    "hour",
    "year",
]


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.sampled_from(UNITS)), min_size=1, max_size=4),
    st.data(),
    st.sampled_from(["en", "zh", "fr"]),
)
@settings(max_examples=150, deadline=None)
def test_tables_can_always_be_shown(columns: list[tuple[str, str]], data: st.DataObject, locale: str) -> None:
    names = {name for name, _ in columns}
    described = tuple(Column(f"{i}_{n}" if len(names) < len(columns) else n, u) for i, (n, u) in enumerate(columns))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), max_size=4))
    item = Receipt("r1", Result("run_sql", {}, "SELECT", described, rows, len(rows), False, 1, "sha256:0", ()))
    assert in_order(table_alone([item], locale))


PIECES = st.sampled_from(
    [
        *(
            "{r1.0.revenue}",
            "{r1.0.country}",
            "{pct(r1.1.revenue,r1.0.revenue)}",
            "{r1.*.x}",
            "{",
            "}",
            "{sum(",
            "\n",
            "| ",
        ),
        *(
            "1. ",
            "*",
            "Read as ",
            "two",
            "12",
            "£",
            "%",
            "Germany",
            " ",
            ". ",
            "rose ",
            "&#50;",
            "<b>",
            "\x00",
            "\r",
            "两",
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join), st.booleans(), st.sampled_from(["en", "zh"]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("\x00{r1.0.revenue}\x00two", True, "en")
def test_no_text_breaks_the_check(prose: str, plain_digits: bool, locale: str) -> None:
    try:
        checked = check(prose, [SALES, TITLES], locale=locale, question=prose, plain_digits=plain_digits)
    except Unproven as e:
        assert e.faults
    else:
        assert in_order(checked)


def in_order(checked: Checked) -> bool:
    """Whether every claim's text stands in the answer, one after the other."""
    at = 0
    for claim in checked.claims:
        at = checked.text.index(claim.text, at) + len(claim.text)
    return True


@pytest.mark.parametrize(
    "piece", ["*", "_a", "<", "](", "&#50;", "six", "a ", "1,", "\n", "{r1.0.revenue} ", ". ", "|", "Read as 5\n", "二"]
)
def test_long_prose_takes_no_time(piece: str) -> None:
    prose = piece * (10_000 // len(piece))
    started = time.perf_counter()
    for plain_digits in (False, True):
        kinds(prose, plain_digits=plain_digits, question="top 5")
    assert time.perf_counter() - started < 2
