"""A search as people put it, read: what is looked for, what it is to be like, and the conditions in it.

"something like the oak board, under £20, in stock" → like "oak board", below 20, in stock. English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from retrieval.words import fold, squeeze, words

LONGEST = 2_000  # characters of a search that are read

_SIGN = r"(?:[£$€¥₹￥]|\b(?:gbp|usd|eur|cny|rmb|inr)\b)"
_UNIT = r"(?:[£$€¥₹￥]|(?:pounds?|quid|dollars?|bucks?|euros?|gbp|usd|eur|cny|rmb|inr|p)\b|英镑|美元|欧元|人民币|元|块钱?|镑)"
_NUMBER = r"(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)"
_MONEY = rf"{_SIGN}?\s*{_NUMBER}(?![\d.,]*\d)\s*{_UNIT}?"
_SURE = rf"(?:{_SIGN}\s*{_NUMBER}(?![\d.,]*\d)|{_NUMBER}(?![\d.,]*\d)\s*{_UNIT})"
# An amount without a currency is a price where nothing follows it that would make it a size or a number of pieces.
_BARE = rf"{_NUMBER}(?![\d.,]*\d)(?=\s*(?:$|[,;.!?，。；！？)]|(?:and|or|but|in|with|please|that|for)\b))"
_BELOW = r"(?:under|below|less than|cheaper than|for less than|not more than|no more than|up to|at most|max(?:imum)?(?: of)?|within|<=?|≤|低于|不超过|不到|少于|便宜过|最多)"
_ABOVE = r"(?:over|above|more than|at least|from|min(?:imum)?(?: of)?|dearer than|>=?|≥|高于|超过|多于|不低于|至少)"
BETWEEN = re.compile(
    rf"(?:\bbetween\s*|\bfrom\s*)?{_MONEY}\s*(?:\band\b|\bto\b|[-–—~至到])\s*{_SURE}|(?:\bbetween)\s*{_MONEY}\s*(?:\band\b|[-–])\s*{_BARE}",
    re.I,
)
BELOW = re.compile(
    rf"(?<![a-z]){_BELOW}\s*(?:{_SURE}|{_BARE})|{_NUMBER}\s*{_UNIT}?\s*(?:以下|以内|之内)|{_SURE}\s*(?:or less|or under|max)\b",
    re.I,
)
ABOVE = re.compile(
    rf"(?<![a-z]){_ABOVE}\s*(?:{_SURE}|{_BARE})|{_NUMBER}\s*{_UNIT}?\s*以上|{_SURE}\s*(?:or more|or over|and up)\b",
    re.I,
)
OUT_OF_STOCK = re.compile(r"\b(?:out of stock|sold out|not in stock)\b|缺货|无货|没货|售罄", re.I)
IN_STOCK = re.compile(
    r"\b(?:(?:that (?:is|are|we have) |which (?:is|are) |currently |still )?(?:in stock|available now|available|on hand))\b"
    r"|有现货|有库存|有货|现货",
    re.I,
)

COLOURS: dict[str, tuple[str, ...]] = {
    name: tuple(forms.split())
    for name, forms in {
        "black": "黑色", "white": "白色", "red": "红色", "blue": "蓝色", "green": "绿色", "yellow": "黄色",
        "pink": "粉色 粉红色", "purple": "紫色", "orange": "橙色 橘色", "brown": "棕色 咖啡色", "grey": "gray 灰色",
        "gold": "golden 金色", "silver": "银色", "beige": "米色", "turquoise": "", "navy": "藏青色", "ivory": "象牙色",
        "cream": "奶油色", "lilac": "", "teal": "", "burgundy": "酒红色", "maroon": "", "khaki": "卡其色", "mint": "",
    }.items()
}  # fmt: skip
SIZE = re.compile(
    r"\b(?:size\s+(?P<size>[a-z0-9]{1,5})|(?P<letters>xxs|xs|xl|xxl|xxxl|[2-5]xl)|(?P<number>\d{1,4}(?:\.\d)?)\s?(?P<unit>mm|cm|ml|cl|kg|inch|inches|litres?|liters?))\b"
    r"|(?P<zh>[a-z0-9]{1,4})码",
    re.I,
)
LIKE = re.compile(
    r"\b(?:similar(?: (?:to|as))|comparable (?:to|with)|alternatives? (?:to|for)|equivalents? (?:to|of|for)|substitutes? for"
    r"|(?:something|anything|products?|items?|things?|more|ones?|one|stuff|looks?|most|just|much|a lot|which (?:are|is)|that (?:are|is)) like"
    r"|^like|same (?:kind )?as|close to|instead of)\s+(?P<en>.+)"
    r"|(?:类似|相似|近似)(?:于)?(?P<zh1>.+?)(?:的.*)?$"
    r"|[跟和与像同](?P<zh2>.+?)(?:差不多|类似|相似|接近|一样|相近|近似)",
    re.I,
)
CHEAPER = re.compile(
    r"\bcheaper (?:alternatives? (?:to|for)|than|version of)\s+(?P<en>.+)|比(?P<zh>.+?)(?:更|还)?便宜", re.I
)
DEARER = re.compile(r"\b(?:dearer|more expensive|pricier) than\s+(?P<en>.+)|比(?P<zh>.+?)(?:更|还)?贵", re.I)

_FILLER = frozenset(
    """a about all an and any anybody anyone anything are article articles be buy by can carry catalogue could customer
    customers do does equal exists find for from get give got had has have hello help hey hi how i in is item items
    kind let like list look looking lookup maybe me merchandise my need of offer on one ones or our ours please product
    products range recommend sell selling shop show similar so some somebody someone something sort stock stocks store
    tell that the their there these they thing things this to us wanted wants want was we what which who wish with
    would you your search searching suitable stuff whatever good nice""".split()
)
_FILLER_ZH = re.compile(
    r"^(?:请问|请|帮我|给我|我们|我|想要|想找|想买|要找|要|找一下|找|看看|推荐|有没有|有无|有|店里|店铺里?|什么|哪些|哪款|一款|一个|一把|一本|一件|那种|这种|的|适合)+"
)
_TAIL_ZH = re.compile(r"(?:的?(?:商品|产品|东西|货品|款式)|吗|呢|么|的|有没有|有吗|哪些|哪个|哪款)+$")
_TRAILING = re.compile(
    r"(?:\s+(?:please|thanks|thank you|in (?:our|the|my|this) (?:shop|store|range|catalogue)|do we have|have we got|too|as well|for sale))+\s*$",
    re.I,
)


@dataclass(frozen=True)
class Wish:
    """What is looked for (`text`, maybe empty), and the conditions: prices in the shop's currency, the bounds included
    only where `closed`; `stock` True for what is in stock, False for what isn't. `like` names a product or describes
    one; `than` says whether the price must be below ("cheaper") or above ("dearer") that of the product named."""

    text: str
    below: float | None = None
    above: float | None = None
    closed: bool = False
    stock: bool | None = None
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    like: str = ""
    than: str = ""
    said: tuple[str, ...] = field(default=())  # the words of the conditions, as they were put


def read_wish(text: str) -> Wish:
    """Reads a search. What is no condition stays in `text`, without the words that only ask."""
    rest = squeeze(text[:LONGEST])
    wish = Wish("")
    rest, wish = _prices(rest, wish)
    rest, wish = _stock(rest, wish)
    for pattern, than in ((CHEAPER, "cheaper"), (DEARER, "dearer"), (LIKE, "")):
        if found := pattern.search(rest):
            like = _bare(next(part for part in found.groups() if part))
            rest = _bare(rest[: found.start()])
            wish = replace(wish, like=like, than=than, said=(*wish.said, found.group()))
            break
    described = _bare(rest)
    looked_at = f"{described} {wish.like}" if not wish.than else described
    return replace(wish, text=described, colours=tuple(_colours(looked_at)), sizes=tuple(_sizes(looked_at)))


def _prices(rest: str, wish: Wish) -> tuple[str, Wish]:
    if found := BETWEEN.search(rest):
        low, high = sorted(_amounts(found))
        return _without(rest, found), replace(wish, above=low, below=high, closed=True, said=(found.group(),))
    for pattern, name in ((BELOW, "below"), (ABOVE, "above")):
        if found := pattern.search(rest):
            amount = next(iter(_amounts(found)))
            closed = bool(
                re.search(
                    r"up to|at most|max|no more|not more|or less|or under|within|<=|≤|不超过|最多|以内|at least|from|min|>=|≥|至少|不低于|or more|and up|以上",
                    found.group(),
                    re.I,
                )
            )
            wish = replace(wish, closed=closed, said=(*wish.said, found.group()))
            wish = replace(wish, below=amount) if name == "below" else replace(wish, above=amount)
            rest = _without(rest, found)
    return rest, wish


def _amounts(found: re.Match[str]) -> Iterator[float]:
    yield from (float(part.replace(",", "")) for part in found.groups() if part)


def _stock(rest: str, wish: Wish) -> tuple[str, Wish]:
    for pattern, there in ((OUT_OF_STOCK, False), (IN_STOCK, True)):
        if found := pattern.search(rest):
            return _without(rest, found), replace(wish, stock=there, said=(*wish.said, found.group()))
    return rest, wish


def _without(text: str, found: re.Match[str]) -> str:
    return squeeze(f"{text[: found.start()]} {text[found.end() :]}").strip(" ,;，；")


def _bare(text: str) -> str:
    """Without the words before and after that only ask: 'do we have something for a child' → 'child'."""
    rest = _TRAILING.sub("", text.strip(' \t,;:.!?，。；：！？"“”'))
    rest = _TAIL_ZH.sub("", _FILLER_ZH.sub("", rest).strip(" ,，。？?"))
    pieces = rest.split()
    while pieces and len(pieces) > 0 and _asks_only(pieces[0]):
        pieces.pop(0)
    while pieces and fold(pieces[-1]).strip(",.;!?") in (
        "and",
        "or",
        "but",
        "that",
        "for",
        "with",
        "is",
        "are",
        "which",
        "a",
    ):
        pieces.pop()
    return " ".join(pieces).strip(' ,;:.!?，。；：！？"“”')


def _asks_only(piece: str) -> bool:
    bare = re.sub(r"[’']\w+$", "", fold(piece).strip(",.;:!?"))
    return bare in _FILLER or not words(bare)


def _colours(text: str) -> Iterator[str]:
    said = set(words(fold(text)))
    for name, forms in COLOURS.items():
        if name in said or any(form in said or (not form.isascii() and form in text) for form in forms):
            yield name


def _sizes(text: str) -> Iterator[str]:
    for found in SIZE.finditer(text):
        if found["number"]:
            yield f"{found['number']} {fold(found['unit'])}"
        else:
            yield fold(found["size"] or found["letters"] or found["zh"])


def forms_of_colour(name: str) -> tuple[str, ...]:
    """The words for a colour, the English one first."""
    return (name, *(form for form in COLOURS[name] if form.isascii()))
