"""Reading a number as it is shown: "£1,205,307", "12.3 %", "1.2bn", "down 1.7 %", "120.5万元"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from evals.audit.words import word_value

DOLLARS = frozenset(["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"])
KRONER = frozenset(["SEK", "NOK", "DKK", "ISK"])
MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"(?<![A-Z])A\$", frozenset({"AUD"})),
    (r"(?<![A-Z])CA?\$", frozenset({"CAD"})),
    (r"NZ\$", frozenset({"NZD"})),
    (r"HK\$|港[元币]", frozenset({"HKD"})),
    (r"NT\$", frozenset({"TWD"})),
    (r"(?<![A-Z])S\$", frozenset({"SGD"})),
    (r"MX\$", frozenset({"MXN"})),
    (r"(?<![A-Z])R\$", frozenset({"BRL"})),
    (r"US\$|美元|(?i:\bUS dollars?\b)", frozenset({"USD"})),
    (r"(?<![A-Z])\$|(?i:\bdollars?\b)", DOLLARS),
    (r"£|英镑|(?i:\bpounds?\b)", frozenset({"GBP"})),
    (r"€|欧元|歐元|(?i:\beuros?\b)", frozenset({"EUR"})),
    (r"日元|円", frozenset({"JPY"})),
    (r"CN¥|人民币|\bRMB\b|(?<![\w欧歐美日港])元", frozenset({"CNY"})),
    (r"(?<!CN)¥", frozenset({"JPY", "CNY"})),
    (r"(?<=[\d万亿千百萬億\s])元", frozenset({"CNY", "TWD", "HKD"})),
    (r"₹|\bRs\b", frozenset({"INR"})),
    (r"₩", frozenset({"KRW"})),
    (r"₺", frozenset({"TRY"})),
    (r"₽", frozenset({"RUB"})),
    (r"₫", frozenset({"VND"})),
    (r"₪", frozenset({"ILS"})),
    (r"฿", frozenset({"THB"})),
    (r"zł", frozenset({"PLN"})),
    (r"Kč", frozenset({"CZK"})),
    (r"\bFt\b", frozenset({"HUF"})),
    (r"\bkr\b", KRONER),
)
CODES = frozenset().union(*(meant for _, meant in MARKS)) | frozenset(
    [
        "CHF",
        "AED",
        "BDT",
        "BGN",
        "BHD",
        "EGP",
        "HKD",
        "IDR",
        "ILS",
        "KES",
        "KWD",
        "LKR",
        "MAD",
        "MOP",
        "MYR",
        "NGN",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "QAR",
        "RON",
        "RSD",
        "SAR",
        "UAH",
        "UYU",
        "VND",
        "ZAR",
    ]
)
PERCENT = re.compile(r"%|\bper ?cent\b|\bpct\b|\bpercentage points?\b|\bpp\b|百分之|百分点|百分點", re.IGNORECASE)
SCALES: dict[str, int] = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mln": 6, "million": 6, "bn": 9, "b": 9, "billion": 9, "trillion": 12,
    "百": 2, "千": 3, "万": 4, "萬": 4, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7, "亿": 8, "億": 8,
}  # fmt: skip
_LONG = "|".join(sorted((s for s in SCALES if len(s) > 3 or not s.isascii()), key=len, reverse=True))
_SHORT = "|".join(sorted((s for s in SCALES if len(s) <= 3 and s.isascii()), key=len, reverse=True))
SCALE = re.compile(rf"(?:\s?({_LONG})|({_SHORT}))(?![A-Za-z])", re.IGNORECASE)
NUMBER = re.compile(
    r"\d{1,3}(?P<group>[,.'’ ])\d{3}(?:(?P=group)\d{3})*(?!\d)(?:[.,]\d+)?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"
    r"|\d+(?:[.,]\d+)?"
)
SIGN = re.compile(r"(?P<minus>(?<![A-Za-z])[-−–])|(?P<plus>\+)")
COMMA_STYLE = re.compile(r"\d,\d{1,2}(?!\d)|\d\.\d{3}[.,]\d")


@dataclass(frozen=True)
class Figure:
    """A number as shown: its magnitude in full (percentages as fractions) and what its last digit is worth."""

    size: Decimal
    step: Decimal
    digits: int  # significant digits shown
    sign: int  # of the sign that stands at it: -1, 1, or 0 for none
    percent: bool
    word: str  # "" for digits, else the kind that `word_value` gives


def comma_style(texts: list[str]) -> bool:
    """Whether an answer writes decimals with a comma, judged by its figures that can be read only so."""
    return any(COMMA_STYLE.search(t) for t in texts) and not any(re.search(r"\d\.\d{1,2}(?!\d)", t) for t in texts)


def currencies(text: str) -> frozenset[str]:
    """The currencies that the marks in a text can mean."""
    plain = unicodedata.normalize("NFKC", text)
    codes = CODES.intersection(re.findall(r"(?<![A-Z])[A-Z]{3}(?![A-Z])", plain))
    return codes.union(*(meant for mark, meant in MARKS if re.search(mark, plain)))


def read_figure(text: str, decimal_comma: bool = False) -> Figure | None:
    """The one number that a text shows; None where there is none, or more than one."""
    plain = unicodedata.normalize("NFKC", text)
    found = list(NUMBER.finditer(plain))
    if len(found) > 1:
        return None
    return _from_digits(plain, found[0], decimal_comma) if found else _from_words(plain)


def _from_digits(text: str, found: re.Match[str], decimal_comma: bool) -> Figure:
    whole, decimals = _split(found[0], decimal_comma)
    scale = SCALE.match(text, found.end())
    power = SCALES[(scale[1] or scale[2]).lower()] if scale else 0
    percent = bool(PERCENT.search(text))
    unit = Decimal(1).scaleb(power - (2 if percent else 0))
    amount = Decimal(f"{whole}.{decimals or 0}")
    digits = len((whole + decimals).lstrip("0"))
    step = Decimal(1).scaleb(-len(decimals)) * unit
    return Figure(amount * unit, step, digits, _sign(text[: found.start()]), percent, "")


def _split(digits: str, decimal_comma: bool) -> tuple[str, str]:
    """Whole part and decimals of a number with whatever separators."""
    marks = re.findall(r"[^\d]", digits)
    if not marks:
        return digits, ""
    last = marks[-1]
    head, _, tail = digits.rpartition(last)
    if marks.count(last) > 1 or last not in ".,":
        return re.sub(r"\D", "", digits), ""
    thousands = len(set(marks)) == 1 and len(tail) == 3 and head.lstrip("0") and (last == ",") != decimal_comma
    return (re.sub(r"\D", "", digits), "") if thousands else (re.sub(r"\D", "", head), tail)


def _sign(before: str) -> int:
    found = SIGN.search(before)
    if not found:
        return 0
    return -1 if found["minus"] else 1


def _from_words(text: str) -> Figure | None:
    found = word_value(text)
    if found is None:
        return None
    size, kind = found
    percent = bool(PERCENT.search(text))
    return Figure(size / 100 if percent else size, Decimal(0), 9, _sign(text), percent, kind)
