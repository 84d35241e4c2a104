"""Telephone numbers: international ones, national ones by their form, others where they are called one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set

from agent.privacy.digits import FEWEST, Group, Stretch, cues, is_barcode, stretches
from agent.privacy.found import Found

MOST, MOST_CALLED = 17, 13
LENGTHS: dict[str, tuple[int, int]] = {  # digits after the calling code, without a trunk 0
    "1": (10, 10), "7": (10, 10), "20": (8, 10), "27": (9, 9), "30": (10, 10), "31": (9, 9), "32": (8, 9),
    "33": (9, 9), "34": (9, 9), "36": (8, 9), "39": (8, 11), "40": (9, 9), "41": (9, 9), "43": (7, 13), "44": (9, 10),
    "45": (8, 8), "46": (7, 10), "47": (8, 8), "48": (9, 9), "49": (7, 11), "51": (8, 9), "52": (10, 10),
    "54": (10, 11), "55": (10, 11), "56": (9, 9), "57": (8, 10), "60": (8, 10), "61": (9, 9), "62": (8, 12),
    "63": (8, 10), "64": (8, 10), "65": (8, 8), "66": (8, 9), "81": (9, 10), "82": (8, 10), "84": (9, 10),
    "86": (10, 11), "90": (10, 10), "91": (10, 10), "92": (9, 10), "94": (9, 9), "98": (10, 10), "852": (8, 8),
    "853": (8, 8), "886": (8, 9),
}  # fmt: skip
ELSEWHERE = (7, 10)
CALLED, JUST_CALLED = cues(
    r"(?:tele|mobile|cell)?phones?|tel(?:efon|efono|ephone)?|mobile|cell|whats\s?app|fax|sms|handy|contact|hotline"
    "|(?:call|text|ring|reach|dial)(?: (?:me|us|him|her|them|back|on|at))+|电话|手机|座机|联系|致电|拨打|来电|微信"
)
DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}[-./](?:0?[1-9]|1[0-2])[-./][0-3]?[0-9]"
    r"|[0-3]?[0-9][-./][0-3]?[0-9][-./](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2} ?[-–] ?(?:19|20)[0-9]{2})(?![0-9])"
)
EXTENSION = re.compile(r"[ ,]{0,2}(?:x|ext\.?|extension|转|分机)[ :]?[0-9]{1,6}(?![0-9])")
PLUS, BRACKETED = re.compile(r"\+[ (]?\Z"), re.compile(r"(?:\+ ?)?\(\+?\Z")
CLOCK, MONEY = re.compile(":[0-9]"), re.compile(r"[$£€¥₹]\s?\Z")
NUMERALS = "零〇\x01一二三四五六七八九幺"  # 〇 is \x01 where it is folded
SPOKEN = re.compile(rf"(?<![{NUMERALS}])[一幺][三四五六七八九][{NUMERALS}]{{9}}(?![{NUMERALS}])")
NORTH_AMERICAN, MOBILE = re.compile("1?[2-9][0-9]{2}[2-9][0-9]{6}"), re.compile("1[3-9][0-9]{9}")
MOBILE_SHAPES = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (4, 4, 3), (3, 3, 5), (5, 6), (6, 5)})
SHAPES: tuple[tuple[tuple[int, ...], re.Pattern[str], bool], ...] = (  # the last: only where more than a space parts it
    ((3, 3, 4), re.compile("[2-9]"), True),
    ((1, 3, 3, 4), re.compile("1[2-9]"), True),
    ((3, 2, 2, 2), re.compile("[6-9]"), False),
    ((2, 3, 2, 2), re.compile("[1-9]"), False),
    ((3, 3, 2, 2), re.compile("[1-9]"), False),
    ((1, 3, 3, 2, 2), re.compile("[78]"), False),
    ((4, 3, 3), re.compile("1300|1800"), False),
    ((2, 5, 4), re.compile("[1-9]{2}9"), True),
    ((2, 4, 4), re.compile("[1-9]"), True),
    ((3, 4, 4), re.compile("[1-9]"), True),
    ((3, 8), re.compile("[1-9]"), True),
)


def phones(text: str, known: Set[str], codes: Set[str]) -> Iterator[Found]:
    """Of a view's text. `known` are the `tail`s of numbers that are somebody's, `codes` the shop's own numbers."""

    def pick(ways: Sequence[Stretch]) -> Stretch | None:
        free = [s for s in ways if _is_free(s, codes)]
        forms: tuple[Form, ...] = (lambda s: tail(s.digits) in known, *FORMS, _is_called)
        return next((s for form in forms for s in free if form(s)), None)

    for stretch in stretches(text, FEWEST, MOST, pick):
        yield Found(*_whole(stretch), "PHONE", stretch.digits)
    for match in SPOKEN.finditer(text):
        yield Found(*match.span(), "PHONE", match[0])


def tail(digits: str) -> str:
    """What all ways of writing a number share: no trunk 0, no calling code. Nothing where it is too short for that."""
    return digits.lstrip("0")[-8:] if len(digits) > FEWEST else ""


def is_phone(digits: str) -> bool:
    """Whether digits without more are taken for a phone's."""
    alone = Stretch(digits, [Group(0, len(digits), digits, "")])
    return any(form(alone) for form in FORMS)


def _whole(s: Stretch) -> tuple[int, int]:
    """With the plus and bracket before it, and the extension behind it."""
    inside = s.text[s.start : s.end]
    opened = ")" in inside and "(" not in inside[: inside.index(")")]
    lead = (BRACKETED if opened else PLUS).search(s.before[-3:])
    more = EXTENSION.match(s.text, s.end)
    return s.start - (len(lead[0]) if lead else 0), more.end() if more else s.end


def _is_free(s: Stretch, codes: Set[str]) -> bool:
    """Whether nothing around the number, or in it, says that it is something else."""
    if not (s.is_alone or EXTENSION.match(s.text, s.end)):
        return False
    written = s.text[s.start : s.end]
    if DATE.search(written) or MONEY.search(s.before[-2:]) or CLOCK.match(s.text, s.end) or written in codes:
        return False
    told = len(s.groups) > 1 or PLUS.search(s.before[-3:]) or JUST_CALLED.search(s.before)
    return bool(told) or not is_barcode(s.digits)


def _is_even(s: Stretch) -> bool:
    """Whether the groups are one number: set apart in one or two ways, none as long as a number by itself, no digit
    alone at its end."""
    return len(s.between) < 3 and (len(s.groups) == 1 or (max(s.shape) < 9 and s.shape[-1] > 1))


def _is_international(s: Stretch) -> bool:
    digits = s.digits
    if not PLUS.search(s.groups[0].before):
        if not re.match("00[1-9]", digits) or s.shape[0] == 1:
            return False
        digits = digits[2:]
    code = next((digits[:n] for n in (1, 2, 3) if digits[:n] in LENGTHS), digits[:3])
    fewest, most = LENGTHS.get(code, ELSEWHERE)
    trunk = any(g.digits.startswith("0") and "(" in g.before for g in s.groups[1:])
    return not digits.startswith("0") and fewest <= len(digits) - len(code) - trunk <= most


def _national(length: int) -> Form:
    """With a 0 before the area or the network; `length` digits with it."""

    def is_national(s: Stretch) -> bool:
        if len(s.digits) != length or not re.match("0[1-9]", s.digits) or s.shape[0] == 1:
            return False
        return _is_even(s) and (len(s.groups) > 1 or length in {10, 11})

    return is_national


def _is_shaped(s: Stretch) -> bool:
    """Forms that nothing else is written in."""
    if s.is_list or len(s.groups) == 1:
        return False
    if s.shape in {(3, 3, 4), (1, 3, 3, 4)} and NORTH_AMERICAN.fullmatch(s.digits):
        return True
    bound = " " not in s.between or "(" in s.groups[0].before
    return any(s.shape == shape and start.match(s.digits) and (bound or not strict) for shape, start, strict in SHAPES)


def _is_mobile(s: Stretch) -> bool:
    """Chinese ones, which are written without any prefix."""
    return MOBILE.fullmatch(s.digits) is not None and s.shape in MOBILE_SHAPES and not s.is_list


def _is_called(s: Stretch) -> bool:
    return len(s.digits) <= MOST_CALLED and _is_even(s) and CALLED.search(s.before) is not None


Form = Callable[[Stretch], bool]
FORMS: tuple[Form, ...] = (  # of the national lengths the likeliest first
    _is_international, _national(11), _national(10), _national(12), _national(9), _is_mobile, _is_shaped,
)  # fmt: skip
