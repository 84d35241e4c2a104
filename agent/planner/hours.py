"""Hours of the day in a question: 'before 9 in the morning', 'between 10 and 12 o'clock', 下午3点以后."""

from __future__ import annotations

import re

from agent.planner.lexer import Lexed

HOUR = re.compile(
    r"(?P<how>before|after|until|from|between|since|till)?\s*(?P<a>\d{1,2})(?P<sharp>:00)?\s*(?P<am>am|pm|a\.m\.|p\.m\.|o'?clock|h\b)?"
    r"\s*(?:(?:-|–|to|and|until|till)\s*(?P<b>\d{1,2})(?::00)?\s*(?P<bm>am|pm|a\.m\.|p\.m\.|o'?clock|h\b)?)?"
    r"\s*(?P<part>in the (?:morning|afternoon|evening)|at night)?(?P<on>,? ?(?:onwards?|and later|or later))?",
    re.I,
)
HOUR_ZH = re.compile(
    r"(?P<part>上午|下午|晚上|早上)?(?P<a>\d{1,2})[点點时時](?:[到至\-–](?P<part2>上午|下午|晚上)?(?P<b>\d{1,2})[点點时時])?(?P<how>之前|以前|前|之后|以后|后)?"
)
PARTS_OF_DAY = {
    r"\bnoon\b": 12, r"\bmidday\b": 12, r"\bmidnight\b": 0,
}  # fmt: skip


def hours(lexed: Lexed) -> list[tuple[int | None, int | None, str]]:
    """Half-open ranges of hours: 'before 9 in the morning' is (None, 9)."""
    text = _masked(lexed)
    out = []
    for word, hour in PARTS_OF_DAY.items():
        text = re.sub(word, f"{hour} o'clock", text, flags=re.I) if re.search(word, text, re.I) else text
    for m in HOUR.finditer(text):
        marked = m["am"] or m["bm"] or m["part"] or m["sharp"]
        if not marked or not (m["how"] or m["b"] or m["on"]):
            continue
        found = _hour_range(m)
        if found:
            out.append((*found, lexed.text[m.start() : m.end()].strip()))
            lexed.cover(m.start(), m.end())
    for m in HOUR_ZH.finditer(text):
        late = 12 if m["part"] in ("下午", "晚上") else 0
        a = int(m["a"]) + (late if int(m["a"]) < 12 else 0)
        excluded = re.search(r"不含|不包括|不算|除", text[max(0, m.start() - 4) : m.start()])
        if excluded and m["how"]:
            out.append((a, None, m.group()) if "前" in m["how"] else (None, a, m.group()))
        elif m["b"]:
            b = int(m["b"]) + (12 if (m["part2"] or m["part"]) in ("下午", "晚上") and int(m["b"]) < 12 else 0)
            out.append((a, b, m.group()))
        elif m["how"]:
            out.append((None, a, m.group()) if "前" in m["how"] else (a, None, m.group()))
        else:
            continue
        lexed.cover(m.start(), m.end())
    return out


def _masked(lexed: Lexed) -> str:
    """The text with what periods and names account for blanked out, offsets kept."""
    chars = list(lexed.text)
    for start, end in lexed.spans():
        chars[start:end] = " " * (end - start)
    return "".join(chars)


def _hour_range(m: re.Match[str]) -> tuple[int | None, int | None] | None:
    marks = " ".join(x or "" for x in (m["am"], m["bm"], m["part"])).lower()
    a = _clock(int(m["a"]), (m["am"] or m["bm"] or m["part"] or "").lower())
    if m["b"]:
        end = _clock(int(m["b"]), (m["bm"] or m["part"] or marks).lower())
        return a, end or None  # midnight is the end of the day
    how = (m["how"] or "").lower()
    if how in ("before", "until", "till"):
        return None, a
    return (a, None) if m["on"] or how in ("after", "from", "since") else None


def _clock(hour: int, mark: str) -> int:
    if ("p" in mark[:1] or "afternoon" in mark or "evening" in mark) and hour < 12:
        return hour + 12
    return 0 if mark.startswith("a") and hour == 12 and "afternoon" not in mark else hour
