"""Pieces of which the Chinese patterns are built, and what their groups mean."""

from __future__ import annotations

from tools.metrics.period_atoms import FIXED_DAYS, Context
from tools.metrics.period_patterns import Match, alternatives

NUM = r"(?:\d{1,4}|[一二两三四五六七八九十]{1,3}|百)"
NO_NUM = r"(?<![\d一二两三四五六七八九十第.])"
_NAMES = "[零〇一二三四五六七八九]{4}年|今年|本年度?|去年|上年|前年|大前年|明年|后年"
YEAR = rf"(?P<y>(?:19|20)\d\d年?|{_NAMES})"
NAMED_YEAR = rf"(?P<y>(?<!\d)(?:19|20)\d\d年|{_NAMES})"
IN_YEAR = rf"(?:{YEAR}的?)?"
MONTH = r"(?P<mon>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|元)月(?:份)?"
DAYNO = r"[12]\d|3[01]|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
DAY_NAMES = alternatives(k for k in FIXED_DAYS if not k.isascii())
REL = (
    r"(?P<rel>大上个?|上上一?个?|上一个|上[个各]|上一|上|本|这一?个?|这各|这一|今个|当"
    r"|下一个|(?<!一)下下个?|下个|下一|下)"
)
DAY = r"(?:日(?![均销])|号)"
UNIT = r"(?P<u>天|日|周|个?星期|个?礼拜|个?月|个?季度|年|年度|半年|个半年|半个月)"
ONE = r"(?P<u>周末|周|星期|礼拜|月份?|季度|季(?!节|末|初)|年度|财年|年(?!龄|货|轻|终|底|初|末|代))"
TO = r"(?:到|至|-)"
# After 上周 the 一 may belong to the next word (上周 + 一共), a number to a count (上周 + 五个).
WEEKDAY = (
    r"(?P<wd>一(?![共起直些下样次定般律旦切])|日(?![均销])|天(?![猫天气数])|[二三四五六](?!星))"
    r"(?![个种款件大名位单折倍成分百千万十])"
)
WEEK_DAYS = {**{c: i for i, c in enumerate("一二三四五六")}, "日": 6, "天": 6}
UNITS = {
    "天": ("day", 1), "日": ("day", 1), "周": ("week", 1), "星期": ("week", 1), "礼拜": ("week", 1), "月": ("month", 1),
    "月份": ("month", 1), "季度": ("quarter", 1), "季": ("quarter", 1), "年": ("year", 1), "年度": ("year", 1),
    "财年": ("year", 1), "半年": ("month", 6), "半个月": ("day", 15),
}  # fmt: skip
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "元": 1}
_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "大前年": -3, "前年": -2, "明年": 1, "后年": 2}


def number(words: str) -> int:
    """ "30", "三十", "十二", "两": up to 999."""
    if words.isascii() and words.isdigit():
        return int(words)
    if words == "百":
        return 100
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS.get(c, 0)) for c in words))
    return (number(tens) if tens else 1) * 10 + (number(ones) if ones else 0)


def year_of(m: Match, ctx: Context) -> int | None:
    words = m.groupdict().get("y")
    if not words:
        return None
    for name, step in _YEARS.items():
        if words.startswith(name):
            return ctx.today.year + step
    return number(words.rstrip("年"))


def unit_of(word: str) -> tuple[str, int]:
    return UNITS[word.removeprefix("个")]


_SIDES = {"大上": -2, "上上": -2, "上": -1, "前": -1, "本": 0, "这": 0, "当": 0, "此": 0, "下": 1, "下下": 2}


def step_of(words: str) -> int:
    side = words.rstrip("一个各的")
    return _SIDES.get(side, 0)
