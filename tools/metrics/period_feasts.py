"""Days that come every year: on a date, on the n-th weekday of a month, around Easter, or by the Chinese moon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tools.metrics.dates import Period, days_in_month, make, unit_start
from tools.metrics.period_atoms import At, Context, Reading, either, year_or_recurring

DayOf = Callable[[int], "date | None"]  # a year → the day
Stretch = tuple[DayOf, int]  # first day and number of days
MON, THU, SAT, SUN = 0, 3, 5, 6


@dataclass(frozen=True)
class Feast:
    """What a name stands for: one stretch of days, or several of which any could be meant.

    A `loose` name needs words around it that speak of time.
    """

    stretches: tuple[Stretch, ...]
    why: str = ""
    loose: bool = False


def easter(year: int) -> date:
    """Easter Sunday, Gregorian: the Sunday after the full moon on or after 21 March (Butcher's rule of 1876)."""
    century, golden = year // 100, year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - moon - year % 4) % 7
    back = 7 * ((golden + 11 * moon + 22 * sunday) // 451)
    return date(year, 3, 22) + timedelta(moon + sunday - back)


def from_easter(days: int) -> DayOf:
    return lambda year: easter(year) + timedelta(days)


def fixed(month: int, day: int) -> DayOf:
    return lambda year: date(year, month, day)


def nth(month: int, weekday: int, n: int, then: int = 0) -> DayOf:
    """The n-th such weekday of a month, the last for n = -1, and `then` days more."""

    def day(year: int) -> date:
        if n < 0:
            last = date(year, month, days_in_month(year, month))
            return last - timedelta((last.weekday() - weekday) % 7 - then)
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1) + then)

    return day


def moved(day: DayOf, days: int) -> DayOf:
    def later(year: int) -> date | None:
        d = day(year)
        return d + timedelta(days) if d else None

    return later


def monday_of(day: DayOf) -> DayOf:
    """The first day of the calendar week that holds a day."""

    def monday(year: int) -> date | None:
        d = day(year)
        return unit_start(d, "week") if d else None

    return monday


def listed(days: str) -> DayOf:
    """From a table of months and days, one a year from 2009 on."""
    table = {2009 + i: (int(d[:2]), int(d[2:])) for i, d in enumerate(days.split())}
    return lambda year: date(year, *table[year]) if year in table else None


def feast_at(ctx: Context, day: DayOf, length: int) -> At:
    def at(year: int) -> Period | None:
        start = day(year) if 1900 < year < 2199 else None
        if start is None:
            return None
        words = {"unit": "day", "count": 1} if length == 1 else {}
        return make(start, start + timedelta(length - 1), ctx.today, **words)

    return at


def feast(ctx: Context, named: Feast, year: int | None, how: str) -> Reading | None:
    ats = [feast_at(ctx, day, length) for day, length in named.stretches]
    if len(ats) == 1:
        return year_or_recurring(ctx, ats[0], year, how)
    return either(ctx, ats, year, how, named.why)


def one(day: DayOf, length: int = 1, *, loose: bool = False) -> Feast:
    return Feast(((day, length),), loose=loose)


NEW_YEAR = listed(
    "0126 0214 0203 0123 0210 0131 0219 0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206"
)  # 2009–2027
LANTERNS = listed("0209 0228 0217 0206 0224 0214 0305 0222 0211 0302 0219 0208 0226 0215 0205 0224 0212 0303 0220")
CLEAR = listed("0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405")
DRAGONS = listed("0528 0616 0606 0623 0612 0602 0620 0609 0530 0618 0607 0625 0614 0603 0622 0610 0531 0619 0609")
SEVENS = listed("0826 0816 0806 0823 0813 0802 0820 0809 0828 0817 0807 0825 0814 0804 0822 0810 0829 0819 0808")
MOON = listed("1003 0922 0912 0930 0919 0908 0927 0915 1004 0924 0913 1001 0921 0910 0929 0917 1006 0925 0915")
NINES = listed("1026 1016 1005 1023 1013 1002 1021 1009 1028 1017 1007 1025 1014 1004 1023 1011 1029 1018 1008")
LIGHTS = listed("1017 1105 1026 1113 1103 1023 1111 1030 1019 1107 1027 1114 1104 1024 1112 1031 1020 1108 1029")

THANKS = nth(11, THU, 4)
EASTER_WEEK = ((from_easter(-6), 7), (from_easter(1), 7))
WHIT_WEEK = ((from_easter(43), 7), (from_easter(50), 7))
DAY_OR_HOLIDAY = "it could be the day or the holiday"
COUNTRIES = "countries keep it on different days"
WEEKS = "it could be the week that ends with the day or the one after it"
SPRING = Feast(((NEW_YEAR, 1), (NEW_YEAR, 7)), DAY_OR_HOLIDAY)
GOLDEN = Feast(((fixed(10, 1), 7), (fixed(4, 29), 7)), "it is one week in China and another in Japan")
FESTIVE = Feast(((fixed(11, 1), 54), (fixed(11, 1), 61), (fixed(10, 1), 61)), "it has no fixed dates")
MIDYEAR = Feast(((fixed(6, 18), 1), (fixed(6, 1), 18)), "it could be the day or the weeks up to it")

# Names without apostrophes and full stops; "saint" is "st".
ENGLISH: dict[str, Feast] = {
    "good friday": one(from_easter(-2)),
    "easter saturday": one(from_easter(-1)),
    "easter sunday": one(from_easter(0)),
    "easter monday": one(from_easter(1)),
    "maundy thursday": one(from_easter(-3)),
    "palm sunday": one(from_easter(-7)),
    "ash wednesday": one(from_easter(-46)),
    "shrove tuesday": one(from_easter(-47)),
    "pancake day": one(from_easter(-47)),
    "mardi gras": one(from_easter(-47), loose=True),
    "ascension day": one(from_easter(39)),
    "whit sunday": one(from_easter(49)),
    "whitsunday": one(from_easter(49)),
    "pentecost": one(from_easter(49), loose=True),
    "pentecost sunday": one(from_easter(49)),
    "whit monday": one(from_easter(50)),
    "pentecost monday": one(from_easter(50)),
    "whitsun": Feast(((from_easter(49), 1), (from_easter(48), 3)), DAY_OR_HOLIDAY, loose=True),
    "whitsun weekend": one(from_easter(48), 3),
    "pentecost weekend": one(from_easter(48), 3),
    "whit week": Feast(WHIT_WEEK, WEEKS),
    "whitsun week": Feast(WHIT_WEEK, WEEKS),
    "easter": Feast(((from_easter(0), 1), (from_easter(-2), 4)), DAY_OR_HOLIDAY, loose=True),
    "easter time": Feast(((from_easter(0), 1), (from_easter(-2), 4)), DAY_OR_HOLIDAY),
    "easter period": Feast(((from_easter(0), 1), (from_easter(-2), 4)), DAY_OR_HOLIDAY),
    "easter weekend": Feast(((from_easter(-2), 4), (from_easter(-1), 2)), "it could begin on Good Friday or Saturday"),
    "easter long weekend": one(from_easter(-2), 4),
    "easter bank holiday weekend": one(from_easter(-2), 4),
    "easter week": Feast(EASTER_WEEK, WEEKS),
    "thanksgiving": one(THANKS, loose=True),
    "thanksgiving day": one(THANKS),
    "us thanksgiving": one(THANKS),
    "american thanksgiving": one(THANKS),
    "canadian thanksgiving": one(nth(10, MON, 2)),
    "thanksgiving weekend": one(THANKS, 4),
    "thanksgiving week": one(moved(THANKS, -3), 7),
    "bfcm": one(moved(THANKS, 1), 4),
    "cyber week": Feast(((moved(THANKS, 4), 7), (moved(THANKS, -3), 7)), "shops begin it on different days"),
    "small business saturday": Feast(((moved(THANKS, 2), 1), (nth(12, SAT, 1), 1)), COUNTRIES),
    "memorial day": one(nth(5, MON, -1)),
    "labor day": Feast(((nth(9, MON, 1), 1), (fixed(5, 1), 1)), COUNTRIES),
    "labour day": Feast(((nth(9, MON, 1), 1), (fixed(5, 1), 1)), COUNTRIES),
    "presidents day": one(nth(2, MON, 3)),
    "columbus day": one(nth(10, MON, 2)),
    "veterans day": one(fixed(11, 11)),
    "remembrance day": one(fixed(11, 11)),
    "armistice day": one(fixed(11, 11)),
    "mothers day": Feast(((from_easter(-21), 1), (nth(5, SUN, 2), 1)), COUNTRIES),
    "uk mothers day": one(from_easter(-21)),
    "mothering sunday": one(from_easter(-21)),
    "us mothers day": one(nth(5, SUN, 2)),
    "american mothers day": one(nth(5, SUN, 2)),
    "fathers day": Feast(((nth(6, SUN, 3), 1), (fixed(3, 19), 1), (nth(9, SUN, 1), 1)), COUNTRIES),
    "uk fathers day": one(nth(6, SUN, 3)),
    "us fathers day": one(nth(6, SUN, 3)),
    "valentines": one(fixed(2, 14), loose=True),
    "st valentines": one(fixed(2, 14), loose=True),
    "st valentines day": one(fixed(2, 14)),
    "st davids day": one(fixed(3, 1)),
    "international womens day": one(fixed(3, 8)),
    "st patricks": one(fixed(3, 17), loose=True),
    "st patricks day": one(fixed(3, 17)),
    "st paddys": one(fixed(3, 17), loose=True),
    "st paddys day": one(fixed(3, 17)),
    "paddys day": one(fixed(3, 17)),
    "april fools day": one(fixed(4, 1)),
    "st georges day": one(fixed(4, 23)),
    "anzac day": one(fixed(4, 25)),
    "canada day": one(fixed(7, 1)),
    "bastille day": one(fixed(7, 14)),
    "australia day": one(fixed(1, 26)),
    "burns night": one(fixed(1, 25)),
    "three kings day": one(fixed(1, 6)),
    "bonfire night": one(fixed(11, 5)),
    "guy fawkes night": one(fixed(11, 5)),
    "all saints day": one(fixed(11, 1)),
    "st andrews day": one(fixed(11, 30)),
    "st nicholas day": one(fixed(12, 6)),
    "double eleven": one(fixed(11, 11)),
    "double 11": one(fixed(11, 11)),
    "double twelve": one(fixed(12, 12)),
    "double 12": one(fixed(12, 12)),
    "618 sale": MIDYEAR,
    "618 festival": MIDYEAR,
    "618 shopping festival": MIDYEAR,
    "christmas week": Feast(
        ((monday_of(fixed(12, 25)), 7), (fixed(12, 18), 7)), "it could be the week with the day or the one before it"
    ),
    "festive season": FESTIVE,
    "festive period": FESTIVE,
    "holiday season": FESTIVE,
    "holiday shopping season": FESTIVE,
    "chinese new year": SPRING,
    "lunar new year": SPRING,
    "spring festival": SPRING,
    "lantern festival": one(LANTERNS),
    "dragon boat festival": one(DRAGONS),
    "mid-autumn festival": one(MOON),
    "golden week": GOLDEN,
    "diwali": Feast(((LIGHTS, 1), (moved(LIGHTS, -2), 5)), DAY_OR_HOLIDAY, loose=True),
    "deepavali": Feast(((LIGHTS, 1), (moved(LIGHTS, -2), 5)), DAY_OR_HOLIDAY, loose=True),
    "diwali week": Feast(((monday_of(LIGHTS), 7), (moved(LIGHTS, -2), 5)), "it could be the five days or the week"),
}

NATIONAL = Feast(((fixed(10, 1), 1), (fixed(10, 1), 7)), DAY_OR_HOLIDAY)
LABOUR = Feast(((fixed(5, 1), 1), (fixed(5, 1), 5)), DAY_OR_HOLIDAY)
NATIONAL_WEEK = one(fixed(10, 1), 7)
WOMEN, CHILDREN = one(fixed(3, 8)), one(fixed(6, 1))
CHINESE: dict[str, Feast] = {
    "春节": SPRING,
    "农历新年": SPRING,
    "除夕": one(moved(NEW_YEAR, -1)),
    "元宵节": one(LANTERNS),
    "清明": one(CLEAR),
    "清明节": one(CLEAR),
    "端午": one(DRAGONS),
    "端午节": one(DRAGONS),
    "七夕": one(SEVENS),
    "七夕节": one(SEVENS),
    "中秋": one(MOON),
    "中秋节": one(MOON),
    "重阳节": one(NINES),
    "妇女节": WOMEN,
    "三八节": WOMEN,
    "女神节": WOMEN,
    "愚人节": one(fixed(4, 1)),
    "五一": LABOUR,
    "五一节": LABOUR,
    "劳动节": LABOUR,
    "母亲节": one(nth(5, SUN, 2)),
    "六一": CHILDREN,
    "儿童节": CHILDREN,
    "父亲节": one(nth(6, SUN, 3)),
    "教师节": one(fixed(9, 10)),
    "国庆": NATIONAL,
    "国庆节": NATIONAL,
    "光棍节": one(fixed(11, 11)),
    "感恩节": one(THANKS),
    "暑假": Feast(((fixed(7, 1), 62), (fixed(6, 1), 92)), "schools begin it on different days"),
    "复活节": one(from_easter(0)),
    "复活节假期": Feast(((from_easter(-2), 4), (from_easter(-1), 2)), "it could begin on Good Friday or Saturday"),
    "复活节长假": one(from_easter(-2), 4),
    "黄金周": GOLDEN,
    "国庆黄金周": NATIONAL_WEEK,
    "国庆长假": NATIONAL_WEEK,
    "十一黄金周": NATIONAL_WEEK,
    "十一长假": NATIONAL_WEEK,
    "618大促": MIDYEAR,
    "618活动": MIDYEAR,
    "618期间": MIDYEAR,
    "618那阵": MIDYEAR,
    "618那阵子": MIDYEAR,
    "618购物节": MIDYEAR,
}
