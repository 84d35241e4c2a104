"""From tags to slots: which metric, by what, where, when, compared with what, ranked how.

Each function reads one kind of slot from the tagged question and marks the tokens that it accounts for.
"""

from __future__ import annotations

import re
from typing import Any

from agent.planner.frame import Frame, spoken_period
from agent.planner.lexer import NUMBER_WORDS, Lexed, Tag
from tools.metrics.definitions import TIME_GRAINS
from tools.metrics.periods import Period, Shift, Span, Unclear
from tools.metrics.request import Match

QUANTITY_RANKS = frozenset({"most", "least", "fewest", "highest", "lowest", "max", "maximum", "minimum", "min", "more"})
PLURAL_NOUNS = {"customers": "customer", "orders": "order", "products": "product"}
GROUP_OF = {"customers": "customer", "orders": "order", "products": "product"}
CURRENCY = frozenset("£$€¥")


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
        return float(plain) if plain.count(".") <= 1 else None
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
    return [s for s in lexed.periods if not (isinstance(s.value, Period) and s.value.whole)]


def unclear(lexed: Lexed) -> Unclear | None:
    return next((s.value for s in lexed.periods if isinstance(s.value, Unclear)), None)


def read_weekdays_and_hours(lexed: Lexed, frame: Frame) -> None:
    days = free(lexed, "weekday")
    weekend = free(lexed, "weekend")
    if days or weekend:
        values = list(dict.fromkeys(["Saturday", "Sunday"] * bool(weekend) + [d.value for d in days]))
        op = "not in" if any(_excluded(lexed, t.first) for t in [*days, *weekend]) else "in"
        frame.where.append({"field": "weekday", "op": op, "value": values})
        take(lexed, *days, *weekend)
    for low, high, said in _hours(lexed):
        ends = ((">=", low), ("<", high))
        frame.where += [{"field": "hour", "op": op, "value": h, "said": said} for op, h in ends if h is not None]


HOUR = re.compile(
    r"(?P<how>before|after|until|from|between|since|till)?\s*(?P<a>\d{1,2})(?::00)?\s*(?P<am>am|pm|a\.m\.|p\.m\.|o'?clock|h\b)?"
    r"\s*(?:(?:-|–|to|and|until|till)\s*(?P<b>\d{1,2})(?::00)?\s*(?P<bm>am|pm|a\.m\.|p\.m\.|o'?clock|h\b)?)?"
    r"\s*(?P<part>in the (?:morning|afternoon|evening)|at night)?",
    re.I,
)
HOUR_ZH = re.compile(
    r"(?P<part>上午|下午|晚上|早上)?(?P<a>\d{1,2})[点點时時](?:[到至\-–](?P<part2>上午|下午|晚上)?(?P<b>\d{1,2})[点點时時])?(?P<how>之前|以前|前|之后|以后|后)?"
)
PARTS_OF_DAY = {
    r"\bnoon\b": 12, r"\bmidday\b": 12, r"\bmidnight\b": 0,
}  # fmt: skip


def _hours(lexed: Lexed) -> list[tuple[int | None, int | None, str]]:
    """Half-open ranges of hours: 'before 9 in the morning' is (None, 9)."""
    text = _masked(lexed)
    out = []
    for word, hour in PARTS_OF_DAY.items():
        text = re.sub(word, f"{hour} o'clock", text, flags=re.I) if re.search(word, text, re.I) else text
    for m in HOUR.finditer(text):
        marked = m["am"] or m["bm"] or m["part"]
        if not marked or (not m["how"] and not m["b"]):
            continue
        found = _hour_range(m)
        if found:
            out.append((*found, lexed.text[m.start() : m.end()].strip()))
            lexed.cover(m.start(), m.end())
    for m in HOUR_ZH.finditer(text):
        late = 12 if m["part"] in ("下午", "晚上") else 0
        a = int(m["a"]) + (late if int(m["a"]) < 12 else 0)
        excluded = re.search(r"不含|不包括|不算|除", text[max(0, m.start() - 4) : m.start()])
        if excluded and m["how"]:
            out.append((a, None, m.group()) if "前" in m["how"] else (None, a, m.group()))
        elif m["b"]:
            b = int(m["b"]) + (12 if (m["part2"] or m["part"]) in ("下午", "晚上") and int(m["b"]) < 12 else 0)
            out.append((a, b, m.group()))
        elif m["how"]:
            out.append((None, a, m.group()) if "前" in m["how"] else (a, None, m.group()))
        else:
            continue
        lexed.cover(m.start(), m.end())
    return out


def _masked(lexed: Lexed) -> str:
    """The text with what periods and names account for blanked out, offsets kept."""
    chars = list(lexed.text)
    for span in [*lexed.periods, *lexed.found]:
        chars[span.start : span.end] = " " * (span.end - span.start)
    return "".join(chars)


def _hour_range(m: re.Match[str]) -> tuple[int | None, int | None] | None:
    marks = " ".join(x or "" for x in (m["am"], m["bm"], m["part"])).lower()
    a = _clock(int(m["a"]), (m["am"] or m["bm"] or m["part"] or "").lower())
    if m["b"]:
        return a, _clock(int(m["b"]), (m["bm"] or m["part"] or marks).lower())
    how = (m["how"] or "").lower()
    if how in ("before", "until", "till"):
        return None, a
    return (a, None) if how in ("after", "from", "since") else None


def _clock(hour: int, mark: str) -> int:
    if ("p" in mark[:1] or "afternoon" in mark or "evening" in mark) and hour < 12:
        return hour + 12
    return 0 if mark.startswith("a") and hour == 12 and "afternoon" not in mark else hour


# ---- ranks


def read_rank(lexed: Lexed, frame: Frame) -> None:
    ranks = [t for t in free(lexed, "rank") if not _in_comparison(lexed, t)]
    if not ranks:
        return
    frame.direction = "bottom" if any(r.value == "bottom" for r in ranks) else "top"
    words_ = {lexed.word(i) for r in ranks for i in range(r.first, r.last + 1)}
    if words_ & {"busiest", "quietest"} or any(
        "often" in lexed.word(i) for r in ranks for i in range(r.first, r.last + 1)
    ):
        frame.asks.add("orders")
    frame.limit = _limit(lexed, ranks)
    nouns = {t.first for t in lexed.of("dim")}
    take(lexed, *(r for r in ranks if r.first not in nouns))


def _in_comparison(lexed: Lexed, t: Tag) -> bool:
    """'at least 5', 'at most', and 'min' or 'max' before a number are no ranks."""
    return lexed.word(t.first - 1) == "at" and lexed.word(t.first) in ("least", "most")


def _limit(lexed: Lexed, ranks: list[Tag]) -> int | None:
    """A whole number beside a rank or beside the thing ranked: 'top 5', '5 best', 'the ten countries with the highest'."""
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
        noun = noun or (PLURAL_NOUNS.get(t.value) if lexed.chinese else None)
        if noun and noun not in frame.dims and _ranked_noun(lexed, t, frame):
            frame.dims.append(noun)
            take(lexed, t)
    if not frame.dims and _asks_who(lexed) and not frame.grain:
        frame.dims.append("customer")
    _times_as_grain(frame)


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
    before = [x for x in lexed.of("ask") if x.last < t.first and x.value in ("by", "which")]
    near = [x for x in before if t.first - x.last <= 3 and not _breaks(lexed, x.last + 1, t.first)]
    if near:
        return True
    if frame.ranked and not lexed.has("ask", "how_many"):
        return t.value not in TIME_GRAINS or _beside_rank(lexed, t)
    return t.value not in (*TIME_GRAINS, "order", "customer", "product", "hour") and not _one_named(lexed, t)


def _one_named(lexed: Lexed, t: Tag) -> bool:
    """'brand Acme': the word only says what the name beside it is."""
    return any(abs(lexed.at(f.start) - t.last) <= 1 or abs(lexed.at(f.end) - t.first) <= 1 for f in lexed.found)


def _breaks(lexed: Lexed, first: int, last: int) -> bool:
    return any(
        t.kind in ("metric", "verb", "period") and first <= t.first < last for t in lexed.tags if t.kind != "metric"
    )


def _beside_rank(lexed: Lexed, t: Tag) -> bool:
    return any(r.last < t.first <= r.last + 3 or t.last < r.first <= t.last + 4 for r in lexed.of("rank"))


def _ranked_noun(lexed: Lexed, t: Tag, frame: Frame) -> bool:
    """'top 5 customers', 'which customers', 'by customers'; but 'most orders' and 'how many customers' are counts."""
    asked = [x for x in lexed.of("ask") if x.last < t.first and t.first - x.last <= 2]
    if any(x.value in ("by", "which") for x in asked):
        return True
    if any(x.value in ("how_many", "how_much", "how_often") for x in asked):
        return False
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


# ---- names


def read_names(lexed: Lexed, frame: Frame) -> list[Any]:
    """Conditions from the shop's own names; gives back names that fit several fields, to be asked about."""
    unclear_names, last, op = [], None, "in"
    by_field: dict[tuple[str, str], list[str]] = {}
    for f in lexed.found:
        match = _chosen(lexed, f)
        if match is None:
            unclear_names.append(f)
            continue
        joined = last is not None and _joined(lexed, last.end, f.start)
        op = op if joined else "not in" if _excluded(lexed, lexed.at(f.start)) else "in"
        last = f
        by_field.setdefault((match.field, op), []).append(f.text)
    for (fld, op), values in by_field.items():
        frame.where.append(
            {"field": fld, "op": op, "value": values[0] if len(values) == 1 else list(dict.fromkeys(values))}
        )
    return unclear_names


def _joined(lexed: Lexed, end: int, start: int) -> bool:
    """'UK and Ireland', 'Norway, Sweden': the second name goes where the first one goes."""
    return lexed.text[end:start].strip().lower() in ("and", "or", ",", "&", ", and", "nor", "和", "、", "与", "或", "及", "and the", "or the")


def _chosen(lexed: Lexed, f: Any) -> Match | None:
    """The one field that a name is of: the only one, or the one that the word before it says."""
    if len({m.field for m in f.matches}) == 1:
        return f.matches[0]  # type: ignore[no-any-return]
    i = lexed.at(f.start)
    said = {"customer": "customer", "client": "customer", "客": "customer", "order": "order", "invoice": "order", "product": "product",
            "item": "product", "sku": "product", "article": "product", "code": "product", "country": "country", "brand": "brand",
            "category": "category", "city": "city", "region": "region", "channel": "channel", "segment": "segment"}  # fmt: skip
    for k in (i - 1, i - 2, i - 3, i + 1):
        fld = said.get(lexed.word(k).removesuffix("s"))
        hit = next((m for m in f.matches if m.field == fld), None)
        if hit:
            return hit
    ranked = ["country", "product", "category", "brand", "channel", "segment", "region", "city", "payment_method"]
    words_only = [m for m in f.matches if m.field in ranked and m.how != "code"]
    return min(words_only, key=lambda m: ranked.index(m.field)) if words_only and not f.text.isdigit() else None


def _excluded(lexed: Lexed, i: int) -> bool:
    """A word of exclusion stands shortly before, with nothing but small words between."""
    for t in lexed.of("exclude"):
        gap = [lexed.word(k) for k in range(t.last + 1, i)]
        if t.last < i and len(gap) <= 3 and all(w in SMALL or not w.isalpha() for w in gap):
            return True
    zh = any(lexed.word(i + k) in ("以",) and lexed.word(i + k + 1) == "外" for k in range(1, 4))
    return (
        zh
        or (lexed.word(i + 1) == "excluded")
        or (lexed.word(i + 1) == "out" and lexed.word(i - 1) in ("leave", "leaving"))
    )


SMALL = frozenset("the of from a an our in all any , orders sales customers country".split())


# ---- periods into the frame


def set_periods(spans: list[Span], lexed: Lexed, frame: Frame) -> None:
    """One period is this; of two, with a comparison, the first is this and the second that."""
    periods = [s for s in spans if isinstance(s.value, Period)]
    shifts = [s for s in spans if isinstance(s.value, Shift)]
    if len(periods) == 2 and frame.growth and re.search(r"\bfrom\s*$|从$|從$", lexed.text[: periods[0].start], re.I):
        periods.reverse()  # 'from September to October': the later one is this
    if periods:
        assert isinstance(periods[0].value, Period)
        frame.period = spoken_period(periods[0].value)
    if len(periods) > 1 and isinstance(periods[1].value, Period):
        frame.compare_to = spoken_period(periods[1].value)
    elif periods and shifts and isinstance(shifts[0].value, Shift):
        frame.compare_to = "year_earlier" if shifts[0].value.unit == "year" and shifts[0].value.same else "previous"
