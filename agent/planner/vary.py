"""A message said otherwise: other names and periods in the places of its own, and the slips of a hasty hand.

So a few thousand messages teach what people say, and not which products they once asked about.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from agent.planner.corpus import Marked, Said
from agent.planner.lexer import CJK
from agent.planner.numbers import ordinal_in
from agent.planner.pools import Pools

EXCHANGED = 0.7  # of the spans
SPOILED = 0.35  # of the messages
GREETINGS = ("hi ", "hey ", "hello, ", "pls ", "please ", "ok ", "quick one: ", "morning! ", "so ", "um ")
GREETINGS_ZH = ("你好，", "请问", "帮我看看", "麻烦", "老师，", "那个", "亲，")
ENDS = ("?", "??", " pls", " please", " thanks", " 🙏", "!", "...", " thx", " ?")
ENDS_ZH = ("？", "?", "，谢谢", "呢", "啊", "。")


def varied(said: Said, pools: Pools, rng: random.Random) -> Said:
    """The same meaning in other words."""
    out = _exchanged(said, pools, rng)
    if rng.random() < SPOILED:
        for _ in range(rng.randint(1, 2)):
            out = rng.choice(SLIPS)(out, rng)
    return out


def _exchanged(said: Said, pools: Pools, rng: random.Random) -> Said:
    chinese = bool(CJK.search(said.text))
    text, spans, at = "", [], 0
    for span in sorted(said.spans, key=lambda s: s.start):
        text += said.text[at : span.start]
        own = said.text[span.start : span.end]
        fixed = said.meaning.clarify == "period"  # asked back because of these very words
        other = pools.draw(span.kind, chinese, rng) if not fixed and rng.random() < EXCHANGED else None
        surface = other if other is not None and not (span.kind == "limit" and ordinal_in(own)) else own
        spans.append(Marked(len(text), len(text) + len(surface), span.kind, span.excluded))
        text, at = text + surface, span.end
    return Said(text + said.text[at:], tuple(spans), said.meaning)


def _lower(said: Said, _: random.Random) -> Said:
    return Said(said.text.lower(), said.spans, said.meaning) if len(said.text.lower()) == len(said.text) else said


def _upper(said: Said, _: random.Random) -> Said:
    return Said(said.text.upper(), said.spans, said.meaning) if len(said.text.upper()) == len(said.text) else said


def _bare(said: Said, _: random.Random) -> Said:
    """Without its last sign."""
    cut = said.text.rstrip("?!.。？！")
    return Said(cut, said.spans, said.meaning) if all(s.end <= len(cut) for s in said.spans) else said


def _greeted(said: Said, rng: random.Random) -> Said:
    before = rng.choice(GREETINGS_ZH if CJK.search(said.text) else GREETINGS)
    return _moved(said, before + said.text, 0, len(before))


def _ended(said: Said, rng: random.Random) -> Said:
    bare = _bare(said, rng)
    return Said(bare.text + rng.choice(ENDS_ZH if CJK.search(said.text) else ENDS), bare.spans, said.meaning)


def _mistyped(said: Said, rng: random.Random) -> Said:
    """One letter of a longer word left out, doubled or exchanged with the next; numbers stay."""
    places = [i for i in range(1, len(said.text) - 2) if said.text[i - 1 : i + 3].isalpha() and said.text[i].isascii()]
    if not places:
        return said
    i, text = rng.choice(places), said.text
    kind = rng.choice(("out", "double", "exchange"))
    if kind == "exchange":
        return Said(text[:i] + text[i + 1] + text[i] + text[i + 2 :], said.spans, said.meaning)
    if kind == "double":
        return _moved(said, text[:i] + text[i] + text[i:], i, 1)
    return _moved(said, text[:i] + text[i + 1 :], i, -1)


def _moved(said: Said, text: str, at: int, by: int) -> Said:
    """Spans behind `at` go along; those around it grow or shrink."""
    spans = tuple(
        Marked(
            s.start + by * (s.start > at or (by > 0 and s.start >= at)), s.end + by * (s.end > at), s.kind, s.excluded
        )
        for s in said.spans
    )
    return Said(text, spans, said.meaning)


SLIPS: tuple[Callable[[Said, random.Random], Said], ...] = (
    _lower, _upper, _bare, _bare, _lower, _greeted, _ended, _mistyped, _mistyped, _mistyped,
)  # fmt: skip
