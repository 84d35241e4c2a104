"""Text as names are compared: case folded, runs of spaces as one, quotes stripped, cut into words.

`fold` keeps the length of a text, so that positions found in the folded text hold in the original. It folds as DuckDB's
ILIKE does: a Python match and the SQL that follows from it select the same rows.
"""

import re

# A DuckDB (RE2) pattern for what `squeeze` turns into one space: regexp_replace(title, SPACE_RUN_SQL, ' ', 'g').
SPACE_RUN_SQL = r"[\s\v\x1c-\x1f\x{85}\p{Z}]+"

_HAN_KANA = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese and Japanese are written without spaces: each of their characters is a word of its own.
WORD = re.compile(rf"[{_HAN_KANA}]|[^\W_{_HAN_KANA}]+")
HAN_KANA = re.compile(rf"[{_HAN_KANA}]")
KATAKANA = re.compile("[\u30a0-\u30ff]")

QUOTE_PAIRS = {
    '"': '"',
    "'": "'",
    "“": "”",
    "„": "“”",
    "‘": "’",
    "«": "»",
    "「": "」",
    "『": "』",
    "《": "》",
    "`": "`",
    "”": "”",
    "’": "’",
}


def fold(text: str) -> str:
    """Lower case, character by character: same length. İ and a final Σ are the two that str.lower treats otherwise."""
    return text.replace("İ", "i").replace("Σ", "σ").lower()


def squeeze(text: str) -> str:
    """Runs of white space as one space, none at the ends."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """The form in which names are compared: folded and squeezed."""
    return squeeze(fold(text))


def strip_quotes(text: str) -> str:
    """Without the quotation marks around it, if they are a pair."""
    text = text.strip()
    while len(text) >= 2 and text[-1] in QUOTE_PAIRS.get(text[0], "") and text[-1] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def words(text: str) -> list[str]:
    return WORD.findall(text)


def squeezed_with_offsets(text: str) -> tuple[str, list[int]]:
    """Folded text with runs of white space as one space, and for each of its characters the position in `text`.

    The offsets have one entry more than the characters: the position after the last one.
    """
    kept: list[str] = []
    offsets: list[int] = []
    gap = False
    for position, char in enumerate(fold(text)):
        if char.isspace():
            gap = True
            continue
        if gap and kept:
            kept.append(" ")
            offsets.append(position - 1)
        gap = False
        kept.append(char)
        offsets.append(position)
    offsets.append(offsets[-1] + 1 if offsets else 0)
    return "".join(kept), offsets
