"""The SQL of typical requests, word for word (tests/data/metrics.sql): people read it, so its looks are a promise.

And whatever SQL a result shows gives its rows again on the store's analytics file.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from sqlglot import parse_one

from store.connect import Store
from tests.oracle import DIMENSIONS, METRICS
from tests.oracle_cases import FILTERS, answerable
from tools.contract import Result, plain
from tools.metrics.expressions import text_of
from tools.metrics.tool import query_metrics

TOP = {"order_by": "revenue desc", "limit": 3}
WEEKEND = {"field": "weekday", "op": "in", "value": ["Saturday", "Sunday"]}
CASES: dict[str, dict[str, Any]] = {
    "revenue of a month": {"metrics": "revenue", "period": "2024-11"},
    "best products": {"metrics": ["revenue", "average_price"], "by": "product", **TOP},
    "orders with candles abroad": {
        "metrics": "orders",
        "by": "country",
        "where": [
            {"field": "product", "op": "contains", "value": "candles"},
            {"field": "country", "op": "not in", "value": ["France", "UK"]},
        ],
        "period": "2024",
    },
    "trend of new customers": {"metrics": "new_customers", "grain": "quarter", "period": "2024"},
    "trend by channel": {"metrics": "units", "grain": "month", "by": "channel", "period": "Q4 2024"},
    "net revenue by country": {"metrics": "net_revenue", "by": "country", "period": "2024"},
    "orders against the month before": {"metrics": "orders", "period": "2024-11", "compare_to": "previous"},
    "share of each country": {"metrics": ["revenue", "share(revenue)"], "by": "country", **TOP},
    "share of the weekend": {"metrics": "share(revenue)", "where": {**WEEKEND, "part": True}},
    "best orders and the rest": {"metrics": "revenue", "by": "order", **TOP, "rest": True},
    "customers lost in January": {
        "metrics": "customers",
        "where": {"group": "customer", "metric": "orders", "op": "=", "value": 0, "period": "2025-01"},
    },
    "best tenth of the customers": {
        "metrics": "revenue",
        "where": {"group": "customer", "metric": "revenue", "op": "top_percent", "value": 10},
    },
    "repeat rate by segment": {"metrics": "repeat_rate", "by": "segment"},
    "days between orders": {"metrics": "days_between_orders", "period": "2024"},
    "best month": {"metrics": "revenue", "by": "month", "order_by": "revenue desc", "limit": 1},
}


def expected(name: str) -> str:
    """The SQL under '-- name' in the data file."""
    text = (Path(__file__).parent / "data" / "metrics.sql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- (.+)\n((?:(?!-- ).*\n)+)", text, re.M))[name].rstrip("\n;")


@pytest.mark.parametrize("name", CASES)
def test_sql(tiny: Store, name: str) -> None:
    assert query_metrics(tiny, **CASES[name]).sql == expected(name)


def same(a: Any, b: Any) -> bool:
    """Sums of the same numbers in another order may differ in the last digit."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) if isinstance(a, float) and isinstance(b, float) else a == b


def assert_again(con: Any, result: Result) -> None:
    assert result.sql is not None
    again = [[plain(value) for value in row] for row in con.execute(result.sql).fetchall()]
    assert len(again) == len(result.rows)
    assert all(
        same(a, b) for row, other in zip(again, result.rows, strict=True) for a, b in zip(row, other, strict=True)
    )


@pytest.mark.parametrize("asked", CASES.values(), ids=CASES)
def test_the_sql_gives_the_rows_again(tiny: Store, tiny_con: Any, asked: dict[str, Any]) -> None:
    result = query_metrics(tiny, **asked)
    assert result.rows
    assert_again(tiny_con, result)


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("form", [{}, {"period": "Q4 2024", "compare_to": "previous"}], ids=["plain", "compared"])
def test_the_sql_of_any_breakdown_gives_the_rows_again(
    tiny: Store, tiny_con: Any, dimension: str, form: dict[str, Any]
) -> None:
    metrics = [m for m in METRICS if m in answerable([dimension])]
    assert_again(tiny_con, query_metrics(tiny, metrics, by=[dimension], **form))


@pytest.mark.parametrize("asked", [f.asked for f in FILTERS.values()], ids=FILTERS)
def test_the_sql_of_any_filter_gives_the_rows_again(tiny: Store, tiny_con: Any, asked: Any) -> None:
    assert_again(tiny_con, query_metrics(tiny, ["revenue"], where=list(asked)))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE NOT a IS NULL AND NOT b IN (1, 2)",
        "SELECT a FROM t WHERE NOT COALESCE(a, 'x IN (y)') IN (SELECT b FROM u WHERE NOT b IS NULL)",
        "SELECT (a - b) / NULLIF(b, 0), SUM(a) FILTER(WHERE a > 0 AND (b < 0 OR b > 1)) FROM t GROUP BY 1, 2 ORDER BY 1",
        "SELECT DATE '2024-11-01', CAST(a AS DATE), 'CAST(''2024-11-01'' AS DATE)', '(\n a )' FROM t",
        "SELECT a FROM t WHERE NOT (a = 1 OR b = 2) AND NOT a",
    ],
)
def test_the_layout_changes_no_meaning(text: str) -> None:
    tree = parse_one(text, dialect="duckdb")
    assert parse_one(text_of(tree), dialect="duckdb") == tree
