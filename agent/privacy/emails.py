"""E-mail addresses, with tags, in any script, and as people spell them out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.privacy.found import Found

HAN = "\u3400-\u9fff"
LETTER = rf"[^\W{HAN}]"  # digits too; Chinese stands in running text without spaces, so its letters are apart
BRACKETED = r"[ \t]{0,3}[(\[{<][ \t]?(?:dot|punkt|point|\.|点)[ \t]?[)\]}>][ \t]{0,3}"
DOT = rf"(?:[.。]|{BRACKETED}|点)"
PART = rf"(?:{LETTER}|[!#$%'+^~.-]){{1,64}}"
LOCAL = rf"(?:{PART}(?:{BRACKETED}{PART}){{0,3}}|[{HAN}]{{1,32}}|\"[^\"\n]{{1,64}}\")"
LABEL = rf"(?:(?:{LETTER}|-){{1,63}}|[{HAN}]{{1,24}})"
HAN_TOP = "中国|中國|公司|网络|網絡|网址|网店|商城|广告|在线|中文网|集团|香港|台湾|台灣|澳门|新加坡|企业|信息|手机|例子"
TOP = rf"(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{2,40}}|{HAN_TOP}|[^\W\d_{HAN}]{{2,24}})"
AT = r"(?:[ \t]?@[ \t]?|[ \t]{0,3}[(\[{<][ \t]?(?:at|@|a)[ \t]?[)\]}>][ \t]{0,3}|艾特)"
SPOKEN = r"(?:[ \t]{1,3}dot[ \t]{1,3})"
WRITTEN = re.compile(rf"(?P<local>{LOCAL}){AT}(?P<host>(?:{LABEL}(?:{DOT}|{SPOKEN})){{1,6}}{TOP})(?![a-z0-9-])")
SAYS_AT = r"[ \t]{1,3}at[ \t]{1,3}"
SPELT = re.compile(
    rf"(?<![a-z0-9])(?P<local>[a-z0-9_+-]{{1,64}}(?:(?:[.]|{SPOKEN})[a-z0-9_+-]{{1,64}}){{0,3}}){SAYS_AT}"
    rf"(?P<host>(?:[a-z0-9-]{{1,63}}{SPOKEN}){{1,4}}(?:com|net|org|edu|gov|info|example|co|io|[a-z]{{2}}))(?![a-z0-9])"
)
SAID = re.compile(
    rf"(?<![a-z0-9])(?P<local>[a-z0-9_+.-]{{1,64}}){SAYS_AT}"
    rf"(?P<host>(?:(?:{LETTER}|-){{1,63}}\.){{1,4}}[a-z]{{2,24}})(?![a-z0-9])"
)
CALLED = re.compile(r"(?:e-?mail|(?<![a-z])mail|contact|reach|write|邮箱|邮件|联系)[^\n]{0,24}\Z")
VERBS = frozenset(  # "we sell at example dot com"
    "look looking sell sold selling buy bought buying order ordered us it them here now is are was found listed".split()
)
NAMED_FILE = re.compile(r"[0-9]x\.(?:png|jpe?g|webp|gif|svg|avif)")
EDGE = ".-'_~"  # markup and punctuation before an address is none of it


def emails(text: str) -> Iterator[Found]:
    """Of a view's text."""
    for match in WRITTEN.finditer(text):
        start = match.start() + len(match["local"]) - len(match["local"].lstrip(EDGE))
        if start < match.end("local") and not NAMED_FILE.fullmatch(match["host"]):
            yield Found(start, match.end(), "EMAIL", _key(text[start : match.end("local")], match["host"]))
    for match in SPELT.finditer(text):
        if match["local"] not in VERBS:
            yield Found(*match.span(), "EMAIL", _key(match["local"], match["host"]))
    for match in SAID.finditer(text):
        if re.search("[0-9._+-]", match["local"]) or CALLED.search(text[max(0, match.start() - 40) : match.start()]):
            yield Found(*match.span(), "EMAIL", _key(match["local"], match["host"]))


def _key(local: str, host: str) -> str:
    return "@".join(re.sub(rf"{SPOKEN}|{DOT}", ".", part).strip() for part in (local, host))
