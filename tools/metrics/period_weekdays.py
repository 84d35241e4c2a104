"""Single weekdays and weekends: "last Monday", "Friday last week", "Sat just gone", "the weekend before last"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from tools.metrics.dates import DAY, add_units, make, unit_start
from tools.metrics.period_atoms import LOOK, Atom, Context, Reading, Text, period_of, single_day
from tools.metrics.period_patterns import WD, Builder, Match, alternatives, number, words_before
from tools.metrics.period_words import WEEKDAYS

_PLURAL = re.compile(r"'?s\b| (?:mornings|afternoons|evenings|nights)|s\b")
_LINKED = re.compile(
    r"(?:since|until|till|before|after|from|(?:on|from|last) [a-z]+(?:day)?,? (?:and|to|or|until|-)|\bon) $"
)
_NEXT = ("next", "coming", "this coming")


def weekday(m: Match, ctx: Context) -> Reading | None:
    """ "last Monday", "on Monday"; a bare weekday is a filter, not a date."""
    rel, day = m["rel"] or "", _day(m)
    if _PLURAL.match(m.string[m.end() : m.end() + 12]):
        return None
    if not rel and not _LINKED.search(words_before(m)):
        return _event(m, ctx)
    if rel in _NEXT:
        return single_day(ctx, ctx.today + timedelta((day - ctx.today.weekday() - 1) % 7 + 1), relative=True)
    if rel == "this":
        return single_day(ctx, unit_start(ctx.today, "week") + timedelta(day), relative=True)
    return _latest(ctx, day, over=bool(rel))


def _day(m: Match) -> int:
    return WEEKDAYS[m["wd"].rstrip(".")]


def _latest(ctx: Context, day: int, *, over: bool, weeks: int = 0) -> Reading:
    """The latest such weekday, today included unless it has to be over, or one so many weeks before it."""
    back = (ctx.today.weekday() - day) % 7 or (7 if over else 0)
    return single_day(ctx, ctx.today - timedelta(back + 7 * weeks), relative=True)


_DAY_NAME = rf"(?:{alternatives(WEEKDAYS)})"
_DID = re.compile(
    r"\b(?:did (?:we|i|you|they)|(?:we|i) (?:took|made|sold|did|had|got))\b[^.?!;,]* $"
    r"|\bhow (?:much|many) (?:was|were)\b[^.?!;,]* $"
    r"|^(?:and |so |ok |right )?how (?:was|did) $"
    r"|\bdid $"
)
_NO_LIST = re.compile(r"(?:\b(?:every|each|per|by|best|busiest|or|any|a|most|than|to|till|until|through)|-) ?$")
_BEAT = r"(?:beat|outdo|outsell|do (?:better|more|worse) than)"
_BEATEN = re.compile(rf"\bdid {_DAY_NAME} {_BEAT} $")
_PAIR_BEFORE = re.compile(rf"(?P<other>{_DAY_NAME}) (?:and|vs|versus) $")
_CLAUSE_ENDS = re.compile(
    rf"(?: (?:and|vs|versus) (?P<other>{_DAY_NAME}))?(?: (?:go|please|pls))?[ ?.!]*$| {_BEAT} {_DAY_NAME}(?![a-z])"
)


def _event(m: Match, ctx: Context) -> Reading | None:
    """ "how was Saturday", "what did we take Friday": one day that is over, where no other time is said."""
    before = m.string[: m.start()][-2 * LOOK :]
    pair, ends = _PAIR_BEFORE.search(before), _CLAUSE_ENDS.match(m.string[m.end() :])
    said = before[: pair.start()] if pair else before
    if not ends or not (_BEATEN.search(said) or (_DID.search(said) and not _NO_LIST.search(said))):
        return None
    got = _latest(ctx, _day(m), over=False)
    other = pair or (ends if ends["other"] else None)
    if other and not _in_order(_latest(ctx, WEEKDAYS[other["other"]], over=False), got, turned=pair is None):
        return None
    return replace(got, weak=True)


def _in_order(a: Reading, b: Reading, *, turned: bool) -> bool:
    """Whether two days follow each other as they were said: on a Saturday, "Saturday and Sunday" is unclear."""
    first, second = period_of(a), period_of(b)
    return bool(first and second and ((second.start < first.start) if turned else (first.start < second.start)))


def gone(m: Match, ctx: Context) -> Reading | None:
    """ "Saturday just gone"."""
    return _latest(ctx, _day(m), over=True)


def after_next(m: Match, ctx: Context) -> Reading | None:
    """ "on Saturday week"."""
    return single_day(ctx, ctx.today + timedelta((_day(m) - ctx.today.weekday() - 1) % 7 + 8), relative=True)


def before_last(m: Match, ctx: Context) -> Reading | None:
    """ "the Saturday before last", "two Fridays ago"."""
    groups = m.groupdict()
    return _latest(ctx, _day(m), over=True, weeks=number(groups["n"]) - 1 if groups.get("n") else 1)


_ANOTHER = re.compile(rf"\b{_DAY_NAME}s?,? (?:(?:and|or|vs|versus|to|&) )?$")


def day_of_week(m: Match, ctx: Context) -> Reading | None:
    """ "Friday last week", "last week's Friday"."""
    if _ANOTHER.search(words_before(m)):
        return None
    monday = add_units(unit_start(ctx.today, "week"), "week", 0 if m["week"] == "this" else -1)
    return single_day(ctx, monday + timedelta(_day(m)), relative=True)


_BEFORE = re.compile(
    rf"(?:the )?(?:previous )?{WD} before(?! last| (?:[a-z]+ )?\d)(?! (?:noon|lunch|the|we|they))(?![a-z])"
)


def same_day_before(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "was Saturday just gone better than the Saturday before": a week before the one that is named."""
    m = _BEFORE.search(text.text)
    if not m or any(a.start < m.end() and a.end > m.start() for a in atoms):
        return atoms
    days = [p for a in atoms if a.start < m.start() and (p := period_of(a.reading)) and p.start == p.natural_end]
    if not days or days[-1].start.weekday() != _day(m):
        return atoms
    got = single_day(text.ctx, days[-1].start - timedelta(7), relative=True)
    return sorted([*atoms, Atom(m.start(), m.end(), got)], key=lambda a: a.start)


_WEEKS = {"this": 0, "current": 0, "coming": 0, "next": 1}


def weekend(m: Match, ctx: Context) -> Reading | None:
    return _weekend(ctx, _WEEKS.get(m["rel"], -1))


def _weekend(ctx: Context, weeks: int) -> Reading:
    saturday = add_units(unit_start(ctx.today, "week"), "week", weeks) + timedelta(5)
    return Reading(make(saturday, saturday + DAY, ctx.today, relative=True, unit="weekend", count=1))


RULES: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:the )?(?:(?P<rel>last|this|next|this past|past|previous|coming|this coming) )?{WD}",
        weekday,
    ),
    (rf"(?:the |this )?{WD} (?:that'?s |that has |that is )?(?:just|recently) (?:gone|past|passed)", gone),
    (rf"(?:the )?just gone {WD}", gone),
    (rf"(?:the )?{WD} before last", before_last),
    (rf"(?<=on ){WD} week(?! [a-z0-9])", after_next),
    (rf"(?P<n>2|3|4|two|three|four) {WD}s ago", before_last),
    (rf"(?:on )?{WD},? (?:of |in )?(?P<week>last|this|previous) week", day_of_week),
    (rf"(?P<week>last|this|previous) week'?s {WD}", day_of_week),
    (r"(?:the )?(?P<rel>last|this|next|this past|past|previous|current|coming) week-?end", weekend),
    (r"(?:the )?week-?end (?:that'?s )?just gone", lambda m, ctx: _weekend(ctx, -1)),
    (r"(?:the )?week-?end before last", lambda m, ctx: _weekend(ctx, -2)),
)
