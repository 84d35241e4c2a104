"""The written list of digits and number words that prose may not hold, and where they stand in a text.

Free: ordinals ("second", 第二), "one", "one of", "third-party", names of quarters ("Q3"), 一共, 一下, 百分比.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agent.figures import CODES, SYMBOLS
from agent.labels import first_day
from agent.proof.folding import NUMERAL, Folded, fold

TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fourty fifty sixty seventy eighty ninety"
LARGE = ("hundred", "thousand", "million", "billion", "trillion", "dozen")
VALUES = {word: n for n, word in enumerate(f"two three four five six seven eight nine {TEENS}".split(), 2)}
VALUES |= {word: n for word, n in zip(TENS.split(), (20, 30, 40, 40, 50, 60, 70, 80, 90), strict=True)}
VALUES |= {"hundred": 100, "thousand": 1000, "million": 10**6, "dozen": 12}
VALUES |= {char: n for n, char in enumerate("二三四五六七八九十", 2)} | {"两": 2, "百": 100, "千": 1000, "万": 10**4}

_CARDINALS = "|".join(sorted({*VALUES, *LARGE} - set("二三四五六七八九十两百千万"), key=len, reverse=True))
_PARTS = "third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth"
_RANKED = (  # behind "a third" these make it an ordinal
    "party|parties|country|product|customer|category|brand|person|time|order|day|week|month|year|quarter|place|option|way"
    "|reason|item|line|channel|region|city|store|shop|supplier"
)
_ORDINAL = rf"[ -]+(?:(?:or|and) (?:an? )?(?:{_PARTS})[ -]+)?(?:{_RANKED})(?![a-z])"
_LATER = "earlier|ago|before|later|after|when|that|which|like|with|without|in which"
ENGLISH = re.compile(
    rf"(?<![a-z])(?:(?:{_CARDINALS})+(?:s|es|ish|fold|some|odd|plus)?"
    r"|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies"
    r"|half|halves|halved|halving|double|doubles|doubled|doubling|redoubled|twice|thrice"
    r"|(?:triple|treble|quadruple|quintuple)[sd]?|(?:tripl|trebl|quadrupl)ing|couples?|pairs?|duo|trio|quartet"
    rf"|(?:{_PARTS})s"
    rf"|(?:a|an|one)[ -]+(?:good |full |whole )?(?:{_PARTS})(?![a-z]|{_ORDINAL})"
    rf"|(?:a|one)[ -]+quarter(?![a-z]|[ -]+(?:{_LATER})(?![a-z]))"
    r"|(?:a|one) (?:good |full |whole )quarter of|quarters? (?:as )(?:much|many)"
    r")(?![a-z])"
)
SPELT = re.compile(r"(?<![a-z])[a-z](?:[ .·_-]{1,2}[a-z](?![a-z])){2,40}")
_HAN = "二三四五六七八九十百千万萬亿億两兩俩仨廿卅"
_HAN_FREE = (
    rf"十分(?![之钟])|百分[点比]|百货|万一|[上下]半[年月]|第[{_HAN}一〇零]+(?!倍)"
    rf"|(?:周|星期|礼拜)[二三四五六](?![次个件单倍天笔位名{_HAN}])"
)
CHINESE = re.compile(
    rf"(?P<free>{_HAN_FREE})|[{_HAN}]+倍?|倍|半|对折|翻一?番|一成(?![不为立熟功长])|一打(?![折开听包算])"
    r"|[壹贰叁肆伍陆柒捌玖]*[贰叁肆柒捌玖][拾佰仟]?|[壹伍陆][拾佰仟]"
)
DIGITS = re.compile(rf"[0-9{NUMERAL}](?:[0-9{NUMERAL},.⁄]*[0-9{NUMERAL}])?")
_MONEY = "[" + "".join({mark[-1] for mark in SYMBOLS.values()}) + "]"
AMOUNT = re.compile(
    rf"{_MONEY}\s?[0-9]|[0-9]\s?(?:[%‰‱]|{_MONEY})|(?<!\w)[0-9](?:[ ,.'’]?[0-9]){{4,}}(?!\w)|[0-9],[0-9]{{3}}(?![0-9])"
    rf"|\b(?:{'|'.join(CODES)})\s?[0-9]|[0-9]\s?(?:{'|'.join(CODES)}|bn)\b|[0-9]\.[0-9]+e[0-9]|[mbtr]illion|[万亿]",
    re.IGNORECASE,
)
NAMED_QUARTER = re.compile(r"(?<![a-z0-9])q[1-4](?![a-z0-9.,]*[0-9])")


@dataclass(frozen=True)
class Hit:
    """A number in a text, from `start` to `end` of it; `folded` is how it reads."""

    start: int
    end: int
    kind: Literal["digits", "number word"]
    folded: str

    @property
    def value(self) -> Decimal | None:
        """What it says, where that is one plain number."""
        text = self.folded.replace(",", "")
        if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
            return Decimal(text)
        return Decimal(VALUES[text]) if text in VALUES else None


def find_numbers(text: str) -> list[Hit]:
    """Every digit and number word, in order; disguises are seen through, HOLEs are not looked at."""
    hits: dict[tuple[int, int], Hit] = {}
    for unmarked in (False, True):
        folded = fold(text, unmarked=unmarked)
        for hit in (*_digits(folded), *_words(folded)):
            hits.setdefault((hit.start, hit.end), hit)
    return _apart(sorted(hits.values(), key=lambda h: (h.start, -h.end)))


def could_be_figure(name: str) -> bool:
    """Whether a name could be taken for one of the shop's figures: an amount of something, or digits without a word."""
    plain = fold(name, unmarked=True).text
    if AMOUNT.search(plain):
        return True
    wordless = any(c in plain for c in f"0123456789{NUMERAL}") and not any(map(str.isalpha, plain))
    return wordless and ((day := first_day(name)) is None or not 1900 <= day.year < 2100)


def _digits(folded: Folded) -> list[Hit]:
    quarters = {m.start() + 1 for m in NAMED_QUARTER.finditer(folded.text)}
    found = [m for m in DIGITS.finditer(folded.text) if not (m.start() in quarters and len(m[0]) == 1)]
    return [Hit(*folded.source(*m.span()), "digits", m[0]) for m in found]


def _words(folded: Folded) -> list[Hit]:
    found = [m for m in ENGLISH.finditer(folded.text)]
    found += [m for m in CHINESE.finditer(folded.text) if not m["free"]]
    for spelt in SPELT.finditer(folded.text):
        if ENGLISH.fullmatch(re.sub("[^a-z]", "", spelt[0])) or _inside(spelt[0]):
            found.append(spelt)
    return [Hit(*folded.source(*m.span()), "number word", m[0]) for m in found]


def _inside(spelt: str) -> bool:
    return re.search(_CARDINALS, re.sub("[^a-z]", "", spelt)) is not None


def _apart(hits: list[Hit]) -> list[Hit]:
    """Of hits that overlap, the first and longest."""
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept
