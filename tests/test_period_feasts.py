"""Days that come every year, in English and Chinese, and goods that are named after them."""

from __future__ import annotations

from datetime import date

import pytest

from tools.metrics.period_feasts import CHINESE, ENGLISH, easter
from tools.metrics.periods import Period, Unclear, find_periods, parse_period

TODAY, FIRST = date(2025, 6, 18), date(2020, 1, 2)


def read(text: str) -> list[str]:
    return [
        " | ".join(s.value.options) if isinstance(s.value, Unclear) else f"{s.value.start}..{s.value.natural_end}"
        for s in find_periods(text, TODAY, FIRST)
        if isinstance(s.value, Period | Unclear)
    ]


@pytest.mark.parametrize(
    "day",
    ["1954-04-18", "1981-04-19", "2000-04-23", "2008-03-23", "2011-04-24", "2016-03-27", "2019-04-21", "2024-03-31",
     "2025-04-20", "2038-04-25", "2049-04-18", "2076-04-19"],
)  # fmt: skip
def test_easter(day: str) -> None:
    assert easter(int(day[:4])) == date.fromisoformat(day)


def test_easter_is_a_sunday_between_its_limits() -> None:
    for year in range(1901, 2199):
        day = easter(year)
        assert day.weekday() == 6
        assert (3, 22) <= (day.month, day.day) <= (4, 25)


ONE = [
    ("orders on Good Friday", "2025-04-18..2025-04-18"),
    ("Easter Monday 2024", "2024-04-01..2024-04-01"),
    ("last year's Easter Sunday", "2024-03-31..2024-03-31"),
    ("whit monday takings", "2025-06-09..2025-06-09"),
    ("pancake day", "2025-03-04..2025-03-04"),
    ("since Thanksgiving", "2024-11-28..2025-06-18"),
    ("canadian thanksgiving", "2024-10-14..2024-10-14"),
    ("memorial day", "2025-05-26..2025-05-26"),
    ("BFCM revenue", "2024-11-29..2024-12-02"),
    ("what sold on st davids day", "2025-03-01..2025-03-01"),
    ("Saint Patrick's Day 2024", "2024-03-17..2024-03-17"),
    ("Mothering Sunday", "2025-03-30..2025-03-30"),
    ("since New Year's", "2025-01-01..2025-06-18"),
    ("Double 12", "2024-12-12..2024-12-12"),
    ("mid-autumn festival", "2024-09-17..2024-09-17"),
    ("中秋节卖了多少", "2024-09-17..2024-09-17"),
    ("端午节", "2025-05-31..2025-05-31"),
    ("七夕的销售额", "2024-08-10..2024-08-10"),
    ("除夕", "2025-01-28..2025-01-28"),
    ("清明节", "2025-04-04..2025-04-04"),
    ("母亲节", "2025-05-11..2025-05-11"),
    ("五一当天", "2025-05-01..2025-05-01"),
    ("雙十一", "2024-11-11..2024-11-11"),
    ("中秋節", "2024-09-17..2024-09-17"),
    ("聖誕節那週", "2024-12-23..2024-12-29"),
    ("国庆黄金周", "2024-10-01..2024-10-07"),
    ("去年618呢", "2024-06-18..2024-06-18"),
    ("去年618", "2024-06-18..2024-06-18"),
]


@pytest.mark.parametrize(("text", "expected"), ONE)
def test_one_day(text: str, expected: str) -> None:
    assert read(text) == [expected]


UNCLEAR = [
    ("revenue over Easter", "20 Apr 2025 | 18–21 Apr 2025"),
    ("since easter", "20 Apr – 18 Jun 2025 | 18 Apr – 18 Jun 2025"),
    ("the week before Christmas", "18–24 Dec 2024 | 16–22 Dec 2024"),
    ("the month after Easter", "21 Apr – 20 May 2025 | May 2025"),
    ("春节前一周", "22–28 Jan 2025 | 20–26 Jan 2025"),
    ("Easter week 2023", "3–9 Apr 2023 | 10–16 Apr 2023"),
    ("whitsun week", "2–8 Jun 2025 | 9–15 Jun 2025"),
    ("sales on Mother's Day", "30 Mar 2025 | 11 May 2025"),
    ("since labor day", "2 Sep 2024 – 18 Jun 2025 | 1 May – 18 Jun 2025"),
    ("Golden Week", "1–7 Oct 2024 | 29 Apr – 5 May 2025"),
    ("best sellers xmas pls", "1 Nov – 24 Dec 2024 | 25 Dec 2024"),
    ("compared with christmas 2023", "1 Nov – 24 Dec 2023 | 25 Dec 2023"),
    ("most sold at Noël", "1 Nov – 24 Dec 2024 | 25 Dec 2024"),
    ("last year festive season", "1 Nov – 24 Dec 2024 | Nov–Dec 2024 | Oct–Nov 2024"),
    ("in Diwali week", "28 Oct – 3 Nov 2024 | 29 Oct – 2 Nov 2024"),
    ("between christmas and new year", "26–31 Dec 2024 | 27–30 Dec 2024"),
    ("chinese new year 2024", "10 Feb 2024 | 10–16 Feb 2024"),
    ("春节期间", "29 Jan 2025 | 29 Jan – 4 Feb 2025"),
    ("复活节假期", "18–21 Apr 2025 | 19–20 Apr 2025"),
    ("国庆节", "1 Oct 2024 | 1–7 Oct 2024"),
    ("618大促", "18 Jun 2025 | 1–18 Jun 2025"),
    ("去年暑假", "Jul–Aug 2024 | Jun–Aug 2024"),
]


@pytest.mark.parametrize(("text", "options"), UNCLEAR)
def test_unclear(text: str, options: str) -> None:
    assert read(text) == [options]
    for option in options.split(" | "):
        parse_period(option, TODAY, FIRST)


def test_last_easter_beside_easter_is_the_one_before() -> None:
    first, second = read("did Easter do more than last Easter")
    assert first.startswith("20 Apr 2025")
    assert second.startswith("31 Mar 2024")
    assert read("双十一和去年双十一") == ["2024-11-11..2024-11-11", "2023-11-11..2023-11-11"]


NOTHING = [
    "easter basket revenue", "Easter Bunny Mug", "mother's day cards", "valentine's mugs", "thanksgiving turkey platters",
    "St Patrick's Day Hat", "Good Friday Buns", "Noel Gallagher", "Diwali lamps", "top products for easter", "product 618",
    "订单号618", "卖了618件", "618单", "中秋礼盒", "端午粽子", "端午假期", "母亲节礼盒", "复活节彩蛋", "五一广场店", "六一八", "十一",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_goods_and_numbers_are_no_days(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("name", [*ENGLISH, *CHINESE])
def test_every_name_is_read_in_every_year_of_the_tables(name: str) -> None:
    """By its name with a year, as one period or as several that can be chosen."""
    for year in (2010, 2019, 2027):
        said = f"{name} {year}" if name.isascii() and not name[0].isdigit() else f"{year}年{name}"
        said = f"{name} {year}" if name.startswith("618 ") else said
        (found,) = find_periods(said, date(2028, 6, 1), date(2009, 1, 1))
        assert (found.start, found.end) == (0, len(said))
        if isinstance(found.value, Unclear):
            for option in found.value.options:
                parse_period(option, date(2028, 6, 1), date(2009, 1, 1))


def test_a_year_without_a_date_in_the_table_is_not_guessed() -> None:
    assert find_periods("端午节", date(2008, 6, 20), None) == []
    assert find_periods("the dragon boat festival", date(2008, 6, 20), None) == []
