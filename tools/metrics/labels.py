"""How a period is written: short where it is exactly a month, a quarter, a half or a year, else by its dates."""

from __future__ import annotations

from datetime import date

from tools.metrics.dates import DAY, Period

EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ZH_ORDINALS = "一二三四"


def label(p: Period, locale: str = "en") -> str:
    """ "Nov 2011", "Q3 2011", "H1 2011", "2011", "9 Dec 2011", "1–9 Dec 2011", "28 Nov – 4 Dec 2011"; zh likewise."""
    words = _ZH if locale.startswith("zh") else _EN
    whole = p.start.day == 1 and (p.end + DAY).day == 1
    if p.start == p.end:
        return words.day(p.start)
    return words.months(p.start, p.end) if whole else words.days(p.start, p.end)


def _part(start: date, end: date) -> tuple[str, int]:
    """What a range of whole months is: ("half", 1–2), ("quarter", 1–4), ("month", m), else year, years or months, 0."""
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    if length % 12 == 0 and start.month == 1:
        return ("year" if length == 12 else "years"), 0
    for name, size in (("half", 6), ("quarter", 3), ("month", 1)):
        if length == size and (start.month - 1) % size == 0:
            return name, (start.month - 1) // size + 1
    return "months", 0


class _EN:
    @staticmethod
    def day(d: date) -> str:
        return f"{d.day} {EN_MONTHS[d.month - 1]} {d.year}"

    @staticmethod
    def months(a: date, b: date) -> str:
        kind, number = _part(a, b)
        first, last = EN_MONTHS[a.month - 1], EN_MONTHS[b.month - 1]
        across = f"{first} {a.year} – {last} {b.year}" if a.year != b.year else f"{first}–{last} {b.year}"
        forms = {"year": f"{a.year}", "years": f"{a.year}–{b.year}", "half": f"H{number} {a.year}"}
        forms |= {"quarter": f"Q{number} {a.year}", "month": f"{first} {a.year}", "months": across}
        return forms[kind]

    @staticmethod
    def days(a: date, b: date) -> str:
        end = _EN.day(b)
        if a.year != b.year:
            return f"{_EN.day(a)} – {end}"
        return f"{a.day}–{end}" if a.month == b.month else f"{a.day} {EN_MONTHS[a.month - 1]} – {end}"


class _ZH:
    @staticmethod
    def day(d: date) -> str:
        return f"{d.year}年{d.month}月{d.day}日"

    @staticmethod
    def months(a: date, b: date) -> str:
        kind, number = _part(a, b)
        year = f"{a.year}年"
        last = f"{b.month}月" if a.year == b.year else f"{b.year}年{b.month}月"
        forms = {"year": year, "years": f"{year}至{b.year}年", "half": f"{year}{'上' if number == 1 else '下'}半年"}
        forms |= {"month": f"{year}{a.month}月", "months": f"{year}{a.month}月至{last}"}
        return f"{year}第{ZH_ORDINALS[number - 1]}季度" if kind == "quarter" else forms[kind]

    @staticmethod
    def days(a: date, b: date) -> str:
        end = f"{b.day}日" if a.year == b.year and a.month == b.month else f"{b.month}月{b.day}日"
        return f"{_ZH.day(a)}至{end}" if a.year == b.year else f"{_ZH.day(a)}至{_ZH.day(b)}"
