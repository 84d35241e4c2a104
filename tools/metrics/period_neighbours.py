"""What an expression takes from its neighbours: a year, the period it is told from, or one stretch together."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tools.metrics.dates import DAY, Period, Shift, Unclear, add_units, make, shift
from tools.metrics.period_atoms import Atom, Context, Reading, Text, period_of, unclear

_LIST = re.compile(r",? ?(?:and|or|plus|&|\+|,|/|to|和|与|跟|及|、|以及) ?(?:the |in |of |for )?")


def inherit_years(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "October and November 2010", "Q1 2010 and Q2": a year said once holds for its neighbours in the list."""
    out = list(atoms)
    for order in (range(len(out) - 2, -1, -1), range(1, len(out))):
        for i in order:
            j = i + 1 if order.step < 0 else i - 1
            left, right = (out[i], out[j]) if i < j else (out[j], out[i])
            at, other = out[i].reading.at, period_of(out[j].reading)
            listed = _LIST.fullmatch(text.between(left, right))
            if at and other and not out[j].reading.at and not other.relative and listed and not out[j].said:
                p = at(other.start.year)
                if p and p.start != other.start:
                    out[i] = replace(out[i], reading=Reading(p))
    return out


_TOGETHER = re.compile(
    r"(?: (?:sales|revenue|orders|turnover|units|figures))? ?(?:taken )?"
    r"(?:together|combined|summed(?: up)?|added up|as one)(?![a-z])"
    r"|(?:的?[^,，。]{0,6})?(?:一共|合计|加起来|合起来|总和|加在一起|总共)"
)
_PLUS = re.compile(r",? ?(?:and|plus|&|\+|,|和|与|跟|加|加上|及|、) ?(?:the )?")


def together(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "October and November together": neighbours in time that are asked for as one."""
    out: list[Atom] = []
    i = 0
    while i < len(atoms):
        j = i
        while j + 1 < len(atoms) and _adjacent(text, atoms[j], atoms[j + 1]):
            j += 1
        said = _TOGETHER.match(text.after(atoms[j])) if j > i else None
        first, last = period_of(atoms[i].reading), period_of(atoms[j].reading)
        if said and first and last:
            p = make(first.start, last.natural_end, text.ctx.today, relative=first.relative)
            word = re.search(r"(?:together|combined|summed(?: up)?|added up|as one)$", said.group())
            out.append(Atom(atoms[i].start, atoms[j].end + (said.end() if word else 0), Reading(p), "range"))
        else:
            out.extend(atoms[i : j + 1])
        i = j + 1
    return out


def _adjacent(text: Text, a: Atom, b: Atom) -> bool:
    first, second = period_of(a.reading), period_of(b.reading)
    if not first or not second or not _PLUS.fullmatch(text.between(a, b)):
        return False
    return first.natural_end + DAY == second.start


def told_apart(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "this May against last May", "Easter or Easter last year": two words for one thing mean two of it."""
    last = [bool(_LAST.search(text.text[a.start : a.end])) for a in atoms]
    first = {_dates(a.reading): a.reading.earlier for a, is_last in zip(atoms, last, strict=True) if not is_last}
    out = []
    for a, is_last in zip(atoms, last, strict=True):
        earlier = first.get(_dates(a.reading)) if is_last else None
        got = earlier() if earlier else None
        out.append(replace(a, reading=got) if got else a)
    return out


_LAST = re.compile(r"\b(?:last|previous|prior|past|ly|py)\b|去年|上年|上一年|前一年")


def _dates(r: Reading) -> tuple[tuple[date, date], ...]:
    """The days of a period, or of each that it could be."""
    return tuple((p.start, p.natural_end) for p in (period_of(r), *r.choices) if p)


_SHIFT_LINK = re.compile(r"(?: to)? (?:the |of |the start of )?")


def shift_before(text: Text, a: Atom, b: Atom) -> Atom | None:
    """ "the week before 5 September"."""
    by, p = a.reading.value, period_of(b.reading)
    if not isinstance(by, Shift) or not _SHIFT_LINK.fullmatch(text.between(a, b)):
        return None
    if not re.search(r"(?:before|after|following|preceding|prior)$", text.text[a.start : a.end]):
        return None
    if not p:
        told = _beside_day(b.reading, by, text.ctx) or (b.reading if isinstance(b.reading.value, Unclear) else None)
        return Atom(a.start, b.end, told) if told else None
    return Atom(a.start, b.end, Reading(_shifted(p, by, text.ctx)), "beside")


def shift_after(text: Text, a: Atom, b: Atom) -> Atom | None:
    """双十一前一周: told from the day before it, which stands first in Chinese."""
    by = b.reading.value
    if not isinstance(by, Shift) or a.end != b.start or text.text[b.start] not in "前后":
        return None
    told = _beside_day(a.reading, by, text.ctx)
    return Atom(a.start, b.end, told) if told else None


def _shifted(p: Period, by: Shift, ctx: Context) -> Period:
    q = shift(p, replace(by, same=False))
    return make(q.start, q.natural_end, ctx.today, unit=q.unit, count=q.count)


def _beside_day(r: Reading, by: Shift, ctx: Context) -> Reading | None:
    """What is told from the one day that the words could mean: "the week before Easter" is asked back if two fit."""
    days = [p for p in (period_of(r), *r.choices) if p and p.start == p.natural_end]
    if len(days) != 1 or by.unit in ("period", "weekend"):
        return None
    (day,) = days
    first = add_units(day.start, by.unit, by.n) if by.n < 0 else day.start + DAY
    last = day.start - DAY if by.n < 0 else add_units(first, by.unit, by.n) - DAY
    return unclear(f"it could be the calendar {by.unit}", make(first, last, ctx.today), _shifted(day, by, ctx))


_COMPARED = re.compile(
    r"(?<![a-z])(?:vs\.?|versus|v|against|than|(?:compared|comparison) (?:to|with)|relative to"
    r"|compare (?:it |that |this )?(?:to|with)"
    r"|(?:up|down|grow|grown|growth|increased?|changed?|improved?|improvement|drop|rise)(?: (?:by )?[\d.,]* ?%)?"
    r" (?:on|over|from|since|vs)) (?:the )?$"
    r"|(?:比|较|跟|和|与|同)$"
)
_COMPARED_ZH = re.compile(r"(?:同期|相比|比|对比)")


def compared_year(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "vs last year": the same dates one year earlier, not the whole of last year."""
    out = []
    for a in atoms:
        p, words = a.reading.value, text.text[a.start : a.end].removeprefix("the ")
        english = words.startswith(("last year", "previous year", "prior year", "ly", "py")) and len(words) <= 15
        said = _COMPARED.search(text.before(a))
        chinese = words in ("去年", "上年") and (said or _COMPARED_ZH.match(text.after(a)))
        if isinstance(p, Period) and p.unit == "year" and ((english and said) or chinese):
            a = replace(a, reading=Reading(Shift("year", -1, same=True)))
        out.append(a)
    return out


def previous(text: Text, atoms: list[Atom]) -> list[Atom]:
    """ "the previous month" is told from another period where the text names one, else from today."""
    named = any(isinstance(a.reading.value, Period) and not a.reading.beside and not a.reading.weak for a in atoms)
    return [replace(a, reading=Reading(a.reading.beside)) if named and a.reading.beside else a for a in atoms]


def strong(text: Text, atoms: list[Atom]) -> list[Atom]:
    """Words such as "ever" count only where no other period is named."""
    strong = [a for a in atoms if not a.reading.weak]
    return strong or [a for a in atoms if period_of(a.reading)] or atoms[:1]


def apart(text: Text, a: Atom, b: Atom) -> Atom | None:
    """Drops words such as "to date" that were taken into the expression before them."""
    return a if b.start < a.end else None
