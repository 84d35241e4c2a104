"""How people put the conditions of a search: prices, stock, colours, sizes, likeness; English and Chinese."""

from __future__ import annotations

import re

_SIGN = r"(?:[£$€¥₹￥]|\b(?:gbp|usd|eur|cny|rmb|inr)\b)"
_UNIT = (
    r"(?:[£$€¥₹￥]|(?:pounds?|quid|dollars?|bucks?|euros?|gbp|usd|eur|cny|rmb|inr|p)\b"
    r"|英镑|美元|欧元|人民币|元|块钱?|镑)"
)
_NUMBER = r"(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)"
_END = r"(?![\d.,]*\d)"
_MONEY = rf"{_SIGN}?\s*{_NUMBER}{_END}\s*{_UNIT}?"
_SURE = rf"(?:{_SIGN}\s*{_NUMBER}{_END}|{_NUMBER}{_END}\s*{_UNIT})"
# An amount without a currency is a price where nothing follows it that would make it a size or a number of pieces.
_BARE = rf"{_NUMBER}{_END}(?=\s*(?:$|[,;.!?，。；！？)]|(?:and|or|but|in|with|please|that|for)\b))"
# A longer number is a product's code.
_FEW = rf"(?:{_SURE}|(\d{{1,3}}(?:\.\d{{1,2}})?){_END}(?=\s*(?:$|[,;.!?]|please)))"
_BELOW = (
    r"(?:under|below|less than|for less than|not more than|no more than|up to|at most"
    r"|max(?:imum)?(?: of)?|within|<=?|≤|低于|不超过|不到|少于|便宜过|最多)"
)
_ABOVE = r"(?:over|above|more than|at least|from|min(?:imum)?(?: of)?|>=?|≥|高于|超过|多于|不低于|至少)"
BETWEEN = re.compile(
    rf"(?:\bbetween\s*|\bfrom\s*)?{_MONEY}\s*(?:\band\b|\bto\b|[-–—~至到])\s*{_SURE}"
    rf"|\bbetween\s*{_MONEY}\s*(?:\band\b|[-–])\s*{_BARE}",
    re.IGNORECASE,
)
BELOW = re.compile(
    rf"(?<![a-z])(?:{_BELOW}\s*(?:{_SURE}|{_BARE})|cheaper than\s*{_FEW})|{_NUMBER}\s*{_UNIT}?\s*(?:以下|以内|之内)"
    rf"|{_SURE}\s*(?:or less|or under|max)\b",
    re.IGNORECASE,
)
ABOVE = re.compile(
    rf"(?<![a-z])(?:{_ABOVE}\s*(?:{_SURE}|{_BARE})|(?:dearer|more expensive) than\s*{_FEW})"
    rf"|{_NUMBER}\s*{_UNIT}?\s*以上|{_SURE}\s*(?:or more|or over|and up)\b",
    re.IGNORECASE,
)
BOUND_INCLUDED = re.compile(
    r"up to|at most|max|within|no more|not more|or less|or under|<=|≤|不超过|最多|以下|以内|之内"
    r"|at least|from|min|>=|≥|至少|不低于|or more|or over|and up|以上",
    re.IGNORECASE,
)
OUT_OF_STOCK = re.compile(r"\b(?:out of stock|sold out|not in stock)\b|缺货|无货|没货|售罄", re.IGNORECASE)
IN_STOCK = re.compile(
    r"\b(?:(?:that (?:is|are|we have) |which (?:is|are) |currently |still )?"
    r"(?:in stock|available now|available|on hand))\b|有现货|有库存|有货|现货",
    re.IGNORECASE,
)

COLOURS: dict[str, tuple[str, ...]] = {  # other words for each
    name: tuple(forms.split())
    for name, forms in {
        "black": "黑色", "white": "白色", "red": "红色", "blue": "蓝色", "green": "绿色", "yellow": "黄色",
        "pink": "粉色 粉红色", "purple": "紫色", "orange": "橙色 橘色", "brown": "棕色 咖啡色", "grey": "gray 灰色",
        "gold": "golden 金色", "silver": "银色", "beige": "米色", "turquoise": "", "navy": "藏青色", "ivory": "象牙色",
        "cream": "奶油色", "lilac": "", "teal": "", "burgundy": "酒红色", "maroon": "", "khaki": "卡其色", "mint": "",
    }.items()
}  # fmt: skip
SIZE = re.compile(
    r"\b(?:size\s+(?P<size>[a-z0-9]{1,5})|(?P<letters>xxs|xs|xl|xxl|xxxl|[2-5]xl)"
    r"|(?P<number>\d{1,4}(?:\.\d)?)\s?(?P<unit>mm|cm|ml|cl|kg|inch|inches|litres?|liters?))\b"
    r"|(?P<zh>[a-z0-9]{1,4})码",
    re.IGNORECASE,
)
LIKE = re.compile(
    r"\b(?:similar(?: (?:to|as))|comparable (?:to|with)|alternatives? (?:to|for)|equivalents? (?:to|of|for)"
    r"|substitutes? for|(?:something|anything|products?|items?|things?|more|ones?|one|stuff|looks?|most|just|much"
    r"|a lot|which (?:are|is)|that (?:are|is)) like|^like|same (?:kind )?as|close to|instead of)\s+(?P<en>.+)"
    r"|(?:类似|相似|近似)(?:于)?(?P<zh1>.+?)(?:的.*)?$"
    r"|[跟和与像同](?P<zh2>.+?)(?:差不多|类似|相似|接近|一样|相近|近似)",
    re.IGNORECASE,
)
CHEAPER = re.compile(
    r"\bcheaper (?:alternatives? (?:to|for)|than|version of)\s+(?P<en>.+)|比(?P<zh>.+?)(?:更|还)?便宜", re.IGNORECASE
)
DEARER = re.compile(r"\b(?:dearer|more expensive|pricier) than\s+(?P<en>.+)|比(?P<zh>.+?)(?:更|还)?贵", re.IGNORECASE)

# How one asks whether the shop has a thing; a message without it may be about anything.
WANTED = re.compile(
    r"\b(?:do|did|have|has) (?:we|you|i)\b|\b(?:some|any)(?:thing|one)?\b|\b(?:gifts?|presents?)\b"
    r"|\b(?:looking|asks?|asked) for\b"
    r"|\b(?:wants?|needs?|got|in the range)\b|有没有|有无|有[吗么]|[店铺]里|[本咱]店|哪[款样个]|想[要找]|要[一个]"
    r"|礼物|礼品",
    re.IGNORECASE,
)

# Words that only ask; they are left out where a search begins with them.
ASKING = frozenset(
    """
    a about all an and any anybody anyone anything are article articles asked asking asks be buy by can carry
    catalogue client could customer customers do does equal exists find for from get give good got had has have
    hello help hey hi how i in is item items kind let like list look looking lookup maybe me merchandise my need
    nice of offer on one ones or our ours please product products range recommend search searching sell selling
    shop show similar so some somebody someone something sort stock stocks store stuff suitable tell that the
    their there these they thing things this to us want wanted wants was we what whatever which who wish with
    would you your
    """.split()
)
ENDING = frozenset("and or but that for with is are which a the".split())
ASKING_ZH = re.compile(
    r"^(?:请问|请|帮我|给我|我们|我|想要|想找|想买|要找|要|找一下|找|看看|推荐|有没有|有无|有|店里|店铺里?|什么|哪些|哪款"
    r"|一款|一个|一把|一本|一件|那种|这种|的|适合)+"
)
ENDING_ZH = re.compile(r"(?:的?(?:商品|产品|东西|货品|款式)|吗|呢|么|的|有没有|有吗|哪些|哪个|哪款)+$")
POLITE = re.compile(
    r"(?:\s+(?:please|thanks|thank you|in (?:our|the|my|this) (?:shop|store|range|catalogue)|do we have|have we got"
    r"|too|as well|for sale)"
    r"|[\s,;:–—-]+(?:(?:which|what) (?:products|items|articles|ones?|of ours) (?:match|fit|suit)(?:es|s)?"
    r"|(?:which|what) (?:products|items|articles|ones?) (?:have we(?: got)?|do we have|can (?:we|i) (?:offer|sell))"
    r"|what (?:have we got|do we have|have we|can (?:we|i) (?:offer|suggest|sell)|do i (?:offer|suggest))"
    r"|(?:have we|do we have|got|is there) (?:any|one|some)(?:thing)?|any(?: ideas?| suggestions?)?))+\s*$",
    re.IGNORECASE,
)
MARKS = ' \t,;:.!?，。；：！？"“”'
