"""From a reading of the trained parser to the slots of a frame: names linked to the shop's own, periods to days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from agent.plan import Decline, Outcome
from agent.planner.compares import falls, mark_parts
from agent.planner.corpus import TIMES, Marked
from agent.planner.finish import MANY, SORTED
from agent.planner.frame import Frame
from agent.planner.lexer import CJK, Lexed
from agent.planner.linked import CLOCK, Name, names, says_nothing
from agent.planner.measures import guests_alone, leave_out_guests
from agent.planner.named import one_named
from agent.planner.numbers import number_in, ordinal_in
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.slots import read_weekdays_and_hours, told_once
from agent.planner.words import STOPWORDS
from agent.texts import text as words
from tools.contract import Ambiguous, ToolError
from tools.metrics.definitions import METRICS
from tools.metrics.periods import Period, Span, parse_period

WORKDAYS = frozenset({"weekdays", "weekday", "working days", "week days", "工作日", "平日"})
SO_FAR = frozenset({"so far", "until now", "up to now", "till now", "right now", "currently", "now", "目前", "至今"})
TRADING = frozenset({"trading", "working", "business", "open", "opening"})
MEANS = frozenset({"average_order_value", "units_per_order", "average_price"})
PERCENT = re.compile(r"%|per ?cent|百分之")
OPERATORS = {"top%": "top_percent"}


def fill(frame: Frame, reading: Reading, lexed: Lexed, shop: Shop) -> Outcome | None:
    """Puts into the frame what a message says of figures; a refusal where it names what isn't there."""
    meaning, flags = reading.meaning, reading.meaning.flags
    found = names(reading, lexed, shop)
    if not isinstance(found, list):
        return found
    frame.where += conditions(found, shop)
    _time_of_day(frame, reading, lexed)
    if _hours_between_left_out(frame, reading):
        return Decline(words("unknown", "zh" if lexed.chinese else "en", thing=reading.text), unread=True)
    frame.metrics = [_per_day(m, lexed) for m in _as_said(meaning.metrics, lexed, "metric")]
    frame.dims = [d for d in _as_said(meaning.by, lexed, "dim") if not one_named(d, frame, shop.names)]
    frame.grain = meaning.grain or None
    _ranked(frame, reading, lexed)
    frame.share, frame.rest, frame.whole_history = "share" in flags, "rest" in flags, "whole" in flags
    frame.growth = "growth" in flags
    frame.by_growth = frame.growth and frame.ranked
    if frame.by_growth and any(falls(lexed, t) for t in lexed.of("compare") if t.value == "growth"):
        frame.direction = "bottom"  # what fell most stands lowest
    frame.asks |= _asks(reading)
    if lexed.has("compare", "versus"):
        frame.asks.add("versus" if any(s.kind == "versus" for s in reading.spans) else "compare")
    if frame.share and frame.metrics == ["guest_orders"]:
        frame.metrics, frame.share = ["guest_share"], False
    if meaning.versus:
        frame.compare_to = meaning.versus
    if any(m.partition(" / ")[0] in MEANS for m in frame.metrics if "/" in m):  # a mean of a mean was misread
        return Decline(words("unknown", "zh" if lexed.chinese else "en", thing=reading.text), unread=True)
    if problem := _having(frame, reading, lexed):
        return problem
    if not leave_out_guests(lexed, frame):
        guests_alone(lexed, frame)
    frame.share = frame.share or (lexed.has("share", "share") and any("group" in w for w in frame.where))
    if frame.share:
        mark_parts(frame.where, lexed)
    return None


def _as_said(values: Sequence[str], lexed: Lexed, kind: str) -> list[str]:
    """In the order in which a message names them; what it doesn't name comes last."""
    places = {t.value: t.first for t in reversed(lexed.of(kind))}
    return sorted(values, key=lambda v: places.get(v, len(lexed.tokens)))


def _per_day(metric: str, lexed: Lexed) -> str:
    """Days are calendar days unless trading days are asked for."""
    trading = any(t.text in TRADING for t in lexed.tokens) or "营业日" in lexed.text
    return metric if trading else metric.replace("/ trading_days", "/ days")


def _ranked(frame: Frame, reading: Reading, lexed: Lexed) -> None:
    flags = reading.meaning.flags
    said = [_place_or_number(reading, s) for s in reading.spans if s.kind == "limit"]
    frame.limit = next((int(n) for n in map(number_in, said) if n), None)
    frame.direction = "top" if "top" in flags else "bottom" if "bottom" in flags else None
    if frame.direction == "bottom" and lexed.has("rank", "top") and not lexed.has("rank", "bottom"):
        frame.direction = "top"
    if frame.ranked and (place := next(filter(None, map(ordinal_in, said)), None)):
        frame.limit, frame.offset = 1, place - 1
    if frame.ranked and frame.limit is None and not SORTED.search(reading.text):
        frame.limit = 1 if "one" in flags else MANY if "some" in flags else None


NUMBERED = re.compile(r"(?:\bnumber|\bno\.?|\bnr\.?|#|第)\s*$", re.I)


def _place_or_number(reading: Reading, span: Marked) -> str:
    """'Number two' is the second, not two of them."""
    said = _said(reading, span)
    n = number_in(said) if NUMBERED.search(reading.text[: span.start]) else None
    return f"{n}th" if n else said


def _said(reading: Reading, span: Marked) -> str:
    return reading.text[span.start : span.end]


def _asks(reading: Reading) -> set[str]:
    compared = any(s.kind == "versus" for s in reading.spans)
    flags = reading.meaning.flags
    said = {"growth"} & flags | {"total"} & flags | ({"versus"} if compared else set())
    return said | ({reading.meaning.versus} - {""})


def conditions(found: Sequence[Name], shop: Shop) -> list[dict[str, Any]]:
    """A condition for each field that names are of; several names of one field go into one."""
    out, seen = list[dict[str, Any]](), set[tuple[str, tuple[str, ...]]]()
    for name in found:
        match = shop.names.match(name.said, name.field)
        ids = (name.field, match.ids if match else (name.said,))
        if ids in seen:  # the same thing named twice
            continue
        seen.add(ids)
        op = "not in" if name.excluded else "in"
        same = next((w for w in out if w["field"] == name.field and w["op"] == op), None)
        if same is None:
            out.append({"field": name.field, "op": op, "value": name.said})
        else:
            values = same["value"] if isinstance(same["value"], list) else [same["value"]]
            same["value"] = [*values, name.said]
    return out


def _time_of_day(frame: Frame, reading: Reading, lexed: Lexed) -> None:
    """Days of the week and hours, as the rules read them, where the parser sees any."""
    marked = [s for s in reading.spans if s.kind in CLOCK]
    workdays = [s for s in marked if _said(reading, s).lower() in WORKDAYS]
    for span in workdays:
        op = "in" if span.excluded else "not in"
        frame.where.append({"field": "weekday", "op": op, "value": ["Saturday", "Sunday"]})
    if len(workdays) < len(marked):
        read_weekdays_and_hours(lexed, frame)
        gone = [(s.kind, _said(reading, s)) for s in marked if s.excluded]
        frame.where = [_left_out(w) if _is_gone(w, gone) else w for w in frame.where]


def _is_gone(condition: dict[str, Any], gone: Sequence[tuple[str, str]]) -> bool:
    """Whether a condition of the clock is among what is left out; hours in Chinese are read as left out already."""
    field, said = condition.get("field"), str(condition.get("said", ""))
    if field != "hour":
        return any(field == kind for kind, _ in gone)
    return not CJK.search(said) and any(kind == "hour" and (said in out or out in said) for kind, out in gone)


def _hours_between_left_out(frame: Frame, reading: Reading) -> bool:
    """'Not between ten and twelve' is two ranges, which conditions can't say."""
    ends = [w for w in frame.where if w.get("field") == "hour"]
    out = [_said(reading, s) for s in reading.spans if s.kind == "hour" and s.excluded]
    return len(ends) > 1 and any(TWO_ENDS.search(said) for said in out)


TWO_ENDS = re.compile(r"\d.*(?:\b(?:to|and|until|till)\b|[-–到至]).*\d|between", re.I)
OPPOSITE = {"in": "not in", ">=": "<", "<": ">="}


def _left_out(condition: dict[str, Any]) -> dict[str, Any]:
    """A weekday that is meant becomes one that isn't, 'after five' becomes 'before five'."""
    return condition | {"op": OPPOSITE.get(condition["op"], condition["op"])}


def _having(frame: Frame, reading: Reading, lexed: Lexed) -> Outcome | None:
    """A condition on groups; a refusal where only one half of it is said."""
    having = reading.meaning.having
    number = next((s for s in reading.spans if s.kind == "number"), None)
    if having and number is None:
        number = _number_behind_than(lexed)
    value = number_in(_said(reading, number)) if number else None
    if having is None and number is None:
        return None
    if having is None or number is None or value is None:
        locale = "zh" if CJK.search(reading.text) else "en"
        return Decline(words("unknown", locale, thing=_said(reading, number) if number else reading.text), unread=True)
    group, metric, op = having
    if (op, value) == (">=", 1) and metric in ("orders", "units"):
        return None  # 'orders with at least one pen' are those with a pen
    near = reading.text[max(0, number.start - 4) : number.end + 9].lower()
    if PERCENT.search(near) and metric in METRICS and METRICS[metric].unit == "%":
        value = value / 100
    condition: dict[str, Any] = {"group": group, "metric": metric, "op": OPERATORS.get(op, op), "value": value}
    condition["said"] = _said(reading, number)
    if op == "top%":
        condition["part"] = True
    frame.where.append(condition)
    return None


def _number_behind_than(lexed: Lexed) -> Marked | None:
    """The 'one' of 'at least one', which the parser may take for no number."""
    for t in lexed.of("than"):
        if t.last + 1 < len(lexed.tokens) and number_in(lexed.word(t.last + 1)) is not None:
            token = lexed.tokens[t.last + 1]
            return Marked(token.start, token.end, "number")
    return None


def periods(reading: Reading, lexed: Lexed) -> list[Span]:
    """The periods of a message, that one first which is asked about, and then that which it is compared with."""
    spans = told_once([s for s in lexed.periods if not (isinstance(s.value, Period) and s.value.whole)])
    compared = [m for m in reading.spans if m.kind == "versus"]
    later = [s for s in spans if any(s.start < m.end and m.start < s.end for m in compared)]
    return [s for s in spans if s not in later] + later


def hear_periods(reading: Reading, lexed: Lexed, shop: Shop) -> None:
    """Adds to the periods that the grammar finds those that only the parser takes for one: 'dec', 'may', '2023'."""
    if lexed.text != reading.text:
        return
    for m in (s for s in reading.spans if s.kind in ("period", "versus")):
        if any(start < m.end and m.start < end for start, end in lexed.spans()):
            continue
        with suppress(ToolError, Ambiguous):
            lexed.periods.append(Span(m.start, m.end, parse_period(_said(reading, m), shop.today, shop.first_day)))
    lexed.periods.sort(key=lambda s: s.start)


def unread_period(reading: Reading, lexed: Lexed) -> Marked | None:
    """A period that the parser sees and the grammar can't read, or reads only in part."""
    marked = (m for m in reading.spans if m.kind in TIMES and m.end - m.start > 1)  # no "s" behind an apostrophe
    return next((m for m in marked if not _is_read(reading, m, lexed)), None)


def _is_read(reading: Reading, marked: Marked, lexed: Lexed) -> bool:
    if (
        lexed.is_noted(marked.start, marked.end)
        or _said(reading, marked).lower() in SO_FAR
        or says_nothing(_said(reading, marked))
    ):
        return True
    inside = [s for s in lexed.periods if s.start < marked.end and marked.start < s.end]
    said = list(reading.text)
    for s in inside:
        said[s.start : s.end] = " " * (s.end - s.start)
    left = "".join(said[marked.start : marked.end]).lower()
    return bool(inside) and all(w in STOPWORDS for w in re.findall(r"[a-z]{3,}", left))
