"""Texts that break programs go through an import, the store and an export as they are, and run nowhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from store.connect import open_store
from store.importers import import_files
from store.paths import Home
from tests.exports import HEADER, ROWS, Row, write_csv, write_parquet
from tests.hostile import book, row, sheet
from tests.naughty import FORMULAS, NAUGHTY, fits_xml
from ui.render import csv_text as exported

RUN = (*"=+-@＝＋－＠", "\t", "\r", "\n")  # what a spreadsheet runs, or might
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # kept in the store; of no use in a spreadsheet


def sold(texts: Sequence[str]) -> list[Row]:
    """A line for each text, as the title of a product of its own."""
    return [(1001 + i, f"N{i:04}", title, *ROWS[0][3:]) for i, title in enumerate(texts)]


def write_workbook(path: Path, rows: Sequence[Row]) -> Path:
    return book(path, sheet(row(*HEADER) + "".join(row(*map(str, cells)) for cells in rows)))


def write_wide(path: Path, rows: Sequence[Row]) -> Path:
    return write_csv(path, rows, encoding="utf-16")


WRITERS: dict[str, Callable[[Path, list[Row]], Path]] = {
    "CSV": write_csv,
    "CSV in UTF-16": write_wide,
    "XLSX": write_workbook,
    "Parquet": write_parquet,
}


def titles(tmp_path: Path, path: Path) -> list[str]:
    import_files(Home(tmp_path / "home"), "shop", "online-retail", [path])
    con = open_store(Home(tmp_path / "home"), "shop").connect()
    try:
        return [title for (title,) in con.execute("SELECT title FROM products ORDER BY product_id").fetchall()]
    finally:
        con.close()


@pytest.mark.parametrize("kind", WRITERS)
def test_naughty_texts_go_through_as_they_are(tmp_path: Path, kind: str) -> None:
    texts = [text for text in NAUGHTY if kind != "XLSX" or fits_xml(text)]
    assert len(texts) > 100
    found = titles(tmp_path, WRITERS[kind](tmp_path / "x", sold(texts)))
    assert [(a, b) for a, b in zip(texts, found, strict=True) if a != b] == []
    receipt = {"columns": ["product", "title"], "rows": [[f"N{i:04}", title] for i, title in enumerate(found)]}
    header, *rows = csv.reader(io.StringIO(exported(receipt), newline=""))
    assert header == ["product", "title"]
    for text, (_, shown) in zip(texts, rows, strict=True):
        seen = CONTROL.sub("", text)
        assert shown == ("'" + seen if seen.startswith(RUN) else seen)


def test_the_formulas_are_made_inert() -> None:
    receipt = {"columns": ["=title"], "rows": [[text] for text in FORMULAS]}
    rows = list(csv.reader(io.StringIO(exported(receipt), newline="")))
    assert rows == [["'=title"], *(["'" + text] for text in FORMULAS)]


@pytest.mark.parametrize("column", ["InvoiceNo", "StockCode", "CustomerID", "Country"])
def test_naughty_texts_in_every_other_column_change_no_figure(tmp_path: Path, column: str) -> None:
    place = HEADER.index(column)
    texts = [text for text in NAUGHTY if len(text) < 1_000]
    rows = [(*ROWS[0][:place], text, *ROWS[0][place + 1 :]) for text in texts]
    lines = [(5_000 + i, *cells[1:]) if column != "InvoiceNo" else cells for i, cells in enumerate(rows)]
    sale = (1, *ROWS[0][1:])
    _, report = import_files(Home(tmp_path), "shop", "online-retail", [write_csv(tmp_path / "x.csv", [sale, *lines])])
    assert report.rows_read == len(lines) + 1 == report.rows_kept + report.rows_left_out
    if column in ("CustomerID", "Country"):
        assert report.totals.revenue == pytest.approx(9.0 * (len(lines) + 1))
