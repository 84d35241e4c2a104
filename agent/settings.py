"""Who answers, and within which limits. Read once at the entry point, from the environment and the command line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tools.contract import UserError

LOCAL = "local"
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Settings:
    """`model` is "local" for the planner of this machine, else the name of a model at `base_url` (OpenAI's if None).

    The limits hold for one turn: seconds in all, model calls (`steps`), tool calls, retries of a failing request (the
    first after about `pause` seconds), repairs of a bad reply, tokens in all, USD. Prices are USD per million tokens
    read and written: without them a turn counts as free.
    """

    model: str = LOCAL
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 60.0
    steps: int = 8
    calls: int = 24
    retries: int = 2
    pause: float = 0.5
    repairs: int = 2
    tokens: int = 200_000
    cost: float = math.inf
    prices: tuple[float, float] = (0.0, 0.0)

    @property
    def is_local(self) -> bool:
        return self.model == LOCAL

    @property
    def stays_here(self) -> bool:
        """Whether nothing leaves this machine."""
        return self.is_local or urlsplit(self.base_url or OPENAI).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def said(self) -> str:
        """Who answers and where it runs, for people."""
        if self.is_local:
            return "Local planner, on this machine"
        return f"{self.model} at {urlsplit(self.base_url or OPENAI).hostname}"


def settings_from(environ: Mapping[str, str], model: str | None = None) -> Settings:
    """The model given, else STOREWISE_MODEL, else the local planner: no shop's data leaves unless a model is named.

    OPENAI_API_KEY and OPENAI_BASE_URL say where that model is; STOREWISE_SECONDS, STOREWISE_COST and STOREWISE_PRICES
    set limits. UserError for what can't be used, with what to do.
    """
    name = (model or environ.get("STOREWISE_MODEL") or LOCAL).strip()
    if name == LOCAL:
        return Settings()
    key, base = environ.get("OPENAI_API_KEY"), environ.get("OPENAI_BASE_URL")
    if not key and not base:
        raise UserError(
            f"The model {name!r} needs OPENAI_API_KEY (OpenAI), or OPENAI_BASE_URL (a compatible server). "
            "Set one of them, or use --model local."
        )
    return Settings(
        name,
        _address(base) if base else None,
        key,
        seconds=_limit(environ, "STOREWISE_SECONDS", Settings.seconds),
        cost=_limit(environ, "STOREWISE_COST", Settings.cost),
        prices=_prices(environ.get("STOREWISE_PRICES")),
    )


def _address(text: str) -> str:
    """UserError where it can't be one."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if usable:
        return text
    raise UserError(f"OPENAI_BASE_URL is {text!r}, which is no address: set one such as http://127.0.0.1:8000/v1.")


def _limit(environ: Mapping[str, str], variable: str, default: float) -> float:
    text = environ.get(variable)
    value = _number(text) if text else default
    if not value:
        raise UserError(f"{variable} is {text!r}: set it to a number above zero, or leave it out.")
    return value


def _prices(text: str | None) -> tuple[float, float]:
    if not text:
        return Settings.prices
    prices = tuple(_number(part) for part in text.split(","))
    if len(prices) != 2 or None in prices:
        raise UserError(
            f"STOREWISE_PRICES is {text!r}: set it to the USD per million tokens read and written, such as 2.5,10."
        )
    return prices[0] or 0.0, prices[1] or 0.0


def _number(text: str) -> float | None:
    """None where it is no number from 0 to a million."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None
