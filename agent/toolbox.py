"""The tools that a plan may call, bound to one store. An explicit list: a new tool is one line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.contract import NotThere, Result
from tools.explain.tool import explain_change
from tools.forecast.record import forecast_record
from tools.forecast.reorder import plan_stock
from tools.forecast.tool import forecast_sales
from tools.fraud.fairness import check_fairness
from tools.fraud.reviews import plan_reviews
from tools.fraud.tool import score_fraud
from tools.metrics.lookups import data_coverage, match_products
from tools.metrics.tool import query_metrics
from tools.search.tool import search_products
from tools.sql.tool import describe_store, run_sql

if TYPE_CHECKING:
    from store.connect import Store

TOOLS: dict[str, tuple[Callable[..., Result], str, str]] = {  # → the tool, and what it does as people are told
    "query_metrics": (query_metrics, "Calculating figures", "计算指标"),
    "explain_change": (explain_change, "Finding out why", "分析原因"),
    "forecast_sales": (forecast_sales, "Forecasting sales", "预测销售"),
    "plan_stock": (plan_stock, "Planning stock", "规划库存"),
    "forecast_record": (forecast_record, "Looking back at forecasts", "回顾以往预测"),
    "score_fraud": (score_fraud, "Looking for suspicious orders", "查找可疑订单"),
    "plan_reviews": (plan_reviews, "Weighing what reviews cost and save", "权衡审核的成本与收益"),
    "check_fairness": (check_fairness, "Checking whether groups are treated alike", "检查各组待遇是否一致"),
    "match_products": (match_products, "Finding products by name", "按名称查找商品"),
    "search_products": (search_products, "Searching products by description", "按描述搜索商品"),
    "run_sql": (run_sql, "Running a query of its own", "运行自定义查询"),
    "describe_store": (describe_store, "Looking up what the data holds", "查看数据内容"),
    "data_coverage": (data_coverage, "Looking up which days there is data for", "查看数据覆盖的日期"),
}
LATER = {  # what the planner knows to be asked for, and no tool does yet
    "predict_churn": "Telling who is about to leave",
    "optimise_price": "Advising on prices",
    "recommend_products": "Recommending products",
}
DATED = frozenset(
    {
        "query_metrics",
        "explain_change",
        "forecast_sales",
        "plan_stock",
        "forecast_record",
        "score_fraud",
        "plan_reviews",
        "check_fairness",
        "search_products",
    }
)  # tools that need to know what day it is


def call(store: Store, tool: str, args: dict[str, Any], today: date) -> Result:
    """Runs one tool on the store. Raises NotThere for a tool that isn't there yet, and whatever the tool raises."""
    if tool not in TOOLS:
        asked = LATER.get(tool, said(tool))
        raise NotThere(f"{asked} isn't possible here yet: I can only show the figures themselves.")
    extra = {"today": today} if tool in DATED else {}
    return TOOLS[tool][0](store, **args, **extra)


def said(tool: str, lang: str = "en") -> str:
    """What a call of the tool does, in a few words, English or Chinese ("zh")."""
    if tool not in TOOLS:
        return tool.replace("_", " ").capitalize()
    _, english, chinese = TOOLS[tool]
    return chinese if lang == "zh" else english
