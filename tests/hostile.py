"""Workbooks made by hand, as no program would write them: parts, sizes and cells can claim anything."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from tests.exports import HEADER

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def relations(**targets: str) -> str:
    """A part of relations: kind=target."""
    each = (
        f'<Relationship Id="r{i}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'


PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/></Types>',
    "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="Lines" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": relations(worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"),
}


def text(value: str) -> str:
    """A cell of text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def row(*cells: str) -> str:
    return "<row>" + "".join(map(text, cells)) + "</row>"


LINE = ("1001", "M10", "mug", "1", "2021-03-01 10:00", "2.5", "5", "Spain")
GOOD = row(*HEADER) + row(*LINE)


def sheet(body: str, *, prolog: str = "", dimension: str = "A1:H2") -> str:
    return f'{prolog}<worksheet {MAIN}><dimension ref="{dimension}"/><sheetData>{body}</sheetData></worksheet>'


def book(path: Path, sheet: str | Iterable[str], shared: str = "", **more: str) -> Path:
    """An XLSX file with one sheet; `sheet` may come in pieces."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, **more}.items():
            archive.writestr(name, part)
        with archive.open("xl/worksheets/sheet1.xml", "w") as out:
            for piece in [sheet] if isinstance(sheet, str) else sheet:
                out.write(piece.encode())
        if shared:
            archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
    return path


def padded(megabytes: int, before: str, after: str, filling: str = " ") -> Iterable[str]:
    """A sheet with this much of one character in the place between."""
    start, end = sheet(f"{before}\0{after}").split("\0")
    yield start
    yield from (filling * 1_000_000 for _ in range(megabytes))
    yield end


def claiming(path: Path, size: int) -> Path:
    """Makes the archive say that each of its large parts has `size` bytes."""
    data = bytearray(path.read_bytes())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        if struct.unpack_from("<I", data, place + 24)[0] > 1_000_000:
            struct.pack_into("<I", data, place + 24, size)
        place += 4
    path.write_bytes(data)
    return path


def opendocument(path: Path, rows: int, columns: int) -> Path:
    """An ODS file with one cell, said to repeat."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    cell = f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
    body = f'<table:table-row table:number-rows-repeated="{rows}">{cell}<text:p>a</text:p></table:table-cell>'
    table = f'<table:table table:name="Lines">{body}</table:table-row></table:table>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
    listed = f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{entry}</m:manifest>'
    whole = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", listed)
        archive.writestr("content.xml", f"<office:document-content {spaces}>{whole}</office:document-content>")
    return path
