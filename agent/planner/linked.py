"""What a message names, linked to the shop: the names that stand in it as they are, and those that the parser sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.plan import CHOICE, Clarify, Decline, Outcome
from agent.planner.corpus import NAMED
from agent.planner.lexer import CJK, Lexed, split
from agent.planner.named import chosen, excluded
from agent.planner.parser import Reading
from agent.planner.refusals import alike, in_english_titles, likeliest, resumed
from agent.planner.shop import Shop
from agent.planner.words import CONTAINS, STOPWORDS
from agent.planner.words import STOP_ZH as SMALL_ZH
from agent.texts import text as words
from retrieval.names import FIELDS

STOP_ZH = frozenset("".join(SMALL_ZH.split()))
CONTAINING = frozenset(phrase.strip() for phrase in CONTAINS.split("|"))
CLOCK = ("weekday", "hour")


@dataclass(frozen=True)
class Name:
    """Words of a message and the field that they are a value of; `excluded` where it is left out."""

    start: int
    end: int
    said: str
    field: str
    excluded: bool


def names(reading: Reading, lexed: Lexed, shop: Shop) -> list[Name] | Outcome:
    """All names, left to right; a refusal where the parser sees one that the shop doesn't have."""
    out, told = _whole_names(reading, lexed, shop), {lexed.text[p.start : p.end] for p in lexed.periods}
    for span in reading.spans:
        if span.kind not in NAMED or span.kind in CLOCK or _overlaps(span.start, span.end, out):
            continue
        said = reading.text[span.start : span.end]
        if CJK.fullmatch(said[-1:]) and _is_glossed(span.end, lexed):
            continue
        if said.lower() in FIELDS or says_nothing(said) or said in told or lexed.is_noted(span.start, span.end):
            continue
        field = _field(span.kind, said, shop)
        if field is None:
            return _not_there(span.kind, said, shop, reading.text)
        out.append(Name(span.start, span.end, said, field, span.excluded or _left_out(lexed, span.start)))
    return _joined(sorted(out, key=lambda n: n.start), reading.text, shop)


def _is_glossed(end: int, lexed: Lexed) -> bool:
    """'服装（Clothing）': in brackets behind it stands what it is called here."""
    return lexed.text[end : end + 1] in ("（", "(") and any(f.start == end + 1 for f in lexed.found)


def says_nothing(said: str) -> bool:
    """'A rough idea', 带: no name, but words that the rules leave aside or go by."""
    named = [t.text for t in split(said) if t.text[0].isalnum()]
    small = all(word in STOPWORDS or word in STOP_ZH for word in named)
    return small or said in CONTAINING


def _joined(found: list[Name], text: str, shop: Shop) -> list[Name]:
    """'pen' and 'pots' side by side are one name where titles have both in a row."""
    out: list[Name] = []
    for name in found:
        said = text[out[-1].start : name.end] if out else ""
        beside = bool(out) and text[out[-1].end : name.start] == " " and "product" in (out[-1].field, name.field)
        if beside and out[-1].excluded == name.excluded and shop.names.match(said, "product"):
            name = replace(out.pop(), end=name.end, said=said, field="product")
        out.append(name)
    return out


def _whole_names(reading: Reading, lexed: Lexed, shop: Shop) -> list[Name]:
    """Names of the shop just as they stand, whether the parser sees them or not."""
    out = []
    for found in lexed.found:
        match = chosen(lexed, found, shop.names)
        marked = [s for s in reading.spans if s.start < found.end and found.start < s.end]
        if match is None or any(s.kind not in NAMED for s in marked):
            continue
        meant = next((m.field for m in found.matches if any(m.field == s.kind for s in marked)), match.field)
        out_ = any(s.excluded for s in marked) or _left_out(lexed, found.start)
        out.append(Name(found.start, found.end, found.text, meant, out_))
    return out


def _overlaps(start: int, end: int, names: list[Name]) -> bool:
    return any(start < n.end and n.start < end for n in names)


def _left_out(lexed: Lexed, start: int) -> bool:
    return excluded(lexed, lexed.at(start))


def _field(kind: str, said: str, shop: Shop) -> str | None:
    """The field that the shop has the name in: the one meant, else the only other one."""
    if shop.names.match(said, kind):
        return kind
    others = [f for f in FIELDS if f != kind and shop.names.match(said, f)]
    return others[0] if len(others) == 1 else None


def _not_there(kind: str, said: str, shop: Shop, text: str) -> Outcome:
    """A refusal with what is most like it; a question back where several products may be meant."""
    locale = "zh" if CJK.search(text) else "en"
    several = in_english_titles(said, shop.names) if kind in ("product", "category") else ()
    if kind == "product":
        several = several or likeliest(said, shop.names) or shop.nearest(said)
    if len(several) > 1:
        resume = resumed(text, said, f"“{CHOICE}”")
        return Clarify(words("which_product", locale, thing=said), several, locale, resume)
    near = alike(said, shop.names, kind)
    country = shop.names.known_country(said) if kind == "country" else None
    if country:
        return Decline(words("no_country", locale, thing=country), near, locale)
    return Decline(words("unknown", locale, thing=said), near, locale, unread=True)
