"""search_products: products by description, by likeness, or by half a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from retrieval.wishes import read_wish
from tools.contract import READ, Column, NotThere, Result, ToolError
from tools.metrics.tool import run_compiled
from tools.search.catalogue import Catalogue, catalogue_of
from tools.search.find import Found, find
from tools.search.upkeep import upkeep_of

if TYPE_CHECKING:
    from store.connect import Store

MOST = 50
DAYS = 90  # of the sales that are shown


@READ
def search_products(
    store: Store, text: str, filters: Mapping[str, Any] | None = None, k: int = 5, *, today: date | None = None
) -> Result:
    """Products that fit a description, the likeliest first, with price, stock and units sold in the last 90 days.

    Use it for "something like …", "do we have …", gift ideas, half-known or misspelt names, and products similar to
    or cheaper than one. Figures on products whose name is known are query_metrics' business.

    text: as people put it, with conditions: "something for a child's birthday under £5", "similar to 85123A",
        "cheaper than the oak board, in stock". Codes and barcodes are found exactly.
    filters: conditions beside the text: {"price_below": 20, "price_above": 5, "in_stock": true, "colour": "red",
        "size": "30 cm", "category": "Kitchen", "brand": "Harrow"}, prices in the shop's currency.
    k: how many, at most 50.
    today: the last of the 90 days, the last of the data unless given.
    Raises NotThere (nothing fits), Ambiguous (several products may be the one named), ToolError.
    """
    _check(text, filters, k)
    catalogue = catalogue_of(store)
    if not catalogue.documents:
        raise NotThere("This shop has no products to search.")
    found = find(
        read_wish(text), catalogue, upkeep_of(store).meanings(store, catalogue.documents), filters or {}, k, text
    )
    last = today or store.today
    first = last - timedelta(days=DAYS - 1)
    columns = _columns(store, catalogue)
    sql = _sql(found, catalogue, [c.name for c in columns], first, last)
    period = {"start": first.isoformat(), "end": last.isoformat()}
    said = {"text": text, "filters": found.conditions.as_input(), "k": k, "period": period, "reading": found.reading}
    with store.connect() as con:
        return replace(run_compiled(store, con, "search_products", said, sql, columns), notes=found.notes)


def _check(text: Any, filters: Any, k: Any) -> None:
    if not isinstance(text, str):
        raise ToolError("search_products takes a text.")
    if not (text.strip() or filters):
        raise ToolError("search_products needs a text that says what to look for.")
    if filters is not None and not isinstance(filters, Mapping):
        raise ToolError('filters is an object such as {"price_below": 20}.')
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST:
        raise ToolError(f"k is a whole number from 1 to {MOST}, not {k!r}.")


def _columns(store: Store, catalogue: Catalogue) -> list[Column]:
    """Prices and stock only where the shop has any."""
    price = [Column("list_price", store.currency)] if catalogue.has_prices else []
    stock = [Column("stock", "count")] if catalogue.has_stock else []
    return [
        Column("product", "title"),
        Column("product_id", "id"),
        *price,
        *stock,
        Column("units", "count"),
        Column("why", "name"),
    ]


def _sql(found: Found, catalogue: Catalogue, columns: Sequence[str], first: date, last: date) -> str:
    """The products found, in their order, with what the shop says of them: it comes to the same whenever it is run."""
    hits = ",\n        ".join(
        f"({place}, {_text(catalogue.documents[row].product_id)}, {_text(why)})"
        for place, (row, why) in enumerate(found.hits, 1)
    )
    shown = {"product": "p.title AS product", "units": "COALESCE(s.units, 0) AS units", "why": "h.why"}
    return f"""WITH hits(place, product_id, why) AS (
    VALUES
        {hits}
), sold AS (
    SELECT i.product_id, CAST(SUM(i.quantity) AS BIGINT) AS units
    FROM order_items AS i
    JOIN orders AS o USING (order_id)
    WHERE o.status = 'completed'
        AND o.ordered_at >= DATE '{first}' AND o.ordered_at < DATE '{last + timedelta(days=1)}'
    GROUP BY i.product_id
)
SELECT {", ".join(shown.get(name, f"p.{name}") for name in columns)}
FROM hits AS h
JOIN products AS p USING (product_id)
LEFT JOIN sold AS s USING (product_id)
ORDER BY h.place"""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
