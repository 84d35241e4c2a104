"""Calendar weeks: by number ("week 33", "2025-W14"), around a day ("week of the 9th"), and counted in a month."""

from __future__ import annotations

import re
from datetime import timedelta

from tools.metrics.dates import DAY, Period, calendar, make
from tools.metrics.period_atoms import (
    At,
    Atom,
    Context,
    Reading,
    Text,
    iso_week_at,
    period_of,
    single_day,
    unclear,
    year_or_recurring,
)
from tools.metrics.period_patterns import (
    DAYNO,
    DAYWORD,
    DAYWORDS,
    INNER,
    MONTHS,
    NOT_OF,
    TO,
    WD,
    Y4,
    YEAR,
    YEAR_AFTER,
    Builder,
    Match,
    said_year,
    unit_of,
)

WEEKNO = r"(?:[1-9]|[1-4]\d|5[0-3])(?!\d)"
WEEK = r"(?:(?:calendar |iso )?weeks?|kw|cw)"
A_DAY = rf"(?P<inner>{DAYNO}(?: of)? (?:{MONTHS})(?: {Y4})?|(?:{MONTHS}) {DAYNO}(?:,? {Y4})?|{Y4}-\d\d-\d\d)"
HOW = (
    r"(?P<how>week (?:of|commencing|starting|beginning|from|ending)|week-?end (?:of|around|from)|w/c|w/e)"
    rf"(?: on)? (?:{WD},? )?(?:the )?"
)
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def week_number(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, iso_week_at(ctx, int(m["w"])), said_year(m, ctx))


def bare_week(m: Match, ctx: Context) -> Reading | None:
    """ "W15" is a week where nothing else is said; it may be a size elsewhere."""
    return week_number(m, ctx) if re.fullmatch(r"\W*(?:(?:and|in|for|what about) )?", m.string[: m.start()]) else None


def late_week(m: Match, ctx: Context) -> Reading | None:
    """ "the 33rd week": one of a month's weeks can't be meant."""
    return week_number(m, ctx) if int(m["w"]) > 5 or said_year(m, ctx) else None


def weeks_at(ctx: Context, first: int, last: int) -> At:
    """The weeks `first` to `last`, into the next year where the last number is lower."""

    def at(year: int) -> Period | None:
        a, b = iso_week_at(ctx, first)(year), iso_week_at(ctx, last)(year + (last < first))
        if not a or not b:
            return None
        count = ((b.natural_end - a.start).days + 1) // 7
        return make(a.start, b.natural_end, ctx.today, unit="week", count=count)

    return at


def week_range(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, weeks_at(ctx, int(m["w"]), int(m["w2"])), said_year(m, ctx))


def week_of(m: Match, ctx: Context) -> Reading | None:
    day = ctx.read(m["inner"])
    if not day or not isinstance(day.value, Period) or day.value.start != day.value.natural_end:
        return None
    return _around(m["how"], day.value, ctx)


def _around(how: str, day: Period, ctx: Context) -> Reading:
    start = day.start
    if how.startswith(("weekend", "week-end")):
        saturday = calendar(start, "week", ctx.today).start + 5 * DAY
        return Reading(make(saturday, saturday + DAY, ctx.today, unit="weekend", count=1))
    if how == "week of":
        return Reading(calendar(start, "week", ctx.today))
    start = start - 6 * DAY if how in ("week ending", "w/e") else start
    return Reading(make(start, start + 6 * DAY, ctx.today, unit="week", count=1))


def week_of_the(m: Match, ctx: Context) -> Reading | None:
    """ "the week of the 14th": of the latest such day that has begun."""
    number = DAYWORDS.get(m["d"]) or int(re.sub(r"\D", "", m["d"]))
    for n in (0, -1, -2):
        start = calendar(ctx.today, "month", ctx.today, n).start
        day = start + timedelta(number - 1)
        if day.month == start.month and day <= ctx.today:
            got = single_day(ctx, day)
            return _around(m["how"], got.value, ctx) if isinstance(got.value, Period) else None
    return None


_AROUND = re.compile(r"(?:the )?(?P<how>week) (?:of|with|around)(?: the)? $")
_THAT_WEEK = re.compile(r"的?(?:那|当)[一个]?(?:周|星期)(?![一二三四五六日天末])")


def around(text: Text, a: Atom) -> Atom:
    """ "the week of Black Friday", 圣诞节那周."""
    said, after = _AROUND.search(text.before(a)), _THAT_WEEK.match(text.after(a))
    days = [p for p in (period_of(a.reading), *a.reading.choices) if p and p.start == p.natural_end]
    if not (said or after) or len(days) != 1:
        return a
    start, end = a.start - (len(said.group()) if said else 0), a.end + (after.end() if after else 0)
    return Atom(start, end, _around("week of", days[0], text.ctx))


def nth_part(m: Match, ctx: Context) -> Reading | None:
    """ "the second week of May", "the third month of 2024", "week 2 of March"."""
    inner = ctx.read(m["inner"])
    if not inner or not isinstance(inner.value, Period):
        return None
    p, n = inner.value, NTH.get(m["nth"]) or int(m["nth"][0])
    unit = unit_of(m.groupdict().get("u") or "week")[0]
    if unit != "week":
        got = calendar(p.start, unit, ctx.today, n - 1)
        return Reading(got) if got.start <= p.natural_end else None
    start = p.start + timedelta(7 * (n - 1))
    if start > p.natural_end:
        return None
    seven = make(start, min(start + 6 * DAY, p.natural_end), ctx.today)
    return seven_or_calendar(seven, calendar(p.start, "week", ctx.today, n - 1))


def seven_or_calendar(seven: Period, week: Period) -> Reading | None:
    """The n-th week of a month: seven days or the calendar week; asked back where they differ."""
    if week.start == seven.start:
        return Reading(week)
    return unclear("seven days, or a week from Monday to Sunday", seven, week)


_NUMBERED = re.compile(rf"(?:the )?(?:{WEEK}|wk)[ .-]?(?:no\.? ?)?\d\d?$")
_MORE = re.compile(
    r"(?P<link> ?(?:,|&|\+|/|,? and|,? or|vs\.?|versus|against|than|,? then) ?)(?P<w>[1-9]|[1-4]\d|5[0-3])"
    r"(?![\d%:]|[.,/]\d|(?:st|nd|rd|th)|[ -]?(?:best|top|units|orders|pieces|pcs|products|customers|days|weeks|months"
    r"|years|am|pm|o'clock|times|[a-z]*sellers?)(?![a-z]))"
)


def more_weeks(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "KW 40, 41 and 42": the numbers that follow a week's are weeks too, of the same year."""
    out: list[Atom] = []
    for i, a in enumerate(atoms):
        out.append(a)
        following = atoms[i + 1] if i + 1 < len(atoms) else None
        p = period_of(a.reading)
        if not p or p.unit != "week" or not _NUMBERED.fullmatch(text.text[a.start : a.end]):
            continue
        end = a.end
        while (m := _MORE.match(text.text, end)) and (following is None or m.end() <= following.start):
            got = year_or_recurring(
                text.ctx, iso_week_at(text.ctx, int(m["w"])), None if a.reading.at else p.end.isocalendar().year
            )
            if got is None:
                break
            out.append(Atom(m.start("w"), m.end(), got))
            end = m.end()
    return out


RULES: tuple[tuple[str, Builder], ...] = (
    (rf"{WEEK}[ .-]?(?:no\.? ?)?(?P<w>{WEEKNO}){NOT_OF}(?:{YEAR_AFTER})?", week_number),
    (
        rf"(?:the )?(?P<w>{WEEKNO})(?:\.|st|nd|rd|th)? (?:calendar|iso) week{NOT_OF}(?:{YEAR_AFTER})?",
        week_number,
    ),
    (rf"(?:the )?(?P<w>{WEEKNO})(?:\.|st|nd|rd|th) week(?: of (?P<y>{YEAR}|the year))?(?! of)", late_week),
    (
        rf"(?:from |between )?{WEEK}[ .-]?(?:no\.? ?)?(?P<w>{WEEKNO}){TO}(?:{WEEK}[ .-]?)?"
        rf"(?P<w2>{WEEKNO})(?:{YEAR_AFTER})?",
        week_range,
    ),
    (rf"between weeks (?P<w>{WEEKNO}) and (?P<w2>{WEEKNO})(?:{YEAR_AFTER})?", week_range),
    (rf"(?P<y>{Y4})[ -]?w(?P<w>0?{WEEKNO})", week_number),
    (rf"w(?P<w>0?{WEEKNO})(?:[ -/]'?(?P<y>{Y4}))", week_number),
    (rf"w(?P<w>{WEEKNO})(?=[?.! ]*$)", bare_week),
    (rf"(?:the )?{HOW}{A_DAY}", week_of),
    (rf"(?:the )?{HOW}(?P<d>\d\d?(?:st|nd|rd|th)|{DAYWORD})(?! (?:of|[a-z]))", week_of_the),
    (
        rf"(?:the )?(?P<nth>second|third|fourth|fifth|2nd|3rd|4th|5th) (?P<u>day|week|month) (?:of|in) {INNER}",
        nth_part,
    ),
    (rf"week (?P<nth>[1-5]) (?:of|in) (?P<inner>(?:{MONTHS})(?: {Y4})?)", nth_part),
)
