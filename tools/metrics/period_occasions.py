"""English names of days and seasons that come every year: "Black Friday", "Easter Monday", "last Christmas"."""

from __future__ import annotations

import re

from tools.metrics import period_spoken as spoken
from tools.metrics.period_atoms import (
    FIXED_DAYS,
    SEASONS,
    Context,
    Reading,
    black_friday_at,
    christmas_at,
    day_at,
    either,
    year_or_recurring,
)
from tools.metrics.period_feasts import ENGLISH, Feast, feast, feast_at, fixed
from tools.metrics.period_patterns import (
    REL,
    YEAR,
    YEAR_AFTER,
    Builder,
    Match,
    alternatives,
    dated,
    relation,
    said_year,
    words_before,
)

# Behind a name of the table stands nothing, or a word that doesn't make goods of it ("Easter eggs").
_NO_GOODS = (
    r"(?=$|[^a-z0-9 -]|-(?![a-z])| (?:[^a-z ]|(?:and|or|vs|versus|v|against|than|compared|to|until|till|through|in|on"
    r"|by|of|for|with|from|at|as|was|were|is|are|did|do|does|beat|better|worse|last|this|we|i|our|the|only|sales|revenues?"
    r"|orders|turnover|takings|figures|numbers|results|trading|trade|so|please|pls|plz|per|over|when|how|what|which|who"
    r"|went|go|sell|sold|bring|up|down|it|came|come|alone|both|if|not|but|then|onwards?|on|before|after|total|totals"
    r"|profits?|units|customers|refunds|returns|week|weekend|year)(?![a-z])))"
)
_PLACED = re.compile(
    r"(?:^|[.,;:!?(/] ?|\b(?:at|in|on|over|during|since|before|after|until|till|to|from|by|vs|vs\.|versus|than|against"
    r"|and|or|did|was|were|how|hows|how's|beat|with|around|about|up to"
    r"|(?:sales|revenue|orders|takings|turnover|figures|numbers|results|profit|units|sellers) (?:for )?) (?:the )?)$"
)


def _spelling(name: str) -> str:
    """ "St. David's", "Saint David's" and "st davids" are one name."""
    words = (re.sub(r"s$", "s'?", re.sub(r"(?<=[a-z])s$", "'?s", w)) if len(w) > 3 else w for w in name.split(" "))
    return " ".join(r"(?:st\.?|saint)" if w == "st" else w for w in words)


def _names() -> str:
    """All names of the table as one pattern, the longest first."""
    return "|".join(_spelling(n) for n in sorted(ENGLISH, key=lambda n: (-len(n), n)))


def _named(words: str) -> Feast:
    return ENGLISH[re.sub(r"['.]", "", words).replace("saint ", "st ")]


def table_day(m: Match, ctx: Context) -> Reading | None:
    """A day of the table; a loose name only where the words before it speak of time."""
    named, year = _named(m["name"]), said_year(m, ctx)
    if named.loose and not (m["rel"] or year or _PLACED.search(words_before(m))):
        return None
    return feast(ctx, named, year, relation(m))


def fixed_day(m: Match, ctx: Context) -> Reading | None:
    month, day = FIXED_DAYS[m["name"]]
    return year_or_recurring(ctx, day_at(ctx, month, day), said_year(m, ctx), relation(m))


def black_friday(m: Match, ctx: Context) -> Reading | None:
    offset, length = {"cyber monday": (3, 1), "black friday weekend": (0, 3), "black friday week": (-4, 7)}.get(
        m["name"], (0, 1)
    )
    return year_or_recurring(ctx, black_friday_at(ctx, offset, length), said_year(m, ctx), relation(m))


def christmas(m: Match, ctx: Context) -> Reading | None:
    return year_or_recurring(ctx, christmas_at(ctx), said_year(m, ctx), relation(m))


_OCCASION_BEFORE = re.compile(r"\b(?:at|over|during|since|before|after|until|this|week of) $")
_FIGURE_BEFORE = re.compile(
    r"\b(?:vs|versus|than|against"
    r"|(?:sales|revenue|orders|takings|turnover|figures|numbers|results|profit|units|sellers|customers)(?: for)?) $"
)
_ENDED = re.compile(r"[ ,]*(?:[?.!;)]|$|please|pls|plz)")


def vague_christmas(m: Match, ctx: Context) -> Reading | None:
    """ "at Christmas", "last Christmas": asked back; "christmas garland" is no date."""
    before = words_before(m)
    alone = _FIGURE_BEFORE.search(before) and _ENDED.match(m.string[m.end() :])
    if not (m["rel"] or said_year(m, ctx) or _OCCASION_BEFORE.search(before) or alone):
        return None
    ats = (christmas_at(ctx), day_at(ctx, 12, 25))
    return either(ctx, ats, said_year(m, ctx), relation(m), "it could be the season or the day")


def christmas_abroad(m: Match, ctx: Context) -> Reading | None:
    """ "at Noël", "since Navidad"; the words alone are names too."""
    return vague_christmas(m, ctx) if _OCCASION_BEFORE.search(words_before(m)) else None


def between_the_years(m: Match, ctx: Context) -> Reading | None:
    ats = (feast_at(ctx, fixed(12, 26), 6), feast_at(ctx, fixed(12, 27), 4))
    return either(ctx, ats, said_year(m, ctx), "begun", "it could begin on Boxing Day or after it")


def new_year(m: Match, ctx: Context) -> Reading | None:
    """ "since New Year's"."""
    return year_or_recurring(ctx, day_at(ctx, 1, 1), said_year(m, ctx))


def rules() -> tuple[tuple[str, Builder], ...]:
    return (
        (
            REL + dated(r"(?P<name>black friday weekend|black friday week|black friday|cyber monday)"),
            black_friday,
        ),
        (rf"(?:the )?{REL}" + dated(r"christmas (?:shopping |selling )?(?:season|trading|trade)"), christmas),
        (rf"(?:the )?{REL}christmas(?: time| period)?(?:{YEAR_AFTER})?", vague_christmas),
        (rf"{REL}(?:no[eë]l|navidad|natale|weihnachten)(?:{YEAR_AFTER})?", christmas_abroad),
        (REL + dated(rf"(?P<name>{alternatives(k for k in FIXED_DAYS if k.isascii())})"), fixed_day),
        (
            rf"(?:the )?{REL}(?P<season>{alternatives(k for k in SEASONS if k.isascii())})"
            rf"(?:(?: of)? (?P<y>{YEAR})(?:[/-](?:20)?\d\d(?!\d))?)?",
            spoken.season_of,
        ),
        (rf"(?:the )?{REL}" + dated(rf"(?P<name>{_names()})") + _NO_GOODS, table_day),
        (
            r"between (?:christmas|boxing day)(?: day)? and (?:the )?new year(?:'?s)?(?: eve| day)?"
            rf"(?:{YEAR_AFTER})?",
            between_the_years,
        ),
        (rf"(?<=since )new year'?s?(?:{YEAR_AFTER})?(?! ?(?:day|eve))", new_year),
        (rf"(?<=after )new year'?s?(?:{YEAR_AFTER})?(?! ?(?:day|eve))", new_year),
        (rf"(?<=before )new year'?s?(?:{YEAR_AFTER})?(?! ?(?:day|eve))", new_year),
    )
