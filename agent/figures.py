"""How a number is written: value, unit and locale → text.

The text equals the value at the precision it shows. Counts are exact; money and ratios keep three significant digits
or more; nothing but zero is ever written as zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext

SYMBOLS = {
    "GBP": "£",
    "USD": "$",
    "EUR": "€",
    "CNY": "¥",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "C$",
    "NZD": "NZ$",
    "HKD": "HK$",
    "SGD": "S$",
    "TWD": "NT$",
    "MXN": "MX$",
    "ILS": "₪",
    "TRY": "₺",
    "VND": "₫",
}
CODES = tuple(code.lower() for code in SYMBOLS if code != "TRY")  # as written in prose, where "try" is another word
WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
WHOLE_MONEY = 10_000  # from here on cents are noise
UP, DOWN, SAME = {"en": "up ", "zh": "增长"}, {"en": "down ", "zh": "下降"}, {"en": "unchanged", "zh": "持平"}
POINTS = "points"  # a difference of two percentages: written in points, claimed with unit "%"


def language(locale: str) -> str:
    """The language we write for a locale: zh for any Chinese, else en."""
    return "zh" if locale.lower().startswith("zh") else "en"


def is_money(unit: str) -> bool:
    return re.fullmatch(r"[A-Z]{3}", unit) is not None


def is_finite(value: object) -> bool:
    """Whether a cell holds a number that can be written: no NaN, no infinity, no flag, nothing past a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def figure(value: float, unit: str, locale: str = "en") -> str:
    """The number with its unit, and a minus if negative. Percentages are fractions. ValueError if it isn't finite."""
    if not is_finite(value):
        raise ValueError(f"{value!r} is not a number that can be shown")
    minus = "-" if value < 0 else ""
    return minus + _size(abs(value), unit, language(locale))


def change(value: float, unit: str, locale: str = "en", *, signed: bool = False) -> str:
    """A change with its direction: in words ("down 1.7 %"), or with a sign as tables have it ("-1.7 %")."""
    lang = language(locale)
    if signed:
        return ("+" if value > 0 else "") + figure(value, unit, lang)
    if value == 0:
        return SAME[lang]
    return (UP if value > 0 else DOWN)[lang] + figure(abs(value), unit, lang)


def _size(value: float, unit: str, lang: str) -> str:
    with localcontext() as context:
        context.prec = 700  # the widest float has 309 digits before the point, the smallest 324 zeros after it
        exact = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
        if is_money(unit):
            return SYMBOLS.get(unit, f"{unit} ") + _money(exact, unit)
        return WRITERS.get(unit, _count)(exact, lang)


def _grouped(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"


def _exact(value: Decimal, places: int) -> bool:
    """Whether so many decimals show the value whole, up to the noise of floating point."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(value - rounded) <= value * Decimal("1e-12")


def _money(value: Decimal, unit: str) -> str:
    cents = 0 if unit in WITHOUT_CENTS else 2
    if value >= WHOLE_MONEY - Decimal("0.005"):
        return _grouped(value, 0)
    return _grouped(value, cents if _exact(value, cents) else max(cents, 2 - value.adjusted()))


def _percent(value: Decimal, lang: str) -> str:
    gap = "" if lang == "zh" else " "
    return f"{_hundredths(value)}{gap}%"


def _points(value: Decimal, lang: str) -> str:
    return _hundredths(value) + ("个百分点" if lang == "zh" else " % points")


def _hundredths(value: Decimal) -> str:
    hundred = value * 100
    if hundred == 0:
        return "0"
    return _grouped(hundred, 1 if hundred >= 1 else max(2, 1 - hundred.adjusted()))


def _ratio(value: Decimal, _lang: str) -> str:
    """Two decimals or three significant digits; a value that is exact in one decimal shows just that."""
    return _grouped(value, 1 if _exact(value, 1) else max(2, 2 - value.adjusted()))


def _days(value: Decimal, _lang: str) -> str:
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return _grouped(value, 0)
    return _grouped(value, 1 if value >= 1 or value == 0 else max(1, 1 - value.adjusted()))


def _count(value: Decimal, lang: str) -> str:
    return _grouped(value, 0) if value == value.to_integral_value() else _ratio(value, lang)


WRITERS: dict[str, Callable[[Decimal, str], str]] = {
    "%": _percent,
    POINTS: _points,
    "ratio": _ratio,
    "stars": _ratio,
    "days": _days,
}
