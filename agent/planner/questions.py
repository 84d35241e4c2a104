"""Several questions in one message: 'How many orders last week? And what were they worth?'"""

from __future__ import annotations

import re

END = re.compile(
    r"[?？]+\s*"
    r"|[,;，；]\s*(?:and|also|plus)\s+(?=(?:then\s+|also\s+)?(?:how|what|which|who|when|where|was|were|did|is|are|remind|tell|show|give)\b)"
    r"|[;；]\s*"
    r"|[，,。]\s*(?:另外|还有|以及|再|顺便)(?=.*(?:多少|几|哪|什么|谁))",
    re.I,
)
ROWS = re.compile(  # how many of what is asked before
    r"(?:give me |show me |list |name |just |only |the )*(?:top|first|bottom) "
    r"(?:\d+|two|three|four|five|six|ten|few|products?|items?|one)\b(?![^?？]*\b(?:in|for|last|this|during)\b)[^?？]*$",
    re.I,
)
FEWEST = 2  # words, or Chinese signs, of what can be a question


def several(text: str) -> list[str]:
    """The questions of a message, each on its own; the message itself where it asks one thing."""
    parts = [p.strip() for p in END.split(text) if p and p.strip()]
    asked = [p for p in parts if len(re.findall(r"[A-Za-z0-9']+|[\u3400-\u9fff]", p)) >= FEWEST]
    whole = len(asked) != len(parts) or any(ROWS.match(part) for part in parts[1:])
    return asked if len(asked) > 1 and not whole else [text]
