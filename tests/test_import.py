"""The online-retail importer: what it makes of good files, and how it refuses bad ones."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from store.connect import open_store
from store.errors import UserError
from store.importers import import_files
from store.importers.report import QualityReport
from store.paths import Home
from tests.exports import (
    HEADER,
    OTHER_HEADER,
    ROWS,
    Row,
    at,
    csv_text,
    lines,
    write_csv,
    write_parquet,
    write_xlsx,
)

TABLES = ("products", "customers", "orders", "order_items", "returns")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def load(home: Home, *files: Path, append: bool = False) -> QualityReport:
    return import_files(home, "shop", "online-retail", files, append=append)[1]


def content(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the canonical file."""
    store = open_store(home, "shop")
    path = store.version_file(store.data_version, "shop")
    with duckdb.connect(path, read_only=True) as con:
        return {t: con.execute(f"FROM {t} ORDER BY ALL").fetchall() for t in TABLES}


def imported(home: Home, rows: Iterable[Row] = ROWS) -> dict[str, list[tuple[Any, ...]]]:
    load(home, write_csv(home.root.parent / "export.csv", rows))
    return content(home)


def short(rows: list[tuple[Any, ...]], *places: int) -> list[tuple[Any, ...]]:
    return [tuple(row[p] for p in places) for row in rows]


# What becomes of the rows


def test_every_kind_of_line(home: Home) -> None:
    tables = imported(home)
    assert short(tables["order_items"], 0, 1, 2, 3, 4) == [
        ("1001", 1, "M10", 2, 4.5),
        ("1001", 2, "T20", 1, 3.0),
        ("1002", 1, "M10", 1, 5.5),
        ("1011", 1, "30300", 10, 1.25),
    ]
    assert short(tables["orders"], 0, 1, 2, 3, 5, 8, 9) == [
        ("1001", "501", at(1), "completed", "France", "GBP", 12.0),
        ("1002", None, at(13, 10, 30), "completed", "Spain", "GBP", 0.0),
        ("1011", "501", at(25, 16, 59), "completed", "Spain", "GBP", 0.0),
    ]
    assert tables["returns"] == [("C1003-1", None, "501", "M10", 1, 4.5, at(20), None)]
    # the median price of M10 is that of its sales (4.5, 5.5) and its return (4.5)
    assert short(tables["products"], 0, 1, 7) == [
        ("30300", "glass jar", 1.25),
        ("M10", "Café mug", 4.5),
        ("T20", "tea towel, striped", 3.0),
    ]
    # 502 bought only what cost nothing: known all the same; 503 only paid postage
    assert short(tables["customers"], 0, 4, 8) == [("501", "France", at(1)), ("502", "Spain", at(22))]


def test_report_counts_each_row_once(home: Home) -> None:
    report = load(home, write_csv(home.root.parent / "export.csv"))
    assert {r.reason: r.rows for r in report.left_out} == dict.fromkeys(
        (
            "duplicate",
            "adjustment",
            "fee",
            "shipping_returned",
            "shipping_not_positive",
            "sale_not_positive",
            "return_not_negative",
            "shipping_alone",
        ),
        1,
    )
    assert (report.rows_read, report.rows_kept, report.rows_left_out) == (14, 6, 8)
    duplicate = report.left_out[0].examples[0]
    assert (duplicate.file, duplicate.row, duplicate.cells["code"]) == ("export.csv", 6, "M10")
    assert (report.totals.revenue, report.totals.refunds, report.totals.shipping) == (30.0, 4.5, 12.0)
    assert report.totals.guest_orders == 1
    assert "14 rows read = 6 kept + 8 left out" in report.to_text()
    assert open_store(home, "shop").manifest.report["rows_read"] == 14


def test_ties_are_broken_by_the_alphabet(home: Home) -> None:
    rows = [
        (1, "X", "zebra", 1, at(1), 1.0, 5, "Spain"),
        (1, "X", "apple", 2, at(1), 1.0, 5, "France"),
        (2, "Y", "kept", 1, at(2), 1.0, 5, "Italy"),
        (2, "Y", "free", 1, at(2), 0.0, 5, "Italy"),
        (2, "Y", "free", 2, at(2), 0.0, 5, "Italy"),
        (3, "Z", None, 1, at(3), 1.0, 5, None),
    ]
    tables = imported(home, rows)
    assert short(tables["products"], 0, 1) == [("X", "apple"), ("Y", "kept"), ("Z", "Z")]
    assert short(tables["orders"], 0, 5) == [("1", "France"), ("2", "Italy"), ("3", None)]
    assert short(tables["customers"], 0, 4) == [("5", "Italy")]


def test_ordered_at_is_the_first_lines_time(home: Home) -> None:
    rows = [(1, "X", "x", 1, at(1, 9, 2), 1.0, 5, "Spain"), (1, "Y", "y", 1, at(1, 9, 1), 1.0, 5, "Spain")]
    assert short(imported(home, rows)["orders"], 2) == [(at(1, 9, 1),)]


# Files


def variants(folder: Path) -> dict[str, Path]:
    european = {"delimiter": ";", "point": ",", "day": "%d.%m.%Y %H:%M"}
    shuffled = [6, 2, 0, 7, 5, 4, 3, 1]
    texts = [[row[i] for i in shuffled] for row in lines()]
    messy = folder / "messy.csv"
    messy.write_text(csv_text(texts, [f" {HEADER[i].upper()} " for i in shuffled]) + "\r\n,,,,,,,\r\n")
    return {
        "comma": write_csv(folder / "a.csv"),
        "other spellings": write_csv(folder / "b.csv", header=OTHER_HEADER),
        "byte-order mark": write_csv(folder / "c.csv", encoding="utf-8-sig"),
        "UTF-16": write_csv(folder / "d.csv", encoding="utf-16", delimiter="\t"),
        "UTF-16 without mark": write_csv(folder / "e.csv", encoding="utf-16-le"),
        "Windows-1252": write_csv(folder / "f.csv", encoding="cp1252"),
        "semicolons, decimal comma": write_csv(folder / "g.csv", **european),
        "month first": write_csv(folder / "h.csv", day="%m/%d/%Y %H:%M"),
        "month first, 12 hours": write_csv(folder / "i.csv", day="%m/%d/%Y %I:%M %p"),
        "two-digit years": write_csv(folder / "j.csv", day="%d/%m/%y %H:%M"),
        "ISO with T and offset": write_csv(folder / "k.csv", day="%Y-%m-%dT%H:%M:%S+0200"),
        "shuffled columns, shouted headers, empty rows": messy,
        "XLSX": write_xlsx(folder / "l.xlsx"),
        "XLSX named CSV": write_xlsx(folder / "l2.xlsx").rename(folder / "m.csv"),
        "Parquet": write_parquet(folder / "n.parquet"),
        "Parquet named XLSX": write_parquet(folder / "n2.parquet").rename(folder / "[o].xlsx"),
    }


def test_all_kinds_of_files_give_the_same_store(home: Home, tmp_path: Path) -> None:
    expected = imported(home)
    for said, path in variants(tmp_path).items():
        report = load(home, path)
        assert content(home) == expected, said
        assert report.rows_kept == 6, said


def test_ids_that_came_as_numbers(home: Home, tmp_path: Path) -> None:
    texts = [["1001.0", "30300.0", "jar", "2.0", "2021-03-01", "4.50", "17850.0", "Spain"]]
    path = tmp_path / "numbers.csv"
    path.write_text(csv_text(texts))
    load(home, path)
    tables = content(home)
    assert short(tables["orders"], 0, 1) == [("1001", "17850")]
    assert short(tables["order_items"], 2, 3) == [("30300", 2)]


@pytest.mark.parametrize(
    ("delimiter", "quantity", "price", "read", "doubt"),
    [
        (",", "1,200", "1,234.50", (1200, 1234.5), False),
        (";", "1.200", "1.234,50", (1200, 1234.5), False),
        (";", "7", "2,5", (7, 2.5), False),
        (";", "7", "2,125", (7, 2.125), True),
        (",", "7", "2,125", (7, 2125), True),
        (",", "7", "2.125", (7, 2.125), True),
        (",", "7", "2.1250", (7, 2.125), False),
        (",", "+7", "12e-1", (7, 1.2), False),
    ],
)
def test_numbers_are_read_one_way(
    home: Home, tmp_path: Path, delimiter: str, quantity: str, price: str, read: tuple[float, float], doubt: bool
) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(csv_text([["1", "X", "x", quantity, "2021-03-01", price, "5", "Spain"]], delimiter=delimiter))
    report = load(home, path)
    assert short(content(home)["order_items"], 3, 4) == [read]
    assert ("fits every number too" in report.files[0].doubt) == doubt


@pytest.mark.parametrize(
    ("days", "first", "said"),
    [
        (("1/2/2021", "1/3/2021", "2/1/2021"), "2021-01-02", "month/day/year"),
        (("2/1/2021", "3/1/2021", "1/2/2021"), "2021-01-02", "day/month/year"),
    ],
)
def test_dates_that_fit_both_ways_keep_the_files_order(
    home: Home, tmp_path: Path, days: tuple[str, ...], first: str, said: str
) -> None:
    texts = [[str(n), "X", "x", "1", day, "1.0", "5", "Spain"] for n, day in enumerate(days)]
    path = tmp_path / "days.csv"
    path.write_text(csv_text(texts))
    report = load(home, path)
    assert report.files[0].dates == said
    assert "fits every row too" in report.files[0].doubt
    assert report.totals.first_day == first


def test_a_date_that_fits_both_ways_without_help_is_noted(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text(csv_text([["1", "X", "x", "1", "3/4/2021", "1.0", "5", "Spain"]]))
    assert "just as well" in load(home, path).files[0].doubt


def test_day_numbers_of_a_spreadsheet(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "serial.csv"
    path.write_text(csv_text([["1", "X", "x", "1", "40513.3513888889", "1.0", "5", "Spain"]]))
    load(home, path)
    assert content(home)["orders"][0][2] == at(1, 8, 26, month=12).replace(year=2010)


def test_sheets_and_files_are_read_together(home: Home, tmp_path: Path) -> None:
    expected = imported(home)
    report = load(home, write_xlsx(tmp_path / "two.xlsx", sheets=("2020", "2021")))
    assert [f.rows for f in report.files] == [7, 7]
    assert short(content(home)["order_items"], 0, 2, 3) == short(expected["order_items"], 0, 2, 3)
    report = load(home, write_csv(tmp_path / "1.csv", ROWS[:6]), write_xlsx(tmp_path / "2.xlsx", ROWS[6:]))
    assert content(home) == expected
    report = load(home, tmp_path / "1.csv", tmp_path / "2.xlsx", tmp_path / "1.csv")
    assert content(home) == expected
    assert report.rows_read == 20


def test_sheets_without_the_columns_are_passed_over(home: Home, tmp_path: Path) -> None:
    import openpyxl

    path = write_xlsx(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes", 0).append(["written by hand"])
    book.save(path)
    assert load(home, path).rows_kept == 6


# Appending


def test_months_add_up_to_the_whole(home: Home, tmp_path: Path) -> None:
    rows = [*ROWS, *[(2000 + i, "M10", "Café mug", 1, at(1 + i, month=4), 5.0 + i, 504, "Italy") for i in range(3)]]
    expected = imported(home, rows)
    march, april = write_csv(tmp_path / "3.csv", rows[:14]), write_csv(tmp_path / "4.csv", rows[14:])
    for months in ((march, april), (april, march)):
        load(home, months[0])
        report = load(home, months[1], append=True)
        assert content(home) == expected
        assert "added to" in report.instead_of
    load(home, march, append=True)
    assert content(home) == expected


def test_an_order_cut_in_two_keeps_all_its_lines(home: Home, tmp_path: Path) -> None:
    expected = imported(home)
    for cut in range(1, 4):
        load(home, write_csv(tmp_path / "a.csv", ROWS[:cut]))
        load(home, write_csv(tmp_path / "b.csv", ROWS[cut:]), append=True)
        assert content(home)["order_items"] == expected["order_items"], cut
        if cut != 2:  # there the postage comes without a line of its invoice
            assert content(home)["orders"] == expected["orders"], cut


def test_newer_wins_and_nothing_is_lost(home: Home, tmp_path: Path) -> None:
    imported(home)
    corrected = [
        (1001, "T20", "tea towel, checked", 7, at(1), 2.5, 501, "Italy"),
        (1001, "N99", "napkin", 4, at(1), 0.5, 501, "Italy"),
    ]
    load(home, write_csv(tmp_path / "new.csv", corrected), append=True)
    tables = content(home)
    assert short(tables["order_items"], 0, 1, 2, 3)[:3] == [
        ("1001", 1, "M10", 2),
        ("1001", 2, "T20", 7),
        ("1001", 3, "N99", 4),
    ]
    assert short(tables["orders"], 0, 1, 2, 5, 9)[0] == ("1001", "501", at(1), "Italy", 12.0)
    assert short(tables["customers"], 0, 4, 8)[0] == ("501", "Italy", at(1))
    assert short(tables["products"], 0, 1, 7) == [
        ("30300", "glass jar", 1.25),
        ("M10", "Café mug", 4.5),
        ("N99", "napkin", 0.5),
        ("T20", "tea towel, checked", 2.5),
    ]


def test_without_append_the_store_is_replaced_and_that_is_said(home: Home, tmp_path: Path) -> None:
    imported(home)
    report = load(home, write_csv(tmp_path / "one.csv", ROWS[:1]))
    assert report.instead_of == "replaces the online-retail data of 3 orders, 2021-03-01 to 2021-03-25"
    assert len(content(home)["orders"]) == 1


# Bad input


def with_cell(column: str, value: str, row: int = 3) -> bytes:
    texts = lines()
    texts[row - 2][HEADER.index(column)] = value
    return csv_text(texts).encode()


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "InvoiceNo,StockCode\n1,2\n")
    return content.getvalue()


BAD: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("is empty",)),
    "blank": (b"\n \n", ("is empty",)),
    "binary": (bytes(range(256)) * 50, ("not a table",)),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), ("is a picture",)),
    "PDF": (b"%PDF-1.7\n" + bytes(100), ("is a PDF",)),
    "zip": (zipped("export.csv"), ("is a zip archive (export.csv)", "unpack it first")),
    "document": (zipped("word/document.xml"), ("is a text document",)),
    "text": (b"Dear all,\nplease find attached the numbers.\n", ("lacks the columns", "Dear all")),
    "column missing": (
        csv_text([row[:3] for row in lines()], HEADER[:3]).encode(),
        ("lacks the columns Quantity, InvoiceDate, UnitPrice or Price, CustomerID or Customer ID, Country",
         "Row 1 has: InvoiceNo, StockCode, Description"),
    ),
    "header twice": (
        csv_text([[*row, row[0]] for row in lines()], [*HEADER, "Invoice"]).encode(),
        ("row 1", "'InvoiceNo' (column 1) and 'Invoice' (column 9)"),
    ),
    "header only": (csv_text([]).encode(), ("No row could be used",)),
    "nothing usable": (csv_text(lines(ROWS[6:11])).encode(), ("No row could be used", "1 lines of adjustments")),
    "only returns": (csv_text(lines(ROWS[5:6])).encode(), ("no completed order",)),
    "bad date": (with_cell("InvoiceDate", "2021-02-30"), ("row 3", "InvoiceDate", "'2021-02-30'", "a date such as")),
    "two kinds of dates": (with_cell("InvoiceDate", "13/14/2021", 9), ("row 9", "InvoiceDate", "'13/14/2021'")),
    "no date": (with_cell("InvoiceDate", ""), ("row 3", "InvoiceDate", "the cell is empty", "a date such as")),
    "bad price": (with_cell("UnitPrice", "three"), ("row 3", "UnitPrice", "'three'", "a number such as 1234.56")),
    "endless price": (with_cell("UnitPrice", "1e999"), ("row 3", "UnitPrice", "'1e999'")),
    "part of a piece": (with_cell("Quantity", "1.5"), ("row 3", "Quantity", "'1.5'", "a whole number")),
    "too many pieces": (with_cell("Quantity", "99999999999"), ("row 3", "Quantity", "a whole number")),
    "no code": (with_cell("StockCode", "  "), ("row 3", "StockCode", "a stock code")),
    "no invoice": (with_cell("InvoiceNo", ""), ("row 3", "InvoiceNo", "the cell is empty")),
    "row too short": (csv_text([*lines(), ["1", "X"]]).encode(), ("row 16", "2 cells where the header has 8")),
    "row too long": (csv_text([[*lines()[0], "", "x"]]).encode(), ("row 2", "10 cells where the header has 8")),
    "quotation mark open": (
        csv_text(lines()[:1]).encode() + b'1,"' + b"x," * 200_000, ("row 3", "quotation mark"),
    ),
    "workbook cut short": (b"PK\x03\x04" + bytes(3000), ("no spreadsheet, or a broken one",)),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        ("protected with a password",),
    ),
    "Parquet cut short": (b"PAR1" + bytes(3000), ("broken Parquet file",)),
}  # fmt: skip


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose store no test may change."""
    folder = tmp_path_factory.mktemp("standing")
    load(Home(folder / "home"), write_csv(folder / "export.csv"))
    return Home(folder / "home")


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_and_change_nothing(standing: Home, tmp_path: Path, what: str) -> None:
    version = open_store(standing, "shop").data_version
    data, said = BAD[what]
    path = tmp_path / "bad file.csv"
    path.write_bytes(data)
    for append in (False,) if what == "only returns" else (False, True):
        with pytest.raises(UserError) as refused:
            load(standing, path, append=append)
        for part in said:
            assert part in str(refused.value)
    assert open_store(standing, "shop").data_version == version
    assert not standing.work("shop").exists()


def test_what_is_no_file_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        load(home, tmp_path / "nowhere.csv")
    with pytest.raises(UserError, match="is a folder"):
        load(home, tmp_path)
    with pytest.raises(UserError, match="does not exist"):  # before the good file is read
        load(home, write_csv(tmp_path / "good.csv"), tmp_path / "nowhere.csv")
    assert home.names() == []


def test_bad_cells_of_workbooks_and_parquet_are_named_too(home: Home, tmp_path: Path) -> None:
    rows = [*ROWS[:3], (*ROWS[3][:4], "soon", *ROWS[3][5:])]
    with pytest.raises(UserError, match=r"x\.xlsx, sheet 'b', row 3, column InvoiceDate: found 'soon'"):
        load(home, write_xlsx(tmp_path / "x.xlsx", rows, sheets=("a", "b")))
    rows = [*ROWS[:3], (*ROWS[3][:5], float("inf"), *ROWS[3][6:])]
    with pytest.raises(UserError, match=r"x\.parquet, row 5, column UnitPrice: found 'inf'"):
        load(home, write_parquet(tmp_path / "x.parquet", rows))


def test_a_damaged_parquet_page_is_refused(home: Home, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", [(i, *ROWS[0][1:]) for i in range(500)])
    data = bytearray(path.read_bytes())
    data[4:200] = bytes(196)
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"x\.parquet"):
        load(home, path)


# The reference shop

REFERENCE = {"products": 3813, "customers": 4363, "orders": 19773, "order_items": 522540, "returns": 8668}
_SCRIPT = """
import json, sys
from pathlib import Path
from store.importers import import_files
from store.paths import Home
_, report = import_files(Home(Path(sys.argv[1])), "shop", "online-retail", [Path(sys.argv[2])])
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the process that started this one
peak = int(status.split("VmHWM:")[1].split()[0])
print(json.dumps({"report": report.to_json(), "peak": peak}))
"""


def assert_reference(home: Home, path: Path) -> None:
    """The contract's counts, within its limits of time and memory."""
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(home.root), str(path)],
        capture_output=True, text=True, timeout=300, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    result = json.loads(ran.stdout)
    report, totals = result["report"], result["report"]["totals"]
    assert {t: totals["rows"][t] for t in REFERENCE} == REFERENCE
    assert (round(totals["revenue"], 2), round(totals["refunds"], 2)) == (10247219.32, 475901.16)
    assert (round(totals["shipping"], 2), totals["guest_orders"]) == (277118.79, 1371)
    reasons = {r["reason"]: r["rows"] for r in report["left_out"]}
    assert (reasons["duplicate"], reasons["sale_not_positive"]) == (5268, 2493)
    assert report["rows_read"] == 541909 == report["rows_kept"] + report["rows_left_out"]
    assert result["peak"] < 1_500_000  # KiB


@pytest.fixture
def reference_file(shared: Path) -> Path:
    return shared / "data" / "online_retail_2010_2011.parquet"


def test_reference_counts_from_parquet(home: Home, reference_file: Path) -> None:
    assert_reference(home, reference_file)


@pytest.mark.slow
def test_reference_counts_from_csv(home: Home, reference_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "reference.csv"
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM '{reference_file}') TO '{path}' (HEADER, TIMESTAMPFORMAT '%-m/%-d/%Y %-H:%M')")
    assert_reference(home, path)


@pytest.mark.slow
def test_reference_counts_from_xlsx(home: Home, reference_file: Path, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        rows = con.execute(f"FROM '{reference_file}'").fetchall()
    numbers = (tuple(int(v) if isinstance(v, str) and v.isdigit() else v for v in row) for row in rows)
    assert_reference(home, write_xlsx(tmp_path / "reference.xlsx", numbers))


@pytest.mark.slow
def test_reference_months_add_up(home: Home, reference_file: Path, tmp_path: Path) -> None:
    parts = {"a": "InvoiceDate < '2011-06-01'", "b": "InvoiceDate >= '2011-06-01'"}
    with duckdb.connect() as con:
        for name, condition in parts.items():
            con.execute(f"COPY (FROM '{reference_file}' WHERE {condition}) TO '{tmp_path / name}' (FORMAT parquet)")
    load(home, tmp_path / "b")
    totals = load(home, tmp_path / "a", append=True).totals
    assert {t: totals.rows[t] for t in REFERENCE} == REFERENCE
    assert round(totals.revenue, 2) == 10247219.32
