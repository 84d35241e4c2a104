"""Ranges and open ends: "July to November", "since June", "from 1 March on", "before March"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from tools.metrics.dates import DAY, EPOCH, MONTHS_IN, Period, Unclear, make
from tools.metrics.labels import label
from tools.metrics.period_atoms import LOOK, Atom, Context, Reading, Text, months_at, period_of, unclear
from tools.metrics.period_words import MONTH_NAMES

_SO_FAR = re.compile(
    r",? (?:so far|to date|until now|till now|up to now|until today|till today|up to today)(?![a-z])"
    r"|(?:年|月|周)?(?:至今|到目前为止|到现在为止|到现在|截至目前|迄今为止|迄今|目前为止)"
)


def so_far(text: Text, a: Atom) -> Atom:
    """ "December so far": the words belong to the period, which ends today anyway."""
    p = a.reading.value
    m = _SO_FAR.match(text.after(a))
    if not m or not isinstance(p, Period) or p.whole or not (p.unfinished or "so far" in m.group()):
        return a
    return replace(a, end=a.end + m.end())


_RANGE = re.compile(
    r",? ?(?:-|\.\.\.?|…|to|until|till?|through(?: to)?|thru|up to|up until|到|至|直到|截至|截止到?) ?"
    r"(?:and including |the end of |end of |the )?$"
)
_RANGE_SLASH = re.compile(r" ?/ ?$")
_AND = re.compile(r" (?:and|to|&|-) (?:the )?$|[和与跟]$")
_FROM = re.compile(r"(?<![a-z])(?:from|between|starting|beginning)(?: the| in| on)? $|(?<![a-z])in between $|[从自由]$")


def span_range(text: Text, a: Atom, b: Atom) -> Atom | None:
    link, opened = text.between(a, b), _FROM.search(text.before(a))
    slash = _RANGE_SLASH.fullmatch(link) and _is_iso(text, a) and _is_iso(text, b)
    between = opened and opened.group().startswith(("between", "in between")) and _AND.fullmatch(link)
    if not (_RANGE.fullmatch(link) or slash or between) or a.said == "range":
        return None
    start = a.start - len(opened.group()) if opened else a.start
    if opened and is_change(text.text, start, b.end) and _is_one(a.reading) and _is_one(b.reading):
        return None
    reading = _unclear_range(a.reading, b.reading) or _months_or_days(text, a, b)
    if reading is None and (p := _joined(a.reading, b.reading, text.ctx)):
        reading = Reading(p)
    return Atom(start, b.end, reading, "range") if reading else None


def _unclear_range(a: Reading, b: Reading) -> Reading | None:
    """A range of which an end is unclear: its readings, both ends read the same way round."""
    asked = next((r.value for r in (a, b) if isinstance(r.value, Unclear)), None)
    if asked is None or a.edge or b.edge:
        return None
    sides = [_options(r, len(asked.options)) for r in (a, b)]
    options = tuple(f"{x} – {y}" for x, y in zip(*sides, strict=False))
    return Reading(replace(asked, options=options)) if options else None


def _options(r: Reading, n: int) -> tuple[str, ...]:
    if isinstance(r.value, Unclear):
        return r.value.options
    return (label(replace(r.value, end=r.value.natural_end)),) * n if isinstance(r.value, Period) else ()


_MONTH_NUMBER = re.compile(rf"({'|'.join(MONTH_NAMES)}) (\d\d)")


def _months_or_days(text: Text, a: Atom, b: Atom) -> Reading | None:
    """ "April 23 to March 24": days, or months of those years; asked back where both fit and the days cross a year."""
    said = [_MONTH_NUMBER.fullmatch(text.text[x.start : x.end]) for x in (a, b)]
    days = _joined(a.reading, b.reading, text.ctx)
    if not said[0] or not said[1] or not days or days.start.year == days.natural_end.year:
        return None
    first, last = (months_at(text.ctx, MONTH_NAMES[m[1]], 1)(2000 + int(m[2])) for m in said if m)
    if not first or not last or not text.ctx.plausible(first.start.year) or not first.start < last.start:
        return None
    months = make(first.start, last.natural_end, text.ctx.today)
    return unclear("the numbers could be days or years", months, days)


_CHANGE_BEFORE = re.compile(
    r"(?:difference|diff|gap|bridge|retention|retain|chang|grow|compar|increas|decreas|drop|fell|fall|rise|rose|jump"
    r"|slip|slid|slump|plung|plummet|tumbl|sank|sink|sunk|shrank|shrink|shrunk|climb|soar|surg|dip|dwindl|crash|spik"
    r"|swung|swing|weaken|strengthen|doubl|halv|picked up|tailed off|went up|went down|go up"
    r"|go down|higher|lower|improv|declin|up |down )[a-z]*[^.?!;]{0,24}$"
)
_CHANGE_AFTER = re.compile(r"的?[^,，。？?!！]{0,8}(?:增长|增加|下降|减少|变化|涨|跌|差)")


def is_change(text: str, start: int, end: int) -> bool:
    """Whether a change is asked for: "growth from Q2 to Q3" compares the two, it isn't the half-year."""
    return bool(_CHANGE_BEFORE.search(text[max(0, start - LOOK) : start]) or _CHANGE_AFTER.match(text[end : end + 16]))


def _is_one(r: Reading) -> bool:
    """One month, quarter or year: what is compared from one to the other."""
    return isinstance(r.value, Period) and r.value.count == 1 and r.value.unit in MONTHS_IN


def _is_iso(text: Text, a: Atom) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text.text[a.start : a.end]) is not None


def _joined(a: Reading, b: Reading, ctx: Context) -> Period | None:
    """From the first day of `a` to the last of `b`; a missing year is that of the other, or the latest that fits."""
    first, last = (r.base if r.edge == side else period_of(r) for r, side in ((a, "start"), (b, "end")))
    if not first or not last:
        return None
    pairs: Iterable[tuple[Period | None, Period | None]] = ((first, last),)
    if a.at and b.at:
        years = range(ctx.today.year + 1, ctx.today.year - 9, -1)
        pairs = ((a.at(y), later) for y in years for later in (b.at(y), b.at(y + 1)))
    elif a.at:
        pairs = ((a.at(last.start.year - n), last) for n in (0, 1))
    elif b.at:
        pairs = ((first, b.at(first.start.year + n)) for n in (0, 1))
    for start, end in pairs:
        if start and end and start.start <= end.natural_end and (not a.at or not b.at or start.start <= ctx.today):
            relative = first.relative or last.relative
            return make(start.start, end.natural_end, ctx.today, relative=relative)
    return None


# Since, until, before, after

_SINCE = re.compile(
    r"(?<![a-z])(?:ever )?(?:since|starting|beginning|counting from)(?: in| on| from| with)?(?: the)? $"
)
_SINCE_ZH = re.compile(r"(?:自从|自|从|由)$")
_OPEN_FROM = re.compile(r"(?<![a-z])from(?: the)? $")
_ONWARDS = re.compile(
    r" (?:on|onwards?|forward|ahead|up to now|until now|till now|to now|to date|to the present|to present|until today"
    r"|up to today|to today|and after|and later)(?![a-z])(?! (?:week|sat|sun|mon|tue|wed|thu|fri))"
)
_ONWARDS_ZH = re.compile(
    r"(?:份)?(?:以来|至今|到现在|到今天|到目前为止|到目前|至现在|起至今|开始至今|起到现在|开始|起(?!来))"
)
_TO_NOW = re.compile(r" ?(?:to|until|till|up to|through|-) ?(?:now|date|present|the present|this day)(?![a-z])")
_UNTIL = re.compile(
    r"(?<![a-z])(?:until|(?<!the )(?<!our )(?<!my )till?|as of|as at|up to|up until|up till"
    r"|(?<!go )(?<!going )(?<!walk )(?<!run )(?<!me )(?<!us )through|to the end of)"
    r"(?: and including)?(?: the)? $"
    r"|(?:截至|截止到|截止|直到)$"
)
_BEFORE = re.compile(r"(?<![a-z])(?:before|prior to|earlier than)(?: the)? $")
_AFTER = re.compile(r"(?<![a-z])(?:after|later than|past)(?: the)? $")
_BEFORE_ZH = re.compile(r"(?:份)?(?:之前|以前|前(?!后|一|\d|几|[两三四五六七八九十]))")
_AFTER_ZH = re.compile(r"(?:份)?(?:之后|以后|后(?=的|[，。？?!！、, ]|$))")
_UNTIL_ZH = re.compile(r"(?:份)?为止")


def open_ended(text: Text, a: Atom) -> Atom:
    """ "since June", "from 1 March on", "before 1 March", "after March", "until June"."""
    p = period_of(a.reading) if not a.reading.edge else a.reading.base
    ends = (p,) if p else a.reading.choices
    if not ends or a.said == "range":
        return a
    for name, head, tail, build in _OPEN:
        lead = head.search(text.before(a)) if head else None
        trail = tail.match(text.after(a)) if tail else None
        if (head and not lead) or (tail and not trail):
            continue
        opened = [replace(got, relative=True) for end in ends if (got := build(end, a.reading, text.ctx))]
        if reading := _opened(opened, a.reading):
            start = a.start - (len(lead.group()) if lead else 0)
            return Atom(start, a.end + (trail.end() if trail else 0), reading, name)
    return a


def _opened(periods: list[Period], r: Reading) -> Reading | None:
    if isinstance(r.value, Unclear):
        return unclear(r.value.why, *periods)
    return Reading(periods[0]) if periods else None


def _since(p: Period, r: Reading, ctx: Context) -> Period | None:
    start = p.natural_end if r.edge == "end" else p.start
    return make(start, ctx.today, ctx.today) if start <= ctx.today else None


def _from_edge(p: Period, r: Reading, ctx: Context) -> Period | None:
    """ "from the beginning of 2023"."""
    return _since(p, r, ctx) if r.edge == "start" else None


def _until(p: Period, r: Reading, ctx: Context) -> Period | None:
    if p.future:
        return make(ctx.today + DAY, p.start if r.edge == "start" else p.natural_end, ctx.today)
    return _to(p.start if r.edge == "start" else p.natural_end, ctx)


def _up_to(p: Period, r: Reading, ctx: Context) -> Period | None:
    return _to((p.natural_end if r.edge == "end" else p.start) - DAY, ctx)


def _to(end: date, ctx: Context) -> Period:
    return make(min(ctx.first or EPOCH, end), end, ctx.today)


def _later(p: Period, r: Reading, ctx: Context) -> Period | None:
    """After a period; one without a year is the latest that is over."""
    if p.natural_end >= ctx.today and r.at:
        p = next((q for y in range(3) if (q := r.at(ctx.today.year - y)) and q.natural_end < ctx.today), p)
    start = (p.start if r.edge == "start" else p.natural_end) + DAY
    return make(start, ctx.today, ctx.today) if start <= ctx.today else None


_Open = Callable[[Period, Reading, Context], "Period | None"]
_OPEN: tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str] | None, _Open], ...] = (
    ("since", _SINCE_ZH, _ONWARDS_ZH, _since),
    ("since", _OPEN_FROM, _ONWARDS, _since),
    ("since", _SINCE, None, _since),
    ("since", _OPEN_FROM, None, _from_edge),
    ("since", None, _ONWARDS_ZH, _since),
    ("since", None, _TO_NOW, _since),
    ("until", _UNTIL, None, _until),
    ("before", _BEFORE, None, _up_to),
    ("after", _AFTER, None, _later),
    ("until", None, _UNTIL_ZH, _until),
    ("before", None, _BEFORE_ZH, _up_to),
    ("after", None, _AFTER_ZH, _later),
)
