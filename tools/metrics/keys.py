"""What results are split by: the key columns of a result, and their SQL on each source of facts."""

from __future__ import annotations

from collections.abc import Sequence

from tools.contract import NotThere
from tools.metrics.definitions import DIMENSIONS, PRODUCT_ID
from tools.metrics.expressions import Sql, sql

MEANINGLESS = {
    "orders": "Orders carry this figure as a whole, so it can't be split by {dim}.",
    "lines": "Order lines can't be split by {dim}.",
    "buyers": "Customers can't be split by {dim} here.",
    "gaps": "Gaps between orders can't be split by {dim}.",
    "returns": "Returns in this shop can't be split by {dim}.",
    "events": "Shop visits carry no {dim}.",
    "catalogue": "The catalogue is as it stands today and carries no {dim}.",
    "cohort": "Retention can't be split by {dim} here.",
}


def key_names(dims: Sequence[str]) -> list[str]:
    """The key columns of a result: a product is its id and its title."""
    return [k for d in dims for k in (("product_id", "product") if d == "product" else (d,))]


def keys(dims: Sequence[str], source: str) -> list[tuple[str, Sql]]:
    """Names and SQL of the key columns on a source. Raises NotThere where a pair has no meaning."""
    pairs: list[tuple[str, Sql]] = []
    for d in dims:
        title = key(d, source)
        pairs += [("product_id", id_of(d, source)), (d, title)] if d == "product" else [(d, title)]
    return pairs


def key(dim: str, source: str) -> Sql:
    """What a source shows for a dimension: of a product, the title. Raises NotThere."""
    by_source = DIMENSIONS[dim].by_source
    if source not in by_source:
        raise NotThere(MEANINGLESS[source].format(dim=DIMENSIONS[dim].label))
    return sql(by_source[source])


def id_of(dim: str, source: str) -> Sql:
    """What tells the values of a dimension apart on a source: of a product, its id. Raises NotThere."""
    shown = key(dim, source)
    return sql(PRODUCT_ID[source]) if dim == "product" else shown
