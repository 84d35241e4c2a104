"""When not to answer: what is declined, and what is asked back, each in the language of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agent.plan import CHOICE, Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner import words
from agent.planner.frame import Frame
from agent.planner.lexer import CJK, Lexed
from agent.planner.slots import unclear
from agent.proof.direction_words import FALLING, RISING
from agent.texts import text
from retrieval.chinese import in_english
from retrieval.names import Names

NEAR, EQUAL, MOST_TITLES = 0.8, 0.05, 5  # how like a title must be, and how far equally good ones differ
LIKE = 0.6  # of a suggestion; see retrieval/match.py
ON_WORDS = re.compile(  # what a term means or how it is worked out, rather than what it comes to
    r"\bstands? for\b|\bdefine\b|\bwhat (?:does|do|is meant by)\b.{0,40}\bmean\b"
    r"|\b(?:definition|meaning|opposite|synonym|antonym|plural|spelling|origin) of\b"
    r"|\bhow (?:do|does|would|should|to|can)\b.{0,14}\b(?:calculate|compute|work out)\b"
    r"|\bhow (?:do|does|would|should|to) .{0,25}\b(?:say|spell|pronounce)\b"
    r"|\bdifference between\b.{0,40}\band\b|\bsame (?:thing )?as\b"
    r"|区别|什么意思|是啥意思|怎么算的?[吗？?。]?$|[怎如]么?何?计算|几画|怎么[写读]|定义"
    r"|(?:怎么|怎样|如何)(?:才能|可以)?(?:提高|提升|改善)",
    re.I,
)
CHANGES = re.compile(  # SQL that writes, and what is to be done with one order
    r"\b(?:drop|truncate|alter) (?:table|database)\b|\bdelete from\b|\binsert into\b"
    r"|^\W*(?:(?:please|pls|now|can you|could you) )*(?:refund|cancel|void|approve|ship|resend|block) "
    r"(?:the |this |that )?(?:order|invoice|customer|payment)\b(?! (?:count|rate|value|total)s?\b)",
    re.I,
)
ON_A_TEXT = re.compile(  # what is to be done with the words behind the colon
    r"\W*(?:(?:please|pls|can you|could you|now) )*(?:translate|correct|shorten|rewrite|rephrase|reword|proofread"
    r"|paraphrase|summari[sz]e|spell-?check)\b[^:.?!]{0,40}:",
    re.I,
)
CONTACTS = re.compile(
    r"\b(?:credit |debit |bank )?(?:card|account|phone|mobile|cell|telephone)[ -]?(?:numbers?|nos?)\b"
    r"|\b(?:home|postal|street|delivery|billing|private|mailing|e-?mail) address(?:es)?\b"
    r"|\b(?:address(?:es)?|postcodes?|mobiles?|phones?|e-?mails?) (?:of|for) (?:the |our |my |this |that )?"
    r"(?:customers?|buyers?|clients?|people|person|everyone|somebody|someone)\b",
    re.I,
)
POLITE = frozenset(
    """
    please pls can could you would kindly hey hi hello now just to and then also i want need go the me my all us 请 帮
    我 把 给
    """.split()
)


def early(lexed: Lexed, locale: str, turns: Sequence[Turn]) -> Outcome | None:
    """Refusals that need no slots: actions, other tools, things that no shop's data holds, dangling words."""
    if not any(t.text.isalnum() for t in lexed.tokens):
        return Clarify(text("empty", locale), ("Revenue last month", "Top 5 products this year"), locale)
    if _is_action(lexed):
        return Decline(text("action", locale), locale=locale)
    if ON_A_TEXT.match(lexed.text) or (ON_WORDS.search(lexed.text) and not _dated(lexed)):
        return Decline(text("on_words", locale), locale=locale)
    tool, thing = _tool(lexed), next((t for t in lexed.of("nodata")), None)
    if tool and not (thing and tool == "explain_change" and not _is_change(lexed)):
        return Plan((Call(tool, {"text": lexed.text}),), locale)
    contacts = "contacts of customers" if CONTACTS.search(lexed.text) else None
    if missing := thing.value if thing else contacts:
        return Decline(text("nodata", locale, thing=missing), locale=locale)
    vague = next((t for t in lexed.of("undefined")), None)
    if vague and vague.value == "lost" and any(m.field == "customer" for f in lexed.found for m in f.matches):
        return Plan((Call("predict_churn", {"text": lexed.text}),), locale)  # of one, whether it is
    if vague:
        question, options = words.UNDEFINED[vague.value]
        return Clarify(question, options, locale)
    if lexed.has("dangling"):
        return which_ones(locale)
    return two_ways(lexed, locale)


def _dated(lexed: Lexed) -> bool:
    """Whether a period or a name that is no country stands in it: 'how do Italians say revenue' has neither."""
    return bool(lexed.periods) or any(m.field != "country" for f in lexed.found for m in f.matches)


def _is_change(lexed: Lexed) -> bool:
    """Whether something is said to have moved, as far as a 'why' needs it: 'why do people send it back' has none."""
    moved = any(words.search(lexed.text) for words in (RISING, FALLING))
    return moved or bool(lexed.of("compare")) or bool(lexed.periods)


def two_ways(lexed: Lexed, locale: str) -> Outcome | None:
    """A period that offices count differently, such as FY2024."""
    found = unclear(lexed)
    if found is None:
        return None
    return Clarify(text("period", locale, thing=found.asked), found.options, locale, resumed(lexed.text, found.asked))


def _is_action(lexed: Lexed) -> bool:
    """An imperative: the first word that isn't mere politeness tells to do something."""
    first = next((i for i, t in enumerate(lexed.tokens) if t.text not in POLITE and t.text.isalnum()), None)
    told = first is not None and any(t.kind == "action" and t.first == first for t in lexed.tags)
    return told or CHANGES.search(lexed.text) is not None


def _tool(lexed: Lexed) -> str | None:
    tags = lexed.of("tool")
    order = list(words.MODEL_TOOLS)
    return min((t.value for t in tags), key=order.index) if tags else None


def resumed(question: str, unclear: str, form: str = CHOICE) -> str:
    """The question with a place for the choice where the words stand that were unclear; empty if they aren't in it."""
    at = question.lower().find(unclear.lower())
    return "" if at < 0 else question[:at] + form + question[at + len(unclear) :]


def which_field(lexed: Lexed, found: Any, locale: str) -> Clarify:
    options = tuple(f"{m.field.replace('_', ' ')} {found.text}" for m in found.matches)
    return Clarify(text("which_field", locale, thing=found.text), options, locale, resumed(lexed.text, found.text))


def no_metric(lexed: Lexed, frame: Frame, locale: str) -> Outcome:
    options = ("销售额", "订单数", "销量") if locale == "zh" else ("Revenue", "Orders", "Units sold")
    return Clarify(text("no_metric", locale), options, locale, f"{CHOICE}: {lexed.text}", unread=True)


def alike(said: str, names: Names, field: str | None = None) -> tuple[str, ...]:
    """Names of the shop that are written much like what it doesn't have."""
    return tuple(s.value for s in names.suggest(said, field, k=3) if s.score >= LIKE)


def likeliest(said: str, names: Names) -> tuple[str, ...]:
    """The products' titles that are most like it, as far as they are equally good; none where nothing is near."""
    near = names.suggest(said, "product", k=MOST_TITLES)
    best = near[0].score if near else 0.0
    return tuple(s.value for s in near if s.score >= max(NEAR, best - EQUAL))


def in_english_titles(said: str, names: Names) -> tuple[str, ...]:
    """What Chinese words mean ('闹钟' is 'alarm clock') and titles that have it, where the shop's are in English."""
    meant = in_english(said, lambda word: False)
    if len(said) < 2 or meant == said or CJK.search(meant) or names.match(meant, "product") is None:
        return ()
    return (meant, *(s.value for s in names.suggest(meant, "product", k=MOST_TITLES - 1)))


def which_ones(locale: str) -> Outcome:
    return Clarify(text("context", locale), (), locale, unread=True)


def which_periods(locale: str) -> Outcome:
    return Clarify(text("two_periods", locale), (), locale, unread=True)


def bare_rank(lexed: Lexed, frame: Frame, locale: str) -> Outcome:
    options = ("Top 5 products by revenue", "Top 5 countries by revenue", "Top 5 customers by revenue")
    return Clarify(text("bare_rank", locale), options, locale, unread=True)
