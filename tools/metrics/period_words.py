"""The words of the period grammar, and a text made ready for it: one space, lower case, repaired spelling.

`normalise` keeps the way back to the caller's characters. Words that are dates only in company ("may", "march", "dec")
are blanked out where nothing around them speaks of a date.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MONTH_NAMES = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tues": 1, "tue": 1, "wed": 2, "thurs": 3, "thur": 3, "thu": 3, "weds": 2, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
NUMBERS = {
    "a couple of": 2, "couple of": 2, "a couple": 2, "couple": 2, "a dozen": 12, "dozen": 12,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "eighteen": 18, "twenty": 20,
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100,
    "a hundred": 100, "one hundred": 100,
}  # fmt: skip
UNIT_WORDS = {
    "day": ("day", 1), "week": ("week", 1), "wk": ("week", 1), "fortnight": ("day", 14), "month": ("month", 1),
    "mth": ("month", 1), "mo": ("month", 1), "quarter": ("quarter", 1), "qtr": ("quarter", 1), "year": ("year", 1),
    "yr": ("year", 1), "half-year": ("month", 6), "half year": ("month", 6), "trimester": ("quarter", 1),
    "semester": ("month", 6),
    "d": ("day", 1), "w": ("week", 1),
}  # fmt: skip

# Spelling. Long names are compared by edit distance; short words only by a written list, some only in company.
_FUZZY = {
    "january": 1, "february": 2, "april": 1, "august": 1, "september": 2, "october": 1, "november": 2, "december": 2,
    "tuesday": 1, "wednesday": 2, "thursday": 1, "saturday": 1, "yesterday": 2, "tomorrow": 2, "quarter": 1,
}  # fmt: skip
_NEVER = frozenset({"quartet", "quarters", "quarterly", "aprils", "remember", "augusta", "augustus"})
_MISSPELT = {
    "lats": "last", "lst": "last", "lsat": "last", "laast": "last", "thsi": "this", "tihs": "this",
    "prevous": "previous", "previus": "previous", "pervious": "previous", "curent": "current", "currant": "current",
    "todays": "today", "tody": "today", "toady": "today", "yesterdays": "yesterday", "yday": "yesterday",
    "ystd": "yesterday", "ystrdy": "yesterday", "yest": "yesterday",
    "tmrw": "tomorrow", "untill": "until", "juli": "july",
    "jully": "july", "juley": "july", "juin": "june", "wk": "week", "wks": "weeks", "mth": "month", "mths": "months",
    "mnth": "month", "mnths": "months", "qtr": "quarter", "qtrs": "quarters", "yr": "year",
    "yrs": "years", "chrismas": "christmas", "xmas": "christmas", "x-mas": "christmas",
    "cristmas": "christmas", "weekeend": "weekend", "wekend": "weekend", "wkend": "weekend", "wknd": "weekend",
    "fortnigth": "fortnight", "begining": "beginning", "beggining": "beginning",
}  # fmt: skip
_UNIT_TYPOS = {
    "weak": "week", "wek": "week", "weeek": "week", "wk": "week", "moth": "month", "monht": "month", "mounth": "month",
    "mont": "month", "motnh": "month", "monh": "month", "mth": "month", "yaer": "year", "yera": "year", "yeer": "year",
    "yr": "year", "quater": "quarter", "qarter": "quarter", "quartal": "quarter", "qtr": "quarter", "weaks": "weeks",
    "weks": "weeks", "moths": "months", "monhts": "months", "mounths": "months", "monts": "months", "dyas": "days",
    "dais": "days", "yaers": "years", "quaters": "quarters", "mos": "months",
}  # fmt: skip
_BEFORE_UNIT = frozenset(
    {"last", "this", "next", "previous", "past", "current", "coming", "the", "of", "whole", "full"}
)

_CHARS = str.maketrans(
    "’‘`´–—−‐‑～〜週過這號誕從後歷來間禮幾兩當開內節個總實現經營業終結體聖雙國慶復婦親勞動購陽農曆兒師銷單賣訂與",
    "''''-------" + "周过这号诞从后历来间礼几两当开内节个总实现经营业终结体圣双国庆复妇亲劳动购阳农历儿师销单卖订与",
)
_TOKEN = re.compile(r"[a-z][a-z]*(?:-mas)?|\d+|\s+|.", re.S)


@dataclass(frozen=True)
class Normal:
    """`text` is what the grammar reads; character i of it comes from [begin[i], end[i]) of the original."""

    text: str
    begin: tuple[int, ...]
    end: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.begin[start], self.end[end - 1]


def normalise(text: str, *, guard: bool = True) -> Normal:
    """The text as the grammar reads it. With `guard`, words that are dates only in company are blanked out."""
    folded = "".join(map(_fold, text)).translate(_CHARS)
    pieces, begin, end = [], [], []
    previous = ""
    for m in _TOKEN.finditer(folded):
        word = _repaired(m.group(), previous)
        exact = len(word) == m.end() - m.start()
        for i in range(len(word)):
            begin.append(m.start() + i if exact else m.start())
            end.append(m.start() + i + 1 if exact else m.end())
        pieces.append(word)
        previous = previous if word == " " else word
    joined = "".join(pieces)
    normal = Normal(joined, tuple(begin), tuple(end), text)
    return Normal(_guarded(normal), normal.begin, normal.end, text) if guard else normal


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    """One character, lower case and half width; always exactly one, so that offsets hold."""
    wide = unicodedata.normalize("NFKC", char).lower()
    return wide if len(wide) == 1 else char.lower() if len(char.lower()) == 1 else char


def _repaired(token: str, previous: str) -> str:
    if token.isspace():
        return " "
    if not token[0].isascii() or (len(token) < 3 and token not in ("wk", "yr")):
        return token
    if token in _UNIT_TYPOS and (previous in _BEFORE_UNIT or previous.isdigit()):
        return _UNIT_TYPOS[token]
    return _MISSPELT.get(token) or _spelled(token)


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    """A month, weekday or "yesterday" that the word misspells, else the word."""
    if not 5 <= len(word) <= 11 or word in MONTH_NAMES or word in _NEVER:
        return word
    plural = word.endswith("s")  # "saturdays" are a filter, not a day
    near = [
        k
        for k, most in _FUZZY.items()
        if k[0] == word[0] and abs(len(k) - len(word)) <= most and not (plural and k in WEEKDAYS)
    ]
    if not near or word in _FUZZY:
        return word
    from rapidfuzz.distance import OSA

    scored = [(OSA.distance(word, k, score_cutoff=_FUZZY[k]), k) for k in near]
    best = min(scored)
    return best[1] if best[0] <= _FUZZY[best[1]] else word


_NUMBER_AFTER = re.compile(r"\.?[ /-]{0,2}'?(?P<n>\d+)(?:st|nd|rd|th)?(?![\d%])")
_NUMBER_BEFORE = re.compile(r"(?<![a-z0-9.,£$€#])\d{1,2}(?:st|nd|rd|th)?(?: of|-)?[ -]?$")
_YEAR_BEFORE = re.compile(r"(?:(?:19|20)\d\d|(?:last|this) year'?s?)[ ,-]{1,2}$")
_PREPOSITION = re.compile(
    r"(?:^|[^a-z0-9])(?:in|of|since|until|till?|before|after|during|for|from|through|thru|last|next|early|late|mid|end"
    r"|vs\.?|versus|against|between|than|about|to|only|not|without|excluding|except|month|over|by|this)[ -]"
    r"(?:the month of )?$"
)
_LIST_BEFORE = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: (?:19|20)\d\d)?"
    r"(?: ?[-/,&+] ?|,? (?:and|to|or|plus|vs\.?|until|till|through|thru) )$"
)
_COMPANY_AFTER = re.compile(
    r"(?: ?[?!.,;:)/+-] ?| ?$|'s|s |"
    r" (?:sales|revenues?|orders|turnover|takings|refunds|returns|figures|numbers|results|profits?|customers|units"
    r"|totals?|aov|gmv|data|income|shipping|vs|versus|and|or|to|till|until|through|so far"
    r"|last year|this year|compared|against)(?![a-z]))"
)
_VERB_AFTER = re.compile(
    r" (?:be|have|has|not|i|we|you|it|they|he|she|also|the|a|an|need|want|buy|return|order|like|sell|go|come|leave"
    r"|churn|get|cost|still|well|never|soon|into|on|off|out|our|my|their|his|her|someone|somebody|people|add|ask|see"
    r"|know|take|make)(?![a-z])"
)
_SUBJECT = re.compile(
    r"(?:^|[^a-z])(?:who|which|that|it|we|you|they|he|she|i|what|there|customers?|orders?|products?) $"
)
_PRONOUN = re.compile(r"(?:^|[^a-z])(?:we|you|they|he|she|i) $")
_GUARD = re.compile(r"(?<![a-z0-9])(?:may|march|mar|jan|jun|sep|dec)(?![a-z0-9])")
_MONTHS = "|".join(MONTH_NAMES)
_LISTED_AFTER = re.compile(rf" ?(?:-|/|,|&|\+|and|plus|to|or|vs\.?|until|till|through) ?(?:{_MONTHS})(?![a-z])")


def _guarded(normal: Normal) -> str:
    text = normal.text
    shouting = normal.original.isupper()

    def keep(m: re.Match[str]) -> str:
        capital = not shouting and normal.original[normal.begin[m.start()]].isupper()
        return m.group() if _is_month(text, m.start(), m.end(), capital) else "\0" * len(m.group())

    return _GUARD.sub(keep, text)


def _is_month(text: str, start: int, end: int, capital: bool) -> bool:
    """Whether "may", "march", "dec"… is a month here, by the words on both sides."""
    before, after, word = text[max(0, start - 40) : start], text[end : end + 24], text[start:end]
    subject = (_SUBJECT if word == "may" else _PRONOUN).search(before)
    number = _NUMBER_AFTER.match(after)
    if (number and len(number["n"]) == 4) or _YEAR_BEFORE.search(before) or _LIST_BEFORE.search(before):
        return True
    if _LISTED_AFTER.match(after):
        return True
    if _VERB_AFTER.match(after) and (
        word == "may" or not (_PREPOSITION.search(before) or _NUMBER_BEFORE.search(before))
    ):
        return False
    if number or _NUMBER_BEFORE.search(before) or _PREPOSITION.search(before):
        return not subject
    begins = not before.strip() or before.rstrip()[-1:] in ".?!:;"
    if capital and not begins and word in ("may", "march") and not subject:
        return True
    return bool(_COMPANY_AFTER.match(after)) and not subject
