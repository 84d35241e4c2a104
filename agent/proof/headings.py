"""Column names as table headings. A heading holds no number: digits and number words of a name are left out."""

from __future__ import annotations

from agent.proof.number_words import find_numbers
from tools.contract import Column

CHINESE = {
    "revenue": "销售额",
    "refunds": "退款额",
    "net_revenue": "净销售额",
    "orders": "订单数",
    "units": "销量",
    "average_order_value": "客单价",
    "units_per_order": "每单件数",
    "average_price": "均价",
    "customers": "顾客数",
    "new_customers": "新顾客数",
    "returning_customers": "回头客数",
    "repeat_rate": "复购率",
    "refund_rate": "退款率",
    "guest_share": "游客占比",
    "shipping_income": "运费收入",
    "cost": "成本",
    "gross_profit": "毛利",
    "margin": "毛利率",
    "conversion_rate": "转化率",
    "sessions": "访问数",
    "returned_units": "退货件数",
    "returns": "退货数",
    "products": "商品数",
    "list_price": "标价",
    "stock": "库存",
    "share": "占比",
    "why": "匹配原因",
    "amount": "金额",
    "unusual": "异常程度",
    "rank": "排名",
    "probability": "欺诈概率",
    "at_risk": "风险金额",
    "advice": "建议",
    "kind": "分组",
    "group": "组别",
    "flagged": "标记比例",
    "good": "正常订单数",
    "reasons": "原因",
    "linked": "关联订单数",
    "order_id": "订单",
    "what": "对象",
    "made_on": "预测日",
    "first": "起",
    "last": "止",
    "revenue_expected": "预测销售额",
    "units_expected": "预测销量",
    "inside": "在区间内",
    "error": "偏差",
    "method": "方法",
    "runs_out": "预计售罄",
    "order_up_to": "备货目标",
    "to_order": "建议订货",
    "order_by": "最迟下单",
    "product": "商品",
    "product_id": "商品编号",
    "category": "品类",
    "brand": "品牌",
    "country": "国家",
    "region": "地区",
    "city": "城市",
    "channel": "渠道",
    "segment": "客群",
    "customer": "顾客",
    "customer_id": "顾客编号",
    "payment_method": "支付方式",
    "order": "订单",
    "day": "日期",
    "week": "周",
    "month": "月份",
    "quarter": "季度",
    "year": "年份",
    "weekday": "星期",
    "hour": "时段",
}
CHINESE_ENDS = {"_before": "（前期）", "_change": "变化", "_growth": "增长率", "_low": "（下限）", "_high": "（上限）"}

ALSO = {  # other words for those of a metric's name
    "revenue": ("sales", "turnover", "takings"),
    "units": ("items", "pieces"),
    "customers": ("buyer", "shopper"),
    "average": ("mean",),
    "value": ("basket",),
    "rate": ("share",),
}
UNSAID = frozenset({"before", "change", "growth", "per", "of", "total"})


def heading(column: Column, lang: str) -> str:
    """ "average_order_value" → "Average order value"; for zh 客单价 where we know the word."""
    name = column.name
    if lang == "zh":
        for end, text in {"": "", **CHINESE_ENDS}.items():
            if name.endswith(end) and name.removesuffix(end) in CHINESE:
                return CHINESE[name.removesuffix(end)] + text
    text = " ".join("".join(c if c.isalnum() else " " for c in name).split())
    while hits := find_numbers(text):  # again, for what is left may make a number of its own
        text = " ".join((text[: hits[0].start] + " " + text[hits[0].end :]).split())
    return text[:1].upper() + text[1:] or ("数值" if lang == "zh" else "Value")


def names_metric(sentence: str, column: str) -> bool:
    """Whether a sentence says what a column measures: each word of its name or another for it, or the Chinese one."""
    text = sentence.lower()
    words = [w for w in column.lower().split("_") if w not in UNSAID]
    base = "_".join(w for w in column.lower().split("_") if w not in {"before", "change", "growth"})
    if CHINESE.get(base, "\0") in text:
        return True
    return bool(words) and all(any(said in text for said in (w.rstrip("s"), *ALSO.get(w, ()))) for w in words)
