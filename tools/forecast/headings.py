"""Which columns of a table are known ahead: those headed known_…, and those whose heading is a word for a promotion, in
English or Chinese. A discount is none of them: it is often what was given, and known only afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

KNOWN = "known_"
PROMOTION = frozenset(
    "promo promos promotion promotions promotional promoted onpromo onpromotion onsale campaign campaigns deal deals "
    "markdown markdowns offer offers specialoffer specialoffers "
    "促销 促銷 大促 活动 活動 打折 特价 特價 优惠 優惠 满减 滿減 秒杀 秒殺 "
    "促销活动 促銷活動 优惠活动 優惠活動 特价活动 特價活動".split()
)
BESIDES = frozenset("is has flag indicator type name kind active running yn".split())
CHINESE_BESIDES = re.compile(
    r"^(?:是否|有无|有無|是否有|正在|在)|(?:标记|標記|标志|標誌|类型|類型|名称|名稱|状态|狀態|中)$"
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[\u3400-\u9fff]+")


def known_columns(headings: Iterable[object]) -> dict[str, str]:
    """What each such column is called, by its heading. One headed known_… comes before another of the same name."""
    texts = [str(h) for h in headings]
    marked = {h: h.removeprefix(KNOWN) for h in texts if h.startswith(KNOWN)}
    taken = set(marked.values())
    return marked | {h: h for h in texts if h not in marked and h not in taken and is_promotion(h)}


def is_promotion(heading: str) -> bool:
    """'is_promo', 'OnSale', 'Markdown 3', '是否促销'; not 'promo_revenue'."""
    words = [CHINESE_BESIDES.sub("", w.lower()) for w in WORD.findall(heading)]
    return "".join(w for w in words if w not in BESIDES) in PROMOTION
