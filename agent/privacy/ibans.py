"""Bank accounts: IBANs whose length is their country's and whose checksum is right."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.privacy.found import Found

LENGTHS = {
    15: "no", 16: "be", 18: "dk fi fk fo gl nl sd", 19: "mk si", 20: "at ba ee kz lt lu mn xk",
    21: "ch hr li lv", 22: "bg bh cr de gb ge ie me rs va", 23: "ae gi il iq om so tl",
    24: "ad cz es md pk ro sa se sk tn vg", 25: "ly pt st", 26: "is tr", 27: "bi dj fr gr it mc mr sm",
    28: "al az by cy do gt hn hu lb ni pl sv", 29: "br eg ps qa ua", 30: "jo kw mu", 31: "mt sc", 32: "lc", 33: "ru",
}  # fmt: skip
LENGTH = {country: length for length, countries in LENGTHS.items() for country in countries.split()}
START = re.compile(rf"(?<![a-z0-9])(?P<country>{'|'.join(LENGTH)})[ ]?[0-9][ ]?[0-9]")
BETWEEN = frozenset(" -./\t‐‑–")
ALNUM = re.compile("[a-z0-9]")
WIDEST = 2  # characters between two of an IBAN's


def ibans(text: str) -> Iterator[Found]:
    """Of a view's text."""
    for match in START.finditer(text):
        code, end = _read(text, match.start(), LENGTH[match["country"]])
        if len(code) == LENGTH[match["country"]] and is_valid(code) and not ALNUM.match(text, end):
            yield Found(match.start(), end, "IBAN", code)


def _read(text: str, start: int, length: int) -> tuple[str, int]:
    """So many letters and digits from here, and where they end."""
    code, gap, at = "", 0, start
    while at < len(text) and len(code) < length:
        if text[at].isascii() and text[at].isalnum():
            code, gap = code + text[at], 0
        elif text[at] in BETWEEN and gap < WIDEST:
            gap += 1
        else:
            break
        at += 1
    return code, at


def is_valid(code: str) -> bool:
    """ISO 13616: the first four characters moved to the end, letters as numbers from 10, modulo 97 one."""
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1
