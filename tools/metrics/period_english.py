"""English time expressions: one table of patterns over normalised text, each with what it means."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.metrics import period_spoken as spoken
from tools.metrics import period_written as written
from tools.metrics.period_atoms import FIXED_DAYS, SEASONS
from tools.metrics.period_patterns import (
    DAYNO,
    DAYWORD,
    FULL,
    MON,
    MONTHS,
    TO,
    UNIT,
    UNITS,
    WD,
    Y4,
    YEAR,
    Builder,
    N,
    alternatives,
)

REL = r"(?:(?P<rel>last|this|next|previous|past|coming|current) )?"
YEAR_AFTER = rf"(?:,? ?(?:of |in )?(?:the year )?|[-/])(?P<y>{YEAR})"
DAY_YEAR = rf"(?:,? ?(?P<y>{Y4}|'\d\d|(?:last|this) year))?"
OF_YEAR = rf"(?:,? ?(?:of |in )?(?:the year )?|[-/])(?P<y>{YEAR}|(?:of|in) the year)"
YEAR_BEFORE = rf"(?P<py>{Y4}|(?:the )?(?:last|this|next|previous) year(?:'?s)?)(?:[ ,]{{1,2}}|[-/])"
ORDINAL = r"(?P<q>first|second|third|fourth|final|[1-4](?:st|nd|rd|th))"
NOT_OF = rf"(?! of (?!the year|in|{YEAR}))"
NOT_A_DAY = r"(?! ?(?:%|times|per ?cent|best|top|biggest|largest|worst|most|lowest|highest|tier|[a-z]*sellers?))"
FEW = r"(?P<u>days|weeks|months|quarters|years)"
BIG = r"(?P<u>week|month|quarter|year)"
SMALL_N = r"(?P<n>a|an|\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
INNER = (
    rf"(?:the )?(?P<inner>(?:q[1-4]|(?:first|second|third|fourth) quarter|(?:{MONTHS}))(?:,? (?:of )?(?:{YEAR}))?|{Y4}"
    r"|(?:the|this|last|next) (?:year|quarter|month))"
)
A_DAY = rf"(?P<inner>{DAYNO}(?: of)? (?:{MONTHS})(?: {Y4})?|(?:{MONTHS}) {DAYNO}(?:,? {Y4})?|{Y4}-\d\d-\d\d)"
NOT_A_DEED = (
    r"(?! (?:they|their|we|a|an|his|her|our|my|first|ordering|buying|he|she|i|you|sign|delivery|release|launch|day|week"
    r"|month|quarter|year)(?![a-z]))"
)
SHIFT_WAY = r"(?P<way>before|prior|earlier|preceding|afterwards|after|later|following)"
SHIFT_WAY += r"(?: (?:that|this one|this|it|then)(?![a-z]))?"
LAST_YEAR = r"(?:last|the previous|the prior|the preceding|previous|prior) (?:year|month|week|quarter)"
YEAR_AGO = r"(?:the|a|one) (?:year|month|week|quarter) (?:ago|earlier|before|prior)"
SHOP = r"(?:order |sales |shop |shop's |store |trading )?"
STARTED = (
    r"(?:started|start|opened|launched|launch|began|begun|beginning|opening|day one|day 1|inception|existed|founded)"
)


def dated(core: str, after: str = YEAR_AFTER) -> str:
    """`core` with a year after it, or one before it, or none."""
    unnamed = after.replace("?P<y>", "?:")
    return rf"(?:{YEAR_BEFORE})?{core}(?(py)(?!{unnamed})|(?:{after})?)"


FROM_TODAY: tuple[tuple[str, Builder], ...] = (
    (r"today(?:'?s)?", spoken.day_word(0)),
    (r"yesterday(?:'s)?", spoken.day_word(-1)),
    (r"(?:the )?day before yesterday", spoken.day_word(-2)),
    (r"tomorrow(?:'s)?", spoken.day_word(1)),
    (r"(?:the )?day after tomorrow", spoken.day_word(2)),
    (
        r"(?:the )?(?P<rel>this|current|last|previous|prior|preceding|past|next|coming|upcoming|following)"
        rf"(?: {FULL})? {UNIT}",
        spoken.one_unit,
    ),
    (rf"(?:the )?{BIG} before last", spoken.before_last),
    (r"last(?= ?(?:[?.!,;)]|$))", spoken.bare_last),
    (
        r"(?:the |these )?(?P<rel>last|past|previous|prior|preceding|trailing|rolling|latest|most recent)"
        rf"(?: {FULL})? {N}[ -]?(?:(?P<full2>whole|full|complete|completed|calendar|entire) )?{UNITS}",
        spoken.many_units,
    ),
    (
        rf"(?:the )?(?P<rel>next|coming|upcoming|following) {N}[ -]?(?:(?P<full>full|whole) )?{UNITS}",
        spoken.many_units,
    ),
    (rf"(?:the )?{N} (?P<rel>last|past|next|coming) (?:(?P<full>full|whole|complete) )?{UNITS}", spoken.many_units),
    (rf"(?:the )?(?P<rel>last|past|next|coming) (?:few|several|some) {FEW}", spoken.vague_count),
    (rf"(?:the|these) (?P<rel>last|past) {FEW}(?! (?:sales|revenue|orders|takings))", spoken.vague_count),
    (rf"(?:the )?(?P<rel>recent) {FEW}", spoken.vague_count),
    (r"ttm|ltm|trailing twelve months", spoken.last_twelve_months),
    (rf"{SMALL_N} {UNITS} ago", spoken.ago),
    (
        rf"(?:the )?(?:(?P<rel>last|this|next|this past|past|previous|coming|this coming) )?{WD}",
        spoken.weekday,
    ),
    (r"(?:the )?(?P<d>\d\d?(?:st|nd|rd|th)) of (?P<rel>this|the|last|previous) month", spoken.day_of_some_month),
    (r"(?:the )?(?P<d>\d\d?(?:st|nd|rd|th))(?= ?(?:[?.!,;)]|$))", spoken.day_of_some_month),
    (r"(?:the )?(?P<rel>last|this|next|this past|past|previous|current|coming) week-?end", spoken.weekend),
    (r"(?:the )?week-?end before (?P<rel>last)", spoken.weekend),
    (rf"(?:(?P<rel>this|last|previous|prior|the) )?{BIG}(?:[ -]to[ -]date|,? so far)", spoken.to_date),
    (rf"so far,? (?:in )?(?P<rel>this|the) {BIG}", spoken.to_date),
    (r"(?P<u>mtd|qtd|ytd|wtd)(?: (?P<after>last year|prior year))?", spoken.to_date),
    (rf"(?:the )?(?:rest|remainder) of (?:this|the) {BIG}", spoken.rest_of),
    (r"this (?:morning|afternoon|evening)|tonight|last night", spoken.part_of_day),
    (r"(?:the )?(?:last|past) (?:\d+ )?hours?", spoken.part_of_day),
    (r"(?:fy|fiscal(?: year)?|financial year)[ -]?'?(?:19|20)?\d\d", spoken.fiscal_year),
    (r"(?:this|last) (?:fiscal|financial) (?:year|quarter)", spoken.fiscal_year),
)

WHOLE: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:(?:the|our|its) )?(?:whole|entire|complete|full) {SHOP}(?:history|time|data ?set)",
        spoken.whole_history(False),
    ),
    (r"(?:of |for )?all[ -]time", spoken.whole_history(False)),
    (r"(?:in|over) (?:our|the shop's|the store's|the) (?:whole |entire )?history", spoken.whole_history(False)),
    (
        rf"(?:since|from) (?:we(?: have|'ve)? |i |you |the (?:shop|store|business) |the (?:very )?)?{STARTED}(?! of)"
        r"(?: trading| selling| business)?",
        spoken.whole_history(False),
    ),
    (r"(?:over|across) all (?:the )?(?:years|months|time|periods)", spoken.whole_history(False)),
    (r"ever|to date|until now|till now|up to now", spoken.whole_history(True)),
)

FROM_ANOTHER: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:the )?(?:same )?(?:{SMALL_N} )?(?P<u>days?|weeks?|fortnights?|months?|quarters?|years?|period) "
        rf"{SHIFT_WAY}{NOT_A_DEED}",
        spoken.beside,
    ),
    (r"(?:the )?(?P<n>)(?P<way>previous|prior|preceding|following) (?P<u>period)", spoken.beside),
    (
        r"(?:the |these |those )?(?:exact )?same (?:period|dates?|time|days?|weeks?|months?|quarter|season|range"
        r"|point|span|timeframe)(?: (?:of|in|from|for|during|the|but))* "
        rf"(?P<when>{LAST_YEAR}|{YEAR_AGO}|year before|{Y4})",
        spoken.same_period,
    ),
    (rf"this (?:time|month|week|quarter|day|period|season) (?P<when>last year|{YEAR_AGO})", spoken.same_period),
)

CALENDAR: tuple[tuple[str, Builder], ...] = (
    (rf"(?:the month of )?{REL}" + dated(MON), written.month_of_year),
    (rf"{MON}[-/]?'?(?P<y2>\d\d)(?!\d)", written.month_of_year),
    (
        rf"(?P<part>early|mid|late|(?:the )?(?:beginning|start|middle|end) of)[ -]{INNER}",
        written.month_part,
    ),
    (rf"(?:the )?{REL}" + dated(r"q[ -]?(?P<q>[1-4])", OF_YEAR), written.quarter_of_year),
    (dated(r"(?P<q>[1-4])q", OF_YEAR), written.quarter_of_year),
    (r"(?P<q>[1-4])q'?(?P<y>\d\d)", written.quarter_of_year),
    (r"(?:the )?" + dated(rf"{ORDINAL} quarter{NOT_OF}", OF_YEAR), written.quarter_of_year),
    (rf"(?:the )?(?P<q>last) quarter(?P<y> of (?:{YEAR}|the year))", written.quarter_of_year),
    (dated(r"quarter (?P<q>[1-4]|one|two|three|four)", OF_YEAR), written.quarter_of_year),
    (rf"(?:the )?{REL}" + dated(r"h(?P<h>[12])", OF_YEAR), written.half_year),
    (r"(?:the )?" + dated(rf"(?P<h>first|second|1st|2nd) half(?:[ -]year)?{NOT_OF}", OF_YEAR), written.half_year),
    (rf"(?:(?:the |calendar )?year )?(?P<y>{Y4})(?:'s)?", written.bare_year),
    (
        rf"(?:{WD},? )?(?:the )?(?P<d>{DAYNO})(?: of| day of)?[ -]?{MON}(?:{YEAR_AFTER}|-(?P<y2>\d\d)(?!\d))?",
        written.day_of_month,
    ),
    (rf"(?:{WD},? )?{MON} ?(?:the )?(?P<d>{DAYNO}){NOT_A_DAY}{DAY_YEAR}", written.day_of_month),
    (rf"(?:the )?(?P<d>{DAYWORD}) (?:day )?of {MON}(?:{YEAR_AFTER})?", written.day_of_month),
    (rf"{MON} (?:the )?(?P<d>{DAYWORD})(?! [a-z])", written.day_of_month),
    (
        rf"(?:from |between )?(?:the )?(?P<d>{DAYNO}){TO}(?:the )?(?P<d2>{DAYNO})(?: of)?[ -]?{MON}(?:{YEAR_AFTER})?",
        written.day_range,
    ),
    (
        rf"between (?:the )?(?P<d>{DAYNO}) and (?:the )?(?P<d2>{DAYNO})(?: of)? ?{MON}(?:{YEAR_AFTER})?",
        written.day_range,
    ),
    (
        rf"(?:from |between )?{MON} ?(?:the )?(?P<d>{DAYNO}){TO}(?:the )?(?P<d2>{DAYNO}){NOT_A_DAY}{DAY_YEAR}",
        written.day_range,
    ),
    (
        rf"between {MON} ?(?:the )?(?P<d>{DAYNO}) and (?:the )?(?P<d2>{DAYNO}){NOT_A_DAY}{DAY_YEAR}",
        written.day_range,
    ),
    (r"(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d\d?)(?P=sep)(?P<d>\d\d?)(?!\d)", written.iso_day),
    (r"(?P<y>(?:19|20)\d\d)[-/](?P<m>0[1-9]|1[0-2])(?![-/]?\d)", written.iso_month),
    (r"(?P<m>0?[1-9]|1[0-2])[-/.](?P<y>(?:19|20)\d\d)(?![-/.]?\d)", written.iso_month),
    (
        r"(?P<a>\d\d?)/(?P<b>\d\d?)(?:/(?P<y>(?:19|20)\d\d|\d\d))?(?![\d/]|\.\d)",
        written.numeric_day,
    ),
    (
        r"(?P<a>\d\d?)(?P<sep>[.-])(?P<b>\d\d?)(?P=sep)(?P<y>(?:19|20)\d\d|\d\d)(?!\d|[.]\d)",
        written.numeric_day,
    ),
    (
        r"(?:(?:calendar |iso )?week|kw|cw|wk)[ .-]?(?:no\.? ?)?(?P<w>[1-9]|[1-4]\d|5[0-3])(?!\d)"
        rf"{NOT_OF}(?:{YEAR_AFTER})?",
        written.week_number,
    ),
    (
        r"(?:the )?(?P<how>week (?:of|commencing|starting|beginning|from|ending)|week-?end (?:of|around|from)|w/c|w/e)"
        rf"(?: on)? (?:{WD},? )?(?:the )?{A_DAY}",
        written.week_of,
    ),
    (
        rf"(?:the )?(?P<side>first|last|final|second|1st|2nd)(?: {N})? (?P<u>days?|weeks?|months?|quarters?|half)"
        rf" (?:of|in) {INNER}",
        written.part_of,
    ),
    (
        rf"(?P<inner>(?:{MONTHS})(?: {Y4})?)'s (?P<side>first|last|final|second)(?: {N})? (?P<u>days?|weeks?|half)",
        written.part_of,
    ),
)

OCCASIONS: tuple[tuple[str, Builder], ...] = (
    (
        REL + dated(r"(?P<name>black friday weekend|black friday week|black friday|cyber monday)"),
        written.black_friday,
    ),
    (rf"(?:the )?{REL}" + dated(r"christmas (?:shopping |selling )?(?:season|trading|trade)"), written.christmas),
    (rf"(?:the )?{REL}christmas(?: time| period)?(?:{YEAR_AFTER})?", written.vague_christmas),
    (REL + dated(rf"(?P<name>{alternatives(k for k in FIXED_DAYS if k.isascii())})"), written.fixed_day),
    (
        rf"(?:the )?{REL}(?P<season>{alternatives(k for k in SEASONS if k.isascii())})(?:(?: of)? (?P<y>{YEAR}))?",
        spoken.season_of,
    ),
)

RULES = (*FROM_TODAY, *WHOLE, *FROM_ANOTHER, *CALENDAR, *OCCASIONS)


@lru_cache(maxsize=1)
def rules() -> tuple[tuple[re.Pattern[str], Builder], ...]:
    """The table compiled, once, when first asked for."""
    return tuple((re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"), build) for pattern, build in RULES)
