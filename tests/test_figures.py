"""How figures, keys, periods and words of quantity are written."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.figures import change, figure
from agent.labels import key_text, period_text
from agent.proof.quantities import quantity_word
from tools.contract import Cell

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
