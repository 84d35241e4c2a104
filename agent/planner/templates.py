"""Questions that no metric answers, as SQL from typed templates: customers by number of orders, first and last sale,
cohorts, products bought together. Conditions on names and on one period go into each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.plan import Call, Outcome, Plan
from agent.planner.lexer import Lexed, lex
from agent.planner.linked import Name, names
from agent.planner.parser import Reading
from agent.planner.shop import Shop
from tools.metrics.periods import Period

OF_ORDERS = frozenset({"country", "region", "city", "channel", "payment_method"})  # columns of orders
KEYS = {"customer": "o.customer_id", "order": "o.order_id", "product": "i.product_id"}
MOST_IDS = 400
LINES = "orders AS o JOIN order_items AS i ON i.order_id = o.order_id"
DAY = "CAST({}(o.ordered_at) AS DATE)"


@dataclass(frozen=True)
class Template:
    """`asked` tells a question of its kind; `sql` has places for {tables} and {where}; `said` is its title. `of` are
    the orders looked at; `only` the figures that the question may name, None for any."""

    asked: re.Pattern[str]
    sql: str
    said: tuple[str, str]
    of: str = "completed"
    only: frozenset[str] | None = None


TEMPLATES = (
    Template(
        re.compile(
            r"\b(?:customers|buyers|clients|people)\b.{0,20}\b(?:by|per|for each) (?:number|count) of (?:orders|purchases)"
            r"|\bdistribution of (?:orders|purchases)\b|\border(?:s)? (?:count )?(?:distribution|histogram)\b"
            r"|按(?:下单|订单|购买)(?:次数|数量?)(?:的|统计|分)|(?:下单|购买)次数的?分布",
            re.I,
        ),
        "SELECT n AS orders, COUNT(*) AS customers FROM (SELECT o.customer_id, COUNT(DISTINCT o.order_id) AS n "
        "FROM {tables} WHERE o.customer_id IS NOT NULL AND {where} GROUP BY o.customer_id) AS c GROUP BY n ORDER BY n",
        ("Customers by number of orders", "按订单数统计的客户"),
    ),
    Template(
        re.compile(
            r"\bwhen\b.{0,40}\b(?:first|last|latest|most recent)\b.{0,20}\b(?:order|orders|ordered|sale|sell|sold|purchase|buy|bought)\b"
            r"|\bwhen\b.{0,40}\b(?:order|sell|buy|sold|bought)\b.{0,40}\b(?:first|last)\b|\b(?:date|day) of \w+ (?:first|last) (?:order|sale|purchase)"
            r"|\b(?:first|last) (?:order|sale|purchase) date|(?:第一|首|最后一|最近一)(?:单|次).{0,12}(?:什么时候|哪天|哪一天|何时|日期|几号)"
            r"|(?:什么时候|哪天|何时).{0,12}(?:第一|首|最后一|最近一)(?:单|次)",
            re.I,
        ),
        f"SELECT {DAY.format('MIN')} AS first_sale, {DAY.format('MAX')} AS last_sale FROM {{tables}} WHERE {{where}}",
        ("First and last sale", "首次与最近一次销售"),
    ),
    Template(
        re.compile(r"^(?!.*\b(?:what(?: is|'s| are) an?|define|mean(?:s|ing)?)\b).*(?:\bcohorts?\b|同期群|队列(?:分析|留存))", re.I | re.S),
        "WITH bought AS (SELECT DISTINCT o.customer_id, CAST(DATE_TRUNC('month', o.ordered_at) AS DATE) AS month "
        "FROM {tables} WHERE o.customer_id IS NOT NULL AND {where}), "
        "began AS (SELECT customer_id, MIN(month) AS cohort FROM bought GROUP BY customer_id) "
        "SELECT began.cohort AS cohort, bought.month AS month, COUNT(*) AS customers FROM bought "
        "JOIN began ON began.customer_id = bought.customer_id GROUP BY began.cohort, bought.month ORDER BY cohort, month",
        ("Customers by the month of their first order and the months in which they bought", "按首单月份及购买月份统计的客户"),
    ),
    Template(
        re.compile(
            r"\b(?:most|often|frequently|commonly)\b.{0,25}\b(?:bought|sold|purchased|ordered) together\b"
            r"|\b(?:bought|sold|purchased|ordered) together\b.{0,25}\b(?:most|often)\b|(?:最常|经常|最多)(?:一起|同时)(?:买|购买|下单)",
            re.I,
        ),
        "WITH kept AS (SELECT DISTINCT o.order_id, i.product_id FROM {tables} WHERE {where}), "
        "common AS (SELECT product_id FROM kept GROUP BY product_id ORDER BY COUNT(*) DESC, product_id LIMIT 100), "
        "few AS (SELECT kept.order_id, kept.product_id FROM kept JOIN common ON common.product_id = kept.product_id) "
        "SELECT p.title AS product, q.title AS bought_with, COUNT(*) AS orders FROM few AS a "
        "JOIN few AS b ON b.order_id = a.order_id AND a.product_id < b.product_id "
        "JOIN products AS p ON p.product_id = a.product_id JOIN products AS q ON q.product_id = b.product_id "
        "GROUP BY a.product_id, b.product_id, p.title, q.title ORDER BY orders DESC, product, bought_with LIMIT 10",
        ("Products bought together, looking at those that are ordered often", "经常一起购买的产品（只看常被订购的）"),
    ),
    Template(
        re.compile(
            r"^(?!.*\b(?:excluding|without|except|not|ignoring|minus|rate|share|percent\w*)\b)(?!.*(?:%|率|占))"
            r"(?:.*\b(?:how many|number|count|cancellations)\b.*\bcancell?(?:ed|ations)\b|.*\bcancell?ed orders\b"
            r"|.*取消.{0,6}订单.{0,6}(?:多少|几|数)|.*(?:多少|几).{0,6}订单.{0,8}取消|.*订单.{0,8}取消.{0,4}(?:多少|几)"
            r"|.*取消了?(?:多少|几).{0,3}订单)",
            re.I | re.S,
        ),
        "SELECT COUNT(DISTINCT o.order_id) AS orders FROM {tables} WHERE {where}",
        ("Cancelled orders", "已取消的订单"),
        of="cancelled", only=frozenset({"orders"}),
    ),
)  # fmt: skip


def plan(reading: Reading, shop: Shop) -> Outcome | None:
    """The query for a question of a template's kind; None where it is none, or has conditions that don't go into it."""
    template = next((t for t in TEMPLATES if t.asked.search(reading.text)), None)
    if template is None or any(s.kind in ("weekday", "hour", "number", "versus") for s in reading.spans):
        return None
    lexed = lex(reading.text, shop.names, shop.today, shop.first_day)
    found = names(reading, lexed, shop)
    if not isinstance(found, list):
        return found
    if template.only is not None and any(t.value not in template.only for t in lexed.of("metric", "dim", "grain")):
        return None
    told = _conditions(found, lexed, shop, template.of)
    of_products = any(n.field == "product" for n in found)
    if told is None or (of_products and "i.product_id" in template.sql):
        return None  # what is bought together with a named product is a matter for the metrics
    tables = LINES if of_products or "i.product_id" in template.sql else "orders AS o"
    sql = template.sql.format(tables=tables, where=" AND ".join(told))
    title = titled(template.said, found, lexed)
    return Plan((Call("run_sql", {"sql": sql}),), "zh" if lexed.chinese else "en", title)


def titled(kinds: tuple[str, str], found: Sequence[Name], lexed: Lexed) -> str:
    """The title, with the conditions as they were said; those with digits stand in the receipt only."""
    without = "不含" if lexed.chinese else "without "
    said = [(without if n.excluded else "") + n.said for n in found]
    said += [lexed.text[s.start : s.end] for s in lexed.periods]
    plain = [s for s in said if not any(c.isdigit() for c in s)]
    told = f"（{'，'.join(plain)}）" if lexed.chinese else f" ({', '.join(plain)})"
    return kinds[lexed.chinese] + told * bool(plain)


def _conditions(found: Sequence[Name], lexed: Lexed, shop: Shop, status: str) -> list[str] | None:
    """SQL for the names and the period; None where one can't be said."""
    columns = KEYS | {name: f"o.{name}" for name in OF_ORDERS}
    said = conditions(found, lexed, shop, columns, "o.ordered_at")
    return None if said is None else [f"o.status = '{status}'", *said]


def conditions(
    found: Sequence[Name], lexed: Lexed, shop: Shop, columns: Mapping[str, str], day: str
) -> list[str] | None:
    """SQL for names by the `columns` of their fields, and for a period of the column `day`, "" where there is none;
    None where one of them can't be said."""
    out = []
    for name in found:
        match, column = shop.names.match(name.said, name.field), columns.get(name.field)
        if match is None or column is None or len(match.ids) > MOST_IDS:
            return None
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in match.ids)
        out.append(f"{column} {'NOT IN' if name.excluded else 'IN'} ({values})")
    spans = [s.value for s in lexed.periods if not getattr(s.value, "whole", False)]
    periods = [p for p in spans if isinstance(p, Period)]
    if len(spans) > 1 or len(periods) < len(spans) or (spans and not day):
        return None
    return out + [f"{day} >= DATE '{p.start}' AND {day} < DATE '{p.end}' + INTERVAL 1 DAY" for p in periods]
