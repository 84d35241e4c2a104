"""What a name stands for in a shop: the value types that names.py hands out."""

from dataclasses import dataclass

FIELDS = (
    "product",
    "customer",
    "order",
    "country",
    "category",
    "brand",
    "region",
    "city",
    "channel",
    "segment",
    "payment_method",
)
# No countries in counts of countries, though they appear as they are in breakdowns and rankings.
NOT_COUNTRIES = frozenset({"Unspecified", "European Community"})

_SAID = {
    "en": {
        "title": (
            "“{asked}” read as the product “{title}”",
            "“{asked}” read as the {n} products with the title “{title}”",
        ),
        "contains": (
            "“{asked}” read as the one product whose title contains {forms}: “{title}”",
            "“{asked}” read as the {n} products whose title contains {forms}",
        ),
        "code": (
            "“{asked}” read as the product “{title}” ({values})",
            "“{asked}” read as the {n} products with this code",
        ),
        "name": ("“{asked}” read as the {field} {values}", "“{asked}” read as the {field} {values}"),
        "or": " or ",
        "comma": ", ",
    },
    "zh": {
        "title": ("“{asked}”按商品“{title}”理解", "“{asked}”按标题为“{title}”的 {n} 个商品理解"),
        "contains": (
            "“{asked}”按标题包含{forms}的 1 个商品理解:“{title}”",
            "“{asked}”按标题包含{forms}的 {n} 个商品理解",
        ),
        "code": ("“{asked}”按商品“{title}”({values})理解", "“{asked}”按编码相同的 {n} 个商品理解"),
        "name": ("“{asked}”按{field} {values} 理解", "“{asked}”按{field} {values} 理解"),
        "or": "或",
        "comma": "、",
    },
}
_FIELDS_ZH = {
    "product": "商品",
    "country": "国家",
    "customer": "客户",
    "order": "订单",
    "category": "类别",
    "brand": "品牌",
    "region": "地区",
    "city": "城市",
    "channel": "渠道",
    "segment": "客群",
    "payment_method": "支付方式",
}


@dataclass(frozen=True)
class Match:
    """A text read as values of one field.

    how: 'code' (exact product_id or barcode), 'title' (equal to whole titles), 'contains' (in titles), 'name' (a value
    of the field), 'translated' (a country in another language or spelling).
    values: for 'title' the titles as stored; for 'contains' the lower-case substrings, one of which a title must
    contain (escape % and _ in LIKE); else the ids or values. ids: product_ids for products, else the values.
    squeeze: the titles' runs of white space must be counted as one (words.SPACE_RUN_SQL) for the match to be complete.
    title: the title, where all products found share one.
    """

    field: str
    how: str
    asked: str
    values: tuple[str, ...]
    ids: tuple[str, ...]
    squeeze: bool = False
    title: str | None = None

    def said(self, locale: str = "en") -> str:
        """One sentence on how the text was read; for products always how many. Locale 'en' or 'zh', others as 'en'."""
        chinese = locale.startswith("zh")
        words = _SAID["zh" if chinese else "en"]
        one, many = words["name" if self.how == "translated" else self.how]
        forms = str(words["or"]).join(f"“{value}”" for value in self.values)
        field = _FIELDS_ZH[self.field] if chinese else self.field.replace("_", " ")
        title = self.title if self.title is not None else self.values[0]
        pattern = one if len(self.ids) == 1 else many
        values = str(words["comma"]).join(self.values)
        return pattern.format(asked=self.asked, title=title, n=len(self.ids), forms=forms, values=values, field=field)


@dataclass(frozen=True)
class Suggestion:
    field: str
    value: str
    score: float  # 0 to 1; from about 0.85 a typo, under 0.6 unrelated


@dataclass(frozen=True)
class Found:
    """A span of a text, [start, end), that names something. `text` is the name itself; the span of a quoted name
    includes its quotes. A quoted name that the shop doesn't have is found with no matches."""

    start: int
    end: int
    matches: tuple[Match, ...]
    text: str
    quoted: bool = False
