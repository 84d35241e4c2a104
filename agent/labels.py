"""How a key is written: days, months, weekdays, hours, titles and periods → text. Keys are no figures."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from agent.figures import language
from tools.contract import Cell

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNKNOWN = {"en": "unknown", "zh": "未知"}
YES, NO = {"en": "yes", "zh": "是"}, {"en": "no", "zh": "否"}
NULL = "–"


def key_text(value: Cell, unit: str, locale: str = "en") -> str:
    """A key cell as shown. What can't be read as its unit says is shown as it stands; NULL is "unknown"."""
    lang = language(locale)
    if value is None or not plain(str(value)):
        return UNKNOWN[lang]
    if isinstance(value, bool):
        return (YES if value else NO)[lang]
    if unit in TIMES and (text := TIMES[unit](str(value), lang)):
        return text
    return plain(str(value))


def plain(text: str) -> str:
    """One line: runs of space as one, no control characters, nothing invisible."""
    if text.isprintable():  # the usual case, and the quick one
        return " ".join(text.split())
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(c for c in visible if unicodedata.category(c) not in {"Cf", "Cs"}).split())


def seen(text: str) -> str:
    """Text of any number of lines, without what isn't seen: a terminal would act on it."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def first_day(text: str) -> date | None:
    """The day that '2011', '2011-11', '2011-11-09' or '2011-Q3' starts with; None for anything else."""
    if quarter := re.fullmatch(r"([0-9]{4})-?Q([1-4])", text):
        return _date(int(quarter[1]), int(quarter[2]) * 3 - 2, 1)
    parts = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:[T ][0-9:.]*)?", text)
    return _date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)) if parts else None


def last_day(first: date, unit: str) -> date:
    """The last day of the day, week, month, quarter or year that starts on `first`."""
    if unit == "week":
        return date.fromordinal(min(first.toordinal() + 6, date.max.toordinal()))
    month = {"month": first.month, "quarter": (first.month + 2) // 3 * 3, "year": 12}.get(unit)
    return first if month is None else date(first.year, month, calendar.monthrange(first.year, month)[1])


def period_text(period: dict[str, Any], locale: str = "en") -> str:
    """A period {"start", "end", "label"?} as shown: its own label in English, else the shortest form of its dates."""
    lang, label = language(locale), plain(str(period.get("label") or ""))
    if label and lang == "en":
        return label
    start, end = first_day(str(period.get("start"))), first_day(str(period.get("end")))
    return label or NULL if start is None or end is None else span_text(start, end, lang)


def span_text(start: date, end: date, lang: str = "en") -> str:
    """First and last day, inclusive → "Nov 2011", "1–9 Dec 2011", "Q3 2011", "2011", "1 Nov 2010 – 9 Dec 2011"."""
    for unit in ("day", "month", "quarter", "year"):
        begins = start.day == 1 and (start.month - 1) % {"quarter": 3, "year": 12}.get(unit, 1) == 0
        if (unit == "day" or begins) and last_day(start, unit) == end:
            return TIMES[unit](start.isoformat(), lang)
    if lang == "zh":
        same = start.year == end.year
        return (
            f"{_day(start.isoformat(), lang)}至{f'{end.month}月{end.day}日' if same else _day(end.isoformat(), lang)}"
        )
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{_day(end.isoformat(), lang)}"
    return f"{_day(start.isoformat(), lang)} – {_day(end.isoformat(), lang)}"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str, lang: str) -> str:
    day = first_day(text)
    return "" if day is None else f"{day.year}{'年' if lang == 'zh' else ''}"


def _quarter(text: str, lang: str) -> str:
    if (day := first_day(text)) is None:
        return ""
    number = (day.month + 2) // 3
    return f"{day.year}年第{number}季度" if lang == "zh" else f"Q{number} {day.year}"


def _month(text: str, lang: str) -> str:
    if (day := first_day(text)) is None:
        return ""
    return f"{day.year}年{day.month}月" if lang == "zh" else f"{MONTHS[day.month - 1][:3]} {day.year}"


def _day(text: str, lang: str) -> str:
    if (day := first_day(text)) is None:
        return ""
    return f"{_month(text, lang)}{day.day}日" if lang == "zh" else f"{day.day} {_month(text, lang)}"


def _week(text: str, lang: str) -> str:
    day = _day(text, lang)
    return day and (f"{day}当周" if lang == "zh" else f"week of {day}")


def _hour(text: str, _lang: str) -> str:
    return f"{int(text):02d}:00–{int(text):02d}:59" if re.fullmatch(r"[0-9]{1,2}", text) else ""


def _weekday(text: str, lang: str) -> str:
    if text not in WEEKDAYS:
        return ""
    return "星期" + "一二三四五六日"[WEEKDAYS.index(text)] if lang == "zh" else text


TIMES: dict[str, Callable[[str, str], str]] = {
    "day": _day,
    "week": _week,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
    "hour": _hour,
    "weekday": _weekday,
}
