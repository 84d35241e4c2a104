"""Two periods side by side: which one is compared with which, and where both must be cut to stay fair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tools.contract import NotThere, ToolError
from tools.metrics.dates import DAY, Period, before, calendar, shift, size, year_earlier, year_moved
from tools.metrics.labels import label

__all__ = ["Comparison", "clip", "default_comparison", "resolve_comparison", "shift"]

UNLIKE = "The two periods are not of the same length."  # an answer can say it as it stands

Kind = Literal["previous", "year_earlier"]


@dataclass(frozen=True)
class Comparison:
    """`this` against `that`. `cut` says that one of them was shortened; `notes` say how, in sentences."""

    this: Period
    that: Period
    cut: bool
    notes: tuple[str, ...]


def clip(p: Period, first_day: date, last_day: date) -> tuple[Period, str | None]:
    """The part of the period that the data covers, and a sentence on it where something is missing.

    Raises NotThere where nothing is covered.
    """
    start, end = max(p.start, first_day), min(p.end, last_day)
    if start > end:
        raise NotThere(
            f"There is no data for {label(p)}: {_covered(first_day, last_day)}.", (f"{first_day}..{last_day}",)
        )
    if (start, end) == (p.start, p.end) or p.whole:
        return replace(p, start=start, end=end), None
    kept = replace(p, start=start, end=end, natural=p.natural if end == p.end else None)
    return kept, f"Of {label(p)} there is data only for {label(kept)}: {_covered(first_day, last_day)}."


def _covered(first_day: date, last_day: date) -> str:
    return f"the data runs from {_day(first_day)} to {_day(last_day)}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _day(d: date) -> str:
    return label(Period(d, d))


def default_comparison(kind: str, today: date) -> tuple[Period, Kind]:
    """What a comparison without a period takes: the period and what it is compared with.

    "growth" and "mom": the last whole month; "wow": the last whole week; "yoy": this month to date, a year earlier.
    """
    if kind == "yoy":
        return calendar(today, "month", today, relative=True), "year_earlier"
    units = {"growth": "month", "mom": "month", "wow": "week", "qoq": "quarter"}
    if kind not in units:
        raise ToolError(f"No comparison is called '{kind}'; there are {', '.join(units)} and yoy.")
    return calendar(today, units[kind], today, -1, relative=True), "previous"


def resolve_comparison(
    this: Period, compare_to: Kind | Period, today: date, first_day: date, last_day: date
) -> Comparison:
    """The two periods of a comparison as the data allows it.

    "previous" is the calendar period (or the N days, N months) before, "year_earlier" the same dates one year earlier.
    An unfinished period is compared with as many days from the start of the other. Where the data (`first_day` to
    `last_day`) covers one side only in part, both are cut to the dates covered on both. Raises NotThere where one side
    has no data.
    """
    if this.future or (isinstance(compare_to, Period) and compare_to.future):
        raise NotThere(f"A period after {_day(today)} has no data yet, so it can't be compared.")
    if this.whole:
        raise NotThere("Before the whole history there is nothing to compare it with: name a period.")
    that = _other(this, compare_to)
    if (this.start, this.end) == (that.start, that.end):
        raise ToolError(f"{label(this)} would be compared with itself: name another period, or 'previous'.")
    notes: list[str] = []
    if isinstance(compare_to, Period) and not _alike(this, that):
        pair = _each_clipped(this, that, first_day, last_day, notes)
    else:
        pair = _matched(this, that, notes)
        yearly = compare_to == "year_earlier" or (that.start == year_moved(this.start, -1))
        pair = _both_covered(*pair, yearly, first_day, last_day, notes)
    return Comparison(*pair, cut=any(note != UNLIKE for note in notes), notes=tuple(notes))


def _other(this: Period, compare_to: Kind | Period) -> Period:
    """The other side to its natural end."""
    if isinstance(compare_to, Period):
        return compare_to
    if compare_to == "previous":
        return before(this)
    if compare_to == "year_earlier":
        return year_earlier(replace(this, end=this.natural_end, natural=None))
    raise ToolError(f"compare_to is 'previous', 'year_earlier' or a period, not '{compare_to}'.")


def _alike(this: Period, that: Period) -> bool:
    """Whether the two are the same kind of stretch, so that their days stand beside each other."""
    return size(this) == size(that) or abs(_natural_days(this) - _natural_days(that)) <= 3


def _natural_days(p: Period) -> int:
    return (p.natural_end - p.start).days + 1


def _matched(this: Period, that: Period, notes: list[str]) -> tuple[Period, Period]:
    """Cuts the finished side to as many days as the unfinished one has so far."""
    if this.unfinished == that.unfinished:
        return this, that
    unfinished, other = (this, that) if this.unfinished else (that, this)
    end = min(other.start + (unfinished.days - 1) * DAY, other.end)
    cut = replace(other, end=end, natural=None)
    if end < other.end:
        notes.append(f"{label(_whole(unfinished))} isn't over, so {label(unfinished)} is compared with {label(cut)}.")
    return (this, cut) if this.unfinished else (cut, that)


def _whole(p: Period) -> Period:
    return replace(p, end=p.natural_end, natural=None)


def _each_clipped(
    this: Period, that: Period, first_day: date, last_day: date, notes: list[str]
) -> tuple[Period, Period]:
    sides = [clip(p, first_day, last_day) for p in (this, that)]
    notes.extend(note for _, note in sides if note)
    notes.append(UNLIKE)
    return sides[0][0], sides[1][0]


def _both_covered(
    this: Period, that: Period, yearly: bool, first_day: date, last_day: date, notes: list[str]
) -> tuple[Period, Period]:
    """Cuts both sides to the dates covered on both: by calendar dates a year apart, else by days from the start."""
    sides = [clip(p, first_day, last_day)[0] for p in (this, that)]
    if [(p.start, p.end) for p in sides] == [(p.start, p.end) for p in (this, that)]:
        return this, that
    a, b = (_by_dates if yearly else _by_offsets)((this, that), sides)
    if a.start > a.end or b.start > b.end:
        raise NotThere(f"{label(this)} and {label(that)} share no dates with data: {_covered(first_day, last_day)}.")
    notes.append(f"{_sentence(_covered(first_day, last_day))}, so {label(a)} is compared with {label(b)}.")
    return a, b


def _by_dates(asked: tuple[Period, Period], sides: list[Period]) -> tuple[Period, Period]:
    this, that = sides
    years = asked[0].start.year - asked[1].start.year
    start = max(this.start, year_moved(that.start, years))
    end = min(this.end, _end_moved_on(that, asked[1], asked[0], years))
    other_end = that.end if end == this.end and this.end == asked[0].end else min(that.end, year_moved(end, -years))
    that_start = that.start if start != this.start else max(that.start, year_moved(start, -years))
    return _cut(this, start, end), _cut(that, that_start, other_end)


def _end_moved_on(that: Period, asked_that: Period, asked_this: Period, years: int) -> date:
    """The end of the earlier side on this one's calendar; where it isn't cut, this one's own end."""
    return asked_this.end if that.end == asked_that.end else year_moved(that.end, years)


def _by_offsets(asked: tuple[Period, Period], sides: list[Period]) -> tuple[Period, Period]:
    lead = max((side.start - whole.start).days for side, whole in zip(sides, asked, strict=True))
    tails = [(side.end - whole.start).days for side, whole in zip(sides, asked, strict=True) if side.end < whole.end]
    return tuple(  # type: ignore[return-value]
        _cut(
            side,
            whole.start + lead * DAY,
            min(side.end, whole.start + min(tails) * DAY) if tails else side.end,
        )
        for side, whole in zip(sides, asked, strict=True)
    )


def _cut(p: Period, start: date, end: date) -> Period:
    return replace(p, start=start, end=end, natural=p.natural if end == p.end else None)
