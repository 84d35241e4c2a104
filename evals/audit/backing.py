"""What receipts vouch for besides their numbers: the names, ids and periods that stand in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from evals.audit.periods import Atom, Mention
from evals.audit.shape import Receipt

DAY = timedelta(days=1)
ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
ISO_MONTH = re.compile(r"(?<!\d)(\d{4})-(\d\d)(?![\d-])")
QUARTER = re.compile(r"(?<!\d)(?:(\d{4})[- ]?)?Q([1-4])(?!\d)")
WEEK = re.compile(r"(?<!\d)(\d{4})-?W(\d\d)(?!\d)")
LITERAL = re.compile(r"(?P<interval>\bINTERVAL\s*)?'(?P<text>(?:[^']|'')*)'", re.IGNORECASE)
EXCLUSIVE = re.compile(r"<\s*(?:CAST\s*\(|DATE|TIMESTAMP)?\s*$", re.IGNORECASE)
# The column of a time bucket says how much its first day stands for.
TIME_COLUMNS = ("day", "date", "week", "month", "quarter", "year", "hour", "weekday")
# Numbers kept as text under these keys of an input are settings, not ids.
SETTINGS = frozenset({"limit", "top", "k", "horizon", "level"})


@dataclass
class Backing:
    """Everything that receipts vouch for. `names` are texts as they stand there; `days` both ends of every period."""

    names: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    weeks: set[tuple[int, int]] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)
    hour_keys: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, receipts: Iterable[Receipt]) -> Backing:
        backing = cls()
        for receipt in receipts:
            backing._take_rows(receipt)
            backing._take_input(receipt.input, "")
            backing._take_sql(receipt.sql or "")
        return backing

    def holds(self, mention: Mention) -> bool:
        return any(all(BACKED[atom.kind](self, atom) for atom in reading) for reading in mention.readings)

    def _take_rows(self, receipt: Receipt) -> None:
        for name in receipt.columns:
            kind = time_kind(name)
            for cell in receipt.column(name):
                if kind in ("hour", "year") and cell is not None and re.fullmatch(r"\d{1,4}(:\d\d)?", str(cell)):
                    self._take_clock(kind, int(str(cell).split(":")[0]))
                elif isinstance(cell, str):
                    self._take_text(cell, kind)

    def _take_clock(self, kind: str, number: int) -> None:
        if kind == "year":
            self.years.add(number)
        else:
            self.hour_keys.add(number)
            self.hours |= {number, number + 1}

    def _take_text(self, text: str, kind: str = "") -> None:
        for start in _dates_in(text):
            self.days |= {start, LAST_DAY.get(kind, _itself)(start)}
            if kind == "week":
                self.weeks.add(start.isocalendar()[:2])
        for year, month in ISO_MONTH.findall(text):
            self._take_month(int(year), int(month))
        for year, quarter in QUARTER.findall(text):
            self._take_quarter(year, int(quarter))
        self.weeks |= {(int(y), int(w)) for y, w in WEEK.findall(text)}
        if re.fullmatch(r"(?:19|20)\d\d", text):
            self.years.add(int(text))
        if kind not in TIME_COLUMNS:
            self.names.add(text.strip())

    def _take_month(self, year: int, month: int) -> None:
        if 1 <= month <= 12 and year > 0:
            first = date(year, month, 1)
            self.days |= {first, _month_end(first)}

    def _take_quarter(self, year: str, quarter: int) -> None:
        if year:
            first = date(int(year), 3 * quarter - 2, 1)
            self.days |= {first, _quarter_end(first)}

    def _take_input(self, value: Any, key: str) -> None:
        if isinstance(value, dict):
            if value.get("field") == "hour":
                self.hours |= {h + i for h in _whole_numbers(value.get("value")) for i in (0, 1)}
            for name, inner in value.items():
                self._take_input(inner, "limit" if "metric" in value and name == "value" else name)
        elif isinstance(value, list):
            for inner in value:
                self._take_input(inner, key)
        elif isinstance(value, str) and not (key in SETTINGS and value.strip().isdigit()):
            self._take_text(value)

    def _take_sql(self, sql: str) -> None:
        """Texts of the SQL. What follows "<" is the day after a period: the day before it is the period's last."""
        for found in LITERAL.finditer(sql):
            if found["interval"]:
                continue
            text = found["text"].replace("''", "'")
            if EXCLUSIVE.search(sql, 0, found.start()) and ISO_DAY.match(text):
                self.days |= {start - DAY for start in _dates_in(text)}
            else:
                self._take_text(text.strip("%"))


def time_kind(column: str) -> str:
    """What time bucket a column holds, by its name; "" for none."""
    name = column.lower()
    return next((k for k in TIME_COLUMNS if name == k or name.endswith("_" + k) or name.startswith(k + "_of")), "")


def _dates_in(text: str) -> Iterator[date]:
    for year, month, day in ISO_DAY.findall(text):
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue  # shaped like a date without being one: a code


def _whole_numbers(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [int(v) for v in values if isinstance(v, int) or (isinstance(v, str) and v.isdigit())]


def _itself(day: date) -> date:
    return day


def _month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def _quarter_end(day: date) -> date:
    return _month_end(day.replace(month=3 * ((day.month + 2) // 3), day=1))


def _year_end(day: date) -> date:
    return day.replace(month=12, day=31)


LAST_DAY: dict[str, Callable[[date], date]] = {
    "week": lambda day: day + 6 * DAY,
    "month": _month_end,
    "quarter": _quarter_end,
    "year": _year_end,
}


def _edges(first: date, end: date) -> set[tuple[int, int, int]]:
    return {(d.year, d.month, d.day) for d in (first, end)}


def _spans(backing: Backing, atom: Atom, months: int) -> bool:
    """Whether a bucket of so many months has its first or last day among the days of the receipts."""
    start = (atom.number - 1) * months + 1
    for day in backing.days:
        if atom.year in (None, day.year):
            first = date(day.year, start, 1)
            last = _month_end(date(day.year, start + months - 1, 1))
            if (day.year, day.month, day.day) in _edges(first, last):
                return True
    return False


def _day_backed(backing: Backing, atom: Atom) -> bool:
    return any((d.month, d.day) == (atom.number, atom.day) and atom.year in (None, d.year) for d in backing.days)


def _year_backed(backing: Backing, atom: Atom) -> bool:
    return atom.number in backing.years or any(d.year == atom.number for d in backing.days)


BACKED: dict[str, Callable[[Backing, Atom], bool]] = {
    "day": _day_backed,
    "month": lambda backing, atom: _spans(backing, atom, 1),
    "quarter": lambda backing, atom: _spans(backing, atom, 3),
    "half": lambda backing, atom: _spans(backing, atom, 6),
    "week": lambda backing, atom: any(w == atom.number and atom.year in (None, y) for y, w in backing.weeks),
    "year": _year_backed,
    "hour": lambda backing, atom: atom.number in backing.hours,
}


def folded(text: str) -> str:
    """A text for a quick look whether a name is in it: the forms of `name_pattern` made one."""
    plain = _seen(text).replace("\\", "").replace("&amp;", "&").replace("&#124;", "|")
    return re.sub(r"[|／¦]", "/", re.sub(r"\s+", " ", plain)).lower().strip()


def name_pattern(name: str) -> re.Pattern[str]:
    """A name wherever it is shown: any case, any run of spaces, Markdown's backslashes; no part of a longer word."""
    name = _seen(name)
    parts = [r"\s+" if c.isspace() else _shown(c) for c in re.sub(r"\s+", " ", name)]
    before = r"(?<![A-Za-z0-9£$€¥₹])" if name[:1].isascii() and name[:1].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if name[-1:].isascii() and name[-1:].isalnum() else ""
    if name.isdigit():  # an id, and no part or amount of a number
        before, after = r"(?<![A-Za-z0-9_£$€¥₹.,+−-])", r"(?![A-Za-z0-9_]|[.,]\d|\s?[%€])"
    return re.compile(before + "".join(parts) + after, re.IGNORECASE)


def _seen(text: str) -> str:
    """What a reader sees of it: control characters as spaces, invisible ones not at all."""
    if text.isprintable():
        return text
    spaced = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs")).strip()


def _shown(char: str) -> str:
    if char == "&":
        return r"(?:\\?&(?:amp;)?)"
    if char == "|":
        return r"(?:\\?\||&#124;|／|/|¦)"
    return re.escape(char) if char.isalnum() else rf"\\?{re.escape(char)}"
