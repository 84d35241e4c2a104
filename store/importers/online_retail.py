"""online-retail: one row an invoice line, returns as invoices `C…`, fees and postage as stock codes."""

from collections.abc import Sequence

import duckdb

from store.importers.merge import keep_others, merge_table, number_as_before
from store.importers.reading import Progress, Source, Wanted
from store.importers.report import Changed, Example, FileRead, Kept, LeftOut
from store.importers.values import Choice, case_by_source, choose_dates, choose_numbers, refuse

COLUMNS = (
    Wanted("invoice", ("InvoiceNo", "Invoice")),
    Wanted("code", ("StockCode",)),
    Wanted("description", ("Description",)),
    Wanted("quantity", ("Quantity",)),
    Wanted("moment", ("InvoiceDate",)),
    Wanted("price", ("UnitPrice", "Price")),
    Wanted("customer", ("CustomerID", "Customer ID")),
    Wanted("country", ("Country",)),
)
CURRENCY = "GBP"
TABLES = ("products", "customers", "orders", "order_items", "returns")

_SHIPPING = "code IN ('POST', 'DOT', 'C2', 'C3', 'CARRIAGE')"
_FEES = """code IN ('M', 'D', 'S', 'B', 'BANK CHARGES', 'ADJUST', 'ADJUST2', 'AMAZONFEE', 'CRUK')
    OR code LIKE 'TEST%' OR code LIKE 'GIFT%'"""
_KIND = f"CASE WHEN {_SHIPPING} THEN 'shipping' WHEN {_FEES} THEN 'fee' ELSE 'product' END"
_DOCUMENT = """CASE WHEN invoice LIKE 'C%' THEN 'return'
    WHEN regexp_full_match(invoice, '\\d+') THEN 'sale' ELSE 'adjustment' END"""

# The first that is true of a line leaves it out.
_LEFT_OUT = (
    ("empty", "empty rows", "invoice IS NULL"),
    ("duplicate", "exact duplicates of an earlier row", "copy > 1"),
    ("adjustment", "lines of adjustments (invoice neither a number nor C…)", "document = 'adjustment'"),
    ("fee", "fees, samples, manual entries and vouchers (by stock code)", "kind = 'fee'"),
    ("shipping_returned", "shipping lines of returns", "kind = 'shipping' AND document = 'return'"),
    (
        "shipping_not_positive",
        "shipping lines with quantity or price not positive",
        "kind = 'shipping' AND NOT (quantity > 0 AND price > 0)",
    ),
    (
        "sale_not_positive",
        "sale lines of products with quantity or price not positive",
        "kind = 'product' AND document = 'sale' AND NOT (quantity > 0 AND price > 0)",
    ),
    (
        "return_not_negative",
        "return lines of products with quantity not negative or price not positive",
        "kind = 'product' AND document = 'return' AND NOT (quantity < 0 AND price > 0)",
    ),
)
_ALONE = ("shipping_alone", "shipping lines of invoices without a product line that was kept")

_LINE = "CAST(row_number() OVER (PARTITION BY invoice ORDER BY source, row) AS INTEGER) AS line"
_ITEM = "reason IS NULL AND kind = 'product' AND document = 'sale'"
_RETURN = "reason IS NULL AND kind = 'product' AND document = 'return'"
_POSTAGE = "reason IS NULL AND kind = 'shipping'"
_KEPT = (
    ("sale lines of products, as order lines", _ITEM),
    ("return lines of products, as returns", _RETURN),
    ("shipping lines of sales, added to their orders", _POSTAGE),
)
_CHANGED = (
    ("stock codes upper-cased or trimmed", "s.code <> l.code AND NOT ends_with(s.code, '.0')"),
    ("descriptions trimmed", "trim(s.description) <> '' AND s.description <> l.description"),
    ("customer ids without their .0", "ends_with(s.customer, '.0')"),
    ("countries left empty", "s.invoice IS NOT NULL AND l.country IS NULL"),
)
_NO_CUSTOMER = "('', 'nan', 'null', 'none', 'n/a', '#n/a', 'na')"


def fill(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], progress: Progress) -> list[FileRead]:
    """Turn `staging` into the canonical tables, merged with those of `old`. UserError: a cell that cannot be read."""
    read, dates, numbers = [], {}, {}
    for source in sources:
        _refuse_gaps(con, source)
        at, number = choose_dates(con, source, "moment"), choose_numbers(con, source, ("quantity", "price"))
        _refuse_fractions(con, source, number)
        dates[source.number], numbers[source.number] = at, number
        read.append(_file_read(source, at, number))
    progress("sorting out the lines", 0.3)
    _make_lines(con, dates, numbers)
    progress("building the tables", 0.6)
    _make_new_rows(con)
    _merge(con)
    return read


def _file_read(source: Source, at: Choice, number: Choice) -> FileRead:
    doubts = [f"{what}: {choice.doubt}" for what, choice in (("dates", at), ("numbers", number)) if choice.doubt]
    readings = (at.reading.name, number.reading.name)
    return FileRead(source.label, source.kind, source.rows, *readings, "; ".join(doubts))


def _refuse_gaps(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    for column, expected in (("invoice", "an invoice number"), ("code", "a stock code")):
        refuse(con, source, column, f"{_trimmed(column)} IS NULL", expected)


def _refuse_fractions(con: duckdb.DuckDBPyConnection, source: Source, choice: Choice) -> None:
    value = choice.reading.of("trim(quantity)")
    refuse(con, source, "quantity", f"{value} <> round({value}) OR abs({value}) > 2147483647", "a whole number")
    refuse(con, source, "price", f"NOT isfinite({choice.reading.of('trim(price)')})", "a price")


def _trimmed(column: str) -> str:
    """SQL: the text without white space around it; NULL for none."""
    return f"nullif(regexp_replace({column}, '^[\\s\\x{{A0}}]+|[\\s\\x{{A0}}]+$', '', 'g'), '')"


def _identity(column: str) -> str:
    """SQL: an id that came as a number without its `.0`."""
    return f"regexp_replace({column}, '^(\\d+)\\.0+$', '\\1')"


def _make_lines(con: duckdb.DuckDBPyConnection, dates: dict[int, Choice], numbers: dict[int, Choice]) -> None:
    """`lines`: every row, typed, with its document, kind, and why it is left out (reason; NULL where it is kept)."""

    def by_source(column: str, choices: dict[int, Choice]) -> str:
        return case_by_source({n: choice.reading.of(f"trim({column})") for n, choice in choices.items()})

    reasons = " ".join(f"WHEN {condition} THEN '{key}'" for key, _, condition in _LEFT_OUT)
    con.execute(f"""
        CREATE TEMP TABLE lines AS
        WITH typed AS (
            SELECT source, row, {_identity("invoice")} AS invoice_as_is, {_identity("code")} AS code_as_is,
                description AS description_as_is, country AS country_as_is, {by_source("moment", dates)} AS moment,
                CAST({by_source("quantity", numbers)} AS INTEGER) AS quantity, {by_source("price", numbers)} AS price,
                CASE WHEN lower(trim(customer)) NOT IN {_NO_CUSTOMER} THEN {_identity(_trimmed("customer"))} END
                    AS customer
            FROM staging),
        told_apart AS (
            SELECT *, row_number() OVER (PARTITION BY invoice_as_is, code_as_is, description_as_is, quantity, price,
                moment, customer, country_as_is ORDER BY source, row) AS copy
            FROM typed),
        clean AS (
            SELECT source, row, moment, quantity, price, customer, copy, upper({_trimmed("invoice_as_is")}) AS invoice,
                upper({_trimmed("code_as_is")}) AS code, {_trimmed("description_as_is")} AS description,
                {_trimmed("country_as_is")} AS country
            FROM told_apart),
        kinds AS (SELECT *, {_DOCUMENT} AS document, {_KIND} AS kind FROM clean)
        SELECT *, CASE {reasons} END AS reason FROM kinds""")
    con.execute(f"""
        UPDATE lines SET reason = '{_ALONE[0]}'
        WHERE {_POSTAGE} AND invoice NOT IN (SELECT invoice FROM lines WHERE {_ITEM})""")


def _most_frequent(key: str, value: str, condition: str) -> str:
    """SQL: for each key its most frequent value, of equals the first in the alphabet."""
    return f"""SELECT {key}, first({value} ORDER BY n DESC, {value}) AS {value} FROM (
        SELECT {key}, {value}, count(*) AS n FROM lines WHERE {condition} AND {value} IS NOT NULL GROUP BY ALL)
        GROUP BY {key}"""


def _make_new_rows(con: duckdb.DuckDBPyConnection) -> None:
    """The rows to merge: new_orders, new_order_items, new_returns, new_products, new_customers."""
    for table, sql in _NEW_ROWS.items():
        con.execute(f"CREATE TEMP TABLE new_{table} AS {sql}")


_MADE = "reason IS DISTINCT FROM 'duplicate' AND kind = 'product' AND document IN ('sale', 'return')"
_NEW_ROWS = {
    "orders": f"""
        SELECT i.invoice AS order_id, c.customer AS customer_id, i.moment AS ordered_at, 'completed' AS status,
            l.country, '{CURRENCY}' AS currency, coalesce(p.shipping, 0) AS shipping
        FROM (SELECT invoice, min(moment) AS moment FROM lines WHERE {_ITEM} GROUP BY invoice) i
        LEFT JOIN ({_most_frequent("invoice", "customer", _ITEM)}) c USING (invoice)
        LEFT JOIN ({_most_frequent("invoice", "country", _ITEM)}) l USING (invoice)
        LEFT JOIN (SELECT invoice, sum(quantity * price ORDER BY source, row) AS shipping FROM lines WHERE {_POSTAGE}
                   GROUP BY invoice) p USING (invoice)""",
    "order_items": f"""
        SELECT invoice AS parent, {_LINE},
            code AS product_id, concat_ws('|', quantity, price) AS content, quantity, price AS unit_price
        FROM lines WHERE {_ITEM}""",
    "returns": f"""
        SELECT invoice AS parent, {_LINE},
            code AS product_id, concat_ws('|', -quantity, -quantity * price, moment) AS content,
            customer AS customer_id, -quantity AS quantity, -quantity * price AS amount, moment AS returned_at
        FROM lines WHERE {_RETURN}""",
    "products": f"""
        SELECT code AS product_id, t.description AS title
        FROM (SELECT DISTINCT code FROM lines WHERE ({_ITEM}) OR ({_RETURN}))
        LEFT JOIN ({_most_frequent("code", "description", f"{_MADE} AND price > 0")}) t USING (code)""",
    "customers": f"""
        SELECT customer AS customer_id, l.country, min(moment) AS created_at
        FROM lines LEFT JOIN ({_most_frequent("customer", "country", _MADE)}) l USING (customer)
        WHERE {_MADE} AND customer IS NOT NULL GROUP BY ALL""",
}

_OLD_ITEMS = """(SELECT order_id AS parent, line, product_id, concat_ws('|', quantity, unit_price) AS content
    FROM old.order_items)"""
_OLD_RETURNS = """(SELECT regexp_extract(return_id, '^(.*)-\\d+$', 1) AS parent, product_id,
    CAST(regexp_extract(return_id, '-(\\d+)$', 1) AS INTEGER) AS line,
    concat_ws('|', quantity, amount, returned_at) AS content
    FROM old.returns WHERE regexp_matches(return_id, '^C.*-\\d+$'))"""


def _merge(con: duckdb.DuckDBPyConnection) -> None:
    number_as_before(con, "new_order_items", _OLD_ITEMS)
    number_as_before(con, "new_returns", _OLD_RETURNS)
    con.execute("ALTER TABLE new_order_items RENAME COLUMN parent TO order_id")
    con.execute("ALTER TABLE new_returns ADD COLUMN return_id VARCHAR")
    con.execute("UPDATE new_returns SET return_id = parent || '-' || line")
    merge_table(con, "order_items")
    merge_table(con, "returns")
    # an order cut in two by a day's export keeps its first time, and its postage whichever part has it
    shipping = "CASE WHEN n.shipping > 0 THEN n.shipping ELSE coalesce(o.shipping, 0) END"
    merge_table(con, "orders", {"ordered_at": "least(n.ordered_at, o.ordered_at)", "shipping": shipping})
    merge_table(con, "customers", {"created_at": "least(n.created_at, o.created_at)"})
    _price_products(con)
    merge_table(con, "products", {"title": "coalesce(n.title, o.title, n.product_id)"})
    keep_others(con, TABLES)


def _price_products(con: duckdb.DuckDBPyConnection) -> None:
    """List prices over all that the store now holds, so that months add up to what the whole export would give."""
    con.execute("ALTER TABLE new_products ADD COLUMN list_price DOUBLE")
    con.execute("""
        UPDATE new_products n SET list_price = m.price FROM (
            SELECT product_id, median(price) AS price FROM (
                SELECT product_id, unit_price AS price FROM order_items
                UNION ALL SELECT product_id, round(amount / quantity, 6) FROM returns WHERE quantity > 0)
            GROUP BY product_id) m
        WHERE n.product_id = m.product_id""")


def kept(con: duckdb.DuckDBPyConnection) -> tuple[Kept, ...]:
    return tuple(Kept(said, _count(con, condition)) for said, condition in _KEPT)


def changed(con: duckdb.DuckDBPyConnection) -> tuple[Changed, ...]:
    joined = "SELECT count(*) FROM staging s JOIN lines l USING (source, row) WHERE "
    counts = [(said, int(con.execute(joined + condition).fetchall()[0][0])) for said, condition in _CHANGED]
    return tuple(Changed(said, rows) for said, rows in counts if rows)


def left_out(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], examples: int = 3) -> tuple[LeftOut, ...]:
    """The reasons that left rows out, each with the first few of them as the file has them."""
    said = [(key, text) for key, text, _ in _LEFT_OUT] + [_ALONE]
    counts = [(key, text, _count(con, f"reason = '{key}'")) for key, text in said]
    return tuple(LeftOut(key, text, n, _examples(con, key, sources, examples)) for key, text, n in counts if n)


def _count(con: duckdb.DuckDBPyConnection, condition: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM lines WHERE {condition}").fetchall()[0][0])


def _examples(con: duckdb.DuckDBPyConnection, reason: str, sources: Sequence[Source], most: int) -> tuple[Example, ...]:
    names = [w.name for w in COLUMNS]
    rows = f"SELECT source, row FROM lines WHERE reason = ? ORDER BY source, row LIMIT {most}"
    cells = ", ".join(f"s.{name}" for name in names)
    sql = f"SELECT source, row, {cells} FROM staging s JOIN ({rows}) USING (source, row) ORDER BY source, row"
    labels = {s.number: s.label for s in sources}
    found = con.execute(sql, [reason]).fetchall()
    return tuple(Example(labels[row[0]], row[1], dict(zip(names, row[2:], strict=True))) for row in found)
