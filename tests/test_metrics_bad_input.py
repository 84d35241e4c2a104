"""A model may write anything as arguments: the tools answer it or raise ToolError, never anything else."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store.connect import Store
from tools.contract import NotThere, Result, ToolError
from tools.metrics.lookups import data_coverage, match_products
from tools.metrics.tool import query_metrics

NESTED: Any = [[{"a": [[None]]}]]
MANY = {"group": "customer", "metric": "orders", "op": ">", "value": 1}
BAD: list[dict[str, Any]] = [
    {},
    *({"metrics": m} for m in (None, [], 5, True, {}, {"revenue": 1}, [None], [5], ["revenue", None], NESTED, "", " ")),
    *(
        {"metrics": [m]}
        for m in ("income", "revenue /", "/ orders", "revenue / days / days", "revenue; DROP", "a" * 9999)
    ),
    *({"metrics": [m]} for m in ("share()", "share(share(revenue))", "share(average_order_value)", "share(" * 2000)),
    *({"by": b} for b in (5, True, {}, {"country": 1}, [None], [["country"]], "colour", ["year", "month"], NESTED)),
    *({"grain": g} for g in (5, [], ["month"], "country", "fortnight", {})),
    *({"period": p} for p in (5, True, [], ["2024"], {}, {"start": "2024-01-01"}, {"start": None, "end": None})),
    *({"period": p} for p in ("soon", "2024-13", "2024-02-30..2024-03-01", "2031", "\x00", "\ud800", "9" * 5000)),
    *({"period": {"start": s, "end": e}} for s, e in (("a", "b"), ("2024-03-02", "2024-03-01"), (1, 2), ([], {}))),
    {"period": {"start": "2024-01-01", "end": "2024-01-31", "step": "1"}},
    *({"compare_to": c, "period": "2024"} for c in (5, [], {}, "sideways", {"start": 1}, NESTED)),
    {"compare_to": "previous"},
    *({"order_by": o} for o in (5, [], {}, "asc", "country", "revenue sideways", "units desc", "revenue_growth")),
    *({"offset": n} for n in ("five", 5.0, -1, True, [], 10**30)),
    {"limit": 1, "offset": 1, "rest": True, "by": ["country"]},
    *({"limit": n} for n in ("five", 5.0, -1, False, True, [], {}, math.nan, math.inf, 10**30)),
    *({"rest": r} for r in ("yes", 1, [])),
    *({"limit": 3, "rest": True, "by": [d]} for d in ("month", "hour")),
    {"limit": 3, "rest": True, "by": ["country"], "period": "2024-11", "compare_to": "previous"},
    {"limit": 3, "rest": True},
    {"metrics": ["growth"]},
    {"metrics": ["share(revenue)"]},
    {"metrics": ["share(revenue)"], "where": {"field": "country", "value": "France"}},
    *({"period": p, "compare_to": p} for p in ("2024", "last month", "2024-11-05..2024-11-09")),
    *({"today": t} for t in ("2024-01-01", 5, [])),
    *({"where": w} for w in (5, True, "country = France", [None], [5], ["country"], [[]], NESTED, {}, [{}])),
    *({"where": {"field": f, "value": "x"}} for f in (None, 5, [], {}, "", "colour")),
    *({"where": {"field": "country", "value": v}} for v in (None, "", True, 1.5, math.nan, [], [None], {}, NESTED)),
    *({"where": {"field": "country", "op": o, "value": "France"}} for o in (None, 5, [], "~", "<", ">=", "LIKE")),
    *({"where": {"field": "country", "value": v}} for v in ("\x00", "\ud800", "x" * 5000, ["France"] * 1001, 10**400)),
    {"where": {"field": "country", "value": ["France", None]}},
    {"where": {"field": "country", "value": "France", "part": "yes"}},
    {"where": {"field": "country", "values": ["France"]}},
    {"where": {"field": "order", "value": "9999"}},
    *({"where": {"field": "weekday", "op": o, "value": "Friday"}} for o in ("<", "contains")),
    {"where": {"field": "weekday", "value": "Frightday's eve off"}, "period": "2031"},
    *({"where": {"field": "hour", "value": v}} for v in (25, -1, "noon", "²", "9.5", 9.5, math.inf, [9, "x"])),
    {"where": {"field": "hour", "op": "<", "value": [9, 10]}},
    *({"where": {"field": "month", "value": v}} for v in ("2024-13-45", "2024-11", 2024, "November", "2024-1-01")),
    {"where": {"field": "month", "op": "contains", "value": "2024-11-01"}},
    *(
        {"where": {**MANY, "value": v}}
        for v in (None, "many", True, [], {}, math.nan, math.inf, "nan", "1e999", 10**400)
    ),
    *({"where": {**MANY, "group": g}} for g in (None, 5, "month", "weekday", "shop", [], {})),
    *({"where": {**MANY, "metric": m}} for m in (None, 5, "", "income", "share(revenue)", "retention", [])),
    *({"where": {**MANY, "op": o}} for o in (None, 5, "in", "top", [])),
    *({"where": {**MANY, "op": "top_percent", "value": v}} for v in (0, -5, 101)),
    *({"where": {**MANY, "period": p}} for p in (5, [], "soon", {"start": 1}, "2031")),
    *({"where": {**MANY, "where": w}} for w in (5, "x", [None], [MANY], {"field": "country"}, [[]])),
    {"where": {**MANY, "colour": "red"}},
    {"metrics": ["retention"], "period": "2024-01"},
    {"metrics": ["retention"], "period": "2024-01", "compare_to": "previous"},
    {"metrics": ["retention"], "period": "2019", "compare_to": {"start": "2024-01-01", "end": "9999-12-31"}},
    {"metrics": ["revenue / days"], "by": ["hour"]},
    {"colour": "red"},
    {"metric": "revenue"},
]


@pytest.mark.parametrize("args", BAD, ids=lambda a: repr(a)[:60])
def test_a_call_that_makes_no_sense_is_a_tool_error(tiny: Store, args: dict[str, Any]) -> None:
    asked = args if not args or "metric" in args else {"metrics": ["revenue"], **args}
    with pytest.raises(ToolError) as raised:
        query_metrics(tiny, **asked)
    assert 10 < len(str(raised.value)) < 2_000


@pytest.mark.parametrize(
    ("loose", "strict"),
    [
        ({"metrics": "revenue"}, {"metrics": ["revenue"]}),
        ({"metrics": ["Net Revenue"]}, {"metrics": ["net_revenue"]}),
        ({"by": "country"}, {"by": ["country"]}),
        ({"by": None, "where": None, "rest": None}, {}),
        ({"by": "day of week"}, {"by": ["weekday"]}),
        ({"where": {"field": "country", "value": "France"}}, {"where": [{"field": "country", "op": "=", "value": "France"}]}),
        ({"where": {"field": "hour", "value": "9"}}, {"where": [{"field": "hour", "op": "=", "value": 9}]}),
        ({"where": {"field": "hour", "value": 9.0}}, {"where": [{"field": "hour", "op": "=", "value": 9}]}),
        ({"where": {**MANY, "value": "1"}}, {"where": [MANY]}),
        ({"where": {**MANY, "where": {"field": "country", "value": "UK"}}}, {"where": [{**MANY, "where": [{"field": "country", "value": "UK"}]}]}),
        ({"by": "country", "order_by": "revenue ASC"}, {"by": ["country"], "order_by": "revenue asc"}),
        ({"by": "country", "order_by": "Revenue"}, {"by": ["country"], "order_by": "revenue desc"}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_clear_is_accepted(tiny: Store, loose: dict[str, Any], strict: dict[str, Any]) -> None:
    got, want = (query_metrics(tiny, **{"metrics": ["revenue"], **args}) for args in (loose, strict))
    assert (got.sql, got.rows) == (want.sql, want.rows)


@pytest.mark.parametrize(
    "args", [{"text": t} for t in (None, 5, [], {}, NESTED, True)] + [{}, {"name": "Mug"}], ids=str
)
def test_match_products_takes_a_name(tiny: Store, args: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        match_products(tiny, **args)


@pytest.mark.parametrize("text", ["", " ", "surfboard", "\x00", "\ud800", "%", "'; --", "x" * 5000])
def test_match_products_knows_no_such_name(tiny: Store, text: str) -> None:
    with pytest.raises(NotThere):
        match_products(tiny, text)


def test_lookups(tiny: Store) -> None:
    assert match_products(tiny, "candles").rows == [[4]]
    assert match_products(tiny, "mug").rows == [[1, "Mug"]]
    assert match_products(tiny, "Linen Tea Towel").rows == [[2, "Linen Tea Towel"]]
    assert data_coverage(tiny).rows == [["2023-11-20", "2025-02-12"]]
    with pytest.raises(ToolError, match="unexpected keyword argument 'since'"):
        data_coverage(tiny, since=2020)  # type: ignore[call-arg]


# Hypothesis: any JSON at all, and JSON that is nearly right.
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON = st.recursive(SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=6), x, max_size=3), max_leaves=6)  # fmt: skip
METRICS = st.sampled_from(["revenue", "orders", "net_revenue", "margin", "list_price", "retention", "repeat_rate", "days_between_orders", "share(revenue)", "share(customers)", "revenue / days", "shipping_income / orders", "conversion_rate", "revenue / revenue"])  # fmt: skip
DIMENSIONS = st.sampled_from(["country", "product", "category", "customer", "order", "month", "week", "weekday", "hour", "channel", "segment"])  # fmt: skip
PERIODS = st.sampled_from([None, "2024", "last month", "2024-11", "Q4 2024", "this month", "all", "2019", "5/6", "spring", {"start": "0001-01-01", "end": "9999-12-31"}, {"start": "2024-11-29", "end": "2024-11-29"}, {"start": "2024-03-01", "end": "2024-02-01"}])  # fmt: skip
VALUES = st.sampled_from(["France", "UK", "Mug", "candles", "C02", "P-108", "web", "Friday", "2024-11-01", "0001-01-01", "5126", 9, 0, -1, "50%"])  # fmt: skip
OPERATORS = st.sampled_from(["=", "!=", "in", "not in", "<", "<=", ">", ">=", "contains", "is known", "is unknown", "top_percent"])  # fmt: skip


def often(likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what is meant, now and then anything."""
    return st.integers(0, 9).flatmap(lambda n: JSON if n == 0 else likely)


ROW = st.fixed_dictionaries(
    {"field": often(DIMENSIONS), "op": often(OPERATORS), "value": often(VALUES | st.lists(VALUES, max_size=3))},
    optional={"part": often(st.booleans()), "said": JSON},
)
GROUP = st.fixed_dictionaries(
    {"group": often(DIMENSIONS), "metric": often(METRICS), "op": often(OPERATORS), "value": often(st.integers(-5, 200) | st.floats())},
    optional={"period": often(PERIODS), "part": often(st.booleans()), "where": often(ROW)},
)  # fmt: skip
CALLS = st.fixed_dictionaries(
    {"metrics": often(METRICS | st.lists(METRICS, max_size=3))},
    optional={
        "by": often(DIMENSIONS | st.lists(DIMENSIONS, max_size=2)),
        "where": often(ROW | GROUP | st.lists(ROW | GROUP, max_size=2)),
        "period": often(PERIODS),
        "compare_to": often(PERIODS | st.sampled_from(["previous", "year_earlier"])),
        "order_by": often(METRICS.map(lambda m: f"{m} asc")),
        "limit": often(st.integers(1, 20)),
        "offset": often(st.integers(0, 5)),
        "grain": often(st.sampled_from(["day", "month", "year"])),
        "rest": often(st.booleans()),
        "today": st.none() | st.sampled_from([date(2024, 6, 15), date(2030, 1, 1)]),
    },
)


def assert_a_receipt(result: Result) -> None:
    """Its input is JSON, and every row has a cell for every column."""
    json.dumps(result.input)
    assert all(len(row) == len(result.columns) for row in result.rows)
    assert len({c.name for c in result.columns}) == len(result.columns)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(args=CALLS)
@example(
    args={"metrics": "revenue", "by": "month", "period": "2024", "compare_to": "previous", "order_by": "revenue asc"}
)
@example(args={"metrics": "share(revenue)", "by": ["month", "country"], "period": "2024-11", "compare_to": "previous"})
def test_any_call_is_answered_or_a_tool_error(tiny: Store, args: dict[str, Any]) -> None:
    try:
        result = query_metrics(tiny, **args)
    except ToolError:
        return
    assert_a_receipt(result)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(args=st.dictionaries(st.sampled_from(["metrics", "by", "where", "period", "compare_to", "order_by", "limit", "offset", "grain", "rest", "x"]), JSON), text=JSON)  # fmt: skip
def test_any_json_is_a_tool_error(tiny: Store, args: dict[str, Any], text: Any) -> None:
    with pytest.raises(ToolError):
        query_metrics(tiny, **{"metrics": "income", **args})
    try:
        assert_a_receipt(match_products(tiny, text))
    except ToolError:
        return


# What models write for the same thing

SAME = [
    ({"period": "", "order_by": "", "limit": 0, "compare_to": "", "by": ""}, {}),
    ({"by": ["product_id"], "limit": "3", "order_by": "revenue desc"}, {"by": ["product"], "limit": 3, "order_by": "revenue desc"}),
    ({"where": {"field": "country", "op": "==", "value": "France"}}, {"where": {"field": "country", "value": "France"}}),
    ({"where": {"field": "customer_id", "op": "is null"}}, {"where": {"field": "customer", "op": "is unknown"}}),
    *(
        ({"period": "2024-12", "compare_to": said}, {"period": "2024-12", "compare_to": "previous"})
        for said in ("previous month", "previous_month", "the month before", "Prior Period")
    ),
    *(
        ({"period": "2024-12", "compare_to": said}, {"period": "2024-12", "compare_to": "year_earlier"})
        for said in ("last year", "year earlier", "a year ago", "same period last year", "the same dates of last year")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), SAME, ids=lambda a: repr(a)[:60])
def test_other_words_for_the_same_call(tiny: Store, said: dict[str, Any], meant: dict[str, Any]) -> None:
    a, b = (query_metrics(tiny, ["revenue"], **args) for args in (said, meant))
    assert a.rows == b.rows and a.columns == b.columns


def test_periods_of_unlike_length_are_said_to_be(tiny: Store) -> None:
    unlike = query_metrics(tiny, ["revenue"], period="2024-12", compare_to="2024-Q2")
    alike = query_metrics(tiny, ["revenue"], period="2024-12", compare_to="2024-11")
    assert any("same length" in note for note in unlike.notes)
    assert not any("same length" in note for note in alike.notes)
