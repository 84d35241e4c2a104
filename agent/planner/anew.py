"""How many rows of a ranking, said anew: 'make it 8'."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.plan import Turn

ANEW = re.compile(
    r"\W*(?:(?:no|ok|okay|sorry|actually|and|now)\W+)*(?:make|change|extend|cut) (?:it|that|this)(?: to)? "
    r"(?P<n>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)"
    r"(?: (?:instead|please|pls|of them|rows|then))*\W*",
    re.I,
)


def ranked_anew(text: str, turns: Sequence[Turn]) -> str:
    """'Make it 8' after a top 3 is its top 8."""
    said, call = ANEW.fullmatch(text), turns[-1].call if turns else None
    if said is None or call is None or not call.args.get("limit"):
        return text
    end = "bottom" if str(call.args.get("order_by", "")).endswith(" asc") else "top"
    return f"the {end} {said['n']}"
