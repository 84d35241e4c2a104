"""What each mistake costs a shop: the table that an order's treatment is chosen by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tools.contract import ToolError
from tools.fraud.table import Floats

REVIEW, CHARGEBACK, REFUSED = "review", "chargeback", "refused"
USUAL = {REVIEW: 3.0, CHARGEBACK: 15.0, REFUSED: 30.0}  # where the merchant says nothing else, in pounds and the like
SMALLER = {  # how many units of a currency do for one of those
    "CNY": 7, "HKD": 8, "TWD": 30, "MXN": 20, "ZAR": 20, "TRY": 40, "INR": 80, "THB": 35, "PHP": 55, "JPY": 150,
    "HUF": 350, "CZK": 20, "SEK": 10, "NOK": 10, "DKK": 7, "PLN": 4, "BRL": 5, "KRW": 1_300, "IDR": 16_000,
    "VND": 25_000,
}  # fmt: skip
MOST = 1e9
FORM = 'costs is an object such as {"review": 3, "chargeback": 15, "refused": 30}.'


@dataclass(frozen=True)
class Costs:
    """In the shop's currency: of looking at an order; the fee for one that is charged back, beside its amount; and of
    a good order that is refused, its profit and the customer's trust."""

    review: float
    chargeback: float
    refused: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)

    def at_stake(self, amount: Floats) -> Floats:
        """(N,) what is lost with each order, if it is fraud."""
        return np.asarray(np.maximum(amount, 0) + self.chargeback)


def costs_of(given: Any, currency: str) -> Costs:
    """The usual costs, those that are given in their place. ToolError: names what is no cost."""
    if given is not None and not (isinstance(given, Mapping) and set(given) <= set(USUAL)):
        raise ToolError(FORM)
    for name, value in (given or {}).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
            raise ToolError(f"The cost of a {name} is an amount of money, not {value!r}.")
    found = {name: value * SMALLER.get(currency, 1) for name, value in USUAL.items()} | dict(given or {})
    return Costs(**{name: float(value) for name, value in found.items()})


def reviews_a_day(given: Any) -> int | None:
    """How many orders can be looked at each day; None for as many as are worth it. ToolError: it is no such number."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST:
        raise ToolError(f"per_day is how many orders can be looked at each day, a whole number above 0, not {given!r}.")
    return given
