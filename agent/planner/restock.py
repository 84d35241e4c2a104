"""What a question about stock asks of plan_stock: of what, how much is left, how long deliveries take, how sure to be.

What it is about is told by its words alone: neither reading of a message knows of stock. The names in it are read as
in any message; what is said of terms goes on from one message to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agent.plan import Call, Clarify, Decline, Outcome, Plan, Turn
from agent.planner.finish import named_products
from agent.planner.frame import field_of
from agent.planner.lexer import Lexed, lex, split
from agent.planner.linked import STOP_ZH, Name, names
from agent.planner.numbers import number_in
from agent.planner.parser import Reading, read
from agent.planner.shop import Shop
from agent.planner.understood import conditions
from agent.planner.words import STOPWORDS
from agent.texts import text as words

TOOL = "plan_stock"
N = r"(?P<n>\d+(?:[.,]\d+)*|[a-z]+|[一二两三四五六七八九十百千]+)"
UNIT = r"(?P<unit>days?|weeks?|fortnights?|months?)\b"
UNIT_ZH = r"\s*个?\s*(?P<unit>天|日|周|星期|礼拜|月)"
DAYS = {
    **dict.fromkeys(("day", "daily", "天", "日"), 1), **dict.fromkeys(("week", "weekly", "周", "星期", "礼拜"), 7),
    **dict.fromkeys(("fortnight", "fortnightly"), 14), **dict.fromkeys(("month", "monthly", "月"), 30),
}  # fmt: skip
BUY = r"(?:re-?order|order|restock|replenish|stock up|buy in|buy|get in|bring in|purchase)\b"
NOT_TIMED = r"(?![\d.,]*\s*-?\s*(?:days?|weeks?|months?|fortnights?|%|％|per ?cent|个?[天日周月]|星期|倍))"
INTENT = re.compile(
    r"\b(?:when|will|'?ll|going to|gonna|how soon|how long|do we|about to|which|likely|close to|risk of)\b"
    r"[^.;!?]{0,60}?\b(?:run|runs|running)\b[^.;!?]{0,12}?\b(?:out|short|low)\b"
    r"|\b(?:when|will|going to|how soon)\b[^.;!?]{0,60}?\b(?:sell out|go out of stock|be out of stock)\b"
    r"|\bhow long\b[^.;!?]{0,60}?\b(?:last|suffice|hold out)\b"
    r"|\b(?:days|weeks|months) of (?:stock|cover|supply|inventory)\b"
    r"|\bhow (?:many|much)\b[^.;!?]{0,80}?\b(?:should|shall|must|ought|need|would) (?:i|we|to)\b"
    rf"[^.;!?]{{0,25}}?\b{BUY}"
    r"|\bhow (?:many|much)\b[^.;!?]{0,80}?\bto (?:re-?order|order|restock|replenish|buy in)\b"
    rf"|\bwhen (?:should|shall|must|do|will) (?:i|we) (?:have to |need to )?{BUY}|\bwhen to (?:re-?order|restock)\b"
    r"|\b(?:what|which)\b[^.;!?]{0,40}?\b(?:should|must|need|do|to|needs)\b[^.;!?]{0,15}?\b(?:re-?order|restock|replenish)"
    r"|\bneeds? (?:re-?ordering|restocking|replenishing)\b|\bre-?order (?:point|quantity|level|list|amount)\b"
    r"|\bsafety stock\b"
    r"|(?:什么时候|何时|几时|啥时候|多久|哪天|几天|会不会|快要?|即将|将要?|会).{0,12}?(?:卖完|卖光|断货|缺货|售罄|没货)"
    r"|(?:能|可以|够|还).{0,4}?(?:卖|撑|用|维持|支撑)(?:多久|多长时间|几天|几周|多少天)"
    r"|(?:该|需要?|[要得])[^，。？?]{0,4}?[补订进备](?!单).{0,4}?多少|[补订进备][货购][^，。？,?]{0,4}?多少|多少[^，。？,?]{0,6}?[补订进备]货|(?:该|需要|要不要|什么时候|何时|哪些).{0,8}?[补进订备]货"
    r"|补货(?:量|点|建议|清单)|安全库存",
    re.I,
)
NO_INTENT = re.compile(
    r"\b(?:don'?t|do not|not|never|always|without|keeps?|did|didn'?t)\b[^.;!?]{0,25}?\b(?:run|runs|running)\b"
    r"|\b(?:cost|costs|spent|spend|paid|pay)\b|成本|本钱|花[了费]|多少钱",
    re.I,
)
LISTED = re.compile(r"\b(?:what|which|anything|everything|products|items|things)\b|哪|什么(?!时候)", re.I)
POINTING = re.compile(r"\b(?:it|them|they|these|those|that|this)\b|[它这那]", re.I)
TERMS: dict[str, tuple[str, ...]] = {
    "lead_days": (
        rf"\blead[ -]?times?\b(?:\s+(?:is|of|are|about|around|usually|was|to be))*\s*[:=]?\s*{N}[ -]?{UNIT}",
        rf"\b{N}[ -]{UNIT}['’]?\s+lead(?:[ -]?time)?",
        rf"\b(?:takes?|taking|needs?)\s+(?:\w+\s+){{0,3}}?{N}[ -]?{UNIT}(?:\s+(?:to|until|for)\s+\w+)?",
        rf"\b(?:deliver(?:y|ed|s|ies)?|arrives?|supplier|shipping|shipment)\b[^,.;?]{{0,25}}?\b{N}[ -]?{UNIT}",
        rf"(?:交货|到货|供货|货期|送货|发货|前置|采购周期)[^，。,;；?？]{{0,8}}?{N}{UNIT_ZH}",
        rf"{N}{UNIT_ZH}(?:后|才|内|就)?(?:能)?(?:到货|交货|送到|到)",
    ),
    "review_days": (
        rf"\b(?:(?:we |i )?(?:re-?)?order(?:s|ed|ing)?\s+(?:\w+\s+){{0,2}}?)?every (?:{N} )?{UNIT}",
        rf"\b(?:(?:we |i )?(?:re-?)?order(?:s|ed|ing)?\s+(?:\w+\s+){{0,2}}?)?once (?:a|per|every|each) {UNIT}",
        r"\b(?:we |i )(?:re-?)?order\s+(?P<unit>daily|weekly|fortnightly|monthly)\b",
        rf"每隔?(?:{N})?{UNIT_ZH}(?:都?会?[订进补采][货购]?|下单)?(?:一次)?",
    ),
    "service": (
        r"(?:\b(?:with|at|be|to be)\s+)?(?:a\s+)?(?:\bservice(?: level)?\s*(?:is|of|=|:)?\s*)?(?<![\d.])"
        r"(?P<n>\d{2}(?:\.\d+)?)\s*(?:%|％|per ?cent)(?:\s*(?:service(?: level)?|sure|safe|certain|certainty))?",
        r"(?:服务水平|把握|概率)?\s*百分之\s*(?P<n>\d{2}(?:\.\d+)?)(?:的?(?:服务水平|把握))?",
    ),
    "stock": (
        rf"\b(?:have|has|got|'ve|hold|there are|there is|there's|stock is|stock of|stock:|only)\s+"
        rf"(?:(?:only|about|just|still|around|got)\s+)*{N}\b{NOT_TIMED}"
        r"(?:\s+(?:of (?:it|them|those|these)|pieces|units))?"
        r"(?:\s+(?:left|on hand|in stock|remaining))?",
        rf"\b{N}{NOT_TIMED}\s+(?:pieces |units |of (?:them|it|those) )?(?:are |is )?(?:still )?"
        r"(?:left|on hand|in stock|remaining)\b",
        rf"(?:还有|还剩下?|剩下?|库存(?:是|有|为|还有|还剩)?|现有|手[头里上]有|只有|有)\s*{N}{NOT_TIMED}\s*"
        r"[个件只盒套本瓶台支包双条张块把]?",
    ),
}  # fmt: skip
SMALL = frozenset(
    """
    stock stocks inventory supplier suppliers supply delivery deliveries lead time times service sure safe reorder
    reordering restock order orders ordering run running runs out last lasts long soon left hand remaining warehouse
    shelf need needed more actually assume assuming if suppose restock restocking replenish replenishing buy purchase
    suffice hold low short dry cover safety point quantity level likely soon before until
    库存 存货 交货 到货 供货 补货 进货 订货 备货 售罄
    """.split()
)
SMALL_ZH = STOP_ZH | frozenset("库存货订补进备到交供剩还会卖完断缺期周天如果假设次把握服务水平")


def one_question(parts: Sequence[str]) -> list[str]:
    """'How many balls should I order? Lead time is 3 weeks': what is said of terms is no question of its own."""
    asked = [p for p in parts if not _only_terms(p)]
    if len(asked) == 1 and len(parts) > 1 and _is_asked(asked[0]):
        return ["; ".join(parts)]
    return list(parts)


def plan(reading: Reading, turns: Sequence[Turn], shop: Shop) -> Outcome | None:
    """The plan for a message about stock; None where it is about something else."""
    before = turns[-1].call if turns else None
    goes_on = before is not None and before.tool == TOOL
    if not _is_asked(reading.text) and not (goes_on and _leans(reading, shop)):
        return None
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    locale = "zh" if lexed.chinese else "en"
    told, rest = _told(reading.text)
    found = _names(reading, rest, lexed, shop) or _named_by_words(rest, shop)
    if not isinstance(found, list):
        return None if reading.meaning.decline and not lexed.found else found
    if not found and reading.meaning.decline in ("action", "offtopic", "nonsense") and not (goes_on or told):
        return None
    where = conditions(found, shop)
    if not where and not LISTED.search(rest):
        where = _before(turns)
    if not where and ("stock" in told or (POINTING.search(rest) and not LISTED.search(rest))):
        return Clarify(words("context", locale), (), locale)
    kept = dict(before.args) if before is not None and goes_on else {}
    if found:
        kept.pop("stock", None)
    args = {**kept, **told} | ({"where": where} if where else {})
    return Plan((Call(TOOL, args), *named_products(where)), locale)


def pointed_at(text: str, turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """What 'it' is, by the answer before."""
    return _before(turns) if POINTING.search(text) else []


def _before(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    call = turns[-1].call if turns else None
    return [w for w in call.args.get("where", []) if field_of(w) in ("product", "category")] if call else []


def _is_asked(text: str) -> bool:
    return INTENT.search(text) is not None and NO_INTENT.search(text) is None


def _leans(reading: Reading, shop: Shop) -> bool:
    """After an answer on stock: terms alone ('and with 99 %?'), or another thing ('and the vases?')."""
    if _only_terms(reading.text):
        return True
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    other = lexed.of("metric", "tool", "dim", "rank", "compare", "verb", "grain", "share", "action", "nodata")
    return "lean" in reading.meaning.flags and bool(lexed.found or reading.spans) and not lexed.periods and not other


def _only_terms(text: str) -> bool:
    """Whether terms are said, and nothing else but small words."""
    told, rest = _told(text)
    return bool(told) and not any(_says(t.text) for t in split(rest))


def _says(word: str) -> bool:
    small = word in STOPWORDS or word in SMALL or word in SMALL_ZH
    return word[0].isalnum() and not small


def _told(text: str) -> tuple[dict[str, Any], str]:
    """What is said of terms and of what is left, and the text without it."""
    told: dict[str, Any] = {}
    for name, patterns in TERMS.items():
        value = next(_values(name, patterns, text), None)
        if value is not None:
            told[name], (start, end) = value
            text = f"{text[:start]} {text[end:]}"
    return told, text


def _values(name: str, patterns: Sequence[str], text: str) -> Iterator[tuple[float | int, tuple[int, int]]]:
    for found in (m for p in patterns for m in re.finditer(p, text, re.I)):
        groups = found.groupdict()
        number: float | int | None = number_in(groups["n"]) if groups.get("n") else 1 if name == "review_days" else None
        if number is None:
            continue
        if groups.get("unit"):
            number *= DAYS[groups["unit"].lower().rstrip("s")]
        if name == "service" and not 50 < number < 100:
            continue
        yield (round(number / 100, 6) if name == "service" else number), found.span()


def _names(reading: Reading, rest: str, lexed: Lexed, shop: Shop) -> list[Name] | Outcome:
    """The names of a message; its terms are none, whatever the parser takes them for."""
    found = names(_without_small(reading), lexed, shop)
    if isinstance(found, list) and rest == reading.text:
        return found
    again = names(_without_small(read(rest)), lex(rest, shop.names, shop.today, shop.first_day), shop)
    return again if isinstance(again, list) else found


def _named_by_words(rest: str, shop: Shop) -> list[Name] | Outcome:
    """Names that neither reading marks: words in a row that say nothing of stock. A refusal where they are no name."""
    lexed = lex(rest, shop.names, shop.today, shop.first_day)
    out: list[Name] = []
    for start, end in _runs(lexed):
        said = rest[start:end]
        field = next((f for f in ("product", "category") if shop.names.match(said, f)), None)
        if field is None:
            return Decline(words("unknown", "zh" if lexed.chinese else "en", thing=said), (), unread=True)
        out.append(Name(start, end, said, field, False))
    return out


def _runs(lexed: Lexed) -> Iterator[tuple[int, int]]:
    """Where words stand in a row that aren't small."""
    periods = [(s.start, s.end) for s in lexed.periods]
    run: tuple[int, int] | None = None
    for token in lexed.tokens:
        timed = any(start < token.end and token.start < end for start, end in periods)
        if _says(token.text) and not timed:
            run = (run[0] if run else token.start, token.end)
        elif run:
            yield run
            run = None
    if run:
        yield run


def _without_small(reading: Reading) -> Reading:
    kept = (s for s in reading.spans if any(_says(t.text) for t in split(reading.text[s.start : s.end])))
    return replace(reading, spans=tuple(kept))
