"""Is a store's data sound? Checks over the canonical tables, as data: each is a query for the rows at fault.

An error is a row that can make an answer wrong: counted twice, lost in a join, or impossible. A warning is a row that
is possible and odd. No check reads a column with personal data, so it runs on the analytics file as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from store.schema import TABLES

ERROR, WARNING = "error", "warning"
EXAMPLES = 3


@dataclass(frozen=True)
class Check:
    """`rows`: FROM and WHERE of the rows at fault; `shown`: an expression that names one of them."""

    table: str
    what: str
    rows: str
    shown: str
    level: str = ERROR

    @property
    def sql(self) -> str:
        faulty = f"SELECT {self.shown} AS shown {self.rows}"
        return f"SELECT count(*), list(shown ORDER BY shown)[:{EXAMPLES}] FROM ({faulty}) found"


@dataclass(frozen=True)
class Finding:
    table: str
    what: str
    level: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class DataQuality:
    """What was found in how many rows of each table, by how many checks; the errors first."""

    rows: dict[str, int]
    checks: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == WARNING)

    def to_json(self) -> dict[str, Any]:
        return {"sound": not self.errors, **asdict(self)}

    def to_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        rows = " · ".join(f"{name} {count:,}" for name, count in self.rows.items() if count)
        yield f"{self.checks} checks of {rows}"
        for said, found in (("Errors", self.errors), ("Warnings", self.warnings)):
            yield said if found else f"{said}: none"
            for finding in found:
                yield f"  {finding.rows:>9,} {finding.table}: {finding.what}"
                yield f"            such as {'; '.join(finding.examples)}"


def check_quality(con: duckdb.DuckDBPyConnection) -> DataQuality:
    """Check the canonical tables of a connection: of the shop's file, the analytics file or a store being built."""
    rows = {t.name: con.execute(f"SELECT count(*) FROM {t.name}").fetchall()[0][0] for t in TABLES}
    found = [finding for check in CHECKS if (finding := run_check(con, check))]
    return DataQuality(rows, len(CHECKS), tuple(sorted(found, key=lambda f: f.level != ERROR)))


def run_check(con: duckdb.DuckDBPyConnection, check: Check) -> Finding | None:
    """None where no row is at fault."""
    count, examples = con.execute(check.sql).fetchall()[0]
    return Finding(check.table, check.what, check.level, count, tuple(map(str, examples))) if count else None


_KEYS = {t.name: t.key for t in TABLES}


def _key(table: str) -> str:
    return " || ' ' || ".join(f"CAST(t.{column} AS VARCHAR)" for column in _KEYS[table])


def _where(table: str, what: str, condition: str, shown: str = "", level: str = ERROR) -> Check:
    """Rows of one table; `shown` is added to their key."""
    said = f" || ': ' || coalesce(CAST({shown} AS VARCHAR), 'nothing')" if shown else ""
    return Check(table, what, f"FROM {table} t WHERE {condition}", _key(table) + said, level)


def _orphan(table: str, column: str, parent: str) -> Check:
    found = f"EXISTS (SELECT 1 FROM {parent} p WHERE p.{column} = t.{column})"
    return _where(table, f"{column} that is not in {parent}", f"t.{column} IS NOT NULL AND NOT {found}", f"t.{column}")


def _duplicate(table: str) -> Check:
    return Check(table, "the same key on several rows", f"FROM {table} t GROUP BY ALL HAVING count(*) > 1", _key(table))


def _blank(table: str, column: str) -> Check:
    return _where(table, f"no {column}", f"coalesce(trim({column}), '') = ''")


def _below(table: str, column: str, least: str, level: str = ERROR) -> Check:
    """`least`: "0" or "above 0"."""
    sign, said = ("<=", "not above 0") if least == "above 0" else ("<", "below 0")
    wrong = f"{column} {sign} 0 OR isnan(CAST({column} AS DOUBLE))"
    return _where(table, f"{column} {said}", wrong, column, level)


def _one_of(table: str, column: str, allowed: Sequence[str], said: str = "") -> Check:
    listed = ", ".join(f"'{value}'" for value in allowed)
    what = f"{column} that is {said}" if said else f"{column} other than {', '.join(allowed)}"
    return _where(table, what, f"{column} NOT IN ({listed})", column)


def _too_early(table: str, column: str) -> Check:
    return _where(table, f"{column} before {EARLIEST}", f"{column} < DATE '{EARLIEST}'", column)


def _too_late(table: str, column: str) -> Check:
    end = "(SELECT date_trunc('day', max(ordered_at)) + INTERVAL 1 DAY FROM orders)"
    return _where(table, f"{column} after the last day with an order", f"{column} >= {end}", column, WARNING)


EARLIEST = "1990-01-01"  # what is dated before is a default of some system's, not a date
TABLE_TIMES = {
    "products": "created_at",
    "customers": "created_at",
    "returns": "returned_at",
    "reviews": "created_at",
    "events": "occurred_at",
}
CURRENCY_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()  # ISO 4217, those people pay with

# From the right, the check digit aside, the digits weigh 3 and 1 in turn; with it they add up to a ten (GS1).
_GTIN = "regexp_full_match(barcode, '[0-9]{8}|[0-9]{12,14}')"
_WEIGHED = (
    "list_sum(list_transform(range(1, length(barcode)), lambda i:"
    " CAST(substr(barcode, length(barcode) - i, 1) AS INTEGER) * (CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END)))"
)
_BAD_BARCODE = (
    f"CASE WHEN {_GTIN} THEN ({_WEIGHED} + CAST(right(barcode, 1) AS INTEGER)) % 10 <> 0 ELSE barcode IS NOT NULL END"
)
_NO_OBJECT = "CASE WHEN json_valid(attributes) THEN json_type(attributes) <> 'OBJECT' ELSE attributes IS NOT NULL END"

# What came back of an order's product, beside what was bought of it.
_BACK = """(SELECT order_id, product_id, sum(quantity) AS back, sum(amount) AS money FROM returns
    WHERE order_id IS NOT NULL AND product_id IS NOT NULL GROUP BY ALL) t
    LEFT JOIN (SELECT order_id, product_id, sum(quantity) AS bought, sum(quantity * unit_price - discount) AS paid
    FROM order_items GROUP BY ALL) b USING (order_id, product_id)"""
_OF_ORDER = "order_id || ' ' || product_id"

_TOO_SOON = "EXISTS (SELECT 1 FROM orders o WHERE o.order_id = t.order_id AND t.returned_at < o.ordered_at)"
_NO_LINE = "NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = t.order_id)"
_AFTER_FIRST_ORDER = "t.created_at > (SELECT min(ordered_at) FROM orders o WHERE o.customer_id = t.customer_id)"

CHECKS: tuple[Check, ...] = (
    *(_duplicate(t.name) for t in TABLES),
    *(_blank(t.name, column) for t in TABLES for column in t.key if column != "line"),
    _blank("products", "title"),
    _orphan("order_items", "order_id", "orders"),
    _orphan("order_items", "product_id", "products"),
    _orphan("orders", "customer_id", "customers"),
    _orphan("returns", "order_id", "orders"),
    *(_orphan(table, "product_id", "products") for table in ("returns", "reviews", "events", "promotions")),
    *(_orphan(table, "customer_id", "customers") for table in ("returns", "reviews", "events")),
    _one_of("orders", "status", ("completed", "pending", "cancelled")),
    _one_of("events", "kind", ("view", "cart", "wishlist", "purchase")),
    _one_of("orders", "currency", CURRENCY_CODES, "no code of ISO 4217"),
    Check("orders", "more than one currency", "FROM orders t HAVING count(DISTINCT currency) > 1",
          "string_agg(DISTINCT currency, ', ' ORDER BY currency)"),
    _below("order_items", "quantity", "above 0"),
    *(_below("order_items", column, "0") for column in ("unit_price", "discount", "unit_cost")),
    _where("order_items", "discount above the line's value", "discount > quantity * unit_price + 0.005", "discount"),
    *(_below("orders", column, "0") for column in ("shipping", "tax", "discount")),
    *(_below("products", column, "0") for column in ("list_price", "unit_cost")),
    _below("products", "stock", "0", WARNING),
    _below("returns", "quantity", "above 0"),
    _below("returns", "amount", "0"),
    _where("returns", "returned before it was ordered", _TOO_SOON, "returned_at"),
    Check("returns", "a product that its order does not have", f"FROM {_BACK} WHERE bought IS NULL", _OF_ORDER),
    Check("returns", "more units than were bought", f"FROM {_BACK} WHERE back > bought", _OF_ORDER),
    Check("returns", "more money than was paid", f"FROM {_BACK} WHERE money > paid + 0.005", _OF_ORDER),
    _where("reviews", "rating outside 1 to 5", "rating NOT BETWEEN 1 AND 5", "rating"),
    _where("promotions", "ends before it starts", "ends_at < starts_at", "ends_at"),
    _where("promotions", "percent_off outside 0 to 100", "NOT percent_off BETWEEN 0 AND 100", "percent_off"),
    _where("products", "attributes that are no JSON object", _NO_OBJECT, "attributes"),
    *(_too_early(table, column) for table, column in {**TABLE_TIMES, "orders": "ordered_at"}.items()),
    *(_too_late(table, column) for table, column in TABLE_TIMES.items()),
    _where("orders", "no line", _NO_LINE, level=WARNING),
    _where("order_items", "unit_price 0", "unit_price = 0", level=WARNING),
    _where("products", "unit_cost above list_price", "unit_cost > list_price", "unit_cost", WARNING),
    _where("products", "barcode without the check digit of an EAN, UPC or GTIN", _BAD_BARCODE, "barcode", WARNING),
    _where("customers", "signed up after the first order", _AFTER_FIRST_ORDER, "created_at", WARNING),
)  # fmt: skip
