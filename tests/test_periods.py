"""Time expressions: words in, dates out, for several todays."""

from __future__ import annotations

from datetime import date

import pytest

from tools.metrics.periods import Period, find_periods

TODAY, FIRST = date(2011, 12, 9), date(2010, 12, 1)  # a Friday
NEW_YEAR = date(2012, 1, 1)  # a Sunday
LEAP = date(2012, 2, 29)  # a Wednesday
MONDAY = date(2018, 12, 31)  # also the last day of a year
MID = date(2024, 5, 31)  # a Friday, the last day of a month


def dates(text: str, today: date, first: date | None = None) -> list[str]:
    """The periods found, as "start..end" with the natural end behind a slash where it lies later."""
    out = []
    for span in find_periods(text, today, first):
        v = span.value
        assert isinstance(v, Period), v
        out.append(f"{v.start}..{v.end}" + (f"/{v.natural}" if v.natural else ""))
    return out


ONE = [
    # from today
    (TODAY, "takings today please", "2011-12-09..2011-12-09"),
    (TODAY, "yesterdays sales", "2011-12-08..2011-12-08"),
    (TODAY, "the day before yesterday", "2011-12-07..2011-12-07"),
    (TODAY, "THIS WEEK", "2011-12-05..2011-12-09/2011-12-11"),
    (NEW_YEAR, "this week", "2011-12-26..2012-01-01"),
    (MONDAY, "this week", "2018-12-31..2018-12-31/2019-01-06"),
    (MONDAY, "last week", "2018-12-24..2018-12-30"),
    (NEW_YEAR, "last week", "2011-12-19..2011-12-25"),
    (NEW_YEAR, "last month", "2011-12-01..2011-12-31"),
    (LEAP, "last month's numbers", "2012-01-01..2012-01-31"),
    (NEW_YEAR, "last quarter", "2011-10-01..2011-12-31"),
    (NEW_YEAR, "this quarter", "2012-01-01..2012-01-01/2012-03-31"),
    (MONDAY, "this year", "2018-01-01..2018-12-31"),
    (NEW_YEAR, "last year", "2011-01-01..2011-12-31"),
    (TODAY, "the week before last", "2011-11-21..2011-11-27"),
    (TODAY, "in the previous month", "2011-11-01..2011-11-30"),
    (TODAY, "lats month", "2011-11-01..2011-11-30"),
    (TODAY, "the last three months", "2011-09-10..2011-12-09"),
    (MID, "past 3 months", "2024-03-01..2024-05-31"),
    (LEAP, "last 12 months", "2011-03-01..2012-02-29"),
    (NEW_YEAR, "last 7 days", "2011-12-26..2012-01-01"),
    (TODAY, "in the last 2 weeks", "2011-11-26..2011-12-09"),
    (TODAY, "last fortnight", "2011-11-26..2011-12-09"),
    (TODAY, "over the past couple of weeks", "2011-11-26..2011-12-09"),
    (MID, "the last 3 whole months", "2024-02-01..2024-04-30"),
    (TODAY, "last two complete weeks", "2011-11-21..2011-12-04"),
    (TODAY, "in 6 last months", "2011-06-10..2011-12-09"),
    (TODAY, "month to date", "2011-12-01..2011-12-09/2011-12-31"),
    (TODAY, "YTD", "2011-01-01..2011-12-09/2011-12-31"),
    (TODAY, "the year so far", "2011-01-01..2011-12-09/2011-12-31"),
    (TODAY, "so far this quarter", "2011-10-01..2011-12-09/2011-12-31"),
    (TODAY, "3 days ago", "2011-12-06..2011-12-06"),
    (TODAY, "two months ago", "2011-10-01..2011-10-31"),
    (TODAY, "last weekend", "2011-12-03..2011-12-04"),
    (NEW_YEAR, "last weekend", "2011-12-24..2011-12-25"),
    (NEW_YEAR, "this weekend", "2011-12-31..2012-01-01"),
    (MONDAY, "last weekend", "2018-12-29..2018-12-30"),
    # months, quarters, years
    (TODAY, "in march", "2011-03-01..2011-03-31"),
    (NEW_YEAR, "how was november", "2011-11-01..2011-11-30"),
    (NEW_YEAR, "december", "2011-12-01..2011-12-31"),
    (LEAP, "february", "2012-02-01..2012-02-29"),
    (TODAY, "december so far", "2011-12-01..2011-12-09/2011-12-31"),
    (LEAP, "last march", "2011-03-01..2011-03-31"),
    (LEAP, "last february", "2011-02-01..2011-02-28"),
    (TODAY, "Nov 2010", "2010-11-01..2010-11-30"),
    (TODAY, "november '10", "2010-11-01..2010-11-30"),
    (TODAY, "Mar-11", "2011-03-01..2011-03-31"),
    (TODAY, "novmber", "2011-11-01..2011-11-30"),
    (TODAY, "septembre and nothing else", "2011-09-01..2011-09-30"),
    (TODAY, "agust", "2011-08-01..2011-08-31"),
    (TODAY, "2011-06", "2011-06-01..2011-06-30"),
    (TODAY, "06/2011", "2011-06-01..2011-06-30"),
    (TODAY, "november last year", "2010-11-01..2010-11-30"),
    (TODAY, "last year's november", "2010-11-01..2010-11-30"),
    (TODAY, "sales in may", "2011-05-01..2011-05-31"),
    (TODAY, "and what did May bring", "2011-05-01..2011-05-31"),
    (TODAY, "dec revenue", "2011-12-01..2011-12-09/2011-12-31"),
    (LEAP, "q1", "2012-01-01..2012-02-29/2012-03-31"),
    (LEAP, "q2", "2011-04-01..2011-06-30"),
    (MID, "Q1 '23", "2023-01-01..2023-03-31"),
    (MID, "3Q23", "2023-07-01..2023-09-30"),
    (TODAY, "the third quarter", "2011-07-01..2011-09-30"),
    (TODAY, "second quarter of this year", "2011-04-01..2011-06-30"),
    (TODAY, "h1", "2011-01-01..2011-06-30"),
    (MID, "H2", "2023-07-01..2023-12-31"),
    (MID, "second half of last year", "2023-07-01..2023-12-31"),
    (TODAY, "the last quarter of 2010", "2010-10-01..2010-12-31"),
    (TODAY, "turnover 2010", "2010-01-01..2010-12-31"),
    (TODAY, "in 1999", "1999-01-01..1999-12-31"),
    (TODAY, "week 47", "2011-11-21..2011-11-27"),
    (TODAY, "week of 16 november", "2011-11-14..2011-11-20"),
    # days
    (TODAY, "14 nov", "2011-11-14..2011-11-14"),
    (TODAY, "Nov 14th", "2011-11-14..2011-11-14"),
    (TODAY, "the 14th of november 2010", "2010-11-14..2010-11-14"),
    (NEW_YEAR, "2 january", "2011-01-02..2011-01-02"),
    (TODAY, "on 29 feb 2012", "2012-02-29..2012-02-29"),
    (TODAY, "14/11/2011", "2011-11-14..2011-11-14"),
    (TODAY, "11/14/2011", "2011-11-14..2011-11-14"),
    (TODAY, "14.11.2011", "2011-11-14..2011-11-14"),
    (TODAY, "on 7/7", "2011-07-07..2011-07-07"),
    (TODAY, "2011-11-14", "2011-11-14..2011-11-14"),
    (TODAY, "on Friday", "2011-12-09..2011-12-09"),
    (TODAY, "last friday", "2011-12-02..2011-12-02"),
    (TODAY, "on Saturday", "2011-12-03..2011-12-03"),
    (TODAY, "black friday", "2011-11-25..2011-11-25"),
    (date(2019, 12, 2), "black friday", "2019-11-29..2019-11-29"),
    (TODAY, "Christmas season", "2011-11-01..2011-12-09/2011-12-24"),
    (TODAY, "last christmas season", "2010-11-01..2010-12-24"),
    (MID, "the xmas season", "2023-11-01..2023-12-24"),
    (MID, "Christmas season 2022", "2022-11-01..2022-12-24"),
    (TODAY, "the first of november", "2011-11-01..2011-11-01"),
    (TODAY, "on the 3rd", "2011-12-03..2011-12-03"),
    (NEW_YEAR, "on the 31st?", "2011-12-31..2011-12-31"),
    (TODAY, "the 5th of last month", "2011-11-05..2011-11-05"),
    (TODAY, "weekend of 12 november", "2011-11-12..2011-11-13"),
    (TODAY, "w/c 28 november", "2011-11-28..2011-12-04"),
    # ranges
    (TODAY, "from 6 to 12 september", "2011-09-06..2011-09-12"),
    (TODAY, "5-11 Sep 2010", "2010-09-05..2010-09-11"),
    (TODAY, "sept 5 through 11", "2011-09-05..2011-09-11"),
    (TODAY, "between 1 Sept and 15 Oct", "2011-09-01..2011-10-15"),
    (TODAY, "between 3 and 9 june", "2011-06-03..2011-06-09"),
    (TODAY, "july to november", "2011-07-01..2011-11-30"),
    (TODAY, "Jan–Mar 2011", "2011-01-01..2011-03-31"),
    (TODAY, "q1 to q3", "2011-01-01..2011-09-30"),
    (NEW_YEAR, "november to january", "2011-11-01..2012-01-01/2012-01-31"),
    (LEAP, "from november until january", "2011-11-01..2012-01-31"),
    (LEAP, "30 december to 2 january", "2011-12-30..2012-01-02"),
    (TODAY, "november 2010 to february", "2010-11-01..2011-02-28"),
    (TODAY, "2011-09-05..2011-09-11", "2011-09-05..2011-09-11"),
    (TODAY, "2011-09-05 to 2011-09-11", "2011-09-05..2011-09-11"),
    (TODAY, "october and november together", "2011-10-01..2011-11-30"),
    (TODAY, "from monday to wednesday", "2011-12-05..2011-12-07"),
    (TODAY, "1/11/2011 to 13/11/2011", "2011-11-01..2011-11-13"),
    (TODAY, "sales from october to november", "2011-10-01..2011-11-30"),
    (TODAY, "2009-2010", "2009-01-01..2010-12-31"),
    # open ends
    (TODAY, "since June", "2011-06-01..2011-12-09"),
    (LEAP, "since monday", "2012-02-27..2012-02-29"),
    (TODAY, "since Tuesday 4 October", "2011-10-04..2011-12-09"),
    (TODAY, "from 1 March on", "2011-03-01..2011-12-09"),
    (TODAY, "from june to now", "2011-06-01..2011-12-09"),
    (TODAY, "since the beginning of the year", "2011-01-01..2011-12-09"),
    (TODAY, "before 1 March", "2010-12-01..2011-02-28"),
    (TODAY, "until the end of june", "2010-12-01..2011-06-30"),
    (TODAY, "after March", "2011-04-01..2011-12-09"),
    (TODAY, "after december", "2011-01-01..2011-12-09"),
    (TODAY, "the week before 5 September", "2011-08-29..2011-09-04"),
    (TODAY, "first ten days of november", "2011-11-01..2011-11-10"),
    (TODAY, "second half of november", "2011-11-16..2011-11-30"),
    # to come
    (TODAY, "tomorrow", "2011-12-10..2011-12-10"),
    (TODAY, "the next 4 weeks", "2011-12-10..2012-01-06"),
    (TODAY, "next month", "2012-01-01..2012-01-31"),
    (TODAY, "next january", "2012-01-01..2012-01-31"),
    (TODAY, "rest of the month", "2011-12-10..2011-12-31"),
]


@pytest.mark.parametrize(("today", "text", "expected"), ONE)
def test_one_period(today: date, text: str, expected: str) -> None:
    assert dates(text, today, FIRST) == [expected]


CHINESE = [
    ("今天的销售额", "2011-12-09..2011-12-09"),
    ("昨天卖了多少", "2011-12-08..2011-12-08"),
    ("前天", "2011-12-07..2011-12-07"),
    ("本周", "2011-12-05..2011-12-09/2011-12-11"),
    ("上周一共几单", "2011-11-28..2011-12-04"),
    ("上周一的订单", "2011-11-28..2011-11-28"),
    ("上周五个最好的产品", "2011-11-28..2011-12-04"),
    ("上周日均营业额", "2011-11-28..2011-12-04"),
    ("上個星期", "2011-11-28..2011-12-04"),
    ("上上周", "2011-11-21..2011-11-27"),
    ("這個月", "2011-12-01..2011-12-09/2011-12-31"),
    ("上月退款", "2011-11-01..2011-11-30"),
    ("今年", "2011-01-01..2011-12-09/2011-12-31"),
    ("去年", "2010-01-01..2010-12-31"),
    ("上季度", "2011-07-01..2011-09-30"),
    ("第三季度", "2011-07-01..2011-09-30"),
    ("去年三季度", "2010-07-01..2010-09-30"),
    ("今年Q3", "2011-07-01..2011-09-30"),
    ("上半年", "2011-01-01..2011-06-30"),
    ("十一月份", "2011-11-01..2011-11-30"),
    ("2010年12月", "2010-12-01..2010-12-31"),
    ("１１月", "2011-11-01..2011-11-30"),
    ("11月14号", "2011-11-14..2011-11-14"),
    ("11月上旬", "2011-11-01..2011-11-10"),
    ("最近30天", "2011-11-10..2011-12-09"),
    ("過去三個月", "2011-09-10..2011-12-09"),
    ("近半年", "2011-06-10..2011-12-09"),
    ("最近三个完整月", "2011-09-01..2011-11-30"),
    ("自六月以来", "2011-06-01..2011-12-09"),
    ("从3月开始", "2011-03-01..2011-12-09"),
    ("从7月到11月", "2011-07-01..2011-11-30"),
    ("六月至八月", "2011-06-01..2011-08-31"),
    ("2010年11月到2011年1月", "2010-11-01..2011-01-31"),
    ("11月之前", "2010-12-01..2011-10-31"),
    ("圣诞季", "2011-11-01..2011-12-09/2011-12-24"),
    ("上周末", "2011-12-03..2011-12-04"),
    ("年初至今", "2011-01-01..2011-12-09/2011-12-31"),
    ("本月至今", "2011-12-01..2011-12-09/2011-12-31"),
    ("10月和11月一共", "2011-10-01..2011-11-30"),
    ("未来四周", "2011-12-10..2012-01-06"),
    ("三天前", "2011-12-06..2011-12-06"),
    ("前三季度", "2011-01-01..2011-09-30"),
]


@pytest.mark.parametrize(("text", "expected"), CHINESE)
def test_chinese(text: str, expected: str) -> None:
    assert dates(text, TODAY, FIRST) == [expected]


SEVERAL = [
    ("turnover october and november", ["2011-10-01..2011-10-31", "2011-11-01..2011-11-30"]),
    ("october and november 2010", ["2010-10-01..2010-10-31", "2010-11-01..2010-11-30"]),
    ("Q1 2010 and Q2", ["2010-01-01..2010-03-31", "2010-04-01..2010-06-30"]),
    ("november against november 2010", ["2011-11-01..2011-11-30", "2010-11-01..2010-11-30"]),
    ("is 2011 better than 2010", ["2011-01-01..2011-12-09/2011-12-31", "2010-01-01..2010-12-31"]),
    ("bought before 1 June and again since June", ["2010-12-01..2011-05-31", "2011-06-01..2011-12-09"]),
    ("forecast next 4 weeks and the last 4 weeks", ["2011-12-10..2012-01-06", "2011-11-12..2011-12-09"]),
    ("growth from october to november", ["2011-10-01..2011-10-31", "2011-11-01..2011-11-30"]),
    ("difference between q1 and q2", ["2011-01-01..2011-03-31", "2011-04-01..2011-06-30"]),
    ("从10月到11月增长了多少", ["2011-10-01..2011-10-31", "2011-11-01..2011-11-30"]),
    ("5/6 and 13/6", ["2011-06-05..2011-06-05", "2011-06-13..2011-06-13"]),
    ("this month vs last", ["2011-12-01..2011-12-09/2011-12-31", "2011-11-01..2011-11-30"]),
]


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_several_periods(text: str, expected: list[str]) -> None:
    assert dates(text, TODAY, FIRST) == expected


NOTHING = [
    "customers who may order again", "may I see the list", "it may be too cheap", "they march to the till",
    "just a second please", "sat down in the sun", "Mark's orders", "the sun hat", "which of the months was strongest",
    "revenue by month", "orders per week", "monthly sales", "every quarter", "year on year growth", "day of the week",
    "customer 12346", "product 85123A", "22423", "order 541431", "order 2011", "product no. 2010", "2011 units",
    "more than 2010 pieces", "£2011", "over 2,011 orders", "thursday sales", "sales on mondays", "on saturdays", "the 2nd best", "weekend shoppers",
    "before 8 in the morning", "from 10 to 12", "open 24/7", "3/4 of the customers", "rated 4/5 stars",
    "the first half of our customers", "bought together", "how many times", "top 10 %", "2nd hand things",
    "the next order", "next best offer", "christmas garland", "summer dress", "spring clips", "what should fall",
    "sunday roast tin", "days between orders", "how many days since", "the last order", "the last 5 orders",
    "decorations", "marsh mallow mugs", "octopus", "a remembered member", "within 30 days", 
    "year after year", "q5", "h3", "dec12a", "the week", "in a month", "Mayor of London", "augusta", "sep arate",
    "下过5次订单的客户", "哪个月最好", "按月", "每周", "一天当中", "12点以后", "周末", "三种产品", "第一次", "排名前10", "一共多少", "共同购买", "月度",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_ordinary_words_are_no_dates(text: str) -> None:
    assert find_periods(text, TODAY, FIRST) == []
