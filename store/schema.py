"""The canonical tables. Column names are a contract: add, never rename."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class ColumnSpec:
    """One column. `pii` keeps it out of the analytics file; `rule` is its SQL constraint."""

    name: str
    type: str
    rule: str = ""
    pii: bool = False


@dataclass(frozen=True)
class TableSpec:
    name: str
    columns: tuple[ColumnSpec, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


def _text(*names: str) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(n, "VARCHAR") for n in names)


def _pii(*names: str) -> tuple[ColumnSpec, ...]:
    return tuple(ColumnSpec(n, "VARCHAR", pii=True) for n in names)


TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "products",
        (
            ColumnSpec("product_id", "VARCHAR", "NOT NULL"),
            ColumnSpec("title", "VARCHAR", "NOT NULL"),
            *_text("description", "category", "brand", "barcode", "attributes"),
            ColumnSpec("list_price", "DOUBLE"),
            ColumnSpec("unit_cost", "DOUBLE"),
            ColumnSpec("stock", "INTEGER"),
            *_text("image"),
            ColumnSpec("created_at", "TIMESTAMP"),
        ),
        ("product_id",),
    ),
    TableSpec(
        "customers",
        (
            ColumnSpec("customer_id", "VARCHAR", "NOT NULL"),
            *_pii("name", "email", "phone"),
            *_text("country", "region", "city", "segment"),
            ColumnSpec("created_at", "TIMESTAMP"),
        ),
        ("customer_id",),
    ),
    TableSpec(
        "orders",
        (
            ColumnSpec("order_id", "VARCHAR", "NOT NULL"),
            *_text("customer_id"),
            ColumnSpec("ordered_at", "TIMESTAMP", "NOT NULL"),
            ColumnSpec("status", "VARCHAR", "NOT NULL"),
            *_text("channel", "country", "region", "city"),
            ColumnSpec("currency", "VARCHAR", "NOT NULL"),
            ColumnSpec("shipping", "DOUBLE", "NOT NULL DEFAULT 0"),
            ColumnSpec("tax", "DOUBLE", "NOT NULL DEFAULT 0"),
            ColumnSpec("discount", "DOUBLE", "NOT NULL DEFAULT 0"),
            *_text("payment_method", "device_id"),
            *_pii("ip_address"),
            ColumnSpec("is_fraud", "BOOLEAN"),
        ),
        ("order_id",),
    ),
    TableSpec(
        "order_items",
        (
            ColumnSpec("order_id", "VARCHAR", "NOT NULL"),
            ColumnSpec("line", "INTEGER", "NOT NULL"),
            ColumnSpec("product_id", "VARCHAR", "NOT NULL"),
            ColumnSpec("quantity", "INTEGER", "NOT NULL CHECK (quantity > 0)"),
            ColumnSpec("unit_price", "DOUBLE", "NOT NULL CHECK (unit_price >= 0)"),
            ColumnSpec("discount", "DOUBLE", "NOT NULL DEFAULT 0"),
            ColumnSpec("unit_cost", "DOUBLE"),
        ),
        ("order_id", "line"),
    ),
    TableSpec(
        "returns",
        (
            ColumnSpec("return_id", "VARCHAR", "NOT NULL"),
            *_text("order_id", "customer_id", "product_id"),
            ColumnSpec("quantity", "INTEGER"),
            ColumnSpec("amount", "DOUBLE", "NOT NULL CHECK (amount >= 0)"),
            ColumnSpec("returned_at", "TIMESTAMP", "NOT NULL"),
            *_text("reason"),
        ),
        ("return_id",),
    ),
    TableSpec(
        "reviews",
        (
            ColumnSpec("review_id", "VARCHAR", "NOT NULL"),
            *_text("product_id", "customer_id"),
            ColumnSpec("rating", "INTEGER"),
            *_text("title", "body"),
            ColumnSpec("created_at", "TIMESTAMP"),
        ),
        ("review_id",),
    ),
    TableSpec(
        "events",
        (
            ColumnSpec("event_id", "VARCHAR", "NOT NULL"),
            *_text("session_id", "customer_id", "product_id"),
            ColumnSpec("kind", "VARCHAR", "NOT NULL"),
            ColumnSpec("occurred_at", "TIMESTAMP", "NOT NULL"),
        ),
        ("event_id",),
    ),
    TableSpec(
        "promotions",
        (
            ColumnSpec("promotion_id", "VARCHAR", "NOT NULL"),
            *_text("product_id", "name"),
            ColumnSpec("percent_off", "DOUBLE"),
            ColumnSpec("starts_at", "TIMESTAMP", "NOT NULL"),
            ColumnSpec("ends_at", "TIMESTAMP", "NOT NULL"),
        ),
        ("promotion_id",),
    ),
)


def table(name: str) -> TableSpec:
    """The spec of a table. KeyError where there is none."""
    return {t.name: t for t in TABLES}[name]


def reduced_columns(spec: TableSpec) -> tuple[ColumnSpec, ...]:
    """The columns of the analytics file: those without PII; `ip_key` stands in for orders.ip_address."""
    swapped = (ColumnSpec("ip_key", "VARCHAR") if c.name == "ip_address" else c for c in spec.columns)
    return tuple(c for c in swapped if not c.pii)


def _ddl(name: str, columns: tuple[ColumnSpec, ...], key: tuple[str, ...]) -> str:
    parts = [f"{c.name} {c.type} {c.rule}".strip() for c in columns]
    if key:
        parts.append(f"PRIMARY KEY ({', '.join(key)})")
    return f"CREATE TABLE {name} ({', '.join(parts)})"


def create_tables(con: duckdb.DuckDBPyConnection, schema: str = "main") -> None:
    """The canonical tables, empty, in a schema of the connection's current database."""
    for spec in TABLES:
        con.execute(_ddl(f"{schema}.{spec.name}", spec.columns, spec.key))


def create_reduced_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The analytics file's tables, empty: no keys, as it is written once from tables that have them."""
    for spec in TABLES:
        con.execute(_ddl(spec.name, reduced_columns(spec), ()))
