"""Where an answer may lead its reader: nowhere. What a model may not write, and markdown made inert.

Titles and names of the shop are shown as they stand, be they links, HTML or neither: a backslash takes the meaning from
what a reader of markdown would act on, and leaves no trace in what it shows.
"""

from __future__ import annotations

import html
import re
import unicodedata

HOSTS: frozenset[str] = frozenset()  # the allow-list: whose addresses a model may write
_HOST = r"(?P<host>[^\s/?#:()\[\]<>|\"']+)"
_SCHEMES = "mailto|data|javascript|vbscript|file|blob|tel|sms|cid|xmpp"
_ENDINGS = "com|net|org|io|dev|biz|info|xyz"
LINK = re.compile(
    rf"(?:\b[a-z][a-z0-9+.-]*:|(?<!\S))//{_HOST}|\b(?:{_SCHEMES}):(?=\S)|\bwww\.\w"
    rf"|[\w-]\.(?:{_ENDINGS})\b|[\w-]\.[a-z]{{2,24}}(?::\d+)?/\w|\w@\w"  # without a scheme
    r"|!\[|\][(\[:]|<[a-z/!?@#]",  # markdown, HTML, Slack
    re.IGNORECASE,
)
LIVE = re.compile(
    r"\\.|:(?=//)|(?<=www)\.|(?<=[\w-])\.(?=[^\W\d_]{2})|(?<=\w)@(?=\w)|\](?=[(\[:])|<(?=[a-z/!?@#])",
    re.IGNORECASE | re.DOTALL,
)


def holds_link(prose: str) -> bool:
    """Whether prose would lead or reach out of the answer, or holds HTML; disguises are seen through."""
    plain = html.unescape(unicodedata.normalize("NFKC", prose))
    return any(found["host"] not in HOSTS for text in (prose, plain) for found in LINK.finditer(text))


def unlinked(markdown: str) -> str:
    """The same to a reader, without links, pictures and HTML. What is inert already stays as it is."""
    return LIVE.sub(lambda found: found[0] if found[0].startswith("\\") else "\\" + found[0], markdown)
