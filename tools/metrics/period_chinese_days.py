"""Chinese weeks by number, days and parts of a month, and days that come every year, each with what it means."""

from __future__ import annotations

import re
from datetime import timedelta

from tools.metrics.dates import Period, Unclear, add_units, calendar, make, unit_start, year_moved
from tools.metrics.period_atoms import (
    Context,
    Reading,
    day_at,
    days_at,
    iso_week_at,
    month_edge,
    months_at,
    period_of,
    single_day,
    unclear,
    year_or_recurring,
)
from tools.metrics.period_chinese_words import (
    DAY,
    DAYNO,
    IN_YEAR,
    MONTH,
    NO_NUM,
    NUM,
    REL,
    TO,
    UNIT,
    WEEK_DAYS,
    YEAR,
    number,
    step_of,
    unit_of,
    year_of,
)
from tools.metrics.period_feasts import CHINESE, feast
from tools.metrics.period_patterns import Builder, Match, alternatives, words_before
from tools.metrics.period_weeks import seven_or_calendar, weeks_at

WEEKNO = r"[1-5]?\d|[一二三四五]?十[一二三四五六七八九]?|[一二三四五六七八九]"
WEEK = r"(?:个?(?:周|星期)(?![一二三四五六日天末年岁边转]))"
NO_GOODS = (
    r"(?!彩|蛋|兔|老|树|袜|装|卡|礼|饰|主题|产品|商品|月饼|粽|汤圆|款|套|限定|限量|系列|盒|糖|花|灯|香|玩|专"
    r"|前后|期间|假|长假|小长假|黄金周|大促|活动|促销|广场|路|店|[零〇一二三四五六七八九十百千万\d])"
)
ONE = timedelta(1)


def week(m: Match, ctx: Context) -> Reading | None:
    """第33周; a low number without a year may count the weeks of the month."""
    n, year = number(m["w"]), year_of(m, ctx)
    got = year_or_recurring(ctx, iso_week_at(ctx, n), year)
    if year or n > 5 or got is None or not isinstance(got.value, Period):
        return got
    if not re.search(r"(?:^|[\s,，。、在看比和与跟])$", words_before(m, 2)):
        return None
    start = calendar(ctx.today, "month", ctx.today).start + timedelta(7 * (n - 1))
    return unclear("it could be a week of the year or of the month", got.value, make(start, start + 6 * ONE, ctx.today))


def weeks(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, weeks_at(ctx, number(m["w"]), number(m["w2"])), year_of(m, ctx))


def week_of_month(m: Match, ctx: Context) -> Reading | None:
    """5月第二周: seven days or the calendar week."""
    base = year_or_recurring(ctx, months_at(ctx, number(m["mon"]), 1), year_of(m, ctx))
    p = period_of(base) if base else None
    return _nth_week(p, number(m["nth"]), ctx) if p else None


def week_of_this_month(m: Match, ctx: Context) -> Reading | None:
    return _nth_week(calendar(ctx.today, "month", ctx.today, step_of(m["rel"])), number(m["nth"]), ctx)


def _nth_week(month: Period, n: int, ctx: Context) -> Reading | None:
    start = month.start + timedelta(7 * (n - 1))
    if start > month.natural_end:
        return None
    seven = make(start, min(start + 6 * ONE, month.natural_end), ctx.today)
    return seven_or_calendar(seven, calendar(month.start, "week", ctx.today, n - 1))


def length_to(m: Match, ctx: Context) -> Reading | None:
    """截止6月30日的半年."""
    inner, (unit, count) = ctx.read(m["inner"]), unit_of(m["u"])
    if not inner or not isinstance(inner.value, Period) or not (m["n"] or count > 1):
        return None
    after, n = inner.value.natural_end + ONE, (number(m["n"]) if m["n"] else 1) * count
    return Reading(make(add_units(after, unit, -n), after - ONE, ctx.today, unit=unit, count=n))


def part_of_month(m: Match, ctx: Context) -> Reading | None:
    """本月上旬, 上月底."""
    month, part = calendar(ctx.today, "month", ctx.today, step_of(m["rel"])), m["part"]
    if part in "初底末":
        return month_edge(ctx, Reading(month), "start" if part == "初" else "end")
    last = month.natural_end.day
    days = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, last), "上半月": (1, 15), "下半月": (16, last)}[part]
    return year_or_recurring(ctx, days_at(ctx, month.start.month, *days), month.start.year)


def part_of_year(m: Match, ctx: Context) -> Reading | None:
    """去年年底, 今年初: asked back, but edges for 以来 and 之前."""
    year = year_of(m, ctx)
    if year is None or not 1901 < year < 2199:
        return None
    base = months_at(ctx, 1, 12)(year)
    months = ((1, 1), (1, 3)) if m["part"] == "初" else ((12, 1), (11, 2))
    options = [p for first, count in months if (p := months_at(ctx, first, count)(year))]
    got = unclear("it could mean several stretches of days", *options)
    if got is None or base is None:
        return None
    return Reading(got.value, base=base, edge="start" if m["part"] == "初" else "end")


def days_of_month(m: Match, ctx: Context) -> Reading | None:
    """本月10号到20号."""
    month = calendar(ctx.today, "month", ctx.today, step_of(m["rel"])).start
    return year_or_recurring(ctx, days_at(ctx, month.month, number(m["d"]), number(m["d2"])), month.year)


_NUMBERED = re.compile(r"(?:客户|顾客|会员|用户|订单|单|产品|商品|货|款|编|型|第|店|仓|柜|员工|[a-z#-])\s?$")


def days_alone(m: Match, ctx: Context) -> Reading | None:
    """15号, 15号到20号: of the latest month in which they have begun."""
    first, last = number(m["d"]), number(m.groupdict().get("d2") or m["d"])
    if _NUMBERED.search(words_before(m)):
        return None
    for n in (0, -1, -2):
        month = add_units(unit_start(ctx.today, "month"), "month", n)
        p = days_at(ctx, month.month, first, last)(month.year)
        if p and p.start <= ctx.today:
            return single_day(ctx, p.start, relative=True) if first == last else Reading(p)
    return None


def weekdays(m: Match, ctx: Context) -> Reading | None:
    """上周六到周日, 上周六和周日."""
    monday = add_units(unit_start(ctx.today, "week"), "week", step_of(m["rel"]))
    first, last = WEEK_DAYS[m["wd"]], WEEK_DAYS[m["wd2"]]
    if last <= first or (m["link"] in "和与跟" and last != first + 1):
        return None
    return Reading(make(monday + first * ONE, monday + last * ONE, ctx.today, relative=True))


def day_a_year_ago(m: Match, ctx: Context) -> Reading | None:
    return single_day(ctx, year_moved(ctx.today, -1), relative=True)


def fiscal_year(m: Match, ctx: Context) -> Reading | None:
    year = int(m["fy"]) + (2000 if len(m["fy"]) == 2 else 0)
    return Reading(
        Unclear("", (f"{year}年", f"{year - 1}年"), "the shop's financial year isn't known; calendar years are")
    )


def table_day(m: Match, ctx: Context) -> Reading | None:
    named = CHINESE[m["name"]]
    only = named.stretches[:1] if m["suffix"] in ("当天", "那天", "当日") else named.stretches
    if m["suffix"] and only == named.stretches and len(only) == 1:
        return None  # 端午假期: its days aren't known
    how = "last" if m["rel"] else "begun"
    return feast(ctx, type(named)(only, named.why), year_of(m, ctx), how)


_MIDYEAR_BEFORE = re.compile(r"(?:^|[在比和与跟，,、。\s])$")
_MIDYEAR_AFTER = re.compile(r"的?(?:销|营|业绩|成交|订单|卖|表现|生意|gmv|单量)|当天|比|和|呢|[，。？?！!、, ]|$")


def midyear(m: Match, ctx: Context) -> Reading | None:
    """618, the shopping day, where the digits can be nothing else."""
    year = year_of(m, ctx)
    if not year and not (_MIDYEAR_BEFORE.search(words_before(m, 2)) and re.search("[\u3400-\u9fff]", m.string)):
        return None
    return year_or_recurring(ctx, day_at(ctx, 6, 18), year) if _MIDYEAR_AFTER.match(m.string, m.end()) else None


def plain_day(m: Match, ctx: Context) -> Reading | None:
    """5月21, without 号."""
    return year_or_recurring(ctx, day_at(ctx, number(m["mon"]), int(m["d"])), year_of(m, ctx))


_NAMES = alternatives(CHINESE)
_SUFFIX = r"(?P<suffix>当天|那天|当日|期间|假期|长假|小长假|放假)?"

RULES: tuple[tuple[str, Builder], ...] = (
    (rf"{IN_YEAR}第(?P<w>{WEEKNO}){WEEK}", week),
    (rf"{IN_YEAR}第(?P<w>{WEEKNO})(?:周|星期)?{TO}第?(?P<w2>{WEEKNO}){WEEK}", weeks),
    (rf"{IN_YEAR}{NO_NUM}{MONTH}的?第(?P<nth>[一二三四五1-5]){WEEK}", week_of_month),
    (rf"截[止至]到?(?P<inner>[^，。,的]{{2,12}})的(?P<n>{NUM})?{UNIT}", length_to),
    (rf"{REL}个?月的?第(?P<nth>[一二三四五1-5]){WEEK}", week_of_this_month),
    (rf"{REL}个?月(?:份)?的?(?P<part>上旬|中旬|下旬|上半月|下半月|初|底|末)", part_of_month),
    (rf"{YEAR}的?年?(?P<part>初|底|末)", part_of_year),
    (rf"{REL}个?月(?:份)?的?(?P<d>{DAYNO}){DAY}?{TO}(?P<d2>{DAYNO}){DAY}", days_of_month),
    (rf"{NO_NUM}(?<!月)(?P<d>{DAYNO})号(?=的|那天|当天|卖|销|营|有|一共|$|[，。？?!！、, ])", days_alone),
    (rf"(?:从)?{NO_NUM}(?<!月)(?P<d>{DAYNO})号?{TO}(?P<d2>{DAYNO})号(?!店|楼|线|仓)", days_alone),
    (
        rf"{REL}(?:周|星期|礼拜)(?P<wd>[一二三四五六])(?P<link>{TO}|[和与跟])(?:周|星期|礼拜)(?P<wd2>[二三四五六日天])",
        weekdays,
    ),
    (r"去年的?(?:今天|今日|这一天|这天)", day_a_year_ago),
    (rf"{IN_YEAR}{NO_NUM}{MONTH}(?P<d>[12]\d|3[01]|0?[1-9])(?=$|[，。？?！!、, ]|的|那天|呢|卖|销)", plain_day),
    (rf"{IN_YEAR}(?<!\d)618(?:当天)?(?![\d.,])", midyear),
    (r"(?<!\d)(?P<fy>(?:20)?\d\d)财年", fiscal_year),
    (
        rf"(?:(?P<rel>上个|上一个)|{IN_YEAR})(?<![\d零〇一二三四五六七八九十])(?P<name>{_NAMES}){_SUFFIX}{NO_GOODS}",
        table_day,
    ),
)
