"""Every content word must be accounted for. What is left is looked for in product titles; else it isn't guessed at."""

from __future__ import annotations

from collections.abc import Iterator

from agent.plan import CHOICE, Clarify, Decline, Outcome
from agent.planner import words
from agent.planner.frame import Frame
from agent.planner.lexer import CJK, NUMBER_WORDS, Lexed
from agent.planner.named import excluded
from agent.planner.refusals import alike, in_english_titles, resumed
from agent.texts import text
from retrieval.names import Found, Names

STOP_ZH = frozenset("".join(words.STOP_ZH.split()))
NOT_BEFORE_NAMES = frozenset(
    """
    we i they you he she to be been not never from at as than so very more most it that will would can could should
    has have had and-then who which really get gets getting
    """.split()
)
ARTICLES = frozenset(
    "the a an our of any some all each every this that these those no more many much on for with".split()
)
AUXILIARIES = frozenset("did do does was were is are have has had will would can could should".split())
ABROAD = frozenset("abroad export exports foreign international overseas".split())
UNITS = frozenset({"day", "week", "month", "quarter", "year", "fortnight"})
WHICH = frozenset({"last", "past", "previous", "recent", "next"})
ONE_OF = frozenset("个件款条只张盏瓶本把支双台副套块")
ONES = frozenset({"one", "ones"})


def uncovered(lexed: Lexed, frame: Frame, names: Names, locale: str) -> Outcome | None:
    """Adds contained product names to the frame; a Decline or Clarify if content words remain."""
    for t in lexed.tags:
        lexed.taken.update(range(t.first, t.last + 1))
    if any(w.get("field") == "country" and w["op"] == "not in" for w in frame.where):
        lexed.taken.update(i for i, t in enumerate(lexed.tokens) if t.text in ABROAD)  # 'export, so all but the UK'
    left = _left(lexed)
    places = names.find_foreign(lexed.text) if left or lexed.chinese else []
    foreign = next((f for f in places if not _spans(lexed, f)), None)
    said = lexed.text[foreign[0] : foreign[1]] if foreign else ""
    if not left and not CJK.search(said):  # of 日本 each sign alone is a small word
        return _quoted_nothing(lexed, locale)
    taken = [(t.start, t.end) for i, t in enumerate(lexed.tokens) if i in lexed.taken or _is_number(lexed, i)]
    if foreign:
        thing = said if CJK.search(said) else foreign[2]
        return Decline(text("no_country", locale, thing=thing), alike(foreign[2], names, "country"), locale)
    last = next((f for f in reversed(lexed.found) if any(m.field == "product" for m in f.matches)), None)
    for f in names.find_contained(lexed.text, taken, words.STOPWORDS):
        if not _stands_as_name(lexed, f) or (last and not _goes_with(lexed, last, f, names)):
            continue
        last = f
        clash = _which_one(lexed, f, names, locale)
        if clash:
            return clash
        op = "not in" if excluded(lexed, lexed.at(f.start)) else "in"
        if not _said_already(frame, f, names):
            _add_product(frame, f.text, op, part=frame.share)
        lexed.cover(f.start, f.end)
    left = [i for i in _left(lexed) if not _glossed(lexed, i)]
    return _unknown(lexed, left, names, locale) if left else _quoted_nothing(lexed, locale)


def _spans(lexed: Lexed, f: tuple[int, int, str]) -> bool:
    return any(s.start < f[1] and f[0] < s.end for s in lexed.found)


def _stands_as_name(lexed: Lexed, f: Found) -> bool:
    """A word behind 'we', 'were' or 'to' is a verb or an adjective, though some title has it too."""
    before, after = lexed.word(lexed.at(f.start) - 1), lexed.at(f.end - 1) + 1
    if not _may_be_name(lexed, f):
        return False
    if before in AUXILIARIES:  # 'did umbrellas sell': a noun between the auxiliary and its verb
        return any(t.kind in ("verb", "metric") and t.first == after for t in lexed.tags)
    return before not in NOT_BEFORE_NAMES


def _may_be_name(lexed: Lexed, f: Found) -> bool:
    """Of 'nothing fancy' and 'start fresh' the second word is no product: one word, in the singular and in small
    letters, is a name only behind an article, a figure or the like, or at the beginning."""
    i = lexed.at(f.start)
    plain = f.text.isascii() and f.text.isalpha() and f.text.islower() and not f.quoted
    if i == 0 or not plain or f.text.endswith("s"):
        return True
    told = lexed.taken | {k for t in lexed.tags for k in range(t.first, t.last + 1)}
    before = lexed.word(i - 1)
    if before == ",":  # of 'tea, honey', not of 'for me, hen'
        return i - 2 in told
    return i - 1 in told or before in ARTICLES or not before[0].isalpha()


def _goes_with(lexed: Lexed, last: Found, f: Found, names: Names) -> bool:
    """A second name counts only where it is joined to the first one or says the same."""
    between = [
        w for w in lexed.text[last.end : f.start].lower().replace(",", " , ").split() if w not in ("the", "a", "our")
    ]
    same = last.matches and f.matches and last.matches[0].ids == f.matches[0].ids
    return bool(same) or (
        len(between) <= 1 and set(between) <= {"and", "or", ",", "&", "vs", "versus", "against", "plus"}
    )


def _said_already(frame: Frame, f: Found, names: Names) -> bool:
    """'doormats … every doormat': the same products named twice are one condition."""
    same = [w["value"] for w in frame.where if w.get("field") == "product"]
    values = [v for s in same for v in (s if isinstance(s, list) else [s])]
    known = [m for m in (names.match(v, "product") for v in values) if m]
    return any(m.ids == f.matches[0].ids for m in known) if f.matches else False


def _add_product(frame: Frame, value: str, op: str, part: bool) -> None:
    same = next((w for w in frame.where if w.get("field") == "product" and w.get("op") == op), None)
    if same is None:
        frame.where.append(
            {"field": "product", "op": op, "value": value} | ({"part": True} if part and op == "in" else {})
        )
    else:
        same["value"] = [*(same["value"] if isinstance(same["value"], list) else [same["value"]]), value]


def _left(lexed: Lexed) -> list[int]:
    timed = set(_times_unread(lexed))
    return [i for i, t in enumerate(lexed.tokens) if i not in lexed.taken and (i in timed or not _is_filler(lexed, i))]


def _glossed(lexed: Lexed, i: int) -> bool:
    """'网页端（web）': in brackets behind it stands what it is called here."""
    end = next((k for k in range(i, len(lexed.tokens)) if not CJK.fullmatch(lexed.word(k))), len(lexed.tokens))
    return CJK.fullmatch(lexed.word(i)) is not None and lexed.word(end) in ("(", "（") and end + 1 in lexed.taken


def _times_unread(lexed: Lexed) -> Iterator[int]:
    """'Two last whole months': a word for a time beside one that says which, and no period that has them."""
    for i, token in enumerate(lexed.tokens):
        if token.text.rstrip("s") in UNITS and i not in lexed.taken:
            before = [k for k in range(max(0, i - 3), i) if lexed.word(k) in WHICH and k not in lexed.taken]
            yield from before


def _is_filler(lexed: Lexed, i: int) -> bool:
    word = lexed.word(i)
    if CJK.fullmatch(word):
        return word in STOP_ZH
    if word in NUMBER_WORDS and lexed.word(i - 1) in ("the", "all", "these", "those", "of"):
        return True
    return word in words.STOPWORDS or not word[0].isalnum() or (len(word) == 1 and not word.isdigit())


def _is_number(lexed: Lexed, i: int) -> bool:
    return lexed.word(i)[0].isdigit() or lexed.word(i) in NUMBER_WORDS


def _which_one(lexed: Lexed, f: Found, names: Names, locale: str) -> Outcome | None:
    """'the heart', 'red ones': a singular or a bare adjective that fits several products is asked back."""
    match = f.matches[0] if f.matches else None
    if match is None or len(match.ids) < 2 or f.quoted:
        return None
    first, last = lexed.at(f.start), lexed.at(f.end - 1)
    bare = lexed.word(last + 1) in ONES
    singular = lexed.word(first - 1) in ("the", "this", "that") and not _is_plural(lexed.word(last))
    singular = singular or (lexed.word(first - 2) in ("那", "这", "该") and lexed.word(first - 1) in ONE_OF)
    generic = lexed.word(last + 1) in ("products", "items", "range", "line", "stuff", "things", "product")
    if not (bare or (singular and not generic)):
        return None
    titles = [s.value for s in names.suggest(match.asked, "product", k=5)]
    resume = resumed(lexed.text, lexed.text[f.start : f.end], f"“{CHOICE}”")
    return Clarify(text("which_product", locale, thing=match.asked), tuple(titles), locale, resume)


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith("ss")


def _quoted_nothing(lexed: Lexed, locale: str) -> Outcome | None:
    """A quoted name that the shop doesn't have."""
    missing = next((f for f in lexed.found if not f.matches), None)
    return Decline(text("unknown", locale, thing=missing.text), locale=locale) if missing else None


def _unknown(lexed: Lexed, left: list[int], names: Names, locale: str) -> Outcome:
    phrase = lexed.text[lexed.tokens[left[0]].start : lexed.tokens[left[-1]].end]
    for thing in (phrase, *(lexed.text[lexed.tokens[i].start : lexed.tokens[i].end] for i in left)):
        country = names.known_country(thing)
        if country:
            near = tuple(s.value for s in names.suggest(country, "country", k=3))
            return Decline(text("no_country", locale, thing=country), near, locale)
    if len(titles := in_english_titles(phrase, names)) > 1:
        resume = resumed(lexed.text, phrase, f"“{CHOICE}”")
        return Clarify(text("which_product", locale, thing=phrase), titles, locale, resume)
    return Decline(text("unknown", locale, thing=phrase), alike(phrase, names), locale, unread=True)
