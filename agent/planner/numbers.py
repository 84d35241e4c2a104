"""Numbers of a message: in digits, with a currency or a thousand behind, in words, as ordinals, in Chinese."""

from __future__ import annotations

import re

from agent.planner.lexer import NUMBER_WORDS, TRADITIONAL

ORDINALS = {w: n for n, w in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)}
TIMES = {"once": 1, "twice": 2, "一次": 1, "两次": 2}
SLANG = {"fiver": 5, "tenner": 10, "grand": 1_000}
KNOWN = {**NUMBER_WORDS, **ORDINALS, **TIMES, **SLANG}
THOUSANDS = {"k": 1_000, "m": 1_000_000, "千": 1_000, "万": 10_000}
DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
PLACES = {"十": 10, "百": 100, "千": 1_000}


def number_in(said: str) -> float | int | None:
    """The number that the words say, or None: '£1,500', '5k', 'a dozen', 'second', '五百', '1.5万'."""
    plain = (
        re.sub(r"^an? ", "", said.translate(TRADITIONAL).lower()).strip("£$€¥ +%第").replace(",", "").replace(" ", "")
    )
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:st|nd|rd|th|([km千万]))?", plain)
    if found:
        value = float(found[1]) * THOUSANDS.get(found[2] or "", 1)
        return int(value) if value == int(value) else value
    return KNOWN[plain] if plain in KNOWN else _chinese(plain)


def ordinal_in(said: str) -> int | None:
    """The place that the words say, or None for a number of things: 'second', '3rd', '第三'."""
    plain = said.strip().lower()
    is_place = plain in ORDINALS or re.fullmatch(r"\d+(?:st|nd|rd|th)|第.+", plain)
    number = number_in(plain) if is_place else None
    return int(number) if number else None


def _chinese(signs: str) -> int | None:
    """'五百', '一千二百', '两万': None where a sign is no part of a number."""
    total, digit = 0, 0
    for sign in signs:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in PLACES:
            total, digit = total + (digit or 1) * PLACES[sign], 0
        elif sign == "万":
            total, digit = (total + digit) * 10_000, 0
        else:
            return None
    return total + digit if signs else None
