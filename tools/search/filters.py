"""The conditions of a search, from its words and from a model's arguments, and which products meet them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from retrieval.wishes import Wish, forms_of_colour
from retrieval.words import words
from tools.contract import ToolError
from tools.search.catalogue import Catalogue

NO_PRICES = "This shop has no list prices, so the condition on the price was left out."
OTHER_PRICE = "Nothing that fits is at that price: these come nearest."
NO_STOCK = "This shop doesn't say what is in stock, so that condition was left out."
NO_COLOUR = "No product that fits says the colour, so that condition was left out."
NO_SIZE = "No product that fits says the size, so that condition was left out."
KNOWN = ("price_below", "price_above", "in_stock", "colour", "size", "category", "brand")


@dataclass(frozen=True)
class Conditions:
    """Those of a Wish, with the category and the brand that a model may name. Prices in the shop's currency."""

    below: float | None = None
    above: float | None = None
    closed: bool = False
    stock: bool | None = None
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    category: str = ""
    brand: str = ""

    def as_input(self) -> dict[str, Any]:
        """As the receipt shows them: those that were set."""
        said = {
            "price_below": self.below, "price_above": self.above, "in_stock": self.stock,
            "colour": list(self.colours) or None, "size": list(self.sizes) or None,
            "category": self.category or None, "brand": self.brand or None,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class Allowed:
    """Which products meet the conditions, (N,) of bool, and which conditions could not be kept."""

    rows: Any
    notes: tuple[str, ...] = field(default=())


def conditions_of(wish: Wish, filters: Mapping[str, Any]) -> Conditions:
    """The conditions in the words; arguments count before them. ToolError: arguments that aren't understood."""
    found = Conditions(wish.below, wish.above, wish.closed, wish.stock, wish.colours, wish.sizes)
    if unknown := [name for name in filters if name not in KNOWN]:
        raise ToolError(f"There is no filter {unknown[0]!r}. Filters: {', '.join(KNOWN)}.")
    for name, value in filters.items():
        if value is not None:
            found = _with(found, name, value)
    return found


def _with(found: Conditions, name: str, value: Any) -> Conditions:
    if name in ("price_below", "price_above"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise ToolError(f"{name} is an amount in the shop's currency, not {value!r}.")
        limit = float(value)
        return replace(found, below=limit) if name == "price_below" else replace(found, above=limit)
    if name == "in_stock":
        if not isinstance(value, bool):
            raise ToolError(f"in_stock is true or false, not {value!r}.")
        return replace(found, stock=value)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ToolError(f"{name} is a text, not {value!r}.")
    lower = tuple(v.strip().lower() for v in values)
    if name in ("colour", "size"):
        return replace(found, colours=lower) if name == "colour" else replace(found, sizes=lower)
    first = values[0].strip()
    return replace(found, category=first) if name == "category" else replace(found, brand=first)


def allowed(conditions: Conditions, catalogue: Catalogue, fitting: Any) -> Allowed:
    """Which products may be shown. A colour or size that none of the `fitting` (N,) says is no condition."""
    rows, notes = np.ones(len(catalogue.documents), bool), list[str]()
    if conditions.below is not None or conditions.above is not None:
        if catalogue.has_prices:
            rows &= _priced(conditions, catalogue.price)
        else:
            notes.append(NO_PRICES)
    if conditions.stock is not None:
        if catalogue.has_stock:
            rows &= (catalogue.stock > 0) == conditions.stock
        else:
            notes.append(NO_STOCK)
    for name in ("category", "brand"):
        if wanted := getattr(conditions, name):
            rows &= np.array([wanted.casefold() in said for said in getattr(catalogue, name)], bool)
    for said, note in ((_coloured, NO_COLOUR), (_sized, NO_SIZE)):
        having = said(conditions, catalogue)
        if having is not None and (having & rows & fitting).any():
            rows &= having
        elif having is not None:
            notes.append(note)
    return Allowed(rows, tuple(notes))


def _priced(conditions: Conditions, price: Any) -> Any:
    """A product without a price meets no condition on it."""
    below = np.inf if conditions.below is None else conditions.below
    above = -np.inf if conditions.above is None else conditions.above
    with np.errstate(invalid="ignore"):
        inside: Any = (price < below) & (price > above)
        return inside | (conditions.closed & ((price == below) | (price == above)))


def _coloured(conditions: Conditions, catalogue: Catalogue) -> Any:
    """Which say one of the colours; None where none is asked for."""
    forms = [form for c in conditions.colours for form in forms_of_colour(c)]
    lexical = catalogue.ranker.lexical
    return np.logical_or.reduce([lexical.having(form) for form in forms]) if forms else None


def _sized(conditions: Conditions, catalogue: Catalogue) -> Any:
    """Which say one of the sizes, as one word ('30cm') or as two."""
    if not conditions.sizes:
        return None
    lexical = catalogue.ranker.lexical
    found = np.zeros(len(catalogue.documents), bool)
    for size in conditions.sizes:
        parts = words(size)
        found |= lexical.having("".join(parts))
        found |= np.logical_and.reduce([lexical.having(part) for part in parts])
    return found
