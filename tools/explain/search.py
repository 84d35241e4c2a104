"""What stands out: dimensions and pairs of them searched for what moved unlike the rest, most surprising first.

Each look's chance is multiplied by how many values its dimension has and by how many dimensions, or pairs, there are
(Bonferroni; the dimensions by themselves have most of it). A value that would explain much of a change that matters is
likelier to be its cause from the start, and is multiplied by less (a weighted Bonferroni: Genovese, Roeder and
Wasserman 2006, "False discovery control with p-value weighting"). What moved the way the figure did comes first, and of
it what is both surprising and much of the change. What was found is taken out before the next is looked for, so that an
echo of it (the category of a product that sold out) isn't told again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import numpy as np

from tools.explain.days import unusual_days
from tools.explain.parts import Dims, Figure, Parts, parts_of
from tools.explain.rows import BASKET, GROUP, GUEST, RETURNS_APART
from tools.explain.single import Single, enormous
from tools.explain.surprise import Surprise, off, surprises
from tools.explain.windows import THAT, THIS, Windows

SINGLE = (
    "country", "region", "city", "channel", "payment_method", "segment", GROUP, BASKET, "category", "brand",
    "weekday", "product", "customer",
)  # fmt: skip
PAIRED = ("country", "channel", "segment", GROUP, "category", "brand")
DAY: Dims = ("day",)  # its key is the day since 1970-01-01
ORDER: Dims = ("order",)  # its key is the unit of rows.py, as is that of
RETURN: Dims = ("return",)
APART = frozenset({DAY, ORDER, RETURN})  # of which only what stands out is told
GROUPS = frozenset((d,) for d in (*PAIRED, "region", "city"))  # parts of the shop that overlap each other
LIKELY = frozenset({*PAIRED, "region", "city", "product", "customer"})  # what a cause can strike
EXPLAINING = 0.1  # of a try, where what is off would explain the change
MOST_PAIRED = 60  # values of a dimension that goes into pairs
MOST_FOUND = 3
ACQUAINTED = timedelta(days=90)  # after so long, who is called a new customer mostly is one
CHANCE = 0.02  # after the correction
OF_SINGLE = 0.8  # of it for single dimensions, the rest for pairs
LEAST_OF_IT, MOST_OF_IT = 0.4, 3.0  # what is off by so much of the change
OF_THE_FIGURE = 0.06  # and of the figure, explains it
MATTERS, DAY_MATTERS = 0.01, 0.03  # of the figure: what is off by less doesn't matter, however surprising
RIVALS = 6  # looked at for what the first one may be an echo of
STILL_THERE = 2.0  # times the evidence that is left for the other
SIMPLER, SAYS_AS_MUCH = 0.9, 0.7  # a pair's evidence must beat a single value's, and its own values', by so much


@dataclass(frozen=True)
class Found:
    """One that stands out. `times`: how far off, in its usual movement; `chance`: corrected; `off` in the unit."""

    dims: Dims
    key: tuple[int, ...]
    before: float
    this: float
    change: float
    times: float
    chance: float
    evidence: float
    off: float


def dimensions_of(figure: Figure) -> list[str]:
    """The dimensions that the figure can be split by, of which there is more than one value."""
    return [d for d in SINGLE if d in figure.top.codes and _values(figure, d) > 1]


def _values(figure: Figure, dim: str) -> int:
    return int(np.count_nonzero(np.bincount(figure.top.codes[dim])))


def looks_of(figure: Figure, windows: Windows) -> list[Dims]:
    """Dimensions by themselves, then pairs of the smaller ones.

    Where one of the periods lies at the beginning of the data, customers are new in it as nothing is known of them.
    """
    begun = min(s.start for s in windows.spans[:2]) - windows.begins
    single = [d for d in dimensions_of(figure) if d != GROUP or begun >= ACQUAINTED]
    small = [d for d in single if d in PAIRED and _values(figure, d) <= MOST_PAIRED]
    return [(d,) for d in single] + list(combinations(small, 2))


def stand_out(figure: Figure, windows: Windows, most: int = MOST_FOUND) -> list[Found]:
    """What stands out, the most surprising first; empty where nothing does, or there is nothing to compare with.

    Enormous orders are told by themselves and taken out of all periods, so that they neither are taken for a country's
    or a product's doing nor make all else look unremarkable beside them.
    """
    giants = enormous(figure)
    singles = [_single(g) for g in giants if g.window in (THIS, THAT)]
    way = float(figure.values[THIS] - figure.values[THAT])
    with_it = [f for f in singles if f.change * way > 0]
    against = [f for f in singles if f not in with_it]
    rest = figure.without_units([g.unit for g in giants]) if giants else figure
    return [*with_it, *_parts(rest, windows, most), *against][:most]


def _single(g: Single) -> Found:
    before, this = (g.value if g.window == side else 0.0 for side in (THAT, THIS))
    dims = RETURN if g.unit >= RETURNS_APART else ORDER
    return Found(dims, (g.unit,), before, this, g.added, g.times, g.chance, g.times, g.added)


def _parts(figure: Figure, windows: Windows, most: int) -> list[Found]:
    """The parts of the shop, and the days, that stand out."""
    found: list[Found] = []
    looks = looks_of(figure, windows)
    scale = max(abs(figure.values[THIS]), abs(figure.values[THAT]))
    if not (figure.top_totals[[THIS, THAT]] > 0).all() or not (figure.bottom_totals[[THIS, THAT]] > 0).all():
        return []
    days, rest = _days(figure, windows, _tries(DAY, looks), scale), figure
    while len(found) < most and (best := _best(rest, looks, windows, scale, [d for d in days if d not in found])):
        found.append(best)
        rest = rest.without_day(best.key[0]) if best.dims == DAY else rest.without(best.dims, best.key)
    return found


def _best(figure: Figure, looks: Sequence[Dims], windows: Windows, scale: float, days: Sequence[Found]) -> Found | None:
    candidates = [f for dims in looks for f in _candidates(figure, dims, _tries(dims, looks), windows, scale)]
    way = float(figure.values[THIS] - figure.values[THAT])
    told = [*(f for f in candidates if not _told_simpler(f, candidates)), *days]
    ranked = sorted(told, key=lambda f: (f.off * way > 0, _strength(f, abs(way))), reverse=True)
    return _behind(figure, ranked[0], ranked[1:RIVALS], windows) if ranked else None


def _behind(figure: Figure, best: Found, rivals: Sequence[Found], windows: Windows) -> Found:
    """The first one, or the rival that it is an echo of: as a brand is, most of which is in the category that fell.

    Without what is behind both the echo is gone; without the echo what is behind both is still there. A product that
    stands out is told as such, however much of its brand it is.
    """
    for f in rivals:
        alike = f.off * best.off > 0 and all(g.dims in GROUPS for g in (f, best))
        if alike and _left(figure, f, best, windows) >= STILL_THERE * max(1.0, _left(figure, best, f, windows)):
            best = f
    return best


def _left(figure: Figure, f: Found, without: Found, windows: Windows) -> float:
    """The evidence for one where the other is taken out."""
    parts = parts_of(figure.without(without.dims, without.key), f.dims)
    if f.key not in parts.keys:
        return 0.0
    seen = surprises(parts, windows, [parts.keys.index(f.key)])
    return float(np.nan_to_num(seen.evidence[0]) * np.sign(f.off))


def _tries(dims: Dims, looks: Sequence[Dims]) -> float:
    """By what a look's chance is multiplied, besides its number of values: single dimensions have most of the error."""
    single = 1 + sum(len(look) == 1 for look in looks)  # with the days
    return single / OF_SINGLE if len(dims) == 1 else (1 + len(looks) - single) / (1 - OF_SINGLE)


def _told_simpler(f: Found, others: Sequence[Found]) -> bool:
    """Whether one value of a pair says much the same by itself."""
    values = {((d,), (k,)) for d, k in zip(f.dims, f.key, strict=True)} if len(f.dims) > 1 else set()
    alike = [o for o in others if (o.dims, o.key) in values and o.off * f.off > 0]
    return any(abs(o.evidence) >= SAYS_AS_MUCH * abs(f.evidence) for o in alike)


def _strength(f: Found, change: float) -> float:
    """The evidence, less that of a pair or a day, and of what is little of the change."""
    weight = math.sqrt(min(abs(f.off) / change, 1.0)) if change else 1.0
    return round(abs(f.evidence) * weight * (SIMPLER if len(f.dims) > 1 or f.dims == DAY else 1.0), 9)


def _candidates(figure: Figure, dims: Dims, tries: float, windows: Windows, scale: float) -> list[Found]:
    parts = parts_of(figure, dims)
    away = off(parts)
    if dims == ("customer",):
        away[[key == (GUEST,) for key in parts.keys]] = np.nan  # all of them are no customer
    matters = np.flatnonzero(np.nan_to_num(np.abs(away)) >= MATTERS * scale).tolist()
    if not matters:
        return []
    seen = surprises(parts, windows, matters)
    change = figure.values[THIS] - figure.values[THAT]
    part = np.sign(change) * away[matters]
    explains = (part >= LEAST_OF_IT * abs(change)) & (part <= MOST_OF_IT * abs(change))
    explains &= part >= OF_THE_FIGURE * scale
    likely = explains & (len(dims) == 1) & (dims[0] in LIKELY)
    looked = int(np.sum(np.isfinite(away))) * np.where(likely, EXPLAINING, tries)
    corrected = np.minimum(seen.p * looked, 1.0)
    hits = np.flatnonzero(corrected < CHANCE).tolist()
    return [_found(parts, seen, h, matters[h], float(corrected[h]), float(away[matters[h]])) for h in hits]


def _found(parts: Parts, seen: Surprise, h: int, i: int, chance: float, away: float) -> Found:
    return Found(
        parts.dims, parts.keys[i], float(parts.values(THAT)[i]), float(parts.values(THIS)[i]),
        float(parts.contributions[i]), float(seen.times[h]), chance, float(seen.evidence[h]), away,
    )  # fmt: skip


def _days(figure: Figure, windows: Windows, tries: float, scale: float) -> list[Found]:
    """Those that went the way of the figure: a good day in a month that fell explains nothing."""
    days, way = unusual_days(figure, windows), figure.values[THIS] - figure.values[THAT]
    near = [(d, min(d.p * len(days) * tries, 1.0), d.this - d.usual) for d in days]
    return [
        Found(DAY, (d.day,), d.usual, d.this, away, d.times, chance, d.times, away)
        for d, chance, away in near
        if chance < CHANCE and abs(away) >= DAY_MATTERS * scale and away * way > 0
    ]
