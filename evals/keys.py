"""Keys of gold and answered rows in one form: time buckets as their first day, weekdays and hours, ids as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

MONTHS = {
    m: i for i, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZH_DAYS = "一二三四五六日"


def _number(text: str) -> int:
    return MONTHS[text[:3].lower()] if text[:1].isalpha() else int(text)


# Patterns of a bucket's name, with the groups year and, as far as named, month, day, quarter or week.
BUCKETS: tuple[tuple[str, Callable[[re.Match[str]], date]], ...] = (
    (r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?:[ T][\d:.]+)?", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    (r"(\d{4})[-/年](\d{1,2})月?", lambda m: date(int(m[1]), int(m[2]), 1)),
    (r"(?:week of )?(\d{1,2}) ([A-Za-z]{3,9})\.? (\d{4})", lambda m: date(int(m[3]), _number(m[2]), int(m[1]))),
    (r"([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})", lambda m: date(int(m[3]), _number(m[1]), int(m[2]))),
    (r"([A-Za-z]{3,9})\.? (\d{4})", lambda m: date(int(m[2]), _number(m[1]), 1)),
    (r"(\d{4})[- ]?Q([1-4])", lambda m: date(int(m[1]), 3 * int(m[2]) - 2, 1)),
    (r"Q([1-4])[- ](\d{4})", lambda m: date(int(m[2]), 3 * int(m[1]) - 2, 1)),
    (r"(\d{4})-?W(\d{1,2})", lambda m: date.fromisocalendar(int(m[1]), int(m[2]), 1)),
    (r"(\d{4})年?", lambda m: date(int(m[1]), 1, 1)),
)  # fmt: skip


def bucket(cell: Any) -> date | None:
    """The first day of a time bucket, however it is written; None where it is none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for pattern, first_day in BUCKETS:
        found = re.fullmatch(pattern, str(cell).strip())
        if found:
            try:
                return first_day(found)
            except (ValueError, KeyError):
                continue
    return None


def weekday(cell: Any) -> str | None:
    """The English name of a weekday; None where it is none."""
    text = str(cell).strip()
    for name, zh in zip(WEEKDAYS, ZH_DAYS, strict=True):
        if text.lower() in (name.lower(), name[:3].lower()) or re.fullmatch(rf"(?:周|週|星期|礼拜){zh}", text):
            return name
    return "Sunday" if text in ("周天", "星期天", "礼拜天") else None


def hour(cell: Any) -> int | None:
    """0 to 23 from 9, "9", "09:00" or "9:00–9:59"; None where it is none."""
    found = re.fullmatch(r"(\d{1,2})(?::00(?:\s?[-–]\s?\d{1,2}:\d\d)?)?", str(cell).strip())
    return int(found[1]) if found and int(found[1]) < 24 else None


def text(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, str) and cell.strip().lower() == "unknown"):
        return None
    return re.sub(r"\s+", " ", str(cell)).strip()


def reader_for(cells: list[Any]) -> Callable[[Any], Any]:
    """How to read a key column, by what the gold has in it."""
    known = [c for c in cells if c is not None]
    if known and all(isinstance(c, date) for c in known):
        return bucket
    if known and all(isinstance(c, int) for c in known):
        return hour if all(0 <= c < 24 for c in known) else text
    if known and all(c in WEEKDAYS for c in known):
        return weekday
    return text
