"""query_metrics against hand-written SQL (tests/oracle.py): every metric, dimension, filter and form of time."""

from __future__ import annotations

from typing import Any

import pytest

from store.connect import Store
from tests.oracle import AXES, DIMENSIONS, METRICS, Span, Where, difference, expected, span
from tests.oracle_cases import (
    ALL,
    FILTERS,
    REFERENCE_FILTERS,
    REFERENCE_METRICS,
    REFERENCE_MISSING,
    REFERENCE_SPANS,
    SPANS,
    answerable,
    may_decline,
    must_decline,
    unsettled,
)
from tests.oracle_check import agree
from tools.contract import NotThere, ToolError
from tools.metrics.tool import query_metrics

PAIRS = [(m, d) for m in METRICS for d in DIMENSIONS]
# Enough to tell the kinds of rows apart: lines, orders, people, returns, visits, and a ratio of two kinds.
TELLING = ("revenue", "orders", "new_customers", "repeat_rate", "refund_rate", "conversion_rate", "revenue / days")


# June 2024 is small enough to add up on paper: seven completed orders, one of a guest, and two returns.
ON_PAPER = {
    **{"revenue": 96.6, "orders": 7, "units": 15, "average_order_value": 13.8, "guest_share": 1 / 7},
    **{"customers": 6, "new_customers": 3, "returning_customers": 3, "repeat_rate": 0, "products": 7},
    **{"refunds": 21.3, "net_revenue": 75.3, "returns": 2, "returned_units": 2, "refund_rate": 21.3 / 96.6},
    **{"cost": 43.25, "gross_profit": 53.35, "sessions": 3, "conversion_rate": 2 / 3, "revenue / days": 3.22},
}


def test_the_oracle_itself(tiny_con: Any) -> None:
    june = expected(tiny_con, list(ON_PAPER), [], span("2024-06", "2024-06-01", "2024-06-30"))
    assert not [line for m, value in ON_PAPER.items() for line in difference(m, june[m], {(): value})]


@pytest.mark.parametrize("metric", METRICS)
def test_whole_history(tiny: Store, tiny_con: Any, metric: str) -> None:
    agree(tiny, tiny_con, [metric], [], ALL)


@pytest.mark.parametrize(("metric", "dimension"), [p for p in PAIRS if p[0] in answerable([p[1]])])
def test_each_metric_by_each_dimension(tiny: Store, tiny_con: Any, metric: str, dimension: str) -> None:
    agree(tiny, tiny_con, [metric], [dimension], ALL)


@pytest.mark.parametrize(("metric", "dimension"), [p for p in PAIRS if must_decline(*p)])
def test_pairs_without_meaning_are_declined(tiny: Store, metric: str, dimension: str) -> None:
    with pytest.raises(ToolError):
        query_metrics(tiny, [metric], by=[dimension])


@pytest.mark.parametrize(("metric", "dimension"), [p for p in PAIRS if may_decline(*p) and not unsettled(*p)])
def test_odd_pairs_are_right_if_answered(tiny: Store, tiny_con: Any, metric: str, dimension: str) -> None:
    try:
        query_metrics(tiny, [metric], by=[dimension])
    except ToolError:
        return
    agree(tiny, tiny_con, [metric], [dimension], ALL)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_metrics_asked_together_do_not_multiply(tiny: Store, tiny_con: Any, dimension: str) -> None:
    agree(tiny, tiny_con, answerable([dimension]), [dimension], SPANS["quarter"])


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_periods(tiny: Store, tiny_con: Any, span: Span) -> None:
    agree(tiny, tiny_con, answerable([]), [], span)


@pytest.mark.parametrize("dimension", ["country", "customer", "week", "month"])
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_periods_broken_down(tiny: Store, tiny_con: Any, span: Span, dimension: str) -> None:
    metrics = [m for m in TELLING if m in answerable([dimension])]
    agree(tiny, tiny_con, metrics, [dimension], span)


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_filters(tiny: Store, tiny_con: Any, where: Where) -> None:
    agree(tiny, tiny_con, answerable([], where), [], ALL, where)


@pytest.mark.parametrize("by", [["month"], ["country"], ["product"]], ids=str)
@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_filters_broken_down(tiny: Store, tiny_con: Any, where: Where, by: list[str]) -> None:
    metrics = [m for m in TELLING if m in answerable(by, where)]
    agree(tiny, tiny_con, metrics, by, SPANS["year"], where)


TWO = [
    ["country", "month"],
    ["channel", "weekday"],
    ["product", "quarter"],
    ["segment", "category"],
    ["customer", "year"],
]


@pytest.mark.parametrize("by", TWO, ids=str)
def test_two_dimensions(tiny: Store, tiny_con: Any, by: list[str]) -> None:
    agree(tiny, tiny_con, answerable(by), by, ALL)


@pytest.mark.parametrize("grain", AXES)
def test_a_trend_has_a_complete_axis(tiny: Store, grain: str) -> None:
    """Every bucket between the first and the last day once, in order; August 2024 sold nothing and is zero."""
    result = query_metrics(tiny, ["revenue", "average_order_value"], grain=grain)
    count = {"day": 451, "week": 65, "month": 16, "quarter": 6, "year": 3}[grain]
    buckets = [str(row[result.index(grain)]) for row in result.rows]
    assert len(buckets) == count
    assert buckets == sorted(set(buckets))
    august = [row for row, bucket in zip(result.rows, buckets, strict=True) if bucket.startswith("2024-08-2")]
    if grain == "month":
        august = [row for row, bucket in zip(result.rows, buckets, strict=True) if bucket.startswith("2024-08")]
        assert len(august) == 1
    for row in august if grain in ("day", "month") else []:
        assert (row[result.index("revenue")], row[result.index("average_order_value")]) == (0, None)


@pytest.mark.slow
@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_all_periods(tiny: Store, tiny_con: Any, span: Span, dimension: str) -> None:
    agree(tiny, tiny_con, answerable([dimension]), [dimension], span)


@pytest.mark.slow
@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_all_filters(tiny: Store, tiny_con: Any, where: Where, dimension: str) -> None:
    agree(tiny, tiny_con, answerable([dimension], where), [dimension], ALL, where)


@pytest.mark.parametrize("span", REFERENCE_SPANS.values(), ids=REFERENCE_SPANS)
def test_reference_periods(reference: Store, reference_con: Any, span: Span) -> None:
    agree(reference, reference_con, REFERENCE_METRICS, [], span)


@pytest.mark.parametrize("dimension", ["country", "product", "month", "week", "weekday", "hour"])
def test_reference_breakdowns(reference: Store, reference_con: Any, dimension: str) -> None:
    metrics = ["revenue", "orders", "customers", "new_customers", "repeat_rate", "net_revenue"]
    agree(reference, reference_con, metrics, [dimension], REFERENCE_SPANS["quarter"])


@pytest.mark.parametrize("where", REFERENCE_FILTERS.values(), ids=REFERENCE_FILTERS)
def test_reference_filters(reference: Store, reference_con: Any, where: Where) -> None:
    metrics = [m for m in REFERENCE_METRICS if m in answerable([], where)]
    agree(reference, reference_con, metrics, [], REFERENCE_SPANS["quarter"], where)


@pytest.mark.parametrize(("metric", "by"), REFERENCE_MISSING)
def test_what_the_reference_shop_lacks_is_declined(reference: Store, metric: str, by: list[str]) -> None:
    with pytest.raises(NotThere):
        query_metrics(reference, [metric], by=by)


@pytest.mark.slow
@pytest.mark.parametrize("dimension", ["country", "product", "customer", "day", "week", "month", "weekday", "hour"])
@pytest.mark.parametrize("where", REFERENCE_FILTERS.values(), ids=REFERENCE_FILTERS)
def test_reference_everything(reference: Store, reference_con: Any, where: Where, dimension: str) -> None:
    metrics = [m for m in REFERENCE_METRICS if m in answerable([dimension], where)]
    agree(reference, reference_con, metrics, [dimension], span(None, "2010-12-01", "2011-12-09"), where)
