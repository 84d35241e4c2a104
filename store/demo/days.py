"""The calendar of the demo shop: 24 whole months. A day is its number since the first one, a week starts on Monday."""

from datetime import date, timedelta

import numpy as np

from store.demo.draws import Ints

START, END = date(2024, 11, 1), date(2026, 10, 31)
DAYS = (END - START).days + 1
MONTH_DAYS = 30.4375
EPOCH = np.datetime64(START, "s")


def _range() -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    return np.arange(np.datetime64(START, "D"), np.datetime64(END, "D") + 1)


def month_of_day() -> Ints:
    """(DAYS,) the number of the month in the history, 0 to 23."""
    months = _range().astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - months[0], dtype=np.int64)


def calendar_month() -> Ints:
    """(DAYS,) 0 is January."""
    return np.asarray(_range().astype("datetime64[M]").astype(np.int64) % 12, dtype=np.int64)


def weekday() -> Ints:
    """(DAYS,) 0 is Monday."""
    return (np.arange(DAYS) + START.weekday()) % 7


def week_of_day() -> Ints:
    """(DAYS,) the number of the week in the history."""
    return (np.arange(DAYS) + START.weekday()) // 7


WEEKS = (DAYS - 1 + START.weekday()) // 7 + 1


def day_of_month(month: int) -> tuple[int, int]:
    """The first day of a month of the history, and the first of the next."""
    found = np.flatnonzero(month_of_day() == month)
    return int(found[0]), int(found[-1]) + 1


def date_of(day: int) -> date:
    return START + timedelta(days=int(day))


def month_name(month: int) -> str:
    """As in "2026-03"."""
    return date_of(day_of_month(month)[0]).isoformat()[:7]
