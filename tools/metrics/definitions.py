"""The words of metrics.md as data: components, metrics and dimensions, each with the SQL that defines it.

A component is one aggregate over one source. A metric is a formula over components. A dimension is an expression per
source; where it has none, the pair has no meaning there.

Aliases in the fragments: o orders, i order_items, p products, c customers, r returns, e events, f first orders,
b buyers (one row a customer), g gaps between orders, k the cohort of a retention (one row a customer).
"""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.match import NOT_COUNTRIES

MONEY = "money"
TIME_GRAINS = ("day", "week", "month", "quarter", "year")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Component:
    """One aggregate. `forms` maps a source to its SQL; the first source that serves the whole request is taken."""

    forms: dict[str, str]
    additive: bool = True


@dataclass(frozen=True)
class Metric:
    """A formula over components, with its unit and the words that people read."""

    formula: str
    unit: str
    label: str
    label_zh: str
    definition: str


@dataclass(frozen=True)
class Dimension:
    """How a source groups by this. `by_source` maps a source to the key's SQL (alias of the row it needs inside)."""

    by_source: dict[str, str]
    unit: str
    label: str
    label_zh: str


LINE_VALUE = "i.quantity * i.unit_price - i.discount"
LINE_COST = "i.quantity * COALESCE(i.unit_cost, p.unit_cost)"

COUNTRIES = f"COUNT(DISTINCT o.country) FILTER (WHERE NOT o.country IN ({', '.join(map(repr, sorted(NOT_COUNTRIES)))}))"

COMPONENTS: dict[str, Component] = {
    "revenue": Component({"lines": f"SUM({LINE_VALUE})"}),
    "units": Component({"lines": "SUM(i.quantity)"}),
    "cost": Component({"lines": f"SUM({LINE_COST})"}),
    "lines_without_cost": Component({"lines": f"COUNT(*) FILTER (WHERE ({LINE_COST}) IS NULL)"}),
    "lines_on_product_cost": Component({"lines": "COUNT(*) FILTER (WHERE i.unit_cost IS NULL)"}),
    "products": Component({"lines": "COUNT(DISTINCT i.product_id)"}, additive=False),
    "orders": Component({"orders": "COUNT(*)", "lines": "COUNT(DISTINCT o.order_id)"}, additive=False),
    "customers": Component(
        {"orders": "COUNT(DISTINCT o.customer_id)", "lines": "COUNT(DISTINCT o.customer_id)"}, additive=False
    ),
    "new_customers": Component(
        {
            "orders": "COUNT(DISTINCT o.customer_id) FILTER (WHERE f.is_new)",
            "lines": "COUNT(DISTINCT o.customer_id) FILTER (WHERE f.is_new)",
        },
        additive=False,
    ),
    "guest_orders": Component(
        {
            "orders": "COUNT(*) FILTER (WHERE o.customer_id IS NULL)",
            "lines": "COUNT(DISTINCT o.order_id) FILTER (WHERE o.customer_id IS NULL)",
        },
        additive=False,
    ),
    "countries": Component(dict.fromkeys(("orders", "lines"), COUNTRIES), additive=False),
    "shipping": Component({"orders": "SUM(o.shipping)"}),
    "trading_days": Component(
        {
            "orders": "COUNT(DISTINCT CAST(o.ordered_at AS DATE))",
            "lines": "COUNT(DISTINCT CAST(o.ordered_at AS DATE))",
        },
        additive=False,
    ),
    "repeat_buyers": Component({"buyers": "COUNT(*) FILTER (WHERE b.orders >= 2)"}, additive=False),
    "buyers": Component({"buyers": "COUNT(*)"}, additive=False),
    "refunds": Component({"returns": "SUM(r.amount)"}),
    "returned_units": Component({"returns": "COALESCE(SUM(r.quantity), 0)"}),
    "returns": Component({"returns": "COUNT(*)"}),
    "sessions": Component({"events": "COUNT(DISTINCT e.session_id)"}, additive=False),
    "purchase_sessions": Component(
        {"events": "COUNT(DISTINCT e.session_id) FILTER (WHERE e.kind = 'purchase')"}, additive=False
    ),
    "list_price": Component({"catalogue": "AVG(p.list_price)"}, additive=False),
    "stock": Component({"catalogue": "SUM(p.stock)"}),
    "gap_days": Component({"gaps": "AVG(g.days)"}, additive=False),
    "retained": Component({"cohort": "COUNT(*) FILTER (WHERE k.again)"}, additive=False),
    "cohort": Component({"cohort": "COUNT(*)"}, additive=False),
}

METRICS: dict[str, Metric] = {
    "revenue": Metric("revenue", MONEY, "revenue", "销售额", "quantity × unit price − line discount, before returns"),
    "refunds": Metric("refunds", MONEY, "refunds", "退款", "money given back, dated by the return"),
    "net_revenue": Metric(
        "revenue - refunds", MONEY, "net revenue", "净销售额", "revenue − refunds of the same period"
    ),
    "orders": Metric("orders", "count", "orders", "订单数", "number of completed orders"),
    "units": Metric("units", "count", "units sold", "销量", "items sold"),
    "average_order_value": Metric("revenue / orders", MONEY, "average order value", "平均订单金额", "revenue ÷ orders"),
    "units_per_order": Metric("units / orders", "ratio", "units per order", "每单件数", "units ÷ orders"),
    "average_price": Metric("revenue / units", MONEY, "average price", "平均售价", "revenue ÷ units"),
    "customers": Metric(
        "customers", "count", "customers", "客户数", "known customers with an order; guests are not counted"
    ),
    "new_customers": Metric(
        "new_customers", "count", "new customers", "新客户数", "customers whose first order ever lies in the period"
    ),
    "returning_customers": Metric(
        "customers - new_customers", "count", "returning customers", "回头客数", "customers − new customers"
    ),
    "repeat_rate": Metric(
        "repeat_buyers / buyers", "%", "repeat rate", "复购率", "share of customers with two or more orders"
    ),
    "refund_rate": Metric("refunds / revenue", "%", "refund rate", "退款率", "refunds ÷ revenue"),
    "guest_share": Metric(
        "guest_orders / orders", "%", "guest share", "游客订单占比", "orders without a customer ÷ orders"
    ),
    "guest_orders": Metric("guest_orders", "count", "guest orders", "游客订单数", "orders without a known customer"),
    "shipping_income": Metric("shipping", MONEY, "shipping income", "运费收入", "shipping charged on orders"),
    "cost": Metric("cost", MONEY, "cost", "成本", "quantity × unit cost, the line's own, else the product's"),
    "gross_profit": Metric("revenue - cost", MONEY, "gross profit", "毛利", "revenue − cost"),
    "margin": Metric("(revenue - cost) / revenue", "%", "margin", "毛利率", "gross profit ÷ revenue"),
    "sessions": Metric("sessions", "count", "sessions", "访问次数", "shop visits"),
    "conversion_rate": Metric(
        "purchase_sessions / sessions", "%", "conversion rate", "转化率", "sessions with a purchase ÷ sessions"
    ),
    "returned_units": Metric("returned_units", "count", "returned units", "退货件数", "items sent back"),
    "returns": Metric("returns", "count", "returns", "退货笔数", "number of returns"),
    "products": Metric("products", "count", "products sold", "售出产品数", "distinct products with a sale"),
    "countries": Metric("countries", "count", "countries", "国家数", "countries with an order; 'Unspecified' is none"),
    "list_price": Metric("list_price", MONEY, "list price", "标价", "the product's list price"),
    "stock": Metric("stock", "count", "stock", "库存", "on hand at the end of the data"),
    "days_between_orders": Metric(
        "gap_days", "days", "days between orders", "下单间隔天数", "mean gap between a customer's consecutive orders"
    ),
    "retention": Metric(
        "retained / cohort", "%", "retention", "留存率", "customers of the first period with an order in the second"
    ),
    "trading_days": Metric("trading_days", "count", "trading days", "营业天数", "days with at least one order"),
}

ALIASES: dict[str, str] = {
    "sales": "revenue",
    "turnover": "revenue",
    "takings": "revenue",
    "aov": "average_order_value",
    "basket": "average_order_value",
    "buyers": "customers",
    "quantity": "units",
    "items": "units",
    "return_rate": "refund_rate",
    "shipping": "shipping_income",
    "profit": "gross_profit",
    "growth": "revenue",
    "number_of_returns": "returns",
    "returned_value": "refunds",
}

# Components that are no sum: where there are no rows they are nothing, not zero.
AVERAGES = frozenset({"list_price", "gap_days"})
# Metrics named like a column of the table they come from: a sub-query tells the two apart.
NAMED_AS_COLUMNS = frozenset({"list_price", "stock"})
PERIOD_LENGTHS = ("days", "weeks", "months")  # denominators that are the length of the period, not a metric


def _sales(expr: str, returns: str | None, **other: str) -> dict[str, str]:
    """The same key on all sales sources, and how a return gets it."""
    keys = {"orders": expr, "lines": expr, "buyers": expr, "gaps": expr, **other}
    return {**keys, "returns": returns} if returns else keys


def _line(name: str, expr: str | None = None) -> dict[str, str]:
    """A key of the product: `expr` where a line may name a product that the catalogue lacks."""
    return {"lines": expr or name, "buyers": expr or name, "returns": name, "events": name, "catalogue": name}


def _time(expr: str) -> dict[str, str]:
    sales = expr.format("o.ordered_at")
    return {
        **dict.fromkeys(("orders", "lines", "buyers", "gaps"), sales),
        "returns": expr.format("r.returned_at"),
        "events": expr.format("e.occurred_at"),
    }


DIMENSIONS: dict[str, Dimension] = {
    "product": Dimension(_line("p.title", "COALESCE(p.title, i.product_id)"), "title", "product", "产品"),
    "category": Dimension(_line("p.category"), "name", "category", "类别"),
    "brand": Dimension(_line("p.brand"), "name", "brand", "品牌"),
    "country": Dimension(_sales("o.country", "COALESCE(o.country, c.country, 'unknown')"), "name", "country", "国家"),
    "region": Dimension(_sales("o.region", "COALESCE(o.region, c.region, 'unknown')"), "name", "region", "地区"),
    "city": Dimension(_sales("o.city", "COALESCE(o.city, c.city, 'unknown')"), "name", "city", "城市"),
    "channel": Dimension(_sales("o.channel", "COALESCE(o.channel, 'unknown')"), "name", "channel", "渠道"),
    "payment_method": Dimension(
        _sales("o.payment_method", "COALESCE(o.payment_method, 'unknown')"), "name", "payment method", "支付方式"
    ),
    "segment": Dimension(_sales("c.segment", "c.segment"), "name", "segment", "客户分群"),
    "customer": Dimension(_sales("o.customer_id", "r.customer_id", events="e.customer_id"), "id", "customer", "客户"),
    "order": Dimension(_sales("o.order_id", "r.order_id"), "id", "order", "订单"),
    "day": Dimension(_time("CAST({} AS DATE)"), "day", "day", "日"),
    "week": Dimension(_time("CAST(DATE_TRUNC('week', {}) AS DATE)"), "week", "week", "周"),
    "month": Dimension(_time("CAST(DATE_TRUNC('month', {}) AS DATE)"), "month", "month", "月"),
    "quarter": Dimension(_time("CAST(DATE_TRUNC('quarter', {}) AS DATE)"), "quarter", "quarter", "季度"),
    "year": Dimension(_time("CAST(DATE_TRUNC('year', {}) AS DATE)"), "year", "year", "年"),
    "weekday": Dimension(_time("DAYNAME({})"), "weekday", "day of week", "星期"),
    "hour": Dimension(_time("HOUR({})"), "hour", "hour of day", "小时"),
}

PRODUCT_ID = {"lines": "i.product_id", "buyers": "i.product_id", "returns": "r.product_id", "events": "e.product_id",
              "catalogue": "p.product_id"}  # fmt: skip
LINE_DIMENSIONS = frozenset({"product", "category", "brand"})
TIME_COLUMN = {"orders": "o.ordered_at", "lines": "o.ordered_at", "buyers": "o.ordered_at", "gaps": "o.ordered_at",
               "returns": "r.returned_at", "events": "e.occurred_at"}  # fmt: skip
