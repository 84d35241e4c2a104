"""What one would ask next: follow-ups that the planner and any model understand, made from the shape of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent.figures import language
from agent.labels import first_day
from agent.proof.claims import Receipt
from tools.contract import Result
from tools.metrics.definitions import TIME_GRAINS
from tools.metrics.tool import names_of

if TYPE_CHECKING:
    from store.connect import Store

MOST = 3
SPLIT = frozenset(
    {"revenue", "units", "orders", "customers", "average_order_value"}
)  # have a meaning by whatever is sold
GRAINS = ((60, "month"), (21, "week"), (3, "day"))  # from so many days on a period is worth a look by …
TEXTS = {
    "month": ("By month", "按月"),
    "week": ("By week", "按周"),
    "day": ("By day", "按天"),
    "why": ("Why?", "为什么？"),
    "before": ("Compared with the previous period", "与上期相比"),
    "category": ("By category", "按品类"),
    "country": ("By country", "按国家"),
    "ten_a_day": ("What if I only review ten a day?", "如果我每天只能审核十单呢？"),
    "fair": ("Is it fair to new customers?", "对新顾客公平吗？"),
    "linked": ("Show the orders linked with it", "显示与它关联的订单"),
}


def quick_replies(receipts: Sequence[Receipt], store: Store, locale: str) -> tuple[str, ...]:
    """At most MOST follow-ups on the first receipt; none where it holds no figures."""
    first = receipts[0].result if receipts else None
    if first is not None and first.tool == "score_fraud":
        return tuple(TEXTS[key][language(locale) == "zh"] for key in _on_fraud(first))
    if first is None or first.tool != "query_metrics" or not first.rows:
        return ()
    explained = any(r.result.tool == "explain_change" for r in receipts)
    keys = (key for key in _keys(first.input, store) if not (explained and key == "why"))
    return tuple(TEXTS[key][language(locale) == "zh"] for key in keys)[:MOST]


def _on_fraud(scored: Result) -> Iterator[str]:
    """What a model's list leads to, and an order that shares its device or address."""
    asked, has_model = scored.input, any(c.name == "probability" for c in scored.columns)
    if len(scored.rows) == 1 and asked["order_ids"]:
        yield from ["linked"] if scored.cell(0, "linked") else []
    elif has_model and not asked["linked_to"]:
        yield from ["fair"] if asked["per_day"] else ["ten_a_day", "fair"]


def _keys(said: dict[str, Any], store: Store) -> Iterator[str]:
    start, end = (first_day(said["period"][which]) for which in ("start", "end"))
    if start is None or end is None or set(TIME_GRAINS) & set(said["by"]):
        return
    days = (end - start).days + 1
    compared, split = said["compare_to"] is not None, bool(said["by"])
    if compared and not split and len(said["metrics"]) == 1:
        yield "why"
    if not split and not compared:
        yield from [grain for least, grain in GRAINS if days >= least][:1]
    if not compared and start - timedelta(days) >= store.first_day:
        yield "before"
    if not split and SPLIT.issuperset(said["metrics"]):
        pinned = {w.get("field") for w in said["where"]}
        yield from (d for d in ("category", "country") if d not in pinned and len(names_of(store).values(d)) > 1)
