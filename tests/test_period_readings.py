"""What is told from another period, what is asked back, offsets, labels, and single periods read by themselves."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools.contract import Ambiguous, ToolError
from tools.metrics.periods import Period, Shift, Unclear, find_periods, label, parse_period

TODAY, FIRST = date(2011, 12, 9), date(2010, 12, 1)  # a Friday


def day(text: str) -> date:
    return date.fromisoformat(text)


SHIFTS = [
    ("and the week before?", Shift("week", -1)),
    ("same for the month before", Shift("month", -1)),
    ("the 30 days before that", Shift("day", -30)),
    ("the month after", Shift("month", 1)),
    ("vs same dates last year", Shift("year", -1, same=True)),
    ("a year earlier", Shift("year", -1, same=True)),
    ("compared to last year", Shift("year", -1, same=True)),
    ("the previous period", Shift("period", -1)),
    ("this time last year", Shift("year", -1, same=True)),
    ("前一周呢", Shift("week", -1)),
    ("去年同期", Shift("year", -1, same=True)),
    ("此前30天", Shift("day", -30)),
    ("跟去年比", Shift("year", -1, same=True)),
]


@pytest.mark.parametrize(("text", "expected"), SHIFTS)
def test_told_from_another_period(text: str, expected: Shift) -> None:
    (span,) = find_periods(text, TODAY, FIRST)
    assert isinstance(span.value, Shift)
    assert (span.value.unit, span.value.n, span.value.same) == (expected.unit, expected.n, expected.same)


def test_previous_is_told_from_the_other_period_in_the_text() -> None:
    alone = find_periods("orders in the previous 30 days", TODAY)[0].value
    beside = find_periods("last 30 days against the previous 30 days", TODAY)[1].value
    assert isinstance(alone, Period)
    assert alone.start == day("2011-11-10")
    assert isinstance(beside, Shift)
    assert (beside.unit, beside.n) == ("day", -30)


UNCLEAR = [
    ("on 5/6", ("5 Jun 2011", "6 May 2011")),
    ("05/06/2010", ("5 Jun 2010", "6 May 2010")),
    ("in spring", ("Mar–May 2011", "Q2 2011")),
    ("last winter", ("Dec 2010 – Feb 2011", "Q1 2011")),
    ("31 november", ("30 Nov 2011", "Nov 2011")),
    ("the last few weeks", ("last 2 weeks", "last 4 weeks")),
    ("first week of november", ("1–7 Nov 2011", "31 Oct – 6 Nov 2011")),
    ("5/9/2011 - 11/9/2011", ("5 Sep 2011 – 11 Sep 2011", "9 May 2011 – 9 Nov 2011")),
    ("今年春天", ("Mar–May 2011", "Q2 2011")),
]


@pytest.mark.parametrize(("text", "options"), UNCLEAR)
def test_unclear(text: str, options: tuple[str, ...]) -> None:
    (span,) = find_periods(text, TODAY, FIRST)
    assert isinstance(span.value, Unclear)
    assert span.value.options == options
    for option in options:
        parse_period(option, TODAY, FIRST)


@pytest.mark.parametrize(
    "text",
    ["since we started", "our whole history", "of all time", "did they ever", "revenue to date", "开店以来", "历史上"],
)
def test_whole_history(text: str) -> None:
    (span,) = find_periods(text, TODAY, FIRST)
    assert isinstance(span.value, Period)
    assert span.value.whole
    assert (span.value.start, span.value.end) == (FIRST, TODAY)


def test_ever_counts_only_alone() -> None:
    (span,) = find_periods("who ever bought in Q3", TODAY)
    assert isinstance(span.value, Period)
    assert not span.value.whole


def test_offsets_are_those_of_the_original() -> None:
    text = "Umsätze\n\n  in  NOVEMEBR ’10  und　１１月"
    spans = find_periods(text, TODAY, FIRST)
    assert [text[s.start : s.end] for s in spans] == ["NOVEMEBR ’10", "１１月"]
    assert [s.value.asked for s in spans] == ["NOVEMEBR ’10", "１１月"]


def test_unfinished_and_future_are_marked() -> None:
    this = parse_period("this month", TODAY)
    assert this.unfinished
    assert this.natural_end == day("2011-12-31")
    assert parse_period("next month", TODAY).future
    assert not parse_period("last month", TODAY).unfinished


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("last_month", ("2011-11-01", "2011-11-30")),
        ("  in Q3 2011. ", ("2011-07-01", "2011-09-30")),
        ("May", ("2011-05-01", "2011-05-31")),
        ("2003", ("2003-01-01", "2003-12-31")),
        ("all", ("2010-12-01", "2011-12-09")),
        ("2011-09-05/2011-09-11", ("2011-09-05", "2011-09-11")),
        ({"start": "2011-09-05", "end": "2011-09-11"}, ("2011-09-05", "2011-09-11")),
        ({"start": "2011-12-01", "end": "2011-12-31", "label": "Dec"}, ("2011-12-01", "2011-12-09")),
    ],
)
def test_parse_period(given: str | dict[str, str], expected: tuple[str, str]) -> None:
    p = parse_period(given, TODAY, FIRST)
    assert (p.start.isoformat(), p.end.isoformat()) == expected


@pytest.mark.parametrize(
    "given",
    ["", "soon", "the week before", "in Q3 in Germany", "Q1 and Q2", {"start": "2011-09-05"}, {"start": "x", "end": "y"},
     {"start": "2011-09-05", "end": "2011-09-01"}],
)  # fmt: skip
def test_parse_period_refuses(given: str | dict[str, str]) -> None:
    with pytest.raises(ToolError):
        parse_period(given, TODAY, FIRST)


def test_parse_period_asks_back() -> None:
    with pytest.raises(Ambiguous) as caught:
        parse_period("5/6/2011", TODAY, FIRST)
    assert caught.value.options == ("5 Jun 2011", "6 May 2011")


LABELS = [
    ("2011-11-01", "2011-11-30", "Nov 2011", "2011年11月"),
    ("2011-11-01", "2011-11-29", "1–29 Nov 2011", "2011年11月1日至29日"),
    ("2011-07-01", "2011-09-30", "Q3 2011", "2011年第三季度"),
    ("2011-07-01", "2011-12-31", "H2 2011", "2011年下半年"),
    ("2011-01-01", "2011-12-31", "2011", "2011年"),
    ("2010-01-01", "2011-12-31", "2010–2011", "2010年至2011年"),
    ("2011-12-09", "2011-12-09", "9 Dec 2011", "2011年12月9日"),
    ("2011-11-28", "2011-12-04", "28 Nov – 4 Dec 2011", "2011年11月28日至12月4日"),
    ("2010-12-27", "2011-01-02", "27 Dec 2010 – 2 Jan 2011", "2010年12月27日至2011年1月2日"),
    ("2011-07-01", "2011-11-30", "Jul–Nov 2011", "2011年7月至11月"),
    ("2010-11-01", "2011-01-31", "Nov 2010 – Jan 2011", "2010年11月至2011年1月"),
]


@pytest.mark.parametrize(("start", "end", "english", "chinese"), LABELS)
def test_label(start: str, end: str, english: str, chinese: str) -> None:
    p = Period(day(start), day(end))
    assert (label(p), label(p, "zh")) == (english, chinese)


DAYS = st.dates(date(1995, 1, 1), date(2030, 12, 31))


@given(start=DAYS, length=st.integers(0, 1200), locale=st.sampled_from(["en", "zh"]))
@example(start=date(2012, 2, 1), length=28, locale="en")
def test_label_can_be_parsed_again(start: date, length: int, locale: str) -> None:
    p = Period(start, start + timedelta(length))
    back = parse_period(label(p, locale), date(2035, 6, 1), date(1995, 1, 1))
    assert (back.start, back.end) == (p.start, p.end)


WORDS = st.sampled_from(
    [
        "last",
        "this",
        "next",
        "the",
        "week",
        "month",
        "quarter",
        "year",
        "days",
        "5",
        "11",
        "31",
        "2011",
        "'11",
        "99999",
        "sept",
        "may",
        "november",
        "friday",
        "before",
        "after",
        "since",
        "until",
        "to",
        "and",
        "from",
        "between",
        "-",
        "..",
        "/",
        "Q3",
        "h1",
        "first",
        "half",
        "of",
        "few",
        "ago",
        "so",
        "far",
        "christmas",
        "season",
        "spring",
        "ever",
        "上",
        "个",
        "月",
        "周",
        "十",
        "一",
        "年",
        "前",
        "后",
        "至",
        "今",
        "天",
        "2011-11",
        "30/2",
        "29",
        "february",
        "whole",
        "3",
        "two",
        "easter",
        "week of",
        "KW 40",
        "ending",
        "LY",
        "FY25",
        "24.12.",
        "saturday",
        "did",
        "semester",
        "春节",
        "第",
        "号",
        "618",
        "İ",
        "ß",
        "ﬁ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text() | st.lists(WORDS, max_size=14).map(" ".join) | st.lists(WORDS, max_size=14).map("".join), today=DAYS
)
def test_any_text_gives_ordered_spans_within_it(text: str, today: date) -> None:
    end = 0
    for span in find_periods(text, today, date(2010, 12, 1)):
        assert end <= span.start < span.end <= len(text)
        end = span.end
        if isinstance(span.value, Period):
            assert span.value.start <= span.value.end <= span.value.natural_end
            assert span.value.future == (span.value.start > today)


@pytest.mark.parametrize(
    "unit",
    [
        "last week november 14 ",
        "5/6 ",
        "上周11月",
        "the week before ",
        "from 5 to ",
        "novemebr ",
        "(",
        "1",
        "last easter ",
        "KW 40, 41, ",
        "did saturday ",
        "15号到",
        "2023/24 ",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    find_periods("last week", TODAY, FIRST)
    text = (unit * 10_000)[:10_000]
    begun = time.process_time()
    find_periods(text, TODAY, FIRST)
    assert time.process_time() - begun < 60  # a quadratic rule takes minutes
