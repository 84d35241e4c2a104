"""One question on its own, and a question that leans on the last ones.

A follow-up keeps metric, period, filters and grouping of the previous answer except what it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from agent.plan import Decline, Outcome, Plan, Turn
from agent.planner.conditions import membership
from agent.planner.frame import Frame, field_of, frame_of, spoken_period
from agent.planner.from_to import change_of_ends, in_a_row
from agent.planner.lexer import Lexed
from agent.planner.looking_back import POINTS_BACK, all_together, came_again, change_between, share_of, wants_change
from agent.planner.measures import IN_MONEY, kind_of_customers
from agent.planner.moved import SUMMED, overlay_period
from agent.planner.numbers import number_in, ordinal_in
from agent.planner.refusals import which_ones
from agent.planner.shop import Shop
from agent.planner.slots import set_periods
from agent.texts import text
from retrieval.names import FIELDS
from tools.metrics.compare import default_comparison
from tools.metrics.definitions import TIME_GRAINS
from tools.metrics.periods import Period, Shift, Span

ANYBODY = frozenset(
    "somebody someone anybody anyone everybody everyone customer customers buyer client person 客户 顾客 谁".split()
)
SOMEBODY = frozenset({"he", "she", "him", "his", "her", "他", "她"})
REFERENTS = frozenset({"customer", "product", "order", "country", "category", "brand", "city", "region", "channel"})


def first(lexed: Lexed, frame: Frame, spans: list[Span], shop: Shop) -> Frame | Outcome:
    """A question that stands alone."""
    locale = "zh" if lexed.chinese else "en"
    if frame.threshold is not None:  # a limit on something that the question doesn't name
        return which_ones(locale)
    said = {t.text for t in lexed.tokens}
    if said & SOMEBODY and not said & ANYBODY and not any(w.get("field") == "customer" for w in frame.where):
        return which_ones(locale)
    alone = [s for s in spans if isinstance(s.value, Shift)]
    if alone and not any(isinstance(s.value, Period) for s in spans):
        return which_ones(locale)
    set_periods(spans, lexed, frame)
    _settle_periods(lexed, frame, spans)
    change_of_ends(lexed, frame, spans, shop)
    if not in_a_row(frame, spans, any(t.text in SUMMED for t in lexed.tokens)):
        return Decline(text("unknown", locale, thing=lexed.text), (), locale, unread=True)
    _settle_names(lexed, frame)
    return _settle_comparison(lexed, frame, shop)


def _settle_periods(lexed: Lexed, frame: Frame, spans: list[Span]) -> None:
    periods = [spoken_period(s.value) for s in spans if isinstance(s.value, Period)]
    if membership(lexed, frame, spans):
        return
    compared = bool(frame.asks & {"versus", "compare", "growth", "year_earlier", "previous", "mom", "wow"})
    if lexed.has("known", "before_period") and frame.metrics in (["customers"], []) and len(periods) == 2:
        frame.metrics, frame.compare_to = ["returning_customers"], None
    elif len(periods) > 1 and not compared and frame.metrics != ["retention"]:
        _both_periods(lexed, frame, periods)
    if frame.compare_to is not None and compared and lexed.has("compare", "growth"):
        frame.growth = True


def _both_periods(lexed: Lexed, frame: Frame, periods: list[dict[str, str]]) -> None:
    """'in April and May': each of them and, where one follows on the other, both together."""
    frame.compare_to, frame.growth = periods[1], False
    first, second = sorted(periods[:2], key=lambda p: p["start"])
    adjacent = (date.fromisoformat(second["start"]) - date.fromisoformat(first["end"])).days == 1
    union = {"start": first["start"], "end": second["end"]}
    if adjacent and (frame.asks & {"total"} or any(t.text in SUMMED for t in lexed.tokens)):
        frame.period, frame.compare_to = union, None
    elif adjacent and not frame.dims and not frame.ranked:
        frame.union = union


def _settle_names(lexed: Lexed, frame: Frame) -> None:
    """Two named things are set side by side; 'together' adds them up; unsaid, both are given."""
    for w in frame.where:
        several = isinstance(w.get("value"), list) and len(w["value"]) > 1 and w.get("op") == "in"
        fld = w.get("field")
        if not several or fld in ("weekday", "hour") or fld in frame.dims or frame.share or frame.asks & {"total"}:
            continue
        if fld and not frame.ranked:
            frame.dims = [*frame.dims, str(fld)]
            frame.together = not (frame.asks & {"versus", "compare"}) and not lexed.has("ask", "by")


def _settle_comparison(lexed: Lexed, frame: Frame, shop: Shop) -> Frame | Outcome:
    asks = frame.asks
    if frame.compare_to is None and asks & {"growth"} and (frame.by_growth or not frame.ranked) and not frame.share:
        frame.compare_to, frame.growth = "previous", True
    if asks & {"versus", "compare"} and frame.compare_to is None and not _named_side_by_side(frame):
        if frame.period is None:
            return which_ones("zh" if lexed.chinese else "en")
        frame.compare_to = "previous"
    if frame.compare_to is not None and frame.period is None and not frame.whole_history:
        kind = "yoy" if "year_earlier" in asks else "wow" if "wow" in asks else "mom" if "mom" in asks else "growth"
        pair = default_comparison(kind, shop.today)
        frame.period, frame.compare_to = spoken_period(pair[0]), "year_earlier" if kind == "yoy" else "previous"
    if not frame.metrics and (asks & {"growth", "versus", "compare", "year_earlier", "mom", "wow"} or _how_did(lexed)):
        frame.metrics = ["revenue"]
    return frame


def _named_side_by_side(frame: Frame) -> bool:
    return any(isinstance(w.get("value"), list) and w.get("field") in frame.dims for w in frame.where)


def _how_did(lexed: Lexed) -> bool:
    """'How was last week?', 'how did we do in March' ask for the takings."""
    return (
        lexed.word(0) in ("how", "hows", "how's")
        and lexed.word(1) not in ("many", "much", "often")
        and bool(lexed.periods)
    )


# ---- following up


def merge(
    lexed: Lexed, frame: Frame, spans: list[Span], turns: Sequence[Turn], shop: Shop, *, leaning: bool = False
) -> Frame | Outcome:
    """The new question laid over the last one, where it leans on it."""
    last = _last(lexed, frame, turns)
    if last is None or not (leaning or leans(lexed, frame, spans) or adds_up(lexed, frame, spans, turns)):
        return first(lexed, frame, spans, shop)
    assert last.call is not None
    before = frame_of(last.call.args)
    told = [s for s in spans if not POINTS_BACK.fullmatch(lexed.text[s.start : s.end])]
    if frame.asks & {"total"} and not frame.share and not frame.metrics and not frame.where and not told:
        return all_together(turns, before)
    if wants_change(lexed, frame, spans):
        return change_between(turns, before, frame)
    points = lexed.has("pronoun") or any(t.text == "that's" for t in lexed.tokens)
    named_again = points and _same_places(frame.where, before.where, shop)  # 'what % of French sales is that'
    if (lexed.has("share", "share") or frame.share) and (not frame.where or named_again) and not frame.dims:
        quotient = share_of(turns, before, frame.metrics or [t.value for t in lexed.of("metric")][:1])
        if quotient:
            return quotient
    if came := came_again(lexed, spans, before):
        return came
    return _overlay(lexed, frame, spans, last, turns, shop)


BACK = re.compile(r"\b(?:back to|return to|going back|earlier|from before)\b|回到|之前的|刚才的", re.I)


def _last(lexed: Lexed, frame: Frame, turns: Sequence[Turn]) -> Turn | None:
    """The turn that the message leans on: the last one, or the last about what it says that it goes back to."""
    asked = [t for t in reversed(turns) if t.call and t.call.tool == "query_metrics"]
    named = {*frame.dims, frame.grain, *frame.metrics} - {None} or {t.value for t in lexed.of("dim", "grain")}
    if BACK.search(lexed.text) and named:
        before = next((t for t in asked if t.call and named <= _told(t.call.args)), None)
        if before:
            frame.metrics, frame.dims, frame.grain = [], [], None
            return before
    return next(iter(asked), None)


def _told(args: dict[str, Any]) -> set[str | None]:
    return {*args.get("metrics", []), *args.get("by", []), args.get("grain")}


def leans(lexed: Lexed, frame: Frame, spans: list[Span]) -> bool:
    """Does the message need the one before it?"""
    beside = any(lexed.word(t.last) in ("it", "them", "that") for t in lexed.of("add"))  # 'next to it'
    starts = any(t.kind in ("follow", "correction") and t.first == 0 for t in lexed.tags)
    starts = starts or beside or lexed.word(0) in ("as", "in")
    refers = lexed.has("pronoun") or lexed.has("correction") or lexed.has("instead") or lexed.has("chart")
    shifted = any(isinstance(s.value, Shift) for s in spans) and not any(isinstance(s.value, Period) for s in spans)
    timed = bool(spans) or frame.whole_history
    named = any(t.kind == "metric" for t in lexed.tags)
    incomplete = not frame.metrics or (not named and not timed)
    quotient = lexed.has("share", "share") and not timed and not frame.where and not frame.dims
    few = 7 if lexed.chinese else 4
    small = len([t for t in lexed.tokens if t.text.isalnum()]) <= few and not (timed or frame.dims or frame.grain)
    return starts or refers or shifted or incomplete or small or quotient or frame.threshold is not None


def _same_places(one: list[dict[str, Any]], other: list[dict[str, Any]], shop: Shop) -> bool:
    """Whether each of the conditions names what one of the others names, however it is written."""

    def ids(conditions: list[dict[str, Any]]) -> set[tuple[str, ...]]:
        said = [
            (str(w["field"]), str(v)) for w in conditions if w.get("op") == "in" and "field" in w for v in _values(w)
        ]
        found = [(field, shop.names.match(value, field)) for field, value in said if field in FIELDS]
        return {(field, *match.values) for field, match in found if match}

    return bool(one) and len(ids(one)) == len(one) and ids(one) <= ids(other)


def adds_up(lexed: Lexed, frame: Frame, spans: list[Span], turns: Sequence[Turn]) -> bool:
    """'What do app and phone make together?', each of which was just asked about."""
    if not lexed.has("share", "total") or spans or not frame.where:
        return False
    told = {(w.get("field"), v) for t in turns if t.call for w in t.call.args.get("where", []) for v in _values(w)}
    return all(w.get("op") == "in" and {(w.get("field"), v) for v in _values(w)} <= told for w in frame.where)


def _values(condition: dict[str, Any]) -> list[Any]:
    value = condition.get("value")
    return [v.lower() if isinstance(v, str) else v for v in (value if isinstance(value, list) else [value])]


def _overlay(
    lexed: Lexed, frame: Frame, spans: list[Span], last: Turn, turns: Sequence[Turn], shop: Shop
) -> Frame | Outcome:
    assert last.call is not None
    before = frame_of(last.call.args)
    one = any(lexed.word(t.last) == "one" for t in lexed.of("pronoun"))
    if one and before.ranked and before.limit != 1 and _place(lexed) is None:
        return which_ones("zh" if lexed.chinese else "en")
    out = before
    entity = _referent(lexed, frame, before, last)
    if isinstance(entity, dict):
        out.where = [*(w for w in out.where if w.get("field") != entity["field"]), entity]
        out.dims, out.direction, out.limit, out.offset, out.share = [], None, None, 0, False
    _overlay_metrics(lexed, frame, out, turns)
    _overlay_rows(lexed, frame, out)
    _overlay_where(lexed, frame, out)
    problem = overlay_period(lexed, frame, spans, out, shop)
    if problem:
        return problem
    out.growth, out.asks = frame.growth, frame.asks
    changes = frame.by_growth or not out.ranked
    if frame.asks & {"versus", "compare", "growth"} and out.compare_to is None and changes:
        out.compare_to, out.growth = "previous", True
    return out


NARROWED = re.compile(r"\b(?:restrict|limit|narrow|filter|only|just|keep)\b|只看|仅", re.I)
TAKEN_OFF = re.compile(
    r"\b(?:take|taking|knock|deduct|subtract|minus|less|net of|without|excluding|remove|strip)\b|扣除|减去|去掉", re.I
)


def _other_metric(turns: Sequence[Turn], than: str) -> str:
    """The last metric of the conversation that is another one."""
    asked = [t.call.args["metrics"][0] for t in turns if t.call and t.call.tool == "query_metrics"]
    return next((m for m in reversed(asked) if m != than and "/" not in m and "(" not in m), "revenue")


def _overlay_metrics(lexed: Lexed, frame: Frame, out: Frame, turns: Sequence[Turn]) -> None:
    if frame.metrics == ["refunds"] and out.metrics == ["revenue"] and TAKEN_OFF.search(lexed.text):
        out.metrics = ["net_revenue"]
    elif frame.metrics and (lexed.has("add") and not lexed.has("instead") and out.dims):
        out.metrics = list(dict.fromkeys([*out.metrics, *frame.metrics]))
    elif frame.metrics == ["guest_orders"] and NARROWED.search(lexed.text) and out.metrics != ["orders"]:
        frame.where.append({"field": "customer", "op": "is unknown"})  # whose, not how many
    elif frame.metrics:
        implied = not (lexed.of("metric") or IN_MONEY.search(lexed.text))
        if not (implied and frame.metrics == ["revenue"] and out.metrics and frame.ranked):
            out.metrics = frame.metrics
            out.share = out.share and lexed.has("pronoun")
    elif frame.per and len(out.metrics) == 1 and "/" not in out.metrics[0]:
        out.metrics = [f"{out.metrics[0]} / {frame.per}"]
        if out.metrics == [f"{frame.per} / {frame.per}"]:
            out.metrics = [f"{_other_metric(turns, frame.per)} / {frame.per}"]
    if frame.share:
        out.share = True
    if out.metrics == ["customers"]:
        out.metrics = kind_of_customers(lexed)


def _overlay_rows(lexed: Lexed, frame: Frame, out: Frame) -> None:
    if frame.dims or frame.grain:
        kept = [] if frame.ranked or frame.dims else [d for d in out.dims if d not in TIME_GRAINS]
        out.dims, out.grain = frame.dims or kept, frame.grain
        if not frame.ranked:
            out.direction, out.limit, out.offset = None, None, 0
    if frame.ranked:
        if not frame.dims and out.grain:
            out.dims, out.grain = [*out.dims, out.grain], None
        out.limit, out.offset = frame.limit or (out.limit if out.ranked else None), frame.offset
        out.direction, out.by_growth = frame.direction, frame.by_growth
    elif frame.limit:
        out.limit, out.offset = frame.limit, 0
    elif frame.metrics and not frame.dims and not frame.grain and lexed.has("share", "total"):
        out.dims, out.grain, out.direction, out.limit, out.offset = [], None, None, None, 0
    if frame.rest:
        out.rest = True


def _overlay_where(lexed: Lexed, frame: Frame, out: Frame) -> None:
    if lexed.has("all"):
        out.where = []
    if lexed.has("add"):
        frame.where = [w for w in frame.where if not _joins(w, out.where)]
    new_fields = {field_of(w) for w in frame.where}
    if out.share:
        parts = {field_of(w) for w in out.where if w.get("part")}
        frame.where = [{**w, "part": True} if field_of(w) in parts else w for w in frame.where]
    if frame.threshold and len(out.dims) == 1 and not any("group" in w for w in out.where):
        grouped = out.dims[0] not in TIME_GRAINS and len(out.metrics) == 1 and "(" not in out.metrics[0]
        if grouped:  # 'only the ones above £5,000'
            out.where.append({"group": out.dims[0], "metric": out.metrics[0]})
    if frame.threshold:
        out.where = [{**w, **frame.threshold} if "group" in w else w for w in out.where]
    out.where = [w for w in out.where if field_of(w) not in new_fields] + frame.where
    if out.share and frame.share:
        named = [] if out.dims or out.grain else [w for w in out.where if "group" in w or w["op"] in ("in", "not in")]
        for w in frame.where or named:
            w["part"] = True


def _joins(w: dict[str, Any], there: list[dict[str, Any]]) -> bool:
    """'add Denmark': the new value goes beside those that are there."""
    same = next((x for x in there if field_of(x) == field_of(w) and x.get("op") == "in" == w.get("op")), None)
    if same is None or "group" in w:
        return False
    values = [v for x in (same, w) for v in (x["value"] if isinstance(x["value"], list) else [x["value"]])]
    same["value"] = list(dict.fromkeys(values))
    return True


def _referent(lexed: Lexed, frame: Frame, before: Frame, last: Turn) -> dict[str, Any] | None:
    """'they', 'it', 'that customer': the row of a ranking that asked for one; 'the second one': that row of it."""
    place = _place(lexed)
    several = frame.ranked and (frame.limit or 1) > 1 and not frame.dims  # 'the top 3 of them' is no one row
    one = place is not None or (lexed.has("pronoun") and before.limit == 1 and not several)
    if not one or not before.ranked or not before.dims or lexed.has("add"):
        return None
    dim = before.dims[0]
    main = last.outcome.main if isinstance(last.outcome, Plan) else 0
    receipt = next(iter(last.answer.get("receipts", [])[main:]), None)
    if dim not in REFERENTS or receipt is None or len(receipt["rows"]) <= (place or 0):
        return None
    column = "product_id" if dim == "product" else dim
    value = receipt["rows"][place or 0][receipt["columns"].index(column)]
    return {"field": dim, "op": "in", "value": value}


def _place(lexed: Lexed) -> int | None:
    """Which row 'the first one', 'number two' or 第三个 is, from 0."""
    said = re.search(r"\b(?:the )?(\w+) one\b|\bnumber (\w+)|第([一二三四五])[个名位]", lexed.text, re.I)
    place = ordinal_in(said[1] or "") if said and said[1] else number_in(said[2] or said[3]) if said else None
    return int(place) - 1 if place and place >= 1 else None
