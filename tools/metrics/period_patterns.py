"""Pieces of which the English patterns are built, and what their groups mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tools.metrics.period_atoms import Context, Reading
from tools.metrics.period_words import MONTH_NAMES, NUMBERS, UNIT_WORDS, WEEKDAYS

Match = re.Match[str]
Builder = Callable[[Match, Context], "Reading | None"]


def alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


MONTHS = alternatives(MONTH_NAMES)
MON = rf"(?P<mon>{MONTHS})(?:\.(?= ?'?\d))?"
WD = rf"(?P<wd>{alternatives(WEEKDAYS)})(?:\.(?= ?\d))?"
DAYNO = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)"
DAYWORDS = {
    w: i
    for i, w in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        1,
    )
} | {"thirteenth": 13, "fifteenth": 15, "twentieth": 20, "twenty-first": 21, "thirtieth": 30, "thirty-first": 31}
DAYWORD = alternatives(DAYWORDS)
Y4 = r"(?:19|20)\d\d(?!\d)"
YEAR = (
    rf"{Y4}|'\d\d(?!\d)|(?:the )?(?:last|this|next|previous|prior|current) year(?!'?s? to date)|the year before last"
    r"|(?:ly|py)(?![a-z])|(?<=of )(?:the )?(?:past year|year past)(?![a-z])"
)
YEAR_AFTER = rf"(?:,? ?(?:of |in )?(?:the year )?|[-/])(?P<y>{YEAR})"
YEAR_BEFORE = rf"(?P<py>{Y4}|(?:the )?(?:last|this|next|previous) year(?:'?s)?)(?:[ ,]{{1,2}}|[-/])"
OF_YEAR = rf"(?:,? ?(?:of |in )?(?:the year )?|[-/])(?P<y>{YEAR}|(?:of|in) the year)"
NOT_OF = rf"(?! of (?!the year|in|{YEAR}))"
INNER = (
    rf"(?:the )?(?P<inner>(?:q[1-4]|(?:first|second|third|fourth) quarter|(?:(?:this|last) )?(?:{MONTHS}))"
    rf"(?:,? (?:of )?(?:{YEAR}))?|{Y4}"
    r"|(?:the|this|last|next) (?:year|quarter|month))"
)
REL = r"(?:(?P<rel>last|this|next|previous|past|coming|current) )?"
N = rf"(?P<n>\d{{1,5}}|{alternatives(NUMBERS)})"
UNITS = rf"(?P<u>(?:{alternatives(UNIT_WORDS)})s?)"
UNIT = r"(?P<u>day|week|fortnight|month|quarter|trimester|year|half-year|half year)(?:'?s)?"
FULL = r"(?P<full>whole|full|complete|completed|calendar|entire)"
TO = r" ?(?:-|to|until|till?|through|thru|up to(?: and including)?) ?"


def dated(core: str, after: str = YEAR_AFTER) -> str:
    """`core` with a year after it, or one before it, or none."""
    unnamed = after.replace("?P<y>", "?:")
    return rf"(?:{YEAR_BEFORE})?{core}(?(py)(?!{unnamed})|(?:{after})?)"


def number(words: str) -> int:
    return int(words) if words.isdigit() else NUMBERS[words]


def unit_of(word: str) -> tuple[str, int]:
    return UNIT_WORDS.get(word) or UNIT_WORDS[word.rstrip("s")]


def year_of(words: str | None, ctx: Context) -> int | None:
    """The year that words such as "2011", "'11" or "last year" name."""
    if not words:
        return None
    digits = re.search(r"\d+", words)
    if digits:
        return int(digits.group()) + (2000 if len(digits.group()) == 2 else 0)
    if "before last" in words:
        return ctx.today.year - 2
    steps = {"last": -1, "previous": -1, "prior": -1, "past": -1, "ly": -1, "py": -1, "next": 1}
    return ctx.today.year + next((n for w, n in steps.items() if w in words), 0)


def said_year(m: Match, ctx: Context) -> int | None:
    groups = m.groupdict()
    return year_of(groups.get("y") or groups.get("py"), ctx)


_RELATIONS = {"last": "last", "past": "last", "previous": "last", "this": "this", "current": "this"}
_RELATIONS |= {"next": "next", "coming": "next", "upcoming": "next"}


def relation(m: Match) -> str:
    """Which one of what comes every year: "last", "this", "next", or the latest "begun"."""
    rel = m.groupdict().get("rel") or ""
    return _RELATIONS.get(rel, "begun")


def words_before(m: Match, length: int = 24) -> str:
    return m.string[max(0, m.start() - length) : m.start()]
