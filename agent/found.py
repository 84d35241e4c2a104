"""The products that a search found, put into prose with references: a table, what was left out, how it was read."""

from __future__ import annotations

from agent.read_as import SEPARATOR
from agent.receipts import Receipt, table
from tools.search.filters import NO_COLOUR, NO_PRICES, NO_SIZE, NO_STOCK, OTHER_PRICE
from tools.search.upkeep import BUILDING, UNUSABLE

LEAD = ("These fit best, the likeliest first:", "以下商品最符合，最相近的在前：")
ALONE = ("This fits:", "符合的商品：")
READ = ("Read as: {what}", "理解为：{what}")
ALL = ("every product", "所有商品")
LIKE = ("like {what}", "与 {what} 相似")
SOLD = ("units sold {period}", "{period}销量")
NOTES_ZH = {
    NO_PRICES: "店铺没有标价，因此忽略了价格条件。",
    OTHER_PRICE: "没有符合的商品在此价位；以下价格最接近。",
    NO_STOCK: "店铺数据没有库存，因此忽略了库存条件。",
    NO_COLOUR: "没有符合的商品提到该颜色，因此忽略了颜色条件。",
    NO_SIZE: "没有符合的商品提到该尺寸，因此忽略了尺寸条件。",
    BUILDING: "目前只比较了字词：语义索引仍在建立中。",
    UNUSABLE: "目前只比较了字词：语义索引无法使用。",
}


def found(r: Receipt, locale: str) -> str:
    """The answer as markdown with references. Digits of its own stand only where the question has them."""
    chinese = locale == "zh"
    shown = [c.name for c in r.result.columns if c.name != "product_id"]
    lead = (ALONE if r.result.row_count == 1 else LEAD)[chinese]
    notes = [n for n in r.result.notes if n in NOTES_ZH]
    said = "".join(NOTES_ZH[n] for n in notes) if chinese else " ".join(notes)
    parts = (lead, table(r, locale, shown, len(r.result.rows)), said, f"_{_read(r, chinese)}_")
    return "\n\n".join(part for part in parts if part)


def _read(r: Receipt, chinese: bool) -> str:
    reading = r.result.input.get("reading") or {}
    what = [str(reading["text"])] if reading.get("text") else []
    if like := reading.get("like"):
        what.append(LIKE[chinese].format(what=like))
    what += [str(part) for part in reading.get("conditions", ())]
    parts = [READ[chinese].format(what=SEPARATOR.join(what or [ALL[chinese]]))]
    return SEPARATOR.join([*parts, SOLD[chinese].format(period=f"{{{r.id}.period}}")])
