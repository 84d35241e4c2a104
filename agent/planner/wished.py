"""Questions that look for products: how they are put, and going on from a search before ('in blue', 'under £5')."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Call, Clarify, Outcome, Plan, Turn
from agent.planner.lexer import CJK, Lexed, lex
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.words import STOPWORDS
from retrieval.lexical import SMALL, spoken
from retrieval.wish_words import WANTED
from retrieval.wishes import Wish, read_wish

TOOL = "search_products"
SURE = 0.9  # of the parser that products are looked for, where a message is put as one would ask for them
UNSURE = 0.65  # of the parser that anything else is asked for, where a message is put as one looks for products
PUT_SO = re.compile(
    r"^\W*(?:any|some|(?:(?:do|have) (?:we|you|i) )?(?:got|have|sell|stock|carry|keep) (?:any|some))(?:thing)?\b"
    r"|^\W*(?:我?想[要找]|有没有|有无|帮我找|找[一个])",
    re.IGNORECASE,
)
ASKED_FOR = re.compile(
    r"\b(?:(?:asks?|asking|asked|wants?|needs?|looks|looking) for (?:an?|any\w*|som\w+)"
    r"|(?:customer|client|lady|gentleman|man|woman|mum|mom|dad|guy|girl|boy|somebody|someone) "
    r"(?:wants?|needs?|is after) som\w+)\b",
    re.IGNORECASE,
)
FEW = 2  # words that name no thing by themselves
STANDING = re.compile(r"\b(?:ones?|it|them|that|those|these)\b|[这那]|再", re.IGNORECASE)
FIGURES = ("metric", "dim", "group", "rank", "compare", "verb", "grain", "share")  # what only figures are asked with


def plan(reading: Reading, by_rules: Outcome, turns: Sequence[Turn], shop: Shop) -> Plan | None:
    """A search, where the message is one by what it says; None where two readings must tell."""
    lexed, wish = lex(reading.text, shop.names, shop.today, shop.first_day), read_wish(reading.text)
    found = _like_one(wish, lexed, shop) or _at_a_price(wish, shop) or _is_heard(reading, by_rules, turns, shop)
    return Plan((Call(TOOL, {"text": reading.text}),), "zh" if lexed.chinese else "en") if found else None


def _like_one(wish: Wish, lexed: Lexed, shop: Shop) -> bool:
    """'Similar to 85123A', 'cheaper than the oak board': nothing else is said."""
    if wish.text or not wish.like:
        return False
    if shop.names.match(wish.like, "product"):
        return True
    return bool(wish.than) and not lexed.periods and not _asks_figures(lexed) and not lexed.found


def _at_a_price(wish: Wish, shop: Shop) -> bool:
    """'Christmas decorations under £2': things at a price, and no word that asks for figures."""
    if wish.below is None and wish.above is None:
        return False
    rest = lex(f"{wish.text} {wish.like}", shop.names, shop.today, shop.first_day)
    named = all(m.field == "product" for found in rest.found for m in found.matches)
    thing = any(t.text not in STOPWORDS and t.text not in SMALL and t.text[0].isalpha() for t in rest.tokens)
    return thing and named and not rest.periods and not _asks_figures(rest) and not rest.has("share")


def _asks_figures(lexed: Lexed) -> bool:
    """A single Chinese character may be part of any word."""
    return any(t.last > t.first or not CJK.search(lexed.word(t.first)) for t in lexed.of(*FIGURES))


def _is_heard(reading: Reading, by_rules: Outcome, turns: Sequence[Turn], shop: Shop) -> bool:
    """The parser hears a search, and the rules have no plan and know of nothing that forbids it."""
    period = isinstance(by_rules, Clarify) and bool(by_rules.resume)  # 'winter' may be read in two ways, and isn't here
    if isinstance(by_rules, Plan) or not (by_rules.unread or period):
        return False
    if _is_put_so(reading.text, shop):
        return reading.meaning.tool == TOOL or (not reading.meaning.tool and reading.sure["kind"] < UNSURE)
    if reading.meaning.tool != TOOL or reading.sure["kind"] < SURE:
        return False
    return _goes_on(reading, turns) or WANTED.search(reading.text) is not None


def _is_put_so(text: str, shop: Shop) -> bool:
    """'Any wooden toys?', 'do we sell anything for …': and no word of figures behind it."""
    put = ASKED_FOR.search(text) or PUT_SO.search(text)
    rest = lex(text[put.end() :], shop.names, shop.today, shop.first_day) if put else None
    return rest is not None and not rest.periods and not _asks_figures(rest)


def _goes_on(reading: Reading, turns: Sequence[Turn]) -> bool:
    """After a search, a word or two more ('with legs'), or more of what was found ('got one for left-handers?')."""
    call = turns[-1].call if turns else None
    if call is None or call.tool != TOOL or "lean" not in reading.meaning.flags:
        return False
    wish = read_wish(reading.text)
    told = [word for word in spoken(f"{wish.text} {wish.like}") if word not in SMALL]
    return len(told) <= FEW or STANDING.search(reading.text) is not None


def filled(outcome: Outcome, reading: Reading, turns: Sequence[Turn]) -> Outcome:
    """A search that leans on the one before, with what was looked for there; any other outcome as it is."""
    if not isinstance(outcome, Plan) or outcome.calls[0].tool != TOOL or not _goes_on(reading, turns):
        return outcome
    return replace(outcome, calls=(Call(TOOL, {"text": f"{reading.text} {_looked_for(turns[-1])}"}),))


def _looked_for(turn: Turn) -> str:
    """What the search before was read as, behind what is said now: of two prices the first one counts."""
    receipt: Mapping[str, Any] = next(iter(turn.answer.get("receipts", [])), {})
    said = receipt.get("input", {}).get("reading")
    if not said:
        return str(turn.call.args.get("text", "")) if turn.call else ""
    like = f"like {said['like']}" if said["like"] else ""
    return " ".join(part for part in (*said["conditions"], said["text"], like) if part)
