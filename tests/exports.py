"""A small online-retail export of our own, with every kind of line, in every kind of file."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
OTHER_HEADER = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")


def at(day: int, hour: int = 9, minute: int = 5, month: int = 3) -> datetime:
    return datetime(2021, month, day, hour, minute)


Row = tuple[Any, ...]
ROWS: tuple[Row, ...] = (
    (1001, "M10", "Café mug ", 2, at(1), 4.5, 501, "France"),
    (1001, "t20", "tea towel, striped", 1, at(1), 3.0, 501, "France"),
    (1001, "POST", "POSTAGE", 1, at(1), 12.0, 501, "France"),
    (1002, "M10", "Café mug", 1, at(13, 10, 30), 5.5, None, "Spain"),
    (1002, "M10", "Café mug", 1, at(13, 10, 30), 5.5, None, "Spain"),  # a duplicate
    ("C1003", "M10", "Café mug", -1, at(20), 4.5, 501, "France"),
    ("A1004", "B", "Adjust", 1, at(20), -50.0, None, "France"),
    (1005, "M", "Manual", 1, at(21), 9.0, 501, "France"),
    (1006, "POST", "POSTAGE", 1, at(21), 15.0, 503, "Spain"),  # postage of nothing
    (1007, 30300, None, 5, at(22), 0.0, 502, "Spain"),
    ("C1008", "POST", "POSTAGE", -1, at(23), 12.0, 501, "France"),
    (1009, "DOT", None, 1, at(24), 0.0, None, "Spain"),
    ("C1010", "M10", "Café mug", 3, at(24), 4.5, 501, "France"),
    (1011, 30300, "glass jar", 10, at(25, 16, 59), 1.25, 501, "Spain"),
)


def lines(rows: Iterable[Row] = ROWS, day: str = "%Y-%m-%d %H:%M:%S", point: str = ".") -> list[list[str]]:
    """The rows as texts."""

    def text(value: Any) -> str:
        if isinstance(value, datetime):
            return value.strftime(day)
        return "" if value is None else str(value).replace(".", point) if isinstance(value, float) else str(value)

    return [[text(value) for value in row] for row in rows]


def csv_text(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


def write_csv(
    path: Path, rows: Iterable[Row] = ROWS, header: Sequence[str] = HEADER, encoding: str = "utf-8", **how: str
) -> Path:
    delimiter = how.pop("delimiter", ",")
    path.write_bytes(csv_text(lines(rows, **how), header, delimiter).encode(encoding))
    return path


def write_xlsx(
    path: Path, rows: Iterable[Row] = ROWS, header: Sequence[str] = HEADER, sheets: Sequence[str] = ("Sheet1",)
) -> Path:
    """The rows, shared out over the sheets in turn."""
    import openpyxl

    book, rows = openpyxl.Workbook(write_only=True), list(rows)
    for number, name in enumerate(sheets):
        sheet = book.create_sheet(name)
        sheet.append(list(header))
        for row in rows[number :: len(sheets)]:
            sheet.append(list(row))
    book.save(path)
    return path


def write_parquet(path: Path, rows: Iterable[Row] = ROWS) -> Path:
    """Ids as DOUBLE, as pandas writes a column of whole numbers with gaps."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("""CREATE TABLE t (InvoiceNo VARCHAR, StockCode VARCHAR, Description VARCHAR, Quantity BIGINT,
            InvoiceDate TIMESTAMP, UnitPrice DOUBLE, CustomerID DOUBLE, Country VARCHAR)""")
        con.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [list(row) for row in rows])
        con.execute("UPDATE t SET CustomerID = 'nan' WHERE CustomerID IS NULL")
        con.execute(f"COPY t TO '{path}'")
    return path
