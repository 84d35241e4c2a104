"""Direction: a fall says so, and a rise is not called a fall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from evals.audit.backing import name_pattern, time_kind
from evals.audit.claims import GROWTH, Located, in_place
from evals.audit.figures import read_figure
from evals.audit.shape import Claim, Failure, Shown
from evals.audit.text import Part, part_at, parts

_UP = (
    r"\bup\b(?! (?:to|until|till)\b)|\brose\b|\brise[sn]?\b|\brising\b|\bgrew\b|\bgrow(?:s|n|ing|th)?\b"
    r"|\bincreas\w+|\bgain\w*|\bclimb\w*|\bjump\w*|\bsurg\w+|[▲↑]|(?<!负)(?<!負)增长|(?<!负)(?<!負)增長|增加|上升|上涨|上漲|提高|提升"
)
_DOWN = (
    r"\bdown\b|\bfell\b|\bfall(?:s|en|ing)?\b|\bdrop\w*|\bdeclin\w+|\bdecreas\w+|\bshrank\b|\bshrunk\b|\bslipp\w+|\bslid\b"
    r"|\blost\b|\bloss\b|\bminus\b|\bnegative\b|亏损|[▼↓]|负增长|負增長|下降|减少|減少|下滑|下跌|降低|降至"
)
_HIGHER = r"|\bhigher\b|\bmore\b|\babove\b|\bahead\b"
_LOWER = r"|\blower\b|\bless\b|\bfewer\b|\bbelow\b|\bbehind\b"
BEFORE = re.compile(rf"(?P<up>{_UP}|(?<=[高多])于)|(?P<down>{_DOWN}|[低少]于)", re.IGNORECASE)
# Comparatives say a direction only after a figure: "12 % more". Before it, "more than 12 %" only limits it.
AFTER = re.compile(rf"(?P<up>{_UP}{_HIGHER})|(?P<down>{_DOWN}{_LOWER})", re.IGNORECASE)
CLAUSE = re.compile(r"[,;:，；：、。(（|]|\b(?:but|and|while|whereas|from)\b|但|而|从")
TOUCHING = re.compile(
    r"(?:(?P<up>\bup|\brose|\brisen|\bgrew|\bgrown|\bincreased|\bgained|\bclimbed|\bjumped|(?:增长|增長|增加|上升|上涨)了)"
    r"|(?P<down>\bdown|\bfell|\bfallen|\bdropped|\bdeclined|\bdecreased|(?:下降|减少|減少|下跌|降低)了))(?: by)?\s*$",
    re.IGNORECASE,
)


def check_signs(shown: Shown, located: Located) -> Iterator[Failure]:
    """Each figure's sign and the words of direction about it, against the sign of its value."""
    text = _without_names(shown)
    found = parts(text)
    starts = [span[0] for _, span in located]
    ends = [0, *(span[1] for _, span in located)]
    for i, (claim, span) in enumerate(located):
        part = part_at(found, span[0])
        if part is not None and claim.value != 0 and claim.how != "count":
            until = starts[i + 1] if i + 1 < len(starts) else len(text)
            yield from _check_sign(shown, text, claim, span, part, max(ends[i], part.start), min(until, part.end))


def _without_names(shown: Shown) -> str:
    """The answer with blanks for names that hold words of direction, such as a product called "drop earrings"."""
    text = shown.text
    cells = {c for r in shown.receipts.values() for row in r.rows for c in row if isinstance(c, str)}
    for name in (c for c in cells if AFTER.search(c) and c.lower() in text.lower()):
        text = name_pattern(name).sub(lambda m: " " * len(m[0]), text)
    return text


def _check_sign(
    shown: Shown, text: str, claim: Claim, span: tuple[int, int], part: Part, after: int, until: int
) -> Iterator[Failure]:
    figure = read_figure(in_place(text, span))
    if figure is None or figure.size == Decimal(0):
        return
    own, order = (1 if claim.value > 0 else -1), _order(shown, claim)
    said = direction(text, span, part, after, until)
    touching = TOUCHING.search(text, after, span[0])
    if figure.sign and figure.sign != own:
        why = "has the wrong sign"
    elif figure.sign and touching and _sense(touching) != own:
        why = "stands with the wrong word"
    elif not figure.sign and own < 0 and said != (own * order or said or 1):
        why = "does not say that the value is negative"
    elif not figure.sign and own > 0 and said == -order and said and is_change(claim):
        why = "is called the opposite of what it is"
    else:
        return
    yield Failure("direction", claim.text, f"{why}: it is {claim.value}")


def _order(shown: Shown, claim: Claim) -> int:
    """-1 for a difference taken backwards in time, where a positive one is a fall; 0 where that can't be known."""
    if claim.how != "difference":
        return 1
    first, second = claim.cells[0], claim.cells[-1]
    if first.receipt != second.receipt or first.receipt not in shown.receipts:
        return 0
    if first.column != second.column:
        return -1 if first.column == f"{second.column}_before" else 1
    receipt = shown.receipts[first.receipt]
    times = [c for c in receipt.columns if time_kind(c) not in ("", "weekday")]
    if not times or not (receipt.has(first) and receipt.has(second)):
        return 0
    column = receipt.column(times[0])
    return -1 if str(column[first.row]) < str(column[second.row]) else 1


def is_change(claim: Claim) -> bool:
    """Whether a claim is a change, and no level: a level may be positive and yet have fallen."""
    if claim.how in ("percent_change", "difference"):
        return True
    return claim.how in ("cell", "approx") and all(GROWTH.search(ref.column) for ref in claim.cells)


def direction(text: str, span: tuple[int, int], part: Part, after: int, until: int) -> int:
    """What words say of a figure: 1 up, -1 down, 0 nothing. The nearest one before it, else right after, else any."""
    if part.kind == "row":  # the words of other cells are not about this one
        row = text[part.start : part.end]
        left, right = row.rfind("|", 0, span[0] - part.start), row.find("|", span[1] - part.start)
        return _only(row[left + 1 : right if right >= 0 else None])
    inside = _last(BEFORE, text[span[0] : span[1]])
    before = _last(BEFORE, text[after : span[0]])
    behind = text[span[1] : until]
    stop = CLAUSE.search(behind)
    following = _first(AFTER, " ".join(behind[: stop.start() if stop else None].split()[:4]))
    return inside or before or following or _only(text[part.start : part.end])


def _last(words: re.Pattern[str], text: str) -> int:
    found = list(words.finditer(text))
    return _sense(found[-1]) if found else 0


def _first(words: re.Pattern[str], text: str) -> int:
    found = words.search(text)
    return _sense(found) if found else 0


def _only(text: str) -> int:
    """The direction of a sentence that has words of one direction only."""
    senses = {_sense(m) for m in BEFORE.finditer(text)}
    return senses.pop() if len(senses) == 1 else 0


def _sense(found: re.Match[str]) -> int:
    return 1 if found["up"] else -1
