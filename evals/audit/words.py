"""Number words, English and Chinese: which of them count as numbers, where they stand, and what they are worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_ONES = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", *_TEENS]
UNITS = {word: i for i, word in enumerate(_ONES, 2)}
TENS = {
    w: 10 * i for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
POWERS = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
MULTIPLES = {"double": 2, "twice": 2, "triple": 3, "treble": 3, "thrice": 3, "quadruple": 4, "quintuple": 5}
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

_SMALL = "|".join([*UNITS, *TENS])
_MULTIPLE = r"doubl(?:e[sd]?|ing)|tripl(?:e[sd]?|ing)|trebl(?:e[sd]?|ing)|quadrupl(?:e[sd]?|ing)|quintupl(?:e[sd]?|ing)"
# "A third of", "a third more", "by a third": a fraction. "A third party", "the third": an ordinal, which is no number.
_FRACTION_FOLLOWS = (
    r"(?=\s+(?:of|more|less|fewer|higher|lower|larger|smaller|bigger|from|since|against|on|in|over|compared|versus|vs|to"
    r"|than|as|up|down|was|were|is|are|and|or|but|came|comes|went|this|last|that|the)\b|\s*(?:[^\w\s]|$))"
)
# A quarter is mostly a time: it is a fraction after "by", "about" and their like, and before "of" and comparatives.
_QUARTER = (
    r"(?:(?<=by a )|(?<=by one )|(?<=about a )|(?<=around a )|(?<=nearly a )|(?<=almost a )|(?<=roughly a )"
    r"|(?<=over a )|(?<=under a )|(?<=than a )|(?<=just a ))quarter\b"
    r"|(?<=\ba )quarter(?=\s+(?:of|more|less|fewer|higher|lower|larger|smaller|bigger)\b)"
    r"|(?<=\bone )quarter(?=\s+(?:of|more|less|fewer|higher|lower)\b)|(?<=three[ -])quarters\b"
)
ENGLISH = re.compile(
    rf"\b(?:{_SMALL}|dozens?|hundreds?|thousands?|millions?|billions?|trillions?|twice|thrice|{_MULTIPLE}"
    r"|(?:two|three|four|five|six|seven|eight|nine|ten)fold|half|halves|halv(?:ed|ing)|thirds"
    rf"|(?<=\ba )third{_FRACTION_FOLLOWS}|(?<=\bone[ -])third{_FRACTION_FOLLOWS}|{_QUARTER})\b",
    re.IGNORECASE,
)
# Halves that are times.
ENGLISH_ASIDE = re.compile(
    r"\b(?:first|second|1st|2nd|last|latter|this|next|previous|each|either)[ -]half\b|\bhalf[ -]?year(?:ly)?\b",
    re.IGNORECASE,
)

ZH_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
ZH_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
ZH_NUMERAL = "[零〇一二两兩三四五六七八九十百千万萬亿億]+"
CHINESE = re.compile(
    r"[零〇一]*[二两兩三四五六七八九十百千万萬亿億][零〇一二两兩三四五六七八九十百千万萬亿億]*|[倍半]|翻(?:了)?(?:一)?[番倍]"
)
CHINESE_ASIDE = re.compile(
    rf"第{ZH_NUMERAL}|(?:周|週|星期|礼拜|禮拜)[一二三四五六日天]|十分(?!之)|万一|萬一|百分[点點比]|百货|百貨|[上下]半[年月]"
)

PART = re.compile(
    r"\b(?:(?P<count>a|an|one|two|three|four|five|six|seven|eight|nine)[ -])?(?P<part>half|halves|"
    r"(?:third|quarter|fifth|sixth|eighth|tenth)s?)\b",
    re.IGNORECASE,
)
ZH_PART = re.compile(rf"(?P<below>{ZH_NUMERAL})分之(?P<above>{ZH_NUMERAL})")


def number_words(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the words that count as numbers, left to right in each language."""
    for words, aside in ((ENGLISH, ENGLISH_ASIDE), (CHINESE, CHINESE_ASIDE)):
        skipped = [m.span() for m in aside.finditer(text)]
        for found in words.finditer(text):
            if not any(a <= found.start() and found.end() <= b for a, b in skipped):
                yield found.span()


def word_value(text: str) -> tuple[Decimal, str] | None:
    """What a phrase without digits is worth; "whole" (twelve), "part" (a third), "change" (doubled) or "none"."""
    for reader in (_nothing, _changed, _part, _zh_part, _english_whole, _chinese_whole):
        found = reader(text)
        if found is not None:
            return found
    return None


def _nothing(text: str) -> tuple[Decimal, str] | None:
    bare = text.strip().lower()
    return (
        (Decimal(0), "none")
        if re.fullmatch(r"unchanged|no change|none|nothing|no|zero|持平|不变|不變|没有|沒有|零", bare)
        else None
    )


def _changed(text: str) -> tuple[Decimal, str] | None:
    low = text.lower()
    if re.search(r"\bhalv(?:ed|ing|es)\b|减半|減半|腰斩", low):
        return Decimal("0.5"), "change"
    if re.search(r"翻(?:了)?(?:一)?[番倍]|加倍", low):
        return Decimal(2), "change"
    for word, worth in MULTIPLES.items():
        if re.search(rf"\b{word.removesuffix('e')}(?:e|ed|ing|es)?\b", low):
            return Decimal(worth), "change"
    times = re.search(rf"\b({'|'.join(UNITS)})(?:fold|[ -]fold|[ -]times)\b", low)
    zh = re.search(rf"({ZH_NUMERAL})倍", text)
    if times or zh:
        return Decimal(UNITS[times[1]] if times else chinese_number(zh[1] if zh else "")), "part"
    return None


def _part(text: str) -> tuple[Decimal, str] | None:
    found = PART.search(text)
    if not found:
        return None
    word = found["part"].lower().removesuffix("s")
    below = PARTS["half" if word in ("halve", "half") else word]
    above = UNITS.get((found["count"] or "").lower(), 1)
    return Decimal(above) / Decimal(below), "part"


def _zh_part(text: str) -> tuple[Decimal, str] | None:
    found = ZH_PART.search(text)
    if found and found["below"] != "百":
        return Decimal(chinese_number(found["above"])) / Decimal(chinese_number(found["below"])), "part"
    if tenths := re.search(rf"({ZH_NUMERAL})成", text):
        return Decimal(chinese_number(tenths[1])) / 10, "part"
    return (Decimal("0.5"), "part") if "半" in text else None


def _english_whole(text: str) -> tuple[Decimal, str] | None:
    total = current = 0
    seen = False
    for word in re.findall(r"[a-z]+", text.lower()):
        word = word if word in POWERS else (word.removesuffix("s") if word.removesuffix("s") in POWERS else word)
        if word in UNITS or word in TENS or (word == "one" and seen):
            current += {**UNITS, **TENS, "one": 1}[word]
        elif word in POWERS and POWERS[word] >= 1000:
            total, current = total + (current or 1) * POWERS[word], 0
        elif word in POWERS:
            current = (current or 1) * POWERS[word]
        else:
            continue
        seen = True
    return (Decimal(total + current), "whole") if seen else None


def _chinese_whole(text: str) -> tuple[Decimal, str] | None:
    found = re.search(ZH_NUMERAL, text.replace("百分之", ""))
    return (Decimal(chinese_number(found[0])), "whole") if found else None


def chinese_number(numeral: str) -> int:
    """十二 is 12, 三千二百 3200, 一百二十万 1200000."""
    total = section = digit = 0
    for char in numeral:
        if char in ZH_DIGITS:
            digit = ZH_DIGITS[char]
        elif ZH_POWERS[char] < 10**4:
            section, digit = section + (digit or 1) * ZH_POWERS[char], 0
        else:
            total, section, digit = (total + section + digit or 1) * ZH_POWERS[char], 0, 0
    return total + section + digit
