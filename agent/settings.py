"""Who answers, and within which limits. Read once at the entry point, from the environment and the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from tools.contract import UserError

LOCAL = "local"
HERE = re.compile(  # all of an address, so strictly that no two readers of it can differ about its host
    r"https?://(?:[\w.~%!$*+-]+(?::[\w.~%!$*+-]*)?@)?(?P<host>localhost|[0-9.]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:/[\w.~%/-]*)?",
    re.ASCII | re.IGNORECASE,
)
YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Settings:
    """`model` is "local" for the planner of this machine, else the name of a model at `base_url` (OpenAI's if None).

    The limits hold for one turn: seconds in all, model calls (`steps`), tool calls, retries of a failing request (the
    first after about `pause` seconds), repairs of a bad reply, tokens in all, USD. Prices are USD per million tokens
    read and written: without them a turn counts as free. With `local_only` no model elsewhere is ever sent anything.
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
    local_only: bool = False

    @property
    def is_local(self) -> bool:
        return self.model == LOCAL

    @property
    def stays_here(self) -> bool:
        """Whether nothing leaves this machine. An address that isn't plain counts as elsewhere."""
        return self.is_local or _is_here(self.base_url or OPENAI)

    def refuse_elsewhere(self) -> None:
        """UserError where only this machine may answer, and somebody else would."""
        if self.local_only and not self.stays_here:
            raise UserError(
                f"The model {self.model!r} is not on this machine ({self.place}), and only models of this machine may "
                "answer (STOREWISE_LOCAL_ONLY, --local-only). Point OPENAI_BASE_URL to a server here, such as "
                "http://127.0.0.1:8000/v1, or use --model local."
            )

    @property
    def place(self) -> str:
        """The host of the model's server."""
        return urlsplit(self.base_url or OPENAI).hostname or "nowhere"

    @property
    def said(self) -> str:
        """Who answers and where it runs, for people."""
        if self.is_local:
            return "Local planner, on this machine"
        return f"{self.model} at {self.place}"


def settings_from(environ: Mapping[str, str], model: str | None = None, *, local_only: bool = False) -> Settings:
    """The model given, else STOREWISE_MODEL, else the local planner: no shop's data leaves unless a model is named.

    OPENAI_API_KEY and OPENAI_BASE_URL say where that model is; STOREWISE_SECONDS, STOREWISE_COST and STOREWISE_PRICES
    set limits; STOREWISE_LOCAL_ONLY refuses models elsewhere. UserError for what can't be used, with what to do.
    """
    local_only = local_only or _switch(environ, "STOREWISE_LOCAL_ONLY")
    name = (model or environ.get("STOREWISE_MODEL") or LOCAL).strip()
    if name == LOCAL:
        return Settings(local_only=local_only)
    key, base = environ.get("OPENAI_API_KEY"), environ.get("OPENAI_BASE_URL")
    if not key and not base:
        raise UserError(
            f"The model {name!r} needs OPENAI_API_KEY (OpenAI), or OPENAI_BASE_URL (a compatible server). "
            "Set one of them, or use --model local."
        )
    settings = Settings(
        name,
        _address(base) if base else None,
        key,
        seconds=_limit(environ, "STOREWISE_SECONDS", Settings.seconds),
        cost=_limit(environ, "STOREWISE_COST", Settings.cost),
        prices=_prices(environ.get("STOREWISE_PRICES")),
        local_only=local_only,
    )
    settings.refuse_elsewhere()
    return settings


def _is_here(address: str) -> bool:
    found = HERE.fullmatch(address)
    host = found["host"].lower().strip("[]") if found else ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _switch(environ: Mapping[str, str], variable: str) -> bool:
    text = environ.get(variable, "").strip().lower()
    if text in {*YES, *NO}:
        return text in YES
    raise UserError(f"{variable} is {text!r}: set it to 1 or 0, or leave it out.")


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
