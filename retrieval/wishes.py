"""A search as people put it, read: what is looked for, what it is to be like, and the conditions in it.

"something like the oak board, under £20, in stock" → like "oak board", below 20, in stock. English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from retrieval import wish_words as said
from retrieval.words import fold, squeeze, words

LONGEST = 2_000  # characters of a search that are read


@dataclass(frozen=True)
class Wish:
    """What is looked for (`text`, maybe empty), and the conditions.

    Prices are in the shop's currency, the bounds included only where `closed`; `stock` is True for what is in stock,
    False for what isn't. `like` names a product or describes one; `than` says whether the price must be below
    ("cheaper") or above ("dearer") that of the product named. `conditions` are the words of the conditions as put.
    """

    text: str
    below: float | None = None
    above: float | None = None
    closed: bool = False
    stock: bool | None = None
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    like: str = ""
    than: str = ""
    conditions: tuple[str, ...] = ()


def read_wish(text: str) -> Wish:
    """Reads a search. What is no condition stays in `text`, without the words that only ask."""
    rest = squeeze(text[:LONGEST])
    wish = Wish("")
    for part in (_prices, _stock, _likeness):
        rest, wish = part(rest, wish)
    described = _bare(rest)
    looked_at = described if wish.than else f"{described} {wish.like}"
    return replace(wish, text=described, colours=tuple(_colours(looked_at)), sizes=tuple(_sizes(looked_at)))


def _prices(rest: str, wish: Wish) -> tuple[str, Wish]:
    if found := said.BETWEEN.search(rest):
        low, high = sorted(_amounts(found))
        return _without(rest, found), replace(wish, above=low, below=high, closed=True, conditions=(found.group(),))
    for pattern, is_below in ((said.BELOW, True), (said.ABOVE, False)):
        if found := pattern.search(rest):
            amount, conditions = next(_amounts(found)), (*wish.conditions, found.group())
            wish = replace(wish, closed=bool(said.BOUND_INCLUDED.search(found.group())), conditions=conditions)
            wish = replace(wish, below=amount) if is_below else replace(wish, above=amount)
            rest = _without(rest, found)
    return rest, wish


def _amounts(found: re.Match[str]) -> Iterator[float]:
    yield from (float(part.replace(",", "")) for part in found.groups() if part)


def _stock(rest: str, wish: Wish) -> tuple[str, Wish]:
    for pattern, there in ((said.OUT_OF_STOCK, False), (said.IN_STOCK, True)):
        if found := pattern.search(rest):
            return _without(rest, found), replace(wish, stock=there, conditions=(*wish.conditions, found.group()))
    return rest, wish


def _likeness(rest: str, wish: Wish) -> tuple[str, Wish]:
    for pattern, than in ((said.CHEAPER, "cheaper"), (said.DEARER, "dearer"), (said.LIKE, "")):
        if found := pattern.search(rest):
            like = _bare(next(part for part in found.groups() if part))
            conditions = (*wish.conditions, found.group().strip(said.MARKS)) if than else wish.conditions
            return rest[: found.start()], replace(wish, like=like, than=than, conditions=conditions)
    return rest, wish


def _without(text: str, found: re.Match[str]) -> str:
    return squeeze(f"{text[: found.start()]} {text[found.end() :]}").strip(" ,;，；")


def _bare(text: str) -> str:
    """Without the words before and after that only ask: 'do we have something for a child' → 'child'."""
    rest = said.POLITE.sub("", text.strip(said.MARKS))
    rest = said.ENDING_ZH.sub("", said.ASKING_ZH.sub("", rest).strip(said.MARKS))
    pieces = rest.split()
    while pieces and _asks_only(pieces[0]):
        pieces.pop(0)
    while pieces and fold(pieces[-1]).strip(said.MARKS) in said.ENDING:
        pieces.pop()
    return " ".join(pieces).strip(said.MARKS)


def _asks_only(piece: str) -> bool:
    bare = re.sub(r"[’']\w+$", "", fold(piece).strip(said.MARKS))
    return bare in said.ASKING or not words(bare)


def _colours(text: str) -> Iterator[str]:
    there = set(words(fold(text)))
    for name, forms in said.COLOURS.items():
        if name in there or any(form in there or (not form.isascii() and form in text) for form in forms):
            yield name


def _sizes(text: str) -> Iterator[str]:
    for found in said.SIZE.finditer(text):
        if found["number"]:
            yield f"{found['number']} {fold(found['unit'])}"
        else:
            yield fold(found["size"] or found["letters"] or found["zh"])


def forms_of_colour(name: str) -> tuple[str, ...]:
    """The words for a colour, the one given first."""
    return (name, *(form for form in said.COLOURS.get(name, ()) if form.isascii()))
