"""Comparisons, clipping, shifting and buckets of periods."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.contract import NotThere, ToolError
from tools.metrics.compare import clip, default_comparison, resolve_comparison
from tools.metrics.periods import (
    Period,
    Shift,
    bucket_end,
    bucket_starts,
    find_periods,
    fully_covered,
    parse_period,
    shift,
)

TODAY, FIRST = date(2011, 12, 9), date(2010, 12, 1)
EARLY = date(2000, 1, 1)


def between(p: Period) -> str:
    return f"{p.start}..{p.end}"


def compared(this: str, other: str, today: date = TODAY, first: date = EARLY) -> tuple[str, str, bool]:
    to = other if other in ("previous", "year_earlier") else parse_period(other, today, first)
    c = resolve_comparison(parse_period(this, today, first), to, today, first, today)  # type: ignore[arg-type]
    return between(c.this), between(c.that), c.cut


PAIRS = [
    ("November 2011", "previous", "2011-11-01..2011-11-30", "2011-10-01..2011-10-31", False),
    ("March 2011", "previous", "2011-03-01..2011-03-31", "2011-02-01..2011-02-28", False),
    ("last week", "previous", "2011-11-28..2011-12-04", "2011-11-21..2011-11-27", False),
    ("Q3", "previous", "2011-07-01..2011-09-30", "2011-04-01..2011-06-30", False),
    ("H1", "previous", "2011-01-01..2011-06-30", "2010-07-01..2010-12-31", False),
    ("2010", "previous", "2010-01-01..2010-12-31", "2009-01-01..2009-12-31", False),
    ("last 30 days", "previous", "2011-11-10..2011-12-09", "2011-10-11..2011-11-09", False),
    ("last 3 months", "previous", "2011-09-10..2011-12-09", "2011-06-10..2011-09-09", False),
    ("last 3 whole months", "previous", "2011-09-01..2011-11-30", "2011-06-01..2011-08-31", False),
    ("5 to 11 september", "previous", "2011-09-05..2011-09-11", "2011-08-29..2011-09-04", False),
    ("yesterday", "previous", "2011-12-08..2011-12-08", "2011-12-07..2011-12-07", False),
    ("last weekend", "previous", "2011-12-03..2011-12-04", "2011-11-26..2011-11-27", False),
    ("last christmas season", "previous", "2010-11-01..2010-12-24", "2009-11-01..2009-12-24", False),
    ("november", "year_earlier", "2011-11-01..2011-11-30", "2010-11-01..2010-11-30", False),
    ("last week", "year_earlier", "2011-11-28..2011-12-04", "2010-11-28..2010-12-04", False),
    ("this month", "year_earlier", "2011-12-01..2011-12-09", "2010-12-01..2010-12-09", True),
    ("this month", "previous", "2011-12-01..2011-12-09", "2011-11-01..2011-11-09", True),
    ("this week", "last week", "2011-12-05..2011-12-09", "2011-11-28..2011-12-02", True),
    ("last week", "this week", "2011-11-28..2011-12-02", "2011-12-05..2011-12-09", True),
    ("this year", "2010", "2011-01-01..2011-12-09", "2010-01-01..2010-12-09", True),
    ("november", "october", "2011-11-01..2011-11-30", "2011-10-01..2011-10-31", False),
    ("february", "january", "2011-02-01..2011-02-28", "2011-01-01..2011-01-31", False),
    ("last week", "october", "2011-11-28..2011-12-04", "2011-10-01..2011-10-31", False),
]


@pytest.mark.parametrize(("this", "other", "a", "b", "cut"), PAIRS)
def test_pairs(this: str, other: str, a: str, b: str, cut: bool) -> None:
    assert compared(this, other) == (a, b, cut)


def test_leap_days() -> None:
    today = date(2013, 3, 1)
    assert compared("february 2012", "year_earlier", today)[1] == "2011-02-01..2011-02-28"
    assert compared("february 2013", "year_earlier", today)[1] == "2012-02-01..2012-02-29"
    assert compared("29 feb 2012", "year_earlier", today)[1] == "2011-02-28..2011-02-28"
    assert compared("28 feb 2012", "year_earlier", today)[1] == "2011-02-28..2011-02-28"


def test_unfinished_is_cut_at_the_end_of_the_shorter_one() -> None:
    today = date(2011, 3, 30)
    assert compared("this month", "previous", today) == ("2011-03-01..2011-03-30", "2011-02-01..2011-02-28", False)


def test_both_sides_are_cut_to_what_is_covered() -> None:
    assert compared("this year", "year_earlier", first=FIRST) == (
        "2011-12-01..2011-12-09",
        "2010-12-01..2010-12-09",
        True,
    )
    assert compared("this quarter", "year_earlier", first=FIRST)[:2] == (
        "2011-12-01..2011-12-09",
        "2010-12-01..2010-12-09",
    )
    first = date(2010, 12, 5)
    assert compared("january 2011", "december 2010", first=first)[:2] == (
        "2011-01-05..2011-01-31",
        "2010-12-05..2010-12-31",
    )
    assert compared("december 2010", "january 2011", first=first)[:2] == (
        "2010-12-05..2010-12-31",
        "2011-01-05..2011-01-31",
    )


def test_what_was_cut_is_said() -> None:
    c = resolve_comparison(parse_period("this month", TODAY), "previous", TODAY, FIRST, TODAY)
    assert c.notes == ("Dec 2011 isn't over, so 1–9 Dec 2011 is compared with 1–9 Nov 2011.",)
    c = resolve_comparison(parse_period("this year", TODAY), "year_earlier", TODAY, FIRST, TODAY)
    assert c.notes[-1] == (
        "The data runs from 1 Dec 2010 to 9 Dec 2011, so 1–9 Dec 2011 is compared with 1–9 Dec 2010."
    )


@pytest.mark.parametrize(
    ("this", "other"), [("november", "year_earlier"), ("november", "2009"), ("next month", "previous")]
)
def test_nothing_to_compare_with(this: str, other: str) -> None:
    with pytest.raises(NotThere):
        compared(this, other, first=FIRST)


def test_default_comparisons() -> None:
    assert [between(default_comparison(k, TODAY)[0]) for k in ("growth", "wow", "yoy")] == [
        "2011-11-01..2011-11-30",
        "2011-11-28..2011-12-04",
        "2011-12-01..2011-12-09",
    ]
    assert [default_comparison(k, TODAY)[1] for k in ("mom", "yoy")] == ["previous", "year_earlier"]
    with pytest.raises(ToolError):
        default_comparison("sideways", TODAY)


def test_clip() -> None:
    p, note = clip(parse_period("Q4 2010", TODAY), FIRST, TODAY)
    assert between(p) == "2010-12-01..2010-12-31"
    assert note == "Of Q4 2010 there is data only for Dec 2010: the data runs from 1 Dec 2010 to 9 Dec 2011."
    p, note = clip(parse_period("this month", TODAY), FIRST, TODAY)
    assert (between(p), note, p.unfinished) == ("2011-12-01..2011-12-09", None, True)
    with pytest.raises(NotThere, match="no data for Nov 2010"):
        clip(parse_period("November 2010", TODAY), FIRST, TODAY)


SHIFTED = [
    ("last week", "the week before", "2011-11-21..2011-11-27"),
    ("november", "the month before", "2011-10-01..2011-10-31"),
    ("last 30 days", "the 30 days before that", "2011-10-11..2011-11-09"),
    ("this month", "same dates last year", "2010-12-01..2010-12-09"),
    ("Q3", "a year earlier", "2010-07-01..2010-09-30"),
    ("yesterday", "the day before", "2011-12-07..2011-12-07"),
    ("14 november", "the month before", "2011-10-01..2011-10-31"),
    ("september", "the month after", "2011-10-01..2011-10-31"),
    ("Q3", "the previous period", "2011-04-01..2011-06-30"),
    ("this year", "the year before", "2010-01-01..2010-12-09"),
    ("上周", "前一周", "2011-11-21..2011-11-27"),
]


@pytest.mark.parametrize(("said", "then", "expected"), SHIFTED)
def test_shift(said: str, then: str, expected: str) -> None:
    by = find_periods(then, TODAY)[0].value
    assert isinstance(by, Shift)
    assert between(shift(parse_period(said, TODAY), by)) == expected


def test_buckets() -> None:
    p = Period(date(2011, 11, 14), date(2011, 12, 9))
    assert bucket_starts(p, "month") == [date(2011, 11, 1), date(2011, 12, 1)]
    assert bucket_starts(p, "week")[0] == date(2011, 11, 14)
    assert bucket_starts(p, "quarter") == [date(2011, 10, 1)]
    assert len(bucket_starts(p, "day")) == 26
    assert bucket_end(date(2012, 2, 1), "month") == date(2012, 2, 29)
    assert fully_covered(date(2011, 11, 1), "month", FIRST, TODAY)
    assert not fully_covered(date(2011, 12, 1), "month", FIRST, TODAY)
    assert not fully_covered(date(2010, 11, 29), "week", FIRST, TODAY)


DAYS = st.dates(date(2001, 1, 1), date(2030, 12, 31))


@given(
    start=DAYS, length=st.integers(0, 900), later=st.integers(0, 400), to=st.sampled_from(["previous", "year_earlier"])
)
def test_sides_are_covered_and_alike(start: date, length: int, later: int, to: str) -> None:
    today = start + timedelta(length + later)
    this = parse_period({"start": str(start), "end": str(start + timedelta(length))}, today)
    c = resolve_comparison(this, to, today, date(1990, 1, 1), today)  # type: ignore[arg-type]
    assert c.that.start < c.this.start
    assert c.that.start <= c.that.end <= today
    assert abs(c.this.days - c.that.days) <= 3 * (1 + length // 300)


@given(start=DAYS, length=st.integers(0, 500), grain=st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_buckets_tile_the_period(start: date, length: int, grain: str) -> None:
    p = Period(start, start + timedelta(length))
    starts = bucket_starts(p, grain)
    assert starts[0] <= p.start <= bucket_end(starts[0], grain)
    assert starts[-1] <= p.end <= bucket_end(starts[-1], grain)
    assert all(bucket_end(a, grain) + timedelta(1) == b for a, b in pairwise(starts))
