"""Words of quantity ("about a third", "doubled", 翻倍): said only where the true ratio is within 5 % of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from agent.figures import language

NEAR = Fraction(5, 100)


@dataclass(frozen=True)
class Quantity:
    """A ratio and its words, the usual one first. `changes` are the words for having become so many times as much."""

    ratio: Fraction
    words: tuple[str, ...]
    changes: tuple[str, ...] = ()


ENGLISH = (
    Quantity(Fraction(1, 10), ("a tenth", "one tenth")),
    Quantity(Fraction(1, 5), ("a fifth", "one fifth")),
    Quantity(Fraction(1, 4), ("a quarter", "one quarter", "quarter")),
    Quantity(Fraction(1, 3), ("a third", "one third")),
    Quantity(Fraction(1, 2), ("half", "a half", "one half"), ("halved",)),
    Quantity(Fraction(2, 3), ("two thirds",)),
    Quantity(Fraction(3, 4), ("three quarters",)),
    Quantity(Fraction(2), ("twice", "double", "two times", "twofold"), ("doubled",)),
    Quantity(Fraction(3), ("three times", "triple", "threefold"), ("tripled", "trebled")),
    Quantity(Fraction(4), ("four times", "quadruple", "fourfold"), ("quadrupled",)),
    Quantity(Fraction(5), ("five times", "fivefold")),
    Quantity(Fraction(6), ("six times", "sixfold")),
    Quantity(Fraction(7), ("seven times", "sevenfold")),
    Quantity(Fraction(8), ("eight times", "eightfold")),
    Quantity(Fraction(9), ("nine times", "ninefold")),
    Quantity(Fraction(10), ("ten times", "tenfold")),
)
CHINESE = (
    Quantity(Fraction(1, 10), ("十分之一", "一成")),
    Quantity(Fraction(1, 5), ("五分之一", "两成")),
    Quantity(Fraction(1, 4), ("四分之一",)),
    Quantity(Fraction(1, 3), ("三分之一",)),
    Quantity(Fraction(1, 2), ("一半", "半数"), ("减半",)),
    Quantity(Fraction(2, 3), ("三分之二",)),
    Quantity(Fraction(3, 4), ("四分之三",)),
    Quantity(Fraction(2), ("两倍", "二倍"), ("翻倍", "翻番", "翻了一番")),
    *(Quantity(Fraction(n), (f"{word}倍",)) for n, word in enumerate("三四五六七八九十", 3)),
)
WORDS = {"en": ENGLISH, "zh": CHINESE}
# What may stand before a requested word, and on which side of the word's ratio the true one must then lie.
HEDGES = {
    "about": (-1, 0, 1),
    "around": (-1, 0, 1),
    "roughly": (-1, 0, 1),
    "nearly": (-1,),
    "almost": (-1,),
    "just under": (-1,),
    "just over": (1,),
    "more than": (1,),
    "over": (1,),
    "大约": (-1, 0, 1),
    "约": (-1, 0, 1),
    "近": (-1,),
    "将近": (-1,),
}


def quantity_word(ratio: float, asked: str = "", locale: str = "en", *, changed: bool = False) -> str | None:
    """The words for a ratio; None where none is within 5 % of it, or the `asked` one isn't.

    `changed` looks among the words for a change ("doubled" for having become twice as much) first.
    """
    true, lang = Fraction(ratio), language(locale)
    if asked:
        return _asked(true, asked)
    near = [q for q in WORDS[lang] if abs(true - q.ratio) <= NEAR * q.ratio and (q.changes or not changed)]
    if not near:
        return None
    best = min(near, key=lambda q: abs(true - q.ratio) / q.ratio)
    return ("约" if lang == "zh" else "about ") + (best.changes if changed else best.words)[0]


def _asked(true: Fraction, asked: str) -> str | None:
    words = " ".join(asked.lower().replace("-", " ").split())
    hedge = max((h for h in HEDGES if words.startswith(h)), key=len, default="")
    word = words[len(hedge) :].strip()
    for quantity in (*ENGLISH, *CHINESE):
        if word in (*quantity.words, *quantity.changes):
            side = (true > quantity.ratio) - (true < quantity.ratio)
            fits = abs(true - quantity.ratio) <= NEAR * quantity.ratio and (not hedge or side in HEDGES[hedge])
            return words if fits else None
    return None
