"""From tags to slots: which metric, by what, where, when, compared with what, ranked how.

Each function reads one kind of slot from the tagged question and marks the tokens that it accounts for.
"""

from __future__ import annotations

import math
import re
from datetime import date
from itertools import pairwise

from agent.planner.frame import Frame, spoken_period
from agent.planner.hours import hours
from agent.planner.lexer import NUMBER_WORDS, Lexed, Tag
from agent.planner.named import excluded
from agent.planner.numbers import ORDINALS, ordinal_in
from tools.metrics.definitions import TIME_GRAINS
from tools.metrics.periods import Period, Shift, Span, Unclear

THOUSANDS = {"千": 1_000, "万": 10_000}
QUANTITY_RANKS = frozenset({"most", "least", "fewest", "highest", "lowest", "max", "maximum", "minimum", "min", "more"})
HOMONYMS = frozenset("state states market markets person payment payments paid segment line lines".split())
PLURAL_NOUNS = {"customers": "customer", "orders": "order", "products": "product"}
CURRENCY = frozenset("£$€¥")
ROWS_ENOUGH = re.compile(  # 'three will do'
    r"(?:just |only |the (?:first )?)?(?P<n>\w+) "
    r"(?:will do|would do|(?:are|is|will be) (?:enough|fine|plenty)|suffice)[.!]?",
    re.I,
)
BASE = re.compile(  # before what something is compared with
    r"\b(?:ahead of|behind|up on|down on|better than|worse than|against|versus|vs|compared (?:with|to)) (?:the )?$",
    re.I,
)
RANK_ALL = re.compile(r"\W*(?:(?:please|pls|can you|could you|now) )*rank\b", re.I)
WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
EACH_OF = re.compile(  # a row for each
    r"\b(?:each|every(?: one)?) of (?:the |our |these )?(?:last|past|previous|latest|most recent|first)? ?"
    r"(?:[\w-]+ ){0,2}"
    r"(?P<unit>day|week|month|quarter|year)s\b",
    re.I,
)


def number_at(lexed: Lexed, i: int) -> float | None:
    """The number that token i is, in digits or words; None for anything else or for a token of a period or name."""
    if i in lexed.taken or not 0 <= i < len(lexed.tokens):
        return None
    word = lexed.word(i)
    if re.fullmatch(r"\d+([.,]\d+)*", word):
        plain = (
            word.replace(",", "")
            if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?", word)
            else word.replace(",", ".")
        )
        found = float(plain) * THOUSANDS.get(lexed.word(i + 1), 1) if plain.count(".") <= 1 else math.inf
        return found if math.isfinite(found) else None  # hundreds of digits are no number
    return NUMBER_WORDS.get(word)


def take(lexed: Lexed, *tags: Tag) -> None:
    for t in tags:
        lexed.taken.update(range(t.first, t.last + 1))


def free(lexed: Lexed, *kinds: str) -> list[Tag]:
    """Tags of these kinds whose tokens nothing has accounted for yet."""
    return [t for t in lexed.of(*kinds) if t.first not in lexed.taken]


# ---- when


def read_periods(lexed: Lexed, frame: Frame) -> list[Span]:
    """All time expressions that are no filter; the planner decides which is this and which is that."""
    for span in lexed.periods:
        if isinstance(span.value, Period) and span.value.whole:
            frame.whole_history = True
    return told_once([s for s in lexed.periods if not (isinstance(s.value, Period) and s.value.whole)])


def unclear(lexed: Lexed) -> Unclear | None:
    return next((s.value for s in lexed.periods if isinstance(s.value, Unclear)), None)


def read_weekdays_and_hours(lexed: Lexed, frame: Frame) -> None:
    days = free(lexed, "weekday")
    weekend = free(lexed, "weekend")
    if days or weekend:
        values = list(dict.fromkeys(["Saturday", "Sunday"] * bool(weekend) + _days_said(lexed, days)))
        op = "not in" if any(excluded(lexed, t.first) for t in [*days, *weekend]) else "in"
        frame.where.append({"field": "weekday", "op": op, "value": values})
        take(lexed, *days, *weekend)
    told = {(low, high): said for low, high, said in reversed(hours(lexed))}  # 'after 6pm (18:00 onwards)' is told once
    for (low, high), said in reversed(told.items()):
        ends = ((">=", low), ("<", high))
        frame.where += [{"field": "hour", "op": op, "value": h, "said": said} for op, h in ends if h is not None]


def _days_said(lexed: Lexed, days: list[Tag]) -> list[str]:
    """The weekdays, 'Monday to Friday' with those between."""
    out = [d.value for d in days]
    for one, other in pairwise(days):
        between = [lexed.word(i) for i in range(one.last + 1, other.first)]
        if len(between) == 1 and between[0] in ("to", "through", "till", "until", "-", "–", "thru", "到", "至"):
            first, last = WEEK.index(one.value), WEEK.index(other.value)
            out += WEEK[first : last + 1] if first < last else [*WEEK[first:], *WEEK[: last + 1]]
    return out


# ---- ranks


def read_rank(lexed: Lexed, frame: Frame) -> None:
    ranks = [t for t in free(lexed, "rank") if not _in_comparison(lexed, t)]
    if not ranks:
        frame.limit = _first_ones(lexed)
        frame.direction = "top" if RANK_ALL.match(lexed.text) else None
        return
    frame.direction = "bottom" if any(r.value == "bottom" for r in ranks) else "top"
    words_ = {lexed.word(i) for r in ranks for i in range(r.first, r.last + 1)}
    if words_ & {"busiest", "quietest"} or any(
        "often" in lexed.word(i) for r in ranks for i in range(r.first, r.last + 1)
    ):
        frame.asks.add("orders")
    place = _place(lexed, ranks)
    frame.limit, frame.offset = (1, place - 1) if place else (_limit(lexed, ranks), 0)
    nouns = {t.first for t in lexed.of("dim")}
    take(lexed, *(r for r in ranks if r.first not in nouns))


def _first_ones(lexed: Lexed) -> int | None:
    """'Just the first two' keeps the order that there is."""
    enough = ROWS_ENOUGH.fullmatch(lexed.text.strip())
    if enough and (n := number_at(lexed, lexed.at(lexed.text.index(enough["n"])))):
        lexed.taken.update(range(len(lexed.tokens)))
        return int(n)
    last = len(lexed.tokens) - 1
    n = number_at(lexed, last)
    if n is None or n != int(n) or not 1 <= n <= 1000 or lexed.word(last - 1) != "first":
        return None
    lexed.taken.update((last - 1, last))
    return int(n)


def _in_comparison(lexed: Lexed, t: Tag) -> bool:
    """'at least 5', 'at most', and 'min' or 'max' before a number are no ranks."""
    return lexed.word(t.first - 1) == "at" and lexed.word(t.first) in ("least", "most")


def _place(lexed: Lexed, ranks: list[Tag]) -> int | None:
    """'the third best', 'the 2nd highest': the place before a rank."""
    for first in (r.first for r in ranks):
        start = first - 1 if lexed.word(first - 1) in ORDINALS else first - 2
        said = "".join(lexed.word(i) for i in range(max(0, start), first))
        if place := ordinal_in(said):
            lexed.taken.update(range(start, first))
            return place
    return None


def _limit(lexed: Lexed, ranks: list[Tag]) -> int | None:
    """A whole number beside a rank or beside the thing ranked: 'top 5', '5 best', 'the ten best countries'."""
    for i in range(len(lexed.tokens)):
        n = number_at(lexed, i)
        if n is None or n != int(n) or not 1 <= n <= 1000:
            continue
        if lexed.word(i + 1) in ("%", "percent") or lexed.word(i - 1) in CURRENCY or _is_threshold(lexed, i):
            continue
        near = any(r.last + 1 <= i <= r.last + 2 or i < r.first <= i + 3 for r in ranks)
        before_noun = any(t.kind in ("dim", "metric") and i < t.first <= i + 2 for t in lexed.tags)
        near = near or any(t.value == "which" and t.last == i - 1 for t in lexed.of("ask"))
        counted = lexed.word(i + 1) in ("个", "種", "种", "家", "位", "款", "名", "of")
        if near or before_noun or counted:
            lexed.taken.add(i)
            return int(n)
    return None


def _is_threshold(lexed: Lexed, i: int) -> bool:
    return any(t.kind == "than" and t.last in (i - 1, i - 2) and t.value != "=" for t in lexed.tags) or any(
        t.kind == "times" and t.first == i + 1 and lexed.word(t.first) in ("times", "x", "次", "回") for t in lexed.tags
    )


# ---- dimensions


def read_dims(lexed: Lexed, frame: Frame) -> None:
    for t in free(lexed, "grain"):
        if _is_grain(lexed, t):
            frame.grain = t.value
            take(lexed, t)
    for t in free(lexed, "dim"):
        if t.value not in frame.dims and _is_dimension(lexed, t, frame):
            frame.dims.append(t.value)
            take(lexed, t)
    for t in free(lexed, "metric"):
        noun = PLURAL_NOUNS.get(lexed.word(t.first)) if t.first == t.last else None
        if (
            noun is None
            and t.value in PLURAL_NOUNS
            and lexed.word(t.first)
            in ("clients", "buyers", "shoppers", "people", "invoices", "transactions", "客户", "顾客", "订单")
        ):
            noun = PLURAL_NOUNS[t.value]
        counts = lexed.word(t.last) == "数"  # '客户数' is how many
        noun = noun or (PLURAL_NOUNS.get(t.value) if lexed.chinese and not counts else None)
        if noun and noun not in frame.dims and _ranked_noun(lexed, t, frame):
            frame.dims.append(noun)
            take(lexed, t)
    if not frame.dims and _asks_who(lexed) and not frame.grain and not _several_named(frame):
        frame.dims.append("customer")
    if not frame.grain and (of_each := EACH_OF.search(lexed.text)):
        frame.grain = of_each["unit"].lower()
        frame.dims = [d for d in frame.dims if d != frame.grain]
    _times_as_grain(frame)


def _several_named(frame: Frame) -> bool:
    """'Hazelden or Loftfield, who made more?': one of these."""
    return any(isinstance(w.get("value"), list) and w.get("op") == "in" for w in frame.where)


def _asks_who(lexed: Lexed) -> bool:
    """'Who …?' asks for customers; 'customers who …' only says which."""
    openers = ("", "and", ",", "but", "so", "then", "ok")
    return any(t.text in ("who", "whose", "谁") and lexed.word(i - 1) in openers for i, t in enumerate(lexed.tokens))


def _is_grain(lexed: Lexed, t: Tag) -> bool:
    """'per month' beside 'average' asks for a mean of the months, not for a row a month."""
    per = lexed.word(t.first) in ("per", "a", "each", "every", "每", "日")
    averaged = any(lexed.word(i) in ("average", "avg", "mean", "平") for i in range(len(lexed.tokens)))
    return not (
        per
        and averaged
        and not lexed.has("metric", "average_order_value", "average_price")
        and t.value in ("day", "week", "month")
    )


def _times_as_grain(frame: Frame) -> None:
    """An unranked time dimension is a trend: it gets the complete axis."""
    for d in [d for d in frame.dims if d in TIME_GRAINS]:
        if not frame.ranked and frame.grain is None:
            frame.grain = d
        if not frame.ranked and frame.grain == d:
            frame.dims.remove(d)


def _is_dimension(lexed: Lexed, t: Tag, frame: Frame) -> bool:
    """Behind by / per / each / which / who, or what is ranked; 'every product called X' only says which."""
    if any(c.first == t.last + 1 for c in lexed.of("contains")) and not frame.ranked:
        return False
    if any(x.value == "how_many" and 0 < t.first - x.last <= 2 for x in lexed.of("ask")):
        return False
    if lexed.word(t.first - 1) in ("and", ",", "&", "和") and _breaks_down(lexed, t.first - 2, frame):
        return True
    before = [x for x in lexed.of("ask") if x.last < t.first and x.value in ("by", "which")]
    near = [x for x in before if t.first - x.last <= 3 and not _breaks(lexed, x.last + 1, t.first)]
    if near:
        return True
    counted = any(x.value == "how_many" and x.first < t.first for x in lexed.of("ask"))
    if frame.ranked and not counted:
        return t.value not in TIME_GRAINS or _beside_rank(lexed, t)
    bare = t.value not in (*TIME_GRAINS, "order", "customer", "product", "hour") and not _one_named(lexed, t)
    return bare and lexed.word(t.first) not in HOMONYMS


def _breaks_down(lexed: Lexed, i: int, frame: Frame) -> bool:
    """Token i ends a dimension: 'by month and product'."""
    return any(x.last == i and x.value in (frame.grain, *frame.dims) for x in lexed.of("grain", "dim"))


def _one_named(lexed: Lexed, t: Tag) -> bool:
    """'brand Acme': the word only says what the name beside it is; 'Irish regions' are several."""
    beside = (f for f in lexed.found if abs(lexed.at(f.start) - t.last) <= 1 or abs(lexed.at(f.end) - t.first) <= 1)
    return any(not f.matches or any(m.field == t.value for m in f.matches) for f in beside)


def _breaks(lexed: Lexed, first: int, last: int) -> bool:
    return any(
        t.kind in ("metric", "verb", "period") and first <= t.first < last for t in lexed.tags if t.kind != "metric"
    )


def _beside_rank(lexed: Lexed, t: Tag) -> bool:
    return any(r.last < t.first <= r.last + 3 or t.last < r.first <= t.last + 4 for r in lexed.of("rank"))


def _ranked_noun(lexed: Lexed, t: Tag, frame: Frame) -> bool:
    """'top 5 customers', 'which customers', 'by customers'; but 'most orders' and 'how many customers' are counts."""
    asked = [x for x in lexed.of("ask") if x.last < t.first and t.first - x.last <= 2]
    if frame.ranked and frame.dims and any(x.value == "by" for x in asked):
        return False  # 'top 10 customers by orders': what they are ranked by
    if any(x.value in ("by", "which") for x in asked):
        return True
    if any(x.value in ("how_many", "how_much", "how_often") for x in asked):
        return False
    if set(frame.dims) & set(TIME_GRAINS) and lexed.word(t.first - 1) == "for":
        return False  # 'worst month for orders'
    if not frame.ranked:
        return False
    if lexed.chinese:
        return not frame.dims and not lexed.has("ask", "how_many")
    for r in lexed.of("rank"):
        quantity = lexed.word(r.last) in QUANTITY_RANKS
        if r.last < t.first <= r.last + 3:
            return not quantity
        if t.last < r.first <= t.last + 3 and not frame.dims:
            return True
    return False


# ---- periods into the frame


def in_order(periods: list[Span], lexed: Lexed, frame: Frame) -> list[Span]:
    """Of two periods compared the first is this one; 'from September to October' says the later one last, 'are we ahead
    of last year' the base first."""
    changed = frame.growth or bool(frame.asks & {"growth", "compare"})
    if (
        len(periods) == 2
        and changed
        and _begins(periods[0]) < _begins(periods[1])
        and re.search(r"\b(?:from|between)\s*$|[从從]$", lexed.text[: periods[0].start], re.I)
    ):
        return periods[::-1]
    if len(periods) == 2 and BASE.search(lexed.text[: periods[0].start]) and _begins(periods[0]) < _begins(periods[1]):
        return periods[::-1]
    return periods


def _begins(span: Span) -> date:
    assert isinstance(span.value, Period)
    return span.value.start


def told_once(spans: list[Span]) -> list[Span]:
    """'on Black Friday, i.e. 28 November': the same days said twice are said once."""
    days = [(s.value.start, s.value.end) if isinstance(s.value, Period) else s for s in spans]
    return [s for i, s in enumerate(spans) if days[i] not in days[:i]]


def set_periods(spans: list[Span], lexed: Lexed, frame: Frame) -> None:
    """One period is this; of two, with a comparison, the first is this and the second that."""
    periods = [s for s in spans if isinstance(s.value, Period)]
    shifts = [s for s in spans if isinstance(s.value, Shift)]
    if frame.metrics == ["retention"] and len(periods) > 2:
        periods = periods[-2:]
    periods = [*in_order(periods, lexed, frame)]
    if periods:
        assert isinstance(periods[0].value, Period)
        frame.period = spoken_period(periods[0].value)
    if len(periods) > 1 and isinstance(periods[1].value, Period):
        frame.compare_to = spoken_period(periods[1].value)
    elif periods and shifts and isinstance(shifts[0].value, Shift):
        frame.compare_to = "year_earlier" if shifts[0].value.unit == "year" and shifts[0].value.same else "previous"
