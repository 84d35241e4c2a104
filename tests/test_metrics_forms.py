"""Comparisons, rankings, shares, conditions on groups, retention: query_metrics against SQL written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from store.connect import Store
from tests.oracle import MONEY, RATIOS, Key, Span, Value, close, difference, expected, span
from tests.oracle_cases import ALL, FILTERS, SPANS, TODAY
from tests.oracle_check import keys_in_order, measured, scalar
from tools.contract import Result, ToolError
from tools.metrics.tool import query_metrics


def days(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


DECEMBER_AND_JANUARY = days("2024-12-01", "2025-01-31")
# period asked, compare_to, the days on this side, the days on that side
COMPARISONS: dict[str, tuple[Any, Any, tuple[str, str], tuple[str, str]]] = {
    "month before": ("2024-11", "previous", ("2024-11-01", "2024-11-30"), ("2024-10-01", "2024-10-31")),
    "a longer month before": ("2024-04", "previous", ("2024-04-01", "2024-04-30"), ("2024-03-01", "2024-03-31")),
    "quarter before": ("Q4 2024", "previous", ("2024-10-01", "2024-12-31"), ("2024-07-01", "2024-09-30")),
    "week before": ("last week", "previous", ("2025-02-03", "2025-02-09"), ("2025-01-27", "2025-02-02")),
    "days before": ("last 30 days", "previous", ("2025-01-14", TODAY), ("2024-12-15", "2025-01-13")),
    "range before": (
        days("2024-05-06", "2024-05-15"),
        "previous",
        ("2024-05-06", "2024-05-15"),
        ("2024-04-26", "2024-05-05"),
    ),
    "day before": (days("2024-11-30", "2024-11-30"), "previous", ("2024-11-30",) * 2, ("2024-11-29",) * 2),
    "unfinished month": ("this month", "previous", ("2025-02-01", TODAY), ("2025-01-01", "2025-01-12")),
    "unfinished month, named": ("2025-02", "previous", ("2025-02-01", TODAY), ("2025-01-01", "2025-01-12")),
    "unfinished quarter": ("this quarter", "previous", ("2025-01-01", TODAY), ("2024-10-01", "2024-11-12")),
    "unfinished month, a year earlier": (
        "this month",
        "year_earlier",
        ("2025-02-01", TODAY),
        ("2024-02-01", "2024-02-12"),
    ),
    "a year earlier": ("2024-12", "year_earlier", ("2024-12-01", "2024-12-31"), ("2023-12-01", "2023-12-31")),
    "range a year earlier": (
        DECEMBER_AND_JANUARY,
        "year_earlier",
        ("2024-12-01", "2025-01-31"),
        ("2023-12-01", "2024-01-31"),
    ),
    "a year earlier begun late": (
        "2024-11",
        "year_earlier",
        ("2024-11-20", "2024-11-30"),
        ("2023-11-20", "2023-11-30"),
    ),
    "a year against one begun late": (
        "2024",
        "year_earlier",
        ("2024-11-20", "2024-12-31"),
        ("2023-11-20", "2023-12-31"),
    ),
    "any month": ("2025-01", "2024-05", ("2025-01-01", "2025-01-31"), ("2024-05-01", "2024-05-31")),
    "any range": (
        "2024-12",
        days("2024-06-01", "2024-06-30"),
        ("2024-12-01", "2024-12-31"),
        ("2024-06-01", "2024-06-30"),
    ),
}
COMPARED = ("revenue", "orders", "customers", "new_customers", "net_revenue", "average_order_value", "refund_rate")


def growth(now: Value, before: Value) -> Value:
    return None if now is None or not before else (float(now) - float(before)) / float(before)


def assert_compared(
    result: Result, metric: str, by: Sequence[str], now: Mapping[Key, Value], before: Mapping[Key, Value]
) -> None:
    """The four columns of a comparison, at every key of either side."""
    empty = None if metric in RATIOS else 0
    keys = now.keys() | before.keys()
    this, that = ({k: side.get(k, empty) for k in keys} for side in (now, before))
    pairs = {k: (this[k], that[k]) for k in keys}
    change = {k: None if a is None or b is None else float(a) - float(b) for k, (a, b) in pairs.items()}
    wrong = difference(metric, measured(result, by, metric), this)
    wrong += difference(metric, measured(result, by, f"{metric}_before"), that)
    wrong += difference(metric, measured(result, by, f"{metric}_change"), change)
    grown = measured(result, by, f"{metric}_growth")
    want = {k: growth(a, b) for k, (a, b) in pairs.items()}
    wrong += [f"growth {k}: got {grown.get(k)}, want {want[k]}" for k in keys if not close(grown.get(k), want[k])]
    assert not wrong, "\n".join([*wrong[:20], result.sql or ""])


@pytest.mark.parametrize("by", [[], ["country"], ["product"]], ids=str)
@pytest.mark.parametrize("case", COMPARISONS.values(), ids=COMPARISONS)
def test_comparisons(tiny: Store, tiny_con: Any, case: tuple[Any, Any, Any, Any], by: list[str]) -> None:
    asked, compare_to, this, that = case
    result = query_metrics(tiny, list(COMPARED), by=by, period=asked, compare_to=compare_to)
    sides = [expected(tiny_con, COMPARED, by, span("", *side)) for side in (this, that)]
    for metric in COMPARED:
        assert_compared(result, metric, by, sides[0][metric], sides[1][metric])


def moved(values: Mapping[Key, Value], buckets: Mapping[str, str]) -> dict[Key, Value]:
    """The earlier side under the keys of this one."""
    return {(buckets[k[0]],): v for k, v in values.items()}


@pytest.mark.parametrize(
    ("asked", "compare_to", "this", "that", "buckets"),
    [
        (
            DECEMBER_AND_JANUARY,
            "year_earlier",
            ("2024-12-01", "2025-01-31"),
            ("2023-12-01", "2024-01-31"),
            {"2023-12-01": "2024-12-01", "2024-01-01": "2025-01-01"},
        ),
        (
            "Q4 2024",
            "previous",
            ("2024-10-01", "2024-12-31"),
            ("2024-07-01", "2024-09-30"),
            {"2024-07-01": "2024-10-01", "2024-08-01": "2024-11-01", "2024-09-01": "2024-12-01"},
        ),
    ],
    ids=["a year earlier", "the quarter before"],
)
def test_comparisons_by_month(
    tiny: Store, tiny_con: Any, asked: Any, compare_to: str, this: Any, that: Any, buckets: dict[str, str]
) -> None:
    metrics = ["revenue", "orders", "new_customers", "average_order_value"]
    result = query_metrics(tiny, metrics, by=["month"], period=asked, compare_to=compare_to)
    now, before = (expected(tiny_con, metrics, ["month"], span("", *side)) for side in (this, that))
    for metric in metrics:
        assert_compared(result, metric, ["month"], now[metric], moved(before[metric], buckets))


@pytest.mark.parametrize("where", ["country", "title of two products", "guests", "weekend"])
def test_comparisons_under_a_filter(tiny: Store, tiny_con: Any, where: str) -> None:
    metrics = ["revenue", "orders", "units"]
    asked = list(FILTERS[where].asked)
    result = query_metrics(tiny, metrics, where=asked, period="Q4 2024", compare_to="previous")
    sides = [
        expected(tiny_con, metrics, [], span("", *side), FILTERS[where])
        for side in (("2024-10-01", "2024-12-31"), ("2024-07-01", "2024-09-30"))
    ]
    for metric in metrics:
        assert_compared(result, metric, [], sides[0][metric], sides[1][metric])


def test_growth_against_a_period_without_data_is_declined(tiny: Store) -> None:
    with pytest.raises(ToolError):
        query_metrics(tiny, ["revenue"], period="2023-12", compare_to="year_earlier")


def test_growth_from_nothing_is_no_number(tiny: Store) -> None:
    """August 2024 lies within the data and sold nothing: a decline or an empty growth, never a figure."""
    try:
        result = query_metrics(tiny, ["revenue"], period="2024-09", compare_to="previous")
    except ToolError:
        return
    assert measured(result, [], "revenue_before") == {(): 0}
    assert measured(result, [], "revenue_growth") == {(): None}


# Rankings: metric, dimension, direction, rows, period
JUNE = span("2024-06", "2024-06-01", "2024-06-30")
RANKINGS: list[tuple[str, str, str, int, Span]] = [
    ("revenue", "product", "desc", 3, JUNE),
    ("revenue", "product", "desc", 7, JUNE),
    ("revenue", "product", "asc", 2, JUNE),
    ("revenue", "customer", "desc", 6, JUNE),
    ("revenue", "customer", "asc", 2, JUNE),
    ("revenue", "country", "desc", 6, JUNE),
    ("revenue", "order", "desc", 5, JUNE),
    ("revenue", "order", "asc", 2, JUNE),
    ("revenue", "product", "desc", 5, ALL),
    ("revenue", "customer", "desc", 5, ALL),
    ("orders", "customer", "desc", 10, ALL),
    ("orders", "customer", "asc", 5, ALL),
    ("units", "product", "desc", 5, SPANS["year"]),
    ("orders", "product", "desc", 8, ALL),
    ("revenue", "country", "asc", 3, ALL),
    ("customers", "country", "desc", 8, ALL),
    ("average_order_value", "channel", "desc", 3, ALL),
    ("average_price", "product", "desc", 4, ALL),
    ("guest_share", "country", "desc", 4, ALL),
    ("orders", "weekday", "desc", 7, ALL),
    ("orders", "hour", "desc", 8, ALL),
    ("revenue", "category", "desc", 2, ALL),
    ("refunds", "product", "desc", 2, ALL),
    ("net_revenue", "customer", "desc", 4, ALL),
    ("revenue", "order", "desc", 1, SPANS["month"]),
    ("units", "day", "desc", 3, ALL),
]


def ranked(values: Mapping[Key, Value], metric: str, direction: str, names: Mapping[Any, str]) -> list[Key]:
    """Keys by value to the cent, then by name. What has no value takes no part."""
    sign = -1 if direction == "desc" else 1
    places = 2 if metric in MONEY else 12

    def place(key: Key) -> tuple[float, str, str]:
        name = f"{key[0]:02d}" if isinstance(key[0], int) else str(key[0])
        return sign * round(float(values[key] or 0), places), names.get(key[0], name), name

    return sorted((k for k, v in values.items() if v is not None), key=place)


@pytest.mark.parametrize(("metric", "dimension", "direction", "limit", "period"), RANKINGS)
def test_rankings(
    tiny: Store, tiny_con: Any, metric: str, dimension: str, direction: str, limit: int, period: Span
) -> None:
    order_by = f"{metric} {direction}"
    result = query_metrics(tiny, [metric], by=[dimension], period=period.asked, order_by=order_by, limit=limit)
    want = expected(tiny_con, [metric], [dimension], period)[metric]
    names = dict(tiny_con.sql("SELECT product_id, title FROM products").fetchall()) if dimension == "product" else {}
    order = ranked(want, metric, direction, names)[:limit]
    assert keys_in_order(result, [dimension]) == order
    assert not difference(metric, measured(result, [dimension], metric), {k: want[k] for k in order})


@pytest.mark.parametrize("dimension", ["country", "product", "month"])
@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_place_of_a_ranking_is_its_row(tiny: Store, dimension: str, offset: int) -> None:
    asked: dict[str, Any] = {"by": [dimension], "order_by": "revenue desc"}
    whole = query_metrics(tiny, ["revenue"], **asked)
    one = query_metrics(tiny, ["revenue"], **asked, limit=1, offset=offset)
    assert one.rows == whole.rows[offset : offset + 1] != []
    assert (
        query_metrics(
            tiny, ["revenue"], **{k: v for k, v in one.input.items() if k in (*asked, "limit", "offset")}
        ).rows
        == one.rows
    )


def test_ties_to_the_cent_break_by_name(tiny: Store) -> None:
    """1.10 + 2.20 is more than 3.30 to a computer and the same to a merchant."""
    result = query_metrics(tiny, ["revenue"], by=["product"], period="2024-06", order_by="revenue asc", limit=2)
    assert [row[result.index("product")] for row in result.rows] == ["Gardener's Twine", "Terracotta Pot"]


def test_products_show_code_and_title(tiny: Store) -> None:
    where = [{"field": "product", "op": "=", "value": "Linen Tea Towel"}]
    result = query_metrics(tiny, ["units"], by=["product"], where=where)
    shown = {(row[result.index("product_id")], row[result.index("product")]) for row in result.rows}
    assert shown == {("P-102", "Linen Tea Towel"), ("P-103", "Linen Tea Towel")}


@pytest.mark.parametrize(
    ("period", "direction"),
    [(None, "desc"), (days("2023-11-20", "2024-07-31"), "asc"), (days("2024-09-01", TODAY), "asc")],
    ids=["best of all", "worst of the first", "worst of the last"],
)
@pytest.mark.parametrize("metric", ["orders", "revenue", "units"])
def test_months_covered_in_part_are_not_ranked(
    tiny: Store, tiny_con: Any, period: Any, direction: str, metric: str
) -> None:
    """November 2023 begins late and February 2025 isn't over: neither is the best or the worst month."""
    result = query_metrics(tiny, [metric], by=["month"], period=period, order_by=f"{metric} {direction}", limit=1)
    whole = span("", *(period.values() if period else ("2023-11-20", TODAY)))
    want = expected(tiny_con, [metric], ["month"], whole)[metric]
    want = {k: v for k, v in want.items() if k[0] not in ("2023-11-01", "2025-02-01")}
    assert keys_in_order(result, ["month"]) == ranked(want, metric, direction, {})[:1]
    assert result.notes, "it says what was left out"


@pytest.mark.parametrize("dimension", ["country", "product", "channel", "customer", "month"])
@pytest.mark.parametrize("metric", ["revenue", "orders", "units"])
def test_shares_by_dimension(tiny: Store, tiny_con: Any, metric: str, dimension: str) -> None:
    """Each key's share of the whole, guests included, of the same period and filters."""
    where = FILTERS["not that country"]
    result = query_metrics(tiny, [f"share({metric})"], by=[dimension], where=list(where.asked), period="2024")
    parts = expected(tiny_con, [metric], [dimension], SPANS["year"], where)[metric]
    whole = expected(tiny_con, [metric], [], SPANS["year"], where)[metric][()]
    want = {k: float(v) / float(whole) for k, v in parts.items() if v is not None and whole}
    (column,) = [c.name for c in result.columns if "share" in c.name]
    assert not difference("share", measured(result, [dimension], column), want)


@pytest.mark.parametrize("metric", ["revenue", "orders", "units", "customers", "refunds"])
@pytest.mark.parametrize("part", ["country", "part of titles, plural", "weekend", "known customers", "channel"])
def test_share_of_a_part(tiny: Store, tiny_con: Any, metric: str, part: str) -> None:
    where = [{**f, "part": True} for f in FILTERS[part].asked]
    got = scalar(tiny, f"share({metric})", where=where, period="2024")
    some = expected(tiny_con, [metric], [], SPANS["year"], FILTERS[part])[metric][()]
    whole = expected(tiny_con, [metric], [], SPANS["year"])[metric][()]
    assert close(got, float(some or 0) / float(whole or 0))
