"""The shop's own names in a question as conditions: which field each is of, and whether it is meant or left out."""

from __future__ import annotations

from agent.planner.frame import Frame
from agent.planner.lexer import Lexed
from retrieval.names import FIELDS, Found, Match, Names

SAID = {
    **{f: f for f in FIELDS},
    **dict.fromkeys(("item", "sku", "article", "code"), "product"),
    "client": "customer",
    "客": "customer",
    "invoice": "order",
}  # the word beside a name that says what it is
JOINING = frozenset({"and", "or", ",", "&", ", and", "nor", "and the", "or the", "和", "、", "与", "或", "及"})


def read_names(lexed: Lexed, frame: Frame, names: Names) -> list[Found]:
    """Conditions from the shop's own names; gives back names that fit several fields, to be asked about."""
    unclear_names: list[Found] = []
    last: Found | None = None
    op = "in"
    by_field: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
    for f in lexed.found:
        match = chosen(lexed, f, names)
        if match is None:
            unclear_names.append(f)
            continue
        joined = last is not None and _joined(lexed, last.end, f.start)
        op = op if joined else "not in" if excluded(lexed, lexed.at(f.start)) else "in"
        last = f
        named = by_field.setdefault((match.field, op), {})
        named.setdefault(match.ids or (f.text,), f.text)  # 'British cities (UK)' names one country
    for (fld, op), named in by_field.items():
        values = list(named.values())
        frame.where.append({"field": fld, "op": op, "value": values[0] if len(values) == 1 else values})
    return unclear_names


def _joined(lexed: Lexed, end: int, start: int) -> bool:
    """'UK and Ireland', 'Norway, Sweden': the second name goes where the first one goes."""
    return lexed.text[end:start].strip().lower() in JOINING


def chosen(lexed: Lexed, f: Found, names: Names) -> Match | None:
    """The one field that a name is of: the only one, or the one that the word before it says."""
    if len({m.field for m in f.matches}) == 1:
        return f.matches[0]
    i = lexed.at(f.start)
    for k in (i - 1, i - 2, i - 3, i + 1):
        fld = SAID.get(lexed.word(k).removesuffix("s"))
        hit = next((m for m in f.matches if m.field == fld), None)
        if hit:
            return hit
    ranked = ["country", "product", "category", "brand", "channel", "segment", "city", "region", "payment_method"]
    words_only = [m for m in f.matches if m.field in ranked and m.how != "code"]
    if {m.field for m in words_only} == {"region", "city"} and f.text.lower() not in names.city_states:
        return None  # 'Victoria' is both
    return min(words_only, key=lambda m: ranked.index(m.field)) if words_only and not f.text.isdigit() else None


def one_named(dim: str, frame: Frame, names: Names) -> bool:
    """'Brand Acme', 'the city of Leeds': a breakdown would be one row, of the one that is named."""
    named = [w["value"] for w in frame.where if w.get("field") == dim and w["op"] == "in"]
    match = names.match(named[0], dim) if named and isinstance(named[0], str) else None
    return match is not None and len(match.ids) == 1


def excluded(lexed: Lexed, i: int) -> bool:
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
