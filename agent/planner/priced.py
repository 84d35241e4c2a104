"""Another price that is supposed of days to come: 'if we put the price up by 10 %', '降价10%', '打九折'; and which of
the percentages of a message is a price's where a promotion is supposed too.
"""

from __future__ import annotations

import re

PRICE = re.compile(r"\bpric(?:e[sd]?|ing)\b|\bcharg(?:e|ing)\b|dearer|cheaper|[价價]", re.I)
PER_CENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|％|per ?cent)|百分之\s*(\d+)", re.I)
TENTHS = re.compile(r"([1-9一二三四五六七八九])[.点點]?([0-9〇零一二三四五六七八九]?)折")  # 八折, 8.5折, 八五折
HALF = re.compile(r"\bhalf[- ]?price\b|半[价價]", re.I)
PARTS = (PER_CENT, TENTHS, HALF)
DIGITS = {char: n for n, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "": 0}
DEARER = re.compile(r"\b(?:up|raise[ds]?|raising|increas(?:e[sd]?|ing)|higher|more|dearer)\b|[涨漲提升加]", re.I)
CHEAPER = re.compile(
    r"\b(?:down|cut(?:ting)?|lower(?:ed|ing)?|reduc(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|less|off|cheaper|drop(?:ped)?)\b|[降减便]",
    re.I,
)
DISCOUNT = re.compile(r"\bdiscount|折", re.I)
BESIDES = re.compile(
    r"\b(?:and|plus|while|but|as well as|on top of|together with|along with)\b"
    r"|再|同[时時]|[并並]|加上|以及|[还還]有|另外",
    re.I,
)
WITH = re.compile(r"\b(?:with|without|during|no)\b|[,;，；、]|[和跟与與不没沒无無]", re.I)
GROWN = re.compile(  # 'will revenue increase by 10 % with the promotion?'
    r"\b(?:grow|increase|rise|climb|gain|jump|fall|drop|decline|go (?:up|down))\w*\s+(?:by\s+)?(?:\w+\s+){0,2}$"
    r"|(?:增[长長加]|上升|提高|下降|减少|減少)\s*$",
    re.I,
)
KEPT = re.compile(
    r"\b(?:same|usual|current|normal|regular|unchanged|today's)\b|不[变變]|原[价價]|[现現][价價]|[价價]值", re.I
)


def change_of(text: str) -> float | None:
    """'If we put the price up by 10 %': the part by which the price changes."""
    said, up, down = PER_CENT.search(text), DEARER.search(text), CHEAPER.search(text)
    if not (PRICE.search(text) and said and bool(up) != bool(down)):
        return None
    return part_of(said) * (1 if up else -1)


def part_of(said: re.Match[str]) -> float:
    """'10 %', '百分之10', '九折', 'half price' as the part of the price that it changes."""
    if said.re is HALF:
        return 0.5
    if said.re is TENTHS:
        tens, ones = (DIGITS.get(d, int(d) if d.isascii() and d else 0) for d in said.groups())
        return round(1 - tens / 10 - ones / 100, 2)
    return float(said[1] or said[2]) / 100


def parts_in(text: str) -> list[re.Match[str]]:
    """All that are said, in order, but those by which sales are to grow."""
    found = sorted((m for of in PARTS for m in of.finditer(text)), key=lambda m: m.start())
    return [m for m in found if PRICE.search(text) or not GROWN.search(text[: m.start()])]


def beside(text: str, promotion: re.Pattern[str]) -> tuple[float | None, bool]:
    """The price's change where the text also speaks of a `promotion`, and whether one is spoken of without how much."""
    for piece in BESIDES.split(text):
        noun = promotion.search(piece)
        for said in parts_in(piece):
            if noun is None or _is_apart(piece, said, noun):
                sign = _sign(piece, said)
                return (None, True) if sign is None else (sign * part_of(said), False)
    told = (piece for piece in BESIDES.split(text) if not promotion.search(piece))
    return None, any(PRICE.search(piece) and not KEPT.search(piece) for piece in told)


def _is_apart(piece: str, said: re.Match[str], noun: re.Match[str]) -> bool:
    """'20 % off with the campaign' and 'the promotion with prices 5 % up', but not 'a 20 % promotion'."""
    if said.start() < noun.start():
        return WITH.search(piece[said.end() : noun.start()]) is not None
    return PRICE.search(piece[noun.end() :]) is not None


def _sign(piece: str, said: re.Match[str]) -> int | None:
    """Up or down, by the word that stands nearest; None where there is none."""
    if said.re in (TENTHS, HALF):
        return -1
    ways = ((1, DEARER), (-1, CHEAPER), (-1, DISCOUNT))
    found = [
        (max(m.start() - said.end(), said.start() - m.end()), sign) for sign, of in ways for m in of.finditer(piece)
    ]
    return min(found)[1] if found else None
