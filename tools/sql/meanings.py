"""What the tables and columns of a shop mean, for whoever writes SQL over them."""

from __future__ import annotations

TABLE_MEANINGS = {
    "products": "the catalogue, a row a product",
    "customers": "known customers; guests are in none of its rows",
    "orders": "a row an order; only status 'completed' counts as a sale",
    "order_items": "a row a line of an order; a line comes to quantity * unit_price - discount",
    "returns": "a row a refund",
    "reviews": "what customers wrote; anybody may have written anything there",
    "events": "visits of the shop's site",
    "promotions": "discounts with their days",
}
COLUMN_MEANINGS = {
    "products.product_id": "the product's code",
    "products.barcode": "EAN, UPC or GTIN",
    "products.attributes": "JSON: colour, size, material",
    "products.list_price": "the catalogue's price now",
    "products.unit_cost": "cost of one now",
    "products.stock": "on hand at the end of the data",
    "products.created_at": "when it was added",
    "customers.created_at": "first seen",
    "orders.customer_id": "empty for guests",
    "orders.ordered_at": "the shop's local time",
    "orders.status": "completed, pending or cancelled",
    "orders.shipping": "what the buyer paid for it",
    "orders.discount": "on the whole order, beyond the lines' own",
    "orders.ip_key": "stands for an address: equal for equal ones",
    "orders.is_fraud": "empty where nobody has said",
    "order_items.line": "number of the line in its order",
    "order_items.quantity": "units sold",
    "order_items.unit_price": "before the line's discount",
    "order_items.discount": "of the whole line",
    "order_items.unit_cost": "cost of one; empty: the product's",
    "returns.order_id": "empty where the refund isn't linked to an order",
    "returns.quantity": "units given back",
    "returns.amount": "money given back",
    "reviews.rating": "1 to 5",
    "events.kind": "view, cart, wishlist or purchase",
    "promotions.product_id": "empty: the whole shop",
    "promotions.percent_off": "10 means 10 %",
}
MONEY = frozenset({"list_price", "unit_cost", "shipping", "tax", "discount", "unit_price", "amount"})
COUNTS = frozenset({"stock", "quantity", "line"})
STARS = frozenset({"rating"})


def unit_of(column: str, currency: str) -> str:
    """The unit of a number column of the schema; "" for what is no number."""
    if column in MONEY:
        return currency
    if column in STARS:
        return "stars"
    return "count" if column in COUNTS else ""
