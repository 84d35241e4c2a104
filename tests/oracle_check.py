"""Holds query_metrics against the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.connect import Store
from tests.oracle import ANYTHING, Key, Span, Value, Where, difference, expected, first_day
from tools.contract import Result
from tools.metrics.tool import query_metrics

KEY_COLUMN = {"product": "product_id"}


def keys_in_order(result: Result, by: Sequence[str]) -> list[Key]:
    """The keys of a result's rows as they stand."""
    keys = [(d, result.index(KEY_COLUMN.get(d, d))) for d in by]
    return [tuple(first_day(d, row[k]) for d, k in keys) for row in result.rows]


def measured(result: Result, by: Sequence[str], column: str) -> dict[Key, Value]:
    """A result's values by key; a key that stands twice fails."""
    keys = keys_in_order(result, by)
    assert len(keys) == len(set(keys)), f"keys stand twice: {keys}"
    at = result.index(column)
    return {key: row[at] for key, row in zip(keys, result.rows, strict=True)}  # type: ignore[misc]


def column_of(result: Result, metric: str, metrics: Sequence[str]) -> str:
    """A metric's column: of its own name, or, for a quotient, the measure in its place."""
    if metric.isidentifier():
        return metric
    measures = [c.name for c in result.columns if not c.is_key]
    assert len(measures) == len(metrics), measures
    return measures[list(metrics).index(metric)]


def assert_same(result: Result, metrics: Sequence[str], by: Sequence[str], want: dict[str, dict[Key, Value]]) -> None:
    """Every metric has the expected value at every key."""
    got = {m: measured(result, by, column_of(result, m, metrics)) for m in metrics}
    wrong = [line for m in metrics for line in difference(m, got[m], want[m])]
    assert not wrong, "\n".join([*wrong[:20], f"({len(wrong)} in all)", result.sql or ""])


def agree(
    store: Store, con: Any, metrics: Sequence[str], by: Sequence[str], span: Span, where: Where = ANYTHING
) -> Result:
    """query_metrics and the oracle give the same rows."""
    result = query_metrics(store, list(metrics), by=list(by), where=list(where.asked), period=span.asked)
    assert_same(result, metrics, by, expected(con, metrics, by, span, where))
    return result


def scalar(store: Store, metric: str, **asked: Any) -> Value:
    """The one value of a result without dimensions."""
    result = query_metrics(store, [metric], **asked)
    assert len(result.rows) == 1, result.rows
    measures = [n for n, column in enumerate(result.columns) if not column.is_key]
    assert len(measures) == 1, result.columns
    return result.rows[0][measures[0]]  # type: ignore[return-value]
