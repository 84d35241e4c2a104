"""Chinese time expressions: one table of patterns over normalised text (simplified), each with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from tools.metrics import period_chinese_days
from tools.metrics.dates import Period, Shift, Unclear, add_units, calendar, make, unit_start
from tools.metrics.period_atoms import (
    FIXED_DAYS,
    SEASONS,
    Context,
    Reading,
    black_friday_at,
    calendar_reading,
    christmas_at,
    coming,
    day_at,
    days_at,
    month_edge,
    months_at,
    no_such_day,
    rolling,
    season,
    single_day,
    whole_units,
    year_or_recurring,
)
from tools.metrics.period_chinese_words import (
    DAY,
    DAY_NAMES,
    DAYNO,
    IN_YEAR,
    MONTH,
    NAMED_YEAR,
    NO_NUM,
    NUM,
    ONE,
    REL,
    TO,
    UNIT,
    WEEK_DAYS,
    WEEKDAY,
    YEAR,
    number,
    step_of,
    unit_of,
    year_of,
)
from tools.metrics.period_patterns import Builder, Match, alternatives
from tools.metrics.period_ranges import is_change
from tools.metrics.period_spoken import day_word, whole_history


def _one_unit(m: Match, ctx: Context) -> Reading | None:
    """上周, 这个月, 上上个星期, 下季度, 上个周末."""
    step, word = step_of(m["rel"]), m["u"]
    if word == "周末":
        saturday = add_units(unit_start(ctx.today, "week"), "week", step) + timedelta(5)
        return Reading(make(saturday, saturday + timedelta(1), ctx.today, relative=True, unit="weekend", count=1))
    if word == "财年":
        year = str(ctx.today.year + step)
        return Reading(Unclear("", (f"{year}年",), "the shop's financial year isn't known; calendar years are"))
    return calendar_reading(ctx, unit_of(word)[0], step)


def _weekday(m: Match, ctx: Context) -> Reading | None:
    monday = add_units(unit_start(ctx.today, "week"), "week", step_of(m["rel"]))
    return single_day(ctx, monday + timedelta(WEEK_DAYS[m["wd"]]), relative=True)


def _whole_year(m: Match, ctx: Context) -> Reading | None:
    year = year_of(m, ctx)
    if year is None or not 1900 < year < 2199:
        return None
    named = m["y"][0] not in "0123456789零〇一二三四五六七八九"
    return Reading(make(date(year, 1, 1), date(year, 12, 31), ctx.today, relative=named, unit="year", count=1))


def _month(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, months_at(ctx, number(m["mon"]), 1), year_of(m, ctx))


def _months(m: Match, ctx: Context) -> Reading | None:
    """7到11月; into the next year where the second month is the earlier one."""
    first, last = number(m["m1"]), number(m["mon"])
    if not 1 <= first <= 12 or (m.group().count("月") > 1 and is_change(m.string, m.start(), m.end())):
        return None  # 10月到11月增长 compares the two
    return year_or_recurring(ctx, months_at(ctx, first, (last - first) % 12 + 1), year_of(m, ctx))


def _part_of_month(m: Match, ctx: Context) -> Reading | None:
    """上旬, 中旬, 下旬 and half months are fixed; 月初 and 月底 are asked back, but edges for 以来 and 之前."""
    month, year, part = number(m["mon"]), year_of(m, ctx), m["part"]
    base = year_or_recurring(ctx, months_at(ctx, month, 1), year)
    if base is None or not isinstance(base.value, Period):
        return None
    if part in "初底末":
        return month_edge(ctx, base, "start" if part == "初" else "end")
    last = base.value.natural_end.day
    days = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, last), "上半月": (1, 15), "下半月": (16, last)}
    return year_or_recurring(ctx, days_at(ctx, month, *days[part]), base.value.start.year)


def _day(m: Match, ctx: Context) -> Reading | None:
    month, day, year = number(m["mon"]), number(m["d"]), year_of(m, ctx)
    return year_or_recurring(ctx, day_at(ctx, month, day), year) or no_such_day(ctx, month, day, year)


def _days(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, days_at(ctx, number(m["mon"]), number(m["d"]), number(m["d2"])), year_of(m, ctx))


def _day_here(m: Match, ctx: Context) -> Reading | None:
    """本月5号, 上个月14日."""
    month = calendar(ctx.today, "month", ctx.today, step_of(m["rel"])).start
    return year_or_recurring(ctx, day_at(ctx, month.month, number(m["d"])), month.year)


def _quarter(m: Match, ctx: Context) -> Reading | None:
    q = number(m["q"])
    return year_or_recurring(ctx, months_at(ctx, 3 * q - 2, 3), year_of(m, ctx)) if 1 <= q <= 4 else None


def _first_quarters(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, months_at(ctx, 1, 3 * number(m["n"])), year_of(m, ctx))


def _half(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, months_at(ctx, 1 if m["h"] in "上1" else 7, 6), year_of(m, ctx))


def _first_units(m: Match, ctx: Context) -> Reading | None:
    """今年前三个月, 11月的前10天, 2011年最后两个月."""
    base = ctx.read(m["inner"])
    if base is None or not isinstance(base.value, Period):
        return None
    p, (unit, count) = base.value, unit_of(m["u"])
    n = number(m["n"]) * count
    if m["side"].startswith("前"):
        return Reading(make(p.start, min(add_units(p.start, unit, n) - timedelta(1), p.natural_end), ctx.today))
    start = add_units(p.natural_end + timedelta(1), unit, -n)
    return Reading(make(max(start, p.start), p.natural_end, ctx.today))


def _last_units(m: Match, ctx: Context) -> Reading | None:
    """最近30天, 过去三个月, 近半年, 最近三个完整月."""
    unit, count = unit_of(m["u"])
    n = (number(m["n"]) if m["n"] else 1) * count
    if not m["n"] and m["u"] not in ("半年", "半个月"):
        return None
    return (whole_units if m["full"] else rolling)(ctx, unit, n)


def _next_units(m: Match, ctx: Context) -> Reading | None:
    unit, count = unit_of(m["u"])
    if not m["n"] and m["u"] not in ("半年", "半个月"):
        return None
    return coming(ctx, unit, (number(m["n"]) if m["n"] else 1) * count)


_SEASON_STEPS = {"这个": "this", "上个": "last", "上一个": "last", "下个": "next"}


def _season_step(m: Match, ctx: Context) -> Reading | None:
    """这个夏天, 上个冬天."""
    return season(ctx, m["season"], None, _SEASON_STEPS[m["rel"]])


def _few(m: Match, ctx: Context) -> Reading | None:
    options = {"day": ("最近3天", "最近7天"), "week": ("最近2周", "最近4周"), "month": ("最近3个月", "最近6个月")}
    unit = unit_of(m["u"])[0]
    return Reading(Unclear("", options.get(unit, ("最近2年", "最近3年")), "it doesn't say how many"))


def _ago(m: Match, ctx: Context) -> Reading | None:
    unit, count = unit_of(m["u"])
    n = number(m["n"]) * count
    if unit == "year" and n == 1:
        return Reading(Shift("year", -1, same=True))
    return calendar_reading(ctx, unit, -n) if unit != "year" or n < 20 else None  # 2011年前 is "before 2011"


def _beside(sign: int, same: bool = False) -> Builder:
    def build(m: Match, ctx: Context) -> Reading | None:
        unit, count = unit_of(m["u"])
        n = number(m["n"]) if m.groupdict().get("n") else 1
        return Reading(Shift(unit, sign * n * count, same=same or unit == "year"))

    return build


def _reading(value: Period | Shift) -> Builder:
    return lambda m, ctx: Reading(value)


def _to_date(m: Match, ctx: Context) -> Reading | None:
    return calendar_reading(ctx, unit_of(m["u"] or "年")[0], 0)


def _occasion(at: Callable[[Context], Callable[[int], Period | None]]) -> Builder:
    return lambda m, ctx: year_or_recurring(
        ctx, at(ctx), year_of(m, ctx), "last" if m.groupdict().get("rel") else "begun"
    )


def _fixed_day(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, day_at(ctx, *FIXED_DAYS[m["name"]]), year_of(m, ctx))


def _part_of_day(m: Match, ctx: Context) -> Reading | None:
    return Reading(Unclear("", ("昨天", "今天"), "periods are made of whole days"))


def _season(m: Match, ctx: Context) -> Reading | None:
    placed = m["y"] or m.string[m.start() - 1 : m.start()] == "在" or m.start() == 0
    if not placed and not re.match(r"的?(?:销|营|收|订|卖|生意|业绩|退)|$", m.string[m.end() : m.end() + 4]):
        return None
    return season(ctx, m["season"], year_of(m, ctx), "begun")


RULES: tuple[tuple[str, Builder], ...] = (
    (r"今[天日]|今儿", day_word(0)),
    (r"昨[天日]|昨儿", day_word(-1)),
    (r"昨[晚夜]|今[早晨]", _part_of_day),
    (r"大前天", day_word(-3)),
    (r"(?<!大)前[天日]", day_word(-2)),
    (r"明[天日]", day_word(1)),
    (r"(?<![以之然])后天", day_word(2)),
    (rf"{REL}{ONE}", _one_unit),
    (rf"{REL}(?:周|星期|礼拜)(?:的(?:周|星期|礼拜))?{WEEKDAY}", _weekday),
    (rf"{NAMED_YEAR}(?:全年|整年)?", _whole_year),
    (rf"{IN_YEAR}{NO_NUM}{MONTH}(?!初|底|末)", _month),
    (rf"(?:[从自由])?{IN_YEAR}{NO_NUM}(?P<m1>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月?份?{TO}{MONTH}", _months),
    (rf"{IN_YEAR}{NO_NUM}{MONTH}的?(?P<part>上旬|中旬|下旬|上半月|下半月|初|底|末)", _part_of_month),
    (rf"{IN_YEAR}{NO_NUM}{MONTH}(?P<d>{DAYNO}){DAY}", _day),
    (rf"(?:[从自由])?{IN_YEAR}{NO_NUM}{MONTH}(?P<d>{DAYNO}){DAY}?{TO}(?P<d2>{DAYNO}){DAY}", _days),
    (rf"{REL}个?月(?:份)?的?(?P<d>{DAYNO}){DAY}", _day_here),
    (rf"{IN_YEAR}第(?P<q>[一二三四1-4])个?季度?", _quarter),
    (rf"{IN_YEAR}{NO_NUM}(?P<q>[一二三四1-4])季度", _quarter),
    (rf"{YEAR}的?q(?P<q>[1-4])", _quarter),
    (rf"{IN_YEAR}前(?P<n>[二两三23])个?季度", _first_quarters),
    (rf"{IN_YEAR}(?P<h>[上下])半年(?:度)?", _half),
    (rf"{YEAR}的?h(?P<h>[12])", _half),
    (
        rf"(?P<inner>{YEAR.replace('?P<y>', '?:')}|(?:本|这个|上个?)月|(?:1?\d|[一二三四五六七八九十]{{1,2}})月份?)"
        r"的?(?P<side>前|最后|最末|后)"
        rf"(?P<n>{NUM})(?P<u>天|日|周|个?星期|个?月)",
        _first_units,
    ),
    (r"(?:再|更)?前一个?(?P<u>天|日|周|星期|礼拜|月|季度|年)", _beside(-1)),
    (r"再(?:上|之前)的?一?个?(?P<u>天|日|周|星期|礼拜|月|季度|年)", _beside(-1)),
    (
        rf"(?:在?(?:最近|近|过去|过往|前|往前|近来)|这)(?:的|这)?(?P<n>{NUM})?(?P<full>个?完整的?|个?整的?|个?自然|个?足)?个?{UNIT}(?:以?内|里|以来|间)?",
        _last_units,
    ),
    (rf"(?:未来|接下来|今后|往后|将来|(?<!一)下)(?:的|这)?(?P<n>{NUM})?{UNIT}(?:以?内|里)?", _next_units),
    (r"(?:最近|近|过去|这)几(?P<u>天|周|个?星期|个?月|年)", _few),
    (rf"(?P<n>{NUM})(?P<u>天|周|个?星期|个?礼拜|个月|个?季度|年)(?:之前|以前|前)", _ago),
    (rf"(?:再?之前|此前|在此之前|再?往前|前面)的?那?(?P<n>{NUM}){UNIT}", _beside(-1)),
    (r"(?:后一个?|次)(?P<u>日|天|周|星期|月|季度|年)", _beside(1)),
    (
        r"(?:去年|上年|上一年|前一年|上年度)的?(?:同期|同时期|同一时期|同一时间|这个?时候|此时|同样的?日期)",
        _reading(Shift("year", -1, same=True)),
    ),
    (r"上个?(?P<u>月|周|星期|季度|季)的?同期", _beside(-1, same=True)),
    (r"上一期|前一期|上期|上一个周期|前一个周期|上一个时期", _reading(Shift("period", -1))),
    (r"(?:今年)?(?P<u>年)初(?:至今|以来|到现在|到今天|到目前)|(?:从|自)?今年初(?:至今|以来|到现在|起|开始)", _to_date),
    (r"(?P<u>月|周|季)初(?:至今|以来|到现在|到今天|到目前)", _to_date),
    (
        r"有史以来|历史上|全部历史|整个历史|所有历史|历史总|历来|一直以来|所有时间|全部时间|所有时段|自?(?:从)?(?:开店|开业|成立|创立|开张|营业|上线|建店)(?:到现在|至今|以来|起)",
        whole_history(False),
    ),
    (r"迄今为止|迄今|截至目前|到目前为止|到现在为止|至今为止|至今", whole_history(True)),
    (rf"{IN_YEAR}圣诞(?:节)?(?:季节?|旺季|销售季|购物季)", _occasion(christmas_at)),
    (r"(?P<rel>上个|上一个|上)圣诞(?:节)?(?:季节?|旺季|销售季|购物季)", _occasion(christmas_at)),
    (rf"{IN_YEAR}(?:黑色星期五|黑五)", _occasion(black_friday_at)),
    (rf"{IN_YEAR}网络星期一", _occasion(lambda ctx: black_friday_at(ctx, 3))),
    (rf"{IN_YEAR}(?P<name>{DAY_NAMES})(?!老|树|袜|装|卡|礼|饰|主题|产品|商品)", _fixed_day),
    (
        rf"(?P<rel>{alternatives(_SEASON_STEPS)})"
        rf"(?P<season>{alternatives(k for k in SEASONS if not k.isascii())})[天季]",
        _season_step,
    ),
    (rf"{IN_YEAR}(?P<season>{alternatives(k for k in SEASONS if not k.isascii())})[天季]", _season),
)  # fmt: skip


@lru_cache(maxsize=1)
def rules() -> tuple[tuple[re.Pattern[str], Builder], ...]:
    """The tables compiled, once, when first asked for."""
    return tuple((re.compile(pattern), build) for pattern, build in (*RULES, *period_chinese_days.RULES))
