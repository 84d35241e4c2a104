"""What an expression takes from its neighbours: a year, the period it is told from, or one stretch together."""

from __future__ import annotations

import re
from dataclasses import replace

from tools.metrics.dates import DAY, Period, Shift, Unclear, make, shift
from tools.metrics.period_atoms import Atom, Reading, Text, period_of

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


_SHIFT_LINK = re.compile(r"(?: to)? (?:the |of |the start of )?")


def shift_before(text: Text, a: Atom, b: Atom) -> Atom | None:
    """ "the week before 5 September"."""
    by, p = a.reading.value, period_of(b.reading)
    if not isinstance(by, Shift) or not _SHIFT_LINK.fullmatch(text.between(a, b)):
        return None
    if not re.search(r"(?:before|after|following|preceding|prior)$", text.text[a.start : a.end]):
        return None
    if not p:
        return Atom(a.start, b.end, b.reading) if isinstance(b.reading.value, Unclear) else None
    q = shift(p, replace(by, same=False))
    return Atom(
        a.start, b.end, Reading(make(q.start, q.natural_end, text.ctx.today, unit=q.unit, count=q.count)), "beside"
    )


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
        english = words.startswith(("last year", "previous year", "prior year")) and len(words) <= 15
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
    return strong or atoms[:1]


def apart(text: Text, a: Atom, b: Atom) -> Atom | None:
    """Drops words such as "to date" that were taken into the expression before them."""
    return a if b.start < a.end else None
