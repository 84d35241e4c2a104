"""Addresses of machines: IPv4 and IPv6."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from agent.privacy.found import Found

DOT = r"(?:\.|。|\[\.\]|\(\.\)| ?[(\[]dot[)\]] ?)"
FOUR = re.compile(rf"(?<![a-z0-9_])(?<![0-9]\.)[0-9]{{1,3}}(?:{DOT}[0-9]{{1,3}}){{3}}(?![a-z0-9_]|\.[0-9])")
SIX = re.compile(r"(?<![a-z0-9_:.])[a-z0-9_]{0,40}:[a-z0-9_:.]{0,60}:[a-z0-9_:.]{0,60}[a-z0-9_:]")
RELEASE = re.compile(r"(?:(?<![a-z])v|version|release|build|§|section|版本)[ .:]*$")
LABEL, LABELS = re.compile(":"), 4
FEWEST = 4  # hexadecimal digits: "1::2" is a slice


def addresses(text: str) -> Iterator[Found]:
    """Of a view's text."""
    for match in FOUR.finditer(text):
        parts = [int(n) for n in re.findall("[0-9]+", match[0])]
        if max(parts) < 256 and not RELEASE.search(text[max(0, match.start() - 12) : match.start()]):
            yield Found(*match.span(), "IP", ".".join(map(str, parts)))
    for match in SIX.finditer(text):
        labels = [match.start(), *(m.end() for m in LABEL.finditer(text, *match.span()))]  # "host:2001:db8::7"
        for start in labels[:LABELS]:
            if key := _six(text[start : match.end()]):
                yield Found(start, match.end(), "IP", key)
                break


def _six(text: str) -> str | None:
    if text.count(":") < 2 or sum(c not in ":." for c in text) < FEWEST:
        return None
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return None
