"""Finding the days, months, quarters, years and hours that a text names, English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evals.audit.words import ZH_NUMERAL, chinese_number

MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}

Found = re.Match[str]


@dataclass(frozen=True)
class Atom:
    """One named period. `kind` is day, month, quarter, half, week, year or hour; `year` None where it is not said."""

    kind: str
    number: int  # the month (of a day too), quarter, half, week, year or hour
    year: int | None = None
    day: int = 0


@dataclass(frozen=True)
class Mention:
    """A span of text with what it names: alternatives of atoms, of which every one must be true."""

    start: int
    end: int
    readings: tuple[tuple[Atom, ...], ...]
    is_range: bool = False


MON = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
Y = r"(?:19|20)\d\d(?!\d)"
D = r"(?<![\d.,])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d%])"
TO = r"\s?(?:–|—|-|~|to|until|through|till|and|至|到|－)\s?"
ONTO = r"\s?(?:–|—|-|~|to|until|through)\s?"  # what joins two days to a range, and never two of a list
OF = r"(?:,?\s(?:of\s)?)"
N = rf"(?:\d{{1,2}}|{ZH_NUMERAL})"
ZY = r"(?P<y>(?:19|20)\d\d)\s?年\s?"


def _year(found: Found) -> int | None:
    return int(found["y"]) if found["y"] else None


def _month(name: str) -> int:
    return MONTHS[name[:3].lower()]


def _int(text: str) -> int:
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits else chinese_number(text)


def _iso_day(f: Found) -> list[tuple[Atom, ...]]:
    return [(Atom("day", int(f["m"]), int(f["y"]), int(f["d"])),)]


def _numeric_day(f: Found) -> list[tuple[Atom, ...]]:
    a, b, year = int(f["a"]), int(f["b"]), int(f["y"])
    return [(Atom("day", month, year, day),) for day, month in {(a, b), (b, a)} if month <= 12]


def _iso_month(f: Found) -> list[tuple[Atom, ...]]:
    return [(Atom("month", int(f["m"]), int(f["y"])),)]


def _part(kind: str) -> Callable[[Found], list[tuple[Atom, ...]]]:
    return lambda f: [(Atom(kind, _int(f["n"]), _year(f)),)]


def _days_in_month(f: Found) -> list[tuple[Atom, ...]]:
    month = _month(f["mon"])
    return [tuple(Atom("day", month, _year(f), _int(f[d])) for d in ("d", "e") if f[d])]


def _day_range(f: Found) -> list[tuple[Atom, ...]]:
    year = _year(f)
    first = int(f["y2"]) if f["y2"] else year
    return [(Atom("day", _month(f["a"]), first, _int(f["d"])), Atom("day", _month(f["b"]), year, _int(f["e"])))]


def _month_range(f: Found) -> list[tuple[Atom, ...]]:
    year = _year(f)
    first = int(f["y2"]) if f["y2"] else year
    return [(Atom("month", _month(f["a"]), first), Atom("month", _month(f["b"]), year))]


def _plain_month(f: Found) -> list[tuple[Atom, ...]]:
    return [(Atom("month", _month(f["mon"]), _year(f)),)]


def _zh_days(f: Found) -> list[tuple[Atom, ...]]:
    month, year = _int(f["m"]), _year(f)
    atoms = [Atom("day", month, year, _int(f["d"]))]
    if f["e"]:
        atoms.append(Atom("day", _int(f["m2"] or f["m"]), int(f["y2"]) if f["y2"] else year, _int(f["e"])))
    return [tuple(atoms)]


def _zh_month(f: Found) -> list[tuple[Atom, ...]]:
    numbers = [f["m"], *([f["m2"]] if f["m2"] else [])]
    return [tuple(Atom("month", _int(n), _year(f)) for n in numbers)]


def _zh_half(f: Found) -> list[tuple[Atom, ...]]:
    return [(Atom("half", 1 if f["n"] == "上" else 2, _year(f)),)]


def _plain_year(f: Found) -> list[tuple[Atom, ...]]:
    return [(Atom("year", int(f["y"])),)]


def _hours(f: Found) -> list[tuple[Atom, ...]]:
    return [tuple(Atom("hour", int(f[h])) for h in ("h", "i") if f[h])]


def _bare_hours(f: Found) -> list[tuple[Atom, ...]]:
    """ "10–11": one hour's bucket, and nothing wider."""
    return _hours(f) if int(f["i"]) == int(f["h"]) + 1 else []


def _half_day_hour(f: Found) -> list[tuple[Atom, ...]]:
    later = 12 if f["half"].lower().startswith("p") else 0
    return [tuple(Atom("hour", int(f[h]) % 12 + later) for h in ("h", "i") if f[h])]


# The longest mention that starts first wins; where two are as long, the earlier row.
PATTERNS: tuple[tuple[str, Callable[[Found], list[tuple[Atom, ...]]]], ...] = (
    (r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>0?[1-9]|[12]\d|3[01])(?!\d)", _iso_day),
    (r"(?<!\d)(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d)(?!\d)", _numeric_day),
    (r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/](?P<m>0[1-9]|1[0-2])(?![\d/-])", _iso_month),
    (rf"(?<![\d])(?P<y>{Y})[- ]?Q(?P<n>[1-4])(?!\d)", _part("quarter")),
    (rf"\bQ(?P<n>[1-4])(?!\d)(?:{OF}(?P<y>{Y}))?", _part("quarter")),
    (rf"\bH(?P<n>[12])(?!\d)(?:{OF}(?P<y>{Y}))?", _part("half")),
    (rf"(?<![\d])(?P<y>{Y})-?W(?P<n>\d{{1,2}})(?!\d)", _part("week")),
    (rf"\b(?:W|[Ww]eek\s)(?P<n>\d{{1,2}})(?!\d)(?:{OF}(?P<y>{Y}))?", _part("week")),
    (rf"(?P<d>{D})\s(?P<a>{MON})(?:{OF}(?P<y2>{Y}))?{ONTO}(?P<e>{D})\s(?P<b>{MON})(?:{OF}(?P<y>{Y}))?", _day_range),
    (rf"(?P<d>{D})(?:{TO}(?P<e>{D}))?\s(?:of\s)?(?P<mon>{MON})(?:{OF}(?P<y>{Y}))?", _days_in_month),
    (rf"\b(?P<mon>{MON})\s(?:the\s)?(?P<d>{D})(?:{TO}(?P<e>{D}))?(?:,?\s(?P<y>{Y}))?", _days_in_month),
    (rf"\b(?P<a>{MON})(?:{OF}(?P<y2>{Y}))?{TO}(?P<b>{MON})(?:{OF}(?P<y>{Y}))?", _month_range),
    (rf"\b(?P<mon>{MON})(?:{OF}(?P<y>{Y}))?", _plain_month),
    (
        rf"(?:{ZY})?(?P<m>{N})\s?月\s?(?P<d>{N})\s?[日号號]?(?:{TO}(?:(?P<y2>{Y})\s?年)?(?:(?P<m2>{N})\s?月)?(?P<e>{N})\s?[日号號])?",
        _zh_days,
    ),
    (rf"(?:{ZY})?(?P<m>{N})\s?月(?:份)?(?:{TO}(?P<m2>{N})\s?月(?:份)?)?", _zh_month),
    (rf"(?:{ZY})?第?\s?(?P<n>[1-4一二三四])\s?季度?", _part("quarter")),
    (rf"(?:{ZY})?(?P<n>[上下])半年", _zh_half),
    (rf"(?:{ZY})?第\s?(?P<n>{N})\s?[周週]", _part("week")),
    (rf"{ZY}", _plain_year),
    (rf"(?<![\d.,£$€¥₹])(?P<y>{Y})(?![%\d]|[.,]\d)", _plain_year),
    (r"(?<!\d)(?P<h>[01]?\d|2[0-4])[:：]\d\d(?:\s?[–-]\s?(?P<i>[01]?\d|2[0-4])[:：]\d\d)?(?!\d)", _hours),
    (r"(?<![\d.,])(?P<h>1[0-2]|[1-9])(?:\s?[–-]\s?(?P<i>1[0-2]|[1-9]))?\s?(?P<half>[ap]\.?m\b)\.?", _half_day_hour),
    (r"(?<![\d.,])(?P<h>1?\d|2[0-4])(?:\s?[–-]\s?(?P<i>1?\d|2[0-4]))?\s?(?:[点點时時]|o['’]clock)", _hours),
    (r"(?<![\d.,£$€¥₹])(?P<h>1?\d|2[0-4])\s?–\s?(?P<i>1?\d|2[0-4])(?![\d%]|[.,]\d|\s?%)", _bare_hours),
)


def find_mentions(text: str) -> list[Mention]:
    """What periods a text names, left to right, none overlapping."""
    found = sorted(_candidates(text), key=lambda m: (m.start, -m.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _candidates(text: str) -> Iterator[Mention]:
    for pattern, read in PATTERNS:
        for found in re.finditer(pattern, text):
            readings = tuple(r for r in read(found) if all(_possible(a) for a in r))
            if readings and found.end() > found.start():
                yield Mention(found.start(), _trimmed(found), readings, any(len(r) > 1 for r in readings))


def _trimmed(found: Found) -> int:
    return found.start() + len(found[0].rstrip())


def _possible(atom: Atom) -> bool:
    limits = {"day": 12, "month": 12, "quarter": 4, "half": 2, "week": 53, "year": 2099, "hour": 24}
    return 0 <= atom.number <= limits[atom.kind] and 0 <= atom.day <= 31
