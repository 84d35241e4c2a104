"""What stands in for names, periods and numbers when a message is varied: surfaces of each kind, in both languages."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.planner.corpus import Conversation
from agent.planner.lexer import CJK

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNITS = ("day", "week", "month", "quarter", "year")
UNITS_ZH = {"day": "天", "week": "周", "month": "个月", "quarter": "个季度", "year": "年"}
FIXED = (
    """
    today|yesterday|the day before yesterday|this week|last week|this month|last month|this quarter|last quarter|this year
    last year|year to date|ytd|month to date|mtd|the weekend|last weekend|christmas season|the first half of the year|h1|h2
    q1|q2|q3|q4|the week before last|the month before last|all time
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)
FIXED_ZH = """
    今天 昨天 前天 本周 这周 上周 本月 这个月 上个月 上月 本季度 上季度 今年 去年 前年 年初至今 今年以来 上半年 下半年
    一季度 第二季度 三季度 第四季度 圣诞季 上周末
    """.split()


INVENTED = frozenset({"product", "category", "brand", "city", "region", "channel", "segment", "customer"})
BLENDED = 0.25  # of the names of these kinds


@dataclass
class Pools:
    """kind → surfaces, for messages in English and in Chinese."""

    english: dict[str, list[str]] = field(default_factory=dict)
    chinese: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, conversations: Iterable[Conversation]) -> Pools:
        """Every surface that messages name something by."""
        pools = cls()
        for said in (m for c in conversations for m in c.messages):
            for span in said.spans:
                surface = said.text[span.start : span.end]
                kinds = pools.chinese if CJK.search(said.text) else pools.english
                kinds.setdefault(span.kind, []).append(surface)
        return pools

    def draw(self, kind: str, chinese: bool, rng: random.Random) -> str | None:
        """A surface of the kind, half of the time one made up where it is a time or a number; None if there is none."""
        made = MADE.get(kind)
        if made and rng.random() < 0.5:
            return made(rng, chinese)
        known: Mapping[str, list[str]] = self.chinese if chinese else self.english
        if kind not in known:
            return made(rng, chinese) if made else None
        if kind in INVENTED and rng.random() < BLENDED:
            return _blend(rng.choice(known[kind]), rng.choice(known[kind]), chinese)
        return rng.choice(known[kind])


def _blend(first: str, second: str, chinese: bool) -> str:
    """The beginning of one name and the end of another: a name that nobody has heard, as other shops' are."""
    if chinese:
        return first[: (len(first) + 1) // 2] + second[len(second) // 2 :]
    begin, end = first.split(), second.split()
    return " ".join([*begin[: (len(begin) + 1) // 2], *end[len(end) // 2 :]])


def _period(rng: random.Random, chinese: bool) -> str:
    year, month, n = rng.randint(2009, 2026), rng.randrange(12), rng.randint(2, 90)
    unit = rng.choice(UNITS)
    if chinese:
        forms = (
            rng.choice(FIXED_ZH), f"{year}年", f"{year}年{month + 1}月", f"{month + 1}月", f"{month + 1}月份",
            f"最近{n}{UNITS_ZH[unit]}", f"过去{n}{UNITS_ZH[unit]}", f"近{n}天", f"{month + 1}月{rng.randint(1, 28)}日",
            f"{year}年{month + 1}月{rng.randint(1, 14)}日到{rng.randint(15, 28)}日", f"{month + 1}月上旬",
            f"{year}年第{rng.choice('一二三四')}季度", f"{month + 1}月以来", f"{1 + month // 2}月到{6 + month // 2}月",
        )  # fmt: skip
        return rng.choice(forms)
    return rng.choice(_english_periods(rng, year, month, n, unit))


def _english_periods(rng: random.Random, year: int, month: int, n: int, unit: str) -> tuple[str, ...]:
    name = MONTHS[month] if rng.random() < 0.6 else MONTHS[month][:3]
    day = rng.randint(1, 28)
    return (
        rng.choice(FIXED).strip(), str(year), f"{name} {year}", name, f"{year}-{month + 1:02d}",
        f"Q{rng.randint(1, 4)} {year}",
        f"the last {n} {unit}s", f"the past {n} {unit}s", f"last {n} {unit}s", f"the previous {n} {unit}s",
        f"{name} {day}", f"{day} {name} {year}", f"the {day}th of {name}", f"{day}/{month + 1}/{year}",
        f"between {name} {min(day, 14)} and {name} {max(day, 15)}", f"from {name} to {MONTHS[(month + 2) % 12]}",
        f"since {name}", f"since {name} {year}", f"before {name}", f"until {day} {name}", f"the week of {day} {name}",
        f"the first week of {name}", f"{year}-{month + 1:02d}-{day:02d}", f"the first {n} days of {name}",
    )  # fmt: skip


def _shift(rng: random.Random, chinese: bool) -> str:
    english = "the month before|the week before|the year before|a year earlier|the same month last year|the day after"
    return rng.choice(
        "前一个月 上一周 前一年 一年前 去年同期 后一天 上一期 前一周".split() if chinese else english.split("|")
    )


def _limit(rng: random.Random, chinese: bool) -> str:
    words = "三 五 十 两 八 二十" if chinese else "three five ten two eight twenty four six a-dozen"
    return rng.choice([*(str(n) for n in (3, 5, 7, 10, 12, 15, 20, 25, 50, 100)), *words.replace("-", " ").split(" ")])


def _number(rng: random.Random, chinese: bool) -> str:
    marks = ("", "", "£", "$", "€") if not chinese else ("", "", "¥")
    return rng.choice(marks) + rng.choice(("2", "3", "5", "10", "20", "50", "100", "250", "500", "1,000", "1500", "5k"))


MADE = {"period": _period, "versus": _period, "shift": _shift, "limit": _limit, "number": _number}
