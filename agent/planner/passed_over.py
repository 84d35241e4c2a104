"""Two readings of a message: what one of them passes over that words of the message say, whatever the chances."""

from __future__ import annotations

from dataclasses import replace

from agent.plan import Clarify, Decline, Outcome, Plan, same
from agent.planner import coming, wished
from agent.planner.corpus import Marked
from agent.planner.lexer import NUMBER_WORDS, Lexed
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.slots import ROWS_ENOUGH
from agent.planner.words import STOPWORDS
from tools.metrics.periods import Period, Unclear


def overhears(reading: Reading, by_rules: Outcome, by_parser: Outcome, lexed: Lexed) -> bool:
    """Whether the parser passes over a word that the rules go by: the figure that it would ask back for, or, where it
    sees only that the message leans on the one before, a share or a quotient ('as % of sales', 'and per order?'); or
    whether it asks back for a ranking that no word asks for."""
    meaning = reading.meaning
    ranked = meaning.clarify in ("", "rank") and bool({"top", "bottom"} & meaning.flags)
    if isinstance(by_parser, Clarify) and ranked and not lexed.of("rank"):
        return lexed.has("metric")
    if meaning.clarify == "period":  # '23/09/2026' is one day
        return bool(lexed.periods) and not any(isinstance(s.value, Unclear) for s in lexed.periods)
    if meaning.clarify == "rank":  # 'show me the top 5', of what was asked before
        return isinstance(by_rules, Plan) and "limit" in by_rules.calls[0].args and "period" in by_rules.calls[0].args
    if meaning.clarify:
        return meaning.clarify == "metric" and lexed.has("metric")
    if ROWS_ENOUGH.fullmatch(lexed.text.strip()):  # 'three will do'
        return True
    passes = isinstance(by_parser, Clarify) and by_parser.unread
    if passes and not meaning.metrics and lexed.has("tool", "forecast_sales"):  # 'expected sales for December?'
        return lexed.has("metric")
    if passes and not meaning.metrics and lexed.has("tool", wished.TOOL):  # 'red brolly - which products match?'
        return not lexed.of("metric")
    if passes and (meaning.by or "share" in meaning.flags) and lexed.periods:
        return lexed.has("metric")  # it sees of what and when, and passes over the figure
    said = (meaning.metrics, meaning.by, meaning.grain, meaning.versus, meaning.having, meaning.tool, meaning.decline)
    quotient = lexed.has("share", "share") or any(t.text in ("per", "each", "每") for t in lexed.tokens)
    kept = isinstance(by_rules, Plan) and len(by_rules.calls[0].args) > 1
    heard = quotient or (kept and lexed.has("metric"))  # 'do that with orders'
    return "lean" in meaning.flags and not any(said) and not reading.spans and heard


def no_action(reading: Reading, by_rules: Outcome, lexed: Lexed) -> bool:
    """Whether the parser hears something to be done where no word says so, and one asks for a tool about what the shop
    has ('订单1234可疑吗')."""
    tool = by_rules.calls[0].tool if isinstance(by_rules, Plan) else ""
    known = any(f.matches for f in lexed.found)
    return reading.meaning.decline == "action" and not lexed.of("action") and known and lexed.has("tool", tool)


def found_by_rules(reading: Reading, by_rules: Outcome, by_parser: Outcome, lexed: Lexed) -> bool:
    """Whether all that the parser marks, and can't read, is a name or a code of the shop ('and 14911?'), or is said of
    time or order ('Q3 Sunday')."""
    if reading.meaning.decline or not isinstance(by_parser, Decline):
        return False
    found = {f.text for f in lexed.found if f.matches}
    found = {_singular(name) for name in found | _products(by_rules)}
    limited = isinstance(by_rules, Plan) and "limit" in by_rules.calls[0].args
    spans = [s for s in reading.spans if s.kind != "limit" or not limited]
    known = (_singular(reading.text[s.start : s.end]) in found or _is_time(s, lexed) for s in spans)
    return bool(spans) and all(known)


def _products(outcome: Outcome) -> set[str]:
    """What the conditions on products name."""
    where = outcome.calls[0].args.get("where", []) if isinstance(outcome, Plan) else []
    return {w["value"] for w in where if w.get("field") == "product" and isinstance(w["value"], str)}


def _singular(name: str) -> str:
    return name.lower().removesuffix("s")


def _is_time(span: Marked, lexed: Lexed) -> bool:
    """Whether each word of it is part of a period, a weekday, a rank, or what changes nothing."""
    tags = lexed.of("weekday", "weekend", "rank", "grain")
    told = {i for t in tags for i in range(t.first, t.last + 1)} | lexed.taken
    inside = [i for i, t in enumerate(lexed.tokens) if span.start <= t.start and t.end <= span.end]
    small = [lexed.word(i) for i in inside if i not in told]
    return bool(told & set(inside)) and all(w in STOPWORDS or w in NUMBER_WORDS or not w[0].isalpha() for w in small)


def part_of_name(lexed: Lexed) -> bool:
    """'Moleskine notebooks', of a shop that has notebooks: a name that nothing accounts for, right before another."""
    named = [lexed.at(f.start) for f in lexed.found if any(m.field in ("product", "category") for m in f.matches)]
    told = {i for t in lexed.tags for i in range(t.first, t.last + 1)} | lexed.taken
    before = (i - 1 for i in named if i > 1 and i - 1 not in told and lexed.word(i - 1) not in STOPWORDS)
    return any(lexed.text[lexed.tokens[i].start].isupper() and not lexed.text.isupper() for i in before)


def is_one_word(lexed: Lexed) -> bool:
    """'$$hello$$': one word, however often."""
    return len({t.text for t in lexed.tokens if t.text.isalpha()}) < 2


def keeps_more(by_parser: Plan, by_rules: Plan) -> bool:
    """Whether one reading keeps the period of the question before, and what else was asked of it, and says else the
    same."""
    calls = [p.calls[0] for p in (by_parser, by_rules)]
    if any(c.tool != "query_metrics" for c in calls) or "period" in calls[1].args or "period" not in calls[0].args:
        return False
    without = replace(calls[0], args={k: v for k, v in calls[0].args.items() if k in calls[1].args})
    return same(Plan((without,)), Plan((calls[1],)))


def of_the_past(by_parser: Outcome, by_rules: Outcome, lexed: Lexed, shop: Shop) -> bool:
    """'How does it look for September?', which is over, is no forecast."""
    tools = [o.calls[0].tool if isinstance(o, Plan) else "" for o in (by_parser, by_rules)]
    over = [isinstance(s.value, Period) and s.value.natural_end < shop.today for s in lexed.periods]
    return tools == [coming.TOOL, "query_metrics"] and bool(over) and all(over) and not lexed.has("tool", coming.TOOL)


def unsaid(tool: str, by_rules: Plan, lexed: Lexed) -> bool:
    """Whether no word asks for the tool that the parser hears, where one asks for what the rules have, or none does
    and the rules read a period."""
    if not tool or lexed.has("tool", tool) or by_rules.calls[0].tool == wished.TOOL:
        return False
    return by_rules.calls[0].tool != "query_metrics" or (not lexed.of("tool") and bool(lexed.periods))
