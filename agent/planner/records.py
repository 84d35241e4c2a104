"""Questions about what a shop keeps besides its orders: why goods come back, what buyers' reviews say in stars, what is
out of stock, which promotions ran. Asked of a shop that keeps none of it, they are declined as ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.plan import Call, Outcome, Plan
from agent.planner.lexer import lex
from agent.planner.linked import Name, names
from agent.planner.numbers import number_in
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from agent.planner.templates import conditions, titled

COLUMNS = {"product": "p.product_id", "category": "p.category", "brand": "p.brand"}
MOST = 10  # rows of a ranking that says no number
BACK = (
    r"(?:return(?:s|ed|ing)?|refund(?:s|ed)?"
    r"|(?:sen[dt]|sending|brought|bring|com(?:e|es|ing)|came|go(?:es)?|went)\b.{0,25}\bback)"
)
WORST = re.compile(r"\b(?:worst|lowest|poorest|bottom|least|badly|bad)\b|最差|最低|差评", re.I)
RANKED = re.compile(WORST.pattern + r"|\b(?:best|highest|top|most)\b|最好|最高|最受", re.I)
COUNTED = re.compile(
    r"\bhow many (?:products|items|articles|skus|lines|titles)\b|\bnumber of products\b|(?:多少|几)(?:种|个|款)", re.I
)
UNDER = re.compile(r"\b(?:under|below|(?:fewer|less|lower) than)\s+(\d+)|(?:少于|低于|不到|小于)\s*(\d+)", re.I)


@dataclass(frozen=True)
class Records:
    """`asked` tells a question of its kind, `never` one that only looks like it; `needs` is of what a shop keeps.
    `sql` has places for {where}, {order} and {limit}; `day` is the column that a period is of, "" for none."""

    needs: str
    asked: re.Pattern[str]
    never: re.Pattern[str]
    sql: str
    day: str
    said: tuple[str, str]


REASONS = Records(
    "return reasons",
    re.compile(
        rf"(?<!is the )\breasons?\b.{{0,40}}\b{BACK}\b|\b{BACK}\b.{{0,40}}\breasons?\b"
        rf"|\bwhy (?:do|are|did|were) (?:people|customers|buyers|shoppers|clients|they|folks)\b.{{0,20}}\b{BACK}\b"
        r"|退(?:货|回|款).{0,8}(?:原因|理由)|(?:原因|理由).{0,8}退(?:货|回|款)"
        r"|为什么.{0,6}(?:客户|顾客|大家|买家|人).{0,4}退|(?:客户|顾客|大家|买家|人).{0,4}为什么.{0,4}退",
        re.I | re.S,
    ),
    re.compile(
        r"\b(?:rise|rose|fall|fell|up|down|more|fewer|increase\w*|drop\w*|went)\b|上升|增加|减少|下降|变多", re.I
    ),
    "SELECT r.reason AS reason, COUNT(*) AS returns, SUM(r.amount) AS refunds FROM returns AS r "
    "LEFT JOIN products AS p ON p.product_id = r.product_id WHERE r.reason IS NOT NULL AND {where} "
    "GROUP BY r.reason ORDER BY returns DESC, reason{limit}",
    "r.returned_at",
    ("Reasons of returns", "退货原因"),
)
RATINGS = Records(
    "ratings",
    re.compile(r"\b(?:reviews|ratings?|rated|reviewed)\b|\bstars\b|评分|评价|评论|差评|好评|几星", re.I),
    re.compile(
        r"\b(?:writ\w+|post\w*|fake|delete|remove|repl(?:y|ies)|answer|say|saying|said|complain\w*|about|revenue|sales|orders)\b"
        r"|写|发|删|回复|说|销售|订单",
        re.I,
    ),
    "SELECT AVG(v.rating) AS average_rating, COUNT(*) AS reviews FROM reviews AS v "
    "LEFT JOIN products AS p ON p.product_id = v.product_id WHERE v.rating IS NOT NULL AND {where}",
    "v.created_at",
    ("Reviews, in stars of five", "评价（满分五星）"),
)
BY_PRODUCT = (
    "SELECT p.title AS product, AVG(v.rating) AS average_rating, COUNT(*) AS reviews FROM reviews AS v "
    "JOIN products AS p ON p.product_id = v.product_id WHERE v.rating IS NOT NULL AND {where} "
    "GROUP BY p.product_id, p.title ORDER BY average_rating{order}, reviews DESC, product{limit}"
)
STOCK = Records(
    "stock",
    re.compile(
        r"\b(?:out of stock|sold[ -]?out|(?:nothing|none|zero|no units?) (?:is |are )?left|(?:no|zero) stock"
        r"|(?:low|short) (?:on|in|of) stock|low stock|stock (?:is |are )?(?:gone|empty|(?:under|below) \d+)"
        r"|stock (?:is |are )?(?:less|fewer|lower) than \d+"
        r"|(?:under|below|(?:less|fewer) than) \d+ (?:\w+ ){0,2}(?:left|in stock))\b"
        r"|缺货|断货|无货|没货|卖完|卖光|售罄|库存(?:为零|不足|低于|少于|不到)|(?:低于|少于|不到)\s*\d+.{0,3}库存",
        re.I,
    ),
    re.compile(
        r"\b(?:will|when|how often|how long|run|was|were|been|did|last|ago|reorder|order)\b|会|什么时候|多久|补", re.I
    ),
    "SELECT p.title AS product, p.stock AS stock FROM products AS p WHERE p.stock IS NOT NULL AND {where} "
    "ORDER BY stock, product{limit}",
    "",
    ("Stock, at the end of the data", "库存（数据截止时）"),
)
PROMOTIONS = Records(
    "promotions",
    re.compile(
        r"^\W*(?:which|what|list|show|when|any|were there|did we (?:have|run)).{0,40}\b(?:promotions?|promos?)\b"
        r"|(?:哪些|什么|有过|列出).{0,6}促销|促销.{0,6}有哪些",
        re.I,
    ),
    re.compile(
        r"\b(?:pay|paid|work\w*|effect\w*|impact|uplift|revenue|sales|sold|sell|bring|brought|best|worst|should|next)\b"
        r"|效果|销售|卖|应该|下",
        re.I,
    ),
    "SELECT DISTINCT n.name AS promotion, n.percent_off AS percent_off, CAST(n.starts_at AS DATE) AS starts, "
    "CAST(n.ends_at AS DATE) AS ends FROM promotions AS n LEFT JOIN products AS p ON p.product_id = n.product_id "
    "WHERE {where} ORDER BY starts, promotion{limit}",
    "n.starts_at",
    ("Promotions by their first day", "促销活动（按开始日期）"),
)
KINDS = (REASONS, RATINGS, STOCK, PROMOTIONS)


def plan(reading: Reading, shop: Shop) -> Outcome | None:
    """The query for a question of such a kind; None where it is none, or has conditions that don't go into it."""
    text = reading.text
    kind = next((k for k in KINDS if k.needs in shop.has and k.asked.search(text) and not k.never.search(text)), None)
    if kind is None or any(s.kind in ("weekday", "hour", "versus") for s in reading.spans):
        return None
    lexed = lex(text, shop.names, shop.today, shop.first_day)
    if kind is not STOCK and lexed.of(*(("metric", "verb") if kind is RATINGS else ("dim",))):
        return None  # a figure, or rows of one, that only speaks of such things
    found = names(reading, lexed, shop)
    if not isinstance(found, list):
        return found
    told = conditions(found, lexed, shop, COLUMNS, kind.day)
    if told is None:
        return None
    sql, order, most = _form(kind, text, found)
    if kind is STOCK and not _of_products(found):
        told += _stocked(text)
    limit = _limit(reading) or most
    sql = sql.format(where=" AND ".join(told) or "TRUE", order=order, limit=f" LIMIT {limit}" if limit else "")
    return Plan((Call("run_sql", {"sql": sql}),), "zh" if lexed.chinese else "en", titled(kind.said, found, lexed))


def _form(kind: Records, text: str, found: Sequence[Name]) -> tuple[str, str, int | None]:
    """The query, the direction of its order and how many rows it has where no number is said."""
    if kind is RATINGS and RANKED.search(text) and not _of_products(found):
        return BY_PRODUCT, "" if WORST.search(text) else " DESC", MOST
    if kind is STOCK and COUNTED.search(text):
        return "SELECT COUNT(*) AS products FROM products AS p WHERE p.stock IS NOT NULL AND {where}", "", None
    low = kind is STOCK and not _of_products(found) and _stocked(text) == []
    return kind.sql, "", MOST if low else None


def _of_products(found: Sequence[Name]) -> bool:
    return any(n.field == "product" for n in found)


def _stocked(text: str) -> list[str]:
    """How much stock a question is about: none, or less than it says; [] for the least there is."""
    if under := UNDER.search(text):
        return [f"p.stock < {int(under[1] or under[2])}"]
    return [] if re.search(r"\b(?:low|short)\b|不足", text, re.I) else ["p.stock <= 0"]


def _limit(reading: Reading) -> int | None:
    said = (number_in(reading.text[s.start : s.end]) for s in reading.spans if s.kind == "limit")
    return next((int(n) for n in said if n and n >= 1), None)
