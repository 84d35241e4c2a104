"""English time expressions: one table of patterns over normalised text, each with what it means."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.metrics import period_business, period_lengths, period_occasions, period_weekdays, period_weeks
from tools.metrics import period_spoken as spoken
from tools.metrics import period_written as written
from tools.metrics.period_patterns import (
    DAYNO,
    DAYWORD,
    FULL,
    INNER,
    MON,
    MONTHS,
    NOT_OF,
    OF_YEAR,
    REL,
    TO,
    UNIT,
    UNITS,
    WD,
    Y4,
    YEAR,
    YEAR_AFTER,
    Builder,
    N,
    dated,
)

DAY_YEAR = rf"(?:,? ?(?P<y>{Y4}|'\d\d|(?:last|this) year|(?:ly|py)(?![a-z])))?"
ORDINAL = r"(?P<q>first|second|third|fourth|final|[1-4](?:st|nd|rd|th))"
NOT_A_DAY = r"(?! ?(?:%|times|per ?cent|best|top|biggest|largest|worst|most|lowest|highest|tier|[a-z]*sellers?))"
FEW = r"(?P<u>days|weeks|months|quarters|years)"
BIG = r"(?P<u>week|month|quarter|year)"
SMALL_N = r"(?P<n>a|an|\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
NOT_A_DEED = (
    r"(?! (?:they|their|we|a|an|his|her|our|my|first|ordering|buying|he|she|i|you|sign|delivery|release|launch|day|week"
    r"|month|quarter|year)(?![a-z]))"
)
SHIFT_WAY = r"(?:of |which (?:is )?|that is )?(?P<way>before|prior|earlier|preceding|afterwards|after|later|following)"
SHIFT_WAY += r"(?: (?:that|this one|this|it|then)(?![a-z]))?"
LAST_YEAR = r"(?:last|the previous|the prior|the preceding|previous|prior|the past) (?:year|month|week|quarter)|ly|py"
YEAR_AGO = r"(?:the|a|one) (?:year|month|week|quarter) (?:ago|earlier|before|prior|back)"
YEAR_ENDS = r"(?= ?(?:[?!;)]|,? (?:vs\.?|versus|to|and|against|compared)(?![a-z])|\.?$))"
SHOP = r"(?:order |sales |shop |shop's |store |trading )?"
STARTED = (
    r"(?:started|start|opened|launched|launch|began|begun|beginning|opening|day one|day 1|inception|existed|founded)"
)


FROM_TODAY: tuple[tuple[str, Builder], ...] = (
    (r"today(?:'?s)?", spoken.day_word(0)),
    (r"yesterday(?:'s)?", spoken.day_word(-1)),
    (r"(?:the )?(?:day before|other) yesterday", spoken.day_word(-2)),
    (r"(?:the )?day of today", spoken.day_word(0)),
    (r"tomorrow(?:'s)?", spoken.day_word(1)),
    (r"(?:the )?day after tomorrow", spoken.day_word(2)),
    (
        r"(?:the )?(?P<rel>this|current|last|previous|prior|preceding|past|next|coming|upcoming|following)"
        rf"(?: {FULL})? {UNIT}",
        spoken.one_unit,
    ),
    (rf"(?:the )?{BIG} before last", spoken.before_last),
    (r"last(?= ?(?:[?.!,;)]|$))", spoken.bare_last),
    (rf"(?:the )?actual {BIG}(?= ?(?:[?.!,;)]|$))", spoken.actual),
    (rf"(?:the )?{N} (?P<rel>last|past|previous) {FULL} (?:calendar )?{UNITS}", spoken.many_units),
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
    (r"(?:the )?(?P<d>\d\d?(?:st|nd|rd|th)) of (?P<rel>this|the|last|previous) month", spoken.day_of_some_month),
    (r"(?:the )?(?P<d>\d\d?(?:st|nd|rd|th))(?= ?(?:[?.!,;)]|$))", spoken.day_of_some_month),
    (
        rf"(?:(?P<rel>this|last|previous|prior|the) )?{BIG}(?:[ -]to[ -]date| (?:un)?till? date|,? so far)",
        spoken.to_date,
    ),
    (rf"(?:so far|until now|till now|up to now),? (?:in )?(?P<rel>this|the) {BIG}", spoken.to_date),
    (r"(?P<u>mtd|qtd|ytd|wtd)(?: (?P<after>last year|prior year|previous year|ly|py))?", spoken.to_date),
    (r"(?P<after>ly|py) (?P<u>mtd|qtd|ytd|wtd)|(?P<before>[lp])(?P<u2>mtd|qtd|ytd|wtd)", spoken.to_date),
    (rf"(?:the )?(?:rest|remainder) of (?:this|the) {BIG}", spoken.rest_of),
    (r"this (?:morning|afternoon|evening)|tonight|last night", spoken.part_of_day),
    (r"(?:the )?(?:last|past) (?:\d+ ?)?(?:hours?|h(?:rs?)?)", spoken.part_of_day),
)

WHOLE: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:(?:the|our|its) )?(?:whole|entire|complete|full) {SHOP}(?:history|time|data ?set)",
        spoken.whole_history(False),
    ),
    (r"(?:of |for )?all[ -]time|lifetime(?! value)", spoken.whole_history(False)),
    (r"(?:in|over) (?:our|the shop's|the store's|the) (?:whole |entire )?history", spoken.whole_history(False)),
    (
        rf"(?:since|from) (?:we(?: have|'ve)? |i |you |the (?:shop|store|business) |the (?:very )?)?{STARTED}(?! of)"
        r"(?: trading| selling| business)?",
        spoken.whole_history(False),
    ),
    (
        r"(?:in|over|during) (?:their|his|her|its) (?:whole |entire )?(?:life ?times?|lives|life|history)(?: with us)?",
        spoken.whole_history(False),
    ),
    (r"(?:over|across) all (?:the )?(?:years|months|time|periods)", spoken.whole_history(False)),
    (r"ever|to date|until now|till now|up to now", spoken.whole_history(True)),
)

FROM_ANOTHER: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:the )?(?:same )?(?:{SMALL_N} )?"
        r"(?P<u>days?|weeks?|week-?ends?|fortnights?|months?|quarters?|half[ -]years?|years?|period) "
        rf"{SHIFT_WAY}{NOT_A_DEED}",
        spoken.beside,
    ),
    (r"(?:the )?(?P<n>)(?P<way>previous|prior|preceding|following) (?P<u>period)", spoken.beside),
    (r"the (?P<n>)(?P<u>one) (?P<way>before|prior|preceding|after)(?: (?:that|this))?(?= ?[?.!]*$)", spoken.beside),
    (
        r"(?:the |these |those )?(?:exact )?same (?:period|dates?|time|days?|weeks?|fortnight|months?|quarter|season"
        r"|range|point|span|timeframe)(?: (?:of|in|from|for|during|the|but))* "
        rf"(?P<when>{LAST_YEAR}|{YEAR_AGO}|year before|{Y4})",
        spoken.same_period,
    ),
    (rf"this (?:time|month|week|quarter|day|period|season) (?P<when>last year|ly|{YEAR_AGO})", spoken.same_period),
)

CALENDAR: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:(?:the )?(?:month of(?! (?:the )?[a-z]+ year)|(?:whole|entire|full|complete)(?: month)?(?: of)?) )?"
        + REL
        + dated(MON),
        written.month_of_year,
    ),
    (rf"{MON}[-/]?'?(?P<y2>\d\d)(?!\d)", written.month_of_year),
    (
        rf"(?P<part>early|mid|late|(?:the )?(?:beginning|begin|start|middle|end) of)[ -]{INNER}",
        written.month_part,
    ),
    (
        r"(?:(?<=since )|(?<=from ))(?:the )?(?P<part>beginning|begin|start) of (?P<inner>year|month|quarter|week)",
        written.month_part,
    ),
    (rf"(?:the )?{REL}" + dated(r"q[ -]?(?P<q>[1-4])", OF_YEAR), written.quarter_of_year),
    (dated(r"(?P<q>[1-4])q", OF_YEAR), written.quarter_of_year),
    (r"(?P<q>[1-4])q'?(?P<y>\d\d)", written.quarter_of_year),
    (rf"(?:q(?P<q>[1-4])|h(?P<h>[12]))[ /-]?(?P<y2>\d\d){YEAR_ENDS}", written.short_year),
    (
        r"(?:the )?" + dated(rf"{ORDINAL}[ -](?:quarter|trimester(?! pregnan)){NOT_OF}", OF_YEAR),
        written.quarter_of_year,
    ),
    (rf"(?:the )?(?P<q>last) (?:quarter|trimester)(?P<y> of (?:{YEAR}|the year))", written.quarter_of_year),
    (dated(r"(?:quarter|trimester) (?P<q>[1-4]|one|two|three|four)", OF_YEAR), written.quarter_of_year),
    (rf"(?:the )?{REL}" + dated(r"h(?P<h>[12])", OF_YEAR), written.half_year),
    (
        r"(?:the )?" + dated(rf"(?P<h>first|second|1st|2nd) (?:half(?:[ -]year)?|semester){NOT_OF}", OF_YEAR),
        written.half_year,
    ),
    (dated(r"semester (?P<h>[12])", OF_YEAR), written.half_year),
    (r"(?:the )?(?P<rel>this|current|last|past|previous|prior|next|coming) semester", written.semester),
    (rf"(?:(?:the |calendar )?year )?(?P<y>{Y4})(?:'s)?", written.bare_year),
    (
        rf"(?:{WD},? )?(?:the )?(?P<d>{DAYNO})\.?(?: of| day of)?[ -]?{MON}(?:{YEAR_AFTER}|-(?P<y2>\d\d)(?!\d))?",
        written.day_of_month,
    ),
    (rf"(?:{WD},? )?{MON} ?(?:the )?(?P<d>{DAYNO}){NOT_A_DAY}{DAY_YEAR}", written.day_of_month),
    (rf"(?:the )?(?P<d>{DAYWORD}) (?:day )?of {MON}(?:{YEAR_AFTER})?", written.day_of_month),
    (rf"{MON} (?:the )?(?P<d>{DAYWORD})(?! [a-z])", written.day_of_month),
    (
        rf"(?:from |between )?(?:the )?(?P<d>{DAYNO})\.?{TO}(?:the )?(?P<d2>{DAYNO})\.?(?: of)?[ -]?{MON}"
        rf"(?:{YEAR_AFTER})?",
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
    (r"(?P<a>\d\d?)\. ?(?P<b>\d\d?)\.(?!\d)", written.dotted_day),
    (
        r"(?P<a>\d\d?)(?P<sep>[.-])(?P<b>\d\d?)(?P=sep)(?P<y>(?:19|20)\d\d|\d\d)(?!\d|[.]\d)",
        written.numeric_day,
    ),
    (rf"(?:the )?(?P<side>same) {N} (?P<u>days?|weeks?) (?:of|in) {INNER}", written.part_of),
    (rf"(?:the )?(?P<side>first|last|final|second|1st|2nd) (?P<u>half) (?:of|in) {INNER}", written.part_of),
    (
        rf"(?:the )?(?P<side>first|last|final|1st)(?: {N})? (?P<u>days?|weeks?|months?|quarters?) (?:of|in) {INNER}",
        written.part_of,
    ),
    (
        rf"(?P<inner>(?:{MONTHS})(?: {Y4})?)'s (?P<side>first|last|final|second(?= half))(?: {N})?"
        r" (?P<u>days?|weeks?|half)",
        written.part_of,
    ),
)

TABLES = (
    FROM_TODAY,
    WHOLE,
    FROM_ANOTHER,
    CALENDAR,
    period_weekdays.RULES,
    period_weeks.RULES,
    period_lengths.RULES,
    period_business.RULES,
)


@lru_cache(maxsize=1)
def rules() -> tuple[tuple[re.Pattern[str], Builder], ...]:
    """The tables compiled, once, when first asked for."""
    rows = (row for table in (*TABLES, period_occasions.rules()) for row in table)
    return tuple((re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"), build) for pattern, build in rows)
