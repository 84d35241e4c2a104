"""Text as a reader sees it: invisible characters, accents, entities, look-alikes and markup taken off, offsets kept."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HOLE = "\x00"  # one for each character of a stretch that isn't looked at
NUMERAL = "\x01"  # a character that means a number without being a digit: Ⅳ, 〇, 🔟
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
MARKUP = re.compile(r"[*_`~\\\[]|\]\([^()\n]{0,300}\)|\]|<[^<>\n]{0,300}>")
INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
NUMBER_SIGNS = frozenset("🔟💯")
LOOKALIKES = str.maketrans(
    "аеорсухівԁѕјһпгтԛԝмкοαειυνρτχωκѡıƖɡɩʋᴏᴇᴛᴡ",
    "aeopcyxibdsjhnrtqwmkoaeiuvptxwkwilgivoetw",
)


@dataclass(frozen=True)
class Folded:
    """`text[i]` comes from position `at[i]` of the source."""

    text: str
    at: tuple[int, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        return self.at[start], self.at[end - 1] + 1


def fold(source: str, *, unmarked: bool = False) -> Folded:
    """Lower case, plain letters, ASCII digits; HOLEs stay. `unmarked` also takes markup off: "tw**o**" reads "two"."""
    skip = {m.start(): m.end() for m in MARKUP.finditer(source)} if unmarked else {}
    entities = {m.start(): m for m in ENTITY.finditer(source)} if "&" in source else {}
    out: list[str] = []
    at: list[int] = []
    i = 0
    while i < len(source):
        if i in skip:
            piece, following = "", skip[i]
        elif i in entities:
            piece, following = "".join(map(_plain, html.unescape(entities[i][0]))), entities[i].end()
        else:
            piece, following = _plain(source[i]), i + 1
        out.append(piece)
        at.extend([i] * len(piece))
        i = following
    return Folded("".join(out), tuple(at))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char == HOLE:
        return HOLE
    if char in NUMBER_SIGNS:
        return NUMERAL
    if char in INVISIBLE:
        return ""
    numeric = unicodedata.category(char)[0] == "N"
    text = "".join(_letter(c) for c in unicodedata.normalize("NFKD", char))
    return text if not numeric or any(c in "0123456789" for c in text) else NUMERAL


def _letter(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if char in "\n\t":
        return char
    if kind in {"Mn", "Me", "Cf", "Cc", "Cs"}:
        return ""
    if kind in {"Zs", "Zl", "Zp"}:
        return " "
    return char.lower().translate(LOOKALIKES)
