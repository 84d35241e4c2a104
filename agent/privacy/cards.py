"""Payment cards: 13 to 19 digits with a right check digit (Luhn), of a known issuer or called a card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from agent.privacy.digits import Stretch, cues, is_barcode, stretches
from agent.privacy.found import Found

FEWEST, MOST = 13, 19
LONG = (16, 17, 18, 19)
ISSUERS: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile("4"), (13, 16, 19)),
    (re.compile("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile("3[47]"), (15,)),
    (re.compile("30[0-5]|309|36|3[89]"), (14, 16, 19)),
    (re.compile("352[89]|35[3-8]|6011|64[4-9]|65|62|81|220[0-4]|9792"), LONG),
    (re.compile("50|5[6-8]|6[0378]|82"), (16, 18, 19)),
)
SHAPES = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 6, 5), (4, 6, 4), (4, 3, 3, 3), (6, 13)})
CALLED, JUST_CALLED = cues(
    r"cards?|visa|master\s?card|amex|american express|discover|maestro|jcb|union\s?pay|diners|pan|credit|debit"
    "|(?:kredit)?karte|carte|卡|银联"
)
YEAR = re.compile("(?:19|20)[0-9]{2}")


def cards(text: str, codes: Set[str]) -> Iterator[Found]:
    """Of a view's text. The shop's own `codes` are none."""

    def pick(ways: Sequence[Stretch]) -> Stretch | None:
        return next((s for s in ways if has_luhn(s.digits) and _is_meant(s) and s.digits not in codes), None)

    for stretch in stretches(text, FEWEST, MOST, pick):
        yield Found(stretch.start, stretch.end, "CARD", stretch.digits)


def is_card(digits: str) -> bool:
    """Whether digits without more are taken for a card's."""
    return _is_issued(digits) and has_luhn(digits) and not is_barcode(digits)


def has_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0 and len(set(digits)) > 1


def _is_meant(s: Stretch) -> bool:
    if not s.is_alone:
        return False
    if len(s.groups) == 1 and is_barcode(s.digits):
        return JUST_CALLED.search(s.before) is not None
    if CALLED.search(s.before):
        return True
    if len(s.groups) == 1:
        return is_card(s.digits)
    if s.is_list or all(YEAR.fullmatch(g.digits) for g in s.groups):
        return False
    return s.shape in SHAPES or (_is_issued(s.digits) and len(s.between) == 1 and min(s.shape) > 1)


def _is_issued(digits: str) -> bool:
    return any(issuer.match(digits) and len(digits) in lengths for issuer, lengths in ISSUERS)
