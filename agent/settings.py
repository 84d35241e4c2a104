"""Who answers, and within which limits. Read once at the entry point, from the environment and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tools.contract import UserError

LOCAL = "local"
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Settings:
    """`model` is "local" for the planner of this machine, else the name of a model at `base_url` (OpenAI's if None).

    The limits hold for one turn: seconds in all, model calls, retries of a failing request, repairs of a bad reply,
    tokens in all. Prices are USD per million tokens read and written, for the cost that an answer reports.
    """

    model: str = LOCAL
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 60.0
    steps: int = 8
    retries: int = 2
    repairs: int = 2
    tokens: int = 200_000
    prices: tuple[float, float] = (0.0, 0.0)

    @property
    def is_local(self) -> bool:
        return self.model == LOCAL

    @property
    def said(self) -> str:
        """Who answers and where it runs, for people."""
        if self.is_local:
            return "Local planner, on this machine"
        return f"{self.model} at {urlsplit(self.base_url or OPENAI).hostname}"


def settings_from(environ: Mapping[str, str], model: str | None = None) -> Settings:
    """The model given, else STOREWISE_MODEL, else the local planner: no shop's data leaves unless a model is named.

    OPENAI_API_KEY and OPENAI_BASE_URL say where that model is. UserError where neither is set, or the address is none.
    """
    name = model or environ.get("STOREWISE_MODEL") or LOCAL
    if name == LOCAL:
        return Settings()
    key, base = environ.get("OPENAI_API_KEY"), environ.get("OPENAI_BASE_URL")
    if not key and not base:
        raise UserError(
            f"The model {name!r} needs OPENAI_API_KEY (OpenAI), or OPENAI_BASE_URL (a compatible server). "
            "Set one of them, or use --model local."
        )
    if base and (urlsplit(base).scheme not in {"http", "https"} or not urlsplit(base).hostname):
        raise UserError(f"OPENAI_BASE_URL is {base!r}, which is no address such as http://127.0.0.1:8000/v1.")
    seconds, prices = environ.get("STOREWISE_SECONDS"), environ.get("STOREWISE_PRICES")
    return Settings(
        name,
        base,
        key,
        seconds=_number("STOREWISE_SECONDS", seconds) if seconds else Settings.seconds,
        prices=_prices(prices) if prices else Settings.prices,
    )


def _prices(text: str) -> tuple[float, float]:
    read, _, written = text.partition(",")
    return _number("STOREWISE_PRICES", read), _number("STOREWISE_PRICES", written)


def _number(variable: str, text: str) -> float:
    """UserError where it is none, or not above zero."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise UserError(f"{variable} holds {text!r}, which is no number that it can have.")
    return value
