"""The stretches of days that an explanation looks at: this period, that one, and pairs like them before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tools.metrics.dates import add_months, end_moved

THIS, THAT = 0, 1
NEAR = 12  # steps before and after that are looked at, and the same a year apart from each
WEEKS_OF_A_YEAR = 52
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Pair:
    """`later` against `sooner`, numbers of spans; `step`: how many steps before (negative: after) the first pair."""

    later: int
    sooner: int
    step: int


@dataclass(frozen=True)
class Windows:
    """`pairs[0]` is THIS against THAT. The others have neither in them, and lie whole steps apart. A year has `season`
    steps; None where it has no whole number of them. `begins`: the first day of the data.
    """

    spans: tuple[Span, ...]
    pairs: tuple[Pair, ...]
    season: int | None
    begins: date

    @property
    def first(self) -> date:
        return min(s.start for s in self.spans)

    @property
    def last(self) -> date:
        return max(s.end for s in self.spans)

    def alike(self, pair: int) -> list[int]:
        """The pairs a year before and a year after one, as far as they are there; where the first pair has none, as
        year against year has not in two years of data, those a step before and after.
        """
        year = self._apart(0, self.season) if self.season else []
        return self._apart(pair, self.season if year else 1)

    def _apart(self, pair: int, steps: int | None) -> list[int]:
        at, step = {p.step: i for i, p in enumerate(self.pairs)}, self.pairs[pair].step
        return [at[s] for s in (step - steps, step + steps) if s in at] if steps else []


def windows_of(this: Span, that: Span, first_day: date, last_day: date) -> Windows:
    """The two periods, and the same two moved back and on, where the data (`first_day` to `last_day`) has both."""
    months, days = _months(this, that), _days(this)
    season = (12 // months if 12 % months == 0 else None) if months else WEEKS_OF_A_YEAR * 7 // days or None
    spans, pairs = [this, that], [Pair(THIS, THAT, 0)]
    near = {k + j * (season or 0) for k in range(-NEAR, NEAR + 1) for j in (-1, 0, 1)}
    for k in sorted(near - {0}, key=lambda k: (abs(k), k)):
        pair = [_moved_back(s, k * months, k * days) for s in (this, that)]
        if min(s.start for s in pair) < first_day or max(s.end for s in pair) > last_day or {this, that} & {*pair}:
            continue
        spans += [s for s in pair if s not in spans]
        pairs.append(Pair(spans.index(pair[0]), spans.index(pair[1]), k))
    return Windows(tuple(spans), tuple(pairs), season, first_day)


def _months(this: Span, that: Span) -> int:
    """The step in calendar months, where both sides begin on the same day of the month; else 0."""
    if this.start.day != that.start.day or this.start.day > 28 or this.days < 7:
        return 0
    if (this.start - that.start).days % 7 == 0 and this.days % 7 == 0 and this.start.day != 1:
        return 0  # weeks
    return -(-this.days // 31)


def _days(this: Span) -> int:
    """The step in days: whole weeks, so that days of the week stand beside their like."""
    return -(-this.days // 7) * 7


def _moved_back(s: Span, months: int, days: int) -> Span:
    if months:
        return Span(add_months(s.start, -months), end_moved(s.end, "month", -months))
    return Span(s.start - days * DAY, s.end - days * DAY)
