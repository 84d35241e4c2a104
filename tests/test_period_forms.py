"""Time as merchants say it: shorthand, weeks by number, lengths, weekdays, offices' years, speakers of other languages."""

from __future__ import annotations

from datetime import date

import pytest

from tools.metrics.dates import Period, Shift, Unclear, shift
from tools.metrics.periods import find_periods, parse_period

TODAY, FIRST = date(2025, 6, 18), date(2020, 1, 2)  # a Wednesday


def read(text: str, today: date = TODAY) -> list[str]:
    """What was found: "start..natural end" of a period, the options of what is asked back, a shift's unit and number."""
    return [_shown(s.value) for s in find_periods(text, today, FIRST)]


def _shown(v: Period | Unclear | Shift) -> str:
    if isinstance(v, Period):
        return f"{v.start}..{v.natural_end}"
    return " | ".join(v.options) if isinstance(v, Unclear) else f"{v.unit} {v.n}"


ONE = [
    # parts that are said in another order
    ("two last whole months, revenue", "2025-04-01..2025-05-31"),
    ("refunds January through to May", "2025-01-01..2025-05-31"),
    ("the first nine days of this June", "2025-06-01..2025-06-09"),
    ("the same nine days of last June", "2024-06-01..2024-06-09"),
    ("and the one before?", "period -1"),
    ("the same period a year back", "year -1"),
    ("预测一下11月的销售额", "2024-11-01..2024-11-30"),
    # abbreviations
    ("takings yday", "2025-06-17..2025-06-17"),
    ("last wkend", "2025-06-14..2025-06-15"),
    ("this qtr so far", "2025-04-01..2025-06-30"),
    ("last half yr", "2024-12-19..2025-06-18"),
    ("pay method mix, L3M", "2025-03-19..2025-06-18"),
    ("brand share L12W", "2025-03-27..2025-06-18"),
    ("L30D", "2025-05-20..2025-06-18"),
    ("sales LY", "2024-01-01..2024-12-31"),
    ("Q3 LY", "2024-07-01..2024-09-30"),
    ("14 Nov PY", "2024-11-14..2024-11-14"),
    ("YTD LY", "2024-01-01..2024-06-17"),  # as many days
    ("Q3 24", "2024-07-01..2024-09-30"),
    # years
    ("profit per customer 2024", "2024-01-01..2024-12-31"),
    ("ranking of cities, 2024", "2024-01-01..2024-12-31"),
    # weeks by number
    ("sales of the 33. calendar week", "2024-08-12..2024-08-18"),
    ("KW 22", "2025-05-26..2025-06-01"),
    ("the 33rd week of 2023", "2023-08-14..2023-08-20"),
    ("orders for weeks 30 to 38", "2024-07-22..2024-09-22"),
    ("weeks 30-38 of the previous year", "2024-07-22..2024-09-22"),
    ("week 51 to 2", "2024-12-16..2025-01-12"),
    ("2025-W14 rev?", "2025-03-31..2025-04-06"),
    ("W15", "2025-04-07..2025-04-13"),
    ("sales by dept wk of the 14th", "2025-06-09..2025-06-15"),
    ("the week of the thirtieth", "2025-05-26..2025-06-01"),
    ("the week of Black Friday", "2024-11-25..2024-12-01"),
    # lengths
    ("revenue per week since 3 months", "2025-03-19..2025-06-18"),
    ("sold recent 10 days", "2025-06-09..2025-06-18"),
    ("price, recent half year", "2024-12-19..2025-06-18"),
    ("trend, 12 months", "2024-06-19..2025-06-18"),
    ("the six months to 30 June 2024", "2024-01-01..2024-06-30"),
    ("the quarter ended 30 September 2024", "2024-07-01..2024-09-30"),
    ("the last 12 months to March 2025", "2024-04-01..2025-03-31"),
    ("last quarter ending 31 March", "2025-01-01..2025-03-31"),
    # days
    ("on 24.12.", "2024-12-24..2024-12-24"),
    ("from 01.07. to 31.07.2024", "2024-07-01..2024-07-31"),
    ("from 3. to 9. June", "2025-06-03..2025-06-09"),
    ("second day of March", "2025-03-02..2025-03-02"),
    ("sat just gone", "2025-06-14..2025-06-14"),
    ("the Saturday before last", "2025-06-07..2025-06-07"),
    ("two Fridays ago", "2025-06-06..2025-06-06"),
    ("Friday last week", "2025-06-13..2025-06-13"),
    ("on saturday week", "2025-06-28..2025-06-28"),
    ("the weekend before last", "2025-06-07..2025-06-08"),
    ("how was saturday?", "2025-06-14..2025-06-14"),
    ("how much was card and how much cash saturday", "2025-06-14..2025-06-14"),
    ("did saturday beat expectations in May", "2025-05-01..2025-05-31"),
    # from and to the edge of something
    ("since begin of year", "2025-01-01..2025-06-18"),
    ("from the begin of the year until now", "2025-01-01..2025-06-18"),
    ("month by month, from beginning of 2023", "2023-01-01..2025-06-18"),
    ("from the beginning of March to the end of May", "2025-03-01..2025-05-31"),
    ("year until date", "2025-01-01..2025-12-31"),
    ("paid until now this month", "2025-06-01..2025-06-30"),
    ("let's go through November", "2024-11-01..2024-11-30"),
    ("at the till last month", "2025-05-01..2025-05-31"),
    # as speakers of other languages say it
    ("the first trimester", "2025-01-01..2025-03-31"),
    ("last trimester", "2025-01-01..2025-03-31"),
    ("this semester", "2025-01-01..2025-06-30"),
    ("last semester", "2024-07-01..2024-12-31"),
    ("second semester of 2023", "2023-07-01..2023-12-31"),
    ("actual month, how are we?", "2025-06-01..2025-06-30"),
    ("and the other yesterday", "2025-06-16..2025-06-16"),
    ("of 10 of March to the day of today", "2025-03-10..2025-06-18"),
    ("Aprile of the year past", "2024-04-01..2024-04-30"),
    ("the whole December", "2024-12-01..2024-12-31"),
]


@pytest.mark.parametrize(("text", "expected"), ONE)
def test_one_period(text: str, expected: str) -> None:
    assert read(text) == [expected]


SEVERAL = [
    ("May plus June orders", ["2025-05-01..2025-05-31", "2025-06-01..2025-06-30"]),
    ("2021, 2022 and 2023", ["2021-01-01..2021-12-31", "2022-01-01..2022-12-31", "2023-01-01..2023-12-31"]),
    ("new cust per mth, 2023 & 2024", ["2023-01-01..2023-12-31", "2024-01-01..2024-12-31"]),
    ("Sales, 2023 against 2022", ["2023-01-01..2023-12-31", "2022-01-01..2022-12-31"]),
    ("a growth of Bordeaux reds between 2022 and 2023", ["2022-01-01..2022-12-31", "2023-01-01..2023-12-31"]),
    ("KW 40, 41", ["2024-09-30..2024-10-06", "2024-10-07..2024-10-13"]),
    ("week 12 vs 13", ["2025-03-17..2025-03-23", "2025-03-24..2025-03-30"]),
    ("H1 vs H1 PY", ["2025-01-01..2025-06-30", "2024-01-01..2024-06-30"]),
    ("this feb against last feb", ["2025-02-01..2025-02-28", "2024-02-01..2024-02-29"]),
    ("november vs november last year", ["2024-11-01..2024-11-30", "2023-11-01..2023-11-30"]),
    ("same month of last year, November", ["year -1", "2024-11-01..2024-11-30"]),
    ("sat just gone or the sat before", ["2025-06-14..2025-06-14", "2025-06-07..2025-06-07"]),
    ("did sunday beat saturday", ["2025-06-15..2025-06-15", "2025-06-14..2025-06-14"]),
    ("up this yr on last", ["2025-01-01..2025-12-31", "year -1"]),
    ("this quarter over last", ["2025-04-01..2025-06-30", "2025-01-01..2025-03-31"]),
    ("on 24.12. and on 31.12.", ["2024-12-24..2024-12-24", "2024-12-31..2024-12-31"]),
]


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_several_periods(text: str, expected: list[str]) -> None:
    assert read(text) == expected


SHIFTS = [
    ("vs LY", "year -1"),
    ("same fortnight LY", "year -1"),
    ("same month of the past year", "year -1"),
    ("wk after?", "week 1"),
    ("and the wkend before", "weekend -1"),
    ("more than in the half-year before", "month -6"),
    ("yesterday's and the day of before", "day -1"),
]


@pytest.mark.parametrize(("text", "expected"), SHIFTS)
def test_told_from_another_period(text: str, expected: str) -> None:
    assert read(text)[-1] == expected


def test_the_weekend_beside_a_period() -> None:
    weekend = Period(date(2025, 6, 14), date(2025, 6, 15))
    friday = Period(date(2025, 6, 13), date(2025, 6, 13))
    assert shift(weekend, Shift("weekend", -1)).start == date(2025, 6, 7)
    assert shift(weekend, Shift("weekend", 1)).start == date(2025, 6, 21)
    assert shift(friday, Shift("weekend", -1)).start == date(2025, 6, 7)
    assert shift(friday, Shift("weekend", 1)).start == date(2025, 6, 14)


UNCLEAR = [
    ("FY24", "2024 | 2023"),
    ("last financial yr", "2024 | 2023"),
    ("the financial year just ended", "2024 | 2023"),
    ("Q3 FY25", "Q3 2025 | Q4 2024"),
    ("since the start of the fiscal year", "1 Jan – 18 Jun 2025 | 1 Apr – 18 Jun 2025"),
    ("2023/24", "Apr 2023 – Mar 2024 | Jul 2023 – Jun 2024 | 2023–2024"),
    ("tax year 2023", "2023 | 6 Apr 2023 – 5 Apr 2024"),
    ("last EOFY", "Jun 2024 | Mar 2025 | Dec 2024"),
    ("season to date", "this quarter | this year"),
    ("last season", "last quarter | last year"),
    ("winter 2023/24", "Dec 2023 – Feb 2024 | Q1 2024"),
    ("since the summer", "1–18 Jun 2025 | 1 Jul 2024 – 18 Jun 2025"),
    ("next summer", "Jun–Aug 2026 | Q3 2025"),
    ("they want April 23 to March 24", "Apr 2023 – Mar 2024 | 23 Apr 2025 – 24 Mar 2026"),
    ("2nd week of may", "8–14 May 2025 | 5–11 May 2025"),
    ("last 48h", "today | yesterday"),
]


@pytest.mark.parametrize(("text", "options"), UNCLEAR)
def test_unclear(text: str, options: str) -> None:
    assert read(text) == [options]
    for option in options.split(" | "):
        parse_period(option, TODAY, FIRST)


CHINESE = [
    ("第33周销售额", "2024-08-12..2024-08-18"),
    ("2024年第12周到第15周", "2024-03-18..2024-04-14"),
    ("5月第二周", "8–14 May 2025 | 5–11 May 2025"),
    ("本月第一周", "1–7 Jun 2025 | 26 May – 1 Jun 2025"),
    ("第3周销量", "13–19 Jan 2025 | 15–21 Jun 2025"),
    ("上月下旬", "2025-05-21..2025-05-31"),
    ("上月底以来", "2025-05-31..2025-06-18"),
    ("去年年底", "Dec 2024 | Nov–Dec 2024"),
    ("从今年初到现在", "2025-01-01..2025-12-31"),
    ("大上周", "2025-06-02..2025-06-08"),
    ("上周的周五", "2025-06-13..2025-06-13"),
    ("上周六和周日", "2025-06-14..2025-06-15"),
    ("本月10号到20号", "2025-06-10..2025-06-20"),
    ("15号的订单", "2025-06-15..2025-06-15"),
    ("去年今天", "2024-06-18..2024-06-18"),
    ("6月后的订单", "2024-07-01..2025-06-18"),
    ("2024财年", "2024年 | 2023年"),
    ("上各月销售额", "2025-05-01..2025-05-31"),
    ("不是 是8月18", "2024-08-18..2024-08-18"),
    ("5月21卖了多少", "2025-05-21..2025-05-21"),
    ("上个夏天呢", "Jun–Aug 2024 | Q3 2024"),
    ("这周天猫退货几单", "2025-06-16..2025-06-22"),
    ("上周五星好评", "2025-06-09..2025-06-15"),
    ("本月截至昨天", "2025-06-01..2025-06-17"),
    ("今個月", "2025-06-01..2025-06-30"),
    ("截止6月30日的半年净销售额", "2024-01-01..2024-06-30"),
    ("双十一前一周", "2024-11-04..2024-11-10"),
]


@pytest.mark.parametrize(("text", "expected"), CHINESE)
def test_chinese(text: str, expected: str) -> None:
    assert read(text) == [expected]


NOTHING = [
    "W32 jeans", "size L3M", "HA-L50W headphones", "orders in LY", "toner C752 LY Magenta", "12 months warranty",
    "customers inactive for 12 months", "nothing ordered in 12 months", "orders 3 months old", "every 12 months",
    "price 24.12.", "we paid 24.12. on average", "revenue above 24.12.", "from 23.10 to 24.12.", "customer 2024",
    "order 2024", "orders, 2024 units", "is Monday our best day", "which weekday, saturday or sunday",
    "did we make more saturday or sunday", "how much did we make monday to friday", "did mondays beat sundays",
    "how was saturday night", "what did we sell on saturdays", "our saturday girl", "sat nav sales", "semester planner",
    "the first trimester pregnancy pillow", "season ticket", "four seasons duvet", "in the actual month with most sales",
    "the second one", "week planner", "main.py", "since 5 orders", "a season of change",
    "客户15号", "15号客户", "开店第一周", "第一周年庆",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_ordinary_words_are_no_dates(text: str) -> None:
    assert find_periods(text, TODAY, FIRST) == []


def test_a_pair_of_days_is_read_only_in_order() -> None:
    sunday, saturday = date(2025, 6, 15), date(2025, 6, 14)
    assert read("what did we sell saturday and sunday", sunday) == ["2025-06-14..2025-06-14", "2025-06-15..2025-06-15"]
    assert read("what did we sell saturday and sunday", saturday) == []
