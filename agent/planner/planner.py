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
from agent.planner.anew import ranked_anew
from agent.planner.belied import belied
from agent.planner.choices import which_reading
from agent.planner.heard import says_nothing, unheard
from agent.planner.lexer import CJK, lex, spelled_out, split
from agent.planner.parser import Reading, copies, read, trained
from agent.planner.passed_over import (
    found_by_rules,
    is_one_word,
    keeps_more,
    no_action,
    of_the_past,
    overhears,
    part_of_name,
    unsaid,
)
from agent.planner.questions import is_of_all, of_the_same, several
from agent.planner.shop import Shop
from agent.planner.trust import chance, features, is_definite
from agent.texts import text as words

ENOUGH = 0.7  # the chance of being right from which one of two readings counts
LIKELY = 0.75  # the same, where the rules have no reading
CERTAIN = 0.85  # and from which one counts although it has words that were never heard
UNLIKELY = 0.15  # and under which what no word asks for doesn't count against a reading of every word
MANY_NEW = 5  # words never heard, beyond which a message is none of a merchant's
MOST_NEW = 3  # the same, where they are most of its words


def plan(text: str, turns: Sequence[Turn], shop: Shop) -> Outcome:
    """How the message would be answered: tool calls, a question back, or what is missing."""
    text = ranked_anew(spelled_out(text), turns)
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
    shadow: Plan | None = None
    for part in parts:
        reading = read(spelled_out(part))
        outcome = _one(reading, turns if shadow and is_of_all(part) else asked, shop)
        if not isinstance(outcome, Plan):
            return None
        outcome = of_the_same(part, outcome, shadow)
        calls += [c for c in outcome.calls if c not in calls]
        main = calls.index(outcome.calls[outcome.main])
        locale = "zh" if "zh" in (locale, outcome.locale) else "en"
        shadow = learned.named(reading, shop) if outcome.calls[0].tool != "query_metrics" else None
        asked += [Turn(part, shadow)] if shadow else []
        asked.append(Turn(part, outcome))
    return Plan(tuple(calls), locale, main=main)


def _one(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome:
    if promoting.is_supposed(reading.text, turns):
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
    if of_the_past(by_parser, by_rules, lexed, shop):
        return by_rules
    if isinstance(by_rules, Plan) and parser < UNLIKELY and unsaid(reading.meaning.tool, by_rules, lexed):
        return by_rules
    if not isinstance(by_parser, Plan):
        heard = (
            rules >= (CERTAIN if reading.meaning.decline else ENOUGH)
            or no_action(reading, by_rules, lexed)
            or found_by_rules(reading, by_rules, by_parser, lexed)
            or overhears(reading, by_rules, by_parser, lexed)
        )
        return by_rules if isinstance(by_rules, Plan) and heard else by_parser
    if not isinstance(by_rules, Plan):
        unaccounted = reading.meaning.asks_figures and ((new and parser < CERTAIN) or part_of_name(lexed))
        bare = is_one_word(lexed) or reading.meaning.tool == why.TOOL
        unaccounted = unaccounted or (bare and not going_on and says_nothing(reading, shop))
        return by_rules if is_definite(by_rules) or unaccounted or parser < LIKELY else by_parser
    if going_on and not lexed.spans() and keeps_more(by_parser, by_rules):
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


def _is_unsure(outcome: Outcome) -> bool:
    """A question back for the figure, where no word is one."""
    return isinstance(outcome, Clarify) and outcome.unread


def _asks_better(one: Outcome, other: Outcome) -> bool:
    """Whether a refusal offers what the words may mean that the other one only doesn't know."""
    return (
        isinstance(one, Clarify) and bool(one.resume) and not one.unread and isinstance(other, Decline) and other.unread
    )
