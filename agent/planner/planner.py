"""The local planner: plan(text, turns, shop) → Plan | Clarify | Decline, without a key and without a network.

A message is read twice: by rules, which must account for every content word, and by a small Transformer that has
learned how merchants talk. Where they don't say the same, the likelier reading counts if it is likely enough; else
nothing is guessed at: it is asked back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.plan import CHOICE, Call, Clarify, Decline, Outcome, Plan, Turn, includes, same
from agent.planner import coming, learned, promoting, recall, records, restock, rules, suspects, templates, why, wished
from agent.planner.belied import belied
from agent.planner.choices import which_reading
from agent.planner.corpus import Marked
from agent.planner.heard import says_nothing, unheard
from agent.planner.lexer import CJK, NUMBER_WORDS, Lexed, lex, spelled_out, split
from agent.planner.parser import Reading, copies, read, trained
from agent.planner.questions import several
from agent.planner.shop import Shop
from agent.planner.slots import ROWS_ENOUGH
from agent.planner.trust import chance, features, is_definite
from agent.planner.words import STOPWORDS
from agent.texts import text as words
from tools.metrics.periods import Period, Unclear

ENOUGH = 0.7  # the chance of being right from which one of two readings counts
LIKELY = 0.75  # the same, where the rules have no reading
CERTAIN = 0.85  # and from which one counts although it has words that were never heard
UNLIKELY = 0.15  # and under which what no word asks for doesn't count against a reading of every word
MANY_NEW = 5  # words never heard, beyond which a message is none of a merchant's
MOST_NEW = 3  # the same, where they are most of its words


def plan(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """How the message would be answered: tool calls, a question back, or what is missing."""
    text = spelled_out(text)
    chosen = _chosen(text, turns)
    if isinstance(chosen, Plan):
        return chosen
    if chosen:
        outcome = plan(chosen, turns[:-1], shop)
        if not isinstance(outcome, Decline):
            return outcome
    if (on_fraud := suspects.certain(text, turns)) is not None:
        return on_fraud
    parts = restock.one_question(several(text))
    return (_each(parts, turns, shop) if len(parts) > 1 else None) or _one(
        read(parts[0] if len(parts) == 1 else text), turns, shop
    )


def _each(parts: Sequence[str], turns: Sequence[Turn], shop: Shop) -> Plan | None:
    """The plan for several questions, each of which may lean on the one before; None where one has no plan."""
    asked, calls, locale, main = list(turns), list[Call](), "en", 0
    for part in parts:
        reading = read(part)
        outcome = _one(reading, asked, shop)
        if not isinstance(outcome, Plan):
            return None
        calls += [c for c in outcome.calls if c not in calls]
        main = calls.index(outcome.calls[outcome.main])
        locale = "zh" if "zh" in (locale, outcome.locale) else "en"
        shadow = learned.named(reading, shop) if outcome.calls[0].tool != "query_metrics" else None
        asked += [Turn(part, shadow)] if shadow else []
        asked.append(Turn(part, outcome))
    return Plan(tuple(calls), locale, main=main)


def _one(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    if promoting.is_supposed(reading.text, turns) and coming.scenario_of(reading.text) is None:
        return coming.filled(coming.asked(reading), reading, turns, shop)
    if (by_template := templates.plan(reading, shop) or records.plan(reading, shop)) is not None:
        return by_template
    for reads in (recall.plan, restock.plan):
        if (told := reads(reading, turns, shop)) is not None:
            return told
    asked, turns = turns, [coming.as_figures(why.as_figures(t)) for t in turns]
    if coming.is_certain(reading, shop):
        return coming.filled(coming.asked(reading), reading, asked, shop)
    by_rules = rules.plan(reading.text, turns, shop)
    if (search := wished.plan(reading, by_rules, turns, shop)) is not None:
        return wished.filled(search, reading, turns)
    chosen = settled(reading, by_rules, learned.plan(reading, turns, shop), shop, bool(turns))
    chosen = coming.filled(why.filled(chosen, reading, turns, shop), reading, asked, shop)
    chosen = suspects.filled(chosen, reading, turns, shop)
    return wished.filled(chosen, reading, turns)


def _chosen(text: str, turns: Sequence[Turn]) -> str | Plan | None:
    """What the message chooses if it is one of the options offered: the question, complete, or its plan."""
    last = turns[-1].outcome if turns else None
    options = [o.casefold() for o in last.options] if isinstance(last, Clarify) else []
    said = text.strip().casefold()
    if not isinstance(last, Clarify) or said not in options:
        return None
    place = options.index(said)
    if last.readings:
        return last.readings[place]
    return last.resume.replace(CHOICE, last.options[place]) if last.resume else None


def _overhears(reading: Reading, by_rules: Outcome, by_parser: Outcome, lexed: Lexed) -> bool:
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


def settled(reading: Reading, by_rules: Outcome, by_parser: Outcome, shop: Shop, going_on: bool = False) -> Outcome:
    """Which of two readings counts; `going_on` after an earlier message."""
    new = unheard(reading, shop, trained().heard)
    if len(new) > MANY_NEW or (len(new) >= MOST_NEW and 2 * len(new) > len(split(reading.text))):
        locale = "zh" if CJK.search(reading.text) else "en"
        return Decline(words("unknown", locale, thing=reading.text), (), locale, unread=True)
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    if same(by_rules, by_parser) or _same_products(by_rules, by_parser, shop):
        pointed = reading.meaning.clarify == "which" and lexed.has("pronoun") and reading.sure["kind"] >= CERTAIN
        missing = reading.meaning.decline == "nodata" and reading.sure["kind"] >= CERTAIN and _is_unsure(by_rules)
        if missing or (pointed and isinstance(by_rules, Decline) and by_rules.unread):
            return by_parser
        return by_parser if _asks_better(by_parser, by_rules) else by_rules
    if isinstance(by_parser, Plan) and belied(lexed, reading.meaning.metrics, by_parser, by_rules):
        return by_rules
    told = features(reading, copies(reading.text), by_rules, by_parser, shop, trained().heard)
    parser, rules = (chance(weights, told) for weights in trained().trust)
    if _of_the_past(by_parser, by_rules, lexed, shop):
        return by_rules
    if isinstance(by_rules, Plan) and parser < UNLIKELY and _unsaid(reading.meaning.tool, by_rules, lexed):
        return by_rules
    if not isinstance(by_parser, Plan):
        heard = (
            rules >= (CERTAIN if reading.meaning.decline else ENOUGH)
            or _no_action(reading, by_rules, lexed)
            or _found_by_rules(reading, by_rules, by_parser, lexed)
            or _overhears(reading, by_rules, by_parser, lexed)
        )
        return by_rules if isinstance(by_rules, Plan) and heard else by_parser
    if not isinstance(by_rules, Plan):
        unaccounted = reading.meaning.asks_figures and ((new and parser < CERTAIN) or _part_of_name(lexed))
        unaccounted = unaccounted or (reading.meaning.tool == why.TOOL and not going_on and says_nothing(reading, shop))
        return by_rules if is_definite(by_rules) or unaccounted or parser < LIKELY else by_parser
    if going_on and not lexed.spans() and _keeps_more(by_parser, by_rules):
        return by_parser
    likelier, other = (by_parser, by_rules) if parser >= rules else (by_rules, by_parser)
    if max(parser, rules) >= ENOUGH:
        return likelier
    if by_rules.calls[0].tool not in ("query_metrics", wished.TOOL):  # a word asks for it; and why tells figures too
        return by_rules
    whole = next((one for one, part in ((likelier, other), (other, likelier)) if includes(one, part)), None)
    return whole or which_reading(by_rules, by_parser)


def _same_products(by_rules: Outcome, by_parser: Outcome, shop: Shop) -> bool:
    """Whether two plans differ in nothing but how products are named, in the singular or the plural."""
    if not (isinstance(by_rules, Plan) and isinstance(by_parser, Plan)):
        return False
    return same(*(replace(p, calls=tuple(_by_ids(c, shop) for c in p.calls[:1])) for p in (by_rules, by_parser)))


def _by_ids(call: Call, shop: Shop) -> Call:
    where = [{k: v for k, v in w.items() if k != "said"} for w in call.args.get("where", [])]
    for w in where:
        name = w["value"] if w.get("field") == "product" else None
        if isinstance(name, str) and (match := shop.names.match(name, "product")):
            w["value"] = list(match.ids)
    return replace(call, args={**call.args, "where": where})


def _no_action(reading: Reading, by_rules: Outcome, lexed: Lexed) -> bool:
    """Whether the parser hears something to be done where no word says so, and one asks for a tool about what the shop
    has ('订单1234可疑吗')."""
    tool = by_rules.calls[0].tool if isinstance(by_rules, Plan) else ""
    known = any(f.matches for f in lexed.found)
    return reading.meaning.decline == "action" and not lexed.of("action") and known and lexed.has("tool", tool)


def _found_by_rules(reading: Reading, by_rules: Outcome, by_parser: Outcome, lexed: Lexed) -> bool:
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


def _part_of_name(lexed: Lexed) -> bool:
    """'Moleskine notebooks', of a shop that has notebooks: a name that nothing accounts for, right before another."""
    named = [lexed.at(f.start) for f in lexed.found if any(m.field in ("product", "category") for m in f.matches)]
    told = {i for t in lexed.tags for i in range(t.first, t.last + 1)} | lexed.taken
    before = (i - 1 for i in named if i > 1 and i - 1 not in told and lexed.word(i - 1) not in STOPWORDS)
    return any(lexed.text[lexed.tokens[i].start].isupper() and not lexed.text.isupper() for i in before)


def _is_unsure(outcome: Outcome) -> bool:
    """A question back for the figure, where no word is one."""
    return isinstance(outcome, Clarify) and outcome.unread


def _keeps_more(by_parser: Plan, by_rules: Plan) -> bool:
    """Whether one reading keeps the period of the question before, and what else was asked of it, and says else the
    same."""
    calls = [p.calls[0] for p in (by_parser, by_rules)]
    if any(c.tool != "query_metrics" for c in calls) or "period" in calls[1].args or "period" not in calls[0].args:
        return False
    without = replace(calls[0], args={k: v for k, v in calls[0].args.items() if k in calls[1].args})
    return same(Plan((without,)), Plan((calls[1],)))


def _of_the_past(by_parser: Outcome, by_rules: Outcome, lexed: Lexed, shop: Shop) -> bool:
    """'How does it look for September?', which is over, is no forecast."""
    tools = [o.calls[0].tool if isinstance(o, Plan) else "" for o in (by_parser, by_rules)]
    over = [isinstance(s.value, Period) and s.value.natural_end < shop.today for s in lexed.periods]
    return tools == [coming.TOOL, "query_metrics"] and bool(over) and all(over) and not lexed.has("tool", coming.TOOL)


def _unsaid(tool: str, by_rules: Plan, lexed: Lexed) -> bool:
    """Whether no word asks for the tool that the parser hears, where one asks for what the rules have, or none does
    and the rules read a period."""
    if not tool or lexed.has("tool", tool) or by_rules.calls[0].tool == wished.TOOL:
        return False
    return by_rules.calls[0].tool != "query_metrics" or (not lexed.of("tool") and bool(lexed.periods))


def _asks_better(one: Outcome, other: Outcome) -> bool:
    """Whether a refusal offers what the words may mean that the other one only doesn't know."""
    return (
        isinstance(one, Clarify) and bool(one.resume) and not one.unread and isinstance(other, Decline) and other.unread
    )
