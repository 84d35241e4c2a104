"""The figures that an explained one is made of, each from then to now: revenue is orders and their average value."""

from __future__ import annotations

from collections.abc import Sequence

from agent.plan import Call
from agent.read_as import figure_names, measures_of
from agent.receipts import Receipt
from tools.contract import Result

FACTORS: dict[str, tuple[str, ...]] = {
    "revenue": ("orders", "average_order_value"),
    "net_revenue": ("revenue", "refunds"),
    "units": ("orders", "units_per_order"),
    "average_order_value": ("units_per_order", "average_price"),
    "units_per_order": ("units", "orders"),
    "average_price": ("revenue", "units"),
    "refunds": ("returns", "refunds / returns"),
    "refund_rate": ("refunds", "revenue"),
    "returned_units": ("returns", "returned_units / returns"),
    "returns": ("orders", "returns / orders"),
    "shipping_income": ("orders", "shipping_income / orders"),
    "cost": ("units", "cost / units"),
    "gross_profit": ("revenue", "cost"),
    "margin": ("gross_profit", "revenue"),
    "customers": ("new_customers", "returning_customers"),
    "guest_orders": ("orders", "guest_share"),
    "guest_share": ("guest_orders", "orders"),
}  # the first two drivers that merchants speak of; for other figures the drivers alone are told
T = {
    "moved": ("{label} went from {before} to {value} ({growth})", "{label}从 {before} 变为 {value}（{growth}）"),
    "and": (", and ", "，"),
}
TOOL = "explain_change"


def factors_call(explained: Result) -> Call | None:
    """The call that tells them, of the same two periods and conditions; None where there are none to tell."""
    said = explained.input
    metrics = FACTORS.get(said["metric"]) if explained.tool == TOOL else None
    if metrics is None:
        return None
    return Call("query_metrics", {"metrics": list(metrics), **{k: said[k] for k in ("period", "compare_to", "where")}})


def factors_of(receipt: Receipt, receipts: Sequence[Receipt]) -> Receipt | None:
    """The receipt of that call, made right after the explanation's."""
    if receipt.result.tool != TOOL or receipt.result.input["metric"] not in FACTORS:
        return None
    place = receipts.index(receipt) + 1
    return receipts[place] if place < len(receipts) else None


def factors_said(r: Receipt, locale: str) -> str:
    """ "Orders went from 2,005 to 2,751 (up 37.2 %), and average order value from …", with references."""
    zh = locale == "zh"
    parts = [
        T["moved"][zh].format(
            label=figure_names([m], locale), before=f"{{{r.id}.0.{m.name}_before}}", value=f"{{{r.id}.0.{m.name}}}",
            growth=f"{{{r.id}.0.{m.name}_growth}}",
        )
        for m in measures_of(r.result.input)
        if all(r.result.cell(0, f"{m.name}{end}") is not None for end in ("", "_before", "_growth"))
    ]  # fmt: skip
    return T["and"][zh].join(parts)
